"""Report runs: what they tell, how often they can be asked for, and whose they are."""

import asyncio
import csv
import io
import json
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any
from uuid import UUID

import httpx
import pytest

from models.record import new_id
from models.reports import ReportChunk, ReportRun
from models.stock import StockMovement
from models.words import ApiRole, MovementKind, StockDimension
from resolvers import clients, report_work
from resolvers.clients import Grant
from resolvers.report_files import harmless
from server import worker
from tests.asking import Shop
from tests.reporting import (
    HEADER,
    LONG_AGO,
    NOW,
    STOCK,
    ask,
    empty_shop,
    fetch,
    level,
    looked_at,
    queued,
    report,
    some_stock,
)
from tests.world import World, token_of


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await empty_shop(http, world)


# --- what it tells -------------------------------------------------------------------------------


async def test_a_report_is_asked_for_made_and_fetched(shop: Shop) -> None:
    await some_stock(shop)
    answer = await ask(shop)
    run = answer.only["reportRun"]

    assert (run["status"], run["downloadPath"]) == ("QUEUED", None)
    assert answer.calls == [("createReportRun", "COUNTED", 1)]
    await worker.make_reports()
    done = await looked_at(shop, run["id"])
    file = await fetch(shop, run["id"])
    assert file.text == HEADER + (
        'ACME,SYD,MUG-BLUE,"Mug, blue",,,OK,12.5,2,10.5,0\r\n'
        'ACME,SYD,TEA-500,"Tea, 500 g",,,OK,10,4,6,6\r\n'
        'ACME,SYD,TEA-500,"Tea, 500 g",\'=1+1,2027-03-31,QUARANTINE,3,0,0,0\r\n'
    )
    assert (done["status"], done["rowsDone"], done["rowsTotal"]) == ("DONE", 3, 3)
    assert done["bytes"] == len(file.content)
    assert done["downloadPath"] == f"/reports/{run['id']}"
    assert done["startedAt"] <= done["finishedAt"]
    kept = datetime.fromisoformat(done["expiresAt"]) - datetime.fromisoformat(done["finishedAt"])
    assert kept == timedelta(days=7)
    assert await shop.counted() == 1, "looking and fetching are free"


async def test_lines_of_json_tell_the_same(shop: Shop) -> None:
    await some_stock(shop)
    table = list(csv.DictReader(io.StringIO(await report(shop), newline="")))
    told = [json.loads(line) for line in (await report(shop, format="JSON_LINES")).splitlines()]

    assert told[2]["batch"] == "=1+1", "nothing of JSON is a formula"
    assert table[2].pop("batch") == "'" + told[2].pop("batch")
    assert table == [{name: value or "" for name, value in row.items()} for row in told]
    assert told[0]["quantity"] == "12.5"
    assert told[0]["expiryDate"] is None


async def test_a_report_of_nothing_is_a_header_and_no_lines(shop: Shop) -> None:
    assert await report(shop) == HEADER
    assert await report(shop, format="JSON_LINES") == ""


async def test_a_report_tells_no_more_than_was_in_reach_and_was_asked_for(
    shop: Shop, world: World
) -> None:
    await some_stock(shop)
    wide = await world.token(STOCK, all_customers=True, all_warehouses=True)
    both = {"customers": [world.live.id, world.other.id]}
    shop.token = wide
    everything = await report(shop)
    far = await report(shop, warehouse=str(world.far_warehouse.id))
    theirs = await report(shop, customer=str(world.other.id))
    shop.token = await world.token(STOCK, **both)
    near = await report(shop)

    assert [len(text.splitlines()) - 1 for text in (everything, far, theirs, near)] == [5, 1, 1, 4]
    assert far.splitlines()[1].startswith("ACME,PER,TEA-500,")
    assert theirs.splitlines()[1].startswith("ZEN,SYD,TEA-500,")


async def test_a_report_of_what_is_out_of_reach_is_refused_as_if_there_were_nothing(
    shop: Shop, world: World
) -> None:
    for customer, warehouse in (
        (world.other.id, world.far_warehouse.id),
        (new_id(), new_id()),
    ):
        answer = await ask(shop, customer=str(customer), warehouse=str(warehouse))

        assert answer.told == [
            ("NOT_FOUND", "input.customer"),
            ("NOT_FOUND", "input.warehouse"),
        ]
        assert answer.outcomes == ["REFUSED"]
    assert await ReportRun.all().count() == 0


