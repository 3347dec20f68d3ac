"""The demonstration: what is in it, and that it harms nothing."""

import json
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import httpx
import pytest

from models.consignments import Consignment, RateCard
from models.database import connect, disconnect
from models.database.migrations import migrate
from models.inbound import InboundOrder, InboundOrderOutcome
from models.orders import OutboundOrder, OutboundOrderOutcome
from models.products import Product
from models.stock import StockLevel
from models.tenants import Customer, Warehouse
from models.usage import LedgerRow
from models.words import (
    ApiRole,
    Condition,
    ConsignmentType,
    InboundStatus,
    OutboundStatus,
    Selection,
    ShortStockPolicy,
    StaffRole,
)
from resolvers import credentials, demo, staff, tenants
from resolvers.callers import load
from resolvers.contents import camel
from resolvers.credentials import token_hash
from resolvers.errors import Unauthenticated, UserErrors
from resolvers.faults import Faults
from resolvers.gs1 import check_gln, check_gtin
from resolvers.product_rules import check_fields
from resolvers.verify import verify
from server import demonstration
from tests.templates import Templates


async def fill() -> dict[str, Any]:
    await migrate()
    described, secrets = await demonstration.make(refresh_secrets=False)
    return demonstration.told(described, secrets, "http://dockgate.test")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(
    request: pytest.FixtureRequest, templates: Templates, tmp_path: Path
) -> Iterator[str]:
    """A database with the demonstration in it, which takes seconds to make."""
    with templates.copied(request.param, "demonstration", fill, tmp_path) as url:
        yield url


@pytest.fixture
def made(database: str, templates: Templates) -> dict[str, Any]:
    """What its maker was told."""
    return deepcopy(templates.told[database.partition(":")[0], "demonstration"])


def test_it_is_told_in_the_promised_form(made: dict[str, Any]) -> None:
    assert json.loads(json.dumps(made)) == made
    assert set(made) == {"graphql_url", "token_url", "tenants"}
    assert made["token_url"] == "http://dockgate.test/oauth/token"
    assert len(made["tenants"]) == 2
    for tenant in made["tenants"]:
        assert set(tenant) == {"id", "name", "customers", "warehouses", "clients"}
        assert [set(one) for one in tenant["customers"]] == [{"id", "name", "sandbox"}] * 4
        assert [one["sandbox"] for one in tenant["customers"]].count(True) == 1
        assert [set(one) for one in tenant["warehouses"]] == [{"id", "name"}] * 2
        for client in tenant["clients"]:
            assert set(client) == {
                *("id", "name", "client_id", "client_secret"),
                *("roles", "customers", "warehouses"),
            }
            assert client["client_secret"].startswith("dgs_")


async def test_its_clients_differ_in_reach(made: dict[str, Any]) -> None:
    for tenant in made["tenants"]:
        sandbox = [one["id"] for one in tenant["customers"] if one["sandbox"]]
        live = [one["id"] for one in tenant["customers"] if not one["sandbox"]]
        shop, reader, trial, full, catalogue, controlling = tenant["clients"]

        assert shop["roles"] == ["WMS_CREATE_JOBS"]
        assert len(shop["customers"]) == 1
        assert shop["customers"][0] in live
        assert reader["roles"] == ["WMS_VIEW_JOBS", "WMS_VIEW_STOCK"]
        assert reader["customers"] == live
        assert trial["customers"] == sandbox
        assert full["roles"] == ["API_FULL_ACCESS"]
        assert len(full["warehouses"]) == 2
        assert len(catalogue["warehouses"]) == 1
        token = await credentials.issue_token(
            controlling["client_id"], controlling["client_secret"], None
        )
        known = await load(token_hash(token.value) or "")
        assert known is not None
        assert known.caller.sees_tenant_usage
        assert known.caller.granted == (ApiRole.WMS_VIEW_JOBS,)


async def test_it_holds_six_weeks_of_work_and_no_calls(made: dict[str, Any]) -> None:
    for tenant in made["tenants"]:
        of = {"tenant_id": tenant["id"]}
        live = [one["id"] for one in tenant["customers"] if not one["sandbox"]]
        first = await OutboundOrder.filter(**of).order_by("created_at").first()
        last = await OutboundOrder.filter(**of).order_by("-created_at").first()

        assert await Product.filter(**of, customer_id__in=live).count() == 200
        placed = OutboundOrder.filter(**of, holds_reference=True)
        assert await placed.filter(customer_id__in=live).count() == 2_000
        assert await placed.count() == 2_000
        assert first is not None
        assert last is not None
        assert timedelta(days=41) < last.created_at - first.created_at <= timedelta(days=42)
        assert await LedgerRow.filter(**of).count() == 0
    assert await verify() == []


