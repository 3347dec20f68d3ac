"""Sending it again is safe: keys and references, one after the other and at once."""

import asyncio

import pytest
import pytest_asyncio

import schema
from models.database import Dialect, dialect, execute, rows
from models.orders import OutboundOrder
from models.words import ApiRole
from resolvers import commands
from schema.context import Context
from tests.asking import Shop, document_of, open_shop, staff
from tests.world import make_world


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


async def keys(shop: Shop) -> list[str]:
    p = dialect().placeholder(1)
    found = await rows(
        f"SELECT key FROM idempotency_keys WHERE tenant_id = {p} ORDER BY key", shop.world.tenant.id
    )
    return [row[0] for row in found]


# --- one after the other --------------------------------------------------------------------------


async def test_a_key_answers_again_in_whatever_selection_is_asked(shop):
    order = shop.order(idempotencyKey="k1")
    first = await shop.ask("orders/place_with_a_key", input=order)
    order_id = first.only["outboundOrder"]["id"]
    await shop.ask("orders/update_an_order", input={"id": order_id, "version": 1, "urgent": True})
    counted = await shop.counted()

    again = await shop.ask("orders/place_with_a_key", input=order)
    assert again.only["replayed"] is True
    assert again.only["outboundOrder"] == {"id": order_id, "reference": "SO-1001", "version": 2}
    assert again.calls == [("createOutboundOrder", "REPLAYED", 0)]

    other = """mutation ($input: CreateOutboundOrderInput!) {
      it: createOutboundOrder(input: $input) {
        one: outboundOrder { urgent items { quantity } } two: outboundOrder { status }
        replayed outcomes { code } userErrors { code }
      }
    }"""
    again = await shop.say(other, input=order)
    assert again.only["one"] == {"urgent": True, "items": [{"quantity": "2"}, {"quantity": "1"}]}
    assert again.only["two"] == {"status": "AWAITING_PICK_AND_PACK"}
    assert again.calls == [("it", "REPLAYED", 0)]
    assert (await shop.orders(), await shop.counted()) == (1, counted)


async def test_every_command_takes_a_key(shop):
    order_id = (await shop.place()).only["outboundOrder"]["id"]
    for example, content in (
        ("orders/update_an_order", {"id": order_id, "version": 1, "urgent": True}),
        ("orders/cancel_an_order", {"id": order_id}),
        ("products/add_a_product", shop.product()),
        ("products/update_a_product", {"id": shop.known["<TEA-500>"], "version": 1, "name": "T"}),
    ):
        given = {**content, "idempotencyKey": example}
        first = await shop.ask(example, input=given)
        counted = await shop.counted()

        # Without the key the update would be stale, and the order cancelled already.
        again = await shop.ask(example, input=given)

        assert first.faults == again.faults == []
        assert (first.outcomes, again.outcomes) == (["COUNTED"], ["REPLAYED"])
        assert await shop.counted() == counted


async def test_a_key_with_other_content_is_refused(shop):
    await shop.place(idempotencyKey="k1")

    for example, given in (
        ("orders/place_an_order", shop.order(reference="SO-2")),
        ("orders/place_an_order", shop.order(urgent=True)),
        ("products/add_a_product", shop.product()),
    ):
        answer = await shop.ask(example, input={**given, "idempotencyKey": "k1"})
        assert answer.told == [("KEY_REUSED", "input.idempotencyKey")]
        assert answer.outcomes == ["REFUSED"]
    assert (await shop.orders(), await shop.products(), await shop.counted()) == (1, 3, 1)


async def test_what_stored_nothing_releases_its_key(shop):
    refused = await shop.place(idempotencyKey="k1", items=[])
    assert refused.told == [("REQUIRED", "input.items")]
    checked = await shop.place(idempotencyKey="k1", urgent=True, validateOnly=True)
    assert checked.outcomes == ["PREFLIGHT"]
    assert await keys(shop) == []

    answer = await shop.place(idempotencyKey="k1")
    assert answer.outcomes == ["COUNTED"]
    assert await keys(shop) == ["k1"]

    # A repeat by its reference stores nothing either.
    await shop.place(idempotencyKey="k2")
    assert await keys(shop) == ["k1"]


async def test_checking_under_a_used_key_only_checks(shop):
    await shop.place(idempotencyKey="k1")

    answer = await shop.place(idempotencyKey="k1", reference="SO-2", validateOnly=True)

    assert (answer.faults, answer.outcomes) == ([], ["PREFLIGHT"])


async def test_a_key_is_its_clients_own(shop, http):
    """Another client of the same customer, and another tenant, neither see nor block it."""
    world = shop.world
    await shop.place(idempotencyKey="k1")
    colleague = await world.token(ApiRole.WMS_CREATE_JOBS)
    stranger = await open_shop(http, await make_world("Other 3PL"))

    for answer in (
        await shop.place(by=colleague, idempotencyKey="k1", reference="SO-2"),
        await stranger.place(idempotencyKey="k1", reference="SO-3"),
    ):
        assert answer.faults == []
        assert answer.outcomes == ["COUNTED"]
    assert (await shop.orders(), await stranger.orders()) == (2, 1)


async def test_a_key_outlives_the_way_back_to_what_it_led_to(shop):
    """The object is read again within the reach of now."""
    order = shop.order(idempotencyKey="k1")
    await shop.ask("orders/place_with_a_key", input=order)
    await OutboundOrder.filter(tenant_id=shop.world.tenant.id).update(
        warehouse_id=shop.world.far_warehouse.id
    )

    again = await shop.ask("orders/place_with_a_key", input=order)

    assert (again.only["outboundOrder"], again.only["replayed"]) == (None, True)


