"""How large a document is, on its expanded fragments, in one memoised, cycle-safe pass.

Each fragment is measured once, however often it is spread: measuring chained fragments path by
path doubles with every link, and 90 links fit into 4 kB.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_list_type,
    is_object_type,
)
from graphql.type import GraphQLNamedType, GraphQLNonNull

OWNED_LIST = 10
"""What a list that one object owns is costed as."""

PAGE = 50
"""Entries of a page of which none is asked for by number."""

FEW = {"UserError", "InputOutcome"}
"""What is told of an input: hardly ever more than one, and not read from the database."""

META = {"__schema": "__Schema", "__type": "__Type"}

LONGEST_NUMBER = 18
"""Digits; Python refuses to read some thousands of them."""

PageSize = int | tuple[str, ...]
"""A number, or the variables that say it."""


@dataclass(frozen=True)
class Size:
    """Of what the selections of a type come to.

    A page's entries are costed by the size of the page, which only its field knows: `entries`
    is the cost of one of them.
    """

    depth: int = 0
    nested: int = 0
    """Selection sets in one another, those of fragments too."""
    introspected: int = 0
    """Aliases in introspection."""
    cost: "Cost | int" = 0
    entries: "Cost | int" = 0


@dataclass(frozen=True, eq=False)
class Cost:
    """A sum that may depend on variables: `fixed` and each term times its page size."""

    fixed: int
    terms: tuple[tuple["PageSize", "Cost | int"], ...]
    """(what says how many, cost of an entry)"""
    plus: "tuple[Cost, ...]" = ()


class Measurer:
    """Measures the operations of one document."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.known: dict[str, Size] = {}
        self.open: set[str] = set()

    def size(self, node: SelectionSetNode | None, type_: GraphQLNamedType | None) -> Size:
        """The size of a selection set on a type; what does not exist there counts nothing."""
        depth, nested, introspected, cost, entries = 0, 0, 0, Sum(), Sum()
        for one in node.selections if node else ():
            inner = Size()
            if isinstance(one, FieldNode):
                inner = self._field(one, type_)
            elif isinstance(one, FragmentSpreadNode):
                inner = self._fragment(one.name.value)
            elif isinstance(one, InlineFragmentNode):
                condition = one.type_condition
                on = self.schema.get_type(condition.name.value) if condition else type_
                inner = self.size(one.selection_set, on)
            depth = max(depth, inner.depth)
            nested = max(nested, inner.nested)
            introspected += inner.introspected
            cost.add(inner.cost)
            entries.add(inner.entries)
        return Size(depth, nested + 1, introspected, cost.total(), entries.total())

    def _fragment(self, name: str) -> Size:
        if (known := self.known.get(name)) is not None:
            return known
        fragment = self.fragments.get(name)
        if fragment is None or name in self.open:
            return Size()  # unknown or a cycle: validation will say so
        self.open.add(name)
        on = self.schema.get_type(fragment.type_condition.name.value)
        self.known[name] = size = self.size(fragment.selection_set, on)
        self.open.discard(name)
        return size

    def _field(self, node: FieldNode, type_: GraphQLNamedType | None) -> Size:
        if (answer := self._introspected(node, type_)) is not None:
            inner = self.size(node.selection_set, answer)
            aliases = inner.introspected + (node.alias is not None)
            return Size(nested=inner.nested, introspected=aliases)
        if node.name.value == "__typename":
            return Size()
        field = type_.fields.get(node.name.value) if is_object_type(type_) else None
        answer = get_named_type(field.type) if field else None
        inner = self.size(node.selection_set, answer)
        depth = inner.depth + 1
        if node.selection_set is None:
            return Size(depth)
        one = Sum()
        one.add(1)
        one.add(inner.cost)
        if _is_page(getattr(type_, "name", ""), node.name.value):
            return Size(depth, inner.nested, inner.introspected, 0, one.total())
        if field is not None and _is_list(field.type):
            few = getattr(answer, "name", "") in FEW
            cost = times(1 if few else OWNED_LIST, one.total())
            return Size(depth, inner.nested, inner.introspected, cost)
        if inner.entries:
            one.add_page(page_size(node), inner.entries)
        return Size(depth, inner.nested, inner.introspected, one.total())

    def _introspected(
        self, node: FieldNode, type_: GraphQLNamedType | None
    ) -> GraphQLNamedType | None:
        """What a field of introspection answers with; None for any other field."""
        if (name := META.get(node.name.value)) is not None:
            return self.schema.get_type(name)
        if type_ is not None and type_.name.startswith("__"):
            field = getattr(type_, "fields", {}).get(node.name.value)
            return get_named_type(field.type) if field else type_
        return None


