-- From the log to handlers, webhooks and the host; run by the one process that leads. Lock order: workflow_executions,
-- then workflow_deliveries, then the rest.

-- name: lead
-- One dispatcher a database; the lock ends with the connection, and then another takes it.
select pg_try_advisory_lock(7302516);

-- name: place
select xid::text, seq from workflow_event_readers where name = %(name)s;

-- name: begin_reading
-- A new reader begins with what is yet to come.
insert into workflow_event_readers (name, xid, seq, moved_at)
values (%(name)s, coalesce(%(xid)s::xid8, pg_snapshot_xmin(pg_current_snapshot())), -1, %(now)s) on conflict do nothing;

-- name: read_on
-- The log behind a place. `final` is false where an older transaction may still add something before the row.
select id, tenant_id, event_name as name, event_key as key, event_data as data, created_at, source, bot_id, xid::text as xid,
  seq, day, xid < pg_snapshot_xmin(pg_current_snapshot()) as final
from workflow_events e where (xid, seq) > (%(xid)s::xid8, %(seq)s::bigint) order by e.xid, e.seq limit %(limit)s;

-- name: move_on
-- No row: another reader of this name was here meanwhile, and has dealt with these events.
update workflow_event_readers set xid = %(to_xid)s::xid8, seq = %(to_seq)s, moved_at = %(now)s
where name = %(name)s and xid = %(xid)s::xid8 and seq = %(seq)s returning name;

-- name: subscriptions_signature
select count(*), bit_xor(hashtextextended(id::text, 0)) from workflow_subscriptions where ended_at is null;

-- name: live_subscriptions
select id, tenant_id, kind, pattern, filter, consume, born::text as born from workflow_subscriptions
where ended_at is null order by id;

-- name: claim_events
insert into workflow_event_claims (event_id, tenant_id, consumer, claimed_at)
select event, tenant, consumer, %(now)s
from unnest(%(event)s::uuid[], %(tenant)s::uuid[], %(consumer)s::uuid[]) as c(event, tenant, consumer) order by event
on conflict do nothing returning event_id;

-- name: deliver
-- What goes to a webhook is written down as it will be sent.
with wanted as (
  select * from unnest(%(subscription)s::uuid[], %(event)s::uuid[], %(tenant)s::uuid[], %(day)s::date[], %(key)s::text[],
    %(xid)s::text[], %(seq)s::bigint[], %(hook)s::bool[], %(body)s::text[])
    as d(subscription, event, tenant, day, key, xid, seq, hook, body)
), made as (
  insert into workflow_deliveries (subscription_id, event_id, tenant_id, event_day, event_key, xid, seq, status, created_at)
  select subscription, event, tenant, day, key, xid::xid8, seq, case when hook then 'running' else 'pending' end, %(now)s
  from wanted on conflict do nothing returning subscription_id, event_id
), posted as (
  insert into workflow_outbox (id, tenant_id, execution_id, kind, body, created_at, subscription_id, event_id, due_at)
  select gen_random_uuid(), w.tenant, '00000000-0000-0000-0000-000000000000', 'webhook', w.body::jsonb, %(now)s,
    w.subscription, w.event, %(now)s
  from wanted w join made m on m.subscription_id = w.subscription and m.event_id = w.event where w.hook
)
select count(*) from made;

-- name: happen
-- Events whose time has come.
with due as (
  delete from workflow_events_later where id in (
    select id from workflow_events_later where due_at <= %(now)s order by due_at limit 500 for update skip locked)
  returning *
), written as (
  insert into workflow_events (id, tenant_id, bot_id, workflow_id, event_name, event_key, event_data, source, day,
    created_at)
  select id, tenant_id, bot_id, workflow_id, event_name, event_key, event_data, source,
    (%(now)s::timestamptz at time zone 'utc')::date, %(now)s
  from due order by due_at on conflict do nothing returning id
)
select count(*) from written;

-- name: next_to_happen
select min(due_at) from workflow_events_later;

