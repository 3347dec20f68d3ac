"""Products, as customers' systems add and edit them."""

from decimal import Decimal

import strawberry

from models.words import Selection
from resolvers import products
from schema.access import ADD_PRODUCTS, EDIT_PRODUCTS, Requires
from schema.bulk import BatchEntry, BatchPayload, carry_out_each
from schema.commands import CommandPayload, carry_out, command
from schema.declaring import output
from schema.finished import Finished
from schema.inputs import command_input, kept_field, key_field, try_field
from schema.products import Product

WRITES_PRODUCTS = Requires.of(
    *ADD_PRODUCTS.api_roles, *EDIT_PRODUCTS.api_roles, staff=ADD_PRODUCTS.staff_roles
)
UPSERT_PRODUCTS = (ADD_PRODUCTS, EDIT_PRODUCTS)
"""Both are needed."""

CODE = "The customer's own number for it, up to 64 characters."
NAME = "Up to 200 characters."
TYPE = "A kind, in the customer's own words, up to 100 characters."
DESCRIPTION = "Up to 2,000 characters."
DEFAULT_UNIT = "The code of one of its units, for lines that name none."
UNITS = (
    "All its units, instead of those it has. Open orders keep what they were placed with: a unit "
    "that changes or goes changes none of their lines."
)
REQUIRES_BATCH = "Whether none of it is put away without its batch."
REQUIRES_EXPIRY = "Whether none of it is put away without its expiry date."
SELECTION = "Which of its stock is given to orders."
HS_CODE = "What it is to customs: 6 to 12 digits; dots are left out."
COUNTRY_OF_ORIGIN = "Where it was made: ISO 3166-1 alpha-2, such as AU."
LOW_STOCK_QUANTITY = "Its stock is low once fewer base units are free; not negative."
EXPIRY_NOTICE_DAYS = "How many days before it expires that is told: 0 to 36,500."
ACTIVE = "Whether it can be ordered."


@strawberry.input(description="A unit in which a product is counted.")
class ProductUnitInput:
    code: str = strawberry.field(description="Its name in orders, up to 32 characters.")
    base_quantity: Decimal = strawberry.field(
        description="How many of the base unit it holds; above zero. Stock is counted in base "
        "units; none of the units need hold just one."
    )
    weight_kg: Decimal | None = strawberry.field(default=None, description="In kilograms.")
    length_m: Decimal | None = strawberry.field(default=None, description="In metres.")
    width_m: Decimal | None = strawberry.field(default=None, description="In metres.")
    height_m: Decimal | None = strawberry.field(default=None, description="In metres.")
    barcode: str | None = strawberry.field(
        default=None,
        description="Up to 64 characters. One of 8, 12, 13 or 14 digits is a GTIN, and has the "
        "right check digit.",
    )
    directly_shippable: bool = strawberry.field(
        default=True, description="Whether it goes out without another box."
    )


@strawberry.input(description="Which stock of a product orders are given.")
class StockSelectionInput:
    rule: Selection = strawberry.field(description="Which goes out first.")
    strict: bool = strawberry.field(
        default=False,
        description="Whether the rule alone decides: no order may name a batch or an expiry date.",
    )
    expiry_threshold_days: int | None = strawberry.field(
        default=None,
        description="Stock that has fewer days left before it expires is given to no order: "
        "0 to 36,500.",
    )


@command_input("A new product.")
class CreateProductInput:
    customer: strawberry.ID = strawberry.field(description="Whose it is.")
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    default_unit: str = strawberry.field(description=DEFAULT_UNIT)
    units: list[ProductUnitInput] | None = strawberry.field(
        default=None, description="Its units; one of the default unit, where none is named."
    )
    type: str | None = strawberry.field(default=None, description=TYPE)
    description: str | None = strawberry.field(default=None, description=DESCRIPTION)
    # Without defaults of the schema: what is not said leaves no trace in what a key remembers,
    # so that a retry is recognised over a release that adds a field.
    requires_batch: bool | None = strawberry.field(
        default=None, description=f"{REQUIRES_BATCH} Not so, unless it is said."
    )
    requires_expiry: bool | None = strawberry.field(
        default=None, description=f"{REQUIRES_EXPIRY} Not so, unless it is said."
    )
    selection: StockSelectionInput | None = strawberry.field(
        default=None, description=f"{SELECTION} `FIFO`, not strict, unless it is said."
    )
    hs_code: str | None = strawberry.field(default=None, description=HS_CODE)
    country_of_origin: str | None = strawberry.field(default=None, description=COUNTRY_OF_ORIGIN)
    low_stock_quantity: Decimal | None = strawberry.field(
        default=None, description=LOW_STOCK_QUANTITY
    )
    expiry_notice_days: int | None = strawberry.field(default=None, description=EXPIRY_NOTICE_DAYS)
    active: bool = strawberry.field(default=True, description=ACTIVE)
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@strawberry.input(description="A product as it was read.")
class ProductRead:
    id: strawberry.ID = strawberry.field(description="Which product.")
    version: int = strawberry.field(description="The version that was read.")


