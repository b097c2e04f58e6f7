-- What a bot may find: its own memories and the copies delivered to it. Only reads.
--
-- Each statement answers one row at least: the snapshot it saw, then nulls or a row. An entry is `/key` when the bot's
-- own, `source/key` when delivered; a mark names it where its key must not be written (`storage/vectors/store.py`).
-- What is kept about conversations and answers of models (session/, cached/) is nobody's memory to be found.

-- name: everything
with now as materialized (select pg_current_snapshot()::text as seen)
select now.seen, c.*
from now left join (
  select '/' || key as entry, null::text as mark, version, left(value, 60000) as value, updated_at as at
  from bot_memories
  where tenant_id = %(tenant)s and bot_id = %(owner)s and not deleted and key !~ '^(session|cached)/'
  union all
  select source_bot_id::text || '/' || memory_key, null, source_version, left(memory_value, 60000), shared_at
  from bot_shared_memory
  where tenant_id = %(tenant)s and target_bot_id = %(owner)s and not deleted and memory_key !~ '^(session|cached)/'
) c on true

-- name: changed
with now as materialized (select pg_current_snapshot()::text as seen),
since as materialized (select %(since)s::text::pg_snapshot as known),
own as (
  select distinct l.key from bot_memory_log l, since
  where l.tenant_id = %(tenant)s and l.bot_id = %(owner)s
    and l.xid >= pg_snapshot_xmin(since.known) and not pg_visible_in_snapshot(l.xid, since.known)
    and l.key !~ '^(session|cached)/'
)
select now.seen, c.*
from now left join (
  select '/' || own.key as entry, case when m.key is null then md5(%(owner)s::uuid::text || '/' || own.key) end as mark,
    m.version, left(m.value, 60000) as value, m.updated_at as at
  from own left join bot_memories m
    on m.tenant_id = %(tenant)s and m.bot_id = %(owner)s and m.key = own.key and not m.deleted
  union all
  select s.source_bot_id::text || '/' || s.memory_key,
    case when s.deleted then md5(%(owner)s::uuid::text || s.source_bot_id::text || '/' || s.memory_key) end,
    s.source_version, left(s.memory_value, 60000), s.shared_at
  from bot_shared_memory s, since
  where s.tenant_id = %(tenant)s and s.target_bot_id = %(owner)s and s.changed >= pg_snapshot_xmin(since.known)
    and not pg_visible_in_snapshot(s.changed, since.known) and s.memory_key !~ '^(session|cached)/'
  union all
  select '', g.mark, null, null, null
  from search_gone g, since
  where g.tenant_id = %(tenant)s and g.owner = %(owner)s and g.source = 'memory'
    and g.xid >= pg_snapshot_xmin(since.known) and not pg_visible_in_snapshot(g.xid, since.known)
) c on true

-- name: owners
-- All that have anything to find.
with now as materialized (select pg_current_snapshot()::text as seen)
select now.seen, c.*
from now left join (
  select tenant_id, bot_id from bot_memories group by 1, 2
  union
  select tenant_id, target_bot_id from bot_shared_memory group by 1, 2
) c on true

-- name: owners_changed
-- Goes from bot to bot along the index of the log, so it costs a look for each bot and not for each row.
with recursive now as materialized (select pg_current_snapshot()::text as seen),
since as materialized (select %(since)s::text::pg_snapshot as known),
bot as (
  (select bot_id from bot_memory_log order by bot_id limit 1)
  union all
  select (select l.bot_id from bot_memory_log l where l.bot_id > bot.bot_id order by l.bot_id limit 1)
  from bot where bot.bot_id is not null
),
target as (
  (select target_bot_id from bot_shared_memory order by target_bot_id limit 1)
  union all
  select (select s.target_bot_id from bot_shared_memory s where s.target_bot_id > target.target_bot_id
    order by s.target_bot_id limit 1)
  from target where target.target_bot_id is not null
)
select now.seen, c.*
from now left join (
  select f.tenant_id, bot.bot_id
  from bot, since, lateral (select l.tenant_id from bot_memory_log l
    where l.bot_id = bot.bot_id and l.xid >= pg_snapshot_xmin(since.known)
      and not pg_visible_in_snapshot(l.xid, since.known) limit 1) f
  union
  select f.tenant_id, target.target_bot_id
  from target, since, lateral (select s.tenant_id from bot_shared_memory s
    where s.target_bot_id = target.target_bot_id and s.changed >= pg_snapshot_xmin(since.known)
      and not pg_visible_in_snapshot(s.changed, since.known) limit 1) f
  union
  select g.tenant_id, g.owner from search_gone g, since
  where g.source = 'memory' and g.xid >= pg_snapshot_xmin(since.known)
    and not pg_visible_in_snapshot(g.xid, since.known)
) c on true
