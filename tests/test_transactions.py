"""Transactions: whole or not at all, whoever is cancelled meanwhile."""
# ruff: noqa: PT012 - what is refused is a whole transaction

import asyncio
import random
import subprocess
import sys
from contextvars import Context
from uuid import uuid4

import pytest
from tortoise.transactions import in_transaction

from models import database
from models.database import Reason, errors
from tests.crates import (
    SQLITE,
    Crate,
    add,
    connected,  # noqa: F401 - a fixture
    names,
    one,
    pools,
)

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
    await database.connect(sys.argv[1], tables=["tests.crates"])
    for _ in range(40):
        async with database.transaction():
            [[count]] = await database.rows("SELECT value FROM counter")
            await database.execute("UPDATE counter SET value = ?1", count + 1)
    await database.disconnect()
asyncio.run(main())
"""


@SQLITE
@pytest.mark.usefixtures("connected")
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
