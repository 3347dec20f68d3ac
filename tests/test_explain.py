"""Explain: it says of every root field what the gate does, for whoever asks and for others."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from models.clients import ApiClient
from models.words import ApiRole, StaffRole
from resolvers import clients
from resolvers.clients import Grant
from schema import build
from schema.explain import doors_of
from tests.administering import administrator
from tests.asking import Shop, open_shop
from tests.matrix import IMPLIED, MUTATIONS, QUERIES, ROLES, STAFF
from tests.world import World, make_world, token_of

ACCESS = "field operation allowed billable reasons { code message roles staff }"
ROWS = {**QUERIES, **MUTATIONS}


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world)


async def access(shop: Shop, by: str) -> dict[str, Any]:
    """What somebody is told of each root field."""
    answer = await shop.say(f"{{ access {{ {ACCESS} }} }}", by=by)
    assert answer.calls == []
    return {one["field"]: one for one in answer.only}


def codes(told: Any) -> list[str]:
    return [one["code"] for one in told["reasons"]]


async def test_a_client_is_told_what_the_matrix_says(http: httpx.AsyncClient, world: World) -> None:
    """The matrix was written by hand; what is told is read off the schema."""
    shop = Shop(http, world, "")
    for role in (*ROLES, None):
        held = [ApiRole(role)] if role else []
        for flagged in (False, True):
            # Of sandbox customers, so that nothing but rights can be missing.
            by = await world.token(*held, customers=[world.sandbox.id], sees_tenant_usage=flagged)
            told = await access(shop, by)

            assert set(told) == set(ROWS)
            for name, row in ROWS.items():
                allowed = row.opens_to_client(role, flagged=flagged)
                assert told[name]["allowed"] is allowed, (name, role, flagged)
                assert (codes(told[name]) == []) is allowed
                assert told[name]["billable"] is row.billable
                kind = "MUTATION" if name in MUTATIONS else "QUERY"
                assert told[name]["operation"] == kind


@pytest.mark.parametrize("role", STAFF)
async def test_a_person_is_told_what_the_matrix_says(shop: Shop, role: str) -> None:
    told = await access(shop, await shop.world.staff_token(StaffRole(role)))

    for name, row in ROWS.items():
        assert told[name]["allowed"] is row.opens_to_staff(role), name
    if role == "OPERATOR":
        [reason] = told["createStaffUser"]["reasons"]
        assert (reason["code"], reason["staff"]) == ("MISSING_ROLE", ["ADMINISTRATOR"])


async def test_what_would_open_a_field_is_named(shop: Shop) -> None:
    told = await access(shop, await shop.world.token(ApiRole.WMS_ADD_PRODUCT))

    [reason] = told["upsertProducts"]["reasons"]
    assert (reason["code"], reason["roles"]) == ("MISSING_ROLE", ["WMS_EDIT_PRODUCT"])
    assert reason["message"] == "It needs the role WMS_EDIT_PRODUCT."
    assert codes(told["packOutboundOrder"]) == ["STAFF_ONLY"]
    assert codes(told["statement"]) == ["NOT_FLAGGED"]
    assert codes(told["products"]) == []
    assert codes(told["simulateProgress"]) == ["MISSING_ROLE", "SANDBOX_ONLY"]


async def test_whoever_reaches_nothing_is_told_so(shop: Shop) -> None:
    full = ApiRole.API_FULL_ACCESS
    nothing = await access(shop, await shop.world.token(full, customers=[], warehouses=[]))
    everything = await access(
        shop, await shop.world.token(full, all_customers=True, all_warehouses=True)
    )

    assert codes(nothing["outboundOrders"]) == ["NO_CUSTOMERS", "NO_WAREHOUSES"]
    assert codes(nothing["products"]) == ["NO_CUSTOMERS"]
    assert codes(nothing["warehouses"]) == ["NO_WAREHOUSES"]
    assert codes(nothing["createCustomer"]) == codes(nothing["viewer"]) == []
    assert codes(everything["outboundOrders"]) == []


def test_what_bounds_a_field_is_what_the_matrix_says() -> None:
    """Derived from the tables and inputs of each field; where clients may ask, it must fit."""
    bounds = {
        "customers": (True, False),
        "warehouses": (False, True),
        "both": (True, True),
        "tenant": (False, False),
        "itself": (False, False),
        "its own runs": (False, False),
        "as the type": (False, False),
    }
    derived = {one.field: (one.by_customer, one.by_warehouse) for one in doors_of(build()._schema)}
    expected = {name: bounds[row.reach] for name, row in ROWS.items() if row.roles}
    # Jobs stand in warehouses, too.
    expected["simulateProgress"] = (True, True)

    assert {name: derived[name] for name in expected} == expected


async def test_roles_are_told_as_a_form_shows_them(shop: Shop) -> None:
    answer = await shop.say("{ apiRoles { role label meaning implies warning fields } }")
    told = {one["role"]: one for one in answer.only}

    assert list(told) == ROLES
    labels = ["API Full Access", "WMS Create Jobs", "TMS Create Jobs"]
    assert {one["label"] for one in told.values()} >= set(labels)
    for role, one in told.items():
        implied = [each for each in IMPLIED.get(role, []) if each != role]
        assert sorted(one["implies"]) == sorted(implied)
        expected = {
            name for name, row in ROWS.items() if row.opens_to_client(role) and not row.any_caller
        }
        assert set(one["fields"]) == expected, role
        assert one["meaning"]
    assert "Never for a client that is given to a customer" in told["API_FULL_ACCESS"]["warning"]
    assert told["WMS_CREATE_JOBS"]["warning"] is None
    assert answer.calls == []


async def explained(shop: Shop, client: Any) -> Any:
    """What an administrator is told of a client."""
    return await shop.say(
        f"query($id: ID!) {{ clientAccess(client: $id) {{ id name letIn reasons {{ code }}"
        f" fields {{ {ACCESS} }} }} }}",
        by=await administrator(shop),
        id=str(client),
    )


async def test_another_client_is_explained_as_it_would_be_told_itself(shop: Shop) -> None:
    shown = await shop.world.client(ApiRole.TMS_VIEW_JOBS, name="Carrier", warehouses=[])
    itself = await access(shop, await token_of(shown))
    answer = await explained(shop, shown.client_id)

    assert {one["field"]: one for one in answer.only["fields"]} == itself
    assert (answer.only["name"], answer.only["letIn"], answer.only["reasons"]) == (
        "Carrier",
        True,
        [],
    )


async def test_why_a_client_is_not_let_in_is_told_whole(shop: Shop) -> None:
    made = await clients.create(shop.world.tenant.id, "New", Grant(roles=[ApiRole.WMS_VIEW_JOBS]))
    gone = datetime.now(UTC) - timedelta(days=1)
    whose = {"tenant_id": shop.world.tenant.id, "id": made.id}
    await ApiClient.filter(**whose).update(expires_at=gone)
    answer = await explained(shop, made.id)
    fields = {one["field"]: one for one in answer.only["fields"]}

    assert answer.only["letIn"] is False
    assert codes(answer.only) == ["INACTIVE", "EXPIRED", "NO_CREDENTIALS"]
    assert codes(fields["outboundOrders"]) == ["NO_CUSTOMERS", "NO_WAREHOUSES"]


async def test_another_tenants_client_is_not_there(shop: Shop) -> None:
    theirs = await (await make_world("Elsewhere")).client()
    assert (await explained(shop, theirs.client_id)).only is None
    wrong = await shop.say('{ clientAccess(client: "me") { name } }', by=await administrator(shop))

    assert wrong.codes == ["BAD_INPUT"]
