-- Backing up and restoring a database. A transaction's number means something in one server only: the events that a wait
-- has seen, and what an index knows, are told by such numbers (xid8, pg_snapshot). In another server they would point into
-- its future, and nothing new would ever be news. So a restore gives them new numbers in the same order.

-- name: one_view
select pg_export_snapshot();

-- name: patient
set idle_in_transaction_session_timeout = 0;

-- name: tables
select c.oid::regclass::text, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'botmcp' and c.relkind in ('r', 'p') and not c.relispartition
order by 2;

-- name: newest
select max(version), current_setting('server_version_num')::int from botmcp.schema_migrations;

-- name: there
select to_regnamespace('botmcp') is not null;

-- name: filled
-- Whether anything of value is in it; a table that an earlier release did not have is not asked.
do $$
declare
  wanted text;
  found boolean;
begin
  foreach wanted in array array['workflow_executions', 'workflow_events', 'bot_memories', 'workflow_schedules'] loop
    if to_regclass('botmcp.' || wanted) is not null then
      execute format('select exists (select from botmcp.%I)', wanted) into found;
      if found then
        raise exception 'botmcp.% holds rows', wanted using errcode = 'object_not_in_prerequisite_state';
      end if;
    end if;
  end loop;
end
$$;

-- name: emptied
drop schema if exists botmcp cascade;

-- name: roles
do $$
declare
  wanted text;
begin
  foreach wanted in array array['botmcp_engine', 'botmcp_request'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      execute format('create role %I nologin', wanted);
    end if;
    if not pg_has_role(current_user, wanted, 'member') then
      execute format('grant %I to current_user', wanted);
    end if;
  end loop;
end
$$;

-- name: collect_numbers
-- Every number of a transaction that any column of ours holds, in order; also those inside cursors of executions.
do $$
declare
  each record;
begin
  create temp table numbers (old xid8 primary key, fresh xid8);
  for each in
    select c.oid::regclass as place, a.attname as name, t.typname as kind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    where n.nspname = 'botmcp' and c.relkind in ('r', 'p') and not c.relispartition
      and t.typname in ('xid8', 'pg_snapshot')
  loop
    if each.kind = 'xid8' then
      execute format('insert into numbers select distinct %1$I from %2$s where %1$I is not null on conflict do nothing',
        each.name, each.place);
    else
      execute format('insert into numbers select distinct n from %2$s, lateral (
          select pg_snapshot_xmin(%1$I) union all select pg_snapshot_xmax(%1$I) union all select pg_snapshot_xip(%1$I)
        ) held (n) where %1$I is not null on conflict do nothing', each.name, each.place);
    end if;
  end loop;
  insert into numbers select distinct (e.value ->> 0)::xid8
    from botmcp.workflow_executions x, jsonb_each(x.cursors) e
    where x.cursors <> '{}' and jsonb_typeof(e.value) = 'array' and e.value ->> 0 ~ '^\d+$' on conflict do nothing;
  update numbers set fresh = (2 + ranked.place)::text::xid8
    from (select old, row_number() over (order by old) as place from numbers) ranked
    where ranked.old = numbers.old;
  analyze numbers;
end
$$;

-- name: highest_number
select coalesce(max(fresh), '0'::xid8)::text::bigint, pg_current_xact_id()::text::bigint,
  coalesce(max(old), '0'::xid8)::text::bigint from numbers;

-- name: pass_numbers
-- Let transactions go by until the server's own numbers are above those given. Commits as it goes, so alone.
do $$
begin
  set local synchronous_commit = off;
  while pg_current_xact_id()::text::bigint <= current_setting('botmcp.wanted')::bigint loop
    commit;
    set local synchronous_commit = off;
  end loop;
end
$$;

-- name: renumber
do $$
declare
  each record;
begin
  create function pg_temp.fresh(given xid8) returns xid8 language sql stable as
    'select fresh from numbers where old = given';
  create function pg_temp.fresh(given pg_snapshot) returns pg_snapshot language sql stable as
    'select (pg_temp.fresh(pg_snapshot_xmin(given))::text || '':'' || pg_temp.fresh(pg_snapshot_xmax(given))::text
      || '':'' || coalesce((select string_agg(pg_temp.fresh(held)::text, '','' order by held)
        from pg_snapshot_xip(given) held), ''''))::pg_snapshot';
  for each in
    select c.oid::regclass as place, a.attname as name, c.relkind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    where n.nspname = 'botmcp' and c.relkind in ('r', 'p') and not c.relispartition
      and t.typname in ('xid8', 'pg_snapshot')
  loop
    execute format('alter table %s disable trigger user', each.place);  -- they would note the change as news
    execute format('update %2$s set %1$I = pg_temp.fresh(%1$I) where %1$I is not null', each.name, each.place);
    execute format('alter table %s enable trigger user', each.place);
  end loop;
  update botmcp.workflow_executions x set cursors = (
      select jsonb_object_agg(e.key, case
        when jsonb_typeof(e.value) = 'array' and e.value ->> 0 ~ '^\d+$' then jsonb_set(e.value, '{0}',
          case when jsonb_typeof(e.value -> 0) = 'number' then to_jsonb(pg_temp.fresh((e.value ->> 0)::xid8)::text::bigint)
          else to_jsonb(pg_temp.fresh((e.value ->> 0)::xid8)::text) end)
        else e.value end)
      from jsonb_each(x.cursors) e)
    where x.cursors <> '{}';
end
$$;

-- name: nobody_works
-- The workers of before are not here: what they held is taken over at once instead of after their leases.
update botmcp.workers set lease_until = '-infinity' where lease_until > '-infinity';
