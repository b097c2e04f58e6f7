-- What the faces ask: start, look, decide, cancel. Every statement names the tenant. Lock order: see queries.sql.

-- name: keep_program
insert into workflow_programs (tenant_id, hash, format, source, steps, created_at)
values (%(tenant)s, %(hash)s, %(format)s, %(source)s, %(steps)s::jsonb, %(now)s) on conflict do nothing;

-- name: load_program
select steps, source from workflow_programs where tenant_id = %(tenant)s and hash = %(hash)s;

-- name: claim_key
-- The first start with a key wins; a second waits here for the first to commit. An expired key is free again.
insert into workflow_idempotency (tenant_id, key, execution_id, request, expires_at)
values (%(tenant)s, %(key)s, %(execution)s, %(request)s, %(expires)s)
on conflict (tenant_id, key) do update set execution_id = excluded.execution_id, request = excluded.request,
  expires_at = excluded.expires_at where workflow_idempotency.expires_at <= %(now)s
returning execution_id;

-- name: known_key
select execution_id, request from workflow_idempotency where tenant_id = %(tenant)s and key = %(key)s;

-- name: keep_bot
insert into bots (id, tenant_id, name, created_at) values (%(bot)s, %(tenant)s, %(name)s, %(now)s) on conflict do nothing;

-- name: insert_execution
with born as (
  insert into workflow_executions (id, tenant_id, bot_id, bot_name, origin, session_id, workflow_name, program, state,
    status, priority, ready_at, deadline, root_id, started_by, started_through, created_at)
  values (%(id)s, %(tenant)s, %(bot)s, %(bot_name)s, %(origin)s, %(session)s, %(name)s, %(program)s, %(state)s::jsonb,
    'ready', %(priority)s, %(now)s, %(deadline)s, %(id)s, %(by)s, %(through)s, %(now)s)
  returning id, state
)
insert into workflow_steps (tenant_id, execution_id, seq, day, keyword, ended_at, state)
select %(tenant)s, id, 0, (%(now)s::timestamptz at time zone 'utc')::date, 'START', %(now)s, state from born;

-- name: look
-- An execution, all below it and what that said, in one go: faces ask for it more than for anything else.
-- Nothing below it ended, and none of it said anything, on a day before it was made (one to spare, for clocks differ):
-- so older partitions are not opened. `offset 0` keeps the planner from reading all of a table for one family.
with recursive x as (
  select id, parent_id, root_id, workflow_name, bot_name, origin, session_id, program, entry, status,
    case when status = 'paused' and pause is not null
      then concat('paused by ', pause ->> 'by', ' through ', pause ->> 'through', '; waits for ' || reason)
      else reason end as reason, current_step, need, created_at, ended_at, wake_at, result,
    case when status = 'cancelled' and ended_at >= deadline then coalesce(error, '{"kind": "deadline",
      "message": "It had not ended when its time was over."}') else error end as error, cancel_requested,
    started_by, started_through, priority, deadline, forked_from, (created_at at time zone 'utc')::date - 1 as since,
    case when status = 'paused' and pause is not null
      then concat('paused by ', pause ->> 'by', ' through ', pause ->> 'through') else reason end as why,
    case when status = 'waiting' and not retrying then state #>> '{call,k}' = 'HEAR' else false end as hears
  from workflow_executions where tenant_id = %(tenant)s and id = %(id)s
), family as (
  select id, 0 as depth, created_at, bot_name, status, why, hears, since from x
  union all
  select c.id, f.depth + 1, c.created_at, c.bot_name, c.status, c.why, c.hears, f.since
  from family f cross join lateral (
    select id, created_at, bot_name, status, case when status = 'paused' and pause is not null
        then concat('paused by ', pause ->> 'by', ' through ', pause ->> 'through') else reason end as why,
      case when status = 'waiting' and not retrying then state #>> '{call,k}' = 'HEAR' else false end as hears
    from workflow_executions where parent_id = f.id and finished_on >= f.since offset 0) c
)
select id, parent_id, root_id, workflow_name, bot_name, origin, session_id, program, entry, status, reason, current_step,
  need, created_at, ended_at, wake_at, result, error, cancel_requested, started_by, started_through, priority, deadline,
  forked_from, (
    select jsonb_agg(jsonb_build_array(f.id, f.status, f.why, f.hears) order by f.depth, f.created_at, f.id)
    from family f) as family, (
    select jsonb_agg(jsonb_build_array(f.id, f.bot_name, t.ended_at, t.answer) order by t.ended_at, f.id, t.seq)
    from (
      select execution_id, ended_at, answer, seq from workflow_steps
      where execution_id = any(array(select id from family)) and day >= (select since from x)
        and tenant_id = %(tenant)s and keyword = 'TALK' and error is null offset 0) t
    join family f on f.id = t.execution_id) as said
