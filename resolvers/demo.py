"""The demonstration: an empty database filled with two operators, and secrets for its clients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from models.billing import Plan
from models.consignments import Consignment, ConsignmentEvent, ConsignmentItem
from models.database import Conflict, transaction
from models.inbound import (
    InboundOrder,
    InboundOrderCount,
    InboundOrderEvent,
    InboundOrderItem,
    InboundOrderOutcome,
)
from models.orders import (
    OutboundOrder,
    OutboundOrderEvent,
    OutboundOrderItem,
    OutboundOrderOutcome,
)
from models.periods import Period
from models.products import Product, ProductEvent, ProductUnit
from models.record import Record
from models.stock import StockLevel, StockMovement
from models.tenants import Customer, StaffUser, Tenant, Warehouse
from models.words import UserErrorCode
from models.writing import Changes
from resolvers import clients, credentials, people, rates, staff
from resolvers.clients import Grant
from resolvers.demo_data import DEMO, DemoClient, DemoTenant
from resolvers.demo_inbound import DemoInbound
from resolvers.demo_orders import DemoOrders
from resolvers.demo_products import products
from resolvers.demo_rows import DemoRows
from resolvers.demo_stock import Shelves
from resolvers.demo_transport import DemoTransport
from resolvers.errors import UserError, UserErrors
from resolvers.order_rows import address_columns

TOGETHER = 250
"""Rows of one statement: SQLite takes 32,766 values."""

PARENTS_FIRST: Sequence[type[Record]] = (
    Product,
    ProductUnit,
    ProductEvent,
    OutboundOrder,
    OutboundOrderItem,
    OutboundOrderEvent,
    OutboundOrderOutcome,
    InboundOrder,
    InboundOrderItem,
    InboundOrderCount,
    InboundOrderEvent,
    InboundOrderOutcome,
    StockLevel,
    StockMovement,
    Consignment,
    ConsignmentItem,
    ConsignmentEvent,
)

RATES = {
    "per_consignment": Decimal("9.5"),
    "per_pallet": Decimal(38),
    "per_kg": Decimal("0.35"),
    "per_m3": Decimal(62),
    "minimum": Decimal("14.9"),
}

Secrets = Mapping[UUID, str]


@dataclass(frozen=True)
class Described:
    """One operator of the demonstration, as it is in the database."""

    tenant: Tenant
    customers: Sequence[Customer]
    warehouses: Sequence[Warehouse]
    staff: Sequence[StaffUser]
    clients: Sequence[clients.ClientWithHoldings]


async def is_empty() -> bool:
    """Whether nobody has set up anything yet."""
    return not await Tenant.all().exists()


async def fill() -> Secrets:
    """Fill an empty database, and make the secrets of the demonstration's clients."""
    try:
        async with transaction(seconds=600):
            if not await is_empty():
                raise UserErrors([_not_empty()])
            for demo in DEMO:
                await _fill(demo)
    except Conflict:
        # Another process did the same at the same time.
        raise UserErrors([_not_empty()]) from None
    return await refresh_secrets()


async def refresh_secrets() -> Secrets:
    """Make new secrets for the demonstration's clients, and for no others."""
    secrets = {}
    for demo in DEMO:
        for client in demo.clients:
            shown = await credentials.regenerate(demo.id, client.id)
            secrets[client.id] = shown.client_secret
    return secrets


async def describe() -> list[Described]:
    """What the demonstration holds now; nothing if this is not a demonstration."""
    return [
        Described(
            tenant=tenant,
            customers=await Customer.filter(tenant_id=tenant.id).order_by("id"),
            warehouses=await Warehouse.filter(tenant_id=tenant.id).order_by("id"),
            staff=await staff.staff(tenant.id),
            clients=await _clients(demo),
        )
        for demo in DEMO
        if (tenant := await Tenant.get_or_none(id=demo.id)) is not None
    ]


async def _clients(demo: DemoTenant) -> list[clients.ClientWithHoldings]:
    held = {one.client.id: one for one in await clients.clients(demo.id)}
    return [held[client.id] for client in demo.clients if client.id in held]


