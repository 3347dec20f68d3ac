"""What `dockgate verify` says of orders, histories and stock that were changed by hand."""

from contextlib import suppress
from dataclasses import dataclass

import pytest_asyncio

from models.database import execute, transaction
from resolvers.differences import Difference
from resolvers.verify import verify
from tests.trade import Trade, do_business, open_trade

LEVEL = "a level is the sum of its movements"
HOLDS = "an outbound order holds what it needs"
LEFT = "what left was packed"
INCOMING = "what is incoming was announced"
PUT_AWAY = "what was counted was put away"
OWN = "an order moves stock of its own"
CHARGED = "what a client did is charged once, in a sandbox never"
EXISTS = "what was charged exists"
NUMBERED = "history is numbered from 1 to the version"
STANDS = "a job stands where its last change left it"
FOLLOWS = "a status follows the one before"


@dataclass(frozen=True)
class Spoilt:
    """A change of the tables behind everybody's back, and the rules that it breaks.

    `{id}` is the job of that name; `{other}` is that of the draft.
    """

    sql: str
    breaks: set[str]
    name: str = "draft"


LEVELS = [
    Spoilt(f"UPDATE stock_levels SET {measure} = {measure} + 1 WHERE quantity > allocated", {LEVEL})
    for measure in ("quantity", "allocated", "incoming")
]
STOCK = [
    Spoilt(
        "DELETE FROM stock_movements WHERE outbound_order_id = {id}", {LEVEL, HOLDS}, "standing"
    ),
    Spoilt(
        "UPDATE outbound_order_items SET base_quantity = base_quantity + 1 WHERE order_id = {id}",
        {HOLDS},
        "packed",
    ),
    Spoilt(
        "INSERT INTO stock_movements (tenant_id, id, level_id, kind, allocated, at,"
        " outbound_order_id, item_id) SELECT i.tenant_id, i.id, l.id, 'RESERVED', 1, l.created_at,"
        " i.order_id, i.id FROM outbound_order_items i JOIN stock_levels l"
        " ON l.product_id = i.product_id WHERE i.order_id = {id}",
        {LEVEL, HOLDS},
        "AWAIT_STOCK 4",
    ),
    Spoilt(
        "UPDATE stock_movements SET kind = 'ADJUSTED'"
        " WHERE outbound_order_id = {id} AND kind = 'DISPATCHED'",
        {LEFT},
        "dispatched",
    ),
    Spoilt(
        "UPDATE stock_movements SET kind = 'ADJUSTED'"
        " WHERE outbound_order_id = {id} AND kind = 'REVERTED'",
        {LEFT},
        "brought back",
    ),
    Spoilt(
        "UPDATE inbound_order_items SET base_quantity = base_quantity + 1 WHERE order_id = {id}",
        {INCOMING},
        "to come, changed",
    ),
    Spoilt(
        "UPDATE inbound_order_items SET batch = 'L9' WHERE order_id = {id} AND position = 1",
        {INCOMING},
        "to come",
    ),
    Spoilt(
        "UPDATE inbound_order_counts SET quantity = quantity + 1 WHERE order_id = {id}",
        {PUT_AWAY},
        "put away",
    ),
    Spoilt(
        "UPDATE inbound_order_counts SET condition = 'OK'"
        " WHERE order_id = {id} AND condition = 'MISSING'",
        {PUT_AWAY},
        "put away",
    ),
    Spoilt(
        "UPDATE stock_levels SET customer_id = (SELECT id FROM customers WHERE code = 'ZEN')"
        " WHERE product_code = 'RARE'",
        {OWN},
        "more of it",
    ),
]
CHARGES = [
    *(
        Spoilt("DELETE FROM ledger WHERE object_id = {id}", {CHARGED}, name)
        for name in ("standing", "to come", "PICKUP_DELIVERY", "POT")
    ),
    *(
        Spoilt(
            f"DELETE FROM ledger WHERE object_id = {{id}} AND field = '{field}'", {CHARGED}, name
        )
        for name, field in (
            ("cancelled", "cancelOutboundOrder"),
            ("submitted", "updateOutboundOrder"),
            ("to come no more", "cancelInboundOrder"),
            ("PICKUP", "cancelConsignment"),
            ("CUP", "updateProduct"),
        )
    ),
    *(
        Spoilt("UPDATE ledger SET object_id = {id} WHERE object_id = {other}", {CHARGED}, name)
        for name in ("standing", "sandbox", "by a person", "the rest")
    ),
    Spoilt(
        "UPDATE ledger SET object_id = {id} WHERE field = 'createConsignment'",
        {CHARGED},
        "for an order",
    ),
    *(
        Spoilt(
            "UPDATE ledger SET object_id = tenant_id WHERE object_id = {id}",
            {CHARGED, EXISTS},
            name,
        )
        for name in ("standing", "come", "PICKUP_DELIVERY", "POT")
    ),
    # Whether its order made it is not known.
    Spoilt("DELETE FROM ledger WHERE object_id = {id}", set(), "for an order"),
]
HISTORIES = [
    *(
        Spoilt(f"UPDATE {table} SET version = version + 1 WHERE id = {{id}}", {NUMBERED}, name)
        for table, name in (
            ("outbound_orders", "draft"),
            ("inbound_orders", "to come"),
            ("consignments", "PICKUP_DELIVERY"),
            ("products", "POT"),
        )
    ),
    Spoilt("UPDATE inbound_orders SET status = 'VERIFIED' WHERE id = {id}", {STANDS}, "come"),
    Spoilt(
        "UPDATE consignments SET status = 'COLLECTED' WHERE id = {id}", {STANDS}, "PICKUP_DELIVERY"
    ),
    Spoilt(
        "UPDATE outbound_order_events SET status = 'PACKING_IN_PROGRESS'"
        " WHERE order_id = {id} AND version = 3",
        {FOLLOWS},
        "dispatched",
    ),
    Spoilt(
        "UPDATE inbound_order_events SET status = 'RECEIVED' WHERE order_id = {id} AND version = 3",
        {FOLLOWS},
        "put away",
    ),
    Spoilt(
        "UPDATE consignment_events SET status = 'AWAITING_PICKUP'"
        " WHERE consignment_id = {id} AND version = 1",
        {FOLLOWS},
        "DELIVERY",
    ),
    Spoilt(
        "UPDATE outbound_order_events SET status = 'CANCELLED'"
        " WHERE order_id = {id} AND version = 1",
        {FOLLOWS},
        "cancelled",
    ),
]


