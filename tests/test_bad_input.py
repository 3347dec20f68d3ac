"""What does not fit is refused with a code and a place, and leaves no trace."""

import json

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.words import ApiRole
from tests.asking import Answer, Shop, document_of, open_shop, stock, variables_of
from tests.world import make_world

PLACE = document_of("orders/place_an_order")
ADDRESS = {"contact": "Kim Lee", "line1": "12 Harbour Street", "city": "Sydney", "country": "AU"}


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


async def left_no_trace(shop: Shop, orders: int = 0) -> bool:
    return (await shop.orders(), await shop.products(), await shop.counted()) == (orders, 3, orders)


def item(**changes) -> dict:
    return {"product": {"code": "TEA-500"}, "quantity": "1", **changes}


def to(**address) -> dict:
    return {"deliver": {"address": {**ADDRESS, **address}}}


# --- what the caller can mend: user errors --------------------------------------------------------


async def test_an_unknown_product_comes_with_the_codes_nearest_to_it(shop):
    items = [
        item(product={"code": "TEA-5OO"}),
        item(product={"code": "mug-blue"}),
        item(product={"code": "QQQQQQQ"}),
        item(product={"code": ""}),
        item(product={"id": str(shop.world.live.id)}),
    ]

    answer = await shop.place(items=items)

    assert answer.told == [
        ("UNKNOWN_PRODUCT", "input.items.0.product.code"),
        ("UNKNOWN_PRODUCT", "input.items.1.product.code"),
        ("UNKNOWN_PRODUCT", "input.items.2.product.code"),
        ("UNKNOWN_PRODUCT", "input.items.3.product.code"),
        ("UNKNOWN_PRODUCT", "input.items.4.product.id"),
    ]
    near = [fault["suggestions"] for fault in answer.faults]
    assert near == [["TEA-500", "TEA-250"], ["MUG-BLUE"], [], [], None]
    assert "Did you mean `TEA-500` or `TEA-250`?" in answer.faults[0]["message"]
    assert answer.calls == [("createOutboundOrder", "REFUSED", 0)]
    assert await left_no_trace(shop)


async def test_only_blank_codes_are_unknown_too(shop):
    answer = await shop.place(items=[item(product={"code": ""})])

    assert answer.told == [("UNKNOWN_PRODUCT", "input.items.0.product.code")]


async def test_another_customers_product_is_unknown(shop):
    """By its id, and by a code that only the other one has; it is not suggested either."""
    world = shop.world
    theirs = await stock(world, world.other.id)
    mine = [item(product={"id": str(theirs["TEA-500"])})]

    answer = await shop.place(items=mine)
    unknown = await shop.place(items=[item(product={"id": str(world.tenant.id)})])

    assert answer.told == unknown.told == [("UNKNOWN_PRODUCT", "input.items.0.product.id")]
    message = unknown.faults[0]["message"]
    assert answer.faults[0]["message"] == message.replace(
        str(world.tenant.id), str(theirs["TEA-500"])
    )
    assert await shop.orders() == 0


async def test_a_quantity_is_above_zero(shop):
    items = [item(quantity="0"), item(quantity="-1"), item(quantity="-0.000001"), item(quantity=0)]

    answer = await shop.place(items=items)

    assert answer.told == [("INVALID", f"input.items.{at}.quantity") for at in range(4)]
    assert await left_no_trace(shop)


async def test_a_unit_is_one_of_the_products(shop):
    items = [item(unit="CTN"), item(unit="ea"), item(unit="")]

    answer = await shop.place(items=items)

    assert answer.told == [("UNKNOWN_UNIT", f"input.items.{at}.unit") for at in range(3)]
    assert answer.faults[0]["suggestions"] == ["EA"]


async def test_money_has_its_currencys_places(shop):
    for money, place in (
        ({"amount": "1.005"}, "amount"),
        ({"amount": "1.5", "currency": "JPY"}, "amount"),
        ({"amount": "-0.01"}, "amount"),
        ({"amount": "1", "currency": "dollars"}, "currency"),
        ({"amount": "1", "currency": "aud"}, "currency"),
        ({"amount": "1", "currency": ""}, "currency"),
    ):
        answer = await shop.place(
            invoiceValue=money,
            deliver={"address": ADDRESS, "cashOnDelivery": money},
            items=[item(approximateUnitPrice=money)],
        )

        assert answer.told == [
            ("INVALID", f"input.invoiceValue.{place}"),
            ("INVALID", f"input.deliver.cashOnDelivery.{place}"),
            ("INVALID", f"input.items.0.approximateUnitPrice.{place}"),
        ]
    for fits in ({"amount": "1", "currency": "JPY"}, {"amount": "1.005", "currency": "KWD"}):
        answer = await shop.place(invoiceValue=fits, validateOnly=True)
        assert answer.faults == []
    assert await left_no_trace(shop)


