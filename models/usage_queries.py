"""What the ledger is asked: running totals of a week, and reports."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from models.bulk import Bulk, places
from models.clock import day, instant, standing
from models.database import dialect, rows
from models.words import UsageDimension

SETTLING_SECONDS = 90
"""Transactions end within 60 s, so no row older than this is still to appear."""


class Running(NamedTuple):
    """How many calls a week holds from some instant on."""

    settled: int
    """Those before `settled_until`; no more of them will appear."""
    newer: int
    settled_until: Any
    """As the engine at hand writes instants; for the next question."""
    as_of: datetime


async def running(
    tenant_id: UUID, client_id: UUID | None, week: date, since: Any | None
) -> Running:
    """Count one client's calls, or all of the tenant's, client by client.

    That way every count reads one stretch of the index (tenant, week, client, instant).
    """
    until = standing(SETTLING_SECONDS)
    of_client = "l.tenant_id = c.tenant_id AND l.week = {2} AND l.client_id = c.id"
    from_then = "" if since is None else " AND l.at >= {3}"
    whose = "" if client_id is None else f" AND c.id = {{{3 if since is None else 4}}}"
    [(settled, newer, settled_until, as_of)] = await asked(
        f"""
        SELECT
            coalesce(sum((
                SELECT count(*) FROM ledger l WHERE {of_client}{from_then} AND l.at < {until}
            )), 0),
            coalesce(sum((
                SELECT count(*) FROM ledger l WHERE {of_client} AND l.at >= {until}
            )), 0),
            {until}, {standing()}
        FROM api_clients c
        WHERE c.tenant_id = {{1}}{whose}
        """,
        tenant_id,
        week,
        *(() if since is None else (since,)),
        *(() if client_id is None else (client_id,)),
    )
    return Running(int(settled), int(newer), settled_until, instant(as_of))


class Span(NamedTuple):
    """A stretch of a paying week; a whole week, open at both ends, holds all its rows."""

    week: date
    day: date | None
    starts_at: datetime
    ends_at: datetime


SPANS = Bulk({"week": "date", "day": "date", "starts_at": "timestamptz", "ends_at": "timestamptz"})

COLUMNS = {
    UsageDimension.WEEK: "s.week",
    UsageDimension.DAY: "s.day",
    UsageDimension.CLIENT: "l.client_id",
    UsageDimension.CUSTOMER: "l.customer_id",
    UsageDimension.WAREHOUSE: "l.warehouse_id",
    UsageDimension.OPERATION: "l.field",
}
NAMED_IN = {
    UsageDimension.CLIENT: ("api_clients", "NULL"),
    UsageDimension.CUSTOMER: ("customers", "n{0}.code"),
    UsageDimension.WAREHOUSE: ("warehouses", "n{0}.code"),
}


class Named(NamedTuple):
    """A client, customer or warehouse as a report names it."""

    id: UUID
    code: str | None
    name: str


class Group(NamedTuple):
    """One line of a report: a value for each dimension asked for, in that order, and the calls.

    A date, a `Named`, or the name of a root field; None where calls concern several or none.
    """

    values: tuple[date | Named | str | None, ...]
    calls: int


async def report(
    tenant_id: UUID,
    spans: Sequence[Span],
    group_by: Sequence[UsageDimension],
    *,
    client_id: UUID | None = None,
    most: int,
) -> list[Group]:
    """Count the rows of some stretches, by any dimensions; at most so many groups."""
    place = places()
    # The spans come first and stay there (CROSS JOIN keeps SQLite from turning it round): for
    # each, one stretch of the index.
    source = SPANS.source(place, "s")
    tenant = place()
    own = "" if client_id is None else f" AND l.client_id = {place()}"
    picked = "".join(f"{COLUMNS[by]} AS d{n}, " for n, by in enumerate(group_by))
    grouped = ", ".join(COLUMNS[by] for by in group_by)
    named = [(n, *NAMED_IN[by]) for n, by in enumerate(group_by) if by in NAMED_IN]
    names = "".join(f", {code.format(n)}, n{n}.name" for n, _, code in named)
    joined = "".join(
        f" LEFT JOIN {table} n{n} ON n{n}.tenant_id = {tenant} AND n{n}.id = g.d{n}"
        for n, table, _ in named
    )
    found = await rows(
        f"""
        SELECT g.*{names} FROM (
            SELECT {picked}count(*) AS calls
            FROM {source} CROSS JOIN ledger l
            WHERE l.tenant_id = {tenant} AND l.week = s.week
                AND l.at >= s.starts_at AND l.at < s.ends_at{own}
            {f"GROUP BY {grouped}" if grouped else ""}
            LIMIT {most:d}
        ) g{joined}
        """,
        *SPANS.values(spans),
        tenant_id,
        *(() if client_id is None else (client_id,)),
    )
    return [_group(row, group_by) for row in found]


def _group(row: Any, group_by: Sequence[UsageDimension]) -> Group:
    told = iter(list(row)[len(group_by) + 1 :])
    values: list[date | Named | str | None] = []
    for by, value in zip(group_by, row, strict=False):
        if by in NAMED_IN:
            code, name = next(told), next(told)
            values.append(None if value is None else Named(UUID(str(value)), code, name))
        elif by in {UsageDimension.WEEK, UsageDimension.DAY}:
            values.append(day(value))
        else:
            values.append(value)
    return Group(tuple(values), row[len(group_by)])


async def asked(sql: str, *values: Any) -> Sequence[Any]:
    """Ask with values named `{1}`, `{2}` in the text."""
    return await rows(
        sql.format(*(dialect().placeholder(number) for number in range(len(values) + 1))), *values
    )
