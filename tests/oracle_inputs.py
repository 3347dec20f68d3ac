"""Random arguments: windows over lists, filters, orders; as literals, variables and defaults."""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, get_named_type, is_list_type
from hypothesis import strategies as st

from tests.oracle import LISTS
from tests.oracle_data import AMOUNTS, DAYS, MOMENTS, PAST, TEXTS, Data
from tests.oracle_filters import column_of
from tests.oracle_rows import plain
from tests.oracle_stock import COLUMNS, SUMMED

OFTEN = ("not", "type", "shipBy", "arrivesOn", "requiredOn", "batch", "expiryDate")
"""Fields of filters that are drawn more often: above all, what can be null."""


class Word(str):
    """A value of an enum: bare in a literal, a string in a variable."""

    __slots__ = ()


@dataclass(frozen=True)
class Start:
    """The place of some row in a list, for a cursor: the list as it is written, and which row."""

    head: str
    list_: str
    number: int
    argument: str

    def among(self, rows: int) -> int:
        """Which of so many rows: early for `after`, late for `before`, so that some are between."""
        at = self.number % rows if self.number > 80 else self.number % (rows // 3 + 1)
        return at if self.argument == "after" else rows - 1 - at


@dataclass
class Values:
    """Draws arguments, and remembers the variables that they take."""

    draw: Any
    schema: Any
    data: Data
    declared: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    starts: dict[str, Start] = field(default_factory=dict)
    rows: Sequence[dict[str, Any]] = ()
    """Those of the list whose filter is being drawn."""

    def one(self, of: Any) -> Any:
        return self.draw(st.sampled_from(of))

    def number(self, most: int) -> int:
        return self.draw(st.integers(0, most))

    def odds(self, one_in: int) -> bool:
        return self.number(one_in - 1) == one_in - 1

    def head(self, body: str) -> str:
        """The declarations of the variables that are used there."""
        used = [told for name, told in self.declared.items() if re.search(rf"\${name}\b", body)]
        return f"({', '.join(used)})" if used else ""

    def window(self, name: str, field_: Any) -> str:
        given = self.about_stock(field_) if name == "stockOnHand" else {}
        sums = "aggregateBy" in given
        if self.odds(2):
            self.rows = self.data.named(LISTS[name].table)
            type_ = get_named_type(field_.args["filter"].type)
            given["filter"] = self.sums(type_) if sums else self.input(type_, 3)
        if not self.odds(3):
            sort = get_named_type(field_.args["orderBy"].type)
            given["orderBy"] = {
                key: Word(self.one(list(get_named_type(one.type).values)))
                for key, one in sort.fields.items()
                if not self.odds(4)
            }
        told = {key: self.value(value, str(field_.args[key].type)) for key, value in given.items()}
        list_ = f"{name}({', '.join(f'{k}: {v}' for k, v in [*told.items(), ('first', '100')])})"
        if not self.odds(3):
            size = self.one([1, 2, 3, 4, 7, 100])
            told[self.one(["first", "last"])] = self.value(size, "Int")
        for argument in ("after", "before"):
            if self.odds(3):
                variable = f"place{len(self.starts)}"
                self.declared[variable] = f"${variable}: String"
                self.starts[variable] = Start(self.head(list_), list_, self.number(99), argument)
                told[argument] = f"${variable}"
        return f"({', '.join(f'{k}: {v}' for k, v in told.items())})" if told else ""

    def about_stock(self, field_: Any) -> dict[str, Any]:
        """What stock is asked by beside a window."""
        given: dict[str, Any] = {}
        if self.odds(2):
            given["aggregateBy"] = [
                Word(self.one(list(COLUMNS))) for _ in range(1 + self.number(3))
            ]
        if self.odds(3):
            given["asOf"] = self.one(PAST).isoformat()
        if self.odds(2):
            given["includeEmpty"] = self.odds(2)
        for name in ("customer", "warehouse"):
            if self.odds(6):
                given[name] = str(self.one(self.data.all_ids[:9]))
        return {key: value for key, value in given.items() if key in field_.args}

    def sums(self, type_: GraphQLInputObjectType) -> dict[str, Any]:
        """A filter of sums, and one of what is added up in them: an `or` holds not both."""
        combined = {"and", "or", "not"}
        both = (SUMMED | combined, set(type_.fields) - SUMMED)
        return {"and": [self.input(type_, 2, only=names) for names in both if not self.odds(3)]}

    def value(self, value: Any, type_: str) -> str:
        """A value in its place: as a literal, or as a variable, perhaps by default."""
        how = self.number(3)
        if how > 1:
            return literal(value)
        name = f"v{len(self.declared)}"
        default = f" = {literal(value)}" if how == 0 else ""
        self.declared[name] = f"${name}: {type_}{default}"
        if not default:
            self.variables[name] = value
        return f"${name}"

    def input(
        self,
        type_: GraphQLInputObjectType,
        depth: int,
        there: Sequence[Any] = (),
        only: Collection[str] = (),
    ) -> dict[str, Any]:
        """A filter, or what it compares a field with: often with what is `there`."""
        names = [
            name
            for name, one in type_.fields.items()
            if depth > 0 or get_named_type(one.type) is not type_
            if not only or name in only
        ]
        names += [name for name in OFTEN if name in names] * 3
        given: dict[str, Any] = {}
        for name in dict.fromkeys(self.one(names) for _ in range(self.number(2) + (depth < 3))):
            inner = get_named_type(type_.fields[name].type)
            inside = only if inner is type_ else ()
            pool = there or [
                row[column_of(name)] for row in self.rows if row.get(column_of(name)) is not None
            ]
            if self.odds(12):
                given[name] = None
            elif is_list_type(type_.fields[name].type):
                given[name] = [
                    self.leaf(inner, depth - 1, pool, inside) for _ in range(self.number(3))
                ]
            else:
                given[name] = self.leaf(inner, depth - 1, pool, inside)
        return given

    def leaf(self, type_: Any, depth: int, there: Sequence[Any], only: Collection[str]) -> Any:
        if isinstance(type_, GraphQLInputObjectType):
            return self.input(type_, depth, there, only)
        if isinstance(type_, GraphQLEnumType):
            return Word(self.one(list(type_.values)))
        match type_.name:
            case "Boolean":
                return self.odds(2)
            case "ID":
                return str(self.one(there or self.data.all_ids))
            case "DateTime":
                zone = timezone(timedelta(hours=self.number(14)))
                return self.one(MOMENTS).astimezone(zone).isoformat()
            case "Date":
                return self.one(DAYS).isoformat()
            case "Decimal":
                return plain(self.one(there or AMOUNTS))
        whole = self.one(there if there and not self.odds(4) else TEXTS)
        return self.one([whole, whole, whole[:2], whole[-1:], whole.upper(), f"{whole}0"])


def literal(value: Any) -> str:
    """A value as GraphQL writes it."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {literal(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return str(value) if isinstance(value, Word) else json.dumps(value)
