"""Consignments, as the operator's people move them and prove that they arrived."""

from datetime import datetime
from decimal import Decimal

import strawberry

from models.words import ConsignmentStatus
from resolvers import transport
from schema.access import STAFF
from schema.commands import carry_out, command
from schema.consignment_commands import ConsignmentPayload
from schema.declaring import output
from schema.finished import Finished
from schema.inputs import command_input, key_field, try_field

WHICH = "Which consignment."
READ = "The version that was read."


@command_input("One step of a consignment.")
class MoveConsignmentInput:
    id: strawberry.ID = strawberry.field(description=WHICH)
    version: int = strawberry.field(description=READ)
    to: ConsignmentStatus = strawberry.field(
        description="Where it is now: a status that follows on the path of its type."
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@strawberry.input(description="How many of one line arrived.")
class DeliveredItemInput:
    item: strawberry.ID = strawberry.field(description="Which line, by its id.")
    delivered_quantity: Decimal = strawberry.field(
        description="How many arrived: from zero to what was sent."
    )


@command_input("A proof that a consignment arrived.")
class RecordProofOfDeliveryInput:
    id: strawberry.ID = strawberry.field(description=WHICH)
    version: int = strawberry.field(description=READ)
    recipient: str = strawberry.field(description="Who took the goods, up to 200 characters.")
    at: datetime = strawberry.field(description="When; not in the future.")
    items: list[DeliveredItemInput] | None = strawberry.field(
        default=None,
        description="The lines that did not arrive whole; of one that is not named, all did.",
    )
    collected: bool = strawberry.field(
        default=False, description="The receiver fetched them: `COLLECTED`, not `DELIVERED`."
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@output(STAFF, description="What became of `moveConsignment`.")
class MoveConsignmentPayload(ConsignmentPayload):
    pass


@output(STAFF, description="What became of `recordProofOfDelivery`.")
class RecordProofOfDeliveryPayload(ConsignmentPayload):
    pass


@strawberry.type
class TransportMutation:
    @command(
        STAFF,
        answers=MoveConsignmentPayload | None,
        description="Take a consignment one step along its path. `WRONG_STATUS` for any other "
        "step, with those that are legal.",
        billable=False,
    )
    async def move_consignment(
        self, info: strawberry.Info, input: MoveConsignmentInput
    ) -> Finished | None:
        return await carry_out(info, input, transport.move)

    @command(
        STAFF,
        answers=RecordProofOfDeliveryPayload | None,
        description="Write down who took the goods, which delivers a consignment; once. One that "
        "was moved to its end without a proof is given it here.",
        billable=False,
    )
    async def record_proof_of_delivery(
        self, info: strawberry.Info, input: RecordProofOfDeliveryInput
    ) -> Finished | None:
        return await carry_out(info, input, transport.prove)