async def _fill(demo: DemoTenant) -> None:
    now = datetime.now(UTC)
    await Tenant.create(
        id=demo.id,
        name=demo.name,
        currency=demo.currency,
        time_zone=demo.time_zone,
        created_at=now,
    )
    await Plan.create(
        tenant_id=demo.id,
        from_week=Period.at(now, demo.time_zone).week,
        consignments=demo.consignments,
        warehouse_orders=demo.warehouse_orders,
        created_at=now,
    )
    team = [await people.create(demo.id, one.email, one.name, one.role) for one in demo.people]
    warehouses = await _warehouses(demo, now)
    customers = await _customers(demo, now)
    for client in demo.clients:
        await _client(demo, client, customers, warehouses)
    made = DemoRows(demo, team[0].id, now)
    _live_through(made, customers, warehouses)
    await rates.set_rates(demo.id, RATES, from_date=made.opened.date())
    for table in PARENTS_FIRST:
        rows = made.rows.pop(table, [])
        for first in range(0, len(rows), TOGETHER):
            changes = Changes()
            changes.insert(table, *rows[first : first + TOGETHER])
            await changes.flush()
    if made.rows:
        raise RuntimeError(f"nothing writes {list(made.rows)}")


def _live_through(
    made: DemoRows, customers: Mapping[str, UUID], warehouses: Mapping[str, UUID]
) -> None:
    """Six weeks of work, day after day."""
    demo, depots = made.demo, list(warehouses.values())
    live = {customers[one.code]: one for one in demo.customers if one.twin is None}
    twins = {customers[one.twin]: customers[one.code] for one in demo.customers if one.twin}
    wares, trial = products(made, list(live.items()), twins)
    shelves = Shelves(made)
    shelves.open([*wares, *trial], depots)
    addresses = {warehouses[one.code]: one.address for one in demo.warehouses}
    transport = DemoTransport(made, addresses, list(live))
    outbound = DemoOrders(made, shelves, transport, wares, live)
    inbound = DemoInbound(made, shelves, wares, live, outbound)
    for plan in (outbound.plan, inbound.plan):
        plan(depots)
    transport.plan()
    made.diary.live(made.now)
    for told in (outbound, inbound, shelves):
        told.write()


async def _warehouses(demo: DemoTenant, now: datetime) -> dict[str, UUID]:
    made = [
        await Warehouse.create(
            tenant_id=demo.id,
            code=one.code,
            name=one.name,
            time_zone=demo.time_zone,
            gln=one.gln,
            **address_columns("address", one.address),
            created_at=now,
            modified_at=now,
        )
        for one in demo.warehouses
    ]
    return {one.code: one.id for one in made}


async def _customers(demo: DemoTenant, now: datetime) -> dict[str, UUID]:
    made: dict[str, UUID] = {}
    policies = {one.code: one.policies for one in demo.customers}
    for one in demo.customers:
        customer = await Customer.create(
            tenant_id=demo.id,
            code=one.code,
            name=one.name,
            sandbox=one.twin is not None,
            sandbox_of_id=made[one.twin] if one.twin else None,
            **policies[one.twin or one.code],
            created_at=now,
            modified_at=now,
        )
        made[one.code] = customer.id
    return made


async def _client(
    demo: DemoTenant,
    client: DemoClient,
    customers: Mapping[str, UUID],
    warehouses: Mapping[str, UUID],
) -> None:
    grant = Grant(
        roles=client.roles,
        customers=[customers[code] for code in client.customers or ()],
        warehouses=[warehouses[code] for code in client.warehouses or ()],
        all_customers=client.customers is None,
        all_warehouses=client.warehouses is None,
        sees_tenant_usage=client.sees_tenant_usage,
    )
    await clients.create(demo.id, client.name, grant, client_id=client.id)
    await clients.activate(demo.id, client.id)


def _not_empty() -> UserError:
    return UserError(
        UserErrorCode.INVALID,
        ["database"],
        "The demonstration fills an empty database only, and this one is in use.",
    )
