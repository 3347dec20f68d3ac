"""Inbound orders, as customers' systems announce, change and call them off."""

from datetime import date
from decimal import Decimal

import strawberry

from models.words import Condition
from resolvers import inbound
from schema.access import CREATE_ORDERS, INTERNAL
from schema.bulk import BatchEntry, BatchPayload, carry_out_each
from schema.commands import CommandPayload, carry_out, command
from schema.declaring import output
from schema.finished import Finished
from schema.inbound import InboundOrder
from schema.inputs import command_input, kept_field, key_field, try_field
from schema.order_commands import NOTES, ProductReference
from schema.scalars import Properties

OWN = "The customer's own names and values."


@strawberry.input(description="One line of an announcement.")
class InboundOrderItemInput:
    product: ProductReference = strawberry.field(description="What.")
    quantity: Decimal = strawberry.field(description="How many of the unit; above zero.")
    unit: str | None = strawberry.field(
        default=None, description="One of the product's units; its default where none is named."
    )
    condition: Condition = strawberry.field(
        default=Condition.OK, description="What state they are in."
    )
    batch: str | None = strawberry.field(
        default=None, description="Their batch, up to 64 characters."
    )
    expiry_date: date | None = strawberry.field(default=None, description="Their expiry date.")
    sscc: str | None = strawberry.field(
        default=None, description="The SSCC (GS1) on their pallet: 18 digits."
    )
    properties: Properties | None = strawberry.field(default=None, description=OWN)


@command_input("One new inbound order of several.")
class InboundOrderEntryInput:
    customer: strawberry.ID = strawberry.field(description="Whose goods they are.")
    reference: str = strawberry.field(
        description="The customer's own number for it, up to 64 characters. The same again "
        "finds the first."
    )
    items: list[InboundOrderItemInput] = strawberry.field(
        description="What is announced: 1 to 1,000 lines."
    )
    warehouse: strawberry.ID | None = strawberry.field(
        default=None,
        description="Can be left out with one warehouse in reach, or a default of the customer.",
    )
    urgent: bool = strawberry.field(default=False, description="Whether it goes before others.")
    instructions: str | None = strawberry.field(
        default=None, description="For the warehouse, up to 2,000 characters."
    )
    internal_notes: str | None = strawberry.field(
        default=None, description=NOTES, directives=[INTERNAL]
    )
    arrives_on: date | None = strawberry.field(
        default=None, description="The day on which they are expected."
    )
    properties: Properties | None = strawberry.field(default=None, description=OWN)
    draft: bool = strawberry.field(
        default=False, description="Keep it as a draft; an update with `draft: false` submits it."
    )


@command_input("A new inbound order.")
class CreateInboundOrderInput(InboundOrderEntryInput):
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("Several new inbound orders, each with its own outcome.")
class CreateInboundOrdersInput:
    orders: list[InboundOrderEntryInput] = strawberry.field(description="1 to 500 orders.")
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("Changes of an inbound order: what is left out stays as it is.")
class UpdateInboundOrderInput:
    id: strawberry.ID = strawberry.field(description="Which order.")
    version: int = strawberry.field(description="The version that was read.")
    urgent: strawberry.Maybe[bool | None] = kept_field("Whether it goes before others.")
    instructions: strawberry.Maybe[str | None] = strawberry.field(
        description="For the warehouse, up to 2,000 characters."
    )
    internal_notes: strawberry.Maybe[str | None] = strawberry.field(
        description=NOTES, directives=[INTERNAL]
    )
    arrives_on: strawberry.Maybe[date | None] = strawberry.field(
        description="The day on which they are expected."
    )
    properties: strawberry.Maybe[Properties | None] = strawberry.field(
        description=f"{OWN} All of them, instead of those it has."
    )
    items: strawberry.Maybe[list[InboundOrderItemInput] | None] = kept_field(
        "All its lines, instead of those it has."
    )
    draft: strawberry.Maybe[bool | None] = kept_field("`false` submits a draft.")
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("An inbound order to be called off.")
class CancelInboundOrderInput:
    id: strawberry.ID = strawberry.field(description="Which order.")
    version: int | None = strawberry.field(
        default=None, description="The version that was read, if it matters."
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@output(CREATE_ORDERS, description="What every answer to an inbound order's command holds.")
class InboundOrderPayload(CommandPayload):
    inbound_order: InboundOrder | None = strawberry.field(
        description="The order; null with user errors."
    )


@output(CREATE_ORDERS, description="What became of `createInboundOrder`.")
class CreateInboundOrderPayload(InboundOrderPayload):
    pass


@output(CREATE_ORDERS, description="What became of `updateInboundOrder`.")
class UpdateInboundOrderPayload(InboundOrderPayload):
    pass


@output(CREATE_ORDERS, description="What became of `cancelInboundOrder`.")
class CancelInboundOrderPayload(InboundOrderPayload):
    pass


@output(CREATE_ORDERS, description="What became of one order of a batch.")
class CreateInboundOrdersEntry(BatchEntry):
    inbound_order: InboundOrder | None = strawberry.field(
        description="The order; null with user errors."
    )


@output(CREATE_ORDERS, description="What became of `createInboundOrders`.")
class CreateInboundOrdersPayload(BatchPayload):
    entries: list[CreateInboundOrdersEntry] = strawberry.field(
        description="One for each order, in their order."
    )


@strawberry.type
class InboundOrderMutation:
    @command(
        CREATE_ORDERS,
        answers=CreateInboundOrdersPayload | None,
        description="Announce up to 500 inbound orders in one transaction: each is taken, found "
        "again or refused by itself, and counts one call where it is taken.",
    )
    async def create_inbound_orders(
        self, info: strawberry.Info, input: CreateInboundOrdersInput
    ) -> Finished | None:
        return await carry_out_each(info, input, "orders", inbound.announce)

    @command(
        CREATE_ORDERS,
        answers=CreateInboundOrderPayload | None,
        description="Announce goods. The same reference and content again answers the first "
        "order; `REFERENCE_DIFFERS` with other content.",
    )
    async def create_inbound_order(
        self, info: strawberry.Info, input: CreateInboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, inbound.announce)

    @command(
        CREATE_ORDERS,
        answers=UpdateInboundOrderPayload | None,
        description="Change an inbound order. `STALE_VERSION` if it changed since it was read, "
        "`WRONG_STATUS` once the goods are here.",
    )
    async def update_inbound_order(
        self, info: strawberry.Info, input: UpdateInboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, inbound.change)

    @command(
        CREATE_ORDERS,
        answers=CancelInboundOrderPayload | None,
        description="Call an inbound order off. `WRONG_STATUS` once the goods are here.",
    )
    async def cancel_inbound_order(
        self, info: strawberry.Info, input: CancelInboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, inbound.cancel)