async def test_nothing_is_kept_of_what_broke_before_its_commit(shop, monkeypatch):
    """The order, its key and its count are one: all of them or none."""
    really = commands.entries_piece

    def broken(_):
        raise RuntimeError("power cut")

    monkeypatch.setattr(commands, "entries_piece", broken)
    answer = await shop.place(idempotencyKey="k1")
    assert answer.codes == ["INTERNAL"]
    assert answer.outcomes == ["SERVER_FAULT"]
    assert (await shop.orders(), await shop.counted(), await keys(shop)) == (0, 0, [])

    monkeypatch.setattr(commands, "entries_piece", really)
    answer = await shop.place(idempotencyKey="k1")
    assert (answer.only["replayed"], answer.outcomes) == (False, ["COUNTED"])
    assert (await shop.orders(), await shop.counted(), await keys(shop)) == (1, 1, ["k1"])


async def test_staff_have_keys_too(shop):
    caller, built = await staff(shop.world), schema.build()
    order = {**shop.order(idempotencyKey="k1"), "warehouse": str(shop.world.warehouse.id)}

    async def place():
        document = document_of("orders/place_with_a_key")
        result = await built.execute(document, {"input": order}, Context(caller, "by-hand"))
        assert result.errors is None
        return result.data["createOutboundOrder"].json

    assert '"replayed":false' in await place()
    assert '"replayed":true' in await place()
    assert (await shop.orders(), await shop.counted(), await keys(shop)) == (1, 0, ["k1"])


# --- at once ------------------------------------------------------------------------------------


async def test_two_at_once_with_one_key_have_one_effect(shop):
    answers = await asyncio.gather(*(shop.place(idempotencyKey="k1") for _ in range(2)))

    assert [answer.status for answer in answers] == [200, 200]
    assert sorted(answer.only["replayed"] for answer in answers) == [False, True]
    assert sorted(answer.outcomes[0] for answer in answers) == ["COUNTED", "REPLAYED"]
    assert len({answer.only["outboundOrder"]["id"] for answer in answers}) == 1
    assert (await shop.orders(), await shop.counted()) == (1, 1)


async def test_two_at_once_with_one_key_and_different_content_have_one_effect(shop):
    answers = await asyncio.gather(
        *(shop.place(idempotencyKey="k1", reference=f"SO-{n}") for n in range(2))
    )

    told = sorted(answer.told for answer in answers)
    assert told == [[], [("KEY_REUSED", "input.idempotencyKey")]]
    assert (await shop.orders(), await shop.counted()) == (1, 1)


async def test_fifty_at_once_with_one_reference_are_one_order(shop):
    answers = await asyncio.gather(*(shop.place() for _ in range(50)))

    assert {answer.status for answer in answers} == {200}
    outcomes = [answer.outcomes[0] for answer in answers]
    assert (outcomes.count("COUNTED"), outcomes.count("REPLAYED")) == (1, 49)
    assert len({answer.only["outboundOrder"]["id"] for answer in answers}) == 1
    assert (await shop.orders(), await shop.counted()) == (1, 1)


async def test_twenty_at_once_with_other_content_leave_one_standing(shop):
    answers = await asyncio.gather(*(shop.place(instructions=str(n)) for n in range(20)))

    told = [answer.told for answer in answers]
    assert told.count([]) == 1
    assert told.count([("REFERENCE_DIFFERS", "input.reference")]) == 19
    assert (await shop.orders(), await shop.counted()) == (1, 1)


async def test_of_updates_at_once_one_is_made(shop):
    order_id = (await shop.place()).only["outboundOrder"]["id"]

    answers = await asyncio.gather(
        *(
            shop.ask(
                "orders/update_a_stale_version",
                input={"id": order_id, "version": 1, "instructions": str(n)},
            )
            for n in range(10)
        )
    )

    told = [answer.told for answer in answers]
    assert told.count([]) == 1
    assert told.count([("STALE_VERSION", "input.version")]) == 9
    order = (await shop.ask("orders/read_an_order", id=order_id)).only
    assert [event["version"] for event in order["history"]] == [1, 2]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_twin_that_takes_long_is_not_waited_for_any_longer(shop, monkeypatch):
    """Where one waits for the lock of a row; on SQLite all wait for the one writer."""
    assert dialect() is Dialect.POSTGRES
    really, under_way, go_on = commands.keys.claim, asyncio.Event(), asyncio.Event()

    async def slow(*given):
        if under_way.is_set():
            await execute("SET LOCAL lock_timeout = '100ms'")
            return await really(*given)
        claimed = await really(*given)
        under_way.set()
        await go_on.wait()
        return claimed

    monkeypatch.setattr(commands.keys, "claim", slow)
    first = asyncio.create_task(shop.place(idempotencyKey="k1"))
    await under_way.wait()

    twin = await shop.place(idempotencyKey="k1")
    assert twin.told == [("IN_PROGRESS", "input.idempotencyKey")]
    assert twin.outcomes == ["REFUSED"]

    go_on.set()
    assert (await first).outcomes == ["COUNTED"]
    assert (await shop.place(idempotencyKey="k1")).outcomes == ["REPLAYED"]
    assert (await shop.orders(), await shop.counted()) == (1, 1)
