"""Placing, changing and calling off outbound orders, as customers' systems do."""

import pytest
import pytest_asyncio

import schema
from models.moves import OPEN_TO_CLIENTS
from models.orders import OutboundOrder, OutboundOrderEvent
from models.products import Product
from models.tenants import Customer, Warehouse
from models.words import ApiRole, OutboundStatus
from schema.context import Context
from tests.asking import Shop, open_shop, staff, stock, variables_of

READ = """
query Read($id: ID!) {
  outboundOrder(id: $id) {
    reference status version urgent instructions internalNotes shipBy allowSplitting
    invoiceValue { amount currency }
    customer { code } warehouse { code }
    deliver {
      method requestedService instructions requiredOn
      cashOnDelivery { amount currency }
      address { company contact line1 line2 suburb city state postcode country phone email }
    }
    items {
      product { code } unit quantity batch expiryDate approximateUnitPrice { amount currency }
    }
    history { version status changed client staffUser }
    replaces { id }
    createdAt modifiedAt packedAt dispatchedAt
  }
}
"""

UPDATE = """
mutation Update($input: UpdateOutboundOrderInput!) {
  updateOutboundOrder(input: $input) {
    outboundOrder { version status }
    outcomes { code }
    replayed
    userErrors { code path message legalMoves differences { path stored given } }
  }
}
"""

EVERYTHING = {
    "urgent": True,
    "instructions": "Fragile",
    "internalNotes": "Margin is thin",
    "shipBy": "2026-12-01",
    "allowSplitting": False,
    "invoiceValue": {"amount": "120.5", "currency": "NZD"},
    "deliver": {
        "method": "PICKUP",
        "requestedService": "Express",
        "instructions": "Ring twice",
        "requiredOn": "2026-12-03",
        "cashOnDelivery": {"amount": "10"},
        "address": {
            "company": "Zen Teas",
            "contact": "Kim Lee",
            "line1": "12 Harbour Street",
            "line2": "Level 2",
            "suburb": "Rocks",
            "city": "Sydney",
            "state": "NSW",
            "postcode": "2000",
            "country": "AU",
            "phone": "+61 2 5550 1234",
            "email": "kim@zen.test",
        },
    },
    "items": [
        {
            "product": {"code": "MUG-BLUE"},
            "unit": "CTN",
            "quantity": "1.5",
            "batch": "B7",
            "expiryDate": "2027-01-31",
            "approximateUnitPrice": {"amount": "4.95"},
        }
    ],
}
"""Every field that an order can be placed with or changed to."""


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


async def placed(shop: Shop, **changes) -> str:
    answer = await shop.place(**changes)
    assert answer.faults == []
    return answer.only["outboundOrder"]["id"]


async def read(shop: Shop, id: str) -> dict:
    return (await shop.say(READ, id=id)).only


async def put(order_id: str, **columns) -> None:
    """Set columns directly, as those who pack will."""
    await OutboundOrder.filter(id=order_id).update(**columns)


# --- placing ------------------------------------------------------------------------------------


async def test_an_order_is_read_back_as_it_was_placed(shop):
    order_id = await placed(shop, **EVERYTHING)

    order = await read(shop, order_id)
    assert {name: order[name] for name in EVERYTHING if name not in {"deliver", "items"}} == {
        "urgent": True,
        "instructions": "Fragile",
        "internalNotes": "Margin is thin",
        "shipBy": "2026-12-01",
        "allowSplitting": False,
        "invoiceValue": {"amount": "120.50", "currency": "NZD"},
    }
    assert order["deliver"] == {
        **EVERYTHING["deliver"],
        "cashOnDelivery": {"amount": "10.00", "currency": "AUD"},
    }
    assert order["items"] == [
        {**EVERYTHING["items"][0], "approximateUnitPrice": {"amount": "4.95", "currency": "AUD"}}
    ]
    assert order["createdAt"] == order["modifiedAt"]
    assert (order["packedAt"], order["dispatchedAt"], order["replaces"]) == (None, None, None)
    assert (order["customer"], order["warehouse"]) == ({"code": "ACME"}, {"code": "SYD"})


