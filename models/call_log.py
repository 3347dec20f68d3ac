"""Writing the call log: what became of every billable call, charged or not."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from models.bulk import Bulk, places
from models.database import execute
from models.record import new_id
from models.words import Outcome


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class CallNote:
    """One billable call with whatever became of it."""

    tenant_id: UUID
    client_id: UUID
    field: str
    """The root field."""
    outcome: Outcome
    count: int
    """How many calls the ledger holds for it; 0 unless it was counted."""
    milliseconds: int
    request_id: str
    credential_id: UUID | None = None
    operation: str | None = None
    address: str | None = None
    customer_id: UUID | None = None
    """None where the call concerned none or several; so are the next two."""
    warehouse_id: UUID | None = None
    object_id: UUID | None = None
    at: datetime = dataclasses.field(default_factory=_now)
    id: UUID = dataclasses.field(default_factory=new_id)


ROWS = Bulk(
    {
        "tenant_id": "uuid",
        "id": "uuid",
        "at": "timestamptz",
        "client_id": "uuid",
        "credential_id": "uuid",
        "field": "text",
        "operation": "text",
        "outcome": "text",
        "count": "integer",
        "address": "text",
        "milliseconds": "integer",
        "request_id": "text",
        "customer_id": "uuid",
        "warehouse_id": "uuid",
        "object_id": "uuid",
    }
)

_row: Callable[[CallNote], tuple[Any, ...]] = attrgetter(*ROWS.columns)


async def write_notes(notes: Sequence[CallNote]) -> None:
    """Write notes, however many; one that is there already stays as it is."""
    names = ", ".join(ROWS.columns)
    await execute(
        f"INSERT INTO calls ({names}) SELECT {names} FROM {ROWS.source(places(), 'c')}"
        " WHERE true ON CONFLICT (tenant_id, id) DO NOTHING",
        *ROWS.values([_row(note) for note in notes]),
    )
