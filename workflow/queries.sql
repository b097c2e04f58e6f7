-- The engine's statements. Those of the faces (start, look, decide, cancel) are in operations.sql.
--
-- Lock order, everywhere: rows of workflow_executions first, children before their parents, each group by id; then
-- workflow_approvals; then workflow_waits. Whoever only picks work (claims, timers, take-over) skips what is locked.
--
-- `finished_on = 'infinity'` prunes every statement to the live partition. The fence is a LATERAL probe with OFFSET 0:
-- one index look-up a row whatever the statistics say; `(x is y) is true` keeps the planner away from partial indexes.

-- name: commit_turns
-- One step each of many executions: fence, new state, journal. Answers the ids that passed the fence. Who was asked to
-- end does not begin to wait: it stays running, and its owner ends it.
with turns as (
  select * from unnest(
    %(id)b::uuid[], %(epoch)b::int[], %(seq)b::int[], %(status)b::text[], %(at)b::timestamptz[], %(step)b::int[],
    %(state)b::text[], %(reason)b::text[], %(wake_at)b::timestamptz[], %(once_call)b::int[], %(attempt)b::int[],
    %(retrying)b::bool[], %(need)b::int[], %(result)b::text[], %(error)b::text[], %(finished)b::bool[])
    as t(id, epoch, seq, status, at, step, state, reason, wake_at, once_call, attempt, retrying, need, result, error,
      finished)
  order by id
), fenced as materialized (
  select turns.* from turns cross join lateral (
    select 1 from workflow_executions x
    where x.finished_on = 'infinity' and x.id = turns.id
      and (x.epoch = turns.epoch) is true and (x.seq = turns.seq) is true
      and (x.owner = %(owner)b) is true and (x.status = 'running') is true
    for update offset 0) held
), moved as (
  update workflow_executions x set
    state = coalesce(f.state::jsonb, x.state), seq = x.seq + 1, answer = null,
    status = case when f.status = 'waiting' and x.cancel_requested then 'running'
      when f.status = 'waiting' and x.pause is not null then 'paused' else f.status end,
    pause = case when f.status = 'waiting' then jsonb_set(x.pause, '{from}', '"waiting"')
      when not f.finished then x.pause end,
    owner = case when f.status = 'running' or f.status = 'waiting' and x.cancel_requested then x.owner end,
    wake_at = case when not x.cancel_requested then f.wake_at end,
    need = case when not x.cancel_requested then f.need else 0 end,
    current_step = f.step, reason = f.reason, once_call = f.once_call, attempt = f.attempt, retrying = f.retrying,
    deaths = 0,
    ready_at = case when f.status = 'ready' then f.at end,
    result = f.result::jsonb, error = f.error::jsonb,
    ended_at = case when f.finished then f.at end,
    finished_on = case when f.finished then (f.at at time zone 'utc')::date else 'infinity' end
  from fenced f where x.id = f.id and x.finished_on = 'infinity'
  returning x.id, x.cancel_requested, x.pause is not null as pause_requested
), journal as (
  insert into workflow_steps (tenant_id, execution_id, generation, seq, attempt, day, at, step, line, "column",
    keyword, started_at, ended_at, answer, error, given, state)
  select j.tenant, j.execution, j.generation, j.n, j.attempt, (j.ended at time zone 'utc')::date, j.at, j.step, j.line,
    j.col, j.keyword, j.started, j.ended, j.answer::jsonb, j.error::jsonb, j.given::jsonb,
    j.state::jsonb
  from unnest(
    %(j_tenant)b::uuid[], %(j_execution)b::uuid[], %(j_generation)b::int[], %(j_n)b::int[], %(j_attempt)b::int[],
    %(j_at)b::int[], %(j_step)b::int[], %(j_line)b::int[], %(j_column)b::int[], %(j_keyword)b::text[],
    %(j_started)b::timestamptz[], %(j_ended)b::timestamptz[], %(j_answer)b::text[], %(j_error)b::text[],
    %(j_given)b::text[], %(j_state)b::text[])
    as j(tenant, execution, generation, n, attempt, at, step, line, col, keyword, started, ended, answer, error, given,
      state)
  where (j.execution in (select id from fenced)) is true
)
select id, cancel_requested, pause_requested from moved;

