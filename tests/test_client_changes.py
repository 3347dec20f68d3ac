"""API clients: added, changed, let in and out by the operator's administrators."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from models.audit import AuditEvent
from models.clients import ApiClient, ApiClientCustomer
from models.tenants import Customer
from models.usage import LedgerRow
from models.words import ActorKind, AuditAction, StaffRole
from resolvers import clients
from tests.office import Office, open_office
from tests.world import World, make_world, token_of

NOBODY = str(uuid4())


@pytest.fixture
async def office(http: httpx.AsyncClient, world: World) -> Office:
    return await open_office(http, world)


def later(days: int = 400) -> str:
    at = datetime.now(UTC) + timedelta(days=days)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


# --- adding --------------------------------------------------------------------------------------


async def test_a_new_client_is_inactive_and_told_as_it_was_asked_for(
    office: Office, world: World
) -> None:
    expires = later()
    made = await office.add(
        "Café & Söhne",
        roles=["WMS_CREATE_JOBS", "TMS_CREATE_JOBS", "ADD_CUSTOMER"],
        customers=[str(world.other.id), str(world.live.id), str(world.other.id)],
        seesTenantUsage=True,
        expiresAt=expires,
        addresses=["203.0.113.7", "2001:DB8::/32", "203.0.113.7/32", "::ffff:198.51.100.0/120"],
    )

    assert made == await office.look_at(made["id"])
    assert made["customers"] == [
        {"id": str(one.id), "code": one.code, "name": one.name, "sandbox": False}
        for one in (world.live, world.other)
    ]
    assert made["warehouses"] == [{"id": str(world.warehouse.id), "code": "SYD", "name": "Sydney"}]
    told = ("name", "active", "roles", "allCustomers", "seesTenantUsage", "expiresAt", "version")
    assert [made[name] for name in told] == [
        "Café & Söhne",
        False,
        ["ADD_CUSTOMER", "TMS_CREATE_JOBS", "WMS_CREATE_JOBS"],
        False,
        True,
        expires,
        1,
    ]
    assert made["addresses"] == ["203.0.113.7/32", "2001:db8::/32", "198.51.100.0/24"]
    assert (made["credentials"], made["lastUsedAt"], made["callsThisWeek"]) == ([], None, 0)


async def test_what_is_not_said_is_not_given(office: Office) -> None:
    """An empty list means none; all only by its flag."""
    made = (await office.do("createApiClient", name="Bare")).only["apiClient"]

    assert [made[name] for name in ("roles", "customers", "warehouses", "addresses")] == [[]] * 4
    assert [made[name] for name in ("allCustomers", "allWarehouses", "seesTenantUsage")] == [
        False
    ] * 3


async def test_all_faults_are_told_together(office: Office, world: World) -> None:
    elsewhere = await make_world("Elsewhere")
    answer = await office.do(
        "createApiClient",
        name="  ",
        roles=["API_FULL_ACCESS"],
        customers=[str(world.live.id), NOBODY, str(world.sandbox.id), str(elsewhere.live.id)],
        warehouses=[str(elsewhere.warehouse.id)],
        allWarehouses=True,
        expiresAt="2020-01-01T00:00:00Z",
        addresses=["203.0.113.0/24", "nowhere", "10.0.0.5/24", "fe80::1%eth0"],
    )

    assert sorted(answer.told) == sorted(
        [
            ("REQUIRED", "input.name"),
            ("NOT_FOUND", "input.customers.1"),
            ("NOT_FOUND", "input.customers.3"),
            ("INVALID", "input.customers"),
            ("NOT_FOUND", "input.warehouses.0"),
            ("INVALID", "input.warehouses"),
            ("INVALID", "input.expiresAt"),
            ("INVALID", "input.addresses.1"),
            ("INVALID", "input.addresses.2"),
            ("INVALID", "input.addresses.3"),
            ("REQUIRED", "input.acknowledgeFullAccess"),
        ]
    )
    [meant] = [one["suggestions"] for one in answer.faults if one["path"][-1] == "2"]
    assert meant == ["10.0.0.0/24", "10.0.0.5/32"]
    assert answer.only["apiClient"] is None
    assert await ApiClient.filter(tenant_id=world.tenant.id).count() == 0


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"name": "x" * 201}, "TOO_LONG", "input.name"),
        ({"addresses": ["192.0.2.1"] * 101}, "TOO_MANY", "input.addresses"),
        ({"customers": [NOBODY] * 1001}, "TOO_MANY", "input.customers"),
    ],
)
async def test_inputs_are_bounded(
    office: Office, given: dict[str, Any], code: str, path: str
) -> None:
    answer = await office.do("createApiClient", **{"name": "x", **given})

    assert (code, path) in answer.told


@pytest.mark.parametrize("reach", [{"customers": True}, {"allCustomers": True}])
async def test_full_access_to_customers_goods_is_acknowledged(
    office: Office, world: World, reach: dict[str, bool]
) -> None:
    given: dict[str, Any] = dict(reach)
    if "customers" in reach:
        given["customers"] = [str(world.live.id)]
    full = {"name": "Full", "roles": ["API_FULL_ACCESS"], **given}
    for said in ({}, {"acknowledgeFullAccess": False}):
        refused = await office.do("createApiClient", **full, **said)
        assert refused.told == [("REQUIRED", "input.acknowledgeFullAccess")]
        assert "acknowledgeFullAccess: true" in refused.faults[0]["message"]
    assert await ApiClient.filter(tenant_id=world.tenant.id).count() == 0

    made = await office.do("createApiClient", **full, acknowledgeFullAccess=True)
    assert made.faults == []
    assert "FULL_ACCESS_FOR_CUSTOMER" in made.only["apiClient"]["warnings"]


async def test_full_access_to_no_customer_needs_no_word(office: Office) -> None:
    made = await office.do("createApiClient", name="Own", roles=["API_FULL_ACCESS"])

    assert made.faults == []
    assert "FULL_ACCESS_FOR_CUSTOMER" not in made.only["apiClient"]["warnings"]


# --- changing ------------------------------------------------------------------------------------


async def test_an_update_sets_what_it_names_and_nothing_else(office: Office, world: World) -> None:
    made = await office.add(addresses=["192.0.2.0/24"], expiresAt=later())
    changed = await office.do(
        "updateApiClient",
        id=made["id"],
        version=1,
        name="Shop 2",
        roles=["WMS_VIEW_JOBS"],
        customers=[str(world.other.id)],
        allWarehouses=True,
        warehouses=[],
        expiresAt=None,
    )

    assert changed.faults == []
    kept = {"addresses", "id", "createdAt", "seesTenantUsage", "active", "credentials"}
    now = changed.only["apiClient"]
    assert now == await office.look_at(made["id"])
    assert {name: now[name] for name in kept} == {name: made[name] for name in kept}
    assert [one["code"] for one in now["customers"]] == ["ZEN"]
    assert (now["name"], now["roles"], now["warehouses"]) == ("Shop 2", ["WMS_VIEW_JOBS"], [])
    assert (now["allWarehouses"], now["expiresAt"], now["version"]) == (True, None, 2)
    assert now["modifiedAt"] > made["modifiedAt"]


async def test_a_stale_version_is_told_what_changed(office: Office) -> None:
    made = await office.add()
    await office.do("updateApiClient", id=made["id"], version=1, roles=["WMS_VIEW_STOCK"])
    await office.do("activateApiClient", id=made["id"])
    stale = await office.do(
        "updateApiClient", id=made["id"], version=1, roles=["TMS_VIEW_JOBS"], name="Mine"
    )

    [fault] = stale.faults
    assert (fault["code"], fault["path"]) == ("STALE_VERSION", ["input", "version"])
    assert {tuple(one["path"]): (one["stored"], one["given"]) for one in fault["differences"]} == {
        ("input", "roles"): ('["WMS_VIEW_STOCK"]', '["TMS_VIEW_JOBS"]'),
        ("input", "active"): ("true", None),
    }
    assert (await office.look_at(made["id"]))["name"] == "Web shop"


async def test_of_two_updates_at_once_one_is_stale(office: Office) -> None:
    made = await office.add()
    answers = await asyncio.gather(
        *(
            office.do("updateApiClient", id=made["id"], version=1, name=name)
            for name in ("One", "Two")
        )
    )

    assert sorted(answer.told for answer in answers) == [[], [("STALE_VERSION", "input.version")]]
    assert (await office.look_at(made["id"]))["version"] == 2
    assert len(await office.audited(made["id"])) == 2


async def test_an_update_that_changes_nothing_is_told_as_done(office: Office) -> None:
    made = await office.add()
    again = await office.do(
        "updateApiClient", id=made["id"], version=1, name=made["name"], roles=made["roles"]
    )

    assert (again.faults, again.only["replayed"]) == ([], True)
    assert (await office.look_at(made["id"]))["version"] == 1
    assert len(await office.audited(made["id"])) == 1


async def test_full_access_is_acknowledged_whenever_more_is_opened(
    office: Office, world: World
) -> None:
    """The role later, the customers later, more customers later; not for a new name, nor less."""
    made = await office.add(roles=["API_FULL_ACCESS"], customers=[])
    live, other = str(world.live.id), str(world.other.id)
    refused = ("REQUIRED", "input.acknowledgeFullAccess")

    async def change(version: int, **given: Any) -> list[tuple[str, str]]:
        answer = await office.do("updateApiClient", id=made["id"], version=version, **given)
        return answer.told

    assert await change(1, customers=[live]) == [refused]
    assert await change(1, allCustomers=True) == [refused]
    assert await change(1, customers=[live], acknowledgeFullAccess=True) == []
    assert await change(2, name="Other") == []
    assert await change(3, customers=[live, other]) == [refused]
    assert await change(3, customers=[live, other], acknowledgeFullAccess=True) == []
    assert await change(4, customers=[other]) == []
    assert await change(5, roles=["WMS_VIEW_JOBS"]) == []
    assert await change(6, roles=["API_FULL_ACCESS"]) == [refused]


async def test_a_client_is_never_of_sandbox_and_live_customers(
    office: Office, world: World
) -> None:
    made = await office.add(customers=[str(world.sandbox.id)])
    mixed = await office.do(
        "updateApiClient",
        id=made["id"],
        version=1,
        customers=[str(world.sandbox.id), str(world.live.id)],
    )
    all_of_them = await office.do("updateApiClient", id=made["id"], version=1, allCustomers=True)

    assert mixed.told == [("INVALID", "input.customers")]
    assert {path for _, path in all_of_them.told} == {"input.customers"}
    held = await ApiClientCustomer.filter(tenant_id=world.tenant.id)
    assert [one.customer_id for one in held] == [world.sandbox.id]


async def test_a_customer_that_is_over_stays_with_its_client(office: Office, world: World) -> None:
    made = await office.add()
    await Customer.filter(tenant_id=world.tenant.id, id=world.live.id).update(active=False)
    changed = await office.do("updateApiClient", id=made["id"], version=1, name="Renamed")

    assert changed.faults == []
    assert [one["code"] for one in changed.only["apiClient"]["customers"]] == ["ACME"]


async def test_an_expiry_that_passed_need_not_be_sent_again(office: Office, world: World) -> None:
    made = await office.add(expiresAt=later())
    past = datetime.now(UTC) - timedelta(days=1)
    await ApiClient.filter(tenant_id=world.tenant.id, id=made["id"]).update(expires_at=past)
    same = past.isoformat()
    renamed = await office.do(
        "updateApiClient", id=made["id"], version=1, name="Late", expiresAt=same
    )
    refused = await office.do(
        "updateApiClient", id=made["id"], version=2, expiresAt="2020-01-01T00:00:00Z"
    )

    assert renamed.faults == []
    assert refused.told == [("INVALID", "input.expiresAt")]


@pytest.mark.parametrize(
    "field",
    ["name", "roles", "customers", "warehouses", "allCustomers", "seesTenantUsage", "addresses"],
)
async def test_what_cannot_be_taken_away_is_not_null(office: Office, field: str) -> None:
    made = await office.add()
    answer = await office.do("updateApiClient", id=made["id"], version=1, **{field: None})

    assert (answer.codes, answer.places) == (["BAD_INPUT"], [f"input.{field}"])


# --- letting in and out --------------------------------------------------------------------------


async def test_a_client_is_let_in_and_out(office: Office) -> None:
    made = await office.add()
    on = await office.do("activateApiClient", id=made["id"])
    again = await office.do("activateApiClient", id=made["id"])
    off = await office.do("deactivateApiClient", id=made["id"])

    assert [one.only["apiClient"]["active"] for one in (on, again, off)] == [True, True, False]
    assert [one.only["replayed"] for one in (on, again, off)] == [False, True, False]
    assert [one.only["apiClient"]["version"] for one in (on, again, off)] == [2, 2, 3]


async def test_narrowing_holds_for_tokens_that_were_issued_before(
    office: Office, world: World
) -> None:
    shown = await world.client()
    token = await token_of(shown)
    asked = "{ viewer { roles customers { code } } }"
    assert (await office.say(asked, by=token)).only["customers"] == [{"code": "ACME"}]
    version = (await office.look_at(str(shown.client_id)))["version"]
    await office.do("updateApiClient", id=str(shown.client_id), version=version, customers=[])
    await asyncio.sleep(1.0)
    assert (await office.say(asked, by=token)).only["customers"] == []

    await office.do("deactivateApiClient", id=str(shown.client_id))
    await asyncio.sleep(1.0)
    assert (await office.say(asked, by=token)).status == 401


# --- what every command keeps --------------------------------------------------------------------


async def test_every_change_is_audited_with_what_differs(office: Office, world: World) -> None:
    made = await office.add(addresses=["192.0.2.7"])
    await office.do("updateApiClient", id=made["id"], version=1, name="Shop 2", customers=[])
    await office.do("activateApiClient", id=made["id"])
    await office.do("deactivateApiClient", id=made["id"])
    await office.do("updateApiClient", id=made["id"], version=9, name="Stale")

    told = await office.audited(made["id"])
    assert told == [
        (
            AuditAction.CREATED,
            {},
            {
                "name": "Web shop",
                "active": False,
                "roles": ["WMS_CREATE_JOBS"],
                "customers": [str(world.live.id)],
                "warehouses": [str(world.warehouse.id)],
                "allCustomers": False,
                "allWarehouses": False,
                "seesTenantUsage": False,
                "addresses": ["192.0.2.7/32"],
            },
        ),
        (
            AuditAction.UPDATED,
            {"name": "Web shop", "customers": [str(world.live.id)]},
            {"name": "Shop 2", "customers": []},
        ),
        (AuditAction.ACTIVATED, {"active": False}, {"active": True}),
        (AuditAction.DEACTIVATED, {"active": True}, {"active": False}),
    ]
    events = await AuditEvent.filter(tenant_id=world.tenant.id, subject_id=made["id"])
    assert {one.actor for one in events} == {ActorKind.STAFF}
    assert {one.address for one in events} == {"192.0.2.1"}
    assert all(one.request_id and one.staff_user_id for one in events)


async def test_the_host_is_audited_as_the_host(office: Office, world: World) -> None:
    made = await clients.create(world.tenant.id, "By hand", clients.Grant())
    await clients.update(world.tenant.id, made.id, name="By hand, again")
    [created, updated] = await AuditEvent.filter(
        tenant_id=world.tenant.id, subject_id=made.id
    ).order_by("at")

    assert {created.actor, updated.actor} == {ActorKind.HOST}
    assert (await office.look_at(str(made.id)))["name"] == "By hand, again"


async def test_trying_stores_nothing(office: Office, world: World) -> None:
    tried = await office.do("createApiClient", name="Tried", validateOnly=True)

    assert tried.faults == []
    assert tried.only["apiClient"]["name"] == "Tried"
    assert await ApiClient.filter(tenant_id=world.tenant.id).count() == 0
    assert await office.audited(tried.only["apiClient"]["id"]) == []


async def test_the_same_key_adds_one_client(office: Office, world: World) -> None:
    given = {"name": "Once", "idempotencyKey": "k-1"}
    first = await office.do("createApiClient", **given)
    again = await office.do("createApiClient", **given)
    other = await office.do("createApiClient", **given | {"name": "Twice"})

    assert again.only["apiClient"]["id"] == first.only["apiClient"]["id"]
    assert (first.only["replayed"], again.only["replayed"]) == (False, True)
    assert other.told == [("KEY_REUSED", "input.idempotencyKey")]
    assert await ApiClient.filter(tenant_id=world.tenant.id).count() == 1


async def test_administrators_are_not_charged(office: Office, world: World) -> None:
    made = await office.add()
    answers = [
        await office.do("activateApiClient", id=made["id"]),
        await office.say("{ apiClients { totalCount } }"),
    ]

    assert [one.calls for one in answers] == [[], []]
    assert await LedgerRow.filter(tenant_id=world.tenant.id).count() == 0


async def test_operators_may_not(office: Office, world: World) -> None:
    by = await world.staff_token(StaffRole.OPERATOR)
    answer = await office.do("createApiClient", by=by, name="Sly")

    assert answer.codes == ["FORBIDDEN"]
    assert await ApiClient.filter(tenant_id=world.tenant.id).count() == 0
