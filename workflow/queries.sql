-- The engine's statements. Those of the faces (start, look, decide, cancel) are in operations.sql.
--
-- Lock order, everywhere: rows of workflow_executions first, children before their parents, each group by id; then
-- workflow_approvals; then workflow_waits. Whoever only picks work (claims, timers, take-over) skips what is locked.
--
-- `f.seq = f.seq + 0` is always true and makes Postgres expect one row: so it probes the table by its key for each row
-- that was locked, and never reads the whole table for them, which is what it prefers while it has no statistics.
--
-- `finished_on = 'infinity'` prunes every statement to the live partition. The fence is a LATERAL probe with OFFSET 0:
-- one index look-up a row whatever the statistics say; `(x is y) is true` keeps the planner away from partial indexes.

-- name: commit_turns
-- One step each of many executions: fence, new state, journal. Answers the ids that passed the fence. Who was asked to
-- end does not begin to wait: it stays running, and its owner ends it. Who pauses because it was asked to, and has been
-- resumed since, is ready.
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
      when f.status = 'waiting' and x.pause is not null then 'paused'
      when f.status = 'paused' and f.reason is null and x.pause is null then 'ready' else f.status end,
    pause = case when f.status = 'waiting' then jsonb_set(x.pause, '{from}', '"waiting"')
      when not f.finished then x.pause end,
    owner = case when f.status = 'running' or f.status = 'waiting' and x.cancel_requested then x.owner end,
    wake_at = case when not x.cancel_requested then f.wake_at end,
    need = case when not x.cancel_requested then f.need else 0 end,
    current_step = f.step, reason = f.reason, once_call = f.once_call, attempt = f.attempt, retrying = f.retrying,
    deaths = 0,
    ready_at = case when f.status = 'ready' or f.status = 'paused' and f.reason is null and x.pause is null then f.at end,
    result = f.result::jsonb, error = f.error::jsonb,
    ended_at = case when f.finished then f.at end,
    finished_on = case when f.finished then (f.at at time zone 'utc')::date else 'infinity' end
  from fenced f where x.id = f.id and x.finished_on = 'infinity' and f.seq = f.seq + 0
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

-- name: keep_values
insert into workflow_values (tenant_id, execution_id, hash, body)
select * from unnest(%(tenant)b::uuid[], %(execution)b::uuid[], %(hash)b::bytea[], %(body)b::bytea[])
on conflict do nothing;

-- name: free_values
delete from workflow_values where execution_id = any(%(id)b::uuid[]);

-- name: insert_children
-- Children begin ready, or paused with their parent; or they have run to their end before anybody could see them. A branch
-- inherits its parent's place in the events; any other child begins with a view of its own.
with births as (
  select * from unnest(
    %(id)b::uuid[], %(parent)b::uuid[], %(parent_n)b::int[], %(branch)b::int[], %(bot)b::uuid[], %(bot_name)b::text[],
    %(origin)b::text[], %(name)b::text[], %(program)b::text[], %(entry)b::text[], %(state)b::text[],
    %(inherits)b::bool[], %(deadline)b::timestamptz[], %(held)b::bool[], %(in_window)b::bool[], %(at)b::timestamptz[],
    %(status)b::text[], %(step)b::int[], %(last)b::text[], %(result)b::text[], %(error)b::text[])
    as b(id, parent, parent_n, branch, bot, bot_name, origin, name, program, entry, state, inherits, deadline, held,
      in_window, at, ended, step, last, result, error)
), born as (
  insert into workflow_executions (id, tenant_id, bot_id, bot_name, origin, session_id, workflow_name, program, entry,
    state, status, priority, ready_at, parent_id, parent_n, branch, root_id, depth, born, cursors, started_by,
    started_through, created_at, pause, deadline, held, in_window, seq, current_step, result, error, ended_at,
    finished_on)
  select b.id, p.tenant_id, b.bot, b.bot_name, b.origin, p.session_id, b.name, b.program, b.entry,
    coalesce(b.last, b.state)::jsonb,
    case when b.ended is not null then b.ended when p.pause is not null then 'paused' when b.held then 'waiting'
      else 'ready' end,
    p.priority, case when b.ended is null and not b.held then b.at end, b.parent, b.parent_n, b.branch, p.root_id,
    p.depth + 1, case when b.inherits then p.born else pg_current_snapshot() end,
    case when b.inherits then p.cursors else '{}' end, p.started_by, p.started_through, b.at,
    case when b.ended is null then jsonb_set(p.pause, '{from}', case when b.held then '"waiting"'::jsonb else '"ready"' end) end,
    b.deadline, b.held, b.in_window, case when b.ended is null then 0 else 1 end, b.step, b.result::jsonb,
    b.error::jsonb, case when b.ended is not null then b.at end,
    case when b.ended is null then 'infinity' else (b.at at time zone 'utc')::date end
  from births b cross join lateral (
    select * from workflow_executions x where x.id = b.parent and x.finished_on = 'infinity'
    union all
    select * from workflow_executions x where x.id = b.parent and x.finished_on = (b.at at time zone 'utc')::date
    limit 1 offset 0) p
  on conflict (id, finished_on) do nothing
  returning tenant_id, id, created_at
)
insert into workflow_steps (tenant_id, execution_id, seq, day, keyword, ended_at, state)
select n.tenant_id, n.id, 0, (n.created_at at time zone 'utc')::date, 'START', n.created_at, b.state::jsonb
from born n join births b on b.id = n.id;

