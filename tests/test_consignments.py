"""Booking consignments, as customers' systems do, and finding them again."""

import pytest
import pytest_asyncio

from models.tenants import Warehouse
from models.words import ApiRole
from tests.asking import Shop, open_shop, variables_of
from tests.bookings import (
    AT_THE_DEPOT,
    CANCEL,
    DEPOT,
    EVERYTHING,
    FROM,
    READ_AS,
    TO,
    booked,
    consignments,
    create,
    read,
    some,
    update,
)


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


# --- booking --------------------------------------------------------------------------------------


async def test_a_consignment_is_read_back_as_it_was_booked(shop):
    made = await read(shop, await booked(shop, **EVERYTHING))

    assert {name: made[name] for name in EVERYTHING} == READ_AS
    assert (made["type"], made["reference"], made["version"]) == ("DELIVERY", "TR-2001", 1)
    assert (made["customer"], made["warehouse"]) == ({"code": "ACME"}, {"code": "SYD"})
    assert (made["tracking"], made["proofOfDelivery"], made["cost"]) == (None, None, None)
    assert (made["outboundOrder"], made["replaces"]) == (None, None)
    assert made["createdAt"] == made["modifiedAt"]
    [event] = made["history"]
    assert (event["version"], event["status"], event["staffUser"]) == (1, "IN_WAREHOUSE", None)
    assert event["client"]
    assert "deliverAddress" in event["changed"]


@pytest.mark.parametrize(
    ("type_", "given", "status"),
    [
        ("DELIVERY", {}, "IN_WAREHOUSE"),
        ("PICKUP", {}, "AWAITING_PICKUP"),
        ("PICKUP", {"dropOff": True}, "AWAITING_DROPOFF"),
        ("PICKUP_DELIVERY", {}, "AWAITING_PICKUP"),
        ("PICKUP_DELIVERY", {"dropOff": True}, "AWAITING_DROPOFF"),
        ("RETURNED", {}, "AWAITING_PICKUP"),
        ("RETURNED", {"dropOff": True}, "AWAITING_DROPOFF"),
        ("POINT_TO_POINT", {}, "AWAITING_POINT_TO_POINT_PICKUP"),
    ],
)
async def test_each_type_begins_somewhere_and_a_draft_where_it_waits(shop, type_, given, status):
    where = {"collectAddress": FROM, "deliverAddress": TO}
    made = await read(shop, await booked(shop, type=type_, **where, **given))
    assert (made["type"], made["status"]) == (type_, status)
    assert made["dropOff"] is bool(given)

    draft_id = await booked(shop, type=type_, reference="TR-2", draft=True, **where, **given)
    assert (await read(shop, draft_id))["status"] == "DRAFT"
    kept = await update(shop, draft_id, 1, instructions="Later")
    assert kept.only["consignment"] == {"version": 2, "status": "DRAFT"}
    sent = await update(shop, draft_id, 2, draft=False)
    assert sent.only["consignment"] == {"version": 3, "status": status}
    back = await update(shop, draft_id, 3, draft=True)
    assert back.told == [("INVALID", "input.draft")]


async def test_what_comes_to_the_depot_alone_can_be_dropped_off(shop):
    for type_ in ("DELIVERY", "POINT_TO_POINT"):
        where = {"collectAddress": FROM, "deliverAddress": TO}
        answer = await shop.book(type=type_, dropOff=True, **where)
        assert answer.told == [("INVALID", "input.dropOff")]
    assert await consignments() == 0


async def test_a_draft_can_be_dropped_off_after_all_and_nothing_else_can(shop):
    draft_id = await booked(shop, type="PICKUP", draft=True, dropOff=True, deliverAddress=None)

    needs = await update(shop, draft_id, 1, dropOff=False)
    assert needs.told == [("REQUIRED", "input.collectAddress")]
    both = await update(shop, draft_id, 1, dropOff=False, collectAddress=FROM, draft=False)
    assert both.only["consignment"] == {"version": 2, "status": "AWAITING_PICKUP"}
    late = await update(shop, draft_id, 2, dropOff=True)
    assert late.told == [("INVALID", "input.dropOff")]
    same = await update(shop, draft_id, 2, dropOff=False)
    assert same.faults == []


