-- Tenant id leads every key and every reference, so no row can point into another tenant and the
-- schema distributes by tenant. Texts that are sorted compare by byte, as they do on SQLite.

create table tenants (
    id text primary key,
    name text not null,
    currency text not null check (length(currency) = 3),
    time_zone text not null,
    epoch integer not null default 0,
    created_at text not null
) strict;

create table identities (
    value text primary key,
    kind text not null,
    tenant_id text not null references tenants (id),
    row_id text not null
) strict;
create index identities_row on identities (tenant_id, row_id);

create table staff_users (
    tenant_id text not null references tenants (id),
    id text not null,
    email text not null,
    name text not null,
    role text not null,
    password_hash text,
    active integer not null default 1,
    created_at text not null,
    primary key (tenant_id, id)
) strict;

create table warehouses (
    tenant_id text not null references tenants (id),
    id text not null,
    code text not null,
    name text not null,
    time_zone text not null,
    active integer not null default 1,
    created_at text not null,
    modified_at text not null,
    primary key (tenant_id, id)
) strict;
create unique index warehouses_code on warehouses (tenant_id, code);

create table customers (
    tenant_id text not null references tenants (id),
    id text not null,
    code text not null,
    name text not null,
    sandbox integer not null default 0,
    sandbox_of_id text,
    default_warehouse_id text,
    active integer not null default 1,
    created_at text not null,
    modified_at text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, sandbox_of_id) references customers (tenant_id, id),
    foreign key (tenant_id, default_warehouse_id) references warehouses (tenant_id, id)
) strict;
create unique index customers_code on customers (tenant_id, code);
create unique index customers_sandbox_of on customers (tenant_id, sandbox_of_id) where sandbox_of_id is not null;

create table api_clients (
    tenant_id text not null references tenants (id),
    id text not null,
    name text not null,
    active integer not null default 0,
    all_customers integer not null default 0,
    all_warehouses integer not null default 0,
    sees_tenant_usage integer not null default 0,
    last_used_at text,
    last_used_address text,
    last_used_operation text,
    created_at text not null,
    modified_at text not null,
    primary key (tenant_id, id)
) strict;

create table api_client_roles (
    tenant_id text not null,
    id text not null,
    client_id text not null,
    role text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id)
) strict;
create unique index api_client_roles_once on api_client_roles (tenant_id, client_id, role);

create table api_client_customers (
    tenant_id text not null,
    id text not null,
    client_id text not null,
    customer_id text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id)
) strict;
create unique index api_client_customers_once on api_client_customers (tenant_id, client_id, customer_id);

create table api_client_warehouses (
    tenant_id text not null,
    id text not null,
    client_id text not null,
    warehouse_id text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id)
) strict;
create unique index api_client_warehouses_once on api_client_warehouses (tenant_id, client_id, warehouse_id);

create table credentials (
    tenant_id text not null,
    id text not null,
    client_id text not null,
    secret_hash text not null,
    created_at text not null,
    retires_at text,
    last_used_at text,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id)
) strict;
create index credentials_client on credentials (tenant_id, client_id);

create table access_tokens (
    tenant_id text not null,
    id text not null,
    client_id text not null,
    credential_id text not null,
    token_hash text not null,
    issued_at text not null,
    expires_at text not null,
    revoked_at text,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, credential_id) references credentials (tenant_id, id)
) strict;
create index access_tokens_expiry on access_tokens (tenant_id, expires_at);

create table products (
    tenant_id text not null,
    id text not null,
    customer_id text not null,
    code text not null,
    name text not null,
    type text,
    description text,
    default_unit text not null,
    active integer not null default 1,
    version integer not null default 1,
    content text not null,
    created_at text not null,
    modified_at text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id)
) strict;
create unique index products_code on products (tenant_id, customer_id, code);
create index products_by_code on products (tenant_id, code, id);

create table product_units (
    tenant_id text not null,
    id text not null,
    product_id text not null,
    position integer not null,
    code text not null,
    base_quantity integer not null check (base_quantity > 0),
    weight_kg integer,
    length_m integer,
    width_m integer,
    height_m integer,
    barcode text,
    directly_shippable integer not null default 1,
    primary key (tenant_id, id),
    foreign key (tenant_id, product_id) references products (tenant_id, id)
) strict;
create unique index product_units_code on product_units (tenant_id, product_id, code);

create table product_events (
    tenant_id text not null,
    id text not null,
    product_id text not null,
    version integer not null,
    changed text not null,
    at text not null,
    client_id text,
    staff_user_id text,
    primary key (tenant_id, id),
    foreign key (tenant_id, product_id) references products (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id)
) strict;
create unique index product_events_version on product_events (tenant_id, product_id, version);

