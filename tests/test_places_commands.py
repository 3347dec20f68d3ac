"""Customers with their policies, and warehouses that carriers find, as the host types them."""

from typing import Any

import httpx
import pytest

from models.words import ConsignmentTrigger, ShortStockPolicy
from resolvers import customers, warehouses
from resolvers.administration import by_hand
from resolvers.audit import Actor
from tests.asking import Shop, open_shop
from tests.test_cli import Dockgate
from tests.world import World

TENANT = ("--name", "Harbour", "--currency", "AUD", "--time-zone", "Australia/Sydney")
ACME = ("--code", "ACME", "--name", "Acme")
SYDNEY = ("--code", "SYD", "--name", "Sydney")
ADDRESS = ("--line1", "12 Dock Road", "--city", "Botany", "--country", "AU")


@pytest.fixture
def dockgate(database_url: str) -> Dockgate:
    known = Dockgate(database_url)
    known.json("tenant", "create", *TENANT)
    return known


def policies(of: dict[str, Any]) -> list[str]:
    return [of[name] for name in ("short_stock", "unknown_product", "unknown_unit", "consignments")]


def test_a_new_customer_awaits_stock_and_refuses_the_rest(dockgate: Dockgate) -> None:
    """Nothing is lost, and nothing is sold twice."""
    made = dockgate.json("customer", "create", *ACME)

    assert policies(made) == ["AWAIT_STOCK", "REFUSE", "REFUSE", "NONE"]


def test_policies_are_set_and_taken_back_one_by_one(dockgate: Dockgate) -> None:
    made = dockgate.json(
        *("customer", "create", *ACME, "--short-stock", "REFUSE"),
        *("--unknown-product", "REJECT", "--unknown-unit", "USE_DEFAULT"),
        *("--consignments", "PACKING"),
    )
    depot = dockgate.json("warehouse", "create", *SYDNEY)
    changed = dockgate.json(
        *("customer", "update", "--code", "ACME", "--short-stock", "SPLIT"),
        *("--unknown-product", "REFUSE", "--default-warehouse", depot["id"]),
    )
    named = dockgate.json("customer", "update", "--code", "ACME", "--name", "Acme Pty Ltd")

    assert policies(made) == ["REFUSE", "REJECT", "USE_DEFAULT", "PACKING"]
    assert made["default_warehouse"] is None
    assert policies(changed) == ["SPLIT", "REFUSE", "USE_DEFAULT", "PACKING"]
    assert named == changed | {"name": "Acme Pty Ltd"}
    assert named["default_warehouse"] == depot["id"]
    assert dockgate.json("customer", "list") == [named]


def test_a_twin_goes_by_the_policies_of_its_original(dockgate: Dockgate) -> None:
    depot = dockgate.json("warehouse", "create", *SYDNEY)
    live = dockgate.json(
        *("customer", "create", *ACME, "--short-stock", "REFUSE", "--unknown-unit", "DROP_LINE"),
        *("--default-warehouse", depot["id"]),
    )
    twin = dockgate.json(
        *("customer", "create", "--code", "ACME-T", "--name", "Acme (try)"),
        *("--sandbox-of", live["id"], "--unknown-product", "REJECT"),
    )

    assert policies(twin) == ["REFUSE", "REJECT", "DROP_LINE", "NONE"]
    assert twin["default_warehouse"] == depot["id"]


def test_a_warehouse_has_a_number_and_an_address(dockgate: Dockgate) -> None:
    made = dockgate.json("warehouse", "create", *SYDNEY, "--gln", "9312345678907", *ADDRESS)
    changed = dockgate.json(
        "warehouse", "update", "--code", "SYD", "--phone", "+61 2 5550 1234", "--line1", "14 Dock"
    )

    assert (made["gln"], made["line1"], made["country"]) == ("9312345678907", "12 Dock Road", "AU")
    assert changed == made | {"phone": "+61 2 5550 1234", "line1": "14 Dock"}
    assert dockgate.json("warehouse", "list") == [changed]


def test_what_cannot_be_is_refused_and_changes_nothing(dockgate: Dockgate) -> None:
    nobody = "01930000-0000-7000-8000-999999999999"
    customer = dockgate.json("customer", "create", *ACME)
    depot = dockgate.json("warehouse", "create", *SYDNEY)
    refused = [
        dockgate("customer", "update", "--code", "NOBODY", "--name", "Who"),
        dockgate("customer", "update", "--code", "ACME", "--default-warehouse", nobody),
        dockgate("customer", "update", "--code", "ACME", "--name", " "),
        dockgate("warehouse", "update", "--code", "NOWHERE", "--name", "Where"),
        dockgate("warehouse", "update", "--code", "SYD", "--gln", "9312345678908"),
        dockgate("warehouse", "update", "--code", "SYD", "--city", "Botany"),
        dockgate("warehouse", "update", "--code", "SYD", *ADDRESS[:-1], "Atlantis"),
    ]
    mistaken = [
        dockgate("customer", "update", "--code", "ACME", "--short-stock", "PERHAPS"),
        dockgate("customer", "create", "--code", "B", "--name", "B", "--consignments", "REFUSE"),
    ]

    assert [done.returncode for done in refused] == [1] * 7
    assert [[line.partition(":")[0] for line in done.stderr.splitlines()] for done in refused] == [
        ["code"],
        ["defaultWarehouse"],
        ["name"],
        ["code"],
        ["gln"],
        ["line1", "country"],
        ["country"],
    ]
    assert "would end with 7" in refused[4].stderr
    assert [done.returncode for done in mistaken] == [2] * 2
    assert "TAKE_AVAILABLE" in mistaken[0].stderr
    assert dockgate.json("customer", "list") == [customer]
    assert dockgate.json("warehouse", "list") == [depot]


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world)


