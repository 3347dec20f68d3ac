"""Plans and statements. Both are written by the host alone."""

from tortoise import fields

from models.fields import Instant
from models.record import Record


class Plan(Record):
    """A tenant's billing plan from one week on, until a later one begins."""

    from_week = fields.DateField()
    consignments = fields.BigIntField()
    warehouse_orders = fields.BigIntField()
    calls_per_job = fields.IntField(default=5)
    price_micros = fields.BigIntField(default=10_000)
    """Price of a call beyond the inclusion, in millionths of the currency unit."""
    created_at = Instant()

    class Meta:
        table = "plans"


class Statement(Record):
    """One closed week: a copy of plan, price and zone, and what was used. Never updated."""

    week = fields.DateField()
    starts_at = Instant()
    ends_at = Instant()
    time_zone = fields.TextField()
    currency = fields.CharField(max_length=3)
    consignments = fields.BigIntField()
    warehouse_orders = fields.BigIntField()
    calls_per_job = fields.IntField()
    price_micros = fields.BigIntField()
    included = fields.BigIntField()
    used = fields.BigIntField()
    excess = fields.BigIntField()
    amount = fields.BigIntField()
    """In minor units of `currency`, rounded half up once."""
    closed_at = Instant()

    class Meta:
        table = "statements"


class StatementLine(Record):
    """How many calls of one client to one field a statement holds."""

    statement: fields.ForeignKeyRelation[Statement] = fields.ForeignKeyField(
        "models.Statement", related_name="lines", on_delete=fields.RESTRICT
    )
    client_id = fields.UUIDField()
    field = fields.TextField()
    calls = fields.BigIntField()

    class Meta:
        table = "statement_lines"
