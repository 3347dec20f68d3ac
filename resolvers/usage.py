"""How many calls were made: running totals for every answer, and reports. From the ledger alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from models import clock, usage_queries
from models.periods import Period, first_instant, monday
from models.usage_queries import Named, Span
from models.words import StaffRole, UsageDimension
from resolvers.access import Caller
from resolvers.errors import BadInput, Forbidden, LimitExceeded
from resolvers.totals import Used, totals

MOST_DAYS = 53 * 7
MOST_ROWS = 10_000

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)


async def used_this_week(caller: Caller) -> Used | None:
    """A client's own calls; None for staff, who are never charged.

    Raises:
        Unavailable: nothing is known yet, and the database cannot be asked now.

    """
    if caller.client_id is None:
        return None
    return await totals.used(caller.tenant_id, caller.client_id, caller.time_zone)


async def tenant_used(tenant_id: UUID, time_zone: str) -> Used:
    """All calls of a tenant. Whether the caller may see them is for the schema to check."""
    return await totals.used(tenant_id, None, time_zone)


@dataclass(frozen=True)
class UsageRow:
    """The calls of one group; what it was not grouped by is None, as is "several"."""

    calls: int
    week: date | None = None
    day: date | None = None
    client: Named | None = None
    customer: Named | None = None
    warehouse: Named | None = None
    operation: str | None = None


@dataclass(frozen=True)
class UsageReport:
    """Calls between two days of the tenant's, the second one excluded."""

    from_: date
    to: date
    group_by: Sequence[UsageDimension]
    rows: Sequence[UsageRow]
    calls: int
    as_of: datetime


async def usage_report(
    caller: Caller,
    from_: date | None = None,
    to: date | None = None,
    group_by: Sequence[UsageDimension] = (),
    *,
    tenant_wide: bool = False,
) -> UsageReport:
    """Count the caller's calls, or all of the tenant's, by any dimensions; this week's by default.

    A late call belongs to the Monday of the week that pays for it, so that a report over whole
    weeks and their statements agree.
    """
    if tenant_wide and not sees_tenant(caller):
        raise Forbidden(
            "Only administrators, and clients that were given it, see the tenant's usage.",
            roles=(),
            staff=[StaffRole.ADMINISTRATOR],
        )
    current = Period.at(datetime.now(UTC), caller.time_zone).week
    begin = current if from_ is None else from_
    end = max(current, monday(begin)) + WEEK if to is None else to
    _check(begin, end)
    by = tuple(dict.fromkeys(group_by))
    as_of = await clock.now()
    if caller.client_id is None and not tenant_wide:
        return UsageReport(begin, end, by, [], 0, as_of)
    groups = await usage_queries.report(
        caller.tenant_id,
        spans(begin, end, caller.time_zone, by_day=UsageDimension.DAY in by),
        by,
        client_id=None if tenant_wide else caller.client_id,
        most=MOST_ROWS + 1,
    )
    if len(groups) > MOST_ROWS:
        raise LimitExceeded("rows in a usage report", limit=MOST_ROWS)
    groups.sort(key=lambda group: [_in_order(value) for value in group.values])
    names = [dimension.value.lower() for dimension in by]
    found: list[Any] = [
        UsageRow(group.calls, **dict(zip(names, group.values, strict=True)))  # type: ignore[arg-type]
        for group in groups
        if group.calls
    ]
    return UsageReport(begin, end, by, found, sum(row.calls for row in found), as_of)


def sees_tenant(caller: Caller) -> bool:
    """Whether the tenant's totals and money are for this caller."""
    return caller.sees_tenant_usage or caller.staff_role is StaffRole.ADMINISTRATOR


def spans(from_: date, to: date, time_zone: str, *, by_day: bool = False) -> list[Span]:
    """The stretches of paying weeks that make up a range of days.

    The first day of a week is open to the past, where late calls lie, and its last to the
    future: so the days of a week hold exactly the rows of that week.
    """
    found = []
    week = monday(from_)
    while week < to:
        begin, end = max(week, from_), min(week + WEEK, to)
        step = DAY if by_day else end - begin
        while begin < end:
            found.append(
                Span(
                    week,
                    begin if by_day else None,
                    BEGINNING if begin == week else first_instant(begin, time_zone),
                    END if begin + step == week + WEEK else first_instant(begin + step, time_zone),
                    begin,
                    begin + step,
                )
            )
            begin += step
        week += WEEK
    return found


def _check(begin: date, end: date) -> None:
    if not date.min + WEEK < begin < date.max - WEEK or not date.min + WEEK < end < date.max - WEEK:
        raise BadInput("A usage report is about days that there are.", path=["from"])
    if begin > end:
        raise BadInput("A usage report ends after it begins.", path=["to"])
    if (days := (end - begin).days) > MOST_DAYS:
        raise LimitExceeded("days in a usage report", limit=MOST_DAYS, asked=days)


def _in_order(value: date | Named | str | None) -> tuple[bool, str]:
    """Dates and texts as they sort, the named by name; "several" last."""
    shown = f"{value.name} {value.id}" if isinstance(value, Named) else str(value)
    return value is None, shown