-- name: write_verdicts
-- What the commit itself decided, as the answers of the calls that asked; in the same transaction.
update workflow_executions x set answer = v.verdict
from unnest(%(id)b::uuid[], %(verdict)b::text[]::jsonb[]) as v(id, verdict)
where x.id = v.id and x.finished_on = 'infinity';

-- name: insert_children
-- Children begin ready, or paused with their parent. A branch inherits its parent's place in the events; any other child begins with a view of its own.
with births as (
  select * from unnest(
    %(id)b::uuid[], %(parent)b::uuid[], %(parent_n)b::int[], %(branch)b::int[], %(bot)b::uuid[], %(bot_name)b::text[],
    %(origin)b::text[], %(name)b::text[], %(program)b::text[], %(entry)b::text[], %(state)b::text[],
    %(inherits)b::bool[], %(deadline)b::timestamptz[], %(at)b::timestamptz[])
    as b(id, parent, parent_n, branch, bot, bot_name, origin, name, program, entry, state, inherits, deadline, at)
), born as (
  insert into workflow_executions (id, tenant_id, bot_id, bot_name, origin, session_id, workflow_name, program, entry,
    state, status, priority, ready_at, parent_id, parent_n, branch, root_id, depth, born, cursors, started_by,
    started_through, created_at, pause, deadline)
  select b.id, p.tenant_id, b.bot, b.bot_name, b.origin, p.session_id, b.name, b.program, b.entry, b.state::jsonb,
    case when p.pause is null then 'ready' else 'paused' end, p.priority, b.at, b.parent, b.parent_n, b.branch, p.root_id, p.depth + 1,
    case when b.inherits then p.born else pg_current_snapshot() end, case when b.inherits then p.cursors else '{}' end,
    p.started_by, p.started_through, b.at, jsonb_set(p.pause, '{from}', '"ready"'), b.deadline
  from births b cross join lateral (
    select * from workflow_executions x where x.id = b.parent and x.finished_on = 'infinity' offset 0) p
  returning tenant_id, id, state, created_at
)
insert into workflow_steps (tenant_id, execution_id, seq, day, keyword, ended_at, state)
select tenant_id, id, 0, (created_at at time zone 'utc')::date, 'START', created_at, state from born;

-- name: join_parents
-- Children have ended: each parent is counted down once a batch, and wakes when none is left.
with ended as (
  select * from unnest(%(parent)b::uuid[], %(ended)b::int[], %(at)b::timestamptz[]) as e(id, k, at) order by id
), held as materialized (
  select e.* from ended e cross join lateral (
    select 1 from workflow_executions x
    where x.finished_on = 'infinity' and x.id = e.id and (x.status = 'waiting') is true and x.need > 0
    for update offset 0) h
)
update workflow_executions x set
  need = greatest(x.need - h.k, 0),
  status = case when x.need <= h.k then 'ready' else x.status end,
  answer = case when x.need <= h.k then '{"joined": true}'::jsonb end,
  ready_at = case when x.need <= h.k then h.at end
from held h where x.id = h.id and x.finished_on = 'infinity'
returning x.id, x.status;

-- name: reread_turns
-- What became of turns whose commit was cut off: read on a new connection.
select id, epoch, seq, owner, cancel_requested, answer from workflow_executions where id = any(%(id)b::uuid[]);

-- name: event_published
insert into workflow_events (id, tenant_id, bot_id, workflow_id, event_name, event_key, event_data, day, created_at)
select e.id, e.tenant, e.bot, e.execution, e.name, e.key, e.data, (e.at at time zone 'utc')::date, e.at
from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
  %(id)b::uuid[], %(name)b::text[], %(key)b::text[], %(data)b::text[]::jsonb[])
  as e(ref, tenant, bot, execution, at, id, name, key, data)
order by e.ref
on conflict do nothing;

