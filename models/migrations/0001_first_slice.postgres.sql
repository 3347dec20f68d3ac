-- Tenant id leads every key and every reference, so no row can point into another tenant and the
-- schema distributes by tenant. Texts that are sorted compare by byte, as they do on SQLite.

create table tenants (
    id uuid primary key,
    name text not null,
    currency text not null check (length(currency) = 3),
    time_zone text not null,
    epoch bigint not null default 0,
    created_at timestamptz not null
);

create table identities (
    value text collate "C" primary key,
    kind text not null,
    tenant_id uuid not null references tenants (id),
    row_id uuid not null
);
create index identities_row on identities (tenant_id, row_id);

create table staff_users (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    email text not null,
    name text not null,
    role text not null,
    password_hash text,
    active boolean not null default true,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);

create table warehouses (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    code text collate "C" not null,
    name text collate "C" not null,
    time_zone text not null,
    active boolean not null default true,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    primary key (tenant_id, id)
);
create unique index warehouses_code on warehouses (tenant_id, code);

create table customers (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    code text collate "C" not null,
    name text collate "C" not null,
    sandbox boolean not null default false,
    sandbox_of_id uuid,
    default_warehouse_id uuid,
    active boolean not null default true,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, sandbox_of_id) references customers (tenant_id, id),
    foreign key (tenant_id, default_warehouse_id) references warehouses (tenant_id, id)
);
create unique index customers_code on customers (tenant_id, code);
create unique index customers_sandbox_of on customers (tenant_id, sandbox_of_id) where sandbox_of_id is not null;

create table api_clients (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    name text collate "C" not null,
    active boolean not null default false,
    all_customers boolean not null default false,
    all_warehouses boolean not null default false,
    sees_tenant_usage boolean not null default false,
    last_used_at timestamptz,
    last_used_address text,
    last_used_operation text,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    primary key (tenant_id, id)
);

create table api_client_roles (
    tenant_id uuid not null,
    id uuid not null,
    client_id uuid not null,
    role text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id)
);
create unique index api_client_roles_once on api_client_roles (tenant_id, client_id, role);

create table api_client_customers (
    tenant_id uuid not null,
    id uuid not null,
    client_id uuid not null,
    customer_id uuid not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create unique index api_client_customers_once on api_client_customers (tenant_id, client_id, customer_id);

create table api_client_warehouses (
    tenant_id uuid not null,
    id uuid not null,
    client_id uuid not null,
    warehouse_id uuid not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id)
);
create unique index api_client_warehouses_once on api_client_warehouses (tenant_id, client_id, warehouse_id);

create table credentials (
    tenant_id uuid not null,
    id uuid not null,
    client_id uuid not null,
    secret_hash text not null,
    created_at timestamptz not null,
    retires_at timestamptz,
    last_used_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id)
);
create index credentials_client on credentials (tenant_id, client_id);

create table access_tokens (
    tenant_id uuid not null,
    id uuid not null,
    client_id uuid not null,
    credential_id uuid not null,
    token_hash text not null,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, credential_id) references credentials (tenant_id, id)
);
create index access_tokens_expiry on access_tokens (tenant_id, expires_at);

create table products (
    tenant_id uuid not null,
    id uuid not null,
    customer_id uuid not null,
    code text collate "C" not null,
    name text collate "C" not null,
    type text,
    description text,
    default_unit text not null,
    active boolean not null default true,
    version integer not null default 1,
    content text not null,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create unique index products_code on products (tenant_id, customer_id, code);
create index products_by_code on products (tenant_id, code, id);

create table product_units (
    tenant_id uuid not null,
    id uuid not null,
    product_id uuid not null,
    position integer not null,
    code text collate "C" not null,
    base_quantity bigint not null check (base_quantity > 0),
    weight_kg bigint,
    length_m bigint,
    width_m bigint,
    height_m bigint,
    barcode text,
    directly_shippable boolean not null default true,
    primary key (tenant_id, id),
    foreign key (tenant_id, product_id) references products (tenant_id, id)
);
create unique index product_units_code on product_units (tenant_id, product_id, code);

create table product_events (
    tenant_id uuid not null,
    id uuid not null,
    product_id uuid not null,
    version integer not null,
    changed text not null,
    at timestamptz not null,
    client_id uuid,
    staff_user_id uuid,
    primary key (tenant_id, id),
    foreign key (tenant_id, product_id) references products (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id)
);
create unique index product_events_version on product_events (tenant_id, product_id, version);

create table outbound_orders (
    tenant_id uuid not null,
    id uuid not null,
    customer_id uuid not null,
    warehouse_id uuid not null,
    reference text collate "C" not null,
    status text not null,
    version integer not null default 1,
    urgent boolean not null default false,
    instructions text,
    internal_notes text,
    ship_by date,
    allow_splitting boolean not null default true,
    invoice_value bigint,
    invoice_value_currency text,
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
    deliver_method text not null,
    deliver_requested_service text,
    deliver_instructions text,
    deliver_required_on date,
    cash_on_delivery bigint,
    cash_on_delivery_currency text,
    replaces_id uuid,
    content text not null,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    packed_at timestamptz,
    dispatched_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id),
    foreign key (tenant_id, replaces_id) references outbound_orders (tenant_id, id)
);
-- One standing order per reference, for ever; a released reference leaves the index.
create unique index outbound_orders_reference on outbound_orders (tenant_id, customer_id, reference)
    where status not in ('CANCELLED', 'REJECTED');
