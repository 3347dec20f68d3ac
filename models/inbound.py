"""Orders to take goods in, and what was found in them."""

from typing import ClassVar

from tortoise import fields

from models.fields import Instant, Quantity
from models.history import Event, PolicyNote
from models.products import Product
from models.record import Record
from models.tenants import Customer, Warehouse
from models.words import Condition, InboundStatus


class InboundOrder(Record):
    """One announcement of goods that will arrive, made once."""

    customer_column: ClassVar[str | None] = "customer_id"
    warehouse_column: ClassVar[str | None] = "warehouse_id"

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name=False, on_delete=fields.RESTRICT
    )
    warehouse: fields.ForeignKeyRelation[Warehouse] = fields.ForeignKeyField(
        "models.Warehouse", related_name=False, on_delete=fields.RESTRICT
    )
    reference = fields.TextField()
    holds_reference = fields.BooleanField(default=True)
    """Whether nobody else can have the reference; the rest of an order only carries it."""
    status = fields.CharEnumField(InboundStatus, max_length=32)
    version = fields.IntField(default=1)
    urgent = fields.BooleanField(default=False)
    instructions = fields.TextField(null=True)
    internal_notes = fields.TextField(null=True)
    arrives_on = fields.DateField(null=True)
    properties = fields.TextField(null=True)
    """The customer's own names and values, as a JSON object of texts."""
    items_as_sent = fields.TextField(null=True)
    """The lines of a rejected order as JSON, where some could not become rows."""
    replaces: fields.ForeignKeyNullableRelation["InboundOrder"] = fields.ForeignKeyField(
        "models.InboundOrder", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    """The cancelled or rejected order that had the reference before."""
    rest_of: fields.ForeignKeyNullableRelation["InboundOrder"] = fields.ForeignKeyField(
        "models.InboundOrder", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    """The order that came without what this one still waits for."""
    content = fields.TextField()
    """The create input as first accepted, defaults filled in, as JSON."""
    created_at = Instant()
    modified_at = Instant()
    received_at = Instant(null=True)
    verified_at = Instant(null=True)
    allocated_at = Instant(null=True)

    class Meta:
        table = "inbound_orders"


class InboundOrderItem(Record):
    """One line of an inbound order."""

    order: fields.ForeignKeyRelation[InboundOrder] = fields.ForeignKeyField(
        "models.InboundOrder", related_name="items", on_delete=fields.RESTRICT
    )
    position = fields.IntField()
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "models.Product", related_name=False, on_delete=fields.RESTRICT
    )
    unit = fields.TextField()
    quantity = Quantity()
    unit_base = Quantity()
    """How many base units one of its units held when it was announced."""
    base_quantity = Quantity()
    """How many base units are expected."""
    received_quantity = Quantity(null=True)
    """How many of its unit arrived."""
    condition = fields.CharEnumField(Condition, max_length=32, default=Condition.OK)
    batch = fields.TextField(null=True)
    expiry_date = fields.DateField(null=True)
    sscc = fields.TextField(null=True)
    """The Serial Shipping Container Code (GS1) on its pallet."""
    properties = fields.TextField(null=True)

    class Meta:
        table = "inbound_order_items"


class InboundOrderCount(Record):
    """How much of a line was found in one condition, batch and expiry date."""

    order: fields.ForeignKeyRelation[InboundOrder] = fields.ForeignKeyField(
        "models.InboundOrder", related_name=False, on_delete=fields.RESTRICT
    )
    item: fields.ForeignKeyRelation[InboundOrderItem] = fields.ForeignKeyField(
        "models.InboundOrderItem", related_name="counts", on_delete=fields.RESTRICT
    )
    position = fields.IntField()
    condition = fields.CharEnumField(Condition, max_length=32)
    quantity = Quantity()
    batch = fields.TextField(null=True)
    expiry_date = fields.DateField(null=True)

    class Meta:
        table = "inbound_order_counts"


class InboundOrderEvent(Event):
    """One change of an inbound order, numbered by the version that it made."""

    order: fields.ForeignKeyRelation[InboundOrder] = fields.ForeignKeyField(
        "models.InboundOrder", related_name="history", on_delete=fields.RESTRICT
    )
    status = fields.CharEnumField(InboundStatus, max_length=32)
    """The status after the change."""

    class Meta:
        table = "inbound_order_events"


class InboundOrderOutcome(PolicyNote):
    """What a policy of the customer did to the order as it was sent."""

    order: fields.ForeignKeyRelation[InboundOrder] = fields.ForeignKeyField(
        "models.InboundOrder", related_name="outcomes", on_delete=fields.RESTRICT
    )

    class Meta:
        table = "inbound_order_outcomes"
