"""The largest batches, sent again, by two at once, and beside everybody else."""

import asyncio
from collections import Counter
from decimal import Decimal
from time import monotonic
from typing import Any

import httpx
import pytest
import pytest_asyncio

import models
from models.database import rows
from models.orders import OutboundOrder
from models.stock import StockLevel
from models.words import ApiRole
from resolvers import products
from resolvers.verify import verify
from tests.asking import Answer, Shop, exact, open_shop, perform, shelve, staff, stock
from tests.faults_service import connected, migrated_world
from tests.processes import Serve

MOST = 500

PLACE = """mutation ($input: CreateOutboundOrdersInput!) {
  createOutboundOrders(input: $input) {
    entries {
      position outcome replayed
      outboundOrder { id reference status version }
      userErrors { code path existing available }
    }
    userErrors { code path }
    replayed count
  }
}"""

CANCEL = """mutation ($input: CancelOutboundOrderInput!) {
  cancelOutboundOrder(input: $input) { outboundOrder { status } userErrors { code } }
}"""

NOTED = {"calls", "api_clients", "credentials"}
"""What was answered, and who asked last, is noted there, whatever it was."""


@pytest_asyncio.fixture
async def shop(http: httpx.AsyncClient, world: Any) -> Shop:
    return await open_shop(http, world)


def batch(shop: Shop, number: int, first: int = 0) -> list[dict[str, Any]]:
    """So many orders of one line, by their references."""
    item = {"product": {"code": "TEA-500"}, "quantity": "1"}
    return [shop.order(reference=f"SO-{at}", items=[item]) for at in range(first, first + number)]


async def send(shop: Shop, orders: list[dict[str, Any]], **given: Any) -> Answer:
    return await shop.say(PLACE, input={"orders": orders, **given})


def outcomes(answer: Answer) -> Counter[str]:
    return Counter(entry["outcome"] for entry in answer.only["entries"])


async def everything() -> dict[str, list[str]]:
    """All rows that there are, but for the notes of calls."""
    tables = {
        table._meta.db_table
        for module in models.TABLES
        for table in vars(__import__(module, fromlist=["_"])).values()
        if hasattr(table, "_meta") and getattr(table._meta, "db_table", None)
    } - NOTED
    return {
        table: sorted(str(tuple(row)) for row in await rows(f"SELECT * FROM {table}"))
        for table in sorted(tables)
    }


@pytest.mark.parametrize("key", [None, "batch-1"])
async def test_the_same_batch_again_changes_and_counts_nothing(shop: Shop, key: str | None) -> None:
    given = {} if key is None else {"idempotencyKey": key}
    first = await send(shop, batch(shop, MOST), **given)
    before = await everything()

    again = await send(shop, batch(shop, MOST), **given)

    assert outcomes(first) == {"COUNTED": MOST}
    assert first.calls == [("createOutboundOrders", "COUNTED", MOST)]
    assert first.only["count"] == MOST
    assert outcomes(again) == {"REPLAYED": MOST}
    assert again.calls == [("createOutboundOrders", "REPLAYED", 0)]
    assert (again.only["count"], again.only["replayed"]) == (0, key is not None)
    assert ids(again) == ids(first)
    assert await everything() == before
    assert await shop.counted() == len(before["outbound_orders"]) == MOST
    assert [str(one) for one in await verify()] == []


def ids(answer: Answer) -> list[str]:
    return [entry["outboundOrder"]["id"] for entry in answer.only["entries"]]


async def test_entries_share_what_is_free(shop: Shop) -> None:
    """In their order: each sees what the ones before it took."""
    caller, world = await staff(shop.world), shop.world
    content = {"customer": world.live.id, "code": "LAMP", "name": "Lamp", "default_unit": "EA"}
    lamp = await perform(caller, "createProduct", exact(content), products.add)
    await shelve(caller, world.live.id, world.warehouse.id, {lamp: 5})
    wanted = [3, 3, 2, 1]
    entries = [
        shop.order(reference=f"L{at}", items=[{"product": {"id": str(lamp)}, "quantity": str(n)}])
        for at, n in enumerate(wanted)
    ]

    answer = await send(shop, entries)

    assert [entry["outcome"] for entry in answer.only["entries"]] == [
        "COUNTED", "REFUSED", "COUNTED", "REFUSED",
    ]  # fmt: skip
    assert [
        [(one["code"], one["available"]) for one in answer.only["entries"][at]["userErrors"]]
        for at in (1, 3)
    ] == [[("INSUFFICIENT_STOCK", "2")], [("INSUFFICIENT_STOCK", "0")]]
    level = await StockLevel.get(tenant_id=world.tenant.id, product_id=lamp)
    assert (level.quantity, level.allocated) == (Decimal(5), Decimal(5))
    assert [str(one) for one in await verify()] == []


