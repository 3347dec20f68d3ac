"""API clients as administrators look at them: found, read, and what is amiss with them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from models.clients import ApiClient, Credential
from models.database import observers
from models.periods import Period
from models.usage import LedgerRow
from models.words import ApiRole
from resolvers import clients, credentials, rollups
from resolvers.credentials import Shown
from tests.asking import Answer
from tests.office import CLIENT, YES, Office, open_office
from tests.world import World, make_world, token_of

NOW = datetime.now(UTC)


@pytest.fixture
async def office(http: httpx.AsyncClient, world: World) -> Office:
    return await open_office(http, world)


async def put(office: Office, client_id: str | UUID, **columns: Any) -> None:
    """Have a client's row hold something."""
    whose = ApiClient.filter(tenant_id=office.world.tenant.id, id=client_id)
    assert await whose.update(**columns) == 1


async def put_secret(office: Office, client_id: str, *, current: bool, **columns: Any) -> None:
    """The same for its current secret, or the retiring one."""
    held = Credential.filter(tenant_id=office.world.tenant.id, client_id=client_id)
    [one] = [one for one in await held if (one.retires_at is None) is current]
    assert await held.filter(id=one.id).update(**columns) == 1


# --- reading -------------------------------------------------------------------------------------


async def test_a_client_is_read_by_its_id(office: Office, world: World) -> None:
    made = await office.add(customers=[str(world.live.id), str(world.other.id)])

    assert await office.look_at(made["id"]) == made
    assert [one["code"] for one in made["customers"]] == ["ACME", "ZEN"]
    assert await office.look_at(str(uuid4())) is None
    wrong = await office.say('{ apiClient(id: "x") { id } }')
    assert (wrong.codes, wrong.places) == (["BAD_INPUT"], ["id"])


async def test_what_it_did_last_is_told_of_it_and_of_its_secret(office: Office) -> None:
    made = await office.add()
    await office.secret(made["id"])
    used: dict[str, Any] = {"last_used_at": NOW, "last_used_address": "192.0.2.9"}
    await put(office, made["id"], last_used_operation="createOutboundOrder", **used)
    await put_secret(office, made["id"], current=True, last_used_operation="PlaceAnOrder", **used)

    told = await office.look_at(made["id"])
    [secret] = told["credentials"]
    at = NOW.isoformat(timespec="microseconds").replace("+00:00", "Z")
    for one, what in ((told, "createOutboundOrder"), (secret, "PlaceAnOrder")):
        assert one["lastUsedAt"] == at
        assert (one["lastUsedAddress"], one["lastUsedOperation"]) == ("192.0.2.9", what)


async def test_calls_of_this_week_are_counted_client_by_client(
    office: Office, world: World
) -> None:
    busy, quiet = await world.client(ApiRole.WMS_VIEW_JOBS), await world.client(name="Quiet")
    token = await token_of(busy)
    for _ in range(3):
        await office.say("{ outboundOrders { totalCount } }", by=token)
    assert await LedgerRow.filter(tenant_id=world.tenant.id).count() == 3
    [row, *_] = await LedgerRow.filter(tenant_id=world.tenant.id)
    week = Period.at(NOW - timedelta(days=7), world.tenant.time_zone).week
    await LedgerRow.filter(tenant_id=world.tenant.id, id=row.id).update(week=week)

    async def counted(shown: Shown) -> int:
        return int((await office.look_at(str(shown.client_id)))["callsThisWeek"])

    assert [await counted(one) for one in (busy, quiet)] == [2, 0]
    await LedgerRow.filter(tenant_id=world.tenant.id).update(at=NOW - timedelta(minutes=5))
    assert await rollups.settle(world.tenant) == 3
    assert await counted(busy) == 2
    await office.say("{ outboundOrders { totalCount } }", by=token)
    assert [await counted(one) for one in (busy, quiet)] == [3, 0]


# --- what is amiss -------------------------------------------------------------------------------


