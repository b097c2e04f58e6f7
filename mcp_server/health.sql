-- What the doctor and the live view ask of the database. Each statement reads, and none waits for a lock.

-- name: server
select current_setting('server_version'), current_setting('max_connections')::int,
  (select count(*) from pg_stat_activity), extract(epoch from clock_timestamp())::float8,
  exists (select from pg_extension where extname = 'vector'),
  exists (select from pg_available_extensions where name = 'vector'),
  pg_database_size(current_database())::float8;

-- name: workers
-- A worker lives that holds its advisory lock and keeps its lease.
select w.about, w.started_at, w.lease_until > now() as leased,
  (select count(*) from workflow_executions x
    where x.finished_on = 'infinity' and x.status = 'running' and x.owner = w.id) as held
from workers w order by w.started_at;

-- name: standing
select status, reason is not null and (reason like 'missing keyword%' or reason like 'newer format%') as stuck,
  count(*), extract(epoch from now() - min(coalesce(ready_at, created_at)))::float8 as oldest
from workflow_executions where finished_on = 'infinity' and not held group by 1, 2;

-- name: overdue
-- Timers that should have fired a minute ago: nobody sweeps.
select count(*), extract(epoch from now() - min(wake_at))::float8 from workflow_executions
where finished_on = 'infinity' and status = 'waiting' and wake_at < now() - interval '1 minute';

-- name: eldest
-- The oldest transaction still open in this server that holds a number: events behind it reach nobody yet.
select a.application_name, a.state, extract(epoch from clock_timestamp() - a.xact_start)::float8
from pg_stat_activity a where a.backend_xid is not null and a.pid <> pg_backend_pid()
order by a.xact_start limit 1;

-- name: undelivered
select (select count(*) from workflow_deliveries where status = 'dead'),
  (select count(*) from bot_messages where status = 'failed'),
  (select count(*) from workflow_deliveries where status = 'pending' and (due_at is null or due_at < now()));

-- name: misplaced
-- Rows in the partitions of last resort: maintenance has not made the day's own.
select coalesce(sum(c.reltuples) filter (where c.reltuples > 0), 0)::float8,
  (select count(*) from pg_inherits i join pg_class d on d.oid = i.inhrelid
    where d.relname like 'workflow\_events\_2%' and d.relname >= 'workflow_events_' || to_char(now(), 'YYYYMMDD'))
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'botmcp' and c.relname in ('workflow_executions_rest', 'workflow_events_rest', 'workflow_steps_rest');

-- name: pace
-- What the journal says of the last seconds: calls, and how long they took.
select count(*), count(*) filter (where error is not null),
  percentile_cont(0.5) within group (order by extract(epoch from ended_at - started_at)) filter (where started_at is not null),
  percentile_cont(0.95) within group (order by extract(epoch from ended_at - started_at)) filter (where started_at is not null)
from workflow_steps where day >= (now() - interval '1 hour')::date and ended_at > now() - make_interval(secs => %(seconds)s);

-- name: finished
select status, count(*) from workflow_executions
where finished_on >= (now() - interval '1 hour')::date and finished_on <> 'infinity'
  and parent_id is null and id in (
    select execution_id from workflow_steps where day >= (now() - interval '1 hour')::date
      and ended_at > now() - make_interval(secs => %(seconds)s))
group by 1;

-- name: busiest
select workflow_name, count(*) filter (where status in ('ready', 'running')) as active,
  count(*) filter (where status = 'waiting') as waiting, count(*) as live
from workflow_executions where finished_on = 'infinity' and parent_id is null and not held
group by 1 order by 2 desc, 4 desc, 1 limit %(most)s;

-- name: people
select (select count(*) from workflow_approvals where status = 'pending') as approvals,
  (select count(*) from workflow_waits) as waits,
  (select count(*) from workflow_events where day >= (now() - interval '1 minute')::date
    and created_at > now() - make_interval(secs => %(seconds)s)) as events;
