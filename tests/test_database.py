"""The two engines: transactions, cancellation, tenants, faults."""
# ruff: noqa: PT012 - what is refused is a whole transaction

import asyncio
import datetime as dt
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextvars import Context
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from tortoise import Model, fields
from tortoise.transactions import in_transaction

from models import database
from models.database import Dialect, Json, Reason, errors, sqlite
from models.database.pool import Pool
from models.database.postgres import PostgresEngine
from models.database.sqlite import SqliteEngine
from models.database.transactions import engine
from models.fields import Instant
from models.words import ApiRole

NAIVE = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - what is to be refused
EARLY = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=10)))
LATE = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)

FOREVER = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


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


@pytest.fixture
async def connected(engine_url: str) -> AsyncIterator[Dialect]:
    await database.connect(engine_url, pool_size=4, tables=[__name__])
    await make_tables()
    yield database.dialect()
    await database.disconnect()


@pytest.fixture
def on_sqlite(connected: Dialect) -> None:
    if connected is not Dialect.SQLITE:
        pytest.skip("about SQLite")


@pytest.fixture
def on_postgres(connected: Dialect) -> None:
    if connected is not Dialect.POSTGRES:
        pytest.skip("about PostgreSQL")


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


# Settings


@pytest.mark.usefixtures("on_sqlite")
async def test_sqlite_survives_a_power_cut_and_waits_for_its_turn() -> None:
    """Tortoise's own engine leaves `synchronous` and the busy timeout as they come."""
    link = await engine().begin()
    settings = {
        name: (await link.fetch(f"PRAGMA {name}", ()))[0][0]
        for name in ["journal_mode", "synchronous", "foreign_keys", "busy_timeout"]
    }
    await engine().rollback(link)

    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


@pytest.mark.usefixtures("on_postgres")
async def test_postgresql_is_told_how_long_anything_may_take() -> None:
    names = ["synchronous_commit", "statement_timeout", "lock_timeout", "timezone", "jit"]

    assert [await one(f"SHOW {name}") for name in names] == ["on", "10s", "5s", "UTC", "off"]


# Values


@pytest.mark.usefixtures("connected")
async def test_values_are_stored_in_one_form_per_kind() -> None:
    value = UUID("0193B5E0-0000-7000-8000-00000000ABCD")
    cast = database.dialect() is Dialect.POSTGRES
    kinds = ["uuid", "timestamptz", "boolean", "date", "text", "bytea", "numeric", "jsonb", "text"]
    given = [
        value,
        EARLY,
        True,
        dt.date(2026, 11, 23),
        ApiRole.WMS_VIEW_JOBS,
        b"\x00\x01",
        Decimal("1.50"),
        Json({"a": [1, None]}),
        None,
    ]
    columns = [f"{n(i)}::{kind}" if cast else n(i) for i, kind in enumerate(kinds, start=1)]

    [row] = await database.rows(f"SELECT {', '.join(columns)}", *given)

    assert list(row) == [
        value if cast else "0193b5e0-0000-7000-8000-00000000abcd",
        EARLY if cast else "2026-11-23T00:00:00.000000Z",
        1,
        dt.date(2026, 11, 23) if cast else "2026-11-23",
        "WMS_VIEW_JOBS",
        b"\x00\x01",
        Decimal("1.50") if cast else "1.50",
        '{"a": [1, null]}' if cast else '{"a":[1,null]}',
        None,
    ]


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("kind", [list, tuple, set, frozenset])
async def test_a_list_of_ids_is_one_value(kind: type) -> None:
    await add("a")
    [[id]] = await database.rows("SELECT id FROM crates")
    wanted = kind([UUID(str(id)), uuid4()])
    among = {
        Dialect.SQLITE: "id IN (SELECT value FROM json_each(?1))",
        Dialect.POSTGRES: "id = ANY($1::uuid[])",
    }[database.dialect()]

    assert await one(f"SELECT count(*) FROM crates WHERE {among}", wanted) == 1