-- name: join_parents
-- Children have ended: each parent is counted down once a batch, and wakes when none is left to wait for, or when too
-- many have not ended well. Of another call than the one it waits at (`join_n`), an end does not count.
with ended as (
  select * from unnest(%(parent)b::uuid[], %(n)b::int[], %(well)b::int[], %(badly)b::int[], %(at)b::timestamptz[])
    as e(id, n, well, badly, at) order by id
), held as materialized (
  select e.id, e.at, h.need - e.well - case when h.spare is null then e.badly else 0 end as need,
    h.spare - e.badly as spare
  from ended e cross join lateral (
    select x.need, x.spare from workflow_executions x
    where x.finished_on = 'infinity' and x.id = e.id and (x.status = 'waiting') is true and x.need > 0
      and (x.join_n <> e.n) is not true
    for update offset 0) h
)
update workflow_executions x set
  need = greatest(h.need, 0), spare = h.spare,
  status = case when h.need <= 0 or h.spare < 0 then 'ready' else x.status end,
  answer = case when h.need <= 0 or h.spare < 0 then '{"joined": true}'::jsonb end,
  ready_at = case when h.need <= 0 or h.spare < 0 then h.at end
from held h where x.id = h.id and x.finished_on = 'infinity' and h.need = h.need + 0
returning x.id, x.status;

-- name: reread_turns
-- What became of turns whose commit was cut off: read on a new connection.
select id, epoch, seq, owner, cancel_requested, answer from workflow_executions where id = any(%(id)b::uuid[]);

