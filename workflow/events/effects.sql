-- What the committer writes of events. Lock order: rows of workflow_executions are held already; then
-- workflow_event_keys, workflow_subscriptions and workflow_waits, each in the order of their keys.

-- name: event_published
-- A tenant that published too much is refused: its turn is not written at all.
with asked as (
  select * from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
    %(id)b::uuid[], %(name)b::text[], %(key)b::text[], %(data)b::text[]::jsonb[])
    as e(ref, tenant, bot, execution, at, id, name, key, data)
), written as (
  insert into workflow_events (id, tenant_id, bot_id, workflow_id, event_name, event_key, event_data, day, created_at)
  select id, tenant, bot, execution, name, key, data, (at at time zone 'utc')::date, at from asked order by ref
  on conflict do nothing
)
select a.ref, q.reason from asked a join workflow_event_quotas q on q.tenant_id = a.tenant and q.closed_until > a.at;

-- name: event_delayed
with asked as (
  select * from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
    %(id)b::uuid[], %(name)b::text[], %(key)b::text[], %(data)b::text[]::jsonb[], %(due)b::timestamptz[])
    as e(ref, tenant, bot, execution, at, id, name, key, data, due)
), written as (
  insert into workflow_events_later (id, tenant_id, bot_id, workflow_id, event_name, event_key, event_data, due_at)
  select id, tenant, bot, execution, name, key, data, due from asked order by ref
  on conflict do nothing
)
select a.ref, q.reason from asked a join workflow_event_quotas q on q.tenant_id = a.tenant and q.closed_until > a.at;

-- name: event_offered
-- The first event with a key is the event; every other one is answered with its id. A key whose time is over is free.
with asked as (
  select a.*, q.reason from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[],
    %(at)b::timestamptz[], %(id)b::uuid[], %(name)b::text[], %(key)b::text[], %(data)b::text[]::jsonb[],
    %(dedupe)b::text[], %(due)b::timestamptz[])
    as a(ref, tenant, bot, execution, at, id, name, key, data, dedupe, due)
  left join workflow_event_quotas q on q.tenant_id = a.tenant and q.closed_until > a.at
), keyed as (
  insert into workflow_event_keys as k (tenant_id, event_name, dedupe, event_id, expires_at)
  select distinct on (tenant, name, dedupe) tenant, name, dedupe, id, coalesce(due, at) + interval '7 days'
  from asked where reason is null order by tenant, name, dedupe, ref
  on conflict (tenant_id, event_name, dedupe) do update set
    event_id = case when k.expires_at <= excluded.expires_at - interval '7 days' then excluded.event_id else k.event_id end,
    expires_at = case when k.expires_at <= excluded.expires_at - interval '7 days' then excluded.expires_at
      else k.expires_at end
  returning tenant_id, event_name, dedupe, event_id
), verdict as (
  select a.*, k.event_id from asked a left join keyed k
    on k.tenant_id = a.tenant and k.event_name = a.name and k.dedupe = a.dedupe
), at_once as (
  insert into workflow_events (id, tenant_id, bot_id, workflow_id, event_name, event_key, event_data, day, created_at)
  select id, tenant, bot, execution, name, key, data, (at at time zone 'utc')::date, at
  from verdict where event_id = id and due is null order by ref
  on conflict do nothing
), later as (
  insert into workflow_events_later (id, tenant_id, bot_id, workflow_id, event_name, event_key, event_data, due_at)
  select id, tenant, bot, execution, name, key, data, due from verdict where event_id = id and due is not null
  on conflict do nothing
)
select ref, case when reason is null then jsonb_build_object('v', event_id::text)
  else jsonb_build_object('error', jsonb_build_object('kind', 'limit', 'message', reason)) end
from verdict;

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
  since_xid = excluded.since_xid, since_seq = excluded.since_seq, choosy = false;

