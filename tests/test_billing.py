import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from models.billing import Plan, Statement, StatementLine
from models.ledger import write_entries
from resolvers import billing
from resolvers.billing import GRACE, close, due, statement, statements
from resolvers.errors import BadInput, UserErrors
from tests.books import WEEK, open_books

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    ("consignments", "orders", "calls", "currency", "told"),
    [
        (500, 250, 1_200, "AUD", (3_750, 1_200, 0, 0)),  # the FAQ's first example: 0.00
        (0, 1_000, 6_200, "USD", (5_000, 6_200, 1_200, 1_200)),  # its second: 12.00
        (0, 10, 99, "JPY", (50, 99, 49, 0)),  # 0.49 yen
        (0, 10, 100, "JPY", (50, 100, 50, 1)),  # 0.50 yen, rounded half up
        (0, 10, 49, "AUD", (50, 49, 0, 0)),
        (0, 10, 50, "AUD", (50, 50, 0, 0)),
        (0, 10, 51, "AUD", (50, 51, 1, 1)),
        (0, 0, 3, "KWD", (0, 3, 3, 30)),
    ],
)
async def test_a_week_costs_what_goes_beyond_its_plan(consignments, orders, calls, currency, told):
    books = await open_books(weeks=1, currency=currency)
    period = books.past(1)
    await books.plan(period.week, consignments, orders)
    await books.called(period.start, calls)

    preview = await statement(books.tenant.id, period.week)
    closed = await close(books.tenant.id, period.week)

    for found in (preview, closed):
        assert (found.included, found.used, found.excess, found.amount) == told
        assert found.currency == currency


async def test_the_price_is_kept_in_millionths_and_rounded_once():
    books = await open_books(weeks=1)
    period = books.past(1)
    await books.plan(period.week, price_micros=1_250)
    await books.called(period.start, 12)

    assert (await close(books.tenant.id, period.week)).amount == 2  # 0.015


async def test_a_tenant_without_a_plan_pays_for_every_call():
    books = await open_books()
    await write_entries([await books.entry()])

    found = await statement(books.tenant.id)

    assert (found.included, found.used, found.excess, found.amount) == (0, 1, 1, 1)
    assert (found.calls_per_job, found.price_micros) == (5, 10_000)
    assert (found.week, found.id, found.closed_at) == (books.week.week, None, None)


async def test_lines_name_each_client_and_field():
    books = await open_books(weeks=1)
    start = books.past(1).start
    await books.called(start, 2, name="Web shop")
    await books.called(start, 3, name="ERP", field="products")
    await books.called(start, 1, name="ERP", field="createProduct")

    preview = await statement(books.tenant.id, books.past(1).week)
    closed = await close(books.tenant.id, books.past(1).week)

    told = [(line.client_name, line.field, line.calls) for line in closed.lines]
    assert told == [
        ("ERP", "createProduct", 1),
        ("ERP", "products", 3),
        ("Web shop", "outboundOrders", 2),
    ]
    assert preview.lines == closed.lines


async def test_a_week_holds_its_first_instant_and_not_its_last():
    books = await open_books(weeks=2)
    period = books.past(1)
    for at in (period.start, period.end - timedelta(microseconds=1)):
        await books.called(at)
    await books.called(period.start - timedelta(microseconds=1))
    await books.called(period.end)

    assert (await close(books.tenant.id, period.week)).used == 2


async def test_a_plan_holds_until_a_later_one_begins_and_never_before():
    books = await open_books(weeks=3)
    await books.plan(books.past(2).week, orders=100)
    await books.plan(books.week.week, orders=7)

    included = [(await statement(books.tenant.id, books.past(n).week)).included for n in range(4)]

    assert included == [35, 500, 500, 0]


async def test_a_closed_week_keeps_plan_price_and_zone():
    books = await open_books(weeks=1)
    week = books.past(1).week
    await books.plan(week, orders=1)
    await books.called(books.past(1).start, 8)
    closed = await close(books.tenant.id, week)

    await Plan.filter(tenant_id=books.tenant.id).update(warehouse_orders=9, price_micros=1)
    await type(books.tenant).filter(id=books.tenant.id).update(time_zone="UTC", currency="EUR")

    assert await statement(books.tenant.id, week) == closed
    assert await close(books.tenant.id, week) == closed
    assert await statements(books.tenant.id) == [closed]


async def test_closing_again_changes_nothing():
    books = await open_books(weeks=1)
    await books.called(books.past(1).start, 8)

    first = await close(books.tenant.id, books.past(1).week)
    again = await close(books.tenant.id, books.past(1).week)

    assert again == first
    assert await Statement.filter(tenant_id=books.tenant.id).count() == 1
    assert await StatementLine.filter(tenant_id=books.tenant.id).count() == 1


