"""Every billable root field has one outcome, and the ledger holds what was counted: no more."""

import asyncio
import json
from uuid import UUID

import pytest_asyncio

import schema
from models.call_log import CallNote
from models.database import Dialect, dialect, execute, observers
from models.tenants import Tenant
from models.usage import LedgerRow
from models.words import ApiRole, Outcome
from resolvers.callers import load
from resolvers.credentials import token_hash
from schema.context import Context
from tests.asking import Shop, document_of, open_shop, staff, stock
from tests.world import make_world

NOBODY = "01a20a4e-0000-7000-8000-000000000000"

CREATE = """
mutation Several($a: CreateOutboundOrderInput!, $b: CreateOutboundOrderInput!) {
  a: createOutboundOrder(input: $a) { outboundOrder { id } userErrors { code } }
  b: createOutboundOrder(input: $b) { outboundOrder { id } userErrors { code } }
  again: createOutboundOrder(input: $a) { outboundOrder { id } userErrors { code } }
  c: createProduct(input: {customer: "%s", code: "NEW", name: "N", defaultUnit: "EA"}) { replayed }
}
"""


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


async def ledger(shop: Shop) -> list[LedgerRow]:
    return await LedgerRow.filter(tenant_id=shop.world.tenant.id).order_by("id")


# --- reads --------------------------------------------------------------------------------------


async def test_each_alias_is_a_call_of_its_own(shop):
    answer = await shop.say(
        """query Dashboard($no: Boolean = false) {
          viewer { __typename }
          products(first: 1) { totalCount }
          again: products(first: 1) { totalCount }
          ...More
          usage { calls }
          skipped: products @include(if: $no) { totalCount }
          products(first: 1) { edges { cursor } }
        }
        fragment More on Query { orders: outboundOrders { totalCount } __typename }"""
    )

    assert answer.errors == []
    assert sorted(answer.calls) == [
        ("again", "COUNTED", 1),
        ("orders", "COUNTED", 1),
        ("products", "COUNTED", 1),
    ]
    rows = await ledger(shop)
    assert sorted(row.field for row in rows) == ["outboundOrders", "products", "products"]
    assert {row.operation for row in rows} == {"Dashboard"}
    assert {row.request_id for row in rows} == {answer.body["extensions"]["requestId"]}
    assert {row.customer_id for row in rows} == {None}  # a list concerns several


async def test_a_read_of_one_object_is_counted_to_it(shop):
    order_id = (await shop.place()).only["outboundOrder"]["id"]
    for example, id in (
        ("orders/read_an_order", order_id),
        ("orders/find_by_id", order_id),
        ("products/read_a_product", shop.known["<TEA-500>"]),
    ):
        assert (await shop.ask(example, id=id)).outcomes == ["COUNTED"]

    placed, *rows = await ledger(shop)
    world = shop.world
    assert (placed.field, placed.operation) == ("createOutboundOrder", "PlaceAnOrder")
    found = [
        (row.field, row.object_id, row.customer_id, row.warehouse_id) for row in (placed, *rows)
    ]
    assert found == [
        ("createOutboundOrder", UUID(order_id), world.live.id, world.warehouse.id),
        ("outboundOrder", UUID(order_id), world.live.id, world.warehouse.id),
        ("node", UUID(order_id), world.live.id, world.warehouse.id),
        ("product", UUID(shop.known["<TEA-500>"]), world.live.id, None),
    ]
    assert not placed.late


async def test_an_id_that_leads_nowhere_is_null_and_counted(shop):
    for example in ("orders/read_an_order", "orders/find_by_id", "products/read_a_product"):
        answer = await shop.ask(example, id=NOBODY)

        assert answer.only is None
        assert answer.calls[0][1:] == ("COUNTED", 1)
    assert [row.object_id for row in await ledger(shop)] == [None] * 3


async def test_get_counts_like_post(shop):
    headers = {"Authorization": f"Bearer {shop.token}"}
    answer = await shop.http.get(
        "/graphql", params={"query": "{ products { totalCount } }"}, headers=headers
    )

    assert answer.json()["extensions"]["usage"]["calls"] == [
        {"path": "products", "outcome": "COUNTED", "count": 1}
    ]
    assert await shop.counted() == 1


async def test_what_is_open_to_any_caller_is_free(shop):
    for document in (
        "{ viewer { tenant { name } customers { code } } }",
        "{ usage { calls } }",
        "{ __schema { queryType { name } } }",
        "{ __typename }",
    ):
        answer = await shop.say(document)
        assert (answer.errors, answer.calls) == ([], [])
    assert await shop.counted() == 0


# --- what is not counted ------------------------------------------------------------------------


async def test_what_cannot_be_read_or_is_too_much_has_no_outcome(shop):
    for document in (
        "{ products { totalCount ",
        "{ products { shoeSize } }",
        "{ products(first: 101) { totalCount } }",
        "{ products(first: 1, last: 1) { totalCount } }",
        '{ products(after: "x") { totalCount } }',
        '{ product(id: "x") { code } }',
        "{" + "".join(f"a{n}: products {{ totalCount }} " for n in range(16)) + "}",
    ):
        answer = await shop.say(document)
        assert set(answer.codes) <= {"BAD_INPUT", "LIMIT_EXCEEDED"}, document
        assert answer.errors, document
        assert answer.calls == []
    assert await shop.counted() == 0


