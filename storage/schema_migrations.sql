-- What `storage.migrate` needs for itself. Lock order: the advisory lock first, then everything else.

-- name: lock
-- one migration at a time in the whole database; ends with the transaction
select pg_advisory_xact_lock(5016284170023871)

-- name: prepared
select to_regclass('botmcp.schema_migrations') is not null

-- name: create_schema
create schema if not exists botmcp

-- name: create_table
create table if not exists botmcp.schema_migrations (
    version    integer primary key,
    name       text not null,
    checksum   text not null,
    works_with integer not null,
    applied_at timestamptz not null default now()
)

-- name: applied
select version, name, checksum, works_with from botmcp.schema_migrations order by version

-- name: record
insert into botmcp.schema_migrations (version, name, checksum, works_with)
values (%(version)s, %(name)s, %(checksum)s, %(works_with)s)
