"""Consignments, as customers' systems read them."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum

import strawberry

from models.consignments import Consignment as ConsignmentRow
from models.consignments import ConsignmentEvent as ConsignmentEventRow
from models.consignments import ConsignmentItem as ConsignmentItemRow
from models.words import ConsignmentStatus, ConsignmentType
from schema.access import INTERNAL, VIEW_CONSIGNMENTS
from schema.common import Address, Direction, Money, Node
from schema.declaring import Amount, Embedded, JsonText, Owned, column, output
from schema.filters import (
    AND,
    NOT,
    OR,
    DateFilter,
    IdFilter,
    JobFilter,
    combined,
    compared,
)
from schema.finished import Finished
from schema.history import Event
from schema.lists import connection_of, listing, sort_of
from schema.orders import OutboundOrder
from schema.places import Customer, Warehouse
from schema.questions import one, question
from schema.scalars import Properties

ConsignmentTypeEnum = strawberry.enum(ConsignmentType, description="What a carrier is to do.")
ConsignmentStatusEnum = strawberry.enum(
    ConsignmentStatus, description="Where a consignment stands."
)


def _end(prefix: str) -> Embedded:
    """An address of the row; null where nothing of it is known."""
    return Embedded(prefix, tuple(f"{prefix}{name}" for name in ("company", "contact", "line1")))


@output(VIEW_CONSIGNMENTS, description="Where the carrier tells how far a consignment is.")
class Tracking:
    company: str | None = column("The carrier.")
    url: str | None = column("Its page about this consignment; http or https.")


@output(VIEW_CONSIGNMENTS, description="Who took the goods, and when.")
class ProofOfDelivery:
    recipient: str | None = column("Who took them.")
    at: datetime | None = column("When.")


@output(VIEW_CONSIGNMENTS, description="One line of a consignment.", table=ConsignmentItemRow)
class ConsignmentItem:
    id: strawberry.ID = column("Its id, by which a proof of delivery names it.")
    description: str = column("What.")
    quantity: Decimal = column("How many.")
    pallets: Decimal | None = column("How many pallets that makes.")
    weight_kg: Decimal | None = column("What all of it weighs, in kilograms.")
    cubic_m3: Decimal | None = column("What all of it measures, in cubic metres.")
    spaces: Decimal | None = column("How many pallet spaces it takes on a truck.")
    delivered_quantity: Decimal | None = column(
        "How many arrived; null where there is no proof of delivery."
    )


@output(VIEW_CONSIGNMENTS, description="One change of a consignment.", table=ConsignmentEventRow)
class ConsignmentEvent(Event):
    status: ConsignmentStatus = column("The status after it.")


@output(VIEW_CONSIGNMENTS, description="One transport job, made once.", table=ConsignmentRow)
class Consignment(Node):
    type: ConsignmentType = column("What the carrier is to do.")
    customer: Customer = column("Whose goods they are.")
    warehouse: Warehouse = column("The depot.")
    reference: str = column("The customer's own number for it.")
    status: ConsignmentStatus = column("Where it stands.")
    version: int = column("Grows with every change; an update takes the one that was read.")
    drop_off: bool = column("Whether the goods are brought to the depot, not picked up.")
    collect_address: Address | None = column(
        "Where from; null where that is the depot, and its address is not known.",
        _end("collect_"),
    )
    deliver_address: Address | None = column(
        "Where to; null where that is the depot, and its address is not known.",
        _end("deliver_"),
    )
    required_on: date | None = column("The day on which it has to be there.")
    instructions: str | None = column("For the driver.")
    internal_notes: str | None = column(
        "Between the operator and integrations of its own.", requires=(INTERNAL,)
    )
    cash_on_delivery: Money | None = column(
        "To be collected from the receiver.", Amount("cash_on_delivery")
    )
    invoice_value: Money | None = column("What the goods are worth.", Amount("invoice_value"))
    cost: Money | None = column(
        "What the carrier takes for it.", Amount("cost"), requires=(INTERNAL,)
    )
    authority_to_leave: bool = column("Whether it may be left where nobody is there to take it.")
    authority_to_leave_instructions: str | None = column("Where to leave it then.")
    tracking: Tracking | None = column(
        "How to follow it.", Embedded("tracking_", ("tracking_company", "tracking_url"))
    )
    properties: Properties | None = column(
        "The customer's own names and values.", JsonText("properties")
    )
    outbound_order: OutboundOrder | None = column("The order whose goods it carries.")
    proof_of_delivery: ProofOfDelivery | None = column(
        "Who took the goods, and when; null until that is known.",
        Embedded("delivered_", ("delivered_at",)),
    )
    items: list[ConsignmentItem] = column(
        "What is to be carried.", Owned("consignment_id", "position")
    )
    history: list[ConsignmentEvent] = column(
        "What became of it so far.", Owned("consignment_id", "version")
    )
    replaces: "Consignment | None" = column(
        "The cancelled consignment that had the reference before."
    )
    created_at: datetime = column("When it was booked.")
    modified_at: datetime = column("When it was last changed.")


ConsignmentConnection = connection_of(
    Consignment, VIEW_CONSIGNMENTS, "a consignment", "consignments"
)


@strawberry.input(description="Compares a status.")
class ConsignmentStatusFilter:
    eq: ConsignmentStatus | None = strawberry.field(default=None, description="Is this one.")
    in_: list[ConsignmentStatus] | None = strawberry.field(
        name="in", default=None, description="Is one of these."
    )


@strawberry.input(description="Which consignments.")
class ConsignmentFilter(JobFilter):
    and_: list["ConsignmentFilter"] | None = combined("and", AND)
    or_: list["ConsignmentFilter"] | None = combined("or", OR)
    not_: "ConsignmentFilter | None" = combined("not", NOT)
    status: ConsignmentStatusFilter | None = compared("status", "By status.")
    type: ConsignmentType | None = compared("type", "Those of this type.")
    required_on: DateFilter | None = compared("required_on", "By the day they are wanted.")
    outbound_order: IdFilter | None = compared(
        "outbound_order_id", "By the order whose goods they carry."
    )


@strawberry.enum(description="What consignments are ordered by.")
class ConsignmentSortField(Enum):
    CREATED_AT = "created_at"
    MODIFIED_AT = "modified_at"
    REFERENCE = "reference"


ConsignmentSort = sort_of(
    "Consignment", "consignments", ConsignmentSortField.CREATED_AT, Direction.DESC
)


@strawberry.type
class ConsignmentQuery:
    @question(
        VIEW_CONSIGNMENTS,
        answers=Consignment | None,
        description="The consignment of that id, or null.",
    )
    async def consignment(self, info: strawberry.Info, id: strawberry.ID) -> Finished | None:
        return await one(info, id)

    consignments = listing(
        VIEW_CONSIGNMENTS,
        of=ConsignmentConnection,
        filter=ConsignmentFilter,
        sort=ConsignmentSort,
        description="The consignments in reach, a page at a time, newest first.",
    )