-- name: event_awaited
-- A wait begins behind the last event of its name that this run consumed; at first, where the run began.
insert into workflow_waits (execution_id, tenant_id, event_name, event_key, born, since_xid, since_seq)
select w.execution, w.tenant, w.name, w.key, x.born,
  coalesce(w.since_xid, x.cursor_xid, pg_snapshot_xmin(x.born)),
  coalesce(w.since_seq, x.cursor_seq, -1)
from unnest(%(execution)b::uuid[], %(tenant)b::uuid[], %(name)b::text[], %(key)b::text[], %(since_xid)b::text[]::xid8[],
  %(since_seq)b::bigint[]) as w(execution, tenant, name, key, since_xid, since_seq)
cross join lateral (
  select born, (cursors -> (w.name || chr(31) || w.key) ->> 0)::xid8 as cursor_xid,
    (cursors -> (w.name || chr(31) || w.key) ->> 1)::bigint as cursor_seq
  from workflow_executions e where e.id = w.execution and e.finished_on = 'infinity' offset 0) x
on conflict (execution_id, event_name, event_key) do update set checked = false, born = excluded.born,
  since_xid = excluded.since_xid, since_seq = excluded.since_seq;

-- name: approval_requested
-- A request that goes to somebody else closes the one it came from.
with asked as (
  select * from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(execution)b::uuid[], %(n)b::int[], %(at)b::timestamptz[],
    %(id)b::uuid[], %(step)b::int[], %(approvers)b::text[]::jsonb[], %(required)b::int[], %(message)b::text[],
    %(deadline)b::timestamptz[], %(escalated_from)b::uuid[])
    as a(ref, tenant, execution, n, at, id, step, approvers, required, message, deadline, escalated_from)
), escalated as (
  update workflow_approvals old set status = 'escalated' from asked a
  where old.id = a.escalated_from and old.execution_id = a.execution and old.status = 'timedout'
)
insert into workflow_approvals (id, tenant_id, execution_id, n, step, approvers, required, status, message, deadline,
  escalated_from, created_at)
select id, tenant, execution, n, step, coalesce(approvers, '[]'), coalesce(required, 1), 'pending', message, deadline,
  escalated_from, at
from asked order by ref
on conflict (id) do nothing;

-- name: claim
-- Oldest first within a priority. Losing this commit is harmless: the step's commit checks owner and epoch.
with picked as materialized (
  select id from workflow_executions where finished_on = 'infinity' and status = 'ready'
  order by priority, ready_at limit %(slots)s for update skip locked
)
update workflow_executions x set status = 'running', owner = %(owner)s, epoch = x.epoch + 1, ready_at = null
from picked p where x.id = p.id and x.finished_on = 'infinity'
returning x.id, x.tenant_id, x.bot_id, x.bot_name, x.origin, x.session_id, x.workflow_name, x.program, x.entry,
  x.current_step, x.state::text, x.answer, x.seq, x.epoch, x.once_call, x.attempt, x.deaths, x.parent_id, x.root_id, x.depth,
  x.cancel_requested;

-- name: ended_children
-- How the children of one call ended, in the order of the program.
-- A call that was made again, because its run was retried, has children of its own: of each branch the latest counts.
select distinct on (branch) workflow_name, entry, status, result, error, state::text, cursors,
  (cancel_requested and ended_at >= deadline) is true as overdue
from workflow_executions where parent_id = %(parent)s and parent_n = %(n)s order by branch, created_at desc;

-- name: journal_states
-- The states that the journal keeps of an execution: its start, and every hundred calls.
select state::text from workflow_steps
where tenant_id = %(tenant)s and execution_id = %(execution)s and state is not null order by generation, seq;

-- name: journal_answers
-- What woke the calls of an execution; of a call that was tried again, what ended it.
select distinct on (seq) seq, attempt, started_at, ended_at, answer, error, given from workflow_steps
where tenant_id = %(tenant)s and execution_id = %(execution)s and generation = %(generation)s and seq >= %(since)s
  and seq > 0 and attempt > 0
