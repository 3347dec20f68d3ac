"""Who a token speaks for, and how soon a change is seen."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from models import access_queries
from models.clients import AccessToken, ApiClient, ApiClientCustomer, Credential
from models.database import DatabaseUnavailable, Reason, observers, transaction
from models.epochs import bump
from models.reach import Every
from models.tenants import Customer, Tenant
from models.words import ApiRole
from resolvers import callers as module
from resolvers import clients, credentials
from resolvers.callers import Callers
from resolvers.clients import Grant
from resolvers.errors import UserErrors
from tests.processes import Serve
from tests.world import World, make_world, token_of

SOON = 1.0


@pytest.fixture
async def callers(database: str):  # noqa: ARG001 - it looks there
    known = Callers()
    await known.start()
    yield known
    await known.stop()


@pytest.fixture
def statements():
    """What is asked of the database while the test runs."""
    asked: list[str] = []
    observers.append(asked.append)
    yield asked
    observers.remove(asked.append)


async def gone(known: Callers, token: str) -> float:
    """Wait until a token speaks for nobody; how long it took."""
    began = time.perf_counter()
    while await known.caller_of(token) is not None:
        await asyncio.sleep(0.01)
        assert time.perf_counter() - began < 5
    return time.perf_counter() - began


async def test_a_token_speaks_for_its_client(callers: Callers, world: World) -> None:
    shop = await world.client(ApiRole.WMS_CREATE_JOBS, sees_tenant_usage=True)
    caller = await callers.caller_of(await token_of(shop))

    assert caller is not None
    assert caller.client_id == shop.client_id
    assert (caller.name, caller.tenant_name) == ("Web shop", "Harbour 3PL")
    assert (caller.currency, caller.time_zone) == ("AUD", "Australia/Sydney")
    assert caller.granted == (ApiRole.WMS_CREATE_JOBS,)
    assert caller.roles == {
        ApiRole.WMS_CREATE_JOBS,
        ApiRole.WMS_VIEW_JOBS,
        ApiRole.WMS_VIEW_STOCK,
    }
    assert caller.reach.tenant_id == world.tenant.id
    assert caller.reach.customers == {world.live.id}
    assert caller.reach.warehouses == {world.warehouse.id}
    assert caller.sees_tenant_usage
    assert not caller.sandbox


async def test_all_is_said_by_flags_and_an_empty_list_means_none(
    callers: Callers, world: World
) -> None:
    everything = await callers.caller_of(await world.token(all_customers=True, all_warehouses=True))
    nothing = await callers.caller_of(await world.token(customers=[], warehouses=[]))

    assert everything is not None
    assert everything.reach.customers is Every.LIVE
    assert everything.reach.warehouses is Every.ALL
    assert nothing is not None
    assert nothing.reach.customers == nothing.reach.warehouses == frozenset()


async def test_a_client_of_sandbox_customers_is_a_sandbox(callers: Callers, world: World) -> None:
    caller = await callers.caller_of(await world.token(customers=[world.sandbox.id]))

    assert caller is not None
    assert caller.sandbox


@pytest.mark.parametrize("all_customers", [False, True])
async def test_sandbox_and_live_customers_are_never_mixed(
    world: World, all_customers: bool
) -> None:
    held = [world.sandbox.id] if all_customers else [world.sandbox.id, world.live.id]
    with pytest.raises(UserErrors) as refusal:
        await clients.create(
            world.tenant.id, "Mixed", Grant(customers=held, all_customers=all_customers)
        )

    assert any("never both" in error.message for error in refusal.value.errors)
    assert await ApiClient.filter(tenant_id=world.tenant.id).count() == 0
    assert await ApiClientCustomer.filter(tenant_id=world.tenant.id).count() == 0


async def test_another_tenants_customer_is_not_found(world: World) -> None:
    elsewhere = await make_world("Elsewhere")
    with pytest.raises(UserErrors) as refusal:
        await clients.create(
            world.tenant.id,
            "Nosy",
            Grant(customers=[elsewhere.live.id], warehouses=[elsewhere.warehouse.id]),
        )

    assert [error.path for error in refusal.value.errors] == [
        ["customers", "0"],
        ["warehouses", "0"],
    ]


async def test_an_inactive_customer_stays_in_reach(callers: Callers, world: World) -> None:
    await Customer.filter(tenant_id=world.tenant.id, id=world.live.id).update(active=False)
    caller = await callers.caller_of(await world.token())

    assert caller is not None
    assert caller.reach.customers == {world.live.id}


@pytest.mark.parametrize("token", ["", "nonsense", "dgt_" + "a" * 52, "dgt_" + "a" * 51, "\0"])
async def test_what_is_no_token_speaks_for_nobody(callers: Callers, token: str) -> None:
    assert await callers.caller_of(token) is None


async def test_a_known_token_costs_no_statement(
    callers: Callers, world: World, statements: list[str]
) -> None:
    token = await world.token()
    await asyncio.sleep(0.4)
    del statements[:]
    first = await callers.caller_of(token)
    loading = [one for one in statements if "epoch)" not in one]
    del statements[:]
    again = await callers.caller_of(token)

    assert again is first
    assert len(loading) == 3
    assert all("tenant_id" in one for one in loading)
    assert [one for one in statements if "epoch)" not in one] == []


async def test_every_worker_drops_a_deactivated_client_within_a_second(
    callers: Callers, world: World
) -> None:
    shop = await world.client()
    token = await token_of(shop)
    assert await callers.caller_of(token) is not None
    await clients.deactivate(world.tenant.id, shop.client_id)

    assert await gone(callers, token) < SOON
    await clients.activate(world.tenant.id, shop.client_id)
    assert await callers.caller_of(token) is not None


async def test_regenerating_and_revoking_are_seen_too(callers: Callers, world: World) -> None:
    shop = await world.client()
    token = await token_of(shop)
    assert await callers.caller_of(token) is not None
    new = await credentials.regenerate(world.tenant.id, shop.client_id)
    assert await gone(callers, token) < SOON

    token = await token_of(new)
    assert await callers.caller_of(token) is not None
    holder = await credentials.holder_of(token)
    assert holder is not None
    await credentials.revoke(token, holder)
    assert await gone(callers, token) < SOON


async def test_narrowing_the_reach_is_seen(callers: Callers, world: World) -> None:
    shop = await world.client()
    token = await token_of(shop)
    assert await callers.caller_of(token) is not None
    async with transaction():
        await bump(world.tenant.id)
        await ApiClientCustomer.filter(tenant_id=world.tenant.id, client_id=shop.client_id).delete()
    await asyncio.sleep(SOON)

    caller = await callers.caller_of(token)
    assert caller is not None
    assert caller.reach.customers == frozenset()


async def test_a_change_while_a_caller_is_read_is_not_missed(
    callers: Callers, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was read before the change, and remembered after the change was looked for."""
    shop = await world.client()
    token = await token_of(shop)

    async def late(tenant_id: UUID, client_id: UUID) -> access_queries.Holdings:
        found = await access_queries.holdings(tenant_id, client_id)
        await clients.deactivate(world.tenant.id, shop.client_id)
        await asyncio.sleep(0.5)
        return found

    monkeypatch.setattr(module, "holdings", late)
    assert await callers.caller_of(token) is not None

    assert await callers.caller_of(token) is None


