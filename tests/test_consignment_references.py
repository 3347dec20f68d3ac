"""Whose consignment a reference leads to, and which order's goods it carries."""

import pytest
import pytest_asyncio

from models.consignments import Consignment
from models.orders import OutboundOrder
from models.tenants import Customer, Warehouse
from models.words import ApiRole
from tests.asking import Shop, open_shop
from tests.bookings import (
    CANCEL,
    DEPOT,
    EVERYTHING,
    FROM,
    TO,
    booked,
    consignments,
    create,
    read,
    update,
)


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


# --- the reference --------------------------------------------------------------------------------


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


# --- its order ------------------------------------------------------------------------------------


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
