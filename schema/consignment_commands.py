"""Consignments, as customers' systems book, change and call them off."""

from datetime import date
from decimal import Decimal

import strawberry

from models.words import ConsignmentType
from resolvers import consignments
from schema.access import CREATE_CONSIGNMENTS, INTERNAL, STAFF, VIEW_ORDERS, sentence
from schema.bulk import BatchEntry, BatchPayload, carry_out_each
from schema.commands import CommandPayload, carry_out, command
from schema.common import AddressInput, MoneyInput
from schema.consignments import Consignment
from schema.declaring import output
from schema.finished import Finished
from schema.inputs import command_input, kept_field, key_field, try_field
from schema.scalars import Properties

NOTES = f"Between the operator and integrations of its own.\n\n{sentence(INTERNAL)}"
COST = f"What the carrier takes for it.\n\n{sentence(INTERNAL)}"
FOLLOW = f"How to follow it; null takes it away.\n\n{sentence(STAFF)}"
DEPOT = "The depot's address where none is given; from point to point, both are given."
ORDER = (
    "The order whose goods a `DELIVERY` carries; until that is packed, it waits.\n\n"
    f"{sentence(VIEW_ORDERS)}"
)


@strawberry.input(description="Where the carrier tells how far a consignment is.")
class TrackingInput:
    company: str | None = strawberry.field(
        default=None, description="The carrier, up to 200 characters."
    )
    url: str | None = strawberry.field(
        default=None,
        description="Its page about this consignment: http or https, up to 2,000 characters.",
    )


@strawberry.input(description="One line of a consignment; its measures are of the whole line.")
class ConsignmentItemInput:
    description: str = strawberry.field(description="What, up to 2,000 characters.")
    quantity: Decimal = strawberry.field(description="How many; above zero.")
    pallets: Decimal | None = strawberry.field(
        default=None, description="How many pallets that makes."
    )
    weight_kg: Decimal | None = strawberry.field(
        default=None, description="What all of it weighs, in kilograms."
    )
    cubic_m3: Decimal | None = strawberry.field(
        default=None, description="What all of it measures, in cubic metres."
    )
    spaces: Decimal | None = strawberry.field(
        default=None, description="How many pallet spaces it takes on a truck."
    )


@strawberry.input(description="A new consignment, as one of several.")
class ConsignmentEntryInput:
    type: ConsignmentType = strawberry.field(description="What the carrier is to do.")
    customer: strawberry.ID = strawberry.field(description="Whose goods they are.")
    reference: str = strawberry.field(
        description="The customer's own number for it, up to 64 characters. The same again "
        "finds the first."
    )
    items: list[ConsignmentItemInput] = strawberry.field(
        description="What is to be carried: 1 to 1,000 lines."
    )
    warehouse: strawberry.ID | None = strawberry.field(
        default=None,
        description="The depot. Can be left out with one in reach, or a default of the customer.",
    )
    collect_address: AddressInput | None = strawberry.field(
        default=None, description=f"Where from. {DEPOT}"
    )
    deliver_address: AddressInput | None = strawberry.field(
        default=None, description=f"Where to. {DEPOT}"
    )
    drop_off: bool = strawberry.field(
        default=False, description="The goods are brought to the depot, not picked up."
    )
    required_on: date | None = strawberry.field(
        default=None, description="The day on which it has to be there."
    )
    instructions: str | None = strawberry.field(
        default=None, description="For the driver, up to 2,000 characters."
    )
    internal_notes: str | None = strawberry.field(
        default=None, description=NOTES, directives=[INTERNAL]
    )
    cash_on_delivery: MoneyInput | None = strawberry.field(
        default=None, description="To be collected from the receiver."
    )
    invoice_value: MoneyInput | None = strawberry.field(
        default=None, description="What the goods are worth."
    )
    authority_to_leave: bool = strawberry.field(
        default=False, description="Whether it may be left where nobody is there to take it."
    )
    authority_to_leave_instructions: str | None = strawberry.field(
        default=None, description="Where to leave it then, up to 2,000 characters."
    )
    outbound_order: strawberry.ID | None = strawberry.field(
        default=None, description=ORDER, directives=[VIEW_ORDERS]
    )
    properties: Properties | None = strawberry.field(
        default=None, description="The customer's own names and values."
    )
    draft: bool = strawberry.field(
        default=False, description="Keep it as a draft; an update with `draft: false` submits it."
    )


