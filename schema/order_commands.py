"""Outbound orders, as customers' systems place, change and call them off."""

from datetime import date
from decimal import Decimal

import strawberry

from models.words import DeliveryMethod
from resolvers import orders
from schema.access import CREATE_ORDERS, INTERNAL, sentence
from schema.bulk import BatchEntry, BatchPayload, carry_out_each
from schema.commands import CommandPayload, carry_out, command
from schema.common import AddressInput, MoneyInput
from schema.declaring import output
from schema.finished import Finished
from schema.inputs import command_input, kept_field, key_field, try_field
from schema.orders import OutboundOrder
from schema.scalars import Properties

NOTES = f"Between the operator and integrations of its own.\n\n{sentence(INTERNAL)}"


@strawberry.input(one_of=True, description="A product, by its id or by the customer's code.")
class ProductReference:
    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="Its id.")
    code: strawberry.Maybe[str] = strawberry.field(description="The customer's own number.")


@strawberry.input(description="Where an order goes, and how.")
class DeliveryInput:
    address: AddressInput = strawberry.field(description="Where to.")
    method: DeliveryMethod = strawberry.field(
        default=DeliveryMethod.SHIPPING, description="Shipped, or picked up by the receiver."
    )
    requested_service: str | None = strawberry.field(
        default=None, description="The carrier's service, up to 100 characters."
    )
    instructions: str | None = strawberry.field(
        default=None, description="For the driver, up to 2,000 characters."
    )
    required_on: date | None = strawberry.field(
        default=None, description="The day on which it has to be there."
    )
    cash_on_delivery: MoneyInput | None = strawberry.field(
        default=None, description="To be collected from the receiver."
    )


@strawberry.input(description="One line of an order.")
class OutboundOrderItemInput:
    product: ProductReference = strawberry.field(description="What.")
    quantity: Decimal = strawberry.field(description="How many of the unit; above zero.")
    unit: str | None = strawberry.field(
        default=None, description="One of the product's units; its default where none is named."
    )
    approximate_unit_price: MoneyInput | None = strawberry.field(
        default=None, description="About what one is worth."
    )
    batch: str | None = strawberry.field(
        default=None, description="The batch that is wanted, up to 64 characters."
    )
    expiry_date: date | None = strawberry.field(
        default=None, description="The expiry date that is wanted."
    )
    properties: Properties | None = strawberry.field(
        default=None, description="The customer's own names and values."
    )


