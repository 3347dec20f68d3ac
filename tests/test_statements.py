"""Statements as they are looked at: history, sums, the calls behind a line, where a week leads."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio

from models.audit import AuditEvent
from models.billing import Plan, Statement
from models.tenants import Tenant
from models.usage import LedgerRow
from models.words import ActorKind, AuditAction, StaffRole
from resolvers import plans
from resolvers.audit import Actor
from resolvers.billing import close, statement
from resolvers.errors import UserErrors
from resolvers.statements import projection
from server import worker
from tests.asking import Shop, open_shop
from tests.books import WEEK, Books
from tests.world import make_world

HISTORY = """query History($first: Int, $after: String, $last: Int, $before: String) {
  statements(first: $first, after: $after, last: $last, before: $before) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { week used closedAt projection { used } lines { field calls } } }
  }
}"""
CALLS = """query Calls($week: Date!, $client: ID!, $field: String, $first: Int, $after: String) {
  statementCalls(week: $week, client: $client, field: $field, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges { node {
      id at week late client { name } field operation object customer { code }
      warehouse { code } requestId
    } }
  }
}"""
DAY = timedelta(days=1)


@pytest_asyncio.fixture
async def shop(http: httpx.AsyncClient, world: Any) -> Shop:
    return await open_shop(http, world)


@pytest_asyncio.fixture
async def books(shop: Shop) -> Books:
    """The same tenant's books, of which four weeks are over."""
    tenant = shop.world.tenant
    await Tenant.filter(id=tenant.id).update(created_at=datetime.now(UTC) - 4 * WEEK)
    return Books(await Tenant.get(id=tenant.id))


@pytest_asyncio.fixture
async def flagged(shop: Shop) -> str:
    return await shop.world.token(sees_tenant_usage=True, name="Dashboard")


def weeks_of(answer: Any) -> list[str]:
    return [edge["node"]["week"] for edge in answer.only["edges"]]


# --- history --------------------------------------------------------------------------------------


async def test_closed_weeks_are_listed_the_newest_first(
    shop: Shop, books: Books, flagged: str
) -> None:
    for n in (1, 2, 3):
        await books.called(books.past(n).start, n)
    await close(books.tenant.id, books.past(1).week)

    answer = await shop.say(HISTORY, by=flagged)

    nodes = [edge["node"] for edge in answer.only["edges"]]
    assert weeks_of(answer)[:3] == [str(books.past(n).week) for n in (1, 2, 3)]
    assert [node["used"] for node in nodes][:3] == [1, 2, 3]
    assert nodes[2]["lines"] == [{"field": "outboundOrders", "calls": 3}]
    assert all(node["closedAt"] and node["projection"] is None for node in nodes)
    assert answer.only["totalCount"] == len(nodes)
    assert answer.calls == []


async def test_they_can_be_paged_through_from_either_end(
    shop: Shop, books: Books, flagged: str
) -> None:
    await close(books.tenant.id, books.past(1).week)
    everything = weeks_of(await shop.say(HISTORY, by=flagged))
    total = len(everything)

    first = await shop.say(HISTORY, by=flagged, first=2)
    info = first.only["pageInfo"]
    assert weeks_of(first) == everything[:2]
    assert (info["hasPreviousPage"], info["hasNextPage"]) == (False, True)
    second = await shop.say(HISTORY, by=flagged, first=2, after=info["endCursor"])
    assert weeks_of(second) == everything[2:4]
    assert second.only["pageInfo"]["hasPreviousPage"]
    assert second.only["pageInfo"]["hasNextPage"] is (total > 4)
    back = await shop.say(
        HISTORY, by=flagged, last=1, before=second.only["pageInfo"]["startCursor"]
    )
    assert weeks_of(back) == everything[1:2]
    assert back.only["pageInfo"]["hasNextPage"]
    assert (await shop.say(HISTORY, by=flagged, first=1, after="nonsense")).codes == ["BAD_INPUT"]


