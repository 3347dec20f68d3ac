"""A sandbox customer's client moves its own jobs through every status."""

import httpx
import pytest

from models.moves import CONSIGNMENT, INBOUND, OUTBOUND
from models.stock import StockLevel
from models.words import ApiRole, ConsignmentType, InboundStatus, OutboundStatus
from tests.asking import Answer, Shop, open_shop, stock
from tests.test_shortage import item
from tests.world import World

STEP = """
    mutation ($input: SimulateProgressInput!) {
      simulateProgress(input: $input) {
        inboundOrder { id status }
        outboundOrder { id status }
        consignment { id status }
        userErrors { code path message }
        count
      }
    }"""


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    """A client of the sandbox customer."""
    shop = await open_shop(http, world)
    known = await stock(world, world.sandbox.id)
    token = await world.token(
        ApiRole.API_FULL_ACCESS, customers=[world.sandbox.id], name="Trying it out"
    )
    sandbox = {"<customer>": str(world.sandbox.id)}
    products = {f"<{code}>": str(id) for code, id in known.items()}
    return Shop(http, world, token, {**shop.known, **sandbox, **products})


async def simulate(shop: Shop, job_id: str, *, by: str | None = None, **more: str) -> Answer:
    return await shop.say(STEP, by=by, input={"id": job_id, **more})


async def through(shop: Shop, key: str, job_id: str) -> list[str]:
    """The statuses that simulating leads through, until nothing leads on."""
    seen = []
    while not (answer := await simulate(shop, job_id)).faults:
        seen.append(answer.only[key]["status"])
    assert answer.told == [("WRONG_STATUS", "input.id")]
    return seen


async def test_an_outbound_order_goes_all_the_way(shop: Shop) -> None:
    made = (await shop.place(items=[item("TEA-500", 2)])).only["outboundOrder"]

    seen = await through(shop, "outboundOrder", made["id"])

    assert seen == ["PACKING_IN_PROGRESS", "PACKED", "DISPATCHED"]
    assert OutboundStatus(seen[1]) in OUTBOUND[OutboundStatus(seen[0])]
    assert await shop.counted() == 0


async def test_an_inbound_order_goes_all_the_way_into_stock(shop: Shop) -> None:
    before = await on_hand(shop)
    announced = await shop.ask("inbound/announce_goods")
    assert announced.faults == []

    seen = await through(shop, "inboundOrder", announced.only["inboundOrder"]["id"])

    assert seen == ["RECEIVED", "VERIFIED", "ALLOCATED"]
    assert INBOUND[InboundStatus(seen[-1])] == frozenset()
    assert await on_hand(shop) > before


async def on_hand(shop: Shop) -> int:
    levels = await StockLevel.filter(
        tenant_id=shop.world.tenant.id, customer_id=shop.world.sandbox.id
    )
    return int(sum(level.quantity for level in levels))


WAYS = {
    ConsignmentType.DELIVERY: ["IN_TRANSIT_WAREHOUSE_DELIVERY", "DELIVERED"],
    ConsignmentType.PICKUP: ["IN_TRANSIT_PICKUP_WAREHOUSE", "IN_WAREHOUSE"],
    ConsignmentType.PICKUP_DELIVERY: [
        "IN_TRANSIT_PICKUP_WAREHOUSE",
        "IN_WAREHOUSE",
        "IN_TRANSIT_WAREHOUSE_DELIVERY",
        "DELIVERED",
    ],
    ConsignmentType.POINT_TO_POINT: ["IN_TRANSIT_PICK_DELIVERY", "POINT_TO_POINT_DELIVERED"],
    ConsignmentType.RETURNED: ["IN_TRANSIT_PICKUP_WAREHOUSE", "IN_WAREHOUSE"],
}

ADDRESS = {"company": "Cafe", "line1": "1 Pitt St", "city": "Sydney", "country": "AU"}


@pytest.mark.parametrize("type_", list(ConsignmentType))
async def test_a_consignment_goes_the_way_of_its_type(shop: Shop, type_: ConsignmentType) -> None:
    made = await shop.say(
        """mutation ($input: CreateConsignmentInput!) {
          createConsignment(input: $input) { consignment { id } userErrors { code path } }
        }""",
        input={
            "customer": str(shop.world.sandbox.id),
            "warehouse": str(shop.world.warehouse.id),
            "reference": "C-1",
            "type": type_.value,
            "collectAddress": ADDRESS,
            "deliverAddress": ADDRESS,
            "items": [{"description": "Box", "quantity": "1"}],
        },
    )
    assert made.faults == []

    assert await through(shop, "consignment", made.only["consignment"]["id"]) == WAYS[type_]
    assert WAYS[type_][-1] in CONSIGNMENT[type_]


async def test_a_fork_is_taken_when_it_is_named(shop: Shop) -> None:
    made = (await shop.place()).only["outboundOrder"]

    answer = await simulate(shop, made["id"], to="DELIVERED")

    assert answer.told == [("INVALID", "input.to")]


async def test_it_is_no_call_that_counts(shop: Shop) -> None:
    made = (await shop.place()).only["outboundOrder"]

    answer = await simulate(shop, made["id"])

    assert answer.calls == []
    assert answer.only["count"] == 0


async def test_live_jobs_are_moved_by_the_operator_alone(
    http: httpx.AsyncClient, world: World
) -> None:
    live = await open_shop(http, world)
    made = (await live.place()).only["outboundOrder"]

    answer = await simulate(live, made["id"])
    by_staff = await simulate(live, made["id"], by=await world.staff_token())

    assert answer.told == [("INVALID", "input.id")]
    assert by_staff.told == [("INVALID", "input.id")]


async def test_a_kind_that_one_may_not_create_is_not_found(shop: Shop) -> None:
    made = (await shop.place()).only["outboundOrder"]
    carrier = await shop.world.token(
        ApiRole.TMS_CREATE_JOBS, customers=[shop.world.sandbox.id], name="Carrier"
    )

    answer = await shop.say(
        """mutation ($input: SimulateProgressInput!) {
          simulateProgress(input: $input) { userErrors { code path } }
        }""",
        by=carrier,
        input={"id": made["id"]},
    )

    assert answer.told == [("NOT_FOUND", "input.id")]