async def warnings(office: Office, client_id: str) -> list[str]:
    return list((await office.look_at(client_id))["warnings"])


async def test_nothing_is_amiss_with_a_client_that_is_used(office: Office) -> None:
    made = await office.add()
    assert made["warnings"] == ["NO_CREDENTIALS"]
    await office.secret(made["id"])
    assert await warnings(office, made["id"]) == ["NEVER_USED"]
    await put(office, made["id"], last_used_at=NOW)

    assert await warnings(office, made["id"]) == []


async def test_an_end_is_announced_thirty_days_before(office: Office) -> None:
    made = await office.add()
    told = {}
    for days in (31, 29, -1):
        await put(office, made["id"], expires_at=datetime.now(UTC) + timedelta(days=days))
        told[days] = [one for one in await warnings(office, made["id"]) if "EXPIRE" in one]

    assert told == {31: [], 29: ["EXPIRES_SOON"], -1: ["EXPIRED"]}


async def test_an_old_secret_is_watched_until_it_ends(office: Office) -> None:
    made = await office.add()
    await office.secret(made["id"])
    await put(office, made["id"], last_used_at=NOW)
    await office.do("regenerateCredentials", id=made["id"], overlapDays="30")
    long_ago, soon = NOW - timedelta(days=1), datetime.now(UTC) + timedelta(days=6)

    assert await warnings(office, made["id"]) == []
    await put_secret(office, made["id"], current=False, last_used_at=long_ago)
    assert await warnings(office, made["id"]) == []
    current, _ = (await office.look_at(made["id"]))["credentials"]
    just_before = datetime.fromisoformat(current["createdAt"]) - timedelta(milliseconds=1)
    await put_secret(office, made["id"], current=False, last_used_at=just_before)
    assert await warnings(office, made["id"]) == []
    await put_secret(office, made["id"], current=False, last_used_at=datetime.now(UTC))
    assert await warnings(office, made["id"]) == ["OLD_SECRET_IN_USE"]
    await put_secret(office, made["id"], current=False, retires_at=soon)
    assert await warnings(office, made["id"]) == ["OLD_SECRET_IN_USE", "SECRET_RETIRES_SOON"]
    await put_secret(office, made["id"], current=False, retires_at=long_ago)
    assert await warnings(office, made["id"]) == []


@pytest.mark.parametrize(
    ("roles", "missing", "nothing"),
    [
        ([], "", True),
        (["WMS_CREATE_JOBS"], "", False),
        (["WMS_CREATE_JOBS"], "customers", True),
        (["WMS_CREATE_JOBS"], "warehouses", True),
        (["WMS_ADD_PRODUCT"], "warehouses", False),
        (["WMS_ADD_PRODUCT"], "customers", True),
        (["ADD_CUSTOMER"], "customers", False),
    ],
)
async def test_a_client_that_reaches_nothing_is_told(
    office: Office, roles: list[str], missing: str, nothing: bool
) -> None:
    made = await office.add(roles=roles, **({missing: []} if missing else {}))

    assert ("REACHES_NOTHING" in made["warnings"]) is nothing


# --- finding -------------------------------------------------------------------------------------


@pytest.fixture
async def several(office: Office, world: World) -> dict[str, str]:
    """Clients of all kinds: their ids by name."""
    live, other = str(world.live.id), str(world.other.id)
    far = str(world.far_warehouse.id)
    made = [
        await office.add("Acme shop"),
        await office.add("Beta 100%", customers=[other], warehouses=[far], expiresAt=_days(10)),
        await office.add("acme carrier", roles=["TMS_VIEW_JOBS"], customers=[live, other]),
        await office.add("Everything", customers=[], allCustomers=True, expiresAt=_days(50)),
        await office.add("Trials", customers=[str(world.sandbox.id)], warehouses=[]),
    ]
    ids = {one["name"]: one["id"] for one in made}
    await put(office, ids["Trials"], legacy=True, legacy_identifier="OLD-ACME")
    await office.do("activateApiClient", id=ids["Acme shop"])
    return ids


