from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.periods import Period, first_instant, monday

WEEK = timedelta(days=7)
ZONES = sorted(available_timezones() - {"localtime"})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "week", "start", "hours"),
    [
        ("UTC", "2026-11-23", "2026-11-23T00:00", 168),
        ("Australia/Sydney", "2026-11-23", "2026-11-22T13:00", 168),
        ("Australia/Sydney", "2026-09-28", "2026-09-27T14:00", 167),
        ("Australia/Sydney", "2026-03-30", "2026-03-29T13:00", 169),
        ("America/New_York", "2026-03-02", "2026-03-02T05:00", 167),
        ("Europe/London", "2026-10-19", "2026-10-18T23:00", 169),
        ("Asia/Kathmandu", "2026-11-23", "2026-11-22T18:15", 168),
        ("Australia/Lord_Howe", "2026-09-28", "2026-09-27T13:30", 167.5),
        ("Pacific/Apia", "2011-12-26", "2011-12-26T10:00", 144),  # no Friday that week
        ("Africa/Cairo", "2010-08-09", "2010-08-08T21:00", 169),  # back at midnight, to Wednesday
    ],
)
def test_a_week_lasts_from_monday_to_monday(zone, week, start, hours):
    period = Period.of(date.fromisoformat(week), zone)

    assert (period.start, period.hours) == (utc(start), hours)


@pytest.mark.parametrize(
    ("zone", "day", "instant"),
    [
        # Forward at midnight: the day begins at 01:00.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00"),
        # Forward from 23:30 to 00:30: it begins at 00:30, in the middle of what is left out.
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30"),
        # Back from 01:00 to 00:00: the first midnight counts.
        ("America/Havana", "2026-11-01", "2026-11-01T04:00"),
        # Back from 00:01 to 23:01: the first midnight counts, a minute before.
        ("America/St_Johns", "2010-11-07", "2010-11-07T02:30"),
        # A day that was left out begins and ends in the same instant.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00"),
    ],
)
def test_a_day_begins_with_its_first_instant(zone, day, instant):
    assert first_instant(date.fromisoformat(day), zone) == utc(instant)


@given(
    zone=st.sampled_from(ZONES),
    instant=st.integers(-2_500_000_000, 4_100_000_000).map(
        lambda seconds: utc("1970-01-01T00:00") + timedelta(seconds=seconds)
    ),
)
@settings(max_examples=1_000, deadline=None)
def test_every_instant_is_in_exactly_one_week(zone, instant):
    period = Period.at(instant, zone)

    assert period.start <= instant < period.end
    assert period.previous().end == period.start
    assert period.next().start == period.end
    assert period.week.weekday() == 0
    assert period == Period.of(period.week, zone)


@given(
    zone=st.sampled_from(ZONES),
    week=st.dates(date(1890, 1, 1), date(2100, 1, 1)).map(monday),
)
@settings(max_examples=1_000, deadline=None)
def test_a_week_begins_when_the_wall_first_shows_monday(zone, week):
    """Also where there is no midnight, or two."""
    period = Period.of(week, zone)
    wall = [
        (period.start + timedelta(microseconds=shift)).astimezone(ZoneInfo(zone))
        for shift in (-1, 0)
    ]

    assert wall[0].date() < week <= wall[1].date()
    assert Period.at(period.start, zone) == period
    assert Period.at(period.start - timedelta(microseconds=1), zone) == period.previous()
    assert timedelta(days=5) < period.end - period.start < timedelta(days=9)


def test_an_instant_needs_an_offset():
    with pytest.raises((TypeError, ValueError)):
        Period.at(datetime(2026, 11, 23), "Europe/Vienna")  # noqa: DTZ001 - that is the point


def test_a_week_is_named_by_its_monday():
    with pytest.raises(ValueError, match="Monday"):
        Period.of(date(2026, 11, 24), "UTC")


def test_looking_up_the_current_week_costs_next_to_nothing():
    now = datetime.now(UTC)
    Period.at(now, "Australia/Sydney")

    began = perf_counter()
    for _ in range(10_000):
        Period.at(now, "Australia/Sydney")

    assert (perf_counter() - began) / 10_000 < 5e-6
