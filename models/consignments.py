"""Transport jobs: what is to be carried from where to where, and what carrying costs."""

from typing import ClassVar
from uuid import UUID

from tortoise import fields

from models.fields import Instant, Quantity
from models.history import Event
from models.orders import OutboundOrder
from models.record import Record
from models.tenants import Customer, Warehouse
from models.words import ConsignmentStatus, ConsignmentType


class Consignment(Record):
    """One transport job, made once; its warehouse is the depot that it leaves or comes to."""

    customer_column: ClassVar[str | None] = "customer_id"
    warehouse_column: ClassVar[str | None] = "warehouse_id"

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name=False, on_delete=fields.RESTRICT
    )
    warehouse: fields.ForeignKeyRelation[Warehouse] = fields.ForeignKeyField(
        "models.Warehouse", related_name=False, on_delete=fields.RESTRICT
    )
    type = fields.CharEnumField(ConsignmentType, max_length=16)
    reference = fields.TextField()
    holds_reference = fields.BooleanField(default=True)
    """Whether nobody else can have the reference; one made for an order may only carry it."""
    status = fields.CharEnumField(ConsignmentStatus, max_length=32)
    version = fields.IntField(default=1)
    drop_off = fields.BooleanField(default=False)
    """Whether the goods are brought to the depot rather than picked up."""

    collect_company = fields.TextField(null=True)
    collect_contact = fields.TextField(null=True)
    collect_line1 = fields.TextField(null=True)
    collect_line2 = fields.TextField(null=True)
    collect_suburb = fields.TextField(null=True)
    collect_city = fields.TextField(null=True)
    collect_state = fields.TextField(null=True)
    collect_postcode = fields.TextField(null=True)
    collect_country = fields.CharField(max_length=2, null=True)
    collect_phone = fields.TextField(null=True)
    collect_email = fields.TextField(null=True)
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

    required_on = fields.DateField(null=True)
    instructions = fields.TextField(null=True)
    internal_notes = fields.TextField(null=True)
    cash_on_delivery = fields.BigIntField(null=True)
    """In minor units of `cash_on_delivery_currency`, as the next two of theirs."""
    cash_on_delivery_currency = fields.CharField(max_length=3, null=True)
    invoice_value = fields.BigIntField(null=True)
    invoice_value_currency = fields.CharField(max_length=3, null=True)
    cost = fields.BigIntField(null=True)
    cost_currency = fields.CharField(max_length=3, null=True)
    authority_to_leave = fields.BooleanField(default=False)
    """Whether the driver may leave the goods where nobody is there to take them."""
    authority_to_leave_instructions = fields.TextField(null=True)
    tracking_company = fields.TextField(null=True)
    tracking_url = fields.TextField(null=True)
    properties = fields.TextField(null=True)
    """The customer's own names and values, as a JSON object of texts."""
    outbound_order: fields.ForeignKeyNullableRelation[OutboundOrder] = fields.ForeignKeyField(
        "models.OutboundOrder", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    """The order whose goods it carries."""
    replaces: fields.ForeignKeyNullableRelation["Consignment"] = fields.ForeignKeyField(
        "models.Consignment", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    """The cancelled consignment that had the reference before."""
    content = fields.TextField()
    """The create input as first accepted, defaults filled in, as JSON."""
    delivered_recipient = fields.TextField(null=True)
    """Who took the goods, where there is a proof of delivery."""
    delivered_at = Instant(null=True)
    created_at = Instant()
    modified_at = Instant()

    class Meta:
        table = "consignments"


class ConsignmentItem(Record):
    """One line of a consignment; weight and volume are of the whole line."""

    consignment: fields.ForeignKeyRelation[Consignment] = fields.ForeignKeyField(
        "models.Consignment", related_name="items", on_delete=fields.RESTRICT
    )
    position = fields.IntField()
    description = fields.TextField()
    quantity = Quantity()
    pallets = Quantity(null=True)
    weight_kg = Quantity(null=True)
    cubic_m3 = Quantity(null=True)
    spaces = Quantity(null=True)
    delivered_quantity = Quantity(null=True)
    """How many arrived, where there is a proof of delivery."""

    class Meta:
        table = "consignment_items"


class ConsignmentEvent(Event):
    """One change of a consignment, numbered by the version that it made."""

    consignment: fields.ForeignKeyRelation[Consignment] = fields.ForeignKeyField(
        "models.Consignment", related_name="history", on_delete=fields.RESTRICT
    )
    status = fields.CharEnumField(ConsignmentStatus, max_length=32)
    """The status after the change."""

    class Meta:
        table = "consignment_events"


class RateCard(Record):
    """What carrying costs from one day on; a customer's own goes before the tenant's.

    Prices are in millionths of the tenant's currency.
    """

    customer_id: UUID | None
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    from_date = fields.DateField()
    per_consignment = fields.BigIntField(default=0)
    per_pallet = fields.BigIntField(default=0)
    per_kg = fields.BigIntField(default=0)
    per_m3 = fields.BigIntField(default=0)
    minimum = fields.BigIntField(default=0)
    """The least that a consignment costs."""
    created_at = Instant()

    class Meta:
        table = "rate_cards"
