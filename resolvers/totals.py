"""Running totals of the current week: what every answer tells, at the price of next to nothing."""

import asyncio
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from models import usage_queries
from models.database import DatabaseUnavailable
from models.periods import Period
from resolvers.errors import Unavailable

FRESH_SECONDS = 1.0
REST = 20
"""A total rests this many times as long as it took to count: 5 % of the time at most."""

QUICK_SECONDS = 0.02
MOST_TOTALS = 20_000
BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Used:
    """A running total of the current week; what came after `as_of` may be missing."""

    calls: int
    as_of: datetime


class Total:
    """The running total of one client, or of a tenant.

    What is settled is counted once; each refresh counts only what came since.
    """

    __slots__ = ("_as_of", "_newer", "_settled", "_since", "_week", "known", "task", "took", "when")

    def __init__(self) -> None:
        self.known: Used | None = None
        self.task: asyncio.Task[None] | None = None
        self.when = 0.0
        """When it was last refreshed, on a clock that is never put back."""
        self.took = 0.0
        self._week: date | None = None
        self._as_of = BEGINNING
        self._settled = 0
        self._since: Any = None

    async def refresh(self, tenant_id: UUID, client_id: UUID | None, time_zone: str) -> None:
        """Count what is new."""
        began = monotonic()
        week = Period.at(datetime.now(UTC), time_zone).week
        since = self._since if week == self._week else None
        found = await usage_queries.running(tenant_id, client_id, week, since)
        if since is not None and found.as_of < self._as_of:
            # The database's clock was put back: what is settled has to be found anew.
            since = None
            found = await usage_queries.running(tenant_id, client_id, week, None)
        self._settled = found.settled + (0 if since is None else self._settled)
        self._week, self._since, self._as_of = week, found.settled_until, found.as_of
        self.known = Used(self._settled + found.newer, found.as_of)
        # A row may have been committed the moment after we looked, so its age counts from then.
        self.when, self.took = began, monotonic() - began

    @property
    def rests(self) -> float:
        """How long it is good for."""
        return max(FRESH_SECONDS, REST * self.took)


class Totals:
    """The running totals that this process knows. Requests that need the same one share it."""

    def __init__(self) -> None:
        self._known: dict[tuple[UUID, UUID | None], Total] = {}

    async def used(self, tenant_id: UUID, client_id: UUID | None, time_zone: str) -> Used:
        """The total, no older than it may be."""
        total = self._of(tenant_id, client_id)
        age = monotonic() - total.when
        if total.known is not None and age < total.rests:
            return total.known
        if total.task is None:
            # Of its own, so that it sees what is committed and survives whoever asked first.
            total.task = asyncio.create_task(
                total.refresh(tenant_id, client_id, time_zone), context=Context()
            )
            total.task.add_done_callback(lambda task: _end(total, task))
        if total.known is not None and total.took > QUICK_SECONDS and age < 2 * total.rests:
            # A great many calls: nobody waits for the last of them.
            return total.known
        await asyncio.wait([total.task])
        if total.known is None:
            raise Unavailable(
                "Usage cannot be told now.", retry_at=datetime.now(UTC) + timedelta(seconds=2)
            )
        return total.known

    def forget(self) -> None:
        """Count everything anew when it is next asked for."""
        self._known.clear()

    def _of(self, tenant_id: UUID, client_id: UUID | None) -> Total:
        key = (tenant_id, client_id)
        if (total := self._known.get(key)) is None:
            if len(self._known) >= MOST_TOTALS:
                self._known.pop(next(iter(self._known)))
            total = self._known[key] = Total()
        return total


def _end(total: Total, task: asyncio.Task[None]) -> None:
    total.task = None
    if task.cancelled() or (fault := task.exception()) is None:
        return
    if not isinstance(fault, DatabaseUnavailable):
        # Shown in the log by the event loop; what was known is told until it can be counted.
        task.get_loop().call_exception_handler(
            {"message": "usage could not be counted", "exception": fault, "task": task}
        )


totals = Totals()
"""This process's."""
