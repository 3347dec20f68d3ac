-- Calls added up by day, made of the ledger: a report reads these, and of the ledger its end.

create table usage_rollups (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    week date not null,
    day date not null,
    client_id uuid not null,
    customer_id uuid,
    warehouse_id uuid,
    field text collate "C" not null,
    calls bigint not null check (calls > 0),
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id)
);
create index usage_rollups_week on usage_rollups (tenant_id, week, client_id, day);

-- Up to where that was done, and which weeks are in it whole.
create table usage_marks (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    settled_until timestamptz not null,
    sealed date,
    primary key (tenant_id, id)
);
create unique index usage_marks_once on usage_marks (tenant_id);
