"""Customers and warehouses, as administrators and a client of the operator's own change them."""

import asyncio
from typing import Any

import httpx
import pytest

from models.audit import AuditEvent
from models.clients import ApiClient, ApiClientCustomer
from models.tenants import Customer, Warehouse
from models.words import ActorKind, ApiRole
from tests.administering import administrator, audited, command
from tests.asking import Shop, open_shop
from tests.world import World, make_world, token_of

CUSTOMER = (
    "customer { id code name sandbox active version defaultWarehouse { code } sandboxOf { code }"
    " policies { shortStock unknownProduct unknownUnit makesConsignments } }"
)
WAREHOUSE = "warehouse { id code name timeZone gln active version address { company line1 city } }"
NOBODY = "019ab3ce-0000-7000-8000-000000000000"
ADDRESS = {"line1": "12 Dock Road", "city": "Botany", "country": "AU"}
SOON = 1.0


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world)


async def customers(world: World) -> int:
    return await Customer.filter(tenant_id=world.tenant.id).count()


# --- customers -----------------------------------------------------------------------------------


async def test_a_new_customer_awaits_stock_unless_it_is_said_otherwise(shop: Shop) -> None:
    plain = await command(shop, "createCustomer", CUSTOMER, code="NEW", name="New")
    said = await command(
        shop,
        "createCustomer",
        CUSTOMER,
        code="SAID",
        name="Said",
        sandbox=True,
        defaultWarehouse=str(shop.world.warehouse.id),
        policies={"shortStock": None, "unknownUnit": "USE_DEFAULT"},
    )
    made, other = plain.only["customer"], said.only["customer"]

    assert made["policies"] == {
        "shortStock": "AWAIT_STOCK",
        "unknownProduct": None,
        "unknownUnit": None,
        "makesConsignments": None,
    }
    assert (made["sandbox"], made["active"], made["version"]) == (False, True, 1)
    assert (other["sandbox"], other["defaultWarehouse"]) == (True, {"code": "SYD"})
    assert other["policies"]["shortStock"] is None
    assert other["policies"]["unknownUnit"] == "USE_DEFAULT"
    assert plain.calls == []
    [(action, before, after)] = await audited(shop, made["id"])
    assert (action, before) == ("CREATED", {})
    assert after["policies"]["shortStock"] == "AWAIT_STOCK"


async def test_all_faults_of_a_new_customer_are_told_together(shop: Shop) -> None:
    before = await customers(shop.world)
    answer = await command(
        shop, "createCustomer", code="ACME", name="N" * 201, defaultWarehouse=NOBODY
    )

    assert sorted(answer.told) == [
        ("NOT_FOUND", "input.defaultWarehouse"),
        ("REFERENCE_TAKEN", "input.code"),
        ("TOO_LONG", "input.name"),
    ]
    [taken] = [one for one in answer.faults if one["code"] == "REFERENCE_TAKEN"]
    assert taken["existing"] == str(shop.world.live.id)
    assert await customers(shop.world) == before


async def test_a_customer_is_changed_where_it_is_said_and_told_so(shop: Shop) -> None:
    live = shop.world.live
    given = {"id": str(live.id), "version": 1, "name": "Acme Foods", "code": "FOODS"}
    agreed = {"policies": {"makesConsignments": "PACKING"}}
    far = {"defaultWarehouse": str(shop.world.far_warehouse.id)}
    changed = (await command(shop, "updateCustomer", CUSTOMER, **given, **agreed, **far)).only
    back = await command(
        shop, "updateCustomer", CUSTOMER, id=given["id"], version=2, defaultWarehouse=None
    )
    nothing = await command(
        shop, "updateCustomer", CUSTOMER, id=given["id"], version=3, name="Acme Foods"
    )

    assert changed["customer"]["name"] == "Acme Foods"
    assert changed["customer"]["code"] == "FOODS"
    assert changed["customer"]["policies"]["makesConsignments"] == "PACKING"
    assert changed["customer"]["defaultWarehouse"] == {"code": "PER"}
    assert back.only["customer"]["defaultWarehouse"] is None
    assert (nothing.only["replayed"], nothing.only["customer"]["version"]) == (True, 3)
    assert await audited(shop, live.id, "UPDATED") == [
        (
            "UPDATED",
            {
                "code": "ACME",
                "name": "Acme Pty Ltd",
                "defaultWarehouse": None,
                "policies": {"makesConsignments": None},
            },
            {
                "code": "FOODS",
                "name": "Acme Foods",
                "defaultWarehouse": far["defaultWarehouse"],
                "policies": {"makesConsignments": "PACKING"},
            },
        ),
        ("UPDATED", far, {"defaultWarehouse": None}),
    ]


