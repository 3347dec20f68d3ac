"""Stock on hand put together: sums by dimensions, and how it stood at an instant.

The levels are put together along the indexes that begin with the product's code, so that a page
reads only the levels it tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from models.database import Dialect, dialect
from models.shapes import Grouping, Kind
from models.stock import FREE
from models.words import StockDimension

AMOUNTS = ("quantity", "allocated", "free", "incoming")

SUMMED = frozenset({*AMOUNTS, "modified_at"})
"""What is known of a row only when its levels are put together."""


@dataclass(frozen=True)
class Part:
    """One column of a row's place: what it is called there, and what it is made of."""

    name: str
    sql: str
    kind: Kind
    tells: str
    """The column that is told of it."""


CODE = Part("product_code", "{row}.product_code", Kind.TEXT, "product_code")
PRODUCT = Part("product_id", "{row}.product_id", Kind.ID, "product_id")
CUSTOMER = Part("customer_id", "{row}.customer_id", Kind.ID, "customer_id")
WAREHOUSE = Part("warehouse_id", "{row}.warehouse_id", Kind.ID, "warehouse_id")
CONDITION = Part("condition", "{row}.condition", Kind.TEXT, "condition")
LEVEL = Part("id", "{row}.id", Kind.ID, "id")
# A place holds no nulls; the unique index of the table takes these for null, too.
BATCH = Part("batch_place", "coalesce({row}.batch, '')", Kind.TEXT, "batch")
EXPIRY_DATE = Part(
    "expiry_place", "coalesce({row}.expiry_date, {no_day})", Kind.DATE, "expiry_date"
)

NO_DAY = "0001-01-02"
"""Stands for no expiry date in a place. The day before it is minus infinity to asyncpg."""

EACH = (CODE, PRODUCT, WAREHOUSE, LEVEL)
"""The place of a single level."""

DIMENSIONS: dict[StockDimension, tuple[Part, ...]] = {
    StockDimension.PRODUCT: (CODE, PRODUCT),
    StockDimension.CUSTOMER: (CUSTOMER,),
    StockDimension.WAREHOUSE: (WAREHOUSE,),
    StockDimension.CONDITION: (CONDITION,),
    StockDimension.BATCH: (BATCH,),
    StockDimension.EXPIRY_DATE: (EXPIRY_DATE,),
}
"""In the order in which they make a place: that of the indexes."""

TYPES = {
    "id": "uuid",
    "customer_id": "uuid",
    "warehouse_id": "uuid",
    "product_id": "uuid",
    "product_code": "text",
    "batch": "text",
    "expiry_date": "date",
    "condition": "text",
}
"""What is told of a level, with its type on PostgreSQL."""

AS_OF = (
    " JOIN stock_movements m ON m.tenant_id = {row}.tenant_id AND m.level_id = {row}.id"
    " AND m.at <= {as_of}"
)


def place_of(by: frozenset[StockDimension] | None) -> tuple[Part, ...]:
    """What makes the place of a row: of a single level, or of a sum by these dimensions."""
    if by is None:
        return EACH
    if StockDimension.PRODUCT in by:
        by -= {StockDimension.CUSTOMER}  # a product has one
    return tuple(part for one, parts in DIMENSIONS.items() if one in by for part in parts)


def told_of(by: frozenset[StockDimension] | None) -> frozenset[str]:
    """The columns that are told beside sums; the others are null."""
    if by is None:
        return frozenset(TYPES)
    implied = {"customer_id"} if StockDimension.PRODUCT in by else set()
    return frozenset({part.tells for part in place_of(by)} | implied)


def put_together(by: frozenset[StockDimension] | None, *, as_of: bool) -> Grouping:
    """How levels are put together; `by` nothing, each of them is told by itself."""
    return _put_together(by, as_of=as_of, engine=dialect())


@cache
def _put_together(
    by: frozenset[StockDimension] | None, *, as_of: bool, engine: Dialect
) -> Grouping:
    no_day = f"'{NO_DAY}'::date" if engine is Dialect.POSTGRES else f"'{NO_DAY}'"
    place, told = place_of(by), told_of(by)
    made = {part.name: part.sql.replace("{no_day}", no_day) for part in place}
    grouped = tuple(made.values())
    for part, none in ((BATCH, "''"), (EXPIRY_DATE, no_day)):
        if part.name in made:
            made[part.tells] = f"nullif({made[part.name]}, {none})"
    for column in TYPES:
        if column not in made:
            made[column] = _same(column, engine) if column in told else _null(column, engine)
    return Grouping(
        by=grouped,
        columns=(*made.items(), *_amounts("m" if as_of else "{row}")),
        join=AS_OF if as_of else "",
        bound="{row}.product_code >= ''" if CODE in place else "",
    )


def _amounts(of: str) -> Sequence[tuple[str, str]]:
    sums = [(name, f"sum({of}.{name})") for name in ("quantity", "allocated", "incoming")]
    changed = "m.at" if of == "m" else "{row}.modified_at"
    free = FREE.replace("{row}.quantity", f"{of}.quantity").replace(
        "{row}.allocated", f"{of}.allocated"
    )
    return [*sums, ("free", f"sum({free})"), ("modified_at", f"max({changed})")]


def _same(column: str, engine: Dialect) -> str:
    """What all levels that are put together have in common; PostgreSQL has no least uuid."""
    if engine is Dialect.POSTGRES and TYPES[column] == "uuid":
        return f"CAST(min(CAST({{row}}.{column} AS text)) AS uuid)"
    return f"min({{row}}.{column})"


def _null(column: str, engine: Dialect) -> str:
    return f"NULL::{TYPES[column]}" if engine is Dialect.POSTGRES else "NULL"