async def test_an_operation_is_refused_whole_and_each_call_told_so(shop):
    reader = await shop.world.token(ApiRole.WMS_VIEW_JOBS)
    document = """mutation ($a: CreateOutboundOrderInput!) {
      one: createOutboundOrder(input: $a) { replayed }
      two: createOutboundOrder(input: $a) @skip(if: true) { replayed }
    }"""

    answer = await shop.say(document, by=reader, a=shop.order())

    assert answer.codes == ["FORBIDDEN"]
    assert answer.status == 403
    assert answer.calls == [("one", "REFUSED", 0), ("two", "REFUSED", 0)]
    assert (await shop.orders(), await shop.counted()) == (0, 0)


async def test_of_several_outcomes_the_first_that_fits_is_told(shop):
    """THROTTLED, SERVER_FAULT, REFUSED, PREFLIGHT, REPLAYED, SANDBOX, COUNTED."""
    world = shop.world
    trying = await world.token(ApiRole.WMS_CREATE_JOBS, customers=[world.sandbox.id])
    await stock(world, world.sandbox.id)
    test = {"by": trying, "customer": str(world.sandbox.id)}

    for given, outcome in (
        ({**test}, "SANDBOX"),
        ({**test}, "REPLAYED"),
        ({**test, "validateOnly": True}, "PREFLIGHT"),
        ({**test, "urgent": True, "validateOnly": True}, "REFUSED"),
        ({**test, "urgent": True}, "REFUSED"),
        ({}, "COUNTED"),
        ({}, "REPLAYED"),
        ({"validateOnly": True}, "PREFLIGHT"),
        ({"validateOnly": True, "items": []}, "REFUSED"),
        ({"reference": "SO-2", "validateOnly": True}, "PREFLIGHT"),
    ):
        answer = await shop.place(**given)
        told = 1 if outcome == "COUNTED" else 0
        assert answer.calls == [("createOutboundOrder", outcome, told)], given
    assert (await shop.orders(), await shop.counted()) == (2, 1)


async def test_each_field_of_a_mutation_stands_by_itself(shop):
    bad = shop.order(reference="SO-2", items=[])
    answer = await shop.say(CREATE % shop.world.live.id, a=shop.order(), b=bad)

    assert answer.data["a"]["outboundOrder"] == answer.data["again"]["outboundOrder"]
    assert answer.data["b"] == {"outboundOrder": None, "userErrors": [{"code": "REQUIRED"}]}
    assert answer.calls == [
        ("a", "COUNTED", 1),
        ("b", "REFUSED", 0),
        ("again", "REPLAYED", 0),
        ("c", "COUNTED", 1),
    ]
    assert [row.field for row in await ledger(shop)] == ["createOutboundOrder", "createProduct"]
    assert (await shop.orders(), await shop.products()) == (1, 4)


async def test_staff_are_not_counted(shop):
    caller = await staff(shop.world)
    built = schema.build()
    for document in ("{ products { totalCount } }", "{ outboundOrders { totalCount } }"):
        result = await built.execute(document, None, Context(caller, "by-hand"))
        assert result.errors is None
        assert result.extensions["usage"]["calls"] == []
    assert await shop.counted() == 0


async def test_a_schema_without_http_counts_too(shop):
    known = await load(token_hash(shop.token))
    built = schema.build()

    result = await built.execute(
        document_of("orders/place_two_orders"),
        {"first": shop.order(), "second": shop.order(reference="SO-2", items=[])},
        Context(known.caller, "by-hand"),
    )

    told = [(call["outcome"], call["count"]) for call in result.extensions["usage"]["calls"]]
    assert told == [("COUNTED", 1), ("REFUSED", 0)]
    result = await built.execute("{ products { totalCount } }", None, Context(known.caller, "x"))
    assert result.extensions["usage"]["calls"][0]["outcome"] == "COUNTED"
    assert [row.request_id for row in await ledger(shop)] == ["by-hand", "x"]


async def test_every_outcome_is_in_the_call_log(shop, monkeypatch):
    noted: list[CallNote] = []
    monkeypatch.setattr("schema.metering.call_log.note", noted.append)
    await shop.place()
    await shop.place()
    await shop.place(items=[])
    await shop.say("{ viewer { __typename } }")

    assert [(one.outcome, one.count, one.field) for one in noted] == [
        (Outcome.COUNTED, 1, "createOutboundOrder"),
        (Outcome.REPLAYED, 0, "createOutboundOrder"),
        (Outcome.REFUSED, 0, "createOutboundOrder"),
    ]
    assert {(one.address, one.operation) for one in noted} == {("192.0.2.1", "PlaceAnOrder")}


