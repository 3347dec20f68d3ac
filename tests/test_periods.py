from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.periods import Period, first_instant, monday
from resolvers.usage import spans

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


CHANGES = [
    # (zone, an instant of the change): DST of every kind, and what is stranger than that.
    ("Australia/Lord_Howe", "2026-04-04T15:00"),  # half an hour
    ("Africa/Casablanca", "2026-02-15T02:00"),  # before and after Ramadan
    ("Pacific/Apia", "2011-12-30T10:00"),  # Friday was left out
    ("Africa/Cairo", "2026-04-23T22:00"),  # forward at midnight: there is no 00:00
    ("Asia/Beirut", "2026-03-28T22:00"),  # likewise
    ("America/Asuncion", "2024-10-06T04:00"),  # likewise, the last time
    ("America/Santiago", "2026-09-06T04:00"),  # likewise, on a Sunday
    ("America/Havana", "2026-11-01T05:00"),  # back at 01:00: midnight comes twice
    ("Asia/Gaza", "2026-10-23T23:00"),
    ("Antarctica/Troll", "2026-03-29T01:00"),  # two hours
    ("Europe/Dublin", "2026-10-25T01:00"),  # winter is what is saved
    ("America/New_York", "2026-03-08T07:00"),
    ("America/Sao_Paulo", "2019-02-17T02:00"),
    ("Australia/Sydney", "2026-10-03T16:00"),
    ("Europe/Istanbul", "2016-09-06T21:00"),  # stayed with summer time for good
    ("Asia/Pyongyang", "2018-05-04T15:00"),
    ("Asia/Kathmandu", "1985-12-31T18:30"),  # by a quarter of an hour
    ("America/Caracas", "2016-05-01T07:00"),
    ("Pacific/Kwajalein", "1993-08-21T12:00"),  # a day was left out
    ("Europe/Lisbon", "1992-09-27T01:00"),
]


@pytest.mark.parametrize(("zone", "instant"), CHANGES)
def test_weeks_and_days_tile_across_a_change_of_clocks(zone, instant):
    """Every half hour of a fortnight on either side is in one week and one day, in order."""
    change = utc(instant)
    first = Period.at(change - timedelta(days=14), zone).week
    days = [first + n * timedelta(days=1) for n in range(36)]
    begins = [first_instant(day, zone) for day in days]
    assert begins == sorted(begins)
    weeks = [Period.of(first + n * WEEK, zone) for n in range(5)]
    assert [one.end for one in weeks[:-1]] == [one.start for one in weeks[1:]]
    assert [one.start for one in weeks] == begins[:35:7]

    for n in range(-28 * 24, 28 * 24):
        at = change + n * timedelta(minutes=30)
        period = Period.at(at, zone)
        assert period.start <= at < period.end
        holding = [
            day
            for day, begin, end in zip(days, begins, begins[1:], strict=False)
            if begin <= at < end
        ]
        assert len(holding) == 1, at
        assert monday(holding[0]) == period.week


def test_in_every_zone_every_instant_is_in_exactly_one_week():
    """All of a year's weeks, the turn of the year and of months among them, and their edges."""
    tick = timedelta(microseconds=1)
    for zone in ZONES:
        period = Period.at(utc("2026-11-30T12:00"), zone)
        for _ in range(56):
            following = period.next()
            assert following.week == period.week + WEEK, zone
            assert following.start == period.end > period.start, zone
            assert Period.at(period.start, zone) == Period.at(period.end - tick, zone) == period
            assert Period.at(period.end, zone) == following
            assert 165 <= period.hours <= 171, zone
            period = following


def test_in_every_zone_a_reports_days_are_the_weeks():
    """As reports and sums cut them, late calls among them: nothing between, nothing twice."""
    begin = monday(date(2026, 12, 28))
    for zone in ZONES:
        cut = spans(begin, begin + 2 * WEEK, zone, by_day=True)
        for week in (begin, begin + WEEK):
            of_week = [one for one in cut if one.week == week]
            inner = [one.starts_at for one in of_week[1:]]
            assert [one.ends_at for one in of_week[:-1]] == inner, zone
            assert {Period.at(at, zone).week for at in inner} == {week}, zone
            assert (of_week[0].starts_at.year, of_week[-1].ends_at.year) == (1, 9999)
            assert [one.day for one in of_week] == [week + k * timedelta(days=1) for k in range(7)]


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
