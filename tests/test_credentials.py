"""Secrets: how they are made, changed, checked, and kept."""

import asyncio
import subprocess
import time
from datetime import UTC, datetime, timedelta
from statistics import median
from uuid import UUID, uuid4

import pytest

from models.clients import AccessToken, Credential
from models.database import rows
from models.words import ApiRole, UserErrorCode
from resolvers import clients, credentials, hashing
from resolvers.credentials import Shown
from resolvers.errors import Throttled, Unauthenticated, UserErrors
from resolvers.hashing import HASHER, NOBODYS_HASH, Line, Sources
from tests.world import World, make_world, spoiled, token_of

HERE = "192.0.2.7"


@pytest.fixture(autouse=True)
def _no_failures_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "sources", Sources())


@pytest.fixture
async def shop(world: World) -> Shown:
    return await world.client(ApiRole.WMS_VIEW_JOBS)


async def test_a_secret_is_long_random_and_needs_no_quoting(world: World, shop: Shown) -> None:
    again = await credentials.regenerate(world.tenant.id, shop.client_id)

    assert shop.client_secret.startswith("dgs_")
    assert len(shop.client_secret) == 70
    assert shop.client_secret[4:].isalnum()
    assert again.client_secret != shop.client_secret


async def test_neither_secrets_nor_tokens_are_in_the_database(shop: Shown) -> None:
    token = await token_of(shop)
    kept = ""
    for table in ("credentials", "access_tokens", "identities", "api_clients"):
        kept += str([tuple(row) for row in await rows(f"select * from {table}")])

    assert "$argon2id$v=19$m=19456,t=2,p=1$" in kept
    assert shop.client_secret not in kept
    assert token not in kept
    assert token.removeprefix("dgt_") not in kept


async def test_a_client_shows_its_secret_and_gets_a_token(world: World, shop: Shown) -> None:
    before = datetime.now(UTC)
    token = await credentials.issue_token(str(shop.client_id), shop.client_secret, HERE)

    [stored] = await AccessToken.filter(tenant_id=world.tenant.id)
    assert len(token.value) == 4 + 52
    assert token.lasts == 3600
    assert timedelta(seconds=3600) <= stored.expires_at - before < timedelta(seconds=3605)


async def test_every_wrong_sign_in_gets_the_same_refusal(world: World, shop: Shown) -> None:
    asleep = await world.client(ApiRole.WMS_VIEW_JOBS, name="Asleep", active=False)
    rotated = await world.client(ApiRole.WMS_VIEW_JOBS, name="Rotated")
    await credentials.regenerate(world.tenant.id, rotated.client_id)
    wrong = [
        (str(uuid4()), shop.client_secret),
        (str(shop.client_id), spoiled(shop.client_secret)),
        (str(shop.client_id), "wrong"),
        (str(shop.client_id), ""),
        (str(shop.client_id), "dgs_\u00df\u00df\u00df\u00df\u00df\u00df\u00df\u00df"),
        (str(shop.client_id).upper(), shop.client_secret),
        (f" {shop.client_id}", shop.client_secret),
        ("\0", shop.client_secret),
        (str(shop.client_id), asleep.client_secret),
        (str(asleep.client_id), asleep.client_secret),
        (str(rotated.client_id), rotated.client_secret),
    ]
    told = set()
    for client_id, secret in wrong:
        with pytest.raises(Unauthenticated) as refusal:
            await credentials.issue_token(client_id, secret, HERE)
        told.add(str(refusal.value))

    assert told == {"No client has that id and that secret."}
    assert await AccessToken.filter(tenant_id=world.tenant.id).count() == 0


async def test_an_unknown_client_takes_as_long_as_a_wrong_secret(shop: Shown) -> None:
    """Each computes one hash; the medians of interleaved tries lie close together."""
    took: dict[str, list[float]] = {"unknown": [], "wrong": [], "no hash": []}
    tries = {
        "unknown": (str(uuid4()), shop.client_secret),
        "wrong": (str(shop.client_id), spoiled(shop.client_secret)),
        "no hash": (str(shop.client_id), "wrong"),
    }
    for number in range(15):
        for name, (client_id, secret) in tries.items():
            began = time.perf_counter()
            with pytest.raises(Unauthenticated):
                await credentials.sign_in(client_id, secret, f"198.51.100.{number}")
            took[name].append(time.perf_counter() - began)

    medians = {name: median(seconds) for name, seconds in took.items()}
    assert max(medians.values()) < 1.3 * min(medians.values()), medians
    assert not HASHER.check_needs_rehash(NOBODYS_HASH)


async def test_only_one_first_secret_is_made(world: World, shop: Shown) -> None:
    with pytest.raises(UserErrors) as refusal:
        await credentials.generate(world.tenant.id, shop.client_id)

    [error] = refusal.value.errors
    assert error.code is UserErrorCode.SECRET_ALREADY_SHOWN
    assert await Credential.filter(tenant_id=world.tenant.id).count() == 1


async def test_regenerating_ends_the_old_secret_and_its_tokens(world: World, shop: Shown) -> None:
    token = await token_of(shop)
    new = await credentials.regenerate(world.tenant.id, shop.client_id)

    assert new.client_id == shop.client_id
    assert await credentials.holder_of(token) is None
    with pytest.raises(Unauthenticated):
        await token_of(shop)
    assert await token_of(new)


