-- The catalogue of the bots' tables. The tables themselves stand in a schema per owner; their names are quoted by
-- psycopg.sql. Lock order: the owner's schema (advisory), then the call, then rows.

-- name: hold_owner
-- One at a time makes or changes the tables of an owner.
select pg_advisory_xact_lock(hashtextextended(%(owner)s, 7))

-- name: layout
select relation_schema, relation, columns from bot_tables
where tenant_id = %(tenant)s and owner = %(owner)s and name = %(name)s

-- name: names
select name from bot_tables where tenant_id = %(tenant)s and owner = %(owner)s order by name

-- name: add_layout
insert into bot_tables (tenant_id, owner, name, relation_schema, relation, columns, created_at)
values (%(tenant)s, %(owner)s, %(name)s, %(schema)s, %(relation)s, %(columns)s, %(now)s)

-- name: change_layout
update bot_tables set columns = %(columns)s
where tenant_id = %(tenant)s and owner = %(owner)s and name = %(name)s

-- name: begin_call
insert into bot_table_calls (tenant_id, call_id, at) values (%(tenant)s, %(call)s, %(now)s)
on conflict do nothing returning 1

-- name: call_answer
select answer from bot_table_calls where tenant_id = %(tenant)s and call_id = %(call)s

-- name: end_call
update bot_table_calls set answer = %(answer)s where tenant_id = %(tenant)s and call_id = %(call)s

-- name: forget_calls
delete from bot_table_calls where at < %(before)s
