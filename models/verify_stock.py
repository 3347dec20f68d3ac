"""Questions about stock whose answers are empty as long as the books are right."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from models.fields import from_millionths
from models.moves import RESERVING
from models.usage_queries import asked

MEASURES = ("quantity", "allocated", "incoming")


class Level(NamedTuple):
    """A measure of a level beside the sum of its movements."""

    id: UUID
    product_code: str
    measure: str
    moved: Decimal
    stored: Decimal


class Line(NamedTuple):
    """What an order has moved for one of its lines, beside what it should have."""

    order_id: UUID
    item_id: UUID | None
    """A line that is there no more, where nothing should be moved for it."""
    expected: Decimal
    found: Decimal


async def levels_unlike_movements(tenant_id: UUID) -> list[Level]:
    """Levels that are not the sum of their movements."""
    differs = " OR ".join(f"l.{one} <> coalesce(m.{one}, 0)" for one in MEASURES)
    found = await asked(
        f"""
        SELECT l.id, l.product_code, l.quantity, l.allocated, l.incoming,
            coalesce(m.quantity, 0), coalesce(m.allocated, 0), coalesce(m.incoming, 0)
        FROM stock_levels l
        LEFT JOIN (
            SELECT s.level_id, sum(s.quantity) AS quantity, sum(s.allocated) AS allocated,
                sum(s.incoming) AS incoming
            FROM stock_movements s WHERE s.tenant_id = {{1}} GROUP BY s.level_id
        ) m ON m.level_id = l.id
        WHERE l.tenant_id = {{1}} AND ({differs})
        """,
        tenant_id,
    )
    return [
        Level(UUID(str(id)), code, measure, _base(sum_), _base(stored))
        for id, code, *both in map(list, found)
        for measure, stored, sum_ in zip(MEASURES, both[:3], both[3:], strict=True)
        if stored != sum_
    ]


async def not_holding_what_they_need(tenant_id: UUID) -> list[Line]:
    """Lines of outbound orders for which another amount is taken than their order needs."""
    return await _lines(
        tenant_id,
        "outbound",
        f"SELECT i.order_id, i.id, i.base_quantity, 0 {_outbound_in(RESERVING)}",
        "m.allocated",
    )


async def not_shipped_as_packed(tenant_id: UUID) -> list[Line]:
    """Lines of outbound orders of which another amount has left than should have."""
    return await _lines(
        tenant_id,
        "outbound",
        f"SELECT i.order_id, i.id, i.base_quantity, 0 {_outbound_in(['DISPATCHED'])}",
        "CASE WHEN m.kind IN ('DISPATCHED', 'REVERTED') THEN -m.quantity ELSE 0 END",
    )


async def not_announced_as_expected(tenant_id: UUID) -> list[Line]:
    """Lines of inbound orders that announce another amount, or goods in another state."""
    return await _lines(
        tenant_id,
        "inbound",
        f"""
        SELECT i.order_id, i.id, i.base_quantity, 0, {_state("i")}
        FROM inbound_order_items i
        JOIN inbound_orders o ON o.tenant_id = i.tenant_id AND o.id = i.order_id
        WHERE i.tenant_id = {{1}} AND o.status = 'NOT_YET_RECEIVED'
        """,
        "m.incoming",
        by_state=True,
    )


async def not_put_away_as_counted(tenant_id: UUID) -> list[Line]:
    """Lines of inbound orders of which another amount, or another state, was put away."""
    return await _lines(
        tenant_id,
        "inbound",
        f"""
        SELECT c.order_id, c.item_id, {_times("c.quantity", "i.unit_base")}, 0, {_state("c")}
        FROM inbound_order_counts c
        JOIN inbound_order_items i ON i.tenant_id = c.tenant_id AND i.id = c.item_id
        JOIN inbound_orders o ON o.tenant_id = c.tenant_id AND o.id = c.order_id
        WHERE c.tenant_id = {{1}} AND o.status = 'ALLOCATED'
            AND c.condition NOT IN ('MISSING', 'LOST')
        """,
        "m.quantity",
        by_state=True,
    )


async def moved_at_anothers(tenant_id: UUID) -> list[Line]:
    """Lines for which stock of another product, customer or warehouse was moved."""
    found = await asked(
        " UNION ALL ".join(_anothers(way) for way in ("outbound", "inbound")), tenant_id
    )
    return _told(found)


def _anothers(way: str) -> str:
    return f"""
        SELECT m.{way}_order_id, m.item_id, 0, 1000000 * count(*)
        FROM stock_movements m
        JOIN stock_levels l ON l.tenant_id = m.tenant_id AND l.id = m.level_id
        JOIN {way}_orders o ON o.tenant_id = m.tenant_id AND o.id = m.{way}_order_id
        LEFT JOIN {way}_order_items i ON i.tenant_id = m.tenant_id AND i.id = m.item_id
        WHERE m.tenant_id = {{1}} AND (
            l.customer_id <> o.customer_id OR l.warehouse_id <> o.warehouse_id
            OR l.product_id <> i.product_id OR i.order_id <> o.id
        )
        GROUP BY m.{way}_order_id, m.item_id
        """


def _outbound_in(statuses: Iterable[str]) -> str:
    """The lines `i` of outbound orders in these."""
    among = ", ".join(f"'{status}'" for status in sorted(statuses))
    return f"""
        FROM outbound_order_items i
        JOIN outbound_orders o ON o.tenant_id = i.tenant_id AND o.id = i.order_id
        WHERE i.tenant_id = {{1}} AND o.status IN ({among})
        """


async def _lines(
    tenant_id: UUID, way: str, needed: str, moved: str, *, by_state: bool = False
) -> list[Line]:
    """Where what lines need is not what was moved for them; both are sums, line by line."""
    names = "order_id, item_id, needed, moved"
    state = ", condition, batch, expiry_date" if by_state else ""
    found = await asked(
        f"""
        WITH both_sides ({names}{state}) AS (
            {needed}
            UNION ALL
            SELECT m.{way}_order_id, m.item_id, 0, {moved}{", " + _state("l") if state else ""}
            FROM stock_movements m
            JOIN stock_levels l ON l.tenant_id = m.tenant_id AND l.id = m.level_id
            WHERE m.tenant_id = {{1}} AND m.{way}_order_id IS NOT NULL
        )
        SELECT b.order_id, b.item_id, sum(b.needed), sum(b.moved) FROM both_sides b
        GROUP BY b.order_id, b.item_id{state}
        HAVING sum(b.needed) <> sum(b.moved)
        ORDER BY b.order_id, b.item_id
        """,
        tenant_id,
    )
    return _told(found)


def _state(row: str) -> str:
    return f"{row}.condition, {row}.batch, {row}.expiry_date"


def _times(quantity: str, base: str) -> str:
    """SQL for a product of two numbers of millionths, in parts that stay within 64 bits."""
    million = 1_000_000
    return (
        f"{quantity} / {million} * ({base} / {million}) * {million}"
        f" + {quantity} / {million} * ({base} % {million})"
        f" + {quantity} % {million} * ({base} / {million})"
        f" + {quantity} % {million} * ({base} % {million}) / {million}"
    )


def _told(found: Sequence[Any]) -> list[Line]:
    return [
        Line(UUID(str(order)), item and UUID(str(item)), _base(expected), _base(moved))
        for order, item, expected, moved in found
    ]


def _base(millionths: Any) -> Decimal:
    return from_millionths(int(millionths))
