"""Writing the ledger: which week pays for a call is decided by the database, as it is written."""

import dataclasses
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

from models.bulk import Bulk, places
from models.clock import ticking
from models.database import Dialect, dialect, execute
from models.periods import Period
from models.record import new_id
from models.writing import Piece


@dataclass(frozen=True, slots=True)
class Entry:
    """One call to be charged. Writing it twice charges it once."""

    tenant_id: UUID
    client_id: UUID
    field: str
    """The root field."""
    request_id: str
    period: Period
    """The week by our own clock; the database corrects it by one where its clock says so."""
    credential_id: UUID | None = None
    operation: str | None = None
    customer_id: UUID | None = None
    """None where the call concerns none or several; so are the next two."""
    warehouse_id: UUID | None = None
    object_id: UUID | None = None
    id: UUID = dataclasses.field(default_factory=new_id)


ROWS = Bulk(
    {
        "tenant_id": "uuid",
        "id": "uuid",
        "client_id": "uuid",
        "credential_id": "uuid",
        "field": "text",
        "operation": "text",
        "request_id": "text",
        "customer_id": "uuid",
        "warehouse_id": "uuid",
        "object_id": "uuid",
        "week": "date",
        "starts_at": "timestamptz",
        "ends_at": "timestamptz",
    }
)

_row: Callable[[Entry], tuple[Any, ...]] = attrgetter(
    *(name for name in ROWS.columns if name not in {"week", "starts_at", "ends_at"}),
    "period.week",
    "period.start",
    "period.end",
)


@dataclass(frozen=True, slots=True)
class LedgerPiece:
    """The statement that writes entries, as one of those of a command."""

    entries: Sequence[Entry]

    @property
    def key(self) -> Hashable:
        """Its text is always the same."""
        return "ledger"

    @property
    def values(self) -> list[Any]:
        return ROWS.values([_row(entry) for entry in self.entries])

    def sql(self, place: Callable[[], str]) -> str:
        """Choose the week by the database's clock, or the first open one if that is closed.

        Weeks are closed in order, so the first open one follows the last that has a statement.
        """
        sqlite = dialect() is Dialect.SQLITE
        source = ROWS.source(place, "e")

        def moved(week: str, days: int) -> str:
            return f"date({week}, '{days:+} days')" if sqlite else f"{week} {days:+}"

        # PostgreSQL would ask for the clock and the last statement wherever they are named;
        # OFFSET 0 keeps it from that. SQLite takes ON CONFLICT after a SELECT only behind WHERE.
        return f"""
            INSERT INTO ledger (tenant_id, id, week, at, late, client_id, credential_id, field,
                operation, request_id, customer_id, warehouse_id, object_id)
            SELECT r.tenant_id, r.id,
                CASE WHEN r.closed >= r.own THEN {moved("r.closed", 7)} ELSE r.own END,
                r.at, coalesce(r.closed >= r.own, {"0" if sqlite else "false"}),
                r.client_id, r.credential_id, r.field, r.operation, r.request_id,
                r.customer_id, r.warehouse_id, r.object_id
            FROM (
                SELECT e.*, c.at,
                    CASE
                        WHEN c.at < e.starts_at THEN {moved("e.week", -7)}
                        WHEN c.at >= e.ends_at THEN {moved("e.week", 7)}
                        ELSE e.week
                    END AS own,
                    (SELECT max(s.week) FROM statements s WHERE s.tenant_id = e.tenant_id) AS closed
                FROM {source} CROSS JOIN (SELECT {ticking()} AS at) AS c
                {"" if sqlite else "OFFSET 0"}
            ) AS r
            WHERE true
            ON CONFLICT (tenant_id, id) DO NOTHING
        """


def entries_piece(entries: Sequence[Entry]) -> Piece:
    """What a command adds to its changes, so that its calls commit with its effect."""
    return LedgerPiece(entries)


_TEXTS: dict[Dialect, str] = {}


async def write_entries(entries: Sequence[Entry]) -> None:
    """Write entries by themselves, or within the transaction that is open."""
    piece = LedgerPiece(entries)
    if (text := _TEXTS.get(dialect())) is None:
        text = _TEXTS[dialect()] = piece.sql(places())
    await execute(text, *piece.values)
