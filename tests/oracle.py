"""The oracle: what a document is to answer, worked out in plain Python from the rows themselves.

It reads GraphQL's own tree and shares no code with what it judges. Cursors are opaque to it: it
answers with the row that one has to stand for, and is told which row one that is given stands for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    VariableNode,
    parse,
    value_from_ast_untyped,
)

from tests.oracle_fields import FIELDS, NODES, Below
from tests.oracle_filters import holds
from tests.oracle_rows import World
from tests.oracle_stock import stock, stock_place

Object = tuple[tuple[str, Any], ...]
"""Keys and values in order: the order of keys is part of an answer."""

NOTHING = object()
"""An argument or a field of an input that is not given."""


@dataclass(frozen=True)
class Cursor:
    """A cursor that stands for this row: its id or, of stock, what it has been added up by."""

    row: tuple[str, ...]


@dataclass(frozen=True)
class List:
    """A root list: its rows' type, its order unless told otherwise, the table they are of."""

    kind: str
    column: str
    direction: str
    table: str


LISTS = {
    "outboundOrders": List("OutboundOrder", "created_at", "DESC", "OutboundOrder"),
    "inboundOrders": List("InboundOrder", "created_at", "DESC", "InboundOrder"),
    "consignments": List("Consignment", "created_at", "DESC", "Consignment"),
    "products": List("Product", "code", "ASC", "Product"),
    "customers": List("Customer", "code", "ASC", "Customer"),
    "warehouses": List("Warehouse", "code", "ASC", "Warehouse"),
    "stockOnHand": List("StockOnHand", "product_code", "ASC", "StockLevel"),
}
ONES = {
    "outboundOrder": "OutboundOrder",
    "inboundOrder": "InboundOrder",
    "consignment": "Consignment",
    "product": "Product",
    "customer": "Customer",
    "warehouse": "Warehouse",
}


