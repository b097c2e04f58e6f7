-- Delivery of events to executions that wait. Lock order: workflow_executions by id, then workflow_waits.

-- name: event_start
-- Where a reader of the event log begins: below this stands nothing that is still open.
select pg_snapshot_xmin(pg_current_snapshot())::text;

-- name: read_events
-- The log behind a place. `final` is false where an older transaction may still add something before the row.
select tenant_id, event_name, xid::text, seq, xid < pg_snapshot_xmin(pg_current_snapshot()) as final
from workflow_events e where (xid, seq) > (%(xid)s::xid8, %(seq)s::bigint) order by e.xid, e.seq limit 1000;

-- name: deliver_events
-- Hands each wait the first event that is news to its run. Looks at the waits of the given names, at those that nobody
-- has looked at yet, and, when asked, at all. A wait found empty is marked as checked: whatever comes later is found by
-- a reader of the log, whose view is then younger than this one. Meanwhile others may deliver, and a run may go on and
-- wait again: so only who still stands at the seq that was seen is woken, only the rows that were seen are marked. A row
-- is updated at the place where it was seen, one after the other by id: with old statistics a join by id took 15 s for
-- 10,000 waits. Where it was changed meanwhile it is elsewhere, and `missed`: the caller looks once more.
with waits as materialized (
  select w.execution_id, w.tenant_id, w.event_name, w.event_key, w.born, w.since_xid, w.since_seq, w.checked, w.ctid as place
  from workflow_waits w where not w.checked and not w.choosy
  union all
  select w.* from unnest(%(tenant)b::uuid[], %(name)b::text[]) as n(tenant, name)
    cross join lateral (
      select v.execution_id, v.tenant_id, v.event_name, v.event_key, v.born, v.since_xid, v.since_seq, v.checked, v.ctid
      from workflow_waits v where v.tenant_id = n.tenant and v.event_name = n.name and not v.choosy offset 0) w
  union all
  select w.execution_id, w.tenant_id, w.event_name, w.event_key, w.born, w.since_xid, w.since_seq, w.checked, w.ctid
  from workflow_waits w where %(all)b and not w.choosy
), found as (
  select w.execution_id, w.event_name, w.event_key, e.event_data, e.xid, e.seq, x.seq as stood, x.waits, x.place
  from waits w cross join lateral (
    select e.event_data, e.xid, e.seq from workflow_events e
    where e.tenant_id = w.tenant_id and e.event_name = w.event_name
      and (e.xid, e.seq) > (w.since_xid, w.since_seq) and e.xid < pg_snapshot_xmin(pg_current_snapshot())
      and not pg_visible_in_snapshot(e.xid, w.born)
    order by e.xid, e.seq limit 1) e
  cross join lateral (
    select x.seq, (x.status = 'waiting') is true as waits, x.ctid as place from workflow_executions_live x
    where x.finished_on = 'infinity' and x.id = w.execution_id offset 0) x
), first as materialized (
  select distinct on (execution_id) * from found order by execution_id, xid, seq
), woken as (
  update workflow_executions_live x set status = 'ready', ready_at = %(now)b, wake_at = null,
    answer = jsonb_build_object('plain', f.event_data),
    cursors = x.cursors || jsonb_build_object(f.event_name || chr(31) || f.event_key, array[f.xid::text, f.seq::text])
  from first f where f.waits and x.ctid = f.place and x.id = f.execution_id
    and (x.status = 'waiting') is true and (x.seq = f.stood) is true
  returning x.id
), unwaited as (
  delete from workflow_waits w using woken h where w.execution_id = h.id
), checked as (
  update workflow_waits w set checked = true from waits v
  where w.execution_id = v.execution_id and w.event_name = v.event_name and w.event_key = v.event_key
    and w.ctid = v.place and not v.checked and (v.execution_id in (select execution_id from first)) is not true
)
select (select count(*) from woken), (select count(*) from first where waits) - (select count(*) from woken) as missed;

-- name: choosers_patterns
-- The patterns that executions of these tenants wait for.
select distinct tenant_id, event_name from workflow_waits where choosy and tenant_id = any(%(tenants)b::uuid[])
  and (event_name like '%%*%%' or event_name like '%%>');

