"""A data set like the peers': one operator, twenty customers, and orders of about four lines."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.database import transaction
from models.fields import to_millionths
from models.orders import OutboundOrder, OutboundOrderEvent, OutboundOrderItem
from models.products import Product, ProductEvent, ProductUnit
from models.record import Record, new_id
from models.stock import StockLevel, StockMovement
from models.stocktaking import MoveLevels
from models.words import ApiRole, Condition, MovementKind, OutboundStatus
from models.writing import Changes
from resolvers import clients, credentials, customers, tenants, warehouses
from resolvers.clients import Grant

START = datetime(2026, 1, 1, tzinfo=UTC)
CHUNK = 2_000
PARENTS_FIRST: list[type[Record]] = [
    Product,
    ProductUnit,
    ProductEvent,
    OutboundOrder,
    OutboundOrderItem,
    OutboundOrderEvent,
    StockLevel,
    StockMovement,
]
PLENTY = Decimal(10_000_000)
"""Of each product in each warehouse: no request ever finds too little."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How much of everything there is; as the peers have it, unless told otherwise."""

    customers: int = 20
    products: int = 20_000
    orders: int = 100_000


@dataclass
class Dataset:
    """The ids that requests need, and a token that may ask for all of them."""

    token: str = ""
    customers: list[UUID] = field(default_factory=list)
    warehouses: list[UUID] = field(default_factory=list)
    products: dict[UUID, list[UUID]] = field(default_factory=dict)
    orders: list[UUID] = field(default_factory=list)
    levels: dict[tuple[UUID, UUID], UUID] = field(default_factory=dict)
    """By product and warehouse."""
    taken: dict[UUID, int] = field(default_factory=dict)
    """Millionths that orders hold, by level."""


async def fill(size: Size) -> Dataset:
    """Make the data set in the database that is connected."""
    made, dice = Dataset(), random.Random(42)
    tenant = await tenants.create_tenant("Benchmark", "AUD", "Australia/Sydney")
    for number in range(2):
        place = await warehouses.create(tenant.id, f"WH{number}", f"Warehouse {number}")
        made.warehouses.append(place.id)
    for number in range(size.customers):
        one = await customers.create(tenant.id, f"C{number:02}", f"Customer {number}")
        made.customers.append(one.id)
        made.products[one.id] = []
    await _write(_products(tenant.id, made, size, dice))
    await _write(_orders(tenant.id, made, size, dice))
    await _hold(tenant.id, made)
    client = await clients.create(
        tenant.id,
        "Benchmark",
        Grant(
            roles=[ApiRole.WMS_CREATE_JOBS],
            customers=[],
            warehouses=[],
            all_customers=True,
            all_warehouses=True,
        ),
    )
    await clients.activate(tenant.id, client.id)
    shown = await credentials.generate(tenant.id, client.id)
    token = await credentials.issue_token(str(client.id), shown.client_secret, None)
    made.token = token.value
    return made


async def _write(rows: Iterator[tuple[type[Record], Row]]) -> None:
    """All rows, some thousands at a time, parents before children."""
    waiting: dict[type[Record], list[Row]] = {}
    for count, (table, row) in enumerate(rows, start=1):
        waiting.setdefault(table, []).append(row)
        if count % CHUNK == 0:
            await _flush(waiting)
    await _flush(waiting)


async def _hold(tenant_id: UUID, made: Dataset) -> None:
    """Have the levels know what orders took of them."""
    sums = [(tenant_id, level, 0, held, 0, START) for level, held in made.taken.items()]
    for at in range(0, len(sums), CHUNK):
        async with transaction():
            changes = Changes()
            changes.add(MoveLevels(sums[at : at + CHUNK]))
            await changes.flush()


async def _flush(waiting: dict[type[Record], list[Row]]) -> None:
    async with transaction():
        for table in PARENTS_FIRST:
            rows = waiting.get(table, [])
            for at in range(0, len(rows), 500):
                changes = Changes()
                changes.insert(table, *rows[at : at + 500])
                await changes.flush()
    waiting.clear()


