"""Consignments that outbound orders make: what they take over, and how they follow."""

from decimal import Decimal
from uuid import UUID

import pytest
import pytest_asyncio

from models.consignments import Consignment, ConsignmentEvent, ConsignmentItem
from models.lookups import columns
from models.orders import OutboundOrder, OutboundOrderItem
from models.products import ProductUnit
from models.reach import Reach
from models.tenants import Warehouse
from models.words import ApiRole, ConsignmentStatus
from models.writing import Changes
from resolvers import commands
from resolvers.access import Caller
from resolvers.consignments_of_orders import (
    DELIVERY,
    GeneratedFrom,
    GeneratedLine,
    follow,
    generate,
)
from resolvers.errors import Forbidden
from tests.asking import Shop, open_shop, perform, staff

WAITING = ConsignmentStatus.AWAITING_SALE_ORDER_PACKING
STANDS = ConsignmentStatus.IN_WAREHOUSE
CANCELLED = ConsignmentStatus.CANCELLED
DEPOT = {"address_line1": "1 Dock Road", "address_city": "Botany", "address_country": "AU"}


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


@pytest_asyncio.fixture
async def person(shop) -> Caller:
    return await staff(shop.world)


async def ordered(shop: Shop, **changes) -> UUID:
    answer = await shop.place(**changes)
    assert answer.faults == []
    return UUID(answer.only["outboundOrder"]["id"])


async def source(shop: Shop, order_id: UUID, **changes) -> GeneratedFrom:
    """An order as the rules of orders hand it over."""
    order = await OutboundOrder.get(id=order_id)
    reach = Reach.of_tenant(shop.world.tenant.id)
    lines = await OutboundOrderItem.filter(order_id=order_id).order_by("position")
    given = {
        "order_id": order_id,
        "customer_id": order.customer_id,
        "warehouse_id": order.warehouse_id,
        "reference": order.reference,
        "delivery": await columns(OutboundOrder, reach, order_id, DELIVERY),
        "lines": [GeneratedLine(one.product_id, one.unit, one.quantity) for one in lines],
    }
    return GeneratedFrom(**(given | changes))


async def make(caller: Caller, order: GeneratedFrom, status=WAITING) -> Consignment:
    async def work(caller: Caller, _, changes: Changes) -> commands.Effect:
        return commands.Effect(await generate(caller, order, status, changes))

    return await Consignment.get(id=await perform(caller, "test", {}, work))


async def go_on(caller: Caller, order_id: UUID, to: ConsignmentStatus) -> None:
    async def work(caller: Caller, _, changes: Changes) -> commands.Effect:
        await follow(caller, order_id, to, changes)
        return commands.Effect(order_id)

    await perform(caller, "test", {}, work)


async def history(made: Consignment) -> list[tuple[int, str]]:
    events = await ConsignmentEvent.filter(consignment_id=made.id).order_by("version")
    return [(one.version, one.status.value) for one in events]


# --- what is taken over --------------------------------------------------------------------------


async def test_an_orders_consignment_goes_where_the_order_goes(shop, person):
    await Warehouse.filter(id=shop.world.warehouse.id).update(**DEPOT)
    deliver = shop.order()["deliver"] | {
        "instructions": "Ring twice",
        "requiredOn": "2026-12-03",
        "cashOnDelivery": {"amount": "10.5"},
    }
    value = {"amount": "120", "currency": "NZD"}
    order_id = await ordered(shop, deliver=deliver, invoiceValue=value)

    made = await make(person, await source(shop, order_id))

    assert (made.type, made.status, made.reference) == ("DELIVERY", WAITING, "SO-1001")
    assert (made.outbound_order_id, made.holds_reference) == (order_id, True)
    assert made.deliver_line1 == deliver["address"]["line1"]
    assert (made.collect_company, made.collect_line1) == ("Sydney", "1 Dock Road")
    assert (made.instructions, str(made.required_on)) == ("Ring twice", "2026-12-03")
    assert (made.cash_on_delivery, made.cash_on_delivery_currency) == (1050, "AUD")
    assert (made.invoice_value, made.invoice_value_currency) == (12000, "NZD")
    assert await history(made) == [(1, "AWAITING_SALE_ORDER_PACKING")]


