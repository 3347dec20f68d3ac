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

alter table products add column requires_batch integer not null default 0;
alter table products add column requires_expiry integer not null default 0;
alter table products add column selection text not null default 'FIFO';
alter table products add column selection_strict integer not null default 0;
alter table products add column expiry_threshold_days integer;
alter table products add column hs_code text;
alter table products add column country_of_origin text;
alter table products add column low_stock_quantity integer;
alter table products add column expiry_notice_days integer;

-- SQLite cannot add a reference of two columns to a table, so the outbound orders are written anew.
create table old_orders as select * from outbound_orders;
create table old_items as select * from outbound_order_items;
create table old_events as select * from outbound_order_events;
drop table outbound_order_events;
drop table outbound_order_items;
drop table outbound_orders;

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
    holds_reference integer not null default 1,
    rest_of_id text,
    properties text,
    items_as_sent text,
    content text not null,
    created_at text not null,
    modified_at text not null,
    packed_at text,
    dispatched_at text,
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id),
    foreign key (tenant_id, replaces_id) references outbound_orders (tenant_id, id),
    foreign key (tenant_id, rest_of_id) references outbound_orders (tenant_id, id)
) strict;

create table outbound_order_items (
    tenant_id text not null,
    id text not null,
    order_id text not null,
    position integer not null,
    product_id text not null,
    unit text not null,
    quantity integer not null check (quantity > 0),
    unit_base integer not null check (unit_base > 0),
    base_quantity integer not null check (base_quantity >= 0),
    packed_quantity integer check (packed_quantity >= 0),
    approximate_unit_price integer,
    approximate_unit_price_currency text,
    batch text,
    expiry_date text,
    properties text,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references outbound_orders (tenant_id, id),
    foreign key (tenant_id, product_id) references products (tenant_id, id)
) strict;

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

insert into outbound_orders (
    tenant_id, id, customer_id, warehouse_id, reference, status, version, urgent, instructions,
    internal_notes, ship_by, allow_splitting, invoice_value, invoice_value_currency,
    deliver_company, deliver_contact, deliver_line1, deliver_line2, deliver_suburb, deliver_city,
    deliver_state, deliver_postcode, deliver_country, deliver_phone, deliver_email, deliver_method,
    deliver_requested_service, deliver_instructions, deliver_required_on, cash_on_delivery,
    cash_on_delivery_currency, replaces_id, content, created_at, modified_at, packed_at,
    dispatched_at
)
select
    tenant_id, id, customer_id, warehouse_id, reference, status, version, urgent, instructions,
    internal_notes, ship_by, allow_splitting, invoice_value, invoice_value_currency,
    deliver_company, deliver_contact, deliver_line1, deliver_line2, deliver_suburb, deliver_city,
    deliver_state, deliver_postcode, deliver_country, deliver_phone, deliver_email, deliver_method,
    deliver_requested_service, deliver_instructions, deliver_required_on, cash_on_delivery,
    cash_on_delivery_currency, replaces_id, content, created_at, modified_at, packed_at,
    dispatched_at
from old_orders order by created_at, id;
-- A blank batch is none. Multiplied in two parts: a product of two numbers of millionths can leave 64 bits.
insert into outbound_order_items (
    tenant_id, id, order_id, position, product_id, unit, quantity, approximate_unit_price,
    approximate_unit_price_currency, batch, expiry_date, unit_base, base_quantity
)
select
    i.tenant_id, i.id, i.order_id, i.position, i.product_id, i.unit, i.quantity,
    i.approximate_unit_price, i.approximate_unit_price_currency, nullif(i.batch, ''), i.expiry_date, i.unit_base,
    max(1, i.quantity / 1000000 * i.unit_base + i.quantity % 1000000 * i.unit_base / 1000000)
from (
    select o.*, coalesce((
        select u.base_quantity from product_units u
        where u.tenant_id = o.tenant_id and u.product_id = o.product_id and u.code = o.unit
    ), 1000000) as unit_base
    from old_items o
) i;
insert into outbound_order_events (
    tenant_id, id, order_id, version, status, changed, at, client_id, staff_user_id
)
select
    tenant_id, id, order_id, version, status, changed, at, client_id, staff_user_id
