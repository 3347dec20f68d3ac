"""Calls: the ledger of those that are charged, the log of all, and keys that make retries safe."""

from tortoise import fields

from models.fields import Instant
from models.record import Record
from models.words import Outcome


class LedgerRow(Record):
    """One charged call. Append-only; nothing else enters usage, inclusion or a statement."""

    week = fields.DateField()
    """The Monday, in the tenant's time zone, of the week that pays for it."""
    at = Instant()
    """The database's clock when the row was written."""
    late = fields.BooleanField(default=False)
    """Whether its own week was closed already, so that a later one pays."""
    client_id = fields.UUIDField()
    credential_id = fields.UUIDField(null=True)
    field = fields.TextField()
    operation = fields.TextField(null=True)
    request_id = fields.TextField()
    customer_id = fields.UUIDField(null=True)
    warehouse_id = fields.UUIDField(null=True)
    object_id = fields.UUIDField(null=True)

    class Meta:
        table = "ledger"


class Call(Record):
    """One billable call with whatever became of it; kept 90 days."""

    at = Instant()
    client_id = fields.UUIDField()
    credential_id = fields.UUIDField(null=True)
    field = fields.TextField()
    operation = fields.TextField(null=True)
    outcome = fields.CharEnumField(Outcome, max_length=16)
    count = fields.IntField()
    address = fields.TextField(null=True)
    milliseconds = fields.IntField()
    request_id = fields.TextField()
    customer_id = fields.UUIDField(null=True)
    """Null where the call concerned none or several; so are the next two."""
    warehouse_id = fields.UUIDField(null=True)
    object_id = fields.UUIDField(null=True)

    class Meta:
        table = "calls"


class IdempotencyKey(Record):
    """What a key led to, so that the same request again has no second effect.

    Scoped to its caller (client or user); holds the outcome and never a secret.
    """

    caller_id = fields.UUIDField()
    key = fields.TextField()
    field = fields.TextField()
    fingerprint = fields.CharField(max_length=64)
    object_id = fields.UUIDField(null=True)
    outcome = fields.TextField(null=True)
    created_at = Instant()

    class Meta:
        table = "idempotency_keys"
