-- Calls added up by day, made of the ledger: a report reads these, and of the ledger its end.

create table usage_rollups (
    tenant_id text not null references tenants (id),
    id text not null,
    week text not null,
    day text not null,
    client_id text not null,
    customer_id text,
    warehouse_id text,
    field text not null,
    calls integer not null check (calls > 0),
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id)
) strict;
create index usage_rollups_week on usage_rollups (tenant_id, week, client_id, day);

-- Up to where that was done, and which weeks are in it whole.
create table usage_marks (
    tenant_id text not null references tenants (id),
    id text not null,
    settled_until text not null,
    sealed text,
    primary key (tenant_id, id)
) strict;
create unique index usage_marks_once on usage_marks (tenant_id);
