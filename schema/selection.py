"""What a document selects, as Shapes and plans.

A plan is made once for a field of an operation and the values that its `@skip` and `@include`
depend on, and then remembered with the operation.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)
from tortoise import fields

from models.fields import Instant, Quantity
from models.record import Record
from models.shapes import Column, Constant, Inner, Kind, Many, One, Piece, Shape
from resolvers.errors import LimitExceeded
from schema.declaring import Amount, Embedded, JsonText, Made, Of, Owned

Fragments = Mapping[str, FragmentDefinitionNode]

MOST_FIELDS = 5_000
"""Below one root field, wherever a fragment is spread. No document is as long without any."""


@dataclass(frozen=True)
class Selected:
    """One field of an object in the answer: its key, its name, and what is selected below."""

    key: str
    name: str
    below: tuple[SelectionSetNode, ...]


@dataclass
class Document:
    """What is needed to read selections: fragments, and the variables of this request."""

    fragments: Fragments
    variables: Mapping[str, Any]
    seen: int = 0
    """Selections looked at so far: scalars have no cost, but fragments multiply them."""

    def fields(self, sets: Sequence[SelectionSetNode], type_: GraphQLObjectType) -> list[Selected]:
        """The fields of an object of this type, merged by key in document order.

        Raises:
            LimitExceeded: with these there are too many of them.

        """
        merged: dict[str, tuple[str, list[SelectionSetNode]]] = {}
        for node in self._nodes(sets, type_, set()):
            key = node.alias.value if node.alias else node.name.value
            _, below = merged.setdefault(key, (node.name.value, []))
            if node.selection_set:
                below.append(node.selection_set)
        return [Selected(key, name, tuple(below)) for key, (name, below) in merged.items()]

    def _nodes(
        self, sets: Sequence[SelectionSetNode], type_: GraphQLObjectType, seen: set[str]
    ) -> Iterator[FieldNode]:
        for set_ in sets:
            self.seen += len(set_.selections)
            if self.seen > MOST_FIELDS:
                raise LimitExceeded("fields below one root field", limit=MOST_FIELDS)
            for node in set_.selections:
                if not self._included(node):
                    continue
                if isinstance(node, FieldNode):
                    yield node
                elif isinstance(node, InlineFragmentNode):
                    if _fits(node.type_condition, type_):
                        yield from self._nodes([node.selection_set], type_, seen)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                    name = node.name.value
                    seen.add(name)
                    fragment = self.fragments[name]
                    if _fits(fragment.type_condition, type_):
                        yield from self._nodes([fragment.selection_set], type_, seen)

    def _included(self, node: Any) -> bool:
        for directive in node.directives or ():
            if (name := directive.name.value) in {"skip", "include"}:
                value = directive.arguments[0].value
                on = (
                    self.variables[value.name.value]
                    if isinstance(value, VariableNode)
                    else value.value
                )
                if bool(on) is (name == "skip"):
                    return False
        return True


def _fits(condition: Any, type_: GraphQLObjectType) -> bool:
    if condition is None:
        return True
    name = condition.name.value
    return name == type_.name or any(one.name == name for one in type_.interfaces)


# --- rows ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Declared:
    """A field of a row type as it was declared."""

    name: str
    python_name: str
    source: Any
    type_: GraphQLObjectType | None
    """The object type it answers with, if it does."""


def declared_fields(type_: GraphQLObjectType) -> dict[str, Declared]:
    """The fields of a type by their names in the schema; kept on the type."""
    if (known := type_.extensions.get("dockgate-fields")) is None:
        known = type_.extensions["dockgate-fields"] = {
            name: _declared(name, one) for name, one in type_.fields.items()
        }
    result: dict[str, Declared] = known
    return result


def _declared(name: str, one: Any) -> Declared:
    definition = one.extensions["strawberry-definition"]
    named = get_named_type(one.type)
    return Declared(
        name,
        definition.python_name,
        definition.metadata.get("source"),
        named if isinstance(named, GraphQLObjectType) else None,
    )


def row_table(type_: GraphQLObjectType) -> type[Record]:
    """The table whose rows are objects of this type."""
    table: type[Record] | None = type_.extensions["strawberry-definition"].origin.row_table
    if table is None:
        raise TypeError(f"{type_.name} is not declared over a table")
    return table


def has_rows(type_: GraphQLObjectType) -> bool:
    """Whether objects of this type are rows."""
    return type_.extensions["strawberry-definition"].origin.row_table is not None


def shape_of(
    document: Document, sets: Sequence[SelectionSetNode], type_: GraphQLObjectType
) -> Shape:
    """What is selected of rows of this type."""
    table = row_table(type_)
    return Shape(table, tuple(_pieces(document, sets, type_, table, "")))


def _pieces(
    document: Document,
    sets: Sequence[SelectionSetNode],
    type_: GraphQLObjectType,
    table: type[Record],
    prefix: str,
) -> Iterator[Piece]:
    declared = declared_fields(type_)
    for one in document.fields(sets, type_):
        if one.name == "__typename":
            yield Constant(one.key, type_.name)
        else:
            yield _piece(document, one, declared[one.name], table, prefix)


def _piece(
    document: Document, one: Selected, declared: Declared, table: type[Record], prefix: str
) -> Piece:
    column = prefix + declared.python_name
    match declared.source:
        case Embedded(inner, present) if declared.type_:
            pieces = tuple(_pieces(document, one.below, declared.type_, table, inner))
            return Inner(one.key, pieces, present)
        case Amount(amount) if declared.type_:
            return Inner(one.key, tuple(_money(document, one, declared.type_, amount)), (amount,))
        case Owned(foreign, order) if declared.type_:
            return Many(one.key, foreign, order, shape_of(document, one.below, declared.type_))
        case JsonText(text):
            return Column(one.key, text, Kind.JSON)
        case Made(kind):
            return Column(one.key, column, kind)
        case Of(other):
            column = other
    if declared.type_ is not None:
        return One(one.key, f"{column}_id", shape_of(document, one.below, declared.type_))
    return Column(one.key, column, kind_of(table, column))


def _money(
    document: Document, one: Selected, type_: GraphQLObjectType, amount: str
) -> Iterator[Piece]:
    for inner in document.fields(one.below, type_):
        if inner.name == "__typename":
            yield Constant(inner.key, type_.name)
        elif inner.name == "amount":
            yield Column(inner.key, amount, Kind.AMOUNT)
        else:
            yield Column(inner.key, f"{amount}_currency", Kind.TEXT)


KINDS: list[tuple[type[Any], Kind]] = [
    (fields.UUIDField, Kind.ID),
    (Instant, Kind.INSTANT),
    (Quantity, Kind.QUANTITY),
    (fields.DateField, Kind.DATE),
    (fields.BooleanField, Kind.SWITCH),
    (fields.IntField, Kind.NUMBER),
    (fields.BigIntField, Kind.NUMBER),
]


def kind_of(table: type[Record], column: str) -> Kind:
    """How a column is encoded, from the model's metadata."""
    field_ = table._meta.fields_map[column]
    return next((kind for cls, kind in KINDS if isinstance(field_, cls)), Kind.TEXT)


