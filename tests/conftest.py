"""What every test may ask for."""

import os
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette

import schema
from models.database import connect, disconnect
from models.database.migrations import migrate
from schema.limits import Limits
from server.app import create_app
from server.settings import Settings
from tests import memory
from tests import postgres as postgres_for_tests
from tests.processes import Serve
from tests.templates import Templates
from tests.world import World, make_world


def pytest_configure() -> None:
    """Have `tmp_path` in memory, before anybody asks for it."""
    if (folder := memory.folder()) is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_for_tests.Server]:
    """A PostgreSQL of our own; one for each worker of pytest-xdist."""
    with postgres_for_tests.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def engine_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, once on either engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/dockgate.db"
        return
    server = request.getfixturevalue("postgres")
    url = server.create_database()
    yield url
    server.drop_database(url.rpartition("/")[2])


@pytest.fixture(scope="session")
def templates(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Templates:
    """Databases that are made once and copied for each test."""
    return Templates(
        tmp_path_factory.mktemp("templates"), lambda: request.getfixturevalue("postgres")
    )


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(
    request: pytest.FixtureRequest, templates: Templates, tmp_path: Path
) -> Iterator[str]:
    """The address of a fresh, migrated database, once on either engine."""
    with templates.copied(request.param, "migrated", migrate, tmp_path) as url:
        yield url


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """A fresh, migrated database that this process is connected to."""
    await connect(database_url)
    yield database_url
    await disconnect()


@pytest_asyncio.fixture
async def world(database: str) -> World:  # noqa: ARG001 - it is made there
    """A tenant with customers and warehouses in that database."""
    return await make_world()


@pytest_asyncio.fixture
async def app(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Starlette]:
    """The service in this process, on the database that the test is connected to itself."""
    for name in ("connect", "disconnect"):
        monkeypatch.setattr(f"server.app.{name}", _nothing)
    monkeypatch.setattr("server.http.schema.build", built)
    made = create_app(Settings(database_url=database, run_worker=False))
    async with made.router.lifespan_context(made):
        yield made


@pytest_asyncio.fixture
async def http(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client of that service."""
    transport = httpx.ASGITransport(app, client=("192.0.2.1", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://dockgate.test") as client:
        yield client


@pytest.fixture
def serve(database_url: str, tmp_path: Path) -> Iterator[Serve]:
    """Starts `dockgate serve` in a process of its own on that database."""
    starting = Serve(database_url, tmp_path)
    yield starting
    starting.stop()


@cache
def built(limits: Limits | None = None) -> schema.Schema:
    """One schema for all tests with the same limits: it takes longer than most of them."""
    return schema.Schema(limits)


async def _nothing(*_: object, **__: object) -> None:
    pass
