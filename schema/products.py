"""Products, as customers' systems read them."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

import strawberry

from models.products import Product as ProductRow
from models.products import ProductEvent as ProductEventRow
from models.products import ProductUnit as ProductUnitRow
from models.words import Selection
from schema.access import ANY_WMS
from schema.common import Direction, Node
from schema.declaring import Embedded, Of, Owned, column, output
from schema.filters import (
    AND,
    NOT,
    OR,
    DateTimeFilter,
    IdFilter,
    TextFilter,
    combined,
    compared,
)
from schema.finished import Finished
from schema.history import Event
from schema.lists import connection_of, listing, sort_of
from schema.places import Customer
from schema.questions import one, question

SelectionEnum = strawberry.enum(
    Selection,
    name="SelectionRule",
    description="Which stock of a product goes out first.",
)


@output(ANY_WMS, description="A unit in which a product is counted.", table=ProductUnitRow)
class ProductUnit:
    code: str = column("Its name in orders, such as EA or CTN.")
    base_quantity: Decimal = column(
        "How many of the base unit it holds. Stock is told in base units, whether or not one of "
        "the units holds just one."
    )
    weight_kg: Decimal | None = column("Its weight in kilograms.")
    length_m: Decimal | None = column("Its length in metres.")
    width_m: Decimal | None = column("Its width in metres.")
    height_m: Decimal | None = column("Its height in metres.")
    barcode: str | None = column("The barcode on it.")
    directly_shippable: bool = column("Whether it goes out without another box.")


@output(ANY_WMS, description="Which stock of a product orders are given.")
class StockSelection:
    rule: Selection = column("Which goes out first.", Of("selection"))
    strict: bool = column(
        "Whether the rule alone decides: no order may name a batch or an expiry date."
    )
    expiry_threshold_days: int | None = column(
        "Stock that has fewer days left before it expires is given to no order.",
        Of("expiry_threshold_days"),
    )


@output(ANY_WMS, description="One change of a product.", table=ProductEventRow)
class ProductEvent(Event):
    pass


@output(ANY_WMS, description="What a customer keeps in warehouses.", table=ProductRow)
class Product(Node):
    customer: Customer = column("Whose it is.")
    code: str = column("The customer's own number for it, unique for the customer.")
    name: str = column("Its name.")
    type: str | None = column("A kind, in the customer's own words.")
    description: str | None = column("More about it.")
    default_unit: str = column("The unit of lines that name none.")
    units: list[ProductUnit] = column(
        "The units it is counted in.", Owned("product_id", "position")
    )
    requires_batch: bool = column("Whether none of it is put away without its batch.")
    requires_expiry: bool = column("Whether none of it is put away without its expiry date.")
    selection: StockSelection = column(
        "Which of its stock is given to orders.", Embedded("selection_")
    )
    hs_code: str | None = column("What it is to customs: the digits of its HS code.")
    country_of_origin: str | None = column("Where it was made: ISO 3166-1 alpha-2, such as AU.")
    low_stock_quantity: Decimal | None = column(
        "Its stock is low once fewer base units are free in a warehouse."
    )
    expiry_notice_days: int | None = column(
        "Its stock is told to be near its end so many days before it expires."
    )
    active: bool = column("Whether it can be ordered.")
    version: int = column("Grows with every change; an update takes the one that was read.")
    history: list[ProductEvent] = column(
        "What became of it so far.", Owned("product_id", "version")
    )
    created_at: datetime = column("When it was added.")
    modified_at: datetime = column("When it was last changed.")


ProductConnection = connection_of(Product, ANY_WMS, "a product", "products")


@strawberry.input(description="Which products.")
class ProductFilter:
    and_: list["ProductFilter"] | None = combined("and", AND)
    or_: list["ProductFilter"] | None = combined("or", OR)
    not_: "ProductFilter | None" = combined("not", NOT)
    id: IdFilter | None = compared("id", "By id.")
    customer: IdFilter | None = compared("customer_id", "By customer.")
    code: TextFilter | None = compared("code", "By code.")
    name: TextFilter | None = compared("name", "By name.")
    type: TextFilter | None = compared("type", "By type.")
    active: bool | None = compared("active", "Active ones or others.")
    created_at: DateTimeFilter | None = compared("created_at", "By when they were added.")
    modified_at: DateTimeFilter | None = compared("modified_at", "By their last change.")


@strawberry.enum(description="What products are ordered by.")
class ProductSortField(Enum):
    CODE = "code"
    NAME = "name"
    CREATED_AT = "created_at"
    MODIFIED_AT = "modified_at"


ProductSort = sort_of("Product", "products", ProductSortField.CODE, Direction.ASC)


@strawberry.type
class ProductQuery:
    @question(ANY_WMS, answers=Product | None, description="The product of that id, or null.")
    async def product(self, info: strawberry.Info, id: strawberry.ID) -> Finished | None:
        return await one(info, id)

    products = listing(
        ANY_WMS,
        of=ProductConnection,
        filter=ProductFilter,
        sort=ProductSort,
        description="The products in reach, a page at a time.",
    )
