import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from models import usage_queries
from models.database import DatabaseUnavailable, Reason, execute, observers, transaction
from models.ledger import write_entries
from models.periods import Period
from models.tenants import Customer, Warehouse
from models.words import StaffRole, UsageDimension
from resolvers import totals as running_totals
from resolvers.billing import statement
from resolvers.errors import BadInput, Forbidden, LimitExceeded, Unavailable
from resolvers.totals import Totals
from resolvers.usage import spans, tenant_used, usage_report, used_this_week
from tests.books import WEEK, open_books

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
ADMINISTRATOR = {"staff_role": StaffRole.ADMINISTRATOR}


@pytest.fixture
def asked(monkeypatch):
    """How often the database was asked for a total."""
    questions, real = [], usage_queries.running

    async def running(*of):
        questions.append(of)
        return await real(*of)

    monkeypatch.setattr(usage_queries, "running", running)
    return questions


@pytest.fixture
def always_stale(monkeypatch):
    monkeypatch.setattr(running_totals, "FRESH_SECONDS", 0)
    monkeypatch.setattr(running_totals, "REST", 0)


# --- running totals ---------------------------------------------------------------------------


async def test_a_client_sees_its_own_calls_of_the_week():
    books = await open_books(weeks=1)
    await write_entries([await books.entry(), await books.entry(), await books.entry("ERP")])
    await books.called(books.week.start - timedelta(seconds=1), 4)

    used = await used_this_week(await books.caller())
    all_of_them = await tenant_used(books.tenant.id, books.tenant.time_zone)

    assert (used.calls, all_of_them.calls) == (2, 3)
    assert abs(used.as_of - datetime.now(UTC)) < timedelta(seconds=10)


async def test_staff_have_no_calls_of_their_own():
    books = await open_books()
    caller = await books.caller()

    assert await used_this_week(type(caller)(**{**vars(caller), "client_id": None})) is None


async def test_a_total_is_shared_for_a_second(asked):
    books = await open_books()
    caller = await books.caller()

    found = await asyncio.gather(*(used_this_week(caller) for _ in range(50)))
    await write_entries([await books.entry()])
    again = await used_this_week(caller)

    assert len(asked) == 1
    assert {one.calls for one in found} == {0}
    assert again == found[0]


@pytest.mark.usefixtures("always_stale")
async def test_a_client_alone_sees_each_call_it_made():
    books = await open_books()
    caller = await books.caller()

    seen = []
    for _ in range(5):
        await write_entries([await books.entry()])
        seen.append((await used_this_week(caller)).calls)

    assert seen == [1, 2, 3, 4, 5]


@pytest.mark.usefixtures("always_stale")
async def test_what_is_settled_is_counted_once(asked):
    books = await open_books()
    caller = await books.caller()
    now = max(datetime.now(UTC), books.week.start + timedelta(minutes=5))
    await books.called(books.week.start, 3)
    await books.called(now - timedelta(seconds=60), 2)
    first = await used_this_week(caller)
    # Nothing can appear that long after the fact: it would mean that old rows are read again.
    await books.called(books.week.start, 10)
    await books.called(now, 1)

    again = await used_this_week(caller)

    assert (first.calls, again.calls) == (5, 6)
    assert [since is None for _, _, _, since in asked] == [True, False]


@pytest.mark.usefixtures("always_stale")
async def test_rows_become_settled_without_being_lost_or_counted_twice(monkeypatch):
    books = await open_books()
    caller = await books.caller()
    await books.called(books.week.start, 1)
    seen = []

    for seconds in (90, 2, 1, 0, 0):  # they settle sooner and sooner
        monkeypatch.setattr(usage_queries, "SETTLING_SECONDS", seconds)
        seen.append((await used_this_week(caller)).calls)
        await write_entries([await books.entry()])
        await asyncio.sleep(0.002)

    assert seen == [1, 2, 3, 4, 5]


