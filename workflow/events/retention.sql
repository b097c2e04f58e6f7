-- What the log of events may forget.

-- name: oldest_reader
-- The day before which nobody has anything left to read: a reader of the log, a wait, a delivery.
select least(
  (select min(e.day) from workflow_event_readers r cross join lateral (
    select day from workflow_events e where (e.xid, e.seq) > (r.xid, r.seq) order by e.xid, e.seq limit 1) e),
  (select min(e.day) from workflow_waits w cross join lateral (
    select day from workflow_events e where e.tenant_id = w.tenant_id and (e.xid, e.seq) > (w.since_xid, w.since_seq)
      and w.since is null and not w.checked order by e.xid, e.seq limit 1) e),
  (select min(event_day) from workflow_deliveries where status in ('pending', 'running')));

-- name: event_partitions
select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'workflow_events'::regclass and c.relname ~ '^workflow_events_[0-9]{8}$' order by c.relname;

-- name: be_patient
set local lock_timeout = '2s';

-- name: forget
-- Keys and claims whose time is over, and deliveries that are done.
with keys as (
  delete from workflow_event_keys where expires_at < %(now)s
), claims as (
  delete from workflow_event_claims where claimed_at < %(before)s
), subscriptions as (
  delete from workflow_subscriptions s where s.ended_at < %(before)s and not exists (
    select 1 from workflow_deliveries d where d.subscription_id = s.id)
)
delete from workflow_deliveries where status in ('done', 'dead') and ended_at < %(before)s;

-- name: forget_rest
-- What stands in no day of its own.
delete from workflow_events_rest where day < %(day)s;