async def test_what_is_not_said_has_a_default(shop):
    order = await read(shop, await placed(shop))

    assert order["status"] == "AWAITING_PICK_AND_PACK"
    assert (order["version"], order["urgent"], order["allowSplitting"]) == (1, False, True)
    assert order["deliver"]["method"] == "SHIPPING"
    assert [line["unit"] for line in order["items"]] == ["EA", "CTN"]
    assert [line["quantity"] for line in order["items"]] == ["2", "1"]
    assert order["invoiceValue"] is None


async def test_a_product_is_named_by_its_id_or_by_its_code(shop):
    by_id = {"product": {"id": shop.known["<TEA-500>"]}, "quantity": "1"}
    by_code = {"product": {"code": "TEA-250"}, "quantity": "0.000001"}
    order = await read(shop, await placed(shop, items=[by_id, by_code, by_id]))

    lines = [(line["product"]["code"], line["quantity"]) for line in order["items"]]
    assert lines == [("TEA-500", "1"), ("TEA-250", "0.000001"), ("TEA-500", "1")]


async def test_a_thousand_lines_are_one_order(shop):
    items = [{"product": {"code": "TEA-500"}, "quantity": str(n)} for n in range(1, 1_001)]
    order = await read(shop, await placed(shop, items=items))

    assert [line["quantity"] for line in order["items"]] == [str(n) for n in range(1, 1_001)]


async def test_policies_have_done_nothing_yet(shop):
    document = """mutation ($input: CreateOutboundOrderInput!) {
      createOutboundOrder(input: $input) { outcomes { code path message } replayed }
    }"""
    answer = await shop.say(document, input=shop.order())

    assert answer.only == {"outcomes": [], "replayed": False}


# --- the warehouse ------------------------------------------------------------------------------


async def test_with_several_warehouses_one_is_named(shop):
    world = shop.world
    everywhere = await world.token(ApiRole.WMS_CREATE_JOBS, all_warehouses=True)

    answer = await shop.place(by=everywhere)

    assert answer.told == [("WAREHOUSE_REQUIRED", "input.warehouse")]
    assert answer.faults[0]["suggestions"] == [
        f"{world.far_warehouse.id} (PER)",
        f"{world.warehouse.id} (SYD)",
    ]
    assert (await shop.orders(), await shop.counted()) == (0, 0)

    answer = await shop.place(by=everywhere, warehouse=str(world.far_warehouse.id))
    assert answer.only["outboundOrder"]["warehouse"] == {"code": "PER"}


async def test_a_customer_may_have_a_default_warehouse(shop):
    world = shop.world
    await Customer.filter(id=world.live.id).update(default_warehouse_id=world.far_warehouse.id)
    everywhere = await world.token(ApiRole.WMS_CREATE_JOBS, all_warehouses=True)

    answer = await shop.place(by=everywhere)
    assert answer.only["outboundOrder"]["warehouse"] == {"code": "PER"}

    # Out of this client's reach, the default is none; one warehouse is left.
    answer = await shop.place(reference="SO-2")
    assert answer.only["outboundOrder"]["warehouse"] == {"code": "SYD"}


async def test_a_closed_warehouse_and_one_out_of_reach_are_not_found(shop):
    far = str(shop.world.far_warehouse.id)
    answer = await shop.place(warehouse=far)
    assert answer.told == [("NOT_FOUND", "input.warehouse")]

    await Warehouse.filter(id=shop.world.warehouse.id).update(active=False)
    answer = await shop.place(warehouse=str(shop.world.warehouse.id))
    assert answer.told == [("NOT_FOUND", "input.warehouse")]

    answer = await shop.place()
    assert answer.told == [("WAREHOUSE_REQUIRED", "input.warehouse")]
    assert await shop.orders() == 0


