"""The two engines: settings, values, tenants."""

import asyncio
import datetime as dt
import threading
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from models import database
from models.database import Dialect, Json, sqlite
from models.database.transactions import engine
from models.words import ApiRole
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
)

NAIVE = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - what is to be refused
EARLY = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=10)))
LATE = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)

# Settings


@SQLITE
@pytest.mark.usefixtures("connected")
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


@POSTGRES
@pytest.mark.usefixtures("connected")
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
        await database.connect(url, tables=["tests.crates"])
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
    await database.connect(engine_url, tables=["tests.crates"])
    with pytest.raises(RuntimeError, match="Connected already"):
        await database.connect(engine_url, tables=["tests.crates"])
    await database.disconnect()
    await database.disconnect()


@SQLITE
@pytest.mark.usefixtures("connected")
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
