-- works with: 0001
-- What PUBLISH, ON and WAIT need beside the log.

set local search_path = botmcp, public;

-- Who said it, as CloudEvents' `source`; null: the bot in bot_id.
alter table workflow_events add column source text;
-- A wait looks for a name, whatever the key.
create index workflow_events_next on workflow_events (tenant_id, event_name, xid, seq);

-- Waits that choose: patterns, WHERE, KEY, SINCE, CONSUME, several names. What they chose among is read in the process.
alter table workflow_waits
  add column choosy boolean not null default false,
  add column part smallint not null default 0,           -- of several names: which one
  add column mode text not null default 'one' check (mode in ('one', 'any', 'all')),
  add column consume boolean not null default false,
  add column since timestamptz,                          -- SINCE: counts from then on, however long ago
  add column cursor_key text;                            -- under which the run's place in the log is kept
create index workflow_waits_patterns on workflow_waits (tenant_id, event_name) where choosy;

-- One consumer: who took the event. Broadcasts never look here.
create table workflow_event_claims (
  event_id uuid primary key,
  tenant_id uuid not null,
  consumer uuid not null,                                -- an execution, or a subscription
  claimed_at timestamptz not null
);

-- PUBLISH .. AT, AFTER: events that have yet to happen.
create table workflow_events_later (
  id uuid primary key,
  tenant_id uuid not null,
  bot_id uuid,
  workflow_id uuid,
  event_name text not null,
  event_key text not null default '',
  event_data jsonb,
  source text,
  due_at timestamptz not null
);
create index workflow_events_later_due on workflow_events_later (due_at);
create index workflow_events_later_tenant on workflow_events_later (tenant_id);

-- What a tenant may publish, where that differs from the settings; and since it published too much, until when nothing.
create table workflow_event_quotas (
  tenant_id uuid primary key,
  rate integer,                                          -- events a second; null: as the settings say
  outstanding integer,                                   -- events that have yet to happen or to be handled
  closed_until timestamptz,
  reason text
);

-- How far each reader of the log has come: (xid, seq) of the last event that it dealt with, in that very transaction.
create table workflow_event_readers (
  name text primary key,
  xid xid8 not null,
  seq bigint not null,
  moved_at timestamptz not null
);

-- ON EVENT and webhooks: who wants which events from now on.
create table workflow_subscriptions (
  id uuid primary key,
  tenant_id uuid not null,
  kind text not null check (kind in ('handler', 'webhook')),
  pattern text not null,
  filter jsonb,                                          -- WHERE, its right sides evaluated
  consume boolean not null default false,
  identity text not null,                                -- the same one again replaces it
  bot_id uuid,
  bot_name text not null default '',
  execution_id uuid,                                     -- handler: whose variables it copies
  workflow_name text not null default '',                -- of that run, as its handlers inherit them
  origin text not null default '',
  session_id uuid,
  program text,
  entry text,
  vars jsonb,                                            -- of the registering run, should its row be gone
  url text,
  secret text,
  born pg_snapshot not null default pg_current_snapshot(), -- events committed after this are news to it
  created_at timestamptz not null,
  ended_at timestamptz
);
create unique index workflow_subscriptions_identity on workflow_subscriptions (tenant_id, identity)
  where ended_at is null;
create index workflow_subscriptions_execution on workflow_subscriptions (execution_id) where ended_at is null;

-- An event for a subscription, once: its handler's execution, or what is sent to a webhook.
create table workflow_deliveries (
  subscription_id uuid not null,
  event_id uuid not null,
  tenant_id uuid not null,
  event_day date not null,
  event_key text not null default '',
  xid xid8 not null,
  seq bigint not null,
  status text not null default 'pending' check (status in ('pending', 'running', 'done', 'dead')),
  attempts smallint not null default 0,
  due_at timestamptz,                                    -- of the next attempt; null: at once
  execution_id uuid,                                     -- of its handler
  error jsonb,                                           -- of the last attempt
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (subscription_id, event_id)
);
create index workflow_deliveries_pending on workflow_deliveries (xid, seq) where status = 'pending';
create index workflow_deliveries_running on workflow_deliveries (execution_id) where status = 'running';
create index workflow_deliveries_order on workflow_deliveries (subscription_id, event_key, xid, seq)
  where status in ('pending', 'running') and event_key <> '';
create index workflow_deliveries_dead on workflow_deliveries (tenant_id, ended_at) where status = 'dead';
create index workflow_deliveries_tenant on workflow_deliveries (tenant_id) where status in ('pending', 'running');

-- What a webhook is still to be sent: a delivery's message, written with the reader's place in the log.
alter table workflow_outbox
  add column subscription_id uuid,
  add column event_id uuid,
  add column due_at timestamptz,
  add column attempts smallint not null default 0;
create index workflow_outbox_due on workflow_outbox (due_at) where due_at is not null;

-- CONTINUE WORKFLOW AT STEP n, said by a handler: the run goes there once it waits, or anew when it has ended.
create table workflow_jumps (
  id uuid primary key,
  tenant_id uuid not null,
  execution_id uuid not null,                            -- the run that is to go on
  handler_id uuid not null,                              -- the execution that said so
  step integer not null,
  at integer not null,                                   -- the index of the step in the run's program
  created_at timestamptz not null
);
create index workflow_jumps_execution on workflow_jumps (execution_id);

-- Keys of PUBLISH .. DEDUPE go when their time is over.
create index workflow_event_keys_expiry on workflow_event_keys (expires_at);
