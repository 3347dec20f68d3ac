"""Statements as files: lines and calls, as CSV and as JSON, for whoever may see the bill."""

import csv
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from models.clients import ApiClient
from models.tenants import Customer, Tenant
from models.words import ApiRole, StaffRole
from resolvers import statement_files
from resolvers.billing import close
from tests.asking import Shop, open_shop
from tests.books import WEEK, Books
from tests.processes import ROOT
from tests.world import make_world

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", " =1", "\uff1d1"]
HARMLESS = ["Web shop", "a=b", "1-2", "O'Brien", 'says "hi", twice', "Zoë\r\nof two lines"]


@pytest_asyncio.fixture
async def shop(http: httpx.AsyncClient, world: Any) -> Shop:
    return await open_shop(http, world)


@pytest_asyncio.fixture
async def books(shop: Shop) -> Books:
    """The same tenant's books; last week some calls were made, and it is closed."""
    tenant = shop.world.tenant
    await Tenant.filter(id=tenant.id).update(created_at=datetime.now(UTC) - 2 * WEEK)
    books = Books(await Tenant.get(id=tenant.id))
    start = books.past(1).start
    await books.called(start, 2, customer_id=shop.world.live.id, operation="Dash")
    await books.called(start + timedelta(hours=1), 3, name="ERP", field="products")
    await close(tenant.id, books.past(1).week)
    return books


@pytest_asyncio.fixture
async def flagged(shop: Shop) -> str:
    return await shop.world.token(sees_tenant_usage=True, name="Dashboard")


async def fetch(shop: Shop, path: str, by: str, method: str = "GET") -> httpx.Response:
    return await shop.http.request(method, path, headers={"Authorization": f"Bearer {by}"})


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_lines_are_fetched_as_csv(shop: Shop, books: Books, flagged: str) -> None:
    week = books.past(1).week

    answer = await fetch(shop, f"/statements/{week}/lines.csv", flagged)

    shop_id, erp_id = [(await books.client(name)).id for name in ("Web shop", "ERP")]
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="statement-{week}-lines.csv"'
    )
    assert answer.content.decode() == (
        "week,clientId,clientName,field,calls\r\n"
        f"{week},{erp_id},ERP,products,3\r\n"
        f"{week},{shop_id},Web shop,outboundOrders,2\r\n"
    )


async def test_lines_are_fetched_as_json_with_what_they_come_to(
    shop: Shop, books: Books, flagged: str
) -> None:
    week = books.past(1).week

    told = (await fetch(shop, f"/statements/{week}/lines.json", flagged)).json()

    assert [(line["clientName"], line["field"], line["calls"]) for line in told["lines"]] == [
        ("ERP", "products", 3),
        ("Web shop", "outboundOrders", 2),
    ]
    assert (told["week"], told["used"], told["included"], told["excess"]) == (str(week), 5, 0, 5)
    assert told["charge"] == {"amount": "0.05", "currency": "AUD"}
    assert (told["pricePerCall"], told["timeZone"]) == ("0.01", "Australia/Sydney")
    assert told["closedAt"] is not None