async def test_nothing_is_ordered_for_a_customer_that_left(shop):
    await Customer.filter(id=shop.world.live.id).update(active=False)

    assert (await shop.place()).told == [("INVALID", "input.customer")]


# --- drafts -------------------------------------------------------------------------------------


async def test_a_draft_waits_until_it_is_submitted(shop):
    order_id = await placed(shop, draft=True)
    assert (await read(shop, order_id))["status"] == "DRAFT"

    answer = await shop.say(UPDATE, input={"id": order_id, "version": 1, "urgent": True})
    assert answer.only["outboundOrder"] == {"version": 2, "status": "DRAFT"}

    answer = await shop.say(UPDATE, input={"id": order_id, "version": 2, "draft": False})
    assert answer.only["outboundOrder"] == {"version": 3, "status": "AWAITING_PICK_AND_PACK"}

    answer = await shop.say(UPDATE, input={"id": order_id, "version": 3, "draft": True})
    assert answer.told == [("INVALID", "input.draft")]
    assert (await read(shop, order_id))["version"] == 3


# --- changing -----------------------------------------------------------------------------------


async def test_each_field_is_changed_alone(shop):
    order_id = await placed(shop)
    before = await read(shop, order_id)

    for version, (name, value) in enumerate(EVERYTHING.items(), start=1):
        answer = await shop.say(UPDATE, input={"id": order_id, "version": version, name: value})
        assert answer.faults == []
        after = await read(shop, order_id)
        changed = {one for one in before if after[one] != before[one]}
        assert changed - {"history", "modifiedAt"} == {"version", name}
        assert after["history"][-1]["changed"] == [name]
        before = after

    assert before["items"][0]["unit"] == "CTN"
    assert len(before["items"]) == 1


async def test_null_takes_a_value_away_and_silence_leaves_it(shop):
    order_id = await placed(shop, **EVERYTHING)
    gone = dict.fromkeys(("instructions", "internalNotes", "shipBy", "invoiceValue"))

    answer = await shop.say(UPDATE, input={"id": order_id, "version": 1, **gone})

    assert answer.faults == []
    order = await read(shop, order_id)
    assert {name: order[name] for name in gone} == gone
    assert order["urgent"] is True
    assert order["items"][0]["batch"] == "B7"


async def test_an_address_is_replaced_whole(shop):
    order_id = await placed(shop, **EVERYTHING)
    deliver = {"address": {"company": "Acme", "line1": "1 Main", "city": "Perth", "country": "AU"}}

    await shop.say(UPDATE, input={"id": order_id, "version": 1, "deliver": deliver})

    order = await read(shop, order_id)
    assert order["deliver"]["method"] == "SHIPPING"
    assert {name for name, value in order["deliver"].items() if value} == {"method", "address"}
    left = {name: value for name, value in order["deliver"]["address"].items() if value}
    assert left == deliver["address"]


async def test_history_tells_each_change_and_who_made_it(shop):
    order_id = await placed(shop)
    await shop.say(UPDATE, input={"id": order_id, "version": 1, "urgent": True, "shipBy": None})
    await shop.ask("orders/cancel_an_order", input={"id": order_id})

    order = await read(shop, order_id)
    viewer = (await shop.say("{ viewer { client { id } } }")).data["viewer"]
    assert [(one["version"], one["status"], one["changed"]) for one in order["history"][1:]] == [
        (2, "AWAITING_PICK_AND_PACK", ["shipBy", "urgent"]),
        (3, "CANCELLED", ["status"]),
    ]
    assert {one["client"] for one in order["history"]} == {viewer["client"]["id"]}
    assert {one["staffUser"] for one in order["history"]} == {None}
    assert order["version"] == 3
    assert order["modifiedAt"] > order["createdAt"]


