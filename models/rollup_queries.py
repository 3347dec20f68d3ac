"""Adding the ledger up by day: counting a stretch of it, and storing what that came to."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from models import usage_queries
from models.bulk import Bulk, places
from models.clock import day, instant, standing
from models.database import execute, rows
from models.usage_queries import SPANS, Span, asked


class Mark(NamedTuple):
    """How far a tenant's ledger is added up, and how far it can be by now."""

    settled_until: datetime | None
    """None before anything was."""
    sealed: date | None
    until: datetime
    """No row older than this is still to appear."""
    first_counted: date | None
    """The first week that has a row."""
    last_closed: date | None

    @property
    def went_back(self) -> bool:
        """Whether the clock was put back, so that rows may be written before the mark."""
        return self.settled_until is not None and self.settled_until > self.until


async def mark_of(tenant_id: UUID) -> Mark:
    """Where a tenant stands."""
    [(settled_until, sealed, until, first, last)] = await asked(
        f"""
        SELECT k.settled_until, k.sealed, {standing(usage_queries.SETTLING_SECONDS)},
            (SELECT min(l.week) FROM ledger l WHERE l.tenant_id = {{1}}),
            (SELECT max(s.week) FROM statements s WHERE s.tenant_id = {{1}})
        FROM (SELECT 1 AS one) o LEFT JOIN usage_marks k ON k.tenant_id = {{1}}
        """,
        tenant_id,
    )
    return Mark(
        settled_until and instant(settled_until),
        sealed and day(sealed),
        instant(until),
        first and day(first),
        last and day(last),
    )


class Kind(NamedTuple):
    """What calls have in common that are added up."""

    week: date
    day: date
    client_id: UUID
    customer_id: UUID | None
    warehouse_id: UUID | None
    field: str


Sums = dict[Kind, int]


async def first_after(
    tenant_id: UUID, weeks: Sequence[date], since: datetime, until: datetime
) -> datetime | None:
    """When the first row of those weeks was written that lies between two instants."""
    place = places()
    source = WEEKS.source(place, "s")
    tenant, low, high = place(), place(), place()
    [(first,)] = await rows(
        f"""
        SELECT min((
            SELECT min(l.at) FROM ledger l WHERE l.tenant_id = {tenant} AND l.week = s.week
                AND l.client_id = c.id AND l.at >= {low} AND l.at < {high}
        ))
        FROM {source} CROSS JOIN api_clients c WHERE c.tenant_id = {tenant}
        """,
        *WEEKS.values([(week,) for week in weeks]),
        *(tenant_id, since, until),
    )
    return None if first is None else instant(first)


WEEKS = Bulk({"week": "date"})


async def sums_of_ledger(tenant_id: UUID, days: Sequence[Span]) -> Sums:
    """Count the rows of some days; for each, one stretch of the index a client."""
    if not days:
        return {}
    place = places()
    source = SPANS.source(place, "s")
    tenant = place()
    kind = "s.week, s.day, l.client_id, l.customer_id, l.warehouse_id, l.field"
    found = await rows(
        f"""
        SELECT {kind}, count(*)
        FROM {source} CROSS JOIN api_clients c CROSS JOIN {usage_queries.rows_of_clients(tenant)}
        GROUP BY {kind}
        """,
        *SPANS.values(days),
        tenant_id,
    )
    return {_kind(row): row[6] for row in found}


async def sums_of_rollups(tenant_id: UUID, week: date) -> Sums:
    """What is stored of a week."""
    found = await asked(
        """
        SELECT r.week, r.day, r.client_id, r.customer_id, r.warehouse_id, r.field, r.calls
        FROM usage_rollups r WHERE r.tenant_id = {1} AND r.week = {2}
        """,
        *(tenant_id, week),
    )
    return {_kind(row): row[6] for row in found}


