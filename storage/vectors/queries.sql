-- Vectors kept in Postgres. Vectors have length 1, so the cosine is the sum of products.
--
-- Locks: rows of search_vectors in the order of their marks. Every statement names tenant and owner.

-- name: has_pgvector
select exists (select from pg_type where typname = 'vector' and pg_type_is_visible(oid))

-- name: was_filled
select exists (select from search_fills where place = %(place)s)

-- name: put
insert into search_vectors as v (tenant_id, owner, place, key, mark, version, vector)
select %(tenant)s, %(owner)s, %(place)s, g.key, g.mark, g.version, string_to_array(g.vector, ',')::real[]
from unnest(%(key)s::text[], %(mark)s::text[], %(version)s::bigint[], %(vector)s::text[]) as g (key, mark, version, vector)
order by g.mark
on conflict (owner, mark, place) do update
  set version = excluded.version, vector = excluded.vector, key = excluded.key
  where v.tenant_id = excluded.tenant_id

-- name: versions
select key, version from search_vectors
where tenant_id = %(tenant)s and owner = %(owner)s and place = %(place)s and mark = any(%(mark)s)

-- name: remove
delete from search_vectors
where tenant_id = %(tenant)s and owner = %(owner)s and place = %(place)s and mark = any(%(mark)s)

-- name: erase
with gone as (
  delete from search_vectors where tenant_id = %(tenant)s and owner = %(owner)s and place = %(place)s returning 1
)
select count(*) from gone

-- name: nearest_by_pgvector
select key, version, 1 - (vector::vector <=> %(vector)s::real[]::vector) as likeness
from search_vectors
where tenant_id = %(tenant)s and owner = %(owner)s and place = %(place)s
order by likeness desc
limit %(limit)s

-- name: nearest_by_sql
select v.key, v.version, (select sum(a * b) from unnest(v.vector, %(vector)s::real[]) as p (a, b)) as likeness
from search_vectors v
where v.tenant_id = %(tenant)s and v.owner = %(owner)s and v.place = %(place)s
order by likeness desc
limit %(limit)s
