-- Children of one call: joined early, started a few at a time, ended together. Lock order: see queries.sql.

-- name: fork_parents
-- What a parent waits for: `need` joins; of those that end otherwise it can spare so many (null: every end is a join).
update workflow_executions x set need = f.need, spare = f.spare, wanted = f.wanted, join_n = f.n, slots = f.slots
from unnest(%(id)b::uuid[], %(n)b::int[], %(need)b::int[], %(spare)b::int[], %(wanted)b::int[], %(slots)b::int[])
  as f(id, n, need, spare, wanted, slots)
where x.id = f.id and x.finished_on = 'infinity' and x.status <> 'running';

-- name: journal_children
-- The journal of children that were born ended; in the transaction that brings them into the world.
insert into workflow_steps (tenant_id, execution_id, generation, seq, attempt, day, at, step, line, "column",
  keyword, started_at, ended_at, answer, error, given, state)
select j.tenant, j.execution, j.generation, j.n, j.attempt, (j.ended at time zone 'utc')::date, j.at, j.step, j.line,
  j.col, j.keyword, j.started, j.ended, j.answer::jsonb, j.error::jsonb, j.given::jsonb, j.state::jsonb
from unnest(
  %(j_tenant)b::uuid[], %(j_execution)b::uuid[], %(j_generation)b::int[], %(j_n)b::int[], %(j_attempt)b::int[],
  %(j_at)b::int[], %(j_step)b::int[], %(j_line)b::int[], %(j_column)b::int[], %(j_keyword)b::text[],
  %(j_started)b::timestamptz[], %(j_ended)b::timestamptz[], %(j_answer)b::text[], %(j_error)b::text[],
  %(j_given)b::text[], %(j_state)b::text[])
  as j(tenant, execution, generation, n, attempt, at, step, line, col, keyword, started, ended, answer, error, given,
    state);

-- name: release_children
-- The next of those that were held back, as many as there is room for now, unless their parent waits no more. Behind
-- join_parents, against the lock order: but what somebody else holds is skipped.
with freed as (
  select f.* from unnest(%(parent)b::uuid[], %(n)b::int[], %(free)b::int[], %(at)b::timestamptz[]) as f(id, n, k, at)
  cross join lateral (
    select 1 from workflow_executions p where p.id = f.id and p.finished_on = 'infinity' and (p.status = 'waiting') is true
      and p.need > 0 offset 0) p
), next as materialized (
  select c.id, f.at from freed f cross join lateral (
    select c.id from workflow_executions c
    where c.finished_on = 'infinity' and c.parent_id = f.id and c.parent_n = f.n and c.held
      and (c.status = 'waiting') is true
    order by c.branch limit f.k for update skip locked) c
)
update workflow_executions x set held = false, status = 'ready', ready_at = n.at
from next n where x.id = n.id and x.finished_on = 'infinity';

-- name: sweep_held
-- Children held back though there is room: those of parents that were paused, or whose worker broke.
with short as materialized (
  select p.id, p.join_n, p.slots - count(*) filter (where not c.held) as free
  from workflow_executions p join workflow_executions c on c.parent_id = p.id and c.parent_n = p.join_n
    and c.finished_on = 'infinity'
  where p.finished_on = 'infinity' and p.status = 'waiting' and p.need > 0 and p.slots is not null
    and (%(ids)s::uuid[] is null or p.id = any(%(ids)s::uuid[]))
  group by p.id, p.join_n, p.slots having bool_or(c.held) and count(*) filter (where not c.held) < p.slots
), next as materialized (
  select c.id from short s cross join lateral (
    select c.id from workflow_executions c
    where c.finished_on = 'infinity' and c.parent_id = s.id and c.parent_n = s.join_n and c.held
      and (c.status = 'waiting') is true
    order by c.branch limit s.free for update skip locked) c
)
update workflow_executions x set held = false, status = 'ready', ready_at = %(now)s
from next n where x.id = n.id and x.finished_on = 'infinity' returning x.id;

