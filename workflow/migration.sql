-- Moving live executions to another program.

-- name: movable
-- A run and, below it, the branches of its own program, parents before their children. The rows are locked already.
with recursive moving as (
  select id, program, 0 as depth from workflow_executions
  where tenant_id = %(tenant)s and id = %(id)s and finished_on = 'infinity'
  union all
  select c.id, c.program, m.depth + 1 from workflow_executions c
  join moving m on c.parent_id = m.id and c.program = m.program and c.entry like 'branch:%%'
  where c.finished_on = 'infinity'
)
select x.id, x.tenant_id, x.bot_id, x.bot_name, x.origin, x.parent_id, x.workflow_name, x.program, x.entry, x.status,
  whole_state(x.id, x.state)::text as state
from moving m join workflow_executions x on x.id = m.id and x.finished_on = 'infinity' and x.id = any(%(ids)s::uuid[])
order by m.depth, x.id;

-- name: move
-- The generation stays: what the parked call has asked of people and others keeps its id. Of several moves at one call
-- the journal has a row each, with attempts below 0.
with moved as (
  update workflow_executions x set program = %(program)s, state = %(state)s::jsonb, entry = %(entry)s, seq = x.seq + 1
  where x.tenant_id = %(tenant)s and x.id = %(id)s and x.finished_on = 'infinity'
  returning x.tenant_id, x.id, x.state
)
insert into workflow_steps (tenant_id, execution_id, generation, seq, attempt, day, keyword, ended_at, answer, state)
select m.tenant_id, m.id, (m.state ->> 'g')::int, (m.state ->> 'n')::int, (
    select least(min(s.attempt), 0) - 1 from workflow_steps s where s.execution_id = m.id
      and s.generation = (m.state ->> 'g')::int and s.seq = (m.state ->> 'n')::int and s.keyword = 'MIGRATE'),
  (%(now)s::timestamptz at time zone 'utc')::date, 'MIGRATE', %(now)s, %(about)s::jsonb, m.state
from moved m;

-- name: runs_of
-- The live runs of a workflow that do not run this program yet.
select id from workflow_executions
where tenant_id = %(tenant)s and finished_on = 'infinity' and parent_id is null and workflow_name = %(name)s
  and program <> %(program)s order by created_at limit %(limit)s;
