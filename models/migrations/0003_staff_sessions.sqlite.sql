-- What a person of the operator shows instead of a password: a bearer token, or a cookie.

create table staff_sessions (
    tenant_id text not null,
    id text not null,
    staff_user_id text not null,
    token_hash text not null,
    issued_at text not null,
    expires_at text not null,
    revoked_at text,
    primary key (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id)
) strict;
create index staff_sessions_user on staff_sessions (tenant_id, staff_user_id);
create index staff_sessions_expiry on staff_sessions (tenant_id, expires_at);

-- Whoever is there already is known by their e-mail from now on.
insert into identities (value, kind, tenant_id, row_id)
select lower(email), 'STAFF', tenant_id, id from staff_users;