async def test_an_address_leads_somewhere(shop):
    for change, told in (
        (to(contact=None), [("REQUIRED", "company")]),
        (to(line1=None, country=None), [("REQUIRED", "line1"), ("REQUIRED", "country")]),
        (to(country="XX"), [("INVALID", "country")]),
        (to(country="au"), [("INVALID", "country")]),
        (to(city="  "), [("REQUIRED", "city")]),
    ):
        answer = await shop.place(**change)
        assert answer.told == [(code, f"input.deliver.address.{name}") for code, name in told]
    picked_up = {"method": "PICKUP", "address": {"contact": "Kim Lee"}}
    assert (await shop.place(deliver=picked_up, validateOnly=True)).faults == []
    assert await left_no_trace(shop)


async def test_texts_are_as_short_as_they_say(shop):
    long = {
        "reference": 64,
        "instructions": 2_000,
        "internalNotes": 2_000,
    }
    address = {
        "company": 200,
        "contact": 200,
        "line1": 200,
        "line2": 200,
        "suburb": 100,
        "city": 100,
        "state": 100,
        "postcode": 20,
        "phone": 40,
        "email": 254,
    }

    def filled(extra: int) -> dict:
        return {
            **{name: "é" * (most + extra) for name, most in long.items()},
            "deliver": {
                "address": {
                    **{name: "é" * (most + extra) for name, most in address.items()},
                    "country": "AU",
                },
                "requestedService": "é" * (100 + extra),
                "instructions": "é" * (2_000 + extra),
            },
            "items": [item(batch="é" * (64 + extra))],
        }

    answer = await shop.place(**filled(1))
    assert sorted(answer.told) == sorted(
        ("TOO_LONG", f"input.{place}")
        for place in (
            *long,
            *(f"deliver.address.{name}" for name in address),
            "deliver.requestedService",
            "deliver.instructions",
            "items.0.batch",
        )
    )
    assert await left_no_trace(shop)

    # Of that batch there is nothing, which a draft may wish for all the same.
    assert (await shop.place(**filled(0), draft=True, validateOnly=True)).faults == []


async def test_a_list_has_at_most_a_thousand_entries(shop):
    answer = await shop.place(items=[item()] * 1_001)
    assert answer.told == [("TOO_MANY", "input.items")]

    answer = await shop.place(items=[])
    assert answer.told == [("REQUIRED", "input.items")]
    assert await left_no_trace(shop)


async def test_a_blank_reference_is_none(shop):
    for blank in ("", "   ", "\t\n"):
        assert (await shop.place(reference=blank)).told == [("REQUIRED", "input.reference")]


async def test_all_faults_of_an_input_are_told_together(shop):
    everywhere = await shop.world.token(ApiRole.WMS_CREATE_JOBS, all_warehouses=True)
    answer = await shop.place(
        by=everywhere,
        reference="x" * 65,
        invoiceValue={"amount": "1.005"},
        **to(country="XX", line1=None),
        items=[
            item(product={"code": "TEA-5000"}, quantity="-1"),
            item(unit="PALLET", approximateUnitPrice={"amount": "-1"}),
        ],
    )

    assert sorted(answer.told) == [
        ("INVALID", "input.deliver.address.country"),
        ("INVALID", "input.invoiceValue.amount"),
        ("INVALID", "input.items.0.quantity"),
        ("INVALID", "input.items.1.approximateUnitPrice.amount"),
        ("REQUIRED", "input.deliver.address.line1"),
        ("TOO_LONG", "input.reference"),
        ("UNKNOWN_PRODUCT", "input.items.0.product.code"),
        ("UNKNOWN_UNIT", "input.items.1.unit"),
        ("WAREHOUSE_REQUIRED", "input.warehouse"),
    ]
    assert answer.calls == [("createOutboundOrder", "REFUSED", 0)]
    assert await left_no_trace(shop)


