-- The memory of bots: what each remembers, and what others have shared with it.
--
-- Locks: rows of bot_memories in the order (bot_id, key), then rows of bot_shared_memory in the order of their key.
-- Every statement filters by tenant. The three effect statements never raise on data; they run inside the commit of the
-- engine, in this order, and their arrays hold the rows of a whole batch.

-- name: memory_of
-- The value that one bot remembers under one key.
select value from bot_memories where tenant_id = %(tenant)s and bot_id = %(bot)s and key = %(key)s

-- name: memory_set
-- Several writes of one key in a batch are one row write: the last one wins, the version counts them all.
with given as (
  select t.*, count(*) over (partition by bot, key) as writes
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(at)b::timestamptz[],
              %(key)b::text[], %(value)b::text[]) as t (ref, tenant, bot, at, key, value)
)
insert into bot_memories as m (tenant_id, bot_id, key, value, version, created_at, updated_at)
select distinct on (bot, key) tenant, bot, key, value, writes, at, at
from given
order by bot, key, ref desc
on conflict (bot_id, key) do update
  set value = excluded.value, version = m.version + excluded.version, updated_at = excluded.updated_at
  where m.tenant_id = excluded.tenant_id

-- name: memory_shared
-- Delivers the present value to the target. An older version, read before another share committed, never replaces a
-- newer one. The id follows from what the row is.
with given as (
  select *
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(at)b::timestamptz[],
              %(key)b::text[], %(target)b::uuid[], %(target_name)b::text[])
       as t (ref, tenant, bot, at, key, target, target_name)
), found as (
  select g.*, m.value, m.version
  from given g
  left join bot_memories m on m.tenant_id = g.tenant and m.bot_id = g.bot and m.key = g.key
), delivered as (
  insert into bot_shared_memory as s
    (id, tenant_id, source_bot_id, target_bot_id, memory_key, memory_value, shared_at, source_version)
  select distinct on (target, bot, key)
    md5(target::text || bot::text || key)::uuid, tenant, bot, target, key, value, at, version
  from found
  where version is not null and target <> bot
  order by target, bot, key, ref desc
  on conflict (target_bot_id, source_bot_id, memory_key) do update
    set memory_value = excluded.memory_value, shared_at = excluded.shared_at, source_version = excluded.source_version
    where s.tenant_id = excluded.tenant_id and s.source_version <= excluded.source_version
)
select ref,
  case
    when target = bot then jsonb_build_object('error', jsonb_build_object('kind', 'value', 'message',
      format('BOT SHARE MEMORY needs another bot: %%s is the bot that shares.', target_name)))
    when version is null then jsonb_build_object('error', jsonb_build_object('kind', 'unknown', 'message',
      format('This bot remembers nothing under "%%s", so there is nothing to share with %%s. '
             'Write it first with SET BOT MEMORY.', key, target_name)))
    else jsonb_build_object('v', jsonb_build_object('o',
      jsonb_build_array('key', key, 'bot', target_name, 'version', version)))
  end as verdict
from found

-- name: memory_synced
-- Takes over what a source has shared. A key whose own value was not written by the last sync is a conflict; the
-- source's value wins and the key is named. Rows are locked before they are compared, so no write slips in between.
with given as (
  select *
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(at)b::timestamptz[],
              %(source)b::uuid[], %(source_name)b::text[]) as t (ref, tenant, bot, at, source, source_name)
), shared as materialized (
  select distinct on (g.tenant, s.target_bot_id, s.source_bot_id, s.memory_key)
    s.id, g.tenant, g.bot, g.source, g.ref, g.at, s.memory_key as key, s.memory_value as value, s.synced_version
  from given g
  join bot_shared_memory s on s.tenant_id = g.tenant and s.target_bot_id = g.bot and s.source_bot_id = g.source
  order by g.tenant, s.target_bot_id, s.source_bot_id, s.memory_key, g.ref desc
), own as materialized (
  select m.tenant_id, m.bot_id, m.key, m.value, m.version
  from bot_memories m
  where (m.bot_id, m.key) in (select bot, key from shared)
  order by m.bot_id, m.key
  for update
), compared as (
  select s.*, o.version as own_version, o.value is distinct from s.value as changed,
    o.version is not null and o.version is distinct from s.synced_version and o.value <> s.value as conflict
  from shared s
  left join own o on o.tenant_id = s.tenant and o.bot_id = s.bot and o.key = s.key
), chosen as (
  select distinct on (bot, key) * from compared where changed order by bot, key, ref desc
), taken as (
  insert into bot_memories as m (tenant_id, bot_id, key, value, version, created_at, updated_at)
  select tenant, bot, key, value, 1, at, at from chosen order by bot, key
  on conflict (bot_id, key) do update
    set value = excluded.value, version = m.version + 1, updated_at = excluded.updated_at
    where m.tenant_id = excluded.tenant_id
  returning m.bot_id, m.key, m.version
), noted as (
  update bot_shared_memory s
  set synced_version = coalesce(t.version, c.own_version)
  from compared c
  left join chosen w on w.id = c.id
  left join taken t on t.bot_id = w.bot and t.key = w.key
  where s.id = c.id and (w.id is not null or not c.changed)
    and s.synced_version is distinct from coalesce(t.version, c.own_version)
)
select g.ref,
  jsonb_build_object('v', jsonb_build_object('o', jsonb_build_array(
    'bot', g.source_name,
    'changed', coalesce(jsonb_agg(c.key order by c.key) filter (where c.changed), '[]'),
    'conflicts', coalesce(jsonb_agg(c.key order by c.key) filter (where c.conflict), '[]')))) as verdict
from given g
left join compared c on c.tenant = g.tenant and c.bot = g.bot and c.source = g.source
group by g.ref, g.source_name
