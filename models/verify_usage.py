"""What the ledger, its sums and the statements hold, for comparing them."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from models.bulk import Bulk, places
from models.clock import day
from models.database import rows
from models.usage_queries import SPANS, Span, asked, mark, rows_of_clients


class Counted(NamedTuple):
    """The calls of one client to one field that a statement holds."""

    week: date
    client_id: UUID
    field: str
    calls: int


class Added(NamedTuple):
    """The calls of one kind of one day: rows of the ledger, and what they were added up to."""

    week: date
    day: date
    client_id: UUID
    customer_id: UUID | None
    warehouse_id: UUID | None
    field: str
    calls: int
    """All rows of the ledger."""
    due: int
    """Those of them that are to be added up by now."""
    rolled: int
    """What they were added up to."""


class Misplaced(NamedTuple):
    """Rows whose instant does not belong to the week that pays for them."""

    week: date
    calls: int


async def added_up(tenant_id: UUID, one: Span) -> list[Added]:
    """Count the rows of a day of a paying week beside its sums, at one instant.

    While the clock is behind the mark, nothing of an open week is compared.
    """
    place = places()
    source = SPANS.source(place, "e")
    tenant = place()
    place_of_days = DAYS.source(place, "d")
    kind = "u.day, u.client_id, u.customer_id, u.warehouse_id, u.field"
    found = await rows(
        f"""
        WITH s AS (SELECT e.* FROM {source})
        SELECT {kind}, sum(u.calls), sum(u.due), sum(u.rolled) FROM (
            SELECT s.day, l.client_id, l.customer_id, l.warehouse_id, l.field, 1 AS calls,
                CASE WHEN l.week <= m.sealed OR (m.trusted AND l.at < m.settled_until)
                    THEN 1 ELSE 0 END AS due,
                0 AS rolled
            FROM s CROSS JOIN {mark(tenant)} CROSS JOIN api_clients c
            CROSS JOIN {rows_of_clients(tenant)}
            UNION ALL
            SELECT r.day, r.client_id, r.customer_id, r.warehouse_id, r.field, 0, 0,
                CASE WHEN r.week <= m.sealed OR m.trusted THEN r.calls ELSE 0 END
            FROM {place_of_days} CROSS JOIN {mark(tenant)} CROSS JOIN usage_rollups r
            WHERE r.tenant_id = {tenant} AND r.week = d.week
                AND r.day >= d.from_day AND r.day < d.to_day
        ) u
        GROUP BY {kind}
        """,
        *SPANS.values([one]),
        tenant_id,
        *DAYS.values([(one.week, *_days(one))]),
    )
    return [_added(one.week, row) for row in found]


DAYS = Bulk({"week": "date", "from_day": "date", "to_day": "date"})


def _days(one: Span) -> tuple[date, date]:
    """The day; on a week's first and last one, also those that are not of it at all."""
    place_in_week = (one.from_day - one.week).days
    return (
        date.min if place_in_week == 0 else one.from_day,
        date.max if place_in_week == 6 else one.to_day,  # noqa: PLR2004 - Sunday
    )


def _added(week: date, row: Any) -> Added:
    on, *ids, field, calls, due, rolled = row
    client, customer, warehouse = (None if one is None else UUID(str(one)) for one in ids)
    if client is None:
        raise ValueError("every call has a client")
    return Added(
        week, day(on), client, customer, warehouse, field, int(calls), int(due), int(rolled)
    )


async def statement_lines(tenant_id: UUID) -> list[Counted]:
    """Read the lines of all closed weeks."""
    found = await asked(
        """
        SELECT s.week, l.client_id, l.field, l.calls
        FROM statement_lines l
        JOIN statements s ON s.tenant_id = l.tenant_id AND s.id = l.statement_id
        WHERE l.tenant_id = {1}
        """,
        tenant_id,
    )
    return [
        Counted(day(week), UUID(str(client)), name, int(calls))
        for week, client, name, calls in found
    ]


async def calls_of(tenant_id: UUID, week: date, client_id: UUID) -> int:
    """How many rows the ledger has by now of a client's week."""
    [(calls,)] = await asked(
        "SELECT count(*) FROM ledger l"
        " WHERE l.tenant_id = {1} AND l.week = {2} AND l.client_id = {3}",
        *(tenant_id, week, client_id),
    )
    return int(calls)


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
