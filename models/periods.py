"""A tenant's week: from Monday 00:00 to the next Monday 00:00 on the clock on its wall."""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

WEEK = dt.timedelta(days=7)
SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """One week in one time zone. Every instant is in exactly one."""

    week: dt.date
    """Its Monday."""
    start: dt.datetime
    """In UTC, as is `end`."""
    end: dt.datetime
    """Not part of it any more: the start of the next one."""
    time_zone: str

    @classmethod
    def at(cls, instant: dt.datetime, time_zone: str) -> "Period":
        """The week that an instant is in."""
        # Nearly always the one that was asked for last.
        known = _LATEST.get(time_zone)
        if known is None or not known.start <= instant < known.end:
            known = _LATEST[time_zone] = _containing(instant, time_zone)
        return known

    @classmethod
    def of(cls, week: dt.date, time_zone: str) -> "Period":
        """The week that begins on this Monday."""
        return _of(week, time_zone)

    @property
    def hours(self) -> float:
        """How long it lasts: 168, or an hour (Lord Howe half an hour, Troll two) more or less."""
        return (self.end - self.start) / dt.timedelta(hours=1)

    def next(self) -> "Period":
        return _of(self.week + WEEK, self.time_zone)

    def previous(self) -> "Period":
        return _of(self.week - WEEK, self.time_zone)


def monday(day: dt.date) -> dt.date:
    """The Monday of the week that a day is in."""
    return day - dt.timedelta(days=day.weekday())


def first_instant(day: dt.date, time_zone: str) -> dt.datetime:
    """The first instant of a day, in UTC.

    Midnight itself, or the earlier one of two, where clocks are put back across it; where they
    are put forward across it, the moment in which that happens.
    """
    zone = ZoneInfo(time_zone)
    midnight = dt.datetime.combine(day, dt.time(), zone)
    one, other = (midnight.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    before, after = min(one, other), max(one, other)
    wall = midnight.replace(tzinfo=None)
    if _wall(before, zone) >= wall:
        return before
    # There is no midnight; `before` shows the old day still, and `after` the new one.
    while after - before > SECOND:
        middle = before + (after - before) // 2 // SECOND * SECOND
        if _wall(middle, zone) < wall:
            before = middle
        else:
            after = middle
    return after


_LATEST: dict[str, Period] = {}
"""The week asked for last in each zone; there are a few hundred zones."""


@lru_cache(maxsize=8_192)
def _of(week: dt.date, time_zone: str) -> Period:
    if week.weekday() != 0:
        raise ValueError(f"A week begins on a Monday; {week} is none")
    start, end = first_instant(week, time_zone), first_instant(week + WEEK, time_zone)
    return Period(week, start, end, time_zone)


def _containing(instant: dt.datetime, time_zone: str) -> Period:
    if instant.utcoffset() is None:
        raise ValueError("An instant needs an offset from UTC")
    period = _of(monday(instant.astimezone(ZoneInfo(time_zone)).date()), time_zone)
    # Where clocks are put back across midnight, the wall shows Sunday for a second time.
    if instant >= period.end:
        return period.next()
    return period if instant >= period.start else period.previous()


def _wall(instant: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """What the clock on the wall shows."""
    return instant.astimezone(zone).replace(tzinfo=None)
