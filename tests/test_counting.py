import asyncio
import contextlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from models.database import DatabaseUnavailable, Reason, StatementFailed, rows, transaction
from models.record import new_id
from models.usage import Call
from models.words import Outcome
from resolvers import call_log as call_logs
from resolvers import counting
from resolvers.call_log import CallLog, CallNote
from resolvers.counting import Counter
from resolvers.errors import Unavailable
from tests.books import open_books

pytestmark = pytest.mark.usefixtures("database")


@pytest_asyncio.fixture
async def counter():
    one = Counter()
    one.start()
    yield one
    await one.stop()


@pytest.fixture
def failing(monkeypatch):
    """Lets the next writes fail with these faults, one each; an entry of None succeeds."""
    faults, real = [], counting.write_entries

    async def write_entries(entries):
        if faults and (fault := faults.pop(0)) is not None:
            raise fault
        await real(entries)

    monkeypatch.setattr(counting, "write_entries", write_entries)
    return faults


def lost():
    return DatabaseUnavailable(Reason.LOST, "gone")


def full():
    return DatabaseUnavailable(Reason.FULL, "full")


async def test_a_call_is_counted_when_its_row_is_committed(counter):
    books = await open_books()

    await counter.count(await books.entry())

    assert len(await books.rows()) == 1
    assert (counter.counted, counter.batches, counter.failed) == (1, 1, 0)


async def test_calls_in_flight_share_commits(counter):
    books = await open_books()
    entries = [await books.entry() for _ in range(200)]

    await asyncio.gather(*(counter.count(entry) for entry in entries))

    assert {row.id for row in await books.rows()} == {entry.id for entry in entries}
    assert counter.counted == 200
    assert counter.batches < 10


async def test_a_batch_is_bounded():
    books = await open_books()
    counter = Counter(most_together=3)
    counter.start()
    entries = [await books.entry() for _ in range(10)]

    await asyncio.gather(*(counter.count(entry) for entry in entries))
    await counter.stop()

    assert (counter.counted, counter.batches) == (10, 4)


async def test_the_call_of_a_client_that_went_away_stays_counted(counter):
    books = await open_books()
    waiting = asyncio.create_task(counter.count(await books.entry()))
    await asyncio.sleep(0)

    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    await counter.count(await books.entry())

    assert len(await books.rows()) == 2


async def test_counting_inside_a_transaction_is_refused_at_once(counter):
    """On SQLite it would wait for itself."""
    books = await open_books()
    entry = await books.entry()

    async with transaction():
        with pytest.raises(RuntimeError, match="inside a transaction"):
            await counter.count(entry)

    assert await books.rows() == []


async def test_the_writer_belongs_to_no_transaction():
    books = await open_books()
    counter = Counter()
    async with transaction():
        counter.start()

    await counter.count(await books.entry())
    await counter.stop()

    assert len(await books.rows()) == 1


async def test_one_bad_row_spoils_only_itself(counter):
    books = await open_books()
    entries = [await books.entry() for _ in range(5)]
    entries[2] = replace(entries[2], client_id=new_id())

    found = await asyncio.gather(
        *(counter.count(entry) for entry in entries), return_exceptions=True
    )

    assert [type(one) for one in found] == [type(None)] * 2 + [Unavailable] + [type(None)] * 2
    assert len(await books.rows()) == 4
    assert (counter.counted, counter.failed) == (4, 1)


async def test_a_lost_connection_is_tried_again(counter, failing):
    books = await open_books()
    failing += [lost()]

    await counter.count(await books.entry())

    assert len(await books.rows()) == 1


@pytest.mark.parametrize("faults", [[full()], [lost(), lost()], [StatementFailed("no")]])
async def test_a_call_that_cannot_be_counted_says_when_again(counter, failing, faults):
    books = await open_books()
    failing += faults

    with pytest.raises(Unavailable) as refused:
        await counter.count(await books.entry())

    assert refused.value.retry_at > datetime.now(UTC)
    assert refused.value.extensions["code"] == "UNAVAILABLE"
    assert await books.rows() == []
    await counter.count(await books.entry())
    assert len(await books.rows()) == 1


async def test_rows_written_one_by_one_stop_at_a_database_that_cannot(counter, failing):
    books = await open_books()
    failing += [StatementFailed("no"), None, full()]
    entries = [await books.entry() for _ in range(4)]

    found = await asyncio.gather(
        *(counter.count(entry) for entry in entries), return_exceptions=True
    )

    assert [type(one) for one in found] == [type(None)] + [Unavailable] * 3
    assert [row.id for row in await books.rows()] == [entries[0].id]