from x;

-- name: list_executions
select id, parent_id, root_id, workflow_name, bot_name, origin, session_id, program, entry, status,
  case when status = 'paused' and pause is not null
    then concat('paused by ', pause ->> 'by', ' through ', pause ->> 'through', '; waits for ' || reason) else reason end
  as reason, current_step, need, created_at, ended_at, wake_at, result,
  case when status = 'cancelled' and ended_at >= deadline then coalesce(error, '{"kind": "deadline",
    "message": "It had not ended when its time was over."}') else error end as error, cancel_requested, started_by, started_through,
  priority, deadline, forked_from
from workflow_executions
where tenant_id = %(tenant)s and parent_id is null and (%(status)s::text is null or status = %(status)s)
  and (%(before_at)s::timestamptz is null or (created_at, id) < (%(before_at)s, %(before_id)s::uuid))
  and (%(bots)s::text[] is null or lower(bot_name) = any(%(bots)s) or split_part(lower(bot_name), '/', 1) = any(%(bots)s))
order by created_at desc, id desc limit %(limit)s;

-- name: family
-- An execution and everything below it; see `look`.
with recursive family as (
  select id, 0 as depth, created_at, status, case when status = 'paused' and pause is not null
      then concat('paused by ', pause ->> 'by', ' through ', pause ->> 'through') else reason end as why,
    case when status = 'waiting' and not retrying then state #>> '{call,k}' = 'HEAR' else false end as hears,
    (created_at at time zone 'utc')::date - 1 as since
  from workflow_executions where tenant_id = %(tenant)s and id = %(id)s
  union all
  select c.id, f.depth + 1, c.created_at, c.status, c.why, c.hears, f.since
  from family f cross join lateral (
    select id, created_at, status, case when status = 'paused' and pause is not null
        then concat('paused by ', pause ->> 'by', ' through ', pause ->> 'through') else reason end as why,
      case when status = 'waiting' and not retrying then state #>> '{call,k}' = 'HEAR' else false end as hears
    from workflow_executions where parent_id = f.id and finished_on >= f.since offset 0) c
)
select id, status, why, hears from family order by depth, created_at, id;

-- name: standing
-- How an execution stands, and what it and anything live below it ask of people: "" for nothing, another text for
-- every other question.
with recursive family as (
  select id, status, state, retrying from workflow_executions
  where tenant_id = %(tenant)s and id = %(id)s and finished_on = 'infinity'
  union all
  select c.id, c.status, c.state, c.retrying from workflow_executions c join family f on c.parent_id = f.id and c.finished_on = 'infinity'
), asked as (
  select id, status as what from family where status in ('paused', 'in_doubt')
  union all
  select f.id, a.id::text from family f join workflow_approvals a on a.execution_id = f.id and a.status = 'pending'
  where f.status = 'waiting'
  union all
  select id, md5(state ->> 'call') from family
  where case when status = 'waiting' and not retrying then state #>> '{call,k}' = 'HEAR' end
)
select x.status, (select coalesce(string_agg(concat(id, what), ' ' order by id, what), '') from asked)
from workflow_executions x where x.tenant_id = %(tenant)s and x.id = %(id)s;

-- name: journal
-- The journal of several executions, each behind its own place: within one execution rows come in order, between two
-- they do not, so one place in time for all would pass over rows.
select s.execution_id, x.bot_name, x.workflow_name, x.entry, s.generation, s.seq, s.attempt, s.step, s.line,
  s."column", s.keyword, s.started_at, s.ended_at, s.answer, s.error,
  case when s.keyword in ('PUBLISH EVENT', 'GET BOT MEMORY') then left(split_part(
    (select p.source from workflow_programs p where p.tenant_id = x.tenant_id and p.hash = x.program),
    E'\n', nullif(s.line, 0)), 200) end as written
