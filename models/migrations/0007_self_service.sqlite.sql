-- Who may do what is changed by people now: what they set, when secrets and people were last used,
-- and who changed what.

alter table api_clients add column version integer not null default 1;
alter table api_clients add column expires_at text;
alter table api_clients add column addresses text not null default '[]';
alter table api_clients add column legacy integer not null default 0;
alter table api_clients add column legacy_identifier text;
create index api_clients_by_name on api_clients (tenant_id, name, id);
create index api_clients_newest on api_clients (tenant_id, created_at desc, id desc);

alter table credentials add column legacy integer not null default 0;
alter table credentials add column last_used_address text;
alter table credentials add column last_used_operation text;

alter table staff_users add column version integer not null default 1;
alter table staff_users add column modified_at text not null default '';
alter table staff_users add column last_signed_in_at text;
update staff_users set modified_at = created_at;

alter table staff_sessions add column cookie integer not null default 0;
alter table staff_sessions add column last_seen_at text;
alter table staff_sessions add column address text;

alter table customers add column version integer not null default 1;
alter table warehouses add column version integer not null default 1;

-- What a call concerned, where it was exactly one thing.
alter table calls add column customer_id text;
alter table calls add column warehouse_id text;
alter table calls add column object_id text;
create index calls_newest on calls (tenant_id, at desc, id desc);

create table audit_events (
    tenant_id text not null references tenants (id),
    id text not null,
    at text not null,
    actor text not null,
    staff_user_id text,
    client_id text,
    action text not null,
    subject text not null,
    subject_id text,
    subject_name text not null,
    before text not null,
    after text not null,
    address text,
    request_id text,
    primary key (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id)
) strict;
create index audit_events_newest on audit_events (tenant_id, at desc, id desc);
create index audit_events_subject on audit_events (tenant_id, subject_id, at desc, id desc);

create trigger audit_events_not_updated before update on audit_events
begin
    select raise(abort, 'the audit log is append-only');
end;
create trigger audit_events_not_deleted before delete on audit_events
begin
    select raise(abort, 'the audit log is append-only');
end;