async def test_too_many_waiting_are_refused():
    books = await open_books()
    counter = Counter(most_waiting=2)
    counter.start()
    entries = [await books.entry() for _ in range(3)]

    found = await asyncio.gather(
        *(counter.count(entry) for entry in entries), return_exceptions=True
    )
    await counter.stop()

    assert [type(one) for one in found] == [type(None), type(None), Unavailable]


async def test_stopping_writes_what_is_waiting_and_refuses_what_comes_then():
    books = await open_books()
    counter = Counter()
    counter.start()
    waiting = [asyncio.create_task(counter.count(await books.entry())) for _ in range(20)]
    await asyncio.sleep(0)

    await counter.stop()

    await asyncio.gather(*waiting)
    assert len(await books.rows()) == 20
    with pytest.raises(Unavailable):
        await counter.count(await books.entry())


async def test_stopping_ends_though_the_database_cannot(failing):
    books = await open_books()
    counter = Counter(most_together=1)
    counter.start()
    failing += [full()] * 2
    waiting = [asyncio.create_task(counter.count(await books.entry())) for _ in range(5)]
    await asyncio.sleep(0)

    await counter.stop()

    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert Unavailable in {type(one) for one in found}
    assert len(failing) < 2
    assert counter.counted + counter.failed == 5


# --- the call log -----------------------------------------------------------------------------


async def note_of(books, **given) -> CallNote:
    client = await books.client()
    known = {"field": "products", "outcome": Outcome.COUNTED, "count": 1, "request_id": "r"}
    return CallNote(
        tenant_id=books.tenant.id,
        client_id=client.id,
        milliseconds=3,
        **{**known, **given},
    )


async def noted(books) -> list[Call]:
    return await Call.filter(tenant_id=books.tenant.id).order_by("id")


async def test_every_outcome_is_noted_but_throttling_which_is_a_counter():
    books = await open_books()
    log = CallLog()
    log.start()

    for outcome in Outcome:
        log.note(await note_of(books, outcome=outcome, address="192.0.2.1", operation="Stock"))
    await log.stop()

    calls = await noted(books)
    assert [call.outcome for call in calls] == [one for one in Outcome if one != Outcome.THROTTLED]
    assert {(call.address, call.operation, call.milliseconds) for call in calls} == {
        ("192.0.2.1", "Stock", 3)
    }
    assert (log.throttled, log.written, log.dropped) == (1, 6, 0)


async def test_notes_are_written_soon_without_anybody_waiting():
    books = await open_books()
    log = CallLog(every=0.01)
    log.start()
    log.note(await note_of(books))

    for _ in range(200):
        await asyncio.sleep(0.01)
        if log.written:
            break

    assert len(await noted(books)) == 1
    await log.stop()


async def test_a_full_log_drops_and_says_how_many():
    books = await open_books()
    log = CallLog(most_waiting=2)
    log.start()

    for _ in range(5):
        log.note(await note_of(books))
    await log.stop()

    assert (log.written, log.dropped) == (2, 3)


async def test_notes_wait_for_a_database_that_cannot(monkeypatch):
    books = await open_books()
    log = CallLog(every=0.01)
    faults, real = [full(), full()], call_logs.write_notes

    async def write_notes(notes):
        if faults:
            raise faults.pop()
        await real(notes)

    monkeypatch.setattr(call_logs, "write_notes", write_notes)
    log.start()
    log.note(await note_of(books))
    for _ in range(200):
        await asyncio.sleep(0.01)
        if not faults:
            break
    await log.stop()

    assert (len(await noted(books)), log.dropped) == (1, 0)


async def test_one_bad_note_is_dropped_alone():
    books = await open_books()
    log = CallLog()
    log.start()
    good, bad = await note_of(books), await note_of(books, request_id=None)

    for note in (good, bad, await note_of(books)):
        log.note(note)
    await log.stop()

    assert (len(await noted(books)), log.dropped) == (2, 1)


async def test_stopping_the_log_does_not_take_longer_than_it_may(monkeypatch):
    books = await open_books()
    log = CallLog()

    async def write_notes(_notes):
        await asyncio.sleep(60)

    monkeypatch.setattr(call_logs, "write_notes", write_notes)
    log.start()
    log.note(await note_of(books))

    async with asyncio.timeout(5):
        await log.stop(seconds=0.05)

    assert log.dropped == 1
    [(stored,)] = await rows("SELECT count(*) FROM calls WHERE tenant_id IS NOT NULL")
    assert stored == 0