@command_input("One new outbound order of several.")
class OutboundOrderEntryInput:
    customer: strawberry.ID = strawberry.field(description="Whose goods they are.")
    reference: str = strawberry.field(
        description="The customer's own number for it, up to 64 characters. The same again "
        "finds the first."
    )
    deliver: DeliveryInput = strawberry.field(description="Where to and how.")
    items: list[OutboundOrderItemInput] = strawberry.field(
        description="What is to be shipped: 1 to 1,000 lines."
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
    ship_by: date | None = strawberry.field(
        default=None, description="The last day on which it should leave."
    )
    allow_splitting: bool = strawberry.field(
        default=True, description="Whether it may go in parts."
    )
    invoice_value: MoneyInput | None = strawberry.field(
        default=None, description="What the goods are worth."
    )
    properties: Properties | None = strawberry.field(
        default=None, description="The customer's own names and values."
    )
    draft: bool = strawberry.field(
        default=False, description="Keep it as a draft; an update with `draft: false` submits it."
    )


@command_input("A new outbound order.")
class CreateOutboundOrderInput(OutboundOrderEntryInput):
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("Several new outbound orders, each with its own outcome.")
class CreateOutboundOrdersInput:
    orders: list[OutboundOrderEntryInput] = strawberry.field(description="1 to 500 orders.")
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("Changes of an outbound order: what is left out stays as it is.")
class UpdateOutboundOrderInput:
    id: strawberry.ID = strawberry.field(description="Which order.")
    version: int = strawberry.field(description="The version that was read.")
    urgent: strawberry.Maybe[bool | None] = kept_field("Whether it goes before others.")
    instructions: strawberry.Maybe[str | None] = strawberry.field(
        description="For the warehouse, up to 2,000 characters."
    )
    internal_notes: strawberry.Maybe[str | None] = strawberry.field(
        description=NOTES, directives=[INTERNAL]
    )
    ship_by: strawberry.Maybe[date | None] = strawberry.field(
        description="The last day on which it should leave."
    )
    allow_splitting: strawberry.Maybe[bool | None] = kept_field("Whether it may go in parts.")
    invoice_value: strawberry.Maybe[MoneyInput | None] = strawberry.field(
        description="What the goods are worth."
    )
    deliver: strawberry.Maybe[DeliveryInput | None] = kept_field(
        "All of where to and how, instead of what it has."
    )
    items: strawberry.Maybe[list[OutboundOrderItemInput] | None] = kept_field(
        "All its lines, instead of those it has."
    )
    properties: strawberry.Maybe[Properties | None] = strawberry.field(
        description="The customer's own names and values, instead of those it has."
    )
    draft: strawberry.Maybe[bool | None] = kept_field("`false` submits a draft.")
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("An outbound order to be called off.")
class CancelOutboundOrderInput:
    id: strawberry.ID = strawberry.field(description="Which order.")
    version: int | None = strawberry.field(
        default=None, description="The version that was read, if it matters."
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@output(CREATE_ORDERS, description="What every answer to an outbound order's command holds.")
class OutboundOrderPayload(CommandPayload):
    outbound_order: OutboundOrder | None = strawberry.field(
        description="The order; null with user errors."
    )


@output(CREATE_ORDERS, description="What became of `createOutboundOrder`.")
class CreateOutboundOrderPayload(OutboundOrderPayload):
    pass


@output(CREATE_ORDERS, description="What became of `updateOutboundOrder`.")
class UpdateOutboundOrderPayload(OutboundOrderPayload):
    pass


@output(CREATE_ORDERS, description="What became of `cancelOutboundOrder`.")
class CancelOutboundOrderPayload(OutboundOrderPayload):
    pass


@output(CREATE_ORDERS, description="What became of one order of a batch.")
class CreateOutboundOrdersEntry(BatchEntry):
    outbound_order: OutboundOrder | None = strawberry.field(
        description="The order; null with user errors."
    )


@output(CREATE_ORDERS, description="What became of `createOutboundOrders`.")
class CreateOutboundOrdersPayload(BatchPayload):
    entries: list[CreateOutboundOrdersEntry] = strawberry.field(
        description="One for each order, in their order."
    )


@strawberry.type
class OutboundOrderMutation:
    @command(
        CREATE_ORDERS,
        answers=CreateOutboundOrdersPayload | None,
        description="Place up to 500 outbound orders in one transaction: each is taken, found "
        "again or refused by itself, and counts one call where it is taken.",
    )
    async def create_outbound_orders(
        self, info: strawberry.Info, input: CreateOutboundOrdersInput
    ) -> Finished | None:
        return await carry_out_each(info, input, "orders", orders.place)

    @command(
        CREATE_ORDERS,
        answers=CreateOutboundOrderPayload | None,
        description="Place an outbound order. The same reference and content again answers the "
        "first; `REFERENCE_DIFFERS` with other content.",
    )
    async def create_outbound_order(
        self, info: strawberry.Info, input: CreateOutboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, orders.place)

    @command(
        CREATE_ORDERS,
        answers=UpdateOutboundOrderPayload | None,
        description="Change an outbound order. `STALE_VERSION` if it changed since it was read, "
        "`WRONG_STATUS` once packing began.",
    )
    async def update_outbound_order(
        self, info: strawberry.Info, input: UpdateOutboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, orders.change)

    @command(
        CREATE_ORDERS,
        answers=CancelOutboundOrderPayload | None,
        description="Call an outbound order off. `WRONG_STATUS` once packing began.",
    )
    async def cancel_outbound_order(
        self, info: strawberry.Info, input: CancelOutboundOrderInput
    ) -> Finished | None:
        return await carry_out(info, input, orders.cancel)
