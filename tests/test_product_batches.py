"""Bringing many products to what they are to be."""

import asyncio

import pytest
import pytest_asyncio

from models import lookups
from models.products import Product, ProductEvent
from models.words import ApiRole
from tests.asking import Shop, open_shop
from tests.test_products import CREATE, added, read

UPSERT = """
mutation Upsert($input: UpsertProductsInput!) {
  upsertProducts(input: $input) {
    entries {
      position
      outcome
      replayed
      product { id code name version }
      userErrors { code path message suggestions }
    }
    count
    replayed
    userErrors { code path }
  }
}
"""


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


async def upsert(shop: Shop, *products: dict, by: str | None = None, **more):
    """Send the products; of the shop's customer, unless they say another."""
    customer = {"customer": shop.known["<customer>"]}
    entries = [customer | one for one in products]
    return await shop.say(UPSERT, by=by, input={"products": entries, **more})


def became(answer) -> list[tuple[str, bool]]:
    return [(one["outcome"], one["product"] is not None) for one in answer.only["entries"]]


async def test_products_are_added_changed_and_found(shop):
    new = {"code": "POT-01", "name": "Teapot", "defaultUnit": "EA"}
    other = {"code": "TEA-500", "name": "Breakfast tea", "requiresExpiry": True}
    same = {"code": "TEA-250", "name": "Tea, 250 g", "active": True, "description": None}

    answer = await upsert(shop, new, other, same)

    entries = answer.only["entries"]
    assert [one["position"] for one in entries] == [0, 1, 2]
    assert [(one["outcome"], one["replayed"], one["product"]["version"]) for one in entries] == [
        ("COUNTED", False, 1),
        ("COUNTED", False, 2),
        ("REPLAYED", True, 1),
    ]
    assert entries[1]["product"]["name"] == "Breakfast tea"
    assert answer.calls == [("upsertProducts", "COUNTED", 2)]
    assert (answer.only["count"], await shop.counted(), await shop.products()) == (2, 2, 4)
    changed = (await read(shop, shop.known["<TEA-500>"]))["requiresExpiry"]
    assert changed is True


async def test_only_what_differs_is_set_and_stands_in_the_history(shop):
    product_id = shop.known["<MUG-BLUE>"]
    units = (await read(shop, product_id))["units"]
    said = {
        "code": "MUG-BLUE",
        "name": "Mug, blue",
        "units": units,
        "selection": {"rule": "FIFO"},
        "lowStockQuantity": "10.0",
    }

    await upsert(shop, said)

    assert (await read(shop, product_id))["lowStockQuantity"] == "10"
    last = await ProductEvent.filter(product_id=product_id).order_by("-version").first()
    assert (last.version, last.changed) == (2, '["lowStockQuantity"]')


async def test_all_of_them_found_so_is_a_repeat(shop):
    products = [
        {
            "code": "POT-01",
            "name": "Teapot",
            "defaultUnit": "EA",
            "units": [],
            "hsCode": "6912.00",
            "selection": {"rule": "FEFO", "expiryThresholdDays": 3},
            "lowStockQuantity": "0.50",
        },
        {"code": "POT-02", "name": "Pot", "defaultUnit": "EA", "countryOfOrigin": "NZ"},
    ]
    await upsert(shop, *products)

    answer = await upsert(shop, *products)

    assert became(answer) == [("REPLAYED", True)] * 2
    assert answer.calls == [("upsertProducts", "REPLAYED", 0)]
    assert (await shop.counted(), await ProductEvent.filter(version__gt=1).count()) == (2, 0)


async def test_what_was_upserted_is_found_by_its_creation_and_the_other_way(shop):
    product = {name: one for name, one in shop.product().items() if name != "customer"}
    added_id = await added(shop)

    answer = await upsert(shop, product)
    assert [one["product"]["id"] for one in answer.only["entries"]] == [added_id]
    assert answer.outcomes == ["REPLAYED"]

    await upsert(shop, {**product, "code": "POT-02"})
    answer = await shop.say(CREATE, input=shop.product(code="POT-02"))
    assert answer.outcomes == ["REPLAYED"]


async def test_one_that_is_refused_leaves_the_others(shop):
    products = [
        {"code": "POT-01"},
        {"code": "POT-02", "name": "Pot", "defaultUnit": "EA", "hsCode": "1"},
        {"code": "TEA-500", "units": [{"code": "BAG", "baseQuantity": "1"}]},
        {"code": "POT-03", "name": "Pot", "defaultUnit": "EA"},
        {
            "code": "POT-04",
            "name": "Pot",
            "defaultUnit": "EA",
            "customer": str(shop.world.other.id),
        },
    ]

    answer = await upsert(shop, *products)

    assert became(answer) == [("REFUSED", False)] * 3 + [("COUNTED", True), ("REFUSED", False)]
    told = [
        (fault["code"], ".".join(fault["path"]))
        for one in answer.only["entries"]
        for fault in one["userErrors"]
    ]
    assert told == [
        ("REQUIRED", "input.products.0.name"),
        ("REQUIRED", "input.products.0.defaultUnit"),
        ("INVALID", "input.products.1.hsCode"),
        ("UNKNOWN_UNIT", "input.products.2.defaultUnit"),
        ("NOT_FOUND", "input.products.4.customer"),
    ]
    assert answer.calls == [("upsertProducts", "COUNTED", 1)]
    assert (await shop.products(), await shop.counted()) == (4, 1)