async def test_a_stale_version_is_told_what_changed(shop):
    order_id = await placed(shop)
    change = {"id": order_id, "version": 1, "shipBy": "2026-12-01", "urgent": True}
    await shop.say(UPDATE, input=change)

    answer = await shop.say(UPDATE, input={**change, "shipBy": "2026-12-24", "urgent": False})

    [fault] = answer.faults
    assert (fault["code"], fault["path"]) == ("STALE_VERSION", ["input", "version"])
    assert fault["differences"] == [
        {"path": ["input", "shipBy"], "stored": '"2026-12-01"', "given": '"2026-12-24"'},
        {"path": ["input", "urgent"], "stored": "true", "given": "false"},
    ]
    assert answer.calls == [("updateOutboundOrder", "REFUSED", 0)]
    assert (await read(shop, order_id))["shipBy"] == "2026-12-01"

    # A version that is not there yet was never read.
    answer = await shop.say(UPDATE, input={**change, "version": 7})
    assert answer.told == [("STALE_VERSION", "input.version")]


async def test_a_change_is_held_to_the_rules_of_placing(shop):
    order_id = await placed(shop)
    bad = {
        "id": order_id,
        "version": 1,
        "instructions": "x" * 2_001,
        "deliver": {"address": {"city": "Sydney"}},
        "items": [{"product": {"code": "TEA-5000"}, "quantity": "1"}],
        "invoiceValue": {"amount": "1.005"},
    }

    answer = await shop.say(UPDATE, input=bad)

    assert answer.told == [
        ("TOO_LONG", "input.instructions"),
        ("REQUIRED", "input.deliver.address.company"),
        ("REQUIRED", "input.deliver.address.line1"),
        ("REQUIRED", "input.deliver.address.country"),
        ("INVALID", "input.invoiceValue.amount"),
        ("UNKNOWN_PRODUCT", "input.items.0.product.code"),
    ]
    assert (await read(shop, order_id))["version"] == 1

    answer = await shop.say(UPDATE, input={"id": order_id, "version": 1, "items": []})
    assert answer.told == [("REQUIRED", "input.items")]


# --- calling off --------------------------------------------------------------------------------


async def test_an_order_is_called_off_until_packing_begins(shop):
    for status in OutboundStatus:
        order_id = await placed(shop, reference=f"SO-{status}")
        await put(order_id, status=status)

        answer = await shop.ask("orders/cancel_an_order", input={"id": order_id})

        after = await read(shop, order_id)
        if status in OPEN_TO_CLIENTS:
            assert answer.only["outboundOrder"]["status"] == "CANCELLED"
            assert (after["status"], after["version"]) == ("CANCELLED", 2)
        else:
            assert answer.told == [("WRONG_STATUS", "input.id")]
            assert status in answer.faults[0]["message"]
            assert answer.faults[0]["legalMoves"] == []
            assert (after["status"], after["version"]) == (status, 1)
            assert answer.outcomes == ["REFUSED"]


async def test_an_order_is_changed_until_packing_begins(shop):
    for status in OutboundStatus:
        order_id = await placed(shop, reference=f"SO-{status}")
        await put(order_id, status=status)

        answer = await shop.say(UPDATE, input={"id": order_id, "version": 1, "urgent": True})

        told = [] if status in OPEN_TO_CLIENTS else [("WRONG_STATUS", "input.id")]
        assert answer.told == told
        assert (await read(shop, order_id))["urgent"] is (told == [])


async def test_calling_off_may_name_the_version_that_was_read(shop):
    order_id = await placed(shop)
    await shop.say(UPDATE, input={"id": order_id, "version": 1, "urgent": True})

    answer = await shop.ask("orders/cancel_an_order", input={"id": order_id, "version": 1})
    assert answer.told == [("STALE_VERSION", "input.version")]

    answer = await shop.ask("orders/cancel_an_order", input={"id": order_id, "version": 2})
    assert answer.only["outboundOrder"]["status"] == "CANCELLED"


