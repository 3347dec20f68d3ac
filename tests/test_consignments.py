"""Booking, changing and calling off consignments, as customers' systems do."""

import pytest
import pytest_asyncio

from models.consignments import Consignment
from models.orders import OutboundOrder
from models.tenants import Customer, Warehouse
from models.words import ApiRole
from tests.asking import Answer, Shop, open_shop, variables_of

READ = """
query Read($id: ID!) {
  consignment(id: $id) {
    type reference status version dropOff requiredOn instructions internalNotes
    authorityToLeave authorityToLeaveInstructions properties
    cashOnDelivery { amount currency } invoiceValue { amount currency } cost { amount currency }
    customer { code } warehouse { code }
    collectAddress {
      company contact line1 line2 suburb city state postcode country phone email
    }
    deliverAddress { company contact line1 city country }
    tracking { company url }
    items { description quantity pallets weightKg cubicM3 spaces deliveredQuantity }
    proofOfDelivery { recipient at }
    outboundOrder { reference }
    history { version status changed client staffUser }
    replaces { id }
    createdAt modifiedAt
  }
}
"""

UPDATE = """
mutation Update($input: UpdateConsignmentInput!) {
  updateConsignment(input: $input) {
    consignment { version status }
    userErrors { code path message legalMoves differences { path stored given } }
  }
}
"""

CANCEL = """
mutation Cancel($input: CancelConsignmentInput!) {
  cancelConsignment(input: $input) { consignment { status } userErrors { code path } }
}
"""

CREATE = """
mutation Create($input: CreateConsignmentInput!) {
  createConsignment(input: $input) {
    consignment { id version }
    replayed
    userErrors {
      code path message existing legalMoves differences { path stored given }
    }
  }
}
"""

FROM = {
    "company": "Zen Teas",
    "contact": "Lou",
    "line1": "4 Factory Lane",
    "line2": "Gate 2",
    "suburb": "Rosehill",
    "city": "Parramatta",
    "state": "NSW",
    "postcode": "2150",
    "country": "AU",
    "phone": "+61 2 5550 1234",
    "email": "lou@zen.test",
}
TO = {"company": None, "contact": "Kim", "line1": "1 Pitt St", "city": "Sydney", "country": "AU"}
EVERYTHING = {
    "collectAddress": FROM,
    "deliverAddress": TO,
    "requiredOn": "2026-12-03",
    "instructions": "Ring twice",
    "internalNotes": "Margin is thin",
    "cashOnDelivery": {"amount": "10"},
    "invoiceValue": {"amount": "120.5", "currency": "NZD"},
    "authorityToLeave": True,
    "authorityToLeaveInstructions": "Behind the gate",
    "properties": {"season": "2027"},
    "items": [
        {
            "description": "Tea",
            "quantity": "1.5",
            "pallets": "0",
            "weightKg": "0.000001",
            "cubicM3": "2",
            "spaces": "0.5",
        }
    ],
}
"""Every field that a consignment can be booked with or changed to."""

READ_AS = EVERYTHING | {
    "cashOnDelivery": {"amount": "10.00", "currency": "AUD"},
    "invoiceValue": {"amount": "120.50", "currency": "NZD"},
    "items": [{**EVERYTHING["items"][0], "deliveredQuantity": None}],
}

DEPOT = {
    "address_line1": "1 Dock Road",
    "address_city": "Botany",
    "address_country": "AU",
    "address_phone": "+61 2 5550 9999",
}
AT_THE_DEPOT = {"company": "Sydney", "line1": "1 Dock Road", "city": "Botany", "country": "AU"}


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


async def booked(shop: Shop, **changes) -> str:
    answer = await shop.book(**changes)
    assert answer.faults == []
    return answer.only["consignment"]["id"]


async def read(shop: Shop, id: str, by: str | None = None) -> dict:
    return (await shop.say(READ, by=by, id=id)).only


async def update(shop: Shop, id: str, version: int, by: str | None = None, **more) -> Answer:
    return await shop.say(UPDATE, by=by, input={"id": id, "version": version} | more)


async def create(shop: Shop, by: str | None = None, **changes) -> Answer:
    return await shop.say(CREATE, by=by, input=shop.consignment(**changes))


async def consignments() -> int:
    return await Consignment.all().count()


def some(address: dict) -> dict:
    """Of an address, what is said."""
    return {name: value for name, value in address.items() if value is not None}


# --- booking -------------------------------------------------------------------------------------


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