order by seq, attempt desc;

-- name: merge_cursors
-- What its branches consumed of the events, the parent has consumed: they began at its place and only went on.
with news as (
  select distinct on (k.key) k.key, k.value
  from workflow_executions c cross join lateral jsonb_each(c.cursors) k
  where c.parent_id = %(parent)s and c.parent_n = %(n)s and c.entry <> 'main'
  order by k.key, (k.value ->> 0)::numeric desc, (k.value ->> 1)::numeric desc
)
update workflow_executions p set cursors = p.cursors || (select coalesce(jsonb_object_agg(key, value), '{}') from news)
where p.id = %(parent)s and p.finished_on = 'infinity' and p.epoch = %(epoch)s;

-- name: fire_timers
-- Wakes what is due. A retry wakes without an answer; everything else has timed out. First writer wins, by the status.
with due as materialized (
  select id from workflow_executions
  where finished_on = 'infinity' and wake_at <= %(now)s and status = 'waiting'
  order by wake_at limit 500 for update skip locked
), fired as (
  update workflow_executions x set status = 'ready', ready_at = %(now)s, wake_at = null,
    answer = case when not x.retrying then '{"timed_out": true}'::jsonb end, retrying = false
  from due d where x.id = d.id and x.finished_on = 'infinity'
  returning x.id
), late as (
  update workflow_approvals a set status = 'timedout', decided_at = %(now)s from fired f
  where a.execution_id = f.id and a.status = 'pending'
), unwaited as (
  delete from workflow_waits w using fired f where w.execution_id = f.id
)
select count(*) from fired;

-- name: next_timer
select min(wake_at) from workflow_executions
where finished_on = 'infinity' and wake_at is not null and status = 'waiting';

-- name: event_start
-- Where a reader of the event log begins: below this stands nothing that is still open.
select pg_snapshot_xmin(pg_current_snapshot())::text;

-- name: read_events
-- The log behind a place. `final` is false where an older transaction may still add something before the row.
select tenant_id, event_name, event_key, xid::text, seq, xid < pg_snapshot_xmin(pg_current_snapshot()) as final
from workflow_events where (xid, seq) > (%(xid)s::xid8, %(seq)s::bigint) order by xid, seq limit 1000;

-- name: deliver_events
-- Hands each wait the first event that is news to its run. Looks at the waits of the given names, at those that nobody
-- has looked at yet, and, when asked, at all. A wait found empty is marked as checked: whatever comes later is found by
-- a reader of the log, whose view is then younger than this one. Meanwhile others may deliver, and a run may go on and
-- wait again: so only who still stands at the seq that was seen is woken, only the rows that were seen are marked.
with waits as materialized (
  select w.*, w.ctid as place from workflow_waits w where not w.checked
  union all
  select w.* from unnest(%(tenant)b::uuid[], %(name)b::text[], %(key)b::text[]) as n(tenant, name, key)
    cross join lateral (select v.*, v.ctid as place from workflow_waits v where v.tenant_id = n.tenant
      and v.event_name = n.name and v.event_key = n.key offset 0) w
  union all
  select w.*, w.ctid from workflow_waits w where %(all)b
), found as (
  select w.execution_id, w.event_name, w.event_key, e.event_data, e.xid, e.seq, x.seq as stood
  from waits w cross join lateral (
    select e.event_data, e.xid, e.seq from workflow_events e
    where e.tenant_id = w.tenant_id and e.event_name = w.event_name and e.event_key = w.event_key
      and (e.xid, e.seq) > (w.since_xid, w.since_seq) and e.xid < pg_snapshot_xmin(pg_current_snapshot())
      and not pg_visible_in_snapshot(e.xid, w.born)
    order by e.xid, e.seq limit 1) e
  cross join lateral (
    select x.seq from workflow_executions x where x.finished_on = 'infinity' and x.id = w.execution_id offset 0) x
), first as materialized (
  select distinct on (execution_id) * from found order by execution_id, xid, seq
), held as materialized (
  select f.* from first f cross join lateral (
    select 1 from workflow_executions x
    where x.finished_on = 'infinity' and x.id = f.execution_id and (x.status = 'waiting') is true
      and (x.seq = f.stood) is true
    for update offset 0) h
), woken as (
  update workflow_executions x set status = 'ready', ready_at = %(now)b, wake_at = null,
    answer = jsonb_build_object('plain', h.event_data),
    cursors = x.cursors || jsonb_build_object(h.event_name || chr(31) || h.event_key, array[h.xid::text, h.seq::text])
  from held h where x.id = h.execution_id and x.finished_on = 'infinity'
  returning x.id
), unwaited as (
  delete from workflow_waits w using held h where w.execution_id = h.execution_id
), checked as (
  update workflow_waits w set checked = true from waits v
  where w.execution_id = v.execution_id and w.event_name = v.event_name and w.event_key = v.event_key
    and w.ctid = v.place and not v.checked and (v.execution_id in (select execution_id from first)) is not true
)
select count(*) from woken;

