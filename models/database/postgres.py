"""PostgreSQL, by asyncpg.

The stock engine of Tortoise loses a connection of its pool when a task is cancelled while a
transaction opens, and asyncpg's pool sends a query each time that a connection comes back.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import asyncpg

from models.database.engine import LOCK_SECONDS, STATEMENT_SECONDS, Dialect, Engine, Link, Row
from models.database.errors import (
    BrokenReference,
    BrokenRule,
    Conflict,
    DatabaseFault,
    DatabaseUnavailable,
    LockTimeout,
    OutcomeUnknown,
    Reason,
    SerializationFailure,
    StatementFailed,
)
from models.database.pool import Chores, Pool
from models.database.values import for_postgres

T = TypeVar("T")

FAULTS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)

SETTINGS = {
    "application_name": "dockgate",
    "timezone": "UTC",
    # An answer is given only for what would survive the power cut after it.
    "synchronous_commit": "on",
    "statement_timeout": f"{STATEMENT_SECONDS:.0f}s",
    "lock_timeout": f"{LOCK_SECONDS:.0f}s",
    # No transaction lives longer, not even that of a process which froze.
    "idle_in_transaction_session_timeout": "60s",
    # Our statements are short; compiling one costs more than running it.
    "jit": "off",
}

BEGIN_QUICK = "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan"
"""What finds its few rows by a key is planned once: a plan for its very values would be the same
one, and making it took longer than carrying it out."""

ANSWER_SECONDS = STATEMENT_SECONDS + 2
"""When to stop waiting for a server that has long since cancelled the statement, or is gone."""


class PostgresLink(Link):
    """One connection."""

    def __init__(self, raw: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.raw = raw

    async def fetch(self, sql: str, values: Sequence[Any]) -> Sequence[Row]:
        try:
            return await self.raw.fetch(sql, *for_postgres(values))
        except FAULTS as error:
            raise fault(error) from None

    async def change(self, sql: str, values: Sequence[Any]) -> int:
        try:
            said = await self.raw.execute(sql, *for_postgres(values))
        except FAULTS as error:
            raise fault(error) from None
        count = said.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def insert(self, sql: str, values: Sequence[Any]) -> Any:
        found = await self.fetch(sql, values)
        return found[0] if found else None

    async def change_many(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        try:
            await self.raw.executemany(sql, [for_postgres(each) for each in values])
        except FAULTS as error:
            raise fault(error) from None

    async def script(self, sql: str) -> None:
        try:
            await self.raw.execute(sql, timeout=86_400)
        except FAULTS as error:
            raise fault(error) from None


class PostgresEngine(Engine[PostgresLink]):
    """A database on a server."""

    dialect = Dialect.POSTGRES

    def __init__(self, url: str, pool_size: int) -> None:
        self._url = url
        self._chores = Chores()
        self.links = Pool(
            pool_size,
            opening=self._open_one,
            closing=_close,
            usable=_is_usable,
            patience=LOCK_SECONDS,
        )

    async def open(self) -> None:
        self.links.give(await self.links.take())

    async def close(self) -> None:
        await self._chores.finish()
        await self.links.close()

    async def read(self, sql: str, values: Sequence[Any]) -> Sequence[Row]:
        link = self.links.spare() or await self.links.take()
        try:
            return await link.fetch(sql, values)
        finally:
            self.links.give(link)

    async def write(self, work: Callable[[PostgresLink], Awaitable[T]]) -> T:
        link = await self.links.take()
        try:
            return await work(link)
        finally:
            self.links.give(link)

    async def begin(self, *, quick: bool = False) -> PostgresLink:
        link = await self.links.take()
        try:
            await link.change(BEGIN_QUICK if quick else "BEGIN", ())
        except BaseException:
            # It may have begun; asyncpg first waits for the cancellation to be acknowledged.
            self._chores.start(self.rollback(link))
            raise
        return link

    async def commit(self, link: PostgresLink) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                said = await link.raw.execute("COMMIT", timeout=ANSWER_SECONDS)
        except asyncpg.PostgresError as error:
            known = fault(error)
            if isinstance(known, DatabaseUnavailable) and known.reason is Reason.LOST:
                known = OutcomeUnknown()
            await self.rollback(link)
            raise known from None
        except FAULTS:
            link.raw.terminate()
            self.links.give(link)
            raise OutcomeUnknown from None
        self.links.give(link)
        if said != "COMMIT":
            # That is how PostgreSQL answers when a statement had failed and we went on.
            raise StatementFailed("A statement of the transaction had failed; it was undone")

    async def rollback(self, link: PostgresLink) -> None:
        try:
            await link.raw.execute("ROLLBACK", timeout=LOCK_SECONDS)
        except FAULTS:
            link.raw.terminate()
        finally:
            self.links.give(link)

    async def _open_one(self) -> PostgresLink:
        try:
            raw = await asyncpg.connect(
                self._url,
                timeout=LOCK_SECONDS,
                command_timeout=ANSWER_SECONDS,
                statement_cache_size=1000,
                max_cached_statement_lifetime=0,
                max_cacheable_statement_size=0,
                server_settings=SETTINGS,
            )
        except FAULTS as error:
            raise DatabaseUnavailable(
                Reason.LOST, f"Cannot connect to PostgreSQL: {type(error).__name__}"
            ) from None
        return PostgresLink(raw)


async def _close(link: PostgresLink) -> None:
    try:
        await link.raw.close(timeout=LOCK_SECONDS)
    except FAULTS:
        link.raw.terminate()


def _is_usable(link: PostgresLink) -> bool:
    if not link.raw.is_closed() and link.raw.is_in_transaction():
        # Somebody said BEGIN by hand; the next borrower must not inherit it.
        link.raw.terminate()
    return not link.raw.is_closed()


_COLUMNS_IN_DETAIL = re.compile(r"Key \((.*?)\)=")


def fault(error: Exception) -> DatabaseFault:
    """Say in our words what PostgreSQL says, without the values it likes to quote."""
    if isinstance(error, TimeoutError):
        return DatabaseUnavailable(Reason.TIMEOUT, "PostgreSQL did not answer")
    if not isinstance(error, asyncpg.PostgresError):
        return _without_code(error)
    code = error.sqlstate or ""
    constraint = getattr(error, "constraint_name", None)
    match code:
        case "23505" | "23P01":
            found = _COLUMNS_IN_DETAIL.match(getattr(error, "detail", None) or "")
            columns = tuple(found[1].split(", ")) if found else ()
            return Conflict(getattr(error, "table_name", None), columns, constraint)
        case "23503" | "23001":
            return BrokenReference(constraint)
        case "23502" | "23514":
            return BrokenRule(constraint or getattr(error, "column_name", None))
        case "40001" | "40P01":
            return SerializationFailure()
        case "55P03":
            return LockTimeout()
        case "57014":
            return DatabaseUnavailable(Reason.TIMEOUT, "The statement took too long")
        case "53100":
            return DatabaseUnavailable(Reason.FULL, "The disk is full")
        case "25006" | "25P03":
            return DatabaseUnavailable(Reason.LOST, "The server gave the session up")
    if code.startswith("53"):
        return DatabaseUnavailable(Reason.BUSY, "The server has no room for more")
    if code.startswith(("08", "57")):
        return DatabaseUnavailable(Reason.LOST, "The connection to PostgreSQL is lost")
    # Only class 42, the grammar of the statement, speaks of the statement and not of values.
    said = str(error) if code.startswith("42") else type(error).__name__
    return StatementFailed(f"{code}: {said}")


def _without_code(error: Exception) -> DatabaseFault:
    text = str(error)
    if isinstance(error, OSError) or "closed" in text or "released" in text:
        return DatabaseUnavailable(Reason.LOST, "The connection to PostgreSQL is lost")
    return StatementFailed(f"{type(error).__name__}: {text}")