async def test_another_tenants_ids_are_like_ids_that_nobody_has(shop, http):
    """Neither the answer nor its words tell that they exist."""
    theirs = await open_shop(http, await make_world("Other 3PL"))
    order_id = (await theirs.place()).only["outboundOrder"]["id"]
    inbound_id = (await theirs.announce()).only["inboundOrder"]["id"]
    consignment_id = (await theirs.book()).only["consignment"]["id"]
    nobody = "01a20a4e-0000-7000-8000-000000000000"

    def same(one: Answer, other: Answer, theirs_id: str) -> bool:
        def plain(answer: Answer) -> str:
            return json.dumps([answer.status, answer.data, answer.errors, answer.calls])

        return plain(one).replace(theirs_id, nobody) == plain(other)

    product_id, customer_id = theirs.known["<TEA-500>"], theirs.known["<customer>"]
    for foreign, ask in (
        (order_id, lambda id: shop.ask("orders/read_an_order", id=id)),
        (order_id, lambda id: shop.ask("orders/find_by_id", id=id)),
        (product_id, lambda id: shop.ask("products/read_a_product", id=id)),
        (order_id, lambda id: shop.ask("orders/cancel_an_order", input={"id": id})),
        (
            order_id,
            lambda id: shop.ask(
                "orders/update_a_stale_version", input={"id": id, "version": 9, "urgent": True}
            ),
        ),
        (
            product_id,
            lambda id: shop.ask("products/update_a_product", input={"id": id, "version": 9}),
        ),
        (inbound_id, lambda id: shop.ask("inbound/read_an_announcement", id=id)),
        (inbound_id, lambda id: shop.ask("inbound/cancel_an_announcement", input={"id": id})),
        (consignment_id, lambda id: shop.ask("consignments/read_a_consignment", id=id)),
        (
            consignment_id,
            lambda id: shop.ask("consignments/cancel_a_consignment", input={"id": id}),
        ),
        (order_id, lambda id: shop.book(outboundOrder=id)),
        (customer_id, lambda id: shop.announce(customer=id)),
        (customer_id, lambda id: shop.book(customer=id)),
        (
            theirs.known["<warehouse>"],
            lambda id: shop.ask("stock/list_stock", warehouse=id, filter={}),
        ),
        (
            customer_id,
            lambda id: shop.ask(
                "reports/ask_for_all_stock", input={"kind": "STOCK_ON_HAND", "customer": id}
            ),
        ),
        (customer_id, lambda id: shop.place(customer=id)),
        (theirs.known["<warehouse>"], lambda id: shop.place(warehouse=id)),
        (product_id, lambda id: shop.place(items=[item(product={"id": id})])),
        (
            customer_id,
            lambda id: shop.ask("products/add_a_product", input=shop.product(customer=id)),
        ),
        (
            customer_id,
            lambda id: shop.ask("orders/list_orders", filter={"customer": {"eq": id}}),
        ),
    ):
        assert same(await ask(foreign), await ask(nobody), foreign)
    assert await theirs.orders() == 1
    assert await shop.orders() == 0


# --- what does not fit the types: BAD_INPUT ----------------------------------------------------


async def test_every_place_that_does_not_fit_is_named(shop):
    bad = shop.order(
        urgent="yes",
        shipBy="tomorrow",
        deliver={"address": {**ADDRESS, "planet": "Mars"}, "method": "TELEPORT"},
        items=[item(quantity="NaN"), item(quantity=1.5), {"quantity": "1"}],
        color="red",
    )
    del bad["reference"]

    answer = await shop.say(PLACE, input=bad)

    assert answer.status == 400
    assert answer.data is None
    assert set(answer.codes) == {"BAD_INPUT"}
    assert sorted(answer.places) == sorted(
        [
            "input.urgent",
            "input.shipBy",
            "input.deliver.method",
            "input.deliver.address",
            "input.items.0.quantity",
            "input.items.1.quantity",
            "input.items.2",
            "input",
            "input",
        ]
    )
    assert answer.calls == []
    assert await left_no_trace(shop)


