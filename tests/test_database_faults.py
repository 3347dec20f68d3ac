"""Faults of the two engines, told apart, and what is tried again."""
# ruff: noqa: PT012 - what is refused is a whole transaction

import asyncio
import datetime as dt
import sqlite3
from uuid import uuid4

import pytest

from models import database
from models.database import Dialect, Reason, errors, sqlite
from models.database.transactions import engine
from tests.crates import (
    POSTGRES,
    SQLITE,
    Crate,
    Label,
    add,
    connected,  # noqa: F401 - a fixture
    make_tables,
    n,
    names,
    one,
    pools,
)

FOREVER = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

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
        *(
            Crate.get_or_create({"at": dt.datetime.now(dt.UTC)}, tenant_id=tenant, name="a")
            for _ in range(4)
        )
    )

    assert sum(created for _, created in found) == 1
    assert await names() == ["a"]


@SQLITE
@pytest.mark.usefixtures("connected")
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


@POSTGRES
@pytest.mark.usefixtures("connected")
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
    await database.connect(engine_url, tables=["tests.crates"])
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


@SQLITE
@pytest.mark.usefixtures("connected")
async def test_a_lock_held_by_another_process_ends_in_a_lock_timeout(
    engine_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.disconnect()
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.2)
    await database.connect(engine_url, tables=["tests.crates"])
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


@POSTGRES
@pytest.mark.usefixtures("connected")
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
        await database.connect("postgres://me:hush@127.0.0.1:1/db", tables=["tests.crates"])

    assert raised.value.reason is Reason.LOST
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("url", ["sqlite://:memory:", "sqlite:///", "mysql://me:hush@x/y", "x.db"])
async def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="begins with") as raised:
        await database.connect(url, tables=["tests.crates"])

    assert "hush" not in str(raised.value)


# Again


@POSTGRES
@pytest.mark.usefixtures("connected")
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


@POSTGRES
@pytest.mark.usefixtures("connected")
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
