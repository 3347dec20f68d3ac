"""The short way: what is known goes straight through the gate to the executor.

Strawberry opens four stages for an operation and wraps every hook of every extension for each of
them, which was two fifths of a small read. Here the same steps stand in a row. A document that is
new, or of which no operation can be chosen, takes Strawberry's way. A test has both ways answer
the same.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.execution import optimized_is_awaitable
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType
from strawberry.utils.await_maybe import await_maybe

from resolvers.errors import BadInput
from schema.context import Context
from schema.errors import as_told
from schema.finished import Executor
from schema.gate import refusals
from schema.metering import Tally, told_usage, write_log
from schema.operations import Documents, Operation
from schema.tolls import admit


@dataclass(frozen=True)
class Request:
    """An operation as it is given to `Schema.execute`."""

    query: str | None
    variables: dict[str, Any] | None
    context: Context
    operation_name: str | None
    allowed: Collection[OperationType]


@dataclass(frozen=True)
class ShortWay:
    """The short way through one schema."""

    schema: strawberry.Schema
    documents: Documents

    async def answer(self, request: Request) -> ExecutionResult | None:
        """Carry the operation out, and tell what became of it; None where it is not known."""
        if (operation := self._known(request)) is None:
            return None
        context, limits = request.context, self.documents.limits
        context.operation, context.tally = operation, Tally()
        result: Any
        errors = await admit(context, operation.toll, request.variables) or refusals(
            context, operation, request.variables, limits
        )
        if errors:
            result = ExecutionResult(None, errors)
        else:
            result = await await_maybe(self._begun(request, operation))
        told = self._told(request, result) if result.errors else None
        write_log(context)
        return ExecutionResult(result.data, told, await told_usage(context))

    def _known(self, request: Request) -> Operation | None:
        if request.query is None or request.query not in self.documents.known:
            return None
        known = self.documents.read(request.query)
        try:
            operation = self.documents.operation(known, request.operation_name)
        except BadInput:
            return None
        kind = OperationType(operation.node.operation.value)
        return operation if kind in request.allowed else None

    def _begun(self, request: Request, operation: Operation) -> Any:
        executor: Any = Executor.build(
            self.schema._schema,
            operation.document,
            context_value=request.context,
            raw_variable_values=request.variables,
            operation_name=operation.name,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
        )
        if isinstance(executor, list):  # the variables do not fit
            return ExecutionResult(None, executor)
        return executor.execute_operation()

    def _told(self, request: Request, result: Any) -> list[GraphQLError]:
        context = self.schema._create_execution_context(  # noqa: SLF001
            request.query, request.allowed, request.variables, request.context
        )
        context.result = result
        self.schema.process_errors(result.errors, context)
        return as_told(context, self.documents.limits.errors)