async def test_a_decimal_is_a_plain_number_with_six_places(shop):
    for quantity in (
        "NaN", "Infinity", "-Infinity", "sNaN", "1e5", "1E+2", "0x10", "1_000", "\u0661", "1,5",
        " 1", "1.", ".5", "+1", "", "1.0000001", "12345678901234", "9999999999999", "1" * 400,
        1.5, 1e5, 10**30, True, None, [], {}, ["1", "2"],
    ):  # fmt: skip
        answer = await shop.place(items=[item(quantity=quantity)])
        assert set(answer.codes) == {"BAD_INPUT"}, quantity
        assert answer.places == ["input.items.0.quantity"], quantity
        assert answer.status == 400
    for quantity, told in (("1.000000", "1"), ("0.000001", "0.000001"), (7, "7"), ("01", "1")):
        answer = await shop.place(items=[item(quantity=quantity)], validateOnly=True)
        assert answer.only["outboundOrder"]["items"][0]["quantity"] == told
    largest = "9223372036854.775807"
    answer = await shop.place(items=[item(quantity=largest)], draft=True, validateOnly=True)
    assert answer.only["outboundOrder"]["items"][0]["quantity"] == largest
    assert await left_no_trace(shop)


async def test_json_has_no_nan(shop):
    order = shop.order(items=[item(quantity="@")])
    text = json.dumps({"query": PLACE, "variables": {"input": order}})
    for number in ("NaN", "Infinity", "-Infinity", "1e400", "01", "1."):
        answer = await shop.send(text.replace('"@"', number).encode())
        assert (answer.status, set(answer.codes)) == (400, {"BAD_INPUT"})
    assert await left_no_trace(shop)


async def test_an_instant_has_an_offset_and_a_day_is_a_day(shop):
    for instant in (
        "2026-11-23T09:30:00",
        "2026-11-23",
        "2026-11-23 09:30:00Z",
        "2026-02-30T09:30:00Z",
        "2026-11-23T25:00:00Z",
        "2026-11-23T09:30:00+99:00",
        "9999-12-31T23:59:59-14:00",
        1_700_000_000,
    ):
        answer = await shop.ask(
            "orders/list_orders", filter={"createdAt": {"from": instant}}, first=1
        )
        assert answer.places == ["filter.createdAt.from"], instant
        assert set(answer.codes) == {"BAD_INPUT"}
    for day in ("2026-02-30", "2026-2-3", "2026-11-23T00:00:00Z", 20261123, "0000-01-01"):
        answer = await shop.place(shipBy=day)
        assert answer.places == ["input.shipBy"], day
    for fits in ("2026-11-23T09:30:00+10:00", "2026-11-23T09:30Z", "0001-01-01T00:00:00Z"):
        answer = await shop.ask("orders/list_orders", filter={"createdAt": {"from": fits}})
        assert answer.errors == []
    assert (await shop.place(shipBy="9999-12-31", validateOnly=True)).faults == []


async def test_whole_numbers_fit_32_bits(shop):
    for version in (2**31, -(2**31) - 1, 2**63, 2**70, 1.5, "1", True):
        answer = await shop.ask(
            "orders/update_an_order", input={"id": shop.known["<customer>"], "version": version}
        )
        assert answer.places == ["input.version"], version
        assert set(answer.codes) == {"BAD_INPUT"}
    for version in (2**31 - 1, -1, 0):
        answer = await shop.ask(
            "orders/update_an_order", input={"id": shop.known["<customer>"], "version": version}
        )
        assert answer.told == [("NOT_FOUND", "input.id")]


async def test_ids_are_lower_case_uuids(shop):
    upper = str(shop.world.live.id).upper()
    lower = upper.lower()
    for id in (upper, "", "1", "{" + lower + "}", "urn:uuid:" + lower, "\u0661" * 32):
        for answer in (
            await shop.ask("orders/read_an_order", id=id),
            await shop.ask("orders/find_by_id", id=id),
            await shop.ask("orders/cancel_an_order", input={"id": id}),
        ):
            assert answer.codes == ["BAD_INPUT"], id
            assert answer.errors[0]["extensions"]["path"] in (["id"], ["input", "id"])
            assert answer.calls == []

    answer = await shop.place(
        customer=upper, warehouse="x", items=[item(), item(product={"id": upper})]
    )
    [error] = answer.errors
    assert error["path"] == ["createOutboundOrder"]
    assert error["extensions"]["paths"] == [
        ["input", "customer"],
        ["input", "items", "1", "product", "id"],
        ["input", "warehouse"],
    ]
    assert await left_no_trace(shop)


