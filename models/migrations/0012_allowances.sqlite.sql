-- How often somebody may ask. The first table belongs to no tenant: strangers' addresses have none.
-- Nothing refers to it and each statement names one row, so it is distributed by its key alone.

create table allowances (
    subject text primary key,
    full_at integer not null,
    taken integer not null
) strict;

create table throttled_calls (
    tenant_id text not null references tenants (id),
    id text not null,
    client_id text not null,
    hour text not null,
    allowance text not null,
    calls integer not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id)
) strict;
create unique index throttled_calls_once on throttled_calls (tenant_id, client_id, hour, allowance);
create index throttled_calls_hour on throttled_calls (tenant_id, hour);
