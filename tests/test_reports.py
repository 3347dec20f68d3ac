"""Report runs: asked for, made beside, fetched as files."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any
from uuid import UUID

import httpx
import pytest

from models import report_runs
from models.clients import ApiClient, ApiClientCustomer, ApiClientRole, ApiClientWarehouse
from models.database import DatabaseUnavailable, Reason, transaction
from models.epochs import bump
from models.record import new_id
from models.report_runs import LeaseLost, Progress
from models.reports import ReportChunk, ReportRun
from models.stock import StockLevel, StockMovement
from models.words import ApiRole, Condition, MovementKind, ReportFault, ReportStatus, StockDimension
from resolvers import clients, products, report_work
from resolvers.clients import Grant
from resolvers.report_files import harmless
from server import worker
from tests.asking import RANGE, Answer, Shop, exact, perform, staff
from tests.processes import Serve
from tests.world import World, token_of

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=30)
HEADER = (
    "customerCode,warehouseCode,productCode,productName,batch,expiryDate,condition,"
    "quantity,allocated,free,incoming\r\n"
)
STOCK = ApiRole.WMS_VIEW_STOCK


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    """A shop whose shelves are empty."""
    shop = Shop(http, world, await world.token(ApiRole.API_FULL_ACCESS))
    goods = await goods_of(world, world.live.id)
    shop.known |= {f"<{code}>": str(product_id) for code, product_id in goods.items()}
    shop.known["<customer>"] = str(world.live.id)
    return shop


async def goods_of(world: World, customer_id: UUID) -> dict[str, UUID]:
    """Products for a customer; the ids by code."""
    caller = await staff(world)
    return {
        one["code"]: await perform(
            caller, "createProduct", {"customer": customer_id, **exact(one)}, products.add
        )
        for one in RANGE
    }


def level(world: World, product_id: UUID, code: str = "TEA-500", **given: Any) -> StockLevel:
    """A level of the live customer's in its warehouse, as far as it is not told otherwise."""
    of = {
        "tenant_id": world.tenant.id,
        "customer_id": world.live.id,
        "warehouse_id": world.warehouse.id,
        "product_id": product_id,
        "product_code": code,
        "condition": Condition.OK,
        "quantity": Decimal(0),
        "allocated": Decimal(0),
        "incoming": Decimal(0),
        "created_at": LONG_AGO,
        "modified_at": LONG_AGO,
    }
    return StockLevel(**of | given)


async def some_stock(shop: Shop) -> list[StockLevel]:
    """Levels that differ in all that a level can differ in."""
    world, tea, mug = shop.world, UUID(shop.known["<TEA-500>"]), UUID(shop.known["<MUG-BLUE>"])
    theirs = (await goods_of(world, world.other.id))["TEA-500"]
    return [
        await one.save() or one
        for one in (
            level(world, mug, "MUG-BLUE", quantity=Decimal("12.5"), allocated=Decimal(2)),
            level(world, tea, quantity=Decimal(10), allocated=Decimal(4), incoming=Decimal(6)),
            level(
                world,
                tea,
                quantity=Decimal(3),
                condition=Condition.QUARANTINE,
                batch="=1+1",
                expiry_date=date(2027, 3, 31),
            ),
            level(world, tea, quantity=Decimal(7), warehouse_id=world.far_warehouse.id),
            level(world, theirs, quantity=Decimal(99), customer_id=world.other.id),
            level(world, mug, "MUG-BLUE", batch="gone"),
        )
    ]


async def ask(shop: Shop, *, by: str | None = None, **given: Any) -> Answer:
    """Ask for a report."""
    return await shop.say(
        "mutation($input: CreateReportRunInput!) { createReportRun(input: $input) {"
        " reportRun { id status downloadPath } userErrors { code path message } replayed } }",
        by=by,
        input={"kind": "STOCK_ON_HAND", "format": "CSV", **given},
    )


async def queued(shop: Shop, *, by: str | None = None, **given: Any) -> str:
    """The id of a run that was asked for."""
    answer = await ask(shop, by=by, **given)
    assert answer.faults == [], answer.body
    return answer.only["reportRun"]["id"]


async def looked_at(shop: Shop, run_id: str, *, by: str | None = None) -> Any:
    fields = "status rowsDone rowsTotal bytes startedAt finishedAt expiresAt downloadPath error"
    answer = await shop.say(f'{{ reportRun(id: "{run_id}") {{ {fields} }} }}', by=by)
    return answer.only