async def test_trying_a_batch_touches_no_table_and_leaves_the_key_free(shop: Shop) -> None:
    [first, second, *_] = batch(shop, 3)
    await send(shop, [first])
    before = await everything()

    tried = await send(
        shop, [first, second, second | {"urgent": True}], validateOnly=True, idempotencyKey="k"
    )

    entries = tried.only["entries"]
    assert [entry["outcome"] for entry in entries] == ["PREFLIGHT", "PREFLIGHT", "REFUSED"]
    assert [entry["replayed"] for entry in entries] == [True, False, False]
    assert tried.only["count"] == 1
    assert tried.calls == [("createOutboundOrders", "PREFLIGHT", 0)]
    assert await everything() == before

    done = await send(shop, [first, second], idempotencyKey="k")
    assert outcomes(done) == {"REPLAYED": 1, "COUNTED": 1}


async def test_without_a_key_a_cancelled_order_is_placed_anew(shop: Shop) -> None:
    """It gave its reference back."""
    orders = batch(shop, 3)
    first = await send(shop, orders)
    gone = ids(first)[1]
    await shop.say(CANCEL, input={"id": gone})

    again = await send(shop, orders)

    assert [entry["outcome"] for entry in again.only["entries"]] == [
        "REPLAYED", "COUNTED", "REPLAYED",
    ]  # fmt: skip
    made = await OutboundOrder.get(tenant_id=shop.world.tenant.id, id=ids(again)[1])
    assert str(made.replaces_id) == gone  # type: ignore[attr-defined]
    assert again.only["count"] == 1
    assert [str(one) for one in await verify()] == []


@pytest.mark.parametrize("given", [{}, {"idempotencyKey": "k"}])
async def test_twins_at_once_place_every_order_once(shop: Shop, given: dict[str, str]) -> None:
    """In whichever order they meet, with references the other way round, too."""
    orders = batch(shop, 20)
    turned = orders if given else orders[::-1]

    answers = await asyncio.gather(send(shop, orders, **given), send(shop, turned, **given))

    assert sum((outcomes(one) for one in answers), Counter()) == {"COUNTED": 20, "REPLAYED": 20}
    assert sum(one.only["count"] for one in answers) == 20
    assert await shop.orders() == await shop.counted() == 20
    assert [str(one) for one in await verify()] == []


async def test_a_sandbox_batch_is_free(shop: Shop) -> None:
    world = shop.world
    token = await world.token(ApiRole.API_FULL_ACCESS, name="Sandbox", customers=[world.sandbox.id])
    caller = await staff(world)
    content = {"customer": world.sandbox.id, "code": "TOY", "name": "Toy", "default_unit": "EA"}
    toy = await perform(caller, "createProduct", exact(content), products.add)
    orders = [
        shop.order(
            reference=f"T{at}",
            customer=str(world.sandbox.id),
            items=[{"product": {"id": str(toy)}, "quantity": "1"}],
            draft=True,
        )
        for at in range(3)
    ]

    answer = await shop.say(PLACE, by=token, input={"orders": orders})

    assert outcomes(answer) == {"SANDBOX": 3}
    assert answer.only["count"] == 0
    assert await shop.counted() == 0


@pytest.mark.faults
async def test_nobody_waits_long_beside_a_batch(serve: Serve, database_url: str) -> None:
    """The largest batch, with one worker: who asks meanwhile is answered within 1.5 s."""
    world = await migrated_world(database_url)
    async with connected(database_url):
        token = await world.token(ApiRole.API_FULL_ACCESS)
        await stock(world, world.live.id)
    service = await serve()
    async with service.client() as http:
        shop = Shop(http, world, token, {"<customer>": str(world.live.id)})
        waited, over = [], asyncio.Event()

        async def bystander() -> None:
            async with service.client() as other:
                while not over.is_set():
                    asked = monotonic()
                    answer = await Shop(other, world, token).say("{ __typename }")
                    waited.append(monotonic() - asked)
                    assert answer.data == {"__typename": "Query"}

        beside = asyncio.create_task(bystander())
        answer = await send(shop, batch(shop, MOST))
        over.set()
        await beside

    assert outcomes(answer) == {"COUNTED": MOST}
    assert max(waited) < 1.5
