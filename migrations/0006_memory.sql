-- works with: 0001
-- Memory that bots share: versions, history, time to live, tombstones, grants, and what one bot may hold.

set local search_path = botmcp, public;

-- A deleted memory stays as a row without a value for a while, so that its versions go on and its deletion is delivered.
-- Code that does not know `deleted` reads an empty text there, which is what a memory that is not there is read as.
alter table bot_memories
  add column expires_at timestamptz,
  add column deleted boolean not null default false,
  add column writer_id uuid,                            -- the bot that wrote it: another one, through a writable grant
  add column execution_id uuid,                         -- the run that wrote it
  add column origin_id uuid,                            -- the bot it was taken over from, unmodified since
  add column shared boolean not null default false,     -- a grant may cover it, so each version is delivered
  set (fillfactor = 80);
create index bot_memories_expiry on bot_memories (expires_at) where expires_at is not null;

-- Each committed version of each memory: history for people, and the feed that search indexes follow by xid.
create table bot_memory_log (
  tenant_id uuid not null,
  bot_id uuid not null,
  key text not null,
  version bigint not null,
  op text not null,                                     -- set, sync, delete
  value text,                                           -- null once deleted
  writer_id uuid,                                       -- null: unknown, the host or an older release
  execution_id uuid,
  origin_id uuid,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null,
  primary key (bot_id, key, version)
);
create index bot_memory_log_feed on bot_memory_log (bot_id, xid);
create index bot_memory_log_age on bot_memory_log using brin (at);

-- Who may see what. A pattern is a key, or, with prefix, what keys begin with.
create table bot_memory_grants (
  tenant_id uuid not null,
  source_bot_id uuid not null,
  target_bot_id uuid not null,
  pattern text not null,
  prefix boolean not null,
  snapshot boolean not null default false,              -- the copy made at the time of sharing, never a later value
  writable boolean not null default false,              -- the target may write the source's memory
  reshare boolean not null default false,               -- the target may share its copy on
  expires_at timestamptz,
  granted_at timestamptz not null,
  execution_id uuid,
  primary key (source_bot_id, target_bot_id, pattern, prefix)
);
create index bot_memory_grants_target on bot_memory_grants (target_bot_id, source_bot_id);
create index bot_memory_grants_expiry on bot_memory_grants (expires_at) where expires_at is not null;

-- The delivered copies. What was shared before grants existed is a copy made at the time of sharing.
alter table bot_shared_memory
  add column deleted boolean not null default false,    -- the source deleted it: a tombstone, delivered
  add column expires_at timestamptz;
create index bot_shared_memory_source on bot_shared_memory (source_bot_id, memory_key);
insert into bot_memory_grants (tenant_id, source_bot_id, target_bot_id, pattern, prefix, snapshot, granted_at)
select tenant_id, source_bot_id, target_bot_id, memory_key, false, true, shared_at from bot_shared_memory
on conflict do nothing;

-- What each bot holds, so that a limit costs no count. Bytes follow changes of a kilobyte and more.
create table bot_memory_usage (
  tenant_id uuid not null,
  bot_id uuid primary key,
  keys bigint not null,
  bytes bigint not null
) with (fillfactor = 50);
insert into bot_memory_usage (tenant_id, bot_id, keys, bytes)
select tenant_id, bot_id, count(*), sum(octet_length(value)) from bot_memories group by tenant_id, bot_id;

-- That something was erased, and how much; whose it was, only who knows the name can tell.
create table bot_memory_erasures (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  subject bytea not null,                               -- sha256 of tenant and name
  counts jsonb not null,
  at timestamptz not null
);

-- Whether a grant covers a key. What is kept about people and conversations is covered only by a pattern that says so.
create function memory_covers(pattern text, prefix boolean, key text) returns boolean
language sql immutable parallel safe as $$
  select case when prefix then starts_with(key, pattern)
      and (pattern ~ '^(session|user|context|cached)/' or key !~ '^(session|user|context|cached)/')
    else key = pattern end
$$;

-- A text as the list that it is; null when it is none. Never raises.
create function memory_list(content text) returns json
language plpgsql immutable as $$
begin
  return case when json_typeof(content::json) = 'array' then content::json end;
exception when others then
  return null;
end
$$;

-- A list of memory with items (JSON, with commas) at its end; null when the memory holds no list.
create function memory_appended(content text, items text) returns text
language sql immutable as $$
  select case when json_array_length(l) = 0 then '[' || items || ']'
    else rtrim(left(rtrim(content, E' \t\r\n'), -1), E' \t\r\n') || ', ' || items || ']' end
  from memory_list(content) l where l is not null
$$;

-- The list without its last items, as it stood before they came.
create function memory_shortened(content text, fewer integer) returns text
language sql immutable as $$
  select coalesce('[' || string_agg(e.item::text, ', ' order by e.place) filter (where e.place <= e.whole - fewer) || ']', '[]')
  from (select item, place, count(*) over () as whole
    from json_array_elements(memory_list(content)) with ordinality as t(item, place)) e
