"""What is left when something breaks: every order once, every call once, and nothing half-done.

See docs/decisions/0008-what-a-kill-may-leave.md.
"""

import asyncio
import dataclasses
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.faults import Callers, callers_of
from tests.faults_books import differences
from tests.faults_outages import (
    Endured,
    Figures,
    OwnPostgres,
    endure,
    full_disk,
    kill_again_and_again,
    locked_postgres,
    locked_sqlite,
    short_files,
    small_disk,
)
from tests.faults_service import RIGHT, Service, connected, migrated_world
from tests.world import make_world

SEED = 8
WAIT = 10.0
"""Within so many seconds after a fault has cleared, orders are placed again."""

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@pytest_asyncio.fixture
async def service(database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    one = Service(database_url, tmp_path)
    yield one
    one.stop()


@pytest_asyncio.fixture
async def callers(service: Service) -> Callers:
    async with connected(service.url):
        return await callers_of(await make_world(), service.origin, SEED)


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[list[Figures]]:
    """Figures of kills; printed when they are all there."""
    figures: list[Figures] = []
    yield figures
    if not figures:
        return
    names = [field.name for field in dataclasses.fields(Figures)]
    told = [
        [f"{value:.0f}" if isinstance(value, float) else str(value) for value in row]
        for row in map(dataclasses.astuple, figures)
    ]
    plugins = request.config.pluginmanager
    reporter: Any = plugins.get_plugin("terminalreporter")
    capture: Any = plugins.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled():
        reporter.write_line("")
        for row in [names, *told]:
            reporter.write_line("".join(f"{cell:>12}" for cell in row))


async def test_nothing_is_lost_or_doubled_by_a_kill(service: Service, callers: Callers) -> None:
    service.workers = 2
    figures = await kill_again_and_again(service, callers, kills=3)

    assert await differences(service.url, callers.history) == []
    assert service.verify() == RIGHT
    assert figures.placed > 30
    assert figures.unanswered > 3


@pytest.mark.faults
@pytest.mark.timeout(400)
@pytest.mark.parametrize("workers", [1, 4])
async def test_nor_by_sixteen_kills(
    service: Service, callers: Callers, workers: int, table: list[Figures]
) -> None:
    service.workers = workers
    table.append(await kill_again_and_again(service, callers, kills=16))

    assert await differences(service.url, callers.history) == []
    assert service.verify() == RIGHT


@pytest.mark.faults
@pytest.mark.parametrize("workers", [1, 4])
async def test_a_read_that_was_answered_is_in_the_ledger(
    service: Service, callers: Callers, workers: int, table: list[Figures]
) -> None:
    """Beyond what was told there is at most what was in flight, and of that no more than asked."""
    service.workers, callers.reads = workers, 1.0
    table.append(await kill_again_and_again(service, callers, kills=5))

    assert await differences(service.url, callers.history) == []
    assert service.verify() == RIGHT
    assert callers.history.orders == {}


@pytest.mark.faults
async def test_a_worker_that_dies_is_replaced_and_leaves_nothing_half_done(
    service: Service, callers: Callers
) -> None:
    service.workers = 4
    await service.start()
    await callers.prepare()
    load = asyncio.create_task(callers.go_on())
    for _ in range(3):
        await callers.answered(100)
        await service.kill_a_worker()
    await callers.answered(300)
    callers.over.set()
    await load
    await callers.settle()
    service.stop()

    assert await differences(service.url, callers.history) == []
    assert service.verify() == RIGHT


@pytest.mark.faults
async def test_an_answer_that_nobody_read_is_not_given_twice(
    service: Service, callers: Callers
) -> None:
    """The caller hangs up, and sends it again with its key: one order, one count."""
    await service.start()
    await callers.prepare()
    for number in range(60):
        await callers.walk_away(number % 20 / 2_000)
    await callers.settle()
    service.stop()

    assert await differences(service.url, callers.history) == []
    assert service.verify() == RIGHT
    assert len(callers.history.placed) == 60
    assert sum(not order.told_new for order in callers.history.placed) > 10


async def endured(
    service: Service, callers: Callers, outage: AbstractAsyncContextManager[None]
) -> Endured:
    """What was answered meanwhile, once it is sure that the books are right."""
    told = await endure(service, callers, outage)

    assert await differences(service.url, callers.history) == []
    assert service.verify() == RIGHT
    assert set(callers.history.refused) <= {"UNAVAILABLE"}
    assert told.healthy.status_code == 200
    assert told.seconds_after < WAIT
    return told


@pytest.mark.faults
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small file system")
@SQLITE
async def test_a_full_disk_refuses_what_is_billed_and_nothing_else(
    service: Service, callers: Callers, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", mebibytes=8) as disk:
        # Nobody is connected, so that all of it is in the one file.
        shutil.copy(service.url.removeprefix("sqlite:///"), disk)
        service.url = f"sqlite:///{disk}/dockgate.db"
        await service.start()
        await callers.prepare()
        told = await endured(service, callers, full_disk(disk))

    assert told.viewer.json()["data"]["viewer"]["client"]
    assert told.ready.status_code == 200


@pytest.mark.faults
@SQLITE
async def test_so_does_a_disk_that_fails(service: Service, callers: Callers) -> None:
    await service.start()
    await callers.prepare()
    told = await endured(service, callers, short_files(service))

    assert told.viewer.json()["data"]["viewer"]["client"]


@pytest.mark.faults
async def test_a_lock_that_others_hold_for_long_ends_in_a_refusal(
    service: Service, callers: Callers
) -> None:
    await service.start()
    await callers.prepare()
    locked = locked_sqlite if service.url.startswith("sqlite") else locked_postgres
    told = await endured(service, callers, locked(service.url, 8))

    assert told.viewer.json()["data"]["viewer"]["client"]


@pytest.mark.faults
@pytest.mark.parametrize("what", ["stopped", "frozen"])
async def test_postgres_may_stop_and_come_back(what: str, tmp_path: Path) -> None:
    """Frozen, it has committed what we gave up on; so no order may be placed anew for it."""
    postgres = OwnPostgres()
    service = Service(postgres.server.create_database(), tmp_path)
    try:
        world = await migrated_world(service.url)
        async with connected(service.url):
            callers = await callers_of(world, service.origin, SEED)
        await service.start()
        await callers.prepare()
        outage = postgres.stopped(3) if what == "stopped" else postgres.frozen(15)
        told = await endured(service, callers, outage)
    finally:
        service.stop()
        postgres.close()

    assert told.viewer.status_code == 503
    assert "retryAt" in told.viewer.json()["errors"][0]["extensions"]
    assert told.ready.status_code == 503
