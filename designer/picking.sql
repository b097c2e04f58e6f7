-- What the fields of the designer offer to pick from.

-- name: events
select event_name as name, max(seq) as seq from workflow_events
where tenant_id = %(tenant)s group by event_name order by seq desc limit 200

-- name: memory
select distinct key as name from bot_memories
where tenant_id = %(tenant)s and key not like 'session/%%' and key not like 'cached/%%' order by key limit 300

-- name: people
select distinct jsonb_array_elements_text(approvers) as name from workflow_approvals
where tenant_id = %(tenant)s limit 100

-- Those of a few events; which of them does not matter, for events of one name are alike.
-- name: fields
select distinct jsonb_object_keys(event_data) as name from (
  select event_data from workflow_events
  where tenant_id = %(tenant)s and event_name = %(name)s and jsonb_typeof(event_data) = 'object' limit 50
) as few order by name limit 100
