"""A Shape becomes one SQL statement for the engine at hand, as text, assembled from metadata.

Every table that a statement touches is narrowed to the tenant and to the caller's reach. Values
never enter the text: each is named, and a name has one numbered place however often it is used.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from models.database import Dialect, dialect
from models.encoding import PAIRS_AT_ONCE, encoded, json_object, literal
from models.reach import Every, Reach
from models.record import Record
from models.shapes import (
    All,
    Column,
    Constant,
    Either,
    Has,
    Inner,
    Many,
    Not,
    One,
    Op,
    Order,
    Piece,
    Predicate,
    Shape,
    Test,
)

MOST_OF_ONE_OBJECT = 1_000
"""Entries of a list that one object owns; no more can be written."""

NESTED_AT_ONCE = 2
"""Rows inside of rows, and objects of many keys. SQLite's parser holds a hundred symbols, and takes
up to 18 for a row."""


Columns: TypeAlias = Callable[[str], str]
"""What stands for a column of a row, by its name."""


@dataclass(frozen=True)
class Statement:
    """SQL text, and the names of its values in the order of their numbers."""

    sql: str
    names: tuple[str, ...]


@dataclass
class Writer:
    """Writes one statement for one reach; knows which value has which number."""

    reach: Reach
    engine: Dialect = field(default_factory=dialect)
    names: list[str] = field(default_factory=list)
    aliases: int = 0
    tests: Iterator[str] = field(default_factory=lambda: iter(()))
    """The names of the values of the filter that is being written."""
    nested: int = 0
    in_order: bool = False
    """Whether rows are read along their order, which SQLite would give up to look several ids up:
    it takes a whole list for a few rows."""
    deeper: list[str] = field(default_factory=list)
    """What is nested too deep to stand in its place, for a WITH."""

    def value(self, name: str) -> str:
        """The place of the value of that name."""
        if name not in self.names:
            self.names.append(name)
        return self.engine.placeholder(self.names.index(name) + 1)

    def alias(self) -> str:
        """A name for one more occurrence of a table."""
        self.aliases += 1
        return f"t{self.aliases}"

    def finish(self, sql: str) -> Statement:
        """The statement with its values' names."""
        if self.deeper:
            sql = f"WITH {', '.join(self.deeper)} {sql}"
        return Statement(sql, tuple(self.names))

    # --- whose rows ---------------------------------------------------------------------------

    def within(self, table: type[Record], row: str) -> str:
        """The condition that `row` lies in the tenant and in the reach."""
        conditions = [f"{row}.tenant_id = {self.value('tenant')}"]
        if table.customer_column is not None:
            conditions += self._customers(row, table.customer_column)
        if table.warehouse_column is not None:
            conditions += self._one_of(
                self.reach.warehouses, f"{row}.{table.warehouse_column}", "warehouse"
            )
        if table.caller_column is not None:
            known = self.reach.caller_id is not None
            conditions.append(
                f"{row}.{table.caller_column} = {self.value('caller')}" if known else "1 = 0"
            )
        return " AND ".join(conditions)

    def _customers(self, row: str, column: str) -> list[str]:
        if self.reach.customers is not Every.LIVE:
            return self._one_of(self.reach.customers, f"{row}.{column}", "customer")
        if column == "id":
            return [f"NOT {row}.sandbox"]
        # Found once for a statement, where an EXISTS would be asked of each of its rows. Neither
        # this column nor an id is ever null.
        trial = self.alias()
        trials = (
            f"SELECT {trial}.id FROM customers {trial}"
            f" WHERE {trial}.tenant_id = {self.value('tenant')} AND {trial}.sandbox"
        )
        return [f"{row}.{column} NOT IN ({trials})"]

    def _one_of(self, ids: frozenset[object] | Every, at: str, name: str) -> list[str]:
        if isinstance(ids, Every):
            return []
        if len(ids) == 1:
            # An equality lets an index that starts with this column give the order, too.
            return [f"{at} = {self.value(name)}"]
        if self.in_order and self.engine is Dialect.SQLITE:
            at = f"+{at}"  # the plus keeps it from an index of its own
        return [self.any_of(at, name, "uuid")] if ids else ["1 = 0"]

    def any_of(self, at: str, name: str, type_: str) -> str:
        """The condition that a column holds one of a list of values."""
        place = self.value(name)
        if self.engine is Dialect.POSTGRES:
            return f"{at} = ANY({place}::{type_}[])"
        return f"{at} IN (SELECT value FROM json_each({place}))"

    def source(self, table: type[Record]) -> str:
        """The table, or its rows with the columns that are made of others."""
        name = table._meta.db_table
        if not table.made:
            return name
        made = ", ".join(f"{sql.format(row='r')} AS {column}" for column, sql in table.made.items())
        return f"(SELECT r.*, {made} FROM {name} r WHERE r.tenant_id = {self.value('tenant')})"

    # --- what of them -------------------------------------------------------------------------

    def object(self, shape: Shape, row: str) -> str:
        """An expression for the JSON of one row."""
        wide = _wide(shape.pieces)
        self.nested += wide
        written = self._pieces(shape.pieces, row)
        self.nested -= wide
        return written

    def _pieces(self, pieces: tuple[Piece, ...], row: str) -> str:
        return json_object(((piece.key, self._piece(piece, row)) for piece in pieces), self.engine)

    def _piece(self, piece: Piece, row: str) -> str:
        match piece:
            case Column(_, column, kind):
                return encoded(kind, row, column, self.engine)
            case Constant(_, text):
                return f"{literal(text)}::text" if self._postgres else literal(text)
            case Inner(_, pieces, present):
                return self._inner(pieces, present, row)
            case One():
                return self._one(piece, row)
            case Many():
                return self._many(piece, row)

    @property
    def _postgres(self) -> bool:
        return self.engine is Dialect.POSTGRES

    def _inner(self, pieces: tuple[Piece, ...], present: tuple[str, ...], row: str) -> str:
        inner = self._pieces(pieces, row)
        if not present:
            return inner
        somewhere = " OR ".join(f"{row}.{column} IS NOT NULL" for column in present)
        inner = f"CASE WHEN {somewhere} THEN {inner} END"
        return inner if self._postgres else f"json({inner})"

    def _inside(self, shape: Shape) -> tuple[str, str, str]:
        """The JSON of a row inside another one, the table it is read from, its alias there."""
        other, table = self.alias(), self.source(shape.table)
        if self._postgres or self.nested + 1 + _wide(shape.pieces) <= NESTED_AT_ONCE:
            self.nested += 1
            one = self.object(shape, other)
            self.nested -= 1
            return one, table, other
        # Under a name of its own it is parsed by itself; SQLite then puts it where it is named.
        around, self.nested = self.nested, 0
        one = self.object(shape, "r")
        self.deeper.append(f"{other} AS (SELECT r.*, {one} AS j FROM {table} r)")
        self.nested = around
        return f"{other}.j", other, other

    def _one(self, piece: One, row: str) -> str:
        one, source, other = self._inside(piece.shape)
        found = (
            f"(SELECT {one} FROM {source} {other}"
            f" WHERE {self.within(piece.shape.table, other)} AND {other}.id = {row}.{piece.column})"
        )
        return found if self._postgres else f"json({found})"

    def _many(self, piece: Many, row: str) -> str:
        one, source, other = self._inside(piece.shape)
        source = (
            f"FROM {source} {other} WHERE {self.within(piece.shape.table, other)}"
            f" AND {other}.{piece.column} = {row}.id"
        )
        order = f"ORDER BY {other}.{piece.order}, {other}.id"
        if self._postgres:
            return f"(SELECT coalesce(json_agg({one} {order}), '[]'::json) {source})"
        # SQLite 3.40 knows no ORDER BY inside an aggregate.
        rows = f"SELECT {one} AS j {source} {order}"
        return (
            "json((SELECT coalesce(json_group_array(json(q.j)), '[]')"
            f" FROM ({rows} LIMIT {MOST_OF_ONE_OBJECT}) q))"
        )

    # --- which of them ------------------------------------------------------------------------

    def filter(self, predicate: Predicate, row: Columns, name: str = "where") -> str:
        """A filter as a condition. Its values are named in the order of `shapes.values`."""
        # The same values again, where a statement asks it a second time.
        self.tests = (f"{name}{n}" for n in count())
        return self._holds(predicate, row)

    def _holds(self, predicate: Predicate, row: Columns) -> str:
        match predicate:
            case Test():
                return self._test(predicate, row)
            case Not(part):
                # Where a null makes the inside unknown, it does not hold, and so `not` does.
                return f"(({self._holds(part, row)}) IS NOT TRUE)"
            case Has():
                return self._has(predicate, row)
            case All(parts):
                return self._joined(parts, " AND ", "1 = 1", row)
            case Either(parts):
                return self._joined(parts, " OR ", "1 = 0", row)

    def _has(self, wanted: Has, row: Columns) -> str:
        other = self.alias()
        return (
            f"EXISTS (SELECT 1 FROM {wanted.table._meta.db_table} {other}"
            f" WHERE {self.within(wanted.table, other)}"
            f" AND {other}.{wanted.column} = {row('id')}"
            f" AND {self._holds(wanted.part, columns_of(other))})"
        )

    def _joined(self, parts: tuple[Predicate, ...], word: str, none: str, row: Columns) -> str:
        return f"({word.join(self._holds(part, row) for part in parts)})" if parts else none

    def _test(self, test: Test, row: Columns) -> str:
        at, name = row(test.column), next(self.tests)
        match test.op:
            case Op.EQ:
                return f"{at} = {self.value(name)}"
            case Op.LESS:
                return f"{at} < {self.value(name)}"
            case Op.AT_LEAST:
                return f"{at} >= {self.value(name)}"
            case Op.IN:
                return self.any_of(at, name, _array_type(test))
            case Op.CONTAINS if self._postgres:
                return (
                    f'strpos(lower({at} COLLATE "C"), lower({self.value(name)}::text COLLATE "C"))'
                    " > 0"
                )
            case Op.CONTAINS:
                return f"instr(lower({at}), lower({self.value(name)})) > 0"
            case Op.STARTS_WITH if self._postgres:
                return f"starts_with({at}, {self.value(name)}::text)"
            case Op.STARTS_WITH:
                return f"substr({at}, 1, length({self.value(name)})) = {self.value(name)}"

    def beyond(self, order: Order, row: Columns, place: str, *, later: bool) -> str:
        """The condition that `row` comes after (or before) a place in the order."""
        sign = ">" if later is not order.descending else "<"
        columns = order.columns
        there = ", ".join(self.value(f"{place}{n}") for n in range(len(columns)))
        return f"({', '.join(map(row, columns))}) {sign} ({there})"


