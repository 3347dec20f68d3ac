"""Rows to be written by one command, gathered and sent together.

On PostgreSQL all of them go in one statement (data-modifying CTEs, whose references are checked
at its end), so that a command costs few round trips; on SQLite one after the other.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tortoise import fields

from models.database import Dialect, dialect, execute
from models.fields import Instant, Quantity
from models.record import Record

Row = Mapping[str, Any]

POSTGRES_TYPES: dict[type[fields.Field[Any]], str] = {
    fields.UUIDField: "uuid",
    Quantity: "bigint",
    fields.BigIntField: "bigint",
    fields.IntField: "integer",
    fields.BooleanField: "boolean",
    fields.DateField: "date",
    Instant: "timestamptz",
    fields.BinaryField: "bytea",
}
"""The type of a column in an array; whatever is not here is text."""


class Piece(Protocol):
    """One writing statement among those of a command."""

    @property
    def key(self) -> Hashable:
        """What its text depends on, so that the text is made once."""

    @property
    def values(self) -> Sequence[Any]:
        """Its values, in the order of their places."""

    def sql(self, place: Callable[[], str]) -> str:
        """Its text; `place()` is the place of the next value."""


@dataclass(frozen=True)
class Insert:
    """Rows for one table, all with the same columns."""

    table: type[Record]
    rows: Sequence[Row]

    @property
    def key(self) -> Hashable:
        """Table, columns, and how many rows where that shows in the text."""
        many: Hashable = len(self.rows) if dialect() is Dialect.SQLITE else len(self.rows) > 1
        return (self.table, tuple(self.rows[0]), many)

    @property
    def values(self) -> Sequence[Any]:
        """Row by row, or an array a column where PostgreSQL is given several rows."""
        if len(self.rows) > 1 and dialect() is Dialect.POSTGRES:
            return [
                [_stored(self.table, name, row[name]) for row in self.rows] for name in self.rows[0]
            ]
        return [
            _stored(self.table, name, value) for row in self.rows for name, value in row.items()
        ]

    def sql(self, place: Callable[[], str]) -> str:
        """`INSERT INTO table (columns) ...`."""
        columns = list(self.rows[0])
        head = f"INSERT INTO {self.table._meta.db_table} ({', '.join(columns)})"
        if len(self.rows) > 1 and dialect() is Dialect.POSTGRES:
            arrays = (f"{place()}::{_type(self.table, name)}[]" for name in columns)
            return f"{head} SELECT * FROM unnest({', '.join(arrays)})"
        tuples = (f"({', '.join(place() for _ in columns)})" for _ in self.rows)
        return f"{head} VALUES {', '.join(tuples)}"


@dataclass(frozen=True)
class Update:
    """New values for the one row of a tenant and id."""

    table: type[Record]
    tenant_id: Any
    row_id: Any
    row: Row

    @property
    def key(self) -> Hashable:
        """Table and columns."""
        return ("update", self.table, tuple(self.row))

    @property
    def values(self) -> Sequence[Any]:
        """The new values, then which row."""
        new = [_stored(self.table, name, value) for name, value in self.row.items()]
        return [*new, self.tenant_id, self.row_id]

    def sql(self, place: Callable[[], str]) -> str:
        """`UPDATE table SET ... WHERE tenant and id`."""
        new = ", ".join(f"{name} = {place()}" for name in self.row)
        return (
            f"UPDATE {self.table._meta.db_table} SET {new}"
            f" WHERE tenant_id = {place()} AND id = {place()}"
        )


@dataclass
class Changes:
    """What a command is about to write."""

    pieces: list[Piece] = field(default_factory=list)

    def insert(self, table: type[Record], *rows: Row) -> None:
        """Add rows to a table; columns by their database names."""
        if rows:
            self.pieces.append(Insert(table, rows))

    def update(self, table: type[Record], tenant_id: Any, row_id: Any, **row: Any) -> None:
        """Change the columns named of one row."""
        self.pieces.append(Update(table, tenant_id, row_id, row))

    def add(self, piece: Piece) -> None:
        """Add a statement of another kind."""
        self.pieces.append(piece)

    async def flush(self) -> None:
        """Send all of it, within the transaction that is open."""
        pieces, self.pieces = self.pieces, []
        if not pieces:
            return
        if dialect() is Dialect.SQLITE:
            for piece in pieces:
                await execute(_text((piece,)), *piece.values)
            return
        await execute(_text(tuple(pieces)), *(value for piece in pieces for value in piece.values))


TEXTS: dict[Hashable, str] = {}
MOST_TEXTS = 1_000


def _text(pieces: tuple[Piece, ...]) -> str:
    """The statement of the pieces, remembered by what they are."""
    key = (dialect(), *(piece.key for piece in pieces))
    if (text := TEXTS.get(key)) is None:
        if len(TEXTS) >= MOST_TEXTS:
            TEXTS.clear()
        text = TEXTS[key] = _joined(pieces)
    return text


def _joined(pieces: tuple[Piece, ...]) -> str:
    number = 0

    def place() -> str:
        nonlocal number
        number += 1
        return dialect().placeholder(number)

    texts = [piece.sql(place) for piece in pieces]
    if len(texts) == 1:
        return texts[0]
    first = ", ".join(f"w{n} AS ({text})" for n, text in enumerate(texts[:-1]))
    return f"WITH {first} {texts[-1]}"


def _stored(table: type[Record], column: str, value: Any) -> Any:
    kind = table._meta.fields_map[column]
    return kind.to_db_value(value, table) if isinstance(kind, Quantity) else value


def _type(table: type[Record], column: str) -> str:
    return POSTGRES_TYPES.get(type(table._meta.fields_map[column]), "text")
