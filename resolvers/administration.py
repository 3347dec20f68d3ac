"""What the commands of administration share: a row that is held, its version, and the audit log.

Each is one function of an actor, the content of its input and the changes it adds to: a mutation
carries it out by `perform`, the command line by `by_hand`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

import orjson

from models.audit import AuditEvent
from models.database import Conflict, atomically
from models.record import Record
from models.words import AuditAction, AuditSubject, UserErrorCode
from models.writing import Changes
from resolvers.audit import Actor, Subject, differing, note
from resolvers.commands import ATTEMPTS, Effect, now, unavailable
from resolvers.contents import input_path
from resolvers.errors import UserError, UserErrors, not_found
from resolvers.versions import stale

Content = Mapping[str, Any]
Work = Callable[[Actor, Content, Changes], Awaitable[Effect]]
Row = TypeVar("Row", bound=Record)

VERSIONED = (
    AuditAction.UPDATED,
    AuditAction.ACTIVATED,
    AuditAction.DEACTIVATED,
    AuditAction.WENT_LIVE,
)
"""What makes a new version of its subject, by exactly one row of the audit log."""


@dataclass(frozen=True)
class Kind:
    """A kind of row that people administer: its table, and what it is called."""

    table: type[Any]
    noun: str
    subject: AuditSubject
    told: Callable[[Any], dict[str, Any]]
    """A row as the audit log tells it: by the names and in the form of the schema."""

    def subject_of(self, row: Any) -> Subject:
        """What the audit log calls a row."""
        return Subject(self.subject, row.id, row.name)


async def by_hand(by: Actor, content: Content, work: Work) -> Effect:
    """Carry a command out for the command line: in one transaction, faults told by option."""
    try:
        for _ in range(ATTEMPTS):
            try:
                return await atomically(lambda: _once(by, content, work))
            except Conflict:  # somebody else was faster; look again, and say so
                continue
    except UserErrors as fault:
        raise UserErrors([replace(one, path=_option(one.path)) for one in fault.errors]) from None
    raise unavailable()


def _option(path: Sequence[str]) -> list[str]:
    """The option that a fault concerns, and which of several that it was given."""
    return list(path[-2:] if path[-1].isdigit() else path[-1:])


async def _once(by: Actor, content: Content, work: Work) -> Effect:
    changes = Changes()
    effect = await work(by, content, changes)
    await changes.flush()
    return effect


async def held(kind: Kind, by: Actor, row_id: UUID) -> Any:
    """The tenant's row of that id, which nobody else changes until the transaction ends.

    Raises:
        UserErrors: there is none.

    """
    found = kind.table.filter(tenant_id=by.tenant_id, id=row_id).select_for_update()
    row = await found.get_or_none()
    if row is None:
        raise UserErrors([not_found(kind.noun, row_id, input_path("id"))])
    return row


def given_of(content: Content) -> dict[str, Any]:
    """What an update sets."""
    return {name: value for name, value in content.items() if name not in {"id", "version"}}


async def refuse_stale(kind: Kind, row: Any, content: Content) -> None:
    """Refuse an update of a version that was read before others changed it, telling what they did.

    Raises:
        UserErrors: `STALE_VERSION`.

    """
    if content["version"] == row.version:
        return
    newer = max(row.version - content["version"], 0)
    events = AuditEvent.filter(tenant_id=row.tenant_id, subject_id=row.id, action__in=VERSIONED)
    rows = await events.order_by("-at", "-id").limit(min(newer, 100))
    changed = dict.fromkeys(name for one in reversed(rows) for name in orjson.loads(one.after))
    stored = {_snake(name): value for name, value in kind.told(row).items()}
    raise stale(row.version, content["version"], changed, stored, given_of(content))


async def change(
    kind: Kind, by: Actor, row: Any, columns: Mapping[str, Any], changes: Changes
) -> Effect:
    """Set columns of a row that is held, as a new version of it; if nothing differs, do nothing."""
    before = kind.told(row)
    row.update_from_dict(dict(columns))
    was, is_ = differing(before, kind.told(row))
    if not is_:
        return Effect(row.id, replayed=True)
    action = AuditAction.UPDATED
    if "active" in is_:
        action = AuditAction.ACTIVATED if row.active else AuditAction.DEACTIVATED
    changes.update(
        kind.table, by.tenant_id, row.id, **columns, version=row.version + 1, modified_at=now()
    )
    note(changes, by, action, kind.subject_of(row), before=was, after=is_)
    return Effect(row.id)


def at_input(faults: Sequence[UserError]) -> list[UserError]:
    """Faults of fields, with their places from `input` on."""
    return [replace(one, path=("input", *one.path)) for one in faults]


def taken(what: str, field: str, value: str, existing: UUID | None = None) -> UserError:
    """The fault of a name that another one has."""
    message = f"There is a {what} with the {field} `{value}` already."
    return UserError(UserErrorCode.REFERENCE_TAKEN, input_path(field), message, existing=existing)


def _snake(name: str) -> str:
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name)