def columns_of(row: str) -> Columns:
    """The columns of a row as they are."""
    return lambda column: f"{row}.{column}"


def _wide(pieces: tuple[Piece, ...]) -> int:
    """How many objects of many keys stand in each other, within one row."""
    inner = (_wide(piece.pieces) for piece in pieces if isinstance(piece, Inner))
    return max(inner, default=0) + (len(pieces) > PAIRS_AT_ONCE)


def _array_type(test: Test) -> str:
    return "uuid" if test.column == "id" or test.column.endswith("_id") else "text"


def one_row(shape: Shape, reach: Reach) -> Statement:
    """`shape` of the row of that `id`, and whose it is."""
    writer = Writer(reach)
    row, table = writer.alias(), shape.table
    wanted = f"{writer.object(shape, row)} AS j, {_whose(table, row)}"
    return writer.finish(
        f"SELECT {wanted} FROM {writer.source(table)} {row}"
        f" WHERE {writer.within(table, row)} AND {row}.id = {writer.value('id')}"
    )


def one_of_several(shapes: list[Shape], reach: Reach) -> Statement:
    """The first of the shapes that has a row of that `id`; ids are unique over all tables."""
    writer = Writer(reach)
    arms = []
    for shape in shapes:
        row, table = writer.alias(), shape.table
        wanted = f"CAST({writer.object(shape, row)} AS text) AS j, {_whose(table, row)}"
        arms.append(
            f"SELECT {wanted} FROM {table._meta.db_table} {row}"
            f" WHERE {writer.within(table, row)} AND {row}.id = {writer.value('id')}"
        )
    return writer.finish(" UNION ALL ".join(arms))


def _whose(table: type[Record], row: str) -> str:
    columns = (table.customer_column, table.warehouse_column)
    return ", ".join("NULL" if column is None else f"{row}.{column}" for column in columns)
