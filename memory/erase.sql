-- Exporting and erasing all that is known of a bot or of a person, and the upkeep that forgets what is over.
--
-- A person is known by the session of their conversations: keys user/<person>/, session/<person>/, context/<person>/.

-- name: of_subject
-- The memories of a subject, in every bot.
select b.name as bot, m.bot_id, m.key, m.value, m.version, m.created_at, m.updated_at, m.expires_at, m.origin_id
from bot_memories m left join bots b on b.id = m.bot_id
where m.tenant_id = %(tenant)s and not m.deleted and (m.bot_id = %(bot)s
  or %(person)s <> '' and split_part(m.key, '/', 1) in ('user', 'session', 'context') and split_part(m.key, '/', 2) = %(person)s)
order by m.bot_id, m.key

-- name: versions_of_subject
select l.bot_id, l.key, l.version, l.op, l.value, l.at, l.execution_id
from bot_memory_log l
where l.tenant_id = %(tenant)s and (l.bot_id = %(bot)s
  or %(person)s <> '' and split_part(l.key, '/', 1) in ('user', 'session', 'context') and split_part(l.key, '/', 2) = %(person)s)
order by l.bot_id, l.key, l.version

-- name: inbox_of_subject
select s.source_bot_id, s.target_bot_id, s.memory_key as key, s.memory_value as value, s.source_version, s.shared_at
from bot_shared_memory s
where s.tenant_id = %(tenant)s and (s.target_bot_id = %(bot)s
  or %(person)s <> '' and split_part(s.memory_key, '/', 1) in ('user', 'session', 'context')
    and split_part(s.memory_key, '/', 2) = %(person)s)
order by s.target_bot_id, s.source_bot_id, s.memory_key

-- name: erase_memories
with gone as (
  delete from bot_memories m
  where m.tenant_id = %(tenant)s and (m.bot_id = %(bot)s
    or %(person)s <> '' and split_part(m.key, '/', 1) in ('user', 'session', 'context') and split_part(m.key, '/', 2) = %(person)s)
  returning deleted
)
select count(*) filter (where not deleted) from gone

-- name: erase_versions
with gone as (
  delete from bot_memory_log l
  where l.tenant_id = %(tenant)s and (l.bot_id = %(bot)s
    or %(person)s <> '' and split_part(l.key, '/', 1) in ('user', 'session', 'context') and split_part(l.key, '/', 2) = %(person)s)
  returning 1
)
select count(*) from gone

-- name: erase_copies
with gone as (
  delete from bot_shared_memory s
  where s.tenant_id = %(tenant)s and (s.source_bot_id = %(bot)s or s.target_bot_id = %(bot)s
    or %(person)s <> '' and split_part(s.memory_key, '/', 1) in ('user', 'session', 'context')
      and split_part(s.memory_key, '/', 2) = %(person)s)
  returning 1
)
select count(*) from gone

-- name: erase_grants
with gone as (
  delete from bot_memory_grants g
  where g.tenant_id = %(tenant)s and (g.source_bot_id = %(bot)s or g.target_bot_id = %(bot)s
    or %(person)s <> '' and split_part(g.pattern, '/', 1) in ('user', 'session', 'context')
      and split_part(g.pattern, '/', 2) = %(person)s)
  returning 1
)
select count(*) from gone

-- name: erase_mentions
-- Copies that other bots took over are theirs; from whom, is forgotten.
with memories as (
  update bot_memories set origin_id = nullif(origin_id, %(bot)s), writer_id = nullif(writer_id, %(bot)s)
  where tenant_id = %(tenant)s and (origin_id = %(bot)s or writer_id = %(bot)s)
), versions as (
  update bot_memory_log set origin_id = nullif(origin_id, %(bot)s), writer_id = nullif(writer_id, %(bot)s)
  where tenant_id = %(tenant)s and (origin_id = %(bot)s or writer_id = %(bot)s)
), used as (
  delete from bot_memory_usage where tenant_id = %(tenant)s and bot_id = %(bot)s
)
delete from bots where tenant_id = %(tenant)s and id = %(bot)s

-- name: note_erasure
insert into bot_memory_erasures (tenant_id, subject, counts, at)
values (%(tenant)s, sha256(convert_to(%(tenant)s::text || '/' || %(name)s, 'utf8')), %(counts)s, %(now)s)

