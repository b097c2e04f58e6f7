-- Which bots take part in a conversation, and what the journal says of one. A conversation is a session, or one run.

-- name: bot_joined
with asked as (
  select j.*, x.conversation from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(execution)b::uuid[],
    %(at)b::timestamptz[], %(joined)b::uuid[], %(name)b::text[], %(triggers)b::text[], %(tools)b::text[],
    %(schedule)b::text[]) as j(ref, tenant, execution, at, joined, name, triggers, tools, schedule)
  cross join lateral (select coalesce(e.session_id, e.root_id) as conversation from workflow_executions e
    where e.id = j.execution and e.finished_on = 'infinity' offset 0) x
), kept as (
  insert into session_bots (tenant_id, conversation_id, bot_id, bot_name, triggers, tools, schedule, added_at)
  select distinct on (tenant, conversation, joined) tenant, conversation, joined, name, triggers, tools, schedule, at
  from asked order by tenant, conversation, joined, ref desc
  on conflict (tenant_id, conversation_id, bot_id) do update set triggers = excluded.triggers, tools = excluded.tools,
    schedule = excluded.schedule
)
select ref, jsonb_build_object('v', name) from asked;

-- name: bot_left
with asked as (
  select l.*, x.conversation from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(execution)b::uuid[], %(left)b::uuid[])
    as l(ref, tenant, execution, bot)
  cross join lateral (select coalesce(e.session_id, e.root_id) as conversation from workflow_executions e
    where e.id = l.execution and e.finished_on = 'infinity' offset 0) x
), gone as (
  delete from session_bots s using asked a
  where s.tenant_id = a.tenant and s.conversation_id = a.conversation and s.bot_id = a.bot returning a.ref
)
select ref, jsonb_build_object('v', ref in (select ref from gone)) from asked;

-- name: bot_ranked
with asked as (
  select r.*, x.conversation from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(execution)b::uuid[],
    %(ranked)b::uuid[], %(name)b::text[], %(priority)b::int[]) as r(ref, tenant, execution, bot, name, priority)
  cross join lateral (select coalesce(e.session_id, e.root_id) as conversation from workflow_executions e
    where e.id = r.execution and e.finished_on = 'infinity' offset 0) x
), moved as (
  update session_bots s set priority = a.priority from asked a
  where s.tenant_id = a.tenant and s.conversation_id = a.conversation and s.bot_id = a.bot
  returning s.conversation_id, s.bot_id
)
select a.ref, case when exists (select 1 from moved m where m.conversation_id = a.conversation and m.bot_id = a.bot)
  then jsonb_build_object('v', a.priority)
  else jsonb_build_object('error', jsonb_build_object('kind', 'unknown',
    'message', 'The bot ' || a.name || ' is not in the conversation. Write ADD BOT first.')) end
from asked a;

-- name: session_bots
select b.bot_name as name, b.triggers, b.tools, b.schedule, b.priority from workflow_executions x
join session_bots b on b.tenant_id = x.tenant_id and b.conversation_id = coalesce(x.session_id, x.root_id)
where x.tenant_id = %(tenant)s and x.id = %(id)s and x.finished_on = 'infinity'
order by b.priority desc, b.added_at, b.bot_name;

-- name: statistics
-- Of the latest thousand runs of a bot.
with runs as (
  select id, status, created_at, ended_at from workflow_executions
  where tenant_id = %(tenant)s and bot_id = %(bot)s order by created_at desc limit 1000
), calls as (
  select count(*) as calls, count(*) filter (where s.error is not null) as mistakes
  from runs r join workflow_steps s on s.execution_id = r.id where s.seq > 0 and s.attempt > 0
)
select count(*)::int as runs, count(*) filter (where r.status = 'completed')::int as completed,
  count(*) filter (where r.status = 'failed')::int as failed,
  count(*) filter (where r.status = 'cancelled')::int as cancelled,
  (count(*) filter (where r.status = 'completed')::float8
    / nullif(count(*) filter (where r.status in ('completed', 'failed')), 0)) as success_rate,
  (extract(epoch from avg(r.ended_at - r.created_at))::float8) as average_seconds,
  (select calls::int from calls) as calls, (select mistakes::int from calls) as mistakes
from runs r;
