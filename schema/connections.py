"""A connection's answer, written from its rows: edges, cursors, page info, total."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import GraphQLObjectType, SelectionSetNode, get_named_type

from models.reading import Rows
from models.shapes import Page, Shape
from schema.paging import Cursors
from schema.selection import Document, Plan, Selected, has_rows, plan_of, row_table, shape_of


@dataclass(frozen=True)
class Edge:
    """How one edge is written: constants and cursors by key, nodes by the number of a shape."""

    keys: tuple[tuple[str, str | int], ...]


@dataclass(frozen=True)
class ConnectionPlan:
    """How a connection is written."""

    type_: GraphQLObjectType
    keys: tuple[tuple[str, str, Edge | Plan | None], ...]
    shapes: tuple[Shape, ...]
    """What is wanted of the rows; none where nodes are more than rows."""
    nodes: tuple[Plan, ...]
    """How nodes are written that are more than rows; the place of each holds its JSON."""
    wants_rows: bool
    wants_total: bool
    wants_ends: bool
    """Whether `hasPreviousPage` or `hasNextPage` is asked for."""
    edge_typename: str

    def fitted(self, page: Page) -> Page:
        """The page, asking for no more than is told."""
        return replace(
            page,
            wants_rows=self.wants_rows,
            wants_total=self.wants_total,
            wants_ends=self.wants_ends,
        )

    def write(self, page: Page, found: Rows) -> str:
        """The connection as JSON."""
        cursors = Cursors(self.type_.name, page)
        mark = cursors.mark
        begin = len(self.shapes or self.nodes)
        end = begin + len(page.order.columns)
        places = [tuple(row)[begin:end] for row in found.rows]
        parts = []
        for key, name, below in self.keys:
            if name == "__typename":
                told = f'"{self.type_.name}"'
            elif name == "totalCount":
                told = str(found.total)
            elif isinstance(below, Edge):
                told = self._edges(below, cursors, mark, found, places)
            else:
                told = _page_info(below, found, cursors, mark, places)
            parts.append(f'"{key}":{told}')
        return f"{{{','.join(parts)}}}"

    def _edges(
        self, edge: Edge, cursors: Cursors, mark: str, found: Rows, places: list[Any]
    ) -> str:
        edges = []
        for row, place in zip(found.rows, places, strict=True):
            parts = []
            for key, what in edge.keys:
                if isinstance(what, int):
                    told = row[what]
                elif what == "cursor":
                    told = f'"{cursors.write(mark, place)}"'
                else:
                    told = f'"{self.edge_typename}"'
                parts.append(f'"{key}":{told}')
            edges.append(f"{{{','.join(parts)}}}")
        return f"[{','.join(edges)}]"


def _page_info(
    plan: Plan | Edge | None,
    found: Rows,
    cursors: Cursors,
    mark: str,
    places: list[Any],
) -> str:
    if not isinstance(plan, Plan):
        raise TypeError("page info is planned as values")
    facts = {
        "__typename": '"PageInfo"',
        "has_next_page": _truth(found.later),
        "has_previous_page": _truth(found.earlier),
        "start_cursor": _cursor(cursors, mark, places[:1]),
        "end_cursor": _cursor(cursors, mark, places[-1:]),
    }
    return "{" + ",".join(f'"{key}":{facts[name]}' for key, name, _ in plan.keys) + "}"


def _truth(value: bool) -> str:  # noqa: FBT001 - it is what is told
    return "true" if value else "false"


def _cursor(cursors: Cursors, mark: str, place: Sequence[Any]) -> str:
    return f'"{cursors.write(mark, place[0])}"' if place else "null"


def connection_plan(
    document: Document, sets: Sequence[SelectionSetNode], type_: GraphQLObjectType
) -> ConnectionPlan:
    """What is selected of a connection."""
    edge_type = _object(type_, "edges")
    node_type = _object(edge_type, "node")
    shapes: list[Shape] = []
    nodes: list[Plan] = []
    keys: list[tuple[str, str, Edge | Plan | None]] = []
    ends = False
    for one in document.fields(sets, type_):
        below: Edge | Plan | None = None
        if one.name == "edges":
            below = _edge(document, one, edge_type, node_type, shapes, nodes)
        elif one.name == "pageInfo":
            below = plan_of(document, one.below, _object(type_, "pageInfo"))
            ends = ends or any(name.startswith("has_") for _, name, _ in below.keys)
        keys.append((one.key, one.name, below))
    names = {name for _, name, _ in keys}
    return ConnectionPlan(
        type_,
        tuple(keys),
        _read(tuple(shapes), node_type),
        tuple(nodes),
        wants_rows=bool(names & {"edges", "pageInfo"}) or "totalCount" not in names,
        wants_total="totalCount" in names,
        wants_ends=ends,
        edge_typename=edge_type.name,
    )


def _read(shapes: tuple[Shape, ...], node_type: GraphQLObjectType) -> tuple[Shape, ...]:
    """The shapes, or one that wants nothing of a row, so that there is something to read."""
    return shapes or ((Shape(row_table(node_type), ()),) if has_rows(node_type) else ())


def _edge(
    document: Document,
    one: Selected,
    edge_type: GraphQLObjectType,
    node_type: GraphQLObjectType,
    shapes: list[Shape],
    nodes: list[Plan],
) -> Edge:
    keys: list[tuple[str, str | int]] = []
    for inner in document.fields(one.below, edge_type):
        if inner.name == "node" and not has_rows(node_type):
            nodes.append(plan_of(document, inner.below, node_type))
            keys.append((inner.key, len(nodes) - 1))
        elif inner.name == "node":
            shapes.append(shape_of(document, inner.below, node_type))
            keys.append((inner.key, len(shapes) - 1))
        else:
            keys.append((inner.key, inner.name))
    return Edge(tuple(keys))


def _object(type_: GraphQLObjectType, field: str) -> GraphQLObjectType:
    named = get_named_type(type_.fields[field].type)
    if not isinstance(named, GraphQLObjectType):
        raise TypeError(f"{type_.name}.{field} is no object")
    return named
