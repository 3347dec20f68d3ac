"""Files of reports: fetched whole, in parts, and after a break."""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from models.reports import ReportChunk, ReportRun
from resolvers import report_work
from server import worker
from tests.asking import Shop
from tests.processes import Serve
from tests.reporting import (
    HEADER,
    NOW,
    empty_shop,
    fetch,
    looked_at,
    many_levels,
    queued,
    some_stock,
)
from tests.world import World


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await empty_shop(http, world)


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


async def test_a_download_that_broke_off_goes_on(shop: Shop, serve: Serve, tmp_path: Path) -> None:
    """Where it stood, by another process, with what every client can do."""
    lines = await many_levels(shop)
    run_id = await queued(shop)
    await worker.make_reports()
    whole = (HEADER + "".join(f"{line}\r\n" for line in lines)).encode()
    address, headers = f"/reports/{run_id}", {"Authorization": f"Bearer {shop.token}"}
    first = await serve("--no-worker")
    async with first.client() as http, http.stream("GET", address, headers=headers) as answer:
        got = await anext(answer.aiter_raw())
    first.kill()
    second = await serve("--no-worker")
    going_on = {"Range": f"bytes={len(got)}-", "If-Range": answer.headers["etag"]}
    async with second.client() as http:
        rest = await http.get(address, headers=headers | going_on)

    assert 0 < len(got) < len(whole)
    assert (rest.status_code, got + rest.content == whole) == (206, True)
    if curl := shutil.which("curl"):
        file = tmp_path / "stock.csv"
        for already in (0, 1, 100_001, len(whole) - 1):
            file.write_bytes(whole[:already])
            told = ["-H", f"Authorization: {headers['Authorization']}"]
            command = [curl, "-sSf", "-C", "-", "-o", file, *told, f"{second.origin}{address}"]
            done = await asyncio.create_subprocess_exec(*command)

            assert await done.wait() == 0
            assert file.read_bytes() == whole, already
