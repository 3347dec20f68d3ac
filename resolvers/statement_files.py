"""Statements for other programs: lines and calls as CSV (RFC 4180) or as JSON.

In CSV no cell is a formula to a spreadsheet: a text that begins like one has an apostrophe before
it. JSON tells every text as it is.
"""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from models import billing_queries
from models.billing_queries import PaidCall
from models.money import decimal_amount
from resolvers.billing import WeekStatement
from resolvers.report_files import harmless


class StatementFormat(StrEnum):
    """How a file is written."""

    CSV = "csv"
    JSON = "json"


LINES = ("week", "clientId", "clientName", "field", "calls")
CALLS = (
    "week",
    "at",
    "late",
    "clientId",
    "clientName",
    "field",
    "operation",
    "object",
    "customerCode",
    "warehouseCode",
    "requestId",
)
AT_ONCE = 2_000
"""Calls that are read and sent together."""


def lines_of(statement: WeekStatement, form: StatementFormat) -> bytes:
    """All lines of a statement; in JSON with what it comes to."""
    rows = [
        (statement.week, line.client_id, line.client_name, line.field, line.calls)
        for line in statement.lines
    ]
    if form is StatementFormat.CSV:
        return _csv([LINES, *map(_cells, rows)])
    lines = [dict(zip(LINES[1:], row[1:], strict=True)) for row in rows]
    return _json({**summary(statement), "lines": lines}) + b"\n"


def summary(statement: WeekStatement) -> dict[str, Any]:
    """What a week comes to, by the names of the schema. Decimals are texts, as they are there."""
    return {
        "week": statement.week,
        "startsAt": statement.starts_at,
        "endsAt": statement.ends_at,
        "timeZone": statement.time_zone,
        "consignments": statement.consignments,
        "warehouseOrders": statement.warehouse_orders,
        "callsPerJob": statement.calls_per_job,
        "included": statement.included,
        "used": statement.used,
        "excess": statement.excess,
        "pricePerCall": format(Decimal(statement.price_micros).scaleb(-6).normalize(), "f"),
        "charge": {
            "amount": str(decimal_amount(statement.amount, statement.currency)),
            "currency": statement.currency,
        },
        "closedAt": statement.closed_at,
        "asOf": statement.as_of,
    }


async def calls_of(
    statement: WeekStatement,
    tenant_id: UUID,
    form: StatementFormat,
    *,
    client_id: UUID | None = None,
    field: str | None = None,
) -> AsyncIterator[bytes]:
    """The calls of a statement's lines, a piece at a time, each client's oldest first."""
    of_csv = form is StatementFormat.CSV
    yield _csv([CALLS]) if of_csv else b"["
    between = b"\n"
    chosen = dict.fromkeys(
        line.client_id for line in statement.lines if client_id in {None, line.client_id}
    )
    for one in chosen:
        after: tuple[datetime, UUID] | None = None
        while True:
            found = await billing_queries.paid_calls(
                tenant_id, statement.week, one, field, after=after, most=AT_ONCE
            )
            rows = [_call(statement.week, call) for call in found]
            if of_csv:
                yield _csv([_cells(row) for row in rows])
            elif rows:
                told = (_json(dict(zip(CALLS, row, strict=True))) for row in rows)
                yield between + b",\n".join(told)
                between = b",\n"
            if len(found) < AT_ONCE:
                break
            after = (found[-1].at, found[-1].id)
    if not of_csv:
        yield b"\n]\n"


def _call(week: date, call: PaidCall) -> tuple[Any, ...]:
    return (
        week,
        call.at,
        call.late,
        call.client_id,
        call.client_name,
        call.field,
        call.operation,
        call.object_id,
        call.customer_code,
        call.warehouse_code,
        call.request_id,
    )


def _cells(row: Sequence[Any]) -> list[Any]:
    return [_cell(value) for value in row]


def _cell(value: Any) -> Any:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return harmless(value)
        case datetime():
            return _instant(value)
    return value


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue().encode()


def _json(value: object) -> bytes:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _plain(value: Any) -> str:
    return _instant(value) if isinstance(value, datetime) else str(value)


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