@pytest.mark.usefixtures("always_stale")
async def test_a_new_week_begins_at_nothing(monkeypatch):
    books = await open_books()
    caller = await books.caller()
    await write_entries([await books.entry()])
    before = await used_this_week(caller)
    following = books.week.next()
    monkeypatch.setattr(running_totals.Period, "at", lambda *_: following)

    after = await used_this_week(caller)

    assert (before.calls, after.calls) == (1, 0)


@pytest.mark.usefixtures("always_stale")
async def test_a_clock_that_was_put_back_does_no_harm(monkeypatch):
    books = await open_books()
    caller = await books.caller()
    await books.called(books.week.start, 3)
    totals = Totals()
    client, zone = caller.client_id, caller.time_zone
    monkeypatch.setattr(usage_queries, "SETTLING_SECONDS", 0)
    await totals.used(books.tenant.id, client, zone)
    [total] = totals._known.values()
    total._as_of += timedelta(hours=1)
    total._settled = 99

    assert (await totals.used(books.tenant.id, client, zone)).calls == 3


async def test_a_total_that_is_dear_to_count_rests_longer(asked, monkeypatch):
    books = await open_books()
    caller = await books.caller()
    totals = Totals()
    monkeypatch.setattr(running_totals, "FRESH_SECONDS", 0.01)
    await totals.used(books.tenant.id, caller.client_id, caller.time_zone)
    [total] = totals._known.values()
    total.took = 60.0
    await asyncio.sleep(0.02)

    await totals.used(books.tenant.id, caller.client_id, caller.time_zone)

    assert len(asked) == 1


async def test_nobody_waits_for_a_total_that_is_dear_to_count(monkeypatch):
    """One that takes long has so many calls that the last of them are not missed."""
    books = await open_books()
    caller = await books.caller()
    totals, asking = Totals(), (books.tenant.id, caller.client_id, caller.time_zone)
    first = await totals.used(*asking)
    [total] = totals._known.values()
    total.took, total.when = 0.5, total.when - 11
    go, real = asyncio.Event(), usage_queries.running

    async def running(*of):
        await go.wait()
        return await real(*of)

    monkeypatch.setattr(usage_queries, "running", running)

    assert await totals.used(*asking) == first
    assert total.task is not None
    go.set()
    await asyncio.wait([total.task])


async def test_what_was_known_is_told_while_the_database_cannot(monkeypatch):
    books = await open_books()
    caller = await books.caller()
    totals, asking = Totals(), (books.tenant.id, caller.client_id, caller.time_zone)

    async def running(*_):
        raise DatabaseUnavailable(Reason.LOST, "gone")

    with monkeypatch.context() as patch:
        patch.setattr(usage_queries, "running", running)
        with pytest.raises(Unavailable):
            await totals.used(*asking)
    known = await totals.used(*asking)
    [total] = totals._known.values()
    total.when -= 5
    monkeypatch.setattr(usage_queries, "running", running)

    assert await totals.used(*asking) == known


async def test_a_total_survives_whoever_asked_first():
    books = await open_books()
    caller = await books.caller()
    first = asyncio.create_task(used_this_week(caller))
    await asyncio.sleep(0)
    first.cancel()

    assert (await used_this_week(caller)).calls == 0


async def test_a_total_can_be_asked_for_inside_a_transaction():
    books = await open_books()
    caller = await books.caller()

    async with transaction():
        await write_entries([await books.entry()])
        assert (await used_this_week(caller)).calls == 0


async def test_totals_kept_are_bounded(monkeypatch):
    books = await open_books()
    monkeypatch.setattr(running_totals, "MOST_TOTALS", 2)
    totals = Totals()

    for name in ("a", "b", "c"):
        caller = await books.caller(name)
        await totals.used(books.tenant.id, caller.client_id, caller.time_zone)

    assert len(totals._known) == 2
    totals.forget()
    assert totals._known == {}


# --- reports ----------------------------------------------------------------------------------


async def reach_of(books):
    now = datetime.now(UTC)
    given = {"tenant_id": books.tenant.id, "created_at": now, "modified_at": now}
    customer = await Customer.create(code="ACME", name="Acme", **given)
    warehouse = await Warehouse.create(code="SYD", name="Sydney", time_zone="UTC", **given)
    return customer, warehouse


