"""What the ledger and the statements hold, for comparing them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from models.bulk import places
from models.clock import day, instant, standing
from models.database import rows
from models.usage_queries import SETTLING_SECONDS, SPANS, Span, asked


class Counted(NamedTuple):
    """The calls of one client to one field that a week pays for."""

    week: date
    client_id: UUID
    field: str
    calls: int
    settled: int
    """Those that are old enough that no more can appear beside them."""


class Misplaced(NamedTuple):
    """Rows whose instant does not belong to the week that pays for them."""

    week: date
    calls: int


async def ledger_lines(tenant_id: UUID, until: datetime) -> list[Counted]:
    """Count all rows by week, client and field, and how many of them are older than that."""
    found = await asked(
        """
        SELECT l.week, l.client_id, l.field, count(*), count(CASE WHEN l.at < {2} THEN 1 END)
        FROM ledger l WHERE l.tenant_id = {1}
        GROUP BY l.week, l.client_id, l.field
        """,
        tenant_id,
        until,
    )
    return [_counted(row) for row in found]


async def statement_lines(tenant_id: UUID) -> list[Counted]:
    """Read the lines of all closed weeks."""
    found = await asked(
        """
        SELECT s.week, l.client_id, l.field, l.calls, l.calls
        FROM statement_lines l
        JOIN statements s ON s.tenant_id = l.tenant_id AND s.id = l.statement_id
        WHERE l.tenant_id = {1}
        """,
        tenant_id,
    )
    return [_counted(row) for row in found]


async def misplaced_rows(tenant_id: UUID, weeks: Sequence[Span]) -> list[Misplaced]:
    """Count rows outside their week; a late one lies before it."""
    place = places()
    source = SPANS.source(place, "s")
    found = await rows(
        f"""
        SELECT l.week, count(*) FROM {source} CROSS JOIN ledger l
        WHERE l.tenant_id = {place()} AND l.week = s.week AND (
            (l.late AND l.at >= s.starts_at)
            OR (NOT l.late AND (l.at < s.starts_at OR l.at >= s.ends_at))
        )
        GROUP BY l.week
        """,
        *SPANS.values(weeks),
        tenant_id,
    )
    return [Misplaced(day(week), calls) for week, calls in found]


async def settled_until() -> datetime:
    """The instant before which no row can appear any more."""
    [(until,)] = await rows(f"SELECT {standing(SETTLING_SECONDS)}")
    return instant(until)


def _counted(row: Any) -> Counted:
    week, client, name, calls, settled = row
    return Counted(day(week), UUID(str(client)), name, int(calls), int(settled))