@pytest.mark.usefixtures("connected")
async def test_one_value_may_be_named_twice() -> None:
    assert await one(f"SELECT count(*) FROM crates WHERE name = {n(1)} OR name > {n(1)}", "a") == 0


@pytest.mark.usefixtures("connected")
async def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        await database.rows(f"SELECT 1 FROM crates WHERE at = {n(1)}", NAIVE)
    with pytest.raises(ValueError, match="offset"):
        await Crate.create(tenant_id=uuid4(), name="a", at=NAIVE)


@pytest.mark.usefixtures("connected")
async def test_an_unknown_kind_of_value_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="complex"):
        await database.rows(f"SELECT 1 FROM crates WHERE name = {n(1)}", 1j)


@pytest.mark.usefixtures("connected")
async def test_instants_compare_as_time_whatever_their_offset() -> None:
    """Tortoise's own field kept the offset in SQLite's text: 10:00+10:00 came after 01:00Z."""
    await Crate.create(tenant_id=uuid4(), name="early", at=EARLY)
    await Crate.create(tenant_id=uuid4(), name="late", at=LATE)

    found = await Crate.filter(at__lt=LATE.astimezone(dt.timezone(dt.timedelta(hours=-8))))
    ours = await database.rows(f"SELECT name FROM crates WHERE at < {n(1)}", LATE)
    written = await Crate.filter(at=EARLY.astimezone(dt.UTC)).update(at=EARLY)

    assert [(crate.name, crate.at, crate.at.tzinfo) for crate in found] == [
        ("early", EARLY, dt.UTC)
    ]
    assert [list(row) for row in ours] == [["early"]]
    assert written == 1
    assert await Crate.all().order_by("at").values_list("name", "at") == [
        ("early", EARLY),
        ("late", LATE),
    ]


# Transactions


@pytest.mark.usefixtures("connected")
async def test_a_transaction_is_kept_or_undone_as_a_whole() -> None:
    async with database.transaction():
        await add("kept")
    with pytest.raises(KeyError):
        async with database.transaction():
            await add("undone")
            await Crate.create(tenant_id=uuid4(), name="undone too")
            raise KeyError

    assert await names() == ["kept"]
    assert not database.in_transaction()


@pytest.mark.usefixtures("connected")
async def test_a_transaction_inside_another_is_a_savepoint() -> None:
    async with database.transaction():
        await add("outer")
        with pytest.raises(database.Conflict):
            async with database.transaction():
                await add("inner")
                tenant, id = uuid4(), uuid4()
                await Crate.create(id=id, tenant_id=tenant, name="a")
                await Crate.create(id=id, tenant_id=tenant, name="b")
        async with in_transaction():
            await add("second")

    assert await names() == ["outer", "second"]


@pytest.mark.usefixtures("connected")
async def test_an_outer_rollback_takes_what_inner_ones_kept() -> None:
    with pytest.raises(KeyError):
        async with database.transaction():
            async with database.transaction():
                await add("inner")
            raise KeyError

    assert await names() == []


@pytest.mark.usefixtures("connected")
async def test_cancelling_while_a_transaction_opens_leaves_nothing_locked_or_lost() -> None:
    """Tortoise's own SQLite engine hangs for good; its pool of PostgreSQL lost 3 of 5."""
    chance = random.Random(1)  # noqa: S311 - no secret

    async def open_and_close() -> None:
        async with database.transaction():
            await asyncio.sleep(0)

    for _ in range(300):
        tasks = [asyncio.create_task(open_and_close()) for _ in range(3)]
        await asyncio.sleep(chance.random() * 0.0006)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async with asyncio.timeout(2):
        async with database.transaction():
            await add("after")
        while not all(pool.free == pool.size for pool in pools()):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)
    assert await names() == ["after"]


def pools() -> list[Pool[Any]]:
    known = engine()
    if isinstance(known, SqliteEngine):
        return [known.readers, known.writers]
    assert isinstance(known, PostgresEngine)
    return [known.links]