from old_events;
drop table old_events;
drop table old_items;
drop table old_orders;
create index outbound_orders_same_reference on outbound_orders (tenant_id, customer_id, reference, created_at);
create index outbound_orders_newest on outbound_orders (tenant_id, customer_id, created_at desc, id desc);
create index outbound_orders_newest_of_all on outbound_orders (tenant_id, created_at desc, id desc);
create unique index outbound_order_items_position on outbound_order_items (tenant_id, order_id, position);
create index outbound_order_items_product on outbound_order_items (tenant_id, product_id);
create unique index outbound_order_events_version on outbound_order_events (tenant_id, order_id, version);
create unique index outbound_orders_reference on outbound_orders (tenant_id, customer_id, reference)
    where holds_reference and status not in ('CANCELLED', 'REJECTED');
create index outbound_orders_rest on outbound_orders (tenant_id, rest_of_id) where rest_of_id is not null;
-- The waiting are asked for whenever goods arrive, oldest first.
create index outbound_orders_waiting on outbound_orders (tenant_id, warehouse_id, created_at, id)
    where status = 'AWAITING_STOCK';

create table outbound_order_outcomes (
    tenant_id text not null,
    id text not null,
    order_id text not null,
    position integer not null,
    code text not null,
    path text not null,
    message text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references outbound_orders (tenant_id, id)
) strict;
create unique index outbound_order_outcomes_position on outbound_order_outcomes (tenant_id, order_id, position);

create table inbound_orders (
    tenant_id text not null,
    id text not null,
    customer_id text not null,
    warehouse_id text not null,
    reference text not null,
    holds_reference integer not null default 1,
    status text not null,
    version integer not null default 1,
    urgent integer not null default 0,
    instructions text,
    internal_notes text,
    arrives_on text,
    properties text,
    items_as_sent text,
    replaces_id text,
    rest_of_id text,
    content text not null,
    created_at text not null,
    modified_at text not null,
    received_at text,
    verified_at text,
    allocated_at text,
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id),
    foreign key (tenant_id, replaces_id) references inbound_orders (tenant_id, id),
    foreign key (tenant_id, rest_of_id) references inbound_orders (tenant_id, id)
) strict;
create unique index inbound_orders_reference on inbound_orders (tenant_id, customer_id, reference)
    where holds_reference and status not in ('CANCELLED', 'REJECTED');
create index inbound_orders_same_reference on inbound_orders (tenant_id, customer_id, reference, created_at);
create index inbound_orders_newest on inbound_orders (tenant_id, customer_id, created_at desc, id desc);
create index inbound_orders_newest_of_all on inbound_orders (tenant_id, created_at desc, id desc);
create index inbound_orders_rest on inbound_orders (tenant_id, rest_of_id) where rest_of_id is not null;

create table inbound_order_items (
    tenant_id text not null,
    id text not null,
    order_id text not null,
    position integer not null,
    product_id text not null,
    unit text not null,
    quantity integer not null check (quantity > 0),
    unit_base integer not null check (unit_base > 0),
    base_quantity integer not null check (base_quantity > 0),
    received_quantity integer check (received_quantity >= 0),
    condition text not null default 'OK',
    batch text,
    expiry_date text,
    sscc text,
    properties text,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references inbound_orders (tenant_id, id),
    foreign key (tenant_id, product_id) references products (tenant_id, id)
) strict;
create unique index inbound_order_items_position on inbound_order_items (tenant_id, order_id, position);
create index inbound_order_items_product on inbound_order_items (tenant_id, product_id);