async def fetch(
    shop: Shop, run_id: str, *, by: str | None = None, method: str = "GET", **headers: str
) -> httpx.Response:
    """Ask for the file; `if_range` is the header If-Range."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return await shop.http.request(
        method,
        f"/reports/{run_id}",
        headers={"Authorization": f"Bearer {by or shop.token}", **told},
    )


async def report(shop: Shop, **given: Any) -> str:
    """The text of a report that is asked for, made and fetched."""
    run_id = await queued(shop, **given)
    await worker.make_reports()
    answer = await fetch(shop, run_id)
    assert answer.status_code == 200, answer.text
    return answer.text


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
    whose = {"tenant_id": world.tenant.id}
    async with transaction():
        await bump(world.tenant.id)
        for held in (ApiClientRole, ApiClientCustomer, ApiClientWarehouse):
            await held.filter(**whose, client_id=client_id).delete()
        client = await ApiClient.get(**whose, id=client_id)
        client.all_customers = grant.all_customers
        client.all_warehouses = grant.all_warehouses
        await client.save()
        await clients._give(client, grant)
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


# --- fetching ------------------------------------------------------------------------------------


@pytest.fixture
async def file(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> tuple[str, bytes]:
    """A run that is done, and its file, which is stored in small pieces."""
    await some_stock(shop)
    run_id = await queued(shop)
    monkeypatch.setattr(report_work, "PAGE", 1)
    monkeypatch.setattr(report_work, "CHUNK_BYTES", 10)
    await worker.make_reports()
    return run_id, (await fetch(shop, run_id)).content


async def test_a_file_comes_with_what_a_client_wants_to_know(
    shop: Shop, file: tuple[str, bytes]
) -> None:
    run_id, content = file
    for method in ("GET", "HEAD"):
        answer = await fetch(shop, run_id, method=method)
        told = answer.headers

        assert answer.status_code == 200
        assert answer.content == (content if method == "GET" else b"")
        assert told["content-length"] == str(len(content))
        assert told["content-type"] == "text/csv; charset=utf-8; header=present"
        assert told["etag"] == f'"{run_id}"'
        assert told["accept-ranges"] == "bytes"
        assert told["cache-control"] == "no-store"
        assert told["x-content-type-options"] == "nosniff"
        name = told["content-disposition"]
        assert name.startswith('attachment; filename="stock-on-hand-2')
        assert name.endswith('.csv"')


async def test_any_part_of_a_file_can_be_fetched(shop: Shop, file: tuple[str, bytes]) -> None:
    run_id, content = file
    size = len(content)
    for asked, first, beyond in (
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, size),
        ("bytes=9-11", 9, 12),
        (f"bytes={size - 1}-", size - 1, size),
        (f"bytes=100-{size + 5}", 100, size),
        ("bytes=-5", size - 5, size),
        (f"bytes=-{size + 5}", 0, size),
        ("BYTES=50-149", 50, 150),
    ):
        answer = await fetch(shop, run_id, range=asked)

        assert answer.status_code == 206, asked
        assert answer.content == content[first:beyond]
        assert answer.headers["content-range"] == f"bytes {first}-{beyond - 1}/{size}"
        assert answer.headers["content-length"] == str(beyond - first)


async def test_a_part_that_is_not_there_and_what_is_no_part(
    shop: Shop, file: tuple[str, bytes]
) -> None:
    run_id, content = file
    for asked in (f"bytes={len(content)}-", "bytes=99999999-", "bytes=-0"):
        answer = await fetch(shop, run_id, range=asked)

        assert answer.status_code == 416, asked
        assert answer.headers["content-range"] == f"bytes */{len(content)}"
        assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_INPUT"}
    for ignored in ("bytes=5-2", "lines=1-2", "bytes=", "bytes=a-b", "bytes=0-1,3-4", "bytes=--1"):
        answer = await fetch(shop, run_id, range=ignored)
        assert (answer.status_code, answer.content) == (200, content), ignored
    assert (await fetch(shop, run_id, method="HEAD", range="bytes=0-0")).status_code == 200


async def test_a_part_is_given_only_of_the_file_that_the_client_knows(
    shop: Shop, file: tuple[str, bytes]
) -> None:
    run_id, content = file
    whole = await fetch(shop, run_id, method="HEAD")
    tag, modified = whole.headers["etag"], whole.headers["last-modified"]
    other = "Thu, 01 Jan 2026 00:00:00 GMT"
    for validator, status in (
        (tag, 206),
        (modified, 206),
        (f"W/{tag}", 200),
        ('"x"', 200),
        (other, 200),
        ("x", 200),
    ):
        answer = await fetch(shop, run_id, range="bytes=5-9", if_range=validator)
        assert answer.status_code == status, validator
        assert answer.content == (content[5:10] if status == 206 else content)
    for given, status in (
        ({"if_none_match": tag}, 304),
        ({"if_none_match": f'"x", W/{tag}'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"x"', "if_modified_since": modified}, 200),
        ({"if_modified_since": modified}, 304),
        ({"if_modified_since": other}, 200),
        ({"if_match": tag}, 200),
        ({"if_match": '"x"'}, 412),
        ({"if_match": f"W/{tag}"}, 412),
        ({"if_unmodified_since": other}, 412),
        ({"if_unmodified_since": modified}, 200),
        ({"if_unmodified_since": "yesterday"}, 200),
    ):
        assert (await fetch(shop, run_id, **given)).status_code == status, given


async def test_a_file_is_there_once_it_is_done_and_until_it_expires(shop: Shop) -> None:
    of = {"tenant_id": shop.world.tenant.id}
    run_id = await queued(shop)
    early = await fetch(shop, run_id)

    assert early.status_code == 409
    assert early.json()["errors"][0]["extensions"] == {"code": "WRONG_STATUS"}
    assert early.headers["retry-after"] == "2"
    await worker.make_reports()
    await worker.forget()
    assert (await fetch(shop, run_id)).status_code == 200
    await ReportRun.filter(**of).update(expires_at=NOW - timedelta(seconds=1))
    assert (await fetch(shop, run_id)).status_code == 410
    await worker.forget()
    late = await looked_at(shop, run_id)
    assert (late["status"], late["downloadPath"]) == ("EXPIRED", None)
    assert await ReportChunk.filter(**of).count() == 0
    assert (await fetch(shop, run_id)).status_code == 410
    await ReportRun.filter(**of).update(created_at=NOW - timedelta(days=41))
    await worker.forget()
    assert await looked_at(shop, run_id) is None


# --- the worker ----------------------------------------------------------------------------------


async def claimed(world: World) -> report_runs.Claimed:
    run = await report_runs.claim(world.tenant.id)
    assert run is not None
    return run


async def lease_ends() -> None:
    """Let half a minute go by."""
    await ReportRun.filter(status=ReportStatus.RUNNING).update(due_at=LONG_AGO)


async def test_however_many_work_each_run_is_made_once(shop: Shop, world: World) -> None:
    for _ in range(6):
        await queued(shop)
    claims = await asyncio.gather(*(report_runs.claim(world.tenant.id) for _ in range(9)))
    taken = [one.id for one in claims if one is not None]

    assert len(taken) == len(set(taken)) == 6
    assert await report_runs.tenants_waiting() == []
    assert not await report_work.work_next()


async def test_the_oldest_run_is_made_first(shop: Shop, world: World) -> None:
    first = await queued(shop)
    await queued(shop)

    assert str((await claimed(world)).id) == first


async def test_who_lost_the_lease_writes_nothing_more(shop: Shop, world: World) -> None:
    """And the next one begins from the beginning."""
    await some_stock(shop)
    run_id = await queued(shop)
    slow = await claimed(world)
    await report_runs.note_progress(slow, Progress(1, None, 5), b"first")
    assert await report_runs.claim(world.tenant.id) is None
    await lease_ends()
    fast = await claimed(world)
    for late in (
        report_runs.note_progress(slow, Progress(2, None, 9), b"late"),
        report_runs.finish(slow, "/x", 60),
        report_runs.give_up(slow, ReportFault.INTERNAL),
        report_runs.put_back(slow, 0, attempted=True),
        report_runs.clear(slow),
    ):
        with pytest.raises(LeaseLost):
            await late
    assert await ReportChunk.all().count() == 1
    await report_work._work(fast)

    text = (await fetch(shop, run_id)).text
    assert text.startswith(HEADER)
    assert len(text.splitlines()) == 4
    assert (await ReportRun.get(tenant_id=world.tenant.id, id=run_id)).attempts == 2


async def test_what_fails_is_tried_three_times(
    shop: Shop, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Faults of ours and of the database alike; nothing of the file is left."""
    run_id = await queued(shop)
    attempts = 0

    async def broken(*_: Any) -> AsyncIterator[list[Any]]:
        nonlocal attempts
        attempts += 1
        for _ in range(3):
            yield []
        raise ZeroDivisionError if attempts % 2 else DatabaseUnavailable(Reason.TIMEOUT, "slow")

    monkeypatch.setattr(report_work, "stock_rows", broken)
    monkeypatch.setattr(report_work, "CHUNK_BYTES", 1)
    for _ in range(4):
        await worker.make_reports()
        assert (await looked_at(shop, run_id))["status"] != "RUNNING"
        await ReportRun.filter(tenant_id=world.tenant.id).update(due_at=LONG_AGO)
    failed = await looked_at(shop, run_id)

    assert attempts == 3
    assert (failed["status"], failed["error"]) == ("FAILED", "INTERNAL")
    assert failed["downloadPath"] is None
    assert await ReportChunk.all().count() == 0
    assert (await fetch(shop, run_id)).status_code == 409
    monkeypatch.undo()
    assert await report(shop) == HEADER


