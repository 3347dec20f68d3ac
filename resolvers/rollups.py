"""Adding the ledger up: by the clock as it grows, whole when a week is closed, or anew.

Sums and mark move in one transaction, so that a kill at any instant leaves both or neither. What
is counted is settled, so it is counted beside that transaction, which is short therefore; whoever
finds the mark moved meanwhile throws its count away.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from uuid import UUID

from models import rollup_queries
from models.billing_queries import closed_weeks
from models.database import transaction
from models.periods import WEEK, Period
from models.rollup_queries import Kind, Mark, Sums
from models.tenants import Tenant
from models.usage_queries import Span
from resolvers.usage import spans

BEGINNING = datetime.min.replace(tzinfo=UTC)
NOTHING_YET = datetime(1970, 1, 1, tzinfo=UTC)
"""The mark of a tenant of whose open weeks nothing is added up."""

STRETCH = timedelta(hours=1)
SHORTEST = timedelta(minutes=1)
PART = timedelta(hours=3)
QUICK_SECONDS = 0.05
SLOW_SECONDS = 0.25


class Moved(Exception):
    """Somebody else moved the mark first; nothing was stored."""


async def settle(tenant: Tenant) -> int:
    """Add up whatever is settled by now, a stretch at a time; how many calls that were."""
    try:
        mark = await seal(tenant)
        if mark.went_back:
            return await _anew(tenant, mark)
        return await _catch_up(tenant, mark)
    except Moved:
        return 0


async def _catch_up(tenant: Tenant, mark: Mark) -> int:
    weeks, stretch, added = open_weeks(tenant, mark), STRETCH, 0
    since = mark.settled_until or NOTHING_YET
    while (
        first := await rollup_queries.first_after(tenant.id, weeks, since, mark.until)
    ) is not None:
        began = monotonic()
        until = min(first + stretch, mark.until)
        sums = await rollup_queries.sums_of_ledger(tenant.id, _days(tenant, weeks, since, until))
        async with transaction():
            await _move(tenant.id, mark, until, mark.sealed)
            await rollup_queries.add(tenant.id, sums)
        added += sum(sums.values())
        mark, since = mark._replace(settled_until=until), until
        # Long stretches where little was called: nobody is kept waiting for a large sum.
        took = monotonic() - began
        if took < QUICK_SECONDS:
            stretch *= 2
        elif took > SLOW_SECONDS:
            stretch = max(SHORTEST, stretch / 2)
    return added


async def _anew(tenant: Tenant, mark: Mark) -> int:
    """Begin again behind a clock that was put back: rows may have been written before the mark."""
    weeks = open_weeks(tenant, mark)
    sums = await _sums(tenant, weeks, mark.until)
    async with transaction():
        await _move(tenant.id, mark, mark.until, mark.sealed)
        await rollup_queries.forget_weeks(tenant.id, weeks)
        await rollup_queries.add(tenant.id, sums)
    return 0


async def seal(tenant: Tenant) -> Mark:
    """Add up whole what was closed before anything was added up."""
    mark = await rollup_queries.mark_of(tenant.id)
    if mark.last_closed is None or mark.last_closed == mark.sealed:
        return mark
    for week in sorted(await closed_weeks(tenant.id)):
        if mark.sealed is None or week > mark.sealed:
            sums = await whole_week(tenant, week)
            async with transaction():
                mark = await store_whole(tenant.id, mark, week, sums)
    return mark


async def whole_week(tenant: Tenant, week: date) -> Sums:
    """All rows of a week, added up."""
    return await _sums(tenant, [week])


async def store_whole(tenant_id: UUID, mark: Mark, week: date, sums: Sums) -> Mark:
    """Keep all of a week for good, within the transaction that closes it.

    Raises:
        Moved: look at the mark again.

    """
    settled_until = mark.settled_until or NOTHING_YET
    await _move(tenant_id, mark, settled_until, week)
    await rollup_queries.forget_weeks(tenant_id, [week])
    await rollup_queries.add(tenant_id, sums)
    return mark._replace(settled_until=settled_until, sealed=week)


@dataclass(frozen=True)
class Rebuilt:
    """A week that was added up anew, and what its sums were before and are now."""

    week: date
    before: int
    after: int
    differing: int
    """How many sums were not what they should have been."""


async def rebuild(tenant: Tenant, week: date | None = None) -> list[Rebuilt]:
    """Add one week up anew, or all there are."""
    await seal(tenant)
    weeks = [week] if week else await rollup_queries.weeks_of_books(tenant.id)
    return [await _rebuild(tenant, one) for one in weeks]


async def _rebuild(tenant: Tenant, week: date) -> Rebuilt:
    for _ in range(ATTEMPTS):
        mark = await rollup_queries.mark_of(tenant.id)
        whole = mark.sealed is not None and week <= mark.sealed
        until = None if whole else mark.settled_until or NOTHING_YET
        sums = await _sums(tenant, [week], until)
        try:
            async with transaction():
                await _move(tenant.id, mark, mark.settled_until or NOTHING_YET, mark.sealed)
                before = await rollup_queries.sums_of_rollups(tenant.id, week)
                await rollup_queries.forget_weeks(tenant.id, [week])
                await rollup_queries.add(tenant.id, sums)
        except Moved:
            continue
        kinds = {*before, *sums}
        differing = sum(before.get(kind) != sums.get(kind) for kind in kinds)
        return Rebuilt(week, sum(before.values()), sum(sums.values()), differing)
    raise Moved


ATTEMPTS = 10


async def _move(tenant_id: UUID, mark: Mark, settled_until: datetime, sealed: date | None) -> None:
    if not await rollup_queries.move_mark(
        tenant_id, mark, settled_until=settled_until, sealed=sealed
    ):
        raise Moved


def open_weeks(tenant: Tenant, mark: Mark) -> list[date]:
    """The weeks that rows can still be written to, and those that wait to be closed."""
    last = Period.at(mark.until, tenant.time_zone).week + WEEK
    if mark.last_closed is not None:
        # Where the clock was put back, late rows go to the week after the last closed one.
        last = max(last, mark.last_closed + WEEK)
    week = mark.first_counted or last
    if mark.sealed is not None:
        week = max(week, mark.sealed + WEEK)
    found = []
    while week <= last:
        found.append(week)
        week += WEEK
    return found


async def _sums(tenant: Tenant, weeks: Sequence[date], until: datetime | None = None) -> Sums:
    """Weeks added up, a part of a day at a time: more would take longer than a statement may."""
    sums: Counter[Kind] = Counter()
    for one in _days(tenant, weeks, BEGINNING, until):
        for part in _parts(one, Period.of(one.week, tenant.time_zone)):
            sums.update(await rollup_queries.sums_of_ledger(tenant.id, [part]))
    return dict(sums)


def _parts(one: Span, period: Period) -> list[Span]:
    """A stretch in parts of some hours, each ending where the next begins."""
    cuts, at = [one.starts_at], period.start
    while (at := at + PART) < min(one.ends_at, period.end):
        if at > one.starts_at:
            cuts.append(at)
    return [
        one._replace(starts_at=begins, ends_at=ends)
        for begins, ends in zip(cuts, [*cuts[1:], one.ends_at], strict=True)
    ]


def _days(
    tenant: Tenant, weeks: Sequence[date], since: datetime, until: datetime | None
) -> list[Span]:
    """The days of weeks, as far as they lie between two instants."""
    found = []
    for week in weeks:
        for one in spans(week, week + WEEK, tenant.time_zone, by_day=True):
            starts_at = max(one.starts_at, since)
            ends_at = one.ends_at if until is None else min(one.ends_at, until)
            if starts_at < ends_at:
                found.append(one._replace(starts_at=starts_at, ends_at=ends_at))
    return found
