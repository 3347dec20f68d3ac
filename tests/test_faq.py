"""Both examples of the FAQ, by real calls through the front door."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest_asyncio

from models.record import new_id
from models.usage import LedgerRow
from models.words import ApiRole, ShortStockPolicy
from resolvers import customers, plans, tenants, warehouses
from tests.books import quiet_zone
from tests.processes import ROOT, Serve
from tests.world import World

ALIASES = 15
"""As many as one document may have of one root field."""

PLACE = """mutation Place($input: CreateOutboundOrderInput!) {
  createOutboundOrder(input: $input) { outboundOrder { id } userErrors { code } replayed }
}"""
THREE = """mutation Three($one: CreateOutboundOrderInput!, $two: CreateOutboundOrderInput!,
    $bad: CreateOutboundOrderInput!) {
  one: createOutboundOrder(input: $one) { userErrors { code } }
  bad: createOutboundOrder(input: $bad) { userErrors { code } }
  two: createOutboundOrder(input: $two) { userErrors { code } }
}"""
STATEMENT = """{
  statement { week included used excess charge { amount currency } lines { field calls } }
  tenantUsage(groupBy: [CLIENT]) { calls rows { calls } }
  usage { calls }
}"""


@dataclass
class Client:
    """An API client at the front door, and what its answers said that it made."""

    http: httpx.AsyncClient
    token: str
    counted: int = 0
    outcomes: list[str] = field(default_factory=list)

    async def ask(self, query: str, *, by_get: bool = False, **variables: Any) -> Any:
        """Send one document; keeps what `extensions.usage` tells of its calls."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if by_get:
            asked = {"query": query, "variables": json.dumps(variables)}
            response = await self.http.get("/graphql", params=asked, headers=headers)
        else:
            body = {"query": query, "variables": variables}
            response = await self.http.post("/graphql", json=body, headers=headers)
        answer = response.json()
        calls = answer.get("extensions", {}).get("usage", {}).get("calls", [])
        self.counted += sum(call["count"] for call in calls)
        self.outcomes = [call["outcome"] for call in calls]
        return answer

    async def read(self, id: str, calls: int) -> None:
        """Make so many calls as fast as documents allow."""
        for at in range(0, calls, 3 * ALIASES):
            left = min(calls - at, 3 * ALIASES)
            fields = [f"a{n}: {ROOTS[n // ALIASES]} {{ id }}" for n in range(left)]
            answer = await self.ask(f"query Read($id: ID!) {{ {' '.join(fields)} }}", id=id)
            assert self.outcomes == ["COUNTED"] * left, answer


ROOTS = ("product(id: $id)", "node(id: $id)", "outboundOrder(id: $id)")


@dataclass
class Door:
    """A service with one operator behind it, whose week is not about to end."""

    world: World
    http: httpx.AsyncClient
    url: str

    async def client(self, *roles: ApiRole, **given: Any) -> Client:
        return Client(self.http, await self.world.token(*roles, **given))

    async def plan(self, **given: int) -> None:
        await plans.set_plan(self.world.tenant.id, **given)

    def order(self, reference: str, code: str = "TEA", **given: Any) -> dict[str, Any]:
        return {
            "customer": str(self.world.live.id),
            "reference": reference,
            "deliver": {"address": {"company": "Corner shop"}, "method": "PICKUP"},
            "items": [{"product": {"code": code}, "quantity": "1"}],
        } | given

    async def product(self, by: Client, customer: object = None) -> str:
        """Add a product: one call."""
        given = {"customer": str(customer or self.world.live.id), "code": "TEA", "name": "Tea"}
        answer = await by.ask(
            "mutation Add($input: CreateProductInput!) {"
            " createProduct(input: $input) { product { id } } }",
            input=given | {"defaultUnit": "EA"},
        )
        made: str = answer["data"]["createProduct"]["product"]["id"]
        return made

    def dockgate(self, *arguments: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "server", *arguments, "--json"],
            cwd=ROOT,
            env=os.environ | {"DOCKGATE_DATABASE_URL": self.url},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest_asyncio.fixture
