"""What can befall a service and its database, and how its callers fare meanwhile."""

import asyncio
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import psutil

from tests import postgres
from tests.faults import Callers, until
from tests.faults_service import Service, lives


@dataclass
class Figures:
    """What a history came to."""

    engine: str
    workers: int
    kills: int
    placed: int
    replays: int
    unanswered: int
    found: int
    """Orders that an unanswered request had placed."""
    counted: int
    seconds: float


async def kill_again_and_again(service: Service, callers: Callers, kills: int) -> Figures:
    """Call, kill at a moment nobody chose, start again; so many times."""
    began = time.monotonic()
    history = callers.history
    await service.start()
    await callers.prepare()
    for _ in range(kills):
        load = asyncio.create_task(callers.go_on())
        await callers.answered(callers.chance.randint(10, 80))
        await asyncio.sleep(callers.chance.uniform(0, 0.03))
        await service.kill()
        callers.over.set()
        await load
        await service.start()
    await callers.settle()
    service.stop()
    return Figures(
        service.url.partition(":")[0],
        service.workers,
        kills,
        len(history.placed),
        history.replays,
        history.unanswered,
        sum(not order.told_new for order in history.placed),
        sum(request.counted or 0 for request in history.requests),
        time.monotonic() - began,
    )


@dataclass
class Endured:
    """How it was while it lasted, and how long it took to be over."""

    viewer: httpx.Response
    healthy: httpx.Response
    ready: httpx.Response
    refused: int
    seconds_after: float


async def endure(
    service: Service, callers: Callers, outage: AbstractAsyncContextManager[None]
) -> Endured:
    """Call before, during and after an outage, until everything is answered."""
    history = callers.history
    load = asyncio.create_task(callers.go_on())
    await callers.answered(40)
    async with outage:
        before = history.refused["UNAVAILABLE"]
        await until(lambda: history.refused["UNAVAILABLE"] > before)
        # Long enough that no caller is taken from memory any more without a look at the database.
        await asyncio.sleep(1.5)
        viewer, healthy, ready = [
            await callers.look(path) for path in ("/graphql", "/healthz", "/readyz")
        ]
    cleared, placed = time.monotonic(), len(history.placed)
    await until(lambda: len(history.placed) > placed)
    after = time.monotonic() - cleared
    callers.over.set()
    await load
    await callers.settle()
    service.stop()
    return Endured(viewer, healthy, ready, history.refused["UNAVAILABLE"], after)


# --- SQLite -------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[Path]:
    """A file system of that size; only root can make one."""
    folder.mkdir()
    size = f"size={mebibytes}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "dockgate-tests", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@asynccontextmanager
async def full_disk(folder: Path) -> AsyncIterator[None]:
    """Somebody else's file takes what is left of the file system."""
    hog = folder / "hog"
    with hog.open("wb", buffering=0) as file:
        for size in (65_536, 512):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass
    yield
    hog.unlink()


@asynccontextmanager
async def short_files(service: Service) -> AsyncIterator[None]:
    """No file of the service may grow any more: to SQLite, a disk that fails."""
    assert service.serving is not None
    process = psutil.Process(service.serving.process.pid)
    _, most = process.rlimit(resource.RLIMIT_FSIZE)
    process.rlimit(resource.RLIMIT_FSIZE, (65_536, most))
    yield
    process.rlimit(resource.RLIMIT_FSIZE, (most, most))


@asynccontextmanager
async def locked_sqlite(url: str, seconds: float) -> AsyncIterator[None]:
    """Another process holds the one lock for writing; this one does."""
    began = time.monotonic()
    link = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        link.execute("BEGIN IMMEDIATE")
        yield
        await asyncio.sleep(max(0, began + seconds - time.monotonic()))
    finally:
        link.close()


# --- PostgreSQL ---------------------------------------------------------------------------------


@asynccontextmanager
async def locked_postgres(url: str, seconds: float) -> AsyncIterator[None]:
    """Somebody keeps the ledger to themselves."""
    began = time.monotonic()
    link = await asyncpg.connect(url)
    try:
        async with link.transaction():
            await link.execute("LOCK TABLE ledger IN EXCLUSIVE MODE")
            yield
            await asyncio.sleep(max(0, began + seconds - time.monotonic()))
    finally:
        await link.close()


class OwnPostgres:
    """A PostgreSQL that may be stopped: nobody else uses it."""

    def __init__(self) -> None:
        self.server = postgres.start()
        self.again: subprocess.Popen[bytes] | None = None
        self.folder: Path = self.server.keeper.args[4]  # type: ignore[index]

    def close(self) -> None:
        """Stop it for good, and leave nothing behind."""
        if self.again is not None:
            self._postmaster().send_signal(signal.SIGQUIT)
        self.server.stop()
        if self.again is not None:
            self.again.wait(30)

    @asynccontextmanager
    async def stopped(self, seconds: float) -> AsyncIterator[None]:
        """It is stopped in the middle of everything, and started again."""
        postmaster = self._postmaster()
        postmaster.send_signal(signal.SIGQUIT)
        await until(lambda: not lives(postmaster))
        yield
        await asyncio.sleep(seconds)
        owner, command = postgres._owner(), self.server.keeper.args[5:]  # type: ignore[index]
        with (self.folder / "log").open("ab") as log:
            self.again = subprocess.Popen(  # noqa: ASYNC220 - a moment, in a test
                ["/bin/sh", "-c", FOLLOW, "follow", str(self.server.keeper.pid), *command],
                user=owner,
                group=postgres._group(owner),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        postgres._wait_until_ready(self.server, self.folder / "log")

    @asynccontextmanager
    async def frozen(self, seconds: float) -> AsyncIterator[None]:
        """All of it stands still, and then goes on as if nothing had been."""
        began = time.monotonic()
        postmaster = self._postmaster()
        family = [postmaster, *postmaster.children(recursive=True)]
        for one in family:
            one.suspend()
        try:
            yield
            await asyncio.sleep(max(0, began + seconds - time.monotonic()))
        finally:
            for one in family:
                one.resume()

    def _postmaster(self) -> psutil.Process:
        told = (self.folder / "data" / "postmaster.pid").read_text()
        return psutil.Process(int(told.splitlines()[0]))


FOLLOW = """
keeper=$1; shift
"$@" &
while kill -0 $keeper && kill -0 $!; do sleep 0.2; done 2> /dev/null
kill -QUIT $! 2> /dev/null
wait
"""
"""Ends the server when its keeper ends, however that ends."""
