from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from models.database import BrokenReference, observers, transaction
from models.ledger import entries_piece, write_entries
from models.periods import Period
from models.record import new_id
from models.usage import LedgerRow
from models.writing import Changes
from tests.books import WEEK, open_books

pytestmark = pytest.mark.usefixtures("database")


async def test_a_row_tells_everything_about_its_call():
    books = await open_books()
    entry = await books.entry(
        field="createOutboundOrder", operation="Place", request_id="abc", object_id=new_id()
    )

    await write_entries([entry])

    [row] = await books.rows()
    assert (row.id, row.client_id, row.object_id) == (entry.id, entry.client_id, entry.object_id)
    assert (row.field, row.operation, row.request_id) == ("createOutboundOrder", "Place", "abc")
    assert (row.credential_id, row.customer_id, row.warehouse_id) == (None, None, None)
    assert (row.week, row.late) == (books.week.week, False)
    assert abs(row.at - datetime.now(UTC)) < timedelta(seconds=10)


async def test_one_statement_writes_any_number_of_rows_of_any_tenants():
    books, others = await open_books(), await open_books(zone="America/New_York")
    said = []

    for mine, theirs in ((1, 0), (40, 2)):
        entries = [await books.entry() for _ in range(mine)]
        entries += [await others.entry() for _ in range(theirs)]
        observers.append(said.append)
        try:
            await write_entries(entries)
        finally:
            observers.remove(said.append)

    assert len(said) == 2
    assert len(set(said)) == 1
    assert (len(await books.rows()), len(await others.rows())) == (41, 2)


async def test_writing_a_row_again_charges_it_once():
    books = await open_books()
    entry = await books.entry()

    await write_entries([entry, entry])
    await write_entries([replace(entry, field="products")])

    [row] = await books.rows()
    assert row.field == "outboundOrders"


@pytest.mark.parametrize(("ours", "theirs"), [(-1, 1), (0, 0), (1, -1)])
async def test_the_database_decides_which_week_it_is(ours, theirs):
    """Around midnight our clock and the database's may differ as to the week."""
    books = await open_books()
    there = books.week
    here = Period.of(there.week + ours * WEEK, there.time_zone)

    await write_entries([await books.entry(period=here)])

    [row] = await books.rows()
    assert row.week == here.week + theirs * WEEK == there.week
    assert not row.late


@pytest.mark.parametrize("instant", ["start", "end"])
async def test_a_week_begins_with_its_first_instant_and_ends_before_its_last(instant):
    books = await open_books()
    now = datetime.now(UTC)
    edge = replace(books.week, **{instant: now - timedelta(seconds=5)})
    ahead = replace(books.week, **{instant: now + timedelta(seconds=60)})

    await write_entries([await books.entry(period=edge), await books.entry(period=ahead)])

    weeks = [row.week for row in await books.rows()]
    this, before, after = books.week.week, books.week.week - WEEK, books.week.week + WEEK
    assert weeks == ([this, before] if instant == "start" else [after, this])


async def test_a_call_of_a_closed_week_goes_late_to_the_first_open_one():
    books = await open_books()
    await books.closed_ahead(books.week)

    await write_entries([await books.entry()])

    [row] = await books.rows()
    assert (row.week, row.late) == (books.week.week + WEEK, True)


async def test_the_first_open_week_may_be_several_weeks_on():
    books, others = await open_books(), await open_books()
    await books.closed_ahead(books.week)
    await books.closed_ahead(books.week.next())

    await write_entries([await books.entry(), await others.entry()])

    assert [row.week for row in await books.rows()] == [books.week.week + 2 * WEEK]
    assert [row.late for row in await others.rows()] == [False]


async def test_a_week_closed_before_delays_nothing():
    books = await open_books(weeks=1)
    await books.closed_ahead(books.past(1))

    await write_entries([await books.entry()])

    [row] = await books.rows()
    assert (row.week, row.late) == (books.week.week, False)


async def test_the_row_of_a_command_commits_with_its_effect_or_not_at_all():
    books = await open_books()
    changes = Changes()
    changes.insert(
        LedgerRow,  # stands for whatever the command writes
        {
            "tenant_id": books.tenant.id,
            "id": new_id(),
            "week": books.week.week,
            "at": datetime.now(UTC),
            "client_id": (await books.client()).id,
            "field": "effect",
            "request_id": "r",
        },
    )
    changes.add(entries_piece([await books.entry(), await books.entry()]))

    seen = []

    async def fail_after_all():
        async with transaction():
            await changes.flush()
            seen.extend(await books.rows())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_all()

    assert len(seen) == 3
    assert await books.rows() == []


async def test_a_row_can_point_at_nobody_elses_client():
    books, others = await open_books(), await open_books()
    entry = replace(await books.entry(), client_id=(await others.client()).id)

    with pytest.raises(BrokenReference):
        await write_entries([entry])

    assert await LedgerRow.filter(tenant_id=books.tenant.id).count() == 0
