-- What faces and programs ask of events. Every statement names the tenant.

-- name: newest_events
select id, event_name as name, event_key as key, event_data as data, created_at, source, bot_id, xid::text as xid, seq
from workflow_events e where tenant_id = %(tenant)s and (%(name)s::text is null or event_name = %(name)s)
  and starts_with(event_name, %(prefix)s)
order by e.xid desc, e.seq desc limit %(limit)s;

-- name: one_event
select id, event_name as name, event_key as key, event_data as data, created_at, source, bot_id, xid::text as xid, seq, day
from workflow_events where tenant_id = %(tenant)s and id = %(id)s limit 1;

-- name: behind_event
-- The log behind an event, or from a time on; for those who wait without an execution.
select id, event_name as name, event_key as key, event_data as data, created_at, source, bot_id, xid::text as xid, seq
from workflow_events e where tenant_id = %(tenant)s and (xid, seq) > (%(xid)s::xid8, %(seq)s::bigint)
  and starts_with(event_name, %(prefix)s) and (%(since)s::timestamptz is null or created_at >= %(since)s)
  and xid < pg_snapshot_xmin(pg_current_snapshot())
order by e.xid, e.seq limit 500;

-- name: dead_deliveries
select d.event_id, d.subscription_id, d.attempts, d.error, d.ended_at, d.execution_id, s.kind, s.pattern, s.bot_name, s.url,
  e.event_name, e.event_key, e.event_data
from workflow_deliveries d join workflow_subscriptions s on s.id = d.subscription_id
left join workflow_events e on e.id = d.event_id and e.day = d.event_day
where d.tenant_id = %(tenant)s and d.status = 'dead' order by d.ended_at desc limit %(limit)s;

-- name: replay_dead
-- A handler that failed at a call goes on there; one that failed by itself begins anew. A webhook is sent again.
with dead as (
  select d.*, s.kind from workflow_deliveries d join workflow_subscriptions s on s.id = d.subscription_id
  where d.tenant_id = %(tenant)s and d.event_id = %(event)s and d.status = 'dead' for update of d
), posted as (
  insert into workflow_outbox (id, tenant_id, execution_id, kind, body, created_at, subscription_id, event_id, due_at)
  select gen_random_uuid(), tenant_id, '00000000-0000-0000-0000-000000000000', 'webhook', %(body)s::jsonb, %(now)s,
    subscription_id, event_id, %(now)s from dead where kind = 'webhook'
)
update workflow_deliveries w set status = case when d.kind = 'webhook' then 'running' else 'pending' end, due_at = null,
  ended_at = null, execution_id = case when (
    select jsonb_typeof(x.state -> 'call') = 'object' and x.status = 'failed' from workflow_executions x
    where x.id = d.execution_id limit 1) then d.execution_id end
from dead d where w.subscription_id = d.subscription_id and w.event_id = d.event_id returning w.event_id;

-- name: subscriptions
select s.id, s.kind, s.pattern, s.filter, s.consume, s.bot_name, s.workflow_name, s.url, s.execution_id, s.created_at,
  (select count(*) from workflow_deliveries d where d.subscription_id = s.id and d.status in ('pending', 'running'))
  as outstanding
from workflow_subscriptions s where s.tenant_id = %(tenant)s and s.ended_at is null order by s.created_at, s.id limit 500;

-- name: publish_fresh
-- Of callers outside of programs, the short way: events of now, without a DEDUPE key, that were never tried before. No
-- rows: a tenant among them has published too much, and nothing was written. Ids that are new need no ON CONFLICT.
insert into workflow_events (id, tenant_id, bot_id, event_name, event_key, event_data, source, day, created_at)
select id, tenant, bot, name, key, data::jsonb, source, (%(at)b::timestamptz at time zone 'utc')::date,
  %(at)b::timestamptz
from unnest(%(id)b::uuid[], %(tenant)b::uuid[], %(bot)b::uuid[], %(name)b::text[], %(key)b::text[], %(data)b::text[],
  %(source)b::text[]) with ordinality as a(id, tenant, bot, name, key, data, source, ref)
where not exists (select 1 from workflow_event_quotas q
  where q.closed_until > %(at)b::timestamptz and q.tenant_id = any(%(tenant)b::uuid[]))
order by ref
returning xid::text, seq;