async def test_a_stale_version_is_told_what_others_changed(shop: Shop) -> None:
    key = str(shop.world.live.id)
    await command(shop, "updateCustomer", id=key, version=1, name="Theirs")
    await command(shop, "deactivateCustomer", id=key)
    answer = await command(shop, "updateCustomer", id=key, version=1, name="Ours")

    assert answer.told == [("STALE_VERSION", "input.version")]
    assert answer.faults[0]["differences"] == [
        {"path": ["input", "name"], "stored": '"Theirs"', "given": '"Ours"'},
        {"path": ["input", "active"], "stored": "false", "given": None},
    ]
    assert (await Customer.get(tenant_id=shop.world.tenant.id, id=key)).name == "Theirs"


async def test_what_cannot_be_is_refused_and_changes_nothing(shop: Shop) -> None:
    key, theirs = str(shop.world.live.id), (await make_world("Elsewhere")).live.id
    same = {"id": key, "version": 1}
    asked: list[tuple[dict[str, Any], tuple[str, str]]] = [
        ({**same, "code": "ZEN"}, ("REFERENCE_TAKEN", "input.code")),
        ({**same, "name": " "}, ("REQUIRED", "input.name")),
        ({**same, "defaultWarehouse": NOBODY}, ("NOT_FOUND", "input.defaultWarehouse")),
        ({**same, "id": str(theirs), "name": "Ours"}, ("NOT_FOUND", "input.id")),
    ]
    for given, fault in asked:
        assert (await command(shop, "updateCustomer", **given)).told == [fault]
    missing = await command(shop, "updateCustomer", **same, code=None)

    assert missing.codes == ["BAD_INPUT"]
    assert (await Customer.get(tenant_id=shop.world.tenant.id, id=key)).version == 1


async def test_a_key_and_a_trial_are_safe(shop: Shop) -> None:
    given = {"code": "NEW", "name": "New"}
    by = await administrator(shop)
    tried = await command(shop, "createCustomer", CUSTOMER, by=by, **given, validateOnly=True)
    events = await AuditEvent.filter(tenant_id=shop.world.tenant.id).count()
    first = await command(shop, "createCustomer", CUSTOMER, by=by, **given, idempotencyKey="k")
    again = await command(shop, "createCustomer", CUSTOMER, by=by, **given, idempotencyKey="k")

    assert tried.only["customer"]["code"] == "NEW"
    assert again.only["replayed"]
    assert again.only["customer"] == first.only["customer"]
    assert await customers(shop.world) == 4
    assert await AuditEvent.filter(tenant_id=shop.world.tenant.id).count() == events + 1


# --- a client that adds customers ----------------------------------------------------------------


async def test_a_client_gains_the_customer_that_it_adds(shop: Shop) -> None:
    """It reads it back at once, and reaches it within a second; the call counts."""
    shown = await shop.world.client(ApiRole.ADD_CUSTOMER, name="CRM")
    by = await token_of(shown)
    answer = await command(shop, "createCustomer", CUSTOMER, by=by, code="NEW", name="New")
    made = answer.only["customer"]
    await asyncio.sleep(SOON)
    found = await shop.say("{ customers { edges { node { code } } } }", by=by)

    assert made["sandbox"] is False
    assert answer.calls == [("createCustomer", "COUNTED", 1)]
    assert [one["node"]["code"] for one in found.only["edges"]] == ["ACME", "NEW"]
    client = await ApiClient.get(tenant_id=shop.world.tenant.id, id=shown.client_id)
    held = sorted([str(shop.world.live.id), made["id"]])
    assert (await audited(shop, client.id, "UPDATED"))[-1] == (
        "UPDATED",
        {"customers": [str(shop.world.live.id)]},
        {"customers": held},
    )
    [event] = await AuditEvent.filter(tenant_id=shop.world.tenant.id, subject_id=made["id"])
    assert (event.actor, event.client_id) == (ActorKind.CLIENT, client.id)
    assert event.address == "192.0.2.1"


