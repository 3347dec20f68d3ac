"""Signing in with a browser: the cookie, how long it lasts, and who may not use it."""

import asyncio
import json
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser
from pydantic import SecretStr
from starlette.applications import Starlette

from models.audit import AuditEvent
from models.database import connect, disconnect, rows
from models.tenants import Identity, StaffSession, StaffUser, Tenant
from models.words import AuditAction, IdentityKind, StaffRole
from resolvers import people, sign_in, staff
from resolvers.audit import Actor
from resolvers.callers import Callers
from resolvers.hashing import Line, Sources
from resolvers.sign_in import Accounts
from server.app import create_app
from server.forgery import COOKIE
from server.settings import Settings
from tests.signing_in import ASKS_ITSELF, Person, cookie_of, holding, make_person
from tests.test_graphiql import listening
from tests.world import World, make_world

SOON = 0.2
"""By when a change is seen here; `test_within_a_second` measures it as it is."""

VIEWER = {"query": "{ viewer { staffRole tenant { name } } }"}


@pytest.fixture(autouse=True)
def _no_failures_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "sources", Sources())
    monkeypatch.setattr(sign_in, "accounts", Accounts())
    monkeypatch.setattr("resolvers.callers.LOOK_SECONDS", 0.05)


@pytest.fixture
async def ada(world: World) -> Person:
    return await make_person(world)


async def ask(http: httpx.AsyncClient, headers: dict[str, str]) -> int:
    return (await http.post("/graphql", json=VIEWER, headers=headers)).status_code


