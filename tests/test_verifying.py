"""Verifying and putting away what came, and processing again what was rejected."""

import pytest
import pytest_asyncio

from models.inbound import InboundOrder
from models.products import Product
from models.tenants import Customer
from models.words import Condition, InboundStatus
from tests.announcements import oats, rice, update
from tests.asking import Shop, open_shop
from tests.dock import Dock, count, received
from tests.shelves import keep, shelves


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    shop = await open_shop(http, world)
    await keep(shop, "RICE")
    await keep(shop, "OATS")
    return shop


@pytest_asyncio.fixture
async def dock(shop) -> Dock:
    return Dock(shop, await shop.world.staff_token())


# --- verifying ----------------------------------------------------------------------------------


async def test_goods_stand_in_the_condition_they_were_found_in(dock, shop):
    order_id = await received(dock, rice("2", unit="CTN"), oats("5", condition="QUARANTINE"))
    counts = [
        count("0.5"),
        count("0.25", "RECEIVED_DAMAGED"),
        count("0.5", "OK", batch="B1", expiryDate="2027-01-31"),
        count("0.25", "MISSING"),
        count("0.5", "LOST"),
    ]
    items = [{"item": dock.lines[0], "counts": counts}]

    order = await dock.done("verify", order_id, 2, items=items)
    await dock.done("putAway", order_id, 3)

    told = [(one["condition"], one["quantity"]) for one in order["items"][0]["counts"]]
    assert told == [(one["condition"], one["quantity"]) for one in counts]
    assert await shelves(shop, "RICE") == {
        ("OK", None, None): ("6", "0", "0"),
        ("RECEIVED_DAMAGED", None, None): ("3", "0", "0"),
        ("OK", "B1", "2027-01-31"): ("6", "0", "0"),
    }
    assert await shelves(shop, "OATS") == {("QUARANTINE", None, None): ("5", "0", "0")}


@pytest.mark.parametrize("condition", Condition)
async def test_only_what_is_there_is_put_away(dock, shop, condition):
    order_id = await received(dock, rice())
    counts = [count("10", condition)]
    await dock.done("verify", order_id, 2, items=[{"item": dock.lines[0], "counts": counts}])
    await dock.done("putAway", order_id, 3)

    gone = condition in {Condition.MISSING, Condition.LOST}
    stands = {} if gone else {(condition, None, None): ("10", "0", "0")}
    assert await shelves(shop, "RICE") == stands
    answer = await shop.place(items=[rice("1")])
    free = condition is Condition.OK
    assert answer.told == ([] if free else [("INSUFFICIENT_STOCK", "input.items.0.quantity")])


async def test_counts_come_to_what_was_received(dock):
    order_id = await received(dock, rice("10"), oats("5"), rice("3"))
    first, second, third = dock.lines
    items = [
        {"item": first, "counts": [count("9"), count("0.5", "DAMAGED")]},
        {"item": second, "counts": []},
        {"item": third, "counts": [count("4"), count("-1", "DAMAGED", batch=" ")]},
        {"item": first, "counts": []},
        {"item": order_id, "counts": []},
    ]

    answer = await dock.do("verify", order_id, 2, items=items)

    assert sorted(answer.told) == sorted(
        [
            ("INVALID", "input.items.0.counts"),
            ("INVALID", "input.items.1.counts"),
            ("INVALID", "input.items.2.counts.1.quantity"),
            ("REQUIRED", "input.items.2.counts.1.batch"),
            ("INVALID", "input.items.3.item"),
            ("NOT_FOUND", "input.items.4.item"),
        ]
    )
    messages = [one["message"] for one in answer.faults]
    assert "These come to 9.5 EA, and 10 were received." in messages
    assert (await dock.read(order_id))["version"] == 2