def _days(days: int) -> str:
    return (NOW + timedelta(days=days)).isoformat()


async def test_clients_are_found(office: Office, world: World, several: dict[str, str]) -> None:
    live, other = (f'{{eq: "{one.id}"}}' for one in (world.live, world.other))
    far = f'{{eq: "{world.far_warehouse.id}"}}'
    beta = several["Beta 100%"]
    expected: dict[str, Sequence[str]] = {
        '{search: "ACME"}': ["Acme shop", "Trials", "acme carrier"],
        '{search: " acme "}': ["Acme shop", "Trials", "acme carrier"],
        '{search: "0%"}': ["Beta 100%"],
        '{search: "_"}': [],
        f'{{search: "{beta}"}}': ["Beta 100%"],
        f'{{search: "{beta.upper()}"}}': ["Beta 100%"],
        f'{{search: "{beta[:13]}"}}': [],
        f"{{customer: {live}}}": ["Acme shop", "acme carrier"],
        f"{{customer: {other}}}": ["Beta 100%", "acme carrier"],
        f"{{not: {{customer: {live}}}}}": ["Beta 100%", "Everything", "Trials"],
        f"{{or: [{{customer: {live}}}, {{allCustomers: true}}]}}": [
            *("Acme shop", "Everything", "acme carrier")
        ],
        "{customer: {}}": ["Acme shop", "Beta 100%", "Everything", "Trials", "acme carrier"],
        f"{{warehouse: {far}}}": ["Beta 100%"],
        "{role: {eq: TMS_VIEW_JOBS}}": ["acme carrier"],
        f"{{role: {{in: [WMS_CREATE_JOBS, TMS_VIEW_JOBS]}}, customer: {other}}}": [
            *("Beta 100%", "acme carrier")
        ],
        "{active: true}": ["Acme shop"],
        "{legacy: true}": ["Trials"],
        f'{{expiresAt: {{before: "{_days(30)}"}}}}': ["Beta 100%"],
    }

    assert {asked: await office.listed(asked) for asked in expected} == expected


async def test_clients_are_ordered(office: Office, several: dict[str, str]) -> None:
    await put(office, several["Beta 100%"], last_used_at=NOW + timedelta(days=1))
    added = list(several)

    async def by(field: str, direction: str) -> list[str]:
        return await office.listed("{}", f", orderBy: {{field: {field}, direction: {direction}}}")

    assert await by("NAME", "DESC") == sorted(several, reverse=True)
    assert await by("CREATED_AT", "ASC") == added
    used = [*(name for name in added if name != "Beta 100%"), "Beta 100%"]
    assert await by("LAST_USED_AT", "ASC") == used
    assert await by("LAST_USED_AT", "DESC") == used[::-1]


@pytest.mark.parametrize("field", ["NAME", "CREATED_AT", "LAST_USED_AT"])
async def test_pages_hold_every_client_once_and_as_it_is_read_alone(
    office: Office, several: dict[str, str], field: str
) -> None:
    seen, after, pages = [], None, 0
    while pages == 0 or after:
        found = await page(office, first=2, after=after, orderBy={"field": field})
        seen += [edge["node"] for edge in found.only["edges"]]
        info = found.only["pageInfo"]
        assert found.only["totalCount"] == 5
        after, pages = info["endCursor"] if info["hasNextPage"] else None, pages + 1
    back = await page(office, last=2, orderBy={"field": field})

    assert pages == 3
    assert {one["id"] for one in seen} == set(several.values())
    assert seen == [await office.look_at(one["id"]) for one in seen]
    assert [edge["node"] for edge in back.only["edges"]] == seen[-2:]
    assert back.only["pageInfo"]["hasPreviousPage"]


async def test_a_cursor_is_of_one_list(office: Office, several: dict[str, str]) -> None:
    found = await page(office, first=1)
    after = found.only["pageInfo"]["endCursor"]
    refused = await page(office, first=1, after=after, filter={"search": "acme"})

    assert several
    assert (refused.codes, refused.places) == (["BAD_INPUT"], ["after"])


