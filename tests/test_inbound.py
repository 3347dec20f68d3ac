"""Announcing goods, changing what was announced, and calling it off, as customers' systems do."""

import pytest
import pytest_asyncio

from models.moves import INBOUND_OPEN_TO_CLIENTS, INBOUND_OPEN_TO_STAFF
from models.stock import StockMovement
from models.words import ApiRole, Condition, InboundStatus
from tests.announcements import (
    EVERYTHING,
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
from tests.shelves import add_up, keep, shelves


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    shop = await open_shop(http, world)
    await keep(shop, "RICE")
    return shop


# --- announcing ---------------------------------------------------------------------------------


async def test_an_order_is_read_back_as_it_was_announced(shop):
    order = await read(shop, await announced(shop, **EVERYTHING))

    plain = {name: value for name, value in EVERYTHING.items() if name != "items"}
    assert {name: order[name] for name in plain} == plain
    [line] = order["items"]
    assert line.pop("id")
    assert line == {**EVERYTHING["items"][0], "receivedQuantity": None, "counts": []}
    assert (order["customer"], order["warehouse"]) == ({"code": "ACME"}, {"code": "SYD"})
    assert (order["status"], order["version"]) == ("NOT_YET_RECEIVED", 1)
    assert order["createdAt"] == order["modifiedAt"]
    [event] = order["history"]
    assert (event["version"], event["status"], event["staffUser"]) == (1, "NOT_YET_RECEIVED", None)
    nothing = ("replaces", "restOf", "receivedAt", "verifiedAt", "allocatedAt")
    assert [order[name] for name in nothing] == [None] * 5
    assert (order["rests"], order["outcomes"]) == ([], [])


async def test_what_is_not_said_has_a_default(shop):
    order_id = await announced(shop, arrivesOn=None, properties=None)

    order = await read(shop, order_id)
    assert (order["urgent"], order["arrivesOn"], order["properties"]) == (False, None, None)
    assert (order["items"][0]["unit"], order["items"][0]["condition"]) == ("EA", "OK")


async def test_announced_goods_are_incoming_where_they_will_stand(shop):
    """Each batch, expiry date and condition of its own; the same twice is added up."""
    items = [
        rice("2", unit="CTN"),
        rice("0.5"),
        rice("3", batch="B1"),
        rice("4", batch="B1", expiryDate="2027-01-31"),
        rice("5", condition="QUARANTINE"),
    ]
    await announced(shop, items=items)
    await announced(shop, items=[rice("1")], reference="PO-2")

    assert await shelves(shop, "RICE") == {
        ("OK", None, None): ("0", "0", "25.5"),
        ("OK", "B1", None): ("0", "0", "3"),
        ("OK", "B1", "2027-01-31"): ("0", "0", "4"),
        ("QUARANTINE", None, None): ("0", "0", "5"),
    }
    assert await shelves(shop, "RICE", shop.world.far_warehouse.id) == {}
    movements = await StockMovement.filter(inbound_order_id__isnull=False)
    assert {one.kind.value for one in movements} == {"EXPECTED"}
    assert {one.client_id is None for one in movements} == {False}


@pytest.mark.parametrize("condition", Condition)
async def test_goods_are_announced_in_any_condition(shop, condition):
    await announced(shop, items=[rice(condition=condition)])

    assert await shelves(shop, "RICE") == {(condition, None, None): ("0", "0", "10")}


async def test_a_thousand_lines_are_one_order(shop):
    order_id = await announced(shop, items=[rice(str(n)) for n in range(1, 1_001)])

    order = await read(shop, order_id)
    assert [line["quantity"] for line in order["items"]] == [str(n) for n in range(1, 1_001)]
    assert await shelves(shop, "RICE") == {("OK", None, None): ("0", "0", "500500")}


async def test_all_faults_are_told_together(shop):
    items = [
        rice("0"),
        rice("-1", batch="b" * 65),
        rice(sscc="093123450000000013"),
        rice(sscc="12"),
        rice(batch=" "),
        rice(expiryDate="0001-01-01"),
        rice(unit="PALLET"),
        {"product": {"code": "RYCE"}, "quantity": "1"},
        rice("9223372036854.775807", unit="CTN"),
    ]
    answer = await create(shop, items=items, reference=" ", instructions="x" * 2_001)

    assert sorted(answer.told) == sorted(
        [
            ("TOO_LONG", "input.instructions"),
            ("TOO_LONG", "input.items.1.batch"),
            ("REQUIRED", "input.reference"),
            ("INVALID", "input.items.0.quantity"),
            ("INVALID", "input.items.1.quantity"),
            ("INVALID", "input.items.2.sscc"),
            ("INVALID", "input.items.3.sscc"),
            ("REQUIRED", "input.items.4.batch"),
            ("INVALID", "input.items.5.expiryDate"),
            ("UNKNOWN_UNIT", "input.items.6.unit"),
            ("UNKNOWN_PRODUCT", "input.items.7.product.code"),
            ("INVALID", "input.items.8.quantity"),
        ]
    )
    assert (await inbound_orders(shop), await shop.counted()) == (0, 0)
    assert await shelves(shop, "RICE") == {}


async def test_more_than_anybody_means_is_refused(shop):
    """Each line could be stored; their sum could not be added to what is there."""
    answer = await create(shop, items=[rice("9000000000000"), rice("9000000000000")])

    assert answer.told == [("INVALID", "input.items")]
    assert await inbound_orders(shop) == 0


async def test_an_order_has_a_line_and_a_warehouse(shop):
    everywhere = await shop.world.token(ApiRole.WMS_CREATE_JOBS, all_warehouses=True)
    answer = await create(shop, by=everywhere, items=[])

    assert answer.told == [
        ("WAREHOUSE_REQUIRED", "input.warehouse"),
        ("REQUIRED", "input.items"),
    ]


@pytest.mark.parametrize(
    ("_case", "properties"),
    [
        ("no object", ["a"]),
        ("a number", {"a": 1}),
        ("a long value", {"a": "x" * 501}),
        ("too many", {str(n): "" for n in range(51)}),
    ],
)
async def test_properties_that_are_no_texts_are_bad_input(shop, _case, properties):
    answer = await create(shop, properties=properties, items=[rice(properties=properties)])

    assert set(answer.codes) == {"BAD_INPUT"}
    assert sorted(answer.places) == ["input.items.0.properties", "input.properties"]


async def test_a_draft_announces_nothing_until_it_is_submitted(shop):
    order_id = await announced(shop, draft=True)
    assert (await read(shop, order_id))["status"] == "DRAFT"
    assert await shelves(shop, "RICE") == {}

    answer = await update(shop, order_id, 1, items=[rice("7"), rice("1", batch="B1")])
    assert answer.only["inboundOrder"]["status"] == "DRAFT"
    assert await shelves(shop, "RICE") == {}
    lines = [line["id"] for line in (await read(shop, order_id))["items"]]

    answer = await update(shop, order_id, 2, draft=False)
    assert answer.only["inboundOrder"]["status"] == "NOT_YET_RECEIVED"
    assert [line["id"] for line in (await read(shop, order_id))["items"]] == lines
    assert await shelves(shop, "RICE") == {
        ("OK", None, None): ("0", "0", "7"),
        ("OK", "B1", None): ("0", "0", "1"),
    }

    answer = await update(shop, order_id, 3, draft=True)
    assert answer.told == [("INVALID", "input.draft")]


# --- changing and calling off -------------------------------------------------------------------


async def test_each_field_is_changed_alone(shop):
    order_id = await announced(shop, arrivesOn=None, properties=None)
    before = await read(shop, order_id)

    for version, (name, value) in enumerate(EVERYTHING.items(), start=1):
        answer = await update(shop, order_id, version, **{name: value})
        assert answer.faults == []
        after = await read(shop, order_id)
        changed = {one for one in before if after[one] != before[one]}
        assert changed - {"history", "modifiedAt"} == {"version", name}
        assert after["history"][-1]["changed"] == [name]
        before = after

    assert await shelves(shop, "RICE") == {("QUARANTINE", "B7", "2027-01-31"): ("0", "0", "18")}


async def test_null_takes_a_value_away_and_silence_leaves_it(shop):
    order_id = await announced(shop, **EVERYTHING)
    gone = dict.fromkeys(("instructions", "internalNotes", "arrivesOn", "properties"))

    assert (await update(shop, order_id, 1, **gone)).faults == []

    order = await read(shop, order_id)
    assert {name: order[name] for name in gone} == gone
    assert (order["urgent"], order["items"][0]["batch"]) == (True, "B7")
    assert await shelves(shop, "RICE") == {("QUARANTINE", "B7", "2027-01-31"): ("0", "0", "18")}


async def test_a_stale_version_is_told_what_changed(shop):
    order_id = await announced(shop)
    await update(shop, order_id, 1, arrivesOn="2026-12-21", properties={"a": "1"})

    answer = await update(shop, order_id, 1, arrivesOn="2026-12-24", urgent=True)

    [fault] = answer.faults
    assert (fault["code"], fault["path"]) == ("STALE_VERSION", ["input", "version"])
    assert fault["differences"] == [
        {"path": ["input", "arrivesOn"], "stored": '"2026-12-21"', "given": '"2026-12-24"'},
        {"path": ["input", "properties"], "stored": None, "given": None},
    ]
    assert (await read(shop, order_id))["urgent"] is False
    assert (await cancel(shop, order_id, version=1)).told == [("STALE_VERSION", "input.version")]


async def test_a_change_is_held_to_the_rules_of_announcing(shop):
    """The customer's policies are for what is new; what stands is not rejected by a change."""
    await policy(shop, unknown_product="REJECT", unknown_unit="DROP_LINE")
    order_id = await announced(shop)
    items = [
        {"product": {"code": "RYCE"}, "quantity": "1"},
        rice(unit="PALLET"),
        rice(sscc="1"),
    ]

    answer = await update(shop, order_id, 1, items=items)

    assert answer.told == [
        ("UNKNOWN_PRODUCT", "input.items.0.product.code"),
        ("UNKNOWN_UNIT", "input.items.1.unit"),
        ("INVALID", "input.items.2.sscc"),
    ]
    assert (await read(shop, order_id))["version"] == 1
    assert await shelves(shop, "RICE") == {("OK", None, None): ("0", "0", "10")}
    assert (await update(shop, order_id, 1, items=[])).told == [("REQUIRED", "input.items")]


async def test_what_is_called_off_is_incoming_no_longer(shop):
    order_id = await announced(shop)
    await announced(shop, reference="PO-2", items=[rice("3")])

    answer = await cancel(shop, order_id)

    assert answer.only["inboundOrder"] == {"version": 2, "status": "CANCELLED"}
    assert answer.calls == [("cancelInboundOrder", "COUNTED", 1)]
    assert await shelves(shop, "RICE") == {("OK", None, None): ("0", "0", "3")}
    assert (await read(shop, order_id))["history"][-1]["changed"] == ["status"]


@pytest.mark.parametrize("status", InboundStatus)
@pytest.mark.parametrize("who", ["client", "staff"])
async def test_an_order_is_changed_and_called_off_until_it_is_too_late(shop, status, who):
    by = await shop.world.staff_token() if who == "staff" else None
    order_id = await announced(shop, draft=True)
    await put(order_id, status=status)
    open_states = INBOUND_OPEN_TO_STAFF if who == "staff" else INBOUND_OPEN_TO_CLIENTS

    answer = await update(shop, order_id, 1, by=by, urgent=True)
    version = 2 if status in open_states else 1
    assert (await read(shop, order_id))["urgent"] is (status in open_states)
    if status not in open_states:
        assert answer.told == [("WRONG_STATUS", "input.id")]
        assert status in answer.faults[0]["message"]
    now = (await read(shop, order_id))["status"]
    assert now == ("NOT_YET_RECEIVED" if status == "REJECTED" else status)

    answer = await cancel(shop, order_id, by=by)
    after = await read(shop, order_id)
    if status in open_states:
        assert answer.faults == []
        assert (after["status"], after["version"]) == ("CANCELLED", version + 1)
    else:
        assert answer.told == [("WRONG_STATUS", "input.id")]
        assert (after["status"], after["version"]) == (status, version)
    await add_up(shop)
