"""Orders to ship goods, and what became of them."""

from typing import ClassVar

from tortoise import fields

from models.fields import Instant, Quantity
from models.history import Event, PolicyNote
from models.products import Product
from models.record import Record
from models.tenants import Customer, Warehouse
from models.words import DeliveryMethod, OutboundStatus


class OutboundOrder(Record):
    """One request to ship goods, made once.

    `reference` is the customer's own number for it. It is unique per customer while the order
    is neither cancelled nor rejected (a partial index, which Tortoise cannot say), so that
    placing it twice finds the first instead of shipping twice.
    """

    customer_column: ClassVar[str | None] = "customer_id"
    warehouse_column: ClassVar[str | None] = "warehouse_id"

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name=False, on_delete=fields.RESTRICT
    )
    warehouse: fields.ForeignKeyRelation[Warehouse] = fields.ForeignKeyField(
        "models.Warehouse", related_name=False, on_delete=fields.RESTRICT
    )
    reference = fields.TextField()
    status = fields.CharEnumField(OutboundStatus, max_length=32)
    version = fields.IntField(default=1)
    urgent = fields.BooleanField(default=False)
    instructions = fields.TextField(null=True)
    internal_notes = fields.TextField(null=True)
    ship_by = fields.DateField(null=True)
    allow_splitting = fields.BooleanField(default=True)
    invoice_value = fields.BigIntField(null=True)
    """In minor units of `invoice_value_currency`."""
    invoice_value_currency = fields.CharField(max_length=3, null=True)

    deliver_company = fields.TextField(null=True)
    deliver_contact = fields.TextField(null=True)
    deliver_line1 = fields.TextField(null=True)
    deliver_line2 = fields.TextField(null=True)
    deliver_suburb = fields.TextField(null=True)
    deliver_city = fields.TextField(null=True)
    deliver_state = fields.TextField(null=True)
    deliver_postcode = fields.TextField(null=True)
    deliver_country = fields.CharField(max_length=2, null=True)
    deliver_phone = fields.TextField(null=True)
    deliver_email = fields.TextField(null=True)
    deliver_method = fields.CharEnumField(DeliveryMethod, max_length=16)
    deliver_requested_service = fields.TextField(null=True)
    deliver_instructions = fields.TextField(null=True)
    deliver_required_on = fields.DateField(null=True)
    cash_on_delivery = fields.BigIntField(null=True)
    """In minor units of `cash_on_delivery_currency`."""
    cash_on_delivery_currency = fields.CharField(max_length=3, null=True)

    replaces: fields.ForeignKeyNullableRelation["OutboundOrder"] = fields.ForeignKeyField(
        "models.OutboundOrder", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    """The cancelled or rejected order that had the reference before."""
    holds_reference = fields.BooleanField(default=True)
    """Whether nobody else can have the reference; the rest of a split order only carries it."""
    rest_of: fields.ForeignKeyNullableRelation["OutboundOrder"] = fields.ForeignKeyField(
        "models.OutboundOrder", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    """The order that went without what this one still waits for."""
    properties = fields.TextField(null=True)
    """The customer's own names and values, as a JSON object of texts."""
    items_as_sent = fields.TextField(null=True)
    """The lines of a rejected order as JSON, where some could not become rows."""
    content = fields.TextField()
    """The create input as first accepted, defaults filled in, as JSON."""
    created_at = Instant()
    modified_at = Instant()
    packed_at = Instant(null=True)
    dispatched_at = Instant(null=True)

    class Meta:
        table = "outbound_orders"


class OutboundOrderItem(Record):
    """One line of an outbound order."""

    order: fields.ForeignKeyRelation[OutboundOrder] = fields.ForeignKeyField(
        "models.OutboundOrder", related_name="items", on_delete=fields.RESTRICT
    )
    position = fields.IntField()
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "models.Product", related_name=False, on_delete=fields.RESTRICT
    )
    unit = fields.TextField()
    quantity = Quantity()
    unit_base = Quantity()
    """How many base units one of its units held when it was ordered."""
    base_quantity = Quantity()
    """How many base units it needs; packing may correct it."""
    packed_quantity = Quantity(null=True)
    """How many of its unit were packed, where somebody said so."""
    approximate_unit_price = fields.BigIntField(null=True)
    """In minor units of `approximate_unit_price_currency`."""
    approximate_unit_price_currency = fields.CharField(max_length=3, null=True)
    batch = fields.TextField(null=True)
    expiry_date = fields.DateField(null=True)
    properties = fields.TextField(null=True)

    class Meta:
        table = "outbound_order_items"


class OutboundOrderEvent(Event):
    """One change of an outbound order, numbered by the version that it made."""

    order: fields.ForeignKeyRelation[OutboundOrder] = fields.ForeignKeyField(
        "models.OutboundOrder", related_name="history", on_delete=fields.RESTRICT
    )
    status = fields.CharEnumField(OutboundStatus, max_length=32)
    """The status after the change."""

    class Meta:
        table = "outbound_order_events"


class OutboundOrderOutcome(PolicyNote):
    """What a policy of the customer did to the order as it was sent."""

    order: fields.ForeignKeyRelation[OutboundOrder] = fields.ForeignKeyField(
        "models.OutboundOrder", related_name="outcomes", on_delete=fields.RESTRICT
    )

    class Meta:
        table = "outbound_order_outcomes"
