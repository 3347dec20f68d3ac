-- Transport: consignments, and what carrying costs.

create table consignments (
    tenant_id uuid not null,
    id uuid not null,
    customer_id uuid not null,
    warehouse_id uuid not null,
    type text not null,
    reference text collate "C" not null,
    holds_reference boolean not null default true,
    status text not null,
    version integer not null default 1,
    drop_off boolean not null default false,
    collect_company text,
    collect_contact text,
    collect_line1 text,
    collect_line2 text,
    collect_suburb text,
    collect_city text,
    collect_state text,
    collect_postcode text,
    collect_country text,
    collect_phone text,
    collect_email text,
    deliver_company text,
    deliver_contact text,
    deliver_line1 text,
    deliver_line2 text,
    deliver_suburb text,
    deliver_city text,
    deliver_state text,
    deliver_postcode text,
    deliver_country text,
    deliver_phone text,
    deliver_email text,
    required_on date,
    instructions text,
    internal_notes text,
    cash_on_delivery bigint,
    cash_on_delivery_currency text,
    invoice_value bigint,
    invoice_value_currency text,
    cost bigint,
    cost_currency text,
    authority_to_leave boolean not null default false,
    authority_to_leave_instructions text,
    tracking_company text,
    tracking_url text,
    properties text,
    outbound_order_id uuid,
    replaces_id uuid,
    content text not null,
    delivered_recipient text,
    delivered_at timestamptz,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id),
    foreign key (tenant_id, outbound_order_id) references outbound_orders (tenant_id, id),
    foreign key (tenant_id, replaces_id) references consignments (tenant_id, id)
);
create unique index consignments_reference on consignments (tenant_id, customer_id, reference)
    where holds_reference and status not in ('CANCELLED', 'REJECTED');
create index consignments_same_reference on consignments (tenant_id, customer_id, reference, created_at);
create index consignments_newest on consignments (tenant_id, customer_id, created_at desc, id desc);
create index consignments_newest_of_all on consignments (tenant_id, created_at desc, id desc);
create index consignments_order on consignments (tenant_id, outbound_order_id) where outbound_order_id is not null;

create table consignment_items (
    tenant_id uuid not null,
    id uuid not null,
    consignment_id uuid not null,
    position integer not null,
    description text not null,
    quantity bigint not null check (quantity > 0),
    pallets bigint check (pallets >= 0),
    weight_kg bigint check (weight_kg >= 0),
    cubic_m3 bigint check (cubic_m3 >= 0),
    spaces bigint check (spaces >= 0),
    delivered_quantity bigint check (delivered_quantity >= 0),
    primary key (tenant_id, id),
    foreign key (tenant_id, consignment_id) references consignments (tenant_id, id)
);
create unique index consignment_items_position on consignment_items (tenant_id, consignment_id, position);

create table consignment_events (
    tenant_id uuid not null,
    id uuid not null,
    consignment_id uuid not null,
    version integer not null,
    status text not null,
    changed text not null,
    at timestamptz not null,
    client_id uuid,
    staff_user_id uuid,
    primary key (tenant_id, id),
    foreign key (tenant_id, consignment_id) references consignments (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id)
);
create unique index consignment_events_version on consignment_events (tenant_id, consignment_id, version);

-- Prices in millionths of the tenant's currency, so that a kilogram may cost less than a cent.
create table rate_cards (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    customer_id uuid,
    from_date date not null,
    per_consignment bigint not null default 0 check (per_consignment >= 0),
    per_pallet bigint not null default 0 check (per_pallet >= 0),
    per_kg bigint not null default 0 check (per_kg >= 0),
    per_m3 bigint not null default 0 check (per_m3 >= 0),
    minimum bigint not null default 0 check (minimum >= 0),
    created_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create unique index rate_cards_of_customer on rate_cards (tenant_id, customer_id, from_date) where customer_id is not null;
create unique index rate_cards_of_tenant on rate_cards (tenant_id, from_date) where customer_id is null;
