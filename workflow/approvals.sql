-- Requests to people, besides what operations.sql holds: who was told what when, reminders, links. Lock order: queries.sql.

-- name: approval_requested
-- A request that goes to somebody else closes the one it came from.
with asked as (
  select * from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(execution)b::uuid[], %(n)b::int[], %(at)b::timestamptz[],
    %(id)b::uuid[], %(step)b::int[], %(approvers)b::text[]::jsonb[], %(required)b::int[], %(message)b::text[],
    %(deadline)b::timestamptz[], %(escalated_from)b::uuid[])
    as a(ref, tenant, execution, n, at, id, step, approvers, required, message, deadline, escalated_from)
), escalated as (
  update workflow_approvals old set status = 'escalated' from asked a
  where old.id = a.escalated_from and old.execution_id = a.execution and old.status = 'timedout'
  returning old.tenant_id, old.execution_id, old.id, a.approvers, a.at
), created as (
  insert into workflow_approvals (id, tenant_id, execution_id, n, step, approvers, required, status, message, deadline,
    escalated_from, created_at)
  select id, tenant, execution, n, step, coalesce(approvers, '[]'), coalesce(required, 1), 'pending', message, deadline,
    escalated_from, at
  from asked order by ref
  on conflict (id) do nothing
  returning tenant_id, execution_id, id, approvers, created_at
)
insert into workflow_approval_acts (tenant_id, execution_id, approval_id, action, actor, details, at)
select tenant_id, execution_id, id, 'escalated', 'system:timeout', concat('to ', approvers), at from escalated
union all
select tenant_id, execution_id, id, 'request_created', 'system', approvers::text, created_at from created;

-- name: approval_reminded
update workflow_approvals a set remind_every = r.seconds, remind_at = r.first
from unnest(%(ref)b::int[], %(execution)b::uuid[], %(id)b::uuid[], %(seconds)b::float8[], %(first)b::timestamptz[])
  as r(ref, execution, id, seconds, first)
where a.id = r.id and a.execution_id = r.execution and a.status = 'pending';

-- name: approval_noted
insert into workflow_approval_acts (tenant_id, execution_id, approval_id, action, actor, through, details, at)
select tenant_id, execution_id, id, %(action)s, %(actor)s, %(through)s, %(details)s, %(now)s
from workflow_approvals where tenant_id = %(tenant)s and id = %(id)s;

-- name: remind
-- Who has not answered is reminded: the request moves up in the inbox, and an event tells whoever sends messages.
with due as materialized (
  select a.id from workflow_approvals a
  where a.status = 'pending' and a.remind_at <= %(now)s
  order by a.remind_at limit 200 for update skip locked
), reminded as (
  update workflow_approvals a set reminders = a.reminders + 1,
    remind_at = case when %(now)s + make_interval(secs => a.remind_every) < coalesce(a.deadline, 'infinity')
      then %(now)s + make_interval(secs => a.remind_every) end
  from due d where a.id = d.id
  returning a.*
), noted as (
  insert into workflow_approval_acts (tenant_id, execution_id, approval_id, action, actor, through, details, at)
  select tenant_id, execution_id, id, 'reminder_sent', 'system:reminder', '', 'reminder ' || reminders, %(now)s from reminded
), told as (
  insert into workflow_events (id, tenant_id, bot_id, workflow_id, event_name, event_key, event_data, day, created_at)
  select gen_random_uuid(), r.tenant_id, x.bot_id, r.execution_id, 'approval_reminder', '', jsonb_build_object(
      'approval', r.id, 'execution', x.root_id, 'workflow', x.workflow_name, 'approvers', r.approvers,
      'message', r.message, 'reminder', r.reminders, 'deadline', r.deadline),
    (%(now)s::timestamptz at time zone 'utc')::date, %(now)s
  from reminded r join workflow_executions x on x.id = r.execution_id and x.finished_on = 'infinity'
)
select count(*) from reminded;

-- name: next_reminder
select min(remind_at) from workflow_approvals where status = 'pending' and remind_at is not null;

-- name: keep_link
insert into workflow_approval_links (hash, tenant_id, approval_id, execution_id, person, expires_at, created_at)
select %(hash)s, a.tenant_id, a.id, a.execution_id, %(person)s, %(expires)s, %(now)s
from workflow_approvals a where a.tenant_id = %(tenant)s and a.id = %(id)s and a.status = 'pending'
returning approval_id;

-- name: read_link
select l.tenant_id, l.approval_id, l.person, l.expires_at, l.used_at from workflow_approval_links l where l.hash = %(hash)s;

-- name: use_link
update workflow_approval_links set used_at = %(now)s
where hash = %(hash)s and used_at is null and expires_at > %(now)s
returning tenant_id, approval_id, person;

-- name: defer_approval
update workflow_approvals set deadline = %(until)s, remind_at = case when remind_at is not null
  then greatest(remind_at, %(now)s) end
where tenant_id = %(tenant)s and id = %(id)s;

-- name: defer_execution
update workflow_executions set wake_at = %(until)s
where tenant_id = %(tenant)s and id = %(execution)s and finished_on = 'infinity' and status = 'waiting';

-- name: list_requests
-- Requests of every status, the newest first. `person`: only those who were asked by one of these names.
select a.id, a.execution_id, x.root_id, x.workflow_name, a.step, a.approvers, a.required, a.message, a.deadline, a.status,
  a.created_at, a.decisions, a.reminders, (
    select coalesce(jsonb_agg(jsonb_build_object('action', t.action, 'by', t.actor, 'through', t.through,
      'details', t.details, 'at', t.at) order by t.id), '[]') from workflow_approval_acts t where t.approval_id = a.id) as history
from workflow_approvals a join workflow_executions x on x.id = a.execution_id
where a.tenant_id = %(tenant)s
  and case %(status)s::text when 'pending' then a.status = 'pending' and x.status = 'waiting'
    when 'decided' then a.status <> 'pending' else true end
  and (%(person)s::text[] is null or exists (
    select 1 from jsonb_array_elements_text(a.approvers) as asked(name) where lower(asked.name) = any(%(person)s)))
  and (%(bots)s::text[] is null or exists (select 1 from workflow_executions r where r.id = x.root_id
    and (lower(r.bot_name) = any(%(bots)s) or split_part(lower(r.bot_name), '/', 1) = any(%(bots)s))))
  and (%(before_at)s::timestamptz is null or (a.created_at, a.id) < (%(before_at)s, %(before_id)s::uuid))
order by a.created_at desc, a.id desc limit %(limit)s;
