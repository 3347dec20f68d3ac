"""The runner of numbered SQL files."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models import database
from models.database import Dialect
from models.database.migrations import MigrationError, check, migrate, pending
from models.database.statements import split_postgres, split_sqlite


@pytest.fixture
async def connected(engine_url: str) -> AsyncIterator[Dialect]:
    await database.connect(engine_url, tables=["tests.crates"])
    yield database.dialect()
    await database.disconnect()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two migrations for either engine."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for dialect in Dialect:
        write(folder, f"0001_first.{dialect}.sql", "CREATE TABLE first (id integer PRIMARY KEY);")
        write(folder, f"0002_second.{dialect}.sql", "INSERT INTO first VALUES (1); -- the first\n")
    return folder


def write(folder: Path, name: str, sql: str) -> None:
    (folder / name).write_text(sql)


async def ids() -> list[int]:
    return [id for [id] in await database.rows("SELECT id FROM first ORDER BY id")]


@pytest.mark.usefixtures("connected")
async def test_what_is_pending_is_applied_once_and_in_order(folder: Path) -> None:
    before = await pending(folder)
    first = await migrate(folder)
    second = await migrate(folder)
    await check(folder)

    assert before == ["0001_first", "0002_second"]
    assert first == ["0001_first", "0002_second"]
    assert second == []
    assert await pending(folder) == []
    assert await ids() == [1]


@pytest.mark.usefixtures("connected")
async def test_the_check_names_what_is_pending(folder: Path) -> None:
    with pytest.raises(MigrationError, match="0001_first, 0002_second"):
        await check(folder)


async def test_an_edited_migration_is_refused(connected: Dialect, folder: Path) -> None:
    await migrate(folder)
    write(folder, f"0002_second.{connected}.sql", "INSERT INTO first VALUES (2);")

    for step in (check, migrate):
        with pytest.raises(MigrationError, match="0002_second was edited"):
            await step(folder)
    assert await ids() == [1]


async def test_a_database_newer_than_the_code_is_refused(connected: Dialect, folder: Path) -> None:
    await migrate(folder)
    (folder / f"0002_second.{connected}.sql").unlink()
    write(folder, f"0003_third.{connected}.sql", "INSERT INTO first VALUES (3);")

    for step in (check, migrate):
        with pytest.raises(MigrationError, match="newer than this code: 0002_second"):
            await step(folder)
    assert await ids() == [1]


async def test_a_migration_that_fails_leaves_nothing_and_says_where(
    connected: Dialect, folder: Path
) -> None:
    """`executescript` commits first, so on SQLite the first two statements would have stayed."""
    write(
        folder,
        f"0003_third.{connected}.sql",
        "CREATE TABLE third (id integer);\nINSERT INTO first VALUES (3);\nINSERT INTO nowhere\n"
        "VALUES (1);",
    )

    message = r"0003_third, statement 3 \(INSERT INTO nowhere VALUES \(1\);\)"
    with pytest.raises(MigrationError, match=message):
        await migrate(folder)

    assert await pending(folder) == ["0003_third"]
    assert await ids() == [1]
    with pytest.raises(database.StatementFailed):
        await database.rows("SELECT * FROM third")


@pytest.mark.usefixtures("connected")
async def test_names_are_checked(folder: Path) -> None:
    write(folder, "3_third.sql", "")

    with pytest.raises(MigrationError, match="is not called"):
        await pending(folder)


async def test_two_files_with_one_number_are_refused(connected: Dialect, folder: Path) -> None:
    write(folder, f"0002_other.{connected}.sql", "")

    with pytest.raises(MigrationError, match="the number 0002"):
        await pending(folder)


PROCESS = """
import asyncio, pathlib, sys
from models import database
from models.database.migrations import migrate
async def main():
    await database.connect(sys.argv[1], tables=["tests.crates"])
    print(*await migrate(pathlib.Path(sys.argv[2])))
    await database.disconnect()
asyncio.run(main())
"""


async def test_processes_that_migrate_at_once_apply_each_file_once(
    engine_url: str, folder: Path
) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", PROCESS, engine_url, folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    said = [await process.communicate() for process in processes]

    assert [error for _, error in said] == [b""] * 4
    assert sorted(b" ".join(out for out, _ in said).split()) == [b"0001_first", b"0002_second"]


@pytest.mark.usefixtures("connected")
async def test_a_second_runner_waits_for_the_first(folder: Path) -> None:
    """Without the lock, PostgreSQL refused the second `CREATE TABLE` as a taken key."""
    applied = await asyncio.gather(*(migrate(folder) for _ in range(4)))

    assert sorted(title for each in applied for title in each) == ["0001_first", "0002_second"]


async def test_a_trigger_stays_in_one_piece_on_sqlite() -> None:
    trigger = (
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n"
        "  UPDATE a SET x = ';'; -- done; really\n  DELETE FROM b;\nEND;"
    )

    assert list(split_sqlite(f"-- first;\nSELECT 1;\n{trigger}\n-- last;\n")) == [
        "-- first;\nSELECT 1;",
        trigger,
    ]


async def test_a_function_stays_in_one_piece_on_postgresql() -> None:
    function = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ SELECT 1; SELECT $1; $body$;"
    text = "INSERT INTO a VALUES ('it''s; this', \"b;c\"); /* no; */"

    assert list(split_postgres(f"{function}\n{text}\n-- last;\n")) == [
        function,
        "INSERT INTO a VALUES ('it''s; this', \"b;c\");",
    ]


@pytest.mark.usefixtures("connected")
async def test_our_own_migrations_apply_to_an_empty_database() -> None:
    applied = await migrate()
    await check()

    assert applied[0] == "0001_first_slice"
