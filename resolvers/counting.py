"""Counting billed reads: each is answered once its ledger row is committed.

The rows of all requests in flight share one commit. While one batch is being written the next
one gathers, so that nobody waits for company and the busier it is the less a row costs.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextvars import Context
from typing import NamedTuple

from models.database import (
    DatabaseUnavailable,
    Reason,
    SerializationFailure,
    in_transaction,
)
from models.ledger import Entry, write_entries
from resolvers.commands import RETRY_AFTER, now
from resolvers.errors import Unavailable

log = logging.getLogger(__name__)

MOST_WAITING = 10_000
MOST_TOGETHER = 1_000


class Waiting(NamedTuple):
    """A row to be written, and who waits for it."""

    entry: Entry
    written: asyncio.Future[None]


class Counter:
    """One for each process: takes rows from requests, and writes them together."""

    def __init__(
        self, *, most_waiting: int = MOST_WAITING, most_together: int = MOST_TOGETHER
    ) -> None:
        self.counted = 0
        """Rows committed since the start, those of clients that went away among them."""
        self.batches = 0
        """Commits that took."""
        self.failed = 0
        """Rows that could not be written; their callers were told so."""
        self._most_waiting = most_waiting
        self._most_together = most_together
        self._queue: deque[Waiting] = deque()
        self._something = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def waiting(self) -> int:
        """Rows that no batch has taken yet."""
        return len(self._queue)

    def start(self) -> None:
        """Begin to write. The writer belongs to no request and inherits no transaction."""
        if self._writer is not None:
            raise RuntimeError("Counting has begun already")
        self._stopping = False
        self._something = asyncio.Event()
        self._writer = asyncio.create_task(self._write(), name="counting", context=Context())

    async def stop(self) -> None:
        """Write what is waiting, refuse what comes now, and end.

        If the database cannot, those who wait are told so at once: this ends in any case.
        """
        writer, self._writer = self._writer, None
        if writer is None:
            return
        self._stopping = True
        self._something.set()
        await asyncio.shield(writer)

    async def count(self, entry: Entry) -> None:
        """Have a row written, and wait until it is committed.

        The row stays even if whoever waits for it is cancelled.

        Raises:
            Unavailable: it could not be written.

        """
        if in_transaction():
            # The writer would wait for the transaction, and the transaction for the writer.
            raise RuntimeError("A billed read is never counted inside a transaction")
        if self._writer is None or len(self._queue) >= self._most_waiting:
            self.failed += 1
            raise unavailable()
        written = asyncio.get_running_loop().create_future()
        self._queue.append(Waiting(entry, written))
        self._something.set()
        await written

    # --- the writer's side --------------------------------------------------------------------

    async def _write(self) -> None:
        while self._queue or not self._stopping:
            if not self._queue:
                self._something.clear()
                await self._something.wait()
                continue
            size = min(len(self._queue), self._most_together)
            await self._write_batch([self._queue.popleft() for _ in range(size)])

    async def _write_batch(self, batch: Sequence[Waiting]) -> None:
        """Write rows together; where one of them spoils that, each by itself."""
        fault = await self._fault_of(batch)
        if fault is None:
            return self._done(batch)
        if isinstance(fault, DatabaseUnavailable) or len(batch) == 1:
            return self._give_up(batch, fault)
        for number, one in enumerate(batch):
            fault = await self._fault_of([one])
            if fault is None:
                self._done([one])
            elif isinstance(fault, DatabaseUnavailable):
                # Nor will it take the others; their callers have waited long enough.
                return self._give_up(batch[number:], fault)
            else:
                self._give_up([one], fault)
        return None

    async def _fault_of(self, batch: Sequence[Waiting]) -> Exception | None:
        entries = [waiting.entry for waiting in batch]
        try:
            try:
                await write_entries(entries)
            except DatabaseUnavailable as fault:
                if not _passes(fault):
                    raise
                # Rows have ids, so writing again what may be there already does no harm.
                await write_entries(entries)
        except Exception as fault:  # noqa: BLE001 - the writer outlives every fault
            return fault
        return None

    def _done(self, batch: Sequence[Waiting]) -> None:
        self.counted += len(batch)
        self.batches += 1
        for _, written in batch:
            if not written.done():
                written.set_result(None)

    def _give_up(self, batch: Sequence[Waiting], fault: Exception) -> None:
        if self._stopping and isinstance(fault, DatabaseUnavailable):
            batch = [*batch, *self._queue]
            self._queue.clear()
        self.failed += len(batch)
        if isinstance(fault, DatabaseUnavailable):
            log.warning("%d calls could not be counted: %s", len(batch), fault)
        else:
            log.error("a call of `%s` cannot be counted", batch[0].entry.field, exc_info=fault)
        for _, written in batch:
            if not written.done():
                written.set_exception(unavailable())


def _passes(fault: DatabaseUnavailable) -> bool:
    """Whether the same again at once may well succeed: a lost connection, a lost race."""
    return fault.reason is Reason.LOST or isinstance(fault, SerializationFailure)


def unavailable() -> Unavailable:
    """The refusal of a call that cannot be counted, and so not be answered."""
    return Unavailable(
        "The call cannot be counted now, so it is not answered.",
        retry_at=now() + RETRY_AFTER,
    )


counter = Counter()
"""This process's."""
