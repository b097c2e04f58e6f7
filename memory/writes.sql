-- What writes the memory of bots: the effect statements, run inside the engine's commit with the rows of a whole batch.
--
-- Locks: rows of bot_memories in the order (bot_id, key); the triggers of that table then take bot_memory_usage and
-- bot_shared_memory, row by row. Two batches that still meet crosswise are repeated by the committer. No statement raises on data.
-- The log, the usage and the delivered copies are kept by the table's triggers (migration 0006).

-- name: memory_set
-- Several writes of one key in a batch are one row write: the last one wins, the version counts them all, and the log
-- keeps each. Answers whom the limits refuse; the committer then writes nothing of theirs.
with given as materialized (
  select t.*, row_number() over (partition by bot, key order by ref) as nth, count(*) over (partition by bot, key) as writes
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
              %(key)b::text[], %(value)b::text[], %(expires)b::timestamptz[])
       as t (ref, tenant, bot, execution, at, key, value, expires)
), crowded as materialized (
  select g.ref, u.keys, u.bytes, octet_length(g.value) as size,
    case when not exists (select from bot_memories m where m.bot_id = g.bot and m.key = g.key and not m.deleted) then
      dense_rank() over (partition by g.bot order by g.key) end as rank
  from bot_memory_usage u join given g on g.bot = u.bot_id and g.tenant = u.tenant_id
  where u.bot_id in (select bot from given)
    and (u.keys + (select count(*) from given) > 100000 or u.bytes + (select sum(octet_length(value)) from given) > 268435456)
), refused as (
  select ref, case when keys + rank > 100000
    then 'This bot remembers 100,000 keys, and no bot may remember more. Delete some with DELETE BOT MEMORY first.'
    else 'This bot remembers 256 MB, and no bot may remember more. Delete something with DELETE BOT MEMORY first.' end as words
  from crowded where keys + rank > 100000 or bytes + size > 268435456
), written as (
  insert into bot_memories as m
    (tenant_id, bot_id, key, value, version, created_at, updated_at, expires_at, writer_id, execution_id)
  select tenant, bot, key, value, writes, at, at, expires, bot, execution
  from given where nth = writes and not exists (select from refused)
  order by bot, key
  on conflict (bot_id, key) do update
    set value = excluded.value, version = m.version + excluded.version, updated_at = excluded.updated_at,
      expires_at = excluded.expires_at, deleted = false, writer_id = excluded.writer_id,
      execution_id = excluded.execution_id, origin_id = null
    where m.tenant_id = excluded.tenant_id
  returning m.tenant_id, m.bot_id, m.key, m.version, m.value, m.execution_id, m.updated_at
), logged as (
  insert into bot_memory_log (tenant_id, bot_id, key, version, op, value, writer_id, execution_id, at)
  select tenant_id, bot_id, key, version, 'set', value, bot_id, execution_id, updated_at
  from written where current_setting('botmcp.log_by', true) = 'caller'
  on conflict do nothing
), overtaken as (
  insert into bot_memory_log (tenant_id, bot_id, key, version, op, value, writer_id, execution_id, at)
  select g.tenant, g.bot, g.key, w.version - g.writes + g.nth, 'set', g.value, g.bot, g.execution, g.at
  from given g join written w on w.bot_id = g.bot and w.key = g.key
  where (select bool_or(nth < writes) from given) and g.nth < g.writes and g.nth > g.writes - 100
  on conflict do nothing
)
select ref, words from refused

-- name: memory_set_again
-- A single write of what is remembered already, which no limit refuses but that of bytes; for a session that logs by
-- itself.
with written as (
  update bot_memories m
  set value = %(value)b, version = m.version + 1, updated_at = %(at)b, expires_at = %(expires)b, writer_id = %(bot)b,
    execution_id = null, origin_id = null
  where m.bot_id = %(bot)b and m.key = %(key)b and m.tenant_id = %(tenant)b and not m.deleted
    and octet_length(%(value)b) < octet_length(m.value) + 65536
  returning m.tenant_id, m.bot_id, m.key, m.version, m.value, m.updated_at
)
insert into bot_memory_log (tenant_id, bot_id, key, version, op, value, writer_id, at)
select tenant_id, bot_id, key, version, 'set', value, bot_id, updated_at from written
on conflict do nothing

-- name: bot_met
insert into bots (id, tenant_id, name, created_at) values (%(bot)s, %(tenant)s, %(name)s, %(now)s) on conflict do nothing

