-- What those ask who watch executions, again and again.

-- name: marks
-- For each of these executions a text that is another one after each commit, and each change from outside, of it or of
-- anything it started.
with recursive family as (
  select x.id as watched, x.id, x.seq, x.status from workflow_executions x where x.id = any(%(ids)s::uuid[])
  union all
  select f.watched, c.id, c.seq, c.status from workflow_executions c join family f on c.parent_id = f.id
)
select watched, md5(string_agg(concat_ws(':', id, seq, status), ' ' order by id)
  || coalesce((select string_agg(a.id::text || a.status || jsonb_array_length(a.decisions), ' ' order by a.id)
    from workflow_approvals a where a.execution_id = any(array_agg(family.id))), '')) as mark
from family group by watched;
