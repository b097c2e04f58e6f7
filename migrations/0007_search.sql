-- works with: 0001
-- What search keeps: vectors of meaning where no other store has them, how far stores are filled, and what is gone.

set local search_path = botmcp, public;

-- With the extension, distances are measured by it; without, in plain SQL. Who may not create it does without.
do $$
begin
  if exists (select from pg_available_extensions where name = 'vector') then
    create extension if not exists vector with schema public;
  end if;
exception when others then
  raise notice 'pgvector is not used: %', sqlerrm;
end
$$;

-- Plain numbers, so that the table is the same on every server.
create table search_vectors (
  tenant_id uuid not null,
  owner uuid not null,                                  -- a bot, or a package's knowledge base
  place text not null,                                  -- the source and the model
  key text not null,
  mark text not null,                                   -- names the entry after its key must be forgotten
  version bigint not null,                              -- of the row that the vector was made from
  vector real[] not null,                               -- of length 1
  primary key (owner, mark, place)
);

-- How far a store of vectors is filled: everything that was committed before this snapshot.
create table search_fills (
  place text primary key,
  known pg_snapshot not null
);

-- What was taken away lately, by mark: so that indexes and stores elsewhere forget it too. It holds no key and no value.
create table search_gone (
  tenant_id uuid not null,
  owner uuid not null,
  source text not null,                                 -- memory, knowledge
  mark text not null,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default now()
);
create index search_gone_owner on search_gone (owner, source, xid);
create index search_gone_order on search_gone (xid);
create index search_gone_age on search_gone (at);

-- Marks are kept for a day, for indexes, and until every store of vectors has taken its points out, at most a month.
create function search_forget_gone() returns void
language sql set search_path = botmcp, pg_catalog as $$
  delete from search_gone where ctid = any(array(
    select g.ctid from search_gone g
    where g.at < now() - interval '1 day' and (g.at < now() - interval '30 days'
      or not exists (select from search_fills f where not pg_visible_in_snapshot(g.xid, f.known)))
    order by g.at limit 500 for update skip locked))
$$;

-- What indexes follow of the copies delivered to a bot; of a bot's own memory they follow its log.
alter table bot_shared_memory add column changed xid8 not null default pg_current_xact_id();
create index bot_shared_memory_feed on bot_shared_memory (target_bot_id, changed);

create function search_shared_changed() returns trigger
language plpgsql as $$
begin
  new.changed := pg_current_xact_id();
  return new;
end
$$;
create trigger search_shared_changed before update on bot_shared_memory
  for each row execute function search_shared_changed();

create function search_memory_gone() returns trigger
language plpgsql set search_path = botmcp, pg_catalog as $$
begin
  insert into search_gone (tenant_id, owner, source, mark)
  select tenant_id, bot_id, 'memory', md5(bot_id::text || '/' || key) from old_rows;
  delete from search_vectors v using old_rows o
  where v.owner = o.bot_id and v.mark = md5(o.bot_id::text || '/' || o.key);
  perform search_forget_gone();
  return null;
end
$$;
create trigger search_memory_gone after delete on bot_memories
  referencing old table as old_rows for each statement execute function search_memory_gone();

create function search_shared_gone() returns trigger
language plpgsql set search_path = botmcp, pg_catalog as $$
begin
  insert into search_gone (tenant_id, owner, source, mark)
  select tenant_id, target_bot_id, 'memory', md5(target_bot_id::text || source_bot_id::text || '/' || memory_key)
  from old_rows;
  delete from search_vectors v using old_rows o
  where v.owner = o.target_bot_id
    and v.mark = md5(o.target_bot_id::text || o.source_bot_id::text || '/' || o.memory_key);
  perform search_forget_gone();
  return null;
end
$$;
create trigger search_shared_gone after delete on bot_shared_memory
  referencing old table as old_rows for each statement execute function search_shared_gone();

-- It names no tenant: only the engine may see it.
do $$
begin
  if exists (select from pg_roles where rolname = 'botmcp_engine') then
    grant select, insert, update, delete on search_fills to botmcp_engine;
  end if;
end
$$;