async def test_staff_go_further_and_are_not_counted(shop):
    caller = await staff(shop.world)
    built = schema.build()
    order_id = await placed(shop)
    await put(order_id, status=OutboundStatus.PACKING_IN_PROGRESS)
    counted = await shop.counted()

    async def say(document: str, **variables):
        return await built.execute(document, variables, Context(caller, "by-hand"))

    cancel = (
        "mutation ($i: CancelOutboundOrderInput!) { cancelOutboundOrder(input: $i) { replayed } }"
    )
    result = await say(cancel, i={"id": order_id})
    assert (result.errors, result.extensions["usage"]["calls"]) == (None, [])

    other = await placed(shop, reference="SO-2")
    await put(other, status=OutboundStatus.PACKED)
    document = """mutation ($i: CancelOutboundOrderInput!) {
      cancelOutboundOrder(input: $i) { userErrors { code legalMoves } }
    }"""
    result = await say(document, i={"id": other})
    told = result.data["cancelOutboundOrder"].json
    assert "WRONG_STATUS" in told
    assert '["AWAITING_PICK_AND_PACK","DISPATCHED"]' in told
    assert (await OutboundOrder.get(id=order_id)).status is OutboundStatus.CANCELLED
    events = await OutboundOrderEvent.filter(order_id=order_id).order_by("version")
    assert [one.staff_user_id for one in events] == [None, caller.staff_user_id]
    assert await shop.counted() == counted + 1  # the second order


# --- the same reference again -------------------------------------------------------------------


async def test_the_same_again_answers_the_first_order(shop):
    order_id = await placed(shop, **EVERYTHING)
    await shop.say(UPDATE, input={"id": order_id, "version": 1, "urgent": False})
    counted = await shop.counted()

    answer = await shop.place(**EVERYTHING)

    assert answer.only["replayed"] is True
    assert answer.only["outboundOrder"]["id"] == order_id
    assert answer.only["outboundOrder"]["version"] == 2  # as it is now
    assert answer.calls == [("createOutboundOrder", "REPLAYED", 0)]
    assert (await shop.orders(), await shop.counted()) == (1, counted)


async def test_saying_a_default_is_not_saying_it(shop):
    """The same content is the same after defaults, however it was written."""
    order_id = await placed(shop, invoiceValue={"amount": "5"})

    answer = await shop.place(
        warehouse=str(shop.world.warehouse.id),
        urgent=False,
        allowSplitting=True,
        draft=False,
        invoiceValue={"amount": "5.00", "currency": "AUD"},
        deliver={
            **variables_of("orders/place_an_order", {})["input"]["deliver"],
            "method": "SHIPPING",
        },
        items=[
            {"product": {"id": shop.known["<TEA-500>"]}, "unit": "EA", "quantity": "2.0"},
            {"product": {"code": "MUG-BLUE"}, "unit": "CTN", "quantity": 1},
        ],
    )

    assert answer.faults == []
    assert answer.only["replayed"] is True
    assert answer.only["outboundOrder"]["id"] == order_id


async def test_the_same_again_stays_the_same_when_defaults_have_changed(shop):
    """A retry that comes late finds its order, whatever became of what it did not say."""
    world = shop.world
    order_id = await placed(shop)
    await Product.filter(tenant_id=world.tenant.id, code="TEA-500").update(active=False)
    everywhere = await world.token(ApiRole.WMS_CREATE_JOBS, all_warehouses=True)

    for by in (shop.token, everywhere):
        answer = await shop.place(by=by)
        assert answer.faults == []
        assert answer.only["outboundOrder"]["id"] == order_id

    await Warehouse.filter(id=world.warehouse.id).update(active=False)
    await Customer.filter(id=world.live.id).update(
        active=False, default_warehouse_id=world.far_warehouse.id
    )
    await Product.filter(tenant_id=world.tenant.id, code="TEA-500").update(default_unit="CTN")
    answer = await shop.place(by=everywhere)
    assert answer.faults == []
    assert answer.outcomes == ["REPLAYED"]
    assert await shop.orders() == 1


