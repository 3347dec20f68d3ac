"""Inbound orders, as the operator's people receive, verify and put them away."""

from datetime import date
from decimal import Decimal

import strawberry

from models.words import Condition
from resolvers import receiving
from schema.access import STAFF
from schema.commands import carry_out, command
from schema.declaring import output
from schema.finished import Finished
from schema.inbound_commands import InboundOrderPayload
from schema.inputs import command_input, key_field, try_field

WHICH = "Which order."
READ = "The version that was read."
LINE = "Which line, by its id."


@strawberry.input(description="What came of one line.")
class ReceivedItemInput:
    item: strawberry.ID = strawberry.field(description=LINE)
    quantity: Decimal | None = strawberry.field(
        default=None,
        description="How many of its unit came, zero or more; as announced where none is named.",
    )
    batch: str | None = strawberry.field(
        default=None, description="Their batch, if it is not the announced one."
    )
    expiry_date: date | None = strawberry.field(
        default=None, description="Their expiry date, if it is not the announced one."
    )
    sscc: str | None = strawberry.field(
        default=None, description="The SSCC on their pallet, if it is not the announced one."
    )


@command_input("Goods of an inbound order that came.")
class ReceiveInboundOrderInput:
    id: strawberry.ID = strawberry.field(description=WHICH)
    version: int = strawberry.field(description=READ)
    items: list[ReceivedItemInput] | None = strawberry.field(
        default=None,
        description="The lines that came. Of a line that is not named here, nothing did; without "
        "any list, everything came as announced.",
    )
    keep_rest: bool = strawberry.field(
        default=True,
        description="Keep what did not come as an order of its own, which is still expected.",
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@strawberry.input(description="How much of a line is in one condition, batch and expiry date.")
class InboundCountInput:
    condition: Condition = strawberry.field(description="What state it is in.")
    quantity: Decimal = strawberry.field(description="How many of the line's unit; above zero.")
    batch: str | None = strawberry.field(
        default=None, description="Its batch; the line's where none is named."
    )
    expiry_date: date | None = strawberry.field(
        default=None, description="Its expiry date; the line's where none is named."
    )


@strawberry.input(description="What was found of one line.")
class VerifiedItemInput:
    item: strawberry.ID = strawberry.field(description=LINE)
    counts: list[InboundCountInput] = strawberry.field(
        description="State by state; they come to what was received."
    )


@command_input("Goods of an inbound order that were counted.")
class VerifyInboundOrderInput:
    id: strawberry.ID = strawberry.field(description=WHICH)
    version: int = strawberry.field(description=READ)
    items: list[VerifiedItemInput] | None = strawberry.field(
        default=None,
        description="The lines of which there is something to say; the others are as they were "
        "received, in the announced condition.",
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("An inbound order whose goods are put away.")
class PutAwayInboundOrderInput:
    id: strawberry.ID = strawberry.field(description=WHICH)
    version: int = strawberry.field(description=READ)
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("A rejected inbound order that is processed again.")
class ReprocessInboundOrderInput:
    id: strawberry.ID = strawberry.field(description=WHICH)
    version: int = strawberry.field(description=READ)
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@output(STAFF, description="What became of `receiveInboundOrder`.")
class ReceiveInboundOrderPayload(InboundOrderPayload):
    pass


@output(STAFF, description="What became of `verifyInboundOrder`.")
class VerifyInboundOrderPayload(InboundOrderPayload):
    pass


@output(STAFF, description="What became of `putAwayInboundOrder`.")
class PutAwayInboundOrderPayload(InboundOrderPayload):
    pass


@output(STAFF, description="What became of `reprocessInboundOrder`.")
class ReprocessInboundOrderPayload(InboundOrderPayload):
    pass


@strawberry.type
class ReceivingMutation:
    @command(
        STAFF,
        answers=ReceiveInboundOrderPayload | None,
        description="Write down what came of an inbound order. What is missing goes onto an order "
        "of its own, linked to this one.",
        billable=False,
    )
    async def receive_inbound_order(
        self, info: strawberry.Info, input: ReceiveInboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, receiving.receive)

    @command(
        STAFF,
        answers=VerifyInboundOrderPayload | None,
        description="Write down in what condition the goods of an inbound order are.",
        billable=False,
    )
    async def verify_inbound_order(
        self, info: strawberry.Info, input: VerifyInboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, receiving.verify)

    @command(
        STAFF,
        answers=PutAwayInboundOrderPayload | None,
        description="Put the goods of an inbound order away: they are in stock, and orders that "
        "wait for them get them.",
        billable=False,
    )
    async def put_away_inbound_order(
        self, info: strawberry.Info, input: PutAwayInboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, receiving.put_away)

    @command(
        STAFF,
        answers=ReprocessInboundOrderPayload | None,
        description="Submit a rejected inbound order once more. `REFERENCE_TAKEN` if another "
        "order has its reference by now.",
        billable=False,
    )
    async def reprocess_inbound_order(
        self, info: strawberry.Info, input: ReprocessInboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, receiving.reprocess)
