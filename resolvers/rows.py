"""Questions about rows: each starts at `visible`."""

from collections.abc import Sequence
from uuid import UUID

from models.database import DatabaseUnavailable
from models.reading import Found, Rows
from models.record import Record
from models.shapes import Page, Shape
from resolvers.access import Caller, visible
from resolvers.commands import unavailable


async def find(caller: Caller, shape: Shape, row_id: UUID) -> Found | None:
    """The row of that id as its shape wants it, if the caller can see it."""
    try:
        return await visible(shape.table, caller).one(shape, row_id)
    except DatabaseUnavailable as fault:
        raise unavailable() from fault


async def find_any(caller: Caller, shapes: Sequence[Shape], row_id: UUID) -> Found | None:
    """The row of that id in any of several tables."""
    try:
        return await visible(Record, caller).any(shapes, row_id)
    except DatabaseUnavailable as fault:
        raise unavailable() from fault


async def browse(caller: Caller, shapes: Sequence[Shape], page: Page) -> Rows:
    """One page of the rows that the caller can see."""
    try:
        return await visible(shapes[0].table, caller).page(shapes, page)
    except DatabaseUnavailable as fault:
        raise unavailable() from fault
