"""Lists, once for all nouns: the connection types of a node, its order, and its root field."""

from collections.abc import Callable
from enum import Enum
from types import GenericAlias
from typing import Any

import strawberry

from models.shapes import Kind, Order, Page
from schema.access import Requires
from schema.common import Direction
from schema.declaring import output, root
from schema.filters import predicate_of
from schema.finished import Finished
from schema.paging import PageInfo, Window
from schema.questions import Browse, page, question, told_page
from schema.scalars import Long


def connection_of(node: type, mark: Requires, one: str, many: str) -> Any:
    """The Relay connection of a node; its types are named after it."""
    name = node.__name__
    edge = _declared(
        f"{name}Edge",
        mark,
        f"{one[0].upper()}{one[1:]} in its list.",
        cursor=(str, "Its place in the list."),
        node=(node, f"The {one.split(maxsplit=1)[1]}."),
    )
    return _declared(
        f"{name}Connection",
        mark,
        f"A page of {many}.",
        edges=(GenericAlias(list, (edge,)), "The page."),
        page_info=(PageInfo, "Where the page stands."),
        total_count=(Long, "How many there are in all pages."),
    )


def _declared(name: str, mark: Requires, description: str, **fields: tuple[Any, str]) -> Any:
    """An output type made of (type, description) by field."""
    body: dict[str, Any] = {
        "__annotations__": {field: type_ for field, (type_, _) in fields.items()},
        **{field: strawberry.field(description=told) for field, (_, told) in fields.items()},
    }
    return output(mark, description=description)(type(name, (), body))


class Sorted:
    """What the order of every list has in common."""

    field: Enum
    direction: Direction

    @property
    def order(self) -> Order:
        """The order over the table; `at`, and a column that ends in `_at`, hold instants."""
        column = str(self.field.value)
        kind = Kind.INSTANT if column == "at" or column.endswith("_at") else Kind.TEXT
        return Order(column, kind, descending=self.direction is Direction.DESC)


def sort_of(noun: str, many: str, first: Enum, direction: Direction) -> Any:
    """The input that says a list's order, and the order it has when nobody says one."""
    body: dict[str, Any] = {
        "__annotations__": {"field": type(first), "direction": Direction},
        "field": strawberry.field(default=first, description="What they are ordered by."),
        "direction": strawberry.field(default=direction, description="Which end comes first."),
    }
    return strawberry.input(
        type(f"{noun}Sort", (Sorted,), body),
        description=f"The order of {many}; ties are broken by id.",
    )


def listing(
    mark: Requires,
    *,
    of: Any,
    filter: Any,
    sort: Any,
    description: str,
    billable: bool = True,
    browse: Browse | None = None,
) -> Callable[..., Any]:
    """A root field that answers a page of a list: of rows, or of what `browse` finds."""

    async def pages(  # a connection's arguments, by their names in the schema
        self: Any,  # noqa: ARG001 - the root, which is nothing
        info: strawberry.Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        filter: Any = None,
        order_by: Any = None,
    ) -> Finished:
        window = Window(first, after, last, before)
        whole = Page((order_by or sort()).order, where=predicate_of(filter))
        if browse is not None:
            return await told_page(info, window, whole, browse)
        return await page(info, window, whole)

    pages.__annotations__ |= {"filter": filter | None, "order_by": sort | None}
    if billable:
        return question(mark, answers=of | None, description=description)(pages)
    return root(mark, answers=of | None, description=description, billable=False)(pages)