async def test_a_product_is_named_in_one_way(shop):
    for product in (
        {},
        {"id": shop.known["<TEA-500>"], "code": "TEA-500"},
        {"code": None},
        {"id": shop.known["<TEA-500>"], "code": None},
    ):
        answer = await shop.place(items=[item(product=product)])
        assert (answer.status, answer.codes) == (400, ["BAD_INPUT"]), product
        assert answer.places == ["input.items.0.product"]
    assert await left_no_trace(shop)


async def test_null_is_refused_where_something_has_to_be(shop):
    order_id = (await shop.place()).only["outboundOrder"]["id"]
    for name in ("urgent", "allowSplitting", "deliver", "items", "draft"):
        answer = await shop.ask(
            "orders/update_an_order", input={"id": order_id, "version": 1, name: None}
        )
        assert (answer.codes, answer.places) == (["BAD_INPUT"], [f"input.{name}"])
        assert answer.calls == []
    for name in ("name", "defaultUnit", "units", "active"):
        answer = await shop.ask(
            "products/update_a_product",
            input={"id": shop.known["<TEA-500>"], "version": 1, name: None},
        )
        assert (answer.codes, answer.places) == (["BAD_INPUT"], [f"input.{name}"])
    answer = await shop.ask(
        "orders/update_an_order",
        input={"id": "X", "version": 1, "items": None, "draft": None, "idempotencyKey": ""},
    )
    assert [".".join(path) for path in answer.errors[0]["extensions"]["paths"]] == [
        "input.id",
        "input.items",
        "input.draft",
        "input.idempotencyKey",
    ]
    assert await left_no_trace(shop, orders=1)


async def test_no_text_holds_a_null_character(shop):
    answer = await shop.place(reference="SO\0", items=[item(batch="\0")])
    assert set(answer.codes) == {"BAD_INPUT"}
    assert answer.errors[0]["extensions"]["path"][:1] == ["input"]

    for document in (
        '{ products(filter: {code: {eq: "\\u0000"}}) { totalCount } }',
        '{ products(after: "\\u0000") { totalCount } }',
        'query ($c: String = "\\u0000") { products(filter: {code: {eq: $c}}) { totalCount } }',
    ):
        answer = await shop.say(document)
        assert answer.codes == ["BAD_INPUT"], document
    answer = await shop.say("{ viewer { __typename } }", other={"a": ["\0"]})
    assert set(answer.codes) <= {"BAD_INPUT"}
    assert await left_no_trace(shop)


async def test_no_text_holds_half_a_character(shop):
    """A lone surrogate is no character: it can be neither stored nor answered."""
    body = json.dumps({"query": PLACE, "variables": {"input": shop.order(reference="\ud800")}})
    for text in (
        body,
        json.dumps({"query": '{ products(filter: {code: {eq: "\\ud800"}}) { totalCount } }'}),
        json.dumps({"query": '{ products(filter: {code: {eq: "\ud800"}}) { totalCount } }'}),
    ):
        answer = await shop.send(text.encode())
        assert (answer.status, set(answer.codes)) == (400, {"BAD_INPUT"})
    whole = await shop.place(reference="\U0001f4e6")
    assert whole.only["outboundOrder"]["reference"] == "\U0001f4e6"


async def test_what_the_schema_does_not_know_is_refused(shop):
    for document in (
        "{ viewer { shoeSize } }",
        '{ outboundOrder(id: "x", color: "red") { id } }',
        "mutation { createOutboundOrder(input: {color: RED}) { replayed } }",
        "query ($a: Missing) { viewer { __typename } }",
        "{ outboundOrder(id: $id) { id } }",
        "{ outboundOrders(filter: {status: {eq: LOST}}) { totalCount } }",
        "{ outboundOrders(filter: {shipBy: {from: 3}}) { totalCount } }",
        "{ viewer",
        "query A { viewer { __typename } } query B { viewer { __typename } }",
    ):
        answer = await shop.say(document)
        assert (answer.status, set(answer.codes)) == (400, {"BAD_INPUT"}), document
        assert answer.data is None
        assert answer.calls == []