@dataclass
class Oracle:
    """Answers one operation over one caller's world."""

    world: World
    document: DocumentNode
    variables: dict[str, Any]
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The rows that cursors among the variables stand for."""

    def answer(self) -> Object:
        """The operation's `data`."""
        [operation] = [
            one for one in self.document.definitions if isinstance(one, OperationDefinitionNode)
        ]
        for declared in operation.variable_definitions or ():
            if declared.default_value is not None:
                default = value_from_ast_untyped(declared.default_value)
                self.variables.setdefault(declared.variable.name.value, default)
        return self.object("Query", [operation.selection_set], self.root)

    # --- selections ---------------------------------------------------------------------------

    def object(self, type_: str, sets: Sequence[Any], tell: Any) -> Object:
        """An object: `tell` answers each of its fields."""
        grouped: dict[str, list[FieldNode]] = {}
        for node in self.collected(type_, sets, set()):
            grouped.setdefault((node.alias or node.name).value, []).append(node)
        answer = []
        for key, nodes in grouped.items():
            name = nodes[0].name.value
            below = [node.selection_set for node in nodes if node.selection_set]
            told = type_ if name == "__typename" else tell(nodes[0], below)
            answer.append((key, told))
        return tuple(answer)

    def collected(self, type_: str, sets: Sequence[Any], seen: set[str]) -> Iterator[FieldNode]:
        """CollectFields of the specification (6.3.2)."""
        for node in (node for one in sets for node in one.selections):
            if not self.wanted(node):
                continue
            if isinstance(node, FieldNode):
                yield node
                continue
            inner: Any = node
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in seen:
                    continue
                seen.add(node.name.value)
                [inner] = [
                    one
                    for one in self.document.definitions
                    if isinstance(one, FragmentDefinitionNode) and one.name.value == node.name.value
                ]
            on = inner.type_condition.name.value if inner.type_condition else type_
            if on == type_ or (on == "Node" and type_ in NODES):
                yield from self.collected(type_, [inner.selection_set], seen)

    def wanted(self, node: Any) -> bool:
        said = {one.name.value: self.value(one.arguments[0].value) for one in node.directives or ()}
        return not said.get("skip", False) and said.get("include", True)

    def row(self, type_: str, sets: Sequence[Any], row: Any) -> Object:
        """An object of a type that has a table or is made of columns."""

        def tell(node: FieldNode, below: list[Any]) -> Any:
            told = FIELDS[type_][node.name.value]
            if not isinstance(told, Below):
                return told(row)
            found = told.of(self.world, row)
            if isinstance(found, list):
                return [self.row(told.type_, below, one) for one in found]
            return None if found is None else self.row(told.type_, below, found)

        return self.object(type_, sets, tell)

    # --- root fields --------------------------------------------------------------------------

    def root(self, node: FieldNode, below: list[Any]) -> Any:
        given = {one.name.value: self.value(one.value) for one in node.arguments or ()}
        given = {name: value for name, value in given.items() if value not in (NOTHING, None)}
        name = node.name.value
        if name in LISTS:
            return self.connection(LISTS[name], given, below)
        for kind in [ONES[name]] if name in ONES else NODES:
            if (row := self.world.find(kind, UUID(given["id"]))) is not None:
                return self.row(kind, below, row)
        return None

    def connection(self, list_: List, given: dict[str, Any], below: list[Any]) -> Object:
        by = {"direction": list_.direction, **given.get("orderBy", {})}
        column = by["field"].lower() if "field" in by else list_.column
        seen, place = self.listed(list_, given, column)

        def place_of(argument: str) -> Any:
            told = self.places[given[argument]]
            if list_.kind == "StockOnHand":
                return told
            [row] = [one for one in self.world.rows[list_.table] if (str(one.id),) == told]
            return place(row)

        whole = sorted(seen, key=place)
        if descending := by["direction"] == "DESC":
            whole.reverse()
        page, earlier, later = whole, 0, 0
        if "after" in given:
            after = place_of("after")
            page = [r for r in page if (place(r) < after if descending else place(r) > after)]
            earlier = len(whole) - len(page)
        if "before" in given:
            before = place_of("before")
            past = [r for r in whole if (place(r) <= before if descending else place(r) >= before)]
            page = [r for r in page if r not in past]
            later = len(past)
        size = given.get("last") or given.get("first") or 50
        if "last" in given:
            earlier, page = earlier + len(page[:-size]), page[-size:]
        else:
            later, page = later + len(page[size:]), page[:size]
        ends = {"hasPreviousPage": earlier > 0, "hasNextPage": later > 0}

        def cursor(row: Any) -> Cursor:
            return Cursor(place(row) if list_.kind == "StockOnHand" else (str(row.id),))

        return self.page(list_.kind, below, [(cursor(row), row) for row in page], len(whole), ends)

    def listed(self, list_: List, given: dict[str, Any], column: str) -> tuple[list[Any], Any]:
        """The rows of a list in no order, and what stands for the place of one."""
        if list_.kind == "StockOnHand":
            return stock(self.world, given), lambda row: stock_place(row, given.get("aggregateBy"))
        asked = given.get("filter", {})
        seen = [row for row in self.world.seen(list_.table) if holds(asked, row)]
        return seen, lambda row: (getattr(row, column), str(row.id))

    def page(
        self,
        kind: str,
        below: list[Any],
        page: list[tuple[Cursor, Any]],
        total: int,
        ends: dict[str, bool],
    ) -> Object:
        info = ends | {
            "startCursor": page[0][0] if page else None,
            "endCursor": page[-1][0] if page else None,
        }

        def edge(cursor: Cursor, row: Any) -> Any:
            return lambda node, sets: (
                cursor if node.name.value == "cursor" else self.row(kind, sets, row)
            )

        def tell(node: FieldNode, sets: list[Any]) -> Any:
            match node.name.value:
                case "totalCount":
                    return total
                case "pageInfo":
                    return self.object("PageInfo", sets, lambda one, _: info[one.name.value])
                case "edges":
                    return [self.object(f"{kind}Edge", sets, edge(*one)) for one in page]

        return self.object(f"{kind}Connection", below, tell)

    # --- values -------------------------------------------------------------------------------

    def value(self, node: Any) -> Any:
        """A literal or a variable; what a variable says that is not given is not said."""
        if isinstance(node, VariableNode):
            return self.variables.get(node.name.value, NOTHING)
        if isinstance(node, ListValueNode):
            return [self.value(one) for one in node.values]
        if isinstance(node, ObjectValueNode):
            said = {one.name.value: self.value(one.value) for one in node.fields}
            return {name: value for name, value in said.items() if value is not NOTHING}
        return value_from_ast_untyped(node)


def answer(
    text: str,
    variables: Mapping[str, Any],
    world: World,
    places: Mapping[str, tuple[str, ...]] | None = None,
) -> Object:
    """What a document is to answer."""
    return Oracle(world, parse(text), dict(variables), places or {}).answer()
