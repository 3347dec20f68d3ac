"""Receiving what was announced, as the operator's people do."""

import asyncio

import pytest
import pytest_asyncio

from models.inbound import InboundOrder
from models.moves import INBOUND
from models.stock import StockMovement
from models.words import InboundStatus, StaffRole
from tests.announcements import oats, rice
from tests.asking import Shop, open_shop
from tests.dock import VERBS, Dock, received
from tests.shelves import keep, shelves
from tests.world import make_world


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    shop = await open_shop(http, world)
    await keep(shop, "RICE")
    await keep(shop, "OATS")
    return shop


@pytest_asyncio.fixture
async def dock(shop) -> Dock:
    return Dock(shop, await shop.world.staff_token())


# --- the whole way ------------------------------------------------------------------------------


async def test_goods_go_all_the_way_into_stock(shop, dock):
    order_id = await dock.announced(rice("2", unit="CTN", batch="B1"), oats("5"))
    shelf = ("OK", "B1", None)
    assert await shelves(shop, "RICE") == {shelf: ("0", "0", "24")}

    order = await dock.done("receive", order_id, 1)
    assert (order["status"], order["version"], order["rests"]) == ("RECEIVED", 2, [])
    assert [line["receivedQuantity"] for line in order["items"]] == ["2", "5"]
    assert order["receivedAt"] is not None
    assert order["verifiedAt"] is None
    assert await shelves(shop, "RICE") == {}

    order = await dock.done("verify", order_id, 2)
    assert (order["status"], order["version"]) == ("VERIFIED", 3)
    assert order["items"][0]["counts"] == [
        {"condition": "OK", "quantity": "2", "batch": "B1", "expiryDate": None}
    ]
    assert await shelves(shop, "RICE") == {}

    order = await dock.done("putAway", order_id, 3)
    assert (order["status"], order["version"]) == ("ALLOCATED", 4)
    assert order["receivedAt"] < order["verifiedAt"] < order["allocatedAt"]
    assert await shelves(shop, "RICE") == {shelf: ("24", "0", "0")}
    assert await shelves(shop, "OATS") == {("OK", None, None): ("5", "0", "0")}

    kinds = await StockMovement.filter(inbound_order_id=order_id).order_by("at", "id")
    assert [one.kind.value for one in kinds] == ["EXPECTED"] * 4 + ["PUT_AWAY"] * 2
    assert {one.staff_user_id is None for one in kinds[2:]} == {False}
    assert {str(one.item_id) for one in kinds} == set(dock.lines)


async def test_history_tells_who_of_the_operators_people_did_it(dock, shop):
    order_id = await dock.announced(rice())
    await dock.through(order_id)

    order = await dock.read(order_id)

    assert [(one["version"], one["status"], one["changed"]) for one in order["history"][1:]] == [
        (2, "RECEIVED", ["items", "status"]),
        (3, "VERIFIED", ["items", "status"]),
        (4, "ALLOCATED", ["status"]),
    ]
    assert {one["client"] for one in order["history"][1:]} == {None}
    assert len({one["staffUser"] for one in order["history"][1:]} - {None}) == 1
    assert await shop.counted() == 1


@pytest.mark.parametrize("role", StaffRole)
async def test_either_role_of_the_operators_people_may(dock, shop, role):
    order_id = await dock.announced(rice())
    dock.token = await shop.world.staff_token(role)

    assert (await dock.through(order_id))["status"] == "ALLOCATED"


async def test_no_client_may_receive_goods(dock, shop):
    """The one with full access neither: it is done with hands."""
    order_id = await dock.announced(rice())

    for verb in (*VERBS, "reprocess"):
        answer = await dock.do(verb, order_id, 1, by=shop.token)
        assert answer.codes == ["FORBIDDEN"]
    assert (await dock.read(order_id))["status"] == "NOT_YET_RECEIVED"


@pytest.mark.parametrize("status", InboundStatus)
@pytest.mark.parametrize("verb", VERBS)
async def test_a_move_that_is_in_no_table_is_refused(dock, verb, status):
    order_id = await dock.announced(rice(), draft=True)
    await InboundOrder.filter(id=order_id).update(status=status)

    answer = await dock.do(verb, order_id, 1)

    if VERBS[verb] in INBOUND[status]:
        assert answer.faults == []
        assert answer.only["inboundOrder"]["status"] == VERBS[verb]
    else:
        [fault] = answer.faults
        assert (fault["code"], fault["path"]) == ("WRONG_STATUS", ["input", "id"])
        assert status in fault["message"]
        assert fault["legalMoves"] == sorted(INBOUND[status])
        assert (await dock.read(order_id))["version"] == 1


async def test_a_stale_version_is_refused(dock):
    order_id = await dock.announced(rice())
    await dock.done("receive", order_id, 1)

    answer = await dock.do("verify", order_id, 1)

    assert answer.told == [("STALE_VERSION", "input.version")]
    assert (await dock.read(order_id))["status"] == "RECEIVED"


