"""The audit log: one row with each change, for good, and as administrators read it."""

import re
from typing import Any

import httpx
import pytest

from models.audit import AuditEvent
from models.database import DatabaseFault, Dialect, dialect, execute, rows, transaction
from models.record import new_id
from models.words import ActorKind, ApiRole, AuditAction, AuditSubject, StaffRole
from models.writing import Changes
from resolvers import audit
from resolvers.audit import Actor, Subject
from tests.administering import administrator, command
from tests.asking import Shop, open_shop
from tests.world import World, make_world, token_of

EVENT = (
    "edges { node { at actor { kind id name } action subject { kind id name } before after"
    " address requestId } }"
)


async def noted(world: World) -> None:
    changes = Changes()
    before, after = audit.differing({"name": "Shop", "active": True}, {"name": "S", "active": True})
    audit.note(
        changes,
        Actor.host(world.tenant.id),
        AuditAction.UPDATED,
        Subject(AuditSubject.CUSTOMER, world.live.id, "Acme"),
        before=before,
        after=after,
    )
    async with transaction():
        await changes.flush()


async def test_a_change_is_told_with_what_it_changed(world: World) -> None:
    await noted(world)

    [_, event] = await AuditEvent.filter(
        tenant_id=world.tenant.id, subject_id=world.live.id
    ).order_by("at")
    assert (event.actor, event.action) == (ActorKind.HOST, AuditAction.UPDATED)
    assert (event.before, event.after) == ('{"name":"Shop"}', '{"name":"S"}')


@pytest.mark.parametrize(
    "sql", ["update audit_events set actor = 'STAFF'", "delete from audit_events"]
)
async def test_the_database_itself_refuses_to_change_it(world: World, sql: str) -> None:
    await noted(world)

    with pytest.raises(DatabaseFault):
        await execute(sql)

    assert await AuditEvent.filter(tenant_id=world.tenant.id, subject_id=world.live.id).count() == 2


# --- as administrators read it -------------------------------------------------------------------


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world)


async def log(shop: Shop, filter: str = "{}", more: str = "") -> list[Any]:
    """The changes that fit, newest first."""
    document = f"{{ auditLog(filter: {filter}{more}) {{ {EVENT} }} }}"
    answer = await shop.say(document, by=await administrator(shop))
    assert answer.calls == []
    return [one["node"] for one in answer.only["edges"]]


async def test_it_tells_who_did_what_from_where(shop: Shop, world: World) -> None:
    by = await administrator(shop)
    [me] = (await shop.say("{ viewer { staffUser { id name } } }", by=by)).only.values()
    key = str(world.live.id)
    changed = await command(shop, "updateCustomer", by=by, id=key, version=1, name="Acme Foods")
    [newest, oldest] = await log(shop, f'{{subject: {{eq: "{key}"}}}}')

    assert newest["actor"] == {"kind": "STAFF", "id": me["id"], "name": me["name"]}
    assert (newest["action"], newest["address"]) == ("UPDATED", "192.0.2.1")
    assert newest["requestId"] == changed.body["extensions"]["requestId"]
    assert newest["subject"] == {"kind": "CUSTOMER", "id": key, "name": "Acme Foods"}
    assert (newest["before"], newest["after"]) == (
        {"name": "Acme Pty Ltd"},
        {"name": "Acme Foods"},
    )
    assert oldest["actor"] == {"kind": "HOST", "id": None, "name": None}
    assert (oldest["before"], oldest["address"], oldest["requestId"]) == ({}, None, None)


