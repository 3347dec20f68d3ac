"""What report runs tell of stock, page by page, each in a short statement of its own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from models.clock import day
from models.compiling import Writer
from models.database import Row
from models.lookups import ask, uuid
from models.reach import Reach
from models.record import Record
from models.stock import StockLevel

Place = tuple[str, UUID, UUID, UUID]
"""Where a page ends: the product's code, its id, the warehouse's and the level's, as the indexes
have them. None of them ever changes."""

BEGINNING: Place = ("", UUID(int=0), UUID(int=0), UUID(int=0))


@dataclass(frozen=True)
class Level:
    """What stands of a product in a warehouse, in millionths, as a report tells it."""

    place: Place
    customer: str
    warehouse: str
    product: str
    product_name: str
    product_id: UUID
    batch: str | None
    expiry_date: date | None
    condition: str
    quantity: int
    allocated: int
    incoming: int


async def levels_in_all(reach: Reach) -> int:
    """How many levels hold anything now."""
    w = Writer(reach)
    [(count,)] = await ask(
        w,
        reach,
        f"SELECT count(*) FROM stock_levels t WHERE {w.within(StockLevel, 't')} AND {HELD}",
    )
    return int(count)


HELD = "(t.quantity <> 0 OR t.allocated <> 0 OR t.incoming <> 0)"


async def levels(reach: Reach, after: Place, size: int, as_of: datetime | None) -> list[Level]:
    """The next levels in reach by product code, as they are now or as they were at an instant.

    With an instant, levels come too that held nothing then: the page goes by what there is now.
    """
    w = Writer(reach)
    page = (
        f"SELECT t.* FROM stock_levels t WHERE {w.within(StockLevel, 't')}"
        " AND (t.product_code, t.product_id, t.warehouse_id, t.id) >"
        f" ({w.value('code')}, {w.value('product')}, {w.value('place')}, {w.value('level')})"
        f"{'' if as_of else f' AND {HELD}'}"
        " ORDER BY t.product_code, t.product_id, t.warehouse_id, t.id"
        f" LIMIT {w.value('size')}"
    )
    found = await ask(
        w,
        reach,
        "SELECT l.product_code, l.id, l.warehouse_id, c.code, w.code, p.name, p.id, l.batch,"
        f" l.expiry_date, l.condition, {_amounts(w, as_of)} FROM ({page}) l"
        " JOIN customers c ON c.tenant_id = l.tenant_id AND c.id = l.customer_id"
        " JOIN warehouses w ON w.tenant_id = l.tenant_id AND w.id = l.warehouse_id"
        " JOIN products p ON p.tenant_id = l.tenant_id AND p.id = l.product_id"
        " ORDER BY l.product_code, l.product_id, l.warehouse_id, l.id",
        code=after[0],
        product=after[1],
        place=after[2],
        level=after[3],
        size=size,
        as_of=as_of,
    )
    return [_level(row) for row in found]


def _amounts(w: Writer, as_of: datetime | None) -> str:
    """The three amounts of a level: its own, or what its movements had come to."""
    if as_of is None:
        return "l.quantity, l.allocated, l.incoming"
    return ", ".join(
        f"(SELECT CAST(coalesce(sum(m.{name}), 0) AS bigint) FROM stock_movements m"
        f" WHERE m.tenant_id = l.tenant_id AND m.level_id = l.id AND m.at <= {w.value('as_of')})"
        for name in ("quantity", "allocated", "incoming")
    )


def _level(row: Row) -> Level:
    code, level_id, place, customer, warehouse, name, product_id, batch, expiry_date, *rest = row
    return Level(
        (code, uuid(product_id), uuid(place), uuid(level_id)),
        customer,
        warehouse,
        code,
        name,
        uuid(product_id),
        batch,
        None if expiry_date is None else day(expiry_date),
        *rest,
    )


async def held(reach: Reach, table: type[Record], ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are in reach."""
    w = Writer(reach)
    found: Sequence[Any] = await ask(
        w,
        reach,
        f"SELECT t.id FROM {table._meta.db_table} t WHERE {w.within(table, 't')}"
        f" AND {w.any_of('t.id', 'ids', 'uuid')}",
        ids=list(ids),
    )
    return {uuid(row_id) for (row_id,) in found}
