"""Adding and editing products, as customers' systems do."""

import pytest_asyncio

from models.products import ProductEvent
from models.tenants import Customer
from models.words import ApiRole
from tests.asking import Shop, open_shop, variables_of

READ = """
query Read($id: ID!) {
  product(id: $id) {
    code name type description defaultUnit active version customer { code }
    requiresBatch requiresExpiry selection { rule strict expiryThresholdDays }
    hsCode countryOfOrigin lowStockQuantity expiryNoticeDays
    units { code baseQuantity weightKg lengthM widthM heightM barcode directlyShippable }
    createdAt modifiedAt
  }
}
"""

CREATE = """
mutation Create($input: CreateProductInput!) {
  createProduct(input: $input) {
    product { id code version }
    outcomes { code }
    replayed
    userErrors {
      code path message suggestions existing legalMoves
      differences { path stored given }
    }
  }
}
"""

UPDATE = """
mutation Update($input: UpdateProductInput!) {
  updateProduct(input: $input) {
    product { version name }
    replayed
    userErrors { code path message suggestions differences { path stored given } }
  }
}
"""

EVERYTHING = {
    "name": "Teapot",
    "type": "Crockery",
    "description": "Holds a litre",
    "active": False,
    "requiresBatch": True,
    "requiresExpiry": True,
    "selection": {"rule": "FEFO", "strict": True, "expiryThresholdDays": 30},
    "hsCode": "6912004810",
    "countryOfOrigin": "NZ",
    "lowStockQuantity": "12.5",
    "expiryNoticeDays": 60,
    "defaultUnit": "CTN",
    "units": [
        {
            "code": "CTN",
            "baseQuantity": "6",
            "weightKg": "5.4",
            "lengthM": "0.6",
            "widthM": "0.4",
            "heightM": "0.300001",
            "barcode": "19300601001238",
            "directlyShippable": False,
        },
        {"code": "EA", "baseQuantity": "1"},
    ],
}


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


async def added(shop: Shop, **changes) -> str:
    answer = await shop.say(CREATE, input=shop.product(**changes))
    assert answer.faults == []
    return answer.only["product"]["id"]


async def read(shop: Shop, id: str) -> dict:
    return (await shop.say(READ, id=id)).only


async def test_a_product_is_read_back_as_it_was_added(shop):
    product = await read(shop, await added(shop, **EVERYTHING))

    assert {name: product[name] for name in EVERYTHING if name != "units"} == {
        name: value for name, value in EVERYTHING.items() if name != "units"
    }
    assert product["units"][0] == EVERYTHING["units"][0]
    nothing = dict.fromkeys(("weightKg", "lengthM", "widthM", "heightM", "barcode"))
    assert product["units"][1] == {**EVERYTHING["units"][1], **nothing, "directlyShippable": True}
    assert (product["version"], product["customer"]) == (1, {"code": "ACME"})
    assert product["createdAt"] == product["modifiedAt"]


async def test_without_units_there_is_one_of_the_default(shop):
    for code, units in (("A", None), ("B", [])):
        product = await read(shop, await added(shop, code=code, units=units, defaultUnit="BAG"))

        assert [(unit["code"], unit["baseQuantity"]) for unit in product["units"]] == [("BAG", "1")]
        assert product["active"] is True


async def test_the_default_unit_is_one_of_the_units(shop):
    answer = await shop.say(CREATE, input=shop.product(defaultUnit="PALLET"))

    assert answer.told == [("UNKNOWN_UNIT", "input.defaultUnit")]
    assert answer.faults[0]["suggestions"] == ["EA", "CTN"]
    assert answer.calls == [("createProduct", "REFUSED", 0)]
    assert (await shop.products(), await shop.counted()) == (3, 0)


async def test_units_are_told_apart_and_measure_something(shop):
    units = [
        {"code": "EA", "baseQuantity": "0"},
        {"code": "EA", "baseQuantity": "1", "weightKg": "-1", "heightM": "0"},
        {"code": " ", "baseQuantity": "1", "barcode": "9" * 65},
    ]
    answer = await shop.say(CREATE, input=shop.product(units=units, name=" ", code=""))

    assert sorted(answer.told) == sorted(
        [
            ("TOO_LONG", "input.units.2.barcode"),
            ("REQUIRED", "input.code"),
            ("REQUIRED", "input.name"),
            ("INVALID", "input.units.0.baseQuantity"),
            ("INVALID", "input.units.1.weightKg"),
            ("INVALID", "input.units.1.heightM"),
            ("INVALID", "input.units.1.code"),
            ("REQUIRED", "input.units.2.code"),
        ]
    )
    assert await shop.products() == 3


async def test_the_same_code_and_content_is_the_same_product(shop):
    product_id = await added(shop)
    units = variables_of("products/add_a_product", {})["input"]["units"]
    spelled = [{**unit, "directlyShippable": True} for unit in units]

    answer = await shop.say(CREATE, input=shop.product(units=spelled, active=True))

    assert answer.only["product"]["id"] == product_id
    assert answer.only["replayed"] is True
    assert answer.calls == [("createProduct", "REPLAYED", 0)]
    assert (await shop.products(), await shop.counted()) == (4, 1)