@command_input("A new consignment.")
class CreateConsignmentInput(ConsignmentEntryInput):
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("Several new consignments.")
class CreateConsignmentsInput:
    consignments: list[ConsignmentEntryInput] = strawberry.field(
        description="1 to 500 consignments."
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("Changes of a consignment: what is left out stays as it is.")
class UpdateConsignmentInput:
    id: strawberry.ID = strawberry.field(description="Which consignment.")
    version: int = strawberry.field(description="The version that was read.")
    collect_address: strawberry.Maybe[AddressInput | None] = strawberry.field(
        description="Where from; null for the depot's address."
    )
    deliver_address: strawberry.Maybe[AddressInput | None] = strawberry.field(
        description="Where to; null for the depot's address."
    )
    drop_off: strawberry.Maybe[bool | None] = kept_field(
        "The goods are brought to the depot, not picked up; while it is a draft."
    )
    required_on: strawberry.Maybe[date | None] = strawberry.field(
        description="The day on which it has to be there."
    )
    instructions: strawberry.Maybe[str | None] = strawberry.field(
        description="For the driver, up to 2,000 characters."
    )
    internal_notes: strawberry.Maybe[str | None] = strawberry.field(
        description=NOTES, directives=[INTERNAL]
    )
    cash_on_delivery: strawberry.Maybe[MoneyInput | None] = strawberry.field(
        description="To be collected from the receiver."
    )
    invoice_value: strawberry.Maybe[MoneyInput | None] = strawberry.field(
        description="What the goods are worth."
    )
    cost: strawberry.Maybe[MoneyInput | None] = strawberry.field(
        description=COST, directives=[INTERNAL]
    )
    authority_to_leave: strawberry.Maybe[bool | None] = kept_field(
        "Whether it may be left where nobody is there to take it."
    )
    authority_to_leave_instructions: strawberry.Maybe[str | None] = strawberry.field(
        description="Where to leave it then, up to 2,000 characters."
    )
    tracking: strawberry.Maybe[TrackingInput | None] = strawberry.field(
        description=FOLLOW, directives=[STAFF]
    )
    items: strawberry.Maybe[list[ConsignmentItemInput] | None] = kept_field(
        "All its lines, instead of those it has."
    )
    properties: strawberry.Maybe[Properties | None] = strawberry.field(
        description="The customer's own names and values, instead of those it has."
    )
    draft: strawberry.Maybe[bool | None] = kept_field("`false` submits a draft.")
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("A consignment to be called off.")
class CancelConsignmentInput:
    id: strawberry.ID = strawberry.field(description="Which consignment.")
    version: int | None = strawberry.field(
        default=None, description="The version that was read, if it matters."
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


THE_CONSIGNMENT = "The consignment; null with user errors."


@output(CREATE_CONSIGNMENTS, description="What every answer to a consignment's command holds.")
class ConsignmentPayload(CommandPayload):
    consignment: Consignment | None = strawberry.field(description=THE_CONSIGNMENT)


@output(CREATE_CONSIGNMENTS, description="What became of `createConsignment`.")
class CreateConsignmentPayload(ConsignmentPayload):
    pass


@output(CREATE_CONSIGNMENTS, description="What became of `updateConsignment`.")
class UpdateConsignmentPayload(ConsignmentPayload):
    pass


@output(CREATE_CONSIGNMENTS, description="What became of `cancelConsignment`.")
class CancelConsignmentPayload(ConsignmentPayload):
    pass


@output(CREATE_CONSIGNMENTS, description="What became of one consignment of a batch.")
class CreateConsignmentsEntry(BatchEntry):
    consignment: Consignment | None = strawberry.field(description=THE_CONSIGNMENT)


@output(CREATE_CONSIGNMENTS, description="What became of `createConsignments`.")
class CreateConsignmentsPayload(BatchPayload):
    entries: list[CreateConsignmentsEntry] = strawberry.field(
        description="One for each consignment, in their order."
    )


@strawberry.type
class ConsignmentMutation:
    @command(
        CREATE_CONSIGNMENTS,
        answers=CreateConsignmentsPayload | None,
        description="Book up to 500 consignments in one transaction: each is taken, found again "
        "or refused by itself, and counts one call where it is taken.",
    )
    async def create_consignments(
        self, info: strawberry.Info, input: CreateConsignmentsInput
    ) -> Finished | None:
        return await carry_out_each(info, input, "consignments", consignments.place)

    @command(
        CREATE_CONSIGNMENTS,
        answers=CreateConsignmentPayload | None,
        description="Book a consignment. The same reference and content again answers the first; "
        "`REFERENCE_DIFFERS` with other content.",
    )
    async def create_consignment(
        self, info: strawberry.Info, input: CreateConsignmentInput
    ) -> Finished | None:
        return await carry_out(info, input, consignments.place)

    @command(
        CREATE_CONSIGNMENTS,
        answers=UpdateConsignmentPayload | None,
        description="Change a consignment. `STALE_VERSION` if it changed since it was read, "
        "`WRONG_STATUS` once it is on its way.",
    )
    async def update_consignment(
        self, info: strawberry.Info, input: UpdateConsignmentInput
    ) -> Finished | None:
        return await carry_out(info, input, consignments.change)

    @command(
        CREATE_CONSIGNMENTS,
        answers=CancelConsignmentPayload | None,
        description="Call a consignment off. `WRONG_STATUS` once it is on its way.",
    )
    async def cancel_consignment(
        self, info: strawberry.Info, input: CancelConsignmentInput
    ) -> Finished | None:
        return await carry_out(info, input, consignments.cancel)