-- name: memory_checked
-- Writes that the present version decides (IF VERSION), and writes of another bot's memory through a writable grant.
-- Where a batch brings writes without a version for a key, they come first, and so those with one are too late.
with given as materialized (
  select t.*, coalesce(owner, bot) as holder
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
              %(key)b::text[], %(value)b::text[], %(expires)b::timestamptz[], %(expected)b::bigint[], %(owner)b::uuid[],
              %(owner_name)b::text[])
       as t (ref, tenant, bot, execution, at, key, value, expires, expected, owner, owner_name)
), allowed as materialized (
  select g.*, m.version as present, coalesce(m.deleted or m.expires_at <= g.at, true) as missing,
    u.keys >= 100000 or u.bytes + octet_length(g.value) > 268435456 as crowded,
    g.holder = g.bot or exists (
      select from bot_memory_grants r where r.source_bot_id = g.holder and r.target_bot_id = g.bot and r.writable
        and r.tenant_id = g.tenant and memory_covers(r.pattern, r.prefix, g.key)
        and (r.expires_at is null or r.expires_at > g.at)) as may
  from given g
  left join bot_memories m on m.bot_id = g.holder and m.key = g.key and m.tenant_id = g.tenant
  left join bot_memory_usage u on u.bot_id = g.holder
), chosen as materialized (
  select distinct on (holder, key) a.*,
    greatest(count(*) filter (where expected is null) over (partition by holder, key), 1) as writes
  from allowed a where may and not (coalesce(crowded, false) and missing)
  order by holder, key, expected is null desc, (expected = case when missing then 0 else present end) desc,
    case when expected is null then -ref else ref end
), put as (
  insert into bot_memories as m
    (tenant_id, bot_id, key, value, version, created_at, updated_at, expires_at, writer_id, execution_id)
  select tenant, holder, key, value, writes, at, at, expires, bot, execution
  from chosen where expected is null or expected = 0 order by holder, key
  on conflict (bot_id, key) do update
    set value = excluded.value, version = m.version + excluded.version, updated_at = excluded.updated_at,
      expires_at = excluded.expires_at, deleted = false, writer_id = excluded.writer_id,
      execution_id = excluded.execution_id, origin_id = null
    where m.tenant_id = excluded.tenant_id and (m.deleted or m.expires_at <= excluded.updated_at
      or exists (select from chosen c where c.holder = m.bot_id and c.key = m.key and c.expected is null))
  returning m.bot_id, m.key, m.version
), changed as (
  update bot_memories m
  set value = c.value, version = m.version + 1, updated_at = c.at, expires_at = c.expires, writer_id = c.bot,
    execution_id = c.execution, origin_id = null
  from chosen c
  where c.expected > 0 and m.bot_id = c.holder and m.key = c.key and m.tenant_id = c.tenant and m.version = c.expected
    and not m.deleted and (m.expires_at is null or m.expires_at > c.at)
  returning m.bot_id, m.key, m.version
), done as (
  select bot_id, key, version from put union all select bot_id, key, version from changed
)
select a.ref, case
  when not a.may then jsonb_build_object('error', jsonb_build_object('kind', 'refused', 'message',
    format('%%s lets nobody here write "%%s". It must share it first: BOT SHARE MEMORY "%%s" WITH ... WRITABLE.',
      coalesce(a.owner_name, 'That bot'), a.key, a.key)))
  when d.version is not null and (a.expected is null or a.ref = c.ref)
    then jsonb_build_object('v', case when a.expected is null then d.version else d.version end)
  when coalesce(a.crowded, false) and a.missing then jsonb_build_object('error', jsonb_build_object('kind', 'limit',
    'message', 'The bot remembers as much as any may: 100,000 keys or 256 MB. Delete something first.'))
  else jsonb_build_object('error', jsonb_build_object('kind', 'conflict', 'message',
    format('"%%s" no longer stands at version %%s: somebody else wrote it. Read it again and decide anew.', a.key,
      a.expected)))
  end as verdict
from allowed a
left join chosen c on c.holder = a.holder and c.key = a.key
left join done d on d.bot_id = a.holder and d.key = a.key