async def test_a_client_of_all_customers_holds_none_by_name(shop: Shop) -> None:
    by = await shop.world.token(ApiRole.ADD_CUSTOMER, all_customers=True)
    answer = await command(shop, "createCustomer", CUSTOMER, by=by, code="NEW", name="New")

    assert answer.only["customer"]["code"] == "NEW"
    assert not await ApiClientCustomer.filter(
        tenant_id=shop.world.tenant.id, customer_id=answer.only["customer"]["id"]
    ).exists()


async def test_a_client_adds_customers_of_the_kind_that_it_holds(shop: Shop) -> None:
    """Sandbox and live are never mixed, whoever adds."""
    live = await shop.world.token(ApiRole.ADD_CUSTOMER)
    trial = await shop.world.token(ApiRole.ADD_CUSTOMER, customers=[shop.world.sandbox.id])
    before = await customers(shop.world)
    given = {"code": "NEW", "name": "New"}
    mixed = [
        await command(shop, "createCustomer", by=live, **given, sandbox=True),
        await command(shop, "createCustomer", by=trial, **given, sandbox=False),
    ]
    made = await command(shop, "createCustomer", CUSTOMER, by=trial, **given)

    assert [one.told for one in mixed] == [[("INVALID", "input.sandbox")]] * 2
    assert made.only["customer"]["sandbox"] is True
    assert made.calls == [("createCustomer", "SANDBOX", 0)]
    assert await customers(shop.world) == before + 1


async def test_a_client_learns_nothing_of_what_it_does_not_reach(shop: Shop) -> None:
    by = await shop.world.token(ApiRole.ADD_CUSTOMER)
    far = str(shop.world.far_warehouse.id)
    answer = await command(
        shop, "createCustomer", by=by, code="ZEN", name="Zen", defaultWarehouse=far
    )

    assert sorted(answer.told) == [
        ("NOT_FOUND", "input.defaultWarehouse"),
        ("REFERENCE_TAKEN", "input.code"),
    ]
    assert [one["existing"] for one in answer.faults] == [None, None]
    assert answer.calls == [("createCustomer", "REFUSED", 0)]


# --- switched off --------------------------------------------------------------------------------


async def test_a_customer_that_is_switched_off_has_no_new_jobs_but_old_ones_are_finished(
    shop: Shop,
) -> None:
    order = (await shop.place()).only["outboundOrder"]
    announced = (await shop.announce()).only["inboundOrder"]
    booked = (await shop.book()).only["consignment"]
    key, by = str(shop.world.live.id), await administrator(shop)
    off = await command(shop, "deactivateCustomer", CUSTOMER, id=key)
    refused = [
        await shop.place(reference="NEXT"),
        await shop.announce(reference="NEXT"),
        await shop.book(reference="NEXT"),
        await shop.ask("products/add_a_product"),
    ]
    done = [
        await command(shop, "startPackingOutboundOrder", id=order["id"], version=1),
        await command(shop, "packOutboundOrder", id=order["id"], version=2),
        await command(shop, "dispatchOutboundOrder", id=order["id"], version=3),
        await command(shop, "cancelInboundOrder", by=shop.token, id=announced["id"]),
        await command(shop, "cancelConsignment", by=shop.token, id=booked["id"]),
    ]
    read = await shop.say("query($id: ID!) { outboundOrder(id: $id) { status } }", id=order["id"])
    again = await command(shop, "deactivateCustomer", by=by, id=key)
    on = await command(shop, "activateCustomer", CUSTOMER, id=key)

    assert off.only["customer"]["active"] is False
    assert [one.told for one in refused] == [[("INVALID", "input.customer")]] * 4
    assert [one.told for one in done] == [[]] * 5
    assert read.only == {"status": "DISPATCHED"}
    assert again.only["replayed"]
    assert (on.only["customer"]["active"], on.only["customer"]["version"]) == (True, 3)
    assert (await shop.place(reference="NEXT")).told == []
    assert [one[0] for one in await audited(shop, key)] == ["CREATED", "DEACTIVATED", "ACTIVATED"]


