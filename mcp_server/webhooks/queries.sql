-- What the door of webhooks reads.

-- name: last_state
-- How an ended run left its variables.
select state from workflow_executions where tenant_id = %(tenant)s and id = %(id)s