-- name: upkeep_lock
select pg_try_advisory_xact_lock(hashtextextended('botmcp memory upkeep', 0))

-- name: forget_expired
-- What has lived its time becomes a tombstone, so that its end is logged and delivered like any deletion.
with over as (
  select bot_id, key from bot_memories where expires_at <= %(now)s and not deleted
  order by bot_id, key limit 1000 for update skip locked
)
update bot_memories m
set deleted = true, value = '', version = m.version + 1, updated_at = %(now)s, expires_at = null, writer_id = null,
  execution_id = null, origin_id = null
from over o where m.bot_id = o.bot_id and m.key = o.key

-- name: forget_grants
delete from bot_memory_grants where expires_at <= %(now)s

-- name: forget_copies
-- Copies that no grant covers: a write that met its revocation may have left one. Nobody could read it meanwhile.
delete from bot_shared_memory s
where not exists (
  select from bot_memory_grants g
  where g.source_bot_id = s.source_bot_id and g.target_bot_id = s.target_bot_id
    and memory_covers(g.pattern, g.prefix, s.memory_key) and (g.expires_at is null or g.expires_at > %(now)s))

-- name: deliver_late
-- Copies that a write and a new grant, each unseen by the other, did not deliver. Nobody who asks is misled meanwhile.
with late as materialized (
  select distinct on (g.target_bot_id, m.bot_id, m.key) m.*, g.target_bot_id
  from bot_memory_grants g
  join bot_memories m on m.bot_id = g.source_bot_id and m.tenant_id = g.tenant_id
    and memory_covers(g.pattern, g.prefix, m.key) and m.origin_id is null
  left join bot_shared_memory s
    on s.target_bot_id = g.target_bot_id and s.source_bot_id = m.bot_id and s.memory_key = m.key
  where not g.snapshot and g.granted_at > %(since)s and (g.expires_at is null or g.expires_at > %(now)s)
    and (not m.shared and not m.deleted or s.source_version < m.version)
  order by g.target_bot_id, m.bot_id, m.key
), marked as (
  update bot_memories m set shared = true from late l where m.bot_id = l.bot_id and m.key = l.key and not m.shared
)
insert into bot_shared_memory as s
  (id, tenant_id, source_bot_id, target_bot_id, memory_key, memory_value, shared_at, source_version, deleted, expires_at)
select md5(target_bot_id::text || bot_id::text || key)::uuid, tenant_id, bot_id, target_bot_id, key, value, updated_at,
  version, deleted, expires_at
from late order by target_bot_id, bot_id, key
on conflict (target_bot_id, source_bot_id, memory_key) do update
  set memory_value = excluded.memory_value, shared_at = excluded.shared_at, deleted = excluded.deleted,
    source_version = excluded.source_version, expires_at = excluded.expires_at
  where s.source_version < excluded.source_version

-- name: forget_old_versions
-- A memory keeps its last hundred versions; of what was written lately, older ones go.
delete from bot_memory_log l
using (
  select distinct n.bot_id, n.key, m.version from bot_memory_log n
  join bot_memories m on m.bot_id = n.bot_id and m.key = n.key and m.version > 100
  where n.at > %(since)s and n.version > 100) w
where l.bot_id = w.bot_id and l.key = w.key and l.version <= w.version - 100

-- name: forget_versions
-- History is kept for thirty days; the present version of what is there always.
delete from bot_memory_log l
where l.at < %(old)s and not exists (
  select from bot_memories m where m.bot_id = l.bot_id and m.key = l.key and m.version = l.version and not m.deleted)

-- name: forget_tombstones
delete from bot_memories where deleted and updated_at < %(old)s

-- name: measure_bytes
-- Small changes are not counted as they happen; once an hour what changed lately is measured.
update bot_memory_usage u set bytes = s.bytes, keys = s.keys
from (select m.bot_id, sum(octet_length(m.value)) as bytes, count(*) as keys from bot_memories m
  where not m.deleted and m.bot_id in (select distinct bot_id from bot_memory_log where at > %(since)s)
  group by m.bot_id) s
where u.bot_id = s.bot_id and (u.bytes <> s.bytes or u.keys <> s.keys)
