"""How it is asked: the one schema.

It is built here and nowhere else, with the gate, the counting and the executor that belong to it.
"""

import logging
from collections.abc import Iterable
from typing import Any

import strawberry
from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import DEFAULT_ALLOWED_OPERATION_TYPES
from strawberry.types.execution import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from schema.access import ANYONE
from schema.api_client_commands import ApiClientMutation
from schema.api_clients import ApiClientQuery
from schema.audit import AuditQuery
from schema.calls import CallQuery
from schema.common import Node
from schema.consignment_commands import ConsignmentMutation
from schema.consignments import ConsignmentQuery
from schema.declaring import root
from schema.errors import is_our_fault
from schema.explain import ExplainQuery
from schema.finished import Executor, Finished
from schema.gate import Gate
from schema.inbound import InboundOrderQuery
from schema.inbound_commands import InboundOrderMutation
from schema.limits import Limits
from schema.meanings import describe
from schema.metering import Counting, CountsRead
from schema.operations import Documents
from schema.order_commands import OutboundOrderMutation
from schema.orders import OutboundOrderQuery
from schema.packing import PackingMutation
from schema.people import PeopleMutation, PeopleQuery
from schema.place_commands import PlaceMutation
from schema.places import PlaceQuery
from schema.product_commands import ProductMutation
from schema.products import ProductQuery
from schema.questions import any_node
from schema.quotes import QuoteQuery
from schema.receiving import ReceivingMutation
from schema.reports import ReportMutation, ReportQuery
from schema.sandbox import SandboxMutation
from schema.scalars import SCALARS
from schema.short import Request, ShortWay
from schema.simulation import SimulationMutation
from schema.statements import StatementQuery
from schema.stock import StockMutation, StockQuery
from schema.transport import TransportMutation
from schema.usage import UsageQuery
from schema.viewer import ViewerQuery

log = logging.getLogger(__name__)


@strawberry.type
class NodeQuery:
    @root(
        ANYONE,
        answers=Node | None,
        description="Anything in reach by its id, or null. Each fragment needs its type's role.",
        billable=True,
        extensions=[CountsRead()],
    )
    async def node(self, info: strawberry.Info, id: strawberry.ID) -> Finished | None:
        return await any_node(info, id)


@strawberry.type(description="What can be asked.")
class Query(
    ViewerQuery,
    OutboundOrderQuery,
    InboundOrderQuery,
    ConsignmentQuery,
    QuoteQuery,
    ProductQuery,
    PlaceQuery,
    PeopleQuery,
    AuditQuery,
    ExplainQuery,
    StockQuery,
    ReportQuery,
    UsageQuery,
    StatementQuery,
    CallQuery,
    ApiClientQuery,
    NodeQuery,
):
    pass


@strawberry.type(description="What can be changed.")
class Mutation(
    OutboundOrderMutation,
    PackingMutation,
    SimulationMutation,
    InboundOrderMutation,
    ReceivingMutation,
    ConsignmentMutation,
    TransportMutation,
    StockMutation,
    ProductMutation,
    PlaceMutation,
    SandboxMutation,
    PeopleMutation,
    ReportMutation,
    ApiClientMutation,
):
    pass


class Schema(strawberry.Schema):
    """Strawberry's schema, which only starts with what guards and counts it."""

    def __init__(
        self,
        limits: Limits | None = None,
        extensions: Iterable[type[SchemaExtension]] = (Counting, Gate),
    ) -> None:
        extensions = tuple(extensions)
        if not {Counting, Gate} <= set(extensions):
            raise RuntimeError("The schema does not start without its gate and its counting.")

        class OwnGate(Gate):
            """The gate of this schema."""

        super().__init__(
            query=Query,
            mutation=Mutation,
            extensions=[OwnGate if one is Gate else one for one in extensions],
            execution_context_class=Executor,
            config=StrawberryConfig(scalar_map=SCALARS),
        )
        _say_nothing_of_null(self._schema)
        describe(self._schema)
        OwnGate.documents = Documents(self._schema, limits or Limits())
        self.short_way = ShortWay(self, OwnGate.documents)
        # The hooks of another extension are called on the long way alone.
        self.is_short = set(extensions) == {Counting, Gate}

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Carry an operation out: by the short way if it is known, else by Strawberry's."""
        allowed = frozenset(allowed_operation_types or DEFAULT_ALLOWED_OPERATION_TYPES)
        if self.is_short:
            request = Request(query, variable_values, context_value, operation_name, allowed)
            if (answer := await self.short_way.answer(request)) is not None:
                return answer
        return await super().execute(
            query,
            variable_values,
            context_value,
            root_value,
            operation_name,
            allowed,
            operation_extensions,
        )

    def process_errors(
        self,
        errors: list[GraphQLError],
        execution_context: ExecutionContext | None = None,
    ) -> None:
        """Log our own faults; a refusal is no news."""
        request_id = execution_context.context.request_id if execution_context else None
        for error in errors:
            if is_our_fault(error):
                log.error("fault in %s", request_id, exc_info=error.original_error)


def _say_nothing_of_null(schema: GraphQLSchema) -> None:
    """Leave `= null` out of the SDL: what may be left out is null anyway."""
    for type_ in schema.type_map.values():
        inputs = [type_.fields] if isinstance(type_, GraphQLInputObjectType) else []
        if isinstance(type_, GraphQLObjectType):
            inputs = [field.args for field in type_.fields.values()]
        for one in (one for group in inputs for one in group.values()):
            if one.default_value is None:
                one.default_value = Undefined


def build(limits: Limits | None = None, **options: Any) -> Schema:
    """The schema, guarded and counted."""
    return Schema(limits, **options)
