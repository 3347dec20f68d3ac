"""Going live: a client's sandbox customers are swapped for their originals, in one step."""

import asyncio
from typing import Any

import httpx
import pytest

from models.audit import AuditEvent
from models.clients import ApiClient, ApiClientCustomer
from models.tenants import Customer
from models.words import ApiRole
from resolvers import customers
from tests.administering import administrator, audited, command
from tests.asking import Shop, open_shop, stock
from tests.world import World, make_world, token_of

SWAPS = "swaps { sandbox { id code active } live { id code active } alsoHeldBy { id name } }"
REACH = "{ viewer { client { sandbox } customers { code } } }"
SOON = 1.0


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    """With a range for the sandbox customer, too."""
    shop = await open_shop(http, world)
    await stock(world, world.sandbox.id)
    return shop


async def trying(shop: Shop, *more: Any, name: str = "Web shop") -> tuple[str, str]:
    """A client that tries, and its token."""
    held = [shop.world.sandbox.id, *more]
    shown = await shop.world.client(ApiRole.API_FULL_ACCESS, name=name, customers=held)
    return str(shown.client_id), await token_of(shown)


async def held_by(shop: Shop, client: str) -> set[str]:
    rows = ApiClientCustomer.filter(tenant_id=shop.world.tenant.id, client_id=client)
    return {str(one.customer_id) for one in await rows}


async def test_a_client_goes_live_within_a_second(shop: Shop) -> None:
    """With the token that it has; what it tried stays readable to staff, and new jobs are real."""
    client, token = await trying(shop)
    trial = str(shop.world.sandbox.id)
    tried = await shop.place(by=token, customer=trial)
    before = (await shop.say(REACH, by=token)).only
    answer = await command(shop, "goLive", SWAPS, client=client)
    await asyncio.sleep(SOON)
    after = (await shop.say(REACH, by=token)).only
    refused = await shop.place(by=token, customer=trial, reference="NEXT")
    real = await shop.place(by=token, reference="NEXT")
    asked = "query($id: ID!) { outboundOrder(id: $id) { customer { code } } }"
    key = tried.only["outboundOrder"]["id"]

    assert before == {"client": {"sandbox": True}, "customers": [{"code": "ACME-TEST"}]}
    assert after == {"client": {"sandbox": False}, "customers": [{"code": "ACME"}]}
    assert tried.outcomes == ["SANDBOX"]
    assert (refused.told, refused.outcomes) == ([("NOT_FOUND", "input.customer")], ["REFUSED"])
    assert (real.told, real.outcomes) == ([], ["COUNTED"])
    assert answer.only["swaps"] == [
        {
            "sandbox": {"id": trial, "code": "ACME-TEST", "active": False},
            "live": {"id": str(shop.world.live.id), "code": "ACME", "active": True},
            "alsoHeldBy": [],
        }
    ]
    staff = await shop.say(asked, by=await administrator(shop), id=key)
    assert staff.only == {"customer": {"code": "ACME-TEST"}}
    assert (await shop.say(asked, by=token, id=key)).only is None
    assert (await audited(shop, client))[-1] == (
        "WENT_LIVE",
        {"customers": [trial]},
        {"customers": [str(shop.world.live.id)]},
    )
    assert (await audited(shop, trial))[-1] == ("DEACTIVATED", {"active": True}, {"active": False})


async def test_all_of_its_customers_are_swapped_or_none(shop: Shop) -> None:
    tenant = shop.world.tenant.id
    orphan = await customers.create(tenant, "LONE", "Nobody's twin", sandbox=True)
    zen = await customers.create(
        tenant, "ZEN-TEST", "Zen (try)", sandbox=True, sandbox_of=shop.world.other.id
    )
    client, _ = await trying(shop, orphan.id, zen.id)
    await command(shop, "deactivateCustomer", id=str(shop.world.other.id))
    events = await AuditEvent.filter(tenant_id=tenant).count()
    before = await held_by(shop, client)
    refused = await command(shop, "goLive", SWAPS, client=client)

    assert refused.told == [("INVALID", "input.client")] * 2
    assert "`LONE` has no live original" in refused.faults[0]["message"]
    assert "`ZEN`" in refused.faults[1]["message"]
    assert refused.only["swaps"] is None
    assert await held_by(shop, client) == before
    assert await AuditEvent.filter(tenant_id=tenant).count() == events
    assert (await Customer.get(tenant_id=tenant, id=shop.world.sandbox.id)).active


