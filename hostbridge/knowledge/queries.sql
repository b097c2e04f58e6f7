-- Knowledge bases: documents, their pieces, and what each conversation answers from.
--
-- Locks: a row of kb_documents, then its pieces. Every statement names tenant and owner, or goes by the run.

-- name: documents
select collection, path, digest, size, modified_ns from kb_documents
where tenant_id = %(tenant)s and owner = %(owner)s

-- name: document_read
-- Answers a row when this reading is the one that counts: not when another process has read the same bytes meanwhile.
insert into kb_documents as d
  (tenant_id, owner, collection, path, digest, size, modified_ns, pages, pieces, fault, added_at, read_at)
values (%(tenant)s, %(owner)s, %(collection)s, %(path)s, %(digest)s, %(size)s, %(modified)s, %(pages)s, %(pieces)s,
  %(fault)s, %(now)s, %(now)s)
on conflict (owner, collection, path) do update
  set digest = excluded.digest, size = excluded.size, modified_ns = excluded.modified_ns, pages = excluded.pages,
    pieces = excluded.pieces, fault = excluded.fault, read_at = excluded.read_at
  where d.tenant_id = excluded.tenant_id and d.digest <> excluded.digest
returning 1

-- name: document_touched
update kb_documents set size = %(size)s, modified_ns = %(modified)s
where tenant_id = %(tenant)s and owner = %(owner)s and collection = %(collection)s and path = %(path)s

-- name: pieces_cut
delete from kb_pieces
where tenant_id = %(tenant)s and owner = %(owner)s and collection = %(collection)s and path = %(path)s

-- name: pieces_put
insert into kb_pieces (tenant_id, owner, collection, path, number, version, page, heading, content)
select %(tenant)s, %(owner)s, %(collection)s, %(path)s, p.number, %(version)s, p.page, p.heading, p.content
from unnest(%(number)s::int[], %(pages)s::int[], %(heading)s::text[], %(content)s::text[])
  as p (number, page, heading, content)

-- name: documents_gone
with gone as (
  delete from kb_documents d using unnest(%(collection)s::text[], %(path)s::text[]) as g (collection, path)
  where d.tenant_id = %(tenant)s and d.owner = %(owner)s and d.collection = g.collection and d.path = g.path
  returning d.collection, d.path
)
delete from kb_pieces p using gone g
where p.tenant_id = %(tenant)s and p.owner = %(owner)s and p.collection = g.collection and p.path = g.path

-- name: website_read
insert into kb_websites as w (tenant_id, owner, url, collection, every, read_at, fault)
values (%(tenant)s, %(owner)s, %(url)s, %(collection)s, %(every)s, %(now)s, %(fault)s)
on conflict (owner, url) do update
  set every = excluded.every, read_at = excluded.read_at, fault = excluded.fault
  where w.tenant_id = excluded.tenant_id

-- name: website
select read_at, fault from kb_websites where tenant_id = %(tenant)s and owner = %(owner)s and url = %(url)s

-- name: websites_due
-- Takes the sites that are to be read again: no other process takes them too.
update kb_websites set read_at = %(now)s
where tenant_id = %(tenant)s and owner = %(owner)s and read_at + every * interval '1 second' < %(now)s
returning url, every

-- name: everything
with now as materialized (select pg_current_snapshot()::text as seen)
select now.seen, p.collection, null::text as mark, p.path, p.number, p.version, p.heading, p.content
from now left join kb_pieces p on p.tenant_id = %(tenant)s and p.owner = %(owner)s

-- name: changed
with now as materialized (select pg_current_snapshot()::text as seen),
since as materialized (select %(since)s::text::pg_snapshot as known)
select now.seen, c.*
from now left join (
  select p.collection, null::text as mark, p.path, p.number, p.version, p.heading, p.content
  from kb_pieces p, since
  where p.tenant_id = %(tenant)s and p.owner = %(owner)s
    and p.xid >= pg_snapshot_xmin(since.known) and not pg_visible_in_snapshot(p.xid, since.known)
  union all
  select '', g.mark, null, null, null, null, null
  from search_gone g, since
  where g.tenant_id = %(tenant)s and g.owner = %(owner)s and g.source = 'knowledge'
    and g.xid >= pg_snapshot_xmin(since.known) and not pg_visible_in_snapshot(g.xid, since.known)
) c on true

-- name: owners
with now as materialized (select pg_current_snapshot()::text as seen)
select now.seen, c.* from now left join (select distinct tenant_id, owner from kb_documents) c on true