async def test_a_variable_that_is_needed_is_named(shop):
    answer = await shop.say(document_of("orders/read_an_order"))
    assert (answer.codes, answer.places) == (["BAD_INPUT"], ["id"])

    answer = await shop.say(document_of("orders/place_two_orders"), first=None)
    assert set(answer.codes) == {"BAD_INPUT"}
    assert answer.places == ["first", "second"]

    for value in ([], "x", 5, True):
        answer = await shop.say(PLACE, input=value)
        assert set(answer.codes) == {"BAD_INPUT"}, value
        assert answer.places[0].startswith("input"), value
    assert await left_no_trace(shop)


async def test_a_key_has_a_length(shop):
    for key in ("", "k" * 256):
        answer = await shop.place(idempotencyKey=key)
        assert answer.codes == ["BAD_INPUT"]
        assert answer.places == ["input.idempotencyKey"]
    assert (await shop.place(idempotencyKey="k" * 255)).faults == []


async def test_deep_variables_are_no_fault_of_ours(shop):
    for depth in (50, 500, 900, 1_000, 5_000):
        nested = "[" * depth + "]" * depth
        body = json.dumps({"query": PLACE, "variables": {"input": "@"}}).replace('"@"', nested)
        answer = await shop.send(body.encode())
        assert answer.status == 400, depth
        assert set(answer.codes) <= {"BAD_INPUT", "LIMIT_EXCEEDED"}, depth
    for depth in (50, 300, 900):
        wanted: dict = {"urgent": True}
        for _ in range(depth):
            wanted = {"not": wanted}
        answer = await shop.ask("orders/list_orders", filter=wanted)
        assert set(answer.codes) <= {"BAD_INPUT", "LIMIT_EXCEEDED"}, depth


# --- anything at all ---------------------------------------------------------------------------

SCRAPS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["1", "-1", "AU", "SO-1001", "TEA-500", "EA", "PICKUP", "2026-12-01", "AUD"]),
)
NAMES = st.sampled_from(
    [
        "customer", "warehouse", "reference", "deliver", "address", "items", "product", "id",
        "code", "quantity", "unit", "urgent", "shipBy", "draft", "version", "and", "or", "not",
        "status", "eq", "in", "contains", "startsWith", "createdAt", "from", "before", "amount",
        "currency", "invoiceValue", "units", "name", "defaultUnit", "idempotencyKey",
        "validateOnly", "input", "orders", "products", "consignments", "properties", "type",
        "arrivesOn", "asOf", "aggregateBy", "condition", "weightKg", "sscc", "batch", "expiryDate",
    ]
)  # fmt: skip
JUNK = st.recursive(
    SCRAPS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=15,
)
ASKED = st.sampled_from(
    [
        "orders/place_an_order",
        "orders/update_an_order",
        "orders/cancel_an_order",
        "orders/read_an_order",
        "orders/list_orders",
        "products/add_a_product",
        "products/update_a_product",
        "products/list_products",
        "products/upsert_products",
        "orders/place_a_batch_of_orders",
        "inbound/announce_goods",
        "inbound/announce_several",
        "inbound/list_announcements",
        "consignments/book_a_delivery",
        "consignments/book_several",
        "consignments/list_consignments",
        "consignments/quote_a_consignment",
        "stock/list_stock",
        "reports/ask_for_all_stock",
    ]
)


def spoil(value, draw):
    """The same with one place of it replaced, left out or doubled."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(value)))
        return {**value, name: spoil(value[name], draw)}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [spoil(value[0], draw), *value[1:]]
    if isinstance(value, dict) and draw(st.booleans()):
        return {**value, draw(NAMES): draw(JUNK)}
    return draw(JUNK)


async def test_no_junk_is_a_fault_of_ours(shop):
    """Whole examples with some place spoilt, and junk from the ground up."""
    order_id = (await shop.place()).only["outboundOrder"]["id"]
    shop.known["<order>"] = order_id
    cases = []

    @settings(
        max_examples=240,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def draw(data):
        name = data.draw(ASKED)
        if data.draw(st.integers(0, 4)):
            cases.append((name, spoil(variables_of(name, shop.known), data.draw)))
        else:
            known = st.sampled_from(["input", "id", "filter", "first"])
            cases.append((name, data.draw(st.dictionaries(known, JUNK))))

    draw()
    for name, spoilt in cases:
        variables = spoilt if isinstance(spoilt, dict) else {"input": spoilt}
        answer = await shop.say(document_of(name), **variables)
        assert answer.status in {200, 400}, (name, variables)
        assert not {"INTERNAL", "UNAVAILABLE"} & set(answer.codes), (name, variables)
