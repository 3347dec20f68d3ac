"""What somebody sees who asks too often."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from graphql import FieldNode, OperationDefinitionNode, parse

from models.database import rows
from models.usage import LedgerRow
from models.words import ApiRole, StaffRole
from resolvers.call_log import CallLog
from schema.limits import Limits
from schema.operations import Documents
from schema.tolls import Toll, toll_of
from server import metrics
from server.app import create_app
from server.settings import Allowances, Settings
from tests.asking import document_of, open_shop
from tests.conftest import built
from tests.processes import Serve
from tests.world import World, token_of

VIEWER = "{ viewer { roles } }"
ORDERS = "{ outboundOrders(first: 1) { edges { node { id } } } }"
SCARCE = {"reads_burst": 8, "reads_per_second": 4}

Open = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest_asyncio.fixture
async def opened(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    """The service in this process, with allowances of one's own."""

    async def nothing(*_: object, **__: object) -> None:
        pass

    for name in ("connect", "disconnect"):
        monkeypatch.setattr(f"server.app.{name}", nothing)
    monkeypatch.setattr("server.http.schema.build", built)

    @asynccontextmanager
    async def open_one(address: str = "192.0.2.1", **given: int) -> AsyncIterator[Any]:
        settings = Settings(database_url=database, run_worker=False, allowances=Allowances(**given))
        made = create_app(settings)
        transport = httpx.ASGITransport(made, client=(address, 4000))
        async with (
            made.router.lifespan_context(made),
            httpx.AsyncClient(transport=transport, base_url="http://dockgate.test") as client,
        ):
            yield client

    yield open_one


async def ask(
    http: httpx.AsyncClient, token: str, document: str = VIEWER, **headers: str
) -> httpx.Response:
    given = {"Authorization": f"Bearer {token}", **headers}
    return await http.post("/graphql", json={"query": document}, headers=given)


async def drain(http: httpx.AsyncClient, token: str, document: str = VIEWER) -> httpx.Response:
    """Ask until it is too often; that answer."""
    for _ in range(1_000):
        if (answer := await ask(http, token, document)).status_code == 429:
            return answer
    raise AssertionError("never too often")


def seconds_until(answer: httpx.Response) -> float:
    again = datetime.fromisoformat(answer.json()["errors"][0]["extensions"]["retryAt"])
    return (again - datetime.now(UTC)).total_seconds()


# --- what is told --------------------------------------------------------------------------------


async def test_every_answer_tells_what_is_left(http: httpx.AsyncClient, world: World) -> None:
    token = await world.token(ApiRole.WMS_VIEW_JOBS)

    first, second = await ask(http, token), await ask(http, token)

    assert first.headers["ratelimit-policy"] == '"reads";q=60000;w=30'
    assert first.headers["ratelimit"] == '"reads";r=59999;t=1;dockgate-price=1'
    assert second.headers["ratelimit"] == '"reads";r=59998;t=1;dockgate-price=1'


async def test_too_often_is_told_with_the_instant_at_which_it_fits(
    opened: Open, world: World
) -> None:
    token = await world.token(ApiRole.WMS_VIEW_JOBS)
    async with opened(**SCARCE) as http:
        answer = await drain(http, token, ORDERS)

        wait = seconds_until(answer)

    [error] = answer.json()["errors"]
    told = dict(error["extensions"])
    del told["retryAt"]
    assert told == {"code": "THROTTLED", "allowance": "reads", "limit": 8, "window": 2, "price": 1}
    assert 0 < wait <= 0.26
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["ratelimit-policy"] == '"reads";q=8;w=2'
    assert re.fullmatch(r'"reads";r=0;t=[23];dockgate-price=1', answer.headers["ratelimit"])
    assert "data" not in answer.json()
    assert answer.json()["extensions"]["usage"]["calls"] == [
        {"path": "outboundOrders", "outcome": "THROTTLED", "count": 0}
    ]


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "*/*"])
async def test_it_is_a_429_whatever_is_accepted(opened: Open, world: World, accept: str) -> None:
    token = await world.token(ApiRole.WMS_VIEW_JOBS)
    async with opened(**SCARCE) as http:
        await drain(http, token)
        answer = await ask(http, token, Accept=accept)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


