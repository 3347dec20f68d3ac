"""People of the operator, as administrators add, change and switch them."""

import asyncio

import httpx
import pytest

from models.audit import AuditEvent
from models.tenants import Identity, StaffUser
from models.words import ActorKind, IdentityKind, StaffRole
from resolvers import people, staff
from resolvers.administration import by_hand
from resolvers.audit import Actor
from resolvers.errors import UserErrors
from tests.administering import administrator, audited, command
from tests.asking import Answer, Shop, open_shop
from tests.world import World, make_world

PERSON = "staffUser { id email name role active lastSignedInAt version createdAt modifiedAt }"
NEW = {"email": " Ada@Harbour.test", "name": "Ada", "role": "OPERATOR"}
SOON = 1.0


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world)


async def me(shop: Shop) -> StaffUser:
    """The administrator who asks in these tests."""
    await administrator(shop)
    [one] = await StaffUser.filter(
        tenant_id=shop.world.tenant.id, role=StaffRole.ADMINISTRATOR, email__contains="people.test"
    )
    return one


async def test_a_person_is_added_and_found(shop: Shop) -> None:
    made = (await command(shop, "createStaffUser", PERSON, **NEW)).only["staffUser"]
    one = await shop.say(
        f"query($id: ID!) {{ staffUser(id: $id) {PERSON[10:]} }}",
        by=await administrator(shop),
        id=made["id"],
    )
    listed = await shop.say(
        '{ staffUsers(filter: {role: OPERATOR, name: {eq: "Ada"}}, orderBy: {field: EMAIL}) {'
        " totalCount edges {"
        " node { email } } } }",
        by=await administrator(shop),
    )

    assert (made["email"], made["name"], made["role"]) == ("ada@harbour.test", "Ada", "OPERATOR")
    assert (made["active"], made["version"], made["lastSignedInAt"]) == (True, 1, None)
    assert one.only == made
    assert one.calls == []
    assert listed.only["totalCount"] == 1
    assert listed.only["edges"] == [{"node": {"email": "ada@harbour.test"}}]
    told = {"email": "ada@harbour.test", "name": "Ada", "role": "OPERATOR", "active": True}
    assert await audited(shop, made["id"]) == [("CREATED", {}, told)]
    [event] = await AuditEvent.filter(tenant_id=shop.world.tenant.id, subject_id=made["id"])
    assert (event.actor, event.staff_user_id) == (ActorKind.STAFF, (await me(shop)).id)
    assert event.request_id is not None


async def test_faults_are_told_together_and_nobody_is_added(shop: Shop) -> None:
    elsewhere = (await make_world("Elsewhere")).tenant.id
    await people.create(elsewhere, "taken@elsewhere.test", "Them", StaffRole.OPERATOR)
    wrong = await command(shop, "createStaffUser", email="ada", name=" ", role="OPERATOR")
    taken = await command(shop, "createStaffUser", **(NEW | {"email": "taken@elsewhere.test"}))

    assert wrong.told == [("INVALID", "input.email"), ("REQUIRED", "input.name")]
    assert taken.told == [("REFERENCE_TAKEN", "input.email")]
    assert taken.faults[0]["existing"] is None
    assert await StaffUser.filter(tenant_id=shop.world.tenant.id, name="Ada").count() == 0


async def test_a_changed_e_mail_is_the_one_to_sign_in_with(shop: Shop) -> None:
    made = (await command(shop, "createStaffUser", PERSON, **NEW)).only["staffUser"]
    same = {"id": made["id"], "version": 1}
    mine = (await me(shop)).email
    taken = await command(shop, "updateStaffUser", **same, email=mine)
    moved = await command(shop, "updateStaffUser", PERSON, **same, email="ADA@new.test")
    stale = await command(shop, "updateStaffUser", **same, name="A")

    assert taken.told == [("REFERENCE_TAKEN", "input.email")]
    assert taken.faults[0]["existing"] == str((await me(shop)).id)
    assert (moved.only["staffUser"]["email"], moved.only["staffUser"]["version"]) == (
        "ada@new.test",
        2,
    )
    leads = Identity.filter(kind=IdentityKind.STAFF, row_id=made["id"])
    assert [one.value for one in await leads] == ["ada@new.test"]
    assert stale.told == [("STALE_VERSION", "input.version")]
    assert [one["path"] for one in stale.faults[0]["differences"]] == [["input", "email"]]


