"""Consignments on their way: the path of each type, who may still change them, and the proof."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from models.consignments import Consignment, ConsignmentEvent, ConsignmentItem
from models.moves import CONSIGNMENT
from models.words import ApiRole, ConsignmentType
from tests.asking import Answer, Shop, open_shop, variables_of

MOVE = """
mutation Move($input: MoveConsignmentInput!) {
  moveConsignment(input: $input) {
    consignment { status version dropOff }
    userErrors { code path message legalMoves }
  }
}
"""

PROVE = """
mutation Prove($input: RecordProofOfDeliveryInput!) {
  recordProofOfDelivery(input: $input) {
    consignment {
      status version proofOfDelivery { recipient at }
      items { quantity deliveredQuantity }
      history { status changed client staffUser }
    }
    userErrors { code path message legalMoves }
  }
}
"""

CANCEL = """
mutation Cancel($input: CancelConsignmentInput!) {
  cancelConsignment(input: $input) { userErrors { code path legalMoves } }
}
"""

TO = variables_of("consignments/book_a_delivery", {})["input"]["deliverAddress"]
FROM = variables_of("consignments/book_a_pickup", {})["input"]["collectAddress"]

DELIVERING = ["IN_WAREHOUSE", "IN_TRANSIT_WAREHOUSE_DELIVERY"]
FETCHING = ["IN_TRANSIT_PICKUP_WAREHOUSE", "IN_WAREHOUSE"]
PATHS = [
    ("DELIVERY", {}, [*DELIVERING, "DELIVERED"]),
    ("DELIVERY", {}, [*DELIVERING, "WITH_ON_FORWARDER", "DELIVERED"]),
    ("DELIVERY", {}, [*DELIVERING, "COLLECTED"]),
    ("DELIVERY", {}, [*DELIVERING, "WITH_ON_FORWARDER", "COLLECTED"]),
    ("PICKUP", {}, ["AWAITING_PICKUP", *FETCHING]),
    ("PICKUP", {"dropOff": True}, ["AWAITING_DROPOFF", *FETCHING]),
    ("RETURNED", {}, ["AWAITING_PICKUP", *FETCHING]),
    ("RETURNED", {"dropOff": True}, ["AWAITING_DROPOFF", *FETCHING]),
    ("PICKUP_DELIVERY", {}, ["AWAITING_PICKUP", *FETCHING, DELIVERING[1], "DELIVERED"]),
    (
        "POINT_TO_POINT",
        {},
        ["AWAITING_POINT_TO_POINT_PICKUP", "IN_TRANSIT_PICK_DELIVERY", "POINT_TO_POINT_DELIVERED"],
    ),
]
"""What each type goes through, written down by hand from the rules of the trade."""

ENDS = {"DELIVERED", "COLLECTED", "POINT_TO_POINT_DELIVERED", "CANCELLED"}
OPEN_TO_CLIENTS = {
    "DELIVERY": {"DRAFT", "AWAITING_SALE_ORDER_PACKING", "IN_WAREHOUSE"},
    "PICKUP": {"DRAFT", "AWAITING_PICKUP", "AWAITING_DROPOFF"},
    "RETURNED": {"DRAFT", "AWAITING_PICKUP", "AWAITING_DROPOFF"},
    "PICKUP_DELIVERY": {"DRAFT", "AWAITING_PICKUP", "AWAITING_DROPOFF"},
    "POINT_TO_POINT": {"DRAFT", "AWAITING_POINT_TO_POINT_PICKUP"},
}
"""Until it is in transit; also by hand."""

ALL = [one.value for one in ConsignmentType]


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


@pytest_asyncio.fixture
async def driver(shop) -> str:
    return await shop.world.staff_token()


async def booked(shop: Shop, type_: str = "DELIVERY", **changes) -> str:
    given = {"type": type_, "collectAddress": FROM, "deliverAddress": TO} | changes
    answer = await shop.book(**given)
    assert answer.faults == []
    return answer.only["consignment"]["id"]


async def put(consignment_id: str, status: str, **columns) -> None:
    """Have it stand somewhere without going there."""
    await Consignment.filter(id=consignment_id).update(status=status, **columns)


async def version(consignment_id: str) -> int:
    return (await Consignment.get(id=consignment_id)).version


async def move(shop: Shop, by: str, consignment_id: str, to: str, **more) -> Answer:
    given = {"id": consignment_id, "version": await version(consignment_id), "to": to} | more
    return await shop.say(MOVE, by=by, input=given)


async def prove(shop: Shop, by: str, consignment_id: str, **more) -> Answer:
    given = {
        "id": consignment_id,
        "version": await version(consignment_id),
        "recipient": "K. Lee",
        "at": datetime.now(UTC).isoformat(),
    }
    return await shop.say(PROVE, by=by, input=given | more)


# --- paths ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("type_", "given", "path"), PATHS)
async def test_each_type_goes_its_way_step_by_step(shop, driver, type_, given, path):
    consignment_id = await booked(shop, type_, **given)

    for step in path[1:]:
        answer = await move(shop, driver, consignment_id, step)
        assert answer.faults == []
        assert answer.only["consignment"]["status"] == step

    events = await ConsignmentEvent.filter(consignment_id=consignment_id).order_by("version")
    assert [one.status.value for one in events] == path
    assert [one.version for one in events] == list(range(1, len(path) + 1))
    assert [one.staff_user_id is None for one in events] == [True, *[False] * (len(path) - 1)]
    assert await shop.counted() == 1, "what the operator's people do is free"


@pytest.mark.parametrize("type_", ALL)
async def test_no_other_step_is_taken_and_the_legal_ones_are_told(shop, driver, type_):
    consignment_id = await booked(shop, type_)
    everywhere = {status.value for path in CONSIGNMENT.values() for status in path}

    for status, after in CONSIGNMENT[ConsignmentType(type_)].items():
        await put(consignment_id, status)
        legal = sorted(after)
        for to in sorted(everywhere):
            answer = await move(shop, driver, consignment_id, to, validateOnly=True)
            if to in legal:
                assert answer.faults == [], (status, to)
            else:
                assert answer.told == [("WRONG_STATUS", "input.id")], (status, to)
                assert answer.faults[0]["legalMoves"] == legal, (status, to)
                assert answer.faults[0]["message"].endswith(f"{status} cannot become {to}.")
    assert await version(consignment_id) == 1


@pytest.mark.parametrize("type_", ALL)
async def test_who_may_call_off_from_where(shop, driver, type_):
    consignment_id = await booked(shop, type_)
    over = ENDS | ({"IN_WAREHOUSE"} if type_ in {"PICKUP", "RETURNED"} else set())

    for status, after in CONSIGNMENT[ConsignmentType(type_)].items():
        await put(consignment_id, status)
        for by, open_ in (
            (shop.token, status in OPEN_TO_CLIENTS[type_]),
            (driver, status not in over),
        ):
            given = {"id": consignment_id, "validateOnly": True}
            answer = await shop.say(CANCEL, by=by, input=given)
            assert (answer.faults == []) is open_, (status, by == driver)
            if not open_:
                assert answer.told == [("WRONG_STATUS", "input.id")]
                assert answer.faults[0]["legalMoves"] == (sorted(after) if by == driver else [])


async def test_a_move_needs_the_version_that_was_read(shop, driver):
    consignment_id = await booked(shop)
    to = DELIVERING[1]

    stale = await move(shop, driver, consignment_id, to, version=7)
    assert stale.told == [("STALE_VERSION", "input.version")]
    again = [await move(shop, driver, consignment_id, to, version=1) for _ in range(2)]

    assert [one.told for one in again] == [[], [("STALE_VERSION", "input.version")]]
    assert await version(consignment_id) == 2


async def test_a_draft_that_is_moved_is_brought_or_picked_up_as_its_status_says(shop, driver):
    consignment_id = await booked(shop, "PICKUP", draft=True)

    answer = await move(shop, driver, consignment_id, "AWAITING_DROPOFF")

    assert answer.only["consignment"] == {
        "status": "AWAITING_DROPOFF", "version": 2, "dropOff": True,
    }  # fmt: skip


async def test_only_people_of_the_operator_move_and_prove(shop):
    consignment_id = await booked(shop)

    for answer in (
        await move(shop, shop.token, consignment_id, DELIVERING[1]),
        await prove(shop, shop.token, consignment_id),
    ):
        assert answer.codes == ["FORBIDDEN"]
        assert answer.calls == []
    assert await version(consignment_id) == 1


# --- proof of delivery ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "stands", "given", "ends"),
    [
        ("DELIVERY", "IN_TRANSIT_WAREHOUSE_DELIVERY", {}, "DELIVERED"),
        ("DELIVERY", "WITH_ON_FORWARDER", {}, "DELIVERED"),
        ("DELIVERY", "IN_TRANSIT_WAREHOUSE_DELIVERY", {"collected": True}, "COLLECTED"),
        ("PICKUP_DELIVERY", "IN_TRANSIT_WAREHOUSE_DELIVERY", {}, "DELIVERED"),
        ("POINT_TO_POINT", "IN_TRANSIT_PICK_DELIVERY", {}, "POINT_TO_POINT_DELIVERED"),
    ],
)
async def test_a_proof_delivers_it(shop, driver, type_, stands, given, ends):
    consignment_id = await booked(shop, type_)
    await put(consignment_id, stands)

    at = "2026-01-02T03:04:05.000006+10:00"
    answer = await prove(shop, driver, consignment_id, at=at, **given)

    assert answer.faults == []
    made = answer.only["consignment"]
    assert (made["status"], made["version"]) == (ends, 2)
    assert made["proofOfDelivery"] == {
        "recipient": "K. Lee", "at": "2026-01-01T17:04:05.000006Z",
    }  # fmt: skip
    assert [line["deliveredQuantity"] for line in made["items"]] == ["10", "2"]
    last = made["history"][-1]
    assert (last["status"], last["client"]) == (ends, None)
    assert last["changed"] == ["items", "proofOfDelivery", "status"]
    assert last["staffUser"]


async def test_a_proof_tells_what_did_not_arrive(shop, driver):
    consignment_id = await booked(shop)
    await put(consignment_id, DELIVERING[1])
    first, second = await ConsignmentItem.filter(consignment_id=consignment_id).order_by("position")

    items = [
        {"item": str(second.id), "deliveredQuantity": "0"},
        {"item": str(first.id), "deliveredQuantity": "9.5"},
    ]
    answer = await prove(shop, driver, consignment_id, items=items)

    arrived = [one["deliveredQuantity"] for one in answer.only["consignment"]["items"]]
    assert arrived == ["9.5", "0"]


async def test_what_is_wrong_with_a_proof_is_told_together(shop, driver):
    consignment_id = await booked(shop)
    other = await booked(shop, reference="TR-9")
    await put(consignment_id, DELIVERING[1])
    line, _ = await ConsignmentItem.filter(consignment_id=consignment_id).order_by("position")
    stranger = await ConsignmentItem.filter(consignment_id=other).first()

    answer = await prove(
        shop,
        driver,
        consignment_id,
        recipient=" ",
        at=(datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        items=[
            {"item": str(line.id), "deliveredQuantity": "10.000001"},
            {"item": str(line.id), "deliveredQuantity": "1"},
            {"item": str(stranger.id), "deliveredQuantity": "1"},
        ],
    )

    assert answer.told == [
        ("REQUIRED", "input.recipient"),
        ("INVALID", "input.at"),
        ("INVALID", "input.items.0.deliveredQuantity"),
        ("INVALID", "input.items.1.item"),
        ("NOT_FOUND", "input.items.2.item"),
    ]
    negative = [{"item": str(line.id), "deliveredQuantity": "-1"}]
    answer = await prove(shop, driver, consignment_id, recipient="x" * 201, items=negative)
    assert answer.told == [
        ("TOO_LONG", "input.recipient"),
        ("INVALID", "input.items.0.deliveredQuantity"),
    ]
    assert await version(consignment_id) == 1


async def test_a_drivers_clock_may_be_minutes_ahead(shop, driver):
    consignment_id = await booked(shop)
    await put(consignment_id, DELIVERING[1])
    at = (datetime.now(UTC) + timedelta(minutes=4)).isoformat()

    assert (await prove(shop, driver, consignment_id, at=at)).faults == []


@pytest.mark.parametrize("ends", ["DELIVERED", "COLLECTED"])
async def test_a_proof_is_filled_in_where_it_was_moved_to_its_end_without(shop, driver, ends):
    consignment_id = await booked(shop)
    await put(consignment_id, ends)
    wrong = await prove(shop, driver, consignment_id, collected=ends != "COLLECTED")
    assert wrong.told == [("WRONG_STATUS", "input.id")]

    answer = await prove(shop, driver, consignment_id, collected=ends == "COLLECTED")

    assert answer.faults == []
    assert answer.only["consignment"]["status"] == ends
    last = answer.only["consignment"]["history"][-1]
    assert last["changed"] == ["items", "proofOfDelivery"]


async def test_what_is_proved_is_not_proved_again(shop, driver):
    consignment_id = await booked(shop)
    await put(consignment_id, DELIVERING[1])
    await prove(shop, driver, consignment_id)

    again = await prove(shop, driver, consignment_id, recipient="Somebody else")

    assert again.told == [("WRONG_STATUS", "input.id")]
    assert again.faults[0]["message"] == "This consignment has its proof of delivery."
    assert (await Consignment.get(id=consignment_id)).delivered_recipient == "K. Lee"


@pytest.mark.parametrize(
    ("type_", "stands", "legal"),
    [
        ("DELIVERY", "IN_WAREHOUSE", ["CANCELLED", "IN_TRANSIT_WAREHOUSE_DELIVERY"]),
        ("PICKUP", "IN_TRANSIT_PICKUP_WAREHOUSE", ["CANCELLED", "IN_WAREHOUSE"]),
        ("RETURNED", "IN_WAREHOUSE", []),
        ("DELIVERY", "CANCELLED", []),
    ],
)
async def test_there_is_no_proof_before_its_time(shop, driver, type_, stands, legal):
    consignment_id = await booked(shop, type_)
    await put(consignment_id, stands)

    answer = await prove(shop, driver, consignment_id)

    assert answer.told == [("WRONG_STATUS", "input.id")]
    assert answer.faults[0]["legalMoves"] == legal
    assert await version(consignment_id) == 1


async def test_from_point_to_point_nothing_is_collected(shop, driver):
    consignment_id = await booked(shop, "POINT_TO_POINT")
    await put(consignment_id, "IN_TRANSIT_PICK_DELIVERY")

    answer = await prove(shop, driver, consignment_id, collected=True)

    assert answer.told == [("INVALID", "input.collected")]


async def test_a_thousand_lines_are_proved_at_once(shop, driver):
    items = [{"description": f"Parcel {n}", "quantity": str(n)} for n in range(1, 1_001)]
    consignment_id = await booked(shop, items=items)
    await put(consignment_id, DELIVERING[1])
    lines = await ConsignmentItem.filter(consignment_id=consignment_id).order_by("position")
    halves = [{"item": str(one.id), "deliveredQuantity": "0.5"} for one in lines]

    answer = await prove(shop, driver, consignment_id, items=halves)

    arrived = {one["deliveredQuantity"] for one in answer.only["consignment"]["items"]}
    assert (len(answer.only["consignment"]["items"]), arrived) == (1_000, {"0.5"})


async def test_a_repeated_key_proves_once(shop, driver):
    consignment_id = await booked(shop)
    await put(consignment_id, DELIVERING[1])
    given = {"version": 1, "at": "2026-01-01T00:00:00Z", "idempotencyKey": "pod-1"}

    first = await prove(shop, driver, consignment_id, **given)
    again = await prove(shop, driver, consignment_id, **given)

    assert (first.faults, again.faults) == ([], [])
    assert again.only["consignment"]["version"] == 2
    assert await version(consignment_id) == 2


async def test_people_see_consignments_of_all_customers_and_depots(shop, driver):
    world = shop.world
    far = await world.token(ApiRole.TMS_CREATE_JOBS, all_customers=True, all_warehouses=True)
    consignment_id = await booked(
        shop, by=far, customer=str(world.other.id), warehouse=str(world.far_warehouse.id)
    )

    answer = await move(shop, driver, consignment_id, DELIVERING[1])

    assert answer.faults == []
    made = await Consignment.get(id=UUID(consignment_id))
    assert made.customer_id == world.other.id
