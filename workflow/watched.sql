-- What those ask who watch executions, again and again.

-- name: marks
-- For each of these executions a text that is another one after each commit, and each change from outside, of it or of
-- anything it started.
with recursive family as (
  select id as watched, id, seq, status, (created_at at time zone 'utc')::date - 1 as since
  from workflow_executions where id = any(%(ids)s::uuid[])
  union all
  select f.watched, c.id, c.seq, c.status, f.since
  from family f cross join lateral (
    select id, seq, status from workflow_executions where parent_id = f.id and finished_on >= f.since offset 0) c
)
select watched, md5(string_agg(concat_ws(':', id, seq, status), ' ' order by id)
  || coalesce((select string_agg(a.id::text || a.status || jsonb_array_length(a.decisions), ' ' order by a.id)
    from workflow_approvals a where a.execution_id = any(array_agg(family.id))), '')) as mark
from family group by watched;