-- name: register_worker
insert into workers (id, advisory_key, lease_until, about, started_at)
values (%(id)s, %(key)s, now() + %(lease)s, %(about)s, now());

-- name: hold_lease
select pg_advisory_lock(%(key)s);

-- name: renew_lease
-- Leases go by the database's clock: the workers' own may differ.
update workers set lease_until = now() + %(lease)s where id = %(id)s returning id;

-- name: take_over
-- Frees what dead workers held. Dead is who does not hold its advisory lock, or has let its lease run out. A ONCE call
-- that was started is not repeated: a person decides.
with dead as (
  delete from workers w where w.id <> %(me)s and (w.lease_until < now() or not exists (
    select 1 from pg_locks l where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
      and l.database = (select oid from pg_database where datname = current_database())
      and ((l.classid::bigint << 32) | l.objid::bigint) = w.advisory_key))
  returning w.id
), lost as materialized (
  select x.id from workflow_executions x where x.finished_on = 'infinity' and x.status = 'running'
    and (x.owner in (select id from dead) or not exists (select 1 from workers w where w.id = x.owner))
  order by x.id for update skip locked
)
update workflow_executions x set owner = null, epoch = x.epoch + 1, ready_at = %(now)s, deaths = x.deaths + 1,
  status = case when x.once_call is not null then 'in_doubt' when x.pause is null then 'ready' else 'paused' end,
  reason = case when x.once_call is not null
    then 'the worker died during a call that must not be repeated; look whether it took place' end
from lost l where x.id = l.id and x.finished_on = 'infinity'
returning x.id, x.status;

-- name: leave
-- A worker that ends in order gives back what it held.
with gone as (delete from workers where id = %(me)s)
update workflow_executions x set owner = null, epoch = x.epoch + 1, ready_at = %(now)s,
  status = case when x.once_call is not null then 'in_doubt' when x.pause is null then 'ready' else 'paused' end,
  reason = case when x.once_call is not null
    then 'the worker was stopped during a call that must not be repeated; look whether it took place' end
where x.finished_on = 'infinity' and x.status = 'running' and x.owner = %(me)s;

-- name: give_back
-- Nobody runs it here any more. As at a death, a ONCE call that was started is not repeated.
update workflow_executions set owner = null, epoch = epoch + 1, ready_at = %(now)s,
  status = case when once_call is not null then 'in_doubt' when pause is null then 'ready' else 'paused' end,
  reason = case when once_call is not null then 'a call that must not be repeated was cut off; did it take place?' end
where finished_on = 'infinity' and id = %(id)s and status = 'running' and owner = %(owner)s and epoch = %(epoch)s;

-- name: fail_at_once
-- The engine itself broke on it: no state can be trusted but the stored one. Its parent is counted down at once, as in
-- join_parents: between two statements the sweeper would count it too.
with failed as (
  update workflow_executions set owner = null, status = 'failed', error = %(error)s::jsonb, seq = seq + 1,
    ended_at = %(now)s, finished_on = (%(now)s::timestamptz at time zone 'utc')::date
  where finished_on = 'infinity' and id = %(id)s and status = 'running' and owner = %(owner)s and epoch = %(epoch)s
  returning parent_id
)
update workflow_executions x set need = x.need - 1,
  status = case when x.need = 1 then 'ready' else x.status end,
  answer = case when x.need = 1 then '{"joined": true}'::jsonb end,
  ready_at = case when x.need = 1 then %(now)s::timestamptz end
