"""SQLite: one writer, and readers beside it that never wait for it.

The stock engine of Tortoise has one connection behind one lock. It hangs for good when a task
is cancelled while a transaction opens, begins transactions in a way that other processes can
spoil, and lets reads wait behind writes.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any, TypeVar, cast

import aiosqlite

from models.database.engine import LOCK_SECONDS, STATEMENT_SECONDS, Dialect, Engine, Link, Row
from models.database.errors import (
    BrokenReference,
    BrokenRule,
    Conflict,
    DatabaseFault,
    DatabaseUnavailable,
    LockTimeout,
    Reason,
    StatementFailed,
)
from models.database.pool import Chores, Pool
from models.database.statements import split_sqlite
from models.database.values import for_sqlite

T = TypeVar("T")

STEPS_BETWEEN_LOOKS = 20_000
"""Steps of SQLite's machine, about a millisecond, between two looks at the clock."""


UNBOUNDED = 86_400.0


class Turn:
    """What is asked of a connection once, and until when it may run."""

    __slots__ = ("deadline",)

    def __init__(self, seconds: float) -> None:
        self.deadline = monotonic() + seconds


class SqliteLink(aiosqlite.Connection, Link):
    """A connection and the thread it lives in. What is asked of it runs in the order asked."""

    def __init__(self, path: str, *, read_only: bool) -> None:
        super().__init__(lambda: self._connect_here(path, read_only=read_only), iter_chunk_size=64)
        # A command that forgets to disconnect must still be able to end.
        self._thread.daemon = True
        self._asked = self._at_work = Turn(0.0)
        self.quick = False
        """Whether the statements of this transaction are short enough for the event loop."""
        self.held = False
        """Whether a transaction of ours is open, as far as we know."""

    async def fetch(self, sql: str, values: Sequence[Any]) -> Sequence[Row]:
        return await self._run(self._fetch, sql, for_sqlite(values))

    async def change(self, sql: str, values: Sequence[Any]) -> int:
        return await self._run(self._change, sql, for_sqlite(values))

    async def insert(self, sql: str, values: Sequence[Any]) -> Any:
        return await self._run(self._insert, sql, for_sqlite(values))

    async def change_many(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        await self._run(self._change_many, sql, [for_sqlite(each) for each in values])

    async def script(self, sql: str) -> None:
        await self._run(self._script, sql, seconds=UNBOUNDED)

    async def begin(self) -> None:
        await self._run(self._begin)

    async def commit_now(self) -> None:
        self.quick = False
        await self._run(self._commit, seconds=UNBOUNDED)

    async def undo(self) -> None:
        self.quick = False
        await self._run(self._undo)

    def is_open(self) -> bool:
        return self._connection is not None

    def give_up(self) -> None:
        """Interrupt what was asked last, even before it runs; nobody waits for it any more."""
        self._asked.deadline = 0.0

    async def _run(
        self, function: Callable[..., T], *arguments: Any, seconds: float = STATEMENT_SECONDS
    ) -> T:
        turn = self._asked = Turn(seconds)
        try:
            if self.quick and self.held:
                # The thread is idle: it only begins and ends such a transaction, because both
                # may wait. Going there and back costs more than a short statement itself.
                return self._take_turn(turn, function, *arguments)
            answer = await self._execute(  # type: ignore[no-untyped-call]
                self._take_turn, turn, function, *arguments
            )
        except sqlite3.Error as error:
            raise fault(error) from None
        return cast("T", answer)

    # From here on in the connection's own thread, but for the statements of a quick transaction.

    def _connect_here(self, path: str, *, read_only: bool) -> sqlite3.Connection:
        raw = sqlite3.connect(
            path, isolation_level=None, cached_statements=512, check_same_thread=False
        )
        try:
            raw.row_factory = sqlite3.Row
            raw.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000:.0f}")
            raw.execute("PRAGMA foreign_keys = ON")
            if read_only:
                raw.execute("PRAGMA query_only = ON")
            else:
                _write_ahead(raw)
                # An answer is given only for what would survive the power cut after it.
                raw.execute("PRAGMA synchronous = FULL")
            raw.set_progress_handler(self._is_overdue, STEPS_BETWEEN_LOOKS)
        except BaseException:
            raw.close()
            raise
        return raw

    def _take_turn(self, turn: Turn, function: Callable[..., T], *arguments: Any) -> T:
        self._at_work = turn
        return function(*arguments)

    def _is_overdue(self) -> bool:
        return monotonic() > self._at_work.deadline

    def _ready(self) -> sqlite3.Connection:
        raw = self._conn
        if self.held and not raw.in_transaction:
            # SQLite undoes the whole transaction when the disk is full or a statement was
            # interrupted; what came next would be committed on its own.
            raise sqlite3.ProgrammingError("The transaction was undone after an earlier fault")
        return raw

    def _fetch(self, sql: str, values: Sequence[Any]) -> Sequence[Row]:
        return self._ready().execute(sql, values).fetchall()

    def _change(self, sql: str, values: Sequence[Any]) -> int:
        cursor = self._ready().execute(sql, values)
        cursor.fetchall()
        return max(cursor.rowcount, 0)

    def _insert(self, sql: str, values: Sequence[Any]) -> int | None:
        return self._ready().execute(sql, values).lastrowid

    def _change_many(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        self._ready().executemany(sql, values)

    def _script(self, sql: str) -> None:
        # Not `executescript`: it commits first.
        for statement in split_sqlite(sql):
            self._ready().execute(statement)

    def _begin(self) -> None:
        # IMMEDIATE: a transaction that reads and then wants to write is refused at once by
        # SQLite when another process has written in between, whatever the busy timeout.
        self._ready().execute("BEGIN IMMEDIATE")
        self.held = True

    def _commit(self) -> None:
        self._ready().execute("COMMIT")
        self.held = False

    def _undo(self) -> None:
        self.held = False
        raw = self._ready()
        if raw.in_transaction:
            raw.execute("ROLLBACK")


class SqliteEngine(Engine[SqliteLink]):
    """A database in one file."""

    dialect = Dialect.SQLITE

    def __init__(self, path: str, pool_size: int) -> None:
        self._path = path
        self._chores = Chores()
        self.readers = self._pool(pool_size, read_only=True)
        self.writers = self._pool(1, read_only=False)

    async def open(self) -> None:
        self.writers.give(await self.writers.take())

    async def close(self) -> None:
        await self._chores.finish()
        await self.readers.close()
        await self.writers.close()

    async def read(self, sql: str, values: Sequence[Any]) -> Sequence[Row]:
        link = self.readers.spare() or await self.readers.take()
        try:
            return await link.fetch(sql, values)
        except asyncio.CancelledError:
            link.give_up()
            raise
        finally:
            self.readers.give(link)

    async def write(self, work: Callable[[SqliteLink], Awaitable[T]]) -> T:
        link = await self.writers.take()
        try:
            return await work(link)
        finally:
            self.writers.give(link)

    async def begin(self, *, quick: bool = False) -> SqliteLink:
        link = await self.writers.take()
        try:
            await link.begin()
            link.quick = quick
        except BaseException:
            # The BEGIN may still be waiting in the thread; the undoing waits behind it.
            self._chores.start(self.rollback(link))
            raise
        return link

    async def commit(self, link: SqliteLink) -> None:
        try:
            await link.commit_now()
        except BaseException:
            await self.rollback(link)
            raise
        self.writers.give(link)

    async def rollback(self, link: SqliteLink) -> None:
        try:
            await link.undo()
        except (DatabaseFault, ValueError):
            await _close(link)
        finally:
            self.writers.give(link)

    def _pool(self, size: int, *, read_only: bool) -> Pool[SqliteLink]:
        async def open_one() -> SqliteLink:
            link = SqliteLink(self._path, read_only=read_only)
            try:
                await link
            except sqlite3.Error as error:
                raise fault(error) from None
            return link

        return Pool(
            size, opening=open_one, closing=_close, usable=SqliteLink.is_open, patience=LOCK_SECONDS
        )


async def _close(link: SqliteLink) -> None:
    with contextlib.suppress(sqlite3.Error, ValueError):
        await link.close()


def _write_ahead(raw: sqlite3.Connection) -> None:
    """Turn WAL on. Two processes that do it at once are refused without waiting."""
    until = monotonic() + LOCK_SECONDS
    while raw.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise


def fault(error: sqlite3.Error) -> DatabaseFault:
    """Say in our words what SQLite says."""
    code = getattr(error, "sqlite_errorcode", 0)
    text = str(error)
    if code & 0xFF == sqlite3.SQLITE_CONSTRAINT:
        return _broken(code, text)
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return LockTimeout()
        case sqlite3.SQLITE_FULL:
            return DatabaseUnavailable(Reason.FULL, "The disk is full")
        case sqlite3.SQLITE_INTERRUPT:
            return DatabaseUnavailable(Reason.TIMEOUT, "The statement took too long")
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_NOTADB:
            return DatabaseUnavailable(Reason.LOST, f"The database file is out of reach: {text}")
    return StatementFailed(text)


def _broken(code: int, text: str) -> DatabaseFault:
    said, _, named = text.partition(" failed: ")
    if code in {
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_ROWID,
    }:
        if named.startswith("index "):
            return Conflict(None, (), constraint=named.removeprefix("index ").strip("'"))
        table = named.partition(".")[0]
        columns = tuple(column.strip().partition(".")[2] for column in named.split(","))
        return Conflict(table, columns)
    if said.startswith("FOREIGN KEY"):
        return BrokenReference()
    return BrokenRule(named or None)