-- name: publish_plain
-- The same with an answer for each: where it stands in the log, or why it was refused. Tried again, nothing is doubled.
with asked as (
  select a.*, q.reason from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(id)b::uuid[], %(name)b::text[],
    %(key)b::text[], %(data)b::text[], %(source)b::text[]) as a(ref, tenant, bot, id, name, key, data, source)
  left join workflow_event_quotas q on q.tenant_id = a.tenant and q.closed_until > %(at)b::timestamptz
), written as (
  insert into workflow_events (id, tenant_id, bot_id, event_name, event_key, event_data, source, day, created_at)
  select id, tenant, bot, name, key, data::jsonb, source, (%(at)b::timestamptz at time zone 'utc')::date,
    %(at)b::timestamptz
  from asked where reason is null order by ref
  on conflict do nothing
  returning id, xid::text as xid, seq
)
select a.ref, a.id, a.reason, w.xid, w.seq from asked a left join written w on w.id = a.id;

-- name: publish_events
-- Any of them. Answers for each: the id of the event that it is, or why it was refused.
with asked as (
  select a.*, q.reason, %(at)b::timestamptz as at
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(id)b::uuid[], %(name)b::text[],
    %(key)b::text[], %(data)b::text[], %(dedupe)b::text[], %(source)b::text[], %(due)b::timestamptz[])
    as a(ref, tenant, bot, id, name, key, data, dedupe, source, due)
  left join workflow_event_quotas q on q.tenant_id = a.tenant and q.closed_until > %(at)b::timestamptz
), keyed as (
  insert into workflow_event_keys as k (tenant_id, event_name, dedupe, event_id, expires_at)
  select distinct on (tenant, name, dedupe) tenant, name, dedupe, id, coalesce(due, at) + interval '7 days'
  from asked where reason is null and dedupe is not null order by tenant, name, dedupe, ref
  on conflict (tenant_id, event_name, dedupe) do update set
    event_id = case when k.expires_at <= excluded.expires_at - interval '7 days' then excluded.event_id else k.event_id end,
    expires_at = case when k.expires_at <= excluded.expires_at - interval '7 days' then excluded.expires_at
      else k.expires_at end
  returning tenant_id, event_name, dedupe, event_id
), verdict as (
  select a.*, case when a.dedupe is null then a.id else k.event_id end as event_id from asked a left join keyed k
    on k.tenant_id = a.tenant and k.event_name = a.name and k.dedupe = a.dedupe
), at_once as (
  insert into workflow_events (id, tenant_id, bot_id, event_name, event_key, event_data, source, day, created_at)
  select id, tenant, bot, name, key, data::jsonb, source, (at at time zone 'utc')::date, at
  from verdict where event_id = id and due is null and reason is null order by ref
  on conflict do nothing
  returning id, xid::text as xid, seq
), later as (
  insert into workflow_events_later (id, tenant_id, bot_id, event_name, event_key, event_data, source, due_at)
  select id, tenant, bot, name, key, data::jsonb, source, due from verdict
  where event_id = id and due is not null and reason is null
  on conflict do nothing
)
select v.ref, v.event_id, v.reason, w.xid, w.seq from verdict v left join at_once w on w.id = v.id;


-- name: older_events
-- The newest events, or those before a place in the log.
select id, event_name as name, event_key as key, event_data as data, created_at, source, bot_id, xid::text as xid, seq
from workflow_events e where tenant_id = %(tenant)s and (%(name)s::text is null or event_name = %(name)s)
  and starts_with(event_name, %(prefix)s) and (%(since)s::timestamptz is null or created_at >= %(since)s)
  and (%(xid)s::text is null or (xid, seq) < (%(xid)s::xid8, %(seq)s::bigint))
order by e.xid desc, e.seq desc limit %(limit)s;

-- name: end_subscription
update workflow_subscriptions set ended_at = %(now)s
where tenant_id = %(tenant)s and id = %(id)s and kind = 'webhook' and ended_at is null returning id;

-- name: deliveries
-- What became of the events that one subscription is told of, the newest first.
select d.event_id, d.status, d.attempts, d.error, d.execution_id, d.created_at, d.ended_at, d.due_at
from workflow_deliveries d where d.tenant_id = %(tenant)s and d.subscription_id = %(id)s
  and (%(before_at)s::timestamptz is null or (d.created_at, d.event_id) < (%(before_at)s, %(before_id)s::uuid))
order by d.created_at desc, d.event_id desc limit %(limit)s;