async def door(database: str, serve: Serve) -> AsyncIterator[Door]:
    tenant = await tenants.create_tenant("Harbour 3PL", "AUD", quiet_zone())
    # Nobody puts goods on a shelf here: what is ordered waits for them, and is counted.
    live = await customers.create(
        tenant.id, "ACME", "Acme Pty Ltd", policies={"short_stock": ShortStockPolicy.AWAIT_STOCK}
    )
    depot = await warehouses.create(tenant.id, "SYD", "Sydney")
    sandbox = await customers.create(
        tenant.id, "ACME-TEST", "Acme (sandbox)", sandbox=True, sandbox_of=live.id
    )
    world = World(tenant, depot, depot, live, live, sandbox)
    serving = await serve()
    async with serving.client() as http:
        yield Door(world, http, database)


async def billed(door: Door, by: Client, *, included: int, used: int, charge: str) -> None:
    """The same in all places: what clients are told, what the host sees, and the ledger."""
    answer = (await by.ask(STATEMENT))["data"]
    statement, whole = answer["statement"], answer["tenantUsage"]
    of_host, usage = door.dockgate("statement"), door.dockgate("usage")

    excess = max(0, used - included)
    assert (statement["included"], statement["used"], statement["excess"]) == (
        included,
        used,
        excess,
    )
    assert statement["charge"] == {"amount": charge, "currency": "AUD"}
    assert sum(line["calls"] for line in statement["lines"]) == used
    assert (whole["calls"], sum(row["calls"] for row in whole["rows"])) == (used, used)
    assert answer["usage"]["calls"] == by.counted
    assert [of_host[name] for name in ("week", "included", "used", "excess", "amount")] == [
        *(statement[name] for name in ("week", "included", "used", "excess")),
        charge,
    ]
    assert (of_host["currency"], of_host["price"], of_host["closed"]) == ("AUD", "0.01", False)
    assert (usage["calls"], sum(row["calls"] for row in usage["rows"])) == (used, used)
    assert await LedgerRow.filter(tenant_id=door.world.tenant.id).count() == used
    assert door.dockgate("verify") == {"differences": []}


async def test_example_1_a_week_within_its_inclusion_costs_nothing(door: Door) -> None:
    """500 consignments and 250 warehouse orders include 3,750 calls; 1,200 are made."""
    await door.plan(consignments=500, warehouse_orders=250)
    shop = await door.client(
        *(ApiRole.WMS_CREATE_JOBS, ApiRole.WMS_ADD_PRODUCT), sees_tenant_usage=True
    )
    tea = await door.product(shop)  # 1

    await shop.read(tea, 1_199)

    assert shop.counted == 1_200
    await billed(door, shop, included=3_750, used=1_200, charge="0.00")


