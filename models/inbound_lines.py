"""The lines of inbound orders as commands need them, and what was counted of each."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.bulk import Bulk
from models.clock import day
from models.database import Row, dialect, rows
from models.fields import from_millionths, to_millionths
from models.lookups import uuid
from models.words import Condition


@dataclass(frozen=True)
class StoredLine:
    """One line as it is stored, with what its product demands; quantities are of its unit."""

    id: UUID
    position: int
    product_id: UUID
    product_code: str
    requires_batch: bool
    requires_expiry: bool
    unit: str
    quantity: Decimal
    unit_base: Decimal
    received: Decimal | None
    condition: Condition
    batch: str | None
    expiry_date: date | None
    sscc: str | None
    properties: str | None


LINE = (
    "i.id, i.position, i.product_id, p.code, p.requires_batch, p.requires_expiry, i.unit,"
    " i.quantity, i.unit_base, i.received_quantity, i.condition, i.batch, i.expiry_date, i.sscc,"
    " i.properties"
)


async def lines_of_inbound(tenant_id: UUID, order_id: UUID) -> list[StoredLine]:
    """The lines of an order, in their order."""
    p = dialect().placeholder
    found = await rows(
        f"SELECT {LINE} FROM inbound_order_items i"
        " JOIN products p ON p.tenant_id = i.tenant_id AND p.id = i.product_id"
        f" WHERE i.tenant_id = {p(1)} AND i.order_id = {p(2)} ORDER BY i.position",
        tenant_id,
        order_id,
    )
    return [_line(row) for row in found]


def _line(row: Row) -> StoredLine:
    line, position, product, code, batches, expires, unit, *amounts = list(row)[:10]
    condition, batch, expiry, sscc, properties = list(row)[10:]
    quantity, unit_base, received = amounts
    return StoredLine(
        uuid(line),
        position,
        uuid(product),
        code,
        bool(batches),
        bool(expires),
        unit,
        from_millionths(quantity),
        from_millionths(unit_base),
        None if received is None else from_millionths(received),
        Condition(condition),
        batch,
        None if expiry is None else day(expiry),
        sscc,
        properties,
    )


@dataclass(frozen=True)
class StoredCount:
    """How much of a line was found in one state."""

    item_id: UUID
    condition: Condition
    quantity: Decimal
    batch: str | None
    expiry_date: date | None


async def counts_of_inbound(tenant_id: UUID, order_id: UUID) -> list[StoredCount]:
    """What was counted of an order, line by line."""
    p = dialect().placeholder
    found = await rows(
        "SELECT c.item_id, c.condition, c.quantity, c.batch, c.expiry_date"
        " FROM inbound_order_counts c"
        f" WHERE c.tenant_id = {p(1)} AND c.order_id = {p(2)} ORDER BY c.item_id, c.position",
        tenant_id,
        order_id,
    )
    return [
        StoredCount(
            uuid(item),
            Condition(condition),
            from_millionths(quantity),
            batch,
            None if expiry is None else day(expiry),
        )
        for item, condition, quantity, batch, expiry in found
    ]


RECEIVED = Bulk(
    {
        "tenant_id": "uuid",
        "id": "uuid",
        "received_quantity": "bigint",
        "batch": "text",
        "expiry_date": "date",
        "sscc": "text",
    }
)


@dataclass(frozen=True)
class ReceiveLines:
    """Writes down what came of lines, however many there are, in one statement."""

    tenant_id: UUID
    lines: Sequence[StoredLine]

    @property
    def key(self) -> Hashable:
        """Always the same text."""
        return "receive lines"

    @property
    def values(self) -> list[Any]:
        return RECEIVED.values(
            [
                (
                    self.tenant_id,
                    line.id,
                    None if line.received is None else to_millionths(line.received),
                    line.batch,
                    line.expiry_date,
                    line.sscc,
                )
                for line in self.lines
            ]
        )

    def sql(self, place: Callable[[], str]) -> str:
        """`UPDATE inbound_order_items SET ... FROM` the lines."""
        return (
            "UPDATE inbound_order_items SET received_quantity = s.received_quantity,"
            " batch = s.batch, expiry_date = s.expiry_date, sscc = s.sscc"
            f" FROM {RECEIVED.source(place, 's')} WHERE inbound_order_items.tenant_id = s.tenant_id"
            " AND inbound_order_items.id = s.id"
        )
