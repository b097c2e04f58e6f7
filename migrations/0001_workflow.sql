-- The spine: programs, executions, their journal, waits, events, approvals, memory, workers.
--
-- Migrations are numbered, run once, and only go forward. Expand, then contract: a migration may add tables, nullable
-- columns, columns with defaults and indexes; code one release older keeps working on the result. A column is dropped one
-- release after the code stopped reading it, in a migration of its own.
--
-- Everything of ours stands in the schema botmcp. No table of a host in public is ever altered here. Every table carries
-- tenant_id, but for workers. The busy tables have no foreign keys: the engine's statements keep the references.

create schema if not exists botmcp;
set local search_path = botmcp, public;

-- Programs, by content. An execution pins one for its life; every format ever written can be run for ever.
create table workflow_programs (
  tenant_id uuid not null,
  hash text not null,                                   -- names the content: same text, same keywords' forms, same hash
  format smallint not null,                             -- of `steps`
  source text not null,
  steps jsonb not null,                                 -- the compiled program
  created_at timestamptz not null,
  primary key (tenant_id, hash)
);

-- One row per run: a workflow, dialog, branch, handler or tool call. Rows are live while finished_on is infinity;
-- finishing moves the row to the partition of its day by that one update.
create table workflow_executions (
  id uuid not null,
  tenant_id uuid not null,
  bot_id uuid,
  bot_name text not null default '',                    -- full name, "package/dialog"; '' when the bot has no name of ours
  origin text not null default '',                      -- the package the program came from; '' for a program given as text
  session_id uuid,                                      -- the chat that TALK goes to
  workflow_name text not null,
  program text not null,                                -- workflow_programs.hash
  entry text not null default 'main',                   -- where the program was entered: "main", "branch:2"
  current_step integer not null default 0,              -- the last STEP n entered; not the program counter
  state jsonb not null,                                 -- the machine's state, always parked at a call
  answer jsonb,                                         -- what wakes it: {"v"} | {"timed_out"} | {"error"} | {"joined"}
  status text not null check (status in
    ('ready', 'running', 'waiting', 'paused', 'in_doubt', 'completed', 'failed', 'cancelled')),
  reason text,                                          -- why it waits, is paused or in doubt; read by people
  seq integer not null default 0,                       -- counts commits of the state
  epoch integer not null default 0,                     -- counts owners; a commit names its epoch
  owner uuid,                                           -- workers.id while running
  once_call integer,                                    -- n of a ONCE call whose start was committed; null: none is open
  attempt smallint not null default 0,                  -- failed attempts of the parked call
  retrying boolean not null default false,              -- waiting for the next attempt, not for an answer
  deaths smallint not null default 0,                   -- workers that died while they had it at the parked call
  priority smallint not null default 0,                 -- smaller is sooner
  ready_at timestamptz,                                 -- since when it could be claimed
  wake_at timestamptz,                                  -- when a waiting row wakes by itself: time-out, delay, retry
  parent_id uuid,                                       -- who waits for this execution
  parent_n integer,                                     -- the parent's call that started it
  branch smallint,                                      -- its place among the children of that call
  root_id uuid not null,                                -- the top of the family; its own id at the top
  depth smallint not null default 0,                    -- how many parents stand above
  need smallint not null default 0,                     -- children that have yet to end before this one wakes
  born pg_snapshot not null default pg_current_snapshot(), -- events committed after this snapshot are news to the run
  cursors jsonb not null default '{}',                  -- event name -> [xid, seq] of the last event it consumed
  cancel_requested boolean not null default false,
  result jsonb,                                         -- tagged value, once completed
  error jsonb,                                          -- {"kind","message","line","column","keyword"}, once failed
  started_by text not null default '',                  -- the caller's subject
  started_through text not null default '',             -- mcp, cli, rest, ...
  created_at timestamptz not null,
  ended_at timestamptz,
  finished_on date not null default 'infinity',
  primary key (id, finished_on)
) partition by range (finished_on);

create table workflow_executions_live partition of workflow_executions
  for values from ('infinity') to (maxvalue) with (fillfactor = 60);
create table workflow_executions_rest partition of workflow_executions default;

-- No index holds a column that changes with every step, so a step's update stays on its page (HOT).
create index workflow_executions_ready on workflow_executions_live (priority, ready_at) where status = 'ready';
create index workflow_executions_ready_tenant on workflow_executions_live (tenant_id, priority, ready_at)
  where status = 'ready';
create index workflow_executions_wake on workflow_executions_live (wake_at) where wake_at is not null;
create index workflow_executions_owner on workflow_executions_live (owner) where status = 'running';
create index workflow_executions_children on workflow_executions (parent_id, parent_n, branch) where parent_id is not null;
create index workflow_executions_family on workflow_executions (root_id, created_at);
create index workflow_executions_newest on workflow_executions (tenant_id, created_at desc) where parent_id is null;

