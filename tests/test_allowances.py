"""How often one may ask: the bucket's arithmetic, and the shares that workers spend of it."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from models.allowances import SECOND, Bucket, Lease, lease, prune_allowances
from models.database import DatabaseUnavailable, Reason, rows, transaction
from resolvers import allowances
from resolvers.allowances import Allowance, Allowances
from resolvers.errors import Throttled

BUCKETS = st.builds(Bucket, rate=st.integers(1, 5_000), burst=st.integers(1, 5_000))
STEPS = st.lists(
    st.tuples(
        # How the clock moves: a little as a rule, sometimes by years, sometimes backwards.
        st.one_of(st.integers(0, SECOND), st.integers(-(10**15), 10**15), st.just(0)),
        st.integers(1, 600),
        st.integers(1, 600),
    ),
    max_size=60,
)
START = 1_800_000_000 * SECOND


def history(bucket: Bucket, steps: Sequence[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """What is taken when; time is what passed, which a clock that steps back does not undo."""
    full_at = passed = 0
    now, taken_at = START, []
    for moved, least, most in steps:
        now, passed = now + moved, passed + max(moved, 0)
        fewest = min(least, bucket.burst)
        taken, full_at = bucket.lease(full_at, now, fewest, max(fewest, most))
        assert taken == 0 or fewest <= taken <= max(fewest, most)
        taken_at.append((passed, taken))
    return taken_at


@given(BUCKETS, STEPS)
def test_never_more_than_the_burst_and_the_rate_in_any_window(bucket, steps) -> None:
    taken = history(bucket, steps)

    for begin, (since, _) in enumerate(taken):
        total = 0
        for until, amount in taken[begin:]:
            total += amount
            assert total <= bucket.burst + bucket.rate * (until - since) / SECOND


@given(BUCKETS, STEPS)
def test_a_clock_that_steps_back_keeps_nobody_out_for_longer_than_it_takes_to_fill(
    bucket, steps
) -> None:
    full_at, now = 0, START
    for moved, least, most in steps:
        now += moved
        _, full_at = bucket.lease(full_at, now, min(least, bucket.burst), most)

        assert full_at - now <= bucket.depth
        later = now + bucket.depth
        assert bucket.lease(full_at, later, bucket.burst, bucket.burst)[0] == bucket.burst


@given(BUCKETS, st.integers(1, 5_000))
def test_what_is_refused_fits_at_the_instant_it_is_told(bucket, price) -> None:
    price = min(price, bucket.burst)
    _, full_at = bucket.lease(0, START, bucket.burst, bucket.burst)
    fits_at = full_at - (bucket.burst - price) * bucket.unit

    assert bucket.lease(full_at, fits_at - 1, price, price)[0] == 0
    assert bucket.lease(full_at, fits_at, price, price)[0] == price


@pytest.mark.usefixtures("database")
async def test_the_statement_does_what_the_bucket_says() -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    for number in range(15):
        bucket = Bucket(chance.randint(1, 300), chance.randint(1, 700))
        full_at, now = 0, START
        for _ in range(20):
            now += chance.choice([0, chance.randint(0, SECOND), -SECOND, 10**13])
            least = chance.randint(1, bucket.burst)
            most = chance.randint(least, least + 400)
            taken, full_at = bucket.lease(full_at, now, least, most)

            given = await lease(f"reads:{number}", bucket, least, most, now=now)

            assert given == Lease(taken, full_at - now)


@pytest.mark.usefixtures("database")
async def test_the_databases_clock_fills_a_bucket() -> None:
    bucket = Bucket(rate=1_000, burst=100)

    first = await lease("reads:a", bucket, 1, 100)
    again = await lease("reads:a", bucket, 100, 100)
    await asyncio.sleep(0.11)
    later = await lease("reads:a", bucket, 100, 100)

    assert (first.taken, again.taken, later.taken) == (100, 0, 100)
    assert first.behind == 100_000
    shown = (await rows("SELECT full_at FROM allowances"))[0][0] / SECOND
    assert abs(shown - datetime.now(UTC).timestamp()) < 60


@pytest.mark.usefixtures("database")
async def test_rows_go_once_their_buckets_are_full() -> None:
    await lease("address:192.0.2.1", Bucket(rate=1_000, burst=10), 1, 10)
    await lease("address:192.0.2.2", Bucket(rate=1, burst=1_000), 1, 1_000)
    await asyncio.sleep(0.03)

    gone = await prune_allowances(500)

    assert gone == 1
    assert [one for [one] in await rows("SELECT subject FROM allowances")] == ["address:192.0.2.2"]


# --- shares ---------------------------------------------------------------------------------------


Make = Callable[..., Allowance]


@pytest_asyncio.fixture
async def make() -> AsyncIterator[Make]:
    """Makes allowances, each as a worker of its own has it; they are stopped at the end."""
    made: list[Allowance] = []

    def one(name: str, bucket: Bucket, **given: Any) -> Allowance:
        made.append(Allowance(name, bucket, **given))
        return made[-1]

    yield one
    for each in made:
        await each.stop()


async def admitted(allowance: Allowance, requests: int, price: int = 1) -> int:
    """How many of so many requests get through."""
    through = 0
    for _ in range(requests):
        try:
            await allowance.admit("somebody", price)
        except Throttled:
            continue
        through += 1
    return through


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("price", [1, 3, 26])
async def test_workers_together_admit_the_limit_and_a_share_each_at_most(
    make: Make, price: int
) -> None:
    bucket = Bucket(rate=40, burst=120)
    workers = [make("reads", bucket) for _ in range(3)]

    began = asyncio.get_running_loop().time()
    told = await asyncio.gather(*(admitted(one, 400, price) for one in workers))
    seconds = asyncio.get_running_loop().time() - began

    spent = sum(told) * price
    shares = sum(one.size for one in workers)
    assert spent <= bucket.burst + bucket.rate * seconds + shares
    assert spent >= bucket.burst


@pytest.mark.usefixtures("database")
async def test_who_asks_seldom_costs_no_statement(make: Make) -> None:
    allowance = make("reads", Bucket(rate=50, burst=500), leasing=never)

    assert await admitted(allowance, 25) == 25


@pytest.mark.usefixtures("database")
async def test_who_asks_much_costs_a_statement_for_each_half_share(make: Make) -> None:
    asked = []

    async def counted(*given: object) -> Lease:
        asked.append(given)
        return await lease(*given)  # type: ignore[arg-type]

    allowance = make("reads", Bucket(rate=100, burst=2_000), leasing=counted)
    for _ in range(1_000):
        await allowance.admit("somebody", 1)
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)

    assert len(asked) <= 1_000 / (allowance.size / 2) + 1


@pytest.mark.usefixtures("database")
async def test_who_goes_on_asking_an_empty_allowance_costs_few_statements(make: Make) -> None:
    asked = []

    async def counted(*given: object) -> Lease:
        asked.append(given)
        return await lease(*given)  # type: ignore[arg-type]

    allowance = make("reads", Bucket(rate=50, burst=50), leasing=counted)
    await admitted(allowance, 200)
    asked.clear()
    loop = asyncio.get_running_loop()
    until = loop.time() + 0.5
    requests = 0
    while loop.time() < until:
        await admitted(allowance, 1)
        await asyncio.sleep(0)
        requests += 1

    assert requests > 500
    assert len(asked) <= 12


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("price", [1, 2, 26, 60, 900])
async def test_who_waits_until_it_is_told_gets_in_on_any_worker(make: Make, price: int) -> None:
    bucket = Bucket(rate=1_000, burst=60)
    workers = [make("reads", bucket) for _ in range(2)]
    waited = 0
    for number in range(20):
        worker = workers[number % 2]
        try:
            await worker.admit("somebody", price)
        except Throttled as refusal:
            waited += 1
            await asyncio.sleep((refusal.retry_at - datetime.now(UTC)).total_seconds())
            await workers[(number + 1) % 2].admit("somebody", price)

    assert waited or price < 26


@pytest.mark.usefixtures("database")
async def test_those_who_are_refused_together_are_told_to_come_one_after_the_other(
    make: Make,
) -> None:
    allowance = make("reads", Bucket(rate=30, burst=30))
    waits = []

    async def patiently() -> None:
        try:
            await allowance.admit("somebody", 1)
        except Throttled as refusal:
            waits.append((refusal.retry_at - datetime.now(UTC)).total_seconds())
            await asyncio.sleep(waits[-1])
            await allowance.admit("somebody", 1)

    await asyncio.gather(*(patiently() for _ in range(75)))

    assert len(waits) >= 25
    assert max(waits) > 2 * min(waits)


@pytest.mark.usefixtures("database")
async def test_a_refusal_tells_which_allowance_and_when_again(make: Make) -> None:
    allowance = make("orderWrites", Bucket(rate=2, burst=8))
    await admitted(allowance, 10)

    with pytest.raises(Throttled) as refused:
        await allowance.admit("somebody", 5)

    told = dict(refused.value.extensions)
    wait = datetime.fromisoformat(str(told.pop("retryAt"))) - datetime.now(UTC)
    assert told == {
        "code": "THROTTLED",
        "allowance": "orderWrites",
        "limit": 8,
        "window": 4,
        "price": 5,
    }
    assert 1.5 < wait.total_seconds() < 2.6


@pytest.mark.usefixtures("database")
async def test_one_subjects_spending_is_nobody_elses(make: Make) -> None:
    allowance = make("reads", Bucket(rate=1, burst=4))
    await admitted(allowance, 20)

    assert await allowance.admit("somebody else", 1)


@pytest.mark.usefixtures("database")
async def test_what_is_charged_afterwards_has_to_be_made_up_for(make: Make) -> None:
    allowance = make("reads", Bucket(rate=50, burst=20))
    for _ in range(20):
        allowance.charge("somebody", 5)
        await asyncio.sleep(0.001)
    assert allowance.overdrawn("somebody")

    with pytest.raises(Throttled) as refused:
        await allowance.admit("somebody", 10)
    await asyncio.sleep((refused.value.retry_at - datetime.now(UTC)).total_seconds())

    await allowance.admit("somebody", 10)
    assert not allowance.overdrawn("somebody")


# --- without the database ------------------------------------------------------------------------


async def never(*_: object) -> Lease:
    raise AssertionError("nobody needs a lease")


async def broken(*_: object) -> Lease:
    raise DatabaseUnavailable(Reason.LOST, "It is gone")


async def hanging(*_: object) -> Lease:
    await asyncio.sleep(60)
    raise AssertionError("it hangs")


@pytest.mark.parametrize("leasing", [broken, hanging])
async def test_a_worker_without_the_database_goes_on_at_its_part_of_the_rate(
    make: Make, leasing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowances, "WAIT_SECONDS", 0.01)
    allowance = make("reads", Bucket(rate=200, burst=400), workers=2, leasing=leasing)
    loop = asyncio.get_running_loop()
    began = loop.time()

    through = await admitted(allowance, 110)
    while (seconds := loop.time() - began) < 0.5:
        through += await admitted(allowance, 1)
        await asyncio.sleep(0.001)

    assert allowance.size < through <= allowance.size + 100 * seconds + 1


async def test_a_request_waits_for_a_lease_no_longer_than_it_may(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowances, "WAIT_SECONDS", 0.05)
    allowance = make("reads", Bucket(rate=10, burst=40), leasing=hanging)
    await admitted(allowance, 10)
    began = asyncio.get_running_loop().time()

    await admitted(allowance, 1)

    assert asyncio.get_running_loop().time() - began < 0.5


@pytest.mark.usefixtures("database")
async def test_nobody_waits_while_somebody_else_writes(make: Make) -> None:
    """On SQLite a lease waits for the one writer; requests go on meanwhile."""
    allowance = make("reads", Bucket(rate=100, burst=400))
    loop = asyncio.get_running_loop()
    async with transaction():
        began = loop.time()
        assert await admitted(allowance, 90) == 90
        assert loop.time() - began < 0.2


# --- bounds ---------------------------------------------------------------------------------------


async def test_shares_that_nobody_spends_are_forgotten(make: Make) -> None:
    allowance = make("reads", Bucket(rate=50, burst=500), leasing=never)
    for number in range(10):
        allowance.take(f"address {number}", 1)

    allowance.sweep()
    allowance.take("address 3", 1)
    allowance.sweep()

    assert list(allowance._shares) == ["address 3"]


async def test_there_are_never_more_shares_than_may_be(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowances, "MOST_SHARES", 100)
    allowance = make("address", Bucket(rate=20, burst=400), leasing=never)

    for number in range(1_000):
        allowance.take(f"address {number}", 1)

    assert len(allowance._shares) == 100


async def test_an_allowance_that_is_off_lets_everybody_in() -> None:
    off = Allowances()
    for _ in range(1_000):
        await off.knock("192.0.2.1")
        off.welcome("192.0.2.1")


@pytest.mark.usefixtures("database")
async def test_an_address_is_charged_for_what_is_in_vain_only(make: Make) -> None:
    door = make("address", Bucket(rate=1, burst=8))
    service = Allowances(door=door)
    for _ in range(100):
        await service.knock("192.0.2.1")
        service.welcome("192.0.2.1")

    through = [await knocks(service, "192.0.2.1") for _ in range(100)]
    assert 8 <= sum(through) <= 8 + door.size + 1

    await service.knock("192.0.2.2")


async def knocks(service: Allowances, address: str) -> bool:
    """Whether an address may try."""
    try:
        await service.knock(address)
    except Throttled:
        return False
    return True


async def test_the_addresses_of_one_machine_are_one(make: Make) -> None:
    door = make("address", Bucket(rate=20, burst=400), leasing=never)
    service = Allowances(door=door)

    await service.knock("2001:db8::1")
    await service.knock("2001:db8::2")

    assert len(door._shares) == 1
