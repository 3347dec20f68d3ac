"""Outbound orders, as customers' systems read them."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum

import strawberry

from models.orders import OutboundOrder as OutboundOrderRow
from models.orders import OutboundOrderEvent as OutboundOrderEventRow
from models.orders import OutboundOrderItem as OutboundOrderItemRow
from models.orders import OutboundOrderOutcome as OutboundOrderOutcomeRow
from models.words import DeliveryMethod, OutboundStatus
from schema.access import INTERNAL, VIEW_ORDERS
from schema.common import Address, Direction, Money, Node
from schema.declaring import Amount, Embedded, JsonText, Owned, column, output
from schema.filters import (
    AND,
    NOT,
    OR,
    DateFilter,
    JobFilter,
    combined,
    compared,
)
from schema.finished import Finished
from schema.history import Event, PolicyNote
from schema.lists import connection_of, listing, sort_of
from schema.places import Customer, Warehouse
from schema.products import Product
from schema.questions import one, question
from schema.scalars import Properties

OutboundStatusEnum = strawberry.enum(
    OutboundStatus, name="OutboundOrderStatus", description="Where an outbound order stands."
)
DeliveryMethodEnum = strawberry.enum(DeliveryMethod, description="How goods reach the receiver.")


@output(VIEW_ORDERS, description="Where an order goes, and how.")
class Delivery:
    address: Address = column("Where to.", Embedded("deliver_"))
    method: DeliveryMethod = column("Shipped, or picked up by the receiver.")
    requested_service: str | None = column("The carrier's service that was asked for.")
    instructions: str | None = column("For the driver.")
    required_on: date | None = column("The day on which it has to be there.")
    cash_on_delivery: Money | None = column(
        "To be collected from the receiver.", Amount("cash_on_delivery")
    )


@output(VIEW_ORDERS, description="One line of an outbound order.", table=OutboundOrderItemRow)
class OutboundOrderItem:
    id: strawberry.ID = column("Its id.")
    product: Product = column("What.")
    unit: str = column("The unit it is counted in.")
    quantity: Decimal = column("How many of that unit.")
    approximate_unit_price: Money | None = column(
        "About what one is worth.", Amount("approximate_unit_price")
    )
    batch: str | None = column("The batch that is wanted.")
    expiry_date: date | None = column("The expiry date that is wanted.")
    packed_quantity: Decimal | None = column("How many were packed, where that was corrected.")
    properties: Properties | None = column(
        "The customer's own names and values.", JsonText("properties")
    )


@output(VIEW_ORDERS, description="One change of an outbound order.", table=OutboundOrderEventRow)
class OutboundOrderEvent(Event):
    status: OutboundStatus = column("The status after it.")


@output(
    VIEW_ORDERS,
    description="What a policy of the customer did to an outbound order.",
    table=OutboundOrderOutcomeRow,
)
class OutboundOrderOutcome(PolicyNote):
    pass


@output(VIEW_ORDERS, description="One request to ship goods, made once.", table=OutboundOrderRow)
class OutboundOrder(Node):
    customer: Customer = column("Whose goods they are.")
    warehouse: Warehouse = column("Where they are.")
    reference: str = column("The customer's own number for it.")
    status: OutboundStatus = column("Where it stands.")
    version: int = column("Grows with every change; an update takes the one that was read.")
    urgent: bool = column("Whether it goes before others.")
    instructions: str | None = column("For the warehouse.")
    internal_notes: str | None = column(
        "Between the operator and integrations of its own.", requires=(INTERNAL,)
    )
    ship_by: date | None = column("The last day on which it should leave.")
    allow_splitting: bool = column("Whether it may go in parts.")
    invoice_value: Money | None = column("What the goods are worth.", Amount("invoice_value"))
    deliver: Delivery = column("Where to and how.", Embedded("deliver_"))
    items: list[OutboundOrderItem] = column("What is to be shipped.", Owned("order_id", "position"))
    history: list[OutboundOrderEvent] = column(
        "What became of it so far.", Owned("order_id", "version")
    )
    replaces: "OutboundOrder | None" = column(
        "The cancelled or rejected order that had the reference before."
    )
    outcomes: list[OutboundOrderOutcome] = column(
        "What the customer's policies did to it.", Owned("order_id", "position")
    )
    rest_of: "OutboundOrder | None" = column(
        "The order that went without what this one waits for, under the same reference."
    )
    rests: list["OutboundOrder"] = column(
        "The orders that wait for what it went without.", Owned("rest_of_id", "created_at")
    )
    properties: Properties | None = column(
        "The customer's own names and values.", JsonText("properties")
    )
    created_at: datetime = column("When it was placed.")
    modified_at: datetime = column("When it was last changed.")
    packed_at: datetime | None = column("When it was packed.")
    dispatched_at: datetime | None = column("When it left.")


OutboundOrderConnection = connection_of(
    OutboundOrder, VIEW_ORDERS, "an outbound order", "outbound orders"
)


@strawberry.input(description="Compares a status.")
class OutboundOrderStatusFilter:
    eq: OutboundStatus | None = strawberry.field(default=None, description="Is this one.")
    in_: list[OutboundStatus] | None = strawberry.field(
        name="in", default=None, description="Is one of these."
    )


@strawberry.input(description="Which outbound orders.")
class OutboundOrderFilter(JobFilter):
    and_: list["OutboundOrderFilter"] | None = combined("and", AND)
    or_: list["OutboundOrderFilter"] | None = combined("or", OR)
    not_: "OutboundOrderFilter | None" = combined("not", NOT)
    status: OutboundOrderStatusFilter | None = compared("status", "By status.")
    urgent: bool | None = compared("urgent", "Urgent ones or others.")
    ship_by: DateFilter | None = compared("ship_by", "By the last day to leave.")


@strawberry.enum(description="What outbound orders are ordered by.")
class OutboundOrderSortField(Enum):
    CREATED_AT = "created_at"
    MODIFIED_AT = "modified_at"
    REFERENCE = "reference"


OutboundOrderSort = sort_of(
    "OutboundOrder",
    "outbound orders",
    OutboundOrderSortField.CREATED_AT,
    Direction.DESC,
)


@strawberry.type
class OutboundOrderQuery:
    @question(
        VIEW_ORDERS,
        answers=OutboundOrder | None,
        description="The outbound order of that id, or null.",
    )
    async def outbound_order(self, info: strawberry.Info, id: strawberry.ID) -> Finished | None:
        return await one(info, id)

    outbound_orders = listing(
        VIEW_ORDERS,
        of=OutboundOrderConnection,
        filter=OutboundOrderFilter,
        sort=OutboundOrderSort,
        description="The outbound orders in reach, a page at a time, newest first.",
    )
