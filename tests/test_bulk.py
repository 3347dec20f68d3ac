"""Batches: each entry is taken, found again or refused by itself, and counted by itself."""

from typing import Any

import httpx
import pytest

from models.database import rows
from models.ledger import entries_piece
from tests.asking import Answer, Shop, open_shop
from tests.world import World

BATCH = """mutation ($input: CreateOutboundOrdersInput!) {
  createOutboundOrders(input: $input) {
    entries {
      position outcome replayed
      outboundOrder { id reference status }
      userErrors { code path existing differences { path } }
      outcomes { code path }
    }
    userErrors { code path message }
    replayed
    count
  }
}"""


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world)


async def send(shop: Shop, *orders: dict[str, Any], by: str | None = None, **more: Any) -> Answer:
    return await shop.say(BATCH, by=by, input={"orders": orders, **more})


def told(answer: Answer) -> list[tuple[str | None, bool, list[str]]]:
    """Outcome, whether it is a repeat, and the codes of each entry."""
    return [
        (one["outcome"], one["replayed"], [error["code"] for error in one["userErrors"]])
        for one in answer.only["entries"]
    ]


async def everything(shop: Shop) -> list[int]:
    """How many rows there are of all that a batch can write."""
    tables = (
        "outbound_orders outbound_order_items outbound_order_events stock_movements ledger"
        " idempotency_keys"
    )
    return [
        int(count)
        for table in tables.split()
        for [count] in await rows(
            f"SELECT count(*) FROM {table} WHERE tenant_id = '{shop.world.tenant.id}'"
        )
    ]


async def test_the_same_batch_again_changes_and_counts_nothing(shop: Shop) -> None:
    orders = [shop.order(reference=f"B-{number}") for number in range(20)]
    first = await send(shop, *orders)
    before = await everything(shop)

    again = await send(shop, *orders)

    assert told(first) == [("COUNTED", False, [])] * 20
    assert first.calls == [("createOutboundOrders", "COUNTED", 20)]
    assert first.only["count"] == 20
    assert told(again) == [("REPLAYED", True, [])] * 20
    assert again.calls == [("createOutboundOrders", "REPLAYED", 0)]
    assert again.only["count"] == 0
    assert [one["outboundOrder"] for one in again.only["entries"]] == [
        one["outboundOrder"] for one in first.only["entries"]
    ]
    assert await everything(shop) == before


async def test_each_entry_has_its_own_outcome(shop: Shop) -> None:
    await shop.place(reference="OLD")
    await shop.place(reference="TAKEN")

    answer = await send(
        shop,
        shop.order(reference="NEW"),
        shop.order(reference="OLD"),
        shop.order(reference="TAKEN", urgent=True),
        shop.order(reference="BAD", items=[{"product": {"code": "NOSUCH"}, "quantity": "1"}]),
        shop.order(reference="NEW"),
    )

    assert told(answer) == [
        ("COUNTED", False, []),
        ("REPLAYED", True, []),
        ("REFUSED", False, ["REFERENCE_DIFFERS"]),
        ("REFUSED", False, ["UNKNOWN_PRODUCT"]),
        ("REPLAYED", True, []),
    ]
    assert answer.calls == [("createOutboundOrders", "COUNTED", 1)]
    [clash] = answer.only["entries"][2]["userErrors"]
    assert clash["path"] == ["input", "orders", "2", "reference"]
    assert clash["differences"] == [{"path": ["input", "orders", "2", "urgent"]}]
    assert await shop.orders() == 3
    assert await shop.counted() == 3


async def test_refused_and_repeated_entries_alone_are_refused(shop: Shop) -> None:
    await shop.place(reference="OLD")

    answer = await send(shop, shop.order(reference="OLD"), shop.order(reference=" "))

    assert answer.calls == [("createOutboundOrders", "REFUSED", 0)]
    assert await shop.counted() == 1


async def test_a_key_answers_the_same_whatever_happened_since(shop: Shop) -> None:
    """Without it, the cancelled order's reference would be free, and a new order be made."""
    good, bad = (
        shop.order(reference="A"),
        shop.order(reference="B", customer=str(shop.world.other.id)),
    )
    first = await send(shop, good, bad, idempotencyKey="k")
    made = first.only["entries"][0]["outboundOrder"]
    await shop.ask("orders/cancel_an_order", input={"id": made["id"]})
    before = await everything(shop)

    again = await send(shop, good, bad, idempotencyKey="k")
    other = await send(shop, good, idempotencyKey="k")

    assert told(first) == [("COUNTED", False, []), ("REFUSED", False, ["NOT_FOUND"])]
    assert told(again) == [("REPLAYED", True, []), ("REFUSED", False, ["NOT_FOUND"])]
    assert again.only["replayed"]
    assert again.only["entries"][0]["outboundOrder"] == {**made, "status": "CANCELLED"}
    assert again.only["entries"][1]["userErrors"] == first.only["entries"][1]["userErrors"]
    assert other.told == [("KEY_REUSED", "input.idempotencyKey")]
    assert await everything(shop) == before


async def test_a_batch_that_stored_nothing_gives_its_key_back(shop: Shop) -> None:
    bad = shop.order(reference=" ")
    await send(shop, bad, idempotencyKey="k")

    answer = await send(shop, shop.order(reference="A"), idempotencyKey="k")

    assert told(answer) == [("COUNTED", False, [])]


async def test_a_batch_can_be_tried(shop: Shop) -> None:
    before = await everything(shop)

    answer = await send(
        shop, shop.order(reference="A"), shop.order(reference=" "), validateOnly=True
    )

    assert told(answer) == [("PREFLIGHT", False, []), ("REFUSED", False, ["REQUIRED"])]
    assert answer.calls == [("createOutboundOrders", "PREFLIGHT", 0)]
    assert answer.only["count"] == 1
    assert await everything(shop) == before


@pytest.mark.parametrize(("entries", "code"), [(0, "REQUIRED"), (501, "TOO_MANY")])
async def test_a_batch_has_1_to_500_entries(shop: Shop, entries: int, code: str) -> None:
    small = {"address": {"company": "C", "line1": "1", "city": "S", "country": "AU"}}
    item = [{"product": {"code": "TEA-500"}, "quantity": "1"}]
    order = {"customer": str(shop.world.live.id), "deliver": small, "items": item}

    answer = await send(shop, *({**order, "reference": f"B{n}"} for n in range(entries)))

    assert answer.told == [(code, "input.orders")]
    assert answer.only["entries"] == []
    assert await shop.orders() == 0


async def test_the_operators_own_batch_counts_nothing(shop: Shop) -> None:
    answer = await send(
        shop,
        shop.order(reference="A", warehouse=str(shop.world.warehouse.id)),
        by=await shop.world.staff_token(),
    )

    assert told(answer) == [(None, False, [])]
    assert answer.only["count"] == 0
    assert answer.calls == []
    assert await shop.counted() == 0


async def test_what_cannot_be_counted_is_not_done(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger's rows commit with the orders, or neither does."""
    written = 0

    def fails(entries: Any) -> Any:
        nonlocal written
        written += 1
        if written == 3:
            raise RuntimeError("no more ink")
        return entries_piece(entries)

    monkeypatch.setattr("resolvers.bulk.entries_piece", fails)

    answer = await send(shop, *(shop.order(reference=f"B-{n}") for n in range(5)))

    assert answer.codes == ["INTERNAL"]
    assert answer.calls == [("createOutboundOrders", "SERVER_FAULT", 0)]
    assert await shop.orders() == 0
    assert await shop.counted() == 0
