"""The audit log: who changed who may do what."""

from collections.abc import Mapping
from typing import ClassVar

from tortoise import fields

from models.fields import Instant
from models.record import Record
from models.words import ActorKind, AuditAction, AuditSubject


class AuditEvent(Record):
    """One change. Append-only: the database itself refuses to change or delete a row.

    Never a secret, nor anything made of one.
    """

    made: ClassVar[Mapping[str, str]] = {
        "actor_id": "coalesce({row}.staff_user_id, {row}.client_id)",
        "actor_name": "coalesce((SELECT u.name FROM staff_users u WHERE u.tenant_id ="
        " {row}.tenant_id AND u.id = {row}.staff_user_id), (SELECT c.name FROM api_clients c"
        " WHERE c.tenant_id = {row}.tenant_id AND c.id = {row}.client_id))",
    }
    at = Instant()
    actor = fields.CharEnumField(ActorKind, max_length=8)
    staff_user_id = fields.UUIDField(null=True)
    client_id = fields.UUIDField(null=True)
    """Whose doing it was; with neither, the host's on the command line, or the service's own."""
    action = fields.CharEnumField(AuditAction, max_length=32)
    subject = fields.CharEnumField(AuditSubject, max_length=16)
    subject_id = fields.UUIDField(null=True)
    subject_name = fields.TextField()
    """What it was called at the time."""
    before = fields.TextField()
    """What was changed, as a JSON object of the fields of the schema; empty for something new."""
    after = fields.TextField()
    address = fields.TextField(null=True)
    request_id = fields.TextField(null=True)

    class Meta:
        table = "audit_events"
