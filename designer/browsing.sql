-- What the pages list that no operation lists. Every statement names the tenant, and shows a caller its bots alone.

-- name: runs
-- The newest runs that people started, by status, by the beginning of a workflow's name, and since when.
select id, workflow_name, bot_name, status, reason, current_step, created_at, ended_at, started_by, started_through,
  error ->> 'message' as trouble
from workflow_executions
where tenant_id = %(tenant)s and parent_id is null
  and (%(statuses)s::text[] is null or status = any(%(statuses)s))
  and (%(workflow)s = '' or position(lower(%(workflow)s) in lower(workflow_name)) > 0
    or position(lower(%(workflow)s) in lower(bot_name)) > 0)
  and (%(since)s::timestamptz is null or created_at >= %(since)s)
  and (%(before_at)s::timestamptz is null or (created_at, id) < (%(before_at)s, %(before_id)s::uuid))
  and (%(bots)s::text[] is null or lower(bot_name) = any(%(bots)s) or split_part(lower(bot_name), '/', 1) = any(%(bots)s))
order by created_at desc, id desc limit %(limit)s;

-- name: run_counts
-- How many runs people started since then, by status.
select status, count(*)::int as runs from workflow_executions
where tenant_id = %(tenant)s and parent_id is null and (created_at >= %(since)s or finished_on = 'infinity')
  and (%(bots)s::text[] is null or lower(bot_name) = any(%(bots)s) or split_part(lower(bot_name), '/', 1) = any(%(bots)s))
group by status;

-- name: last_runs
-- Of each workflow its latest run, and how its runs since then ended.
select workflow_name, bot_name, (array_agg(status order by created_at desc))[1] as status,
  (array_agg(id order by created_at desc))[1] as id, max(created_at) as created_at, count(*)::int as runs,
  count(*) filter (where status = 'failed')::int as failed
from workflow_executions
where tenant_id = %(tenant)s and parent_id is null and created_at >= %(since)s
  and (%(bots)s::text[] is null or lower(bot_name) = any(%(bots)s) or split_part(lower(bot_name), '/', 1) = any(%(bots)s))
group by workflow_name, bot_name;

-- name: run_source
-- The text that a run was made from, what it belongs to, and what it was given.
select p.source, p.hash, x.origin, x.workflow_name, x.bot_name, s.state -> 'frames' -> 0 -> 'vars' as given
from workflow_executions x
join workflow_programs p on p.tenant_id = x.tenant_id and p.hash = x.program
left join lateral (select state from workflow_steps where execution_id = x.id and tenant_id = x.tenant_id
  and seq = 0 and state is not null order by generation limit 1) s on true
where x.tenant_id = %(tenant)s and x.id = %(id)s;

-- name: timeline
-- Every call of a run and of all that it started, with what it cost; a wait lasts from the call before it.
with recursive family as (
  select id, 0 as depth from workflow_executions where tenant_id = %(tenant)s and id = %(id)s
  union all
  select c.id, f.depth + 1 from workflow_executions c join family f on c.parent_id = f.id
)
select s.execution_id, x.parent_id, x.workflow_name, x.bot_name, x.entry, x.created_at, f.depth, s.generation, s.seq,
  s.attempt, s.line, s.step, s.keyword, s.started_at, s.ended_at, s.error ->> 'message' as trouble,
  coalesce(lag(s.ended_at) over (partition by s.execution_id order by s.generation, s.seq, s.attempt), x.created_at) as since,
  (s.given -> 'aside' ->> 'cost')::float8 as cost, s.given -> 'aside' ->> 'model' as model,
  (s.given -> 'aside' ->> 'input_tokens')::int as input_tokens,
  (s.given -> 'aside' ->> 'output_tokens')::int as output_tokens
from family f join workflow_executions x on x.id = f.id
join workflow_steps s on s.execution_id = f.id and s.tenant_id = %(tenant)s
where s.seq > 0
order by f.depth, x.created_at, x.id, s.generation, s.seq, s.attempt limit %(limit)s;

-- name: memory_bots
-- The bots that remember something of their own, with how much.
select u.bot_id as id, coalesce(n.name, u.bot_id::text) as name, u.keys::int as keys from bot_memory_usage u
left join bots n on n.tenant_id = u.tenant_id and n.id = u.bot_id
where u.tenant_id = %(tenant)s and u.keys > 0
  and (%(bots)s::text[] is null or lower(n.name) = any(%(bots)s) or split_part(lower(n.name), '/', 1) = any(%(bots)s))
order by 2 limit 500;

-- name: last_call
-- The latest call that a line of this workflow made, in one run or in any.
select s.execution_id, s.seq, x.root_id from workflow_executions x
join workflow_steps s on s.execution_id = x.id and s.tenant_id = x.tenant_id and s.line = %(line)s and s.seq > 0
where x.tenant_id = %(tenant)s and (%(run)s::uuid is null or x.root_id = %(run)s)
  and (%(bots)s::text[] is null or lower(x.bot_name) = any(%(bots)s) or split_part(lower(x.bot_name), '/', 1) = any(%(bots)s))
  and x.root_id in (select id from workflow_executions where tenant_id = %(tenant)s and workflow_name = %(name)s
    and parent_id is null order by created_at desc limit 50)
  and x.program = (select program from workflow_executions r where r.tenant_id = %(tenant)s and r.id = x.root_id)
order by s.ended_at desc limit 1;
