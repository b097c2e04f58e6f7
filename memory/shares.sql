-- Sharing: grants, their delivered copies, and taking over what was shared.
--
-- A share is a grant; the row in bot_shared_memory is its delivered copy; the target's own memory changes only at SYNC.
-- Readers look at the grant and at the source's present row, so nothing leaks and nothing is stale while a copy lags.
-- Locks: rows of bot_memories in the order (bot_id, key), then grants, then rows of bot_shared_memory.

-- name: memory_shared
with given as materialized (
  select *
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
              %(key)b::text[], %(pattern)b::text[], %(prefix)b::bool[], %(targets)b::text[]::jsonb[], %(snapshot)b::bool[],
              %(writable)b::bool[], %(reshare)b::bool[], %(expires)b::timestamptz[])
       as t (ref, tenant, bot, execution, at, key, pattern, prefix, targets, snapshot, writable, reshare, expires)
), wanted as materialized (
  select g.*, (t ->> 0)::uuid as target, t ->> 1 as target_name from given g cross join jsonb_array_elements(g.targets) t
), found as materialized (
  select g.ref, m.bot_id, m.key, m.value, m.version, m.expires_at,
    m.origin_id is null or exists (
      select from bot_memory_grants r where r.source_bot_id = m.origin_id and r.target_bot_id = m.bot_id and r.reshare
        and memory_covers(r.pattern, r.prefix, m.key) and (r.expires_at is null or r.expires_at > g.at)) as may
  from given g
  join bot_memories m on m.bot_id = g.bot and m.tenant_id = g.tenant and memory_covers(g.pattern, g.prefix, m.key)
    and not m.deleted and (m.expires_at is null or m.expires_at > g.at)
), verdicts as materialized (
  select g.ref, case
    when exists (select from wanted w where w.ref = g.ref and w.target = g.bot) then 'self'
    when not g.prefix and not exists (select from found f where f.ref = g.ref) then 'missing'
    when not g.prefix and exists (select from found f where f.ref = g.ref and not f.may) then 'foreign'
    when (select count(*) from bot_memory_grants x where x.source_bot_id = g.bot) + jsonb_array_length(g.targets) > 10000
      then 'crowded' end as wrong
  from given g
), met as (
  insert into bots (id, tenant_id, name, created_at)
  select distinct on (w.target) w.target, w.tenant, w.target_name, w.at
  from wanted w join verdicts v on v.ref = w.ref and v.wrong is null order by w.target
  on conflict do nothing
), granted as (
  insert into bot_memory_grants as x (tenant_id, source_bot_id, target_bot_id, pattern, prefix, snapshot, writable,
    reshare, expires_at, granted_at, execution_id)
  select distinct on (w.bot, w.target, w.pattern, w.prefix) w.tenant, w.bot, w.target, w.pattern, w.prefix, w.snapshot,
    w.writable, w.reshare, w.expires, w.at, w.execution
  from wanted w join verdicts v on v.ref = w.ref and v.wrong is null
  order by w.bot, w.target, w.pattern, w.prefix, w.ref desc
  on conflict (source_bot_id, target_bot_id, pattern, prefix) do update
    set snapshot = excluded.snapshot, writable = excluded.writable, reshare = excluded.reshare,
      expires_at = excluded.expires_at, granted_at = excluded.granted_at, execution_id = excluded.execution_id
    where x.tenant_id = excluded.tenant_id
), marked as (
  update bot_memories m set shared = true
  from found f join given g on g.ref = f.ref
  where m.bot_id = g.bot and m.key = f.key and m.tenant_id = g.tenant and not g.snapshot and not m.shared
), delivered as (
  insert into bot_shared_memory as s
    (id, tenant_id, source_bot_id, target_bot_id, memory_key, memory_value, shared_at, source_version, expires_at)
  select distinct on (w.target, w.bot, f.key)
    md5(w.target::text || w.bot::text || f.key)::uuid, w.tenant, w.bot, w.target, f.key, f.value, w.at, f.version,
    f.expires_at
  from wanted w join verdicts v on v.ref = w.ref and v.wrong is null join found f on f.ref = w.ref and f.may
  order by w.target, w.bot, f.key, w.ref desc
  on conflict (target_bot_id, source_bot_id, memory_key) do update
    set memory_value = excluded.memory_value, shared_at = excluded.shared_at, source_version = excluded.source_version,
      expires_at = excluded.expires_at, deleted = false
    where s.tenant_id = excluded.tenant_id and s.source_version <= excluded.source_version
)
select g.ref, case v.wrong
  when 'self' then jsonb_build_object('error', jsonb_build_object('kind', 'value', 'message',
    format('BOT SHARE MEMORY needs another bot: %%s is the bot that shares.',
      (select min(w.target_name) from wanted w where w.ref = g.ref and w.target = g.bot))))
  when 'missing' then jsonb_build_object('error', jsonb_build_object('kind', 'unknown', 'message',
    format('This bot remembers nothing under "%%s", so there is nothing to share with %%s. '
           'Write it first with SET BOT MEMORY.', g.key, g.targets #>> '{0,1}')))
  when 'foreign' then jsonb_build_object('error', jsonb_build_object('kind', 'refused', 'message',
    format('"%%s" was taken over from another bot, which did not share it with RESHARE. Only that bot may share it.',
      g.key)))
  when 'crowded' then jsonb_build_object('error', jsonb_build_object('kind', 'limit', 'message',
    'This bot shares 10,000 times already, and no bot may share more often. Take some back with BOT UNSHARE MEMORY.'))
  else jsonb_build_object('v', jsonb_build_object('o', jsonb_build_array(
    'key', g.key, 'bot', g.targets #>> '{0,1}',
    'bots', (select jsonb_agg(t ->> 1) from jsonb_array_elements(g.targets) t),
    'version', case when not g.prefix then (select max(f.version) from found f where f.ref = g.ref) end,
    'keys', (select count(*) from found f where f.ref = g.ref and f.may)))) end as verdict
from given g join verdicts v on v.ref = g.ref

-- name: memory_unshared
-- Takes grants back, and in the same transaction every copy that no other grant covers. A prefix takes back what is
-- shared under it, too. What the target has taken over stays its own, unless PURGE removes what it left unmodified.
with given as materialized (
  select *
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
              %(key)b::text[], %(pattern)b::text[], %(prefix)b::bool[], %(targets)b::text[]::jsonb[], %(purge)b::bool[])
       as t (ref, tenant, bot, execution, at, key, pattern, prefix, targets, purge)
), taken as materialized (
  select x.*, g.ref, g.purge, g.at as since, g.execution as run
  from given g
  join bot_memory_grants x on x.source_bot_id = g.bot and x.tenant_id = g.tenant
    and (x.pattern = g.pattern and x.prefix = g.prefix or g.prefix and starts_with(x.pattern, g.pattern))
    and (g.targets is null or x.target_bot_id in (select (t ->> 0)::uuid from jsonb_array_elements(g.targets) t))
), revoked as (
  delete from bot_memory_grants x using taken t
  where x.source_bot_id = t.source_bot_id and x.target_bot_id = t.target_bot_id and x.pattern = t.pattern
    and x.prefix = t.prefix
), orphans as materialized (
  select distinct on (s.id) s.*, t.ref, t.purge, t.since, t.run
  from taken t
  join bot_shared_memory s on s.source_bot_id = t.source_bot_id and s.target_bot_id = t.target_bot_id
    and memory_covers(t.pattern, t.prefix, s.memory_key)
  where not exists (
    select from bot_memory_grants r
    where r.source_bot_id = s.source_bot_id and r.target_bot_id = s.target_bot_id
      and memory_covers(r.pattern, r.prefix, s.memory_key) and (r.expires_at is null or r.expires_at > t.since)
      and not exists (select from taken z where z.source_bot_id = r.source_bot_id
        and z.target_bot_id = r.target_bot_id and z.pattern = r.pattern and z.prefix = r.prefix))
  order by s.id, t.purge desc
), copies as (
  delete from bot_shared_memory s using orphans o where s.id = o.id
), purged as (
  update bot_memories m
  set deleted = true, value = '', version = m.version + 1, updated_at = o.since, expires_at = null, origin_id = null,
    writer_id = o.source_bot_id, execution_id = o.run
  from orphans o
  where o.purge and m.bot_id = o.target_bot_id and m.key = o.memory_key and m.tenant_id = o.tenant_id
    and m.origin_id = o.source_bot_id and not m.deleted
  returning o.ref
)
select g.ref, case
  when exists (select from taken t where t.ref = g.ref)
    then jsonb_build_object('v', jsonb_build_object('o', jsonb_build_array('key', g.key,
      'revoked', (select count(*) from taken t where t.ref = g.ref),
      'copies', (select count(*) from orphans o where o.ref = g.ref),
      'purged', (select count(*) from purged p where p.ref = g.ref))))
  else jsonb_build_object('error', jsonb_build_object('kind', 'unknown', 'message',
    format('This bot shares nothing as "%%s"%%s. LIST BOT SHARES shows what it shares.', g.key,
      case when g.targets is null then '' else ' with ' || (g.targets #>> '{0,1}') end))) end as verdict
from given g

-- name: memory_synced
-- Takes over what a source shares: of live grants what the source remembers now, of snapshots the copy. A key whose own
-- value was not written by the last sync is a conflict: by default the source's value wins and the key is named, KEEP
-- leaves the own value, NEWEST takes what was committed later, FAIL changes nothing. Rows are locked before they are
-- compared, so no write slips in between.
with given as materialized (
  select distinct on (bot, source) *
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
              %(source)b::uuid[], %(source_name)b::text[], %(mode)b::text[])
       as t (ref, tenant, bot, execution, at, source, source_name, mode)
  order by bot, source, ref desc
), grants as materialized (
  select g.ref, x.* from given g
  join bot_memory_grants x on x.source_bot_id = g.source and x.target_bot_id = g.bot and x.tenant_id = g.tenant
    and (x.expires_at is null or x.expires_at > g.at)
), live as materialized (
  select distinct on (g.ref, m.key) g.ref, m.key, m.value, m.version, m.expires_at,
    m.deleted or coalesce(m.expires_at <= g.at, false) as deleted
  from given g join grants x on x.ref = g.ref and not x.snapshot
  join bot_memories m on m.bot_id = g.source and m.tenant_id = g.tenant and memory_covers(x.pattern, x.prefix, m.key)
  where m.origin_id is null or exists (
    select from bot_memory_grants r where r.source_bot_id = m.origin_id and r.target_bot_id = m.bot_id and r.reshare
      and memory_covers(r.pattern, r.prefix, m.key) and (r.expires_at is null or r.expires_at > g.at))
), shared as materialized (
  select l.* from live l
  union all
  select distinct on (g.ref, s.memory_key) g.ref, s.memory_key, s.memory_value, s.source_version, s.expires_at,
    s.deleted or coalesce(s.expires_at <= g.at, false)
  from given g join grants x on x.ref = g.ref and x.snapshot
  join bot_shared_memory s on s.target_bot_id = g.bot and s.source_bot_id = g.source and s.tenant_id = g.tenant
    and memory_covers(x.pattern, x.prefix, s.memory_key)
  where not exists (select from live l where l.ref = g.ref and l.key = s.memory_key)
), own as materialized (
  select m.bot_id, m.key, m.value, m.version, m.deleted, m.expires_at, m.origin_id
  from bot_memories m
  where (m.bot_id, m.key) in (select g.bot, s.key from shared s join given g on g.ref = s.ref)
  order by m.bot_id, m.key
  for update
), beside as materialized (
  select g.ref, g.tenant, g.bot, g.execution, g.at, g.source, g.mode, s.key, s.value, s.version as source_version,
    s.expires_at, s.deleted, o.version as own_version, i.synced_version,
    o.version is not null and not o.deleted and (o.expires_at is null or o.expires_at > g.at) as held,
    o.value = s.value and not s.deleted as same,
    (o.version = i.synced_version and (not s.deleted or o.origin_id = g.source)) is true as untouched,
    case when g.mode = 'newest' then coalesce(
      (select l.xid from bot_memory_log l where l.bot_id = g.source and l.key = s.key and l.version = s.version),
      '0'::xid8) >= coalesce(
      (select l.xid from bot_memory_log l where l.bot_id = g.bot and l.key = s.key and l.version = o.version),
      '0'::xid8) end as newer
  from shared s
  join given g on g.ref = s.ref
  left join own o on o.bot_id = g.bot and o.key = s.key
  left join bot_shared_memory i on i.target_bot_id = g.bot and i.source_bot_id = g.source and i.memory_key = s.key
), compared as materialized (
  select *, held and not coalesce(same, false) and not untouched and (not deleted or synced_version is not null) as conflict
  from beside
  where not deleted or held and synced_version is not null
), failed as materialized (
  select ref from compared where mode = 'fail' and conflict group by ref
), wanted as materialized (
  select * from compared
  where ref not in (select ref from failed) and not (held and coalesce(same, false))
    and (not conflict or not deleted and (mode = 'source' or mode = 'newest' and newer))
), chosen as materialized (
  select distinct on (bot, key) * from wanted order by bot, key, ref desc
), taken as (
  insert into bot_memories as m (tenant_id, bot_id, key, value, version, created_at, updated_at, expires_at, deleted,
    writer_id, execution_id, origin_id)
  select tenant, bot, key, case when deleted then '' else value end, 1, at, at, case when not deleted then expires_at end,
    deleted, bot, execution, case when not deleted then source end
  from chosen order by bot, key
  on conflict (bot_id, key) do update
    set value = excluded.value, version = m.version + 1, updated_at = excluded.updated_at,
      expires_at = excluded.expires_at, deleted = excluded.deleted, writer_id = excluded.writer_id,
      execution_id = excluded.execution_id, origin_id = excluded.origin_id
    where m.tenant_id = excluded.tenant_id
  returning m.bot_id, m.key, m.version
), noted as (
  insert into bot_shared_memory as s (id, tenant_id, source_bot_id, target_bot_id, memory_key, memory_value, shared_at,
    source_version, deleted, expires_at, synced_version)
  select md5(c.bot::text || c.source::text || c.key)::uuid, c.tenant, c.source, c.bot, c.key,
    case when c.deleted then '' else c.value end, c.at, c.source_version, c.deleted, c.expires_at,
    coalesce(t.version, c.own_version)
  from compared c
  left join chosen w on w.ref = c.ref and w.key = c.key
  left join taken t on t.bot_id = w.bot and t.key = w.key
  where c.ref not in (select ref from failed)
    and (w.ref is not null or c.held and c.same and c.synced_version is distinct from c.own_version)
  on conflict (target_bot_id, source_bot_id, memory_key) do update
    set synced_version = excluded.synced_version, memory_value = excluded.memory_value, deleted = excluded.deleted,
      source_version = excluded.source_version, expires_at = excluded.expires_at
)
select a.ref, case
  when g.ref in (select ref from failed) then jsonb_build_object('error', jsonb_build_object('kind', 'conflict', 'message',
    format('Nothing was taken over from %%s, since both have changed %%s. Use KEEP or NEWEST, or none of them.',
      a.source_name, (select string_agg(c.key, ', ' order by c.key) from compared c where c.ref = g.ref and c.conflict))))
  else jsonb_build_object('v', jsonb_build_object('o', jsonb_build_array(
    'bot', a.source_name,
    'changed', coalesce((select jsonb_agg(w.key order by w.key) from wanted w where w.ref = g.ref), '[]'),
    'removed', coalesce((select jsonb_agg(w.key order by w.key) from wanted w where w.ref = g.ref and w.deleted), '[]'),
    'conflicts', coalesce((select jsonb_agg(c.key order by c.key) from compared c
      where c.ref = g.ref and c.conflict), '[]')))) end as verdict
from unnest(%(ref)b::int[], %(bot)b::uuid[], %(source)b::uuid[], %(source_name)b::text[])
  as a (ref, bot, source, source_name)
join given g on g.bot = a.bot and g.source = a.source