@pytest_asyncio.fixture
async def trade(http, world) -> Trade:
    busy = await open_trade(http, world)
    await do_business(busy)
    return busy


class Undo(Exception):
    """Ends a transaction that nobody wants."""


async def found(trade: Trade, spoilt: Spoilt) -> list[Difference]:
    """What is said of the change; it is undone."""
    differences: list[Difference] = []
    ids = {"id": trade.id(spoilt.name), "other": trade.id("draft")}
    with suppress(Undo):
        async with transaction():
            sql = spoilt.sql.format(**{name: f"'{id}'" for name, id in ids.items()})
            assert await execute(sql) > 0, sql
            differences += await verify()
            raise Undo
    return differences


async def test_a_busy_trade_is_right_and_whatever_is_changed_by_hand_is_named(trade):
    """All changes on one trade, each undone: making a trade takes longer than looking at it."""
    assert [str(one) for one in await verify()] == []

    broken, unnamed = {}, []
    cases = [*LEVELS, *STOCK, *CHARGES, *HISTORIES]
    for spoilt in cases:
        differences = await found(trade, spoilt)
        broken[spoilt.sql, spoilt.name] = {one.rule for one in differences}
        about = " ".join(one.about for one in differences)
        if differences and spoilt not in LEVELS and str(trade.id(spoilt.name)) not in about:
            unnamed.append(spoilt)

    assert broken == {(spoilt.sql, spoilt.name): spoilt.breaks for spoilt in cases}
    assert unnamed == []
    assert await verify() == []
