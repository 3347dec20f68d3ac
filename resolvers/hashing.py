"""Argon2id (RFC 9106) with a door before it, so that guessing cannot become a bomb.

One hash takes about 25 ms and 19 MiB. Two run at a time in threads of their own; a few may wait;
whoever comes then is told to come again. A source that keeps failing waits in a line of one, and
only the source: its victim's own address is served as ever.
"""

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore
from time import monotonic
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from resolvers.errors import Throttled
from resolvers.networks import normal

T = TypeVar("T")

HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""OWASP's parameters of least memory."""

WORKERS = 2
PLACES = 32
PLACES_OF_A_SOURCE = 8

NOBODYS_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$IZ+1EhJoSumm2g3Wr6Hd/w"
    "$sjFVnB7PsjX0ITT7/xz1I2eCQK+sQ4iZqc70JqY+YQQ"
)
"""Checked when there is no real one, so that an unknown client takes as long as a wrong secret."""

FAILURES = 20
FAILURE_SECONDS = 60.0
SOURCES = 10_000


class Line:
    """Where hashes wait for one of the threads."""

    def __init__(self, workers: int = WORKERS, places: int = PLACES) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="argon2")
        self._room = BoundedSemaphore(workers + places)

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Do it in a thread, or refuse at once when too many wait already."""
        if not self._room.acquire(blocking=False):
            raise too_many(seconds=1)
        job = self._pool.submit(work, *arguments)
        # The job leaves when it is done: the one who asked may be gone long before.
        job.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(job)


@dataclass
class Turn:
    """The line of one source."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Sources:
    """Addresses that failed lately. Bounded: the one that failed longest ago is forgotten first."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._turns: dict[str, Turn] = {}

    @asynccontextmanager
    async def turn(self, address: str | None) -> AsyncIterator[None]:
        """Let a source in: at once, or one at a time if it keeps failing."""
        source = source_of(address)
        if not self._keeps_failing(source):
            yield
            return
        turn = self._turns.setdefault(source, Turn())
        if turn.waiting >= PLACES_OF_A_SOURCE:
            raise too_many(seconds=5)
        turn.waiting += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                del self._turns[source]

    def failed(self, address: str | None) -> None:
        """Remember that it failed."""
        source = source_of(address)
        times = self._failures.setdefault(source, [])
        self._failures.move_to_end(source)
        times.append(monotonic())
        del times[:-FAILURES]
        if len(self._failures) > SOURCES:
            self._failures.popitem(last=False)

    def _keeps_failing(self, source: str) -> bool:
        times = self._failures.get(source, [])
        return len(times) == FAILURES and monotonic() - times[0] < FAILURE_SECONDS


def source_of(address: str | None) -> str:
    """Whom an address stands for: of IPv6 the /64, since one machine has all of it."""
    try:
        known = normal(ipaddress.ip_address(address or ""))
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)


def too_many(*, seconds: float) -> Throttled:
    """Tell them to come again a little later."""
    again = datetime.now(UTC) + timedelta(seconds=seconds)
    return Throttled("Too many sign-ins at once.", retry_at=again)


def verify(secret_hash: str, secret: str) -> bool:
    """Whether it is the secret of that hash. Blocks: run it in the line."""
    try:
        return HASHER.verify(secret_hash, secret)
    except (VerificationError, InvalidHashError):
        return False


line = Line()
sources = Sources()
