"""Jobs of every kind: found, checked, moved and written down in one way."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models import lookups
from models.lookups import Job
from models.moves import RELEASED
from models.record import Record, new_id
from models.words import ApiRole, UserErrorCode
from models.writing import Changes
from resolvers.access import Caller
from resolvers.commands import Effect, PolicyOutcome, now
from resolvers.contents import Path, as_json, camel, canonical, input_path
from resolvers.errors import UserError, UserErrors, not_found
from resolvers.faults import Faults
from resolvers.references import Standing, as_filled_in_then, clash, repeats
from resolvers.versions import stale

Content = Mapping[str, Any]
"""An input with its names in Python's spelling; what was not given is not there."""

INTERNAL = frozenset({"internal_notes", "cost"})
"""Fields between the operator and integrations of its own."""


@dataclass(frozen=True)
class Kind:
    """What is different between kinds of job."""

    noun: str
    table: type[Record]
    events: type[Record]
    owner: str
    """The column by which events and lines refer to their job."""
    open_to_clients: Collection[str]
    open_to_staff: Collection[str]
    legal: Callable[[Job], Collection[str]]
    """Where a job can go from its status."""
    plain: tuple[str, ...]
    """Columns whose values a stale update is told."""
    more: tuple[str, ...] = ()
    """Columns that its commands need besides those of every job."""


async def found(
    kind: Kind,
    caller: Caller,
    job_id: UUID,
    *,
    read: int | None = None,
    given: Content | None = None,
) -> Job:
    """The job, held until the transaction ends, at the version that was read if one was.

    Raises:
        UserErrors: `NOT_FOUND` outside the reach too; `STALE_VERSION` with what changed.

    """
    job = await lookups.job_for_change(kind.table, caller.reach, job_id, kind.more)
    if job is None:
        raise UserErrors([not_found(kind.noun, job_id, input_path("id"))])
    if read is not None and read != job.version:
        changed = await lookups.fields_changed_since(
            kind.events, kind.owner, caller.reach, job.id, read
        )
        stored = await lookups.columns(kind.table, caller.reach, job.id, kind.plain)
        raise stale(job.version, read, changed, stored, given or {}, hidden_from(caller))
    return job


def hidden_from(caller: Caller) -> frozenset[str]:
    """The fields whose values an error must not tell the caller."""
    trusted = caller.staff_role is not None or ApiRole.INTERNAL_FIELD_ACCESS in caller.roles
    return frozenset() if trusted else INTERNAL


def open_to(kind: Kind, caller: Caller, job: Job) -> bool:
    """Whether this caller may still change the job."""
    states = kind.open_to_clients if caller.staff_role is None else kind.open_to_staff
    return job.status in states and bool(kind.legal(job))


def must_be_open(kind: Kind, caller: Caller, job: Job, verb: str) -> None:
    """Refuse with `WRONG_STATUS` what comes too late."""
    if not open_to(kind, caller, job):
        message = f"{_a(kind.noun)} that is {job.status} is too far on to {verb}."
        raise wrong_status(kind, caller, job, message)


def must_reach(kind: Kind, caller: Caller, job: Job, to: str) -> None:
    """Refuse with `WRONG_STATUS` a move that is in no table."""
    if to not in kind.legal(job):
        message = f"{_a(kind.noun)} that is {job.status} cannot become {to}."
        raise wrong_status(kind, caller, job, message)


def wrong_status(kind: Kind, caller: Caller, job: Job, message: str) -> UserErrors:
    """The refusal, with the moves that are open to this caller from there."""
    legal = sorted(kind.legal(job)) if caller.staff_role else _verbs(kind, caller, job)
    return UserErrors(
        [UserError(UserErrorCode.WRONG_STATUS, input_path("id"), message, legal_moves=legal)]
    )


def _verbs(kind: Kind, caller: Caller, job: Job) -> list[str]:
    return ["UPDATE", "CANCEL"] if open_to(kind, caller, job) else []


def _a(noun: str) -> str:
    return f"{'An' if noun[0] in 'aeiou' else 'A'} {noun}"


# --- the reference ----------------------------------------------------------------------------


