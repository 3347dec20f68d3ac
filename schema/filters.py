"""One shape of filter for every list: and, or, not, and comparisons by field."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry
from strawberry.types.base import get_object_definition

from models.fields import to_millionths
from models.record import Record
from models.shapes import EVERYTHING, All, Either, Has, Not, Op, Predicate, Test
from resolvers.errors import BadInput, LimitExceeded
from schema.scalars import parse_id

MOST_TESTS = 100
MOST_OF_A_LIST = 100
DEEPEST = 8
"""Filters inside of filters."""


@strawberry.input(description="Compares an id.")
class IdFilter:
    eq: strawberry.ID | None = strawberry.field(default=None, description="Is this one.")
    in_: list[strawberry.ID] | None = strawberry.field(
        name="in", default=None, description="Is one of these."
    )


@strawberry.input(description="Compares a text.")
class TextFilter:
    eq: str | None = strawberry.field(default=None, description="Is exactly this.")
    in_: list[str] | None = strawberry.field(
        name="in", default=None, description="Is exactly one of these."
    )
    contains: str | None = strawberry.field(
        default=None, description="Holds this, whatever the case of letters A to Z."
    )
    starts_with: str | None = strawberry.field(default=None, description="Begins with this.")


@strawberry.input(description="Compares an instant; the range is half open.")
class DateTimeFilter:
    from_: datetime | None = strawberry.field(
        name="from", default=None, description="At this instant or later."
    )
    before: datetime | None = strawberry.field(default=None, description="Before this instant.")


@strawberry.input(description="Compares a day; the range is half open.")
class DateFilter:
    from_: date | None = strawberry.field(
        name="from", default=None, description="On this day or later."
    )
    before: date | None = strawberry.field(default=None, description="Before this day.")


@strawberry.input(description="Compares an amount; the range is half open.")
class DecimalFilter:
    from_: Decimal | None = strawberry.field(
        name="from", default=None, description="This much or more."
    )
    below: Decimal | None = strawberry.field(default=None, description="Less than this.")


OPS = {
    "eq": Op.EQ,
    "in_": Op.IN,
    "contains": Op.CONTAINS,
    "starts_with": Op.STARTS_WITH,
    "from_": Op.AT_LEAST,
    "before": Op.LESS,
    "below": Op.LESS,
}


def compared(column: str, description: str) -> Any:
    """A field of a filter that compares a column."""
    return strawberry.field(default=None, description=description, metadata={"column": column})


def held(table: type[Record], refers: str, column: str, description: str) -> Any:
    """A field of a filter that compares a column of rows of another table, which `refers` here."""
    source = {"column": column, "held": (table, refers)}
    return strawberry.field(default=None, description=description, metadata=source)


def searched(columns: tuple[str, ...], description: str) -> Any:
    """A field of a filter that looks for a part of several texts, or for an id."""
    return strawberry.field(default=None, description=description, metadata={"search": columns})


def combined(name: str, description: str) -> Any:
    """`and`, `or` or `not` of a filter."""
    return strawberry.field(name=name, default=None, description=description)


@strawberry.input
class JobFilter:
    """What the filter of every kind of job compares."""

    id: IdFilter | None = compared("id", "By id.")
    customer: IdFilter | None = compared("customer_id", "By customer.")
    warehouse: IdFilter | None = compared("warehouse_id", "By warehouse.")
    reference: TextFilter | None = compared("reference", "By reference.")
    created_at: DateTimeFilter | None = compared("created_at", "By when they were made.")
    modified_at: DateTimeFilter | None = compared("modified_at", "By their last change.")


AND = "All of these hold; of none, that is so."
OR = "Any of these holds; of none, that is not so."
NOT = "This does not hold."


def predicate_of(filter_: Any) -> Predicate:
    """A filter as a predicate over its table.

    Raises:
        LimitExceeded: it compares too often, or is nested too deep.
        BadInput: an id in it is none.

    """
    if filter_ is None:
        return EVERYTHING
    predicate = _all(filter_, ("filter",))
    if (tests := _tests(predicate)) > MOST_TESTS:
        raise LimitExceeded("comparisons in a filter", limit=MOST_TESTS, asked=tests)
    return predicate


def _all(filter_: Any, path: tuple[str, ...]) -> Predicate:
    if len(path) > DEEPEST + 1:
        raise LimitExceeded("filters inside of filters", limit=DEEPEST)
    parts: list[Predicate] = []
    for field in get_object_definition(filter_, strict=True).fields:
        name, given = field.python_name, getattr(filter_, field.python_name)
        here = (*path, field.graphql_name or name)
        if given is None:
            continue
        if name == "and_":
            parts.append(All(tuple(_all(one, here) for one in given)))
        elif name == "or_":
            parts.append(Either(tuple(_all(one, here) for one in given)))
        elif name == "not_":
            parts.append(Not(_all(given, here)))
        elif "search" in field.metadata:
            parts.append(_searched(field.metadata["search"], given))
        else:
            tests = _compared(field.metadata["column"], given, here)
            if tests and "held" in field.metadata:
                table, refers = field.metadata["held"]
                tests = [Has(table, refers, All(tuple(tests)))]
            parts += tests
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _searched(columns: tuple[str, ...], given: str) -> Predicate:
    text = given.strip()
    parts = [Test(column, Op.CONTAINS, text) for column in columns]
    if (key := parse_id(text.lower())) is not None:
        parts.append(Test("id", Op.EQ, key))
    return Either(tuple(parts))


def _compared(column: str, given: Any, path: tuple[str, ...]) -> list[Predicate]:
    if isinstance(given, (bool, Enum)):
        return [Test(column, Op.EQ, given)]
    ids = isinstance(given, IdFilter)
    return [
        Test(column, op, _value(value, (*path, name.rstrip("_")), ids=ids))
        for name, op in OPS.items()
        if (value := getattr(given, name, None)) is not None
    ]


def _value(value: Any, path: tuple[str, ...], *, ids: bool) -> Any:
    if isinstance(value, list):
        if len(value) > MOST_OF_A_LIST:
            raise LimitExceeded("entries of `in`", limit=MOST_OF_A_LIST, asked=len(value))
        return [_value(one, path, ids=ids) for one in value]
    if isinstance(value, Decimal):
        return to_millionths(value)
    if not ids:
        return value
    if (parsed := parse_id(value)) is None:
        raise BadInput(f"`{value}` is no id: ids are lower-case UUIDs.", path=path)
    return parsed


def _tests(predicate: Predicate) -> int:
    """How often it compares. What says nothing has its place in the statement, too."""
    match predicate:
        case Test():
            return 1
        case Not(part) | Has(_, _, part):
            return _tests(part)
        case All(parts) | Either(parts):
            return sum(_tests(part) for part in parts) or 1