@pytest.mark.parametrize("verb", VERBS)
async def test_checking_changes_nothing(dock, shop, verb):
    order_id = await dock.announced(rice())
    for version, one in enumerate(VERBS, start=1):
        if one == verb:
            break
        await dock.done(one, order_id, version)
    before, stands = await dock.read(order_id), await shelves(shop, "RICE")

    answer = await dock.do(verb, order_id, version, validateOnly=True)

    assert answer.only["inboundOrder"]["status"] == VERBS[verb]
    assert (await dock.read(order_id), await shelves(shop, "RICE")) == (before, stands)


async def test_a_key_makes_sending_it_again_safe(dock, shop):
    order_id = await dock.announced(rice())
    first = await dock.do("receive", order_id, 1, idempotencyKey="K1")
    again = await dock.do("receive", order_id, 1, idempotencyKey="K1")
    other = await dock.do("receive", order_id, 1, idempotencyKey="K1", keepRest=False)

    assert (first.only["replayed"], again.only["replayed"]) == (False, True)
    assert again.only["inboundOrder"] == first.only["inboundOrder"]
    assert other.told == [("KEY_REUSED", "input.idempotencyKey")]
    assert await shelves(shop, "RICE") == {}


async def test_goods_are_received_once_however_many_say_so(dock, shop):
    order_id = await dock.announced(rice())
    items = [{"item": dock.lines[0], "quantity": "4"}]

    answers = await asyncio.gather(
        *(dock.do("receive", order_id, 1, items=items) for _ in range(4))
    )

    told = sorted(str(answer.told) for answer in answers)
    assert told == ["[('STALE_VERSION', 'input.version')]"] * 3 + ["[]"]
    assert await shelves(shop, "RICE") == {("OK", None, None): ("0", "0", "6")}


# --- receiving ----------------------------------------------------------------------------------


async def test_what_did_not_come_goes_onto_an_order_of_its_own(dock, shop):
    order_id = await dock.announced(
        rice("2", unit="CTN", batch="B1"),
        oats("5", condition="QUARANTINE"),
        rice("7"),
        urgent=True,
        arrivesOn="2026-12-14",
        properties={"po": "1"},
        instructions="Dock 4",
    )
    items = [
        {"item": dock.lines[0], "quantity": "1.5"},
        {"item": dock.lines[2]},
    ]

    order = await dock.done("receive", order_id, 1, items=items)

    assert [line["receivedQuantity"] for line in order["items"]] == ["1.5", "0", "7"]
    [rest_id] = [one["id"] for one in order["rests"]]
    rest = await dock.read(rest_id)
    assert (rest["status"], rest["version"], rest["restOf"]) == (
        "NOT_YET_RECEIVED",
        1,
        {"id": order_id},
    )
    first = await dock.read(order_id)
    shared = ("reference", "urgent", "arrivesOn", "properties", "instructions")
    assert [rest[name] for name in shared] == [first[name] for name in shared]
    assert (rest["urgent"], rest["properties"]) == (True, {"po": "1"})
    lines = [
        [line[name] for name in ("unit", "quantity", "condition", "batch", "receivedQuantity")]
        for line in rest["items"]
    ]
    assert lines == [["CTN", "0.5", "OK", "B1", None], ["EA", "5", "QUARANTINE", None, None]]
    [event] = rest["history"]
    assert (event["version"], event["status"], event["staffUser"] is None) == (
        1,
        "NOT_YET_RECEIVED",
        False,
    )
    assert await shelves(shop, "RICE") == {("OK", "B1", None): ("0", "0", "6")}
    assert await shelves(shop, "OATS") == {("QUARANTINE", None, None): ("0", "0", "5")}

    # The rest goes the same way, in parts again if need be.
    await dock.done("verify", order_id, 2)
    await dock.done("putAway", order_id, 3)
    await dock.through(rest_id)
    assert await shelves(shop, "RICE") == {
        ("OK", "B1", None): ("24", "0", "0"),
        ("OK", None, None): ("7", "0", "0"),
    }
    assert await shelves(shop, "OATS") == {("QUARANTINE", None, None): ("5", "0", "0")}


async def test_what_will_not_come_closes_the_order_short(dock, shop):
    order_id = await dock.announced(rice("10"))

    items = [{"item": dock.lines[0], "quantity": "4"}]
    order = await dock.done("receive", order_id, 1, items=items, keepRest=False)

    assert order["rests"] == []
    assert await InboundOrder.filter(tenant_id=shop.world.tenant.id).count() == 1
    assert await shelves(shop, "RICE") == {}


async def test_more_than_announced_may_come(dock, shop):
    order_id = await dock.announced(rice("10"))

    items = [{"item": dock.lines[0], "quantity": "12.5"}]
    order = await dock.done("receive", order_id, 1, items=items)
    await dock.done("verify", order_id, 2)
    await dock.done("putAway", order_id, 3)

    assert (order["items"][0]["quantity"], order["rests"]) == ("10", [])
    assert await shelves(shop, "RICE") == {("OK", None, None): ("12.5", "0", "0")}


