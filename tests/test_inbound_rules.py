"""What policies, references and reach make of announcements."""

import asyncio

import pytest
import pytest_asyncio

from models.tenants import Customer
from models.usage import LedgerRow
from models.words import ApiRole
from tests.announcements import (
    EVERYTHING,
    READ,
    announced,
    cancel,
    create,
    inbound_orders,
    policy,
    put,
    read,
    rice,
    update,
)
from tests.asking import Shop, open_shop
from tests.shelves import keep, shelves


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    shop = await open_shop(http, world)
    await keep(shop, "RICE")
    return shop


# --- policies -----------------------------------------------------------------------------------


async def test_a_rejected_order_is_told_stored_and_counted(shop):
    await policy(shop, unknown_product="REJECT")
    items = [rice(), {"product": {"code": "OATS"}, "quantity": "5", "expiryDate": "2027-01-31"}]
    told = [{"code": "ORDER_REJECTED", "path": ["input", "items", "1", "product", "code"]}]

    answer = await create(shop, items=items)

    order = answer.only["inboundOrder"]
    assert answer.faults == []
    assert (order["status"], answer.only["outcomes"], order["outcomes"]) == (
        "REJECTED",
        told,
        told,
    )
    assert answer.calls == [("createInboundOrder", "COUNTED", 1)]
    assert await shelves(shop, "RICE") == {}

    # Once the product is there, an update submits the lines as they were sent.
    answer = await update(shop, order["id"], 1, urgent=True)
    assert answer.only["inboundOrder"] == {
        "version": 2,
        "status": "REJECTED",
        "outcomes": [{"code": "ORDER_REJECTED"}],
    }
    await keep(shop, "OATS")
    answer = await update(shop, order["id"], 2, urgent=True)
    assert answer.only["inboundOrder"] == {
        "version": 3,
        "status": "NOT_YET_RECEIVED",
        "outcomes": [],
    }
    after = await read(shop, order["id"])
    assert [line["product"]["code"] for line in after["items"]] == ["RICE", "OATS"]
    assert await shelves(shop, "OATS") == {("OK", None, "2027-01-31"): ("0", "0", "5")}
    assert await shelves(shop, "RICE") == {("OK", None, None): ("0", "0", "10")}


async def test_a_line_is_dropped_or_counted_in_the_default_unit(shop):
    await policy(shop, unknown_product="DROP_LINE", unknown_unit="USE_DEFAULT")
    items = [{"product": {"code": "OATS"}, "quantity": "5"}, rice("3", unit="PALLET")]

    answer = await create(shop, items=items)

    order = answer.only["inboundOrder"]
    assert order["items"] == [{"product": {"code": "RICE"}, "unit": "EA"}]
    assert answer.only["outcomes"] == [
        {"code": "LINE_DROPPED", "path": ["input", "items", "0", "product", "code"]},
        {"code": "UNIT_DEFAULTED", "path": ["input", "items", "1", "unit"]},
    ]
    assert await shelves(shop, "RICE") == {("OK", None, None): ("0", "0", "3")}
    assert (await create(shop, items=items)).only["replayed"] is True

    answer = await create(shop, items=items[:1], reference="PO-2")
    assert answer.only["inboundOrder"]["status"] == "REJECTED"


# --- the same reference again -------------------------------------------------------------------


async def test_the_same_again_answers_the_first_order(shop):
    order_id = await announced(shop, **EVERYTHING)
    await update(shop, order_id, 1, urgent=False)
    counted = await shop.counted()

    answer = await shop.announce(**EVERYTHING)

    assert answer.only["replayed"] is True
    assert (answer.only["inboundOrder"]["id"], answer.only["inboundOrder"]["version"]) == (
        order_id,
        2,
    )
    assert answer.calls == [("createInboundOrder", "REPLAYED", 0)]
    assert (await inbound_orders(shop), await shop.counted()) == (1, counted)
    assert await shelves(shop, "RICE") == {("QUARANTINE", "B7", "2027-01-31"): ("0", "0", "18")}


async def test_saying_a_default_is_not_saying_it(shop):
    order_id = await announced(shop)
    item = {"product": {"id": shop.known["<RICE>"]}, "quantity": "10.0", "condition": "OK"}

    answer = await create(
        shop,
        warehouse=str(shop.world.warehouse.id),
        urgent=False,
        draft=False,
        items=[{**item, "unit": "EA"}],
    )

    assert (answer.faults, answer.only["replayed"]) == ([], True)
    assert answer.only["inboundOrder"]["id"] == order_id


