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
