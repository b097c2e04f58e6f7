-- The outbox. A message is written once, by the commit of its run; the relay owns what has a due_at.

-- name: message_left
insert into bot_messages
  (id, tenant_id, execution_id, bot_id, origin, channel, recipient, subject, body, details, status, reason, due_at, created_at)
select id, tenant, execution, bot, origin, channel, recipient, subject, body, coalesce(details, '{}'),
       case channel when 'draft' then 'draft' else 'kept' end,
       case channel when 'mail' then '' when 'draft' then '' else 'botmcp has no way to deliver this by itself' end,
       case channel when 'mail' then at end, at
from unnest(%(id)b::uuid[], %(tenant)b::uuid[], %(execution)b::uuid[], %(bot)b::uuid[], %(origin)b::text[],
            %(channel)b::text[], %(recipient)b::text[], %(subject)b::text[], %(body)b::text[], %(details)b::jsonb[],
            %(at)b::timestamptz[])
     as given(id, tenant, execution, bot, origin, channel, recipient, subject, body, details, at)
on conflict (id) do nothing

-- name: take_due
-- Leased for as long as one delivery may take: who dies with it leaves it to the next.
update bot_messages set status = 'sending', attempts = attempts + 1, due_at = %(now)s + interval '5 minutes'
where id in (
  select id from bot_messages where due_at <= %(now)s order by due_at limit %(most)s for update skip locked
)
returning id, tenant_id, execution_id, bot_id, origin, recipient, subject, body, details, attempts

-- name: delivered
update bot_messages set status = 'sent', sent_at = %(now)s, due_at = null, reason = '' where id = %(id)s

-- name: put_off
update bot_messages set status = %(status)s, reason = %(reason)s, due_at = %(due)s where id = %(id)s

-- name: kept_without_server
update bot_messages set status = 'kept', due_at = null, reason = 'no mail server is configured'
where due_at <= %(now)s and channel = 'mail'

-- name: messages
select id, channel, recipient, subject, body, details, status, reason, attempts, created_at, sent_at, execution_id
from bot_messages
where tenant_id = %(tenant)s and (%(status)s = '' or status = %(status)s)
  and (%(id)s = '' or id::text like %(id)s || '%%')
order by created_at desc, id limit %(most)s

-- name: send_again
update bot_messages set status = 'kept', channel = 'mail', due_at = %(now)s, attempts = 0, reason = ''
where tenant_id = %(tenant)s and id = %(id)s and channel in ('mail', 'draft') and status in ('kept', 'failed', 'draft')
returning id

-- name: offer_to_host
-- What was left since the relay of the host began, for channels that it has: nothing that was kept before goes out late.
update bot_messages set host_due_at = %(now)s
where status = 'kept' and host_due_at is null and due_at is null and attempts = 0 and channel = any(%(channels)s)
  and created_at >= %(since)s

-- name: take_for_host
-- Leased for as long as one delivery may take: who dies with it leaves it to the next.
update bot_messages set status = 'sending', attempts = attempts + 1, host_due_at = %(now)s + interval '20 minutes'
where id in (
  select id from bot_messages where host_due_at <= %(now)s order by host_due_at limit %(most)s for update skip locked
)
returning id, tenant_id, origin, channel, recipient, body, attempts

-- name: delivered_by_host
update bot_messages set status = 'sent', sent_at = %(now)s, host_due_at = null, reason = 'by the General Bots server'
where id = %(id)s

-- name: put_off_by_host
update bot_messages set status = %(status)s, reason = %(reason)s, host_due_at = %(due)s where id = %(id)s