-- name: memory_incremented
-- Adds to numbers, however many do so at once: nothing is read before it is written. Nothing there counts as 0.
with given as materialized (
  select t.*, coalesce(owner, bot) as holder, amount::numeric as more,
    sum(amount::numeric) over (partition by coalesce(owner, bot), key order by ref) as running,
    row_number() over (partition by coalesce(owner, bot), key order by ref) as nth,
    count(*) over (partition by coalesce(owner, bot), key) as writes
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
              %(key)b::text[], %(amount)b::text[], %(expires)b::timestamptz[], %(owner)b::uuid[], %(owner_name)b::text[])
       as t (ref, tenant, bot, execution, at, key, amount, expires, owner, owner_name)
), allowed as materialized (
  select g.*, u.keys >= 100000 and (m.version is null or m.deleted) as crowded,
    g.holder = g.bot or exists (
      select from bot_memory_grants r where r.source_bot_id = g.holder and r.target_bot_id = g.bot and r.writable
        and r.tenant_id = g.tenant and memory_covers(r.pattern, r.prefix, g.key)
        and (r.expires_at is null or r.expires_at > g.at)) as may
  from given g
  left join bot_memories m on m.bot_id = g.holder and m.key = g.key and m.tenant_id = g.tenant
  left join bot_memory_usage u on u.bot_id = g.holder
), summed as materialized (
  select holder, key, sum(more) as more, count(*) as writes,
    (array_agg(tenant order by ref desc))[1] as tenant, (array_agg(bot order by ref desc))[1] as bot,
    (array_agg(execution order by ref desc))[1] as execution, max(at) as at, (array_agg(expires order by ref desc))[1] as expires
  from allowed where may and not coalesce(crowded, false) group by holder, key
), written as (
  insert into bot_memories as m
    (tenant_id, bot_id, key, value, version, created_at, updated_at, expires_at, writer_id, execution_id)
  select tenant, holder, key, trim_scale(more)::text, writes, at, at, expires, bot, execution
  from summed where abs(more) < 1e15 order by holder, key
  on conflict (bot_id, key) do update
    set value = case when m.deleted or m.expires_at <= excluded.updated_at then excluded.value
        else trim_scale(m.value::numeric + excluded.value::numeric)::text end,
      expires_at = case when m.deleted or m.expires_at <= excluded.updated_at then excluded.expires_at
        else m.expires_at end,
      version = m.version + excluded.version, updated_at = excluded.updated_at, deleted = false,
      writer_id = excluded.writer_id, execution_id = excluded.execution_id, origin_id = null
    where m.tenant_id = excluded.tenant_id and case when m.deleted or m.expires_at <= excluded.updated_at then true
      when m.value ~ '^-?[0-9]{1,15}(\.[0-9]{1,30})?(e-[0-9]{1,2})?$'
        then abs(m.value::numeric + excluded.value::numeric) < 1e15 else false end
  returning m.bot_id, m.key, m.version, m.value::numeric as total
), stands as (
  select a.*, w.version, w.total - s.more + sum(a.more) over (partition by a.holder, a.key order by a.ref) as now
  from allowed a
  left join summed s on s.holder = a.holder and s.key = a.key
  left join written w on w.bot_id = a.holder and w.key = a.key
  where a.may and not coalesce(a.crowded, false)
), overtaken as (
  insert into bot_memory_log (tenant_id, bot_id, key, version, op, value, writer_id, execution_id, at)
  select tenant, holder, key, version - writes + nth, 'set', trim_scale(now)::text, bot, execution, at
  from stands where version is not null and nth < writes and nth > writes - 100
  on conflict do nothing
)
select a.ref, case
  when not a.may then jsonb_build_object('error', jsonb_build_object('kind', 'refused', 'message',
    format('%%s lets nobody here write "%%s". It must share it first: BOT SHARE MEMORY "%%s" WITH ... WRITABLE.',
      coalesce(a.owner_name, 'That bot'), a.key, a.key)))
  when coalesce(a.crowded, false) then jsonb_build_object('error', jsonb_build_object('kind', 'limit', 'message',
    'The bot remembers 100,000 keys, and no bot may remember more. Delete some with DELETE BOT MEMORY first.'))
  when s.version is null then jsonb_build_object('error', jsonb_build_object('kind', 'value', 'message',
    format('What is remembered under "%%s" is not a number below 1e15, so nothing can be added to it.', a.key)))
  else jsonb_build_object('v', trim_scale(s.now)) end as verdict
from allowed a left join stands s on s.ref = a.ref

