"""Inbound orders, as customers' systems read them."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum

import strawberry

from models.inbound import InboundOrder as InboundOrderRow
from models.inbound import InboundOrderCount as InboundOrderCountRow
from models.inbound import InboundOrderEvent as InboundOrderEventRow
from models.inbound import InboundOrderItem as InboundOrderItemRow
from models.inbound import InboundOrderOutcome as InboundOrderOutcomeRow
from models.words import Condition, InboundStatus
from schema.access import INTERNAL, VIEW_ORDERS
from schema.common import Direction, Node
from schema.declaring import JsonText, Owned, column, output
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

InboundStatusEnum = strawberry.enum(
    InboundStatus, name="InboundOrderStatus", description="Where an inbound order stands."
)


@output(
    VIEW_ORDERS,
    description="How much of a line was found in one condition, batch and expiry date.",
    table=InboundOrderCountRow,
)
class InboundOrderCount:
    condition: Condition = column("What state it is in.")
    quantity: Decimal = column("How many of the line's unit.")
    batch: str | None = column("Its batch.")
    expiry_date: date | None = column("Its expiry date.")


@output(VIEW_ORDERS, description="One line of an inbound order.", table=InboundOrderItemRow)
class InboundOrderItem:
    id: strawberry.ID = column("Its id, by which a line is received and verified.")
    product: Product = column("What.")
    unit: str = column("The unit it is counted in.")
    quantity: Decimal = column("How many of that unit are announced.")
    received_quantity: Decimal | None = column("How many of it came; null until they do.")
    condition: Condition = column("What state they are announced in.")
    batch: str | None = column("Their batch.")
    expiry_date: date | None = column("Their expiry date.")
    sscc: str | None = column("The SSCC (GS1) on their pallet.")
    properties: Properties | None = column(
        "The customer's own names and values.", JsonText("properties")
    )
    counts: list[InboundOrderCount] = column(
        "What was found when they were verified.", Owned("item_id", "position")
    )


@output(VIEW_ORDERS, description="One change of an inbound order.", table=InboundOrderEventRow)
class InboundOrderEvent(Event):
    status: InboundStatus = column("The status after it.")


@output(
    VIEW_ORDERS,
    description="What a policy of the customer did to an inbound order.",
    table=InboundOrderOutcomeRow,
)
class InboundOrderOutcome(PolicyNote):
    pass


@output(
    VIEW_ORDERS,
    description="One announcement of goods that will arrive, made once.",
    table=InboundOrderRow,
)
class InboundOrder(Node):
    customer: Customer = column("Whose goods they are.")
    warehouse: Warehouse = column("Where they will arrive.")
    reference: str = column("The customer's own number for it.")
    status: InboundStatus = column("Where it stands.")
    version: int = column("Grows with every change; an update takes the one that was read.")
    urgent: bool = column("Whether it goes before others.")
    instructions: str | None = column("For the warehouse.")
    internal_notes: str | None = column(
        "Between the operator and integrations of its own.", requires=(INTERNAL,)
    )
    arrives_on: date | None = column("The day on which they are expected.")
    properties: Properties | None = column(
        "The customer's own names and values.", JsonText("properties")
    )
    items: list[InboundOrderItem] = column("What is announced.", Owned("order_id", "position"))
    history: list[InboundOrderEvent] = column(
        "What became of it so far.", Owned("order_id", "version")
    )
    outcomes: list[InboundOrderOutcome] = column(
        "What the customer's policies did to it.", Owned("order_id", "position")
    )
    replaces: "InboundOrder | None" = column(
        "The cancelled or rejected order that had the reference before."
    )
    rest_of: "InboundOrder | None" = column(
        "The order that came without what this one still waits for, under the same reference."
    )
    rests: list["InboundOrder"] = column(
        "The orders that still wait for what this one came without.",
        Owned("rest_of_id", "created_at"),
    )
    created_at: datetime = column("When it was announced.")
    modified_at: datetime = column("When it was last changed.")
    received_at: datetime | None = column("When the goods came.")
    verified_at: datetime | None = column("When they were counted.")
    allocated_at: datetime | None = column("When they were put away, and could be ordered.")


InboundOrderConnection = connection_of(
    InboundOrder, VIEW_ORDERS, "an inbound order", "inbound orders"
)


@strawberry.input(description="Compares a status.")
class InboundOrderStatusFilter:
    eq: InboundStatus | None = strawberry.field(default=None, description="Is this one.")
    in_: list[InboundStatus] | None = strawberry.field(
        name="in", default=None, description="Is one of these."
    )


@strawberry.input(description="Which inbound orders.")
class InboundOrderFilter(JobFilter):
    and_: list["InboundOrderFilter"] | None = combined("and", AND)
    or_: list["InboundOrderFilter"] | None = combined("or", OR)
    not_: "InboundOrderFilter | None" = combined("not", NOT)
    status: InboundOrderStatusFilter | None = compared("status", "By status.")
    urgent: bool | None = compared("urgent", "Urgent ones or others.")
    arrives_on: DateFilter | None = compared("arrives_on", "By the day of arrival.")


@strawberry.enum(description="What inbound orders are ordered by.")
class InboundOrderSortField(Enum):
    CREATED_AT = "created_at"
    MODIFIED_AT = "modified_at"
    REFERENCE = "reference"


InboundOrderSort = sort_of(
    "InboundOrder", "inbound orders", InboundOrderSortField.CREATED_AT, Direction.DESC
)


@strawberry.type
class InboundOrderQuery:
    @question(
        VIEW_ORDERS,
        answers=InboundOrder | None,
        description="The inbound order of that id, or null.",
    )
    async def inbound_order(self, info: strawberry.Info, id: strawberry.ID) -> Finished | None:
        return await one(info, id)

    inbound_orders = listing(
        VIEW_ORDERS,
        of=InboundOrderConnection,
        filter=InboundOrderFilter,
        sort=InboundOrderSort,
        description="The inbound orders in reach, a page at a time, newest first.",
    )
