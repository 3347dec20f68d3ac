-- The whole of the trade: stock and its movements, inbound orders, policies, whole products.

alter table warehouses add column gln text;
alter table warehouses add column address_company text;
alter table warehouses add column address_contact text;
alter table warehouses add column address_line1 text;
alter table warehouses add column address_line2 text;
alter table warehouses add column address_suburb text;
alter table warehouses add column address_city text;
alter table warehouses add column address_state text;
alter table warehouses add column address_postcode text;
alter table warehouses add column address_country text;
alter table warehouses add column address_phone text;
alter table warehouses add column address_email text;

-- What becomes of an input that cannot be carried out as it is; null refuses it.
alter table customers add column short_stock text;
alter table customers add column unknown_product text;
alter table customers add column unknown_unit text;
alter table customers add column makes_consignments text;

alter table products add column requires_batch boolean not null default false;
alter table products add column requires_expiry boolean not null default false;
alter table products add column selection text not null default 'FIFO';
alter table products add column selection_strict boolean not null default false;
alter table products add column expiry_threshold_days integer;
alter table products add column hs_code text;
alter table products add column country_of_origin text;
alter table products add column low_stock_quantity bigint;
alter table products add column expiry_notice_days integer;

alter table outbound_orders add column holds_reference boolean not null default true;
alter table outbound_orders add column rest_of_id uuid;
alter table outbound_orders add column properties text;
alter table outbound_orders add column items_as_sent text;
alter table outbound_orders add foreign key (tenant_id, rest_of_id) references outbound_orders (tenant_id, id);
drop index outbound_orders_reference;
create unique index outbound_orders_reference on outbound_orders (tenant_id, customer_id, reference)
    where holds_reference and status not in ('CANCELLED', 'REJECTED');
create index outbound_orders_rest on outbound_orders (tenant_id, rest_of_id) where rest_of_id is not null;
-- The waiting are asked for whenever goods arrive, oldest first.
create index outbound_orders_waiting on outbound_orders (tenant_id, warehouse_id, created_at, id)
    where status = 'AWAITING_STOCK';

alter table outbound_order_items add column unit_base bigint;
alter table outbound_order_items add column base_quantity bigint;
alter table outbound_order_items add column packed_quantity bigint check (packed_quantity >= 0);
alter table outbound_order_items add column properties text;
-- A blank batch is none.
update outbound_order_items i set batch = nullif(i.batch, ''), unit_base = coalesce((
    select u.base_quantity from product_units u
    where u.tenant_id = i.tenant_id and u.product_id = i.product_id and u.code = i.unit
), 1000000);
update outbound_order_items set base_quantity = greatest(1, trunc(quantity::numeric * unit_base / 1000000)::bigint);
alter table outbound_order_items alter column unit_base set not null;
alter table outbound_order_items alter column base_quantity set not null;
alter table outbound_order_items add check (unit_base > 0);
alter table outbound_order_items add check (base_quantity >= 0);

create table outbound_order_outcomes (
    tenant_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    position integer not null,
    code text not null,
    path text not null,
    message text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references outbound_orders (tenant_id, id)
);
create unique index outbound_order_outcomes_position on outbound_order_outcomes (tenant_id, order_id, position);

create table inbound_orders (
    tenant_id uuid not null,
    id uuid not null,
    customer_id uuid not null,
    warehouse_id uuid not null,
    reference text collate "C" not null,
    holds_reference boolean not null default true,
    status text not null,
    version integer not null default 1,
    urgent boolean not null default false,
    instructions text,
    internal_notes text,
    arrives_on date,
    properties text,
    items_as_sent text,
    replaces_id uuid,
    rest_of_id uuid,
    content text not null,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    received_at timestamptz,
    verified_at timestamptz,
    allocated_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id),
    foreign key (tenant_id, replaces_id) references inbound_orders (tenant_id, id),
    foreign key (tenant_id, rest_of_id) references inbound_orders (tenant_id, id)
);
create unique index inbound_orders_reference on inbound_orders (tenant_id, customer_id, reference)
    where holds_reference and status not in ('CANCELLED', 'REJECTED');
create index inbound_orders_same_reference on inbound_orders (tenant_id, customer_id, reference, created_at);
create index inbound_orders_newest on inbound_orders (tenant_id, customer_id, created_at desc, id desc);
create index inbound_orders_newest_of_all on inbound_orders (tenant_id, created_at desc, id desc);
create index inbound_orders_rest on inbound_orders (tenant_id, rest_of_id) where rest_of_id is not null;

create table inbound_order_items (
    tenant_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    position integer not null,
    product_id uuid not null,
    unit text not null,
    quantity bigint not null check (quantity > 0),
    unit_base bigint not null check (unit_base > 0),
    base_quantity bigint not null check (base_quantity > 0),
    received_quantity bigint check (received_quantity >= 0),
    condition text not null default 'OK',
    batch text,
    expiry_date date,
    sscc text,
    properties text,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references inbound_orders (tenant_id, id),
    foreign key (tenant_id, product_id) references products (tenant_id, id)
);
create unique index inbound_order_items_position on inbound_order_items (tenant_id, order_id, position);
create index inbound_order_items_product on inbound_order_items (tenant_id, product_id);

-- What was found in a line when it was verified: one row a condition, batch and expiry date.
create table inbound_order_counts (
    tenant_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    item_id uuid not null,
    position integer not null,
    condition text not null,
    quantity bigint not null check (quantity > 0),
    batch text,
    expiry_date date,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references inbound_orders (tenant_id, id),
    foreign key (tenant_id, item_id) references inbound_order_items (tenant_id, id)
);
create unique index inbound_order_counts_position on inbound_order_counts (tenant_id, item_id, position);
create index inbound_order_counts_order on inbound_order_counts (tenant_id, order_id);