async def test_an_open_week_is_fetched_as_it_stands(shop: Shop, books: Books, flagged: str) -> None:
    await shop.place()
    answer = await fetch(shop, f"/statements/{books.week.week}/lines.json", flagged)

    assert (answer.json()["used"], answer.json()["closedAt"]) == (1, None)


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
async def test_calls_are_fetched_whole_however_they_are_read(
    shop: Shop, books: Books, flagged: str, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(statement_files, "AT_ONCE", at_once)
    path = f"/statements/{books.past(1).week}/calls"

    rows = table((await fetch(shop, f"{path}.csv", flagged)).content.decode())
    told = (await fetch(shop, f"{path}.json", flagged)).json()

    assert len(rows) == len(told) == 5
    assert [row["clientName"] for row in rows] == ["ERP"] * 3 + ["Web shop"] * 2
    assert [row["requestId"] for row in rows] == [one["requestId"] for one in told]
    assert (rows[-1]["customerCode"], rows[-1]["operation"]) == ("ACME", "Dash")
    assert (rows[-1]["late"], told[-1]["late"]) == ("false", False)
    assert rows[-1]["at"] == told[-1]["at"]
    assert told[-1]["at"].endswith("Z")
    assert (rows[0]["object"], told[0]["object"]) == ("", None)


async def test_calls_of_one_line_can_be_chosen(shop: Shop, books: Books, flagged: str) -> None:
    path = f"/statements/{books.past(1).week}/calls.csv"
    erp = (await books.client("ERP")).id

    async def number(query: str) -> int:
        return len(table((await fetch(shop, f"{path}?{query}", flagged)).content.decode()))

    assert await number(f"client={erp}") == 3
    assert await number(f"client={erp}&field=products") == 3
    assert await number(f"client={erp}&field=outboundOrders") == 0
    assert await number("field=outboundOrders") == 2
    assert await number(f"client={shop.world.live.id}") == 0


@pytest.mark.parametrize("text", DANGEROUS)
async def test_no_cell_is_a_formula(shop: Shop, books: Books, flagged: str, text: str) -> None:
    """A spreadsheet would carry out what somebody wrote into a name."""
    of = {"tenant_id": books.tenant.id}
    await ApiClient.filter(**of, name="ERP").update(name=text)
    await Customer.filter(**of, id=shop.world.live.id).update(code=text)
    await books.called(books.week.start, 1, operation=text, customer_id=shop.world.live.id)
    week = books.past(1).week

    lines = table((await fetch(shop, f"/statements/{week}/lines.csv", flagged)).content.decode())
    calls = table(
        (await fetch(shop, f"/statements/{books.week.week}/calls.csv", flagged)).content.decode()
    )
    as_json = (await fetch(shop, f"/statements/{week}/lines.json", flagged)).json()

    assert f"'{text}" in {line["clientName"] for line in lines}
    assert [(one["operation"], one["customerCode"]) for one in calls] == [(f"'{text}",) * 2]
    assert text in {line["clientName"] for line in as_json["lines"]}


@pytest.mark.parametrize("text", HARMLESS)
async def test_what_is_none_is_told_as_it_is(
    shop: Shop, books: Books, flagged: str, text: str
) -> None:
    await ApiClient.filter(tenant_id=books.tenant.id, name="ERP").update(name=text)
    path = f"/statements/{books.past(1).week}/lines.csv"

    lines = table((await fetch(shop, path, flagged)).content.decode())

    assert text in {line["clientName"] for line in lines}


async def test_only_those_who_may_see_the_bill_fetch_it(shop: Shop, books: Books) -> None:
    week = books.past(1).week
    administrator = await shop.world.staff_token(StaffRole.ADMINISTRATOR)
    operator = await shop.world.staff_token(StaffRole.OPERATOR)
    others = await open_shop(shop.http, await make_world("Elsewhere"))
    stranger = await others.world.token(ApiRole.API_FULL_ACCESS, sees_tenant_usage=True)
    for path in (f"/statements/{week}/lines.csv", f"/statements/{week}/calls.json"):
        assert (await fetch(shop, path, administrator)).status_code == 200
        for by in (shop.token, operator):
            answer = await fetch(shop, path, by)
            assert answer.status_code == 403
            assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert (await shop.http.get(path)).status_code == 401
        answer = await fetch(shop, path, stranger)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
            400,
            "BAD_INPUT",
        )  # no week of that account's


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/statements/2026-11-24/lines.csv", 400),
        ("/statements/yesterday/lines.csv", 400),
        ("/statements/9999-12-27/lines.csv", 400),
        ("/statements/{week}/lines.xml", 404),
        ("/statements/{week}/money.csv", 404),
        ("/statements/{week}/calls.csv?client=nobody", 400),
        ("/statements/{week}/calls.csv?page=2", 400),
        ("/statements/{week}/calls.csv?field=a&field=b", 400),
        ("/statements/{week}/calls.csv?access_token=x", 400),
        ("/statements/{week}", 404),
    ],
)
async def test_what_is_asked_wrongly_is_refused(
    shop: Shop, books: Books, flagged: str, path: str, status: int
) -> None:
    answer = await fetch(shop, path.format(week=books.past(1).week), flagged)

    assert answer.status_code == status


async def test_it_is_only_looked_at(shop: Shop, books: Books, flagged: str) -> None:
    path = f"/statements/{books.past(1).week}/lines.csv"

    head = await fetch(shop, path, flagged, "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    for method in ("POST", "PUT", "DELETE"):
        assert (await fetch(shop, path, flagged, method)).status_code == 405


@pytest.mark.parametrize("form", ["csv", "json"])
async def test_the_host_writes_the_same_on_the_command_line(
    shop: Shop, books: Books, flagged: str, database_url: str, form: str
) -> None:
    week = str(books.past(1).week)
    fetched = (await fetch(shop, f"/statements/{week}/lines.{form}", flagged)).content

    done = subprocess.run(  # noqa: ASYNC221 - a moment, in a test
        [sys.executable, "-m", "server", "statement", "export", "--week", week, "--format", form],
        cwd=ROOT,
        env=os.environ | {"DOCKGATE_DATABASE_URL": database_url},
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == fetched
    if form == "json":
        assert json.loads(done.stdout)["used"] == 5
