"""Connections that are lent and taken back, and work that no cancellation tears apart."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

from models.database.errors import LockTimeout

T = TypeVar("T")


class Pool(Generic[T]):
    """At most `size` connections, opened when first needed and lent to one task at a time.

    asyncpg's own pool sends a query and starts a task whenever a connection comes back; here
    lending and taking back are plain function calls while one is free.
    """

    def __init__(
        self,
        size: int,
        *,
        opening: Callable[[], Awaitable[T]],
        closing: Callable[[T], Awaitable[None]],
        usable: Callable[[T], bool],
        patience: float,
    ) -> None:
        self.size = size
        self._opening = opening
        self._closing = closing
        self._usable = usable
        self._patience = patience
        self._idle: list[T] = []
        self._all: set[T] = set()
        self._places = size
        self._waiting: deque[asyncio.Future[T | None]] = deque()

    @property
    def free(self) -> int:
        """How many could be lent at once, right now."""
        return len(self._idle) + self._places

    def spare(self) -> T | None:
        """Lend one that is open and idle, without waiting."""
        while self._idle:
            one = self._idle.pop()
            if self._usable(one):
                return one
            self._all.discard(one)
            self._places += 1
        return None

    async def take(self) -> T:
        """Lend one; wait for it if all are lent."""
        one = self.spare()
        if one is not None:
            return one
        if self._places:
            self._places -= 1
            return await self._open()
        return await self._wait()

    def give(self, one: T) -> None:
        """Take one back, or drop it if it is of no more use."""
        if one in self._all and self._usable(one):
            self._pass_on(one)
        else:
            self._all.discard(one)
            self._pass_on(None)

    async def close(self) -> None:
        """Close them all, lent or not."""
        every, self._all, self._idle = self._all, set(), []
        for one in every:
            await self._closing(one)

    async def _open(self) -> T:
        try:
            one = await self._opening()
        except BaseException:
            self._pass_on(None)
            raise
        self._all.add(one)
        return one

    async def _wait(self) -> T:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        clock = asyncio.timeout(self._patience)
        try:
            async with clock:
                one = await waiter
        except BaseException as error:
            # It may have been handed to us at the very moment in which we gave up.
            if waiter.done() and not waiter.cancelled():
                self._pass_on(waiter.result())
            if isinstance(error, TimeoutError) and clock.expired():
                raise LockTimeout("All connections are in use") from None
            raise
        return one if one is not None else await self._open()

    def _pass_on(self, one: T | None) -> None:
        """Give a connection, or the place for one, to who waits longest."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(one)
                return
        if one is None:
            self._places += 1
        else:
            self._idle.append(one)


async def unbroken(work: Coroutine[Any, Any, T]) -> T:
    """See `work` through even if this task is cancelled meanwhile; only then be cancelled."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()
        raise cancelled
    return task.result()


class Chores:
    """Work that nobody waits for but that must be done, such as undoing a cancelled BEGIN."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Have it done, whatever becomes of the task that asks."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait until nothing is left to do."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))
