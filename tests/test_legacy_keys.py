"""Keys from before there were clients: imported once, and shown as they always were."""

import asyncio
import base64
import contextlib
import hashlib
import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest
from argon2 import PasswordHasher
from structlog.testing import capture_logs

from models.audit import AuditEvent
from models.clients import ApiClient, Credential
from models.database import observers, rows
from models.epochs import bump
from models.tenants import Identity
from models.usage import LedgerRow
from models.words import ApiRole, AuditAction, IdentityKind
from resolvers import callers as callers_module
from resolvers import clients, credentials, key_hashes, key_import, legacy_keys
from resolvers.callers import Callers
from resolvers.clients import Grant
from resolvers.errors import UserErrors
from resolvers.hashing import Line, Sources
from resolvers.legacy_keys import ShownKey
from server import log
from tests.test_cli import Dockgate
from tests.world import World, make_world

KEY = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
HEADER = "identifier,key,hash,tenant,name,roles,customers,warehouses"
VIEWER = {"query": "{ viewer { client { name } roles customers { code } warehouses { code } } }"}
SOON = 0.2
"""By when a change is seen here; `test_within_a_second` measures it as it is."""

ORDERS = {"query": "query Poll { outboundOrders { edges { node { id } } } }"}


@pytest.fixture(autouse=True)
def _quick_and_no_failures_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legacy_keys, "sources", Sources())
    monkeypatch.setattr(legacy_keys, "SECONDS_TO_REFUSE", 0.01)
    monkeypatch.setattr(callers_module, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(log, "set_up", lambda _: None)


@pytest.fixture
async def callers(database: str):  # noqa: ARG001 - it looks there
    known = Callers()
    await known.start()
    yield known
    await known.stop()


def file_of(*lines: str) -> str:
    return "\n".join((HEADER, *lines)) + "\n"


def line(
    identifier: str = "acme-edi",
    key: str = KEY,
    hash: str = "",
    tenant: str = "Harbour 3PL",
    name: str = "Acme EDI",
    roles: str = "WMS_CREATE_JOBS",
    customers: str = "ACME",
    warehouses: str = "SYD",
) -> str:
    # Argon2's hashes have commas in them.
    return f'{identifier},{key},"{hash}",{tenant},{name},{roles},{customers},{warehouses}'


async def imported(*lines: str, **given: bool) -> list[key_import.Imported]:
    return list(await key_import.import_keys(file_of(*lines), **given))


def basic(identifier: str = "acme-edi", key: str = KEY) -> dict[str, str]:
    packed = base64.b64encode(f"{identifier}:{key}".encode()).decode()
    return {"Authorization": f"Basic {packed}"}


def django(key: str, rounds: int = 1_000) -> str:
    made = hashlib.pbkdf2_hmac("sha256", key.encode(), b"salt", rounds)
    return f"pbkdf2_sha256${rounds}$salt${base64.b64encode(made).decode()}"


def plain(key: str) -> str:
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def bcrypted(key: str) -> str:
    return bcrypt.hashpw(key.encode(), bcrypt.gensalt(4)).decode()


CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASHES = {
    "sha256": plain,
    "argon2": CHEAP.hash,
    "bcrypt 2b": bcrypted,
    "bcrypt 2y": lambda key: bcrypted(key).replace("$2b$", "$2y$", 1),
    "bcrypt 2a": lambda key: bcrypted(key).replace("$2b$", "$2a$", 1),
    "django": django,
}


async def ask(
    http: httpx.AsyncClient, headers: dict[str, str], body: Any = VIEWER, **given: Any
) -> httpx.Response:
    return await http.post("/graphql", json=body, headers=headers, **given)


# --- shown as they always were -------------------------------------------------------------------


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("headers", [basic(), {"X-Api-Key": KEY}], ids=["Basic", "X-Api-Key"])
async def test_a_key_works_as_it_always_did_with_no_token(
    http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    await imported(line())
    answer = await ask(http, headers)

    assert answer.status_code == 200
    assert answer.json()["data"]["viewer"] == {
        "client": {"name": "Acme EDI"},
        "roles": ["WMS_CREATE_JOBS"],
        "customers": [{"code": "ACME"}],
        "warehouses": [{"code": "SYD"}],
    }


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("kind", HASHES)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_key_of_which_only_a_hash_was_kept_works(
    http: httpx.AsyncClient, kind: str
) -> None:
    """A salted hash cannot be looked for: such a key needs the identifier beside it."""
    await imported(line(key="", hash=HASHES[kind](KEY)))

    assert (await ask(http, basic())).status_code == 200
    assert (await ask(http, basic(key=KEY + "x"))).status_code == 401
    by_key = await ask(http, {"X-Api-Key": KEY})
    assert by_key.status_code == (200 if kind == "sha256" else 401)


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_unknown_wrong_and_no_key_are_answered_the_same(http: httpx.AsyncClient) -> None:
    await imported(line(), line("salted", "", bcrypted("other"), name="Salted"))
    shown = [
        basic("nobody"),
        basic(key="wrong"),
        basic("salted", "wrong"),
        basic("salted"),
        basic("", KEY),
        basic(key=""),
        basic("a\0b"),
        basic("x" * 9_000),
        basic("ä", "ö"),
        {"X-Api-Key": "wrong"},
        {"X-Api-Key": ""},
    ]
    answers = [await ask(http, one) for one in shown]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    for one, answer in zip(shown, answers, strict=True):
        challenge = answer.headers["www-authenticate"]
        assert challenge == "Bearer" if "X-Api-Key" in one else challenge.startswith("Basic ")


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("shown", ["Basic !!", "Basic eA==", "Basic /zo6", "Basic", "Digest x"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_no_basic_is_refused(http: httpx.AsyncClient, shown: str) -> None:
    answer = await ask(http, {"Authorization": shown})

    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
        401,
        "UNAUTHENTICATED",
    )


async def test_a_key_is_no_secret_and_a_secret_no_key(
    http: httpx.AsyncClient, world: World
) -> None:
    [made] = await imported(line())
    shop = await world.client(ApiRole.WMS_VIEW_JOBS)
    grant = {"grant_type": "client_credentials"}
    for name in ("acme-edi", str(made.client_id)):
        answer = await http.post("/oauth/token", data=grant, headers=basic(name))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

    shown = basic(str(shop.client_id), shop.client_secret)
    assert (await ask(http, shown)).status_code == 401
    assert (await ask(http, {"X-Api-Key": shop.client_secret})).status_code == 401


async def test_a_key_counts_is_logged_and_its_last_use_is_told(
    http: httpx.AsyncClient, app: Any, world: World
) -> None:
    [made] = await imported(line())
    answer = await ask(http, basic(), ORDERS)
    assert answer.json()["extensions"]["usage"]["calls"] == [
        {"path": "outboundOrders", "outcome": "COUNTED", "count": 1}
    ]
    await app.state.callers.stop()

    of = {"tenant_id": world.tenant.id}
    [key] = await Credential.filter(**of)
    [counted] = await LedgerRow.filter(**of)
    assert (counted.client_id, counted.credential_id) == (made.client_id, key.id)
    assert (key.last_used_address, key.last_used_operation) == ("192.0.2.1", "Poll")
    assert key.last_used_at is not None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_report_is_fetched_with_a_key(http: httpx.AsyncClient, world: World) -> None:
    await imported(line(roles="WMS_VIEW_STOCK"))
    nowhere = f"/reports/{world.tenant.id}"

    assert (await http.get(nowhere, headers=basic())).status_code == 404
    assert (await http.get(nowhere, headers={"X-Api-Key": KEY})).status_code == 404
    assert (await http.get(nowhere, headers=basic(key="wrong"))).status_code == 401


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_authorization_header_goes_before_the_key(
    http: httpx.AsyncClient, world: World
) -> None:
    await imported(line())
    token = {"Authorization": f"Bearer {await world.token(name='Shop')}"}

    answer = await ask(http, token | {"X-Api-Key": KEY})
    assert answer.json()["data"]["viewer"]["client"] == {"name": "Shop"}
    wrong = {"Authorization": "Bearer dgt_x", "X-Api-Key": KEY}
    assert (await ask(http, wrong)).status_code == 401


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "query",
    [
        *("api_key=x", "apikey=x", "X-Api-Key=x", "x%2Dapi%2Dkey=x", "key=x", "KEY=x", "a=1&key=x"),
        *("access_token=x", "access%5Ftoken=x", "token=x", "client_secret=x", "password=x", "key"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_key_is_never_taken_in_the_address(http: httpx.AsyncClient, query: str) -> None:
    await imported(line())
    answer = await ask(http, {"X-Api-Key": KEY}, params=query)

    assert answer.status_code == 400
    assert "header" in answer.json()["errors"][0]["message"]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_document_in_the_address_may_speak_of_keys(http: httpx.AsyncClient) -> None:
    await imported(line())
    asked = {"query": 'query key { viewer { roles } } # key="x"', "operationName": "key"}

    assert (await http.get("/graphql", params=asked, headers=basic())).status_code == 200


async def test_neither_key_nor_identifier_gets_into_the_log_or_the_database(
    http: httpx.AsyncClient, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await imported(line(), line("other", "another-key-that-nobody-guesses", name="Other"))
    for headers in (basic(), {"X-Api-Key": KEY}, basic(key=KEY + "x"), basic("x", KEY)):
        await ask(http, headers)
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("httpx")]

    assert KEY not in "".join(ours)
    assert basic()["Authorization"].partition(" ")[2] not in "".join(ours)
    for table in ("credentials", "identities", "api_clients", "audit_events"):
        kept = str([tuple(row) for row in await rows(f"select * from {table}")])
        assert KEY not in kept
    [event] = await AuditEvent.filter(tenant_id=world.tenant.id, subject_name="Acme EDI")
    assert key_hashes.hex_of(key_hashes.kept_key(KEY)) not in event.after


# --- as fast as a token, and as soon gone --------------------------------------------------------


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("kind", "identifier"), [("sha256", "acme-edi"), ("sha256", None), ("argon2", "acme-edi")]
)
async def test_a_known_key_costs_no_statement_and_no_hash(
    callers: Callers, monkeypatch: pytest.MonkeyPatch, kind: str, identifier: str | None
) -> None:
    await imported(line(key="", hash=HASHES[kind](KEY)))
    await asyncio.sleep(SOON)
    shown = ShownKey(identifier, KEY)
    statements: list[str] = []
    observers.append(statements.append)
    try:
        first = await callers.caller_by_key(shown, None)
        loading = [one for one in statements if "epoch)" not in one]
        del statements[:]
        monkeypatch.setattr(legacy_keys, "line", None)
        again = await callers.caller_by_key(shown, None)
        after = [one for one in statements if "epoch)" not in one]
    finally:
        observers.remove(statements.append)

    assert first is not None
    assert again is first
    assert len(loading) == 3
    assert after == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_change_costs_no_slow_hash_again(
    callers: Callers, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    [made] = await imported(line(key="", hash=CHEAP.hash(KEY)))
    shown = ShownKey("acme-edi", KEY)
    assert await callers.caller_by_key(shown, None) is not None
    monkeypatch.setattr(legacy_keys, "line", None)
    await clients.update(world.tenant.id, made.client_id, name="Renamed")
    await asyncio.sleep(SOON)

    caller = await callers.caller_by_key(shown, None)
    assert caller is not None
    assert caller.name == "Renamed"


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_same_by_many_at_once_is_checked_once(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole fleet that starts again after a restart does not throttle itself."""
    await imported(line(key="", hash=CHEAP.hash(KEY)))
    monkeypatch.setattr(legacy_keys, "line", Line(workers=1, places=0))
    shown = ShownKey("acme-edi", KEY)
    found = await asyncio.gather(*(callers.caller_by_key(shown, None) for _ in range(50)))

    assert all(one is not None for one in found)


async def test_a_key_ends_with_what_happens_to_its_client(callers: Callers, world: World) -> None:
    [made] = await imported(line())
    of = (world.tenant.id, made.client_id)
    shown = [ShownKey("acme-edi", KEY), ShownKey(None, KEY)]

    async def works() -> list[bool]:
        await asyncio.sleep(SOON)
        return [await callers.caller_by_key(one, None) is not None for one in shown]

    assert await works() == [True, True]
    await clients.deactivate(*of)
    assert await works() == [False, False]
    await clients.activate(*of)
    assert await works() == [True, True]
    new = await credentials.regenerate(*of, overlap=timedelta(days=1))
    assert await works() == [True, True]
    renewed = [ShownKey("acme-edi", new.client_secret), ShownKey(None, new.client_secret)]
    assert all([await callers.caller_by_key(one, None) for one in renewed])
    await credentials.regenerate(*of)
    assert await works() == [False, False]


async def test_a_key_is_scoped_again_like_any_client(callers: Callers, world: World) -> None:
    [made] = await imported(line())
    shown = ShownKey("acme-edi", KEY)
    assert await callers.caller_by_key(shown, None) is not None
    await clients.update(
        world.tenant.id, made.client_id, roles=[ApiRole.WMS_VIEW_JOBS], customers=[world.other.id]
    )
    await asyncio.sleep(SOON)

    caller = await callers.caller_by_key(shown, None)
    assert caller is not None
    assert caller.granted == (ApiRole.WMS_VIEW_JOBS,)
    assert caller.reach.customers == {world.other.id}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_salted_key_and_its_successor_both_work_while_they_overlap(
    callers: Callers, world: World
) -> None:
    [made] = await imported(line(key="", hash=bcrypted(KEY)))
    new = await credentials.regenerate(world.tenant.id, made.client_id, overlap=timedelta(days=1))

    assert await callers.caller_by_key(ShownKey("acme-edi", KEY), None)
    assert await callers.caller_by_key(ShownKey("acme-edi", new.client_secret), None)
    assert await callers.caller_by_key(ShownKey("acme-edi", KEY + "x"), None) is None


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_source_that_keeps_failing_waits_alone(http: httpx.AsyncClient) -> None:
    await imported(line())
    for number in range(20):
        assert (await ask(http, {"X-Api-Key": f"wrong-{number}"})).status_code == 401
    tries = (ask(http, basic(key=f"wrong again {number}")) for number in range(12))
    answers = await asyncio.gather(*tries)

    throttled = [one for one in answers if one.status_code == 429]
    assert {one.status_code for one in answers} == {401, 429}
    assert throttled[0].json()["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert int(throttled[0].headers["retry-after"]) >= 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_remembered_of_keys_is_bounded(
    callers: Callers, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers_module, "REMEMBERED", 2)
    monkeypatch.setattr(legacy_keys, "PROVEN", 2)
    keys = {f"edi-{number}": f"{KEY}{number}" for number in range(4)}
    of = str(world.tenant.id)
    await imported(*(line(one, "", CHEAP.hash(key), of) for one, key in keys.items()))
    await asyncio.sleep(SOON)
    for identifier, key in keys.items():
        assert await callers.caller_by_key(ShownKey(identifier, key), None)

    assert len(callers._remembered) == 2
    assert len(callers._proving._proofs._proven) == 2
    assert callers._proving._running == {}


# --- importing -----------------------------------------------------------------------------------


async def test_a_line_becomes_an_active_client_and_its_key_a_hash(world: World) -> None:
    [made] = await imported(line(customers="ACME; ZEN", warehouses="*", roles="TMS_CREATE_JOBS"))
    of = {"tenant_id": world.tenant.id}
    found = await clients.find(world.tenant.id, made.client_id)
    [key] = await Credential.filter(**of)
    [event] = await AuditEvent.filter(**of, action=AuditAction.KEY_IMPORTED)
    leads = {one.value: (one.kind, one.row_id) for one in await Identity.filter(**of)}

    assert found.client.active
    assert found.client.legacy
    assert (found.client.name, found.client.legacy_identifier) == ("Acme EDI", "acme-edi")
    assert (found.client.all_customers, found.client.all_warehouses) == (False, True)
    assert found.held.customers == {world.live.id, world.other.id}
    assert found.held.roles == (ApiRole.TMS_CREATE_JOBS,)
    assert key.legacy
    assert key.secret_hash == f"sha256${hashlib.sha256(KEY.encode()).hexdigest()}"
    assert {value: led for value, led in leads.items() if "@" not in value} == {
        str(made.client_id): (IdentityKind.CLIENT, made.client_id),
        "basic:acme-edi": (IdentityKind.LEGACY_NAME, made.client_id),
        key.secret_hash.removeprefix("sha256$"): (IdentityKind.LEGACY_KEY, key.id),
    }
    assert event.subject_id == made.client_id
    told = json.loads(event.after)
    assert (told["legacyIdentifier"], told["roles"]) == ("acme-edi", ["TMS_CREATE_JOBS"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_columns_come_in_any_order_and_a_tenant_goes_without_saying(world: World) -> None:
    text = f"\ufeffwarehouses,Key,customers,roles,tenant,name\n{world.warehouse.id},{KEY},*,,,X\n"
    [made] = await key_import.import_keys(text)
    found = await clients.find(world.tenant.id, made.client_id)

    assert found.client.name == "X"
    assert found.client.legacy_identifier is None
    assert found.client.all_customers
    assert found.held.warehouses == {world.warehouse.id}
    assert found.held.roles == ()


FAULTY = [
    ("no key", line(key=""), "key"),
    ("a key and a hash", line(hash=plain(KEY)), "key"),
    ("a hash in the place of the key", line(key=plain(KEY)), "key"),
    ("spaces around the key", line(key=f" {KEY}"), "key"),
    ("a key with a line break", line(key='"a\nb"'), "key"),
    ("an unknown hash", line(key="", hash="md5:0cc175b9c0f1b6a831c399e269772661"), "hash"),
    ("a short sha256", line(key="", hash="sha256:abc"), "hash"),
    ("a dear bcrypt", line(key="", hash=bcrypted("x").replace("$04$", "$14$")), "hash"),
    ("a dear pbkdf2", line(key="", hash=django("x").replace("$1000$", "$1500001$")), "hash"),
    ("a dear argon2", line(key="", hash=CHEAP.hash("x").replace("m=8", "m=999999")), "hash"),
    ("a hash unquoted", line(key="", hash=CHEAP.hash("x")).replace('"', ""), None),
    ("half an argon2", line(key="", hash="$argon2id$v=19"), "hash"),
    ("a colon", line("a:b"), "identifier"),
    ("a salted hash of nobody", line("", "", bcrypted(KEY)), "identifier"),
    ("no name at all", line("", name=""), "name"),
    ("an unknown tenant", line(tenant="Nobody"), "tenant"),
    ("an unknown role", line(roles="WMS_EVERYTHING"), "roles"),
    ("an unknown customer", line(customers="NOBODY"), "customers"),
    ("an unknown warehouse", line(warehouses="NOWHERE"), "warehouses"),
    ("all and some", line(customers="* ACME"), "customers"),
    ("sandbox and live", line(customers="ACME ACME-TEST"), "customers"),
]


@pytest.mark.parametrize(
    ("faulty", "column"), [one[1:] for one in FAULTY], ids=[o[0] for o in FAULTY]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_wrong_with_a_line_is_told_and_nothing_stored(
    world: World, faulty: str, column: str | None
) -> None:
    with pytest.raises(UserErrors) as refusal:
        await imported(line("fine", "a-key-that-is-fine"), faulty)

    assert refusal.value.errors[0].path == ["line 3", *([column] if column else [])]
    assert {one.path[0] for one in refusal.value.errors} == {"line 3"}
    assert await ApiClient.filter(tenant_id=world.tenant.id).count() == 0
    assert await Identity.filter(tenant_id=world.tenant.id).count() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_all_faults_are_told_together_by_their_lines(world: World) -> None:
    with pytest.raises(UserErrors) as refusal:
        await imported(
            line("one", roles="NONE", customers="NOBODY"),
            line("two", "same-key-twice-in-it"),
            "",
            line("three", "same-key-twice-in-it", tenant="Nobody"),
            line("two", "another-key", warehouses="NOWHERE"),
            "too,few",
        )

    assert [".".join(one.path) for one in refusal.value.errors] == [
        "line 2.roles",
        "line 5.key",
        "line 5.tenant",
        "line 6.identifier",
        "line 6.warehouses",
        "line 7",
    ]
    assert await Credential.filter(tenant_id=world.tenant.id).count() == 0


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("", ["tenant", "roles", "customers", "warehouses", "key"]),
        ("identifier,key,tenant,roles,customers\n", ["warehouses"]),
        (HEADER + ",secret\n", ["secret"]),
        (HEADER + ",key\n", []),
        (HEADER + '\n"a', []),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_of_another_form_is_refused(text: str, paths: list[str]) -> None:
    with pytest.raises(UserErrors) as refusal:
        await key_import.import_keys(text)

    assert [one.path[1] for one in refusal.value.errors if len(one.path) > 1] == paths


async def test_importing_the_same_twice_changes_nothing(world: World) -> None:
    of = {"tenant_id": world.tenant.id}
    lines = (line(), line("", "a-key-by-itself", name="K"), line("salted", "", bcrypted("x")))
    before = await imported(*lines)
    tables = (ApiClient, Credential, Identity)
    counts = [await one.filter(**of).count() for one in tables]
    with pytest.raises(UserErrors) as refusal:
        await imported(*lines)
    await credentials.regenerate(world.tenant.id, before[0].client_id)
    again = await imported(*lines, line("new", "a-new-key", name="New"), skip_known=True)

    assert [one.path for one in refusal.value.errors] == [
        ["line 2", "identifier"],
        ["line 3", "key"],
        ["line 4", "identifier"],
    ]
    assert counts == [3, 3, 7]
    assert [one.known for one in again] == [True, True, True, False]
    assert [one.client_id for one in again[:3]] == [one.client_id for one in before]
    assert await ApiClient.filter(**of).count() == 4


async def test_what_another_client_has_is_not_skipped(world: World) -> None:
    elsewhere = await make_world("Elsewhere")
    await imported(line())
    taken = [
        line(key="quite-another-key"),
        line("another", KEY),
        line(tenant=str(elsewhere.tenant.id)),
    ]
    for one in taken:
        with pytest.raises(UserErrors) as refusal:
            await imported(one, skip_known=True)
        assert "Another client" in refusal.value.errors[0].message
    assert await ApiClient.filter(tenant_id=elsewhere.tenant.id).count() == 0
    assert await ApiClient.filter(tenant_id=world.tenant.id).count() == 1


async def test_lines_of_several_tenants_stay_each_in_its_own(world: World) -> None:
    other = await make_world("Elsewhere")
    made = await imported(line(), line("b", "key-of-another", tenant=str(other.tenant.id)))

    assert [one.tenant_id for one in made] == [world.tenant.id, other.tenant.id]
    found = await clients.find(other.tenant.id, made[1].client_id)
    assert found.held.customers == {other.live.id}
    with contextlib.suppress(UserErrors):
        await make_world("Elsewhere")
    with pytest.raises(UserErrors) as refusal:
        await imported(line("c", "yet-another-key", tenant="Elsewhere"))
    assert "by its id" in refusal.value.errors[0].message


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_client_of_a_key_is_listed_and_looked_after_like_any(world: World) -> None:
    [made] = await imported(line())
    await clients.create(world.tenant.id, "Shop", Grant())

    assert [one.client.name for one in await clients.clients(world.tenant.id)] == [
        "Acme EDI",
        "Shop",
    ]
    assert await clients.tenant_of(made.client_id) == world.tenant.id


def test_the_command_imports_tries_and_skips(database_url: str, tmp_path: Path) -> None:
    dockgate = Dockgate(database_url)
    made = ("--name", "Harbour 3PL", "--currency", "AUD", "--time-zone", "Australia/Sydney")
    dockgate.json("tenant", "create", *made)
    dockgate.json("customer", "create", "--code", "ACME", "--name", "Acme")
    dockgate.json("warehouse", "create", "--code", "SYD", "--name", "Sydney")
    file = tmp_path / "keys.csv"
    file.write_text(file_of(line(roles="API_FULL_ACCESS"), line("short", "12345", name="S")))

    tried = dockgate("keys", "import", file, "--dry-run", "--json")
    assert dockgate.json("client", "list") == []
    done = dockgate("keys", "import", file)
    again = dockgate("keys", "import", file)
    skipped = dockgate("keys", "import", file, "--skip-known", "--json")
    missing = dockgate("keys", "import", tmp_path / "none.csv")

    assert [one["status"] for one in json.loads(tried.stdout)] == ["would be imported"] * 2
    assert [one["client_id"] for one in json.loads(tried.stdout)] == [None, None]
    assert done.returncode == 0
    assert done.stdout.count(" imported") == 2
    assert "line 2: API_FULL_ACCESS" in done.stderr
    assert "line 3: A key of fewer" in done.stderr
    assert (again.returncode, again.stderr.count("--skip-known")) == (1, 2)
    assert again.stderr.startswith("line 2.identifier: ")
    assert [one["status"] for one in json.loads(skipped.stdout)] == ["known", "known"]
    assert (missing.returncode, missing.stdout) == (1, "")
    assert [one["active"] for one in dockgate.json("client", "list")] == [True, True]
    assert KEY not in "".join(one.stdout + one.stderr for one in (tried, done, again, skipped))


# --- until when, and from where ------------------------------------------------------------------


async def test_a_client_that_is_over_is_refused_like_an_unknown_one(
    http: httpx.AsyncClient, world: World
) -> None:
    [made] = await imported(line())
    shop = await world.client(ApiRole.WMS_VIEW_JOBS)
    token = (await credentials.issue_token(str(shop.client_id), shop.client_secret, None)).value
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await ask(http, bearer)).status_code == 200
    soon = datetime.now(UTC) + timedelta(seconds=1.0)
    for client_id in (made.client_id, shop.client_id):
        await clients.update(world.tenant.id, client_id, expires_at=soon)
    await asyncio.sleep(SOON)
    for headers in (basic(), bearer):
        assert (await ask(http, headers)).status_code == 200
    await asyncio.sleep(0.9)

    for headers in (basic(), {"X-Api-Key": KEY}, bearer):
        assert (await ask(http, headers)).status_code == 401
    refused = await http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers=basic(str(shop.client_id), shop.client_secret),
    )
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("allowed", "address", "admitted"),
    [
        ([], "192.0.2.1", True),
        (["192.0.2.0/24"], "192.0.2.1", True),
        (["192.0.2.0/24"], "::ffff:192.0.2.1", True),
        (["198.51.100.7", "2001:db8::/32"], "2001:db8::1", True),
        (["198.51.100.7", "2001:db8::/32"], "198.51.100.7", True),
        (["198.51.100.0/24"], "192.0.2.1", False),
        (["2001:db8::/32"], "192.0.2.1", False),
        (["192.0.2.0/24"], "2001:db8::1", False),
        (["192.0.2.0/24"], "::ffff:198.51.100.1", False),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_client_asks_from_where_it_may(
    app: Any, world: World, allowed: list[str], address: str, admitted: bool
) -> None:
    [made] = await imported(line())
    shop = await world.client(ApiRole.WMS_VIEW_JOBS)
    token = (await credentials.issue_token(str(shop.client_id), shop.client_secret, None)).value
    for client_id in (made.client_id, shop.client_id):
        await clients.update(world.tenant.id, client_id, addresses=allowed)
    transport = httpx.ASGITransport(app, client=(address, 4000))
    grant = {"grant_type": "client_credentials"}
    async with httpx.AsyncClient(transport=transport, base_url="http://dockgate.test") as http:
        shown = [basic(), {"X-Api-Key": KEY}, {"Authorization": f"Bearer {token}"}]
        asked = [await ask(http, one, ORDERS) for one in shown]
        files = [await http.get(f"/reports/{world.tenant.id}", headers=one) for one in shown]
        right = basic(str(shop.client_id), shop.client_secret)
        traded = await http.post("/oauth/token", data=grant, headers=right)
        wrong = basic(str(shop.client_id), "dgs_wrong")
        guessed = await http.post("/oauth/token", data=grant, headers=wrong)

    assert [one.status_code for one in asked] == [200 if admitted else 403] * 3
    assert [one.status_code for one in files] == [404 if admitted else 403] * 3
    assert traded.status_code == (200 if admitted else 403)
    assert guessed.json()["error"] == "invalid_client"
    if not admitted:
        plain_address = address.removeprefix("::ffff:")
        for one in (*asked, *files):
            [error] = one.json()["errors"]
            assert error["extensions"] == {"code": "FORBIDDEN", "address": plain_address}
            assert plain_address in error["message"]
        assert traded.json()["error"] == "unauthorized_client"
        assert plain_address in traded.json()["error_description"]
        assert await LedgerRow.filter(tenant_id=world.tenant.id).count() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_is_refused_is_logged_by_address_and_not_by_secret(
    http: httpx.AsyncClient, world: World
) -> None:
    [made] = await imported(line())
    with capture_logs() as told:
        await ask(http, basic(key="wrong"))
        await clients.update(world.tenant.id, made.client_id, addresses=["198.51.100.0/24"])
        answer = await ask(http, basic())

    assert [one["event"] for one in told] == ["Key refused", "Refused from elsewhere"]
    assert told[1]["request_id"] == answer.headers["x-request-id"]
    assert {one["address"] for one in told} == {"192.0.2.1"}
    assert "acme-edi" not in str(told)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_list_that_cannot_be_read_opens_nothing(
    http: httpx.AsyncClient, world: World
) -> None:
    [made] = await imported(line())
    for broken in ("", "{}", "[1]", '["x"]', "null"):
        its = ApiClient.filter(tenant_id=world.tenant.id, id=made.client_id)
        await its.update(addresses=broken)
        await bump(world.tenant.id)
        await asyncio.sleep(SOON)
        assert (await ask(http, basic())).status_code == 403, broken