@pytest.mark.usefixtures("connected")
async def test_cancelling_inside_a_transaction_undoes_it() -> None:
    written = asyncio.Event()

    async def work() -> None:
        async with database.transaction():
            await add("undone")
            written.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await add("after")
    assert await names() == ["after"]


@pytest.mark.usefixtures("connected")
async def test_cancelling_statements_at_random_points_loses_no_connection() -> None:
    chance = random.Random(2)  # noqa: S311 - no secret
    for number in range(200):
        tasks = [
            asyncio.create_task(add(f"{number}")),
            asyncio.create_task(one("SELECT count(*) FROM crates")),
        ]
        await asyncio.sleep(chance.random() * 0.0006)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async with asyncio.timeout(2):
        await add("after")
        assert "after" in await names()
    assert all(pool.free == pool.size for pool in pools())


@pytest.mark.usefixtures("connected")
async def test_a_transaction_that_takes_too_long_is_undone() -> None:
    with pytest.raises(database.DatabaseUnavailable) as raised:
        async with database.transaction(seconds=0.1):
            await add("undone")
            await asyncio.sleep(60)

    assert raised.value.reason is Reason.TIMEOUT
    assert await names() == []


@pytest.mark.usefixtures("connected")
async def test_a_timeout_of_the_callers_own_stays_a_timeout() -> None:
    with pytest.raises(TimeoutError):
        async with database.transaction(), asyncio.timeout(0.01):
            await asyncio.sleep(60)


# Tasks


@pytest.mark.usefixtures("connected")
async def test_a_task_that_outlives_its_transaction_cannot_write() -> None:
    """With Tortoise's own SQLite engine its row vanished in another request's rollback."""
    go = asyncio.Event()

    async def late(how: str, client: object) -> None:
        await go.wait()
        if how == "statement":
            await add("late")
        elif how == "nested":
            async with database.transaction():
                await add("late")
        elif how == "tortoise":
            await Crate.create(tenant_id=uuid4(), name="late")
        else:
            async with in_transaction():
                await Crate.create(tenant_id=uuid4(), name="late", using_db=client)

    ways = ["statement", "nested", "tortoise", "yielded client"]
    async with in_transaction() as client:
        tasks = [asyncio.create_task(late(how, client)) for how in ways]
        await add("in time")
    with pytest.raises(KeyError):
        async with database.transaction():
            go.set()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            raise KeyError

    assert [type(error) for error in ended] == [errors.TransactionEnded] * 4
    assert await names() == ["in time"]


@pytest.mark.usefixtures("connected")
async def test_a_task_begun_in_a_transaction_runs_in_it_unless_told_otherwise() -> None:
    async def count() -> object:
        return await one("SELECT count(*) FROM crates")

    async with database.transaction():
        await add("not committed yet")
        inside = await asyncio.create_task(count())
        outside = await asyncio.create_task(count(), context=Context())

    assert (inside, outside) == (1, 0)


@pytest.mark.usefixtures("connected")
async def test_siblings_do_not_write_into_each_others_savepoints() -> None:
    """Without the turn, the second's row went with the first's rollback."""
    begun = asyncio.Event()

    async def fails() -> None:
        async with database.transaction():
            await add("fails")
            begun.set()
            await asyncio.sleep(0.02)
            raise KeyError

    async def succeeds() -> None:
        await begun.wait()
        await add("succeeds")

    async with database.transaction():
        ended = await asyncio.gather(fails(), succeeds(), return_exceptions=True)

    assert [type(each) for each in ended] == [KeyError, type(None)]
    assert await names() == ["succeeds"]


@pytest.mark.usefixtures("connected")
async def test_reads_do_not_wait_behind_a_write() -> None:
    """Tortoise's own SQLite engine has one connection: 252 ms behind a 250 ms transaction."""
    holding, done = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with database.transaction():
            await add("held")
            holding.set()
            await done.wait()

    task = asyncio.create_task(hold())
    await holding.wait()
    async with asyncio.timeout(1):
        seen = await names(), await Crate.all().count()
    done.set()
    await task

    assert seen == ([], 0)


