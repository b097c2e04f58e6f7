-- The executions that ON EVENT starts. Lock order: workflow_deliveries here, before any execution: nobody else locks both.

-- name: handlers_open
select exists (select 1 from workflow_deliveries d where d.status = 'pending'
    or d.status = 'running' and d.execution_id is not null);

-- name: handlers_due
-- Events of one key one after the other; at most so many at once. With each: who handles it, and with which variables.
with picked as materialized (
  select d.* from workflow_deliveries d
  where d.status = 'pending' and (d.due_at is null or d.due_at <= %(now)s)
    and (d.event_key = '' or not exists (
      select 1 from workflow_deliveries e where e.subscription_id = d.subscription_id and e.event_key = d.event_key
        and e.event_key <> '' and e.status in ('pending', 'running') and (e.xid, e.seq) < (d.xid, d.seq)))
  order by d.xid, d.seq
  limit (select least(200, greatest(0, %(most)s - count(*))) from workflow_deliveries r where r.status = 'running'
    and r.execution_id is not null)
  for update skip locked
)
select d.subscription_id, d.event_id, d.attempts, d.execution_id, s.tenant_id, s.program, s.entry, s.pattern, s.bot_id,
  s.bot_name, s.workflow_name, s.origin, s.session_id, s.execution_id as run,
  coalesce(x.state #> '{frames,0,vars}', s.vars, '{}')::text as vars, coalesce(x.priority, 0) as priority,
  (select (p.steps -> 'entries' ->> s.entry)::int from workflow_programs p
    where p.tenant_id = s.tenant_id and p.hash = s.program) as at,
  e.id, e.event_name as name, e.event_key as key, e.event_data as data, e.created_at, e.source, e.bot_id as event_bot,
  e.xid::text as xid, e.seq
from picked d join workflow_subscriptions s on s.id = d.subscription_id
left join workflow_events e on e.id = d.event_id and e.day = d.event_day
left join lateral (select whole_state(x.id, x.state) as state, priority from workflow_executions x where x.id = s.execution_id limit 1) x on true
order by d.xid, d.seq;

-- name: begin_handlers
with given as (
  select * from unnest(%(id)s::uuid[], %(tenant)s::uuid[], %(bot)s::uuid[], %(bot_name)s::text[], %(origin)s::text[],
    %(session)s::uuid[], %(name)s::text[], %(program)s::text[], %(entry)s::text[], %(state)s::text[], %(priority)s::int[],
    %(by)s::text[])
    as h(id, tenant, bot, bot_name, origin, session, name, program, entry, state, priority, by)
), born as (
  insert into workflow_executions (id, tenant_id, bot_id, bot_name, origin, session_id, workflow_name, program, entry,
    state, status, priority, ready_at, root_id, started_by, started_through, created_at)
  select id, tenant, bot, bot_name, origin, session, name, program, entry, state::jsonb, 'ready', priority, %(now)s, id, by,
    'event', %(now)s
  from given returning tenant_id, id, state
)
insert into workflow_steps (tenant_id, execution_id, seq, day, keyword, ended_at, state)
select tenant_id, id, 0, (%(now)s::timestamptz at time zone 'utc')::date, 'START', %(now)s, state from born;

-- name: begun
update workflow_deliveries d set status = 'running', execution_id = b.execution, due_at = null
from unnest(%(subscription)s::uuid[], %(event)s::uuid[], %(execution)s::uuid[]) as b(subscription, event, execution)
where d.subscription_id = b.subscription and d.event_id = b.event;

-- name: handlers_ended
-- Handlers that have come to an end, or are no longer kept.
select d.subscription_id, d.event_id, d.tenant_id, d.attempts, d.execution_id, x.status, x.error
from workflow_deliveries d left join lateral (
  select status, error, finished_on from workflow_executions x where x.id = d.execution_id limit 1) x on true
where d.status = 'running' and d.execution_id is not null and x.finished_on is distinct from 'infinity'
limit 500 for update of d skip locked;

-- name: settle
update workflow_deliveries d set status = s.status, attempts = s.attempts, due_at = s.due, error = s.error::jsonb,
  ended_at = case when s.status in ('done', 'dead') then %(now)s::timestamptz end
from unnest(%(subscription)s::uuid[], %(event)s::uuid[], %(status)s::text[], %(attempts)s::int[], %(due)s::timestamptz[],
  %(error)s::text[]) as s(subscription, event, status, attempts, due, error)
where d.subscription_id = s.subscription and d.event_id = s.event;

-- name: next_handler
select min(due_at) from workflow_deliveries where status = 'pending' and due_at is not null;