async def test_every_status_is_there_to_be_seen(made: dict[str, Any]) -> None:
    for tenant in made["tenants"]:
        of = {"tenant_id": tenant["id"]}
        orders, announced = OutboundOrder.filter(**of), InboundOrder.filter(**of)
        jobs = Consignment.filter(**of)

        assert {one.status for one in await orders} == set(OutboundStatus)
        assert {one.status for one in await announced} == set(InboundStatus)
        assert {one.type for one in await jobs} == set(ConsignmentType)
        assert len({one.status for one in await jobs}) >= 12
        for rests in (orders, announced):
            [*both] = await rests.filter(rest_of_id__not_isnull=True)
            assert {one.status for one in both} <= {"NOT_YET_RECEIVED", *OutboundStatus}
            assert both
        told = {one.code for one in await OutboundOrderOutcome.filter(**of)}
        assert told == {"AWAITS_STOCK", "ORDER_REJECTED", "SPLIT"}
        assert await InboundOrderOutcome.filter(**of).exists()


async def test_most_products_are_there_in_thousands_and_a_few_are_not(
    made: dict[str, Any],
) -> None:
    for tenant in made["tenants"]:
        levels = await StockLevel.filter(tenant_id=tenant["id"], condition=Condition.OK)
        free: dict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
        for one in levels:
            free[one.product_id, one.warehouse_id] += one.quantity - one.allocated
        products = await Product.filter(tenant_id=tenant["id"])
        standing = [
            free[product.id, UUID(warehouse["id"])]
            for product in products
            for warehouse in tenant["warehouses"]
        ]

        assert median(standing) > 1_000
        assert 0 < sum(one < 48 for one in standing) < len(standing) / 5
        assert len({one.condition for one in await StockLevel.filter(tenant_id=tenant["id"])}) > 2
        sandbox = [one["id"] for one in tenant["customers"] if one["sandbox"]]
        assert await StockLevel.filter(tenant_id=tenant["id"], customer_id__in=sandbox).exists()


async def test_its_products_are_ones_that_a_warehouse_would_take(made: dict[str, Any]) -> None:
    """What a client sends has to keep the same rules."""
    for product in await Product.filter(tenant_id=made["tenants"][0]["id"]):
        content, faults = json.loads(product.content), Faults()
        units = [
            {**unit, "base_quantity": Decimal(unit["base_quantity"])} for unit in content["units"]
        ]
        check_fields({**content, "low_stock_quantity": None}, faults)
        for unit in units:
            check_gtin(faults, unit.get("barcode"), "barcode")

        assert faults.errors == []
        assert len({unit.get("barcode") for unit in units}) == 3
        fresh = product.selection is Selection.FEFO
        assert (product.requires_batch, product.requires_expiry) == (fresh, fresh)


async def test_policies_differ_and_depots_have_addresses(made: dict[str, Any]) -> None:
    for tenant in made["tenants"]:
        customers = await Customer.filter(tenant_id=tenant["id"]).order_by("id")
        live = [one for one in customers if not one.sandbox]
        [twin] = [one for one in customers if one.sandbox]

        assert live[0].short_stock is ShortStockPolicy.AWAIT_STOCK
        assert twin.short_stock is live[0].short_stock
        assert len({one.short_stock for one in live}) == 3
        for depot in await Warehouse.filter(tenant_id=tenant["id"]):
            faults = Faults()
            check_gln(faults, depot.gln, "gln")
            assert faults.errors == []
            assert None not in (depot.address_line1, depot.address_city, depot.address_country)


async def test_its_people_are_let_in(http: httpx.AsyncClient, made: dict[str, Any]) -> None:
    for tenant in made["tenants"]:
        people = await staff.staff(UUID(tenant["id"]))
        assert {one.role for one in people} == set(StaffRole)
        for one in people:
            issued = await staff.issue_token(UUID(tenant["id"]), one.id)
            answer = await http.post(
                "/graphql",
                json={"query": "{ viewer { tenant { name } } }"},
                headers={"Authorization": f"Bearer {issued.value}"},
            )

            assert answer.json()["data"]["viewer"]["tenant"] == {"name": tenant["name"]}
        assert await RateCard.filter(tenant_id=tenant["id"]).count() == 1


