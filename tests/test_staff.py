"""People of the operator: how they are let in, what they reach, and how soon they are out."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.database import connect, dialect, disconnect, execute, observers, rows
from models.database.migrations import FOLDER, migrate
from models.reach import Reach
from models.record import new_id
from models.tenants import Identity, StaffSession, StaffUser
from models.words import ApiRole, IdentityKind, StaffRole, UserErrorCode
from resolvers import credentials, people, staff
from resolvers.callers import Callers, load
from resolvers.credentials import token_hash
from resolvers.errors import UserErrors
from server import worker
from tests.world import World, make_world, token_of

SOON = 1.0


@pytest.fixture
async def callers(database: str) -> AsyncIterator[Callers]:  # noqa: ARG001 - it looks there
    known = Callers()
    await known.start()
    yield known
    await known.stop()


@pytest.fixture
async def sam(world: World) -> StaffUser:
    return await people.create(world.tenant.id, "sam@harbour.test", "Sam", StaffRole.OPERATOR)


async def token_for(user: StaffUser, hours: float = 1) -> str:
    return (await staff.issue_token(user.tenant_id, user.id, hours=hours)).value


async def gone(known: Callers, token: str) -> float:
    """Wait until a token speaks for nobody; how long it took."""
    began = time.perf_counter()
    while await known.caller_of(token) is not None:
        await asyncio.sleep(0.01)
        assert time.perf_counter() - began < 5
    return time.perf_counter() - began


# --- people --------------------------------------------------------------------------------------


async def test_a_person_is_known_by_their_e_mail_in_one_spelling(world: World) -> None:
    made = await people.create(
        world.tenant.id, " Ada@Harbour.Test ", "Ada", StaffRole.ADMINISTRATOR
    )

    assert made.email == "ada@harbour.test"
    assert made.active
    assert made.password_hash is None
    assert (await staff.find(world.tenant.id, "ADA@harbour.test")).id == made.id
    lead = await Identity.get(value="ada@harbour.test", kind=IdentityKind.STAFF)
    assert (lead.tenant_id, lead.row_id) == (world.tenant.id, made.id)


async def test_an_e_mail_is_one_persons_in_the_whole_service(world: World, sam: StaffUser) -> None:
    elsewhere = await make_world("Elsewhere")
    for tenant_id in (world.tenant.id, elsewhere.tenant.id):
        with pytest.raises(UserErrors) as refusal:
            await people.create(tenant_id, "SAM@harbour.test", "Another", StaffRole.OPERATOR)

        [error] = refusal.value.errors
        assert (error.code, error.path) == (UserErrorCode.REFERENCE_TAKEN, ["email"])
    assert await staff.staff(elsewhere.tenant.id) == []
    assert await staff.staff(world.tenant.id) == [sam]


@pytest.mark.parametrize(
    ("email", "name", "told"),
    [
        ("", "Sam", [("REQUIRED", "email")]),
        ("sam", "Sam", [("INVALID", "email")]),
        ("sam@a@b", "Sam", [("INVALID", "email")]),
        ("sam smith@harbour.test", "Sam", [("INVALID", "email")]),
        ("sam\0@harbour.test", "Sam", [("INVALID", "email")]),
        ("s" * 243 + "@harbour.test", "Sam", [("TOO_LONG", "email")]),
        ("nobody", " ", [("INVALID", "email"), ("REQUIRED", "name")]),
    ],
)
async def test_what_is_no_e_mail_or_name_is_refused(
    world: World, email: str, name: str, told: list[tuple[str, str]]
) -> None:
    with pytest.raises(UserErrors) as refusal:
        await people.create(world.tenant.id, email, name, StaffRole.OPERATOR)

    assert [(one.code, ".".join(one.path)) for one in refusal.value.errors] == told
    assert await staff.staff(world.tenant.id) == []


async def test_another_tenants_person_is_not_found(sam: StaffUser) -> None:
    elsewhere = (await make_world("Elsewhere")).tenant.id
    for work in (
        staff.find(elsewhere, sam.email),
        people.switch_off(elsewhere, sam.id),
        staff.issue_token(elsewhere, sam.id),
        staff.revoke_all(elsewhere, sam.id),
    ):
        with pytest.raises(UserErrors) as refusal:
            await work

        assert [error.code for error in refusal.value.errors] == [UserErrorCode.NOT_FOUND]
    assert (await StaffUser.get(tenant_id=sam.tenant_id, id=sam.id)).active
    assert await StaffSession.all().count() == 0


async def test_who_was_there_before_is_known_by_their_e_mail(
    engine_url: str, tmp_path: Path
) -> None:
    before = tmp_path / "before"
    before.mkdir()
    for file in FOLDER.glob("000[12]_*.sql"):
        shutil.copy(file, before)
    await connect(engine_url)
    try:
        await migrate(before)
        # Not by the models: they know the columns of today.
        tenant_id, person_id, at = new_id(), new_id(), datetime.now(UTC)
        p = [dialect().placeholder(number) for number in range(4)]
        await execute(
            "insert into tenants (id, name, currency, time_zone, created_at)"
            f" values ({p[1]}, 'Harbour', 'AUD', 'Australia/Sydney', {p[2]})",
            *(tenant_id, at),
        )
        await execute(
            "insert into staff_users (tenant_id, id, email, name, role, created_at)"
            f" values ({p[1]}, {p[2]}, 'Office@harbour.test', 'Office', 'ADMINISTRATOR', {p[3]})",
            *(tenant_id, person_id, at),
        )
        await migrate()
        lead = await Identity.get(value="office@harbour.test", kind=IdentityKind.STAFF)
    finally:
        await disconnect()

    assert (lead.tenant_id, lead.row_id) == (tenant_id, person_id)


# --- tokens --------------------------------------------------------------------------------------


async def test_a_persons_token_speaks_for_them(callers: Callers, sam: StaffUser) -> None:
    caller = await callers.caller_of(await token_for(sam))

    assert caller is not None
    assert caller.reach == Reach.of_tenant(sam.tenant_id)
    assert (caller.staff_user_id, caller.staff_role) == (sam.id, StaffRole.OPERATOR)
    assert (caller.name, caller.tenant_name) == ("Sam", "Harbour 3PL")
    assert (caller.currency, caller.time_zone) == ("AUD", "Australia/Sydney")
    assert (caller.client_id, caller.credential_id) == (None, None)
    assert (caller.roles, caller.granted) == (frozenset(), ())
    assert not caller.sees_tenant_usage


async def test_one_lookup_tells_a_person_from_a_client(world: World, sam: StaffUser) -> None:
    """What a client's request costs is what it cost before there were people."""
    tokens = {"person": await token_for(sam), "client": await world.token()}
    counted = {}
    for who, token in tokens.items():
        asked: list[str] = []
        observers.append(asked.append)
        try:
            assert await load(token_hash(token) or "") is not None
        finally:
            observers.remove(asked.append)
        counted[who] = len(asked)

    assert counted == {"person": 2, "client": 3}