async def test_other_content_is_told_where_it_differs(shop):
    order_id = await announced(shop)

    answer = await create(shop, urgent=True, properties={"container": "2", "my_own": "x"})

    [fault] = answer.faults
    assert (fault["code"], fault["path"]) == ("REFERENCE_DIFFERS", ["input", "reference"])
    assert fault["existing"] == order_id
    assert [".".join(one["path"]) for one in fault["differences"]] == [
        "input.properties",
        "input.urgent",
    ]
    assert fault["legalMoves"] == ["UPDATE", "CANCEL", "NEW_REFERENCE"]
    assert await shelves(shop, "RICE") == {("OK", None, None): ("0", "0", "10")}


async def test_an_outbound_order_may_have_the_same_reference(shop):
    await announced(shop, reference="X-1")

    answer = await shop.place(reference="X-1")

    assert (answer.faults, answer.only["replayed"]) == ([], False)


@pytest.mark.parametrize("status", ["CANCELLED", "REJECTED"])
async def test_a_released_reference_is_free_again(shop, status):
    first = await announced(shop, draft=True)
    await put(first, status=status)

    answer = await create(shop)

    second = answer.only["inboundOrder"]["id"]
    assert (answer.only["replayed"], second != first) == (False, True)
    assert (await read(shop, second))["replaces"] == {"id": first}
    if status == "REJECTED":
        answer = await update(shop, first, 1, urgent=True)
        assert answer.told == [("REFERENCE_TAKEN", "input.id")]


async def test_a_reference_out_of_reach_is_only_taken(shop):
    everywhere = await shop.world.token(ApiRole.API_FULL_ACCESS, all_warehouses=True)
    far = str(shop.world.far_warehouse.id)
    assert (await create(shop, by=everywhere, warehouse=far)).faults == []

    for changes in ({}, {"urgent": True}):
        [fault] = (await create(shop, **changes)).faults
        assert fault["code"] == "REFERENCE_TAKEN"
        assert (fault["existing"], fault["differences"]) == (None, None)
    assert await inbound_orders(shop) == 1


async def test_a_key_makes_sending_it_again_safe(shop):
    order_id = await announced(shop)
    change = {"items": [rice("3")], "idempotencyKey": "K1"}

    first = await update(shop, order_id, 1, **change)
    again = await update(shop, order_id, 1, **change)

    assert (first.only["replayed"], again.only["replayed"]) == (False, True)
    assert again.only["inboundOrder"]["version"] == 2
    assert await shelves(shop, "RICE") == {("OK", None, None): ("0", "0", "3")}
    other = await update(shop, order_id, 1, **{**change, "urgent": True})
    assert other.told == [("KEY_REUSED", "input.idempotencyKey")]


async def test_checking_stores_and_counts_nothing(shop):
    answer = await create(shop, validateOnly=True)
    assert answer.only["inboundOrder"]["status"] == "NOT_YET_RECEIVED"
    assert answer.calls == [("createInboundOrder", "PREFLIGHT", 0)]
    assert (await inbound_orders(shop), await shop.counted()) == (0, 0)
    assert await shelves(shop, "RICE") == {}

    order_id = await announced(shop)
    check = {"items": [rice("3")], "validateOnly": True}
    assert (await update(shop, order_id, 1, **check)).only["inboundOrder"]["version"] == 2
    answer = await cancel(shop, order_id, validateOnly=True)
    assert answer.only["inboundOrder"]["status"] == "CANCELLED"
    assert (await read(shop, order_id))["version"] == 1
    assert await shelves(shop, "RICE") == {("OK", None, None): ("0", "0", "10")}


async def test_the_same_at_once_is_one_order(shop):
    answers = await asyncio.gather(*(create(shop) for _ in range(5)))

    assert [answer.faults for answer in answers] == [[]] * 5
    assert sorted(answer.only["replayed"] for answer in answers) == [False] + [True] * 4
    assert await inbound_orders(shop) == 1
    assert await shelves(shop, "RICE") == {("OK", None, None): ("0", "0", "10")}


async def test_orders_that_come_at_once_find_one_shelf(shop):
    """The level is new to all of them, and added once."""
    answers = await asyncio.gather(*(create(shop, reference=f"PO-{n}") for n in range(5)))

    assert [answer.faults for answer in answers] == [[]] * 5
    assert await shelves(shop, "RICE") == {("OK", None, None): ("0", "0", "50")}


# --- several at once ----------------------------------------------------------------------------


async def test_a_batch_takes_each_order_by_itself(shop):
    def entry(reference: str, **more) -> dict:
        return {**shop.announcement(reference=reference, items=[rice()]), **more}

    await announced(shop, reference="PO-1")
    orders = [entry("PO-1"), entry("PO-2"), entry("PO-3", items=[rice("0")]), entry("PO-4")]
    counted = await shop.counted()

    answer = await shop.ask("inbound/announce_several", input={"orders": orders})

    entries = answer.only["entries"]
    assert [one["outcome"] for one in entries] == ["REPLAYED", "COUNTED", "REFUSED", "COUNTED"]
    assert entries[2]["userErrors"][0]["path"] == ["input", "orders", "2", "items", "0", "quantity"]
    assert answer.calls == [("createInboundOrders", "COUNTED", 2)]
    assert (await inbound_orders(shop), await shop.counted()) == (3, counted + 2)
    assert await shelves(shop, "RICE") == {("OK", None, None): ("0", "0", "30")}