PROCESS = """
import asyncio, sys
from models import database
async def main():
    await database.connect(sys.argv[1], tables=["tests.test_database"])
    for _ in range(40):
        async with database.transaction():
            [[count]] = await database.rows("SELECT value FROM counter")
            await database.execute("UPDATE counter SET value = ?1", count + 1)
    await database.disconnect()
asyncio.run(main())
"""


@pytest.mark.usefixtures("on_sqlite")
async def test_processes_that_read_and_then_write_take_turns(engine_url: str) -> None:
    """With a plain BEGIN, 142 of 300 were refused at once with "database is locked"."""
    await database.execute("CREATE TABLE counter (value integer)")
    await database.execute("INSERT INTO counter VALUES (0)")

    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROCESS, engine_url, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    said = [(await process.communicate())[1] for process in processes]

    assert said == [b""] * 3
    assert await one("SELECT value FROM counter") == 120


# Tenants


@pytest.mark.usefixtures("connected")
async def test_saving_touches_the_row_of_one_tenant() -> None:
    """Tortoise's own statement names `id` alone: both tenants' rows changed."""
    id, mine, theirs = uuid4(), uuid4(), uuid4()
    await Crate.create(id=id, tenant_id=mine, name="mine")
    await Crate.create(id=id, tenant_id=theirs, name="theirs")

    crate = await Crate.get(tenant_id=mine, id=id)
    crate.name = "changed"
    await crate.save()
    crate.name = "again"
    await crate.save(update_fields=["name"])

    assert await names() == ["again", "theirs"]


@pytest.mark.usefixtures("connected")
async def test_deleting_touches_the_row_of_one_tenant() -> None:
    id, mine, theirs = uuid4(), uuid4(), uuid4()
    crate = await Crate.create(id=id, tenant_id=mine, name="mine")
    await Crate.create(id=id, tenant_id=theirs, name="theirs")

    await crate.delete()

    assert await names() == ["theirs"]


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("how", ["created", "read", "read beside another"])
async def test_a_row_cannot_be_moved_to_another_tenant(how: str) -> None:
    """`a.tenant_id = b; a.save()` overwrote the other's row."""
    id, mine, theirs = uuid4(), uuid4(), uuid4()
    crate = await Crate.create(id=id, tenant_id=mine, name="mine")
    await Crate.create(id=id, tenant_id=theirs, name="theirs")
    if how == "read":
        crate = await Crate.get(tenant_id=mine)
    elif how == "read beside another":
        await Label.create(tenant_id=mine, crate=crate)
        label = await Label.filter(crate__tenant_id=mine).select_related("crate").get()
        crate = label.crate

    crate.tenant_id = theirs
    with pytest.raises(database.TenantChanged):
        await crate.save()
    with pytest.raises(database.TenantChanged):
        await crate.save(update_fields=["tenant_id"])
    with pytest.raises(database.TenantChanged):
        await crate.delete()

    assert await names() == ["mine", "theirs"]


async def test_both_engines_work_in_turn_in_one_process(
    tmp_path_factory: pytest.TempPathFactory, postgres: object
) -> None:
    """Tortoise remembers SQL by the connection's name: SQLite's went to PostgreSQL."""
    urls = [f"sqlite:///{tmp_path_factory.mktemp('turn')}/a.db", postgres.create_database()]
    for url in [*urls, *urls]:
        await database.connect(url, tables=[__name__])
        try:
            if url in urls:
                await make_tables()
                urls.remove(url)
            crate = await Crate.create(tenant_id=uuid4(), name=str(uuid4()), at=LATE)
            crate.name = str(uuid4())
            await crate.save()
            assert (await Crate.get(name=crate.name, at__lte=LATE)).at == LATE
        finally:
            await database.disconnect()


# Faults