async def test_a_token_is_random_and_kept_as_its_hash_alone(sam: StaffUser) -> None:
    before = datetime.now(UTC)
    first = await staff.issue_token(sam.tenant_id, sam.id)
    second = await staff.issue_token(sam.tenant_id, sam.id)
    kept = ""
    for table in ("staff_sessions", "identities", "staff_users"):
        kept += str([tuple(row) for row in await rows(f"select * from {table}")])

    assert len(first.value) == 4 + 52
    assert first.value != second.value
    assert first.value not in repr(first)
    assert timedelta(hours=8) <= first.expires_at - before < timedelta(hours=8, seconds=5)
    for issued in (first, second):
        assert kept.count(token_hash(issued.value) or "none") == 2
        assert issued.value.removeprefix("dgt_") not in kept


@pytest.mark.parametrize("hours", [0, -1, 24.01, float("inf"), float("nan")])
async def test_a_token_works_for_a_day_at_most(sam: StaffUser, hours: float) -> None:
    with pytest.raises(UserErrors) as refusal:
        await staff.issue_token(sam.tenant_id, sam.id, hours=hours)

    [error] = refusal.value.errors
    assert (error.code, error.path) == (UserErrorCode.INVALID, ["hours"])
    assert await StaffSession.filter(tenant_id=sam.tenant_id).count() == 0


async def test_a_token_ends_with_its_hours_though_it_is_known(
    callers: Callers, sam: StaffUser
) -> None:
    token = await token_for(sam, hours=0.5 / 3600)
    assert await callers.caller_of(token) is not None
    await asyncio.sleep(0.55)

    assert await callers.caller_of(token) is None