def _products(
    tenant_id: UUID, made: Dataset, size: Size, dice: random.Random
) -> Iterator[tuple[type[Record], Row]]:
    for number in range(size.products):
        customer = made.customers[number % size.customers]
        product, at = new_id(), START + timedelta(seconds=number)
        made.products[customer].append(product)
        yield (
            Product,
            {
                "tenant_id": tenant_id,
                "id": product,
                "customer_id": customer,
                "code": f"SKU-{number:06d}",
                "name": f"Product name {number} blue, large",
                "default_unit": "EA",
                "content": "{}",
                "created_at": at,
                "modified_at": at,
            },
        )
        yield (
            ProductUnit,
            {
                "tenant_id": tenant_id,
                "id": new_id(),
                "product_id": product,
                "position": 1,
                "code": "EA",
                "base_quantity": Decimal(1),
                "weight_kg": Decimal(dice.randrange(50, 20_000)) / 1000,
            },
        )
        event = {"id": new_id(), "version": 1, "changed": "[]", "at": at}
        yield ProductEvent, {"tenant_id": tenant_id, "product_id": product, **event}
        for warehouse in made.warehouses:
            level = made.levels[product, warehouse] = new_id()
            yield (
                StockLevel,
                {
                    "tenant_id": tenant_id,
                    "id": level,
                    "customer_id": customer,
                    "warehouse_id": warehouse,
                    "product_id": product,
                    "product_code": f"SKU-{number:06d}",
                    "condition": Condition.OK,
                    "quantity": PLENTY,
                    "created_at": at,
                    "modified_at": at,
                },
            )
            yield _moved(tenant_id, level, MovementKind.OPENING, at, quantity=PLENTY)


def _moved(
    tenant_id: UUID,
    level: UUID,
    kind: MovementKind,
    at: datetime,
    *,
    quantity: Decimal = Decimal(0),
    allocated: Decimal = Decimal(0),
    order: UUID | None = None,
    item: UUID | None = None,
) -> tuple[type[Record], Row]:
    row = {"tenant_id": tenant_id, "id": new_id(), "level_id": level, "kind": kind, "at": at}
    amounts = {"quantity": quantity, "allocated": allocated}
    return StockMovement, {**row, **amounts, "outbound_order_id": order, "item_id": item}


def _orders(
    tenant_id: UUID, made: Dataset, size: Size, dice: random.Random
) -> Iterator[tuple[type[Record], Row]]:
    at = START
    for number in range(size.orders):
        at += timedelta(seconds=dice.randrange(1, 300), microseconds=dice.randrange(10**6))
        order, customer = new_id(), dice.choice(made.customers)
        warehouse = dice.choice(made.warehouses)
        made.orders.append(order)
        owned = {"tenant_id": tenant_id, "order_id": order}
        yield (
            OutboundOrder,
            {
                "tenant_id": tenant_id,
                "id": order,
                "customer_id": customer,
                "warehouse_id": warehouse,
                "reference": f"SO-{number:07d}",
                "status": OutboundStatus.AWAITING_PICK_AND_PACK,
                "deliver_contact": f"Jane Doe {number}",
                "deliver_line1": f"{number % 300} High Street",
                "deliver_city": "London",
                "deliver_postcode": "SW1A 1AA",
                "deliver_country": "GB",
                "deliver_method": "SHIPPING",
                "content": "{}",
                "created_at": at,
                "modified_at": at,
            },
        )
        for position in range(dice.choice([3, 4, 4, 4, 5])):
            item, product = new_id(), dice.choice(made.products[customer])
            quantity = Decimal(dice.randrange(1, 10))
            yield (
                OutboundOrderItem,
                {
                    **owned,
                    "id": item,
                    "position": position + 1,
                    "product_id": product,
                    "unit": "EA",
                    "quantity": quantity,
                    "unit_base": Decimal(1),
                    "base_quantity": quantity,
                },
            )
            level = made.levels[product, warehouse]
            made.taken[level] = made.taken.get(level, 0) + to_millionths(quantity)
            yield _moved(
                tenant_id, level, MovementKind.RESERVED, at,
                allocated=quantity, order=order, item=item,
            )  # fmt: skip
        yield (
            OutboundOrderEvent,
            {
                **owned,
                "id": new_id(),
                "version": 1,
                "status": OutboundStatus.AWAITING_PICK_AND_PACK,
                "changed": "[]",
                "at": at,
            },
        )