def _kind(row: Any) -> Kind:
    client, customer, warehouse = (
        None if one is None else UUID(str(one)) for one in (row[2], row[3], row[4])
    )
    if client is None:
        raise ValueError("every call has a client")
    return Kind(day(row[0]), day(row[1]), client, customer, warehouse, row[5])


async def rows_of_week(tenant_id: UUID, week: date) -> int:
    """How many rows the ledger has of a week."""
    [(count,)] = await asked(
        "SELECT count(*) FROM ledger l WHERE l.tenant_id = {1} AND l.week = {2}",
        *(tenant_id, week),
    )
    return int(count)


async def weeks_of_books(tenant_id: UUID) -> list[date]:
    """Every week of which there are rows or sums."""
    found = await asked(
        """
        SELECT l.week FROM ledger l WHERE l.tenant_id = {1} GROUP BY l.week
        UNION SELECT r.week FROM usage_rollups r WHERE r.tenant_id = {1} GROUP BY r.week
        """,
        tenant_id,
    )
    return sorted(day(week) for (week,) in found)


# --- storing, within the transaction that is open -------------------------------------------------


async def move_mark(
    tenant_id: UUID, mark: Mark, *, settled_until: datetime, sealed: date | None
) -> bool:
    """Move the mark on from where it was seen; whether nobody else had moved it.

    Holds it until the transaction ends, so that sums and mark are moved by one only.
    """
    if mark.settled_until is None:
        sql = (
            "INSERT INTO usage_marks (tenant_id, id, settled_until, sealed)"
            " VALUES ({1}, {2}, {3}, {4}) ON CONFLICT (tenant_id) DO NOTHING"
        )
        return bool(await _done(sql, tenant_id, tenant_id, settled_until, sealed))
    same = "sealed IS NULL" if mark.sealed is None else "sealed = {5}"
    sql = (
        "UPDATE usage_marks SET settled_until = {2}, sealed = {3}"
        f" WHERE tenant_id = {{1}} AND settled_until = {{4}} AND {same}"
    )
    values = [tenant_id, settled_until, sealed, mark.settled_until]
    return bool(await _done(sql, *values, *([] if mark.sealed is None else [mark.sealed])))


async def forget_weeks(tenant_id: UUID, weeks: Sequence[date]) -> None:
    """Drop what is stored of some weeks."""
    for week in weeks:
        await _done(
            "DELETE FROM usage_rollups WHERE tenant_id = {1} AND week = {2}", *(tenant_id, week)
        )


async def add(tenant_id: UUID, sums: Sums) -> None:
    """Add calls to what is stored of their kinds."""
    place = places()
    names = ", ".join(ROLLUPS.columns)
    given = [(tenant_id, _id(tenant_id, kind), *kind, calls) for kind, calls in sums.items()]
    # In the same order by everybody.
    given.sort(key=lambda row: row[1])
    source = ROLLUPS.source(place, "n")
    for at in range(0, len(given), MOST_TOGETHER):
        await execute(
            f"INSERT INTO usage_rollups ({names}) SELECT {names} FROM {source} WHERE true"
            " ON CONFLICT (tenant_id, id)"
            " DO UPDATE SET calls = usage_rollups.calls + excluded.calls",
            *ROLLUPS.values(given[at : at + MOST_TOGETHER]),
        )


MOST_TOGETHER = 5_000

ROLLUPS = Bulk(
    {
        "tenant_id": "uuid",
        "id": "uuid",
        "week": "date",
        "day": "date",
        "client_id": "uuid",
        "customer_id": "uuid",
        "warehouse_id": "uuid",
        "field": "text",
        "calls": "bigint",
    }
)


def _id(tenant_id: UUID, kind: Kind) -> UUID:
    """The same for the same kind, so that it is found by its key."""
    return uuid5(tenant_id, "|".join(map(str, kind)))


async def _done(sql: str, *values: Any) -> int:
    return await execute(usage_queries.numbered(sql, len(values)), *values)