-- name: event_chosen
-- A wait that chooses. With SINCE nothing is too old: its view is one in which nothing had happened yet.
insert into workflow_waits (execution_id, tenant_id, event_name, event_key, filter, born, since_xid, since_seq, choosy,
  part, mode, consume, since, cursor_key)
select w.execution, w.tenant, w.name, w.key, w.filter, case when w.since is null then x.born else '3:3:'::pg_snapshot end,
  coalesce(x.cursor_xid, case when w.since is null then pg_snapshot_xmin(x.born) else '0'::xid8 end),
  coalesce(x.cursor_seq, -1), true, w.part, w.mode, w.consume, w.since, w.cursor
from unnest(%(execution)b::uuid[], %(tenant)b::uuid[], %(name)b::text[], %(part)b::int[], %(mode)b::text[], %(key)b::text[],
  %(filter)b::text[]::jsonb[], %(consume)b::bool[], %(since)b::timestamptz[], %(cursor)b::text[])
  as w(execution, tenant, name, part, mode, key, filter, consume, since, cursor)
cross join lateral (
  select born, (cursors -> w.cursor ->> 0)::xid8 as cursor_xid, (cursors -> w.cursor ->> 1)::bigint as cursor_seq
  from workflow_executions e where e.id = w.execution and e.finished_on = 'infinity' offset 0) x
on conflict (execution_id, event_name, event_key) do update set checked = false, born = excluded.born,
  since_xid = excluded.since_xid, since_seq = excluded.since_seq, choosy = true, filter = excluded.filter,
  part = excluded.part, mode = excluded.mode, consume = excluded.consume, since = excluded.since,
  cursor_key = excluded.cursor_key;

-- name: event_handled
-- A handler is known by its bot, program, block, pattern and condition: registered again, it is replaced, not doubled;
-- its place in the events stays.
with asked as (
  select h.*, x.bot_name, x.program, x.workflow_name, x.origin, x.session_id, md5(concat_ws(chr(31), 'handler', h.bot, x.origin, x.workflow_name, h.entry, h.pattern,
    h.consume, h.filter)) as identity
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
    %(pattern)b::text[], %(filter)b::text[], %(consume)b::bool[], %(entry)b::text[], %(vars)b::text[]::jsonb[])
    as h(ref, tenant, bot, execution, at, pattern, filter, consume, entry, vars)
  cross join lateral (select * from workflow_executions e where e.id = h.execution and e.finished_on = 'infinity'
    offset 0) x
), kept as (
  insert into workflow_subscriptions as s (id, tenant_id, kind, pattern, filter, consume, identity, bot_id, bot_name,
    execution_id, workflow_name, origin, session_id, program, entry, vars, created_at)
  select distinct on (tenant, identity) gen_random_uuid(), tenant, 'handler', pattern, filter::jsonb, consume, identity, bot,
    bot_name, execution, workflow_name, origin, session_id, program, entry, vars, at
  from asked order by tenant, identity, ref desc
  on conflict (tenant_id, identity) where ended_at is null do update set execution_id = excluded.execution_id,
    program = excluded.program, entry = excluded.entry, vars = excluded.vars, bot_name = excluded.bot_name,
    session_id = excluded.session_id
  returning id, tenant_id, identity
)
select a.ref, jsonb_build_object('v', k.id::text)
from asked a join kept k on k.tenant_id = a.tenant and k.identity = a.identity;

-- name: event_forwarded
with asked as (
  select f.*, x.bot_name, md5(concat_ws(chr(31), 'webhook', f.bot, f.pattern, f.url)) as identity
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
    %(id)b::uuid[], %(pattern)b::text[], %(url)b::text[], %(secret)b::text[])
    as f(ref, tenant, bot, execution, at, id, pattern, url, secret)
  cross join lateral (select bot_name from workflow_executions e where e.id = f.execution and e.finished_on = 'infinity'
    offset 0) x
), kept as (
  insert into workflow_subscriptions as s (id, tenant_id, kind, pattern, identity, bot_id, bot_name, execution_id, url,
    secret, created_at)
  select distinct on (tenant, identity) id, tenant, 'webhook', pattern, identity, bot, bot_name, execution, url,
    coalesce(secret, 'whsec_' || encode(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
      'base64')), at
  from asked order by tenant, identity, secret nulls last, ref desc
  on conflict (tenant_id, identity) where ended_at is null do update set execution_id = excluded.execution_id,
    secret = case when excluded.secret in (select secret from asked) then excluded.secret else s.secret end
  returning tenant_id, identity, secret
)
select a.ref, jsonb_build_object('v', k.secret)
from asked a join kept k on k.tenant_id = a.tenant and k.identity = a.identity;