-- name: claim
-- A fair share of what is ready. Every bot of every tenant is a queue, and the index has a row's place in it: a priority
-- more is a minute more of waiting, so nothing waits for ever. From a place given by chance up to as many queues as there
-- are slots are found, each by one look-up; tenants get equal shares of the slots, bots equal shares of their tenant's.
-- A row answers `more` when its queue may hold further ones. Where tenants are named as busy, theirs are stepped over, and
-- every other tenant gets one.
--
-- Limits are exact: a claim that touches a limited tenant counts its `turn` up, and whoever has not seen the latest turn
-- takes nothing of that tenant now. Losing this commit is harmless: the step's commit checks owner and epoch.
with recursive queues as (
  (select x.tenant_id, x.bot_id, (x.tenant_id <> all (%(busy)s::uuid[]))::int as turn from workflow_executions x
   where x.finished_on = 'infinity' and x.status = 'ready' and x.tenant_id >= %(start)s
   order by x.tenant_id, x.bot_id limit 1)
  union all
  select n.tenant_id, n.bot_id, q.turn + (n.tenant_id <> all (%(busy)s::uuid[]))::int from queues q cross join lateral (
    select x.tenant_id, x.bot_id from workflow_executions x
    where x.finished_on = 'infinity' and x.status = 'ready' and (x.tenant_id, x.bot_id) > (q.tenant_id,
      case when q.tenant_id = any (%(busy)s::uuid[]) then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else q.bot_id end)
    order by x.tenant_id, x.bot_id limit 1) n
  where q.turn < %(slots)s
), around as (
  (select x.tenant_id, x.bot_id, (x.tenant_id <> all (%(busy)s::uuid[]))::int as turn from workflow_executions x
   where x.finished_on = 'infinity' and x.status = 'ready' and x.tenant_id < %(start)s
   order by x.tenant_id, x.bot_id limit 1)
  union all
  select n.tenant_id, n.bot_id, q.turn + (n.tenant_id <> all (%(busy)s::uuid[]))::int from around q cross join lateral (
    select x.tenant_id, x.bot_id from workflow_executions x
    where x.finished_on = 'infinity' and x.status = 'ready' and (x.tenant_id, x.bot_id) > (q.tenant_id,
      case when q.tenant_id = any (%(busy)s::uuid[]) then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else q.bot_id end)
      and x.tenant_id < %(start)s
    order by x.tenant_id, x.bot_id limit 1) n
  where q.turn < %(slots)s
), found as materialized (
  select tenant_id, bot_id, count(*) over (partition by tenant_id) as bots,
    dense_rank() over (order by tenant_id) as tenant
  from (select * from (select * from queues union all select * from around) q
    where tenant_id <> all (%(busy)s::uuid[]) limit %(slots)s) q
), capped as materialized (
  update workflow_limits l set turn = l.turn + 1 from workflow_limits seen
  where l.max_running is not null and seen.tenant_id = l.tenant_id and seen.bot_id = l.bot_id and seen.turn = l.turn
    and l.tenant_id in (select tenant_id from found)
  returning l.tenant_id, l.bot_id, l.max_running - (select count(*) from workflow_executions x
    where x.finished_on = 'infinity' and x.status = 'running' and x.tenant_id = l.tenant_id
      and l.bot_id in (x.bot_id, '00000000-0000-0000-0000-000000000000')) as free
), shares as materialized (
  select f.tenant_id, f.bot_id, of_tenant.free as tenant_free, of_bot.free as bot_free,
    case when cardinality(%(busy)s::uuid[]) = 0 then greatest(1, %(slots)s::int / t.tenants / f.bots) else 1 end as share
  from found f cross join (select max(tenant) as tenants from found) t
  cross join lateral (select min(case when l.max_running is not null then coalesce(c.free, 0) end) as free
    from workflow_limits l left join capped c on c.tenant_id = l.tenant_id and c.bot_id = l.bot_id
    where l.tenant_id = f.tenant_id and l.bot_id = '00000000-0000-0000-0000-000000000000') of_tenant
  cross join lateral (select min(case when l.max_running is not null then coalesce(c.free, 0) end) as free
    from workflow_limits l left join capped c on c.tenant_id = l.tenant_id and c.bot_id = l.bot_id
    where l.tenant_id = f.tenant_id and l.bot_id = f.bot_id) of_bot
), held as materialized (
  select x.id, x.epoch, s.share, s.tenant_free, row_number() over (partition by s.tenant_id order by x.place) as of_tenant,
    count(*) over (partition by s.tenant_id, s.bot_id) as taken
  from shares s cross join lateral (
    select id, epoch, ready_at - '2000-01-01 00:00:00+00'::timestamptz + priority * '00:01:00'::interval as place
    from workflow_executions x
    where x.finished_on = 'infinity' and x.status = 'ready' and x.tenant_id = s.tenant_id and x.bot_id = s.bot_id
    order by ready_at - '2000-01-01 00:00:00+00'::timestamptz + priority * '00:01:00'::interval
    limit greatest(0, least(s.share, s.bot_free, s.tenant_free)) for update skip locked) x
), picked as materialized (
  select id, epoch, taken >= share as more from held
  where of_tenant <= coalesce(tenant_free, of_tenant) and (of_tenant = 1 or cardinality(%(busy)s::uuid[]) = 0)
  order by of_tenant limit %(slots)s
)
update workflow_executions x set status = 'running', owner = %(owner)s, epoch = x.epoch + 1, ready_at = null
from picked p where x.id = p.id and x.finished_on = 'infinity' and p.epoch = p.epoch + 0
returning x.id, x.tenant_id, x.bot_id, x.bot_name, x.origin, x.session_id, x.workflow_name, x.program, x.entry,
  x.current_step, whole_state(x.id, x.state)::text as state, x.answer, x.seq, x.epoch, x.once_call, x.attempt, x.deaths, x.parent_id, x.root_id, x.depth,
  x.cancel_requested, x.parent_n, x.in_window, x.join_n, x.created_at, p.more,
  case when x.state ? 'kept' then array(select v.hash from workflow_values v where v.execution_id = x.id) end as kept;

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
  select id, seq from workflow_executions
  where finished_on = 'infinity' and wake_at <= %(now)s and status = 'waiting'
  order by wake_at limit 500 for update skip locked
), fired as (
  update workflow_executions x set status = 'ready', ready_at = %(now)s, wake_at = null,
    answer = case when not x.retrying then '{"timed_out": true}'::jsonb end, retrying = false
  from due d where x.id = d.id and x.finished_on = 'infinity' and d.seq = d.seq + 0
  returning x.id
), late as (
  update workflow_approvals a set status = 'timedout', decided_at = %(now)s from fired f
  where a.execution_id = f.id and a.status = 'pending'
  returning a.tenant_id, a.execution_id, a.id
), noted as (
  insert into workflow_approval_acts (tenant_id, execution_id, approval_id, action, actor, at)
  select tenant_id, execution_id, id, 'timed_out', 'system:timeout', %(now)s from late
), unwaited as (
  delete from workflow_waits w using fired f where w.execution_id = f.id
)
select count(*) from fired;

