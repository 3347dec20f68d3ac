"""Relay connections: pages from either end, with cursors that survive inserts.

A cursor is the place of a row in its order, bound to the list, the order and the filter it was
read with; with others it is refused instead of giving a page that never was.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import strawberry

from models.shapes import Kind, Page, structure, values
from resolvers.contents import canonical
from resolvers.errors import BadInput, LimitExceeded
from schema.access import ANYONE
from schema.declaring import output
from schema.scalars import instant_text, parse_date, parse_instant

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
    page: Page

    @property
    def mark(self) -> str:
        """What binds a cursor to its list."""
        page, order = self.page, self.page.order
        filters = (page.where, page.having)
        list_ = (self.of, order.columns, order.descending, *map(structure, filters))
        said = [*(value for one in filters for value in values(one)), *page.given]
        told = repr(list_) + orjson.dumps(canonical(said)).decode()
        return hashlib.sha256(told.encode()).hexdigest()[:8]

    def write(self, mark: str, place: Sequence[Any]) -> str:
        """The cursor of a row's place."""
        packed = orjson.dumps([mark, *place], _told, orjson.OPT_PASSTHROUGH_DATETIME)
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    def read(self, cursor: str, argument: str) -> tuple[Any, ...]:
        """The place that a cursor stands for.

        Raises:
            BadInput: it is none, or one of another list.

        """
        try:
            packed = base64.b64decode(
                cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
            )
            mark, *told = _list(orjson.loads(packed))
            kinds = self.page.order.kinds
            place = tuple(_value(kind, one) for kind, one in zip(kinds, told, strict=True))
        except (binascii.Error, ValueError, TypeError, AttributeError):
            raise BadInput(f"`{argument}` is no cursor.", path=[argument]) from None
        if mark != self.mark:
            raise BadInput(
                f"`{argument}` is a cursor of another list, order or filter.", path=[argument]
            )
        return place


READERS: dict[Kind, Callable[[str], Any]] = {
    Kind.INSTANT: parse_instant,
    Kind.DATE: parse_date,
    Kind.ID: UUID,
}
"""How the parts of a place are read; whatever is not here is text."""


def _value(kind: Kind, told: Any) -> Any:
    if not isinstance(told, str) or "\0" in told:
        raise ValueError("a place is told as text")
    return READERS.get(kind, str)(told)


def _told(value: Any) -> str:
    return instant_text(value) if isinstance(value, datetime) else str(value)


def _list(told: Any) -> list[Any]:
    if not isinstance(told, list):
        raise TypeError("a cursor holds a list")
    return told


def page_of(of: str, window: Window, whole: Page) -> Page:
    """The page of the whole list that a connection's arguments ask for; `of` is its type's name.

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
    cursors = Cursors(of, whole)
    return replace(
        whole,
        size=window.last or window.first or DEFAULT_SIZE,
        backward=window.last is not None,
        after=None if window.after is None else cursors.read(window.after, "after"),
        before=None if window.before is None else cursors.read(window.before, "before"),
    )
