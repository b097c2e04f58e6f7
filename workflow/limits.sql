-- Limits of tenants and bots. Lock order: rows of workflow_limits by bot, before executions.

-- name: hold_rates
select bot_id, starts, seconds, earned_at from workflow_limits
where tenant_id = %(tenant)s and bot_id = any(%(bots)s::uuid[]) and starts is not null
order by bot_id for update;

-- name: count_start
update workflow_limits set earned_at = %(earned)s where tenant_id = %(tenant)s and bot_id = %(bot)s;

-- name: set_limit
insert into workflow_limits as l (tenant_id, bot_id, bot_name, max_running, starts, seconds, set_by, updated_at)
values (%(tenant)s, %(bot)s, %(name)s, %(running)s, %(starts)s, %(seconds)s, %(by)s, %(now)s)
on conflict (tenant_id, bot_id) do update set max_running = excluded.max_running, starts = excluded.starts,
  seconds = excluded.seconds, earned_at = null, set_by = excluded.set_by, updated_at = excluded.updated_at;

-- name: drop_limit
delete from workflow_limits where tenant_id = %(tenant)s and bot_id = %(bot)s;

-- name: set_default
insert into workflow_limits as l (tenant_id, bot_id, bot_name, max_running, starts, seconds, set_by, updated_at)
values (%(tenant)s, %(bot)s, %(name)s, %(running)s, %(starts)s, %(seconds)s, %(by)s, %(now)s)
on conflict (tenant_id, bot_id) do update set max_running = excluded.max_running, starts = excluded.starts,
  seconds = excluded.seconds, updated_at = excluded.updated_at
where l.set_by = 'settings'
  and (l.max_running, l.starts, l.seconds) is distinct from (excluded.max_running, excluded.starts, excluded.seconds);

-- name: drop_default
delete from workflow_limits where tenant_id = %(tenant)s and bot_id = %(bot)s and set_by = 'settings';

-- name: limits
select l.bot_name, l.max_running, l.starts, l.seconds, l.set_by, (
  select count(*) from workflow_executions x where x.finished_on = 'infinity' and x.status = 'running'
    and x.tenant_id = l.tenant_id and (l.bot_id = x.bot_id or l.bot_name = ''))::int as running
from workflow_limits l where l.tenant_id = %(tenant)s order by l.bot_name;
