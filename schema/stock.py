"""Stock on hand, as customers' systems read it and the operator's people adjust it."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry

from models.shapes import Kind
from models.stock import StockLevel
from models.words import Condition, StockDimension
from resolvers import stock
from resolvers.on_hand import Question, whole
from schema.access import STAFF, VIEW_STOCK
from schema.commands import CommandPayload, carry_out, command
from schema.common import Direction
from schema.declaring import Made, column, output
from schema.filters import (
    AND,
    NOT,
    OR,
    DateFilter,
    DateTimeFilter,
    DecimalFilter,
    IdFilter,
    TextFilter,
    combined,
    compared,
    predicate_of,
)
from schema.finished import Finished
from schema.inputs import command_input, key_field, try_field
from schema.lists import connection_of, sort_of
from schema.order_commands import ProductReference
from schema.paging import Window
from schema.places import Customer, Warehouse
from schema.products import Product
from schema.questions import page, question, row_id


@output(
    VIEW_STOCK,
    description="How much there is of a product in a warehouse, in one batch, expiry date and "
    "condition; or the sum of several such, in which what it is not added up by is null. Amounts "
    "are in base units.",
    table=StockLevel,
)
class StockOnHand:
    customer: Customer | None = column("Whose it is.")
    warehouse: Warehouse | None = column("Where it is.")
    product: Product | None = column("What.")
    batch: str | None = column("The batch; also null for goods without any.")
    expiry_date: date | None = column("When it expires; also null for goods that do not.")
    condition: Condition | None = column("What state it is in.")
    quantity: Decimal = column("How much stands there.")
    allocated: Decimal = column("How much of that is reserved for orders.")
    free: Decimal = column(
        "How much can still be ordered: what is OK and not reserved.", Made(Kind.QUANTITY)
    )
    incoming: Decimal = column("How much is announced and not received yet.")
    modified_at: datetime = column("When any of this last changed.")


StockOnHandConnection = connection_of(StockOnHand, VIEW_STOCK, "a piece of stock", "stock on hand")


@strawberry.input(description="Compares a condition.")
class ConditionFilter:
    eq: Condition | None = strawberry.field(default=None, description="Is this one.")
    in_: list[Condition] | None = strawberry.field(
        name="in", default=None, description="Is one of these."
    )


@strawberry.input(
    description="Which stock. With `aggregateBy`, amounts and `modifiedAt` are those of the sums; "
    "everything else says what is added up."
)
class StockOnHandFilter:
    and_: list["StockOnHandFilter"] | None = combined("and", AND)
    or_: list["StockOnHandFilter"] | None = combined("or", OR)
    not_: "StockOnHandFilter | None" = combined("not", NOT)
    customer: IdFilter | None = compared("customer_id", "By customer.")
    warehouse: IdFilter | None = compared("warehouse_id", "By warehouse.")
    product: IdFilter | None = compared("product_id", "By product.")
    product_code: TextFilter | None = compared("product_code", "By the product's code.")
    batch: TextFilter | None = compared("batch", "By batch.")
    expiry_date: DateFilter | None = compared("expiry_date", "By expiry date.")
    condition: ConditionFilter | None = compared("condition", "By condition.")
    quantity: DecimalFilter | None = compared("quantity", "By how much stands there.")
    allocated: DecimalFilter | None = compared("allocated", "By how much is reserved.")
    free: DecimalFilter | None = compared("free", "By how much can still be ordered.")
    incoming: DecimalFilter | None = compared("incoming", "By how much is announced.")
    modified_at: DateTimeFilter | None = compared("modified_at", "By the last change.")


@strawberry.enum(description="What stock on hand is ordered by.")
class StockOnHandSortField(Enum):
    PRODUCT_CODE = "product_code"


StockOnHandSort: Any = sort_of(
    "StockOnHand", "stock on hand", StockOnHandSortField.PRODUCT_CODE, Direction.ASC
)


@command_input("A count that came out differently.")
class AdjustStockInput:
    customer: strawberry.ID = strawberry.field(description="Whose goods they are.")
    product: ProductReference = strawberry.field(description="What.")
    change: Decimal = strawberry.field(
        description="How many more of the unit there are; below zero, how many less."
    )
    reason: str = strawberry.field(description="Why, in up to 500 characters.")
    warehouse: strawberry.ID | None = strawberry.field(
        default=None,
        description="Can be left out with one warehouse in reach, or a default of the customer.",
    )
    unit: str | None = strawberry.field(
        default=None, description="One of the product's units; its default where none is named."
    )
    batch: str | None = strawberry.field(
        default=None, description="Which batch, up to 64 characters."
    )
    expiry_date: date | None = strawberry.field(default=None, description="When it expires.")
    condition: Condition = strawberry.field(
        default=Condition.OK, description="What state the goods are in."
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@output(STAFF, description="What became of `adjustStock`.")
class AdjustStockPayload(CommandPayload):
    stock_on_hand: StockOnHand | None = strawberry.field(
        description="What there is now; null with user errors."
    )


@strawberry.type
class StockMutation:
    @command(
        STAFF,
        answers=AdjustStockPayload | None,
        description="Put more or less where something else was counted. `INSUFFICIENT_STOCK` if "
        "more would be taken than is free; what is added goes to orders that wait for it.",
        billable=False,
    )
    async def adjust_stock(self, info: strawberry.Info, input: AdjustStockInput) -> Finished | None:
        return await carry_out(info, input, stock.adjust)


@strawberry.type
class StockQuery:
    @question(
        VIEW_STOCK,
        answers=StockOnHandConnection | None,
        description="The stock in reach by product code, a page at a time: one entry for each "
        "product, warehouse, batch, expiry date and condition, or sums of them.",
    )
    async def stock_on_hand(  # a connection's arguments, and what stock is asked by
        self,
        info: strawberry.Info,
        *,
        customer: strawberry.ID | None = None,
        warehouse: strawberry.ID | None = None,
        as_of: datetime | None = None,
        aggregate_by: list[StockDimension] | None = None,
        include_empty: bool = False,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        filter: StockOnHandFilter | None = None,
        order_by: StockOnHandSort | None = None,
    ) -> Finished:
        asked = Question(
            None if customer is None else row_id(customer, "customer"),
            None if warehouse is None else row_id(warehouse, "warehouse"),
            as_of,
            aggregate_by,
            predicate_of(filter),
            empty=include_empty,
            descending=(order_by or StockOnHandSort()).order.descending,
        )
        return await page(info, Window(first, after, last, before), whole(asked))