-- name: sweep_joins
-- Parents that wait for some of their children, counted anew: of each branch the latest counts.
with ended as materialized (
  select p.id, p.wanted - count(*) filter (where c.status = 'completed') as need,
    count(*) - p.wanted - count(*) filter (where c.status in ('failed', 'cancelled')) as spare
  from workflow_executions p cross join lateral (
    select distinct on (c.branch) c.status from workflow_executions c
    where c.parent_id = p.id and c.parent_n = p.join_n order by c.branch, c.created_at desc) c
  where p.finished_on = 'infinity' and p.status = 'waiting' and p.need > 0 and p.wanted is not null
    and (%(ids)s::uuid[] is null or p.id = any(%(ids)s::uuid[]))
  group by p.id, p.wanted
), wrong as materialized (
  select e.* from ended e cross join lateral (
    select 1 from workflow_executions x where x.id = e.id and x.finished_on = 'infinity' and x.status = 'waiting'
      and (x.need, x.spare) <> (e.need, e.spare) for update skip locked offset 0) h
)
update workflow_executions x set need = greatest(w.need, 0), spare = w.spare,
  status = case when w.need <= 0 or w.spare < 0 then 'ready' else x.status end,
  answer = case when w.need <= 0 or w.spare < 0 then '{"joined": true}'::jsonb end,
  ready_at = case when w.need <= 0 or w.spare < 0 then %(now)s::timestamptz end
from wrong w where x.id = w.id and x.finished_on = 'infinity' returning x.id;

-- name: living_children
select id from workflow_executions
where parent_id = %(parent)s and parent_n = %(n)s and finished_on = 'infinity' order by id;

-- name: parts
-- What an execution has started and what that has started, the latest first; as much as people can look at.
with recursive family as (
  select id, parent_id, parent_n, branch, workflow_name, bot_name, entry, status, reason, undoing, error, created_at,
    1 as depth
  from workflow_executions where tenant_id = %(tenant)s and parent_id = %(id)s
  union all
  select c.id, c.parent_id, c.parent_n, c.branch, c.workflow_name, c.bot_name, c.entry, c.status, c.reason, c.undoing,
    c.error, c.created_at, f.depth + 1
  from family f cross join lateral (select * from workflow_executions where parent_id = f.id offset 0) c
)
select id, parent_id, parent_n, branch, workflow_name, bot_name, entry, status, reason, undoing,
  error ->> 'message' as error
from family order by created_at desc, depth, branch limit %(limit)s;

-- name: ended_children
-- How the children of one call ended, in the order of the program.
-- A call that was made again, because its run was retried, has children of its own: of each branch the latest counts.
select distinct on (branch) workflow_name, entry, status, result, error, cursors,
  case when %(states)s and entry <> 'main' then state::text end as state,
  ((cancel_requested or undoing) and ended_at >= deadline) is true as overdue
from workflow_executions where parent_id = %(parent)s and parent_n = %(n)s order by branch, created_at desc;

-- name: ended_families
-- The same of many calls at once, by `ref`. None ended before its call was made, so older partitions are not looked at.
-- `living`: a child is still under way, be it the latest of its branch or not.
select distinct on (f.ref, c.branch) f.ref, c.workflow_name, c.entry, c.status, c.result, c.error, c.cursors,
  case when f.states and c.entry <> 'main' then c.state::text end as state,
  ((c.cancel_requested or c.undoing) and c.ended_at >= c.deadline) is true as overdue,
  bool_or(c.finished_on = 'infinity') over (partition by f.ref) as living
from unnest(%(ref)s::int[], %(parent)s::uuid[], %(n)s::int[], %(states)s::bool[]) as f(ref, parent, n, states)
cross join lateral (
  select * from workflow_executions x
  where x.parent_id = f.parent and x.parent_n = f.n and x.finished_on >= %(since)s::date offset 0) c
order by f.ref, c.branch, c.created_at desc;

-- name: hold_families
-- These executions and everything alive below them, locked: children before their parents.
with recursive family as (
  select id, 0 as depth from workflow_executions
  where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[]) and finished_on = 'infinity'
  union all
  select c.id, f.depth + 1 from workflow_executions c join family f on c.parent_id = f.id
  where c.finished_on = 'infinity'
)
select x.id, x.status, x.pause is not null as pausing from workflow_executions x join family f on f.id = x.id
where x.finished_on = 'infinity' order by f.depth desc, x.id for update of x;