async def test_only_those_who_may_see_the_bill_see_any_of_it(shop: Shop, books: Books) -> None:
    await books.called(books.past(1).start, 2)
    await close(books.tenant.id, books.past(1).week)
    client = str((await books.client()).id)
    variables = {"week": str(books.past(1).week), "client": client}
    operator = await shop.world.staff_token(StaffRole.OPERATOR)
    for by in (shop.token, operator):
        assert set((await shop.say(HISTORY, by=by)).codes) == {"FORBIDDEN"}
        assert set((await shop.say(CALLS, by=by, **variables)).codes) == {"FORBIDDEN"}

    others = await open_shop(shop.http, await make_world("Elsewhere"))
    stranger = await others.world.token(sees_tenant_usage=True)
    assert weeks_of(await others.say(HISTORY, by=stranger)) == []
    assert (await others.say(CALLS, by=stranger, **variables)).only["totalCount"] == 0


# --- sums, and calls behind them ------------------------------------------------------------------


async def test_sums_by_client_and_by_operation_are_those_of_the_lines(
    shop: Shop, books: Books, flagged: str
) -> None:
    start = books.past(1).start
    await books.called(start, 2)
    await books.called(start, 3, name="ERP", field="products")
    await books.called(start, 1, name="ERP")
    document = """query S($week: Date) { statement(week: $week) {
      id used lines { clientName field calls } clients { clientName calls }
      operations { field calls } linesPath callsPath } }"""
    week = books.past(1).week

    preview = (await shop.say(document, by=flagged, week=str(week))).only
    made = await close(books.tenant.id, week)
    closed = (await shop.say(document, by=flagged, week=str(week))).only

    assert preview == {
        "id": None,
        "used": 6,
        "lines": [
            {"clientName": "ERP", "field": "outboundOrders", "calls": 1},
            {"clientName": "ERP", "field": "products", "calls": 3},
            {"clientName": "Web shop", "field": "outboundOrders", "calls": 2},
        ],
        "clients": [{"clientName": "ERP", "calls": 4}, {"clientName": "Web shop", "calls": 2}],
        "operations": [
            {"field": "outboundOrders", "calls": 3},
            {"field": "products", "calls": 3},
        ],
        "linesPath": f"/statements/{week}/lines",
        "callsPath": f"/statements/{week}/calls",
    }
    assert closed == {**preview, "id": str(made.id)}


async def test_a_line_leads_to_its_calls_and_they_to_the_orders(
    shop: Shop, books: Books, flagged: str
) -> None:
    """Also to those of customers that the client which looks does not reach."""
    placed = (await shop.place()).only["outboundOrder"]["id"]
    await shop.ask("orders/read_an_order", id=placed)
    await shop.say("{ outboundOrders { totalCount } }")
    row = await LedgerRow.filter(tenant_id=books.tenant.id).first()
    nobody = await shop.world.token(customers=[], sees_tenant_usage=True, name="Nobody's")
    given = {"week": str(books.week.week), "client": str(row.client_id)}

    everything = (await shop.say(CALLS, by=flagged, **given)).only
    one = (await shop.say(CALLS, by=nobody, **given, field="createOutboundOrder")).only

    assert [edge["node"]["field"] for edge in everything["edges"]] == [
        "outboundOrders",
        "outboundOrder",
        "createOutboundOrder",
    ]
    assert everything["edges"][0]["node"]["object"] is None
    [edge] = one["edges"]
    assert one["totalCount"] == 1
    node = edge["node"]
    assert node["object"] == placed
    assert (node["customer"], node["warehouse"]) == ({"code": "ACME"}, {"code": "SYD"})
    assert (node["client"]["name"], node["late"]) == ("Web shop", False)
    assert (node["week"], node["requestId"]) == (str(books.week.week), row.request_id)


