-- Keeping our rows and the host's public.bot_memories in step: `botmcp host install-trigger`, and upkeep.

-- name: host_tables
select to_regclass('public.bots') is not null and to_regclass('public.bot_memories') is not null

-- name: host_installed
select exists (select from pg_trigger where tgname = 'botmcp_memory' and tgrelid = to_regclass('public.bot_memories'))

-- name: host_new_bots
-- Bots of the host that we have not met.
select b.id, b.name from public.bots b where not exists (select from host_bots h where h.host_id = b.id)

-- name: host_meet
insert into host_bots (host_id, tenant_id, bot_id, name)
select * from unnest(%(host)s::uuid[], %(tenant)s::uuid[], %(bot)s::uuid[], %(name)s::text[]) on conflict do nothing

-- name: host_name
insert into bots (id, tenant_id, name, created_at)
select bot_id, tenant_id, name, %(now)s from host_bots where host_id = any(%(host)s) on conflict do nothing

-- name: host_take
-- What the host remembers of bots that were just met; where both do, the host's value is the later one.
insert into bot_memories as m (tenant_id, bot_id, key, value, version, created_at, updated_at)
select h.tenant_id, h.bot_id, p.key, p.value, 1, %(now)s, %(now)s
from public.bot_memories p join host_bots h on h.host_id = p.bot_id
where h.host_id = any(%(host)s) and octet_length(p.key) between 1 and 512 and octet_length(p.value) <= 1048576
order by h.bot_id, p.key
on conflict (bot_id, key) do update
  set value = excluded.value, version = m.version + 1, updated_at = excluded.updated_at, expires_at = null,
    deleted = false, writer_id = null, execution_id = null, origin_id = null
  where m.deleted or m.value is distinct from excluded.value

-- name: host_give
-- What we remember of them and the host does not.
insert into public.bot_memories (id, bot_id, key, value, created_at, updated_at)
select gen_random_uuid(), h.host_id, m.key, m.value, m.created_at, m.updated_at
from bot_memories m join host_bots h on h.bot_id = m.bot_id
where h.host_id = any(%(host)s) and not m.deleted
on conflict (bot_id, key) do nothing

-- name: host_trigger
create or replace trigger botmcp_memory after insert or update or delete on public.bot_memories
for each row execute function botmcp.host_memory_written()

-- name: host_mirror
create or replace trigger memory_mirrored after insert or update or delete on botmcp.bot_memories
for each row execute function botmcp.memory_mirrored()

-- name: host_lock
lock table public.bot_memories in share row exclusive mode
