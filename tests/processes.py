"""`dockgate serve` in processes of its own, for what one process cannot show."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
PATIENCE = 90.0
UNLIMITED = {
    f"DOCKGATE_ALLOWANCES__{name}_PER_SECOND": "0" for name in ("READS", "ORDER_WRITES", "ADDRESS")
}
"""Settings for what is about something else, and asks more than any integration would."""


@dataclass
class Serving:
    """A running service. `origin` is where it listens; `log` is what it wrote."""

    process: "subprocess.Popen[bytes]"
    origin: str
    log: Path

    def client(self, **given: object) -> httpx.AsyncClient:
        """An HTTP client for it."""
        return httpx.AsyncClient(base_url=self.origin, timeout=30, **given)  # type: ignore[arg-type]

    def kill(self) -> None:
        """End it and its workers at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and see to it that it does."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()


@dataclass
class Serve:
    """Starts services on a database; all are stopped when the test ends."""

    database_url: str
    folder: Path
    started: list[Serving] = field(default_factory=list)

    async def __call__(self, *arguments: str, workers: int = 1, **environment: str) -> Serving:
        """Start one and wait until it is ready."""
        port = free_port()
        log = self.folder / f"serve-{port}.log"
        command = [sys.executable, "-m", "server", "serve", "--port", str(port)]
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: ASYNC220 - a moment, in a test
                [*command, "--workers", str(workers), *arguments],
                cwd=ROOT,
                env=os.environ | {"DOCKGATE_DATABASE_URL": self.database_url} | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        serving = Serving(process, f"http://127.0.0.1:{port}", log)
        self.started.append(serving)
        await until_ready(serving)
        return serving

    def stop(self) -> None:
        """Stop all that were started."""
        for serving in self.started:
            serving.stop()


async def until_ready(serving: Serving) -> None:
    """Wait until it can answer; fail with its log if it ends instead."""
    until = time.monotonic() + PATIENCE
    async with serving.client() as http:
        while time.monotonic() < until and serving.process.poll() is None:
            try:
                if (await http.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
    raise AssertionError(f"It did not become ready:\n{serving.log.read_text()}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
