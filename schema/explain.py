"""Explain: what each role opens, and what a caller may ask, read off the schema itself.

Nothing is written a second time here: rights and prices are the directives of root fields, and
what bounds a field's answer are the tables that it leads to and the inputs that it takes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import strawberry
from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, get_named_type

from models.record import Record
from models.words import AccessReasonCode, ApiRole, StaffRole
from resolvers import explain
from resolvers.explain import Access, Door, Right
from schema.access import ADMIN, ANYONE, Requires
from schema.declaring import SandboxOnly, output, root
from schema.finished import Finished
from schema.meanings import VALUES
from schema.questions import row_id, told
from schema.rights import directives_on, is_billable, marks_on
from schema.selection import declared_fields, row_table

AccessReasonCodeEnum = strawberry.enum(AccessReasonCode, description="Why a field is closed.")


class Operation(StrEnum):
    """The two kinds of root fields."""

    QUERY = "QUERY"
    MUTATION = "MUTATION"


OperationEnum = strawberry.enum(
    Operation, name="RootOperation", description="What a root field stands in."
)

WARNINGS = {
    ApiRole.API_FULL_ACCESS: "Never for a client that is given to a customer: fields that are "
    "added later are open to it, too.",
    ApiRole.ADD_CUSTOMER: "For integrations of the operator's own: never for a customer's client.",
    ApiRole.INTERNAL_FIELD_ACCESS: "For integrations of the operator's own: it shows notes, rates "
    "and cost.",
}

SPELLED = {"API", "TMS", "WMS"}
"""The parts of a role's name that stay as they are in its label."""


# Nothing leads on from any of these: they are free to ask for.
@output(ANYONE, description="An API role, as a form shows it.")
class ApiRoleInfo:
    role: ApiRole = strawberry.field(description="The role.")
    label: str = strawberry.field(description="What people call it.")
    meaning: str = strawberry.field(description="What it allows.")
    implies: list[ApiRole] = strawberry.field(description="The roles that come with it.")
    warning: str | None = strawberry.field(description="What to think of before it is given.")
    fields: list[str] = strawberry.field(description="The root fields that it opens by itself.")


@output(ANYONE, description="One thing that keeps somebody from a root field.")
class AccessReason:
    code: AccessReasonCode = strawberry.field(description="Stable; branch on this.")
    message: str = strawberry.field(description="For a person.")
    roles: list[ApiRole] = strawberry.field(description="API roles of which one would open it.")
    staff: list[StaffRole] = strawberry.field(description="Staff roles of which one would.")


@output(ANYONE, description="Whether somebody may ask for a root field.")
class FieldAccess:
    field: str = strawberry.field(description="The root field.")
    operation: Operation = strawberry.field(description="What it stands in.")
    allowed: bool = strawberry.field(description="Whether nothing keeps them from it.")
    reasons: list[AccessReason] = strawberry.field(description="What does; all of it.")
    billable: bool = strawberry.field(
        description="Whether each time it is carried out counts as one API call."
    )


@output(ADMIN, description="Whether an API client is let in, and what it may ask then.")
class ClientAccess:
    id: strawberry.ID = strawberry.field(description="The client id.")
    name: str = strawberry.field(description="The client's name.")
    let_in: bool = strawberry.field(description="Whether it can ask at all, as it stands.")
    reasons: list[AccessReason] = strawberry.field(
        description="Why it is not let in: inactive, expired, no secret that works; all of it."
    )
    fields: list[FieldAccess] = strawberry.field(
        description="Every root field, and whether it may ask for it once it is let in."
    )


@dataclass(frozen=True)
class ToldRole:
    """A role as it is told."""

    role: ApiRole
    label: str
    meaning: str
    implies: Sequence[ApiRole]
    warning: str | None
    fields: Sequence[str]


@dataclass(frozen=True)
class ToldField:
    """An access as it is told."""

    field: str
    operation: Operation
    allowed: bool
    reasons: Sequence[explain.Reason]
    billable: bool


@dataclass(frozen=True)
class ToldClient:
    """A client's access as it is told."""

    id: Any
    name: str
    let_in: bool
    reasons: Sequence[explain.Reason]
    fields: Sequence[ToldField]


