"""Databases that are made once, and copied for each test that wants one of its own."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.database import connect, disconnect
from tests.postgres import Server


@dataclass
class Templates:
    """What was made so far, by engine and name, with what making it told."""

    folder: Path
    postgres: Callable[[], Server]
    """Starts one, when it is first needed."""
    told: dict[tuple[str, str], Any] = field(default_factory=dict)

    @contextmanager
    def copied(
        self, engine: str, name: str, fill: Callable[[], Awaitable[Any]], folder: Path
    ) -> Iterator[str]:
        """The address of a copy of an empty database that `fill` has filled."""
        if engine == "sqlite":
            made = self.folder / f"{name}.db"
            self._make(engine, name, fill, lambda: f"sqlite:///{made}")
            copy = folder / "dockgate.db"
            shutil.copy(made, copy)
            yield f"sqlite:///{copy}"
            return
        server = self.postgres()
        self._make(engine, name, fill, lambda: server.create_database(name))
        url = server.create_database(template=name)
        yield url
        server.drop_database(url.rpartition("/")[2])

    def _make(
        self,
        engine: str,
        name: str,
        fill: Callable[[], Awaitable[Any]],
        create: Callable[[], str],
    ) -> None:
        if (engine, name) in self.told:
            return

        async def work() -> Any:
            await connect(create())
            try:
                return await fill()
            finally:
                await disconnect()

        # In a thread of its own, because a loop may be running in this one.
        with ThreadPoolExecutor(1) as pool:
            self.told[engine, name] = pool.submit(asyncio.run, work()).result()
