-- works with: 0001
-- Forks, signals, limits, schedules.

set local search_path = botmcp, public;

-- A fork goes on from a call of another execution, whose journal up to there is its own past.
alter table workflow_executions add column forked_from uuid;
alter table workflow_executions add column forked_n integer;

-- Signals nobody has taken yet: each is for one execution and what it started, and is taken once.
create table workflow_signals (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  execution_id uuid not null,
  name text not null,
  answer jsonb not null,                                -- as it wakes the one that waits: {"v": tagged value}
  created_at timestamptz not null
);
create index workflow_signals_execution on workflow_signals (execution_id, name, id);

-- How much a tenant, or one bot of it, may do. What is null is not limited.
create table workflow_limits (
  tenant_id uuid not null,
  bot_id uuid not null,                                 -- all zeros: the whole tenant
  bot_name text not null default '',
  max_running integer check (max_running > 0),          -- executions that workers hold at one moment
  starts integer check (starts > 0),                    -- starts that people and programs may make in `seconds`
  seconds double precision check (seconds > 0),
  earned_at timestamptz,                                -- when all starts made so far will have been earned
  turn bigint not null default 0,                       -- counts claims: who has not seen the latest takes nothing
  set_by text not null default '',                      -- 'settings', or who said so
  updated_at timestamptz not null,
  primary key (tenant_id, bot_id),
  check ((starts is null) = (seconds is null))
);

create table workflow_schedules (
  id uuid primary key,
  tenant_id uuid not null,
  name text not null,
  rule text not null,                                   -- as it was written: "every hour", "0 9 * * 1-5"
  cron text,                                            -- what it means; null: once, at next_at
  zone text not null default 'UTC',
  missed text not null check (missed in ('skip', 'once', 'all')),
  status text not null check (status in ('active', 'paused', 'over')),
  workflow text not null default '',                    -- a packaged one by its full name, looked up at each run
  program text,                                         -- workflow_programs.hash, where there is no such package
  origin text not null default '',
  bot_id uuid,
  bot_name text not null default '',
  inputs jsonb not null default '{}',                   -- plain JSON
  next_at timestamptz,
  last_at timestamptz,                                  -- the time that its latest run was for
  last_execution uuid,
  last_error text,
  runs bigint not null default 0,
  passed_over bigint not null default 0,                -- times that were missed and not made up for
  source text not null,                                 -- who keeps it: 'package', 'program', 'person'
  keeper text not null default '',                      -- of a package: the script at whose head it stands
  created_by text not null,
  created_through text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (tenant_id, name)
);
create index workflow_schedules_due on workflow_schedules (next_at) where status = 'active';
