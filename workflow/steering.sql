-- Pausing, resuming, trying again, answering: what people do to executions that live. Lock order: see queries.sql.

-- name: pause_family
-- What runs is asked, and pauses at its next commit; all others pause here. What waits keeps what it waits for.
update workflow_executions x set ready_at = null,
  status = case when x.status = 'running' then x.status else 'paused' end,
  pause = %(pause)s::jsonb || jsonb_build_object('from', case x.status when 'waiting' then 'waiting' else 'ready' end)
where x.id = any(%(ids)s::uuid[]) and x.finished_on = 'infinity' and x.pause is null
  and x.status in ('ready', 'waiting', 'running') and not x.cancel_requested
returning x.id;

-- name: resume_family
-- What waited waits again: for the children that are left, for events since. The rows are locked, so the count is true.
with left_over as (
  select c.parent_id, count(*)::int as k from workflow_executions c
    join workflow_executions p on p.id = c.parent_id and p.finished_on = 'infinity'
  where c.parent_id = any(%(ids)s::uuid[]) and c.finished_on = 'infinity' and (c.parent_n <> p.join_n) is not true
  group by c.parent_id
), after as (
  select x.id, coalesce(l.k, 0) as k, x.status <> 'paused' as untouched,
    x.pause ->> 'from' = 'waiting' and not (x.need > 0 and l.k is null) as waits,
    x.pause ->> 'from' = 'waiting' and x.need > 0 and l.k is null as joined
  from workflow_executions x left join left_over l on l.parent_id = x.id
  where x.id = any(%(ids)s::uuid[]) and x.finished_on = 'infinity' and x.pause is not null
)
update workflow_executions x set pause = null,
  need = case when a.untouched then x.need when a.waits and x.need > 0 and x.wanted is null then a.k when a.joined then 0 else x.need end,
  status = case when a.untouched then x.status when a.waits then 'waiting' else 'ready' end,
  answer = case when not a.untouched and a.joined then '{"joined": true}'::jsonb else x.answer end,
  ready_at = case when not a.untouched and not a.waits then %(now)s::timestamptz end
from after a where x.id = a.id and x.finished_on = 'infinity'
returning x.id;

-- name: look_again
update workflow_waits set checked = false where execution_id = any(%(ids)s::uuid[]);

-- name: hold_failed
select status, parent_id, root_id, error, (state ->> 'g')::int as generation, state ? 'undoing' as undone
from workflow_executions where tenant_id = %(tenant)s and id = %(id)s for update;

-- name: broken_family
-- A failed execution and, below the call it stands at, what failed or was ended with it.
with recursive broken as (
  select id, parent_id, 0 as depth, status, (state ->> 'n')::int as n, (state ->> 'g')::int as generation,
    jsonb_typeof(state -> 'call') = 'object' as parked
  from workflow_executions where tenant_id = %(tenant)s and id = %(id)s
  union all
  select c.id, c.parent_id, b.depth + 1, c.status, (c.state ->> 'n')::int, (c.state ->> 'g')::int,
    jsonb_typeof(c.state -> 'call') = 'object'
  from workflow_executions c join broken b on c.parent_id = b.id and c.parent_n = b.n and b.parked
  where c.status in ('failed', 'cancelled') and not exists (
    select 1 from workflow_executions later where later.parent_id = c.parent_id and later.parent_n = c.parent_n
      and later.branch = c.branch and later.created_at > c.created_at)
)
select id, parent_id, status, n, generation, parked from broken order by depth desc, id;

-- name: reopen
-- A finished execution lives again: at its call, at its beginning (`anew`), or at a given state; with the next generation.
with opened as (
  update workflow_executions x set finished_on = 'infinity', status = %(status)s, need = %(need)s, seq = x.seq + 1,
    join_n = (x.state ->> 'n')::int, spare = null, wanted = null, slots = null, held = false, in_window = false,
    state = jsonb_set(case when %(state)s::text is not null then %(state)s::jsonb when %(anew)s then (
      select s.state from workflow_steps s where s.execution_id = x.id and s.seq = 0 and s.generation = 0)
      else whole_state(x.id, x.state) end,
      '{g}', to_jsonb(%(generation)s::int)),
    program = coalesce(%(program)s, x.program), current_step = coalesce(%(step)s, x.current_step),
    ready_at = case %(status)s when 'ready' then %(now)s::timestamptz end, ended_at = null, error = null, result = null,
    answer = null, attempt = 0, deaths = 0, retrying = false, once_call = null, cancel_requested = false,
    reason = %(reason)s, wake_at = null, deadline = null, owner = null, pause = null
  where x.tenant_id = %(tenant)s and x.id = %(id)s and x.status in ('failed', 'cancelled')
  returning x.tenant_id, x.id, x.state
)
insert into workflow_steps (tenant_id, execution_id, generation, seq, attempt, day, keyword, ended_at, answer, state)
select tenant_id, id, %(generation)s, (state ->> 'n')::int, 0, (%(now)s::timestamptz at time zone 'utc')::date, 'RETRY',
  %(now)s, %(by)s::jsonb, state from opened
returning execution_id;

-- name: questions
-- What programs ask the person of the conversation, the oldest first.
select id, root_id, bot_name, workflow_name, reason, state #> '{call,a}' as arguments
from workflow_executions
where tenant_id = %(tenant)s and id = any(%(family)s::uuid[]) and finished_on = 'infinity' and status = 'waiting'
  and not retrying and state #>> '{call,k}' = 'HEAR'
order by created_at, id;

-- name: hold_question
select x.id from workflow_executions x
where x.tenant_id = %(tenant)s and x.id = %(id)s and x.finished_on = 'infinity' and x.status = 'waiting'
  and not x.retrying and x.state #>> '{call,k}' = 'HEAR'
for update;

-- name: note_act
insert into workflow_acts (tenant_id, execution_id, act, by, through, on_behalf_of, about, at)
values (%(tenant)s, %(id)s, %(act)s, %(by)s, %(through)s, %(behalf)s, %(about)s, %(now)s);

-- name: acts
select execution_id as execution, act, by, through, on_behalf_of, about, at from workflow_acts
where tenant_id = %(tenant)s and execution_id = any(%(family)s::uuid[]) order by id;

-- name: overdue
select id, tenant_id from workflow_executions
where finished_on = 'infinity' and deadline <= %(now)s and not cancel_requested and not undoing order by deadline limit 100;

-- name: next_deadline
select min(deadline) from workflow_executions
where finished_on = 'infinity' and deadline is not null and not cancel_requested and not undoing;

-- name: stopped
-- What this worker runs, and somebody wants ended.
select id from workflow_executions
where finished_on = 'infinity' and status = 'running' and owner = %(owner)s and cancel_requested;