async def test_parts_of_a_connection_are_told_alone(
    office: Office, several: dict[str, str]
) -> None:
    asked = "{ apiClients { __typename totalCount } a: apiClients { edges { cursor } } b: "
    asked += "apiClients(first: 1) { edges { __typename node { __typename x: name name } again: "
    asked += "node { id } } pageInfo { hasNextPage startCursor } } }"
    answer = await office.say(asked)

    assert answer.data["apiClients"] == {"__typename": "ApiClientConnection", "totalCount": 5}
    assert len({edge["cursor"] for edge in answer.data["a"]["edges"]}) == 5
    [edge] = answer.data["b"]["edges"]
    assert edge["node"] == {"__typename": "ApiClient", "x": "Acme shop", "name": "Acme shop"}
    assert edge["again"] == {"id": several["Acme shop"]}
    first, *_ = [edge["cursor"] for edge in answer.data["a"]["edges"]]
    assert answer.data["b"]["pageInfo"] == {"hasNextPage": True, "startCursor": first}
    rest = await office.listed("{}", f', after: "{first}"')
    assert rest == [name for name in sorted(several) if name != "Acme shop"]


async def page(office: Office, **variables: Any) -> Answer:
    return await office.say(
        "query($first: Int, $after: String, $last: Int, $filter: ApiClientFilter,"
        " $orderBy: ApiClientSort) { apiClients(first: $first, after: $after, last: $last,"
        " filter: $filter, orderBy: $orderBy) { totalCount edges { cursor node "
        + CLIENT
        + " } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }",
        **{"first": None, **variables},
    )


# --- its price -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "most"),
    [("name active lastUsedAt", 1), ("roles name", 2), ("callsThisWeek", 2), (None, 4)],
)
async def test_a_page_takes_as_many_statements_however_many_clients_it_holds(
    office: Office, several: dict[str, str], wanted: str | None, most: int
) -> None:
    document = (
        f"{{ apiClients {{ edges {{ node {CLIENT if not wanted else f'{{ {wanted} }}'} }} }} }}"
    )
    await office.say(document)
    said: list[str] = []
    observers.append(said.append)
    try:
        answer = await office.say(document)
    finally:
        observers.remove(said.append)

    assert len(answer.only["edges"]) == len(several)
    tables = ("api_client", "credentials", "ledger")
    assert len([sql for sql in said if any(table in sql for table in tables)]) == most


async def test_clients_of_another_operator_are_not_there(
    office: Office, world: World, several: dict[str, str]
) -> None:
    elsewhere = await make_world("Elsewhere")
    theirs = await clients.create(elsewhere.tenant.id, "Acme of others", clients.Grant())
    await credentials.generate(elsewhere.tenant.id, theirs.id)
    key = str(theirs.id)

    assert await office.look_at(key) is None
    assert "Acme of others" not in await office.listed('{search: "acme"}')
    assert await office.listed(f'{{search: "{key}"}}') == []
    before = await ApiClient.filter(tenant_id=elsewhere.tenant.id).values()
    nobody = str(uuid4())
    for field, given in {
        "updateApiClient": {"version": 1, "name": "Mine"},
        "activateApiClient": {},
        "deactivateApiClient": {},
        "generateCredentials": YES,
        "regenerateCredentials": {},
        "cancelRegeneration": {},
        "revokeCredentials": {},
    }.items():
        asked, unknown = [[(await office.do(field, id=one, **given)).only] for one in (key, nobody)]
        assert [fault["code"] for fault in asked[0]["userErrors"]] == ["NOT_FOUND"], field
        assert str(asked).replace(key, nobody) == str(unknown)
    assert await ApiClient.filter(tenant_id=elsewhere.tenant.id).values() == before
    assert await Credential.filter(tenant_id=elsewhere.tenant.id, retires_at=None).count() == 1
    assert several
    assert world.tenant.id != elsewhere.tenant.id
