"""What a request costs.

    python -m benchmarks prepare --database-url URL --into FOLDER   data, bodies and a token
    python -m benchmarks run [--database-url URL]                   and measure them with wrk
    python -m benchmarks usage --database-url URL [--calls 10000000]  reports over many calls

`run` uses a SQLite file of its own unless a database is named; that has to be empty. Other
servers can be measured with the bodies of `prepare`: the token lasts an hour.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import bodies, usage
from benchmarks.dataset import Size, fill
from models.database import connect, disconnect
from models.database.migrations import migrate

HERE = Path(__file__).parent
PORT = 8917
CONNECTIONS = 16
GENEROUS = {
    f"DOCKGATE_ALLOWANCES__{name}": value
    for kind in ("READS", "ORDER_WRITES")
    for name, value in ((f"{kind}_BURST", "1000000"), (f"{kind}_PER_SECOND", "100000"))
}
"""One client asks as much as a hundred would; the allowances are kept, and never met."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("verb", nargs="?", choices=["prepare", "run", "usage"], default="run")
    parser.add_argument("--database-url")
    parser.add_argument("--into", type=Path)
    parser.add_argument("--orders", type=int, default=Size.orders)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    return parser.parse_args()


async def prepare(url: str, folder: Path, orders: int) -> None:
    """Fill an empty database, and write bodies and token beside one another."""
    await connect(url)
    try:
        await migrate()
        made = await fill(Size(orders=orders))
    finally:
        await disconnect()
    bodies.write(made, folder)
    (folder / "token").write_text(made.token)


@contextmanager
def serving(url: str) -> Iterator[str]:
    """One process that serves that database."""
    command = [sys.executable, "-m", "server", "serve", "--port", str(PORT), "--database-url", url]
    process = subprocess.Popen(
        command,
        env=os.environ | GENEROUS,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{PORT}"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{address}/readyz", timeout=1)  # noqa: S310 - our own
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit("The server did not get ready.")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=15)


def load(address: str, folder: Path, name: str, seconds: int) -> tuple[float, float, float]:
    """Requests a second, and the median and 99th percentile of their milliseconds."""
    environment = {
        **os.environ,
        "BODIES": str(folder / f"{name}.jsonl"),
        "TOKEN": (folder / "token").read_text(),
    }
    told = subprocess.run(
        [
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{seconds}s",
            "-s",
            HERE / "load.lua",
            f"{address}/graphql",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    result = next(line for line in told.splitlines() if line.startswith("RESULT"))
    requests, duration, p50, p99, failed = map(float, result.split()[1:])
    if failed:
        raise SystemExit(f"{name}: {failed:.0f} requests failed.\n{told}")
    return requests / duration, p50, p99


def main() -> None:
    given = arguments()
    if given.verb == "prepare":
        if not given.database_url or not given.into:
            raise SystemExit("prepare needs --database-url and --into")
        asyncio.run(prepare(given.database_url, given.into, given.orders))
        return
    if given.verb == "usage":
        if not given.database_url:
            raise SystemExit("usage needs --database-url")
        asyncio.run(usage.measure(given.database_url, given.calls, min(given.calls, 1_000_000)))
        return
    if shutil.which("wrk") is None:
        raise SystemExit("The load comes from wrk: apt-get install wrk")
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.into or Path(temporary)
        url = given.database_url or f"sqlite:///{temporary}/benchmark.db"
        asyncio.run(prepare(url, folder, given.orders))
        print("| request | requests a second | p50 ms | p99 ms |\n| --- | --: | --: | --: |")
        with serving(url) as address:
            for name in bodies.DOCUMENTS:
                load(address, folder, name, 1)
                taken = [load(address, folder, name, given.seconds) for _ in range(given.rounds)]
                rps, p50, p99 = (statistics.median(column) for column in zip(*taken, strict=True))
                print(f"| {name} | {rps:,.0f} | {p50:.2f} | {p99:.2f} |", flush=True)


if __name__ == "__main__":
    main()