-- name: choosers
-- The waits that choose, of the given names, not looked at yet, or all; of an execution that wants several, each row.
-- So many executions at once, behind the one that was last: whoever reads holds no more than these. One that is paused
-- has rows, too, with no seq at which it stands: else a page of them would look like the last one.
with picked as (
  select w.execution_id from workflow_waits w where w.choosy and (not w.checked or %(all)b) and w.execution_id > %(after)b
  union
  select w.execution_id from unnest(%(tenant)b::uuid[], %(name)b::text[]) as n(tenant, name)
    cross join lateral (select v.execution_id from workflow_waits v where v.choosy and v.tenant_id = n.tenant
      and v.event_name = n.name and v.execution_id > %(after)b offset 0) w
  order by execution_id limit %(some)b
)
select w.execution_id, w.tenant_id, w.event_name, w.event_key, w.filter, w.mode, w.part, w.consume, w.since, w.cursor_key,
  w.born::text as born, w.since_xid::text as xid, w.since_seq as seq, w.checked, w.ctid::text as place, x.seq as stood
from picked p join workflow_waits w on w.execution_id = p.execution_id and w.choosy
left join lateral (
  select x.seq from workflow_executions x where x.finished_on = 'infinity' and x.id = w.execution_id
    and (x.status = 'waiting') is true offset 0) x on true
order by w.execution_id, w.part;

-- name: named_events
-- Final events of one name behind a place, for a wait that chooses.
select id, event_name as name, event_key as key, event_data as data, created_at, source, bot_id, xid::text as xid, seq
from workflow_events e
where tenant_id = %(tenant)s and event_name = %(name)s and (xid, seq) > (%(xid)s::xid8, %(seq)s::bigint)
  and xid < pg_snapshot_xmin(pg_current_snapshot()) and not pg_visible_in_snapshot(xid, %(born)s::pg_snapshot)
  and (%(since)s::timestamptz is null or created_at >= %(since)s and day >= (%(since)s::timestamptz at time zone 'utc')::date)
  and not (%(consume)s and exists (select 1 from workflow_event_claims c where c.event_id = e.id))
order by e.xid, e.seq limit 500;

-- name: events_behind
-- The same for a pattern, whose fixed beginning is `name`.
select id, event_name as name, event_key as key, event_data as data, created_at, source, bot_id, xid::text as xid, seq
from workflow_events e
where tenant_id = %(tenant)s and starts_with(event_name, %(name)s) and (xid, seq) > (%(xid)s::xid8, %(seq)s::bigint)
  and xid < pg_snapshot_xmin(pg_current_snapshot()) and not pg_visible_in_snapshot(xid, %(born)s::pg_snapshot)
  and (%(since)s::timestamptz is null or created_at >= %(since)s and day >= (%(since)s::timestamptz at time zone 'utc')::date)
  and not (%(consume)s and exists (select 1 from workflow_event_claims c where c.event_id = e.id))
order by e.xid, e.seq limit 500;

-- name: wake_choosers
-- What each one chose becomes its answer, if it still waits there; what is to be consumed, if nobody was quicker.
with found as (
  select * from unnest(%(execution)b::uuid[], %(stood)b::int[], %(answer)b::text[], %(cursors)b::text[], %(event)b::uuid[],
    %(tenant)b::uuid[]) as f(execution, stood, answer, cursors, event, tenant) order by execution
), held as materialized (
  select f.*, h.place from found f cross join lateral (
    select x.ctid as place from workflow_executions_live x
    where x.finished_on = 'infinity' and x.id = f.execution and (x.status = 'waiting') is true and (x.seq = f.stood) is true
    for update offset 0) h
), claimed as (
  insert into workflow_event_claims (event_id, tenant_id, consumer, claimed_at)
  select event, tenant, execution, %(now)b from held where event is not null order by event
  on conflict do nothing returning event_id
), won as (
  select h.* from held h where h.event is null or h.event in (select event_id from claimed)
), woken as (
  update workflow_executions_live x set status = 'ready', ready_at = %(now)b, wake_at = null, answer = w.answer::jsonb,
    cursors = case when (select count(*) from jsonb_object_keys(x.cursors)) < 200 then x.cursors
      else (select jsonb_object_agg(key, value) from (select key, value from jsonb_each(x.cursors)
        order by (value ->> 0)::numeric desc, (value ->> 1)::numeric desc limit 150) newest) end || w.cursors::jsonb
  from won w where x.ctid = w.place and x.id = w.execution
  returning x.id
), unwaited as (
  delete from workflow_waits w using woken where w.execution_id = woken.id
)
select id from woken;

-- name: mark_chosen
-- Looked at up to here, and nothing fitted; a row that changed meanwhile is looked at again.
update workflow_waits w set checked = true, since_xid = m.xid::xid8, since_seq = m.seq
from unnest(%(execution)b::uuid[], %(name)b::text[], %(key)b::text[], %(place)b::text[], %(xid)b::text[], %(seq)b::bigint[])
  as m(execution, name, key, place, xid, seq)
where w.execution_id = m.execution and w.event_name = m.name and w.event_key = m.key and w.ctid = m.place::tid;
