-- What `botmcp load` asks of its own executions, and how it takes them away again; all of one tenant made for it.

-- name: living
select count(*) from workers where lease_until > now();

-- name: live
select count(*) from workflow_executions where finished_on = 'infinity' and tenant_id = %(tenant)s;

-- name: ends
-- Status, seconds from start to the last call, and calls.
select x.status, extract(epoch from max(s.ended_at) - x.created_at)::float8, count(s.seq)::int
from workflow_executions x left join workflow_steps s on s.execution_id = x.id
where x.id = any(%(ids)s) group by x.id, x.status, x.created_at;

-- name: sweep_steps
delete from workflow_steps s using workflow_executions x where x.tenant_id = %(tenant)s and s.execution_id = x.id;

-- name: sweep_values
delete from workflow_values v using workflow_executions x where x.tenant_id = %(tenant)s and v.execution_id = x.id;

-- name: sweep_executions
delete from workflow_executions where tenant_id = %(tenant)s;

-- name: sweep_programs
delete from workflow_programs where tenant_id = %(tenant)s;

-- name: sweep_log
delete from bot_memory_log where tenant_id = %(tenant)s;

-- name: sweep_memories
delete from bot_memories where tenant_id = %(tenant)s;

-- name: sweep_bots
delete from bots where tenant_id = %(tenant)s;