-- name: memory_appended
-- Adds items to lists, however many do so at once. Nothing there counts as an empty list.
with given as materialized (
  select t.*, coalesce(owner, bot) as holder
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
              %(key)b::text[], %(item)b::text[], %(owner)b::uuid[], %(owner_name)b::text[])
       as t (ref, tenant, bot, execution, at, key, item, owner, owner_name)
), allowed as materialized (
  select g.*, u.keys >= 100000 and (m.version is null or m.deleted) or u.bytes > 268435456 as crowded,
    g.holder = g.bot or exists (
      select from bot_memory_grants r where r.source_bot_id = g.holder and r.target_bot_id = g.bot and r.writable
        and r.tenant_id = g.tenant and memory_covers(r.pattern, r.prefix, g.key)
        and (r.expires_at is null or r.expires_at > g.at)) as may
  from given g
  left join bot_memories m on m.bot_id = g.holder and m.key = g.key and m.tenant_id = g.tenant
  left join bot_memory_usage u on u.bot_id = g.holder
), numbered as materialized (
  select a.*, row_number() over (partition by holder, key order by ref) as nth,
    count(*) over (partition by holder, key) as writes
  from allowed a where may and not coalesce(crowded, false)
), joined as materialized (
  select holder, key, string_agg(item, ', ' order by ref) as items, count(*) as writes,
    (array_agg(tenant order by ref desc))[1] as tenant, (array_agg(bot order by ref desc))[1] as bot,
    (array_agg(execution order by ref desc))[1] as execution, max(at) as at
  from numbered group by holder, key
), written as (
  insert into bot_memories as m (tenant_id, bot_id, key, value, version, created_at, updated_at, writer_id, execution_id)
  select tenant, holder, key, '[' || items || ']', writes, at, at, bot, execution
  from joined where octet_length(items) < 1048574 order by holder, key
  on conflict (bot_id, key) do update
    set value = case when m.deleted or m.expires_at <= excluded.updated_at then excluded.value
        else memory_appended(m.value, substr(excluded.value, 2, length(excluded.value) - 2)) end,
      expires_at = case when m.deleted or m.expires_at <= excluded.updated_at then null else m.expires_at end,
      version = m.version + excluded.version, updated_at = excluded.updated_at, deleted = false,
      writer_id = excluded.writer_id, execution_id = excluded.execution_id, origin_id = null
    where m.tenant_id = excluded.tenant_id and case when m.deleted or m.expires_at <= excluded.updated_at then true
      when memory_list(m.value) is null then false
      else octet_length(m.value) + octet_length(excluded.value) <= 1048576 end
  returning m.bot_id, m.key, m.version, m.value
), overtaken as (
  insert into bot_memory_log (tenant_id, bot_id, key, version, op, value, writer_id, execution_id, at)
  select n.tenant, n.holder, n.key, w.version - n.writes + n.nth, 'set',
    memory_shortened(w.value, (n.writes - n.nth)::int), n.bot, n.execution, n.at
  from numbered n join written w on w.bot_id = n.holder and w.key = n.key
  where n.nth < n.writes and n.nth > n.writes - 100
  on conflict do nothing
)
select a.ref, case
  when not a.may then jsonb_build_object('error', jsonb_build_object('kind', 'refused', 'message',
    format('%%s lets nobody here write "%%s". It must share it first: BOT SHARE MEMORY "%%s" WITH ... WRITABLE.',
      coalesce(a.owner_name, 'That bot'), a.key, a.key)))
  when coalesce(a.crowded, false) then jsonb_build_object('error', jsonb_build_object('kind', 'limit', 'message',
    'The bot remembers as much as any may: 100,000 keys or 256 MB. Delete something first.'))
  when w.version is null then jsonb_build_object('error', jsonb_build_object('kind', 'value', 'message',
    format('What is remembered under "%%s" is not a list that has room for more within 1 MB.', a.key)))
  else jsonb_build_object('v', json_array_length(memory_list(w.value)) - n.writes + n.nth) end as verdict
from allowed a
left join numbered n on n.ref = a.ref
left join written w on w.bot_id = a.holder and w.key = a.key

-- name: memory_deleted
-- Leaves a tombstone, so that versions go on and the deletion is delivered. Answers whether something was there.
with given as materialized (
  select t.*, coalesce(owner, bot) as holder
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
              %(key)b::text[], %(owner)b::uuid[], %(owner_name)b::text[])
       as t (ref, tenant, bot, execution, at, key, owner, owner_name)
), allowed as materialized (
  select g.*, g.holder = g.bot or exists (
    select from bot_memory_grants r where r.source_bot_id = g.holder and r.target_bot_id = g.bot and r.writable
      and r.tenant_id = g.tenant and memory_covers(r.pattern, r.prefix, g.key)
      and (r.expires_at is null or r.expires_at > g.at)) as may
  from given g
), chosen as materialized (
  select distinct on (holder, key) * from allowed where may order by holder, key, ref
), held as materialized (
  select m.bot_id, m.key from bot_memories m join chosen c on c.holder = m.bot_id and c.key = m.key and c.tenant = m.tenant_id
  order by m.bot_id, m.key for update of m
), gone as (
  update bot_memories m
  set deleted = true, value = '', version = m.version + 1, updated_at = c.at, expires_at = null, writer_id = c.bot,
    execution_id = c.execution, origin_id = null
  from chosen c join held h on h.bot_id = c.holder and h.key = c.key
  where m.bot_id = c.holder and m.key = c.key and m.tenant_id = c.tenant and not m.deleted
    and (m.expires_at is null or m.expires_at > c.at)
  returning c.ref
)
select a.ref, case when a.may then jsonb_build_object('v', a.ref in (select ref from gone))
  else jsonb_build_object('error', jsonb_build_object('kind', 'refused', 'message',
    format('%%s lets nobody here write "%%s". It must share it first: BOT SHARE MEMORY "%%s" WITH ... WRITABLE.',
      coalesce(a.owner_name, 'That bot'), a.key, a.key))) end as verdict
from allowed a
