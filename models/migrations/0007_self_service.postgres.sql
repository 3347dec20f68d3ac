-- Who may do what is changed by people now: what they set, when secrets and people were last used,
-- and who changed what.

alter table api_clients add column version integer not null default 1;
alter table api_clients add column expires_at timestamptz;
alter table api_clients add column addresses text not null default '[]';
alter table api_clients add column legacy boolean not null default false;
alter table api_clients add column legacy_identifier text;
create index api_clients_by_name on api_clients (tenant_id, name, id);
create index api_clients_newest on api_clients (tenant_id, created_at desc, id desc);

alter table credentials add column legacy boolean not null default false;
alter table credentials add column last_used_address text;
alter table credentials add column last_used_operation text;

alter table staff_users add column version integer not null default 1;
alter table staff_users add column modified_at timestamptz;
alter table staff_users add column last_signed_in_at timestamptz;
update staff_users set modified_at = created_at;
alter table staff_users alter column modified_at set not null;

alter table staff_sessions add column cookie boolean not null default false;
alter table staff_sessions add column last_seen_at timestamptz;
alter table staff_sessions add column address text;

alter table customers add column version integer not null default 1;
alter table warehouses add column version integer not null default 1;

-- What a call concerned, where it was exactly one thing.
alter table calls add column customer_id uuid;
alter table calls add column warehouse_id uuid;
alter table calls add column object_id uuid;
create index calls_newest on calls (tenant_id, at desc, id desc);

create table audit_events (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    at timestamptz not null,
    actor text not null,
    staff_user_id uuid,
    client_id uuid,
    action text not null,
    subject text not null,
    subject_id uuid,
    subject_name text collate "C" not null,
    before text not null,
    after text not null,
    address text,
    request_id text,
    primary key (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id)
);
create index audit_events_newest on audit_events (tenant_id, at desc, id desc);
create index audit_events_subject on audit_events (tenant_id, subject_id, at desc, id desc);

create function audit_events_stay() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end
$$;
create trigger audit_events_stay before update or delete on audit_events
    for each row execute function audit_events_stay();
