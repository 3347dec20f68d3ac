"""What usage costs to look at when there is a great deal of it.

Fills a ledger and a call log with made-up rows, by one INSERT ... SELECT after the other; adds the
ledger up; and tells how long questions about it take. The database has to be migrated and empty.
"""

import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg

from models.database import Dialect, connect, dialect, disconnect, execute, rows
from models.database.migrations import migrate
from models.periods import Period
from models.reach import Reach
from models.record import new_id
from models.tenants import Tenant
from models.words import StaffRole, UsageDimension
from resolvers import billing, customers, rollups, tenants, warehouses
from resolvers.access import Caller
from resolvers.totals import Totals
from resolvers.usage import usage_report
from schema import build
from schema.context import Context

CLIENTS, CUSTOMERS, WAREHOUSES, FIELDS = 50, 20, 3, 8
AT_ONCE = 50_000
TIMES = 9

ASKED = {
    "a page of calls": "{ apiCalls(first: 100) { edges { node { at field client { name } } } } }",
    "a page of one client's calls": """{ apiCalls(first: 100, filter: {client: {eq: "%(client)s"}})
        { edges { node { at field customer { code } } } } }""",
    "a page of faults, which are rare": """{ apiCalls(first: 100,
        filter: {outcome: {eq: SERVER_FAULT}}) { edges { node { at field } } } }""",
    "the calls of one job": """{ apiCalls(filter: {object: {eq: "%(object)s"}})
        { edges { node { at field } } } }""",
    "a page of a line's calls": """{ statementCalls(week: "%(week)s", client: "%(client)s",
        field: "field2", first: 100) { edges { node { at object customer { code } } } } }""",
}


async def measure(url: str, calls: int, logged: int) -> None:
    """Fill, add up, ask; print how long each took."""
    await connect(url)
    try:
        await migrate()
        tenant, caller = await _tenant()
        clients = await _parties(tenant)
        await _timed(f"{calls:,} rows of the ledger", _fill(url, tenant, "ledger", calls))
        await _timed(f"{logged:,} rows of the call log", _fill(url, tenant, "calls", logged))
        if dialect() is Dialect.POSTGRES:
            await execute("ANALYZE")
        by_client = [UsageDimension.CLIENT]
        if calls <= AT_ONCE * 40:
            await _median("the week by client, from the ledger", lambda: _report(caller, by_client))
        added = await _timed("adding it all up", rollups.settle(tenant))
        print(f"{added:,} calls were added up")
        for by in (
            [],
            by_client,
            [UsageDimension.DAY],
            [UsageDimension.OPERATION],
            [UsageDimension.CUSTOMER, UsageDimension.WAREHOUSE],
            list(UsageDimension),
        ):
            name = ", ".join(one.lower() for one in by) or "nothing"
            await _median(f"the week by {name}", lambda by=by: _report(caller, by))
        await _median("the preview of the statement", lambda: billing.statement(tenant.id))
        zone = tenant.time_zone
        await _median("a total, anew", lambda: Totals().used(tenant.id, None, zone))
        schema = build()
        week = Period.at(datetime.now(UTC), zone).week
        [(some,)] = await rows(
            "SELECT c.object_id FROM calls c WHERE c.object_id IS NOT NULL LIMIT 1"
        )
        for name, document in ASKED.items():
            text = document % {"client": clients[0], "week": week, "object": some}
            await _median(name, lambda text=text: _ask(schema, caller, text))
        await _timed("building it anew", rollups.rebuild(tenant))
    finally:
        await disconnect()


async def _tenant() -> tuple[Tenant, Caller]:
    tenant = await tenants.create_tenant("Busy 3PL", "AUD", "Australia/Sydney")
    caller = Caller(
        reach=Reach.of_tenant(tenant.id),
        name="host",
        tenant_name=tenant.name,
        currency=tenant.currency,
        time_zone=tenant.time_zone,
        staff_user_id=new_id(),
        staff_role=StaffRole.ADMINISTRATOR,
    )
    return tenant, caller


async def _parties(tenant: Tenant) -> list[Any]:
    p = dialect().placeholder
    ids = [new_id() for _ in range(CLIENTS)]
    now = datetime.now(UTC)
    for n, one in enumerate(ids):
        await execute(
            "INSERT INTO api_clients (tenant_id, id, name, created_at, modified_at)"
            f" VALUES ({p(1)}, {p(2)}, {p(3)}, {p(4)}, {p(4)})",
            *(tenant.id, one, f"Client {n}", now),
        )
    for n in range(CUSTOMERS):
        await customers.create(tenant.id, f"C{n}", f"Customer {n}")
    for n in range(WAREHOUSES):
        await warehouses.create(tenant.id, f"W{n}", f"Warehouse {n}")
    return ids


