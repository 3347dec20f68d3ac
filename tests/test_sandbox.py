"""A sandbox twin: a live customer with its settings and products, and no orders, to try with."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from models.database import Conflict
from models.orders import OutboundOrder
from models.products import Product, ProductEvent
from models.stock import StockLevel
from models.tenants import Customer
from models.words import ApiRole
from tests.administering import administrator, audited, command
from tests.asking import Shop, open_shop, stock
from tests.world import World, make_world

TWIN = (
    "customer { id code name sandbox active sandboxOf { code } defaultWarehouse { code }"
    " policies { shortStock unknownProduct unknownUnit makesConsignments } }"
)
PRODUCT = (
    "code name type defaultUnit requiresBatch hsCode active version history { version changed }"
    " units { code baseQuantity weightKg barcode }"
)


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world)


@pytest.fixture
async def zen(shop: Shop) -> str:
    """A live customer without a twin, with policies, a default and the range of the others."""
    key = str(shop.world.other.id)
    await stock(shop.world, shop.world.other.id)
    agreed = {"shortStock": "SPLIT", "unknownUnit": "USE_DEFAULT"}
    far = str(shop.world.far_warehouse.id)
    answer = await command(
        shop, "updateCustomer", id=key, version=1, policies=agreed, defaultWarehouse=far
    )
    assert answer.told == []
    return key


async def products(shop: Shop, customer: str) -> list[Any]:
    """What a customer keeps, as staff read it."""
    listed = await shop.say(
        "query($of: ID!) { products(filter: {customer: {eq: $of}}) { edges { node {"
        f" {PRODUCT} }} }} }} }}",
        by=await administrator(shop),
        of=customer,
    )
    return [one["node"] for one in listed.only["edges"]]


async def test_a_twin_has_settings_and_products_but_no_orders(shop: Shop, zen: str) -> None:
    document = {"customer": zen, "reference": "Z-1", "warehouse": str(shop.world.warehouse.id)}
    placed = await shop.place(by=await administrator(shop), **document)
    assert placed.told == []
    answer = await command(shop, "createSandboxCustomer", TWIN, of=zen)
    twin = answer.only["customer"]

    assert {name: twin[name] for name in ("code", "name", "sandbox", "active", "sandboxOf")} == {
        "code": "ZEN-TEST",
        "name": "Zen Teas (sandbox)",
        "sandbox": True,
        "active": True,
        "sandboxOf": {"code": "ZEN"},
    }
    assert twin["defaultWarehouse"] == {"code": "PER"}
    assert twin["policies"] == {
        "shortStock": "SPLIT",
        "unknownProduct": None,
        "unknownUnit": "USE_DEFAULT",
        "makesConsignments": None,
    }
    assert await products(shop, twin["id"]) == await products(shop, zen)
    assert len(await products(shop, zen)) == 3
    whose = {"tenant_id": shop.world.tenant.id, "customer_id": twin["id"]}
    assert await OutboundOrder.filter(**whose).count() == 0
    assert await StockLevel.filter(**whose).count() == 0
    [(action, before, after)] = await audited(shop, twin["id"])
    assert (action, before, after["code"]) == ("SANDBOX_CREATED", {}, "ZEN-TEST")


async def test_the_copies_are_the_twins_own(shop: Shop, zen: str) -> None:
    """The input that made a product of the original finds the twin's, and changes stay apart."""
    twin = (await command(shop, "createSandboxCustomer", TWIN, of=zen)).only["customer"]["id"]
    by = await shop.world.token(
        ApiRole.API_FULL_ACCESS, customers=[UUID(twin)], all_warehouses=True
    )
    again = await command(
        shop,
        "createProduct",
        "product { version }",
        by=by,
        customer=twin,
        code="TEA-500",
        name="Tea, 500 g",
        defaultUnit="EA",
        type="Groceries",
    )
    whose = {"tenant_id": shop.world.tenant.id, "code": "TEA-500"}
    copy = await Product.get(customer_id=twin, **whose)
    edited = await command(
        shop, "updateProduct", by=by, id=str(copy.id), version=1, name="Tea to try"
    )

    assert (again.told, again.only["replayed"]) == ([], True)
    assert edited.told == []
    assert (await Product.get(customer_id=zen, **whose)).name == "Tea, 500 g"
    events = ProductEvent.filter(tenant_id=shop.world.tenant.id, product_id=copy.id)
    assert [one.version for one in await events.order_by("version")] == [1, 2]


async def test_a_twins_code_and_name_may_be_said(shop: Shop, zen: str) -> None:
    said = {"code": "TRY", "name": "Try me"}
    tried = await command(shop, "createSandboxCustomer", TWIN, of=zen, validateOnly=True)
    answer = await command(shop, "createSandboxCustomer", TWIN, of=zen, **said)

    assert tried.only["customer"]["code"] == "ZEN-TEST"
    assert {name: answer.only["customer"][name] for name in said} == said


async def test_there_is_one_twin_at_most(shop: Shop, zen: str) -> None:
    first = (await command(shop, "createSandboxCustomer", TWIN, of=zen)).only["customer"]["id"]
    by = await administrator(shop)
    at_once = await asyncio.gather(
        *(command(shop, "createSandboxCustomer", by=by, of=zen, code=f"Z{n}") for n in range(3))
    )

    for answer in at_once:
        assert answer.told == [("REFERENCE_TAKEN", "input.of")]
        assert answer.faults[0]["existing"] == first
    with pytest.raises(Conflict):
        await Customer.create(
            tenant_id=shop.world.tenant.id,
            code="SECOND",
            name="Second",
            sandbox=True,
            sandbox_of_id=zen,
            created_at=shop.world.live.created_at,
            modified_at=shop.world.live.created_at,
        )


async def test_two_twins_at_once_are_one(shop: Shop, zen: str) -> None:
    by = await administrator(shop)
    answers = await asyncio.gather(
        *(
            command(shop, "createSandboxCustomer", TWIN, by=by, of=zen, code=f"Z{n}")
            for n in range(3)
        )
    )

    made = [one.only["customer"] for one in answers if not one.told]
    assert len(made) == 1
    assert [one.told for one in answers if one.told] == [[("REFERENCE_TAKEN", "input.of")]] * 2
    assert len(await products(shop, made[0]["id"])) == 3


async def test_only_an_active_live_customer_of_ours_is_copied(shop: Shop, zen: str) -> None:
    await command(shop, "deactivateCustomer", id=zen)
    elsewhere = str((await make_world("Elsewhere")).other.id)
    answers = [
        await command(shop, "createSandboxCustomer", of=zen),
        await command(shop, "createSandboxCustomer", of=str(shop.world.sandbox.id)),
        await command(shop, "createSandboxCustomer", of=elsewhere),
    ]

    assert [one.told for one in answers] == [
        [("INVALID", "input.of")],
        [("NOT_FOUND", "input.of")],
        [("NOT_FOUND", "input.of")],
    ]
