-- works with: 0001
-- What operating needs.

set local search_path = botmcp, public;

-- A gesture whose answer got lost on its way is sent again, and made once.
alter table workflow_edits add column key text;
create unique index workflow_edits_key on workflow_edits (workflow_id, by, key) where key is not null;

-- Where conversations with A2A agents stand, so that a run goes on in the same one wherever it goes on.
create table agent_conversations (
  tenant_id uuid not null,
  conversation uuid not null,                           -- of a run, or a chat, with one agent
  call_id text not null,                                -- the last one
  came_context text not null,                           -- where its message went: made again, it goes there again
  came_task text not null,
  begun text not null,                                  -- the task that answers it: made again, it is looked at again
  context text not null,                                -- where the next message goes
  task text not null,                                   -- that waits for a word
  at timestamptz not null,
  primary key (tenant_id, conversation)
);
create index agent_conversations_at on agent_conversations (at);
select tenants_apart('agent_conversations');

-- Nothing asks for events by their key, and workflow_events_next begins alike: one index less for each event to enter.
drop index workflow_events_name;