$$;

-- The triggers below keep log, usage and delivered copies in step with bot_memories, whoever writes it: our statements,
-- code one release older, people. A later version of a memory that nobody shares costs one row of the log and no more.

-- A session whose statements write the log themselves, set-wise, says so: botmcp.log_by = 'caller'.
create function memory_logged() returns trigger
language plpgsql set search_path = botmcp, pg_catalog as $$
begin
  insert into bot_memory_log (tenant_id, bot_id, key, version, op, value, writer_id, execution_id, origin_id, at)
  values (new.tenant_id, new.bot_id, new.key, new.version,
    case when new.deleted then 'delete' when new.origin_id is not null then 'sync' else 'set' end,
    case when not new.deleted then new.value end, new.writer_id, new.execution_id, new.origin_id, new.updated_at)
  on conflict do nothing;
  return null;
end
$$;
create trigger memory_logged_new after insert on bot_memories for each row
  when (current_setting('botmcp.log_by', true) is distinct from 'caller') execute function memory_logged();
create trigger memory_logged after update on bot_memories for each row
  when (old.version <> new.version and current_setting('botmcp.log_by', true) is distinct from 'caller')
  execute function memory_logged();

create function memory_measured() returns trigger
language plpgsql set search_path = botmcp, pg_catalog as $$
declare
  more bigint := case when new.deleted then 0 else 1 end;
  longer bigint := octet_length(new.value);
begin
  if tg_op = 'UPDATE' then
    more := more - case when old.deleted then 0 else 1 end;
    longer := longer - octet_length(old.value);
  end if;
  insert into bot_memory_usage as u (tenant_id, bot_id, keys, bytes) values (new.tenant_id, new.bot_id, more, longer)
  on conflict (bot_id) do update
    set keys = greatest(u.keys + excluded.keys, 0), bytes = greatest(u.bytes + excluded.bytes, 0);
  return null;
end
$$;
create trigger memory_measured_new after insert on bot_memories for each row execute function memory_measured();
create trigger memory_measured after update on bot_memories for each row
  when (old.deleted <> new.deleted or abs(octet_length(new.value) - octet_length(old.value)) >= 1024)
  execute function memory_measured();

-- A new memory is marked as shared where a prefix covers it; what was there is marked by BOT SHARE MEMORY.
create function memory_delivered() returns trigger
language plpgsql set search_path = botmcp, pg_catalog as $$
begin
  insert into bot_shared_memory as s
    (id, tenant_id, source_bot_id, target_bot_id, memory_key, memory_value, shared_at, source_version, deleted, expires_at)
  select distinct on (g.target_bot_id)
    md5(g.target_bot_id::text || new.bot_id::text || new.key)::uuid, new.tenant_id, new.bot_id, g.target_bot_id, new.key,
    new.value, new.updated_at, new.version, new.deleted, new.expires_at
  from bot_memory_grants g
  where g.source_bot_id = new.bot_id and g.tenant_id = new.tenant_id
    and memory_covers(g.pattern, g.prefix, new.key) and not g.snapshot
    and (g.expires_at is null or g.expires_at > new.updated_at)
    and (new.origin_id is null or exists (
      select from bot_memory_grants r where r.source_bot_id = new.origin_id and r.target_bot_id = new.bot_id and r.reshare
        and memory_covers(r.pattern, r.prefix, new.key) and (r.expires_at is null or r.expires_at > new.updated_at)))
  order by g.target_bot_id
  on conflict (target_bot_id, source_bot_id, memory_key) do update
    set memory_value = excluded.memory_value, shared_at = excluded.shared_at, deleted = excluded.deleted,
      source_version = excluded.source_version, expires_at = excluded.expires_at
    where s.source_version < excluded.source_version;
  if found and not new.shared then
    update bot_memories set shared = true where bot_id = new.bot_id and key = new.key;
  end if;
  return null;
end
$$;
create trigger memory_delivered_new after insert on bot_memories for each row execute function memory_delivered();
create trigger memory_delivered after update on bot_memories for each row
  when (new.shared and old.version <> new.version) execute function memory_delivered();

create function memory_removed() returns trigger
language plpgsql set search_path = botmcp, pg_catalog as $$
begin
  update bot_memory_usage u set keys = greatest(u.keys - o.keys, 0), bytes = greatest(u.bytes - o.bytes, 0)
  from (select bot_id, count(*) as keys, sum(octet_length(value)) as bytes from old_rows where not deleted
    group by bot_id) o
  where u.bot_id = o.bot_id;
  return null;
end
$$;
create trigger memory_removed after delete on bot_memories
  referencing old table as old_rows for each statement execute function memory_removed();