# --- addresses -----------------------------------------------------------------------------------


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


# --- changing ------------------------------------------------------------------------------------


async def test_each_field_is_changed_alone(shop):
    consignment_id = await booked(shop)
    before = await read(shop, consignment_id)

    for version, (name, value) in enumerate(EVERYTHING.items(), start=1):
        answer = await update(shop, consignment_id, version, **{name: value})
        assert answer.faults == []
        after = await read(shop, consignment_id)
        assert after[name] == READ_AS[name]
        changed = {one for one in after if after[one] != before[one]}
        assert changed <= {name, "version", "modifiedAt", "history"}
        assert after["history"][-1]["changed"] == [name]
        before = after


async def test_what_may_be_empty_is_taken_away_with_null(shop):
    consignment_id = await booked(shop, **EVERYTHING)
    can = set(EVERYTHING) - {"deliverAddress", "authorityToLeave", "items"}

    answer = await update(shop, consignment_id, 1, **dict.fromkeys(can))
    assert answer.faults == []
    made = await read(shop, consignment_id)
    assert {name: made[name] for name in can} == dict.fromkeys(can)

    answer = await update(shop, consignment_id, 2, items=None, authorityToLeave=None, draft=None)
    assert answer.codes == ["BAD_INPUT"]


async def test_a_stale_version_is_told_what_changed_but_not_what_is_internal(shop):
    world = shop.world
    consignment_id = await booked(shop, internalNotes="Margin is thin")
    await update(shop, consignment_id, 1, instructions="Ring twice", internalNotes="Lose it")
    plain = await world.token(ApiRole.TMS_CREATE_JOBS)

    answer = await update(shop, consignment_id, 1, by=plain, instructions="Knock")

    assert answer.told == [("STALE_VERSION", "input.version")]
    assert answer.faults[0]["differences"] == [
        {"path": ["input", "instructions"], "stored": '"Ring twice"', "given": '"Knock"'},
        {"path": ["input", "internalNotes"], "stored": None, "given": None},
    ]


@pytest.mark.parametrize("status", ["IN_TRANSIT_WAREHOUSE_DELIVERY", "DELIVERED", "CANCELLED"])
async def test_a_client_changes_nothing_once_it_is_on_its_way(shop, status):
    consignment_id = await booked(shop)
    await Consignment.filter(id=consignment_id).update(status=status)

    answer = await update(shop, consignment_id, 1, instructions="Faster")

    assert answer.told == [("WRONG_STATUS", "input.id")]
    assert answer.faults[0]["legalMoves"] == []
    assert (await read(shop, consignment_id))["version"] == 1


async def test_people_change_it_until_it_is_delivered(shop):
    consignment_id, person = await booked(shop), await shop.world.staff_token()
    await Consignment.filter(id=consignment_id).update(status="WITH_ON_FORWARDER")
    assert (await update(shop, consignment_id, 1, by=person, instructions="Faster")).faults == []

    await Consignment.filter(id=consignment_id).update(status="DELIVERED")
    answer = await update(shop, consignment_id, 2, by=person, instructions="Too late")
    assert answer.told == [("WRONG_STATUS", "input.id")]


# --- tracking and cost ---------------------------------------------------------------------------


async def test_people_say_how_to_follow_it_and_what_it_costs(shop):
    consignment_id, person = await booked(shop), await shop.world.staff_token()
    tracking = {"company": "Swift", "url": "https://swift.test/SW1?lang=en#map"}

    answer = await update(
        shop, consignment_id, 1, by=person, tracking=tracking, cost={"amount": "18.4"}
    )

    assert answer.faults == []
    made = await read(shop, consignment_id)
    assert made["tracking"] == tracking
    assert made["cost"] == {"amount": "18.40", "currency": "AUD"}
    await update(shop, consignment_id, 2, by=person, tracking=None, cost=None)
    made = await read(shop, consignment_id)
    assert (made["tracking"], made["cost"]) == (None, None)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://swift.test/x",
        "swift.test/x",
        "//swift.test/x",
        "https://",
        "https:///x",
        "http://[::1",
        "https://swift.test/a b",
        "https://swift.test/\n",
        "",
    ],
)
async def test_a_tracking_link_is_one_that_a_browser_may_follow(shop, url):
    consignment_id, person = await booked(shop), await shop.world.staff_token()

    answer = await update(shop, consignment_id, 1, by=person, tracking={"url": url})

    assert answer.told == [("INVALID", "input.tracking.url")]