async def test_many_may_close_at_once():
    books = await open_books(weeks=3)
    for n in (1, 2, 3):
        await books.called(books.past(n).start, n)

    found = await asyncio.gather(
        *(close(books.tenant.id, books.past(n).week) for n in (1, 2, 1, 3, 1, 2))
    )

    assert [one.used for one in found] == [1, 2, 1, 3, 1, 2]
    assert len({one.id for one in found}) == 3
    assert await StatementLine.filter(tenant_id=books.tenant.id).count() == 3


async def test_earlier_weeks_are_closed_first():
    books = await open_books(weeks=4)

    await close(books.tenant.id, books.past(2).week)

    closed = await statements(books.tenant.id)
    assert [one.week for one in closed] == [books.past(n).week for n in (2, 3, 4)]
    assert [one.used for one in closed] == [0, 0, 0]


async def test_a_week_stays_open_for_a_quarter_of_an_hour_after_its_end(monkeypatch):
    books = await open_books(weeks=1)
    end = books.past(1).end
    clock = [end + GRACE - timedelta(microseconds=1)]

    async def now():
        return clock[0]

    monkeypatch.setattr(billing.clock, "now", now)

    with pytest.raises(UserErrors, match=f"can be closed from {end + GRACE:%Y-%m-%dT%H:%M}"):
        await close(books.tenant.id, books.past(1).week)
    assert await due() == []
    assert await Statement.filter(tenant_id=books.tenant.id).count() == 0

    clock[0] = end + GRACE
    assert await due() == [(books.tenant.id, books.past(1).week)]
    await close(books.tenant.id, books.past(1).week)
    assert await due() == []


async def test_the_current_week_cannot_be_closed():
    books = await open_books()

    with pytest.raises(UserErrors, match="can be closed from"):
        await close(books.tenant.id, books.week.week)

    assert await Statement.filter(tenant_id=books.tenant.id).count() == 0


@pytest.mark.parametrize("ask", [close, statement])
async def test_only_weeks_of_the_account_have_statements(ask):
    books = await open_books(weeks=1)

    for week, why in (
        (books.past(2).week, f"first week is that of {books.past(1).week}"),
        (books.past(1).week + timedelta(days=1), "named by its Monday"),
    ):
        with pytest.raises(BadInput, match=why):
            await ask(books.tenant.id, week)
    with pytest.raises((BadInput, UserErrors)):
        await ask(books.tenant.id, books.week.week + WEEK)
    assert await Statement.filter(tenant_id=books.tenant.id).count() == 0


async def test_a_late_call_is_paid_for_by_the_next_week():
    """Its own was closed ahead, by hand; so the closed one stays what it was."""
    books = await open_books()
    await write_entries([await books.entry()])
    await books.closed_ahead(books.week)
    await write_entries([await books.entry(), await books.entry(field="products")])

    closed = await statement(books.tenant.id, books.week.week)
    weeks = sorted((row.week, row.late) for row in await books.rows())

    assert (closed.used, closed.lines) == (0, [])
    this, following = books.week.week, books.week.week + WEEK
    assert weeks == [(this, False), (following, True), (following, True)]


async def test_late_calls_are_on_the_statement_that_pays_for_them():
    books = await open_books(weeks=2)
    await close(books.tenant.id, books.past(2).week)
    await books.called(books.past(2).start, 2, week=books.past(1).week)
    await books.called(books.past(1).start, 1)

    assert (await close(books.tenant.id, books.past(1).week)).used == 3
    assert (await statement(books.tenant.id, books.past(2).week)).used == 0


async def test_what_is_due_is_told_for_every_tenant_oldest_week_first():
    mine, theirs = await open_books(weeks=2), await open_books(weeks=1, zone="America/New_York")
    await open_books()
    await close(mine.tenant.id, mine.past(2).week)
    found = await due()

    # In the first quarter of an hour of a week, the last one is not due yet.
    if datetime.now(UTC) > max(mine.week.start, theirs.week.start) + GRACE:
        assert sorted(found) == sorted(
            [(mine.tenant.id, mine.past(1).week), (theirs.tenant.id, theirs.past(1).week)]
        )
    for one in found:
        await close(one.tenant_id, one.week)
    assert await due() == []


async def test_statements_of_one_tenant_hold_no_calls_of_another():
    mine, theirs = await open_books(weeks=1), await open_books(weeks=1)
    await mine.called(mine.past(1).start, 2)
    await theirs.called(theirs.past(1).start, 5)

    assert (await close(mine.tenant.id, mine.past(1).week)).used == 2
    assert (await statement(theirs.tenant.id, theirs.past(1).week)).used == 5