from unnest(%(family)s::uuid[], %(generation)s::int[], %(seq)s::int[], %(attempt)s::int[]) as f(id, g, n, a)
cross join lateral (
  select * from workflow_steps where execution_id = f.id and (generation, seq, attempt) > (f.g, f.n, f.a)
    and tenant_id = %(tenant)s and seq > 0 offset 0) s
cross join lateral (
  select bot_name, workflow_name, entry, tenant_id, program from workflow_executions where id = f.id offset 0) x
order by s.ended_at, s.execution_id, s.generation, s.seq, s.attempt limit %(limit)s;

-- name: pending_approvals
select a.id, a.execution_id, x.root_id, x.workflow_name, a.step, a.approvers, a.required, a.message, a.deadline, a.status,
  a.created_at, a.decisions, a.reminders, (
    select coalesce(jsonb_agg(jsonb_build_object('action', t.action, 'by', t.actor, 'through', t.through,
      'details', t.details, 'at', t.at) order by t.id), '[]') from workflow_approval_acts t where t.approval_id = a.id) as history
from workflow_approvals a join workflow_executions x on x.id = a.execution_id and x.finished_on = 'infinity'
where a.tenant_id = %(tenant)s and a.status = 'pending' and x.status = 'waiting'
  and (%(family)s::uuid[] is null or a.execution_id = any(%(family)s::uuid[]))
  and (%(bots)s::text[] is null or exists (select 1 from workflow_executions r where r.id = x.root_id
    and (lower(r.bot_name) = any(%(bots)s) or split_part(lower(r.bot_name), '/', 1) = any(%(bots)s))))
order by a.created_at;

-- name: find_approval
select execution_id from workflow_approvals where tenant_id = %(tenant)s and id = %(id)s;

-- name: hold_waiting
-- `goes_on`: whether the request may go on to somebody else.
select status, (state #> '{call,a,on_timeout}')::text like '%%"escalate"%%' as goes_on from workflow_executions
where tenant_id = %(tenant)s and id = %(id)s and finished_on = 'infinity' for update;

-- name: hold_approval
select a.id, a.execution_id, x.root_id, x.workflow_name, a.step, a.approvers, a.required, a.message, a.deadline, a.status,
  a.created_at, a.decisions, a.reminders, (
    select coalesce(jsonb_agg(jsonb_build_object('action', t.action, 'by', t.actor, 'through', t.through,
      'details', t.details, 'at', t.at) order by t.id), '[]') from workflow_approval_acts t where t.approval_id = a.id) as history
from workflow_approvals a join workflow_executions x on x.id = a.execution_id
where a.tenant_id = %(tenant)s and a.id = %(id)s for update of a;

-- name: record_decision
update workflow_approvals set decisions = %(decisions)s::jsonb, status = %(status)s,
  decided_at = case when %(status)s = 'pending' then null else %(now)s::timestamptz end
where tenant_id = %(tenant)s and id = %(id)s;

-- name: answer_execution
update workflow_executions set status = 'ready', ready_at = %(now)s, wake_at = null, answer = %(answer)s::jsonb
where tenant_id = %(tenant)s and id = %(id)s and finished_on = 'infinity' and status = 'waiting' returning id;

-- name: cancel_waits
with gone as (delete from workflow_waits where tenant_id = %(tenant)s and execution_id = any(%(ids)s::uuid[]))
update workflow_approvals set status = 'cancelled', decided_at = %(now)s
where tenant_id = %(tenant)s and execution_id = any(%(ids)s::uuid[]) and status = 'pending';

-- name: settle_doubt
update workflow_executions set status = 'ready', ready_at = %(now)s, reason = null, once_call = null,
  deaths = 0, answer = coalesce(%(answer)s::jsonb, answer)
where tenant_id = %(tenant)s and id = %(id)s and finished_on = 'infinity'
  and (status = 'in_doubt' or status = 'paused' and pause is null and %(answer)s::jsonb is null) returning id;

-- name: unfinished
select count(*) from workflow_executions where finished_on = 'infinity' and status <> 'in_doubt' and status <> 'paused';

-- name: status_of
select status from workflow_executions where tenant_id = %(tenant)s and id = %(id)s;

-- name: census
select status, count(*)::int as count,
  extract(epoch from %(now)s::timestamptz - min(ready_at) filter (where status = 'ready'))::double precision as oldest
from workflow_executions where finished_on = 'infinity' group by status;