-- name: owners_changed
with now as materialized (select pg_current_snapshot()::text as seen),
since as materialized (select %(since)s::text::pg_snapshot as known)
select now.seen, c.*
from now left join (
  select d.tenant_id, d.owner from (select distinct tenant_id, owner from kb_documents) d, since
  where exists (select from kb_pieces p where p.owner = d.owner and p.xid >= pg_snapshot_xmin(since.known)
    and not pg_visible_in_snapshot(p.xid, since.known))
  union
  select g.tenant_id, g.owner from search_gone g, since
  where g.source = 'knowledge' and g.xid >= pg_snapshot_xmin(since.known)
    and not pg_visible_in_snapshot(g.xid, since.known)
) c on true

-- name: found
-- The pieces that were found, as they are now; what has changed since is left out.
select w.place, p.collection, p.path, p.page, p.heading, p.content, d.size, d.modified_ns
from unnest(%(collection)s::text[], %(path)s::text[], %(number)s::int[], %(version)s::bigint[]) with ordinality
  as w (collection, path, number, version, place)
join kb_pieces p on p.owner = %(owner)s and p.collection = w.collection and p.path = w.path and p.number = w.number
  and p.version = w.version and p.tenant_id = %(tenant)s
join kb_documents d on d.owner = p.owner and d.collection = p.collection and d.path = p.path
order by w.place

-- name: in_use
-- What the conversation of a run answers from; no row: nobody has said.
select u.collection from workflow_executions e
join kb_in_use u on u.conversation_id = coalesce(e.session_id, e.root_id) and u.owner = %(owner)s
  and u.tenant_id = e.tenant_id
where e.id = %(execution)s and e.finished_on = 'infinity' and e.tenant_id = %(tenant)s

-- name: figures
select d.collection, count(*) as documents, coalesce(sum(d.pieces), 0)::bigint as pieces,
  coalesce(sum(d.pages), 0)::bigint as pages, coalesce(sum(d.size), 0)::bigint as bytes, count(*) filter (where d.fault is not null) as faults,
  count(*) filter (where d.added_at > %(now)s - interval '7 days') as last_week,
  count(*) filter (where d.added_at > %(now)s - interval '30 days') as last_month, max(d.read_at) as read_at
from kb_documents d where d.tenant_id = %(tenant)s and d.owner = %(owner)s
group by d.collection order by d.collection

-- name: added_since
select count(*) from kb_documents
where tenant_id = %(tenant)s and owner = %(owner)s and added_at > %(now)s - %(days)s * interval '1 day'

-- name: faults
select collection, path, fault from kb_documents
where tenant_id = %(tenant)s and owner = %(owner)s and fault is not null order by collection, path

-- name: kb_used
with asked as (
  select u.*, x.conversation
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
              %(owner)b::uuid[], %(collections)b::text[]::jsonb[], %(said)b::text[])
       as u (ref, tenant, bot, execution, at, owner, collections, said)
  cross join lateral (select coalesce(e.session_id, e.root_id) as conversation from workflow_executions e
    where e.id = u.execution and e.finished_on = 'infinity' offset 0) x
), used as (
  insert into kb_in_use (tenant_id, conversation_id, owner, collection, since)
  select distinct on (a.conversation, a.owner, c.name) a.tenant, a.conversation, a.owner, c.name, a.at
  from asked a cross join jsonb_array_elements_text(a.collections) c (name)
  order by a.conversation, a.owner, c.name
  on conflict (conversation_id, owner, collection) do nothing
)
select ref, jsonb_build_object('v', said) as verdict from asked

-- name: kb_cleared
-- `collections` null takes all away. Where nobody had said what to use, all were used, and what is left is written down.
with asked as (
  select u.*, x.conversation
  from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(bot)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
              %(owner)b::uuid[], %(collections)b::text[]::jsonb[], %(others)b::text[]::jsonb[])
       as u (ref, tenant, bot, execution, at, owner, collections, others)
  cross join lateral (select coalesce(e.session_id, e.root_id) as conversation from workflow_executions e
    where e.id = u.execution and e.finished_on = 'infinity' offset 0) x
), gone as (
  delete from kb_in_use k using asked a
  where k.tenant_id = a.tenant and k.conversation_id = a.conversation and k.owner = a.owner and k.collection <> ''
    and (a.collections is null or a.collections ? k.collection)
), said as (
  insert into kb_in_use (tenant_id, conversation_id, owner, collection, since)
  select distinct on (a.conversation, a.owner, c.name) a.tenant, a.conversation, a.owner, c.name, a.at
  from asked a cross join lateral (
    select '' as name
    union all
    select o.name from jsonb_array_elements_text(a.others) o (name)
    where a.collections is not null and not exists (
      select from kb_in_use k where k.conversation_id = a.conversation and k.owner = a.owner)) c
  order by a.conversation, a.owner, c.name
  on conflict (conversation_id, owner, collection) do nothing
)
select ref, jsonb_build_object('v', null) as verdict from asked