def repeated(
    kind: Kind, caller: Caller, earlier: Job | None, said: Content, path: Path, faults: Faults
) -> Effect | None:
    """The job that was made of the same content before; a clash with other content is a fault."""
    if earlier is None or earlier.status in RELEASED:
        return None
    seen = caller.reach.holds_warehouse(earlier.warehouse_id)
    standing = Standing(earlier.id, earlier.content, seen, _verbs(kind, caller, earlier))
    if repeats(standing, said):
        return effect_on(earlier, replayed=True)
    faults.errors.append(clash(standing, said, earlier.reference, path, hidden_from(caller)))
    return None


def same_again(
    kind: Kind,
    caller: Caller,
    earlier: Job | None,
    content: Content,
    full: Content,
    faults: Faults,
) -> Effect | None:
    """The order that was made of the same content before; other content under its reference is a
    fault. `full` is the content with its defaults, which may have been others then.
    """
    if earlier is None:
        return None
    said = as_filled_in_then(content, full, earlier.content)
    return repeated(kind, caller, earlier, said, input_path("reference"), faults)


async def take_reference_again(kind: Kind, caller: Caller, job: Job, faults: Faults) -> None:
    """A released job that is to stand again wants its reference, which may be another's by now."""
    if job.status not in RELEASED or not job.holds_reference:
        return
    holder = await lookups.job_of_reference(
        kind.table, caller.reach, job.customer_id, job.reference
    )
    if holder is not None and holder.id != job.id and holder.status not in RELEASED:
        faults.add(
            UserErrorCode.REFERENCE_TAKEN,
            input_path("id"),
            f"`{job.reference}` is another {kind.noun}'s now.",
        )


def submits(job: Job, given: Content, faults: Faults) -> bool:
    """Whether an update sends a draft or a rejected job off; nothing becomes a draft again."""
    draft = given.get("draft")
    if job.status == "DRAFT":
        return draft is False
    if draft:
        faults.add(
            UserErrorCode.INVALID, input_path("draft"), "What was submitted is no draft any more."
        )
    return job.status == "REJECTED"


# --- writing ----------------------------------------------------------------------------------


def advance(
    kind: Kind,
    caller: Caller,
    job: Job,
    status: str,
    changed: Sequence[str],
    changes: Changes,
    *,
    at: datetime | None = None,
    **columns: Any,
) -> Effect:
    """Write columns and status of a job, its next version, and the line of its history."""
    at, version = at or now(), job.version + 1
    changes.update(
        kind.table,
        caller.tenant_id,
        job.id,
        **columns,
        status=status,
        version=version,
        modified_at=at,
    )
    note(kind, caller, job.id, version, status, changed, at, changes)
    return effect_on(job)


def note(
    kind: Kind,
    caller: Caller,
    job_id: UUID,
    version: int,
    status: str,
    changed: Sequence[str],
    at: datetime,
    changes: Changes,
) -> None:
    """One line of a job's history."""
    changes.insert(
        kind.events,
        {
            "tenant_id": caller.tenant_id,
            "id": new_id(),
            kind.owner: job_id,
            "version": version,
            "status": status,
            "changed": as_json(canonical([camel(name) for name in changed])),
            "at": at,
            "client_id": caller.client_id,
            "staff_user_id": caller.staff_user_id,
        },
    )


def note_outcomes(
    table: type[Record],
    caller: Caller,
    order_id: UUID,
    outcomes: Sequence[PolicyOutcome],
    changes: Changes,
) -> None:
    """What policies did, kept on the order they did it to."""
    changes.insert(
        table,
        *(
            {
                "tenant_id": caller.tenant_id,
                "id": new_id(),
                "order_id": order_id,
                "position": position,
                "code": outcome.code,
                "path": as_json(list(outcome.path)),
                "message": outcome.message,
            }
            for position, outcome in enumerate(outcomes, start=1)
        ),
    )


def effect_on(
    job: Job, *, replayed: bool = False, outcomes: Sequence[PolicyOutcome] = ()
) -> Effect:
    """What a command did to a job."""
    return Effect(job.id, job.customer_id, job.warehouse_id, replayed, outcomes)