async def test_a_batch_is_known_by_the_time_the_goods_come(dock, shop):
    """What is told at the dock stands; the rest is still expected as announced."""
    order_id = await dock.announced(rice("10", batch="B1", sscc="093123450000000012"))
    found = {"batch": "B2", "expiryDate": "2027-01-31"}

    items = [{"item": dock.lines[0], "quantity": "6", **found}]
    order = await dock.done("receive", order_id, 1, items=items)
    await dock.done("verify", order_id, 2)
    await dock.done("putAway", order_id, 3)

    [line] = order["items"]
    assert (line["batch"], line["expiryDate"]) == ("B2", "2027-01-31")
    assert line["sscc"] == "093123450000000012"
    assert await shelves(shop, "RICE") == {
        ("OK", "B2", "2027-01-31"): ("6", "0", "0"),
        ("OK", "B1", None): ("0", "0", "4"),
    }


async def test_all_faults_of_what_came_are_told_together(dock):
    await dock.announced(rice("1"), reference="PO-OTHER")
    [another] = dock.lines
    order_id = await dock.announced(rice("10", unit="CTN"), oats())
    first, second = dock.lines
    items = [
        {"item": first, "quantity": "-1", "batch": "b" * 65, "sscc": "12"},
        {"item": another},
        {"item": second, "quantity": "0.0000001"},
    ]
    assert (await dock.do("receive", order_id, 1, items=items)).codes == ["BAD_INPUT"]
    items[2] = {"item": second, "expiryDate": "0001-01-01", "batch": ""}
    items.append({"item": second})

    answer = await dock.do("receive", order_id, 1, items=items)

    assert sorted(answer.told) == sorted(
        [
            ("INVALID", "input.items.0.quantity"),
            ("TOO_LONG", "input.items.0.batch"),
            ("INVALID", "input.items.0.sscc"),
            ("NOT_FOUND", "input.items.1.item"),
            ("REQUIRED", "input.items.2.batch"),
            ("INVALID", "input.items.2.expiryDate"),
            ("INVALID", "input.items.3.item"),
        ]
    )
    too_much = [{"item": first, "quantity": "9223372036854.775807"}]
    answer = await dock.do("receive", order_id, 1, items=too_much)
    assert answer.told == [("INVALID", "input.items.0.quantity")]
    assert (await dock.read(order_id))["version"] == 1


@pytest.mark.parametrize("items", [[], [{"quantity": "0"}]])
async def test_nothing_is_not_received(dock, items):
    order_id = await dock.announced(rice())

    named = [{"item": dock.lines[0], **item} for item in items]
    answer = await dock.do("receive", order_id, 1, items=named)

    assert answer.told == [("INVALID", "input.items")]
    assert (await dock.read(order_id))["status"] == "NOT_YET_RECEIVED"


async def test_the_rest_only_carries_the_reference(dock, shop):
    """Sent again, the announcement finds the first order, whatever became of the rest."""
    order_id = await dock.announced(rice("10"))
    items = [{"item": dock.lines[0], "quantity": "4"}]
    rest_id = (await dock.done("receive", order_id, 1, items=items))["rests"][0]["id"]

    again = await shop.announce(items=[rice("10")])
    assert (again.only["replayed"], again.only["inboundOrder"]["id"]) == (True, order_id)

    cancelled = await shop.ask("inbound/cancel_an_announcement", input={"id": rest_id})
    assert cancelled.only["inboundOrder"]["status"] == "CANCELLED"
    assert await shelves(shop, "RICE") == {}
    again = await shop.announce(items=[rice("10")])
    assert again.only["inboundOrder"]["id"] == order_id


# --- who --------------------------------------------------------------------------------------


async def test_once_goods_are_here_their_lines_are_not_replaced(dock, shop):
    order_id = await received(dock, rice())
    document = """mutation ($i: UpdateInboundOrderInput!) {
      updateInboundOrder(input: $i) { inboundOrder { version } userErrors { code path message } }
    }"""

    given = {"id": order_id, "version": 2, "items": [rice("1")]}
    answer = await shop.say(document, by=dock.token, i=given)
    assert answer.told == [("WRONG_STATUS", "input.items")]

    given = {"id": order_id, "version": 2, "instructions": "Shelf 9"}
    answer = await shop.say(document, by=dock.token, i=given)
    assert answer.only["inboundOrder"] == {"version": 3}
    order = await dock.read(order_id)
    assert (order["status"], order["items"][0]["receivedQuantity"]) == ("RECEIVED", "10")


async def test_people_of_another_operator_find_nothing(dock):
    order_id = await dock.announced(rice())
    stranger = await (await make_world("Other 3PL")).staff_token()

    for verb in (*VERBS, "reprocess"):
        answer = await dock.do(verb, order_id, 1, by=stranger)
        assert answer.told == [("NOT_FOUND", "input.id")]
    assert (await dock.read(order_id))["version"] == 1
