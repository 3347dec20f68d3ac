"""The gate: nothing of an operation runs until all of it may.

Reads the document (from memory, as a rule), checks its size, the caller's rights to every field
that it names, and what it costs with this request's variables.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from graphql import GraphQLError
from graphql.execution import ExecutionResult
from strawberry.extensions import SchemaExtension

from resolvers.errors import BadInput, LimitExceeded, Refusal
from schema.context import Context
from schema.errors import as_told
from schema.limits import Limits
from schema.metering import tally_of
from schema.operations import Documents, Invalid, Operation, forbidden
from schema.tolls import Toll, admit, admit_new, charge_invalid


class Gate(SchemaExtension):
    """Lets an operation through whole, or refuses it whole."""

    documents: Documents
    """Of the schema it stands before; set on a subclass when that is built."""

    def on_operation(self) -> Iterator[None]:
        """Tell errors in our words, whatever way they came about."""
        yield
        context = self.execution_context
        if context.result is not None and getattr(context.result, "errors", None):
            context.result.errors = as_told(context, self.documents.limits.errors)

    async def on_parse(self) -> AsyncIterator[None]:
        """Read the document and choose its operation, or refuse it."""
        own: Context = self.execution_context.context
        if refused := await admit_new(own):
            self._stop(refused)
        else:
            self._read()
            if own.operation is None:
                charge_invalid(own)
            elif refused := await self._admit(own.operation.toll):
                self._stop(refused)
        yield

    async def _admit(self, toll: Toll) -> list[GraphQLError]:
        context = self.execution_context
        return await admit(context.context, toll, context.variables)

    def _read(self) -> None:
        context = self.execution_context
        try:
            known = self.documents.read(context.query or "")
            name = context._provided_operation_name  # noqa: SLF001 - the public one is a guess
            context.context.operation = self.documents.operation(known, name)
            context.graphql_document = known.document
        except Invalid as fault:
            self._stop(fault.errors)
        except Refusal as fault:
            self._stop([GraphQLError(str(fault), original_error=fault)])

    def _stop(self, errors: list[GraphQLError]) -> None:
        """Let Strawberry go on, with a document that does nothing, to where it looks at errors."""
        context = self.execution_context
        context.graphql_document = self.documents.nothing
        context._provided_operation_name = None  # noqa: SLF001 - it named one of the other's
        context.pre_execution_errors = errors

    def on_validate(self) -> Iterator[None]:
        """It was validated when it was read."""
        if self.execution_context.pre_execution_errors is None:
            self.execution_context.pre_execution_errors = []
        yield

    def on_execute(self) -> Iterator[None]:
        """Refuse the whole operation if any part of it is refused."""
        context: Context = self.execution_context.context
        operation = context.operation
        if operation is None:
            raise RuntimeError("the gate was passed by")
        variables, limits = self.execution_context.variables, self.documents.limits
        if errors := refusals(context, operation, variables, limits):
            # A result that is set keeps the executor from running; other extensions go on.
            self.execution_context.result = ExecutionResult(None, errors)
        yield


def refusals(
    context: Context, operation: Operation, variables: Mapping[str, Any] | None, limits: Limits
) -> list[GraphQLError]:
    """Why the operation is refused with this request's variables; of none, it may run."""
    variables = variables or {}
    try:
        check_values(variables, limits)
    except Refusal as fault:
        return [GraphQLError(str(fault), original_error=fault)]
    if refused := operation.refusals(context.caller, variables):
        tally_of(context).refuse(operation.roots, context.caller)
        faults: list[Refusal] = [forbidden(one) for one in refused]
    else:
        try:
            operation.price(variables, limits)
        except Refusal as fault:
            faults = [fault]
        else:
            return []
    return [GraphQLError(str(fault), original_error=fault) for fault in faults]


def check_values(variables: object, limits: Limits) -> None:
    """Refuse too many values, too deep in one another, and texts that cannot be kept.

    PostgreSQL keeps no NUL in text, so none is taken on either engine.
    """
    seen = 0
    waiting: list[tuple[object, tuple[str | int, ...]]] = [(variables, ())]
    while waiting:
        value, path = waiting.pop()
        if isinstance(value, str):
            if "\0" in value:
                raise BadInput("A text cannot hold the character NUL.", path=path)
        elif isinstance(value, (dict, list)):
            seen += 1
            if seen > limits.values:
                raise LimitExceeded("objects and lists in its variables", limit=limits.values)
            if len(path) > limits.nested:
                raise LimitExceeded("values in one another", limit=limits.nested)
            _check_size(value, limits)
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += [(one, (*path, step)) for step, one in inner]


def _check_size(value: dict[str, object] | list[object], limits: Limits) -> None:
    if isinstance(value, dict):
        what, limit = "names in one object of its variables", limits.names
    else:
        what, limit = "entries in one list of its variables", limits.entries
    if len(value) > limit:
        raise LimitExceeded(what, limit=limit, asked=len(value))
