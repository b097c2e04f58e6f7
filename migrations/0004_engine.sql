-- works with: 0001
-- The engine at full strength.

set local search_path = botmcp, public;

-- Parallel work, failure and people.

-- Joins of children: what a parent waits for at its call `join_n`. `need` counts joins that are still wanted; `spare`
-- how many more may end otherwise, null where every end is a join; `slots` how many may be under way at once.
alter table workflow_executions add column join_n integer;
alter table workflow_executions add column wanted smallint;
alter table workflow_executions add column spare smallint;
alter table workflow_executions add column slots smallint;
alter table workflow_executions add column in_window boolean not null default false; -- one of a parent with slots
alter table workflow_executions add column held boolean not null default false;      -- waits for a slot
alter table workflow_executions add column undoing boolean not null default false;   -- was cancelled, undoes what it did
create index workflow_executions_held on workflow_executions_live (parent_id, parent_n, branch) where held;

-- Whether the program can undo what it does: COMPENSATE WITH.
alter table workflow_programs add column undoes boolean generated always as
  (coalesce(steps -> 'entries' ? 'undo:0', false)) stored;

-- Answers that runs may be given again: STEP ... CACHE.
create table workflow_step_cache (
  tenant_id uuid not null,
  bot_id uuid not null,
  key text not null,                                    -- names the statement, its keyword and what it was given
  value jsonb not null,                                 -- tagged value
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, bot_id, key)
);
create index workflow_step_cache_expiry on workflow_step_cache (expires_at);

-- Reminders of approvals, and what became of each request, in the words of the host: request_created, reminder_sent,
-- approved, rejected, escalated, timed_out, cancelled, comment_added, notification_sent, context_updated.
alter table workflow_approvals add column remind_every double precision;
alter table workflow_approvals add column remind_at timestamptz;
alter table workflow_approvals add column reminders integer not null default 0;
create index workflow_approvals_remind on workflow_approvals (remind_at) where remind_at is not null and status = 'pending';
create table workflow_approval_acts (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  execution_id uuid not null,
  approval_id uuid not null,
  action text not null,
  actor text not null,
  through text not null default '',
  details text not null default '',
  at timestamptz not null
);
create index workflow_approval_acts_approval on workflow_approval_acts (approval_id, id);

-- Links that let a person decide one approval, once. The secret itself is never stored, only its hash.
create table workflow_approval_links (
  hash bytea primary key,
  tenant_id uuid not null,
  approval_id uuid not null,
  execution_id uuid not null,
  person text not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null
);
create index workflow_approval_links_approval on workflow_approval_links (approval_id);

-- Fair claims. Every bot of every tenant is a queue of its own; a row's place in it is when it became ready, and a minute
-- later for each point of priority.
update workflow_executions set bot_id = '00000000-0000-0000-0000-000000000000' where bot_id is null;
alter table workflow_executions alter column bot_id set default '00000000-0000-0000-0000-000000000000';
alter table workflow_executions alter column bot_id set not null;
create index workflow_executions_queue on workflow_executions_live (tenant_id, bot_id,
  (ready_at - '2000-01-01 00:00:00+00'::timestamptz + priority * '00:01:00'::interval)) where status = 'ready';
drop index workflow_executions_ready;
drop index workflow_executions_ready_tenant;

-- States with large values in them. The values of a live execution stand in workflow_values; its state names them:
-- {"b": hash} is a value, {"s": hash} in a list stands for the items of a chunk. `kept` says that there are such names.
create function whole_state(of uuid, state jsonb) returns jsonb language plpgsql stable strict as $$
declare
  whole text;
  name record;
  body text;
begin
  if not state ? 'kept' then
    return state;
  end if;
  whole := (state - 'kept')::text;
  for name in select distinct m[1] as kind, m[2] as hash
    from regexp_matches(whole, '\{"([bs])": "([0-9a-f]{32})"\}', 'g') m
  loop
    select convert_from(v.body, 'utf8') into strict body from botmcp.workflow_values v
      where v.execution_id = of and v.hash = decode(name.hash, 'hex');
    whole := replace(whole, '{"' || name.kind || '": "' || name.hash || '"}', body);
  end loop;
  return whole;
end
$$;
