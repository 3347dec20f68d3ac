"""The short way: what is known and not refused goes straight to the executor.

Strawberry opens four stages for an operation and wraps every hook of every extension for each of
them, which was two fifths of a small read. Here the same steps stand in a row, and whatever they
refuse takes the long way from its beginning, for nothing has run by then: a new document, a
missing right, a variable that does not fit. A test has both ways answer the same.
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
from schema.operations import Documents


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

    def executor(self, request: Request) -> Executor | None:
        """What carries the operation out; None where it takes the long way."""
        if request.query is None or request.query not in self.documents.known:
            return None
        known = self.documents.read(request.query)
        try:
            operation = self.documents.operation(known, request.operation_name)
        except BadInput:
            return None
        if OperationType(operation.node.operation.value) not in request.allowed:
            return None
        context = request.context
        context.operation, context.tally = operation, Tally()
        if refusals(context, operation, request.variables, self.documents.limits):
            return None
        executor = Executor.build(
            self.schema._schema,
            operation.document,
            context_value=context,
            raw_variable_values=request.variables,
            operation_name=operation.name,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
        )
        return executor if isinstance(executor, Executor) else None

    async def answer(self, request: Request, executor: Executor) -> ExecutionResult:
        """Carry it out, and tell what became of it."""
        result: Any = await await_maybe(executor.execute_operation())
        errors = result.errors
        if errors:
            errors = self._told(request, result)
        write_log(request.context)
        return ExecutionResult(result.data, errors, await told_usage(request.context))

    def _told(self, request: Request, result: Any) -> list[GraphQLError]:
        context = self.schema._create_execution_context(  # noqa: SLF001
            request.query, request.allowed, request.variables, request.context
        )
        context.result = result
        self.schema.process_errors(result.errors, context)
        return as_told(context, self.documents.limits.errors)
