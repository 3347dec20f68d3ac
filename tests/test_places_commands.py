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
