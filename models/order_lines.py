"""The lines of outbound orders as commands need them, and the orders that wait for stock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.bulk import Bulk, places
from models.clock import day
from models.database import Dialect, Row, dialect, rows
from models.fields import from_millionths
from models.lookups import JOB, Job, job_of, uuid
from models.orders import OutboundOrder, OutboundOrderItem
from models.writing import Changes


@dataclass(frozen=True)
class StoredLine:
    """One line as it is stored; quantities of its unit, and `base_quantity` in base units."""

    id: UUID
    order_id: UUID
    position: int
    product_id: UUID
    unit: str
    quantity: Decimal
    unit_base: Decimal
    base_quantity: Decimal
    batch: str | None
    expiry_date: date | None
    price: tuple[int, str] | None
    properties: str | None


@dataclass(frozen=True)
class Spot:
    """Where a customer's goods stand that somebody waits for."""

    tenant_id: UUID
    customer_id: UUID
    warehouse_id: UUID
    product_id: UUID


ORDERS = Bulk({"order_id": "uuid"})

COLUMNS = (
    "i.id, i.order_id, i.position, i.product_id, i.unit, i.quantity, i.unit_base, i.base_quantity,"
    " i.batch, i.expiry_date, i.approximate_unit_price, i.approximate_unit_price_currency,"
    " i.properties"
)


async def lines_of_orders(tenant_id: UUID, order_ids: Iterable[UUID]) -> list[StoredLine]:
    """The lines of orders, in their order."""
    place = places()
    source = ORDERS.source(place, "o")
    found = await rows(
        f"SELECT {COLUMNS} FROM {source} JOIN outbound_order_items i"
        f" ON i.tenant_id = {place()} AND i.order_id = o.order_id ORDER BY i.order_id, i.position",
        *ORDERS.values([(order_id,) for order_id in order_ids]),
        tenant_id,
    )
    return [_line(row) for row in found]


def _line(row: Row) -> StoredLine:
    line, order, position, product, unit, quantity, unit_base, base, batch, expiry, *more = row
    price, currency, properties = more
    return StoredLine(
        uuid(line),
        uuid(order),
        position,
        uuid(product),
        unit,
        from_millionths(quantity),
        from_millionths(unit_base),
        from_millionths(base),
        batch,
        None if expiry is None else day(expiry),
        None if price is None else (price, currency),
        properties,
    )


def pack_line(
    tenant_id: UUID, line_id: UUID, packed: Decimal, base: Decimal, changes: Changes
) -> None:
    """Write down how much of a line was packed."""
    changes.update(
        OutboundOrderItem, tenant_id, line_id, packed_quantity=packed, base_quantity=base
    )


PRODUCTS = Bulk({"product_id": "uuid"})


async def waiting_for(
    tenant_id: UUID,
    customer_id: UUID,
    warehouse_id: UUID,
    product_ids: Iterable[UUID],
    most: int,
) -> list[Job]:
    """Orders that await one of these products, urgent and old ones first, held until we end.

    Those that somebody else holds are passed over: whoever changes one looks for stock too, and
    the worker looks after what is left.
    """
    place = places()
    lock = " FOR UPDATE OF t SKIP LOCKED" if dialect() is Dialect.POSTGRES else ""
    wanted = PRODUCTS.source(place, "p")
    found = await rows(
        f"SELECT {JOB} FROM outbound_orders t WHERE EXISTS ("
        f"SELECT 1 FROM {wanted} JOIN outbound_order_items i ON i.product_id = p.product_id"
        " WHERE i.tenant_id = t.tenant_id AND i.order_id = t.id)"
        f" AND t.tenant_id = {place()} AND t.customer_id = {place()} AND t.warehouse_id = {place()}"
        " AND t.status = 'AWAITING_STOCK'"
        f" ORDER BY t.urgent DESC, t.created_at, t.id LIMIT {most}{lock}",
        *PRODUCTS.values([(product_id,) for product_id in set(product_ids)]),
        tenant_id,
        customer_id,
        warehouse_id,
    )
    return [job_of(row) for row in found]


async def spots_with_stock(most: int) -> list[Spot]:
    """Where something is free that an order waits for; for the worker, over all tenants.

    In any order, so that those that stay short keep nobody else waiting.
    """
    found = await rows(
        "SELECT * FROM (SELECT DISTINCT t.tenant_id, t.customer_id, t.warehouse_id, i.product_id"
        " FROM outbound_orders t"
        " JOIN outbound_order_items i ON i.tenant_id = t.tenant_id AND i.order_id = t.id"
        " JOIN stock_levels l ON l.tenant_id = t.tenant_id AND l.product_id = i.product_id"
        " AND l.warehouse_id = t.warehouse_id AND l.condition = 'OK' AND l.quantity > l.allocated"
        f" WHERE t.status = 'AWAITING_STOCK') s ORDER BY random() LIMIT {most}"
    )
    return [Spot(*map(uuid, row)) for row in found]


OWN = {
    "id", "tenant_id", "status", "version", "holds_reference", "items_as_sent", "created_at",
    "modified_at", "packed_at", "dispatched_at",
}  # fmt: skip
COPIED: Sequence[str] = [
    "customer_id",
    "warehouse_id",
    *sorted(OutboundOrder._meta.db_fields - OWN),
]
"""What the rest of an order has in common with it."""


def rest_row(order: dict[str, Any], tenant_id: UUID, row_id: UUID, **own: Any) -> dict[str, Any]:
    """The rest of an order as a row: what they have in common, and its own columns."""
    return {
        "tenant_id": tenant_id,
        "id": row_id,
        **{name: order.get(name) for name in COPIED},
        "holds_reference": False,
        **own,
    }
