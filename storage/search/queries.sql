-- How far the stores of vectors are filled, and what was taken away lately.

-- name: fill_alone
-- One process at a time fills a place; the lock goes with the connection.
select pg_try_advisory_lock(hashtextextended('botmcp fill ' || %(place)s, 0))

-- name: fill_alone_soon
select pg_advisory_lock(hashtextextended('botmcp fill ' || %(place)s, 0))

-- name: fill_no_longer
select pg_advisory_unlock(hashtextextended('botmcp fill ' || %(place)s, 0))

-- name: filled_upto
select known::text from search_fills where place = %(place)s

-- name: filled
insert into search_fills as f (place, known) values (%(place)s, %(known)s::pg_snapshot)
on conflict (place) do update set known = excluded.known