-- name: end_families
-- Running ones are asked, and end at their next commit; all others end here, but for those whose program knows how to
-- undo what it has done: they are woken to do that, once everything below them has ended. Who undoes already is left.
with recursive family as (
  select id, 0 as depth from workflow_executions
  where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[]) and finished_on = 'infinity' and not undoing
  union all
  select c.id, f.depth + 1 from workflow_executions c join family f on c.parent_id = f.id
  where c.finished_on = 'infinity' and not c.undoing
), held as materialized (
  select x.id, x.parent_id, x.status = 'running' as runs,
    x.status <> 'running' and coalesce(p.undoes, false) and not x.held as undoes
  from workflow_executions x join family f on f.id = x.id
    left join workflow_programs p on p.tenant_id = x.tenant_id and p.hash = x.program
  where x.finished_on = 'infinity' order by f.depth desc, x.id for update of x
), below as (
  select parent_id, count(*)::int as k from workflow_executions c
  where c.finished_on = 'infinity' and c.parent_id in (select id from held where undoes)
    and not exists (select 1 from held h where h.id = c.id and not h.runs and not h.undoes)
  group by parent_id
)
update workflow_executions x set cancel_requested = true,
  status = case when h.runs then x.status when not h.undoes then 'cancelled' when b.k > 0 then 'waiting' else 'ready' end,
  need = case when h.runs then x.need else coalesce(b.k, 0) end,
  spare = case when h.runs then x.spare end, wanted = case when h.runs then x.wanted end,
  slots = case when h.runs then x.slots end, pause = case when h.runs then x.pause end,
  answer = case when h.undoes and x.need > 0 and b.k is null then '{"joined": true}'::jsonb else x.answer end,
  ready_at = case when h.undoes and b.k is null then %(now)s::timestamptz end,
  once_call = case when not h.undoes then x.once_call end,
  retrying = x.retrying and not h.undoes,
  wake_at = case when h.runs then x.wake_at end,
  reason = case when h.runs then x.reason when h.undoes then 'was cancelled; undoes what it has done' end,
  seq = case when h.runs or h.undoes then x.seq else x.seq + 1 end,
  ended_at = case when h.runs or h.undoes then null else %(now)s::timestamptz end,
  finished_on = case when h.runs or h.undoes then 'infinity' else (%(now)s::timestamptz at time zone 'utc')::date end
from held h left join below b on b.parent_id = h.id where x.id = h.id and x.finished_on = 'infinity'
returning x.id, x.status, x.parent_id, x.parent_n;

-- name: hand_back
-- Asked to end while it ran: it is claimed anew, to undo what it has done. What it was about to call was not begun.
update workflow_executions set owner = null, epoch = epoch + 1, status = 'ready', ready_at = %(now)s, once_call = null
where finished_on = 'infinity' and id = %(id)s and status = 'running' and owner = %(owner)s and epoch = %(epoch)s;

-- name: begin_undoing
-- From here on nothing ends it but itself. The answer says so until the state does, should the worker die in between.
update workflow_executions set cancel_requested = false, undoing = true,
  answer = coalesce(answer, '{}') || '{"cancelled": true}'
where finished_on = 'infinity' and id = %(id)s and status = 'running' and owner = %(owner)s and epoch = %(epoch)s
returning id;

-- name: step_cached
-- Several may compute the same at once; the first to store it is kept until its time is over.
insert into workflow_step_cache (tenant_id, bot_id, key, value, expires_at, created_at)
select distinct on (tenant, bot, key) tenant, bot, key, value, until, at
from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(at)b::timestamptz[], %(key)b::text[],
  %(value)b::text[]::jsonb[], %(until)b::timestamptz[]) as c(ref, tenant, bot, at, key, value, until)
order by tenant, bot, key, ref
on conflict (tenant_id, bot_id, key) do update set value = excluded.value, expires_at = excluded.expires_at,
  created_at = excluded.created_at
where workflow_step_cache.expires_at <= excluded.created_at;

-- name: cached_step
select value from workflow_step_cache
where tenant_id = %(tenant)s and bot_id = %(bot)s and key = %(key)s and expires_at > %(now)s;

-- name: forget_cached_steps
delete from workflow_step_cache where ctid in (
  select ctid from workflow_step_cache where expires_at <= %(now)s order by expires_at limit 5000);