async def test_they_are_read_in_graphql(shop: Shop) -> None:
    """By whoever works for the customer: it explains what became of an order."""
    tenant_id = shop.world.tenant.id
    asked = """{
      customers { edges { node {
        code policies { shortStock unknownProduct unknownUnit makesConsignments } } } }
      warehouses { edges { node { code gln address { company line1 country } } } }
    }"""
    before = (await shop.say(asked)).data
    host = Actor.host(tenant_id)
    agreed = {
        "short_stock": ShortStockPolicy.SPLIT,
        "makes_consignments": ConsignmentTrigger.CREATION,
    }
    changed = {"id": shop.world.live.id, "version": 1, "policies": agreed}
    await by_hand(host, changed, customers.edit)
    address = {"line1": "12 Dock Road", "city": "Botany", "country": "AU"}
    found = {"gln": "9312345678907", "address": address}
    changed = {"id": shop.world.warehouse.id, "version": 1, **found}
    await by_hand(host, changed, warehouses.edit)
    after = (await shop.say(asked)).data

    nothing = dict.fromkeys(
        ("shortStock", "unknownProduct", "unknownUnit", "makesConsignments"), None
    )
    assert nodes(before["customers"]) == [{"code": "ACME", "policies": nothing}]
    assert nodes(before["warehouses"]) == [{"code": "SYD", "gln": None, "address": None}]
    assert nodes(after["customers"]) == [
        {
            "code": "ACME",
            "policies": nothing | {"shortStock": "SPLIT", "makesConsignments": "CREATION"},
        }
    ]
    assert nodes(after["warehouses"]) == [
        {
            "code": "SYD",
            "gln": "9312345678907",
            "address": {"company": None, "line1": "12 Dock Road", "country": "AU"},
        }
    ]


def nodes(connection: Any) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]


def test_customers_and_depots_are_switched_off_and_on(dockgate: Dockgate) -> None:
    made = dockgate.json("customer", "create", *ACME)
    depot = dockgate.json("warehouse", "create", *SYDNEY)
    off = dockgate.json("customer", "deactivate", "--code", "ACME")
    on = dockgate.json("customer", "activate", "--code", "ACME")
    shut = dockgate.json("warehouse", "deactivate", "--code", "SYD")
    opened = dockgate.json("warehouse", "activate", "--code", "SYD")
    renamed = dockgate.json("customer", "update", "--code", "ACME", "--new-code", "FOODS")

    assert (off, on) == (made | {"active": False}, made)
    assert (shut, opened) == (depot | {"active": False}, depot)
    assert renamed == made | {"code": "FOODS"}


def test_a_client_goes_from_a_copy_to_the_real_customer(dockgate: Dockgate) -> None:
    """And the audit log tells all of it."""
    live = dockgate.json("customer", "create", *ACME)
    twin = dockgate.json("customer", "sandbox", "--code", "ACME")
    second = dockgate("customer", "sandbox", "--code", "ACME")
    client = dockgate.json(
        "client", "create", "--name", "Shop", "--customer", twin["id"], "--role", "WMS_CREATE_JOBS"
    )
    key = client["id"]
    went = dockgate.json("client", "go-live", "--client", key)
    again = dockgate("client", "go-live", "--client", key)
    told = dockgate.json("audit", "list", "--kind", "CUSTOMER", "--limit", "2")
    nothing = dockgate.json("audit", "list", "--since", "2100-01-01", "--actor", "HOST")
    mistaken = dockgate("audit", "list", "--action", "LOST")

    assert (twin["code"], twin["name"], twin["sandbox"]) == ("ACME-TEST", "Acme (sandbox)", True)
    assert (second.returncode, second.stderr.partition(":")[0]) == (1, "of")
    assert went == [
        {"sandbox": "ACME-TEST", "live": "ACME", "customer": live["id"], "also_held_by": []}
    ]
    assert (again.returncode, again.stderr.partition(":")[0]) == (1, "client")
    assert [(one["action"], one["name"], one["actor"]) for one in told] == [
        ("DEACTIVATED", "Acme (sandbox)", "HOST"),
        ("SANDBOX_CREATED", "Acme (sandbox)", "HOST"),
    ]
    assert (told[0]["before"], told[0]["after"]) == ({"active": True}, {"active": False})
    assert nothing == []
    assert mistaken.returncode == 2


def test_a_person_is_renamed_and_let_in_again(dockgate: Dockgate) -> None:
    sam = ("--email", "sam@harbour.test")
    made = dockgate.json("staff", "create", *sam, "--name", "Sam", "--role", "OPERATOR")
    changed = dockgate.json(
        *("staff", "update", *sam, "--name", "Samantha", "--role", "ADMINISTRATOR"),
        *("--new-email", "Samantha@harbour.test"),
    )
    new = ("--email", "samantha@harbour.test")
    last = dockgate("staff", "deactivate", *new)
    again = dockgate.json("staff", "activate", *new)

    assert changed["email"] == "samantha@harbour.test"
    assert {name for name in made if made[name] != changed[name]} >= {"email", "name", "role"}
    assert (last.returncode, "last active administrator" in last.stderr) == (1, True)
    assert again == changed
