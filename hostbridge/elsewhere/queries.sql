-- Where conversations with agents of other servers stand.

-- name: conversation
select call_id, came_context, came_task, begun, context, task
from agent_conversations
where tenant_id = %(tenant)s and conversation = %(conversation)s

-- name: keep_conversation
insert into agent_conversations
  (tenant_id, conversation, call_id, came_context, came_task, begun, context, task, at)
values (%(tenant)s, %(conversation)s, %(call)s, %(came_context)s, %(came_task)s, %(begun)s, %(context)s, %(task)s, %(now)s)
on conflict (tenant_id, conversation) do update set
  call_id = excluded.call_id, came_context = excluded.came_context, came_task = excluded.came_task,
  begun = excluded.begun, context = excluded.context, task = excluded.task, at = excluded.at

-- name: forget_conversations
delete from agent_conversations where at < %(before)s