async def test_both_ways_refuse_alike(opened: Open, world: World) -> None:
    """A document that is new goes another way than one that is known."""
    token = await world.token(ApiRole.WMS_VIEW_JOBS)
    async with opened(**SCARCE) as http:
        known = await drain(http, token, ORDERS)
        new = await ask(http, token, f"# {datetime.now(UTC)}\n{ORDERS}")

    assert new.status_code == known.status_code == 429
    assert new.json()["extensions"]["usage"] == known.json()["extensions"]["usage"]
    assert list(new.json()["errors"][0]["extensions"]) == list(
        known.json()["errors"][0]["extensions"]
    )


async def test_what_is_too_often_is_neither_counted_nor_noted_one_by_one(
    opened: Open, world: World
) -> None:
    token = await world.token(ApiRole.WMS_VIEW_JOBS)
    async with opened(**SCARCE) as http:
        answers = [await ask(http, token, ORDERS) for _ in range(40)]
    # The service has ended, and so written what it knew.
    refused = sum(one.status_code == 429 for one in answers)

    assert 25 <= refused <= 32
    assert await LedgerRow.filter(tenant_id=world.tenant.id).count() == 40 - refused
    noted = await rows("SELECT count(*) FROM calls WHERE tenant_id IS NOT NULL")
    assert noted[0][0] == 40 - refused
    [(allowance, calls)] = await rows(
        "SELECT allowance, calls FROM throttled_calls WHERE tenant_id IS NOT NULL"
    )
    assert (allowance, calls) == ("reads", refused)


async def test_metrics_tell_how_many_requests_an_allowance_refused(
    opened: Open, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "PUBLISH_SECONDS", 0.01)
    token = await world.token(ApiRole.WMS_VIEW_JOBS)

    async def refused(http: httpx.AsyncClient) -> float:
        told = (await http.get("/metrics")).text
        found = re.search(r'requests_throttled_total{allowance="reads"} ([\d.]+)', told)
        return float(found[1]) if found else 0.0

    async with opened(**SCARCE) as http:
        before = await refused(http)
        answers = [await ask(http, token) for _ in range(30)]
        too_often = sum(one.status_code == 429 for one in answers)
        for _ in range(500):
            if await refused(http) - before >= too_often:
                break
            await asyncio.sleep(0.01)

        assert await refused(http) - before == too_often > 0


async def test_counts_of_one_hour_add_up(world: World) -> None:
    shown = await world.client(ApiRole.WMS_VIEW_JOBS)
    for calls in (2, 3):
        log = CallLog()
        log.start()
        await asyncio.sleep(0)
        log.note_throttled(world.tenant.id, shown.client_id, "reads", calls)
        log.note_throttled(world.tenant.id, shown.client_id, "orderWrites", 1)
        await log.stop()

    found = await rows(
        "SELECT allowance, calls FROM throttled_calls WHERE tenant_id IS NOT NULL ORDER BY calls"
    )

    assert [tuple(one) for one in found] == [("orderWrites", 2), ("reads", 5)]


async def test_administrators_see_which_clients_were_throttled(opened: Open, world: World) -> None:
    shown = await world.client(ApiRole.WMS_VIEW_JOBS)
    quiet = await world.client(ApiRole.WMS_VIEW_JOBS, name="Quiet")
    token = await token_of(shown)
    async with opened(**SCARCE) as http:
        answers = [await ask(http, token, ORDERS) for _ in range(20)]
    refused = sum(one.status_code == 429 for one in answers)

    admin = await world.staff_token(StaffRole.ADMINISTRATOR)
    async with opened() as http:
        asked = "{ apiClients { edges { node { id throttledLastDay } } } }"
        answer = await ask(http, admin, asked)

    told = {one["node"]["id"]: one["node"] for one in answer.json()["data"]["apiClients"]["edges"]}
    assert told[str(shown.client_id)]["throttledLastDay"] == refused
    assert told[str(quiet.client_id)]["throttledLastDay"] == 0


# --- who has which -------------------------------------------------------------------------------


async def test_polling_takes_nothing_from_writing_orders(opened: Open, world: World) -> None:
    async with opened(**SCARCE) as http:
        shop = await open_shop(http, world)
        await drain(http, shop.token)

        placed = await shop.place(reference="PO-1")
        polled = await shop.say(VIEWER)

    assert placed.status == 200
    assert placed.outcomes == ["COUNTED"]
    assert polled.codes == ["THROTTLED"]


