-- What those who watch a run are shown. Every statement names the tenant; all of one look see the same snapshot.

-- name: at_one_moment
set transaction isolation level repeatable read read only;

-- name: positions
-- Where an execution and everything below it stand: the step of the program at which each is parked.
with recursive family as (
  select id, 0 as depth, (created_at at time zone 'utc')::date - 1 as since
  from workflow_executions where tenant_id = %(tenant)s and id = %(id)s
  union all
  select c.id, f.depth + 1, f.since
  from family f cross join lateral (
    select id from workflow_executions where parent_id = f.id and finished_on >= f.since offset 0) c
)
select x.id, x.parent_id, x.root_id, x.workflow_name, x.bot_name, x.program, x.entry, x.status,
  case when x.status = 'paused' and x.pause is not null
    then concat('paused by ', x.pause ->> 'by', ' through ', x.pause ->> 'through') else x.reason end as reason,
  x.retrying, x.current_step, x.created_at, x.ended_at, x.error, (x.state ->> 'g')::int as generation,
  (x.state ->> 'n')::int as n, (x.state #> '{frames,-1}' ->> 'at')::int as at, x.state #>> '{call,k}' as keyword
from family f cross join lateral (
  select * from workflow_executions where id = f.id and finished_on >= f.since offset 0) x
order by f.depth, x.created_at, x.id limit %(limit)s;

-- name: last_places
-- The last row of the journal of each of these executions.
select f.id, s.generation, s.seq, s.attempt from unnest(%(family)s::uuid[]) as f(id)
cross join lateral (
  select generation, seq, attempt from workflow_steps where execution_id = f.id and tenant_id = %(tenant)s and seq > 0
  order by generation desc, seq desc, attempt desc limit 1
) s;

-- name: line_states
-- Of each line of one program that these executions came to: what became of its last call, and how often it was called.
-- What was gone back behind does not count.
select distinct on (s.line) s.line, s.execution_id as execution, s.generation, s.seq, s.keyword, s.error is not null as failed, s.attempt, s.ended_at, s.started_at,
  count(*) over (partition by s.line)::int as calls
from workflow_steps s join workflow_executions x on x.id = s.execution_id
where s.tenant_id = %(tenant)s and s.execution_id = any(%(family)s::uuid[]) and x.program = %(program)s
  and s.seq > 0 and s.attempt > 0 and s.line is not null and not exists (
    select 1 from workflow_steps r where r.execution_id = s.execution_id and r.keyword = 'RETRY' and r.attempt = 0
      and r.generation > s.generation and r.seq < s.seq)
order by s.line, s.ended_at desc, s.generation desc, s.seq desc, s.attempt desc;

-- name: past
-- An execution whose past is looked at.
select id, tenant_id, bot_id, bot_name, origin, session_id, program, created_at, whole_state(id, state)::text as state
from workflow_executions where tenant_id = %(tenant)s and id = %(id)s;
