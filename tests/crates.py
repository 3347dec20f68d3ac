"""Tables of no tenant of ours, to try the engines with."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from tortoise import Model, fields

from models import database
from models.database import Dialect
from models.database.pool import Pool
from models.database.postgres import PostgresEngine
from models.database.sqlite import SqliteEngine
from models.database.transactions import engine
from models.fields import Instant


class Crate(Model):
    """A row of one tenant, as ours are."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    tenant_id = fields.UUIDField()
    name = fields.TextField()
    at = Instant(null=True)

    class Meta:
        table = "crates"


class Label(Model):
    """A row that points at another of the same tenant."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    tenant_id = fields.UUIDField()
    crate: fields.ForeignKeyRelation[Crate] = fields.ForeignKeyField(
        "models.Crate", related_name=False
    )

    class Meta:
        table = "labels"


TABLES = """
CREATE TABLE crates (
    id {uuid} NOT NULL, tenant_id {uuid} NOT NULL, name text NOT NULL CHECK (name <> ''),
    at {instant}, PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, name)
);
CREATE TABLE labels (
    id {uuid} NOT NULL, tenant_id {uuid} NOT NULL, crate_id {uuid} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, crate_id) REFERENCES crates (tenant_id, id)
)
"""


async def make_tables() -> None:
    on_sqlite = database.dialect() is Dialect.SQLITE
    kinds = (
        {"uuid": "text", "instant": "text"}
        if on_sqlite
        else {
            "uuid": "uuid",
            "instant": "timestamptz",
        }
    )
    for statement in TABLES.format(**kinds).split(";"):
        await database.execute(statement)


SQLITE = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
POSTGRES = pytest.mark.parametrize("engine_url", ["postgres"], indirect=True)


@pytest.fixture
async def connected(engine_url: str) -> AsyncIterator[Dialect]:
    await database.connect(engine_url, pool_size=4, tables=[__name__])
    await make_tables()
    yield database.dialect()
    await database.disconnect()


def n(number: int) -> str:
    return database.dialect().placeholder(number)


async def one(sql: str, *values: object) -> object:
    [[value]] = await database.rows(sql, *values)
    return value


async def names() -> list[str]:
    return [name for [name] in await database.rows("SELECT name FROM crates ORDER BY name")]


async def add(name: str) -> None:
    await database.execute(
        f"INSERT INTO crates (id, tenant_id, name) VALUES ({n(1)}, {n(2)}, {n(3)})",
        uuid4(),
        uuid4(),
        name,
    )


def pools() -> list[Pool[Any]]:
    known = engine()
    if isinstance(known, SqliteEngine):
        return [known.readers, known.writers]
    assert isinstance(known, PostgresEngine)
    return [known.links]
