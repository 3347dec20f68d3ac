"""What the ledger is asked: running totals of a week, and reports."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from models.bulk import Bulk, places
from models.clock import day, instant, standing
from models.database import Dialect, dialect, rows
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

    That way every count reads one stretch of the index (tenant, week, client, instant). What is
    added up already is not counted again.
    """
    place = places()
    tenant, of_week = place(), place()
    whose, values = "", [tenant_id, week]
    if client_id is not None:
        whose = place()
        values.append(client_id)
    until = standing(SETTLING_SECONDS)
    of_client = f"l.tenant_id = {tenant} AND l.week = {of_week} AND l.client_id = c.id"
    own = f" AND {{}} = {whose}" if whose else ""
    if since is None:
        begun = f"CASE WHEN {TRUSTED.format(week=of_week)} THEN m.settled_until END"
        rolled = f"""(
            SELECT coalesce(sum(r.calls), 0) FROM usage_rollups r
            WHERE r.tenant_id = {tenant} AND r.week = {of_week}{own.format("r.client_id")}
                AND {TRUSTED.format(week=of_week)}
        )"""
    else:
        begun, rolled = place(), "0"
        values.append(since)
    from_then = f"l.at >= coalesce({begun}, {beginning()})"
    [(settled, newer, rolled_up, settled_until, as_of)] = await rows(
        f"""
        SELECT
            coalesce(sum((
                SELECT count(*) FROM ledger l WHERE {of_client} AND {from_then} AND l.at < {until}
            )), 0),
            coalesce(sum((
                SELECT count(*) FROM ledger l WHERE {of_client} AND l.at >= {until}
            )), 0),
            {"max" if since is None else ""}({rolled}), {until}, {standing()}
        FROM {mark(tenant)} LEFT JOIN api_clients c ON c.tenant_id = {tenant}{own.format("c.id")}
        """,
        *values,
    )
    counted = int(settled) + int(rolled_up)
    return Running(counted, int(newer), settled_until, instant(as_of))


TRUSTED = "(m.trusted AND (m.sealed IS NULL OR m.sealed < {week}))"
"""Whether exactly those rows of a week are added up that were written before the mark."""


def beginning() -> str:
    """SQL for an instant before all others."""
    if dialect() is Dialect.SQLITE:
        return "'0001-01-01T00:00:00.000000Z'"
    return "'0001-01-01T00:00:00Z'::timestamptz"


def mark(tenant: str) -> str:
    """SQL for how far a tenant's ledger is added up: one row `m`, of a tenant without a mark, too.

    It is not `trusted` while the clock is behind it: rows may be written before the mark then.
    """
    return f"""(
        SELECT k.settled_until, k.sealed,
            coalesce(k.settled_until <= {standing(SETTLING_SECONDS)}, 1 = 0) AS trusted
        FROM (SELECT 1 AS one) o LEFT JOIN usage_marks k ON k.tenant_id = {tenant}
    ) m"""


class Span(NamedTuple):
    """A stretch of a paying week; a whole week, open at both ends, holds all its rows."""

    week: date
    day: date | None
    starts_at: datetime
    ends_at: datetime
    from_day: date
    """The days it is made of, the last one excluded."""
    to_day: date


SPANS = Bulk(
    {
        "week": "date",
        "day": "date",
        "starts_at": "timestamptz",
        "ends_at": "timestamptz",
        "from_day": "date",
        "to_day": "date",
    }
)

COLUMNS = {
    UsageDimension.WEEK: "u.week",
    UsageDimension.DAY: "u.day",
    UsageDimension.CLIENT: "u.client_id",
    UsageDimension.CUSTOMER: "u.customer_id",
    UsageDimension.WAREHOUSE: "u.warehouse_id",
    UsageDimension.OPERATION: "u.field",
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
    """Count the calls of some stretches, by any dimensions; at most so many groups.

    Exact at any moment: what is added up, and the rows that are not yet, seen at one instant.
    """
    place = places()
    # The spans come first and stay there (CROSS JOIN keeps SQLite from turning it round): for
    # each, one stretch of the index a client.
    source = SPANS.source(place, "e")
    tenant = place()
    own = "" if client_id is None else f" AND {{}} = {place()}"
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
        WITH s AS (SELECT e.* FROM {source})
        SELECT g.*{names} FROM (
            SELECT {picked}CAST(sum(u.calls) AS bigint) AS calls FROM (
                {_added_up(tenant, own)}
                UNION ALL
                {_not_yet(tenant, own)}
            ) u
            {f"GROUP BY {grouped}" if grouped else "HAVING count(*) > 0"}
            LIMIT {most:d}
        ) g{joined}
        """,
        *SPANS.values(spans),
        tenant_id,
        *(() if client_id is None else (client_id,)),
    )
    return [_group(row, group_by) for row in found]


def _added_up(tenant: str, own: str) -> str:
    return f"""
        SELECT s.week, s.day, r.client_id, r.customer_id, r.warehouse_id, r.field, r.calls
        FROM s CROSS JOIN {mark(tenant)} CROSS JOIN usage_rollups r
        WHERE r.tenant_id = {tenant} AND r.week = s.week
            AND r.day >= s.from_day AND r.day < s.to_day
            AND (m.trusted OR s.week <= m.sealed){own.format("r.client_id")}
    """


def _not_yet(tenant: str, own: str) -> str:
    since = f"CASE WHEN m.trusted THEN m.settled_until ELSE {beginning()} END"
    return f"""
        SELECT s.week, s.day, l.client_id, l.customer_id, l.warehouse_id, l.field, 1
        FROM s CROSS JOIN {mark(tenant)} CROSS JOIN api_clients c
        CROSS JOIN {rows_of_clients(tenant, since)}
            AND (m.sealed IS NULL OR s.week > m.sealed){own.format("c.id")}
    """


def rows_of_clients(tenant: str, since: str | None = None) -> str:
    """SQL for the ledger's rows `l` of a span `s` and a client `c`, after a JOIN; ends in a WHERE.

    One stretch of the index for each: PostgreSQL, which cannot know how short it is, would rather
    read all of the ledger, and OFFSET 0 keeps it from that.
    """
    # One lower bound: of two, SQLite looks one up, and it may be the one that bounds nothing.
    latest = "max" if dialect() is Dialect.SQLITE else "greatest"
    begins = "s.starts_at" if since is None else f"{latest}(s.starts_at, {since})"
    own = (
        f"l.tenant_id = {tenant} AND l.week = s.week AND l.client_id = c.id"
        f" AND l.at >= {begins} AND l.at < s.ends_at"
    )
    if dialect() is Dialect.SQLITE:
        return f"ledger l WHERE c.tenant_id = {tenant} AND {own}"
    return f"LATERAL (SELECT * FROM ledger l WHERE {own} OFFSET 0) l WHERE c.tenant_id = {tenant}"


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
    return await rows(numbered(sql, len(values)), *values)


def numbered(sql: str, values: int) -> str:
    """The text with the places of so many values for `{1}`, `{2}`."""
    return sql.format(*(dialect().placeholder(number) for number in range(values + 1)))