async def test_parts_too_fine_for_the_base_unit_are_refused(dock, shop):
    """Half of a millionth cannot be added up; neither at the dock nor when it is counted."""
    await keep(shop, "SALT", units=[{"code": "EA", "base_quantity": 0.5}])
    salt = {"product": {"code": "SALT"}, "quantity": "1"}
    order_id = await dock.announced(salt)
    fine = {"item": dock.lines[0], "quantity": "0.000001"}
    answer = await dock.do("receive", order_id, 1, items=[fine])
    assert answer.told == [("INVALID", "input.items.0.quantity")]
    await dock.done("receive", order_id, 1)
    counts = [count("0.999998"), count("0.000001", "DAMAGED"), count("0.000001", "LOST")]

    answer = await dock.do("verify", order_id, 2, items=[{"item": dock.lines[0], "counts": counts}])

    assert answer.told == [
        ("INVALID", "input.items.0.counts.1.quantity"),
        ("INVALID", "input.items.0.counts.2.quantity"),
    ]


async def test_what_a_product_demands_is_known_when_it_is_verified(dock, shop):
    """Nobody can ask for it later; of what is not there it is not asked."""
    await Product.filter(tenant_id=shop.world.tenant.id, code="RICE").update(
        requires_batch=True, requires_expiry=True
    )
    order_id = await received(dock, rice("10"), rice("3", batch="B1"), oats())
    first = dock.lines[0]
    counts = [count("8", batch="B2"), count("1", expiryDate="2027-01-31"), count("1", "MISSING")]

    answer = await dock.do("verify", order_id, 2, items=[{"item": first, "counts": counts}])

    assert answer.told == [
        ("REQUIRED", "input.items.0.counts.0.expiryDate"),
        ("REQUIRED", "input.items.0.counts.1.batch"),
        ("REQUIRED", "input.items"),
    ]
    assert "Line 2" in answer.faults[2]["message"]

    known = {"batch": "B2", "expiryDate": "2027-01-31"}
    items = [
        {"item": first, "counts": [count("9", **known), count("1", "MISSING")]},
        {"item": dock.lines[1], "counts": [count("3", expiryDate="2027-02-28")]},
    ]
    await dock.done("verify", order_id, 2, items=items)
    await dock.done("putAway", order_id, 3)
    assert await shelves(shop, "RICE") == {
        ("OK", "B2", "2027-01-31"): ("9", "0", "0"),
        ("OK", "B1", "2027-02-28"): ("3", "0", "0"),
    }


async def test_a_line_of_which_nothing_came_has_nothing_to_count(dock, shop):
    order_id = await dock.announced(rice("10"), oats("5"))
    first, second = dock.lines
    await dock.done("receive", order_id, 1, items=[{"item": first}], keepRest=False)

    answer = await dock.do(
        "verify", order_id, 2, items=[{"item": second, "counts": [count("5", "MISSING")]}]
    )
    assert answer.told == [("INVALID", "input.items.0.counts")]

    order = await dock.done("verify", order_id, 2)
    assert [len(line["counts"]) for line in order["items"]] == [1, 0]
    await dock.done("putAway", order_id, 3)
    assert await shelves(shop, "OATS") == {}


async def test_a_thousand_lines_are_received_at_once(dock, shop):
    order_id = await dock.announced(*(rice(str(n)) for n in range(1, 1_001)))
    items = [
        {"item": line, "quantity": str(n), "batch": f"B{n % 10}"}
        for n, line in enumerate(dock.lines, start=1)
    ]
    await dock.done("receive", order_id, 1, items=items)
    counted = [
        {"item": line, "counts": [count(str(n))]} for n, line in enumerate(dock.lines, start=1)
    ]
    await dock.done("verify", order_id, 2, items=counted)
    await dock.done("putAway", order_id, 3)

    stands = await shelves(shop, "RICE")
    assert len(stands) == 10
    assert sum(int(quantity) for quantity, _, _ in stands.values()) == 500_500


# --- putting away -------------------------------------------------------------------------------


