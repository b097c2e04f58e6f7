-- The host's events, as ours look at them.

-- name: is_ours
select exists (select 1 from workflow_events where id = %(id)s);

-- name: host_row
select to_jsonb(e) from public.workflow_events e where id = %(id)s;
