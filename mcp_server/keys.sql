-- API keys. The lookup by id comes before any tenant is known; all others name the tenant.

-- name: key_of
select id, tenant_id, name, subject, secret_hash, scopes, bots, requests_per_minute, created_at, created_by, expires_at,
  revoked_at, last_used_at from api_keys where id = %(id)s;

-- name: keep_key
insert into api_keys (id, tenant_id, name, subject, secret_hash, scopes, bots, requests_per_minute, created_at, created_by,
  expires_at)
values (%(id)s, %(tenant)s, %(name)s, %(subject)s, %(hash)s, %(scopes)s, %(bots)s, %(rate)s, %(now)s, %(by)s, %(expires)s);

-- name: list_keys
select id, tenant_id, name, subject, secret_hash, scopes, bots, requests_per_minute, created_at, created_by, expires_at,
  revoked_at, last_used_at
from (select * from api_keys where %(tenant)s::uuid is null or tenant_id = %(tenant)s
  order by created_at desc, id desc limit 1000) newest
order by created_at, id;

-- name: keys_named
-- However many there are: what cannot be found cannot be revoked.
select id, tenant_id, name, subject, secret_hash, scopes, bots, requests_per_minute, created_at, created_by, expires_at,
  revoked_at, last_used_at from api_keys
where (%(tenant)s::uuid is null or tenant_id = %(tenant)s) and (id = %(named)s or (name = %(named)s and revoked_at is null))
order by created_at, id limit 1000;

-- name: revoke_key
update api_keys set revoked_at = coalesce(revoked_at, %(now)s)
where id = %(id)s and (%(tenant)s::uuid is null or tenant_id = %(tenant)s) returning id;

-- name: key_used
-- At most once a minute, so that reading costs no writing.
update api_keys set last_used_at = %(now)s
where id = %(id)s and (last_used_at is null or last_used_at < %(now)s::timestamptz - interval '1 minute');

-- name: note_deeds
insert into audit_log (tenant_id, at, subject, proof, door, action, about, outcome, request, address)
select * from unnest(%(tenant)s::uuid[], %(at)s::timestamptz[], %(subject)s::text[], %(proof)s::text[], %(door)s::text[],
  %(action)s::text[], %(about)s::text[], %(outcome)s::text[], %(request)s::text[], %(address)s::text[]);

-- name: read_audit
select id, tenant_id, at, subject, proof, door, action, about, outcome, request, address from audit_log
where tenant_id = %(tenant)s and (%(before)s::bigint is null or id < %(before)s)
  and (%(subject)s::text is null or subject = %(subject)s) and (%(action)s::text is null or action = %(action)s)
order by id desc limit %(limit)s;

-- name: forget_audit
delete from audit_log where at < %(before)s;