async def test_waiting_orders_get_what_is_put_away(dock, shop):
    """In the same transaction, the urgent first; what cannot be had whole goes on waiting."""
    await Customer.filter(id=shop.world.live.id).update(short_stock="AWAIT_STOCK")
    waiting = {}
    for reference, quantity, urgent in (("A", "8", False), ("B", "4", True), ("C", "3", False)):
        answer = await shop.place(reference=reference, items=[rice(quantity)], urgent=urgent)
        waiting[reference] = answer.only["outboundOrder"]
    assert {one["status"] for one in waiting.values()} == {"AWAITING_STOCK"}
    order_id = await received(dock, rice("10"))
    items = [{"item": dock.lines[0], "counts": [count("7"), count("3", "DAMAGED")]}]
    await dock.done("verify", order_id, 2, items=items)

    await dock.done("putAway", order_id, 3)

    async def status(reference: str) -> str:
        document = "query ($id: ID!) { outboundOrder(id: $id) { status } }"
        return (await shop.say(document, id=waiting[reference]["id"])).only["status"]

    assert [await status(one) for one in "ABC"] == [
        "AWAITING_STOCK",
        "AWAITING_PICK_AND_PACK",
        "AWAITING_PICK_AND_PACK",
    ]
    assert await shelves(shop, "RICE") == {
        ("OK", None, None): ("7", "7", "0"),
        ("DAMAGED", None, None): ("3", "0", "0"),
    }


# --- trying again -------------------------------------------------------------------------------


async def rejected(dock: Dock, shop: Shop) -> str:
    await Customer.filter(id=shop.world.live.id).update(unknown_product="REJECT")
    order_id = await dock.announced(rice(), {"product": {"code": "CORN"}, "quantity": "2"})
    assert (await dock.read(order_id))["status"] == "REJECTED"
    return order_id


async def test_a_rejected_order_is_processed_again_as_it_was_sent(dock, shop):
    order_id = await rejected(dock, shop)
    answer = await dock.do("reprocess", order_id, 1)
    assert answer.only["inboundOrder"]["status"] == "REJECTED"
    assert answer.only["outcomes"] == [{"code": "ORDER_REJECTED"}]
    await keep(shop, "CORN")

    order = await dock.done("reprocess", order_id, 2)

    assert (order["status"], order["version"]) == ("NOT_YET_RECEIVED", 3)
    lines = (await dock.read(order_id))["items"]
    assert [(one["product"]["code"], one["quantity"]) for one in lines] == [
        ("RICE", "10"),
        ("CORN", "2"),
    ]
    assert await shelves(shop, "CORN") == {("OK", None, None): ("0", "0", "2")}
    assert (await shop.announce(items=[rice()])).told == [("REFERENCE_DIFFERS", "input.reference")]


async def test_lines_that_were_changed_while_it_was_rejected_are_those_processed(dock, shop):
    order_id = await rejected(dock, shop)
    items = [{"product": {"code": "CORN"}, "quantity": "7", "condition": "QUARANTINE"}]
    answer = await update(shop, order_id, 1, items=items)
    assert answer.only["inboundOrder"]["status"] == "REJECTED"
    await keep(shop, "CORN")

    await dock.done("reprocess", order_id, 2)

    lines = (await dock.read(order_id))["items"]
    assert [(one["product"]["code"], one["quantity"]) for one in lines] == [("CORN", "7")]
    assert await shelves(shop, "CORN") == {("QUARANTINE", None, None): ("0", "0", "7")}
    assert await shelves(shop, "RICE") == {}


async def test_a_reference_that_is_taken_meanwhile_is_told(dock, shop):
    order_id = await rejected(dock, shop)
    await keep(shop, "CORN")
    await dock.announced(rice("1"))

    answer = await dock.do("reprocess", order_id, 1)

    assert answer.told == [("REFERENCE_TAKEN", "input.id")]
    assert (await dock.read(order_id))["status"] == "REJECTED"
    assert await shelves(shop, "CORN") == {}


@pytest.mark.parametrize("status", [one for one in InboundStatus if one != "REJECTED"])
async def test_only_what_was_rejected_is_processed_again(dock, status):
    order_id = await dock.announced(rice(), draft=True)
    await InboundOrder.filter(id=order_id).update(status=status)

    answer = await dock.do("reprocess", order_id, 1)

    assert answer.told == [("WRONG_STATUS", "input.id")]
    assert (await dock.read(order_id))["version"] == 1
