-- works with: 0001
-- Workflows that people draw: drafts, their edits and versions.

set local search_path = botmcp, public;

-- One row a workflow. Its text is the model; each line has a number that stays with it through all edits.
create table workflow_drafts (
  id uuid primary key,
  tenant_id uuid not null,
  name text not null,
  folded text not null,                                 -- what names are compared by
  origin text not null default '',                      -- the package whose bots it speaks to
  came_from text not null default '',                   -- the dialog of a package that it was opened from
  source text not null,
  etag text not null,                                   -- of the source
  lines integer[] not null,                             -- the number of each line
  next_line integer not null,
  seq bigint not null default 0,                        -- of its last edit
  published integer,                                    -- the version that runs; null: none
  created_by text not null,
  created_at timestamptz not null,
  changed_by text not null,
  changed_at timestamptz not null,
  unique (tenant_id, folded)
);
create index workflow_drafts_newest on workflow_drafts (tenant_id, changed_at desc, id);

-- What was done to a draft, in order: for undo, redo, and for whoever has seen an older state.
create table workflow_edits (
  tenant_id uuid not null,
  workflow_id uuid not null references workflow_drafts (id) on delete cascade,
  seq bigint not null,
  by text not null,
  through text not null default '',
  at timestamptz not null,
  op text not null,                                     -- insert, move, ..., undo, redo
  label text not null,                                  -- in words
  etag text not null,                                   -- of the source after it
  change jsonb not null,                                -- [[start, [[line, text], ..] removed, [..] added], ..]
  status text not null default 'done' check (status in ('done', 'undone', 'dropped')),
  primary key (workflow_id, seq)
);
create index workflow_edits_mine on workflow_edits (workflow_id, by, seq desc) where op not in ('undo', 'redo');

-- Named points of a draft. What was published once is kept as it ran.
create table workflow_versions (
  tenant_id uuid not null,
  workflow_id uuid not null references workflow_drafts (id) on delete cascade,
  number integer not null,
  name text not null default '',
  source text not null,
  etag text not null,
  by text not null,
  at timestamptz not null,
  published_at timestamptz,
  primary key (workflow_id, number)
);

-- A request to make a workflow that is sent again makes no second one.
create table workflow_draft_keys (
  tenant_id uuid not null,
  key text not null,
  workflow_id uuid not null references workflow_drafts (id) on delete cascade,
  at timestamptz not null,
  primary key (tenant_id, key)
);

select tenants_apart(c.oid::regclass) from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
where c.relnamespace = 'botmcp'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  and not c.relrowsecurity;
