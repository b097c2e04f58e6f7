-- What is kept for so long and then deleted. Nothing here touches what is alive, or what something alive has started.

-- name: lead_retention
select pg_try_advisory_lock(7302541);

-- name: follow_retention
select pg_advisory_unlock(7302541);

-- name: day_partitions
-- The day partitions of a table, oldest first.
select c.relname, to_date(right(c.relname, 8), 'YYYYMMDD') as day
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = %(table)s::regclass and c.relname ~ '_[0-9]{8}$' order by c.relname;

-- name: tables_of_runs
-- Tables of the engine whose rows belong to one execution each. Keys of requests have a time of their own.
select c.relname from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attname = 'execution_id' and not a.attisdropped
where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and not c.relispartition
  and c.relname like 'workflow\_%%' and c.relname <> 'workflow_idempotency' order by c.relname;

-- name: expired_keys
with gone as (
  select ctid from workflow_idempotency where expires_at < %(now)s limit %(some)s
)
delete from workflow_idempotency k using gone where k.ctid = gone.ctid;

-- name: expired_event_keys
-- A while later than they end: an event may still be on its way that was published while its key counted.
with gone as (
  select ctid from workflow_event_keys where expires_at < %(now)s::timestamptz - interval '8 days' limit %(some)s
)
delete from workflow_event_keys k using gone where k.ctid = gone.ctid;

-- name: empty_conversations
-- Who took part in conversations of which nothing is left.
with gone as (
  select b.ctid from session_bots b where b.added_at < %(before)s
    and not exists (select 1 from workflow_executions x where x.session_id = b.conversation_id)
    and not exists (select 1 from workflow_executions x where x.root_id = b.conversation_id) limit %(some)s
)
delete from session_bots b using gone where b.ctid = gone.ctid;