async def test_the_same_product_twice_is_brought_to_the_last(shop):
    answer = await upsert(
        shop,
        {"code": "POT-01", "name": "Pot", "defaultUnit": "EA"},
        {"code": "POT-01", "name": "Teapot"},
        {"code": "POT-01", "name": "Teapot"},
    )

    assert became(answer) == [("COUNTED", True), ("COUNTED", True), ("REPLAYED", True)]
    products = [one["product"] for one in answer.only["entries"]]
    assert {(one["name"], one["version"]) for one in products} == {("Teapot", 2)}
    assert await shop.products() == 4


async def test_only_checked_it_changes_nothing(shop):
    answer = await upsert(
        shop,
        {"code": "POT-01", "name": "Pot", "defaultUnit": "EA"},
        {"code": "TEA-500", "name": "Other"},
        validateOnly=True,
    )

    assert became(answer) == [("PREFLIGHT", True)] * 2
    assert answer.calls == [("upsertProducts", "PREFLIGHT", 0)]
    assert answer.only["count"] == 2
    assert (await shop.products(), await shop.counted()) == (3, 0)
    assert (await read(shop, shop.known["<TEA-500>"]))["version"] == 1


async def test_a_key_answers_the_batch_as_it_was_done(shop):
    product = {"code": "POT-01", "name": "Pot", "defaultUnit": "EA"}
    first = await upsert(shop, product, idempotencyKey="k")
    await upsert(shop, {"code": "POT-01", "name": "Kettle"})

    answer = await upsert(shop, product, idempotencyKey="k")

    [entry], [before] = answer.only["entries"], first.only["entries"]
    assert (answer.only["replayed"], answer.outcomes) == (True, ["REPLAYED"])
    assert entry["product"] == {**before["product"], "name": "Kettle", "version": 2}


@pytest.mark.parametrize(("many", "code"), [(0, "REQUIRED"), (501, "TOO_MANY")])
async def test_there_are_one_to_five_hundred(shop, many, code):
    products = [{"code": f"P{n}", "name": "P", "defaultUnit": "EA"} for n in range(many)]

    answer = await upsert(shop, *products)

    assert answer.told == [(code, "input.products")]
    assert answer.only["entries"] == []
    assert await shop.products() == 3


async def test_both_roles_are_needed(shop):
    product = {"code": "POT-01", "name": "Pot", "defaultUnit": "EA"}
    both = (ApiRole.WMS_ADD_PRODUCT, ApiRole.WMS_EDIT_PRODUCT)

    for role in both:
        answer = await upsert(shop, product, by=await shop.world.token(role))
        [other] = {*both} - {role}
        assert {tuple(one["extensions"]["roles"]) for one in answer.errors} == {(other,)}
        assert answer.outcomes == ["REFUSED"]
    assert await shop.products() == 3

    answer = await upsert(shop, product, by=await shop.world.token(*both))
    assert became(answer) == [("COUNTED", True)]


async def test_a_product_that_appears_meanwhile_is_brought_up_to_date(shop, monkeypatch):
    """Somebody adds it between our look and our write."""
    await upsert(shop, {"code": "P", "name": "P", "defaultUnit": "EA"})
    look = lookups.product_of_code
    looks = []

    async def too_early(*given):
        looks.append(given)
        return None if len(looks) == 1 else await look(*given)

    monkeypatch.setattr(lookups, "product_of_code", too_early)
    answer = await upsert(shop, {"code": "P", "name": "P", "defaultUnit": "EA", "hsCode": "691200"})

    assert became(answer) == [("COUNTED", True)]
    assert len(looks) == 2


async def test_two_at_once_lose_nothing(shop):
    """Each sets another field of the same products: both are there in the end."""
    codes = [f"P{n}" for n in range(8)]
    batches = [
        [{"code": code, "name": "P", "defaultUnit": "EA", **more} for code in order]
        for order, more in ((codes, {"hsCode": "691200"}), (codes[::-1], {"countryOfOrigin": "NZ"}))
    ]

    answers = await asyncio.gather(*(upsert(shop, *batch) for batch in batches))

    assert [became(one) for one in answers] == [[("COUNTED", True)] * 8] * 2
    products = await Product.filter(code__startswith="P", customer_id=shop.world.live.id)
    assert {(one.hs_code, one.country_of_origin, one.version) for one in products} == {
        ("691200", "NZ", 2)
    }
    assert await shop.counted() == 16
