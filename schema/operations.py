"""What is known of a document once it has been read: parsed, measured, validated, its rights.

All of it is worked out once per document and remembered by its text, so that a request for a
known document costs a look into a dictionary.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    StringValueNode,
    Visitor,
    get_named_type,
    parse,
    specified_rules,
    type_from_ast,
    visit,
)
from strawberry.schema.schema import validate_document

from resolvers.access import Caller
from resolvers.errors import BadInput, Forbidden, LimitExceeded
from schema.limits import Limits
from schema.measuring import Cost, Measurer, evaluated, repeats, root_fields, whole
from schema.rights import Asked, Rights, guarded_in, holds_guarded, is_billable
from schema.selection import Memory
from schema.tolls import Toll, toll_of

RULES = tuple(specified_rules)


@dataclass(frozen=True)
class RootField:
    """A root field as it is named: the key it is answered under, and its name."""

    key: str
    name: str
    billable: bool


@dataclass(eq=False)
class Operation:
    """One operation of one document."""

    node: OperationDefinitionNode
    document: DocumentNode
    fragments: Mapping[str, FragmentDefinitionNode]
    roots: tuple[RootField, ...]
    cost: Cost | int
    defaults: Mapping[str, Any]
    """Whole numbers that variables have by default: page sizes among them."""
    asked: tuple[Asked, ...]
    guarded: tuple[tuple[str, Any], ...]
    """Variables whose values can hold guarded input fields, with their types."""
    conditions: tuple[str, ...]
    """Variables that `@skip` and `@include` depend on."""
    toll: Toll
    memory: Memory = field(default_factory=Memory)
    refused: dict[Any, tuple[Asked, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str | None:
        """The operation's name, as the client gave it."""
        return self.node.name.value if self.node.name else None

    def refusals(self, caller: Caller, variables: Mapping[str, Any]) -> list[Asked]:
        """The fields that the caller has no right to, each once."""
        key = (caller.roles, caller.staff_role, caller.sees_tenant_usage)
        if (known := self.refused.get(key)) is None:
            known = tuple(one for one in self.asked if not one.mark.admits(caller))
            if len(self.refused) < Memory.MOST:
                self.refused[key] = known
        found = list(known)
        for name, type_ in self.guarded:
            found += [
                one for one in guarded_in(variables.get(name), type_) if not one.mark.admits(caller)
            ]
        return list(dict.fromkeys(found))

    def price(self, variables: Mapping[str, Any], limits: Limits) -> None:
        """Refuse what costs too much with this request's variables."""
        if isinstance(self.cost, int):
            cost = self.cost
        else:
            cost = evaluated(self.cost, {**self.defaults, **variables})
        if cost > limits.cost:
            # Fragments in fragments multiply; JSON's readers know numbers up to 2^53.
            raise LimitExceeded("a cost", limit=limits.cost, asked=min(cost, 2**53 - 1))


def forbidden(asked: Asked) -> Forbidden:
    """The refusal of one field, with the role that it needs."""
    field_name = asked.field.removeprefix("Query.").removeprefix("Mutation.")
    return Forbidden(
        f"`{field_name}` needs {asked.mark.needed}.",
        roles=asked.mark.api_roles,
        staff=asked.mark.staff_roles,
    )


@dataclass(eq=False)
class Known:
    """A document that parsed and fits the schema, with its operations by name."""

    document: DocumentNode
    operations: dict[str | None, Operation]