async def _fill(url: str, tenant: Tenant, table: str, number: int) -> None:
    """Rows spread over the week so far; each client calls for two customers, from one depot."""
    period = Period.at(datetime.now(UTC), tenant.time_zone)
    seconds = (datetime.now(UTC) - period.start).total_seconds() - 120
    sqlite = dialect() is Dialect.SQLITE
    p = dialect().placeholder
    own, values = {
        "ledger": ("week", f"{p(5)}" if sqlite else f"{p(5)}::date"),
        "calls": (
            "outcome, count, milliseconds",
            "CASE WHEN n % 10007 = 0 THEN 'SERVER_FAULT' ELSE 'COUNTED' END, 1, 5",
        ),
    }[table]
    if sqlite:
        series = (
            f"(WITH RECURSIVE s (n) AS (SELECT {p(1)} UNION ALL SELECT n + 1 FROM s"
            f" WHERE n < {p(2)}) SELECT n FROM s) g"
        )
        at = f"strftime('%Y-%m-%dT%H:%M:%f000Z', julianday({p(3)}) + n * {p(4)} / 86400.0)"
        key = (
            "lower(hex(randomblob(4))||'-'||hex(randomblob(2))||'-7'||substr(hex(randomblob(2)),2)"
        )
        key += "||'-8'||substr(hex(randomblob(2)),2)||'-'||hex(randomblob(6)))"
    else:
        series = f"generate_series({p(1)}::bigint, {p(2)}::bigint) AS g (n)"
        at = f"{p(3)}::timestamptz + n * {p(4)}::float8 * interval '1 second'"
        key = "gen_random_uuid()"
    week = (period.week,) if table == "ledger" else ()
    insert = f"""
        INSERT INTO {table} (tenant_id, id, at, client_id, field, request_id, customer_id,
            warehouse_id, object_id, {own})
        SELECT c.tenant_id, {key}, {at}, c.id, 'field' || (n % {FIELDS}), 'r-' || n,
            k.id, w.id, {key}, {values}
        FROM {series}
        JOIN (SELECT a.*, row_number() OVER (ORDER BY a.id) - 1 AS o FROM api_clients a) c
            ON c.o = n % {CLIENTS}
        JOIN (SELECT a.*, row_number() OVER (ORDER BY a.id) - 1 AS o FROM customers a) k
            ON k.o = (n % {CLIENTS} + n % 2) % {CUSTOMERS}
        JOIN (SELECT a.*, row_number() OVER (ORDER BY a.id) - 1 AS o FROM warehouses a) w
            ON w.o = n % {WAREHOUSES}
    """
    if not sqlite:
        return await _fill_postgres(url, table, insert, number, period.start, seconds, *week)
    for first in range(0, number, AT_ONCE):
        last = min(first + AT_ONCE, number) - 1
        await execute(insert, first, last, period.start, seconds / number, *week)
    return None


async def _fill_postgres(
    url: str, table: str, insert: str, number: int, start: datetime, seconds: float, *week: Any
) -> None:
    """Without indexes, references and time limits, and with the indexes again afterwards."""
    link = await asyncpg.connect(url)
    try:
        indexes = await link.fetch(
            "SELECT indexname AS name, indexdef AS made FROM pg_indexes"
            " WHERE tablename = $1 AND indexname <> $2",
            *(table, f"{table}_pkey"),
        )
        await link.execute("SET session_replication_role = replica")
        await link.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey")
        for index in indexes:
            await link.execute(f"DROP INDEX {index['name']}")
        await link.execute(insert, 0, number - 1, start, seconds / number, *week)
        await link.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (tenant_id, id)")
        for index in indexes:
            await link.execute(index["made"])
    finally:
        await link.close()


async def _report(caller: Caller, by: list[UsageDimension]) -> Any:
    return await usage_report(caller, group_by=by, tenant_wide=True)


async def _ask(schema: Any, caller: Caller, document: str) -> Any:
    answer = await schema.execute(document, context_value=Context(caller, "benchmark"))
    if answer.errors:
        raise SystemExit(f"{document}: {answer.errors}")
    return answer


async def _timed(what: str, work: Awaitable[Any]) -> Any:
    began = time.perf_counter()
    answer = await work
    print(f"{what:<45} {time.perf_counter() - began:10.1f} s", flush=True)
    return answer


async def _median(what: str, ask: Callable[[], Awaitable[Any]]) -> None:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await ask()
        took.append((time.perf_counter() - began) * 1_000)
    print(f"{what:<45} {statistics.median(took):10.1f} ms (most {max(took):.1f})", flush=True)
