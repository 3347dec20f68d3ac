"""What a question wants to see of rows, with nothing left of how it was asked.

Shape           which pieces of one table's row, by the key each is answered under
├── Column      a column, encoded by its kind
├── Constant    the same for every row: `__typename`
├── Inner       an object made of the row's own columns: an address, an amount
├── One         a row that it refers to
└── Many        the rows that refer to it, in a stable order

Test, All, Either, Not      a filter over one table's columns
Has                         and over those of rows of another table that refer to it
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, TypeAlias

from models.record import Record

if TYPE_CHECKING:
    from models.compiling import Statement


class Kind(Enum):
    """How a column's value is written as JSON."""

    TEXT = auto()
    ID = auto()
    NUMBER = auto()
    SWITCH = auto()
    INSTANT = auto()
    DATE = auto()
    QUANTITY = auto()
    """Millionths, written as a decimal string without trailing zeros."""
    AMOUNT = auto()
    """Minor units of the currency in `<column>_currency`, written with all their places."""
    JSON = auto()


@dataclass(frozen=True)
class Column:
    """One column of the row."""

    key: str
    column: str
    kind: Kind


@dataclass(frozen=True)
class Constant:
    """The same text for every row."""

    key: str
    text: str


@dataclass(frozen=True)
class Inner:
    """An object made of the row's own columns; null where all of `present` are null."""

    key: str
    pieces: "tuple[Piece, ...]"
    present: tuple[str, ...] = ()


@dataclass(frozen=True)
class One:
    """The row that `column` refers to; null outside the reach."""

    key: str
    column: str
    shape: "Shape"


@dataclass(frozen=True)
class Many:
    """The rows whose `column` refers to this one, in the order of `order` and then of their ids."""

    key: str
    column: str
    order: str
    shape: "Shape"


Piece: TypeAlias = Column | Constant | Inner | One | Many


@dataclass(frozen=True, eq=False)
class Shape:
    """What is wanted of the rows of one table.

    Made once for a selection and then remembered, together with the statements compiled of it.
    """

    table: type[Record]
    pieces: tuple[Piece, ...]
    statements: "dict[Any, Statement]" = field(default_factory=dict, repr=False)


class Op(Enum):
    """How a column is compared."""

    EQ = auto()
    IN = auto()
    LESS = auto()
    AT_LEAST = auto()
    CONTAINS = auto()
    """Regardless of the case of ASCII letters, alike on both engines."""
    STARTS_WITH = auto()


@dataclass(frozen=True)
class Test:
    """One comparison. A null is equal to nothing, so it never holds."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    column: str
    op: Op
    value: Any


@dataclass(frozen=True)
class All:
    """Every part holds; of no parts, always."""

    parts: "tuple[Predicate, ...]"


@dataclass(frozen=True)
class Either:
    """Some part holds; of no parts, never."""

    parts: "tuple[Predicate, ...]"


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Predicate"


@dataclass(frozen=True)
class Has:
    """Some row of another table whose `column` refers to this one fulfils the part."""

    table: type[Record]
    column: str
    part: "Predicate"


Predicate: TypeAlias = Test | All | Either | Not | Has

EVERYTHING = All(())


def structure(predicate: Predicate) -> object:
    """The predicate without its values: what a compiled statement is remembered by."""
    match predicate:
        case Test(column, op, _):
            return (column, op)
        case Not(part):
            return ("not", structure(part))
        case Has(table, column, part):
            return ("has", table._meta.db_table, column, structure(part))
        case All(parts):
            return ("all", *map(structure, parts))
        case Either(parts):
            return ("either", *map(structure, parts))


def values(predicate: Predicate) -> list[Any]:
    """The values it compares with, in the order in which it is written."""
    match predicate:
        case Test(_, _, value):
            return [value]
        case Not(part) | Has(_, _, part):
            return values(part)
        case All(parts) | Either(parts):
            return [value for part in parts for value in values(part)]


@dataclass(frozen=True)
class Order:
    """A stable order: by a column that is never null, ties broken by id or by several columns."""

    column: str
    kind: Kind
    descending: bool = False
    ties: tuple[tuple[str, Kind], ...] = (("id", Kind.ID),)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose values are the place of a row."""
        return (self.column, *(column for column, _ in self.ties))

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """How they are encoded."""
        return (self.kind, *(kind for _, kind in self.ties))


@dataclass(frozen=True)
class Grouping:
    """How rows of a table are put together to the rows of a list.

    Expressions hold `{row}` for the table's row, and the name of a value of theirs in braces.
    """

    by: tuple[str, ...]
    """In what those agree that are put together."""
    columns: tuple[tuple[str, str], ...]
    """What can be asked of a row put together: names and expressions."""
    join: str = ""
    """What else is read, one row after the other."""
    bound: str = ""
    """What holds anyway, but shows SQLite which index gives the order."""


@dataclass(frozen=True)
class Page:
    """Which part of an ordered list: `size` rows from one end, between two places.

    A place is what the order's columns hold in a row.
    """

    order: Order
    size: int = 0
    backward: bool = False
    after: Sequence[Any] | None = None
    before: Sequence[Any] | None = None
    where: Predicate = EVERYTHING
    grouping: Grouping | None = None
    having: Predicate = EVERYTHING
    """What must hold of rows put together."""
    given: tuple[tuple[str, Any], ...] = ()
    """The values that the grouping names."""
    wants_rows: bool = True
    wants_total: bool = False
    wants_ends: bool = False
    """Whether to look for rows on the other side of the places."""