async def test_a_report_can_tell_how_it_was(shop: Shop, world: World) -> None:
    """The sum of what had moved by then, to the microsecond; what held nothing is not told."""
    first, second, *_ = await some_stock(shop)
    at = LONG_AGO + timedelta(days=1)
    for of, when, amount, incoming in (
        (first, at, 5, 0),
        (first, at + timedelta(microseconds=1), 100, 0),
        (second, at - timedelta(days=1), 9, 2),
        (second, at, -4, -2),
        (second, at, 1, 0),
    ):
        await StockMovement.create(
            tenant_id=world.tenant.id,
            level_id=of.id,
            kind=MovementKind.ADJUSTED,
            quantity=Decimal(amount),
            allocated=Decimal(1),
            incoming=Decimal(incoming),
            at=when,
        )
    then = await report(shop, asOf=at.isoformat())
    earlier = await report(shop, asOf=(at - timedelta(days=1)).isoformat())
    before = await report(shop, asOf=(at - timedelta(days=2)).isoformat())

    assert [line.split(",OK,")[1] for line in then.splitlines()[1:]] == ["5,1,4,0", "6,3,3,0"]
    assert [line.split(",OK,")[1] for line in earlier.splitlines()[1:]] == ["9,1,8,2"]
    assert before == HEADER
    future = await ask(shop, asOf=(NOW + timedelta(days=1)).isoformat())
    assert future.told == [("INVALID", "input.asOf")]


async def test_a_report_can_add_up(shop: Shop, world: World) -> None:
    await some_stock(shop)
    shop.token = await world.token(STOCK, all_customers=True, all_warehouses=True)

    async def added(*by: str) -> list[str]:
        return (await report(shop, aggregateBy=list(by))).splitlines()[1:]

    assert await added("PRODUCT") == [
        'ACME,,MUG-BLUE,"Mug, blue",,,,12.5,2,10.5,0',
        'ACME,,TEA-500,"Tea, 500 g",,,,20,4,13,6',
        'ZEN,,TEA-500,"Tea, 500 g",,,,99,0,99,0',
    ]
    assert await added("CUSTOMER", "WAREHOUSE") == [
        "ACME,PER,,,,,,7,0,7,0",
        "ACME,SYD,,,,,,25.5,6,16.5,6",
        "ZEN,SYD,,,,,,99,0,99,0",
    ]
    assert await added("CONDITION", "BATCH", "EXPIRY_DATE") == [
        ",,,,,,OK,128.5,6,122.5,6",
        ",,,,'=1+1,2027-03-31,QUARANTINE,3,0,0,0",
    ]
    done = await shop.say("{ reportRuns(first: 1) { edges { node { rowsTotal rowsDone } } } }")
    assert done.only["edges"][0]["node"] == {"rowsTotal": 2, "rowsDone": 2}


async def test_a_report_says_what_stock_on_hand_says(shop: Shop, world: World) -> None:
    """Row by row, as it is and as it was, one by one and added up in every way."""
    levels = await some_stock(shop)
    shop.token = await world.token(STOCK, all_customers=True, all_warehouses=True)
    shop.known["<everywhere>"] = await world.token(
        ApiRole.API_FULL_ACCESS, all_customers=True, all_warehouses=True
    )
    then = LONG_AGO + timedelta(days=1)
    for at, one in enumerate(levels):
        for days in range(at):
            await StockMovement.create(
                tenant_id=world.tenant.id,
                level_id=one.id,
                kind=MovementKind.ADJUSTED,
                quantity=Decimal(f"{at}.5"),
                allocated=Decimal(1),
                incoming=Decimal(days),
                at=LONG_AGO + timedelta(days=days),
            )
    dimensions = [one.value for one in StockDimension]
    ways = [list(one) for many in range(1, 7) for one in combinations(dimensions, many)]

    for as_of in (None, then.isoformat()):
        for by in (None, *ways):
            given = {"asOf": as_of, "aggregateBy": by}
            text = await report(shop, **given, format="JSON_LINES")
            told = [json.loads(line) for line in text.splitlines()]
            assert told
            assert sorted(map(str, told)) == sorted(map(str, await listed(shop, **given))), given
    refused = await ask(shop, aggregateBy=[])
    assert refused.told == [("REQUIRED", "input.aggregateBy")]