async def test_several_go_live_together(shop: Shop) -> None:
    tenant = shop.world.tenant.id
    twin = {"sandbox": True, "sandbox_of": shop.world.other.id}
    zen = await customers.create(tenant, "ZEN-TEST", "Zen (try)", **twin)
    client, _ = await trying(shop, zen.id)
    answer = await command(shop, "goLive", SWAPS, client=client)

    told = [(one["sandbox"]["code"], one["live"]["code"]) for one in answer.only["swaps"]]
    assert told == [("ACME-TEST", "ACME"), ("ZEN-TEST", "ZEN")]
    assert await held_by(shop, client) == {str(shop.world.live.id), str(shop.world.other.id)}


async def test_whoever_still_tries_with_it_is_told(shop: Shop) -> None:
    """The sandbox customer is deactivated all the same; it can be activated again."""
    other, their_token = await trying(shop, name="Another shop")
    client, _ = await trying(shop)
    trial = str(shop.world.sandbox.id)
    tried = await command(shop, "goLive", SWAPS, client=client, validateOnly=True)
    untouched = await held_by(shop, client)
    answer = await command(shop, "goLive", SWAPS, client=client)
    refused = await shop.place(by=their_token, customer=trial)
    await command(shop, "activateCustomer", id=trial)
    again = await shop.place(by=their_token, customer=trial)

    assert tried.only["swaps"] == answer.only["swaps"]
    assert untouched == {trial}
    [swap] = answer.only["swaps"]
    assert swap["alsoHeldBy"] == [{"id": other, "name": "Another shop"}]
    assert refused.told == [("INVALID", "input.customer")]
    assert again.told == []
    assert await held_by(shop, other) == {trial}


async def test_who_is_live_already_or_elsewhere_is_refused(shop: Shop) -> None:
    live = await shop.world.client()
    elsewhere = await make_world("Elsewhere")
    theirs = await elsewhere.client(customers=[elsewhere.sandbox.id])
    client, _ = await trying(shop)
    refused = [
        await command(shop, "goLive", client=str(live.client_id)),
        await command(shop, "goLive", client=str(theirs.client_id)),
        await command(shop, "goLive", client=client, version=99),
    ]

    assert [one.told for one in refused] == [
        [("INVALID", "input.client")],
        [("NOT_FOUND", "input.client")],
        [("STALE_VERSION", "input.version")],
    ]
    assert (await Customer.get(tenant_id=elsewhere.tenant.id, id=elsewhere.sandbox.id)).active


async def test_a_repeat_tells_the_same_and_does_nothing(shop: Shop) -> None:
    client, _ = await trying(shop)
    by = await administrator(shop)
    first = await command(shop, "goLive", SWAPS, by=by, client=client, idempotencyKey="k")
    version = (await ApiClient.get(tenant_id=shop.world.tenant.id, id=client)).version
    again = await command(shop, "goLive", SWAPS, by=by, client=client, idempotencyKey="k")
    at_once, _ = await trying(shop, name="At once")
    await command(shop, "activateCustomer", id=str(shop.world.sandbox.id))
    both = await asyncio.gather(
        *(command(shop, "goLive", SWAPS, by=by, client=at_once) for _ in range(2))
    )

    assert again.only["replayed"]
    assert again.only["swaps"] == first.only["swaps"]
    assert (await ApiClient.get(tenant_id=shop.world.tenant.id, id=client)).version == version
    assert sorted(len(one.told) for one in both) == [0, 1]
    assert await held_by(shop, at_once) == {str(shop.world.live.id)}