# --- signing in ----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["form", "JSON"])
async def test_a_person_signs_in_and_asks_with_what_the_browser_holds(
    http: httpx.AsyncClient, ada: Person, way: str
) -> None:
    sent: dict[str, Any] = {"data": ada.login} if way == "form" else {"json": ada.login}
    answer = await http.post("/session", **sent)

    assert (answer.status_code, answer.content) == (204, b"")
    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-dockgate=dgc_")
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]
    asked = await http.post("/graphql", json=VIEWER, headers=holding(cookie_of(answer)))
    assert asked.json()["data"]["viewer"] == {
        "staffRole": "ADMINISTRATOR",
        "tenant": {"name": "Harbour 3PL"},
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_capital_in_the_e_mail_is_nobody_else(http: httpx.AsyncClient, ada: Person) -> None:
    typed = ada.login | {"email": " ADA@Harbour.test "}

    assert (await http.post("/session", json=typed)).status_code == 204


async def test_each_sign_in_begins_another_session_and_ends_the_one_before(
    http: httpx.AsyncClient, ada: Person
) -> None:
    """What a browser held before, whoever put it there, is worth nothing after."""
    first = await ada.sign_in(http)
    elsewhere = await ada.sign_in(http)
    second = await ada.sign_in(http, Cookie=f"{COOKIE}={first}")
    planted = await ada.sign_in(http, Cookie=f"{COOKIE}=dgc_{'a' * 43}")

    assert len({first, elsewhere, second, planted, "dgc_" + "a" * 43}) == 5
    assert await ask(http, holding(first)) == 401
    for cookie in (elsewhere, second, planted):
        assert await ask(http, holding(cookie)) == 200


async def test_only_the_hash_of_what_the_browser_holds_is_kept(
    http: httpx.AsyncClient, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cookie = await ada.sign_in(http)
    await http.post("/session", json=ada.login | {"password": "quite wrong, indeed"})
    kept = ""
    for table in ("staff_sessions", "identities", "staff_users", "audit_events"):
        kept += str([tuple(row) for row in await rows(f"select * from {table}")])
    ours = [one for one in caplog.records if one.name.startswith(("server", "resolvers"))]
    kept += "".join(one.getMessage() for one in ours)

    assert cookie not in kept
    assert cookie.removeprefix("dgc_") not in kept
    assert ada.password not in kept
    assert "quite wrong" not in kept
    assert kept.count(sign_in.cookie_hash(cookie) or "none") == 2


async def test_whatever_is_wrong_is_answered_the_same(
    http: httpx.AsyncClient, world: World, ada: Person
) -> None:
    await people.create(world.tenant.id, "new@harbour.test", "New", StaffRole.OPERATOR)
    gone = await make_person(world, "gone@harbour.test", "Gone")
    await people.switch_off(world.tenant.id, gone.user.id)
    wrong = [
        ada.login | {"password": "wrong"},
        ada.login | {"password": ""},
        ada.login | {"password": "x" * 5_000},
        {"email": "nobody@harbour.test", "password": ada.password},
        {"email": "new@harbour.test", "password": ada.password},
        {"email": "a\0b", "password": ada.password},
        {"email": "", "password": ""},
        {"email": "x" * 5_000, "password": ada.password},
        gone.login,
    ]
    answers = [await http.post("/session", json=one) for one in wrong]

    assert {one.status_code for one in answers} == {401}
    assert len({one.text for one in answers}) == 1
    assert answers[0].json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert all("set-cookie" not in one.headers for one in answers)
    assert await StaffSession.filter(tenant_id=world.tenant.id).count() == 0


BODIES: list[tuple[dict[str, Any], int]] = [
    ({"json": {"email": "a@b"}}, 400),
    ({"json": {"email": "a@b", "password": 1}}, 400),
    ({"json": ["a@b", "x"]}, 400),
    ({"data": {"password": "x"}}, 400),
    ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
    (
        {"content": b"%ff=%ff", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        400,
    ),
    ({"content": b"\xff", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400),
    ({"content": b"email=a", "headers": {"Content-Type": "text/plain"}}, 415),
    ({"json": {"email": "x" * 9_000, "password": "x"}}, 413),
    ({"json": {"email": "a@b", "password": "x"}, "params": {"password": "x"}}, 400),
]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("sent", "status"), BODIES)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_no_sign_in_is_refused(
    http: httpx.AsyncClient, sent: dict[str, Any], status: int
) -> None:
    answer = await http.post("/session", **sent)

    assert (answer.status_code, len(answer.json()["errors"])) == (status, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_is_signed_in_is_told_to_the_page(http: httpx.AsyncClient, ada: Person) -> None:
    cookie = await ada.sign_in(http)
    told = await http.get("/session", headers=holding(cookie))
    nobody = await http.get("/session", headers=ASKS_ITSELF)
    ended = await http.get("/session", headers=holding("dgc_" + "a" * 43))

    assert told.json()["staffUser"] == {
        "id": str(ada.user.id),
        "name": "Ada",
        "role": "ADMINISTRATOR",
        "tenant": {"id": str(ada.user.tenant_id), "name": "Harbour 3PL"},
    }
    assert nobody.json() == ended.json() == {"staffUser": None}


async def test_signing_out_ends_this_session_alone(
    http: httpx.AsyncClient, ada: Person, world: World
) -> None:
    cookie, other = await ada.sign_in(http), await ada.sign_in(http)
    for one in (cookie, other):
        assert await ask(http, holding(one)) == 200
    out = await http.delete("/session", headers=holding(cookie))
    again = await http.delete("/session", headers=holding(cookie))
    await asyncio.sleep(SOON)

    assert (out.status_code, again.status_code) == (204, 204)
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert await ask(http, holding(cookie)) == 401
    assert await ask(http, holding(other)) == 200
    events = await AuditEvent.filter(
        tenant_id=world.tenant.id, action__in=[AuditAction.SIGNED_IN, AuditAction.SIGNED_OUT]
    ).order_by("at", "id")
    assert [one.action for one in events] == ["SIGNED_IN", "SIGNED_IN", "SIGNED_OUT"]
    assert {(one.staff_user_id, one.address) for one in events} == {(ada.user.id, "192.0.2.1")}
    assert all(one.request_id for one in events)


async def test_when_somebody_signed_in_is_kept(http: httpx.AsyncClient, ada: Person) -> None:
    await ada.sign_in(http)
    user = await StaffUser.get(tenant_id=ada.user.tenant_id, id=ada.user.id)
    session = await StaffSession.get(tenant_id=ada.user.tenant_id)

    assert user.last_signed_in_at is not None
    assert (session.cookie, session.address) == (True, "192.0.2.1")


# --- what is no session --------------------------------------------------------------------------


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_bearer_token_is_no_cookie_and_a_cookie_no_token(
    http: httpx.AsyncClient, ada: Person, world: World
) -> None:
    cookie = await ada.sign_in(http)
    token = await world.staff_token()
    client = await world.token()

    assert await ask(http, {"Authorization": f"Bearer {cookie}"}) == 401
    assert await ask(http, holding(token)) == 401
    assert await ask(http, holding(client)) == 401


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_authorization_header_goes_before_the_cookie(
    http: httpx.AsyncClient, ada: Person, world: World
) -> None:
    cookie = await ada.sign_in(http)
    token = {"Authorization": f"Bearer {await world.staff_token(StaffRole.OPERATOR)}"}
    told = await http.post(
        "/graphql", json=VIEWER, headers={"Cookie": f"{COOKIE}={cookie}"} | token
    )
    wrong = holding(cookie, Authorization="Bearer dgt_wrong")

    assert told.json()["data"]["viewer"]["staffRole"] == "OPERATOR"
    assert await ask(http, wrong) == 401
    assert (await http.get("/session", headers=wrong)).json() == {"staffUser": None}


# --- sent by another site ------------------------------------------------------------------------

FORGED = [
    ("a form, which sends no header", {}, None),
    ("the header with another word", {"X-CSRF-Protection": "0"}, None),
    ("another site", {"Sec-Fetch-Site": "cross-site"}, ASKS_ITSELF),
    ("a neighbour under the same domain", {"Sec-Fetch-Site": "same-site"}, ASKS_ITSELF),
    ("an address that somebody typed", {"Sec-Fetch-Site": "none"}, ASKS_ITSELF),
    ("another origin", {"Origin": "https://evil.example"}, ASKS_ITSELF),
    ("no origin that could be told", {"Origin": "null"}, ASKS_ITSELF),
    ("our name on another port", {"Origin": "http://dockgate.test:8080"}, ASKS_ITSELF),
    ("our name without TLS", {"Origin": "https://dockgate.test"}, ASKS_ITSELF),
    (
        "a browser that contradicts itself",
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        ASKS_ITSELF,
    ),
]


@pytest.mark.parametrize(
    ("headers", "own"), [case[1:] for case in FORGED], ids=[case[0] for case in FORGED]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_another_site_sends_is_refused(
    http: httpx.AsyncClient, ada: Person, headers: dict[str, str], own: dict[str, str] | None
) -> None:
    cookie = await ada.sign_in(http)
    sent = {"Cookie": f"{COOKIE}={cookie}"} | headers | (own or {})
    get = {"query": VIEWER["query"]}
    answers = [
        await http.post("/graphql", json=VIEWER, headers=sent),
        await http.post("/graphql", content=b"x", headers=sent | {"Content-Type": "text/plain"}),
        await http.get("/graphql", params=get, headers=sent),
        await http.get(f"/reports/{ada.user.id}", headers=sent),
        await http.get("/session", headers=sent),
        await http.put("/session/password", json={}, headers=sent),
        await http.delete("/session", headers=sent),
    ]

    assert [one.status_code for one in answers] == [403] * 7
    for one in answers:
        [error] = one.json()["errors"]
        assert error["extensions"] == {"code": "FORBIDDEN"}
        assert "another site" in error["message"] or "X-CSRF-Protection: 1" in error["message"]
    assert await ask(http, holding(cookie)) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nobody_is_signed_in_by_another_site(
    http: httpx.AsyncClient, ada: Person, headers: dict[str, str]
) -> None:
    """Else somebody would work in the name of whoever runs that site, and not notice."""
    answer = await http.post("/session", data=ada.login, headers=headers)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://dockgate.test"},
        {"Origin": "http://dockgate.test", "Sec-Fetch-Site": "same-origin"},
        # A proxy ended TLS, and did not tell.
        {"Origin": "https://dockgate.test", "Sec-Fetch-Site": "same-origin"},
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_our_own_pages_are_let_through(
    http: httpx.AsyncClient, ada: Person, headers: dict[str, str]
) -> None:
    cookie = await ada.sign_in(http, **headers)
    asked = {"query": VIEWER["query"]}

    assert await ask(http, holding(cookie, **headers)) == 200
    by_get = await http.get("/graphql", params=asked, headers=holding(cookie, **headers))
    assert by_get.status_code == 200
    fetched = await http.get(f"/reports/{ada.user.id}", headers=holding(cookie, **headers))
    assert fetched.status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_where_clients_reach_us_is_ours_too(
    database: str, monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    """Behind a proxy that sends its own Host."""
    ada = await make_person(world)
    for name in ("connect", "disconnect"):
        monkeypatch.setattr(f"server.app.{name}", _nothing)
    settings = Settings(
        database_url=SecretStr(database), run_worker=False, public_url="https://api.example/"
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://inner:8000") as http:
            cookie = await ada.sign_in(http, Origin="https://api.example")
            assert await ask(http, holding(cookie, Origin="https://api.example")) == 200
            assert await ask(http, holding(cookie, Origin="http://api.example")) == 403
            assert await ask(http, holding(cookie, Origin="https://evil.example")) == 403


# --- how long it lasts ---------------------------------------------------------------------------


async def session_of(person: Person) -> StaffSession:
    return await StaffSession.get(tenant_id=person.user.tenant_id, staff_user_id=person.user.id)


async def begun(person: Person, lasts: timedelta = timedelta(hours=12)) -> str:
    user = person.user
    signed_in = await sign_in.sign_in(user.email, person.password, sign_in.From("192.0.2.1"), lasts)
    return signed_in.cookie


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_session_ends_when_nobody_was_there_for_long(ada: Person) -> None:
    cookie = await begun(ada)
    callers = Callers(timedelta(seconds=0.4))
    await callers.start()
    try:
        assert await callers.person_by_cookie(cookie) is not None
        await asyncio.sleep(0.5)
        assert await callers.person_by_cookie(cookie) is None
    finally:
        await callers.stop()


async def test_a_session_goes_on_while_somebody_is_there_on_whichever_worker(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.callers.USE_SECONDS", 0.1)
    monkeypatch.setattr("resolvers.callers.WRITE_SECONDS", 0.05)
    cookie = await begun(ada)
    idle = timedelta(seconds=0.8)
    one, other = Callers(idle), Callers(idle)
    for each in (one, other):
        await each.start()
    try:
        assert await other.person_by_cookie(cookie) is not None
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            assert await one.person_by_cookie(cookie) is not None
            await asyncio.sleep(0.1)
        assert await other.person_by_cookie(cookie) is not None
        await asyncio.sleep(1.0)
        assert await other.person_by_cookie(cookie) is None
        assert await one.person_by_cookie(cookie) is None
    finally:
        for each in (one, other):
            await each.stop()


async def test_that_somebody_is_there_is_written_once_a_minute_and_raises_no_epoch(
    ada: Person,
) -> None:
    cookie = await begun(ada)
    of = {"tenant_id": ada.user.tenant_id}
    epoch = (await Tenant.get(id=ada.user.tenant_id)).epoch
    first = (await session_of(ada)).last_seen_at
    callers = Callers()
    for _ in range(3):
        assert await callers.person_by_cookie(cookie) is not None
    await callers.stop()
    assert (await session_of(ada)).last_seen_at == first

    long_ago = datetime.now(UTC) - timedelta(seconds=61)
    await StaffSession.filter(**of).update(last_seen_at=long_ago)
    again = Callers()
    for _ in range(3):
        assert await again.person_by_cookie(cookie) is not None
    assert (await session_of(ada)).last_seen_at == long_ago
    await again.stop()

    seen = (await session_of(ada)).last_seen_at
    assert seen is not None
    assert seen > datetime.now(UTC) - timedelta(seconds=5)
    assert (await Tenant.get(id=ada.user.tenant_id)).epoch == epoch


async def test_a_session_ends_however_busy_somebody_is(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.callers.USE_SECONDS", 0.05)
    cookie = await begun(ada, timedelta(seconds=0.6))
    callers = Callers()
    await callers.start()
    until = time.monotonic() + 0.4
    while time.monotonic() < until:
        assert await callers.person_by_cookie(cookie) is not None
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)

    assert await callers.person_by_cookie(cookie) is None
    await callers.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_bearer_token_does_not_end_for_want_of_use(world: World) -> None:
    token = await world.staff_token()
    callers = Callers(timedelta(seconds=0.1))
    await asyncio.sleep(0.2)

    assert await callers.caller_of(token) is not None


async def test_a_person_who_is_shut_out_is_out_in_every_browser(
    http: httpx.AsyncClient, ada: Person, world: World
) -> None:
    cookie = await ada.sign_in(http)
    assert await ask(http, holding(cookie)) == 200
    await people.create(world.tenant.id, "b@harbour.test", "B", StaffRole.ADMINISTRATOR)
    await people.switch_off(world.tenant.id, ada.user.id)
    await asyncio.sleep(SOON)

    assert await ask(http, holding(cookie)) == 401
    assert (await http.post("/session", json=ada.login)).status_code == 401


async def test_the_host_signs_somebody_out_of_every_browser_and_leaves_tokens(
    http: httpx.AsyncClient, ada: Person, world: World
) -> None:
    cookies = [await ada.sign_in(http), await ada.sign_in(http)]
    token = (await staff.issue_token(world.tenant.id, ada.user.id)).value
    for cookie in cookies:
        assert await ask(http, holding(cookie)) == 200
    ended = await staff.sign_out(Actor.host(world.tenant.id), ada.user.id)
    await asyncio.sleep(SOON)

    assert ended == 2
    assert [await ask(http, holding(cookie)) for cookie in cookies] == [401, 401]
    assert await ask(http, {"Authorization": f"Bearer {token}"}) == 200
    actions = await AuditEvent.filter(tenant_id=world.tenant.id).values_list("action", flat=True)
    assert AuditAction.SESSIONS_REVOKED in actions


async def test_a_session_of_another_tenant_stays_there(
    http: httpx.AsyncClient, ada: Person
) -> None:
    elsewhere = await make_world("Elsewhere")
    bob = await make_person(elsewhere, "bob@elsewhere.test", "Bob")
    cookie = await bob.sign_in(http)
    told = await http.post("/graphql", json=VIEWER, headers=holding(cookie))

    assert told.json()["data"]["viewer"]["tenant"] == {"name": "Elsewhere"}
    leads = await Identity.filter(kind=IdentityKind.SESSION)
    assert {one.tenant_id for one in leads} == {elsewhere.tenant.id} - {ada.user.tenant_id}


# --- guessing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_full_line_says_when_to_come_again(
    http: httpx.AsyncClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "line", Line(workers=1, places=0))
    answers = await asyncio.gather(*(http.post("/session", json=ada.login) for _ in range(3)))
    throttled = [one for one in answers if one.status_code == 429]

    assert {one.status_code for one in answers} == {204, 429}
    assert throttled[0].json()["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert int(throttled[0].headers["retry-after"]) >= 1


def test_an_account_that_is_guessed_at_waits_longer_and_never_long() -> None:
    accounts = Accounts()
    waits = []
    for _ in range(40):
        waits.append(accounts.wait("ada@harbour.test", "198.51.100.1"))
        accounts.failed("ada@harbour.test")

    assert waits[:6] == [0.0] * 6
    assert waits[6:11] == [0.25, 0.5, 1.0, 2.0, 4.0]
    assert set(waits[11:]) == {4.0}
    assert accounts.wait("bob@harbour.test", "198.51.100.1") == 0.0


def test_whose_account_it_is_does_not_wait_where_they_signed_in_before() -> None:
    accounts = Accounts()
    accounts.succeeded("ada@harbour.test", "192.0.2.1")
    for _ in range(40):
        accounts.failed("ada@harbour.test")

    assert accounts.wait("ada@harbour.test", "192.0.2.1") == 0.0
    assert accounts.wait("ada@harbour.test", "198.51.100.1") == 4.0


def test_what_is_remembered_of_guesses_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "ACCOUNTS", 3)
    monkeypatch.setattr(sign_in, "FRIENDS", 2)
    accounts = Accounts()
    for number in range(9):
        accounts.failed(f"{number}@harbour.test")
        accounts.succeeded("8@harbour.test", f"192.0.2.{number}")

    assert len(accounts._known) == 3
    assert all(len(one.friends) <= 2 for one in accounts._known.values())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_guessing_at_an_account_never_shuts_its_owner_out(
    app: Starlette, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "LONGEST_WAIT_SECONDS", 0.2)
    for number in range(60):
        sign_in.accounts.failed(ada.user.email)
        sign_in.sources.failed(f"198.51.100.{number % 3}")
    transport = httpx.ASGITransport(app, client=("203.0.113.9", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://dockgate.test") as http:
        began = time.perf_counter()
        assert await ada.sign_in(http)

    assert 0.2 <= time.perf_counter() - began < 2


# --- in a browser --------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_browser_holds_the_cookie_and_shows_it_to_us_alone(
    database_url: str, browser: Browser, host: str
) -> None:
    """Chromium takes what is Secure from http on the machine itself, as developers have it."""
    await connect(database_url)
    ada = await make_person(await make_world())
    await disconnect()
    app = create_app(Settings(database_url=SecretStr(database_url), run_worker=False))
    async with listening(app) as origin:
        here = origin.replace("127.0.0.1", host)
        page = await browser.new_page()
        await page.goto(f"{here}/graphiql")
        begun = await page.evaluate(
            """async login => (await fetch("/session", {method: "POST", body:
                new URLSearchParams(login)})).status""",
            ada.login,
        )
        asked = await page.evaluate(
            """async body => (await fetch("/graphql", {method: "POST", body, headers:
                {"Content-Type": "application/json", "X-CSRF-Protection": "1"}})).json()""",
            json.dumps(VIEWER),
        )
        seen = await page.evaluate("document.cookie")
        [cookie] = await page.context.cookies()
        without = await page.evaluate(
            """async body => (await fetch("/graphql", {method: "POST", body,
                headers: {"Content-Type": "application/json"}})).status""",
            json.dumps(VIEWER),
        )
        out = await page.evaluate(
            """async () => (await fetch("/session", {method: "DELETE",
                headers: {"X-CSRF-Protection": "1"}})).status"""
        )
        left = await page.context.cookies()

    assert (begun, out, without) == (204, 204, 403)
    assert asked["data"]["viewer"]["staffRole"] == "ADMINISTRATOR"
    assert seen == ""
    assert (cookie["name"], cookie["secure"], cookie["httpOnly"]) == (COOKIE, True, True)
    assert left == []


async def _nothing(*_: object, **__: object) -> None:
    pass