@strawberry.input(description="A product by what its customer calls it.")
class ProductCode:
    customer: strawberry.ID = strawberry.field(description="Whose it is.")
    code: str = strawberry.field(description=CODE)


@strawberry.input(description="What of a product can be set.")
class ProductChanges:
    name: strawberry.Maybe[str | None] = kept_field(NAME)
    default_unit: strawberry.Maybe[str | None] = kept_field(DEFAULT_UNIT)
    units: strawberry.Maybe[list[ProductUnitInput] | None] = kept_field(UNITS)
    type: strawberry.Maybe[str | None] = strawberry.field(description=TYPE)
    description: strawberry.Maybe[str | None] = strawberry.field(description=DESCRIPTION)
    requires_batch: strawberry.Maybe[bool | None] = kept_field(REQUIRES_BATCH)
    requires_expiry: strawberry.Maybe[bool | None] = kept_field(REQUIRES_EXPIRY)
    selection: strawberry.Maybe[StockSelectionInput | None] = kept_field(
        f"{SELECTION} All of it, instead of what it has."
    )
    hs_code: strawberry.Maybe[str | None] = strawberry.field(description=HS_CODE)
    country_of_origin: strawberry.Maybe[str | None] = strawberry.field(
        description=COUNTRY_OF_ORIGIN
    )
    low_stock_quantity: strawberry.Maybe[Decimal | None] = strawberry.field(
        description=LOW_STOCK_QUANTITY
    )
    expiry_notice_days: strawberry.Maybe[int | None] = strawberry.field(
        description=EXPIRY_NOTICE_DAYS
    )
    active: strawberry.Maybe[bool | None] = kept_field(ACTIVE)


@command_input("Changes of a product: what is left out stays as it is.")
class UpdateProductInput(ProductRead, ProductChanges):
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@strawberry.input(
    description="A product as it is to be. One that is not there is added, and needs a name and a "
    "default unit; of one that is there, what is left out stays as it is."
)
class UpsertProductInput(ProductCode, ProductChanges):
    pass


@command_input("Products as they are to be.")
class UpsertProductsInput:
    products: list[UpsertProductInput] = strawberry.field(description="1 to 500 of them.")
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


@output(*UPSERT_PRODUCTS, description="What became of one product of a batch.")
class UpsertProductsEntry(BatchEntry):
    product: Product | None = strawberry.field(description="The product; null with user errors.")


@output(*UPSERT_PRODUCTS, description="What became of `upsertProducts`.")
class UpsertProductsPayload(BatchPayload):
    entries: list[UpsertProductsEntry] = strawberry.field(
        description="One for each product, in their order."
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
        description="Change a product, activate or deactivate it. `STALE_VERSION` if it changed "
        "since it was read.",
    )
    async def update_product(
        self, info: strawberry.Info, input: UpdateProductInput
    ) -> Finished | None:
        return await carry_out(info, input, products.edit)

    @command(
        *UPSERT_PRODUCTS,
        answers=UpsertProductsPayload | None,
        description="Bring up to 500 products to what they are to be, in one transaction: each is "
        "added, changed where it differs, found already so or refused by itself, and counts one "
        "call where it is added or changed. Takes no versions: what is sent wins.",
    )
    async def upsert_products(
        self, info: strawberry.Info, input: UpsertProductsInput
    ) -> Finished | None:
        return await carry_out_each(info, input, "products", products.upsert)