async def test_doing_it_again_changes_and_shows_nothing(made: dict[str, Any]) -> None:
    described, secrets = await demonstration.make(refresh_secrets=False)
    again = demonstration.told(described, secrets, "http://dockgate.test")
    for tenant in [*made["tenants"], *again["tenants"]]:
        for client in tenant["clients"]:
            client["client_secret"] = None

    assert secrets == {}
    assert again == made


async def test_new_secrets_are_made_for_its_own_clients_alone(made: dict[str, Any]) -> None:
    from resolvers import clients

    tenant = made["tenants"][0]
    own = await clients.create(UUID(tenant["id"]), "Somebody's own", clients.Grant())
    await clients.activate(UUID(tenant["id"]), own.id)
    shown = await credentials.generate(UUID(tenant["id"]), own.id)
    _, secrets = await demonstration.make(refresh_secrets=True)

    old = tenant["clients"][0]
    with pytest.raises(Unauthenticated):
        await credentials.issue_token(old["client_id"], old["client_secret"], None)
    assert await credentials.issue_token(old["client_id"], secrets[UUID(old["id"])], None)
    assert own.id not in secrets
    assert await credentials.issue_token(str(own.id), shown.client_secret, None)


async def test_a_database_in_use_is_left_alone(engine_url: str) -> None:
    await connect(engine_url)
    await migrate()
    await tenants.create_tenant("Somebody", "EUR", "Europe/Berlin")
    described, secrets = await demonstration.make(refresh_secrets=False)
    with pytest.raises(UserErrors):
        await demo.fill()

    assert (described, secrets) == ([], {})
    assert len(await tenants.tenants()) == 1
    await disconnect()


AGAIN = """
mutation Again(
  $order: CreateOutboundOrderInput!
  $product: CreateProductInput!
  $announced: CreateInboundOrderInput!
  $carried: CreateConsignmentInput!
) {
  createOutboundOrder(input: $order) {
    replayed outboundOrder { id } userErrors { code path differences { path stored given } }
  }
  createProduct(input: $product) {
    replayed product { id } userErrors { code path differences { path stored given } }
  }
  createInboundOrder(input: $announced) {
    replayed inboundOrder { id } userErrors { code path differences { path stored given } }
  }
  createConsignment(input: $carried) {
    replayed consignment { id } userErrors { code path differences { path stored given } }
  }
}
"""


async def test_its_orders_and_products_are_known_again(
    http: httpx.AsyncClient, made: dict[str, Any]
) -> None:
    """They hold what a client would have sent, so the same reference again finds them."""
    tenant = made["tenants"][0]
    full = next(one for one in tenant["clients"] if "API_FULL_ACCESS" in one["roles"])
    token = await credentials.issue_token(full["client_id"], full["client_secret"], None)
    live = [one["id"] for one in tenant["customers"] if not one["sandbox"]]
    of = {"tenant_id": tenant["id"], "customer_id__in": live}
    order = await OutboundOrder.filter(**of, status="DISPATCHED").first()
    product = await Product.filter(**of).first()
    announced = await InboundOrder.filter(**of, status="ALLOCATED").first()
    carried = await Consignment.filter(**of, outbound_order_id=None, status="DELIVERED").first()
    assert order is not None
    assert product is not None
    assert announced is not None
    assert carried is not None
    variables = {
        "order": _as_input(json.loads(order.content)),
        "product": _as_input(json.loads(product.content)),
        "announced": _as_input(json.loads(announced.content)),
        "carried": _as_input(json.loads(carried.content)),
    }
    answer = await http.post(
        "/graphql",
        json={"query": AGAIN, "variables": variables},
        headers={"Authorization": f"Bearer {token.value}"},
    )

    data = answer.json()["data"]
    assert data["createOutboundOrder"] == {
        "replayed": True,
        "outboundOrder": {"id": str(order.id)},
        "userErrors": [],
    }
    assert data["createProduct"] == {
        "replayed": True,
        "product": {"id": str(product.id)},
        "userErrors": [],
    }
    assert data["createInboundOrder"] == {
        "replayed": True,
        "inboundOrder": {"id": str(announced.id)},
        "userErrors": [],
    }
    assert data["createConsignment"] == {
        "replayed": True,
        "consignment": {"id": str(carried.id)},
        "userErrors": [],
    }
    assert await LedgerRow.filter(tenant_id=tenant["id"]).count() == 0


def _as_input(content: Any) -> Any:
    """Stored content with its names as the schema spells them."""
    if isinstance(content, dict):
        return {camel(name): _as_input(value) for name, value in content.items()}
    return [_as_input(one) for one in content] if isinstance(content, list) else content