async def test_the_ledger_holds_what_was_told_to_be_counted(shop, http):
    """Any mixture, at once: what the answers say is what the rows are, and the tenant's own."""
    stranger = await open_shop(http, await make_world("Other 3PL"))
    asked = []
    for n in range(12):
        asked += [
            shop.place(reference=f"SO-{n % 4}"),
            shop.place(reference=f"SO-{n}", urgent=True),
            shop.ask("products/read_a_product"),
            shop.place(reference=f"SO-{n}", validateOnly=True),
            stranger.ask("products/list_products"),
        ]

    answers = await asyncio.gather(*asked)

    assert {answer.status for answer in answers} == {200}
    for whose, own in (
        (stranger, answers[4::5]),
        (shop, [a for n, a in enumerate(answers) if n % 5 != 4]),
    ):
        assert await whose.counted() == sum(count for a in own for *_, count in a.calls)
    assert await stranger.counted() == 12


# --- a ledger that cannot be written ------------------------------------------------------------


async def break_ledger() -> None:
    """From now on the database takes no row into the ledger."""
    if dialect() is Dialect.SQLITE:
        await execute(
            "CREATE TRIGGER ledger_is_shut BEFORE INSERT ON ledger"
            " BEGIN SELECT RAISE(ABORT, 'shut'); END"
        )
        return
    await execute(
        "CREATE FUNCTION shut() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE EXCEPTION ''shut''; END'"
    )
    await execute(
        "CREATE TRIGGER ledger_is_shut BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION shut()"
    )


async def mend_ledger() -> None:
    on = "" if dialect() is Dialect.SQLITE else " ON ledger"
    await execute(f"DROP TRIGGER ledger_is_shut{on}")


async def test_what_cannot_be_counted_is_not_answered_and_the_rest_goes_on(shop):
    order_id = (await shop.place()).only["outboundOrder"]["id"]
    await break_ledger()

    answer = await shop.say("{ products { totalCount } viewer { tenant { name } } }")
    assert answer.data == {"products": None, "viewer": {"tenant": {"name": "Harbour 3PL"}}}
    [error] = answer.errors
    assert error["path"] == ["products"]
    assert error["extensions"]["code"] == "UNAVAILABLE"
    assert error["extensions"]["retryAt"] > "2026"
    assert answer.calls == [("products", "SERVER_FAULT", 0)]

    for example, given in (
        ("orders/place_an_order", shop.order(reference="SO-2", idempotencyKey="k")),
        ("orders/update_an_order", {"id": order_id, "version": 1, "urgent": True}),
        ("products/add_a_product", shop.product()),
    ):
        answer = await shop.ask(example, input=given)
        assert answer.codes == ["UNAVAILABLE"], answer.body
        assert "retryAt" in answer.errors[0]["extensions"]
        assert answer.outcomes == ["SERVER_FAULT"]

    # What is free anyway goes on.
    assert (await shop.place()).outcomes == ["REPLAYED"]
    assert (await shop.place(reference="SO-2", validateOnly=True)).outcomes == ["PREFLIGHT"]
    assert (await shop.orders(), await shop.products(), await shop.counted()) == (1, 3, 1)

    await mend_ledger()
    answer = await shop.place(reference="SO-2", idempotencyKey="k")
    assert answer.outcomes == ["COUNTED"]
    assert (await shop.ask("products/list_products")).outcomes == ["COUNTED"]
    assert (await shop.orders(), await shop.counted()) == (2, 3)


class Broken(Exception):
    """The fault that a test puts in a statement's place."""


async def test_a_command_that_fails_half_way_leaves_nothing(shop):
    """Whichever of its statements fails: neither an order, nor a line of it, nor a count."""
    await shop.say("{ viewer { __typename } }")
    mine = asyncio.current_task()
    failed = 0

    def break_at(number: int):
        passed = iter(range(number))

        def observe(_: str) -> None:
            # Of this request only: what watches in the background goes on.
            if asyncio.current_task() is mine and next(passed, None) is None:
                raise Broken

        return observe

    for number in range(100):
        observer = break_at(number)
        observers.append(observer)
        try:
            answer = await shop.place(idempotencyKey="k1")
        finally:
            observers.remove(observer)
        if answer.errors == []:
            break
        failed += 1
        assert answer.codes == ["INTERNAL"]
        # Without an outcome where not even the caller could be read.
        assert "extensions" not in answer.body or answer.outcomes == ["SERVER_FAULT"]
        assert "Broken" not in json.dumps(answer.body)
        assert (await shop.orders(), await shop.counted()) == (0, 0)

    assert failed >= 5
    assert answer.calls == [("createOutboundOrder", "COUNTED", 1)]
    assert (await shop.orders(), await shop.counted()) == (1, 1)
    assert await Tenant.all().count() == 1


async def test_calls_are_told_in_the_order_of_the_document(shop):
    """They are carried out side by side, and end in any order."""
    answer = await shop.say(
        """
        query ($id: ID!) {
          a: products(first: 1) { totalCount }
          ... on Query { b: node(id: $id) { id } }
          ...rest
        }
        fragment rest on Query { c: warehouses { totalCount } d: node(id: $id) { id } }
        """,
        id=NOBODY,
    )

    assert [path for path, _, _ in answer.calls] == ["a", "b", "c", "d"]
