-- Signals: from outside to one execution, or whatever it started that waits for that name. Each is taken once.
--
-- Who sends locks the whole family before it looks who waits; who begins to wait holds its own row before it looks what
-- was sent. So whichever comes second sees the first. A wait for a signal is a row of workflow_waits whose event has
-- the name chr(31) || 'signal', which no program can publish, and the signal's name as its key.

-- name: signal_awaited
-- Runs behind commit_turns, which holds the rows. What was sent before is taken at once; else a wait is noted.
with recursive asked as (
  select * from unnest(%(execution)b::uuid[], %(tenant)b::uuid[], %(at)b::timestamptz[], %(name)b::text[])
    as a(execution, tenant, at, name)
), above as (
  select execution, execution as target, tenant, at, name from asked
  union all
  select a.execution, p.parent_id, a.tenant, a.at, a.name from above a cross join lateral (
    select x.parent_id from workflow_executions x
    where x.finished_on = 'infinity' and x.id = a.target and x.parent_id is not null offset 0) p
), ranked as (
  select a.*, row_number() over (partition by target, name order by execution) - 1 as others from above a
), found as materialized (
  select r.execution, r.at, s.id, s.answer from ranked r cross join lateral (
    select s.id, s.answer from workflow_signals s
    where s.execution_id = r.target and s.name = r.name and s.tenant_id = r.tenant
    order by s.id offset r.others limit 1 for update skip locked) s
), first as materialized (
  select distinct on (execution) * from found order by execution, id
), held as materialized (
  select f.* from first f cross join lateral (
    select 1 from workflow_executions x
    where x.finished_on = 'infinity' and x.id = f.execution and (x.status = 'waiting') is true for update offset 0) h
), woken as (
  update workflow_executions x set status = 'ready', ready_at = h.at, wake_at = null, answer = h.answer
  from held h where x.id = h.execution and x.finished_on = 'infinity'
), taken as (
  delete from workflow_signals s using held h where s.id = h.id
)
insert into workflow_waits (execution_id, tenant_id, event_name, event_key, born, checked)
select a.execution, a.tenant, chr(31) || 'signal', a.name, pg_current_snapshot(), true from asked a
where not exists (select 1 from held h where h.execution = a.execution)
on conflict do nothing;

-- name: take_signals
-- The same for those of these executions that wait already: what was sent while they were paused reaches them.
with recursive above as (
  select w.execution_id as execution, w.execution_id as target, w.tenant_id as tenant, w.event_key as name
  from workflow_waits w where w.execution_id = any(%(ids)s::uuid[]) and w.event_name = chr(31) || 'signal'
  union all
  select a.execution, p.parent_id, a.tenant, a.name from above a cross join lateral (
    select x.parent_id from workflow_executions x
    where x.finished_on = 'infinity' and x.id = a.target and x.parent_id is not null offset 0) p
), ranked as (
  select a.*, row_number() over (partition by target, name order by execution) - 1 as others from above a
), found as materialized (
  select r.execution, s.id, s.answer from ranked r cross join lateral (
    select s.id, s.answer from workflow_signals s
    where s.execution_id = r.target and s.name = r.name and s.tenant_id = r.tenant
    order by s.id offset r.others limit 1 for update skip locked) s
), first as materialized (
  select distinct on (execution) * from found order by execution, id
), held as materialized (
  select f.* from first f cross join lateral (
    select 1 from workflow_executions x
    where x.finished_on = 'infinity' and x.id = f.execution and (x.status = 'waiting') is true for update offset 0) h
), woken as (
  update workflow_executions x set status = 'ready', ready_at = %(now)s, wake_at = null, answer = h.answer
  from held h where x.id = h.execution and x.finished_on = 'infinity' returning x.id
), taken as (
  delete from workflow_signals s using held h where s.id = h.id
), unwaited as (
  delete from workflow_waits w using held h where w.execution_id = h.execution
)
select id from woken;

-- name: overlooked_signals
-- Who waits for a signal of a name that somebody has sent to somebody: a look by take_signals says whether to it.
select w.execution_id from workflow_waits w
where w.event_name = chr(31) || 'signal' and exists (
  select 1 from workflow_signals s where s.tenant_id = w.tenant_id and s.name = w.event_key) limit 1000;

-- name: unread_signals
select count(*) from workflow_signals where execution_id = %(id)s;

-- name: send_signal
insert into workflow_signals (tenant_id, execution_id, name, answer, created_at)
values (%(tenant)s, %(id)s, %(name)s, %(answer)s::jsonb, %(now)s);

-- name: forget_signals
-- Signals to executions that have ended.
delete from workflow_signals s where not exists (
  select 1 from workflow_executions x where x.finished_on = 'infinity' and x.id = s.execution_id);
