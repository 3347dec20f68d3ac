"""What the histories of all nouns have in common."""

from tortoise import fields

from models.fields import Instant
from models.record import Record


class Event(Record):
    """One change of something, numbered by the version that it made."""

    version = fields.IntField()
    changed = fields.TextField()
    """The fields that the change set, as a JSON list of their names in the schema."""
    at = Instant()
    client_id = fields.UUIDField(null=True)
    staff_user_id = fields.UUIDField(null=True)
    """Whose doing it was; with neither, the service's own."""

    class Meta:
        abstract = True


class PolicyNote(Record):
    """One thing that a policy of the customer did to an order as it was sent."""

    position = fields.IntField()
    code = fields.TextField()
    path = fields.TextField()
    """The place in the input, as a JSON list."""
    message = fields.TextField()

    class Meta:
        abstract = True
