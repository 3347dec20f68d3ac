"""Relay connections: pages from either end, with cursors that survive inserts.

A cursor is the place of a row in its order, bound to the list, the order and the filter it was
read with; with others it is refused instead of giving a page that never was.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import strawberry

from models.shapes import Kind, Order, Page, Predicate, structure, values
from resolvers.contents import canonical
from resolvers.errors import BadInput, LimitExceeded
from schema.access import ANYONE
from schema.declaring import output
from schema.scalars import instant_text, parse_instant

DEFAULT_SIZE = 50
LARGEST = 100


@output(ANYONE, description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether the list goes on after the page.")
    has_previous_page: bool = strawberry.field(
        description="Whether the list begins before the page."
    )
    start_cursor: str | None = strawberry.field(description="The first entry's cursor.")
    end_cursor: str | None = strawberry.field(description="The last entry's cursor.")


@dataclass(frozen=True)
class Window:
    """The four arguments of a connection, as they were given."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True)
class Cursors:
    """Makes and reads the cursors of one list, by its type's name, with one order and filter."""

    of: str
    order: Order
    where: Predicate

    @property
    def mark(self) -> str:
        """What binds a cursor to its list."""
        list_ = (self.of, self.order.column, self.order.descending, structure(self.where))
        said = repr(list_) + orjson.dumps(canonical(values(self.where))).decode()
        return hashlib.sha256(said.encode()).hexdigest()[:8]

    def write(self, mark: str, place: Sequence[Any]) -> str:
        """The cursor of a row's place."""
        value, row_id = place
        told = instant_text(value) if isinstance(value, datetime) else value
        packed = orjson.dumps([mark, told, str(row_id)])
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    def read(self, cursor: str, argument: str) -> tuple[Any, UUID]:
        """The place that a cursor stands for.

        Raises:
            BadInput: it is none, or one of another list.

        """
        try:
            packed = base64.b64decode(
                cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
            )
            mark, value, row_id = _list(orjson.loads(packed))
            place = (self._value(value), UUID(row_id))
        except (binascii.Error, ValueError, TypeError, AttributeError):
            raise BadInput(f"`{argument}` is no cursor.", path=[argument]) from None
        if mark != self.mark:
            raise BadInput(
                f"`{argument}` is a cursor of another list, order or filter.", path=[argument]
            )
        return place

    def _value(self, value: Any) -> Any:
        if not isinstance(value, str) or "\0" in value:
            raise ValueError("a place is told as text")
        return parse_instant(value) if self.order.kind is Kind.INSTANT else value


def _list(told: Any) -> list[Any]:
    if not isinstance(told, list):
        raise TypeError("a cursor holds a list")
    return told


def page_of(of: str, window: Window, order: Order, where: Predicate) -> Page:
    """The page that a connection's arguments ask for; `of` is its type's name.

    Raises:
        BadInput: both ends are asked for, a size is not above zero, or a cursor is foreign.
        LimitExceeded: the page is too large.

    """
    if window.first is not None and window.last is not None:
        raise BadInput("Ask for `first` or for `last`, not for both.", path=["last"])
    for name, size in (("first", window.first), ("last", window.last)):
        if size is not None and size < 1:
            raise BadInput(f"`{name}` is at least 1.", path=[name])
        if size is not None and size > LARGEST:
            raise LimitExceeded(f"a page (`{name}`)", limit=LARGEST, asked=size)
    cursors = Cursors(of, order, where)
    backward = window.last is not None
    return Page(
        order,
        window.last or window.first or DEFAULT_SIZE,
        backward,
        None if window.after is None else cursors.read(window.after, "after"),
        None if window.before is None else cursors.read(window.before, "before"),
        where,
    )