async def test_each_line_has_the_products_name_and_what_it_weighs(shop, person):
    await ProductUnit.filter(product_id=shop.known["<MUG-BLUE>"], code="EA").update(
        length_m=Decimal("0.1"), width_m=Decimal("0.1"), height_m=Decimal("0.123457")
    )
    items = [
        {"product": {"code": "MUG-BLUE"}, "quantity": "3"},
        {"product": {"code": "MUG-BLUE"}, "quantity": "1", "unit": "CTN"},
    ]
    made = await make(person, await source(shop, await ordered(shop, items=items)))

    lines = await ConsignmentItem.filter(consignment_id=made.id).order_by("position")
    told = [(one.description, one.quantity) for one in lines]
    assert told == [("Mug, blue", 3), ("Mug, blue", 1)]
    assert [one.weight_kg for one in lines] == [Decimal("0.75"), None]
    assert [one.cubic_m3 for one in lines] == [Decimal("0.003704"), None]


async def test_what_is_beyond_measure_is_not_told(shop, person):
    await ProductUnit.filter(product_id=shop.known["<MUG-BLUE>"], code="EA").update(
        weight_kg=Decimal(9_000_000_000_000)
    )
    order_id = await ordered(shop, items=[{"product": {"code": "MUG-BLUE"}, "quantity": "2"}])

    made = await make(person, await source(shop, order_id))

    [line] = await ConsignmentItem.filter(consignment_id=made.id)
    assert (line.quantity, line.weight_kg) == (2, None)


# --- the reference -------------------------------------------------------------------------------


async def test_a_reference_that_another_holds_is_only_carried(shop, person):
    first = await make(person, await source(shop, await ordered(shop)))
    second = await make(person, await source(shop, await ordered(shop, reference="SO-2")))
    assert (first.holds_reference, second.holds_reference) == (True, True)

    third = await ordered(shop, reference="SO-3")
    kept = await make(person, await source(shop, third, reference="SO-2"))

    assert (kept.reference, kept.holds_reference, kept.replaces_id) == ("SO-2", False, None)


async def test_the_rest_of_a_split_order_carries_the_reference_and_does_not_hold_it(shop, person):
    order = await source(shop, await ordered(shop), holds_reference=False)

    assert (await make(person, order)).holds_reference is False


async def test_a_reference_that_was_given_back_is_taken_and_linked(shop, person):
    order_id = await ordered(shop)
    first = await make(person, await source(shop, order_id))
    await go_on(person, order_id, CANCELLED)

    second = await make(person, await source(shop, order_id))

    assert (second.holds_reference, second.replaces_id) == (True, first.id)


# --- following -----------------------------------------------------------------------------------


async def test_it_follows_its_order_as_far_as_its_path_leads(shop, person):
    order_id = await ordered(shop)
    made = await make(person, await source(shop, order_id))

    for to in (STANDS, STANDS, WAITING, CANCELLED, STANDS):
        await go_on(person, order_id, to)

    assert await history(made) == [(1, WAITING), (2, STANDS), (3, CANCELLED)]
    await made.refresh_from_db()
    assert (made.status, made.version) == (CANCELLED, 3)


async def test_an_order_has_one_consignment_however_often_it_is_packed(shop, person):
    order = await source(shop, await ordered(shop))
    first = await make(person, order)

    assert (await make(person, order, STANDS)).id == first.id
    assert await history(first) == [(1, WAITING), (2, STANDS)]
    assert await Consignment.all().count() == 1


async def test_a_draft_is_called_off_with_its_order_but_not_sent_on_its_way(shop, person):
    order_id = await ordered(shop)
    made = await make(person, await source(shop, order_id), ConsignmentStatus.DRAFT)

    await go_on(person, order_id, STANDS)
    await go_on(person, order_id, CANCELLED)

    assert await history(made) == [(1, "DRAFT"), (2, "CANCELLED")]


async def test_what_has_left_is_not_called_off(shop, person):
    order_id = await ordered(shop)
    made = await make(person, await source(shop, order_id))
    for status in ("IN_TRANSIT_WAREHOUSE_DELIVERY", "WITH_ON_FORWARDER", "DELIVERED"):
        await Consignment.filter(id=made.id).update(status=status)
        await go_on(person, order_id, CANCELLED)

    assert await history(made) == [(1, WAITING)]


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [ApiRole.WMS_CREATE_JOBS, ApiRole.TMS_VIEW_JOBS])
async def test_a_client_needs_the_role_to_make_one(shop, person, role):
    order = await source(shop, await ordered(shop))
    client = Caller(
        reach=person.reach, name="x", tenant_name="x", currency="AUD", time_zone="UTC",
        client_id=(await shop.world.client(role)).client_id, roles=role.implies,
    )  # fmt: skip

    with pytest.raises(Forbidden) as refused:
        await make(client, order)

    assert refused.value.extensions == {
        "code": "FORBIDDEN",
        "roles": ["TMS_CREATE_JOBS"],
        "staff": ["ADMINISTRATOR", "OPERATOR"],
    }
    assert await Consignment.all().count() == 0