async def test_it_is_looked_through_by_who_what_and_when(shop: Shop, world: World) -> None:
    shown = await world.client(ApiRole.ADD_CUSTOMER, name="CRM")
    made = await command(
        shop, "createCustomer", "customer { id }", by=await token_of(shown), code="N", name="N"
    )
    off = await command(shop, "deactivateCustomer", id=str(world.other.id))
    assert (made.told, off.told) == ([], [])
    [last] = await log(shop, "{action: DEACTIVATED}")
    client, person = str(shown.client_id), last["actor"]["id"]

    async def found(filter: str) -> set[tuple[str, str]]:
        return {(one["action"], one["subject"]["name"]) for one in await log(shop, filter)}

    theirs = {("CREATED", "N"), ("UPDATED", "CRM")}
    assert await found(f'{{client: {{eq: "{client}"}}}}') == theirs
    assert await found("{actor: CLIENT}") == theirs
    assert await found("{actor: CLIENT, subjectKind: CUSTOMER}") == {("CREATED", "N")}
    assert await found(f'{{staffUser: {{eq: "{person}"}}}}') == {("DEACTIVATED", "Zen Teas")}
    assert await found(f'{{at: {{from: "{last["at"]}"}}}}') == {("DEACTIVATED", "Zen Teas")}
    everything = await log(shop)
    before = await log(shop, f'{{at: {{before: "{last["at"]}"}}}}')
    assert before == everything[1:]
    assert [one["at"] for one in everything] == sorted(
        (one["at"] for one in everything), reverse=True
    )


async def test_it_is_paged_by_cursor_from_either_end(shop: Shop) -> None:
    whole = await log(shop)
    by, pages, after = await administrator(shop), [], None
    while after is not None or not pages:
        answer = await shop.say(
            "query($after: String) { auditLog(first: 3, after: $after) {"
            f" pageInfo {{ hasNextPage endCursor }} totalCount {EVENT} }} }}",
            by=by,
            after=after,
        )
        pages += [one["node"] for one in answer.only["edges"]]
        info = answer.only["pageInfo"]
        after = info["endCursor"] if info["hasNextPage"] else None
    oldest = await log(shop, more=", last: 2")

    assert pages == whole
    assert answer.only["totalCount"] == len(whole) > 6
    assert oldest == whole[-2:]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("column", ["staff_user_id", "client_id", "action", "actor", "subject"])
async def test_what_is_rare_is_found_by_an_index_in_its_order(column: str) -> None:
    """Of a million rows, none may be read that does not fit."""
    asked = "SELECT at FROM audit_events WHERE tenant_id = {0} AND {2} = {1} {3}"
    told = (column, "ORDER BY at DESC, id DESC LIMIT 50")
    if dialect() is Dialect.SQLITE:
        plan = await rows(f"EXPLAIN QUERY PLAN {asked.format('?', '?', *told)}", "t", "x")
    else:
        value = new_id() if column.endswith("_id") else "x"
        async with transaction():
            await execute("SET LOCAL enable_seqscan = off")
            await execute("SET LOCAL enable_bitmapscan = off")
            plan = await rows(f"EXPLAIN {asked.format('$1', '$2', *told)}", new_id(), value)
    index = {"staff_user_id": "staff_user", "client_id": "client", "subject": "kind"}

    shown = str([tuple(row) for row in plan])
    assert f"audit_events_{index.get(column, column)}" in shown
    assert not re.search("sort|b-tree", shown, re.IGNORECASE)


async def test_it_is_for_administrators_of_the_tenant_alone(shop: Shop, world: World) -> None:
    elsewhere = await make_world("Elsewhere")
    theirs = await elsewhere.staff_token(StaffRole.ADMINISTRATOR)
    await command(shop, "deactivateCustomer", id=str(world.live.id))
    document = f"{{ auditLog {{ {EVENT} }} }}"
    operator = await shop.say(document, by=await world.staff_token(StaffRole.OPERATOR))
    client = await shop.say(document)
    others = await shop.say(document, by=theirs)

    assert (operator.codes, client.codes) == (["FORBIDDEN"], ["FORBIDDEN"])
    told = {one["node"]["subject"]["id"] for one in others.only["edges"]}
    ours = {one["subject"]["id"] for one in await log(shop)}
    assert told
    assert told.isdisjoint(ours)


async def test_a_command_that_is_refused_or_only_tried_leaves_no_trace(shop: Shop) -> None:
    key = str(shop.world.live.id)
    await administrator(shop)
    before = await log(shop)
    await command(shop, "updateCustomer", id=key, version=7, name="Stale")
    await command(shop, "updateCustomer", id=key, version=1, name="Tried", validateOnly=True)
    await command(shop, "createStaffUser", email="nobody", name="N", role="OPERATOR")

    assert await log(shop) == before