async def test_the_same_code_with_other_content_differs(shop):
    product_id = await added(shop)
    await shop.say(UPDATE, input={"id": product_id, "version": 1, "name": "Pot"})
    units = variables_of("products/add_a_product", {})["input"]["units"]
    units[1]["baseQuantity"] = "8"

    answer = await shop.say(CREATE, input=shop.product(units=units, type=None))

    [fault] = answer.faults
    assert (fault["code"], fault["path"]) == ("REFERENCE_DIFFERS", ["input", "code"])
    assert fault["existing"] == product_id
    # Against what it was added as: that it was renamed since is no difference.
    assert fault["differences"] == [
        {"path": ["input", "type"], "stored": '"Kitchen"', "given": None},
        {"path": ["input", "units", "1", "baseQuantity"], "stored": '"6"', "given": '"8"'},
    ]
    assert fault["legalMoves"] == ["UPDATE", "NEW_REFERENCE"]
    assert answer.outcomes == ["REFUSED"]


async def test_a_code_belongs_to_one_customer(shop):
    world = shop.world
    other = await world.token(ApiRole.WMS_ADD_PRODUCT, customers=[world.other.id])
    product_id = await added(shop)

    answer = await shop.say(CREATE, by=other, input=shop.product(customer=str(world.other.id)))
    assert answer.only["replayed"] is False
    assert answer.only["product"]["id"] != product_id

    answer = await shop.say(CREATE, by=other, input=shop.product(code="X"))
    assert answer.told == [("NOT_FOUND", "input.customer")]


async def test_each_field_is_changed_alone(shop):
    product_id = await added(shop)
    before = await read(shop, product_id)

    for version, (name, value) in enumerate(EVERYTHING.items(), start=1):
        answer = await shop.say(UPDATE, input={"id": product_id, "version": version, name: value})
        assert answer.faults == []
        assert answer.calls == [("updateProduct", "COUNTED", 1)]
        after = await read(shop, product_id)
        changed = {one for one in before if after[one] != before[one]}
        assert changed - {"modifiedAt"} == {"version", name}
        before = after

    events = await ProductEvent.filter(product_id=product_id).order_by("version")
    assert [one.changed for one in events[1:]] == [f'["{name}"]' for name in EVERYTHING]


async def test_null_takes_a_text_away_and_silence_leaves_it(shop):
    product_id = await added(shop, description="Round")

    await shop.say(UPDATE, input={"id": product_id, "version": 1, "type": None})

    product = await read(shop, product_id)
    assert (product["type"], product["description"]) == (None, "Round")


async def test_a_default_unit_stays_among_the_units(shop):
    product_id = await added(shop)

    for change, suggestions in (
        ({"defaultUnit": "PALLET"}, ["EA", "CTN"]),
        ({"units": [{"code": "BAG", "baseQuantity": "1"}]}, ["BAG"]),
    ):
        answer = await shop.say(UPDATE, input={"id": product_id, "version": 1, **change})
        assert answer.told == [("UNKNOWN_UNIT", "input.defaultUnit")]
        assert answer.faults[0]["suggestions"] == suggestions
    assert (await read(shop, product_id))["version"] == 1


async def test_a_stale_version_is_told_what_changed(shop):
    product_id = await added(shop)
    change = {"id": product_id, "version": 1, "name": "Pot", "defaultUnit": "CTN", "active": False}
    await shop.say(UPDATE, input=change)

    answer = await shop.say(UPDATE, input={"id": product_id, "version": 1, "name": "Kettle"})

    [fault] = answer.faults
    assert (fault["code"], fault["path"]) == ("STALE_VERSION", ["input", "version"])
    assert fault["differences"] == [
        {"path": ["input", "active"], "stored": "false", "given": None},
        {"path": ["input", "defaultUnit"], "stored": '"CTN"', "given": None},
        {"path": ["input", "name"], "stored": '"Pot"', "given": '"Kettle"'},
    ]
    assert (await read(shop, product_id))["name"] == "Pot"


async def test_checking_adds_and_changes_nothing(shop):
    answer = await shop.say(CREATE, input=shop.product(validateOnly=True))
    assert answer.only["product"]["code"] == "POT-01"
    assert answer.outcomes == ["PREFLIGHT"]

    change = {"id": shop.known["<TEA-500>"], "version": 1, "units": [], "validateOnly": True}
    answer = await shop.say(UPDATE, input=change)
    assert (answer.only["product"]["version"], answer.outcomes) == (2, ["PREFLIGHT"])
    assert (await shop.products(), await shop.counted()) == (3, 0)
    assert (await read(shop, shop.known["<TEA-500>"]))["version"] == 1


async def test_what_is_out_of_reach_is_not_found(shop):
    world = shop.world
    other = await world.token(ApiRole.WMS_EDIT_PRODUCT, customers=[world.other.id])
    change = {"id": shop.known["<TEA-500>"], "version": 1, "name": "Mine"}

    answer = await shop.say(UPDATE, by=other, input=change)

    assert answer.told == [("NOT_FOUND", "input.id")]
    assert (await shop.say(READ, by=other, id=change["id"])).only is None


async def test_nothing_is_added_for_a_customer_that_left(shop):
    await Customer.filter(id=shop.world.live.id).update(active=False)

    answer = await shop.say(CREATE, input=shop.product())

    assert answer.told == [("INVALID", "input.customer")]


async def test_an_inactive_product_cannot_be_ordered(shop):
    change = {"id": shop.known["<TEA-500>"], "version": 1, "active": False}
    await shop.say(UPDATE, input=change)

    answer = await shop.place()

    assert answer.told == [("INVALID", "input.items.0.product")]
