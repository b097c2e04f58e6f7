-- What is read of the General Bots host's own tables.

-- name: host_has_bots
select to_regclass('public.bots') is not null

-- name: host_bots
-- The active bots; there are as many as a server has packages.
select distinct name from public.bots where coalesce(is_active, true) order by name limit 10000