async def test_example_2_a_call_beyond_the_inclusion_costs_a_cent(door: Door) -> None:
    """1,000 warehouse orders include 5,000 calls; 6,200 are made, of every sort there is."""
    await door.plan(consignments=0, warehouse_orders=1_000)
    shop = await door.client(
        *(ApiRole.WMS_CREATE_JOBS, ApiRole.WMS_ADD_PRODUCT), sees_tenant_usage=True
    )
    reader = await door.client(ApiRole.WMS_VIEW_JOBS, name="Reader")
    trial = await door.client(
        *(ApiRole.WMS_CREATE_JOBS, ApiRole.WMS_ADD_PRODUCT),
        name="Trial",
        customers=[door.world.sandbox.id],
    )
    tea = await door.product(shop)

    # Orders one by one, then what is not counted beside them.
    for n in range(40):
        await shop.ask(PLACE, input=door.order(f"SO-{n}", idempotencyKey=f"key-{n}"))
    assert shop.counted == 1 + 40
    for n in range(20):
        await shop.ask(PLACE, input=door.order(f"SO-{n}", idempotencyKey=f"key-{n}"))
        assert shop.outcomes == ["REPLAYED"]
        await shop.ask(PLACE, input=door.order(f"SO-{n}"))
        assert shop.outcomes == ["REPLAYED"]
    for n in range(10):
        await shop.ask(PLACE, input=door.order(f"try-{n}", validateOnly=True))
        assert shop.outcomes == ["PREFLIGHT"]
        await shop.ask(PLACE, input=door.order(f"bad-{n}", code="COFFEE"))
        assert shop.outcomes == ["REFUSED"]
        await shop.ask(PLACE, input=door.order(f"SO-{n}", urgent=True))
        assert shop.outcomes == ["REFUSED"]  # the reference is taken
        await reader.ask(PLACE, input=door.order(f"no-right-{n}"))
        assert reader.outcomes == ["REFUSED"]
    for document in (
        "{ product(id: 1",
        "{ nothing }",
        "mutation { createOutboundOrder(input: {urgent: 3}) { replayed } }",
        f"{{ {' '.join(f'a{n}: product(id: 1) {{ id }}' for n in range(ALIASES + 1))} }}",
    ):
        await shop.ask(document)
        assert shop.outcomes == []
    assert (shop.counted, reader.counted) == (41, 0)

    # Some by some: three root fields of a mutation of which one is refused, 10 times.
    for n in range(10):
        await shop.ask(
            THREE,
            one=door.order(f"one-{n}"),
            two=door.order(f"two-{n}"),
            bad=door.order(f"bad-{n}", code="COFFEE"),
        )
        assert shop.outcomes == ["COUNTED", "REFUSED", "COUNTED"]
    assert shop.counted == 41 + 20

    # By GET, one by one; an id that nobody knows is an answer too.
    for _ in range(100):
        await reader.ask("query Q($id: ID!) { product(id: $id) { id } }", by_get=True, id=tea)
    for _ in range(9):
        answer = await reader.ask(
            "query Q($id: ID!) { product(id: $id) { id } }", by_get=True, id=str(new_id())
        )
        assert (answer["data"], reader.outcomes) == ({"product": None}, ["COUNTED"])
    await reader.ask(PLACE, by_get=True, input=door.order("by-get"))
    assert reader.counted == 100 + 9

    # Five root fields that count, two that do not, and one that is left out.
    for _ in range(30):
        await reader.ask(
            """query Many($id: ID!, $no: Boolean = false) {
              viewer { client { id } } usage { calls } __typename
              product(id: $id) { name } products(first: 1) { totalCount }
              outboundOrders(first: 2) { edges { node { reference } } }
              customers { edges { node { code } } } ...More
              skipped: warehouses @include(if: $no) { totalCount }
            }
            fragment More on Query { warehouses { totalCount } }""",
            id=tea,
        )
        assert reader.outcomes == ["COUNTED"] * 5
    await reader.ask("{ __schema { queryType { name } } }")
    await reader.ask("{ viewer { roles } }")
    assert reader.counted == 109 + 150

    # For trying things out, everything is free.
    coffee = await door.product(trial, door.world.sandbox.id)
    for n in range(10):
        given = door.order(f"SO-{n}", customer=str(door.world.sandbox.id))
        await trial.ask(PLACE, input=given)
        await trial.ask("query Q($id: ID!) { product(id: $id) { id } }", id=coffee)
        assert trial.outcomes == ["SANDBOX"]
    assert trial.counted == 0

    # The rest, 45 to a document: 61 + 259 were made.
    await shop.read(tea, 2_000)
    await reader.read(tea, 3_880)

    assert (shop.counted, reader.counted) == (2_061, 4_139)
    await billed(door, shop, included=5_000, used=6_200, charge="12.00")