async def test_other_tenants_callers_stay_known(callers: Callers, world: World) -> None:
    elsewhere = await make_world("Elsewhere")
    ours, theirs = await world.token(), await elsewhere.token()
    await asyncio.sleep(0.4)
    first = await callers.caller_of(theirs)
    shop = await world.client(name="New")
    await clients.deactivate(world.tenant.id, shop.client_id)
    await asyncio.sleep(0.4)

    assert await callers.caller_of(theirs) is first
    assert await callers.caller_of(ours) is not None


async def test_a_worker_that_cannot_look_trusts_nothing(
    callers: Callers, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = await world.client()
    token = await token_of(shop)
    await asyncio.sleep(0.4)
    assert await callers.caller_of(token) is not None

    async def blind() -> int:
        raise DatabaseUnavailable(Reason.LOST, "The database does not answer")

    monkeypatch.setattr(module, "sum_of_epochs", blind)
    await clients.deactivate(world.tenant.id, shop.client_id)

    assert await gone(callers, token) < SOON
    assert not callers.fresh
    monkeypatch.undo()
    await asyncio.sleep(0.5)
    assert callers.fresh


async def test_a_token_ends_with_its_hour_though_it_is_known(
    callers: Callers, world: World
) -> None:
    token = await world.token()
    [stored] = await AccessToken.filter(tenant_id=world.tenant.id)
    soon = datetime.now(UTC) + timedelta(seconds=0.3)
    await AccessToken.filter(tenant_id=world.tenant.id, id=stored.id).update(expires_at=soon)
    assert await callers.caller_of(token) is not None
    await asyncio.sleep(0.35)

    assert await callers.caller_of(token) is None


async def test_what_is_remembered_is_bounded(
    callers: Callers, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    shop = await world.client()
    tokens = [await token_of(shop) for _ in range(4)]
    for token in tokens:
        assert await callers.caller_of(token) is not None

    assert len(callers._remembered) == 2


async def test_last_use_is_written_once_a_minute_and_changes_no_epoch(
    world: World, statements: list[str]
) -> None:
    callers, other = Callers(), Callers()
    shop = await world.client()
    caller = await callers.caller_of(await token_of(shop))
    assert caller is not None
    before = (await Tenant.get(id=world.tenant.id)).epoch
    del statements[:]
    for number in range(5):
        callers.note_use(caller, "192.0.2.1", f"Operation{number}")
    assert statements == []
    await callers.stop()
    callers.note_use(caller, "192.0.2.1", "Later")
    other.note_use(caller, "192.0.2.2", "Elsewhere")
    await callers.stop()
    await other.stop()

    client = await ApiClient.get(tenant_id=world.tenant.id, id=shop.client_id)
    [credential] = await Credential.filter(tenant_id=world.tenant.id)
    assert client.last_used_operation == "Operation0"
    assert client.last_used_address == "192.0.2.1"
    assert client.last_used_at == credential.last_used_at
    assert credential.last_used_operation == "Operation0"
    assert credential.last_used_address == "192.0.2.1"
    assert (await Tenant.get(id=world.tenant.id)).epoch == before


async def test_who_still_uses_a_retiring_secret_is_told(world: World) -> None:
    """Each credential has a last use of its own: the client's alone would hide it."""
    callers = Callers()
    shop = await world.client()
    old = await callers.caller_of(await token_of(shop))
    overlap = timedelta(days=1)
    renewed = await credentials.regenerate(world.tenant.id, shop.client_id, overlap=overlap)
    new = await callers.caller_of(await token_of(renewed))
    assert old is not None
    assert new is not None
    callers.note_use(new, "192.0.2.1", "Moved")
    callers.note_use(old, "192.0.2.2", "StillThere")
    await callers.stop()

    retiring, current = await Credential.filter(tenant_id=world.tenant.id).order_by("created_at")
    told = [(one.last_used_address, one.last_used_operation) for one in (retiring, current)]
    assert told == [("192.0.2.2", "StillThere"), ("192.0.2.1", "Moved")]
    assert retiring.retires_at is not None


async def test_a_client_without_a_list_may_ask_from_anywhere(
    callers: Callers, world: World
) -> None:
    shop = await world.client()
    token = await token_of(shop)
    anywhere = await callers.caller_of(token)
    await clients.update(world.tenant.id, shop.client_id, addresses=["192.0.2.0/24"])
    await asyncio.sleep(SOON)
    bound = await callers.caller_of(token)

    assert anywhere is not None
    assert anywhere.networks == ()
    assert bound is not None
    assert [str(one) for one in bound.networks] == ["192.0.2.0/24"]


async def test_a_client_that_is_over_speaks_for_nobody(callers: Callers, world: World) -> None:
    shop = await world.client()
    token = await token_of(shop)
    soon = datetime.now(UTC) + timedelta(seconds=0.5)
    await clients.update(world.tenant.id, shop.client_id, expires_at=soon)
    assert await callers.caller_of(token) is not None
    await asyncio.sleep(0.55)

    assert await callers.caller_of(token) is None
    holder = await credentials.holder_of(token)
    assert holder is None


@pytest.mark.usefixtures("database")
async def test_two_processes_drop_a_deactivated_clients_token_within_a_second(
    serve: Serve,
) -> None:
    """Each worker is a process of its own, and the change is made in a third."""
    world = await make_world()
    shop = await world.client()
    first, second = await serve(), await serve()
    async with first.client() as one, second.client() as other:
        answer = await one.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(str(shop.client_id), shop.client_secret),
        )
        token = answer.json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        asking = {"json": {"query": "{ __typename }"}, "headers": bearer}
        for client in (one, other):
            assert (await client.post("/graphql", **asking)).status_code == 200

        await clients.deactivate(world.tenant.id, shop.client_id)
        await asyncio.sleep(SOON)
        for client in (one, other):
            assert (await client.post("/graphql", **asking)).status_code == 401
