"""What the oracle knows of stock on hand: levels as they are, as they were, and added up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from tests.oracle_filters import holds
from tests.oracle_rows import World, plain

AMOUNTS = ("quantity", "allocated", "free", "incoming")
SUMMED = {*AMOUNTS, "modifiedAt"}
"""What a filter compares of a sum; with everything else it says what is added up."""

COLUMNS = {
    "PRODUCT": ("product_code", "product_id"),
    "CUSTOMER": ("customer_id",),
    "WAREHOUSE": ("warehouse_id",),
    "CONDITION": ("condition",),
    "BATCH": ("batch",),
    "EXPIRY_DATE": ("expiry_date",),
}
"""Columns by dimension, in the order of a list; its first sorts before the others."""

TOLD = [name for names in COLUMNS.values() for name in names]
NONE = {"batch": "", "expiry_date": "0001-01-02"}
"""What stands in a place for goods without any."""


@dataclass(frozen=True)
class Part:
    """What a level is, or what one movement made of it."""

    level: Any
    quantity: Decimal
    allocated: Decimal
    incoming: Decimal
    modified_at: datetime

    @property
    def free(self) -> Decimal:
        ok = plain(self.level.condition) == "OK"
        return self.quantity - self.allocated if ok else Decimal(0)


def stock(world: World, given: Mapping[str, Any]) -> list[Any]:
    """The rows that a question about stock is about, in no order."""
    by = given.get("aggregateBy")
    parts = list(_as_of(world, given["asOf"]) if "asOf" in given else _now(world))
    ends = ({name: {"eq": given[name]}} for name in ("customer", "warehouse") if name in given)
    conditions = [*ends, *_conditions(given.get("filter", {}))]
    of_sums = [one for one in conditions if SUMMED & set(_asked(one))]
    of_levels = [one for one in conditions if one not in of_sums]
    summed: dict[tuple[Any, ...], list[Part]] = {}
    for part in parts:
        if all(holds(one, part.level) for one in of_levels):
            summed.setdefault(stock_place(part.level, by), []).append(part)
    rows = [_row(some, by) for some in summed.values()]
    return [
        row
        for row in rows
        if all(holds(one, row) for one in of_sums)
        and (given.get("includeEmpty") or row.quantity > 0 or row.incoming > 0 or row.allocated > 0)
    ]


def stock_place(row: Any, by: Sequence[str] | None) -> tuple[str, ...]:
    """Where a row stands in the list, as its cursor tells it."""
    if by is None:
        names = ["product_code", "product_id", "warehouse_id", "id"]
    else:
        names = [name for one in COLUMNS if one in by for name in COLUMNS[one]]
        if "PRODUCT" in by and "customer_id" in names:
            names.remove("customer_id")  # a product has one
    return tuple(
        NONE[name] if (value := getattr(row, name)) is None else plain(value) for name in names
    )


def _row(parts: Sequence[Part], by: Sequence[str] | None) -> Any:
    """Levels added up: what is not added up by is null, but for whose a product is."""
    level = parts[0].level
    told = TOLD if by is None else [name for one in by for name in COLUMNS[one]]
    if by is not None and "PRODUCT" in by:
        told.append("customer_id")
    amounts = {name: sum((getattr(one, name) for one in parts), Decimal(0)) for name in AMOUNTS}
    return SimpleNamespace(
        **{name: getattr(level, name) if name in told else None for name in TOLD},
        **amounts,
        id=level.id,
        modified_at=max(one.modified_at for one in parts),
    )


def _now(world: World) -> Iterator[Part]:
    for level in world.seen("StockLevel"):
        yield Part(level, level.quantity, level.allocated, level.incoming, level.modified_at)


def _as_of(world: World, instant: str) -> Iterator[Part]:
    seen: dict[UUID, Any] = {level.id: level for level in world.seen("StockLevel")}
    for one in world.rows["StockMovement"]:
        if one.level_id in seen and one.at <= datetime.fromisoformat(instant):
            yield Part(seen[one.level_id], one.quantity, one.allocated, one.incoming, one.at)


def _conditions(filter_: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What must hold one by one."""
    for name, said in filter_.items():
        if name == "and" and said is not None:
            for one in said:
                yield from _conditions(one)
        elif said is not None:
            yield {name: said}


def _asked(filter_: Mapping[str, Any]) -> Iterator[str]:
    """The fields that a filter compares somewhere."""
    for name, said in filter_.items():
        if name in {"and", "or", "not"}:
            for one in said if isinstance(said, list) else [said or {}]:
                yield from _asked(one)
        elif said:
            yield name
