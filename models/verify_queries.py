"""Questions whose answers are all empty as long as the books are right."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from models.bulk import places
from models.clock import day, instant, standing
from models.database import rows
from models.usage_queries import SETTLING_SECONDS, SPANS, Span, asked

CREATES = "('createOutboundOrder', 'createOutboundOrders')"


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


class Order(NamedTuple):
    """An outbound order, and how often something about it was found."""

    id: UUID | None
    found: int


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


async def orders_not_counted_once(tenant_id: UUID) -> list[Order]:
    """Orders that clients created for live customers, unless the ledger has one row of it.

    And those for sandbox customers if it has any. The demonstration's own orders have no client.
    """
    return _orders(
        await asked(
            f"""
            SELECT o.id, coalesce(n.calls, 0)
            FROM outbound_orders o
            JOIN customers c ON c.tenant_id = o.tenant_id AND c.id = o.customer_id
            JOIN outbound_order_events e
                ON e.tenant_id = o.tenant_id AND e.order_id = o.id AND e.version = 1
            LEFT JOIN (
                SELECT l.object_id, count(*) AS calls FROM ledger l
                WHERE l.tenant_id = {{1}} AND l.field IN {CREATES} GROUP BY l.object_id
            ) n ON n.object_id = o.id
            WHERE o.tenant_id = {{1}} AND coalesce(n.calls, 0)
                <> CASE WHEN e.client_id IS NULL OR c.sandbox THEN 0 ELSE 1 END
            """,
            tenant_id,
        )
    )


async def orders_counted_but_not_stored(tenant_id: UUID) -> list[Order]:
    """Orders whose creation was charged, and which are not there."""
    return _orders(
        await asked(
            f"""
            SELECT l.object_id, count(*) FROM ledger l
            LEFT JOIN outbound_orders o ON o.tenant_id = l.tenant_id AND o.id = l.object_id
            WHERE l.tenant_id = {{1}} AND l.field IN {CREATES} AND o.id IS NULL
            GROUP BY l.object_id
            """,
            tenant_id,
        )
    )


async def orders_with_broken_history(tenant_id: UUID) -> list[Order]:
    """Orders whose events are not numbered from 1 to their version."""
    return _orders(
        await asked(
            """
            SELECT o.id, coalesce(n.events, 0)
            FROM outbound_orders o
            LEFT JOIN (
                SELECT e.order_id, count(*) AS events, min(e.version) AS first,
                    max(e.version) AS last
                FROM outbound_order_events e WHERE e.tenant_id = {1} GROUP BY e.order_id
            ) n ON n.order_id = o.id
            WHERE o.tenant_id = {1} AND (
                n.events IS NULL OR n.events <> o.version OR n.first <> 1 OR n.last <> o.version
            )
            """,
            tenant_id,
        )
    )


async def orders_with_another_status(tenant_id: UUID) -> list[Order]:
    """Orders that do not stand where their last event left them."""
    return _orders(
        await asked(
            """
            SELECT o.id, 1
            FROM outbound_orders o
            JOIN outbound_order_events e
                ON e.tenant_id = o.tenant_id AND e.order_id = o.id AND e.version = o.version
            WHERE o.tenant_id = {1} AND e.status <> o.status
            """,
            tenant_id,
        )
    )


async def settled_until() -> datetime:
    """The instant before which no row can appear any more."""
    [(until,)] = await rows(f"SELECT {standing(SETTLING_SECONDS)}")
    return instant(until)


def _counted(row: Any) -> Counted:
    week, client, name, calls, settled = row
    return Counted(day(week), UUID(str(client)), name, int(calls), int(settled))


def _orders(found: Sequence[Any]) -> list[Order]:
    return [Order(order and UUID(str(order)), int(count)) for order, count in found]