-- The journal: one row per call and attempt. It stores answers; states are folded from a checkpoint through the machine.
create table workflow_steps (
  tenant_id uuid not null,
  execution_id uuid not null,
  generation smallint not null default 0,               -- raised by an operator's retry or rewind
  seq integer not null,                                 -- n: counts the calls of the execution; 0 is its start
  attempt smallint not null default 1,
  day date not null,
  at integer,                                           -- index of the program's step
  step integer not null default 0,                      -- the STEP n around it
  line integer,
  "column" integer,
  keyword text not null,
  started_at timestamptz,                               -- null for what took no time of its own
  ended_at timestamptz not null,
  answer jsonb,                                         -- tagged value: what the program saw
  error jsonb,
  given jsonb,                                          -- what woke it, where answer and error do not tell it all
  state jsonb,                                          -- checkpoint: the start, and every hundred calls
  primary key (execution_id, generation, seq, attempt, day)
) partition by range (day);
create table workflow_steps_rest partition of workflow_steps default;

-- Large values, stored once and named by their hash.
create table workflow_values (
  tenant_id uuid not null,
  execution_id uuid not null,
  hash bytea not null,
  body bytea not null,
  primary key (execution_id, hash)
);

-- Who waits for which event. The deadline is the execution's wake_at.
create table workflow_waits (
  execution_id uuid not null,
  tenant_id uuid not null,
  event_name text not null,
  event_key text not null default '',
  filter jsonb,
  born pg_snapshot not null,                            -- the run's; events visible in it are old
  since_xid xid8,                                       -- the last event consumed; the next one stands behind it
  since_seq bigint,
  checked boolean not null default false,               -- false until the events of before this row were looked at
  primary key (execution_id, event_name, event_key)
);
create index workflow_waits_event on workflow_waits (tenant_id, event_name, event_key);
create index workflow_waits_unchecked on workflow_waits (execution_id) where not checked;

-- The event log. Readers go by (xid, seq), and only below the oldest transaction still open: so no event is ever skipped.
create sequence workflow_events_seq as bigint;
create table workflow_events (
  id uuid not null,
  tenant_id uuid not null,
  bot_id uuid,
  workflow_id uuid,                                     -- the execution that published it
  event_name text not null,
  event_key text not null default '',
  event_data jsonb,                                     -- plain JSON, for others to read
  seq bigint not null default nextval('botmcp.workflow_events_seq'),
  xid xid8 not null default pg_current_xact_id(),
  day date not null,
  created_at timestamptz not null,
  primary key (id, day)
) partition by range (day);
alter sequence workflow_events_seq owned by workflow_events.seq;
create table workflow_events_rest partition of workflow_events default;
create index workflow_events_name on workflow_events (tenant_id, event_name, event_key, xid, seq);
create index workflow_events_order on workflow_events (xid, seq);

-- Dedupe keys of PUBLISH: the first event with a key is the event.
create table workflow_event_keys (
  tenant_id uuid not null,
  event_name text not null,
  dedupe text not null,
  event_id uuid not null,
  expires_at timestamptz not null,
  primary key (tenant_id, event_name, dedupe)
);

-- A start with a key happens once.
create table workflow_idempotency (
  tenant_id uuid not null,
  key text not null,
  execution_id uuid not null,
  request text not null,                                -- digest of the request; another request with this key is refused
  expires_at timestamptz not null,
  primary key (tenant_id, key)
);

create table workflow_approvals (
  id uuid primary key,
  tenant_id uuid not null,
  execution_id uuid not null,
  generation smallint not null default 0,
  n integer not null,                                   -- the call of the execution that it answers
  step integer not null,
  approvers jsonb not null,                             -- who may decide; empty: whoever runs this installation
  required integer not null default 1,
  status text not null check (status in ('pending', 'approved', 'rejected', 'timedout', 'cancelled', 'escalated')),
  decisions jsonb not null default '[]',                -- {by, through, on_behalf_of, decision, comment, at}
  message text,
  deadline timestamptz,
  escalated_from uuid,
  created_at timestamptz not null,
  decided_at timestamptz
);
create index workflow_approvals_pending on workflow_approvals (tenant_id, created_at) where status = 'pending';
create index workflow_approvals_execution on workflow_approvals (execution_id);

-- Messages for the world outside, written with the state and delivered after the commit.
create table workflow_outbox (
  id uuid primary key,
  tenant_id uuid not null,
  execution_id uuid not null,
  kind text not null,
  body jsonb not null,
  created_at timestamptz not null
);

-- Living workers. A worker holds the session advisory lock of its key: Postgres frees it the moment the process dies.
create table workers (
  id uuid primary key,
  advisory_key bigint not null,
  lease_until timestamptz not null,                     -- covers a process that hangs while its connection lives
  about text not null default '',                       -- "host:pid", for people
  started_at timestamptz not null
);

-- Our own bots and their memory, used where there is no host.
create table bots (
  id uuid primary key,                                  -- follows from tenant and name
  tenant_id uuid not null,
  name text not null,
  created_at timestamptz not null
);
create index bots_tenant on bots (tenant_id, name);

create table bot_memories (
  tenant_id uuid not null,
  bot_id uuid not null,
  key text not null,
  value text not null,
  version bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (bot_id, key)
);

-- What bots shared with others: the delivered copies, one per source.
create table bot_shared_memory (
  id uuid primary key,
  tenant_id uuid not null,
  source_bot_id uuid not null,
  target_bot_id uuid not null,
  memory_key text not null,
  memory_value text not null,
  shared_at timestamptz not null,
  source_version bigint not null default 0,             -- of the source's memory, as delivered
  synced_version bigint,                                -- of the target's own memory after it last took this over
  unique (target_bot_id, source_bot_id, memory_key)
);
