"""What a product says of itself: selection, customs, notices, barcodes, history."""

import json

import pytest
import pytest_asyncio

from models.database import rows
from models.products import Product
from resolvers.contents import fingerprint
from tests.asking import Shop, open_shop, variables_of
from tests.test_products import CREATE, EVERYTHING, UPDATE, added, read


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


async def test_what_is_not_said_is_the_usual(shop):
    product = await read(shop, await added(shop))

    assert product["selection"] == {"rule": "FIFO", "strict": False, "expiryThresholdDays": None}
    assert (product["requiresBatch"], product["requiresExpiry"]) == (False, False)
    nothing = ("hsCode", "countryOfOrigin", "lowStockQuantity", "expiryNoticeDays")
    assert [product[name] for name in nothing] == [None] * 4


async def test_what_expires_first_can_go_first_where_dates_are_not_demanded(shop):
    product_id = await added(shop, selection={"rule": "FEFO"}, requiresExpiry=False)

    assert (await read(shop, product_id))["selection"] == {
        "rule": "FEFO",
        "strict": False,
        "expiryThresholdDays": None,
    }


async def test_a_selection_is_replaced_whole(shop):
    product_id = await added(shop, **EVERYTHING)

    await shop.say(UPDATE, input={"id": product_id, "version": 1, "selection": {"rule": "FIFO"}})

    assert (await read(shop, product_id))["selection"] == {
        "rule": "FIFO",
        "strict": False,
        "expiryThresholdDays": None,
    }


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"hsCode": "69120"}, "hsCode"),
        ({"hsCode": "6912004810123"}, "hsCode"),
        ({"hsCode": "6912..00"}, "hsCode"),
        ({"hsCode": ".691200"}, "hsCode"),
        ({"hsCode": "69 12 00"}, "hsCode"),
        ({"hsCode": ""}, "hsCode"),
        ({"countryOfOrigin": "XX"}, "countryOfOrigin"),
        ({"countryOfOrigin": "nz"}, "countryOfOrigin"),
        ({"lowStockQuantity": "-0.000001"}, "lowStockQuantity"),
        ({"expiryNoticeDays": -1}, "expiryNoticeDays"),
        ({"expiryNoticeDays": 36501}, "expiryNoticeDays"),
        (
            {"selection": {"rule": "FEFO", "expiryThresholdDays": -1}},
            "selection.expiryThresholdDays",
        ),
    ],
)
async def test_what_cannot_be_is_refused_in_its_place(shop, change, path):
    answer = await shop.say(CREATE, input=shop.product(**change))
    assert answer.told == [("INVALID", f"input.{path}")]

    known = {"id": shop.known["<TEA-500>"], "version": 1}
    answer = await shop.say(UPDATE, input=known | change)
    assert answer.told == [("INVALID", f"input.{path}")]
    assert (await shop.products(), await shop.counted()) == (3, 0)


async def test_the_least_that_can_be_said_is_taken(shop):
    least = {"hsCode": "6912.00", "lowStockQuantity": "0", "expiryNoticeDays": 0}

    product = await read(shop, await added(shop, **least))

    assert {name: product[name] for name in least} == {**least, "hsCode": "691200"}


async def test_an_hs_code_is_the_same_with_its_dots_and_without(shop):
    product_id = await added(shop, hsCode="6912.00.4810")

    answer = await shop.say(CREATE, input=shop.product(hsCode="6912004810"))

    assert answer.only["product"]["id"] == product_id
    assert answer.outcomes == ["REPLAYED"]


async def test_null_takes_what_can_be_missing_away(shop):
    product_id = await added(shop, **EVERYTHING)
    gone = dict.fromkeys(("hsCode", "countryOfOrigin", "lowStockQuantity", "expiryNoticeDays"))

    answer = await shop.say(UPDATE, input={"id": product_id, "version": 1, **gone})

    assert answer.faults == []
    product = await read(shop, product_id)
    assert {name: product[name] for name in gone} == gone
    kept = dict.fromkeys(("requiresBatch", "requiresExpiry", "selection", "active"))
    answer = await shop.say(UPDATE, input={"id": product_id, "version": 2, **kept})
    assert answer.codes == ["BAD_INPUT"]
    assert [path[-1] for path in answer.errors[0]["extensions"]["paths"]] == list(kept)


# --- barcodes ---------------------------------------------------------------------------------


async def test_a_mistyped_barcode_is_told_its_last_digit(shop):
    units = [
        {"code": "EA", "baseQuantity": "1", "barcode": "9300601001238"},
        {"code": "CTN", "baseQuantity": "6", "barcode": "19300601001231"},
        {"code": "PAL", "baseQuantity": "60", "barcode": "PAL-POT-01"},
    ]

    answer = await shop.say(CREATE, input=shop.product(units=units))

    assert answer.told == [
        ("INVALID", "input.units.0.barcode"),
        ("INVALID", "input.units.1.barcode"),
    ]
    assert ["end with 1" in answer.faults[0]["message"]] == [True]
    assert ["end with 8" in answer.faults[1]["message"]] == [True]
    change = {"id": shop.known["<TEA-500>"], "version": 1, "units": units}
    assert (await shop.say(UPDATE, input=change)).told == answer.told
    assert await shop.products() == 3


async def test_a_barcode_that_was_taken_before_it_was_checked_is_still_a_repeat(shop):
    product_id = await added(shop)
    product = await Product.get(id=product_id)
    await keep(product, product.content.replace("9300601001231", "9300601001230"))
    units = variables_of("products/add_a_product", {})["input"]["units"]
    units[0]["barcode"] = "9300601001230"

    answer = await shop.say(CREATE, input=shop.product(units=units))

    assert (answer.only["product"]["id"], answer.outcomes) == (product_id, ["REPLAYED"])