async def test_a_tracking_link_has_at_most_2000_characters(shop):
    consignment_id, person = await booked(shop), await shop.world.staff_token()
    for rest, told in ((1981, [("TOO_LONG", "input.tracking.url")]), (1980, [])):
        url = "http://swift.test/x/" + "x" * rest
        answer = await update(shop, consignment_id, 1, by=person, tracking={"url": url})
        assert answer.told == told


async def test_tracking_is_for_people_and_cost_is_internal(shop):
    world = shop.world
    consignment_id = await booked(shop)
    plain = await world.token(ApiRole.TMS_CREATE_JOBS)
    trusted = await world.token(ApiRole.TMS_CREATE_JOBS, ApiRole.INTERNAL_FIELD_ACCESS)

    for by in (plain, trusted, shop.token):
        answer = await update(shop, consignment_id, 1, by=by, tracking={"company": "x"})
        assert answer.codes == ["FORBIDDEN"]
    assert (await update(shop, consignment_id, 1, by=plain, cost=None)).codes == ["FORBIDDEN"]
    assert (await update(shop, consignment_id, 1, by=trusted, cost=None)).faults == []
    for name in ("internalNotes", "cost { amount }"):
        asked = f'{{ consignment(id: "{consignment_id}") {{ {name} }} }}'
        assert (await shop.say(asked, by=plain)).codes == ["FORBIDDEN"]
        assert (await shop.say(asked, by=trusted)).errors == []


# --- the reference -------------------------------------------------------------------------------


async def test_the_same_again_is_the_first_and_free(shop):
    first = await create(shop, **EVERYTHING)
    await update(shop, first.only["consignment"]["id"], 1, instructions="Changed since")
    again = await create(shop, **EVERYTHING)

    assert (first.only["replayed"], again.only["replayed"]) == (False, True)
    assert again.only["consignment"] == {"id": first.only["consignment"]["id"], "version": 2}
    assert (first.outcomes, again.outcomes) == (["COUNTED"], ["REPLAYED"])
    assert await consignments() == 1


async def test_a_late_retry_finds_the_first_though_the_depots_address_changed(shop):
    await Warehouse.filter(id=shop.world.warehouse.id).update(**DEPOT)
    first = await create(shop)
    await Warehouse.filter(id=shop.world.warehouse.id).update(address_line1="2 Dock Road")
    await Customer.filter(id=shop.world.live.id).update(
        default_warehouse_id=shop.world.far_warehouse.id
    )
    everywhere = await shop.world.token(ApiRole.TMS_CREATE_JOBS, all_warehouses=True)

    again = await create(shop, by=everywhere)

    assert again.only["replayed"] is True
    assert again.only["consignment"] == first.only["consignment"]


async def test_other_content_is_told_what_differs(shop):
    first = await create(shop)
    answer = await create(shop, requiredOn="2026-12-09")

    assert answer.told == [("REFERENCE_DIFFERS", "input.reference")]
    [fault] = answer.faults
    assert fault["existing"] == first.only["consignment"]["id"]
    assert fault["legalMoves"] == ["UPDATE", "CANCEL", "NEW_REFERENCE"]
    assert fault["differences"] == [
        {"path": ["input", "requiredOn"], "stored": '"2026-12-03"', "given": '"2026-12-09"'}
    ]
    assert await consignments() == 1


async def test_what_is_open_depends_on_the_type(shop):
    """What was picked up before it is delivered was in transit already."""
    where = {"collectAddress": FROM, "deliverAddress": TO}
    both_id = await booked(shop, type="PICKUP_DELIVERY", **where)
    await Consignment.filter(id=both_id).update(status="IN_WAREHOUSE")

    answer = await create(shop, type="PICKUP_DELIVERY", **where, instructions="Other")

    assert answer.faults[0]["legalMoves"] == ["NEW_REFERENCE"]


async def test_a_cancelled_one_gives_its_reference_back_and_is_linked(shop):
    first_id = await booked(shop)
    answer = await shop.say(CANCEL, input={"id": first_id})
    assert answer.only["consignment"] == {"status": "CANCELLED"}

    second_id = await booked(shop, requiredOn="2026-12-09")

    assert (await read(shop, second_id))["replaces"] == {"id": first_id}
    late = await update(shop, first_id, 2, instructions="x")
    assert late.told == [("WRONG_STATUS", "input.id")]


