"""Too little stock: refused with what is free, or what the customer's policy says."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from models.stock import StockLevel
from models.tenants import Customer
from models.words import (
    ApiRole,
    ShortStockPolicy,
    UnknownProductPolicy,
    UnknownUnitPolicy,
)
from resolvers import products
from resolvers.waiting import wake_all
from tests.asking import Answer, Shop, exact, open_shop, perform, shelve, staff
from tests.world import World

ORDER = """
    mutation ($input: CreateOutboundOrderInput!) {
      createOutboundOrder(input: $input) {
        outboundOrder {
          id status version reference
          items { product { code } unit quantity }
          outcomes { code path }
          rests { id status reference items { product { code } quantity } restOf { id } }
          history { version status }
        }
        outcomes { code path message }
        userErrors { code path message available suggestions }
        replayed
        count
      }
    }"""

LAMP = {
    "code": "LAMP",
    "name": "Lamp",
    "default_unit": "EA",
    "units": [{"code": "EA", "base_quantity": 1}, {"code": "CTN", "base_quantity": 12}],
}


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world)


async def set_policy(shop: Shop, **policies: Any) -> None:
    await Customer.filter(tenant_id=shop.world.tenant.id, id=shop.world.live.id).update(**policies)


async def add(shop: Shop, amounts: Mapping[str, int], **fields: Any) -> dict[str, UUID]:
    """Products of these codes, with so many pieces of each in the warehouse."""
    caller, world = await staff(shop.world), shop.world
    made = {}
    for code, amount in amounts.items():
        content = {"customer": world.live.id, **exact(LAMP), "code": code, **fields}
        made[code] = await perform(caller, "createProduct", content, products.add)
        if amount:
            await shelve(caller, world.live.id, world.warehouse.id, {made[code]: amount})
    return made


def item(code: str, quantity: int | str, unit: str = "EA", **more: Any) -> dict[str, Any]:
    return {"product": {"code": code}, "quantity": str(quantity), "unit": unit, **more}


async def order(shop: Shop, *items: dict[str, Any], **changes: Any) -> Answer:
    return await shop.say(ORDER, input=shop.order(items=list(items), **changes))


async def levels(shop: Shop, code: str) -> tuple[Decimal, Decimal]:
    """What stands there of a product, and what of it is taken."""
    found = await StockLevel.filter(tenant_id=shop.world.tenant.id, product_code=code)
    nothing = Decimal(0)
    return (
        sum((one.quantity for one in found), nothing),
        sum((one.allocated for one in found), nothing),
    )


async def test_an_order_takes_base_units_of_what_is_there(shop: Shop) -> None:
    await add(shop, {"LAMP": 30})

    answer = await order(shop, item("LAMP", 2, "CTN"), item("LAMP", 5))

    assert answer.faults == []
    assert answer.only["outboundOrder"]["status"] == "AWAITING_PICK_AND_PACK"
    assert await levels(shop, "LAMP") == (30, 29)


async def test_without_a_policy_too_little_is_refused_with_what_is_free(shop: Shop) -> None:
    await add(shop, {"LAMP": 30, "SHADE": 0})

    answer = await order(shop, item("LAMP", 3, "CTN"), item("SHADE", 1), item("LAMP", 5))

    told = [(one["code"], ".".join(one["path"]), one["available"]) for one in answer.faults]
    assert told == [
        ("INSUFFICIENT_STOCK", "input.items.0.quantity", "2"),
        ("INSUFFICIENT_STOCK", "input.items.1.quantity", "0"),
    ]
    assert answer.outcomes == ["REFUSED"]
    assert await shop.orders() == 0
    assert await levels(shop, "LAMP") == (30, 0)


async def test_a_blank_batch_is_no_wish(shop: Shop) -> None:
    """No goods have it, so that the order would wait for ever."""
    await set_policy(shop, short_stock=ShortStockPolicy.AWAIT_STOCK)
    await add(shop, {"LAMP": 3})

    answer = await order(shop, item("LAMP", 1), item("LAMP", 1, batch=" "))

    assert answer.told == [("REQUIRED", "input.items.1.batch")]
    assert await shop.orders() == 0


async def test_reject_stores_the_order_and_counts_it(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.REJECT)
    await add(shop, {"LAMP": 3})

    answer = await order(shop, item("LAMP", 4))

    made = answer.only["outboundOrder"]
    assert made["status"] == "REJECTED"
    assert made["outcomes"] == [
        {"code": "ORDER_REJECTED", "path": ["input", "items", "0", "quantity"]}
    ]
    assert answer.calls == [("createOutboundOrder", "COUNTED", 1)]
    assert await levels(shop, "LAMP") == (3, 0)


async def test_a_rejected_order_gives_its_reference_back(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.REJECT)
    await add(shop, {"LAMP": 3})
    rejected = await order(shop, item("LAMP", 4), reference="SO-7")

    again = await order(shop, item("LAMP", 3), reference="SO-7")

    assert rejected.only["outboundOrder"]["status"] == "REJECTED"
    assert again.only["outboundOrder"]["status"] == "AWAITING_PICK_AND_PACK"
    assert not again.only["replayed"]


async def test_drop_line_goes_without_the_short_line(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.DROP_LINE)
    await add(shop, {"LAMP": 3, "SHADE": 9})

    answer = await order(shop, item("LAMP", 4), item("SHADE", 2))
    nothing_left = await order(shop, item("LAMP", 4), reference="SO-8")

    made = answer.only["outboundOrder"]
    assert [one["product"]["code"] for one in made["items"]] == ["SHADE"]
    assert [one["code"] for one in made["outcomes"]] == ["LINE_DROPPED"]
    assert nothing_left.only["outboundOrder"]["status"] == "REJECTED"
    assert await levels(shop, "LAMP") == (3, 0)
    assert await levels(shop, "SHADE") == (9, 2)


async def test_take_available_takes_whole_units(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.TAKE_AVAILABLE)
    await add(shop, {"LAMP": 30, "SHADE": 0})

    answer = await order(shop, item("LAMP", 3, "CTN"), item("LAMP", 9), item("SHADE", 1))

    made = answer.only["outboundOrder"]
    assert [(one["unit"], one["quantity"]) for one in made["items"]] == [("CTN", "2"), ("EA", "6")]
    assert [one["code"] for one in made["outcomes"]] == [
        "QUANTITY_REDUCED",
        "QUANTITY_REDUCED",
        "LINE_DROPPED",
    ]
    assert await levels(shop, "LAMP") == (30, 30)


async def test_await_stock_reserves_nothing(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.AWAIT_STOCK)
    await add(shop, {"LAMP": 3, "SHADE": 9})

    answer = await order(shop, item("LAMP", 4), item("SHADE", 2))

    made = answer.only["outboundOrder"]
    assert made["status"] == "AWAITING_STOCK"
    assert [one["code"] for one in made["outcomes"]] == ["AWAITS_STOCK"]
    assert await levels(shop, "SHADE") == (9, 0)


async def test_split_sends_what_is_there_and_keeps_the_rest_waiting(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.SPLIT)
    await add(shop, {"LAMP": 3, "SHADE": 9})

    answer = await order(shop, item("LAMP", 5), item("SHADE", 2))
    again = await order(shop, item("LAMP", 5), item("SHADE", 2))

    made = answer.only["outboundOrder"]
    assert made["status"] == "AWAITING_PICK_AND_PACK"
    assert [one["quantity"] for one in made["items"]] == ["3", "2"]
    [rest] = made["rests"]
    assert rest["status"] == "AWAITING_STOCK"
    assert rest["reference"] == made["reference"]
    assert rest["items"] == [{"product": {"code": "LAMP"}, "quantity": "2"}]
    assert rest["restOf"] == {"id": made["id"]}
    assert answer.calls == [("createOutboundOrder", "COUNTED", 1)]
    assert again.only["replayed"]
    assert again.only["outboundOrder"]["id"] == made["id"]
    assert await shop.orders() == 2
    assert await levels(shop, "LAMP") == (3, 3)


async def test_split_waits_whole_where_that_is_not_allowed_or_nothing_is_there(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.SPLIT)
    await add(shop, {"LAMP": 3, "SHADE": 0})

    whole = await order(shop, item("LAMP", 5), allowSplitting=False)
    none = await order(shop, item("SHADE", 5), reference="SO-9")

    assert whole.only["outboundOrder"]["status"] == "AWAITING_STOCK"
    assert none.only["outboundOrder"]["status"] == "AWAITING_STOCK"
    assert await shop.orders() == 2


async def test_goods_given_back_go_to_the_oldest_order_that_waits(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.AWAIT_STOCK)
    await add(shop, {"LAMP": 5})
    held = (await order(shop, item("LAMP", 5), reference="A")).only["outboundOrder"]
    larger = (await order(shop, item("LAMP", 6), reference="B")).only["outboundOrder"]
    first = (await order(shop, item("LAMP", 3), reference="C")).only["outboundOrder"]
    second = (await order(shop, item("LAMP", 3), reference="D")).only["outboundOrder"]

    await shop.ask("orders/cancel_an_order", input={"id": held["id"]})

    assert await statuses(shop, larger, first, second) == [
        ("AWAITING_STOCK", 1),
        ("AWAITING_PICK_AND_PACK", 2),
        ("AWAITING_STOCK", 1),
    ]
    assert await levels(shop, "LAMP") == (5, 3)


async def test_the_worker_wakes_whom_nobody_woke(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.AWAIT_STOCK)
    made = await add(shop, {"LAMP": 1})
    waiting = (await order(shop, item("LAMP", 3))).only["outboundOrder"]
    caller = await staff(shop.world)
    await shelve(caller, shop.world.live.id, shop.world.warehouse.id, {made["LAMP"]: 4})

    await wake_all()

    assert await statuses(shop, waiting) == [("AWAITING_PICK_AND_PACK", 2)]
    assert await levels(shop, "LAMP") == (5, 3)


async def statuses(shop: Shop, *orders: Mapping[str, Any]) -> list[tuple[str, int]]:
    found = []
    for one in orders:
        answer = await shop.say(
            "query ($id: ID!) { outboundOrder(id: $id) { status version } }", id=one["id"]
        )
        found.append((answer.only["status"], answer.only["version"]))
    return found


async def test_only_submitting_takes_stock(shop: Shop) -> None:
    await add(shop, {"LAMP": 5})
    draft = (await order(shop, item("LAMP", 9), draft=True)).only["outboundOrder"]

    short = await update(shop, draft, draft=False)
    enough = await update(shop, draft, draft=False, items=[item("LAMP", 4)])

    assert draft["status"] == "DRAFT"
    assert short.told == [("INSUFFICIENT_STOCK", "input.items.0.quantity")]
    assert enough.only["outboundOrder"]["status"] == "AWAITING_PICK_AND_PACK"
    assert await levels(shop, "LAMP") == (5, 4)


async def test_a_standing_order_takes_more_or_stays_as_it_is(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.AWAIT_STOCK)
    await add(shop, {"LAMP": 5})
    made = (await order(shop, item("LAMP", 4))).only["outboundOrder"]

    much = await update(shop, made, items=[item("LAMP", 6)])
    all_of_it = await update(shop, made, items=[item("LAMP", 5)])

    assert much.told == [("INSUFFICIENT_STOCK", "input.items.0.quantity")]
    assert all_of_it.only["outboundOrder"]["version"] == 2
    assert await levels(shop, "LAMP") == (5, 5)


async def update(shop: Shop, made: Mapping[str, Any], **changes: Any) -> Answer:
    return await shop.say(
        """mutation ($input: UpdateOutboundOrderInput!) {
          updateOutboundOrder(input: $input) {
            outboundOrder { status version outcomes { code } }
            userErrors { code path available }
          }
        }""",
        input={"id": made["id"], "version": made["version"], **changes},
    )


async def test_fefo_takes_what_expires_first_and_nothing_that_expires_too_soon(shop: Shop) -> None:
    fields = {"selection": {"rule": "FEFO", "strict": True, "expiry_threshold_days": 30}}
    made = await add(shop, {"LAMP": 0}, **fields)
    caller, today = await staff(shop.world), datetime.now(UTC).date()
    for days, amount in ((400, 5), (10, 7), (60, 3)):
        batch = {"batch": f"B{days}", "expiry_date": today + timedelta(days=days)}
        place = (shop.world.live.id, shop.world.warehouse.id)
        await shelve(caller, *place, {made["LAMP"]: amount}, **batch)

    answer = await order(shop, item("LAMP", 4))
    wish = await order(shop, item("LAMP", 1, batch="B400"), reference="SO-W")
    too_much = await order(shop, item("LAMP", 5), reference="SO-X")

    taken = await StockLevel.filter(tenant_id=shop.world.tenant.id, product_code="LAMP")
    assert answer.faults == []
    assert {one.batch: one.allocated for one in taken} == {"B400": 1, "B10": 0, "B60": 3}
    assert wish.told == [("INVALID", "input.items.0.batch")]
    assert too_much.faults[0]["available"] == "4"


async def test_a_wanted_batch_is_never_replaced(shop: Shop) -> None:
    made = await add(shop, {"LAMP": 9})
    caller = await staff(shop.world)
    place = (shop.world.live.id, shop.world.warehouse.id)
    await shelve(caller, *place, {made["LAMP"]: 2}, batch="B1", expiry_date=date(2030, 1, 1))

    short = await order(shop, item("LAMP", 3, batch="B1"))
    fits = await order(shop, item("LAMP", 2, batch="B1", expiryDate="2030-01-01"))

    assert short.faults[0]["available"] == "2"
    assert fits.faults == []


UNKNOWN = [
    ("reject", {"unknown_product": UnknownProductPolicy.REJECT}, "REJECTED", "ORDER_REJECTED"),
    (
        "drop",
        {"unknown_product": UnknownProductPolicy.DROP_LINE},
        "AWAITING_PICK_AND_PACK",
        "LINE_DROPPED",
    ),
]


@pytest.mark.parametrize(("_case", "policy", "status", "code"), UNKNOWN)
async def test_an_unknown_product_does_what_the_policy_says(
    shop: Shop, _case: str, policy: dict[str, Any], status: str, code: str
) -> None:
    await set_policy(shop, **policy)
    await add(shop, {"LAMP": 9})

    answer = await order(shop, item("LAMP", 1), item("NOSUCH", 1))

    made = answer.only["outboundOrder"]
    assert made["status"] == status
    assert [(one["code"], ".".join(one["path"])) for one in made["outcomes"]] == [
        (code, "input.items.1.product.code")
    ]


UNITS = [
    ("reject", UnknownUnitPolicy.REJECT, "REJECTED", "ORDER_REJECTED"),
    ("drop", UnknownUnitPolicy.DROP_LINE, "AWAITING_PICK_AND_PACK", "LINE_DROPPED"),
    ("default", UnknownUnitPolicy.USE_DEFAULT, "AWAITING_PICK_AND_PACK", "UNIT_DEFAULTED"),
]


@pytest.mark.parametrize(("_case", "policy", "status", "code"), UNITS)
async def test_an_unknown_unit_does_what_the_policy_says(
    shop: Shop, _case: str, policy: UnknownUnitPolicy, status: str, code: str
) -> None:
    await set_policy(shop, unknown_unit=policy)
    await add(shop, {"LAMP": 9})

    answer = await order(shop, item("LAMP", 1), item("LAMP", 2, "PALLET"))
    again = await order(shop, item("LAMP", 1), item("LAMP", 2, "PALLET"))

    made = answer.only["outboundOrder"]
    assert made["status"] == status
    assert [(one["code"], ".".join(one["path"])) for one in made["outcomes"]] == [
        (code, "input.items.1.unit")
    ]
    assert again.only["replayed"] == (status != "REJECTED")


async def test_a_rejected_order_is_submitted_again_by_an_update(shop: Shop) -> None:
    await set_policy(shop, unknown_product=UnknownProductPolicy.REJECT)
    await add(shop, {"LAMP": 9})
    made = (await order(shop, item("LAMP", 1), item("SHADE", 2))).only["outboundOrder"]

    still = await update(shop, made, urgent=True)
    await add(shop, {"SHADE": 9})
    known = await update(shop, made | {"version": 2}, urgent=True)

    assert still.only["outboundOrder"]["status"] == "REJECTED"
    assert known.only["outboundOrder"] == {
        "status": "AWAITING_PICK_AND_PACK",
        "version": 3,
        "outcomes": [],
    }
    assert await levels(shop, "SHADE") == (9, 2)


async def test_preflight_tells_the_same_and_takes_nothing(shop: Shop) -> None:
    await set_policy(shop, short_stock=ShortStockPolicy.SPLIT)
    await add(shop, {"LAMP": 3})

    tried = await order(shop, item("LAMP", 5), validateOnly=True)

    assert tried.only["outboundOrder"]["status"] == "AWAITING_PICK_AND_PACK"
    assert [one["code"] for one in tried.only["outcomes"]] == ["SPLIT"]
    assert tried.only["count"] == 1
    assert tried.calls == [("createOutboundOrder", "PREFLIGHT", 0)]
    assert await shop.orders() == 0
    assert await levels(shop, "LAMP") == (3, 0)


async def test_a_consignment_needs_the_role_for_it(http: httpx.AsyncClient, world: World) -> None:
    shop = await open_shop(http, world, ApiRole.WMS_CREATE_JOBS)
    await set_policy(shop, makes_consignments="CREATION")

    answer = await shop.say(
        """mutation ($one: CreateOutboundOrderInput!) {
          createOutboundOrder(input: $one) { replayed }
        }""",
        one=shop.order(),
    )

    assert answer.codes == ["FORBIDDEN"]
    assert answer.errors[0]["extensions"]["roles"] == ["TMS_CREATE_JOBS"]
    assert answer.calls == [("createOutboundOrder", "REFUSED", 0)]
    assert await shop.orders() == 0
