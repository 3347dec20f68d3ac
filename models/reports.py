"""Answers too large for one page: runs that make them, and their files in pieces."""

from typing import ClassVar
from uuid import UUID

from tortoise import fields

from models.clients import ApiClient
from models.fields import Instant
from models.record import Record
from models.tenants import StaffUser
from models.words import ReportFault, ReportFormat, ReportKind, ReportStatus


class ReportRun(Record):
    """One report that somebody asked for. Nobody else sees it."""

    caller_column: ClassVar[str | None] = "caller_id"

    caller_id = fields.UUIDField()
    """Whose it is: the client's or the user's id."""
    client_id: UUID | None
    client: fields.ForeignKeyNullableRelation[ApiClient] = fields.ForeignKeyField(
        "models.ApiClient", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    staff_user_id: UUID | None
    staff_user: fields.ForeignKeyNullableRelation[StaffUser] = fields.ForeignKeyField(
        "models.StaffUser", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    kind = fields.CharEnumField(ReportKind, max_length=32)
    format = fields.CharEnumField(ReportFormat, max_length=16)
    arguments = fields.TextField()
    """What was asked beside that, as JSON."""
    reach = fields.TextField()
    """Whose goods it may tell, as JSON: the caller's reach and what was asked of it."""
    status = fields.CharEnumField(ReportStatus, max_length=16, default=ReportStatus.QUEUED)
    rows_done = fields.BigIntField(default=0)
    rows_total = fields.BigIntField(null=True)
    bytes = fields.BigIntField(default=0)
    download_path = fields.TextField(null=True)
    """Where the file is, while there is one."""
    error = fields.CharEnumField(ReportFault, max_length=16, null=True)
    attempts = fields.IntField(default=0)
    due_at = Instant()
    """When a worker may begin it: at once, or when the lease of the one that is at it ends."""
    lease = fields.UUIDField(null=True)
    """Who is at it. A worker that lost its lease can write nothing more."""
    created_at = Instant()
    started_at = Instant(null=True)
    finished_at = Instant(null=True)
    expires_at = Instant(null=True)
    """Until when the file is kept."""

    class Meta:
        table = "report_runs"


class ReportChunk(Record):
    """A piece of the file of a run."""

    run: fields.ForeignKeyRelation[ReportRun] = fields.ForeignKeyField(
        "models.ReportRun", related_name=False, on_delete=fields.RESTRICT
    )
    starts_at = fields.BigIntField()
    """How many bytes come before it."""
    content = fields.BinaryField()

    class Meta:
        table = "report_chunks"