@pytest.mark.usefixtures("connected")
async def test_a_taken_key_says_which_and_never_whose() -> None:
    """PostgreSQL's own message quotes the key."""
    tenant = uuid4()
    await Crate.create(tenant_id=tenant, name="secret")

    with pytest.raises(database.Conflict) as by_tortoise:
        await Crate.create(tenant_id=tenant, name="secret")
    with pytest.raises(database.Conflict) as by_us:
        await database.write_rows(
            "INSERT INTO crates (id, tenant_id, name)"
            f" VALUES ({n(1)}, {n(2)}, {n(3)}) RETURNING id",
            uuid4(),
            tenant,
            "secret",
        )

    for raised in (by_tortoise, by_us):
        assert raised.value.table == "crates"
        assert raised.value.columns == ("tenant_id", "name")
        assert "secret" not in str(raised.value)
        assert raised.value.__cause__ is None
        assert raised.value.__suppress_context__


@pytest.mark.usefixtures("connected")
async def test_a_broken_reference_is_told_apart() -> None:
    with pytest.raises(database.BrokenReference):
        await Label.create(tenant_id=uuid4(), crate_id=uuid4())
    crate = await Crate.create(tenant_id=uuid4(), name="a")
    await Label.create(tenant_id=crate.tenant_id, crate=crate)
    with pytest.raises(database.BrokenReference):
        await crate.delete()


@pytest.mark.usefixtures("connected")
async def test_a_broken_rule_is_told_apart() -> None:
    with pytest.raises(database.BrokenRule):
        await add("")
    with pytest.raises(database.BrokenRule):
        await database.execute(f"INSERT INTO crates (name) VALUES ({n(1)})", "a")


@pytest.mark.usefixtures("connected")
async def test_a_statement_of_our_own_making_is_our_fault() -> None:
    with pytest.raises(database.StatementFailed):
        await database.rows("SELECT nothing FROM nowhere")


@pytest.mark.usefixtures("connected")
async def test_get_or_create_still_knows_a_conflict() -> None:
    """Tortoise expects its own IntegrityError."""
    tenant = uuid4()

    found = await asyncio.gather(
        *(Crate.get_or_create({"at": LATE}, tenant_id=tenant, name="a") for _ in range(4))
    )

    assert sum(created for _, created in found) == 1
    assert await names() == ["a"]


@pytest.mark.usefixtures("on_sqlite")
async def test_a_full_disk_undoes_the_transaction_for_good() -> None:
    """SQLite rolls back by itself; without our look, what came next was committed alone."""
    link = await engine().begin()
    await link.fetch("PRAGMA max_page_count = 20", ())
    await engine().rollback(link)

    with pytest.raises(database.StatementFailed, match="undone"):
        async with database.transaction():
            await add("before")
            with pytest.raises(database.DatabaseUnavailable) as raised:
                await add("x" * 1_000_000)
            with pytest.raises(database.StatementFailed, match="undone"):
                await add("after")

    assert raised.value.reason is Reason.FULL
    assert await names() == []


@pytest.mark.usefixtures("on_postgres")
async def test_a_swallowed_fault_does_not_pass_for_a_commit() -> None:
    """PostgreSQL answers ROLLBACK to COMMIT, and asyncpg leaves it at that."""
    with pytest.raises(database.StatementFailed, match="undone"):
        async with database.transaction():
            await add("undone")
            with pytest.raises(database.StatementFailed):
                await database.rows("SELECT nothing FROM nowhere")

    assert await names() == []


@pytest.mark.usefixtures("connected")
async def test_a_statement_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "STATEMENT_SECONDS", 0.2)

    with pytest.raises(database.DatabaseUnavailable) as raised:
        async with database.transaction():
            if database.dialect() is Dialect.POSTGRES:
                await database.execute("SET LOCAL statement_timeout = '200ms'")
            await database.rows(FOREVER)

    assert raised.value.reason is Reason.TIMEOUT


