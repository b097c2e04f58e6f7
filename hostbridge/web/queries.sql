-- Headers of runs.

-- name: headers_changed
-- A row without a name clears what stood before it, in the table and in this batch.
with given as (
  select ref, tenant, execution, lower(name) as name, value, at,
         max(ref) filter (where name is null) over (partition by execution) as cleared
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(execution)b::uuid[], %(name)b::text[], %(value)b::text[],
              %(at)b::timestamptz[]) as given(ref, tenant, execution, name, value, at)
), gone as (
  delete from run_headers using (select distinct execution from given where name is null) as emptied
  where execution_id = emptied.execution
    and not exists (select 1 from given where given.execution = run_headers.execution_id
                    and given.name = run_headers.name and given.ref > coalesce(given.cleared, -1))
)
insert into run_headers (tenant_id, execution_id, name, value, at)
select distinct on (execution, name) tenant, execution, name, value, at
from given where name is not null and ref > coalesce(cleared, -1)
order by execution, name, ref desc
on conflict (execution_id, name) do update set value = excluded.value, at = excluded.at

-- name: headers
select name, value from run_headers where tenant_id = %(tenant)s and execution_id = %(execution)s

-- name: forget_headers
-- Of runs that have ended.
delete from run_headers h
where not exists (select from workflow_executions x where x.id = h.execution_id and x.finished_on = 'infinity')