async def listed(shop: Shop, **given: Any) -> list[dict[str, Any]]:
    """Stock on hand as a report would tell it."""
    answer = await shop.say(
        "query($asOf: DateTime, $aggregateBy: [StockDimension!]) {"
        " stockOnHand(asOf: $asOf, aggregateBy: $aggregateBy, first: 100) { edges { node {"
        " customer { code } warehouse { code } product { code name } batch expiryDate condition"
        " quantity allocated free incoming } } } }",
        by=shop.known["<everywhere>"],
        **given,
    )
    rows = []
    for edge in answer.only["edges"]:
        row = edge["node"]
        customer, warehouse, product = (
            row.pop(name) or {} for name in ("customer", "warehouse", "product")
        )
        rows.append(
            {
                "customerCode": customer.get("code"),
                "warehouseCode": warehouse.get("code"),
                "productCode": product.get("code"),
                "productName": product.get("name"),
                **row,
            }
        )
    return rows


async def test_pages_and_pieces_do_not_show(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """However small they are, the file is the same, added up or not."""
    await some_stock(shop)
    shop.token = await shop.world.token(STOCK, all_customers=True, all_warehouses=True)
    asked: list[dict[str, Any]] = [
        {},
        {"aggregateBy": ["PRODUCT"]},
        {"aggregateBy": ["CONDITION"]},
    ]
    whole = [await report(shop, **given) for given in asked]
    monkeypatch.setattr(report_work, "PAGE", 1)
    monkeypatch.setattr(report_work, "CHUNK_BYTES", 7)

    assert [await report(shop, **given) for given in asked] == whole
    assert await ReportChunk.filter(tenant_id=shop.world.tenant.id).count() > 10


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@A1", "\tx", "\rx", "\nx", "  =1", " \t", "\uff1d1", "\uff20x", "-"],
)
def test_no_text_is_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "A-1", "1=1", "a@b", "'=1", " x", "Ä", None])
def test_other_texts_stay_as_they_are(text: str | None) -> None:
    assert harmless(text) == text


async def test_names_with_signs_come_back_from_the_table(shop: Shop, world: World) -> None:
    nasty = 'Tea "500",\r\nor = 5'
    added = await shop.ask("products/add_a_product", input=shop.product(code="-A", name=nasty))
    await level(world, UUID(added.only["product"]["id"]), "-A", quantity=Decimal("0.000001")).save()
    [row] = csv.DictReader(io.StringIO(await report(shop), newline=""))

    assert (row["productCode"], row["productName"], row["quantity"]) == ("'-A", nasty, "0.000001")


# --- asking again, and asking too often ----------------------------------------------------------


async def test_the_same_key_asks_for_one_report(shop: Shop) -> None:
    first = await ask(shop, idempotencyKey="k")
    again = await ask(shop, idempotencyKey="k")
    other = await ask(shop, idempotencyKey="k", format="JSON_LINES")

    assert again.only["reportRun"] == first.only["reportRun"]
    assert (again.only["replayed"], again.outcomes) == (True, ["REPLAYED"])
    assert other.told == [("KEY_REUSED", "input.idempotencyKey")]
    assert await ReportRun.filter(tenant_id=shop.world.tenant.id).count() == 1


async def test_a_report_can_be_tried(shop: Shop) -> None:
    answer = await ask(shop, validateOnly=True)

    assert answer.only["reportRun"]["status"] == "QUEUED"
    assert answer.outcomes == ["PREFLIGHT"]
    assert await ReportRun.filter(tenant_id=shop.world.tenant.id).count() == 0


async def test_one_caller_has_twenty_unfinished_runs_at_most(shop: Shop, world: World) -> None:
    """However many ask at the same time; and nobody else is in the way."""
    answers = await asyncio.gather(*(ask(shop) for _ in range(24)))
    refused = [answer for answer in answers if answer.faults]

    assert [answer.told for answer in refused] == [[("TOO_MANY", "input")]] * 4
    assert await shop.counted() == 20
    assert (await ask(shop, by=await world.token(STOCK))).faults == []
    assert (await ask(shop, by=await world.staff_token())).faults == []
    await worker.make_reports()
    assert (await ask(shop)).faults == []


# --- whose it is ---------------------------------------------------------------------------------