async def test_a_report_is_about_this_week_unless_told_otherwise():
    books = await open_books(weeks=1)
    await write_entries([await books.entry()])
    await books.called(books.past(1).start)

    report = await usage_report(await books.caller())

    assert (report.from_, report.to) == (books.week.week, books.week.week + WEEK)
    assert (report.calls, [row.calls for row in report.rows]) == (1, [1])


async def test_calls_are_grouped_by_any_dimensions():
    books = await open_books(weeks=2)
    customer, warehouse = await reach_of(books)
    start = books.past(1).start + timedelta(hours=1)
    await books.called(start, 2, customer_id=customer.id, warehouse_id=warehouse.id)
    await books.called(start + DAY, 3, field="products", customer_id=customer.id)
    await books.called(start, 4, name="ERP")
    await books.called(books.past(2).start, 1)
    caller = await books.caller(**ADMINISTRATOR)
    week = books.past(1).week

    async def told(*group_by):
        report = await usage_report(caller, week - WEEK, week + WEEK, group_by, tenant_wide=True)
        assert report.calls == 10
        names = [by.value.lower() for by in group_by]
        return [
            (
                *(getattr(value, "name", value) for value in map(row.__getattribute__, names)),
                row.calls,
            )
            for row in report.rows
        ]

    by = UsageDimension
    assert await told() == [(10,)]
    assert await told(by.WEEK) == [(week - WEEK, 1), (week, 9)]
    assert await told(by.DAY) == [(week - WEEK, 1), (week, 6), (week + DAY, 3)]
    assert await told(by.CLIENT) == [("ERP", 4), ("Web shop", 6)]
    assert await told(by.CUSTOMER) == [("Acme", 5), (None, 5)]
    assert await told(by.WAREHOUSE) == [("Sydney", 2), (None, 8)]
    assert await told(by.OPERATION) == [("outboundOrders", 7), ("products", 3)]
    assert await told(by.OPERATION, by.CLIENT, by.WEEK) == [
        ("outboundOrders", "ERP", week, 4),
        ("outboundOrders", "Web shop", week - WEEK, 1),
        ("outboundOrders", "Web shop", week, 2),
        ("products", "Web shop", week, 3),
    ]


async def test_a_customer_is_told_with_its_code():
    books = await open_books()
    customer, _ = await reach_of(books)
    await write_entries([await books.entry(customer_id=customer.id)])

    report = await usage_report(await books.caller(), group_by=[UsageDimension.CUSTOMER])

    assert [row.customer for row in report.rows] == [(customer.id, "ACME", "Acme")]


async def test_a_client_is_told_of_its_own_calls_only():
    books = await open_books()
    await write_entries([await books.entry(), await books.entry("ERP")])

    report = await usage_report(await books.caller(), group_by=[UsageDimension.CLIENT])

    assert [(row.client.name, row.calls) for row in report.rows] == [("Web shop", 1)]
    with pytest.raises(Forbidden):
        await usage_report(await books.caller(), tenant_wide=True)


async def test_clients_that_were_given_it_and_administrators_see_the_tenants():
    books, others = await open_books(), await open_books()
    await write_entries([await books.entry(), await books.entry("ERP"), await others.entry()])

    for given in ({"sees_tenant_usage": True}, ADMINISTRATOR):
        report = await usage_report(await books.caller(**given), tenant_wide=True)
        assert report.calls == 2


@pytest.mark.parametrize("zone", ["Australia/Sydney", "America/New_York", "Asia/Kathmandu", "UTC"])
async def test_days_are_the_tenants_and_the_last_one_is_not_part_of_it(zone):
    books = await open_books(weeks=60, zone=zone)
    caller = await books.caller()
    period = books.past(2)
    for n in range(8):
        begins = Period.of(period.week, zone).start + n * DAY
        if n < 7:
            await books.called(begins, 1 + n)
    wednesday, friday = period.week + 2 * DAY, period.week + 4 * DAY

    report = await usage_report(caller, wednesday, friday, [UsageDimension.DAY])
    total = await usage_report(caller, wednesday, friday)
    none = await usage_report(caller, friday, friday)

    shift = period.hours - 168  # a week with a change of clocks has days of 23 or 25 hours
    if not shift:
        assert [(row.day, row.calls) for row in report.rows] == [
            (wednesday, 3),
            (wednesday + DAY, 4),
        ]
    assert total.calls == report.calls
    assert (none.calls, none.rows) == (0, [])


