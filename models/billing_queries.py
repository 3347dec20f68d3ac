"""What statements are made of: calls by client and field, and which weeks have one."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from models.clock import day, instant
from models.database import rows
from models.usage_queries import asked


class Line(NamedTuple):
    """How many calls of one client to one field."""

    client_id: UUID
    client_name: str
    field: str
    calls: int


async def lines_of_ledger(tenant_id: UUID, week: date) -> list[Line]:
    """Count the rows that a week pays for."""
    return _lines(
        await asked(
            """
            SELECT g.client_id, c.name, g.field, g.calls
            FROM (
                SELECT l.client_id, l.field, count(*) AS calls FROM ledger l
                WHERE l.tenant_id = {1} AND l.week = {2} GROUP BY l.client_id, l.field
            ) g
            JOIN api_clients c ON c.tenant_id = {1} AND c.id = g.client_id
            """,
            tenant_id,
            week,
        )
    )


async def lines_of_statement(tenant_id: UUID, statement_id: UUID) -> list[Line]:
    """Read what a closed week holds."""
    return _lines(
        await asked(
            """
            SELECT l.client_id, c.name, l.field, l.calls
            FROM statement_lines l
            JOIN api_clients c ON c.tenant_id = l.tenant_id AND c.id = l.client_id
            WHERE l.tenant_id = {1} AND l.statement_id = {2}
            """,
            tenant_id,
            statement_id,
        )
    )


def _lines(found: Sequence[Sequence[object]]) -> list[Line]:
    lines = [
        Line(UUID(str(client)), str(name), str(field), int(str(calls)))
        for client, name, field, calls in found
    ]
    return sorted(lines, key=lambda line: (line.client_name, line.client_id, line.field))


async def closed_weeks(tenant_id: UUID) -> set[date]:
    """The weeks that have a statement."""
    found = await asked("SELECT s.week FROM statements s WHERE s.tenant_id = {1}", tenant_id)
    return {day(week) for (week,) in found}


async def first_counted_week(tenant_id: UUID) -> date | None:
    """The first week that has a row in the ledger."""
    [(week,)] = await asked("SELECT min(l.week) FROM ledger l WHERE l.tenant_id = {1}", tenant_id)
    return None if week is None else day(week)


class Account(NamedTuple):
    """A tenant, with how far its weeks are closed."""

    tenant_id: UUID
    time_zone: str
    created_at: datetime
    first_counted: date | None
    last_closed: date | None


async def accounts() -> list[Account]:
    """Every tenant, by id."""
    found = await rows(
        """
        SELECT t.id, t.time_zone, t.created_at,
            (SELECT min(l.week) FROM ledger l WHERE l.tenant_id = t.id),
            (SELECT max(s.week) FROM statements s WHERE s.tenant_id = t.id)
        FROM tenants t ORDER BY t.id
        """
    )
    return [
        Account(
            UUID(str(tenant_id)),
            time_zone,
            instant(created_at),
            None if first is None else day(first),
            None if last is None else day(last),
        )
        for tenant_id, time_zone, created_at, first, last in found
    ]
