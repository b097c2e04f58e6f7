-- What is to be sent to webhooks. Lock order: workflow_outbox, then workflow_deliveries.

-- name: webhooks_due
-- Takes what is due for a while: should this process die, somebody sends it again then. Of the events of one key only the
-- first that a subscription has not taken yet: the next one follows it, or the end of the tries for it.
with due as (
  select id from workflow_outbox o where due_at <= %(now)s and (
    select d.event_key = '' or d.event_id = (
      select e.event_id from workflow_deliveries e where e.subscription_id = d.subscription_id
        and e.event_key = d.event_key and e.event_key <> '' and e.status in ('pending', 'running')
      order by e.xid, e.seq limit 1)
    from workflow_deliveries d where d.subscription_id = o.subscription_id and d.event_id = o.event_id) is not false
  order by due_at limit %(some)s for update skip locked
)
update workflow_outbox o set due_at = %(lease)s, attempts = o.attempts + 1
from due d, workflow_subscriptions s where o.id = d.id and s.id = o.subscription_id
returning o.id, o.subscription_id, o.event_id, o.body, o.attempts, o.created_at, s.url, s.secret, s.ended_at is not null as ended;

-- name: webhook_done
with gone as (delete from workflow_outbox where id = %(id)s)
update workflow_deliveries set status = %(status)s, attempts = %(attempts)s, error = %(error)s::jsonb, ended_at = %(now)s
where subscription_id = %(subscription)s and event_id = %(event)s and status = 'running';

-- name: webhook_again
with put_off as (update workflow_outbox set due_at = %(due)s where id = %(id)s)
update workflow_deliveries set attempts = %(attempts)s, error = %(error)s::jsonb
where subscription_id = %(subscription)s and event_id = %(event)s and status = 'running';

-- name: next_webhook
-- What waits for an earlier event of its key is due when that one is done, which whoever did it knows.
select min(due_at) from workflow_outbox o where due_at is not null and (
  select d.event_key = '' or d.event_id = (
    select e.event_id from workflow_deliveries e where e.subscription_id = d.subscription_id
      and e.event_key = d.event_key and e.event_key <> '' and e.status in ('pending', 'running')
    order by e.xid, e.seq limit 1)
  from workflow_deliveries d where d.subscription_id = o.subscription_id and d.event_id = o.event_id) is not false;