-- What was found in a line when it was verified: one row a condition, batch and expiry text.
create table inbound_order_counts (
    tenant_id text not null,
    id text not null,
    order_id text not null,
    item_id text not null,
    position integer not null,
    condition text not null,
    quantity integer not null check (quantity > 0),
    batch text,
    expiry_date text,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references inbound_orders (tenant_id, id),
    foreign key (tenant_id, item_id) references inbound_order_items (tenant_id, id)
) strict;
create unique index inbound_order_counts_position on inbound_order_counts (tenant_id, item_id, position);
create index inbound_order_counts_order on inbound_order_counts (tenant_id, order_id);

create table inbound_order_events (
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
    foreign key (tenant_id, order_id) references inbound_orders (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id)
) strict;
create unique index inbound_order_events_version on inbound_order_events (tenant_id, order_id, version);

create table inbound_order_outcomes (
    tenant_id text not null,
    id text not null,
    order_id text not null,
    position integer not null,
    code text not null,
    path text not null,
    message text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references inbound_orders (tenant_id, id)
) strict;
create unique index inbound_order_outcomes_position on inbound_order_outcomes (tenant_id, order_id, position);

-- What stands of a product in a warehouse: the running sum of its movements.
create table stock_levels (
    tenant_id text not null,
    id text not null,
    customer_id text not null,
    warehouse_id text not null,
    product_id text not null,
    product_code text not null,
    batch text,
    expiry_date text,
    condition text not null,
    quantity integer not null default 0,
    allocated integer not null default 0,
    incoming integer not null default 0,
    created_at text not null,
    modified_at text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, warehouse_id) references warehouses (tenant_id, id),
    foreign key (tenant_id, product_id) references products (tenant_id, id),
    -- No piece is sold twice, whoever forgets to ask.
    constraint stock_levels_free check (allocated >= 0 and quantity >= allocated),
    constraint stock_levels_incoming check (incoming >= 0),
    -- So far below the end of 64 bits that one more command cannot pass it.
    constraint stock_levels_most check (quantity <= 4000000000000000000 and incoming <= 4000000000000000000)
) strict;
create unique index stock_levels_once on stock_levels (
    tenant_id, product_id, warehouse_id, condition, coalesce(batch, ''), coalesce(expiry_date, '0001-01-01')
);
-- Stock is listed by product code; sums by product, or by product and warehouse, go along these, too.
create index stock_levels_by_code on stock_levels (tenant_id, product_code, product_id, warehouse_id, id);
create index stock_levels_of_customer on stock_levels
    (tenant_id, customer_id, product_code, product_id, warehouse_id, id);
create index stock_levels_of_warehouse on stock_levels (tenant_id, warehouse_id, product_code, product_id, id);

-- Append-only: why each level is what it is.
create table stock_movements (
    tenant_id text not null,
    id text not null,
    level_id text not null,
    kind text not null,
    quantity integer not null default 0,
    allocated integer not null default 0,
    incoming integer not null default 0,
    at text not null,
    outbound_order_id text,
    inbound_order_id text,
    item_id text,
    reason text,
    client_id text,
    staff_user_id text,
    primary key (tenant_id, id),
    foreign key (tenant_id, level_id) references stock_levels (tenant_id, id),
    foreign key (tenant_id, outbound_order_id) references outbound_orders (tenant_id, id),
    foreign key (tenant_id, inbound_order_id) references inbound_orders (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id)
) strict;
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
    select i.tenant_id, min(i.id) as id, o.customer_id, o.warehouse_id, i.product_id, p.code,
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
    and coalesce(l.expiry_date, '0001-01-01') = coalesce(i.expiry_date, '0001-01-01')
where o.status in ('AWAITING_PICK_AND_PACK', 'PACKING_IN_PROGRESS', 'PACKED', 'DISPATCHED');

insert into stock_movements (
    tenant_id, id, level_id, kind, quantity, allocated, incoming, at, outbound_order_id, item_id
)
select m.tenant_id, lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a'
    || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))),
    m.level_id, 'DISPATCHED', -m.quantity, -m.allocated, 0, coalesce(o.dispatched_at, o.modified_at), o.id, m.item_id
from stock_movements m
join outbound_orders o on o.tenant_id = m.tenant_id and o.id = m.outbound_order_id
where o.status = 'DISPATCHED';