create index outbound_orders_same_reference on outbound_orders (tenant_id, customer_id, reference, created_at);
create index outbound_orders_newest on outbound_orders (tenant_id, customer_id, created_at desc, id desc);
create index outbound_orders_newest_of_all on outbound_orders (tenant_id, created_at desc, id desc);

create table outbound_order_items (
    tenant_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    position integer not null,
    product_id uuid not null,
    unit text not null,
    quantity bigint not null check (quantity > 0),
    approximate_unit_price bigint,
    approximate_unit_price_currency text,
    batch text,
    expiry_date date,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references outbound_orders (tenant_id, id),
    foreign key (tenant_id, product_id) references products (tenant_id, id)
);
create unique index outbound_order_items_position on outbound_order_items (tenant_id, order_id, position);
create index outbound_order_items_product on outbound_order_items (tenant_id, product_id);

create table outbound_order_events (
    tenant_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    version integer not null,
    status text not null,
    changed text not null,
    at timestamptz not null,
    client_id uuid,
    staff_user_id uuid,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references outbound_orders (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id)
);
create unique index outbound_order_events_version on outbound_order_events (tenant_id, order_id, version);

create table ledger (
    tenant_id uuid not null,
    id uuid not null,
    week date not null,
    at timestamptz not null,
    late boolean not null default false,
    client_id uuid not null,
    credential_id uuid,
    field text not null,
    operation text,
    request_id text not null,
    customer_id uuid,
    warehouse_id uuid,
    object_id uuid,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, credential_id) references credentials (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id)
);
create index ledger_week on ledger (tenant_id, week, client_id, at);

create table calls (
    tenant_id uuid not null,
    id uuid not null,
    at timestamptz not null,
    client_id uuid not null,
    credential_id uuid,
    field text not null,
    operation text,
    outcome text not null,
    count integer not null,
    address text,
    milliseconds integer not null,
    request_id text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id)
);
create index calls_when on calls (tenant_id, client_id, at);
create index calls_age on calls (at);

create table idempotency_keys (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    caller_id uuid not null,
    key text not null,
    field text not null,
    fingerprint text not null,
    object_id uuid,
    outcome text,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
create unique index idempotency_keys_once on idempotency_keys (tenant_id, caller_id, key);
create index idempotency_keys_age on idempotency_keys (created_at);

create table plans (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    from_week date not null,
    consignments bigint not null check (consignments >= 0),
    warehouse_orders bigint not null check (warehouse_orders >= 0),
    calls_per_job integer not null default 5 check (calls_per_job >= 0),
    price_micros bigint not null default 10000 check (price_micros >= 0),
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
create unique index plans_week on plans (tenant_id, from_week);

create table statements (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    week date not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    time_zone text not null,
    currency text not null,
    consignments bigint not null,
    warehouse_orders bigint not null,
    calls_per_job integer not null,
    price_micros bigint not null,
    included bigint not null,
    used bigint not null,
    excess bigint not null,
    amount bigint not null,
    closed_at timestamptz not null,
    primary key (tenant_id, id)
);
create unique index statements_week on statements (tenant_id, week);

create table statement_lines (
    tenant_id uuid not null,
    id uuid not null,
    statement_id uuid not null,
    client_id uuid not null,
    field text not null,
    calls bigint not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, statement_id) references statements (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id)
);
create unique index statement_lines_once on statement_lines (tenant_id, statement_id, client_id, field);