async def test_expired_sessions_are_forgotten_with_what_leads_to_them(sam: StaffUser) -> None:
    await token_for(sam)
    await token_for(sam)
    of = {"tenant_id": sam.tenant_id}
    kept, old = await StaffSession.filter(**of).order_by("id")
    long_ago = datetime.now(UTC) - timedelta(days=2)
    await StaffSession.filter(**of, id=old.id).update(expires_at=long_ago)
    await worker.work_once()

    assert [one.id for one in await StaffSession.filter(**of)] == [kept.id]
    leads = await Identity.filter(**of, kind=IdentityKind.SESSION)
    assert [one.row_id for one in leads] == [kept.id]
    assert await Identity.filter(**of, kind=IdentityKind.STAFF).count() == 1


# --- out again -----------------------------------------------------------------------------------


async def test_a_deactivated_person_is_out_within_a_second(
    callers: Callers, sam: StaffUser
) -> None:
    token = await token_for(sam)
    assert await callers.caller_of(token) is not None
    await people.switch_off(sam.tenant_id, sam.id)

    assert await gone(callers, token) < SOON
    with pytest.raises(UserErrors) as refusal:
        await staff.issue_token(sam.tenant_id, sam.id)
    assert "deactivated" in refusal.value.errors[0].message


async def test_their_sessions_stay_ended_should_they_be_let_in_again(sam: StaffUser) -> None:
    token = await token_for(sam)
    await people.switch_off(sam.tenant_id, sam.id)
    await StaffUser.filter(tenant_id=sam.tenant_id, id=sam.id).update(active=True)

    assert await load(token_hash(token) or "") is None


async def test_who_is_switched_off_is_out_whatever_their_sessions_say(sam: StaffUser) -> None:
    token = await token_for(sam)
    await StaffUser.filter(tenant_id=sam.tenant_id, id=sam.id).update(active=False)

    assert await load(token_hash(token) or "") is None


async def test_a_session_taken_back_ends_within_a_second_and_no_other(
    callers: Callers, world: World, sam: StaffUser
) -> None:
    lost, kept = await token_for(sam), await token_for(sam)
    shop = await token_of(await world.client())
    for token in (lost, kept, shop):
        assert await callers.caller_of(token) is not None
    await staff.revoke(lost)
    await staff.revoke(shop)
    await staff.revoke("nonsense")

    assert await gone(callers, lost) < SOON
    assert await callers.caller_of(kept) is not None
    assert await callers.caller_of(shop) is not None


async def test_all_sessions_of_a_person_are_taken_back_at_once(
    callers: Callers, world: World, sam: StaffUser
) -> None:
    tokens = [await token_for(sam) for _ in range(2)]
    others = await world.staff_token()
    for token in (*tokens, others):
        assert await callers.caller_of(token) is not None

    assert await staff.revoke_all(sam.tenant_id, sam.id) == 2
    assert max([await gone(callers, token) for token in tokens]) < SOON
    assert await callers.caller_of(others) is not None
    assert await callers.caller_of(await token_for(sam)) is not None
    assert await staff.revoke_all(sam.tenant_id, sam.id) == 1


async def test_no_session_begins_while_a_person_is_shut_out(world: World) -> None:
    for number in range(5):
        email = f"{number}@harbour.test"
        user = await people.create(world.tenant.id, email, "Sam", StaffRole.OPERATOR)
        await asyncio.gather(
            *(staff.issue_token(user.tenant_id, user.id) for _ in range(3)),
            people.switch_off(user.tenant_id, user.id),
            *(staff.issue_token(user.tenant_id, user.id) for _ in range(3)),
            return_exceptions=True,
        )

    live = StaffSession.filter(tenant_id=world.tenant.id, revoked_at=None)
    assert await live.count() == 0


async def test_a_client_learns_nothing_of_a_persons_token(world: World, sam: StaffUser) -> None:
    shown = await world.client(ApiRole.WMS_VIEW_JOBS)
    holder = await credentials.sign_in(str(shown.client_id), shown.client_secret, None)
    token = await token_for(sam)
    await credentials.revoke(token, holder)

    assert await credentials.introspect(token, holder) is None
    assert await credentials.holder_of(token) is None
    assert await load(token_hash(token) or "") is not None


async def test_a_role_has_one_person_however_many_tokens(world: World) -> None:
    first, second = await world.staff_token(), await world.staff_token()
    other = await (await make_world("Elsewhere")).staff_token()

    assert len({first, second, other}) == 3
    assert len(await staff.staff(world.tenant.id)) == 1
