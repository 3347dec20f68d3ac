"""What customers keep in warehouses."""

from typing import ClassVar

from tortoise import fields

from models.fields import Instant, Quantity
from models.history import Event
from models.record import Record
from models.tenants import Customer
from models.words import Selection


class Product(Record):
    """A warehouse product. Its `code` is the customer's own, and unique for that customer."""

    customer_column: ClassVar[str | None] = "customer_id"

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name=False, on_delete=fields.RESTRICT
    )
    code = fields.TextField()
    name = fields.TextField()
    type = fields.TextField(null=True)
    description = fields.TextField(null=True)
    default_unit = fields.TextField()
    requires_batch = fields.BooleanField(default=False)
    """Whether nothing of it is put away without its batch; the next one, without its expiry."""
    requires_expiry = fields.BooleanField(default=False)
    selection = fields.CharEnumField(Selection, max_length=4, default=Selection.FIFO)
    selection_strict = fields.BooleanField(default=False)
    """Whether the rule alone decides, and no order may name a batch or an expiry date."""
    expiry_threshold_days = fields.IntField(null=True)
    """Stock that expires within so many days is not given to orders."""
    hs_code = fields.TextField(null=True)
    country_of_origin = fields.CharField(max_length=2, null=True)
    low_stock_quantity = Quantity(null=True)
    """Below so many base units free, somebody should know."""
    expiry_notice_days = fields.IntField(null=True)
    active = fields.BooleanField(default=True)
    version = fields.IntField(default=1)
    content = fields.TextField()
    """The create input as first accepted, defaults filled in, as JSON."""
    created_at = Instant()
    modified_at = Instant()

    class Meta:
        table = "products"


class ProductUnit(Record):
    """A unit of measure of a product: how many of the base unit it holds, and what it measures."""

    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "models.Product", related_name="units", on_delete=fields.RESTRICT
    )
    position = fields.IntField()
    code = fields.TextField()
    base_quantity = Quantity()
    weight_kg = Quantity(null=True)
    length_m = Quantity(null=True)
    width_m = Quantity(null=True)
    height_m = Quantity(null=True)
    barcode = fields.TextField(null=True)
    directly_shippable = fields.BooleanField(default=True)

    class Meta:
        table = "product_units"


class ProductEvent(Event):
    """One change of a product, numbered by the version that it made."""

    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "models.Product", related_name="history", on_delete=fields.RESTRICT
    )

    class Meta:
        table = "product_events"