async def test_no_new_jobs_go_to_a_warehouse_that_is_switched_off(shop: Shop) -> None:
    key = str(shop.world.warehouse.id)
    await command(shop, "deactivateWarehouse", WAREHOUSE, id=key)
    refused = await shop.place(warehouse=key)
    await command(shop, "activateWarehouse", WAREHOUSE, id=key)

    assert refused.told == [("NOT_FOUND", "input.warehouse")]
    assert (await shop.place(warehouse=key)).told == []


# --- warehouses ----------------------------------------------------------------------------------


async def test_a_warehouse_is_added_and_changed(shop: Shop) -> None:
    plain = await command(shop, "createWarehouse", WAREHOUSE, code="BNE", name="Brisbane")
    key = plain.only["warehouse"]["id"]
    given = {"gln": "9312345678907", "timeZone": "Australia/Brisbane", "address": ADDRESS}
    changed = await command(shop, "updateWarehouse", WAREHOUSE, id=key, version=1, **given)
    without = await command(shop, "updateWarehouse", WAREHOUSE, id=key, version=2, address=None)
    stale = await command(shop, "updateWarehouse", WAREHOUSE, id=key, version=2, name="B")

    assert plain.only["warehouse"]["timeZone"] == "Australia/Sydney"
    assert changed.only["warehouse"] == {
        "id": key,
        "code": "BNE",
        "name": "Brisbane",
        "timeZone": "Australia/Brisbane",
        "gln": "9312345678907",
        "active": True,
        "version": 2,
        "address": {"company": None, "line1": "12 Dock Road", "city": "Botany"},
    }
    assert without.only["warehouse"]["address"] is None
    assert stale.told == [("STALE_VERSION", "input.version")]
    assert [one["path"] for one in stale.faults[0]["differences"]] == [["input", "address"]]
    _, first, _ = await audited(shop, key)
    assert first[2]["address"] == ADDRESS


async def test_a_place_that_nobody_finds_is_refused(shop: Shop) -> None:
    answer = await command(
        shop,
        "createWarehouse",
        code="SYD",
        name="",
        timeZone="Mars/Olympus",
        gln="9312345678908",
        address={"city": "Botany", "country": "XX"},
    )

    assert sorted(answer.told) == [
        ("INVALID", "input.address.country"),
        ("INVALID", "input.gln"),
        ("INVALID", "input.timeZone"),
        ("REFERENCE_TAKEN", "input.code"),
        ("REQUIRED", "input.address.line1"),
        ("REQUIRED", "input.name"),
    ]
    assert await Warehouse.filter(tenant_id=shop.world.tenant.id).count() == 2


async def test_they_are_read_by_id_and_count(shop: Shop) -> None:
    ids = {"customer": str(shop.world.live.id), "warehouse": str(shop.world.warehouse.id)}
    for kind, key in ids.items():
        read = await shop.say(f'{{ {kind}(id: "{key}") {{ code version }} }}')
        beyond = await shop.say(f'{{ {kind}(id: "{NOBODY}") {{ code }} }}')

        assert read.only["version"] == 1
        assert (read.outcomes, beyond.only) == (["COUNTED"], None)
    twin = await shop.say(
        "query($id: ID!) { customer(id: $id) { sandboxOf { code } } }",
        by=await administrator(shop),
        id=str(shop.world.sandbox.id),
    )
    assert twin.only == {"sandboxOf": {"code": "ACME"}}
