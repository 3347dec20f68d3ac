"""A service that is killed and started again in the same place."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from models.database import connect, disconnect
from models.database.migrations import migrate
from tests.processes import ROOT, UNLIMITED, Serving, until_ready
from tests.world import World, make_world


def quiet_port() -> int:
    """A port that no other process is given by chance while ours is dead."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


@dataclass
class Service:
    """`dockgate serve` on one database and one port, whatever happens to it."""

    url: str
    folder: Path
    workers: int = 1
    port: int = field(default_factory=quiet_port)
    serving: Serving | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        command = [sys.executable, "-m", "server", "serve", "--port", str(self.port)]
        log = self.folder / f"serve-{self.port}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: ASYNC220 - a moment, in a test
                [*command, "--workers", str(self.workers)],
                cwd=ROOT,
                env=os.environ
                | UNLIMITED
                | {"DOCKGATE_DATABASE_URL": self.url, "TMPDIR": str(self.folder)},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.serving = Serving(process, self.origin, log)
        await until_ready(self.serving)

    async def kill(self) -> None:
        """SIGKILL for parent and workers alike; returns when the last of them is gone."""
        assert self.serving is not None
        parent = psutil.Process(self.serving.process.pid)
        family = [parent, *parent.children(recursive=True)]
        self.serving.kill()
        while any(lives(one) for one in family):  # noqa: ASYNC110 - they tell nobody
            await asyncio.sleep(0.005)

    async def kill_a_worker(self) -> None:
        """SIGKILL for one worker; the parent is to start another."""
        assert self.serving is not None
        family = psutil.Process(self.serving.process.pid).children(recursive=True)
        workers = [one for one in family if lives(one) and "spawn_main" in " ".join(one.cmdline())]
        os.kill(random.choice(workers).pid, signal.SIGKILL)  # noqa: S311

    def stop(self) -> None:
        if self.serving is not None:
            self.serving.stop()

    def verify(self) -> str:
        """What `dockgate verify` says; nothing but "The books are right." will do."""
        done = subprocess.run(
            [sys.executable, "-m", "server", "verify"],
            cwd=ROOT,
            env=os.environ | {"DOCKGATE_DATABASE_URL": self.url},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return f"{done.returncode}: {done.stdout}{done.stderr}"


RIGHT = "0: The books are right.\n"


def lives(one: psutil.Process) -> bool:
    try:
        return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[None]:
    """Connect this process for a moment; while the service runs, nobody else is."""
    await connect(url)
    try:
        yield
    finally:
        await disconnect()


async def migrated_world(url: str) -> World:
    """A tenant in that database, which may be empty."""
    async with connected(url):
        await migrate()
        return await make_world()
