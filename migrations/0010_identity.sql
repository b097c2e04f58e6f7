-- works with: 0001
-- Keys of callers, and the audit log.

set local search_path = botmcp, public;

-- A key is `botmcp_<id>_<secret>`: the secret is shown once and never kept, only its hash is.
create table api_keys (
  id text primary key,
  tenant_id uuid not null,
  name text not null,
  subject text not null,                                -- whom its holder acts as, as approvals name people
  secret_hash bytea not null,
  scopes text[] not null,
  bots text[],                                          -- the only bots or packages, in lower case; null: all
  requests_per_minute integer,                          -- null: as the settings say
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
create index api_keys_tenant on api_keys (tenant_id, created_at);

-- Who did, or was refused, what through a door. What was done to executions stands in workflow_acts as well, written
-- with the deed itself.
create table audit_log (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  at timestamptz not null,
  subject text not null,
  proof text not null,                                  -- key <id>, token, oauth, cookie, none
  door text not null,                                   -- rest, mcp, command line, ...
  action text not null,
  about text not null default '',
  outcome text not null,                                -- done, or why not
  request text not null default '',                     -- the id that the log and the answer carry
  address text not null default ''
);
create index audit_log_newest on audit_log (tenant_id, id desc);
create index audit_log_at on audit_log (at);

-- Both stand behind the policies that keep tenants apart.
select tenants_apart(c.oid::regclass) from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
where c.relnamespace = 'botmcp'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  and not c.relrowsecurity;
