"""Numbered SQL files, applied once each, in order.

`0007_name.sqlite.sql` and `0007_name.postgres.sql` say the same thing to either engine. A file
runs in one transaction together with the row that records it, under a lock that all processes
share; once released it is never edited, and its checksum holds us to that.
"""

import asyncio
import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from models.database.engine import Dialect, Link
from models.database.errors import DatabaseFault, LockTimeout, MigrationError
from models.database.statements import split_postgres, split_sqlite
from models.database.transactions import dialect, execute, rows, transaction, write

FOLDER = Path(__file__).parent.parent / "migrations"

PATIENCE = 600.0
"""How many seconds one migration may take, and another process may wait for it."""

_LOCK = 0x646F636B
_NAME = re.compile(r"(?P<number>\d{4})_(?P<name>\w+)\.(?P<dialect>sqlite|postgres)\.sql")


@dataclass(frozen=True)
class Migration:
    """One file, for the engine at hand."""

    number: int
    name: str
    sql: str

    @property
    def title(self) -> str:
        """What it is called in messages and logs."""
        return f"{self.number:04}_{self.name}"

    @property
    def checksum(self) -> str:
        """What must not change once it was applied anywhere."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def statements(self) -> list[str]:
        """Its statements, in order."""
        split = split_sqlite if dialect() is Dialect.SQLITE else split_postgres
        return list(split(self.sql))


async def migrate(folder: Path = FOLDER) -> list[str]:
    """Apply what is pending; safe from several processes at once. Returns what was applied."""
    known = _known(folder)
    applied = []
    for migration in known:
        _compare(known, await _applied())
        if await _apply(migration):
            applied.append(migration.title)
    _compare(known, await _applied())
    return applied


async def pending(folder: Path = FOLDER) -> list[str]:
    """The migrations that the database has not seen yet."""
    seen = await _applied()
    return [migration.title for migration in _known(folder) if migration.number not in seen]


async def check(folder: Path = FOLDER) -> None:
    """Raise unless the database is exactly where the code needs it."""
    _compare(_known(folder), await _applied())
    if missing := await pending(folder):
        raise MigrationError(f"Not applied yet: {', '.join(missing)}")


def _known(folder: Path) -> list[Migration]:
    found: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        name = _NAME.fullmatch(path.name)
        if name is None:
            raise MigrationError(f"{path.name} is not called NNNN_name.sqlite|postgres.sql")
        if name["dialect"] != dialect():
            continue
        number = int(name["number"])
        if number in found:
            raise MigrationError(f"Two migrations have the number {number:04}")
        found[number] = Migration(number, name["name"], path.read_text(encoding="utf-8"))
    return [found[number] for number in sorted(found)]


async def _applied() -> dict[int, tuple[str, str]]:
    """Name and checksum of what was applied, by number."""
    if not await _has_table():
        return {}
    found = await rows("SELECT number, name, checksum FROM schema_migrations")
    return {number: (name, checksum) for number, name, checksum in found}


async def _has_table() -> bool:
    if dialect() is Dialect.SQLITE:
        sql = "SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'"
    else:
        sql = "SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL"
    return bool(await rows(sql))


def _compare(known: list[Migration], applied: dict[int, tuple[str, str]]) -> None:
    unknown = dict(applied)
    for migration in known:
        _, checksum = unknown.pop(migration.number, ("", migration.checksum))
        if checksum != migration.checksum:
            raise MigrationError(f"{migration.title} was edited after it was applied")
    if unknown:
        names = ", ".join(f"{number:04}_{name}" for number, (name, _) in sorted(unknown.items()))
        raise MigrationError(f"The database is newer than this code: {names}")


async def _apply(migration: Migration) -> bool:
    """Apply it, unless somebody else has meanwhile."""
    until = monotonic() + PATIENCE
    while True:
        try:
            async with transaction(seconds=PATIENCE):
                await _lock()
                if migration.number in await _applied():
                    return False
                await _run(migration)
                return True
        except LockTimeout:
            if monotonic() > until:
                raise
            await asyncio.sleep(0.05)


async def _lock() -> None:
    """Keep other processes out; on SQLite, BEGIN IMMEDIATE has done it."""
    if dialect() is Dialect.POSTGRES:
        await _script("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
        await _script(f"SELECT pg_advisory_xact_lock({_LOCK})")
        kind = "timestamptz"
    else:
        kind = "text"
    await _script(
        "CREATE TABLE IF NOT EXISTS schema_migrations (number integer PRIMARY KEY,"
        f" name text NOT NULL, checksum text NOT NULL, applied_at {kind} NOT NULL)"
    )


async def _run(migration: Migration) -> None:
    for position, statement in enumerate(migration.statements, start=1):
        try:
            await _script(statement)
        except DatabaseFault as error:
            begins = " ".join(statement.split())[:80]
            raise MigrationError(
                f"{migration.title}, statement {position} ({begins}): {error}"
            ) from error
    now = dt.datetime.now(dt.UTC)
    one, two, three, four = (dialect().placeholder(n) for n in (1, 2, 3, 4))
    await execute(
        "INSERT INTO schema_migrations (number, name, checksum, applied_at)"
        f" VALUES ({one}, {two}, {three}, {four})",
        migration.number,
        migration.name,
        migration.checksum,
        now,
    )


async def _script(sql: str) -> None:
    """Run it without the limits of time that ordinary statements have."""

    async def work(link: Link) -> None:
        await link.script(sql)

    await write(sql, work)
