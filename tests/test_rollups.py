"""Calls added up by day: the same numbers as the ledger's, at any moment."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from models import rollup_queries, usage_queries
from models.billing import Statement
from models.database import transaction
from models.ledger import write_entries
from models.rollups import UsageMark, UsageRollup
from models.usage import LedgerRow
from models.words import StaffRole, UsageDimension
from resolvers import rollups
from resolvers.billing import close, statement
from resolvers.rollups import rebuild, settle
from resolvers.usage import tenant_used, usage_report
from resolvers.verify import verify
from tests.books import WEEK, Books, open_books

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
BY = UsageDimension


@pytest.fixture
def settles_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is under way in these tests, so that a row is settled as soon as it is there."""
    monkeypatch.setattr(usage_queries, "SETTLING_SECONDS", 0)


at_once = pytest.mark.usefixtures("settles_at_once")


async def told(books: Books, *by: UsageDimension) -> list[Any]:
    """A report over all weeks that these tests know."""
    caller = await books.caller(staff_role=StaffRole.ADMINISTRATOR)
    week = books.week.week
    report = await usage_report(caller, week - 5 * WEEK, week + 2 * WEEK, by, tenant_wide=True)
    names = [one.value.lower() for one in by]
    return [report.calls, [(*map(row.__getattribute__, names), row.calls) for row in report.rows]]


async def stored(books: Books) -> dict[Any, int]:
    of = {"tenant_id": books.tenant.id}
    return {
        (one.week, one.day, one.client_id, one.customer_id, one.warehouse_id, one.field): one.calls
        for one in await UsageRollup.filter(**of)
    }


async def some_calls(books: Books) -> None:
    """In three weeks, of two clients, some late, some this moment."""
    for n in (1, 2, 3):
        start = books.past(n).start
        await books.called(start, n)
        await books.called(start + 3 * DAY, 2, name="ERP", field="products")
    await books.called(books.past(3).start + DAY, 4, week=books.past(2).week)
    await write_entries([await books.entry(), await books.entry("ERP")])


async def mark_of(books: Books) -> UsageMark:
    return await UsageMark.get(tenant_id=books.tenant.id)


async def test_a_report_says_the_same_before_and_after() -> None:
    books = await open_books(weeks=4)
    await some_calls(books)
    dimensions = ((), (BY.WEEK,), (BY.DAY,), (BY.CLIENT,), (BY.OPERATION, BY.DAY, BY.CLIENT))
    before = [await told(books, *by) for by in dimensions]

    added = await settle(books.tenant)

    assert (added, before[0][0]) == (16, 18)  # the last two are not settled yet
    assert sum((await stored(books)).values()) == 16
    assert [await told(books, *by) for by in dimensions] == before
    assert await verify() == []


@at_once
async def test_what_was_added_up_is_not_counted_again() -> None:
    """Reports read the sums: what is done to a row behind the mark is not seen."""
    books = await open_books(weeks=4)
    await some_calls(books)
    await settle(books.tenant)
    await LedgerRow.filter(tenant_id=books.tenant.id).delete()

    assert (await told(books))[0] == 18


@at_once
async def test_adding_up_again_and_again_counts_every_call_once() -> None:
    books = await open_books(weeks=4)
    await some_calls(books)

    added = []
    for _ in range(4):
        await write_entries([await books.entry(), await books.entry()])
        await asyncio.sleep(0.002)  # SQLite's clock has milliseconds
        added.append(await settle(books.tenant))
        assert (await told(books))[0] == 18 + 2 * len(added)

    assert added == [20, 2, 2, 2]
    assert await settle(books.tenant) == 0
    assert await verify() == []


@at_once
async def test_however_many_do_it_at_once_it_is_done_once() -> None:
    books = await open_books(weeks=4)
    await some_calls(books)
    await asyncio.sleep(0.002)

    added = await asyncio.gather(*(settle(books.tenant) for _ in range(6)))

    assert sum(added) <= 18
    await settle(books.tenant)
    assert sum((await stored(books)).values()) == 18
    assert await verify() == []


