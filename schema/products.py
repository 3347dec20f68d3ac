"""Products, as customers' systems read, add and edit them."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

import strawberry

from models.products import Product as ProductRow
from models.products import ProductUnit as ProductUnitRow
from resolvers import products
from schema.access import ADD_PRODUCTS, ANY_WMS, EDIT_PRODUCTS, Requires
from schema.commands import CommandPayload, carry_out, command
from schema.common import Direction, Node
from schema.declaring import Owned, column, output
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
from schema.inputs import command_input, kept_field, key_field, try_field
from schema.lists import connection_of, listing, sort_of
from schema.places import Customer
from schema.questions import one, question

WRITES_PRODUCTS = Requires.of(
    *ADD_PRODUCTS.api_roles, *EDIT_PRODUCTS.api_roles, staff=ADD_PRODUCTS.staff_roles
)


@output(ANY_WMS, description="A unit in which a product is counted.", table=ProductUnitRow)
class ProductUnit:
    code: str = column("Its name in orders, such as EA or CTN.")
    base_quantity: Decimal = column("How many of the base unit it holds.")
    weight_kg: Decimal | None = column("Its weight in kilograms.")
    length_m: Decimal | None = column("Its length in metres.")
    width_m: Decimal | None = column("Its width in metres.")
    height_m: Decimal | None = column("Its height in metres.")
    barcode: str | None = column("The barcode on it.")
    directly_shippable: bool = column("Whether it goes out without another box.")


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
    active: bool = column("Whether it can be ordered.")
    version: int = column("Grows with every change; an update takes the one that was read.")
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


@strawberry.input(description="A unit in which a product is counted.")
class ProductUnitInput:
    code: str = strawberry.field(description="Its name in orders, up to 32 characters.")
    base_quantity: Decimal = strawberry.field(
        description="How many of the base unit it holds; above zero."
    )
    weight_kg: Decimal | None = strawberry.field(default=None, description="In kilograms.")
    length_m: Decimal | None = strawberry.field(default=None, description="In metres.")
    width_m: Decimal | None = strawberry.field(default=None, description="In metres.")
    height_m: Decimal | None = strawberry.field(default=None, description="In metres.")
    barcode: str | None = strawberry.field(default=None, description="Up to 64 characters.")
    directly_shippable: bool = strawberry.field(
        default=True, description="Whether it goes out without another box."
    )


@command_input("A new product.")
class CreateProductInput:
    customer: strawberry.ID = strawberry.field(description="Whose it is.")
    code: str = strawberry.field(description="The customer's own number, up to 64 characters.")
    name: str = strawberry.field(description="Up to 200 characters.")
    default_unit: str = strawberry.field(description="The code of one of its units.")
    units: list[ProductUnitInput] | None = strawberry.field(
        default=None, description="Its units; one of the default unit, where none is named."
    )
    type: str | None = strawberry.field(default=None, description="Up to 100 characters.")
    description: str | None = strawberry.field(default=None, description="Up to 2,000 characters.")
    active: bool = strawberry.field(default=True, description="Whether it can be ordered.")
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("Changes of a product: what is left out stays as it is.")
class UpdateProductInput:
    id: strawberry.ID = strawberry.field(description="Which product.")
    version: int = strawberry.field(description="The version that was read.")
    name: strawberry.Maybe[str | None] = kept_field("Up to 200 characters.")
    default_unit: strawberry.Maybe[str | None] = kept_field("The code of one of its units.")
    units: strawberry.Maybe[list[ProductUnitInput] | None] = kept_field(
        "All its units, instead of those it has."
    )
    type: strawberry.Maybe[str | None] = strawberry.field(description="Up to 100 characters.")
    description: strawberry.Maybe[str | None] = strawberry.field(
        description="Up to 2,000 characters."
    )
    active: strawberry.Maybe[bool | None] = kept_field("Whether it can be ordered.")
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@output(WRITES_PRODUCTS, description="What became of a product that was sent.")
class ProductPayload(CommandPayload):
    product: Product | None = strawberry.field(description="The product; null with user errors.")


@output(ADD_PRODUCTS, description="What became of `createProduct`.")
class CreateProductPayload(ProductPayload):
    pass


@output(EDIT_PRODUCTS, description="What became of `updateProduct`.")
class UpdateProductPayload(ProductPayload):
    pass


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


@strawberry.type
class ProductMutation:
    @command(
        ADD_PRODUCTS,
        answers=CreateProductPayload | None,
        description="Add a product. The same code and content again answers the first; "
        "`REFERENCE_DIFFERS` with other content.",
    )
    async def create_product(
        self, info: strawberry.Info, input: CreateProductInput
    ) -> Finished | None:
        return await carry_out(info, input, products.add)

    @command(
        EDIT_PRODUCTS,
        answers=UpdateProductPayload | None,
        description="Change a product. `STALE_VERSION` if it changed since it was read.",
    )
    async def update_product(
        self, info: strawberry.Info, input: UpdateProductInput
    ) -> Finished | None:
        return await carry_out(info, input, products.edit)
