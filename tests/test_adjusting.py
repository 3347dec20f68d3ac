"""Stock that is adjusted by hand: what it leads to, and what is refused and changes nothing."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from models.orders import OutboundOrder
from models.products import Product
from models.stock import StockLevel, StockMovement
from models.tenants import Customer, StaffUser
from models.words import Condition, MovementKind, ShortStockPolicy
from tests.asking import PLENTY, Answer, Shop, open_shop
from tests.world import World


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    """The customer's shop, with plenty of everything in either warehouse."""
    return await open_shop(http, world)


async def adjust(shop: Shop, by: str, **changes: Any) -> Answer:
    """Adjust TEA-500 by one piece, or differently; what is None is left out."""
    given = {
        "customer": shop.known["<customer>"],
        "warehouse": shop.known["<warehouse>"],
        "product": {"code": "TEA-500"},
        "change": "1",
        "reason": "Counted",
    } | changes
    given = {name: value for name, value in given.items() if value is not None}
    return await shop.ask("stock/adjust_stock", by=by, input=given)


async def levels(shop: Shop) -> dict[Any, Decimal]:
    """What stands there, by all that makes a level, and how many movements there were."""
    known = await StockLevel.filter(tenant_id=shop.world.tenant.id)
    found = {
        (one.product_code, str(one.warehouse_id), one.batch, one.expiry_date, one.condition): (
            one.quantity
        )
        for one in known
    }
    found["movements"] = Decimal(await StockMovement.filter(tenant_id=shop.world.tenant.id).count())
    return found


async def test_more_is_put_where_it_was_counted(shop: Shop, world: World) -> None:
    """In a unit; the movement says who, why and how much, and nothing is charged."""
    by = await world.staff_token()
    answer = await adjust(shop, by, product={"code": "MUG-BLUE"}, change="2.5", unit="CTN")

    told = answer.only
    assert (told["userErrors"], told["replayed"]) == ([], False)
    assert told["stockOnHand"] == {
        "product": {"code": "MUG-BLUE"},
        "quantity": "1000030",
        "free": "1000030",
    }
    assert answer.calls == []
    assert await shop.counted() == 0
    moved = await StockMovement.filter(tenant_id=world.tenant.id).order_by("-at").first()
    assert moved is not None
    assert (moved.kind, moved.quantity, moved.allocated) == (MovementKind.ADJUSTED, 30, 0)
    assert moved.reason == "Counted"
    person = await StaffUser.get(tenant_id=world.tenant.id, id=moved.staff_user_id)
    assert person.email.startswith("operator.")


async def test_a_level_is_made_where_there_is_none(shop: Shop, world: World) -> None:
    by, before = await world.staff_token(), await levels(shop)
    spot = {"batch": "N1", "expiryDate": "2028-02-29", "condition": "QUARANTINE"}
    for change, told in (("4", ("4", "0")), ("-1.5", ("2.5", "0")), ("-2.5", ("0", "0"))):
        answer = await adjust(shop, by, change=change, **spot)
        there = answer.only["stockOnHand"]
        assert (there["quantity"], there["free"]) == told, "what is kept apart is not free"

    after = await levels(shop)
    key = ("TEA-500", str(world.warehouse.id), "N1", date(2028, 2, 29), Condition.QUARANTINE)
    assert after.pop("movements") == before.pop("movements") + 3
    assert after == {**before, key: 0}


async def test_no_more_is_taken_than_is_free(shop: Shop, world: World) -> None:
    """What an order has reserved is not; how many can be taken is told in the unit."""
    by = await world.staff_token()
    mugs = [{"product": {"code": "MUG-BLUE"}, "quantity": "5", "unit": "EA", "batch": "B7"}]
    assert (await shop.place(items=mugs)).faults == []
    spot = {"product": {"code": "MUG-BLUE"}, "batch": "B7", "expiryDate": "2027-01-31"}
    before = await levels(shop)

    for change, unit, free in (
        ("-999996", "EA", "999995"),
        ("-83333", "CTN", "83332.916666"),
        ("-1000001", None, "999995"),
    ):
        answer = await adjust(shop, by, change=change, unit=unit, **spot)
        assert answer.told == [("INSUFFICIENT_STOCK", "input.change")]
        assert answer.faults[0]["available"] == free
        assert answer.only["stockOnHand"] is None
    for nowhere in ({"batch": "B8"}, {"condition": "DAMAGED"}, {"expiryDate": "2027-02-01"}):
        answer = await adjust(shop, by, change="-0.000001", **{**spot, **nowhere})
        assert answer.told == [("INSUFFICIENT_STOCK", "input.change")]
        assert answer.faults[0]["available"] == "0"
    assert await levels(shop) == before
    answer = await adjust(shop, by, change="-999995", **spot)
    assert (answer.only["stockOnHand"]["quantity"], answer.only["stockOnHand"]["free"]) == (
        "5",
        "0",
    )


async def test_of_two_that_take_the_last_one_does(shop: Shop, world: World) -> None:
    by = await world.staff_token()
    answers = await asyncio.gather(*(adjust(shop, by, change=f"-{PLENTY - 1}") for _ in range(2)))

    assert sorted(one.told for one in answers) == [[], [("INSUFFICIENT_STOCK", "input.change")]]
    key = ("TEA-500", str(world.warehouse.id), None, None, Condition.OK)
    assert (await levels(shop))[key] == 1