async def test_what_kills_its_worker_is_given_up(shop: Shop, world: World) -> None:
    run_id = await queued(shop)
    for _ in range(3):
        await claimed(world)
        await lease_ends()
    await worker.make_reports()

    assert (await looked_at(shop, run_id))["error"] == "INTERNAL"


@pytest.mark.parametrize("limit", ["MOST_BYTES", "MOST_GROUPS"])
async def test_what_is_too_large_is_given_up_at_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    await some_stock(shop)
    monkeypatch.setattr(report_work, limit, 1)
    run_id = await queued(shop, aggregateBy=["BATCH"])
    await worker.make_reports()

    failed = await looked_at(shop, run_id)
    assert (failed["status"], failed["error"]) == ("FAILED", "TOO_LARGE")
    assert failed["bytes"] == 0


async def test_a_worker_that_is_told_to_stop_puts_its_run_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def endless(*_: Any) -> AsyncIterator[list[Any]]:
        yield []
        begun.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(report_work, "stock_rows", endless)
    run_id = await queued(shop)
    working = asyncio.create_task(worker.make_reports())
    await begun.wait()
    assert (await looked_at(shop, run_id))["status"] == "RUNNING"
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working

    assert (await looked_at(shop, run_id))["status"] == "QUEUED"
    run = await ReportRun.get(tenant_id=shop.world.tenant.id, id=run_id)
    assert run.attempts == 0
    monkeypatch.undo()
    await worker.make_reports()
    assert (await looked_at(shop, run_id))["status"] == "DONE"