create table outbound_orders (
    tenant_id text not null,
    id text not null,
    customer_id text not null,
    warehouse_id text not null,
    reference text not null,
    status text not null,
    version integer not null default 1,
    urgent integer not null default 0,
    instructions text,
    internal_notes text,
    ship_by text,
    allow_splitting integer not null default 1,
    invoice_value integer,
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
    deliver_required_on text,
    cash_on_delivery integer,
    cash_on_delivery_currency text,
    replaces_id text,
    content text not null,
    created_at text not null,
    modified_at text not null,
    packed_at text,
    dispatched_at text,
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id),
    foreign key (tenant_id, replaces_id) references outbound_orders (tenant_id, id)
) strict;
-- One standing order per reference, for ever; a released reference leaves the index.
create unique index outbound_orders_reference on outbound_orders (tenant_id, customer_id, reference)
    where status not in ('CANCELLED', 'REJECTED');
create index outbound_orders_same_reference on outbound_orders (tenant_id, customer_id, reference, created_at);
create index outbound_orders_newest on outbound_orders (tenant_id, customer_id, created_at desc, id desc);
create index outbound_orders_newest_of_all on outbound_orders (tenant_id, created_at desc, id desc);

create table outbound_order_items (
    tenant_id text not null,
    id text not null,
    order_id text not null,
    position integer not null,
    product_id text not null,
    unit text not null,
    quantity integer not null check (quantity > 0),
    approximate_unit_price integer,
    approximate_unit_price_currency text,
    batch text,
    expiry_date text,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references outbound_orders (tenant_id, id),
    foreign key (tenant_id, product_id) references products (tenant_id, id)
) strict;
create unique index outbound_order_items_position on outbound_order_items (tenant_id, order_id, position);
create index outbound_order_items_product on outbound_order_items (tenant_id, product_id);

create table outbound_order_events (
    tenant_id text not null,
    id text not null,
    order_id text not null,
    version integer not null,
    status text not null,
    changed text not null,
    at text not null,
    client_id text,
    staff_user_id text,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references outbound_orders (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id)
) strict;
create unique index outbound_order_events_version on outbound_order_events (tenant_id, order_id, version);

create table ledger (
    tenant_id text not null,
    id text not null,
    week text not null,
    at text not null,
    late integer not null default 0,
    client_id text not null,
    credential_id text,
    field text not null,
    operation text,
    request_id text not null,
    customer_id text,
    warehouse_id text,
    object_id text,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, credential_id) references credentials (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id)
) strict;
create index ledger_week on ledger (tenant_id, week, client_id, at);

create table calls (
    tenant_id text not null,
    id text not null,
    at text not null,
    client_id text not null,
    credential_id text,
    field text not null,
    operation text,
    outcome text not null,
    count integer not null,
    address text,
    milliseconds integer not null,
    request_id text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id)
) strict;
create index calls_when on calls (tenant_id, client_id, at);
create index calls_age on calls (at);

create table idempotency_keys (
    tenant_id text not null references tenants (id),
    id text not null,
    caller_id text not null,
    key text not null,
    field text not null,
    fingerprint text not null,
    object_id text,
    outcome text,
    created_at text not null,
    primary key (tenant_id, id)
) strict;
create unique index idempotency_keys_once on idempotency_keys (tenant_id, caller_id, key);
create index idempotency_keys_age on idempotency_keys (created_at);

create table plans (
    tenant_id text not null references tenants (id),
    id text not null,
    from_week text not null,
    consignments integer not null check (consignments >= 0),
    warehouse_orders integer not null check (warehouse_orders >= 0),
    calls_per_job integer not null default 5 check (calls_per_job >= 0),
    price_micros integer not null default 10000 check (price_micros >= 0),
    created_at text not null,
    primary key (tenant_id, id)
) strict;
create unique index plans_week on plans (tenant_id, from_week);

create table statements (
    tenant_id text not null references tenants (id),
    id text not null,
    week text not null,
    starts_at text not null,
    ends_at text not null,
    time_zone text not null,
    currency text not null,
    consignments integer not null,
    warehouse_orders integer not null,
    calls_per_job integer not null,
    price_micros integer not null,
    included integer not null,
    used integer not null,
    excess integer not null,
    amount integer not null,
    closed_at text not null,
    primary key (tenant_id, id)
) strict;
create unique index statements_week on statements (tenant_id, week);

create table statement_lines (
    tenant_id text not null,
    id text not null,
    statement_id text not null,
    client_id text not null,
    field text not null,
    calls integer not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, statement_id) references statements (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id)
) strict;
create unique index statement_lines_once on statement_lines (tenant_id, statement_id, client_id, field);
