"""Transactions, and the statements that run inside or outside of one.

Which transaction a task is in goes by its context, and tasks inherit the context they were
created in: a task started inside a transaction runs its statements there, one at a time with
its siblings, and is refused with `TransactionEnded` once the transaction is over. A task that
is to live longer is started with `context=contextvars.Context()`.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from models.database.engine import Dialect, Engine, Link, Row
from models.database.errors import (
    DatabaseFault,
    DatabaseUnavailable,
    Reason,
    SerializationFailure,
    TransactionEnded,
)
from models.database.pool import unbroken

T = TypeVar("T")

TRANSACTION_SECONDS = 30.0
ATTEMPTS = 6

observers: list[Callable[[str], None]] = []
"""Called with the text of each statement that anybody runs; for tests that count or read."""

_engine: Engine[Any] | None = None
_scope: ContextVar["Scope | None"] = ContextVar("transaction", default=None)


def engine() -> Engine[Any]:
    """The database we are connected to."""
    if _engine is None:
        raise RuntimeError("Not connected to a database")
    return _engine


def set_engine(connected: Engine[Any] | None) -> None:
    """Make it the one that everything talks to."""
    global _engine  # noqa: PLW0603 - one process talks to one database
    _engine = connected


def dialect() -> Dialect:
    """Which SQL the database speaks."""
    return engine().dialect


class Scope:
    """A transaction, or a savepoint in one.

    `turn` is held by each statement while it runs and by an inner scope for its whole life, so
    that a sibling's statement cannot slip into somebody else's savepoint. `busy` belongs to
    the connection: whoever ends the transaction waits for the statement in flight, but not for
    what a sibling may still have in mind.
    """

    __slots__ = ("busy", "depth", "ended", "link", "outer", "turn")

    def __init__(self, link: Link, outer: "Scope | None" = None) -> None:
        self.link = link
        self.outer = outer
        self.turn = asyncio.Lock()
        self.busy: asyncio.Lock = outer.busy if outer else asyncio.Lock()
        self.depth: int = outer.depth + 1 if outer else 0
        self.ended = False

    def check(self) -> None:
        """Refuse whoever outlived it."""
        scope: Scope | None = self
        while scope is not None:
            if scope.ended:
                raise TransactionEnded
            scope = scope.outer

    async def run(self, work: Callable[[Link], Awaitable[T]]) -> T:
        """Run a statement on the transaction's connection."""
        async with self.turn, self.busy:
            self.check()
            return await work(self.link)

    async def say(self, sql: str) -> None:
        """Run a statement about this savepoint, in whatever is around it."""
        async with self.busy:
            if self.outer:
                self.outer.check()
            await self.link.change(sql, ())

    async def end(self, ending: Callable[[Link], Awaitable[None]]) -> None:
        """Let nobody in any more, wait for the statement in flight, then end it."""
        self.ended = True
        async with self.busy:
            await ending(self.link)


def in_transaction() -> bool:
    """Whether what this task asks runs inside a transaction."""
    scope = _scope.get()
    return scope is not None and not scope.ended


@asynccontextmanager
async def transaction(
    *, seconds: float = TRANSACTION_SECONDS, quick: bool = False
) -> AsyncIterator[None]:
    """Do all of it or nothing; inside another, a savepoint.

    On SQLite it holds the one writer from the start. It is undone when it takes longer than
    `seconds`, which only the outermost one counts. `quick` promises that each of its statements
    finds its few rows by a key: SQLite runs them on the event loop then.
    """
    outer = _scope.get()
    async with _outermost(seconds, quick=quick) if outer is None else _inside(outer):
        yield


async def atomically(work: Callable[[], Awaitable[T]], *, quick: bool = False) -> T:
    """Run `work` in a transaction (see there), and again when it lost against another one.

    Only the outermost call tries again, because only a whole transaction can. `work` must
    therefore do nothing that a rollback does not undo.
    """
    attempts = ATTEMPTS if _scope.get() is None else 1
    for attempt in range(1, attempts + 1):
        try:
            async with transaction(quick=quick):
                return await work()
        except SerializationFailure:
            if attempt == attempts:
                raise
            # Both would meet again if they waited equally long.
            await asyncio.sleep(random.random() * 0.005 * 2**attempt)  # noqa: S311 - no secret
    raise AssertionError("unreachable")


async def rows(sql: str, *values: Any) -> Sequence[Row]:
    """Read: in the current transaction if there is one, else beside all of them."""
    return await fetch(sql, values)


async def write_rows(sql: str, *values: Any) -> Sequence[Row]:
    """Run an INSERT, UPDATE or DELETE with RETURNING; outside a transaction, in its own."""
    return await write(sql, lambda link: link.fetch(sql, values))


async def execute(sql: str, *values: Any) -> int:
    """Run a writing statement and count its rows; outside a transaction, in its own."""
    return await write(sql, lambda link: link.change(sql, values))


async def fetch(sql: str, values: Sequence[Any]) -> Sequence[Row]:
    """Read, with the values in a list."""
    if observers:
        observe(sql)
    scope = _scope.get()
    if scope is None:
        return await engine().read(sql, values)
    async with scope.turn, scope.busy:
        scope.check()
        return await scope.link.fetch(sql, values)


async def write(sql: str, work: Callable[[Link], Awaitable[T]]) -> T:
    """Let `work` run `sql` on the transaction's connection, else on one of its own."""
    if observers:
        observe(sql)
    scope = _scope.get()
    if scope is None:
        return await engine().write(work)
    return await scope.run(work)


def observe(sql: str) -> None:
    """Tell the observers."""
    for observer in observers:
        observer(sql)


@asynccontextmanager
async def _outermost(seconds: float, *, quick: bool) -> AsyncIterator[None]:
    database = engine()
    clock = asyncio.timeout(seconds)
    try:
        async with clock:
            scope = Scope(await database.begin(quick=quick))
            token = _scope.set(scope)
            try:
                yield
                if clock.expired():
                    raise TimeoutError  # noqa: TRY301 - it was cancelled, and did not care
            except BaseException:
                await unbroken(scope.end(database.rollback))
                raise
            else:
                # From here on it is committed or not, and not for the clock to say.
                clock.reschedule(None)
                await unbroken(scope.end(database.commit))
            finally:
                _scope.reset(token)
    except TimeoutError:
        if clock.expired():
            raise DatabaseUnavailable(
                Reason.TIMEOUT, "The transaction took too long and was undone"
            ) from None
        raise


@asynccontextmanager
async def _inside(outer: Scope) -> AsyncIterator[None]:
    async with outer.turn:
        outer.check()
        scope = Scope(outer.link, outer)
        name = f"inner_{scope.depth}"
        await scope.say(f"SAVEPOINT {name}")
        token = _scope.set(scope)
        try:
            yield
        except BaseException:
            scope.ended = True
            await unbroken(_undo(scope, name))
            raise
        else:
            scope.ended = True
            await unbroken(scope.say(f"RELEASE SAVEPOINT {name}"))
        finally:
            _scope.reset(token)


async def _undo(scope: Scope, name: str) -> None:
    """Go back to the savepoint, unless everything around it is gone anyway."""
    try:
        await scope.say(f"ROLLBACK TO SAVEPOINT {name}")
        await scope.say(f"RELEASE SAVEPOINT {name}")
    except (DatabaseFault, TransactionEnded):
        pass
