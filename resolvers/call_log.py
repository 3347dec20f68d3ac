"""The call log: every outcome is noted beside the requests, and no request waits for it.

Unlike the ledger it may lose rows: when it is full, and when the process is killed.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Sequence
from contextvars import Context
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from models.allowances import ThrottledNote, add_throttled
from models.call_log import CallNote, write_notes
from models.database import DatabaseUnavailable
from models.record import new_id
from models.words import Outcome

__all__ = ["CallLog", "CallNote", "call_log"]

log = logging.getLogger(__name__)

MOST_WAITING = 20_000
MOST_TOGETHER = 500
"""On SQLite a batch keeps the one writer for some milliseconds; larger ones would be felt."""

EVERY = 1.0
LAST_SECONDS = 5.0


class CallLog:
    """One for each process: takes notes from requests and writes them about once a second."""

    def __init__(self, *, most_waiting: int = MOST_WAITING, every: float = EVERY) -> None:
        self.dropped = 0
        """Notes that were lost: the log was full, or would not take them."""
        self.throttled = 0
        """Throttled calls: counted for each client and hour, and not noted one by one."""
        self._refused: Counter[tuple[UUID, UUID, datetime, str]] = Counter()
        self.written = 0
        self._most_waiting = most_waiting
        self._every = every
        self._queue: deque[CallNote] = deque()
        self._stopping = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Notes that are not written yet."""
        return len(self._queue)

    def start(self) -> None:
        """Begin to write."""
        if self._writer is not None:
            raise RuntimeError("The call log is being written already")
        self._stopping = asyncio.Event()
        self._writer = asyncio.create_task(self._write(), name="call log", context=Context())

    async def stop(self, seconds: float = LAST_SECONDS) -> None:
        """Write what is waiting, but not for longer than that; what is left is dropped."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        self._stopping.set()
        await asyncio.wait([writer], timeout=seconds)
        if not writer.done():
            writer.cancel()
            await asyncio.wait([writer])
        self.dropped += len(self._queue)
        self._queue.clear()

    def note(self, note: CallNote) -> None:
        """Note a call. Never waits and never fails; drops the note if too many are waiting."""
        if note.outcome is Outcome.THROTTLED:
            self.throttled += 1
        elif len(self._queue) >= self._most_waiting:
            self.dropped += 1
        else:
            self._queue.append(note)

    def note_throttled(self, tenant_id: UUID, client_id: UUID, allowance: str, calls: int) -> None:
        """Count calls of a client that an allowance refused, to be written with the others."""
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self._refused[tenant_id, client_id, hour, allowance] += calls

    # --- the writer's side --------------------------------------------------------------------

    async def _write(self) -> None:
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(self._every):
                    await self._stopping.wait()
            except TimeoutError:
                pass
            await self._write_all()
            await self._write_throttled()

    async def _write_all(self) -> None:
        """Write what is there now; keep it for the next time if the database cannot."""
        for _ in range(0, len(self._queue), MOST_TOGETHER):
            batch = list(islice(self._queue, MOST_TOGETHER))
            if not await self._has_written(batch):
                return
            for _ in batch:
                self._queue.popleft()

    async def _write_throttled(self) -> None:
        """Add the counters up in the database; as lossy as the rest."""
        refused, self._refused = self._refused, Counter()
        try:
            if refused:
                await add_throttled(
                    [
                        ThrottledNote(tenant_id, new_id(), client_id, hour, allowance, calls)
                        for (tenant_id, client_id, hour, allowance), calls in refused.items()
                    ]
                )
        except DatabaseUnavailable:
            self._refused += refused
        except Exception as fault:
            log.exception("throttled calls cannot be noted", exc_info=fault)

    async def _has_written(self, batch: Sequence[CallNote]) -> bool:
        """Whether a batch is dealt with: written, or dropped because it never can be."""
        try:
            await write_notes(batch)
        except DatabaseUnavailable as fault:
            log.warning("the call log waits with %d notes: %s", len(self._queue), fault)
            return False
        except Exception as fault:
            if len(batch) == 1:
                log.exception("a call of `%s` cannot be noted", batch[0].field, exc_info=fault)
                self.dropped += 1
                return True
            # One of them spoils the batch.
            return all([await self._has_written([note]) for note in batch])
        self.written += len(batch)
        return True


call_log = CallLog()
"""This process's."""
