"""Packing, dispatching and taking back, as the operator's people do it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
import pytest

from models.consignments import Consignment
from models.moves import OUTBOUND
from models.stock import StockLevel, StockMovement
from models.words import OutboundStatus, ShortStockPolicy
from tests.asking import Answer, Shop, open_shop
from tests.test_shortage import add, item, levels, order, set_policy, statuses
from tests.world import World

STEPS = ("startPackingOutboundOrder", "packOutboundOrder", "dispatchOutboundOrder")

ELSEWHERE = "019ab3ce-0000-7000-8000-000000000000"

SELECTION = """
    outboundOrder {
      id status version packedAt dispatchedAt
      items { id quantity packedQuantity }
      history { version status changed staffUser client }
    }
    userErrors { code path message legalMoves available }
    replayed count
"""


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world)


async def step(shop: Shop, field: str, made: Mapping[str, Any], **more: Any) -> Answer:
    """One step by a person of the operator."""
    kind = "PackOutboundOrderInput" if field == "packOutboundOrder" else "MoveOutboundOrderInput"
    return await shop.say(
        f"mutation ($input: {kind}!) {{ {field}(input: $input) {{ {SELECTION} }} }}",
        by=await shop.world.staff_token(),
        input={"id": made["id"], "version": made["version"], **more},
    )


async def walk(shop: Shop, made: Mapping[str, Any], *fields: str) -> dict[str, Any]:
    """Several steps; the order as it is then."""
    for field in fields:
        answer = await step(shop, field, made)
        assert answer.faults == []
        made = answer.only["outboundOrder"]
    return dict(made)


async def test_an_order_goes_from_creation_to_dispatch(shop: Shop) -> None:
    await add(shop, {"LAMP": 30})
    made = (await order(shop, item("LAMP", 2, "CTN"))).only["outboundOrder"]

    gone = await walk(shop, made, *STEPS)

    assert gone["status"] == "DISPATCHED"
    assert gone["packedAt"] is not None
    assert gone["dispatchedAt"] is not None
    assert [one["status"] for one in gone["history"]] == [
        "AWAITING_PICK_AND_PACK",
        "PACKING_IN_PROGRESS",
        "PACKED",
        "DISPATCHED",
    ]
    assert [one["client"] is None for one in gone["history"]] == [False, True, True, True]
    assert await levels(shop, "LAMP") == (6, 0)
    assert await levels_are_their_movements(shop)


async def test_the_operators_work_counts_nothing(shop: Shop) -> None:
    await add(shop, {"LAMP": 30})
    made = (await order(shop, item("LAMP", 1))).only["outboundOrder"]
    counted = await shop.counted()

    answer = await step(shop, STEPS[0], made)

    assert answer.calls == []
    assert answer.only["count"] == 0
    assert await shop.counted() == counted


async def test_a_customer_cannot_change_what_is_being_packed(shop: Shop) -> None:
    await add(shop, {"LAMP": 30})
    made = (await order(shop, item("LAMP", 1))).only["outboundOrder"]
    packing = await walk(shop, made, STEPS[0])

    answer = await shop.ask("orders/cancel_an_order", input={"id": packing["id"]})

    assert answer.told == [("WRONG_STATUS", "input.id")]
    assert await levels(shop, "LAMP") == (30, 1)


async def test_packing_less_gives_the_rest_back_to_who_waits(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.AWAIT_STOCK)
    await add(shop, {"LAMP": 5, "SHADE": 2})
    made = (await order(shop, item("LAMP", 5), item("SHADE", 1))).only["outboundOrder"]
    waiting = (await order(shop, item("LAMP", 2), reference="B")).only["outboundOrder"]
    packing = await walk(shop, made, STEPS[0])
    line = packing["items"][0]["id"]

    packed = await step(shop, "packOutboundOrder", packing, items=[{"item": line, "quantity": "3"}])

    assert [one["packedQuantity"] for one in packed.only["outboundOrder"]["items"]] == ["3", None]
    assert await statuses(shop, waiting) == [("AWAITING_PICK_AND_PACK", 2)]
    assert await levels(shop, "LAMP") == (5, 5)
    await walk(shop, packed.only["outboundOrder"], "dispatchOutboundOrder")
    assert await levels(shop, "LAMP") == (2, 2)
    assert await levels_are_their_movements(shop)


async def test_packing_more_takes_it_if_it_is_free(shop: Shop) -> None:
    await add(shop, {"LAMP": 5})
    made = (await order(shop, item("LAMP", 3))).only["outboundOrder"]
    packing = await walk(shop, made, STEPS[0])
    line = packing["items"][0]["id"]

    much = await step(shop, "packOutboundOrder", packing, items=[{"item": line, "quantity": "6"}])
    fits = await step(shop, "packOutboundOrder", packing, items=[{"item": line, "quantity": "5"}])

    assert much.told == [("INSUFFICIENT_STOCK", "input.items.0.quantity")]
    assert much.faults[0]["available"] == "5"
    assert fits.faults == []
    assert await levels(shop, "LAMP") == (5, 5)


BAD: list[tuple[str, list[dict[str, str]], str, str]] = [
    ("twice", [{}, {}], "INVALID", "input.items.1.item"),
    ("another order's", [{"item": ELSEWHERE}], "NOT_FOUND", "input.items.0.item"),
    ("negative", [{"quantity": "-1"}], "INVALID", "input.items.0.quantity"),
    ("a blank batch", [{"batch": " "}], "REQUIRED", "input.items.0.batch"),
    ("nothing at all", [{"quantity": "0"}], "INVALID", "input.items"),
]


@pytest.mark.parametrize(("_case", "items", "code", "path"), BAD)
async def test_corrections_that_cannot_be_are_refused(
    shop: Shop, _case: str, items: list[dict[str, str]], code: str, path: str
) -> None:
    await add(shop, {"LAMP": 5})
    made = (await order(shop, item("LAMP", 3))).only["outboundOrder"]
    packing = await walk(shop, made, STEPS[0])
    line = {"item": packing["items"][0]["id"], "quantity": "2"}

    answer = await step(shop, "packOutboundOrder", packing, items=[line | one for one in items])

    assert answer.told == [(code, path)]
    assert await levels(shop, "LAMP") == (5, 3)


async def test_what_left_comes_back_step_by_step(shop: Shop) -> None:
    await add(shop, {"LAMP": 5})
    made = (await order(shop, item("LAMP", 3))).only["outboundOrder"]
    gone = await walk(shop, made, *STEPS)

    packed = await walk(shop, gone, "revertOutboundOrder")
    after_one = await levels(shop, "LAMP")
    again = await walk(shop, packed, "revertOutboundOrder")

    assert (packed["status"], packed["dispatchedAt"]) == ("PACKED", None)
    assert (again["status"], again["packedAt"]) == ("AWAITING_PICK_AND_PACK", None)
    assert after_one == (5, 3)
    await walk(shop, again, *STEPS)
    assert await levels(shop, "LAMP") == (2, 0)
    assert await levels_are_their_movements(shop)


STEP_OF = {
    "startPackingOutboundOrder": OutboundStatus.PACKING_IN_PROGRESS,
    "packOutboundOrder": OutboundStatus.PACKED,
    "dispatchOutboundOrder": OutboundStatus.DISPATCHED,
}


@pytest.mark.parametrize("status", list(OutboundStatus))
@pytest.mark.parametrize("field", list(STEP_OF))
async def test_a_step_that_is_in_no_table_is_refused_with_those_that_are(
    shop: Shop, field: str, status: OutboundStatus
) -> None:
    made = await put(shop, status)

    answer = await step(shop, field, made)

    if STEP_OF[field] in OUTBOUND[status]:
        assert answer.faults == []
    else:
        assert answer.told == [("WRONG_STATUS", "input.id")]
        assert answer.faults[0]["legalMoves"] == sorted(OUTBOUND[status])


async def put(shop: Shop, status: OutboundStatus) -> dict[str, Any]:
    """An order that stands there, brought there by commands alone."""
    await add(shop, {"LAMP": 5})
    if status in {OutboundStatus.AWAITING_STOCK, OutboundStatus.REJECTED}:
        policy = ShortStockPolicy.REJECT
        if status is OutboundStatus.AWAITING_STOCK:
            policy = ShortStockPolicy.AWAIT_STOCK
        await set_policy(shop, short_stock=policy)
        return dict((await order(shop, item("LAMP", 9))).only["outboundOrder"])
    draft = status is OutboundStatus.DRAFT
    made = (await order(shop, item("LAMP", 3), draft=draft)).only["outboundOrder"]
    if status is OutboundStatus.CANCELLED:
        await shop.ask("orders/cancel_an_order", input={"id": made["id"]})
        return {**made, "version": 2}
    before = {
        OutboundStatus.PACKING_IN_PROGRESS: 1,
        OutboundStatus.PACKED: 2,
        OutboundStatus.DISPATCHED: 3,
    }
    return await walk(shop, made, *STEPS[: before.get(status, 0)])


async def test_a_rejected_order_is_reprocessed_when_stock_is_there(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.REJECT)
    await add(shop, {"LAMP": 5})
    held = (await order(shop, item("LAMP", 4), reference="A")).only["outboundOrder"]
    rejected = (await order(shop, item("LAMP", 3), reference="B")).only["outboundOrder"]

    still = await walk(shop, rejected, "reprocessOutboundOrder")
    await shop.ask("orders/cancel_an_order", input={"id": held["id"]})
    now = await walk(shop, still, "reprocessOutboundOrder")

    assert (still["status"], still["version"]) == ("REJECTED", 2)
    assert (now["status"], now["version"]) == ("AWAITING_PICK_AND_PACK", 3)
    assert await levels(shop, "LAMP") == (5, 3)


async def test_a_reference_that_was_taken_meanwhile_is_not_taken_back(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.REJECT)
    await add(shop, {"LAMP": 5})
    rejected = (await order(shop, item("LAMP", 9), reference="B")).only["outboundOrder"]
    await order(shop, item("LAMP", 1), reference="B")

    answer = await step(shop, "reprocessOutboundOrder", rejected)

    assert answer.told == [("REFERENCE_TAKEN", "input.id")]
    assert await levels(shop, "LAMP") == (5, 1)


@pytest.mark.parametrize(
    ("trigger", "steps", "status"),
    [
        ("CREATION", 0, "AWAITING_SALE_ORDER_PACKING"),
        ("CREATION", 2, "IN_WAREHOUSE"),
        ("PACKING", 1, None),
        ("PACKING", 2, "IN_WAREHOUSE"),
        (None, 2, None),
    ],
)
async def test_a_consignment_is_made_when_the_customer_wants_it(
    shop: Shop, trigger: str | None, steps: int, status: str | None
) -> None:
    await set_policy(shop, makes_consignments=trigger)
    await add(shop, {"LAMP": 5})
    made = (await order(shop, item("LAMP", 3))).only["outboundOrder"]

    await walk(shop, made, *STEPS[:steps])

    found = await Consignment.filter(tenant_id=shop.world.tenant.id)
    assert [one.status for one in found] == ([] if status is None else [status])
    assert [str(one.outbound_order_id) for one in found] == [made["id"]] * len(found)


async def test_a_cancelled_order_calls_its_consignment_off(shop: Shop) -> None:
    await set_policy(shop, makes_consignments="CREATION")
    await add(shop, {"LAMP": 5})
    made = (await order(shop, item("LAMP", 3))).only["outboundOrder"]

    await shop.ask("orders/cancel_an_order", input={"id": made["id"]})

    [found] = await Consignment.filter(tenant_id=shop.world.tenant.id)
    assert found.status == "CANCELLED"


async def test_a_split_order_makes_a_consignment_for_each_part(shop: Shop) -> None:
    await set_policy(shop, makes_consignments="CREATION", short_stock=ShortStockPolicy.SPLIT)
    await add(shop, {"LAMP": 3})

    answer = await order(shop, item("LAMP", 5))

    found = await Consignment.filter(tenant_id=shop.world.tenant.id).order_by("created_at", "id")
    assert answer.faults == []
    assert [(one.reference, one.holds_reference) for one in found] == [
        ("SO-1001", True),
        ("SO-1001", False),
    ]


async def levels_are_their_movements(shop: Shop) -> bool:
    tenant = shop.world.tenant.id
    sums: dict[Any, list[Decimal]] = {}
    for one in await StockMovement.filter(tenant_id=tenant):
        of = sums.setdefault(one.level_id, [Decimal(0)] * 3)  # type: ignore[attr-defined]
        for at, amount in enumerate((one.quantity, one.allocated, one.incoming)):
            of[at] += amount
    stored = await StockLevel.filter(tenant_id=tenant)
    return sums == {one.id: [one.quantity, one.allocated, one.incoming] for one in stored}