# --- the service in a process of its own ---------------------------------------------------------

MANY = 12_000


async def many_levels(shop: Shop) -> list[str]:
    """A lot of levels, and the lines that tell them."""
    tea = UUID(shop.known["<TEA-500>"])
    made = [
        level(shop.world, tea, batch=f"B{n:06}", quantity=Decimal(n + 1), id=new_id())
        for n in range(MANY)
    ]
    await StockLevel.bulk_create(made, batch_size=1_000)
    return [
        f'ACME,SYD,TEA-500,"Tea, 500 g",{one.batch},,OK,{one.quantity},0,{one.quantity},0'
        for one in sorted(made, key=lambda one: one.id)
    ]


async def until(shop: Shop, run_id: str, **fields: Any) -> ReportRun:
    """Wait until a run is so far."""
    async with asyncio.timeout(30):
        while True:
            run = await ReportRun.get(tenant_id=shop.world.tenant.id, id=run_id)
            now = {name: getattr(run, name) for name in fields}
            if all(now[name] is not None and now[name] >= fields[name] for name in fields):
                return run
            await asyncio.sleep(0.002)


async def test_a_worker_that_is_killed_in_the_middle_loses_nothing(
    shop: Shop, serve: Serve
) -> None:
    lines = await many_levels(shop)
    run_id = await queued(shop)
    serving = await serve()
    await until(shop, run_id, bytes=1)
    serving.kill()

    run = await ReportRun.get(tenant_id=shop.world.tenant.id, id=run_id)
    assert (run.status, run.bytes > 0) == (ReportStatus.RUNNING, True), "it was in the middle"
    await lease_ends()
    await serve()
    await until(shop, run_id, expires_at=NOW)
    done = await looked_at(shop, run_id)
    text = (await fetch(shop, run_id)).text

    assert text == HEADER + "".join(f"{line}\r\n" for line in lines)
    assert (done["rowsDone"], done["bytes"]) == (MANY, len(text.encode()))


async def test_a_download_that_broke_off_goes_on(shop: Shop, serve: Serve) -> None:
    """By curl and by a client of ours, from a service that dies in the middle."""
    lines = await many_levels(shop)
    run_id = await queued(shop)
    await worker.make_reports()
    whole = (HEADER + "".join(f"{line}\r\n" for line in lines)).encode()
    got = b""
    async with (await serve()).client() as http:
        address = f"/reports/{run_id}"
        headers = {"Authorization": f"Bearer {shop.token}"}
        for _ in range(3):
            going_on = {"Range": f"bytes={len(got)}-", "If-Range": f'"{run_id}"'} if got else {}
            async with http.stream("GET", address, headers=headers | going_on) as answer:
                assert answer.status_code == (206 if got else 200)
                async for piece in answer.aiter_raw():
                    got += piece
                    if len(got) % 3:
                        break
        rest = await http.get(address, headers=headers | {"Range": f"bytes={len(got)}-"})
        got += rest.content if rest.status_code == 206 else b""

    assert got == whole