-- name: next_timer
select min(wake_at) from workflow_executions
where finished_on = 'infinity' and wake_at is not null and status = 'waiting';

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
-- that was started is not repeated: a person decides; or, where once_call is negative, the program, when it is claimed.
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
  status = case when x.once_call > 0 then 'in_doubt' when x.pause is null then 'ready' else 'paused' end,
  reason = case when x.once_call > 0
    then 'the worker died during a call that must not be repeated; look whether it took place' end
from lost l where x.id = l.id and x.finished_on = 'infinity'
returning x.id, x.status;

-- name: leave
-- A worker that ends in order gives back what it held.
with gone as (delete from workers where id = %(me)s)
update workflow_executions x set owner = null, epoch = x.epoch + 1, ready_at = %(now)s,
  status = case when x.once_call > 0 then 'in_doubt' when x.pause is null then 'ready' else 'paused' end,
  reason = case when x.once_call > 0
    then 'the worker was stopped during a call that must not be repeated; look whether it took place' end
where x.finished_on = 'infinity' and x.status = 'running' and x.owner = %(me)s;

-- name: give_back
-- Nobody runs it here any more. As at a death, a ONCE call that was started is not repeated.
update workflow_executions set owner = null, epoch = epoch + 1, ready_at = %(now)s,
  status = case when once_call > 0 then 'in_doubt' when pause is null then 'ready' else 'paused' end,
  reason = case when once_call > 0 then 'a call that must not be repeated was cut off; did it take place?' end
where finished_on = 'infinity' and id = %(id)s and status = 'running' and owner = %(owner)s and epoch = %(epoch)s;

-- name: fail_at_once
-- The engine itself broke on it: no state can be trusted but the stored one. Its parent is counted down at once, as in
-- join_parents: between two statements the sweeper would count it too.
with failed as (
  update workflow_executions set owner = null, status = 'failed', error = %(error)s::jsonb, seq = seq + 1,
    ended_at = %(now)s, finished_on = (%(now)s::timestamptz at time zone 'utc')::date
  where finished_on = 'infinity' and id = %(id)s and status = 'running' and owner = %(owner)s and epoch = %(epoch)s
  returning parent_id, parent_n
), above as materialized (
  select x.id, x.need - (x.spare is null)::int as need, x.spare - 1 as spare from failed f cross join lateral (
    select * from workflow_executions x where x.id = f.parent_id and x.finished_on = 'infinity'
      and x.status = 'waiting' and x.need > 0 and (x.join_n <> f.parent_n) is not true for update offset 0) x
)
update workflow_executions x set need = a.need, spare = a.spare,
  status = case when a.need = 0 or a.spare < 0 then 'ready' else x.status end,
  answer = case when a.need = 0 or a.spare < 0 then '{"joined": true}'::jsonb end,
  ready_at = case when a.need = 0 or a.spare < 0 then %(now)s::timestamptz end
from above a where x.id = a.id and x.finished_on = 'infinity';

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
  where x.finished_on = 'infinity'
    and (x.cancel_requested and (x.status in ('paused', 'in_doubt') or x.status = 'waiting' and x.need = 0)
    or x.status = 'waiting' and x.need = 0 and not x.held
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
  select x.id, (select count(*) from workflow_executions c where c.parent_id = x.id and c.finished_on = 'infinity'
      and (c.parent_n <> x.join_n) is not true) as k
  from workflow_executions x
  where x.finished_on = 'infinity' and x.status = 'waiting' and x.need > 0 and x.wanted is null
    and x.need <> (select count(*) from workflow_executions c where c.parent_id = x.id and c.finished_on = 'infinity'
      and (c.parent_n <> x.join_n) is not true)
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
