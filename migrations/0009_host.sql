-- works with: 0001
-- What packages keep.

set local search_path = botmcp, public;

-- Tables of bots (FIND, SAVE, INSERT ...): each owner has a schema of its own, made when the first row is stored.
create table bot_tables (
  tenant_id uuid not null,
  owner text not null,                                  -- the package, or "bot:<id>" where there is none
  name text not null,                                   -- folded; what programs call it
  relation_schema text not null,
  relation text not null,
  columns jsonb not null,                               -- [{"name","kind", ...}] in order
  created_at timestamptz not null,
  primary key (tenant_id, owner, name)
);

-- What a call that changed rows answered: the same call, made again after a crash, changes nothing twice.
create table bot_table_calls (
  tenant_id uuid not null,
  call_id text not null,
  answer jsonb,
  at timestamptz not null,
  primary key (tenant_id, call_id)
);
create index bot_table_calls_at on bot_table_calls (at);

-- Knowledge bases: the documents of a package's .gbkb folders, cut into pieces. Made from the files, and again if need be.
create table kb_documents (
  tenant_id uuid not null,
  owner uuid not null,                                  -- the package's bot
  collection text not null,
  path text not null,                                   -- below the collection's folder
  digest text not null,                                 -- of the file's bytes, and of how it is read
  size bigint not null,
  modified_ns bigint not null,                          -- the file's, when it was read
  pages integer not null default 0,
  pieces integer not null default 0,
  fault text,                                           -- why nothing of it can be found
  added_at timestamptz not null,
  read_at timestamptz not null,
  primary key (owner, collection, path)
);

create table kb_pieces (
  tenant_id uuid not null,
  owner uuid not null,
  collection text not null,
  path text not null,
  number integer not null,                              -- in the order of the document, from 0
  version bigint not null,                              -- of the document, from its digest
  page integer not null,                                -- from 1; 0 where there are none
  heading text not null,
  content text not null,
  xid xid8 not null default pg_current_xact_id(),
  primary key (owner, collection, path, number)
);
create index kb_pieces_feed on kb_pieces (owner, xid);

create function kb_piece_gone() returns trigger
language plpgsql set search_path = botmcp, pg_catalog as $$
begin
  insert into search_gone (tenant_id, owner, source, mark)
  select tenant_id, owner, 'knowledge', md5(owner::text || collection || '/' || path || '#' || number) from old_rows;
  perform search_forget_gone();
  return null;
end
$$;
create trigger kb_piece_gone after delete on kb_pieces
  referencing old table as old_rows for each statement execute function kb_piece_gone();

-- Web sites that are read like documents, each page one, in the collection `website:<host>`.
create table kb_websites (
  tenant_id uuid not null,
  owner uuid not null,
  url text not null,                                    -- where reading begins
  collection text not null,
  every integer not null,                               -- seconds after which it is read again
  read_at timestamptz not null,
  fault text,                                           -- why the last reading found nothing
  primary key (owner, url)
);

-- What a conversation answers from. None: from all collections of the package. '' stands for: from none but these.
create table kb_in_use (
  tenant_id uuid not null,
  conversation_id uuid not null,                        -- a session, or one run
  owner uuid not null,
  collection text not null,
  since timestamptz not null,
  primary key (conversation_id, owner, collection)
);

-- Headers that a run sends with its requests (SET HEADER). They may be secrets: no journal holds them, and they go soon.
create table run_headers (
  tenant_id uuid not null,
  execution_id uuid not null,
  name text not null,
  value text not null,
  at timestamptz not null,
  primary key (execution_id, name)
);
create index run_headers_at on run_headers (at);

-- What bots send to people: mail, and what goes through channels with an account. Written with the run's state; a relay
-- delivers what it has a way for, the rest is kept for its owner to see (`botmcp outbox`).
create table bot_messages (
  id uuid primary key,
  tenant_id uuid not null,
  execution_id uuid not null,
  bot_id uuid not null,
  origin text not null default '',                      -- the package, whose files are attached
  channel text not null,                                -- mail, sms, whatsapp, session, task, ...
  recipient text not null default '',
  subject text not null default '',
  body text not null default '',
  details jsonb not null default '{}',
  status text not null default 'kept' check (status in ('kept', 'sending', 'sent', 'failed', 'draft')),
  reason text not null default '',                      -- why it is kept or failed, for people
  attempts smallint not null default 0,
  due_at timestamptz,                                   -- when the relay looks at it (again); null: it does not
  created_at timestamptz not null,
  sent_at timestamptz
);
create index bot_messages_due on bot_messages (due_at) where due_at is not null;
create index bot_messages_newest on bot_messages (tenant_id, created_at desc);

-- All tables that were made since stand behind the same policies.
select tenants_apart(c.oid::regclass) from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
where c.relnamespace = 'botmcp'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  and not c.relrowsecurity;
