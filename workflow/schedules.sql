-- Schedules: kept by people, programs and packages; fired by whoever has a worker. Lock order: workflow_schedules first.

-- name: keep_schedule
-- A rule that is kept again unchanged keeps its place and its pause; a changed one begins anew.
insert into workflow_schedules as s (id, tenant_id, name, rule, cron, zone, missed, status, workflow, program, origin,
  bot_id, bot_name, inputs, next_at, source, keeper, created_by, created_through, created_at, updated_at)
values (%(id)s, %(tenant)s, %(name)s, %(rule)s, %(cron)s, %(zone)s, %(missed)s, 'active', %(workflow)s, %(program)s,
  %(origin)s, %(bot)s, %(bot_name)s, %(inputs)s::jsonb, %(next_at)s, %(source)s, %(keeper)s, %(by)s, %(through)s, %(now)s, %(now)s)
on conflict (tenant_id, name) do update set
  next_at = case when (s.rule, s.cron, s.zone) is not distinct from (excluded.rule, excluded.cron, excluded.zone)
    and (s.cron is not null or s.next_at is not distinct from excluded.next_at or s.status = 'over')
    then s.next_at else excluded.next_at end,
  status = case when (s.rule, s.cron, s.zone) is not distinct from (excluded.rule, excluded.cron, excluded.zone)
    then s.status else 'active' end,
  rule = excluded.rule, cron = excluded.cron, zone = excluded.zone, missed = excluded.missed,
  workflow = excluded.workflow, program = excluded.program, origin = excluded.origin, bot_id = excluded.bot_id,
  bot_name = excluded.bot_name, inputs = excluded.inputs,
  source = case when s.source = 'package' and excluded.source = 'program' then s.source else excluded.source end,
  keeper = case when s.source = 'package' and excluded.source = 'program' then s.keeper else excluded.keeper end, last_error = null,
  updated_at = excluded.updated_at
where (s.rule, s.cron, s.zone, s.missed, s.workflow, s.program, s.origin, s.inputs) is distinct from
  (excluded.rule, excluded.cron, excluded.zone, excluded.missed, excluded.workflow, excluded.program, excluded.origin,
    excluded.inputs)
  or s.source <> excluded.source and excluded.source <> 'program'
  or s.status <> 'over' and s.cron is null and s.next_at is distinct from excluded.next_at;

-- name: count_schedules
select count(*) from workflow_schedules where tenant_id = %(tenant)s and status <> 'over' and name <> %(name)s;

-- name: find_schedules
select * from workflow_schedules
where tenant_id = %(tenant)s and (%(name)s::text is null or name = %(name)s)
order by status = 'over', next_at nulls last, name limit %(limit)s;

-- name: pause_schedule
update workflow_schedules set status = 'paused', updated_at = %(now)s
where tenant_id = %(tenant)s and name = %(name)s and status = 'active' returning id;

-- name: resume_schedule
-- What was due while it was paused is not made up for.
update workflow_schedules set status = 'active', next_at = coalesce(%(next_at)s, next_at), updated_at = %(now)s
where tenant_id = %(tenant)s and name = %(name)s and status = 'paused' returning id;

-- name: delete_schedule
delete from workflow_schedules where tenant_id = %(tenant)s and name = %(name)s returning id;

-- name: drop_packaged
-- What these scripts no longer say at their heads.
delete from workflow_schedules
where tenant_id = %(tenant)s and source = 'package' and keeper = any (%(keepers)s::text[])
  and (keeper, name) not in (select * from unnest(%(keeper)s::text[], %(name)s::text[]));

-- name: due_schedules
select id from workflow_schedules where status = 'active' and next_at <= %(now)s order by next_at limit 100;

-- name: hold_due
-- One scheduler fires it, the others pass it by.
select * from workflow_schedules where id = %(id)s and status = 'active' and next_at <= %(now)s for update skip locked;

-- name: fired
update workflow_schedules set next_at = %(next_at)s, status = case when %(next_at)s::timestamptz is null then 'over' else status end,
  last_at = coalesce(%(last_at)s, last_at), last_execution = coalesce(%(execution)s, last_execution),
  last_error = %(error)s, runs = runs + %(runs)s, passed_over = passed_over + %(passed_over)s
where id = %(id)s;

-- name: put_off
update workflow_schedules set last_error = %(error)s where id = %(id)s;

-- name: next_due
select min(next_at) from workflow_schedules where status = 'active';

-- name: forget_schedules
delete from workflow_schedules where status = 'over' and updated_at < %(before)s;

-- name: program_of_run
select x.workflow_name, x.origin, x.bot_name, x.bot_id, p.source from workflow_executions x
join workflow_programs p on p.tenant_id = x.tenant_id and p.hash = x.program
where x.tenant_id = %(tenant)s and x.id = %(id)s;

-- name: program_by_hash
select source from workflow_programs where tenant_id = %(tenant)s and hash = %(hash)s;

-- name: active_schedules
select count(*)::int as count from workflow_schedules where status = 'active';
