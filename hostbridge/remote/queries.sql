-- What is read of the General Bots host's own tables.

-- name: host_has_bots
select to_regclass('public.bots') is not null

-- name: host_bots
-- The active bots; there are as many as a server has packages.
select distinct name from public.bots where coalesce(is_active, true) order by name limit 10000

-- name: host_session
select session_id, user_id from host_sessions where tenant_id = %(tenant)s and conversation = %(conversation)s

-- name: keep_host_session
insert into host_sessions (tenant_id, conversation, session_id, user_id, at)
values (%(tenant)s, %(conversation)s, %(session)s, %(user)s, %(now)s)
on conflict (conversation) do update set session_id = excluded.session_id, user_id = excluded.user_id, at = excluded.at

-- name: forget_host_sessions
delete from host_sessions where at < %(before)s
