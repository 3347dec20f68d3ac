"""What people of the operator ask over HTTP: answered like a client's, and never billed."""

import asyncio

import httpx
import pytest

from models.tenants import StaffSession
from models.usage import Call, LedgerRow
from models.words import StaffRole
from resolvers import people, plans, staff
from resolvers.call_log import call_log
from resolvers.credentials import token_hash
from tests.asking import Shop, open_shop
from tests.world import World

SOON = 1.0


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world)


@pytest.mark.parametrize("role", list(StaffRole))
async def test_a_person_asks_like_a_client(shop: Shop, world: World, role: StaffRole) -> None:
    token = await world.staff_token(role)
    who = await shop.say(
        "{ viewer { staffRole roles client { id } tenant { id } customers { code } } }", by=token
    )

    assert who.only == {
        "staffRole": role,
        "roles": [],
        "client": None,
        "tenant": {"id": str(world.tenant.id)},
        "customers": [{"code": code} for code in ("ACME", "ACME-TEST", "ZEN")],
    }


async def test_what_a_person_asks_is_never_billed(shop: Shop, world: World) -> None:
    token = await world.staff_token()
    here = str(world.warehouse.id)
    placed = await shop.place(by=token, warehouse=here)
    read = await shop.say("{ outboundOrders { edges { node { reference } } } }", by=token)
    refused = await shop.say("{ statement { used } }", by=token)
    again = await shop.place(by=token, warehouse=here)

    assert placed.faults == []
    assert len(read.only["edges"]) == 1
    assert refused.codes == ["FORBIDDEN"]
    assert again.only["replayed"]
    for answer in (placed, read, refused, again):
        assert answer.calls == []
        assert "usedThisWeek" not in answer.body["extensions"]["usage"]
    assert await LedgerRow.filter(tenant_id=world.tenant.id).count() == 0
    assert call_log.waiting + await Call.filter(tenant_id=world.tenant.id).count() == 0


async def test_an_orders_history_tells_the_person(shop: Shop, world: World) -> None:
    token = await world.staff_token()
    person = await StaffSession.get(tenant_id=world.tenant.id, token_hash=token_hash(token))
    placed = await shop.place(by=token, warehouse=str(world.warehouse.id))
    document = "query ($id: ID!) { outboundOrder(id: $id) { history { client staffUser } } }"
    answer = await shop.say(document, id=placed.only["outboundOrder"]["id"])

    assert answer.only["history"] == [{"client": None, "staffUser": str(person.staff_user_id)}]


async def test_the_bill_is_for_administrators(shop: Shop, world: World) -> None:
    await plans.set_plan(world.tenant.id, consignments=1, warehouse_orders=1)
    bill = "{ statement { used } }"
    operator = await shop.say(bill, by=await world.staff_token(StaffRole.OPERATOR))
    administrator = await shop.say(bill, by=await world.staff_token(StaffRole.ADMINISTRATOR))

    assert operator.codes == ["FORBIDDEN"]
    assert administrator.only["used"] == 0


async def test_who_was_shut_out_is_told_so(shop: Shop, world: World) -> None:
    token = await world.staff_token()
    [sam] = [one for one in await staff.staff(world.tenant.id) if "people.test" in one.email]
    assert (await shop.say("{ viewer { staffRole } }", by=token)).status == 200
    await people.switch_off(sam.tenant_id, sam.id)
    await asyncio.sleep(SOON)

    answer = await shop.say("{ viewer { staffRole } }", by=token)
    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
