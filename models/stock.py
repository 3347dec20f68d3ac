"""What stands in warehouses, and every movement that made it so."""

from collections.abc import Mapping
from typing import ClassVar

from tortoise import fields

from models.fields import Instant, Quantity
from models.inbound import InboundOrder
from models.orders import OutboundOrder
from models.products import Product
from models.record import Record
from models.tenants import Customer, Warehouse
from models.words import Condition, MovementKind

FREE = "CASE WHEN {row}.condition = 'OK' THEN {row}.quantity - {row}.allocated ELSE 0 END"
"""What can still be ordered of a level."""


class StockLevel(Record):
    """How much of a product stands in a warehouse, per batch, expiry date and condition.

    The running sum of its movements, written with them in one transaction. That no more is
    allocated than stands there is a check of the table: no piece is sold twice, whoever forgets
    to ask. One row per product, warehouse, batch, expiry date and condition is a unique index
    over expressions, which Tortoise cannot say.
    """

    customer_column: ClassVar[str | None] = "customer_id"
    warehouse_column: ClassVar[str | None] = "warehouse_id"
    made: ClassVar[Mapping[str, str]] = {"free": FREE}

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name=False, on_delete=fields.RESTRICT
    )
    warehouse: fields.ForeignKeyRelation[Warehouse] = fields.ForeignKeyField(
        "models.Warehouse", related_name=False, on_delete=fields.RESTRICT
    )
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "models.Product", related_name=False, on_delete=fields.RESTRICT
    )
    product_code = fields.TextField()
    """The product's code, which never changes: stock is listed by it."""
    batch = fields.TextField(null=True)
    expiry_date = fields.DateField(null=True)
    condition = fields.CharEnumField(Condition, max_length=32)
    quantity = Quantity()
    """Base units that stand there."""
    allocated = Quantity()
    """Those of them that orders have taken."""
    incoming = Quantity()
    """Base units that are announced and not yet received."""
    created_at = Instant()
    modified_at = Instant()

    class Meta:
        table = "stock_levels"


class StockMovement(Record):
    """One change of a level, never changed itself. Amounts are signed, in base units."""

    level: fields.ForeignKeyRelation[StockLevel] = fields.ForeignKeyField(
        "models.StockLevel", related_name=False, on_delete=fields.RESTRICT
    )
    kind = fields.CharEnumField(MovementKind, max_length=16)
    quantity = Quantity()
    allocated = Quantity()
    incoming = Quantity()
    at = Instant()
    outbound_order: fields.ForeignKeyNullableRelation[OutboundOrder] = fields.ForeignKeyField(
        "models.OutboundOrder", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    inbound_order: fields.ForeignKeyNullableRelation[InboundOrder] = fields.ForeignKeyField(
        "models.InboundOrder", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    item_id = fields.UUIDField(null=True)
    """The line it was for, which may have been replaced since."""
    reason = fields.TextField(null=True)
    client_id = fields.UUIDField(null=True)
    staff_user_id = fields.UUIDField(null=True)

    class Meta:
        table = "stock_movements"