# --- values --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """How an object that is not a row is written: key by key."""

    type_: GraphQLObjectType
    keys: tuple[tuple[str, str, "Plan | None"], ...]
    """Key in the answer, attribute of the value (`__typename` for the type's name), below."""


def plan_of(document: Document, sets: Sequence[SelectionSetNode], type_: GraphQLObjectType) -> Plan:
    """What is selected of plain values of this type."""
    declared = declared_fields(type_)
    keys: list[tuple[str, str, Plan | None]] = []
    for one in document.fields(sets, type_):
        if one.name == "__typename":
            keys.append((one.key, "__typename", None))
        else:
            inner = declared[one.name]
            below = plan_of(document, one.below, inner.type_) if inner.type_ else None
            keys.append((one.key, inner.python_name, below))
    return Plan(type_, tuple(keys))


def written(plan: Plan, value: Any) -> Any:
    """A value as its plan wants it, ready for `encode`."""
    if value is None:
        return None
    if type(value) in {list, tuple}:  # a named tuple is an object
        return [written(plan, one) for one in value]
    answer: dict[str, Any] = {}
    for key, name, below in plan.keys:
        if name == "__typename":
            answer[key] = plan.type_.name
        else:
            inner = getattr(value, name)
            answer[key] = written(below, inner) if below else inner
    return answer


# --- where plans are kept ------------------------------------------------------------------------


@dataclass
class Memory:
    """Plans of one operation, by field and by what its conditions came to."""

    plans: dict[Any, Any] = field(default_factory=dict)

    MOST = 256

    def get(self, key: Any, make: Any) -> Any:
        """The plan remembered, else a new one."""
        if (plan := self.plans.get(key)) is None:
            if len(self.plans) >= self.MOST:
                self.plans.clear()
            plan = self.plans[key] = make()
        return plan