# --- who sees what ------------------------------------------------------------------------------


async def test_what_is_out_of_reach_is_not_there(shop):
    world = shop.world
    order_id = await announced(shop)
    elsewhere = [
        await world.token(ApiRole.API_FULL_ACCESS, customers=[world.other.id]),
        await world.token(ApiRole.API_FULL_ACCESS, warehouses=[world.far_warehouse.id]),
    ]
    for by in elsewhere:
        assert (await shop.say(READ, by=by, id=order_id)).only is None
        answer = await shop.say("{ inboundOrders { totalCount } }", by=by)
        assert answer.only == {"totalCount": 0}
        assert (await update(shop, order_id, 1, by=by, urgent=True)).told == [
            ("NOT_FOUND", "input.id")
        ]
        assert (await cancel(shop, order_id, by=by)).told == [("NOT_FOUND", "input.id")]
    assert (await read(shop, order_id))["version"] == 1


async def test_internal_notes_are_told_to_nobody_else(shop):
    order_id = await announced(shop, internalNotes="They are always late")
    outsider = await shop.world.token(ApiRole.WMS_CREATE_JOBS)

    answer = await shop.say(READ, by=outsider, id=order_id)
    assert answer.codes == ["FORBIDDEN"]
    answer = await create(shop, by=outsider)
    assert answer.told == [("REFERENCE_DIFFERS", "input.reference")]
    await update(shop, order_id, 1, internalNotes="They are late")
    answer = await update(shop, order_id, 1, by=outsider, urgent=True)
    assert answer.told == [("STALE_VERSION", "input.version")]
    assert "late" not in str(answer.body)


async def test_orders_are_listed_filtered_and_sorted(shop):
    await announced(shop, reference="PO-B", arrivesOn="2026-12-01", urgent=True)
    await announced(shop, reference="PO-A", arrivesOn="2026-12-02")
    await cancel(shop, await announced(shop, reference="PO-C", arrivesOn=None))

    async def found(**arguments) -> list[str]:
        document = """query ($filter: InboundOrderFilter, $orderBy: InboundOrderSort) {
          inboundOrders(filter: $filter, orderBy: $orderBy) { edges { node { reference } } }
        }"""
        answer = await shop.say(document, **arguments)
        return [edge["node"]["reference"] for edge in answer.only["edges"]]

    assert await found() == ["PO-C", "PO-A", "PO-B"]
    by_reference = {"field": "REFERENCE", "direction": "ASC"}
    assert await found(orderBy=by_reference) == ["PO-A", "PO-B", "PO-C"]
    assert await found(filter={"urgent": True}) == ["PO-B"]
    assert await found(filter={"arrivesOn": {"from": "2026-12-02"}}) == ["PO-A"]
    assert await found(filter={"status": {"in": ["CANCELLED", "REJECTED"]}}) == ["PO-C"]
    either = {
        "or": [{"reference": {"eq": "PO-A"}}, {"not": {"status": {"eq": "NOT_YET_RECEIVED"}}}]
    }
    assert await found(filter=either) == ["PO-C", "PO-A"]


async def test_a_call_in_the_ledger_names_the_order(shop):
    order_id = await announced(shop)

    row = await LedgerRow.get(tenant_id=shop.world.tenant.id)

    assert str(row.object_id) == order_id
    assert (row.customer_id, row.warehouse_id) == (shop.world.live.id, shop.world.warehouse.id)


async def test_a_sandbox_order_is_free(shop):
    world = shop.world
    trying = await world.token(ApiRole.API_FULL_ACCESS, customers=[world.sandbox.id])

    answer = await create(
        shop, by=trying, customer=str(world.sandbox.id), items=[rice()], reference="T-1"
    )

    assert answer.told == [("UNKNOWN_PRODUCT", "input.items.0.product.code")]
    await policy(shop, unknown_product="REJECT")
    await Customer.filter(id=world.sandbox.id).update(unknown_product="REJECT")
    answer = await create(shop, by=trying, customer=str(world.sandbox.id), reference="T-1")
    assert answer.calls == [("createInboundOrder", "SANDBOX", 0)]


async def test_more_than_can_be_counted_is_refused_and_no_fault_of_ours(shop: Shop) -> None:
    """Each is as large as an order may be; together they would leave 64 bits."""
    last = None
    for number in range(6):
        last = await shop.announce(
            reference=f"PO-{number}",
            items=[{"product": {"code": "TEA-500"}, "quantity": "1000000000000"}],
        )

    assert last is not None
    assert last.told == [("INVALID", "input")]
