-- works with: 0001
-- People steer executions: pauses, deadlines, who did what; and which bots take part in a conversation.

set local search_path = botmcp, public;

-- {"by", "through", "at", "from"}: asked to pause, or paused, by somebody; `from` says whether it goes on waiting.
alter table workflow_executions add column pause jsonb;
-- When it is ended, if it has not ended by itself; who started it is told that the time is over.
alter table workflow_executions add column deadline timestamptz;
create index workflow_executions_deadline on workflow_executions_live (deadline) where deadline is not null;

-- What was done to an execution from outside, beside the answers that its journal holds.
create table workflow_acts (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  execution_id uuid not null,
  act text not null,                                    -- answer, cancel, pause, resume, retry, settle
  by text not null,
  through text not null,
  on_behalf_of text not null default '',
  about text not null default '',                       -- what people read: what was answered, what was settled
  at timestamptz not null
);
create index workflow_acts_execution on workflow_acts (execution_id, id);

-- The bots of a conversation: of a session, or of one run where there is no session.
create table session_bots (
  tenant_id uuid not null,
  conversation_id uuid not null,                        -- workflow_executions.session_id, else its root_id
  bot_id uuid not null,
  bot_name text not null,                               -- full name
  triggers text not null default '',                    -- words, with commas
  tools text not null default '',
  schedule text not null default '',
  priority integer not null default 0,                  -- higher is asked first
  added_at timestamptz not null,
  primary key (tenant_id, conversation_id, bot_id)
);
