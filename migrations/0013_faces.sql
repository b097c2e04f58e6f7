-- works with: 0001
-- What the doors to other servers keep.

set local search_path = botmcp, public;

-- Messages for channels with an account may be delivered by the General Bots server, where one is set. When its relay looks
-- at one (again); null: it does not. Apart from due_at, which is the mail relay's, also that of a release before.
alter table bot_messages add column host_due_at timestamptz;
create index bot_messages_host_due on bot_messages (host_due_at) where host_due_at is not null;
create index bot_messages_offered on bot_messages (created_at) where status = 'kept' and host_due_at is null;

-- Conversations with bots of the General Bots host: which session of its own each of them is, so that it goes on after a
-- crash of ours.
create table host_sessions (
  tenant_id uuid not null,
  conversation uuid not null,                           -- of a run, or a chat, with one bot
  session_id uuid not null,
  user_id uuid not null,
  at timestamptz not null,
  primary key (conversation)
);
create index host_sessions_at on host_sessions (at);
select tenants_apart('host_sessions');