async def test_a_run_is_due_in_the_millisecond_in_which_it_is_asked_for(shop: Shop) -> None:
    """SQLite's clock knows no less, and would leave it to the next look."""
    for _ in range(3):
        await queued(shop)

    runs = await ReportRun.filter(tenant_id=shop.world.tenant.id)
    assert {one.due_at.microsecond % 1_000 for one in runs} == {0}
    assert all(one.due_at <= one.created_at for one in runs)


async def test_a_run_is_its_callers_own(shop: Shop, world: World) -> None:
    """Neither another client with the same rights nor the operator sees it or its file."""
    mine = await queued(shop)
    person = await world.staff_token()
    theirs = await queued(shop, by=person)
    await worker.make_reports()

    assert (await fetch(shop, mine)).status_code == 200
    assert (await fetch(shop, theirs, by=person)).status_code == 200
    twin = await world.token(ApiRole.API_FULL_ACCESS)
    for run_id, strangers in ((mine, (twin, person)), (theirs, (twin, shop.token))):
        for by in strangers:
            assert await looked_at(shop, run_id, by=by) is None
            assert (await fetch(shop, run_id, by=by)).status_code == 404
    for by, seen in ((shop.token, [mine]), (person, [theirs]), (twin, [])):
        answer = await shop.say("{ reportRuns { totalCount edges { node { id } } } }", by=by)
        assert [edge["node"]["id"] for edge in answer.only["edges"]] == seen
        assert answer.only["totalCount"] == len(seen)


async def test_what_cannot_be_fetched_answers_like_what_is_not_there(shop: Shop) -> None:
    nowhere = await fetch(shop, str(new_id()))
    for run_id in ("x", str(new_id()).upper(), "..", "%00"):
        answer = await fetch(shop, run_id)

        assert answer.status_code == 404
        if run_id != "..":
            assert answer.json() == nowhere.json()
    assert nowhere.json() == {
        "errors": [{"message": "You have no such report.", "extensions": {"code": "NOT_FOUND"}}]
    }


async def test_a_file_is_fetched_while_its_caller_may_see_what_is_in_it(
    shop: Shop, world: World
) -> None:
    """What counts is the reach of the file, not the customers that happen to be in it."""
    shown = await world.client(STOCK, all_customers=True, all_warehouses=True)
    token = await token_of(shown)
    everything = await queued(shop, by=token)
    one = await queued(
        shop, by=token, customer=str(world.live.id), warehouse=str(world.warehouse.id)
    )
    await worker.make_reports()

    async def statuses(role: ApiRole = STOCK, **grant: Any) -> list[int]:
        await regrant(world, shown.client_id, Grant(roles=[role], **grant))
        return [(await fetch(shop, run_id, by=token)).status_code for run_id in (everything, one)]

    live, here = {"customers": [world.live.id]}, {"warehouses": [world.warehouse.id]}
    assert await statuses(**live, **here) == [404, 200]
    assert await statuses(**live, warehouses=[world.far_warehouse.id]) == [404, 404]
    assert await statuses(customers=[world.other.id], **here) == [404, 404]
    assert await statuses(customers=[world.sandbox.id], all_warehouses=True) == [404, 404]
    assert await statuses(all_customers=True, **here) == [404, 200]
    assert await statuses(all_customers=True, all_warehouses=True) == [200, 200]
    jobs = ApiRole.WMS_VIEW_JOBS
    assert await statuses(jobs, all_customers=True, all_warehouses=True) == [404, 404]


async def regrant(world: World, client_id: UUID, grant: Grant) -> None:
    """Give a client another grant, and wait until everybody knows."""
    given = {one.name: getattr(grant, one.name) for one in fields(grant)}
    await clients.update(world.tenant.id, client_id, **given)
    await asyncio.sleep(1)


async def test_a_stranger_and_another_method_are_told_so(shop: Shop) -> None:
    run_id = await queued(shop)
    bare = await shop.http.get(f"/reports/{run_id}")
    wrong = await fetch(shop, run_id, by="dgt_nonsense")
    posted = await fetch(shop, run_id, method="POST")
    in_the_url = await shop.http.get(
        f"/reports/{run_id}?access_token=x", headers={"Authorization": f"Bearer {shop.token}"}
    )

    assert [one.status_code for one in (bare, wrong, posted, in_the_url)] == [401, 401, 405, 400]
    assert bare.headers["www-authenticate"] == "Bearer"
    assert wrong.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert posted.headers["allow"] == "GET, HEAD"
    assert posted.json()["errors"][0]["extensions"] == {"code": "BAD_INPUT"}