@strawberry.type
class ExplainQuery:
    @root(
        ANYONE,
        answers=list[ApiRoleInfo],
        description="The roles that an API client can hold, and what each opens.",
        billable=False,
    )
    async def api_roles(self, info: strawberry.Info) -> Finished:
        doors = doors_of(_schema(info))
        return told(info, [_role(one, doors) for one in ApiRole])

    @root(
        ANYONE,
        answers=list[FieldAccess],
        description="Every root field, and whether the caller may ask for it, or why not.",
        billable=False,
    )
    async def access(self, info: strawberry.Info) -> Finished:
        doors = doors_of(_schema(info))
        return told(info, _told(explain.access(info.context.caller, doors)))

    @root(
        ADMIN,
        answers=ClientAccess | None,
        description="The same for an API client, active or not; null if there is none.",
        billable=False,
    )
    async def client_access(self, info: strawberry.Info, client: strawberry.ID) -> Finished | None:
        doors = doors_of(_schema(info))
        key = row_id(client, "client")
        found = await explain.client_access(info.context.caller, key, doors)
        if found is None:
            return None
        one = found.client
        fields = _told(found.fields)
        return told(info, ToldClient(one.id, one.name, found.let_in, found.reasons, fields))


def _schema(info: strawberry.Info) -> GraphQLSchema:
    schema: GraphQLSchema = info._raw_info.schema  # noqa: SLF001
    return schema


def _role(role: ApiRole, doors: Sequence[Door]) -> ToldRole:
    words = role.value.split("_")
    return ToldRole(
        role,
        " ".join(word if word in SPELLED else word.title() for word in words),
        VALUES["ApiRole"][role],
        [one for one in ApiRole if one in role.implies and one is not role],
        WARNINGS.get(role),
        explain.opened_by(role, doors),
    )


def _told(found: Sequence[Access]) -> list[ToldField]:
    kinds = {True: Operation.MUTATION, False: Operation.QUERY}
    return [
        ToldField(one.field, kinds[one.changes], one.allowed, one.reasons, one.billable)
        for one in found
    ]


# --- what the schema says of its root fields -----------------------------------------------------


def doors_of(schema: GraphQLSchema) -> tuple[Door, ...]:
    """The root fields in their order; kept on the schema's query type."""
    if schema.query_type is None or schema.mutation_type is None:
        raise TypeError("the schema has queries and mutations")
    known = schema.query_type.extensions
    if "dockgate-doors" not in known:
        known["dockgate-doors"] = tuple(
            _door(name, field, changes=type_ is schema.mutation_type)
            for type_ in (schema.query_type, schema.mutation_type)
            for name, field in type_.fields.items()
        )
    doors: tuple[Door, ...] = known["dockgate-doors"]
    return doors


def _door(name: str, field: Any, *, changes: bool) -> Door:
    answer = get_named_type(field.type)
    marks = marks_on(field)
    marks += [one for one in marks_on(answer) if one not in marks]
    tables = list(_tables(answer))
    inputs = list(_inputs([one.type for one in field.args.values()], set(), list(field.args)))
    # Whoever adds a customer needs none yet.
    adds = changes and "id" not in inputs
    bounds = [
        {
            column
            for table in tables
            if (column := getattr(table, f"{noun}_column")) and not (adds and column == "id")
        }
        | ({noun} & set(inputs))
        for noun in ("customer", "warehouse")
    ]
    return Door(
        name,
        changes,
        is_billable(field),
        [_right(one) for one in marks],
        by_customer=bool(bounds[0]),
        by_warehouse=bool(bounds[1]),
        sandbox_only=any(isinstance(one, SandboxOnly) for one in directives_on(field)),
    )


def _right(mark: Requires) -> Right:
    return Right(
        mark.api_roles, mark.staff_roles, bool(mark.any_caller), bool(mark.sees_tenant_usage)
    )


def _tables(answer: Any, seen: frozenset[str] = frozenset()) -> Iterator[type[Record]]:
    """The tables whose rows an answer is made of: itself, its entries, the objects beside it."""
    if not isinstance(answer, GraphQLObjectType) or answer.name in seen:
        return
    origin = answer.extensions["strawberry-definition"].origin
    if getattr(origin, "row_table", None) is not None:
        yield row_table(answer)
        return
    for one in declared_fields(answer).values():
        if one.type_ is not None:
            yield from _tables(one.type_, seen | {answer.name})


def _inputs(types: Sequence[Any], seen: set[str], names: Sequence[str]) -> Iterator[str]:
    """The names of arguments and of the input fields below them, but not those of filters."""
    yield from names
    for type_ in map(get_named_type, types):
        if not isinstance(type_, GraphQLInputObjectType) or type_.name in seen:
            continue
        if type_.name.endswith("Filter"):
            continue
        seen.add(type_.name)
        fields = type_.fields
        yield from _inputs([one.type for one in fields.values()], seen, list(fields))