class Sum:
    """Adds costs up, and keeps them plain numbers as long as it can."""

    def __init__(self) -> None:
        self.fixed = 0
        self.terms: list[tuple[PageSize, Cost | int]] = []
        self.plus: list[Cost] = []

    def add(self, cost: Cost | int) -> None:
        """One more."""
        if isinstance(cost, int):
            self.fixed += cost
        else:
            self.plus.append(cost)

    def add_page(self, size: "PageSize", entry: Cost | int) -> None:
        """As many entries as a number or variables say."""
        if isinstance(size, int):
            self.add(times(size, entry))
        else:
            self.terms.append((size, entry))

    def total(self) -> Cost | int:
        """The sum."""
        if not self.terms and not self.plus:
            return self.fixed
        return Cost(self.fixed, tuple(self.terms), tuple(self.plus))


def times(number: int, cost: Cost | int) -> Cost | int:
    """The cost so many times."""
    if isinstance(cost, int):
        return number * cost
    return Cost(0, ((number, cost),))


def evaluated(cost: Cost | int, variables: Mapping[str, Any]) -> int:
    """The cost with this request's variables; each part is worked out once."""
    known: dict[int, int] = {}

    def work(part: Cost | int) -> int:
        if isinstance(part, int):
            return part
        if (done := known.get(id(part))) is None:
            done = known[id(part)] = (
                part.fixed
                + sum(_number(size, variables) * work(entry) for size, entry in part.terms)
                + sum(work(more) for more in part.plus)
            )
        return done

    return work(cost)


def whole(text: str) -> int:
    """A whole number of a document; one that is far beyond any limit is not read to its end."""
    return int(text[:LONGEST_NUMBER])


def _is_page(type_: str, field: str) -> bool:
    """Whether a list is as long as its root field's arguments say: a page, or a batch."""
    return (field == "edges" and type_.endswith("Connection")) or (
        field == "entries" and type_.endswith("Payload")
    )


def _number(size: PageSize, variables: Mapping[str, Any]) -> int:
    """The largest that is said: with `first` and `last` the page is refused, or one is null."""
    if isinstance(size, int):
        return size
    said = [_said(variables.get(name)) for name in size]
    return max((value for value in said if value > 0), default=PAGE)


def _said(value: Any) -> int:
    """How many entries a variable asks for: a number, a list, or an input that holds one."""
    if isinstance(value, int):
        return value
    if isinstance(value, list):
        return len(value)
    lists = value.values() if isinstance(value, Mapping) else ()
    return max((len(one) for one in lists if isinstance(one, list)), default=0)


SIZES = {"first", "last", "input"}


def page_size(node: FieldNode) -> PageSize:
    """How many entries a field asks for, of a page or in a batch."""
    sizes = [argument.value for argument in node.arguments or () if argument.name.value in SIZES]
    said = [whole(size.value) for size in sizes if isinstance(size, IntValueNode)]
    said += [
        len(field.value.values)
        for size in sizes
        if isinstance(size, ObjectValueNode)
        for field in size.fields
        if isinstance(field.value, ListValueNode)
    ]
    if said:
        return max(0, *said)
    sizes += [
        field.value for size in sizes if isinstance(size, ObjectValueNode) for field in size.fields
    ]
    return tuple(size.name.value for size in sizes if isinstance(size, VariableNode)) or PAGE


def _is_list(type_: Any) -> bool:
    return is_list_type(type_.of_type if isinstance(type_, GraphQLNonNull) else type_)


def root_fields(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    most: int,
) -> list[FieldNode]:
    """The root fields in the document's order, fragments expanded, at most one more than `most`.

    A fragment that is spread twice at the root is carried out once, and so found once.
    """
    found: list[FieldNode] = []
    seen: set[str] = set()
    inside = [iter(operation.selection_set.selections)]
    while inside and len(found) <= most:
        if (one := next(inside[-1], None)) is None:
            inside.pop()
        elif isinstance(one, FieldNode):
            found.append(one)
        elif isinstance(one, FragmentSpreadNode):
            name = one.name.value
            if name not in seen and name in fragments:
                seen.add(name)
                inside.append(iter(fragments[name].selection_set.selections))
        elif isinstance(one, InlineFragmentNode):
            inside.append(iter(one.selection_set.selections))
    return found


def repeats(document: DocumentNode) -> int:
    """How many fields stand in a selection that has their key already.

    Each named fragment is looked at by itself: it takes nine tokens to hide a field in one.
    """
    found = 0
    waiting = [
        one.selection_set
        for one in document.definitions
        if isinstance(one, (OperationDefinitionNode, FragmentDefinitionNode))
    ]
    while waiting:
        keys: set[str] = set()
        beside = [waiting.pop()]
        while beside:
            for one in beside.pop().selections:
                if isinstance(one, FieldNode):
                    key = (one.alias or one.name).value
                    found += key in keys
                    keys.add(key)
                    if one.selection_set is not None:
                        waiting.append(one.selection_set)
                elif isinstance(one, InlineFragmentNode):
                    beside.append(one.selection_set)
    return found
