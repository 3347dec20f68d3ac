"""Making reports: one worker a run, whatever becomes of the worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest

from models import report_runs
from models.database import DatabaseUnavailable, Reason, observers
from models.report_runs import LeaseLost, Progress
from models.reports import ReportChunk, ReportRun
from models.words import ReportFault, ReportStatus
from resolvers import report_work
from server import worker
from tests.asking import Shop
from tests.processes import Serve
from tests.reporting import (
    HEADER,
    LONG_AGO,
    MANY,
    NOW,
    empty_shop,
    fetch,
    looked_at,
    many_levels,
    queued,
    report,
    some_stock,
)
from tests.test_promises import crossing, owned_tables
from tests.world import World


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await empty_shop(http, world)


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


async def test_all_sql_of_reports_names_the_tenant(shop: Shop) -> None:
    """Beside GraphQL, too."""
    await some_stock(shop)
    said: list[str] = []
    observers.append(said.append)
    try:
        for given in ({}, {"asOf": LONG_AGO.isoformat()}, {"aggregateBy": ["PRODUCT"]}):
            run_id = await queued(shop, **given)
            await worker.make_reports()
            assert (await fetch(shop, run_id)).status_code == 200
        await ReportRun.filter(tenant_id=shop.world.tenant.id).update(
            expires_at=LONG_AGO, created_at=NOW - timedelta(days=50)
        )
        await worker.forget()
        await worker.forget()
    finally:
        observers.remove(said.append)

    owned = owned_tables()
    of_reports = {sql for sql in said if "report_" in sql or "stock_" in sql}
    assert len(of_reports) > 15
    assert {sql: loose for sql in of_reports if (loose := crossing(sql, owned))} == {}


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
