"""Root fields that read: from the selection to a Shape, to one statement, to finished JSON."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from graphql import GraphQLObjectType, get_named_type

from models.reading import Rows
from models.shapes import Page
from resolvers import rows
from resolvers.access import Caller
from resolvers.commands import Effect
from resolvers.errors import BadInput
from schema.access import Requires
from schema.connections import connection_plan
from schema.context import Context
from schema.declaring import Resolver, root
from schema.finished import Finished, encode
from schema.metering import CountsRead
from schema.paging import Window, page_of
from schema.rights import marks_on
from schema.scalars import parse_id
from schema.selection import Document, Plan, plan_of, shape_of, written

Browse = Callable[[Caller, Page, frozenset[str]], Awaitable[Rows]]
"""Finds a page: each of its rows is a value, then its place. Told the names that are wanted."""


def question(*marks: Requires, answers: Any, description: str) -> Callable[[Resolver], Resolver]:
    """A billable root field that reads rows."""
    return root(
        *marks,
        answers=answers,
        description=description,
        billable=True,
        extensions=[CountsRead()],
    )


def row_id(value: str, argument: str = "id") -> Any:
    """An id argument."""
    if (parsed := parse_id(value)) is None:
        raise BadInput(f"`{argument}` is no id: ids are lower-case UUIDs.", path=[argument])
    return parsed


def document_of(info: Any) -> Document:
    """The document with this request's variables."""
    return Document(_operation(info).fragments, info.variable_values)


def below(info: Any) -> tuple[Any, ...]:
    """The selection sets of the root field."""
    return tuple(node.selection_set for node in info._raw_info.field_nodes)  # noqa: SLF001


def remembered(info: Any, kind: object, make: Any) -> Any:
    """The plan for this field of this operation, made at its first request."""
    operation = _operation(info)
    conditions = tuple(info.variable_values.get(name) for name in operation.conditions)
    return operation.memory.get((info.path.key, kind, conditions), make)


def _operation(info: Any) -> Any:
    context: Context = info.context
    if context.operation is None:
        raise RuntimeError("the gate was passed by")
    return context.operation


def answer_type(info: Any) -> GraphQLObjectType:
    """The object type that the root field answers with."""
    named = get_named_type(info._raw_info.return_type)  # noqa: SLF001
    if not isinstance(named, GraphQLObjectType):
        raise TypeError(f"{info.field_name} answers no object")
    return named


def plan(info: Any) -> Plan:
    """What is selected of an answer that is no row."""
    made: Plan = remembered(
        info, "plan", lambda: plan_of(document_of(info), below(info), answer_type(info))
    )
    return made


def told(info: Any, value: Any) -> Finished:
    """An answer that is no row, as it was selected."""
    return Finished(encode(written(plan(info), value)).decode())


async def one(info: Any, id: str) -> Finished | None:
    """The row of that id, if it is in reach; else null."""
    shape = remembered(
        info, "one", lambda: shape_of(document_of(info), below(info), answer_type(info))
    )
    found = await rows.find(info.context.caller, shape, key := row_id(id))
    if found is None:
        return None
    return Finished(found.json, Effect(key, found.customer_id, found.warehouse_id))


async def page(info: Any, window: Window, whole: Page) -> Finished:
    """A page of the rows in reach."""
    wanted = page_of(answer_type(info).name, window, whole)
    plan = remembered(
        info, "page", lambda: connection_plan(document_of(info), below(info), answer_type(info))
    )
    fitted = plan.fitted(wanted)
    found = await rows.browse(info.context.caller, plan.shapes, fitted)
    return Finished(plan.write(fitted, found))


async def told_page(info: Any, window: Window, whole: Page, browse: Browse) -> Finished:
    """A page of what is more than rows: `browse` finds it, and its places, in a few statements."""
    wanted = page_of(answer_type(info).name, window, whole)
    plan = remembered(
        info, "page", lambda: connection_plan(document_of(info), below(info), answer_type(info))
    )
    fitted = plan.fitted(wanted)
    names = frozenset(name for node in plan.nodes for _, name, _ in node.keys)
    found = await browse(info.context.caller, fitted, names)
    written_: list[Any] = [
        (*(encode(written(node, value)).decode() for node in plan.nodes), *place)
        for value, *place in found.rows
    ]
    return Finished(plan.write(fitted, replace(found, rows=written_)))


async def any_node(info: Any, id: str) -> Finished | None:
    """The object of that id, of whatever kind the caller may read."""
    caller = info.context.caller
    schema = info._raw_info.schema  # noqa: SLF001
    interface = get_named_type(info._raw_info.return_type)  # noqa: SLF001
    kinds = [
        type_
        for type_ in schema.get_possible_types(interface)
        if all(mark.admits(caller) for mark in marks_on(type_))
    ]
    shapes = remembered(
        info,
        ("node", *(type_.name for type_ in kinds)),
        lambda: [shape_of(document_of(info), below(info), type_) for type_ in kinds],
    )
    found = await rows.find_any(caller, shapes, key := row_id(id))
    if found is None:
        return None
    return Finished(found.json, Effect(key, found.customer_id, found.warehouse_id))