async def test_other_content_is_told_where_it_differs(shop):
    order_id = await placed(shop)

    answer = await shop.ask(
        "orders/reuse_a_reference",
        input=shop.order(shipBy="2026-12-01", items=shop.order()["items"][:1]),
    )

    [fault] = answer.faults
    assert (fault["code"], fault["path"]) == ("REFERENCE_DIFFERS", ["input", "reference"])
    assert fault["existing"] == order_id
    assert [".".join(one["path"]) for one in fault["differences"]] == [
        "input.items",
        "input.shipBy",
    ]
    assert fault["differences"][1] == {
        "path": ["input", "shipBy"],
        "stored": None,
        "given": '"2026-12-01"',
    }
    assert fault["legalMoves"] == ["UPDATE", "CANCEL", "NEW_REFERENCE"]
    assert answer.calls == [("createOutboundOrder", "REFUSED", 0)]
    assert (await shop.orders(), await shop.counted()) == (1, 1)

    await put(order_id, status=OutboundStatus.PACKED)
    answer = await shop.ask("orders/reuse_a_reference", input=shop.order(urgent=True))
    assert answer.faults[0]["legalMoves"] == ["NEW_REFERENCE"]


async def test_differences_do_not_tell_internal_notes_to_outsiders(shop):
    await placed(shop, internalNotes="Margin is thin")
    outsider = await shop.world.token(ApiRole.WMS_CREATE_JOBS)

    answer = await shop.ask("orders/reuse_a_reference", by=outsider, input=shop.order())

    assert answer.told == [("REFERENCE_DIFFERS", "input.reference")]
    assert answer.faults[0]["differences"] == [
        {"path": ["input", "internalNotes"], "stored": None, "given": None}
    ]

    change = {"version": 1, "internalNotes": "Margin is thinner"}
    order_id = answer.faults[0]["existing"]
    await shop.say(UPDATE, input={"id": order_id, **change})
    answer = await shop.say(
        UPDATE, by=outsider, input={"id": order_id, "version": 1, "urgent": True}
    )
    assert answer.told == [("STALE_VERSION", "input.version")]
    assert "Margin" not in str(answer.body)


async def test_a_reference_out_of_reach_is_only_taken(shop):
    world = shop.world
    everywhere = await world.token(ApiRole.WMS_CREATE_JOBS, all_warehouses=True)
    await shop.place(by=everywhere, warehouse=str(world.far_warehouse.id))

    for changes in ({}, {"urgent": True}):
        answer = await shop.ask("orders/reuse_a_reference", input=shop.order(**changes))

        [fault] = answer.faults
        assert (fault["code"], fault["path"]) == ("REFERENCE_TAKEN", ["input", "reference"])
        told = [fault[name] for name in ("existing", "differences", "legalMoves")]
        assert told == [None, None, None]
    assert await shop.orders() == 1


async def test_a_reference_belongs_to_one_customer(shop):
    await placed(shop)
    other = await shop.world.token(ApiRole.WMS_CREATE_JOBS, customers=[shop.world.other.id])
    await stock(shop.world, shop.world.other.id)

    answer = await shop.place(by=other, customer=str(shop.world.other.id))

    assert answer.faults == []
    assert answer.only["replayed"] is False
    assert await shop.orders() == 2


async def test_a_cancelled_order_gives_its_reference_back(shop):
    for status in ("CANCELLED", "REJECTED"):
        first = await placed(shop, reference=status)
        await put(first, status=status)

        answer = await shop.place(reference=status)

        second = answer.only["outboundOrder"]["id"]
        assert answer.only["replayed"] is False
        assert second != first
        assert (await read(shop, second))["replaces"] == {"id": first}

        # It is taken again, by the second.
        answer = await shop.place(reference=status)
        assert answer.only["outboundOrder"]["id"] == second
        assert answer.only["replayed"] is True