async def test_the_reference_of_one_that_cannot_be_seen_is_taken(shop):
    world = shop.world
    far = {"warehouse": str(world.far_warehouse.id)}
    everywhere = await world.token(ApiRole.TMS_CREATE_JOBS, all_warehouses=True)
    await booked(shop, by=everywhere, **far)

    answer = await create(shop)

    assert answer.told == [("REFERENCE_TAKEN", "input.reference")]
    assert (answer.faults[0]["existing"], answer.faults[0]["differences"]) == (None, None)


async def test_each_customer_and_each_kind_of_job_has_references_of_its_own(shop):
    world = shop.world
    both = await world.token(ApiRole.TMS_CREATE_JOBS, customers=[world.live.id, world.other.id])
    await shop.place(reference="TR-2001")
    await booked(shop)

    await booked(shop, by=both, customer=str(world.other.id))

    assert await consignments() == 2


async def test_a_key_makes_a_retry_safe_and_trying_stores_nothing(shop):
    tried = await create(shop, validateOnly=True)
    assert (tried.faults, tried.outcomes) == ([], ["PREFLIGHT"])
    assert await consignments() == 0

    first = await create(shop, idempotencyKey="k-1")
    again = await create(shop, idempotencyKey="k-1")
    other = await create(shop, idempotencyKey="k-1", reference="TR-2")

    assert again.only["replayed"] is True
    assert again.only["consignment"] == first.only["consignment"]
    assert other.told == [("KEY_REUSED", "input.idempotencyKey")]
    assert (await consignments(), await shop.counted()) == (1, 1)


# --- its order -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stands", "begins"),
    [
        ("DRAFT", "AWAITING_SALE_ORDER_PACKING"),
        ("AWAITING_PICK_AND_PACK", "AWAITING_SALE_ORDER_PACKING"),
        ("PACKING_IN_PROGRESS", "AWAITING_SALE_ORDER_PACKING"),
        ("PACKED", "IN_WAREHOUSE"),
        ("DISPATCHED", "IN_WAREHOUSE"),
    ],
)
async def test_a_delivery_waits_until_its_order_is_packed(shop, stands, begins):
    order_id = (await shop.place()).only["outboundOrder"]["id"]
    await OutboundOrder.filter(id=order_id).update(status=stands)

    made = await read(shop, await booked(shop, outboundOrder=order_id))
    assert (made["status"], made["outboundOrder"]) == (begins, {"reference": "SO-1001"})

    draft_id = await booked(shop, reference="TR-2", outboundOrder=order_id, draft=True)
    sent = await update(shop, draft_id, 1, draft=False)
    assert sent.only["consignment"]["status"] == begins


async def test_an_order_that_cannot_be_carried_is_refused(shop):
    world = shop.world
    everywhere = await world.token(ApiRole.API_FULL_ACCESS, all_customers=True, all_warehouses=True)
    order_id = (await shop.place()).only["outboundOrder"]["id"]
    here, far = str(world.warehouse.id), str(world.far_warehouse.id)
    told = [("INVALID", "input.outboundOrder")]

    pickup = {"type": "PICKUP", "collectAddress": FROM}
    assert (await create(shop, outboundOrder=order_id, **pickup)).told == told
    for given in ({"warehouse": far}, {"warehouse": here, "customer": str(world.other.id)}):
        answer = await create(shop, by=everywhere, outboundOrder=order_id, **given)
        assert answer.told == told
    await OutboundOrder.filter(id=order_id).update(status="CANCELLED")
    assert (await create(shop, outboundOrder=order_id)).told == told

    stranger = await world.token(ApiRole.API_FULL_ACCESS, customers=[world.other.id])
    given = {"customer": str(world.other.id), "outboundOrder": order_id}
    answer = await create(shop, by=stranger, **given)
    assert answer.told == [("NOT_FOUND", "input.outboundOrder")]
    assert await consignments() == 0


async def test_to_name_an_order_a_client_needs_to_see_orders(shop):
    order_id = (await shop.place()).only["outboundOrder"]["id"]
    carrier = await shop.world.token(ApiRole.TMS_CREATE_JOBS)

    answer = await create(shop, by=carrier, outboundOrder=order_id)

    assert answer.codes == ["FORBIDDEN"]
    assert answer.errors[0]["extensions"]["roles"] == ["WMS_VIEW_JOBS"]


# --- reach ---------------------------------------------------------------------------------------


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


# --- lists ---------------------------------------------------------------------------------------


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


# --- many at once --------------------------------------------------------------------------------


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