async def test_what_somebody_may_do_holds_within_a_second(shop: Shop) -> None:
    """Up, down, out and in again; each is told in the audit log."""
    ada = await people.create(shop.world.tenant.id, "ada@harbour.test", "Ada", StaffRole.OPERATOR)
    token = (await staff.issue_token(ada.tenant_id, ada.id)).value
    bill = "{ staffUsers { totalCount } }"

    async def after(field: str, **given: object) -> Answer:
        answer = await command(shop, field, id=str(ada.id), **given)
        assert answer.told == []
        await asyncio.sleep(SOON)
        return await shop.say(bill, by=token)

    assert (await shop.say(bill, by=token)).codes == ["FORBIDDEN"]
    assert (await after("updateStaffUser", version=1, role="ADMINISTRATOR")).only["totalCount"] == 3
    assert (await after("updateStaffUser", version=2, role="OPERATOR")).codes == ["FORBIDDEN"]
    assert (await after("deactivateStaffUser")).status == 401
    assert (await after("activateStaffUser")).status == 401, "they sign in anew"
    actions = ["CREATED", "UPDATED", "UPDATED", "DEACTIVATED", "ACTIVATED"]
    assert [one[0] for one in await audited(shop, ada.id, *actions)] == actions


async def test_changing_oneself_is_told_like_all_else(shop: Shop) -> None:
    mine = await me(shop)
    await command(shop, "createStaffUser", **(NEW | {"role": "ADMINISTRATOR"}))
    answer = await command(
        shop, "updateStaffUser", PERSON, id=str(mine.id), version=1, role="OPERATOR"
    )

    assert answer.only["staffUser"]["role"] == "OPERATOR"
    [event] = await AuditEvent.filter(
        tenant_id=shop.world.tenant.id, subject_id=mine.id, action="UPDATED"
    )
    assert event.staff_user_id == mine.id
    assert event.before == '{"role":"ADMINISTRATOR"}'


async def test_the_last_administrator_stays(shop: Shop) -> None:
    mine = await me(shop)
    key = str(mine.id)
    off = await command(shop, "deactivateStaffUser", id=key)
    down = await command(shop, "updateStaffUser", id=key, version=1, role="OPERATOR")
    renamed = await command(shop, "updateStaffUser", PERSON, id=key, version=1, name="Me")

    assert (off.told, down.told) == ([("INVALID", "input.id")], [("INVALID", "input.role")])
    assert (renamed.told, renamed.only["staffUser"]["version"]) == ([], 2)
    kept = await StaffUser.get(tenant_id=mine.tenant_id, id=mine.id)
    assert (kept.active, kept.role) == (True, StaffRole.ADMINISTRATOR)


@pytest.mark.parametrize("how", ["off", "down"])
async def test_two_who_shut_one_another_out_at_once_leave_one(world: World, how: str) -> None:
    tenant_id = world.tenant.id
    both = [
        await people.create(tenant_id, f"{name}@harbour.test", name, StaffRole.ADMINISTRATOR)
        for name in ("ada", "bob")
    ]

    async def against(one: StaffUser) -> None:
        if how == "off":
            await by_hand(Actor.host(tenant_id), {"id": one.id}, people.deactivate)
        else:
            given = {"id": one.id, "version": 1, "role": StaffRole.OPERATOR}
            await by_hand(Actor.host(tenant_id), given, people.edit)

    ended = await asyncio.gather(*map(against, both), return_exceptions=True)

    assert [type(one) for one in ended if one is not None] == [UserErrors]
    left = StaffUser.filter(tenant_id=tenant_id, role=StaffRole.ADMINISTRATOR, active=True)
    assert await left.count() == 1


async def test_another_tenants_person_is_not_there(shop: Shop) -> None:
    elsewhere = (await make_world("Elsewhere")).tenant.id
    them = await people.create(elsewhere, "them@elsewhere.test", "Them", StaffRole.OPERATOR)
    key = str(them.id)
    read = await shop.say(f'{{ staffUser(id: "{key}") {{ name }} }}', by=await administrator(shop))
    refused = [
        await command(shop, "updateStaffUser", id=key, version=1, name="Ours"),
        await command(shop, "deactivateStaffUser", id=key),
    ]

    assert read.only is None
    assert [one.told for one in refused] == [[("NOT_FOUND", "input.id")]] * 2
    assert (await StaffUser.get(tenant_id=elsewhere, id=them.id)).name == "Them"


async def test_a_person_is_told_who_they_are(shop: Shop) -> None:
    asked = "{ viewer { staffUser { id name email } } }"
    mine = await me(shop)
    answer = await shop.say(asked, by=await administrator(shop))

    told = {"id": str(mine.id), "name": mine.name, "email": mine.email}
    assert answer.only == {"staffUser": told}
    assert (await shop.say(asked)).only == {"staffUser": None}