-- name: jump_waiting
-- CONTINUE WORKFLOW, said by a handler: the run that waits goes on at the step instead; what it waited for is dropped.
with due as (
  select distinct on (execution_id) * from workflow_jumps order by execution_id, created_at desc
), held as materialized (
  select d.* from due d cross join lateral (
    select 1 from workflow_executions x where x.finished_on = 'infinity' and x.id = d.execution_id
      and (x.status = 'waiting') is true and x.need = 0 and not x.cancel_requested for update skip locked offset 0) h
), moved as (
  update workflow_executions x set status = 'ready', ready_at = %(now)s, wake_at = null, answer = null, reason = null,
    retrying = false, attempt = 0, once_call = null, seq = x.seq + 1, current_step = h.step,
    state = x.state || jsonb_build_object('call', null, 'since', null, 'step', h.step, 'turns', 0, 'frames',
      jsonb_build_array(x.state #> '{frames,0}' || jsonb_build_object('at', h.at)))
  from held h where x.id = h.execution_id and x.finished_on = 'infinity' returning x.id
), unwaited as (
  delete from workflow_waits w using held h where w.execution_id = h.execution_id
), unasked as (
  update workflow_approvals a set status = 'cancelled', decided_at = %(now)s from held h
  where a.execution_id = h.execution_id and a.status = 'pending'
), done as (
  delete from workflow_jumps j using held h where j.execution_id = h.execution_id
)
select id from moved;

-- name: jump_ended
-- The run has ended: it goes on anew from that step, with the variables it ended with.
with due as (
  select distinct on (execution_id) * from workflow_jumps order by execution_id, created_at desc
), ended as materialized (
  select d.id as new_id, d.at, d.step, d.handler_id, x.* from due d join workflow_executions x
    on x.id = d.execution_id and x.finished_on <> 'infinity' limit 100
), born as (
  insert into workflow_executions (id, tenant_id, bot_id, bot_name, origin, session_id, workflow_name, program, entry,
    state, status, priority, ready_at, root_id, started_by, started_through, created_at, current_step)
  select new_id, tenant_id, bot_id, bot_name, origin, session_id, workflow_name, program, entry,
    whole_state(id, state) || jsonb_build_object('call', null, 'since', null, 'step', step, 'turns', 0, 'n', 0, 'g', 0,
      'frames', jsonb_build_array(whole_state(id, state) #> '{frames,0}' || jsonb_build_object('at', at))),
    'ready', priority, %(now)s, new_id, concat('CONTINUE WORKFLOW of ', handler_id), 'BASIC', %(now)s, step
  from ended where status <> 'cancelled' on conflict do nothing
  returning tenant_id, id, state
), journal as (
  insert into workflow_steps (tenant_id, execution_id, seq, day, keyword, ended_at, state)
  select tenant_id, id, 0, (%(now)s::timestamptz at time zone 'utc')::date, 'START', %(now)s, state from born
), done as (
  delete from workflow_jumps j using ended e where j.execution_id = e.id
)
select id from born;

-- name: jumps_open
select exists (select 1 from workflow_jumps);

-- name: end_subscriptions
-- Whoever cancels a run ends what it registered; what an ended handler has not begun is dropped.
with ended as (
  update workflow_subscriptions s set ended_at = %(now)s
  where s.ended_at is null and s.kind = 'handler' and exists (
    select 1 from workflow_executions x where x.id = s.execution_id and x.status = 'cancelled')
  returning id
)
delete from workflow_deliveries d using workflow_subscriptions s
where d.status = 'pending' and s.id = d.subscription_id and s.ended_at is not null and d.attempts = 0;

-- name: outstanding
select tenant_id, count(*) from (
  select tenant_id from workflow_deliveries where status in ('pending', 'running')
  union all select tenant_id from workflow_events_later) o group by tenant_id;

-- name: quotas
select tenant_id, rate, outstanding from workflow_event_quotas where rate is not null or outstanding is not null;

-- name: close_tenant
insert into workflow_event_quotas (tenant_id, closed_until, reason) values (%(tenant)s, %(until)s, %(reason)s)
on conflict (tenant_id) do update set closed_until = excluded.closed_until, reason = excluded.reason;

-- name: mirror
-- The host's own table, as its migrations make it.
insert into public.workflow_events (id, workflow_id, event_name, event_data_json, processed, created_at)
select id, null, name, data, false, at
from unnest(%(id)s::uuid[], %(name)s::text[], %(data)s::text[], %(at)s::timestamptz[]) as e(id, name, data, at)
on conflict do nothing;