@at_once
async def test_sums_and_mark_move_together_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A kill between the two leaves neither: the next one begins where the last one ended."""
    books = await open_books(weeks=4)
    await some_calls(books)
    real, pieces = rollup_queries.add, []

    async def killed(tenant_id: Any, sums: Any) -> None:
        await real(tenant_id, sums)
        pieces.append(sums)
        if len(pieces) == 3:
            raise ConnectionResetError

    monkeypatch.setattr(rollups, "QUICK_SECONDS", 0)  # one stretch of an hour after the other
    monkeypatch.setattr(rollup_queries, "add", killed)
    with pytest.raises(ConnectionResetError):
        await settle(books.tenant)
    done = sum(sum(sums.values()) for sums in pieces[:2])

    assert sum((await stored(books)).values()) == done > 0
    assert (await told(books))[0] == 18
    assert await verify() == []
    await settle(books.tenant)
    assert sum((await stored(books)).values()) == 18
    assert await verify() == []


@at_once
async def test_closing_a_week_adds_it_up_whole() -> None:
    books = await open_books(weeks=4)
    await some_calls(books)
    closed = await close(books.tenant.id, books.past(2).week)

    of_week = {"tenant_id": books.tenant.id, "week": books.past(2).week}
    assert closed.used == 8 == sum(one.calls for one in await UsageRollup.filter(**of_week))
    assert (await mark_of(books)).sealed == books.past(2).week
    await settle(books.tenant)
    assert (await told(books))[0] == 18
    assert await verify() == []


async def test_what_was_closed_before_there_were_sums_is_added_up_first() -> None:
    books = await open_books(weeks=4)
    await some_calls(books)
    await close(books.tenant.id, books.past(2).week)
    await UsageMark.filter(tenant_id=books.tenant.id).delete()
    await UsageRollup.filter(tenant_id=books.tenant.id).delete()
    before = await told(books, BY.WEEK, BY.OPERATION)

    await settle(books.tenant)

    assert (await mark_of(books)).sealed == books.past(2).week
    assert await told(books, BY.WEEK, BY.OPERATION) == before
    assert await verify() == []


@at_once
async def test_a_call_written_behind_a_clock_that_was_put_back_is_in_every_report() -> None:
    """The mark is ahead of the clock then, and is not relied on until it was moved back."""
    books = await open_books(weeks=1)
    await books.called(books.past(1).start, 3)
    await asyncio.sleep(0.002)
    await settle(books.tenant)
    ahead = datetime.now(UTC) + timedelta(hours=1)
    await UsageMark.filter(tenant_id=books.tenant.id).update(settled_until=ahead)
    await write_entries([await books.entry(), await books.entry("ERP")])

    assert (await told(books))[0] == 5
    assert (await tenant_used(books.tenant.id, books.tenant.time_zone)).calls == 2
    assert (await statement(books.tenant.id)).used == 2
    assert await verify() == []
    await asyncio.sleep(0.002)
    await settle(books.tenant)
    assert (await mark_of(books)).settled_until < ahead
    assert sum((await stored(books)).values()) == 5
    assert (await told(books))[0] == 5
    assert await verify() == []


@at_once
async def test_a_statement_counts_what_a_clock_put_back_hid_from_the_sums() -> None:
    """As if nobody had added up while the clock was behind: only the ledger knows them."""
    books = await open_books(weeks=1)
    week = books.past(1)
    await books.called(week.start + DAY, 3)
    await settle(books.tenant)
    await books.called(week.start + 2 * DAY, 2)  # behind the mark

    closed = await close(books.tenant.id, week.week)

    assert closed.used == 5
    assert (await told(books))[0] == 5
    assert await verify() == []


@at_once
async def test_building_anew_changes_nothing_that_was_right() -> None:
    books = await open_books(weeks=4)
    await some_calls(books)
    await close(books.tenant.id, books.past(3).week)
    await asyncio.sleep(0.002)
    await settle(books.tenant)
    before, reported = await stored(books), await told(books, BY.DAY, BY.CLIENT)

    done = await rebuild(books.tenant)

    assert await stored(books) == before
    assert await told(books, BY.DAY, BY.CLIENT) == reported
    assert [(one.week, one.before, one.after, one.differing) for one in done] == [
        (books.past(3).week, 5, 5, 0),
        (books.past(2).week, 8, 8, 0),
        (books.past(1).week, 3, 3, 0),
        (books.week.week, 2, 2, 0),
    ]


@at_once
async def test_building_anew_mends_what_was_damaged() -> None:
    books = await open_books(weeks=4)
    await some_calls(books)
    await close(books.tenant.id, books.past(3).week)
    await asyncio.sleep(0.002)
    await settle(books.tenant)
    before, of = await stored(books), {"tenant_id": books.tenant.id}
    one, other, third, *_ = await UsageRollup.filter(**of).order_by("week", "day")
    await UsageRollup.filter(**of, id=one.id).update(calls=one.calls + 7)
    await UsageRollup.filter(**of, id=other.id).delete()
    await UsageRollup.filter(**of, id=third.id).update(day=date(2001, 1, 1))
    named = [
        difference for difference in await verify() if difference.rule.startswith("roll-ups are")
    ]

    [first, *_] = await rebuild(books.tenant, one.week)
    await rebuild(books.tenant)

    assert {(difference.expected, difference.found) for difference in named} == {
        (one.calls, one.calls + 7),
        (other.calls, 0),
        (0, third.calls),
        (third.calls, 0),
    }
    assert {difference.tenant_id for difference in named} == {books.tenant.id}
    assert str(one.week) in named[0].about
    assert str(one.client_id) in named[0].about
    assert first.differing > 0
    assert await stored(books) == before
    assert await verify() == []


@at_once
async def test_days_are_the_tenants_also_where_clocks_change() -> None:
    """The Sunday on which they are put back has 25 hours."""
    books = await open_books(zone="Australia/Sydney")
    monday = date(2026, 3, 30)
    start = datetime(2026, 3, 29, 13, tzinfo=UTC)
    for hour in range(169):
        await books.called(start + timedelta(hours=hour))

    await settle(books.tenant)

    rows = await UsageRollup.filter(tenant_id=books.tenant.id).order_by("day")
    assert [(one.day, one.calls) for one in rows] == [
        *((monday + n * DAY, 24) for n in range(6)),
        (monday + 6 * DAY, 25),
    ]


@at_once
async def test_a_tenants_sums_hold_no_calls_of_another() -> None:
    mine, theirs = await open_books(weeks=1), await open_books(weeks=1)
    await mine.called(mine.past(1).start, 2)
    await theirs.called(theirs.past(1).start, 5)

    assert (await settle(mine.tenant), await settle(theirs.tenant)) == (2, 5)
    assert ((await told(mine))[0], (await told(theirs))[0]) == (2, 5)
    await rebuild(mine.tenant)
    assert sum((await stored(theirs)).values()) == 5


async def test_adding_up_beside_the_traffic_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each report, taken whenever, is exactly what was written until then."""
    books = await open_books()
    entries = [await books.entry() for _ in range(60)]
    over = asyncio.Event()
    seen: list[tuple[int, int, int]] = []
    written = 0

    async def write() -> None:
        nonlocal written
        for entry in entries:
            await write_entries([entry])
            written += 1
        over.set()

    async def work() -> None:
        while not over.is_set():
            await settle(books.tenant)
            await asyncio.sleep(0)

    async def look() -> None:
        while not over.is_set():
            before = written
            found = (await told(books))[0]
            seen.append((before, found, written))

    # A row that commits after the instant it carries is what the settling time is for.
    monkeypatch.setattr(usage_queries, "SETTLING_SECONDS", 1)
    await asyncio.gather(write(), work(), look())

    assert all(before <= found <= after + 1 for before, found, after in seen), seen
    await asyncio.sleep(1.1)
    await settle(books.tenant)
    assert sum((await stored(books)).values()) == 60
    assert await verify() == []


@at_once
async def test_a_transaction_that_is_undone_leaves_nothing() -> None:
    books = await open_books(weeks=1)
    await books.called(books.past(1).start, 2)

    async def undone() -> None:
        async with transaction():
            await settle(books.tenant)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undone()

    assert await stored(books) == {}
    assert await UsageMark.filter(tenant_id=books.tenant.id).count() == 0
    assert await Statement.filter(tenant_id=books.tenant.id).count() == 0