# --- what was sent before there were these fields -----------------------------------------------

LATER = ("requires_batch", "requires_expiry", "selection")


async def keep(product: Product, content: str) -> None:
    await Product.filter(tenant_id=product.tenant_id, id=product.id).update(content=content)


async def test_a_product_of_before_is_still_found_by_its_content(shop):
    product_id = await added(shop)
    product = await Product.get(id=product_id)
    content = json.loads(product.content)
    assert set(LATER) <= set(content)
    before = {name: value for name, value in content.items() if name not in LATER}
    await keep(product, json.dumps(before))

    answer = await shop.say(CREATE, input=shop.product())
    assert (answer.only["product"]["id"], answer.outcomes) == (product_id, ["REPLAYED"])
    usual = {"requiresBatch": False, "selection": {"rule": "FIFO", "strict": False}}
    answer = await shop.say(CREATE, input=shop.product(**usual))
    assert answer.outcomes == ["REPLAYED"]

    answer = await shop.say(CREATE, input=shop.product(requiresBatch=True))
    assert answer.faults[0]["differences"] == [
        {"path": ["input", "requiresBatch"], "stored": "false", "given": "true"}
    ]


async def test_a_key_remembers_only_what_was_said(shop):
    """Or a retry over the release that brought these fields would be told `KEY_REUSED`."""
    await shop.say(CREATE, input=shop.product(units=None, idempotencyKey="k"))

    said = {
        "customer": shop.known["<customer>"],
        "code": "POT-01",
        "name": "Teapot, glass",
        "type": "Kitchen",
        "default_unit": "EA",
        "active": True,
    }
    [[kept]] = await rows("SELECT fingerprint FROM idempotency_keys")
    assert kept == fingerprint("createProduct", said)


# --- what became of it --------------------------------------------------------------------------

HISTORY = """
query History($id: ID!) {
  product(id: $id) { history { version changed at client staffUser } modifiedAt }
}
"""


async def test_the_history_tells_who_set_what(shop):
    product_id = await added(shop, units=None, type=None, requiresBatch=True)
    change = {"id": product_id, "version": 1, "hsCode": "691200", "active": False}
    await shop.say(UPDATE, by=await shop.world.staff_token(), input=change)

    product = (await shop.say(HISTORY, id=product_id)).only

    first, second = product["history"]
    assert (first["version"], second["version"]) == (1, 2)
    assert first["changed"] == [
        *("active", "code", "customer", "defaultUnit", "name"),
        *("requiresBatch", "requiresExpiry", "selection", "units"),
    ]
    assert second["changed"] == ["active", "hsCode"]
    assert second["at"] == product["modifiedAt"]
    assert first["client"] is not None
    assert first["staffUser"] is None
    assert second["client"] is None
    assert second["staffUser"] is not None


async def test_a_stale_version_is_told_what_units_and_selection_are_now(shop):
    product_id = await added(shop)
    units = [{"code": "EA", "baseQuantity": "1", "weightKg": "0.9"}]
    selection = {"rule": "FEFO", "expiryThresholdDays": 7}
    change = {"units": units, "selection": selection, "lowStockQuantity": "2.50"}
    await shop.say(UPDATE, input={"id": product_id, "version": 1, **change})

    mine = {"units": [{"code": "EA", "baseQuantity": "2"}], "lowStockQuantity": "3"}
    answer = await shop.say(UPDATE, input={"id": product_id, "version": 1, **mine})

    told = {
        one["path"][1]: (
            one["stored"] and json.loads(one["stored"]),
            one["given"] and json.loads(one["given"]),
        )
        for one in answer.faults[0]["differences"]
    }
    assert told == {
        "units": (
            [{"code": "EA", "baseQuantity": "1", "weightKg": "0.9", "directlyShippable": True}],
            [{"code": "EA", "baseQuantity": "2", "directlyShippable": True}],
        ),
        "selection": ({"rule": "FEFO", "strict": False, "expiryThresholdDays": 7}, None),
        "lowStockQuantity": ("2.5", "3"),
    }


async def test_of_many_units_a_stale_version_tells_only_that_they_changed(shop):
    product_id = await added(shop)
    units = [{"code": f"U{n}", "baseQuantity": str(n), "barcode": "x" * 60} for n in range(1, 100)]
    change = {"id": product_id, "version": 1, "defaultUnit": "U1", "units": units}
    await shop.say(UPDATE, input=change)

    answer = await shop.say(UPDATE, input=change)

    assert answer.faults[0]["differences"] == [
        {"path": ["input", "defaultUnit"], "stored": '"U1"', "given": '"U1"'},
        {"path": ["input", "units"], "stored": None, "given": None},
    ]


ORDERED = "query Ordered($id: ID!) { outboundOrder(id: $id) { items { unit quantity } } }"


async def test_an_open_order_keeps_a_unit_that_its_product_lost(shop):
    order_id = (await shop.place()).only["outboundOrder"]["id"]
    lines = (await shop.say(ORDERED, id=order_id)).only
    units = [{"code": "EA", "baseQuantity": "1"}, {"code": "BOX", "baseQuantity": "4"}]

    for code in ("<TEA-500>", "<MUG-BLUE>"):
        change = {"id": shop.known[code], "version": 1, "units": units}
        assert (await shop.say(UPDATE, input=change)).faults == []

    assert "CTN" in {line["unit"] for line in lines["items"]}
    assert (await shop.say(ORDERED, id=order_id)).only == lines