async def test_writing_orders_has_a_limit_of_its_own(opened: Open, world: World) -> None:
    async with opened(order_writes_burst=4, order_writes_per_second=1) as http:
        shop = await open_shop(http, world)
        placed = [await shop.place(reference=f"PO-{number}") for number in range(8)]
        read = await shop.say(VIEWER)

    assert [one.status for one in placed[-2:]] == [429, 429]
    assert placed[-1].errors[0]["extensions"]["allowance"] == "orderWrites"
    assert placed[-1].calls == [("createOutboundOrder", "THROTTLED", 0)]
    assert read.status == 200


async def test_one_clients_polling_takes_nothing_from_another(opened: Open, world: World) -> None:
    loud, other = [await world.token(ApiRole.WMS_VIEW_JOBS) for _ in range(2)]
    async with opened(**SCARCE) as http:
        await drain(http, loud)

        assert (await ask(http, other)).status_code == 200


async def test_people_have_allowances_like_clients(opened: Open, world: World) -> None:
    token = await world.staff_token()
    async with opened(**SCARCE) as http:
        answer = await drain(http, token)

    assert answer.json()["extensions"]["usage"]["calls"] == []


async def test_an_allowance_of_nothing_a_second_is_no_limit(opened: Open, world: World) -> None:
    token = await world.token(ApiRole.WMS_VIEW_JOBS)
    async with opened(reads_burst=1, reads_per_second=0) as http:
        answers = [await ask(http, token) for _ in range(20)]

    assert {one.status_code for one in answers} == {200}
    assert "ratelimit" not in answers[0].headers


# --- what is asked for how much ------------------------------------------------------------------

DOCUMENTS = Documents(built(Limits())._schema, Limits())


def toll(document: str) -> Toll:
    return DOCUMENTS.operation(DOCUMENTS.read(document), None).toll


def test_what_works_on_jobs_and_products_is_told_by_the_schema() -> None:
    """By what a payload answers: rows that belong to a customer."""
    others = {"createReportRun"}
    mutations = DOCUMENTS.schema.mutation_type
    assert mutations is not None
    for name in mutations.fields:
        writes = re.search(
            r"(Order|Orders|Consignment|Consignments|Product|Products|Stock|Progress|Delivery)$",
            name,
        )
        [operation] = parse(f"mutation {{ {name} }}").definitions
        assert isinstance(operation, OperationDefinitionNode)
        fields = [one for one in operation.selection_set.selections if isinstance(one, FieldNode)]
        told = toll_of(fields, mutations).writes_orders
        assert told is (writes is not None and name not in others), name


def test_each_root_field_costs_one_and_twenty_entries_of_a_batch_another() -> None:
    batch = """mutation ($input: UpsertProductsInput!) {
        upsertProducts(input: $input) { entries { outcome } } }"""
    twice = """mutation ($a: UpsertProductsInput!, $b: UpsertProductsInput!) {
        a: upsertProducts(input: $a) { count } b: upsertProducts(input: $b) { count } }"""

    assert toll(VIEWER).price(None) == 1
    assert toll("{ __typename }").price({}) == 1
    assert toll("{ __schema { queryType { name } } }").price({}) == 1
    assert toll("{ a: viewer { roles } b: viewer { roles } }").price({}) == 2
    assert toll("{ viewer { roles } viewer { client { id } } }").price({}) == 1
    assert toll(document_of("orders/place_an_order")).price({}) == 1
    for entries, price in ((1, 2), (20, 2), (21, 3), (500, 26)):
        assert toll(batch).price({"input": {"products": [{}] * entries}}) == price
    given = {"a": {"products": [{}] * 40}, "b": {"products": [{}] * 10}}
    assert toll(twice).price(given) == 2 + 3


async def test_the_price_is_told(http: httpx.AsyncClient, world: World) -> None:
    shop = await open_shop(http, world)

    placed = await ask(http, shop.token, "{ a: viewer { roles } b: viewer { roles } }")

    assert placed.headers["ratelimit"].endswith(";dockgate-price=2")


async def test_documents_that_are_read_for_nothing_cost_too(opened: Open, world: World) -> None:
    token = await world.token(ApiRole.WMS_VIEW_JOBS)
    async with opened(**SCARCE) as http:
        answers = [await ask(http, token, f"{{ nothing{number} }}") for number in range(40)]

    assert answers[0].status_code == 400
    assert answers[-1].status_code == 429


# --- a client that does as it is told ------------------------------------------------------------


