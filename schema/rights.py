"""Which rights a document asks for, wherever it names a field: the gate's knowledge of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    SelectionSetNode,
    get_named_type,
    is_interface_type,
)
from graphql.type import GraphQLNamedType

from schema.access import Requires
from schema.declaring import Billable


@dataclass(frozen=True)
class Asked:
    """A field that a document names, and the mark that stands on it."""

    field: str
    mark: Requires


def marks_on(thing: Any) -> list[Requires]:
    """The `@requires` marks of a type, field or input field."""
    return [one for one in directives_on(thing) if isinstance(one, Requires)]


def is_billable(field: Any) -> bool:
    """Whether a root field counts a call."""
    return any(isinstance(one, Billable) for one in directives_on(field))


def directives_on(thing: Any) -> list[Any]:
    """The schema directives that Strawberry put on something."""
    definition = thing.extensions.get("strawberry-definition")
    return list(getattr(definition, "directives", None) or ())


class Rights:
    """Collects what a document asks for; each fragment is looked at once for each type."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.asked: dict[Asked, None] = {}
        self.seen: set[tuple[str, str]] = set()

    def collect(self, node: SelectionSetNode, type_: GraphQLNamedType | None) -> None:
        """All that is named below, `@skip` and `@include` or not."""
        if type_ is None:
            return
        root = type_ in {self.schema.query_type, self.schema.mutation_type}
        if isinstance(type_, GraphQLObjectType) and not root:
            self._ask_of_type(type_)
        for one in node.selections:
            if isinstance(one, FieldNode):
                self._field(one, type_)
            elif isinstance(one, FragmentSpreadNode):
                self._fragment(one.name.value)
            elif isinstance(one, InlineFragmentNode):
                condition = one.type_condition
                on = self.schema.get_type(condition.name.value) if condition else type_
                self.collect(one.selection_set, on)

    def _fragment(self, name: str) -> None:
        fragment = self.fragments.get(name)
        if fragment is not None and (name, "") not in self.seen:
            self.seen.add((name, ""))
            on = self.schema.get_type(fragment.type_condition.name.value)
            self.collect(fragment.selection_set, on)

    def _field(self, node: FieldNode, type_: GraphQLNamedType) -> None:
        field = getattr(type_, "fields", {}).get(node.name.value)
        if field is None:
            return  # `__typename`, or unknown, which validation says
        if is_interface_type(type_) and node.name.value != "id":
            for possible in self.schema.get_possible_types(type_):
                self._ask(f"{possible.name}.{node.name.value}", possible.fields[node.name.value])
                self._ask_of_type(possible)
        else:
            self._ask(f"{type_.name}.{node.name.value}", field)
        for argument in node.arguments or ():
            if (declared := field.args.get(argument.name.value)) is not None:
                self.literal(argument.value, get_named_type(declared.type))
        if node.selection_set is not None:
            self.collect(node.selection_set, get_named_type(field.type))

    def literal(self, node: Any, type_: Any) -> None:
        """Guarded input fields that a literal names."""
        if isinstance(node, ListValueNode):
            for value in node.values:
                self.literal(value, type_)
        elif isinstance(node, ObjectValueNode) and isinstance(type_, GraphQLInputObjectType):
            for one in node.fields:
                if (declared := type_.fields.get(one.name.value)) is not None:
                    self._ask(f"{type_.name}.{one.name.value}", declared)
                    self.literal(one.value, get_named_type(declared.type))

    def _ask_of_type(self, type_: GraphQLObjectType) -> None:
        """A type's own mark; not told again where the field that led here says the same."""
        told = {one.mark for one in self.asked}
        for mark in marks_on(type_):
            if mark not in told:
                self.asked.setdefault(Asked(type_.name, mark))

    def _ask(self, name: str, thing: Any) -> None:
        for mark in marks_on(thing):
            self.asked.setdefault(Asked(name, mark))


def holds_guarded(type_: Any, seen: set[str] | None = None) -> bool:
    """Whether values of an input type can hold guarded fields anywhere."""
    seen = set() if seen is None else seen
    if not isinstance(type_, GraphQLInputObjectType) or type_.name in seen:
        return False
    seen.add(type_.name)
    return any(
        marks_on(field) or holds_guarded(get_named_type(field.type), seen)
        for field in type_.fields.values()
    )


def guarded_in(value: Any, type_: Any) -> Iterator[Asked]:
    """Guarded input fields that a variable's value names."""
    if isinstance(value, list):
        for one in value:
            yield from guarded_in(one, type_)
    elif isinstance(value, dict) and isinstance(type_, GraphQLInputObjectType):
        for name, inner in value.items():
            if (field := type_.fields.get(name)) is not None:
                for mark in marks_on(field):
                    yield Asked(f"{type_.name}.{name}", mark)
                yield from guarded_in(inner, get_named_type(field.type))