@pytest.mark.usefixtures("connected")
async def test_a_cancelled_read_is_stopped_and_its_connection_serves_the_next() -> None:
    for _ in range(5):
        reads = [asyncio.create_task(one(FOREVER)) for _ in range(4)]
        await asyncio.sleep(0.02)
        for read in reads:
            read.cancel()
        await asyncio.gather(*reads, return_exceptions=True)

    async with asyncio.timeout(3):
        assert await asyncio.gather(*(names() for _ in range(4))) == [[]] * 4


@pytest.mark.usefixtures("connected")
async def test_a_read_that_is_cancelled_before_it_began_never_runs_on() -> None:
    """Its thread had set the time it may take anew, and so ran it for all of that."""
    for steps in (1, 2, 3, 4) * 5:
        read = asyncio.create_task(one(FOREVER))
        for _ in range(steps):
            await asyncio.sleep(0)
        read.cancel()
        await asyncio.gather(read, return_exceptions=True)

    async with asyncio.timeout(3):
        assert await asyncio.gather(*(names() for _ in range(4))) == [[]] * 4


async def test_waiting_for_a_lock_ends_in_a_lock_timeout(
    engine_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.2)
    await database.connect(engine_url, tables=[__name__])
    await make_tables()
    await add("a")
    holding, done = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with database.transaction():
            await database.execute("UPDATE crates SET name = 'b'")
            holding.set()
            await done.wait()

    holder = asyncio.create_task(hold())
    await holding.wait()
    with pytest.raises(database.LockTimeout) as raised:
        async with database.transaction():
            if database.dialect() is Dialect.POSTGRES:
                await database.execute("SET LOCAL lock_timeout = '200ms'")
            await database.execute("UPDATE crates SET name = 'c'")
    done.set()
    await holder
    assert await names() == ["b"]
    await database.disconnect()

    assert raised.value.reason is Reason.BUSY


@pytest.mark.usefixtures("on_sqlite")
async def test_a_lock_held_by_another_process_ends_in_a_lock_timeout(
    engine_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.disconnect()
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.2)
    await database.connect(engine_url, tables=[__name__])
    other = sqlite3.connect(engine_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(database.LockTimeout):
        await add("a")
    with pytest.raises(database.LockTimeout):
        async with database.transaction():
            await add("b")

    other.execute("ROLLBACK")
    other.close()
    await add("c")
    assert await names() == ["c"]


@pytest.mark.usefixtures("on_postgres")
async def test_a_lost_connection_is_told_and_replaced() -> None:
    with pytest.raises(database.DatabaseUnavailable) as raised:
        await database.rows("SELECT pg_terminate_backend(pg_backend_pid())")
    assert raised.value.reason is Reason.LOST
    assert await names() == []

    with pytest.raises(database.DatabaseUnavailable):
        async with database.transaction():
            await add("undone")
            await database.rows("SELECT pg_terminate_backend(pg_backend_pid())")
    assert await names() == []
    assert pools()[0].free == pools()[0].size


async def test_an_unreachable_server_is_told_without_its_password() -> None:
    with pytest.raises(database.DatabaseUnavailable) as raised:
        await database.connect("postgres://me:hush@127.0.0.1:1/db", tables=[__name__])

    assert raised.value.reason is Reason.LOST
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("url", ["sqlite://:memory:", "sqlite:///", "mysql://me:hush@x/y", "x.db"])
async def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="begins with") as raised:
        await database.connect(url, tables=[__name__])

    assert "hush" not in str(raised.value)


# Again


@pytest.mark.usefixtures("on_postgres")
async def test_losing_against_another_transaction_is_tried_again() -> None:
    """Without the retry, all but one of the eight ended in 40001."""
    await database.execute("CREATE TABLE counter (value integer)")
    await database.execute("INSERT INTO counter VALUES (0)")

    async def increment() -> None:
        await database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        [[value]] = await database.rows("SELECT value FROM counter")
        await asyncio.sleep(0.001)
        await database.execute("UPDATE counter SET value = $1", value + 1)

    await asyncio.gather(*(database.atomically(increment) for _ in range(4)))

    assert await one("SELECT value FROM counter") == 4


