"""Making reports: a worker takes one run at a time, and writes its file piece by piece.

Rows are read a page at a time, each in a short statement, so that nobody waits for a report. A run
whose worker dies is begun again by another one when the lease ends, from the beginning.
"""

import logging
import random
from asyncio import CancelledError
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

import orjson

from models import report_runs
from models.database import DatabaseFault
from models.reach import Reach
from models.report_queries import BEGINNING, Level, levels, levels_in_all
from models.report_runs import Claimed, LeaseLost, Progress
from models.words import Condition, ReportFault, StockDimension
from resolvers.report_files import StockRow, head, lines
from resolvers.reports import reach_of

log = logging.getLogger(__name__)

PAGE = 500
CHUNK_BYTES = 256 * 1024
PROGRESS_SECONDS = 1.0
"""How often a run says how far it is, and that it is still being made."""

MOST_BYTES = 512 * 1024 * 1024
MOST_GROUPS = 200_000
"""Rows that are added up at the same time."""

MOST_ATTEMPTS = 3
PAUSE_SECONDS = 5
KEPT_SECONDS = 7 * 24 * 3600
"""How long a file is kept."""


class TooLarge(Exception):
    """More than a report may hold."""


async def work_next() -> bool:
    """Make one run that is due, if there is any; no tenant waits for all of another's."""
    waiting = await report_runs.tenants_waiting()
    random.shuffle(waiting)
    for tenant_id in waiting:
        run = await report_runs.claim(tenant_id)
        if run is not None:
            with suppress(LeaseLost):
                await _work(run)
            return True
    return False


async def _work(run: Claimed) -> None:
    if run.attempts > MOST_ATTEMPTS:
        # Whoever was at it did not live to say what went wrong.
        await report_runs.give_up(run, ReportFault.INTERNAL)
        return
    try:
        await report_runs.clear(run)
        await _make(run)
    except TooLarge:
        await report_runs.give_up(run, ReportFault.TOO_LARGE)
    except CancelledError:
        # The service stops. Another worker need not wait for the lease to end.
        with suppress(LeaseLost, DatabaseFault):
            await report_runs.put_back(run, 0, attempted=False)
        raise
    except LeaseLost:
        raise
    except Exception as fault:
        log.exception("report run %s, attempt %d", run.id, run.attempts, exc_info=fault)
        if run.attempts == MOST_ATTEMPTS:
            await report_runs.give_up(run, ReportFault.INTERNAL)
        else:
            await report_runs.put_back(run, PAUSE_SECONDS, attempted=True)


async def _make(run: Claimed) -> None:
    arguments: dict[str, Any] = orjson.loads(run.arguments)
    reach = reach_of(run.tenant_id, run.reach)
    as_of = datetime.fromisoformat(arguments["as_of"]) if "as_of" in arguments else None
    by = None
    if "aggregate_by" in arguments:
        by = frozenset(StockDimension(one) for one in arguments["aggregate_by"])
    # Sums are known only when they are made, and so is what there was at an instant.
    file = Writing(run, None if by is not None or as_of else await levels_in_all(reach))
    await file.add(head(run.format), 0)
    async for rows in stock_rows(reach, as_of, by):
        await file.add(lines(run.format, rows), len(rows))
    await file.end()
    await report_runs.finish(run, f"/reports/{run.id}", KEPT_SECONDS)


@dataclass
class Writing:
    """A file that is being written."""

    run: Claimed
    rows_total: int | None
    rows_done: int = 0
    stored: int = 0
    waiting: bytearray = field(default_factory=bytearray)
    noted: float = field(default_factory=monotonic)

    async def add(self, content: bytes, rows: int) -> None:
        """Add some rows, and now and then say so."""
        self.waiting += content
        self.rows_done += rows
        if self.stored + len(self.waiting) > MOST_BYTES:
            raise TooLarge
        if len(self.waiting) >= CHUNK_BYTES:
            await self._store()
        elif monotonic() - self.noted > PROGRESS_SECONDS:
            await self._note(b"")

    async def end(self) -> None:
        """Store what is left."""
        await self._store()

    async def _store(self) -> None:
        content, self.waiting = bytes(self.waiting), bytearray()
        self.stored += len(content)
        await self._note(content)

    async def _note(self, content: bytes) -> None:
        progress = Progress(self.rows_done, self.rows_total, self.stored)
        await report_runs.note_progress(self.run, progress, content)
        self.noted = monotonic()


# --- stock on hand -------------------------------------------------------------------------------


async def stock_rows(
    reach: Reach, as_of: datetime | None, by: frozenset[StockDimension] | None
) -> AsyncIterator[list[StockRow]]:
    """The rows of a stock report; an empty page now and then where rows are being added up."""
    sums = None if by is None else Sums(by)
    after = BEGINNING
    while page := await levels(reach, after, PAGE, as_of):
        after = page[-1].place
        held = [one for one in page if one.quantity or one.allocated or one.incoming]
        yield [_row(one) for one in held] if sums is None else sums.add(held)
    if sums is not None:
        yield sums.take()


def _row(level: Level) -> StockRow:
    return StockRow(
        level.customer,
        level.warehouse,
        level.product,
        level.product_name,
        level.batch,
        level.expiry_date,
        level.condition,
        *_amounts(level),
    )


def _amounts(level: Level) -> tuple[int, int, int, int]:
    free = level.quantity - level.allocated if level.condition == Condition.OK else 0
    return level.quantity, level.allocated, free, level.incoming


class Sums:
    """Levels added up by some of what tells them apart.

    Levels come in the order of their product's code. Where products are told apart, sums are done
    as soon as the next code comes, so that no more is held than the levels of one.
    """

    def __init__(self, by: frozenset[StockDimension]) -> None:
        self.by = by
        self.code: str | None = None
        self.sums: dict[tuple[Any, ...], list[int]] = {}

    def add(self, levels: Sequence[Level]) -> list[StockRow]:
        """Add them up; the rows that are complete by that."""
        done: list[StockRow] = []
        for one in levels:
            if one.product != self.code and StockDimension.PRODUCT in self.by:
                done += self.take()
                self.code = one.product
            held = self.sums.setdefault(self._key(one), [0, 0, 0, 0])
            for at, amount in enumerate(_amounts(one)):
                held[at] += amount
        if len(self.sums) > MOST_GROUPS:
            raise TooLarge
        return done

    def take(self) -> list[StockRow]:
        """All rows that are waiting, in order."""
        sums, self.sums = self.sums, {}
        keys = sorted(
            sums, key=lambda key: [(one is not None, one or "") for one in map(_text, key)]
        )
        return [StockRow(*key[:-1], *sums[key]) for key in keys]

    def _key(self, level: Level) -> tuple[Any, ...]:
        """What a row tells of those it adds up, and last the product that they are of."""
        by = self.by
        of_product = StockDimension.PRODUCT in by
        # A product is one customer's.
        of_customer = of_product or StockDimension.CUSTOMER in by
        return (
            level.customer if of_customer else None,
            level.warehouse if StockDimension.WAREHOUSE in by else None,
            level.product if of_product else None,
            level.product_name if of_product else None,
            level.batch if StockDimension.BATCH in by else None,
            level.expiry_date if StockDimension.EXPIRY_DATE in by else None,
            level.condition if StockDimension.CONDITION in by else None,
            level.product_id if of_product else None,
        )


def _text(part: object) -> str | None:
    return None if part is None else str(part)
