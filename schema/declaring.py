"""How types and fields of the schema are declared: with their right, their price, their source.

A declaration is read three times: by Strawberry for the SDL, by the gate for the right, and by
the selection for where in the rows a field comes from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast, dataclass_transform

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.schema_directive import Location

from models.record import Record
from models.shapes import Kind
from schema.access import Requires, sentence

Cls = TypeVar("Cls", bound=type)
Resolver = TypeVar("Resolver", bound=Callable[..., Any])


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="Each time it is carried out it counts as one API call.",
)
class Billable:
    """The price mark of a root field."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="A client can use it on what sandbox customers own alone.",
)
class SandboxOnly:
    """The mark of a root field that is for trying."""


# --- where in a row a field comes from; without any, the column or relation of its name ----------


@dataclass(frozen=True)
class Of:
    """A column, or the relation's column, of another name."""

    column: str


@dataclass(frozen=True)
class Embedded:
    """An object made of the row's own columns, each under this prefix."""

    prefix: str
    present: tuple[str, ...] = ()


@dataclass(frozen=True)
class Amount:
    """Money: a column in minor units beside `<column>_currency`."""

    column: str


@dataclass(frozen=True)
class Owned:
    """The rows of another table that refer to this one by `column`, in the order of `order`."""

    column: str
    order: str


@dataclass(frozen=True)
class JsonText:
    """A column that holds JSON already."""

    column: str


@dataclass(frozen=True)
class Made:
    """A column that is made of others when a row is read."""

    kind: Kind


Source = Of | Embedded | Amount | Owned | JsonText | Made


@dataclass_transform(field_specifiers=(strawberry.field,), kw_only_default=True)
def output(
    *marks: Requires, description: str, table: type[Record] | None = None, **options: Any
) -> Callable[[Cls], Cls]:
    """An object type, who may see it, and the table its objects are rows of."""

    def declare(cls: Cls) -> Cls:
        cls.row_table = table  # type: ignore[attr-defined]
        told = f"{description}\n\n{sentence(*marks)}"
        return strawberry.type(cls, description=told, directives=list(marks), **options)

    return declare


def column(
    description: str,
    source: Source | None = None,
    *,
    requires: tuple[Requires, ...] = (),
) -> Any:
    """A field of a row."""
    told = f"{description}\n\n{sentence(*requires)}" if requires else description
    return strawberry.field(
        description=told, directives=list(requires), metadata={"source": source}
    )


def root(
    *marks: Requires,
    answers: Any,
    description: str,
    billable: bool,
    extensions: Sequence[FieldExtension] = (),
    sandbox_only: bool = False,
) -> Callable[[Resolver], Resolver]:
    """A root field: its right and its price, for the gate, the ledger and the reader alike.

    Its resolver hands back what is finished; `answers` is the type that the SDL tells.
    """
    price = [Billable()] if billable else []
    trial = [SandboxOnly()] if sandbox_only else []

    def declare(resolver: Resolver) -> Resolver:
        field: Any = strawberry.field(
            resolver=resolver,
            graphql_type=answers,
            description=f"{description}\n\n{sentence(*marks, billable=billable)}",
            directives=[*marks, *price, *trial],
            extensions=list(extensions),
        )
        return cast("Resolver", field)

    return declare
