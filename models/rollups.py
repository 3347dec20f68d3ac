"""Calls added up by day. Made of the ledger, and made anew of it at any time."""

from tortoise import fields

from models.fields import Instant
from models.record import Record


class UsageRollup(Record):
    """How many calls of one kind a day of a paying week holds."""

    week = fields.DateField()
    """The Monday of the week that pays for them."""
    day = fields.DateField()
    """The tenant's day; late calls belong to the Monday of the week that pays."""
    client_id = fields.UUIDField()
    customer_id = fields.UUIDField(null=True)
    """Null where calls concern none or several; so is the next."""
    warehouse_id = fields.UUIDField(null=True)
    field = fields.TextField()
    calls = fields.BigIntField()

    class Meta:
        table = "usage_rollups"


class UsageMark(Record):
    """How far a tenant's ledger is added up.

    Of the weeks up to `sealed` every row is, whenever it was written; of later weeks those
    written before `settled_until`.
    """

    settled_until = Instant()
    sealed = fields.DateField(null=True)

    class Meta:
        table = "usage_marks"
