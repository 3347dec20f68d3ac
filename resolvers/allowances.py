"""How often somebody may ask, without asking the database each time.

Whoever asks spends of a bucket that all workers share (`models.allowances`). A worker gives each
of them a share on credit, spends it in memory, and fills it up from the bucket in the background
when half of it is gone. So a bucket is overdrawn by one share of each worker at most; whoever asks
seldom costs no statement; and a worker that is killed takes nothing with it but its share.

    Allowance   one kind: its bucket, and the shares that this worker gave out
    Share       what one subject (a client, a person, an address) may spend here
"""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from contextvars import Context
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import ceil
from time import monotonic
from typing import TypeVar
from uuid import UUID

from models.allowances import SECOND, Bucket, Lease, lease
from models.database import DatabaseFault
from resolvers.errors import Throttled
from resolvers.hashing import source_of

log = logging.getLogger(__name__)

LEASE_SECONDS = 1.0
"""A share is what comes back in this time."""

LUMP_SECONDS = 0.1
"""An empty bucket is asked again when what comes back in this time is in it, and no sooner: who
keeps asking then costs ten statements a second, not one a request."""

WAIT_SECONDS = 0.5
"""How long a request may wait for a lease; after that the worker goes on by itself."""

SLACK_SECONDS = 0.002
"""SQLite's clock shows whole milliseconds, so a bucket may look a little emptier than it is."""

IDLE_SECONDS = 60.0
MOST_SHARES = 20_000
"""Of one kind; the oldest are forgotten then."""

Found = TypeVar("Found")
Subject = UUID | str
Leasing = Callable[[str, Bucket, int, int], Awaitable[Lease]]


class Share:
    """What one subject may spend on this worker; in units, and seconds of `monotonic`."""

    __slots__ = ("full_at", "idle", "left", "promised", "renewing", "since", "told", "unsure")

    def __init__(self, left: int) -> None:
        self.left = left
        self.full_at = 0.0
        """When the bucket behind it is full, as far as this worker knows: at the latest."""
        self.unsure = 0.0
        """How much sooner that may be: a statement takes its time."""
        self.since = monotonic()
        """When the bucket last gave something, or the worker in its place."""
        self.told = 0.0
        """The latest instant that somebody was told to come again at."""
        self.promised = 0
        """What those who were told so will spend."""
        self.idle = False
        self.renewing: asyncio.Task[None] | None = None