async def test_what_is_wrong_is_told_all_at_once_and_changes_nothing(
    shop: Shop, world: World, subtests: pytest.Subtests
) -> None:
    by, before = await world.staff_token(), await levels(shop)
    nobody = "019ab3ce-0000-7000-8000-000000000000"
    for changes, told in (
        ({"customer": nobody}, [("NOT_FOUND", "input.customer")]),
        ({"warehouse": nobody}, [("NOT_FOUND", "input.warehouse")]),
        ({"warehouse": None}, [("WAREHOUSE_REQUIRED", "input.warehouse")]),
        ({"product": {"code": "TEA-5000"}}, [("UNKNOWN_PRODUCT", "input.product.code")]),
        ({"product": {"id": nobody}}, [("UNKNOWN_PRODUCT", "input.product.id")]),
        ({"unit": "CTN"}, [("UNKNOWN_UNIT", "input.unit")]),
        ({"change": "0"}, [("INVALID", "input.change")]),
        ({"change": "9223372036854.775807"}, [("INVALID", "input.change")]),
        ({"condition": "LOST"}, [("INVALID", "input.condition")]),
        ({"expiryDate": "1899-12-31"}, [("INVALID", "input.expiryDate")]),
        ({"batch": " "}, [("REQUIRED", "input.batch")]),
        ({"batch": "B" * 65}, [("TOO_LONG", "input.batch")]),
        ({"reason": "x" * 501}, [("TOO_LONG", "input.reason")]),
        (
            {"reason": "", "change": "0", "unit": "x", "condition": "MISSING"},
            [
                ("REQUIRED", "input.reason"),
                ("UNKNOWN_UNIT", "input.unit"),
                ("INVALID", "input.condition"),
                ("INVALID", "input.change"),
            ],
        ),
    ):
        with subtests.test(str(changes)):
            answer = await adjust(shop, by, **changes)

            assert answer.told == told
            assert answer.only["stockOnHand"] is None
    near = (await adjust(shop, by, product={"code": "TEA-5000"})).faults[0]["suggestions"]
    assert near[0] == "TEA-500"
    assert await levels(shop) == before


async def test_goods_that_are_kept_by_batch_and_expiry_date_need_both(
    shop: Shop, world: World
) -> None:
    """But what stood there without them before can still be taken away."""
    by = await world.staff_token()
    await Product.filter(tenant_id=world.tenant.id, code="TEA-500").update(
        requires_batch=True, requires_expiry=True
    )

    assert (await adjust(shop, by)).told == [
        ("REQUIRED", "input.batch"),
        ("REQUIRED", "input.expiryDate"),
    ]
    assert (await adjust(shop, by, batch="B7")).told == [("REQUIRED", "input.expiryDate")]
    assert (await adjust(shop, by, batch="B7", expiryDate="2027-01-31")).told == []
    assert (await adjust(shop, by, change="-1")).told == []


async def test_it_can_be_tried_and_repeated(shop: Shop, world: World) -> None:
    by, before = await world.staff_token(), await levels(shop)
    tried = await adjust(shop, by, validateOnly=True)
    assert tried.only["stockOnHand"]["quantity"] == "1000001"
    assert await levels(shop) == before

    first = await adjust(shop, by, idempotencyKey="count 7")
    again = await adjust(shop, by, idempotencyKey="count 7")
    other = await adjust(shop, by, idempotencyKey="count 7", change="2")

    assert (first.only["replayed"], again.only["replayed"]) == (False, True)
    assert again.only["stockOnHand"] == first.only["stockOnHand"]
    assert other.told == [("KEY_REUSED", "input.idempotencyKey")]
    assert (await levels(shop))["movements"] == before["movements"] + 1


async def test_what_is_added_goes_to_an_order_that_waits(shop: Shop, world: World) -> None:
    by = await world.staff_token()
    await Customer.filter(tenant_id=world.tenant.id, id=world.live.id).update(
        short_stock=ShortStockPolicy.AWAIT_STOCK
    )
    tea = {"product": {"code": "TEA-500"}, "quantity": "3", "batch": "N1"}
    placed = (await shop.place(items=[tea])).only["outboundOrder"]
    assert placed["status"] == "AWAITING_STOCK"

    less = await adjust(shop, by, batch="N1", change="2")
    damaged = await adjust(shop, by, batch="N1", change="9", condition="DAMAGED")
    order = await OutboundOrder.get(tenant_id=world.tenant.id, id=placed["id"])
    assert (less.told, damaged.told, order.status) == ([], [], "AWAITING_STOCK")
    enough = await adjust(shop, by, batch="N1", change="1.5")

    assert enough.only["stockOnHand"] == {
        "product": {"code": "TEA-500"},
        "quantity": "3.5",
        "free": "0.5",
    }
    order = await OutboundOrder.get(tenant_id=world.tenant.id, id=placed["id"])
    assert order.status == "AWAITING_PICK_AND_PACK"


async def test_clients_adjust_nothing(shop: Shop) -> None:
    before = await levels(shop)
    answer = await adjust(shop, shop.token)

    assert (answer.status, answer.codes) == (403, ["FORBIDDEN"])
    assert await levels(shop) == before