create table inbound_order_events (
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
    foreign key (tenant_id, order_id) references inbound_orders (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id)
);
create unique index inbound_order_events_version on inbound_order_events (tenant_id, order_id, version);

create table inbound_order_outcomes (
    tenant_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    position integer not null,
    code text not null,
    path text not null,
    message text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references inbound_orders (tenant_id, id)
);
create unique index inbound_order_outcomes_position on inbound_order_outcomes (tenant_id, order_id, position);

-- What stands of a product in a warehouse: the running sum of its movements.
create table stock_levels (
    tenant_id uuid not null,
    id uuid not null,
    customer_id uuid not null,
    warehouse_id uuid not null,
    product_id uuid not null,
    product_code text collate "C" not null,
    batch text,
    expiry_date date,
    condition text not null,
    quantity bigint not null default 0,
    allocated bigint not null default 0,
    incoming bigint not null default 0,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id),
    foreign key (tenant_id, product_id) references products (tenant_id, id),
    -- No piece is sold twice, whoever forgets to ask.
    constraint stock_levels_free check (allocated >= 0 and quantity >= allocated),
    constraint stock_levels_incoming check (incoming >= 0),
    -- So far below the end of 64 bits that one more command cannot pass it.
    constraint stock_levels_most check (quantity <= 4000000000000000000 and incoming <= 4000000000000000000)
);
create unique index stock_levels_once on stock_levels (
    tenant_id, product_id, warehouse_id, condition, coalesce(batch, ''), coalesce(expiry_date, '0001-01-01'::date)
);
-- Stock is listed by product code; sums by product, or by product and warehouse, go along these, too.
create index stock_levels_by_code on stock_levels (tenant_id, product_code, product_id, warehouse_id, id);
create index stock_levels_of_customer on stock_levels
    (tenant_id, customer_id, product_code, product_id, warehouse_id, id);
create index stock_levels_of_warehouse on stock_levels (tenant_id, warehouse_id, product_code, product_id, id);

-- Append-only: why each level is what it is.
create table stock_movements (
    tenant_id uuid not null,
    id uuid not null,
    level_id uuid not null,
    kind text not null,
    quantity bigint not null default 0,
    allocated bigint not null default 0,
    incoming bigint not null default 0,
    at timestamptz not null,
    outbound_order_id uuid,
    inbound_order_id uuid,
    item_id uuid,
    reason text,
    client_id uuid,
    staff_user_id uuid,
    primary key (tenant_id, id),
    foreign key (tenant_id, level_id) references stock_levels (tenant_id, id),
    foreign key (tenant_id, outbound_order_id) references outbound_orders (tenant_id, id),
    foreign key (tenant_id, inbound_order_id) references inbound_orders (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id)
);
create index stock_movements_level on stock_movements (tenant_id, level_id, at);
create index stock_movements_outbound on stock_movements (tenant_id, outbound_order_id) where outbound_order_id is not null;
create index stock_movements_inbound on stock_movements (tenant_id, inbound_order_id) where inbound_order_id is not null;

-- Open orders of before hold what they need: goods that stand there, and are reserved for them. What
-- has left stood there, too, so that it can come back.
insert into stock_levels (
    tenant_id, id, customer_id, warehouse_id, product_id, product_code, batch, expiry_date, condition,
    quantity, allocated, incoming, created_at, modified_at
)
select n.tenant_id, n.id, n.customer_id, n.warehouse_id, n.product_id, n.code, n.batch, n.expiry_date, 'OK',
    n.held, n.held, 0, n.since, n.since
from (
    select i.tenant_id, min(i.id::text)::uuid as id, o.customer_id, o.warehouse_id, i.product_id, p.code,
        i.batch, i.expiry_date, min(o.created_at) as since,
        sum(case when o.status = 'DISPATCHED' then 0 else i.base_quantity end) as held
    from outbound_order_items i
    join outbound_orders o on o.tenant_id = i.tenant_id and o.id = i.order_id
    join products p on p.tenant_id = i.tenant_id and p.id = i.product_id
    where o.status in ('AWAITING_PICK_AND_PACK', 'PACKING_IN_PROGRESS', 'PACKED', 'DISPATCHED')
    group by i.tenant_id, o.customer_id, o.warehouse_id, i.product_id, p.code, i.batch, i.expiry_date
) n;

insert into stock_movements (
    tenant_id, id, level_id, kind, quantity, allocated, incoming, at, outbound_order_id, item_id
)
select i.tenant_id, i.id, l.id, 'OPENING', i.base_quantity, i.base_quantity, 0, o.created_at, o.id, i.id
from outbound_order_items i
join outbound_orders o on o.tenant_id = i.tenant_id and o.id = i.order_id
join stock_levels l on l.tenant_id = i.tenant_id and l.product_id = i.product_id
    and l.warehouse_id = o.warehouse_id and coalesce(l.batch, '') = coalesce(i.batch, '')
    and coalesce(l.expiry_date, '0001-01-01'::date) = coalesce(i.expiry_date, '0001-01-01'::date)
where o.status in ('AWAITING_PICK_AND_PACK', 'PACKING_IN_PROGRESS', 'PACKED', 'DISPATCHED');

insert into stock_movements (
    tenant_id, id, level_id, kind, quantity, allocated, incoming, at, outbound_order_id, item_id
)
select m.tenant_id, gen_random_uuid(),
    m.level_id, 'DISPATCHED', -m.quantity, -m.allocated, 0, coalesce(o.dispatched_at, o.modified_at), o.id, m.item_id
from stock_movements m
join outbound_orders o on o.tenant_id = m.tenant_id and o.id = m.outbound_order_id
where o.status = 'DISPATCHED';