async def test_the_calls_behind_all_lines_are_the_statement(
    shop: Shop, books: Books, flagged: str
) -> None:
    await books.called(books.past(1).start, 25)
    await books.called(books.past(1).start + DAY, 7, name="ERP", field="products")
    closed = await close(books.tenant.id, books.past(1).week)

    found = []
    for line in closed.lines:
        given = {"week": str(closed.week), "client": str(line.client_id), "field": line.field}
        seen: list[str] = []
        after = None
        while True:
            page = (await shop.say(CALLS, by=flagged, first=10, after=after, **given)).only
            seen += [edge["node"]["id"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert len(seen) == len(set(seen)) == line.calls == page["totalCount"]
        found += seen

    assert len(set(found)) == closed.used == 32


# --- where a week leads ---------------------------------------------------------------------------


async def test_an_open_week_goes_on_as_it_has_gone(books: Books) -> None:
    await books.plan(books.week.week, orders=10)  # 50 calls
    await books.called(books.week.start, 100)
    found = await statement(books.tenant.id)
    length = found.ends_at - found.starts_at

    half = projection(replace(found, as_of=found.starts_at + length / 2))
    early = projection(replace(found, as_of=found.starts_at + timedelta(minutes=59)))
    over = projection(replace(found, as_of=found.ends_at + DAY))

    assert half is not None
    assert (half.used, half.excess, half.amount) == (200, 150, 150)
    assert early is None
    assert over is not None
    assert (over.used, over.excess) == (found.used, found.excess)
    assert projection(replace(found, id=books.tenant.id)) is None


# --- who closed and who planned -------------------------------------------------------------------


async def events(books: Books, action: AuditAction) -> list[AuditEvent]:
    return await AuditEvent.filter(tenant_id=books.tenant.id, action=action).order_by("id")


async def test_closing_is_noted_once_with_who_did_it(books: Books) -> None:
    await books.called(books.past(2).start, 3)
    first = await close(books.tenant.id, books.past(2).week, Actor.host(books.tenant.id))
    await close(books.tenant.id, books.past(2).week, Actor.host(books.tenant.id))
    await worker.work_once()

    *_, noted = [
        event for event in await events(books, AuditAction.CLOSED) if event.actor is ActorKind.HOST
    ]
    by_service = [
        event
        for event in await events(books, AuditAction.CLOSED)
        if event.actor is ActorKind.SERVICE
    ]
    assert noted.subject_id == first.id
    assert orjson.loads(noted.after) == {
        "week": str(first.week),
        "used": 3,
        "included": 0,
        "excess": 3,
        "charge": {"amount": "0.03", "currency": "AUD"},
    }
    closed = await Statement.filter(tenant_id=books.tenant.id).count()
    assert len(await events(books, AuditAction.CLOSED)) == closed
    assert len(by_service) in {0, 1}  # for a quarter of an hour the last week stays open


async def test_planning_is_noted_with_what_was_planned_before(books: Books) -> None:
    of, week = books.tenant.id, books.week.week + WEEK
    await plans.set_plan(of, consignments=1, warehouse_orders=2)
    await plans.set_plan(of, consignments=5, warehouse_orders=2, from_week=week)
    await plans.set_plan(of, consignments=6, warehouse_orders=2, from_week=week)

    noted = [
        (orjson.loads(event.before), orjson.loads(event.after), event.actor)
        for event in await events(books, AuditAction.PLANNED)
    ]
    assert noted[1:] == [
        (
            {},
            {
                "fromWeek": str(week),
                "consignments": 5,
                "warehouseOrders": 2,
                "callsPerJob": 5,
                "pricePerCall": "0.01",
            },
            ActorKind.HOST,
        ),
        ({"consignments": 5}, {"consignments": 6}, ActorKind.HOST),
    ]


async def test_no_plan_changes_a_week_that_runs_or_is_closed(books: Books) -> None:
    of = books.tenant.id
    await plans.set_plan(of, consignments=1, warehouse_orders=2)
    await close(of, books.past(1).week)
    ahead = books.week.week + 3 * WEEK
    await books.closed_ahead(books.week.next())  # the clock was put back since

    for week in (books.past(1).week, books.week.week, books.week.week + WEEK):
        with pytest.raises(UserErrors, match="begins on a Monday"):
            await plans.set_plan(of, consignments=9, warehouse_orders=9, from_week=week)

    assert [plan.from_week for plan in await plans.plans(of)] == [books.week.week]
    await plans.set_plan(of, consignments=9, warehouse_orders=9, from_week=ahead)
    assert await Plan.filter(tenant_id=of).count() == 2
    assert len(await events(books, AuditAction.PLANNED)) == 2


async def test_the_demand_of_money_is_free(shop: Shop, books: Books, flagged: str) -> None:
    await close(books.tenant.id, books.past(1).week)
    before = await LedgerRow.filter(tenant_id=books.tenant.id).count()
    await shop.say(HISTORY, by=flagged)
    await shop.say("{ statement { used } tenantUsage { calls } }", by=flagged)

    assert await LedgerRow.filter(tenant_id=books.tenant.id).count() == before