from failed f where x.id = f.parent_id and x.finished_on = 'infinity' and x.status = 'waiting' and x.need > 0;

-- name: missing_tables
-- By a query of the catalogue: to_regclass may answer from a cache that has not heard of another session's commit.
select name from unnest(%(names)s::text[]) as t(name) where not exists (
  select 1 from pg_class c where c.relname = t.name and c.relnamespace = current_schema()::regnamespace) order by name;

-- name: partition_lock
select pg_advisory_xact_lock(7302514);

-- name: lead_sweep
-- One sweeper a database; the lock ends with the connection, and then another takes it.
select pg_try_advisory_lock(7302515);

-- name: held_by
select id, epoch from workflow_executions where finished_on = 'infinity' and status = 'running' and owner = %(me)s;

-- name: sweep_waiting
-- Waiting for nothing: the parked call is made again, and waits again. Or asked to end and left behind: it is ended.
with lost as materialized (
  select x.id from workflow_executions x
  where x.finished_on = 'infinity' and (x.cancel_requested and x.status in ('waiting', 'paused', 'in_doubt')
    or x.status = 'waiting' and x.need = 0
    and x.wake_at is null and not exists (select 1 from workflow_waits w where w.execution_id = x.id)
    and not exists (select 1 from workflow_approvals a where a.execution_id = x.id and a.status = 'pending')
    and x.state #>> '{call,k}' is distinct from 'HEAR')
  order by x.id for update skip locked
)
update workflow_executions x set status = 'ready', ready_at = %(now)s, answer = null
from lost l where x.id = l.id and x.finished_on = 'infinity' returning x.id;

-- name: sweep_parents
-- Waiting for children that have all ended, or for another number than there are.
with wrong as materialized (
  select x.id, (select count(*) from workflow_executions c where c.parent_id = x.id and c.finished_on = 'infinity') as k
  from workflow_executions x
  where x.finished_on = 'infinity' and x.status = 'waiting' and x.need > 0
    and x.need <> (select count(*) from workflow_executions c where c.parent_id = x.id and c.finished_on = 'infinity')
  order by x.id for update skip locked
)
update workflow_executions x set need = w.k, status = case when w.k = 0 then 'ready' else x.status end,
  answer = case when w.k = 0 then '{"joined": true}'::jsonb end, ready_at = case when w.k = 0 then %(now)s end
from wrong w where x.id = w.id and x.finished_on = 'infinity' returning x.id;

-- name: sweep_waits
delete from workflow_waits w where not exists (
  select 1 from workflow_executions x where x.id = w.execution_id and x.finished_on = 'infinity'
    and x.status in ('waiting', 'paused'))
returning w.execution_id;

-- name: sweep_approvals
update workflow_approvals a set status = 'cancelled', decided_at = %(now)s where a.status = 'pending' and not exists (
  select 1 from workflow_executions x where x.id = a.execution_id and x.finished_on = 'infinity'
    and x.status in ('waiting', 'paused'))
returning a.execution_id;

-- name: resume_paused
-- A program that was paused for want of a keyword, or of a newer release, goes on where it can be run.
update workflow_executions x set status = 'ready', ready_at = %(now)s, reason = null
from workflow_programs p
where x.finished_on = 'infinity' and x.status = 'paused' and x.pause is null and p.format <= %(format)s
  and (x.reason like 'missing keyword%%' or x.reason like 'newer format%%')
  and p.tenant_id = x.tenant_id and p.hash = x.program and not exists (
    select 1 from jsonb_array_elements_text(p.steps -> 'keywords') k(name) where k.name <> all (%(keywords)s::text[]))
returning x.id;
