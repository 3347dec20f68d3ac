"""Products as orders need to know them, with what of them is free in a warehouse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from orjson import loads

from models.compiling import Writer
from models.database import Dialect, Row
from models.fields import from_millionths
from models.lookups import ask, uuid
from models.products import Product
from models.reach import Reach
from models.words import Selection


@dataclass(frozen=True)
class Free:
    """Stock that can be ordered: of one batch and expiry date, in order."""

    level_id: UUID
    batch: str | None
    expiry_date: date | None
    since: str
    """When the level began, as text that sorts by time."""
    quantity: Decimal
    """Base units that no order has taken."""


@dataclass(frozen=True)
class Ware:
    """A product as an order needs to know it."""

    id: UUID
    code: str
    name: str
    active: bool
    default_unit: str
    selection: Selection
    selection_strict: bool
    expiry_threshold_days: int | None
    requires_batch: bool
    requires_expiry: bool
    units: Mapping[str, Decimal]
    """How many base units each unit holds."""
    free: Sequence[Free] = ()


COLUMNS = (
    "p.id, p.code, p.name, p.active, p.default_unit, p.selection, p.selection_strict,"
    " p.expiry_threshold_days, p.requires_batch, p.requires_expiry"
)


async def wares(
    reach: Reach,
    customer_id: UUID,
    ids: Sequence[UUID],
    codes: Sequence[str],
    warehouse_id: UUID | None = None,
) -> list[Ware]:
    """The customer's products of those ids and codes, and what is free of them in a warehouse."""
    w = Writer(reach)
    postgres = w.engine is Dialect.POSTGRES
    # Two arms, each with an index of its own. SQLite's planner would rather go through all of
    # the customer's products than look the few ids up; the plus keeps it from that index.
    arms = []
    if ids:
        unindexed = "p.customer_id" if postgres else "+p.customer_id"
        arms.append(f"{unindexed} = {w.value('of')} AND {w.any_of('p.id', 'ids', 'uuid')}")
    if codes:
        by_code = w.any_of("p.code", "codes", "text")
        arms.append(f"p.customer_id = {w.value('of')} AND {by_code}")
    if not arms:
        return []
    found = await ask(
        w,
        reach,
        " UNION ALL ".join(
            f"SELECT {COLUMNS}, {_units(w)}, {_free(w, warehouse_id)}"
            f" FROM products p WHERE {w.within(Product, 'p')} AND {arm}"
            for arm in arms
        ),
        of=customer_id,
        ids=list(ids),
        codes=list(codes),
        warehouse_at=warehouse_id,
    )
    return [_ware(row) for row in found]


def _units(w: Writer) -> str:
    pair = "json_build_array" if w.engine is Dialect.POSTGRES else "json_array"
    return (
        f"(SELECT {_list(w)}({pair}(u.code, u.base_quantity)) FROM ("
        f"SELECT u.code, u.base_quantity FROM product_units u WHERE u.tenant_id ="
        f" {w.value('tenant')} AND u.product_id = p.id ORDER BY u.position) u)"
    )


def _free(w: Writer, warehouse_id: UUID | None) -> str:
    if warehouse_id is None:
        return "NULL"
    pair = "json_build_array" if w.engine is Dialect.POSTGRES else "json_array"
    return (
        f"(SELECT {_list(w)}({pair}({FREE})) FROM stock_levels l"
        f" WHERE l.tenant_id = {w.value('tenant')} AND l.product_id = p.id"
        f" AND l.warehouse_id = {w.value('warehouse_at')} AND l.condition = 'OK'"
        " AND l.quantity > l.allocated)"
    )


FREE = "l.id, l.batch, l.expiry_date, l.created_at, l.quantity - l.allocated"


def _list(w: Writer) -> str:
    return "json_agg" if w.engine is Dialect.POSTGRES else "json_group_array"


def _ware(row: Row) -> Ware:
    product_id, code, name, active, unit, selection, strict, threshold, batch, expiry, *more = row
    units, free = more
    return Ware(
        uuid(product_id),
        code,
        name,
        bool(active),
        unit,
        Selection(selection),
        bool(strict),
        threshold,
        bool(batch),
        bool(expiry),
        {name: from_millionths(held) for name, held in loads(units or "[]")},
        [_one_free(each) for each in loads(free or "[]")],
    )


def _one_free(each: Sequence[Any]) -> Free:
    level, batch, expiry, since, quantity = each
    return Free(
        UUID(level),
        batch,
        None if expiry is None else date.fromisoformat(expiry),
        since,
        from_millionths(quantity),
    )


async def codes_near(reach: Reach, customer_id: UUID, code: str, most: int = 200) -> list[str]:
    """Codes of the customer's active products that sort close to one, from either side."""
    w = Writer(reach)
    whose = (
        f"SELECT p.code FROM products p WHERE {w.within(Product, 'p')}"
        f" AND p.customer_id = {w.value('of')} AND p.active AND p.code"
    )
    found = await ask(
        w,
        reach,
        f"SELECT * FROM ({whose} < {w.value('code')} ORDER BY p.code DESC LIMIT {most}) a"
        f" UNION ALL SELECT * FROM ({whose} >= {w.value('code')} ORDER BY p.code LIMIT {most}) b",
        of=customer_id,
        code=code,
    )
    return [row[0] for row in found]