class Invalid(Exception):
    """A document that does not parse or does not fit the schema."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__()
        # A scalar refuses a literal by raising; that is no fault of ours.
        self.errors = [
            GraphQLError(
                error.message, nodes=error.nodes, source=error.source, positions=error.positions
            )
            for error in errors
        ]


class Documents:
    """Reads documents, and remembers those that are good."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self.schema = schema
        self.limits = limits
        self.known: OrderedDict[str, Known] = OrderedDict()
        self.held = 0
        self.nothing = parse("{ __typename }")
        """What stands in for a document that is refused."""

    def read(self, text: str) -> Known:
        """The document of this text.

        Raises:
            LimitExceeded: it is too large, deep or wide.
            Invalid: it does not parse or does not fit the schema.

        """
        if (known := self.known.get(text)) is not None:
            self.known.move_to_end(text)
            return known
        known = self._learn(text)
        self.known[text] = known
        self.held += len(text)
        while self.held > self.limits.remembered and len(self.known) > 1:
            self.held -= len(self.known.popitem(last=False)[0])
        return known

    def operation(self, known: Known, name: str | None) -> Operation:
        """The operation that is asked for; with several, it must be named."""
        if name is None:
            if len(known.operations) == 1:
                return next(iter(known.operations.values()))
            several = "several" if known.operations else "none"
            raise BadInput(f"Name the operation to carry out: the document has {several}.")
        if (operation := known.operations.get(name)) is None:
            raise BadInput(f"The document has no operation named `{name}`.")
        return operation

    def _learn(self, text: str) -> Known:
        if len(text) > self.limits.characters:
            raise LimitExceeded(
                "a document length in characters", limit=self.limits.characters, asked=len(text)
            )
        try:
            document = parse(
                text, max_lexical_tokens=self.limits.tokens, max_comments=self.limits.tokens
            )
        except GraphQLError as error:
            if f"more than {self.limits.tokens} " in error.message:
                raise LimitExceeded("a number of tokens", limit=self.limits.tokens) from None
            raise Invalid([error]) from None
        fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        operations = [
            one for one in document.definitions if isinstance(one, OperationDefinitionNode)
        ]
        if (many := len(operations)) > self.limits.operations:
            raise LimitExceeded("operations", limit=self.limits.operations, asked=many)
        if (repeated := repeats(document)) > self.limits.repeated:
            raise LimitExceeded(
                "fields beside others of the same key", limit=self.limits.repeated, asked=repeated
            )
        try:
            costs = [self._measure(one, fragments) for one in operations]
        except RecursionError:
            raise LimitExceeded("a depth", limit=self.limits.depth) from None
        errors = validate_document(self.schema, document, RULES) or _null_characters(document)
        if errors:
            raise Invalid(errors)
        return Known(
            document,
            {
                (one.name.value if one.name else None): self._operation(
                    one, document, fragments, cost
                )
                for one, cost in zip(operations, costs, strict=True)
            },
        )

    def _measure(
        self, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> Cost | int:
        limits = self.limits
        found = root_fields(operation, fragments, limits.root_fields)
        if len(found) > limits.root_fields:
            raise LimitExceeded("a number of root fields", limit=limits.root_fields)
        names = [one.name.value for one in found if not one.name.value.startswith("__")]
        most = max((names.count(name) for name in set(names)), default=0)
        if most > limits.aliases:
            raise LimitExceeded("aliases of one root field", limit=limits.aliases, asked=most)
        measurer = Measurer(self.schema, fragments)
        size = measurer.size(operation.selection_set, self._root(operation))
        if size.depth > limits.depth:
            raise LimitExceeded("a depth", limit=limits.depth, asked=size.depth)
        if size.nested > limits.nested:
            raise LimitExceeded("selections in one another", limit=limits.nested, asked=size.nested)
        if size.introspected > limits.introspected:
            raise LimitExceeded(
                "aliases in introspection", limit=limits.introspected, asked=size.introspected
            )
        return size.cost

    def _root(self, operation: OperationDefinitionNode) -> Any:
        return self.schema.get_root_type(operation.operation)

    def _operation(
        self,
        node: OperationDefinitionNode,
        document: DocumentNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        cost: Cost | int,
    ) -> Operation:
        root = self._root(node)
        rights = Rights(self.schema, fragments)
        rights.collect(node.selection_set, root)
        variables = {
            one.variable.name.value: (
                get_named_type(type_from_ast(self.schema, one.type)),
                one.default_value,
            )
            for one in node.variable_definitions or ()
        }
        for type_, default in variables.values():
            if default is not None:
                rights.literal(default, type_)
        roots = root_fields(node, fragments, self.limits.root_fields)
        return Operation(
            node,
            document,
            fragments,
            tuple(
                RootField(
                    one.alias.value if one.alias else one.name.value,
                    one.name.value,
                    billable=one.name.value in root.fields
                    and is_billable(root.fields[one.name.value]),
                )
                for one in roots
            ),
            cost,
            {
                name: whole(default.value)
                for name, (_, default) in variables.items()
                if isinstance(default, IntValueNode)
            },
            tuple(rights.asked),
            tuple((name, type_) for name, (type_, _) in variables.items() if holds_guarded(type_)),
            _conditions(document),
            toll_of(roots, root),
        )


def _conditions(document: DocumentNode) -> tuple[str, ...]:
    names: dict[str, None] = {}

    class Conditions(Visitor):
        def enter_directive(self, node: Any, *_: Any) -> None:
            if node.name.value in {"skip", "include"}:
                value = node.arguments[0].value
                if value.kind == "variable":
                    names[value.name.value] = None

    visit(document, Conditions())
    return tuple(names)


def _null_characters(document: DocumentNode) -> list[GraphQLError]:
    """PostgreSQL keeps no NUL in text, so none is taken on either engine."""
    errors: list[GraphQLError] = []

    class Strings(Visitor):
        def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
            if "\0" in node.value:
                errors.append(GraphQLError("A text cannot hold the character NUL.", node))

    visit(document, Strings())
    return errors