class Allowance:
    """One kind of allowance, on one worker.

    Where the bucket cannot be reached, each worker refills its shares by itself, at its part of
    the rate: nobody is kept from being served by what only counts.
    """

    def __init__(
        self, name: str, bucket: Bucket, *, workers: int = 1, leasing: Leasing = lease
    ) -> None:
        self.name = name
        self.bucket = bucket
        self.size = max(1, min(round(bucket.rate * LEASE_SECONDS), bucket.burst // 4))
        """Of a share."""
        self.window = -(-bucket.depth // SECOND)
        """Seconds from empty to full, rounded up."""
        self.refused = 0
        self._lump = max(1, min(round(bucket.rate * LUMP_SECONDS), self.size))
        self._low = self.size / 2
        self._unit = bucket.unit / SECOND
        self._workers = workers
        self._leasing = leasing
        self._shares: dict[Subject, Share] = {}

    def take(self, subject: Subject, price: int) -> Share | None:
        """Spend that much at once; None if it has to be asked for."""
        share = self._shares.get(subject) or self._begin(subject)
        left = share.left - price
        if left < 0:
            return None
        share.left = left
        share.idle = False
        if left < self._low and share.renewing is None:
            self._fill_up(subject, share)
        return share

    async def admit(self, subject: Subject, price: int) -> Share:
        """Spend that much, or refuse with the instant from which on it fits.

        Nobody pays more than a full bucket: what is that dear has to wait for one.
        """
        price = min(price, self.bucket.burst)
        until, asked = monotonic() + WAIT_SECONDS, False
        while (share := self.take(subject, price)) is None:
            share = self.share_of(subject)
            if share.renewing is None:
                # Memory will do for who comes before they were told to; other workers may have
                # taken of the bucket since it was looked at.
                known = asked or monotonic() < share.told - share.unsure
                if known and monotonic() < self._fits_at(share, price) - share.unsure:
                    raise self._throttled(share, price)
                least = min(price - share.left, self.bucket.burst)
                # Those who were told to come will come, and find what is there for them.
                most = max(price, self.size, share.promised) - share.left
                most = min(most, self.bucket.burst)
                self._renew(subject, share, least, most)
            if not await _ended(share.renewing, until):
                self._go_on_alone(share, price)
                if (done := self.take(subject, price)) is None:
                    raise self._throttled(share, price)
                return done
            asked = True
        return share

    def share_of(self, subject: Subject) -> Share:
        """What it may spend here."""
        return self._shares.get(subject) or self._begin(subject)

    def charge(self, subject: Subject, price: int) -> None:
        """Spend that much of what was done already, even if it is not there."""
        if self.take(subject, price) is None:
            share = self.share_of(subject)
            share.left = max(share.left - price, -self.size)
            if share.renewing is None:
                self._fill_up(subject, share)

    def give_back(self, subject: Subject, price: int) -> None:
        """Take a spending back."""
        if (share := self._shares.get(subject)) is not None:
            share.left = min(share.left + price, self.size)

    def overdrawn(self, subject: Subject) -> bool:
        """Whether it has to make up for what it was charged with."""
        share = self._shares.get(subject)
        return share is not None and share.left < 0

    def told(self, share: Share) -> tuple[int, int]:
        """About how much is left of the bucket, and in how many seconds it is full."""
        behind = (self.size - share.left) * self._unit
        if (later := share.full_at - monotonic()) > 0:
            behind += later
        left = int(self.bucket.burst - behind / self._unit)
        return max(left, share.left, 0), ceil(behind) if behind > 0 else 0

    def sweep(self) -> None:
        """Forget shares that nobody spent of since the last time."""
        for subject, share in list(self._shares.items()):
            if share.idle and share.renewing is None:
                del self._shares[subject]
            share.idle = True

    async def stop(self) -> None:
        """End what is under way."""
        tasks = [one.renewing for one in self._shares.values() if one.renewing is not None]
        self._shares.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, subject: Subject) -> Share:
        while len(self._shares) >= MOST_SHARES:
            del self._shares[next(iter(self._shares))]
        self._shares[subject] = share = Share(self.size)
        return share

    def _fill_up(self, subject: Subject, share: Share) -> None:
        if monotonic() >= self._fits_at(share, 1):
            self._renew(subject, share, 1, self.size - share.left)

    def _renew(self, subject: Subject, share: Share, least: int, most: int) -> None:
        work = self._lease(subject, share, least, most)
        # Its own context: it is no part of the transaction of whoever needed it first.
        share.renewing = asyncio.create_task(work, context=Context())

    async def _lease(self, subject: Subject, share: Share, least: int, most: int) -> None:
        began = monotonic()
        try:
            given = await self._leasing(f"{self.name}:{subject}", self.bucket, least, most)
        except DatabaseFault as fault:
            log.warning("no lease of `%s`: %s", self.name, type(fault).__name__)
            self._go_on_alone(share, least)
        except Exception:
            log.exception("no lease of `%s`", self.name)
            self._go_on_alone(share, least)
        else:
            share.since = monotonic()
            share.left += given.taken
            share.full_at = share.since + given.behind / SECOND + SLACK_SECONDS
            share.unsure = share.since - began + SLACK_SECONDS
        finally:
            share.renewing = None

    def _go_on_alone(self, share: Share, needed: int) -> None:
        """Refill a share without its bucket."""
        now, unit = monotonic(), self._unit * self._workers
        came = int((now - share.since) / unit)
        if came:
            share.since = now
            share.left = min(share.left + came, self.size)
        # As if it were as full as makes the next look worth while.
        wait = max(needed - share.left, self._lump) * unit
        share.full_at = now + wait + (self.bucket.burst - max(needed, self._lump)) * self._unit

    def _fits_at(self, share: Share, price: int) -> float:
        """When the bucket has as much, if nobody else takes of it; never in small coin."""
        needed = min(max(price, self._lump) - min(share.left, 0), self.bucket.burst)
        return share.full_at - (self.bucket.burst - needed) * self._unit

    def _throttled(self, share: Share, price: int) -> Throttled:
        self.refused += 1
        now = monotonic()
        if now >= share.told:
            share.promised = 0
        # Those who are refused together are told to come one after the other, a lump at a time.
        share.promised = min(share.promised + price, 2 * self.bucket.burst)
        lumps = -(-share.promised // self._lump) * self._lump
        share.told = share.full_at - (self.bucket.burst - lumps + min(share.left, 0)) * self._unit
        wait = max(share.told - now, 0.001)
        return Throttled(
            f"Too often: `{self.name}` has {self.bucket.burst} at once and {self.bucket.rate}"
            f" a second, and this takes {price}.",
            retry_at=datetime.now(UTC) + timedelta(seconds=wait),
            allowance=self.name,
            limit=self.bucket.burst,
            window=self.window,
            price=price,
        )


async def _ended(task: "asyncio.Task[None] | None", until: float) -> bool:
    """Wait for a lease, but not for long; it goes on without us."""
    if task is None:
        return True
    await asyncio.wait([task], timeout=max(until - monotonic(), 0.0))
    return task.done()


class Allowances:
    """Those of one worker; None where one is switched off. `start` before use, `stop` at the end.

    `door` belongs to addresses. It is spent by whoever is not known (yet), and given back when they
    turn out to be somebody: a caller has allowances of its own, and an office of many behind
    one address takes nothing from each other.
    """

    def __init__(
        self,
        reads: Allowance | None = None,
        order_writes: Allowance | None = None,
        door: Allowance | None = None,
    ) -> None:
        self.reads = reads
        self.order_writes = order_writes
        self.door = door
        self._sweeping: asyncio.Task[None] | None = None

    @property
    def all(self) -> list[Allowance]:
        """Those that are switched on."""
        return [one for one in (self.reads, self.order_writes, self.door) if one is not None]

    def start(self) -> None:
        """Begin to forget."""
        self._sweeping = asyncio.create_task(self._sweep(), context=Context())

    async def stop(self) -> None:
        """Stop everything that is under way."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.wait([self._sweeping])
        for one in self.all:
            await one.stop()

    async def knock(self, address: str | None) -> None:
        """Let an address try to be somebody, before that is paid for.

        Raises:
            Throttled: it tried too often for nothing.

        """
        if self.door is not None:
            whose = source(address)
            if self.door.take(whose, 1) is None:
                await self.door.admit(whose, 1)

    async def let_in(self, address: str | None, finding: Awaitable[Found | None]) -> Found | None:
        """Find out who somebody is, at the cost of their address unless it is somebody.

        Raises:
            Throttled: this address tried too often for nothing.

        """
        try:
            await self.knock(address)
        except Throttled:
            if inspect.iscoroutine(finding):
                finding.close()
            raise
        nobody = False
        try:
            found = await finding
            nobody = found is None
        finally:
            if not nobody:
                self.welcome(address)
        return found

    def welcome(self, address: str | None) -> None:
        """Give back what knocking cost: it is somebody."""
        if self.door is not None:
            self.door.give_back(source(address), 1)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(IDLE_SECONDS)
            for one in self.all:
                one.sweep()


UNLIMITED = Allowances()
"""Where nobody is kept from asking."""

source = lru_cache(maxsize=10_000)(source_of)
