"""What statements are made of: calls by client and field, and which weeks have one."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from models.bulk import Bulk, places
from models.clock import day, instant
from models.database import execute, rows
from models.record import new_id
from models.usage_queries import asked


class Line(NamedTuple):
    """How many calls of one client to one field."""

    client_id: UUID
    client_name: str
    field: str
    calls: int


async def lines_of_statements(tenant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, list[Line]]:
    """Read what closed weeks hold, by statement."""
    if not ids:
        return {}
    place = places()
    source = IDS.source(place, "s")
    tenant = place()
    found = await rows(
        f"""
        SELECT l.statement_id, l.client_id, c.name, l.field, l.calls
        FROM {source} JOIN statement_lines l ON l.tenant_id = {tenant} AND l.statement_id = s.id
        JOIN api_clients c ON c.tenant_id = l.tenant_id AND c.id = l.client_id
        """,
        *IDS.values([(one,) for one in ids]),
        tenant_id,
    )
    lines: dict[UUID, list[Line]] = {}
    for statement, client, name, field, calls in found:
        line = Line(UUID(str(client)), name, field, int(calls))
        lines.setdefault(UUID(str(statement)), []).append(line)
    return {statement: in_order(of) for statement, of in lines.items()}


IDS = Bulk({"id": "uuid"})


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Lines as they are told: by the client's name, then by field."""
    return sorted(lines, key=lambda line: (line.client_name, line.client_id, line.field))


LINES = Bulk(
    {
        "tenant_id": "uuid",
        "id": "uuid",
        "statement_id": "uuid",
        "client_id": "uuid",
        "field": "text",
        "calls": "bigint",
    }
)


async def write_lines(tenant_id: UUID, statement_id: UUID, lines: Sequence[Line]) -> None:
    """Store the lines of a statement, within the transaction that stores it."""
    names = ", ".join(LINES.columns)
    await execute(
        f"INSERT INTO statement_lines ({names}) SELECT {names} FROM {LINES.source(places(), 'n')}",
        *LINES.values(
            [
                (tenant_id, new_id(), statement_id, line.client_id, line.field, line.calls)
                for line in lines
            ]
        ),
    )


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


class PaidCall(NamedTuple):
    """One row of the ledger, with the names of what it concerned."""

    id: UUID
    at: datetime
    late: bool
    client_id: UUID
    client_name: str
    field: str
    operation: str | None
    object_id: UUID | None
    customer_code: str | None
    warehouse_code: str | None
    request_id: str


async def paid_calls(
    tenant_id: UUID,
    week: date,
    client_id: UUID,
    field: str | None,
    *,
    after: tuple[datetime, UUID] | None,
    most: int,
) -> list[PaidCall]:
    """A client's calls that a week pays for, oldest first; from after one of them on."""
    values: list[Any] = [tenant_id, week, client_id]
    more = ""
    if field is not None:
        values.append(field)
        more += f" AND l.field = {{{len(values)}}}"
    if after is not None:
        values += after
        more += f" AND (l.at, l.id) > ({{{len(values) - 1}}}, {{{len(values)}}})"
    found = await asked(
        f"""
        SELECT l.id, l.at, l.late, l.client_id, a.name, l.field, l.operation, l.object_id,
            c.code, w.code, l.request_id
        FROM (
            SELECT l.* FROM ledger l
            WHERE l.tenant_id = {{1}} AND l.week = {{2}} AND l.client_id = {{3}}{more}
            ORDER BY l.at, l.id LIMIT {most:d}
        ) l
        JOIN api_clients a ON a.tenant_id = {{1}} AND a.id = l.client_id
        LEFT JOIN customers c ON c.tenant_id = {{1}} AND c.id = l.customer_id
        LEFT JOIN warehouses w ON w.tenant_id = {{1}} AND w.id = l.warehouse_id
        ORDER BY l.at, l.id
        """,
        *values,
    )
    return [
        PaidCall(
            UUID(str(row[0])),
            instant(row[1]),
            bool(row[2]),
            UUID(str(row[3])),
            row[4],
            row[5],
            row[6],
            None if row[7] is None else UUID(str(row[7])),
            row[8],
            row[9],
            row[10],
        )
        for row in found
    ]