async def test_a_rejected_order_that_is_changed_wants_its_reference_back(shop):
    first = await placed(shop)
    await put(first, status=OutboundStatus.REJECTED)
    second = await placed(shop)
    change = {"id": first, "version": 1, "urgent": True}

    answer = await shop.say(UPDATE, input=change)
    assert answer.told == [("REFERENCE_TAKEN", "input.id")]
    assert (await read(shop, first))["status"] == "REJECTED"

    await shop.ask("orders/cancel_an_order", input={"id": second})
    answer = await shop.say(UPDATE, input=change)
    assert answer.only["outboundOrder"] == {"version": 2, "status": "AWAITING_PICK_AND_PACK"}


# --- only checking, and the sandbox -------------------------------------------------------------


async def test_checking_stores_and_counts_nothing(shop):
    answer = await shop.ask("orders/check_an_order")
    assert answer.only["outboundOrder"]["status"] == "AWAITING_PICK_AND_PACK"
    assert answer.calls == [("createOutboundOrder", "PREFLIGHT", 0)]

    order_id = await placed(shop)
    check = {"id": order_id, "version": 1, "items": shop.order()["items"][:1], "validateOnly": True}
    answer = await shop.say(UPDATE, input=check)
    assert answer.only["outboundOrder"] == {"version": 2, "status": "AWAITING_PICK_AND_PACK"}
    assert answer.outcomes == ["PREFLIGHT"]
    answer = await shop.ask("orders/cancel_an_order", input={"id": order_id, "validateOnly": True})
    assert answer.only["outboundOrder"]["status"] == "CANCELLED"

    order = await read(shop, order_id)
    assert (order["version"], order["status"]) == (1, "AWAITING_PICK_AND_PACK")
    assert (len(order["items"]), len(order["history"])) == (2, 1)
    assert (await shop.orders(), await shop.counted()) == (1, 1 + 1)  # placed, and read


async def test_a_sandbox_order_is_stored_and_free(shop):
    world = shop.world
    trying = await world.token(ApiRole.WMS_CREATE_JOBS, customers=[world.sandbox.id])
    await stock(world, world.sandbox.id)

    answer = await shop.place(by=trying, customer=str(world.sandbox.id))

    assert answer.faults == []
    assert answer.calls == [("createOutboundOrder", "SANDBOX", 0)]
    again = await shop.place(by=trying, customer=str(world.sandbox.id))
    assert again.outcomes == ["REPLAYED"]
    order_id = answer.only["outboundOrder"]["id"]
    assert (await shop.ask("orders/read_an_order", by=trying, id=order_id)).outcomes == ["SANDBOX"]
    assert (await shop.orders(), await shop.counted()) == (1, 0)


@pytest.mark.parametrize("verb", ["updateOutboundOrder", "cancelOutboundOrder"])
async def test_what_is_out_of_reach_is_not_found(shop, verb):
    order_id = await placed(shop)
    other = await shop.world.token(ApiRole.WMS_CREATE_JOBS, customers=[shop.world.other.id])
    kind = verb[0].upper() + verb[1:] + "Input"
    document = (
        f"mutation ($i: {kind}!) {{ {verb}(input: $i) {{ userErrors {{ code path message }} }} }}"
    )
    given = {"version": 1} if verb == "updateOutboundOrder" else {}

    answer = await shop.say(document, by=other, i={"id": order_id, **given})
    unknown = order_id[:-4] + ("0000" if order_id[-4:] != "0000" else "1111")
    nothing = await shop.say(document, by=other, i={"id": unknown, **given})

    assert answer.told == [("NOT_FOUND", "input.id")]
    assert answer.faults[0]["message"].replace(order_id, unknown) == nothing.faults[0]["message"]
    assert (await read(shop, order_id))["version"] == 1
