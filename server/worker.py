"""What happens by the clock: forgetting, closing weeks, adding up, and reports.

Any number of processes may do it. Rows are claimed with SKIP LOCKED on PostgreSQL and by SQLite's
one writer; a week that two close at once is closed once, and of two that add up the same calls one
stores them.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from models.allowances import prune_allowances
from models.database import DatabaseFault
from models.pruning import (
    BATCH,
    prune_calls,
    prune_keys,
    prune_report_files,
    prune_reports,
    prune_sessions,
    prune_throttled,
    prune_tokens,
)
from resolvers import billing, report_work, rollups, waiting
from resolvers.errors import Refusal, UserErrors
from resolvers.tenants import tenants

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

EVERY_SECONDS = 60.0
BETWEEN_BATCHES = 0.05
LOOK_SECONDS = 1.0
WAKE_SECONDS = 5.0
ADD_SECONDS = 10.0

Work = Callable[[], Coroutine[Any, Any, None]]
Prune = Callable[[UUID, datetime], Awaitable[int]]

KEPT: dict[Prune, timedelta] = {
    prune_calls: timedelta(days=90),
    prune_throttled: timedelta(days=90),
    # Promised for 30 days.
    prune_keys: timedelta(days=35),
    # An expired token is worth nothing; the day is for whoever looks into a complaint.
    prune_tokens: timedelta(days=1),
    prune_sessions: timedelta(days=1),
    # They know themselves until when they are kept.
    prune_report_files: timedelta(0),
    # For as long as a key can lead to one.
    prune_reports: timedelta(days=40),
}
"""How long what is forgotten was kept."""


async def work_by_the_clock() -> None:
    """Do it all, until it is cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_again_and_again(EVERY_SECONDS, forget, close_weeks))
        group.create_task(_again_and_again(LOOK_SECONDS, make_reports))
        group.create_task(_again_and_again(WAKE_SECONDS, wake_orders))
        group.create_task(_again_and_again(ADD_SECONDS, add_up))


async def work_once() -> None:
    """Do what is due now; what fails is tried again the next time."""
    await _do(forget, close_weeks, add_up, make_reports, wake_orders)


async def _again_and_again(seconds: float, *works: Work) -> None:
    while True:
        # Not all processes at the same moment.
        await asyncio.sleep(seconds * random.uniform(0.5, 1.5))  # noqa: S311
        await _do(*works)


async def _do(*works: Work) -> None:
    for work in works:
        try:
            await work()
        except (DatabaseFault, OSError) as fault:
            log.warning("Put off", work=work.__name__, reason=str(fault))
        except Exception:
            log.exception("Our fault", work=work.__name__)


async def forget() -> None:
    """Drop what has been kept for long enough."""
    now = datetime.now(UTC)
    gone = BATCH
    while gone == BATCH:
        gone = await prune_allowances(BATCH)
        await asyncio.sleep(BETWEEN_BATCHES)
    for tenant in await tenants():
        for prune, age in KEPT.items():
            gone = BATCH
            while gone == BATCH:
                gone = await prune(tenant.id, now - age)
                await asyncio.sleep(BETWEEN_BATCHES)


async def close_weeks() -> None:
    """Close every week that is due, the oldest first."""
    for tenant_id, week in await billing.due():
        try:
            closed = await billing.close(tenant_id, week)
        except (Refusal, UserErrors) as refused:
            log.warning("Not closed", tenant=str(tenant_id), week=str(week), reason=str(refused))
        else:
            log.info("Closed", tenant=str(tenant_id), week=str(week), calls=closed.used)


async def add_up() -> None:
    """Add up what the ledger has got since the last time."""
    for tenant in await tenants():
        await rollups.settle(tenant)


async def make_reports() -> None:
    """Make the reports that are asked for, one at a time."""
    while await report_work.work_next():
        pass


async def wake_orders() -> None:
    """Give orders that wait what is free by now."""
    await waiting.wake_all()
