"""Questions about rows: a Shape, a reach and what is looked for, in one statement.

Statements are remembered on their Shape by everything that changes their text: the engine, the
ends of the reach, the filter's structure and the form of the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.compiling import Statement, one_of_several, one_row
from models.database import Row, dialect, rows
from models.pages import one_page
from models.reach import Every, Reach
from models.record import Record
from models.shapes import Page, Shape, structure, values

STATEMENTS_OF_ONE_SHAPE = 64
"""Filters can be written in many ways; past this many, the oldest statement is forgotten."""


@dataclass(frozen=True)
class Found:
    """A row as finished JSON, and whose it is."""

    json: str
    customer_id: UUID | None
    warehouse_id: UUID | None


@dataclass(frozen=True)
class Rows:
    """A page: for each row its JSON by shape, then its place; and what was asked of the list."""

    rows: Sequence[Row]
    total: int | None = None
    earlier: bool = False
    """Whether the list begins before the page; where both ends were asked for."""
    later: bool = False
    """Whether the list goes on after the page; where both ends were asked for."""


async def read_one(shape: Shape, reach: Reach, row_id: UUID) -> Found | None:
    """The row of that id, if it is in reach."""
    key = ("one", dialect(), _ends(reach))
    statement = shape.statements.get(key) or _remember(shape, key, one_row(shape, reach))
    found = await rows(statement.sql, *_values(statement, reach, {"id": row_id}))
    return _found(found[0]) if found else None


async def read_any(shapes: Sequence[Shape], reach: Reach, row_id: UUID) -> Found | None:
    """The row of that id in whichever of the shapes' tables has it, if it is in reach."""
    if not shapes:
        return None
    key = ("any", dialect(), _ends(reach), tuple(shape.table for shape in shapes))
    statement = shapes[0].statements.get(key) or _remember(
        shapes[0], key, one_of_several(list(shapes), reach)
    )
    found = await rows(statement.sql, *_values(statement, reach, {"id": row_id}))
    return _found(found[0]) if found else None


async def read_page(shapes: Sequence[Shape], table: type[Record], page: Page, reach: Reach) -> Rows:
    """One page of the rows in reach; `shapes` are wanted of each of them."""
    key = _page_key(page, reach, len(shapes))
    memory = shapes[0]
    statement = memory.statements.get(key) or _remember(
        memory, key, one_page(list(shapes), table, page, reach)
    )
    bag = dict(page.given)
    for name, listed in (
        ("where", values(page.where)),
        ("having", values(page.having)),
        ("after", page.after or ()),
        ("before", page.before or ()),
    ):
        bag |= {f"{name}{n}": value for n, value in enumerate(listed)}
    return _page(page, len(shapes), await rows(statement.sql, *_values(statement, reach, bag)))


def _page(page: Page, shapes: int, found: Sequence[Row]) -> Rows:
    places = len(page.order.columns)
    facts = list(found[0])[shapes + places if page.wants_rows else 0 :] if found else []
    total = facts.pop(0) if page.wants_total else None
    if not page.wants_rows:
        return Rows((), total)
    outside = [
        bool(facts.pop(0)) if page.wants_ends and place is not None else False
        for place in (page.after, page.before)
    ]
    there = found if not found or found[0][shapes] is not None else ()
    if len(there) > page.size:
        outside[0 if page.backward else 1] = True
    there = there[: page.size]
    return Rows(there[::-1] if page.backward else there, total, *outside)


def _page_key(page: Page, reach: Reach, shapes: int) -> object:
    return (
        dialect(),
        _ends(reach),
        shapes,
        page.order,
        page.size,
        page.backward,
        page.after is not None,
        page.before is not None,
        page.wants_rows,
        page.wants_total,
        page.wants_ends,
        structure(page.where),
        page.grouping,
        structure(page.having),
    )


def _ends(reach: Reach) -> tuple[object, object, bool]:
    """What of a reach changes a statement's text: open, none, one or many, at either end."""
    customers, warehouses = (
        end if isinstance(end, Every) else min(len(end), 2)
        for end in (reach.customers, reach.warehouses)
    )
    return customers, warehouses, reach.caller_id is None


def _remember(shape: Shape, key: object, statement: Statement) -> Statement:
    if len(shape.statements) >= STATEMENTS_OF_ONE_SHAPE:
        del shape.statements[next(iter(shape.statements))]
    shape.statements[key] = statement
    return statement


def _values(statement: Statement, reach: Reach, bag: dict[str, Any]) -> list[Any]:
    bag["tenant"], bag["caller"] = reach.tenant_id, reach.caller_id
    for name, end in (("customer", reach.customers), ("warehouse", reach.warehouses)):
        if not isinstance(end, Every):
            bag[name] = next(iter(end)) if len(end) == 1 else end
    return [bag[name] for name in statement.names]


def _found(row: Row) -> Found:
    return Found(row[0], _id(row[1]), _id(row[2]))


def _id(key: Any) -> UUID | None:
    return key if key is None or isinstance(key, UUID) else UUID(key)