-- name: event_ignored
with asked as (
  select * from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(at)b::timestamptz[], %(pattern)b::text[])
    as i(ref, tenant, bot, at, pattern)
), ended as (
  update workflow_subscriptions s set ended_at = a.at
  from (select distinct on (tenant, bot, pattern) * from asked order by tenant, bot, pattern, ref) a
  where s.tenant_id = a.tenant and s.bot_id = a.bot and s.pattern = a.pattern and s.ended_at is null
  returning s.tenant_id, s.bot_id, s.pattern
)
select a.ref, jsonb_build_object('v', count(e.pattern))
from asked a left join ended e on e.tenant_id = a.tenant and e.bot_id = a.bot and e.pattern = a.pattern group by a.ref;

-- name: run_scheduled
-- An execution that begins at its time: until then it waits for its timer, which wakes it without an answer.
with asked as (
  select * from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[], %(id)b::uuid[],
    %(entry)b::text[], %(vars)b::text[]::jsonb[], %(seed)b::bigint[], %(due)b::timestamptz[])
    as a(ref, tenant, execution, at, id, entry, vars, seed, due)
), born as (
  insert into workflow_executions (id, tenant_id, bot_id, bot_name, origin, session_id, workflow_name, program, entry,
    state, status, priority, wake_at, retrying, reason, root_id, started_by, started_through, created_at)
  select a.id, x.tenant_id, x.bot_id, x.bot_name, x.origin, x.session_id, x.workflow_name, x.program, a.entry,
    jsonb_build_object('v', 1, 'n', 0, 'g', 0, 'seed', a.seed, 'draws', 0, 'step', 0, 'turns', 0, 'call', null,
      'since', null, 'frames', jsonb_build_array(jsonb_build_object('f', a.entry, 'on_error', null, 'vars', a.vars,
        'at', (select (p.steps -> 'entries' ->> a.entry)::int from workflow_programs p
          where p.tenant_id = x.tenant_id and p.hash = x.program)))),
    'waiting', x.priority, a.due, true, 'its time', a.id, concat('SCHEDULE IN of ', x.id), 'BASIC', a.at
  from asked a cross join lateral (
    select * from workflow_executions e where e.id = a.execution and e.finished_on = 'infinity' offset 0) x
  on conflict do nothing
  returning tenant_id, id, state, created_at
), journal as (
  insert into workflow_steps (tenant_id, execution_id, seq, day, keyword, ended_at, state)
  select tenant_id, id, 0, (created_at at time zone 'utc')::date, 'START', created_at, state from born
)
select ref, jsonb_build_object('v', id::text) from asked;

-- name: run_continued
with asked as (
  select * from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[], %(id)b::uuid[],
    %(step)b::int[], %(index)b::int[], %(run)b::uuid[]) as c(ref, tenant, execution, at, id, step, index, run)
), known as (
  select a.*, exists (select 1 from workflow_executions x where x.tenant_id = a.tenant and x.id = a.run) as there
  from asked a
), kept as (
  insert into workflow_jumps (id, tenant_id, execution_id, handler_id, step, at, created_at)
  select id, tenant, run, execution, step, index, at from known where there on conflict do nothing
)
select ref, case when there then '{"v": true}'::jsonb else jsonb_build_object('error', jsonb_build_object(
  'kind', 'unknown', 'message', 'The run that registered this handler is no longer kept.')) end
from known;
