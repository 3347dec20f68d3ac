"""The audit log, as the host looks through it on the command line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.audit import AuditEvent
from models.clients import ApiClient
from models.tenants import StaffUser
from models.words import ActorKind, AuditAction, AuditSubject


@dataclass(frozen=True)
class Told:
    """A change, and what whoever made it is called now."""

    event: AuditEvent
    actor: str | None


async def events(
    tenant_id: UUID,
    *,
    subject_kind: AuditSubject | None = None,
    subject: UUID | None = None,
    action: AuditAction | None = None,
    actor: ActorKind | None = None,
    since: datetime | None = None,
    most: int = 50,
) -> list[Told]:
    """The changes that fit, newest first."""
    said: dict[str, Any] = {
        "subject": subject_kind,
        "subject_id": subject,
        "action": action,
        "actor": actor,
        "at__gte": since,
    }
    wanted = {name: value for name, value in said.items() if value is not None}
    found = AuditEvent.filter(tenant_id=tenant_id, **wanted).order_by("-at", "-id")
    rows = await found.limit(most)
    names = await _names(tenant_id, rows)
    return [Told(one, names.get(one.staff_user_id or one.client_id)) for one in rows]


async def _names(tenant_id: UUID, rows: list[AuditEvent]) -> dict[UUID | None, str]:
    people = {one.staff_user_id for one in rows if one.staff_user_id}
    clients = {one.client_id for one in rows if one.client_id}
    known: list[Any] = [
        *await StaffUser.filter(tenant_id=tenant_id, id__in=list(people)),
        *await ApiClient.filter(tenant_id=tenant_id, id__in=list(clients)),
    ]
    return {one.id: one.name for one in known}