async def test_all_that_is_wrong_is_told_together(shop):
    answer = await create(
        shop,
        type="POINT_TO_POINT",
        reference=" ",
        collectAddress={"line1": "x", "country": "XX"},
        deliverAddress=None,
        cashOnDelivery={"amount": "0.001"},
        authorityToLeaveInstructions="x" * 2_001,
        items=[
            {"description": "", "quantity": "0", "pallets": "-1", "weightKg": "-1"},
            {"description": "x", "quantity": "1", "cubicM3": "-1", "spaces": "-1"},
        ],
    )

    assert sorted(answer.told) == sorted(
        [
            ("TOO_LONG", "input.authorityToLeaveInstructions"),
            ("REQUIRED", "input.reference"),
            ("REQUIRED", "input.items.0.description"),
            ("INVALID", "input.items.0.quantity"),
            ("INVALID", "input.items.0.pallets"),
            ("INVALID", "input.items.0.weightKg"),
            ("INVALID", "input.items.1.cubicM3"),
            ("INVALID", "input.items.1.spaces"),
            ("REQUIRED", "input.collectAddress.company"),
            ("INVALID", "input.collectAddress.country"),
            ("REQUIRED", "input.collectAddress.city"),
            ("REQUIRED", "input.deliverAddress"),
            ("INVALID", "input.cashOnDelivery.amount"),
        ]
    )
    assert (await consignments(), await shop.counted()) == (0, 0)


async def test_a_consignment_carries_1_to_1000_lines(shop):
    assert (await shop.book(items=[])).told == [("REQUIRED", "input.items")]
    many = [{"description": "x", "quantity": "1"}] * 1_001
    assert (await shop.book(items=many)).told == [("TOO_MANY", "input.items")]

    made = await read(shop, await booked(shop, items=many[1:]))
    assert len(made["items"]) == 1_000


# --- addresses ------------------------------------------------------------------------------------


async def test_the_depots_address_stands_in_where_none_is_given(shop):
    await Warehouse.filter(id=shop.world.warehouse.id).update(**DEPOT)

    given = await read(shop, await booked(shop))
    assert some(given["collectAddress"]) == AT_THE_DEPOT | {"phone": DEPOT["address_phone"]}
    fetched = await read(shop, await booked(shop, reference="TR-2", deliverAddress=None))
    assert some(fetched["deliverAddress"]) == AT_THE_DEPOT
    assert fetched["status"] == "IN_WAREHOUSE"

    await update(shop, fetched_id := await booked(shop, reference="TR-3"), 1, deliverAddress=None)
    assert some((await read(shop, fetched_id))["deliverAddress"]) == AT_THE_DEPOT


@pytest.mark.parametrize(
    ("type_", "given", "needed"),
    [
        ("DELIVERY", {}, ["deliverAddress"]),
        ("PICKUP", {}, ["collectAddress"]),
        ("PICKUP", {"dropOff": True}, []),
        ("RETURNED", {}, ["collectAddress"]),
        ("PICKUP_DELIVERY", {}, ["collectAddress", "deliverAddress"]),
        ("PICKUP_DELIVERY", {"dropOff": True}, ["deliverAddress"]),
    ],
)
@pytest.mark.parametrize("depot", [{}, {"address_line1": "1 Dock Road", "address_city": "Botany"}])
async def test_where_the_depot_has_none_the_far_end_is_needed(shop, depot, type_, given, needed):
    """Half an address is none: no driver finds it."""
    if depot:
        await Warehouse.filter(id=shop.world.warehouse.id).update(**depot)

    answer = await shop.book(type=type_, deliverAddress=None, **given)

    assert answer.told == [("REQUIRED", f"input.{name}") for name in needed]
    assert all("depot" in fault["message"] for fault in answer.faults)
    if not needed:
        made = await read(shop, answer.only["consignment"]["id"])
        assert (made["collectAddress"], made["deliverAddress"]) == (None, None)


async def test_from_point_to_point_the_depot_stands_in_for_nothing(shop):
    await Warehouse.filter(id=shop.world.warehouse.id).update(**DEPOT)

    answer = await shop.book(type="POINT_TO_POINT", deliverAddress=None)
    assert answer.told == [
        ("REQUIRED", "input.collectAddress"), ("REQUIRED", "input.deliverAddress"),
    ]  # fmt: skip

    where = {"collectAddress": FROM, "deliverAddress": TO}
    consignment_id = await booked(shop, type="POINT_TO_POINT", **where)
    taken = await update(shop, consignment_id, 1, collectAddress=None)
    assert taken.told == [("REQUIRED", "input.collectAddress")]


# --- reach ----------------------------------------------------------------------------------------


