"""Moving a sandbox customer's own jobs along, to try what live ones will do."""

import strawberry

from models.words import ConsignmentStatus
from resolvers import simulation
from schema.access import SIMULATE
from schema.commands import CommandPayload, carry_out, command
from schema.consignments import Consignment
from schema.declaring import output
from schema.finished import Finished
from schema.inbound import InboundOrder
from schema.inputs import command_input, key_field, try_field
from schema.orders import OutboundOrder


@command_input("A sandbox job to be moved one step on.")
class SimulateProgressInput:
    id: strawberry.ID = strawberry.field(
        description="Which inbound order, outbound order or consignment."
    )
    to: ConsignmentStatus | None = strawberry.field(
        default=None, description="Where a consignment is to go, if not the usual way."
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@output(SIMULATE, description="What became of `simulateProgress`: one of the three is the job.")
class SimulateProgressPayload(CommandPayload):
    inbound_order: InboundOrder | None = strawberry.field(description="The inbound order.")
    outbound_order: OutboundOrder | None = strawberry.field(description="The outbound order.")
    consignment: Consignment | None = strawberry.field(description="The consignment.")


@strawberry.type
class SimulationMutation:
    @command(
        SIMULATE,
        answers=SimulateProgressPayload | None,
        description="Move a job of a sandbox customer one step on, as the operator's people "
        "would. Needs the role that creates jobs of its kind.",
        billable=False,
        sandbox_only=True,
    )
    async def simulate_progress(
        self, info: strawberry.Info, input: SimulateProgressInput
    ) -> Finished | None:
        return await carry_out(info, input, simulation.progress)
