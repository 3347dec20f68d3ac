"""What a kill leaves of a batch, and of goods that are being received: all of it or nothing."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from models.orders import OutboundOrder
from models.stock import StockLevel
from models.usage import LedgerRow
from models.words import ApiRole
from resolvers import products
from tests.asking import exact, perform, shelve, staff
from tests.faults_service import RIGHT, Service, connected, migrated_world
from tests.world import World

ENTRIES = 120
TO = {"company": "Cafe", "line1": "1 Pitt St", "city": "Sydney", "country": "AU"}

BATCH = """mutation ($input: CreateOutboundOrdersInput!) {
  createOutboundOrders(input: $input) {
    entries { outcome replayed outboundOrder { id } userErrors { code } }
    userErrors { code }
    count
  }
}"""

ANNOUNCE = """mutation ($input: CreateInboundOrderInput!) {
  createInboundOrder(input: $input) { inboundOrder { id } userErrors { code path message } }
}"""

STEPS = {
    "receiveInboundOrder": "ReceiveInboundOrderInput",
    "verifyInboundOrder": "VerifyInboundOrderInput",
    "putAwayInboundOrder": "PutAwayInboundOrderInput",
}


@dataclass
class Trade:
    """A service that is killed, a shop that sends, and a person who receives."""

    service: Service
    world: World
    shop: str
    person: str
    dice: random.Random = field(default_factory=lambda: random.Random(8))  # noqa: S311

    async def ask(self, document: str, by: str, given: Any) -> Any:
        """One request and its answer."""
        async with httpx.AsyncClient(base_url=self.service.origin, timeout=60) as http:
            answer = await http.post(
                "/graphql",
                json={"query": document, "variables": {"input": given}},
                headers={"Authorization": f"Bearer {by}"},
            )
        body = answer.json()
        assert "errors" not in body, body
        [value] = body["data"].values()
        return value

    async def cut_off(self, document: str, by: str, given: Any, most: float) -> Any:
        """The same with a kill at some moment in it; None if the answer was lost."""
        asked = asyncio.create_task(self.ask(document, by, given))
        await asyncio.sleep(self.dice.uniform(0.01, most))
        await self.service.kill()
        try:
            answer = await asked
        except httpx.TransportError:
            answer = None
        await self.service.start()
        return answer

    async def stock(self) -> tuple[Decimal, Decimal]:
        """What stands there of everything, and what is announced."""
        async with connected(self.service.url):
            levels = await StockLevel.filter(tenant_id=self.world.tenant.id)
        nothing = Decimal(0)
        return (
            sum((one.quantity for one in levels), nothing),
            sum((one.incoming for one in levels), nothing),
        )


@pytest_asyncio.fixture
async def trade(database_url: str, tmp_path: Path) -> AsyncIterator[Trade]:
    service = Service(database_url, tmp_path)
    world = await migrated_world(database_url)
    async with connected(database_url):
        caller = await staff(world)
        content = {"customer": world.live.id, "code": "LAMP", "name": "Lamp", "default_unit": "EA"}
        made = await perform(caller, "createProduct", exact(content), products.add)
        await shelve(caller, world.live.id, world.warehouse.id, {made: 100_000})
        shop = await world.token(ApiRole.WMS_CREATE_JOBS)
        person = await world.staff_token()
    await service.start()
    yield Trade(service, world, shop, person)
    service.stop()


def batch(world: World, number: int, key: str | None) -> dict[str, Any]:
    orders = [
        {
            "customer": str(world.live.id),
            "reference": f"B{number}-{at}",
            "deliver": {"address": TO},
            "items": [{"product": {"code": "LAMP"}, "quantity": "1"}],
        }
        for at in range(ENTRIES)
    ]
    return {"orders": orders, **({"idempotencyKey": key} if key else {})}


async def send_through_kills(trade: Trade, *, batches: int, most: float) -> int:
    """Send batches with a kill in each, every other with a key; how many answers were lost."""
    lost = 0
    for number in range(batches):
        given = batch(trade.world, number, f"batch-{number}" if number % 2 else None)
        first = await trade.cut_off(BATCH, trade.shop, given, most)
        lost += first is None
        again = await trade.ask(BATCH, trade.shop, given)

        assert [one["userErrors"] for one in again["entries"]] == [[]] * ENTRIES
        outcomes = {one["outcome"] for one in again["entries"]}
        if first is not None:
            assert first["count"] == ENTRIES
            assert outcomes == {"REPLAYED"}
        else:
            # All of it or nothing: never some of them.
            assert outcomes in ({"COUNTED"}, {"REPLAYED"})
    async with connected(trade.service.url):
        tenant = trade.world.tenant.id
        assert await OutboundOrder.filter(tenant_id=tenant).count() == batches * ENTRIES
        assert await LedgerRow.filter(tenant_id=tenant).count() == batches * ENTRIES
    assert trade.service.verify() == RIGHT
    return lost


async def receive_through_kills(trade: Trade, *, orders: int, most: float) -> None:
    """Receive, verify and put away with a kill in each step; what stands there then."""
    for number in range(orders):
        before, _ = await trade.stock()
        given = {
            "customer": str(trade.world.live.id),
            "warehouse": str(trade.world.warehouse.id),
            "reference": f"PO-{number}",
            "items": [{"product": {"code": "LAMP"}, "quantity": "7"}],
        }
        announced = (await trade.ask(ANNOUNCE, trade.shop, given))["inboundOrder"]
        for version, (step, kind) in enumerate(STEPS.items(), start=1):
            document = f"""mutation ($input: {kind}!) {{
              {step}(input: $input) {{ inboundOrder {{ status version }} userErrors {{ code }} }}
            }}"""
            key = f"{step}-{number}"
            asked = {"id": announced["id"], "version": version, "idempotencyKey": key}
            await trade.cut_off(document, trade.person, asked, most)
            again = await trade.ask(document, trade.person, asked)
            assert again["userErrors"] == []
            assert again["inboundOrder"]["version"] == version + 1
        assert await trade.stock() == (before + 7, 0)
    assert trade.service.verify() == RIGHT


async def test_a_kill_inside_a_batch_leaves_all_of_it_or_nothing(trade: Trade) -> None:
    await send_through_kills(trade, batches=2, most=0.5)


async def test_a_kill_between_receiving_and_putting_away_loses_nothing(trade: Trade) -> None:
    await receive_through_kills(trade, orders=1, most=0.05)


@pytest.mark.faults
@pytest.mark.timeout(600)
async def test_nor_do_many_kills_inside_batches(trade: Trade) -> None:
    assert await send_through_kills(trade, batches=12, most=0.8) > 2


@pytest.mark.faults
@pytest.mark.timeout(600)
async def test_nor_do_many_kills_while_goods_are_received(trade: Trade) -> None:
    await receive_through_kills(trade, orders=6, most=0.08)
