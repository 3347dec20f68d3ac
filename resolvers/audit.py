"""Who changed who may do what: written with each change, in its own transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import orjson

from models.audit import AuditEvent
from models.record import new_id
from models.words import ActorKind, AuditAction, AuditSubject
from models.writing import Changes
from resolvers.access import Caller
from resolvers.commands import now


@dataclass(frozen=True)
class Actor:
    """Who makes a change, and from where."""

    kind: ActorKind
    tenant_id: UUID
    staff_user_id: UUID | None = None
    client_id: UUID | None = None
    address: str | None = None
    request_id: str | None = None

    @classmethod
    def of(cls, caller: Caller, address: str | None, request_id: str | None) -> Self:
        """Whoever asks by a request."""
        kind = ActorKind.STAFF if caller.client_id is None else ActorKind.CLIENT
        return cls(
            kind, caller.tenant_id, caller.staff_user_id, caller.client_id, address, request_id
        )

    @classmethod
    def host(cls, tenant_id: UUID) -> Self:
        """Whoever runs the service, on the command line."""
        return cls(ActorKind.HOST, tenant_id)

    @classmethod
    def service(cls, tenant_id: UUID) -> Self:
        """The service itself, by the clock."""
        return cls(ActorKind.SERVICE, tenant_id)


@dataclass(frozen=True)
class Subject:
    """What is changed, and what it is called as it is."""

    kind: AuditSubject
    id: UUID | None
    name: str


def note(
    changes: Changes,
    by: Actor,
    action: AuditAction,
    subject: Subject,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add a row to a change. `before` and `after` hold what differs, by names of the schema.

    Neither ever holds a secret, a password or a hash of one.
    """
    changes.insert(
        AuditEvent,
        {
            "tenant_id": by.tenant_id,
            "id": new_id(),
            "at": now(),
            "actor": by.kind,
            "staff_user_id": by.staff_user_id,
            "client_id": by.client_id,
            "action": action,
            "subject": subject.kind,
            "subject_id": subject.id,
            "subject_name": subject.name,
            "before": _json(before),
            "after": _json(after),
            "address": by.address,
            "request_id": by.request_id,
        },
    )


def differing(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is not the same in both, as it was and as it is; of objects, what differs in them."""
    was: dict[str, Any] = {}
    is_: dict[str, Any] = {}
    for name, new in after.items():
        old = before.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            old, new = differing(old, new)  # noqa: PLW2901 - only what differs is told
        if old != new:
            was[name], is_[name] = old, new
    return was, is_


def _json(told: Mapping[str, Any] | None) -> str:
    return orjson.dumps(told or {}, default=str, option=orjson.OPT_SORT_KEYS).decode()