async def test_what_is_out_of_reach_is_not_there(shop):
    world = shop.world
    consignment_id = await booked(shop)
    strangers = [
        await world.token(ApiRole.API_FULL_ACCESS, customers=[world.other.id]),
        await world.token(ApiRole.API_FULL_ACCESS, warehouses=[world.far_warehouse.id]),
        await world.token(ApiRole.API_FULL_ACCESS, customers=[world.sandbox.id]),
    ]
    for by in strangers:
        assert await read(shop, consignment_id, by=by) is None
        asked = f'{{ node(id: "{consignment_id}") {{ id }} consignments {{ totalCount }} }}'
        answer = await shop.say(asked, by=by)
        assert answer.data == {"node": None, "consignments": {"totalCount": 0}}
        changed = await update(shop, consignment_id, 1, by=by, instructions="x")
        assert changed.told == [("NOT_FOUND", "input.id")]
        cancelled = await shop.say(CANCEL, by=by, input={"id": consignment_id})
        assert cancelled.told == [("NOT_FOUND", "input.id")]
        wrong = await create(shop, by=by, reference="TR-9", warehouse=str(world.warehouse.id))
        assert wrong.told[0][0] == "NOT_FOUND"
    assert await consignments() == 1


async def test_a_client_without_the_role_reads_and_books_nothing(shop):
    consignment_id = await booked(shop)
    reader = await shop.world.token(ApiRole.TMS_VIEW_JOBS)
    packer = await shop.world.token(ApiRole.WMS_CREATE_JOBS)
    plain = f'{{ consignment(id: "{consignment_id}") {{ reference }} }}'

    assert (await shop.say(plain, by=reader)).only == {"reference": "TR-2001"}
    assert (await shop.say(plain, by=packer)).codes == ["FORBIDDEN"]
    assert (await create(shop, by=reader, reference="TR-2")).codes == ["FORBIDDEN"]
    assert await consignments() == 1


# --- lists ----------------------------------------------------------------------------------------


async def test_consignments_are_found_by_what_they_are(shop):
    order_id = (await shop.place()).only["outboundOrder"]["id"]
    await booked(shop, outboundOrder=order_id)
    await booked(shop, type="PICKUP", reference="TR-2", collectAddress=FROM, requiredOn=None)
    await booked(shop, reference="XX-3", requiredOn="2026-12-05")
    document = """query($filter: ConsignmentFilter, $order: ConsignmentSort) {
      consignments(filter: $filter, orderBy: $order) { edges { node { reference } } }
    }"""

    async def found(order: dict | None = None, **filter_) -> list[str]:
        answer = await shop.say(document, filter=filter_ or None, order=order)
        return [edge["node"]["reference"] for edge in answer.only["edges"]]

    assert await found() == ["XX-3", "TR-2", "TR-2001"]
    assert await found({"field": "REFERENCE", "direction": "ASC"}) == ["TR-2", "TR-2001", "XX-3"]
    assert await found(type="PICKUP") == ["TR-2"]
    assert await found(status={"in": ["IN_WAREHOUSE", "AWAITING_PICKUP"]}) == ["XX-3", "TR-2"]
    assert await found(status={"eq": "AWAITING_SALE_ORDER_PACKING"}) == ["TR-2001"]
    assert await found(outboundOrder={"eq": order_id}) == ["TR-2001"]
    assert await found(requiredOn={"from": "2026-12-03", "before": "2026-12-05"}) == ["TR-2001"]
    assert await found(reference={"startsWith": "TR"}) == ["TR-2", "TR-2001"]
    assert await found(warehouse={"eq": str(shop.world.warehouse.id)}) == await found()
    assert await found(customer={"in": [str(shop.world.other.id)]}) == []
    assert await found(**{"not": {"type": "PICKUP"}}) == ["XX-3", "TR-2001"]


# --- many at once ---------------------------------------------------------------------------------


async def test_many_are_booked_at_once_each_for_itself(shop):
    several = variables_of("consignments/book_several", shop.known)["input"]["consignments"]
    first, empty = several
    document = """mutation($input: CreateConsignmentsInput!) {
      createConsignments(input: $input) {
        entries { outcome replayed consignment { reference } userErrors { code path } }
        count
      }
    }"""
    batch = [first, empty, first, first | {"instructions": "Other"}]

    answer = await shop.say(document, input={"consignments": batch})

    entries = answer.only["entries"]
    assert [one["outcome"] for one in entries] == ["COUNTED", "REFUSED", "REPLAYED", "REFUSED"]
    assert entries[3]["userErrors"] == [
        {"code": "REFERENCE_DIFFERS", "path": ["input", "consignments", "3", "reference"]}
    ]
    assert answer.calls == [("createConsignments", "COUNTED", 1)]
    assert await consignments() == 1
