-- Drafts of workflows. Lock order: workflow_drafts, then workflow_edits, then workflow_versions.

-- A draft; the text of whoever knows this state of it already stays where it is.
-- name: draft
select id, name, origin, came_from, seq, published, created_by, created_at, changed_by, changed_at,
  case when same then null else source end as source, case when same then null else lines end as lines, next_line
from workflow_drafts, lateral (select seq = %(seq)s and etag = %(etag)s as same) known
where tenant_id = %(tenant)s and id = %(id)s

-- name: draft_named
select * from workflow_drafts where tenant_id = %(tenant)s and folded = %(folded)s

-- name: drafts
select id, name, origin, came_from, etag, seq, published, created_by, created_at, changed_by, changed_at,
  cardinality(lines) as size
from workflow_drafts
where tenant_id = %(tenant)s
  and (%(query)s = '' or position(lower(%(query)s) in lower(name)) > 0)
  and (%(bots)s::text[] is null or lower(coalesce(nullif(origin, ''), name)) = any(%(bots)s))
  and (%(at)s::timestamptz is null or (changed_at, id) < (%(at)s, %(id)s))
order by changed_at desc, id desc
limit %(limit)s

-- name: names
select folded from workflow_drafts where tenant_id = %(tenant)s

-- name: create
insert into workflow_drafts (id, tenant_id, name, folded, origin, came_from, source, etag, lines, next_line,
  created_by, created_at, changed_by, changed_at)
values (%(id)s, %(tenant)s, %(name)s, %(folded)s, %(origin)s, %(came_from)s, %(source)s, %(etag)s, %(lines)s::integer[],
  %(next_line)s, %(by)s, %(now)s, %(by)s, %(now)s)
on conflict (tenant_id, folded) do nothing
returning *

-- name: keep_key
insert into workflow_draft_keys (tenant_id, key, workflow_id, at) values (%(tenant)s, %(key)s, %(id)s, %(now)s)
on conflict do nothing
returning workflow_id

-- name: key
select workflow_id from workflow_draft_keys where tenant_id = %(tenant)s and key = %(key)s

-- The draft after an edit, unless somebody was faster: one statement, so one transaction and one way to the server.
-- A new edit ends what could have been done again.
-- name: write
with written as (
  update workflow_drafts
  set source = %(source)s, etag = %(etag)s, lines = %(lines)s::integer[], next_line = %(next_line)s, seq = seq + 1,
    name = coalesce(%(name)s, name), folded = coalesce(%(folded)s, folded), changed_by = %(by)s, changed_at = %(now)s
  where tenant_id = %(tenant)s and id = %(id)s and seq = %(seq)s
  returning id, tenant_id, name, origin, came_from, seq, published, created_by, created_at, changed_by, changed_at
), marked as (
  update workflow_edits e
  set status = %(mark)s
  from written
  where e.workflow_id = written.id and e.seq = %(marks)s
), dropped as (
  update workflow_edits e
  set status = 'dropped'
  from written
  where %(fresh)s and e.workflow_id = written.id and e.by = %(by)s and e.status = 'undone'
), logged as (
  insert into workflow_edits (tenant_id, workflow_id, seq, by, through, at, op, label, etag, change, key)
  select tenant_id, id, seq, %(by)s, %(through)s, %(now)s, %(op)s, %(label)s, %(etag)s, %(change)s, %(key)s
  from written
), told as (
  select pg_notify('botmcp_hints', 'draft:' || id) from written where %(notify)s
)
select written.*, (select count(*) from told) as told from written

-- name: last_edit
select * from workflow_edits
where workflow_id = %(id)s and tenant_id = %(tenant)s and by = %(by)s and status = 'done'
  and op not in ('undo', 'redo')
order by seq desc limit 1

-- The edit that was undone last: of those undone, the one that was made first.
-- name: undone_edit
select * from workflow_edits
where workflow_id = %(id)s and tenant_id = %(tenant)s and by = %(by)s and status = 'undone'
  and op not in ('undo', 'redo')
order by seq limit 1

-- name: edit_of_key
select op, label from workflow_edits
where workflow_id = %(id)s and tenant_id = %(tenant)s and by = %(by)s and key = %(key)s

-- name: edits_since
select seq, etag, change, by, op, label, at from workflow_edits
where workflow_id = %(id)s and tenant_id = %(tenant)s and seq > %(seq)s
order by seq desc

-- name: edit_of_etag
select max(seq) as seq from workflow_edits
where workflow_id = %(id)s and tenant_id = %(tenant)s and etag = %(etag)s

-- name: trim_edits
delete from workflow_edits where workflow_id = %(id)s and tenant_id = %(tenant)s and seq <= %(seq)s

-- name: rename
update workflow_drafts set name = %(name)s, folded = %(folded)s, changed_by = %(by)s, changed_at = %(now)s
where tenant_id = %(tenant)s and id = %(id)s
returning *

-- name: delete
delete from workflow_drafts where tenant_id = %(tenant)s and id = %(id)s and etag = %(etag)s returning id

-- The latest version where it has this text and no other name; else the next one.
-- name: keep_version
with latest as (
  select * from workflow_versions where tenant_id = %(tenant)s and workflow_id = %(id)s order by number desc limit 1
), same as (
  select * from latest where etag = %(etag)s and %(name)s in ('', name)
), added as (
  insert into workflow_versions (tenant_id, workflow_id, number, name, source, etag, by, at)
  select %(tenant)s, %(id)s, coalesce((select number from latest), 0) + 1, %(name)s, %(source)s, %(etag)s, %(by)s,
    %(now)s
  where not exists (select from same)
  returning *
)
select * from same union all select * from added

-- name: publish
with version as (
  update workflow_versions set published_at = %(now)s
  where tenant_id = %(tenant)s and workflow_id = %(id)s and number = %(number)s
  returning number
)
update workflow_drafts d set published = version.number from version
where d.tenant_id = %(tenant)s and d.id = %(id)s
returning d.*

-- name: unpublish
update workflow_drafts set published = null where tenant_id = %(tenant)s and id = %(id)s returning *

-- name: versions
select tenant_id, workflow_id, number, name, etag, by, at, published_at, '' as source from workflow_versions
where tenant_id = %(tenant)s and workflow_id = %(id)s order by number desc

-- name: version
select * from workflow_versions where tenant_id = %(tenant)s and workflow_id = %(id)s and number = %(number)s

-- name: published
select d.id, d.name, d.origin, d.folded, v.source, v.number, v.published_at
from workflow_drafts d
join workflow_versions v on v.workflow_id = d.id and v.number = d.published
where d.tenant_id = %(tenant)s and (%(folded)s::text is null or d.folded = %(folded)s)
order by d.folded
