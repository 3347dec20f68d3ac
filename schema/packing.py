"""Outbound orders, as the operator's people pack and dispatch them."""

from datetime import date
from decimal import Decimal

import strawberry

from resolvers import packing
from schema.access import STAFF
from schema.commands import carry_out, command
from schema.declaring import output
from schema.finished import Finished
from schema.inputs import command_input, key_field, try_field
from schema.order_commands import OutboundOrderPayload


@command_input("An outbound order to be moved on or back.")
class MoveOutboundOrderInput:
    id: strawberry.ID = strawberry.field(description="Which order.")
    version: int = strawberry.field(description="The version that was read.")
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@strawberry.input(description="A line that was packed otherwise than ordered.")
class PackedItemInput:
    item: strawberry.ID = strawberry.field(description="Which line, by its id.")
    quantity: Decimal = strawberry.field(
        description="How many of its unit were packed: less, more if that is free, or 0."
    )
    batch: str | None = strawberry.field(
        default=None, description="The batch that was packed, where it is another one."
    )
    expiry_date: date | None = strawberry.field(
        default=None, description="The expiry date that was packed, where it is another one."
    )


@command_input("An outbound order that is packed.")
class PackOutboundOrderInput:
    id: strawberry.ID = strawberry.field(description="Which order.")
    version: int = strawberry.field(description="The version that was read.")
    items: list[PackedItemInput] | None = strawberry.field(
        default=None, description="Lines that were packed otherwise; the others as ordered."
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@output(STAFF, description="What became of a step in the warehouse.")
class MoveOutboundOrderPayload(OutboundOrderPayload):
    pass


@strawberry.type
class PackingMutation:
    @command(
        STAFF,
        answers=MoveOutboundOrderPayload | None,
        description="Begin to pick and pack: the customer cannot change the order any more.",
        billable=False,
    )
    async def start_packing_outbound_order(
        self, info: strawberry.Info, input: MoveOutboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, packing.start_packing)

    @command(
        STAFF,
        answers=MoveOutboundOrderPayload | None,
        description="Have an order packed, as ordered or with corrections.",
        billable=False,
    )
    async def pack_outbound_order(
        self, info: strawberry.Info, input: PackOutboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, packing.pack)

    @command(
        STAFF,
        answers=MoveOutboundOrderPayload | None,
        description="Let a packed order leave; its goods are out of stock from then on.",
        billable=False,
    )
    async def dispatch_outbound_order(
        self, info: strawberry.Info, input: MoveOutboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, packing.dispatch)

    @command(
        STAFF,
        answers=MoveOutboundOrderPayload | None,
        description="Take an order one step back: dispatched to packed, packed to be packed again.",
        billable=False,
    )
    async def revert_outbound_order(
        self, info: strawberry.Info, input: MoveOutboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, packing.revert)

    @command(
        STAFF,
        answers=MoveOutboundOrderPayload | None,
        description="Submit a rejected order again as it is.",
        billable=False,
    )
    async def reprocess_outbound_order(
        self, info: strawberry.Info, input: MoveOutboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, packing.reprocess)