-- Tenants are kept apart by every statement, and behind that by the server itself: requests read under a role that neither
-- owns the tables nor passes by their policies, and sees the tenant that its session names. The engine's role crosses
-- tenants. Where our user may not make roles, the statements' own filters stand alone, and `botmcp doctor` says so.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['botmcp_engine', 'botmcp_request'] loop
    begin
      if not exists (select from pg_roles where rolname = wanted) then
        execute format('create role %I nologin', wanted);
      end if;
      if not pg_has_role(current_user, wanted, 'member') then
        execute format('grant %I to current_user', wanted);
      end if;
    exception when others then  -- not permitted, or somebody else was first
      raise notice 'row-level security: %', sqlerrm;
    end;
  end loop;
end
$$;

-- Call it for each table that is made later; it does nothing where the roles are not there.
create function tenants_apart(wanted regclass) returns void
language plpgsql set search_path = botmcp, pg_catalog as $$
begin
  if (select count(*) from pg_roles where rolname in ('botmcp_engine', 'botmcp_request')) < 2 then
    return;
  end if;
  execute format('alter table %s enable row level security', wanted);
  execute format('create policy engine_crosses on %s to botmcp_engine using (true) with check (true)', wanted);
  execute format('create policy request_stays on %s to botmcp_request
    using (tenant_id = nullif(current_setting(''botmcp.tenant'', true), '''')::uuid)
    with check (tenant_id = nullif(current_setting(''botmcp.tenant'', true), '''')::uuid)', wanted);
  execute format('grant select, insert, update, delete on %s to botmcp_engine', wanted);
  execute format('grant select on %s to botmcp_request', wanted);
end
$$;
do $$
begin
  perform tenants_apart(c.oid::regclass) from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
  where c.relnamespace = 'botmcp'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition;
  if (select count(*) from pg_roles where rolname in ('botmcp_engine', 'botmcp_request')) = 2 then
    grant usage on schema botmcp to botmcp_engine, botmcp_request;
    grant usage on all sequences in schema botmcp to botmcp_engine;
  end if;
end
$$;

-- Where the host's own public.bot_memories stands in this database, its owner may have two triggers put there and here
-- (`botmcp host install-trigger`): then a row of ours and the row of the host are written in one transaction, whoever
-- writes, so the host's keywords and ours work on the same memories, and what the host writes is in history, shares and
-- search. Each side writes the other only what differs, which is where it ends. The host's tables are not altered.
create table host_bots (
  host_id uuid primary key,                             -- public.bots.id
  tenant_id uuid not null,
  bot_id uuid not null,
  name text not null
);
create unique index host_bots_bot on host_bots (bot_id);

create function host_memory_written() returns trigger
language plpgsql security definer set search_path = botmcp, pg_catalog as $$
declare
  row_ record;
  known host_bots;
begin
  if tg_op = 'DELETE' then row_ := old; else row_ := new; end if;
  select * into known from host_bots h where h.host_id = row_.bot_id;
  if not found or octet_length(row_.key) not between 1 and 512 or octet_length(row_.value) > 1048576 then
    return null;
  end if;
  if tg_op = 'DELETE' then
    update bot_memories m
    set deleted = true, value = '', version = m.version + 1, updated_at = clock_timestamp(), expires_at = null,
      writer_id = null, execution_id = null, origin_id = null
    where m.bot_id = known.bot_id and m.key = old.key and not m.deleted;
    return null;
  end if;
  insert into bot_memories as m (tenant_id, bot_id, key, value, version, created_at, updated_at)
  values (known.tenant_id, known.bot_id, new.key, new.value, 1, clock_timestamp(), clock_timestamp())
  on conflict (bot_id, key) do update
    set value = excluded.value, version = m.version + 1, updated_at = excluded.updated_at, expires_at = null,
      deleted = false, writer_id = null, execution_id = null, origin_id = null
    where m.deleted or m.value is distinct from excluded.value;
  return null;
exception when others then  -- the host's write must not fail for us
  raise warning 'botmcp did not note the memory %: %', row_.key, sqlerrm;
  return null;
end
$$;

create function memory_mirrored() returns trigger
language plpgsql security definer set search_path = botmcp, pg_catalog as $$
declare
  host uuid;
begin
  select h.host_id into host from host_bots h where h.bot_id = coalesce(new.bot_id, old.bot_id);
  if not found then
    return null;
  end if;
  if tg_op = 'DELETE' or new.deleted then
    delete from public.bot_memories where bot_id = host and key = coalesce(new.key, old.key);
    return null;
  end if;
  insert into public.bot_memories as p (id, bot_id, key, value, created_at, updated_at)
  values (gen_random_uuid(), host, new.key, new.value, new.updated_at, new.updated_at)
  on conflict (bot_id, key) do update set value = excluded.value, updated_at = excluded.updated_at
    where p.value is distinct from excluded.value;
  return null;
end
$$;