async def test_the_old_secret_works_on_for_the_overlap(world: World, shop: Shown) -> None:
    new = await credentials.regenerate(
        world.tenant.id, shop.client_id, overlap=timedelta(seconds=1)
    )
    token = await token_of(shop)
    assert await credentials.holder_of(token) is not None
    await asyncio.sleep(1)

    with pytest.raises(Unauthenticated):
        await token_of(shop)
    assert await credentials.holder_of(token) is None
    assert await token_of(new)


async def test_two_secrets_live_at_most(world: World, shop: Shown) -> None:
    """A second rotation within the overlap ends the oldest at once."""
    week = timedelta(days=7)
    second = await credentials.regenerate(world.tenant.id, shop.client_id, overlap=week)
    third = await credentials.regenerate(world.tenant.id, shop.client_id, overlap=week)

    with pytest.raises(Unauthenticated):
        await token_of(shop)
    assert await token_of(second)
    assert await token_of(third)


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=90, seconds=1)])
async def test_an_overlap_is_at_most_ninety_days(
    world: World, shop: Shown, overlap: timedelta
) -> None:
    with pytest.raises(UserErrors):
        await credentials.regenerate(world.tenant.id, shop.client_id, overlap=overlap)

    assert await token_of(shop)


async def test_a_secret_of_another_tenants_client_is_not_found(shop: Shown) -> None:
    elsewhere = await make_world("Elsewhere")
    for change in (credentials.generate, credentials.regenerate, clients.deactivate):
        with pytest.raises(UserErrors) as refusal:
            await change(elsewhere.tenant.id, shop.client_id)
        assert refusal.value.errors[0].code is UserErrorCode.NOT_FOUND

    assert await token_of(shop)


async def test_a_token_gives_facts_to_its_own_client_alone(world: World, shop: Shown) -> None:
    other = await world.client(ApiRole.WMS_VIEW_JOBS, name="Other")
    token = await token_of(shop)
    own = await credentials.sign_in(str(shop.client_id), shop.client_secret, HERE)
    stranger = await credentials.sign_in(str(other.client_id), other.client_secret, HERE)

    facts = await credentials.introspect(token, own)
    assert facts is not None
    assert facts.client_id == shop.client_id
    assert await credentials.introspect(token, stranger) is None
    await credentials.revoke(token, stranger)
    assert await credentials.introspect(token, own) == facts
    await credentials.revoke(token, own)
    assert await credentials.introspect(token, own) is None


async def test_hashes_beyond_the_line_are_refused_at_once() -> None:
    narrow = Line(workers=1, places=2)
    jobs = [asyncio.create_task(narrow.run(time.sleep, 0.05)) for _ in range(6)]
    done = await asyncio.gather(*jobs, return_exceptions=True)

    assert sum(isinstance(one, Throttled) for one in done) == 3
    await narrow.run(time.sleep, 0)


async def test_a_cancelled_sign_in_leaves_the_line() -> None:
    narrow = Line(workers=1, places=1)
    for _ in range(20):
        job = asyncio.create_task(narrow.run(time.sleep, 0.001))
        await asyncio.sleep(0)
        job.cancel()
        await asyncio.sleep(0.005)

    await narrow.run(time.sleep, 0)


async def test_a_source_that_keeps_failing_waits_in_a_line_of_one() -> None:
    """Its victim, who signs in from elsewhere, does not."""
    sources = Sources()
    for _ in range(hashing.FAILURES):
        sources.failed("2001:db8::1")
    inside = most = 0

    async def enter(address: str) -> None:
        nonlocal inside, most
        async with sources.turn(address):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    tries = [enter(f"2001:db8::{n}") for n in range(2, 22)]
    refused = await asyncio.gather(*tries, return_exceptions=True)
    assert most == 1
    assert sum(isinstance(one, Throttled) for one in refused) == 20 - hashing.PLACES_OF_A_SOURCE

    most = 0
    await asyncio.gather(*(enter("192.0.2.1") for _ in range(20)))
    assert most == 20


async def test_sources_are_forgotten_when_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "SOURCES", 100)
    sources = Sources()
    for number in range(1000):
        sources.failed(f"10.0.{number // 250}.{number % 250}")

    assert len(sources._failures) == 100


async def test_nothing_stalls_while_a_hundred_guess(shop: Shown) -> None:
    """The loop turns on, most are told to come again, and the right one gets in afterwards."""
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - began)

    watching = asyncio.create_task(watch())
    guesses = [credentials.sign_in(str(shop.client_id), f"guess {n}", HERE) for n in range(100)]
    refusals = await asyncio.gather(*guesses, return_exceptions=True)
    watching.cancel()

    assert {type(one) for one in refusals} == {Unauthenticated, Throttled}
    assert sum(isinstance(one, Unauthenticated) for one in refusals) < 60
    assert longest < 0.5
    assert await token_of(shop)


async def test_a_client_id_is_found_by_the_host(world: World, shop: Shown) -> None:
    assert await clients.tenant_of(shop.client_id) == world.tenant.id
    with pytest.raises(UserErrors):
        await clients.tenant_of(UUID(int=1))


def test_no_secret_is_in_the_repository() -> None:
    """What begins like ours and is long enough to be one would be found by scanners."""
    found = subprocess.run(
        ["git", "grep", "-lE", "dg[st]_[a-z2-7]{52,}"], capture_output=True, text=True, check=False
    )
    assert found.stdout == ""
