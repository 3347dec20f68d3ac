"""What happens by the clock: forgetting, and closing weeks. Any number of processes may do it.

Rows are claimed with SKIP LOCKED on PostgreSQL and by SQLite's one writer; a week that two close
at once is closed once.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from models.database import DatabaseFault
from models.pruning import BATCH, prune_calls, prune_keys, prune_sessions, prune_tokens
from resolvers import billing
from resolvers.errors import Refusal, UserErrors
from resolvers.tenants import tenants

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

EVERY_SECONDS = 60.0
BETWEEN_BATCHES = 0.05

Prune = Callable[[UUID, datetime], Awaitable[int]]

KEPT: dict[Prune, timedelta] = {
    prune_calls: timedelta(days=90),
    # Promised for 30 days.
    prune_keys: timedelta(days=35),
    # An expired token is worth nothing; the day is for whoever looks into a complaint.
    prune_tokens: timedelta(days=1),
    prune_sessions: timedelta(days=1),
}
"""How long what is forgotten was kept."""


async def work_by_the_clock() -> None:
    """Do it all about once a minute, until it is cancelled."""
    while True:
        # Not all processes at the same moment.
        await asyncio.sleep(EVERY_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311
        await work_once()


async def work_once() -> None:
    """Do what is due now; what fails is tried again the next time."""
    for work in (forget, close_weeks):
        try:
            await work()
        except (DatabaseFault, OSError) as fault:
            log.warning("Put off", work=work.__name__, reason=str(fault))
        except Exception:
            log.exception("Our fault", work=work.__name__)


async def forget() -> None:
    """Drop what has been kept for long enough."""
    now = datetime.now(UTC)
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
