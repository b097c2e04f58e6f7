-- Reading what bots remember. What writes it is in writes.sql, sharing in shares.sql, erasing and upkeep in erase.sql.
-- Every statement filters by tenant, and looks at deletion, time to live and grants as they are at this moment.

-- name: memory_of
-- The value that one bot remembers under one key.
select value from bot_memories
where bot_id = %(bot)b and key = %(key)b and tenant_id = %(tenant)b and not deleted
  and (expires_at is null or expires_at > %(now)b)

-- name: memory_known
-- The same with what is known of it.
select value, version, created_at, updated_at, expires_at, writer_id, origin_id, execution_id
from bot_memories
where bot_id = %(bot)b and key = %(key)b and tenant_id = %(tenant)b and not deleted
  and (expires_at is null or expires_at > %(now)b)

-- name: memory_from
-- What a source shares with a bot under a key, now. No row: nothing is shared so. Value null: shared, and not there.
-- A live grant reads the source; a snapshot the copy that was made.
select g.snapshot,
  case when g.snapshot then (
    select s.memory_value from bot_shared_memory s
    where s.target_bot_id = %(bot)b and s.source_bot_id = %(source)b and s.memory_key = %(key)b and not s.deleted
      and (s.expires_at is null or s.expires_at > %(now)b))
  else (
    select m.value from bot_memories m
    where m.bot_id = %(source)b and m.key = %(key)b and m.tenant_id = %(tenant)b and not m.deleted
      and (m.expires_at is null or m.expires_at > %(now)b)
      and (m.origin_id is null or exists (
        select from bot_memory_grants r where r.source_bot_id = m.origin_id and r.target_bot_id = m.bot_id and r.reshare
          and memory_covers(r.pattern, r.prefix, m.key) and (r.expires_at is null or r.expires_at > %(now)b))))
  end as value,
  case when g.snapshot then (
    select s.source_version from bot_shared_memory s
    where s.target_bot_id = %(bot)b and s.source_bot_id = %(source)b and s.memory_key = %(key)b)
  else (select m.version from bot_memories m where m.bot_id = %(source)b and m.key = %(key)b) end as version
from bot_memory_grants g
where g.target_bot_id = %(bot)b and g.source_bot_id = %(source)b and g.tenant_id = %(tenant)b
  and memory_covers(g.pattern, g.prefix, %(key)b) and (g.expires_at is null or g.expires_at > %(now)b)
order by g.snapshot limit 1

-- name: memory_readable
-- Of these memories, those that the bot may read at this moment, with value and version: its own where the source is
-- null, else another bot's, through a grant. Whoever finds a memory by other means asks here before telling of it.
select w.source, w.key, m.value, m.version
from unnest(%(source)b::uuid[], %(key)b::text[]) as w (source, key)
cross join lateral (
  select m.value, m.version from bot_memories m
  where w.source is null and m.bot_id = %(bot)b and m.key = w.key and m.tenant_id = %(tenant)b and not m.deleted
    and (m.expires_at is null or m.expires_at > %(now)b)
  union all
  select m.value, m.version from bot_memories m
  where m.bot_id = w.source and m.key = w.key and m.tenant_id = %(tenant)b and not m.deleted
    and (m.expires_at is null or m.expires_at > %(now)b)
    and (m.origin_id is null or exists (
      select from bot_memory_grants r where r.source_bot_id = m.origin_id and r.target_bot_id = m.bot_id and r.reshare
        and memory_covers(r.pattern, r.prefix, m.key) and (r.expires_at is null or r.expires_at > %(now)b)))
    and exists (
      select from bot_memory_grants g
      where g.target_bot_id = %(bot)b and g.source_bot_id = w.source and g.tenant_id = %(tenant)b and not g.snapshot
        and memory_covers(g.pattern, g.prefix, w.key) and (g.expires_at is null or g.expires_at > %(now)b))
  union all
  select s.memory_value, s.source_version from bot_shared_memory s
  where s.target_bot_id = %(bot)b and s.source_bot_id = w.source and s.memory_key = w.key
    and s.tenant_id = %(tenant)b and not s.deleted and (s.expires_at is null or s.expires_at > %(now)b)
    and exists (
      select from bot_memory_grants g
      where g.target_bot_id = %(bot)b and g.source_bot_id = w.source and g.tenant_id = %(tenant)b and g.snapshot
        and memory_covers(g.pattern, g.prefix, w.key) and (g.expires_at is null or g.expires_at > %(now)b))
  limit 1) m

-- name: memory_listed
-- What a bot remembers under keys that begin so, in the order of the keys. What is kept about people and conversations
-- is listed only when asked for by its prefix.
select key, value, version, updated_at, expires_at, origin_id
from bot_memories
where bot_id = %(bot)s and tenant_id = %(tenant)s and not deleted and (expires_at is null or expires_at > %(now)s)
  and memory_covers(%(prefix)s, true, key) and (%(after)s::text is null or key collate "C" > %(after)s)
order by key collate "C" limit %(limit)s

-- name: memory_history
-- The versions of a memory, the newest first.
select version, op, value, at, writer_id, origin_id, execution_id
from bot_memory_log
where bot_id = %(bot)s and key = %(key)s and tenant_id = %(tenant)s
order by version desc limit %(limit)s

-- name: memory_grants
-- What a bot shares, and what is shared with it, now.
select g.source_bot_id, g.target_bot_id, g.pattern, g.prefix, g.snapshot, g.writable, g.reshare, g.expires_at,
  g.granted_at, s.name as source_name, t.name as target_name
from bot_memory_grants g
left join bots s on s.id = g.source_bot_id
left join bots t on t.id = g.target_bot_id
where g.tenant_id = %(tenant)s and (g.source_bot_id = %(bot)s or g.target_bot_id = %(bot)s)
  and (g.expires_at is null or g.expires_at > %(now)s)
order by g.granted_at, g.pattern limit %(limit)s

-- name: bots_named
-- The names of bots, as they were first met.
select id, name from bots where tenant_id = %(tenant)s and id = any(%(ids)s)

-- name: memory_changes
-- What was committed in these bots' memories after a snapshot; the first row only tells the snapshot of this look.
select pg_current_snapshot()::text, null::uuid, null::text, null::bigint
union all
(select null, l.bot_id, l.key, max(l.version) from bot_memory_log l
where l.bot_id = any(%(bots)s) and l.xid >= pg_snapshot_xmin(%(since)s::pg_snapshot)
  and not pg_visible_in_snapshot(l.xid, %(since)s::pg_snapshot)
group by l.bot_id, l.key)

-- name: as_request
-- For the rest of the transaction: the role of requests, and the tenant that it sees.
select set_config('role', 'botmcp_request', true), set_config('botmcp.tenant', %(tenant)s, true)

-- name: requests_apart
select exists (
  select from pg_roles r join pg_class c on c.relrowsecurity and c.oid = 'botmcp.bot_memories'::regclass
  where r.rolname = 'botmcp_request' and pg_has_role(current_user, r.oid, 'member'))