@pytest.mark.usefixtures("connected")
async def test_only_the_outermost_tries_again_and_not_for_ever() -> None:
    tries = {"inner": 0, "outer": 0}

    async def inner() -> None:
        tries["inner"] += 1
        raise errors.SerializationFailure

    async def outer() -> None:
        tries["outer"] += 1
        await database.atomically(inner)

    with pytest.raises(errors.SerializationFailure):
        await database.atomically(outer)

    assert tries == {"inner": 6, "outer": 6}


COMMIT_KILLS = """
CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$
"""


@pytest.mark.usefixtures("on_postgres")
async def test_a_lost_answer_to_commit_is_never_tried_again() -> None:
    """It may have been committed; to run it again could do it twice."""
    await database.execute(COMMIT_KILLS)
    await database.execute(
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON crates"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()"
    )
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        await add("a")

    with pytest.raises(database.OutcomeUnknown):
        await database.atomically(work)

    assert tries == 1
    assert await names() == []


# What else everybody relies on


@pytest.mark.usefixtures("connected")
async def test_rows_are_counted_and_returned() -> None:
    await add("a")
    await add("b")

    changed = await database.execute("UPDATE crates SET name = name || '!'")
    deleted = await database.write_rows("DELETE FROM crates WHERE name = 'b!' RETURNING name")

    assert changed == 2
    assert [list(row) for row in deleted] == [["b!"]]
    assert await names() == ["a!"]
    assert await Crate.filter(name="a!").delete() == 1


@pytest.mark.usefixtures("connected")
async def test_observers_hear_every_statement() -> None:
    heard: list[str] = []
    database.observers.append(heard.append)
    try:
        await add("a")
        await names()
        crate = await Crate.get(name="a")
        async with database.transaction():
            await crate.save()
            await Crate.bulk_create([Crate(tenant_id=uuid4(), name="b")])
    finally:
        database.observers.clear()

    assert [sql.split()[0] for sql in heard] == ["INSERT", "SELECT", "SELECT", "UPDATE", "INSERT"]


async def test_connecting_twice_and_asking_unconnected_are_refused(engine_url: str) -> None:
    with pytest.raises(RuntimeError, match="Not connected"):
        await database.rows("SELECT 1")
    await database.connect(engine_url, tables=[__name__])
    with pytest.raises(RuntimeError, match="Connected already"):
        await database.connect(engine_url, tables=[__name__])
    await database.disconnect()
    await database.disconnect()


@pytest.mark.usefixtures("on_sqlite")
async def test_a_quick_transaction_does_its_statements_on_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nine trips to SQLite's thread and back cost an order more than its statements do."""
    await database.execute("CREATE TABLE told (word TEXT)")
    where: list[tuple[str, bool]] = []

    def watch(name: str) -> None:
        stock = getattr(sqlite.SqliteLink, name)

        def told(link: Any, *given: Any) -> Any:
            where.append((name, threading.current_thread() is threading.main_thread()))
            return stock(link, *given)

        monkeypatch.setattr(sqlite.SqliteLink, name, told)

    for name in ("_begin", "_change", "_commit"):
        watch(name)

    async with database.transaction(quick=True):
        await database.execute("INSERT INTO told VALUES ('quick')")
    async with database.transaction():
        await database.execute("INSERT INTO told VALUES ('slow')")

    steps = [("_begin", False), ("_change", True), ("_commit", False)]
    assert where == [*steps, steps[0], ("_change", False), steps[2]]


@pytest.mark.usefixtures("connected")
async def test_a_quick_transaction_that_is_cancelled_leaves_nothing() -> None:
    await database.execute("CREATE TABLE told (word TEXT)")
    begun = asyncio.Event()

    async def half() -> None:
        async with database.transaction(quick=True):
            await database.execute("INSERT INTO told VALUES ('half')")
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(half())
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])

    assert await database.rows("SELECT word FROM told") == []
    async with database.transaction(quick=True):
        await database.execute("INSERT INTO told VALUES ('whole')")
    assert await one("SELECT word FROM told") == "whole"
