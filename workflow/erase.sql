-- Erasing what the engine holds of a bot, or of the conversations of a person.
--
-- What belongs to an execution says so with a column execution_id, whichever room wrote it; so nothing is forgotten here
-- when a room gets a new table. Executions that still run are left alone: erase again once they have ended.

-- name: ended_executions
-- Those whose whole family has ended.
select x.id from workflow_executions x
where x.tenant_id = %(tenant)s and (x.bot_id = %(bot)s or x.session_id::text = %(person)s)
  and x.finished_on < 'infinity'
  and not exists (select from workflow_executions r where r.root_id = x.root_id and r.finished_on = 'infinity')

-- name: running_executions
select count(*) from workflow_executions x
where x.tenant_id = %(tenant)s and (x.bot_id = %(bot)s or x.session_id::text = %(person)s) and x.id <> all(%(gone)s)

-- name: tables_by_execution
select c.relname from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attname = 'execution_id' and not a.attisdropped
where c.relnamespace = 'botmcp'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  and c.relname not like 'bot\_memor%%' order by c.relname

-- name: erase_events
with gone as (
  delete from workflow_events where tenant_id = %(tenant)s and (bot_id = %(bot)s or workflow_id = any(%(gone)s))
  returning 1
)
select count(*) from gone

-- name: erase_executions
delete from workflow_executions where tenant_id = %(tenant)s and id = any(%(gone)s) and finished_on < 'infinity'

-- name: erase_membership
delete from session_bots where tenant_id = %(tenant)s and bot_id = %(bot)s