async def patiently(http: httpx.AsyncClient, token: str, document: str) -> tuple[int, int]:
    """Ask; if it is too often, wait until it is told, and ask again. Its tries and its status."""
    answer = await ask(http, token, document)
    if answer.status_code != 429:
        return 1, answer.status_code
    await asyncio.sleep(max(seconds_until(answer), 0))
    return 2, (await ask(http, token, document)).status_code


async def test_who_waits_until_it_is_told_needs_no_third_try(opened: Open, world: World) -> None:
    token = await world.token(ApiRole.WMS_VIEW_JOBS)
    async with opened(reads_burst=8, reads_per_second=20) as http:
        done = [await patiently(http, token, ORDERS) for _ in range(40)]

    assert {status for _, status in done} == {200}
    assert 2 in {tries for tries, _ in done}


# --- strangers -----------------------------------------------------------------------------------


async def test_strangers_are_told_to_come_again_later(opened: Open, world: World) -> None:
    async with opened(address_burst=8, address_per_second=1) as http:
        answers = [await http.post("/graphql", json={"query": VIEWER}) for _ in range(20)]
        guessed = [await ask(http, f"{world.tenant.id}") for _ in range(3)]
        signing_in = await http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=("a", "b")
        )

    assert answers[0].status_code == 401
    assert [one.status_code for one in answers[-3:] + guessed] == [429] * 6
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[-1].json()["errors"][0]["extensions"]["allowance"] == "address"
    assert signing_in.status_code == 429
    assert int(signing_in.headers["retry-after"]) >= 1


async def test_whoever_is_known_gets_in_beside_a_stranger_at_the_same_address(
    opened: Open, world: World
) -> None:
    token = await world.token(ApiRole.WMS_VIEW_JOBS)
    async with opened(address_burst=4, address_per_second=1) as http:
        assert (await ask(http, token)).status_code == 200
        for _ in range(20):
            stranger = await http.post("/graphql", json={"query": VIEWER})
        assert stranger.status_code == 429

        assert (await ask(http, token)).status_code == 200


async def test_an_office_of_many_clients_is_no_stranger(opened: Open, world: World) -> None:
    """All of them behind one address, each with a token that this worker sees the first time."""
    tokens = [await world.token(ApiRole.WMS_VIEW_JOBS) for _ in range(30)]
    async with opened(address_burst=4, address_per_second=1) as http:
        answers = [await ask(http, token) for token in tokens]

    assert {one.status_code for one in answers} == {200}


# --- several workers -----------------------------------------------------------------------------

BURST, RATE = 40, 20


async def served(serve: Serve, workers: int = 2) -> Any:
    return await serve(
        workers=workers,
        DOCKGATE_ALLOWANCES__READS_BURST=str(BURST),
        DOCKGATE_ALLOWANCES__READS_PER_SECOND=str(RATE),
    )


async def test_two_workers_share_one_allowance(serve: Serve, world: World) -> None:
    """Whatever they admit is the limit and a share of each worker at most."""
    token = await world.token(ApiRole.WMS_VIEW_JOBS)
    serving = await served(serve)
    share = min(RATE, BURST // 4)
    # A connection stays with the worker that took it; of these, both have some.
    clients = [serving.client() for _ in range(8)]
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def hammer(http: httpx.AsyncClient) -> int:
        answers = [await ask(http, token) for _ in range(25)]
        return sum(one.status_code == 200 for one in answers)

    through = sum(await asyncio.gather(*(hammer(one) for one in clients)))
    seconds = loop.time() - began
    assert BURST <= through <= BURST + RATE * seconds + 2 * share

    done = [await patiently(clients[number % 8], token, ORDERS) for number in range(12)]
    for one in clients:
        await one.aclose()
    assert {status for _, status in done} == {200}


@pytest.mark.faults
async def test_a_worker_that_is_killed_takes_its_share_with_it_and_no_more(
    serve: Serve, world: World
) -> None:
    token = await world.token(ApiRole.WMS_VIEW_JOBS)
    share = min(RATE, BURST // 4)
    loop = asyncio.get_running_loop()
    through, began = 0, loop.time()
    for _ in range(3):
        serving = await served(serve, workers=1)
        async with serving.client() as http:
            answers = [await ask(http, token) for _ in range(100)]
        serving.kill()
        through += sum(one.status_code == 200 for one in answers)
    seconds = loop.time() - began

    assert BURST - share <= through <= BURST + RATE * seconds + 3 * share