async def test_days_add_up_over_a_change_of_clocks():
    books = await open_books(zone="Australia/Sydney")
    caller = await books.caller()
    period = Period.of(date(2026, 3, 30), "Australia/Sydney")  # Sunday has 25 hours
    hours = int(period.hours)
    for n in range(hours):
        await books.called(period.start + timedelta(hours=n))

    report = await usage_report(
        caller, period.week, period.week + WEEK, [UsageDimension.DAY, UsageDimension.WEEK]
    )

    assert [row.calls for row in report.rows] == [24] * 6 + [25]
    assert {row.week for row in report.rows} == {period.week}


async def test_a_late_call_is_told_on_the_monday_of_the_week_that_pays():
    """So that a report over whole weeks and their statements agree."""
    books = await open_books(weeks=2)
    caller = await books.caller()
    await books.called(books.past(2).start + 3 * DAY, 5, week=books.past(1).week)
    await books.called(books.past(1).start + 3 * DAY, 1)
    week = books.past(1).week

    by_day = await usage_report(caller, week, week + WEEK, [UsageDimension.DAY])
    before = await usage_report(caller, week - WEEK, week)
    rest_of_the_week = await usage_report(caller, week + DAY, week + WEEK)

    assert [(row.day, row.calls) for row in by_day.rows] == [(week, 5), (week + 3 * DAY, 1)]
    assert by_day.calls == (await statement(books.tenant.id, week)).used
    assert (before.calls, rest_of_the_week.calls) == (0, 1)


def test_stretches_of_whole_weeks_are_open_at_both_ends():
    found = spans(date(2026, 11, 18), date(2026, 12, 1), "Australia/Sydney")
    by_day = spans(date(2026, 11, 18), date(2026, 12, 1), "Australia/Sydney", by_day=True)

    assert [(str(one.week), one.starts_at.year, one.ends_at.year) for one in found] == [
        ("2026-11-16", 2026, 9999),
        ("2026-11-23", 1, 9999),
        ("2026-11-30", 1, 2026),
    ]
    assert [one.day for one in by_day] == [date(2026, 11, 18) + n * DAY for n in range(13)]


async def test_a_range_is_of_days_in_order_and_not_too_long():
    books = await open_books()
    caller = await books.caller()
    week = books.week.week

    with pytest.raises(BadInput, match="ends after it begins") as refused:
        await usage_report(caller, week, week - DAY)
    assert refused.value.extensions["path"] == ["to"]
    with pytest.raises(BadInput):
        await usage_report(caller, date(1, 1, 1), date(1, 1, 2))
    with pytest.raises(BadInput):
        await usage_report(caller, week, date.max)
    with pytest.raises(LimitExceeded) as refused:
        await usage_report(caller, week, week + 53 * WEEK + DAY)
    assert refused.value.extensions["limit"] == 371
    assert (await usage_report(caller, week - 53 * WEEK, week)).calls == 0


async def test_a_report_of_too_many_rows_is_refused(monkeypatch):
    books = await open_books()
    monkeypatch.setattr("resolvers.usage.MOST_ROWS", 2)
    for name in ("a", "b", "c"):
        await write_entries([await books.entry(name)])
    caller = await books.caller(**ADMINISTRATOR)

    with pytest.raises(LimitExceeded):
        await usage_report(caller, group_by=[UsageDimension.CLIENT], tenant_wide=True)


async def test_every_question_names_the_tenant():
    books = await open_books()
    said = []
    observers.append(said.append)
    try:
        await used_this_week(await books.caller())
        await usage_report(await books.caller(), group_by=list(UsageDimension))
    finally:
        observers.remove(said.append)

    assert said
    assert all("tenant" in sql for sql in said if "ledger" in sql)
    assert await execute("UPDATE tenants SET epoch = epoch") == 1
