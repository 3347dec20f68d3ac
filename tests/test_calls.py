"""The call log: what became of every call, what it concerned, and how it is looked at."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from models.database import observers
from models.usage import Call, LedgerRow
from models.words import ApiRole, StaffRole
from resolvers.call_log import call_log
from server import worker
from tests.asking import Shop, open_shop
from tests.world import make_world

CALLS = """query Calls($filter: ApiCallFilter, $first: Int, $after: String, $last: Int) {
  apiCalls(filter: $filter, first: $first, after: $after, last: $last) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage endCursor }
    edges { node {
      at client { id name } credential { id legacy } field operation outcome count object
      customer { id code } warehouse { id code } address milliseconds requestId
    } }
  }
}"""


@pytest_asyncio.fixture
async def shop(http: httpx.AsyncClient, world: Any) -> Shop:
    return await open_shop(http, world)


async def logged(shop: Shop, **variables: Any) -> Any:
    """The call log as an administrator sees it, with everything that was noted."""
    await call_log._write_all()
    by = await shop.world.staff_token(StaffRole.ADMINISTRATOR)
    answer = await shop.say(CALLS, by=by, **variables)
    assert answer.calls == []
    return answer.only


async def nodes(shop: Shop, **variables: Any) -> list[Any]:
    return [edge["node"] for edge in (await logged(shop, **variables))["edges"]]


async def test_a_call_tells_who_when_what_and_what_it_concerned(shop: Shop) -> None:
    placed = await shop.place()

    [call] = await nodes(shop)
    at = datetime.fromisoformat(call.pop("at"))
    assert abs(at - datetime.now(UTC)) < timedelta(seconds=20)
    assert call.pop("milliseconds") >= 0
    row = await LedgerRow.get(tenant_id=shop.world.tenant.id)
    assert call == {
        "client": {"id": str(row.client_id), "name": "Web shop"},
        "credential": {"id": str(row.credential_id), "legacy": False},
        "field": "createOutboundOrder",
        "operation": "PlaceAnOrder",
        "outcome": "COUNTED",
        "count": 1,
        "object": placed.only["outboundOrder"]["id"],
        "customer": {"id": str(shop.world.live.id), "code": "ACME"},
        "warehouse": {"id": str(shop.world.warehouse.id), "code": "SYD"},
        "address": "192.0.2.1",
        "requestId": placed.body["extensions"]["requestId"],
    }


async def test_every_outcome_is_there_with_what_it_concerned(shop: Shop) -> None:
    world = shop.world
    order_id = (await shop.place()).only["outboundOrder"]["id"]
    await shop.place()  # again
    await shop.place(reference="TRY", validateOnly=True)
    await shop.ask("orders/cancel_an_order", input={"id": order_id, "validateOnly": True})
    await shop.place(reference="BAD", items=[])
    await shop.place(by=await world.token(ApiRole.WMS_VIEW_JOBS, name="Reader"))
    trial = await world.token(ApiRole.WMS_VIEW_JOBS, customers=[world.sandbox.id], name="Trial")
    await shop.say("{ outboundOrders { totalCount } }", by=trial)
    await shop.ask("orders/read_an_order", id=order_id)
    await shop.say("{ outboundOrders { totalCount } viewer { roles } usage { calls } }")

    told = [
        (
            one["client"]["name"],
            one["field"],
            one["outcome"],
            one["count"],
            one["object"] and ("order" if one["object"] == order_id else "another"),
            one["customer"] and one["customer"]["code"],
        )
        for one in await nodes(shop)
    ]
    create = "createOutboundOrder"
    assert told == [
        ("Web shop", "outboundOrders", "COUNTED", 1, None, None),
        ("Web shop", "outboundOrder", "COUNTED", 1, "order", "ACME"),
        ("Trial", "outboundOrders", "SANDBOX", 0, None, None),
        ("Reader", create, "REFUSED", 0, None, None),
        ("Web shop", create, "REFUSED", 0, None, None),
        ("Web shop", "cancelOutboundOrder", "PREFLIGHT", 0, "order", "ACME"),
        ("Web shop", create, "PREFLIGHT", 0, None, "ACME"),  # nothing was made
        ("Web shop", create, "REPLAYED", 0, "order", "ACME"),
        ("Web shop", create, "COUNTED", 1, "order", "ACME"),
    ]


async def test_calls_are_found_by_what_they_were(shop: Shop) -> None:
    world = shop.world
    before = datetime.now(UTC)
    order_id = (await shop.place()).only["outboundOrder"]["id"]
    other = await world.token(ApiRole.WMS_VIEW_JOBS, name="Reader")
    await shop.ask("orders/read_an_order", id=order_id)
    answer = await shop.say("{ outboundOrders { totalCount } products { totalCount } }", by=other)
    await shop.place(reference="BAD", items=[])
    reader = (await LedgerRow.filter(tenant_id=world.tenant.id, field="products").first()).client_id

    async def fields(**filter_: Any) -> list[str]:
        return [one["field"] for one in await nodes(shop, filter=filter_)]

    create = "createOutboundOrder"
    assert sorted(await fields(client={"eq": str(reader)})) == ["outboundOrders", "products"]
    assert await fields(field={"eq": create}) == [create, create]
    assert await fields(outcome={"eq": "REFUSED"}) == [create]
    assert await fields(object={"eq": order_id}) == ["outboundOrder", create]
    assert await fields(customer={"eq": str(world.live.id)}) == ["outboundOrder", create]
    request_id = answer.body["extensions"]["requestId"]
    assert len(await fields(requestId={"eq": request_id})) == 2
    assert await fields(at={"before": before.isoformat()}) == []
    assert len(await fields(at={"from": before.isoformat()})) == 5
    assert await fields(**{"not": {"outcome": {"in": ["COUNTED"]}}}) == [create]


async def test_only_administrators_see_it_and_only_their_tenants(shop: Shop) -> None:
    await shop.place()
    others = await open_shop(shop.http, await make_world("Elsewhere"))
    flagged = await shop.world.token(
        ApiRole.API_FULL_ACCESS, name="Flagged", sees_tenant_usage=True
    )
    operator = await shop.world.staff_token(StaffRole.OPERATOR)

    for by in (shop.token, flagged, operator):
        assert set((await shop.say(CALLS, by=by)).codes) == {"FORBIDDEN"}
    assert (await logged(others))["totalCount"] == 0
    assert (await logged(shop))["totalCount"] == 1


async def test_pages_go_through_all_calls_once(shop: Shop) -> None:
    await many(shop, 25, at_once=True)
    seen: list[str] = []
    after = None
    for _ in range(10):
        page = await logged(shop, first=4, after=after)
        seen += [edge["node"]["requestId"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert len(seen) == 25 == len(set(seen))
    assert page["totalCount"] == 25


async def test_it_is_forgotten_after_90_days_with_what_it_concerned(shop: Shop) -> None:
    await shop.place()
    await call_log._write_all()
    of = {"tenant_id": shop.world.tenant.id}
    assert await Call.filter(**of, object_id__isnull=False).count() == 1

    await Call.filter(**of).update(at=datetime.now(UTC) - timedelta(days=89))
    await worker.work_once()
    assert await Call.filter(**of).count() == 1
    await Call.filter(**of).update(at=datetime.now(UTC) - timedelta(days=91))
    await worker.work_once()

    assert await Call.filter(**of).count() == 0
    assert await LedgerRow.filter(**of).count() == 1  # what is charged stays


async def test_a_page_takes_one_statement(shop: Shop) -> None:
    await shop.place()
    await logged(shop)
    by = await shop.world.staff_token(StaffRole.ADMINISTRATOR)
    await shop.say("{ viewer { roles } }", by=by)
    said: list[str] = []
    observers.append(said.append)
    try:
        await shop.say(CALLS, by=by)
    finally:
        observers.remove(said.append)

    assert len([sql for sql in said if "calls" in sql]) == 1


async def test_a_page_is_quick_among_many_calls(shop: Shop) -> None:
    """Of 20,000; what a million take is measured by `python -m benchmarks usage`."""
    await many(shop, 20_000)
    by = await shop.world.staff_token(StaffRole.ADMINISTRATOR)
    document = "{ apiCalls(first: 100) { edges { node { at field client { name } } } } }"
    await shop.say(document, by=by)

    began = time.perf_counter()
    answer = await shop.say(document, by=by)
    took = time.perf_counter() - began

    assert len(answer.only["edges"]) == 100
    assert took < 0.5


async def many(shop: Shop, calls: int, *, at_once: bool = False) -> None:
    """Notes in the call log, in the same instant or a second apart."""
    client = await shop.world.client(name="Busy")
    now = datetime.now(UTC)
    await Call.bulk_create(
        [
            Call(
                tenant_id=shop.world.tenant.id,
                at=now if at_once else now - timedelta(seconds=n),
                client_id=client.client_id,
                field="products",
                outcome="COUNTED",
                count=1,
                milliseconds=1,
                request_id=f"r-{n}",
            )
            for n in range(calls)
        ],
        batch_size=1_000,
    )


@pytest.mark.parametrize("sort", ["ASC", "DESC"])
async def test_it_can_be_read_from_either_end(shop: Shop, sort: str) -> None:
    await many(shop, 3)
    by = await shop.world.staff_token(StaffRole.ADMINISTRATOR)
    document = (
        f"{{ apiCalls(orderBy: {{direction: {sort}}}) {{ edges {{ node {{ requestId }} }} }} }}"
    )

    found = [edge["node"]["requestId"] for edge in (await shop.say(document, by=by)).only["edges"]]

    assert found == (["r-0", "r-1", "r-2"] if sort == "DESC" else ["r-2", "r-1", "r-0"])
