"""Random documents over the schema as it is: a new field is drawn by itself.

They are valid by construction: within one object a key always stands for the same field, whatever
fragments bring it there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
)

from tests.oracle import LISTS, ONES
from tests.oracle_fields import NODES
from tests.oracle_inputs import Start, Values

OFTEN = (
    "edges", "node", "items", "units", "customer", "product", "replaces", "deliver", "counts",
    "outcomes", "rests", "outboundOrder", "free",
)  # fmt: skip

Scope = dict[str, tuple[Any, "Scope"]]
"""What each key of an object stands for, and the scope of the object below it."""


@dataclass
class Drawn:
    """A document with its variables; `starts` are variables whose cursors have to be fetched."""

    text: str
    variables: dict[str, Any]
    starts: dict[str, Start]


@dataclass
class Fragment:
    name: str
    on: str
    scope: Scope
    text: str
    uses: set[str]


@dataclass
class Drawer(Values):
    """Draws one document."""

    about: Sequence[str] = ()
    """The root fields that are asked, if not all of them."""
    fragments: dict[str, Fragment] = field(default_factory=dict)
    spread: set[str] = field(default_factory=set)
    room: int = 60
    """How much more may be selected: what is drawn has to end, and cases that are too large are
    thrown away."""

    def document(self) -> Drawn:
        scope: Scope = {}
        roots = [self.root(scope) for _ in range(1 + self.number(1))]
        texts = [self.fragments[name].text for name in self.used(self.spread)]
        body = "\n".join([f"{{ {' '.join(roots)} }}", *texts])
        head = self.head(body)
        return Drawn(f"query Drawn{head} {body}", self.variables, self.starts)

    def used(self, names: set[str]) -> set[str]:
        return names.union(*(self.used(self.fragments[name].uses) for name in names))

    # --- selections ---------------------------------------------------------------------------

    def selection(self, type_: Any, scope: Scope, depth: int) -> str:
        parts = [self.part(type_, scope, depth) for _ in range(1 + self.number(4))]
        return f"{{ {' '.join(parts)} }}"

    def part(self, type_: Any, scope: Scope, depth: int) -> str:
        self.room -= 1
        if self.room < 0:
            return self.named("__typename", scope)[0]
        how = self.number(11)
        if how == 0 and depth > 0:
            on, condition = self.condition(type_)
            inner = self.selection(on, scope, depth - 1)
            return f"...{condition}{self.directive()} {inner}"
        if how == 1 and depth > 0:
            return self.spreading(type_, scope, depth - 1)
        if how == 2:
            return self.named("__typename", scope)[0] + self.directive()
        return self.some_field(type_, scope, depth)

    def condition(self, type_: Any) -> tuple[Any, str]:
        """What a fragment here may be on: nothing, the type itself, its interface or one of it."""
        possible: list[Any] = [type_, *getattr(type_, "interfaces", ())]
        if isinstance(type_, GraphQLInterfaceType):
            possible += self.schema.get_possible_types(type_)
        on = self.one(possible)
        return on, "" if on is type_ and self.odds(2) else f" on {on.name}"

    def some_field(self, type_: Any, scope: Scope, depth: int) -> str:
        """A field, or a fragment on one of the types where an interface has hardly any."""
        if isinstance(type_, GraphQLInterfaceType) and depth > 0 and not self.odds(4):
            on = self.one(sorted(self.schema.get_possible_types(type_), key=lambda t: t.name))
            return f"... on {on.name} {self.selection(on, scope, depth - 1)}"
        names = [
            name
            for name, one in type_.fields.items()
            if depth > 0 or not hasattr(get_named_type(one.type), "fields")
        ]
        if not names:
            return self.named("__typename", scope)[0]
        names += [name for name in names if name in OFTEN] * 4
        returned = type_.fields[name := self.one(names)].type
        key, below = self.named(name, scope, returned)
        inner = get_named_type(returned)
        told = f"{key}{self.directive()}"
        if isinstance(inner, (GraphQLObjectType, GraphQLInterfaceType)):
            told += f" {self.selection(inner, below, depth - 1)}"
        return told

    def named(self, name: str, scope: Scope, returned: Any = None) -> tuple[str, Scope]:
        """The field under a key that is free for it: its own, or that of another field.

        Fields of one name that return other types are others: statuses of a `Node`.
        """
        key, field_ = name, (name, str(returned))
        if self.odds(3):
            key = self.one(["a", "b", "id", "code", "name", "node", "edges", "customer", "cursor"])
        while scope.setdefault(key, (field_, {}))[0] != field_:
            key += "_"
        return (name if key == name else f"{key}: {name}"), scope[key][1]

    def spreading(self, type_: Any, scope: Scope, depth: int) -> str:
        on, _ = self.condition(type_)
        known = [one for one in self.fragments.values() if one.on == on.name]
        if known and self.odds(2):
            fragment = self.one(known)
        else:
            outer, self.spread = self.spread, set()
            inner: Scope = {}
            body = self.selection(on, inner, depth)
            name = f"F{len(self.fragments)}"
            text = f"fragment {name} on {on.name} {body}"
            fragment = Fragment(name, on.name, inner, text, self.spread)
            self.fragments[name] = fragment
            self.spread = outer
        if not fits(fragment.scope, scope):
            return self.named("__typename", scope)[0]
        absorb(fragment.scope, scope)
        self.spread.add(fragment.name)
        return f"...{fragment.name}{self.directive()}"

    def directive(self) -> str:
        if not self.odds(10):
            return ""
        names = self.one([["skip"], ["include"], ["skip", "include"]])
        return "".join(f" @{name}(if: {self.truth()})" for name in names)

    def truth(self) -> str:
        if self.odds(3):
            return self.one(["true", "false"])
        name = self.one(["yes", "no", "by"])
        if name not in self.declared:
            default = {"yes": " = true", "no": " = false", "by": ""}[name]
            self.declared[name] = f"${name}: Boolean!{default}"
            if not default or self.odds(2):
                self.variables[name] = self.odds(2)
        return f"${name}"

    # --- root fields --------------------------------------------------------------------------

    def root(self, scope: Scope) -> str:
        every = [*LISTS, "outboundOrders", "products", "stockOnHand", *ONES, "node"]
        name = self.one(self.about or every)
        key = self.one([name, name, *LISTS])
        if key in scope:
            key = f"r{len(scope)}"
        below = scope.setdefault(key, (name, {}))[1]
        field_ = self.schema.query_type.fields[name]
        type_ = get_named_type(field_.type)
        called = (name if key == name else f"{key}: {name}") + (
            self.window(name, field_) if name in LISTS else self.id(name)
        )
        depth = 3 + self.number(3)
        told = f"{called} {self.selection(type_, below, depth)}"
        if self.odds(6):  # the same again, to be merged
            told += f" ... on Query {{ {called} {self.selection(type_, below, depth)} }}"
        return told

    def id(self, name: str) -> str:
        kinds = [ONES[name]] if name in ONES else NODES
        own = [row["id"] for kind in kinds for row in self.data.named(kind)]
        ids = own if own and not self.odds(8) else self.data.all_ids
        return f"(id: {self.value(str(self.one(ids)), 'ID!')})"


def fits(inner: Scope, outer: Scope) -> bool:
    """Whether no key would come to stand for two fields."""
    return all(
        key not in outer or (outer[key][0] == name and fits(below, outer[key][1]))
        for key, (name, below) in inner.items()
    )


def absorb(inner: Scope, outer: Scope) -> None:
    for key, (name, below) in inner.items():
        absorb(below, outer.setdefault(key, (name, {}))[1])
