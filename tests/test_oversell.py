"""No piece is sold twice: fifty clients want the last ten at once, from four workers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from models.orders import OutboundOrder
from models.stock import StockLevel
from models.tenants import Customer
from models.usage import LedgerRow
from models.words import ApiRole, ShortStockPolicy
from resolvers import products
from tests.asking import exact, perform, shelve, staff
from tests.faults_service import RIGHT, Service, connected, migrated_world
from tests.world import World

CLIENTS = 50
LAST = 10

PLACE = """mutation ($input: CreateOutboundOrderInput!) {
  createOutboundOrder(input: $input) {
    outboundOrder { id status items { quantity } rests { id } outcomes { code } }
    userErrors { code available }
  }
}"""

TO = {"company": "Cafe", "line1": "1 Pitt St", "city": "Sydney", "country": "AU"}


@dataclass
class Rush:
    """A service that many clients order from at once."""

    service: Service
    world: World
    tokens: Sequence[str]

    async def place(self, lines: Sequence[Mapping[str, int]]) -> list[Any]:
        """One order by each client, all at the same moment; what each was told."""
        gate = asyncio.Event()
        limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
        async with httpx.AsyncClient(
            base_url=self.service.origin, timeout=60, limits=limits
        ) as http:
            sent = [
                asyncio.create_task(self._one(http, gate, number, lines[number % len(lines)]))
                for number in range(CLIENTS)
            ]
            # Each has its connection, so that none is late for it.
            await asyncio.gather(*(http.get("/readyz") for _ in range(CLIENTS)))
            gate.set()
            return await asyncio.gather(*sent)

    async def _one(
        self, http: httpx.AsyncClient, gate: asyncio.Event, number: int, line: Mapping[str, int]
    ) -> Any:
        await gate.wait()
        given = {
            "customer": str(self.world.live.id),
            "reference": f"R{number}",
            "deliver": {"address": TO},
            "items": [
                {"product": {"code": code}, "quantity": str(quantity)}
                for code, quantity in line.items()
            ],
        }
        answer = await http.post(
            "/graphql",
            json={"query": PLACE, "variables": {"input": given}},
            headers={"Authorization": f"Bearer {self.tokens[number % len(self.tokens)]}"},
        )
        body = answer.json()
        assert "errors" not in body, body
        return body["data"]["createOutboundOrder"]

    async def set_policy(self, policy: ShortStockPolicy | None) -> None:
        async with connected(self.service.url):
            await Customer.filter(tenant_id=self.world.tenant.id).update(short_stock=policy)

    async def books(self) -> tuple[dict[str, tuple[Decimal, Decimal]], Counter[str], int]:
        """Stock by product (there, taken), orders by status, and calls that were counted."""
        tenant = self.world.tenant.id
        async with connected(self.service.url):
            levels = await StockLevel.filter(tenant_id=tenant)
            orders = await OutboundOrder.filter(tenant_id=tenant)
            counted = await LedgerRow.filter(tenant_id=tenant).count()
        return (
            {one.product_code: (one.quantity, one.allocated) for one in levels},
            Counter(order.status for order in orders),
            counted,
        )


@pytest_asyncio.fixture
async def rush(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> AsyncIterator[Rush]:
    service = Service(database_url, tmp_path, workers=getattr(request, "param", 2))
    world = await migrated_world(database_url)
    async with connected(database_url):
        caller = await staff(world)
        for code in ("LAMP", "SHADE"):
            content = {"customer": world.live.id, "code": code, "name": code, "default_unit": "EA"}
            made = await perform(caller, "createProduct", exact(content), products.add)
            await shelve(caller, world.live.id, world.warehouse.id, {made: LAST})
        tokens = [
            await world.token(ApiRole.WMS_CREATE_JOBS, name=f"Client {number}")
            for number in range(CLIENTS // 5)
        ]
    await service.start()
    yield Rush(service, world, tokens)
    service.stop()


@pytest.mark.parametrize("rush", [4], indirect=True)
async def test_of_fifty_ten_get_the_last_ten_and_forty_are_told(rush: Rush) -> None:
    told = await rush.place([{"LAMP": 1}])

    refused = [one["userErrors"] for one in told if one["userErrors"]]
    levels, orders, counted = await rush.books()
    assert refused == [[{"code": "INSUFFICIENT_STOCK", "available": "0"}]] * (CLIENTS - LAST)
    assert orders == {"AWAITING_PICK_AND_PACK": LAST}
    assert levels["LAMP"] == (LAST, LAST)
    assert counted == LAST
    assert rush.service.verify() == RIGHT


async def test_with_a_policy_forty_wait(rush: Rush) -> None:
    await rush.set_policy(ShortStockPolicy.AWAIT_STOCK)

    told = await rush.place([{"LAMP": 1}])

    waiting = [one["outboundOrder"] for one in told if one["outboundOrder"]["outcomes"]]
    levels, orders, counted = await rush.books()
    assert all(one["status"] == "AWAITING_STOCK" for one in waiting)
    assert orders == {"AWAITING_PICK_AND_PACK": LAST, "AWAITING_STOCK": CLIENTS - LAST}
    assert levels["LAMP"] == (LAST, LAST)
    assert counted == CLIENTS
    assert rush.service.verify() == RIGHT


@pytest.mark.faults
@pytest.mark.parametrize("policy", [ShortStockPolicy.SPLIT, ShortStockPolicy.TAKE_AVAILABLE])
async def test_all_of_it_is_given_out_and_no_more(rush: Rush, policy: ShortStockPolicy) -> None:
    await rush.set_policy(policy)

    told = await rush.place([{"LAMP": 3}])

    standing = [
        one["outboundOrder"]
        for one in told
        if one["outboundOrder"]["status"] == "AWAITING_PICK_AND_PACK"
    ]
    given = sum(Decimal(line["quantity"]) for one in standing for line in one["items"])
    levels, _, counted = await rush.books()
    assert given == LAST
    assert levels["LAMP"] == (LAST, LAST)
    assert counted == CLIENTS
    assert rush.service.verify() == RIGHT


async def test_lines_in_opposite_order_hold_nobody_up(rush: Rush) -> None:
    """Two products, taken from either end: whoever locks them must not wait in a circle."""
    told = await rush.place([{"LAMP": 1, "SHADE": 1}, {"SHADE": 1, "LAMP": 1}])

    levels, orders, counted = await rush.books()
    assert orders == {"AWAITING_PICK_AND_PACK": LAST}
    assert levels == {"LAMP": (LAST, LAST), "SHADE": (LAST, LAST)}
    assert counted == LAST
    assert sum(not one["userErrors"] for one in told) == LAST
    assert rush.service.verify() == RIGHT
