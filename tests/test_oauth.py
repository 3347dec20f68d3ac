"""The token endpoint and its neighbours, rule by rule."""

import asyncio
import base64
import logging
import time
from collections.abc import Mapping

import httpx
import psutil
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from models.database import DatabaseUnavailable, Reason
from models.words import ApiRole
from resolvers import clients, credentials
from resolvers.credentials import Shown
from resolvers.hashing import Line, Sources
from tests.processes import Serve
from tests.world import World, make_world, spoiled, token_of

GRANT = {"grant_type": "client_credentials"}


@pytest.fixture(autouse=True)
def _no_failures_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "sources", Sources())


@pytest.fixture
async def shop(world: World) -> Shown:
    return await world.client(ApiRole.WMS_VIEW_JOBS)


def basic(client_id: object, secret: str) -> dict[str, str]:
    packed = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {packed}"}


def right(shop: Shown) -> dict[str, str]:
    return basic(shop.client_id, shop.client_secret)


def in_body(shop: Shown) -> dict[str, str]:
    return {"client_id": str(shop.client_id), "client_secret": shop.client_secret}


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
async def test_a_secret_is_traded_for_a_token(
    http: httpx.AsyncClient, shop: Shown, way: str
) -> None:
    """RFC 6749 sections 4.4.3 and 5.1."""
    if way == "client_secret_basic":
        answer = await http.post("/oauth/token", data=GRANT, headers=right(shop))
    else:
        answer = await http.post("/oauth/token", data=GRANT | in_body(shop))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in"}
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600


async def test_id_and_secret_may_be_form_encoded_before_they_are_joined(
    http: httpx.AsyncClient, shop: Shown
) -> None:
    """RFC 6749 section 2.3.1."""
    encoded = "".join(f"%{ord(letter):02X}" for letter in shop.client_secret)
    answer = await http.post("/oauth/token", data=GRANT, headers=basic(shop.client_id, encoded))

    assert answer.status_code == 200


async def test_unknown_client_and_wrong_secret_look_the_same(
    http: httpx.AsyncClient, world: World, shop: Shown
) -> None:
    asleep = await world.client(name="Asleep", active=False)
    wrong = [
        basic("01890000-0000-7000-8000-000000000000", shop.client_secret),
        basic("nobody", shop.client_secret),
        basic(shop.client_id, spoiled(shop.client_secret)),
        basic(shop.client_id, "wrong"),
        basic(shop.client_id, ""),
        right(asleep),
    ]
    answers = [await http.post("/oauth/token", data=GRANT, headers=one) for one in wrong]
    answers.append(
        await http.post("/oauth/token", data=GRANT | in_body(shop) | {"client_secret": "wrong"})
    )
    told = {(one.status_code, one.text, one.headers.get("www-authenticate")) for one in answers}

    assert len(told) == 1
    [(status, text, challenge)] = told
    assert status == 401
    assert '"error":"invalid_client"' in text
    assert challenge.startswith("Basic ")
    same = [{**one.headers, "x-request-id": ""} for one in answers]
    assert all(headers == same[0] for headers in same)


REFUSED: list[tuple[str, dict[str, object], int, str]] = [
    ("no grant", {"data": {"x": "y"}}, 400, "invalid_request"),
    ("an empty grant", {"data": {"grant_type": ""}}, 400, "invalid_request"),
    ("another grant", {"data": {"grant_type": "password"}}, 400, "unsupported_grant_type"),
    ("a scope", {"data": GRANT | {"scope": "all"}}, 400, "invalid_scope"),
    ("JSON", {"json": GRANT}, 400, "invalid_request"),
    ("no type", {"content": b"grant_type=client_credentials"}, 400, "invalid_request"),
    (
        "a field twice",
        {
            "content": b"grant_type=client_credentials&grant_type=client_credentials",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        },
        400,
        "invalid_request",
    ),
    (
        "bytes that are no text",
        {
            "content": b"grant_type=%ff",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        },
        400,
        "invalid_request",
    ),
    ("too much", {"data": GRANT | {"x": "y" * 9000}}, 413, "invalid_request"),
    ("many fields", {"data": GRANT | {f"x{n}": "y" for n in range(99)}}, 400, "invalid_request"),
    ("nothing shown", {"data": GRANT}, 401, "invalid_client"),
    ("an id alone", {"data": GRANT | {"client_id": "x"}}, 401, "invalid_client"),
    (
        "Bearer",
        {"data": GRANT, "headers": {"Authorization": "Bearer dgt_x"}},
        401,
        "invalid_client",
    ),
    (
        "Basic that is not base64",
        {"data": GRANT, "headers": {"Authorization": "Basic !!"}},
        401,
        "invalid_client",
    ),
    (
        "Basic without a colon",
        {"data": GRANT, "headers": {"Authorization": "Basic eA=="}},
        401,
        "invalid_client",
    ),
    (
        "Basic that is not UTF-8",
        {"data": GRANT, "headers": {"Authorization": "Basic /zo6"}},
        401,
        "invalid_client",
    ),
]


@pytest.mark.parametrize(
    ("request_", "status", "error"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_wrong_is_told_by_the_rfc(
    http: httpx.AsyncClient, request_: Mapping[str, object], status: int, error: str
) -> None:
    """RFC 6749 section 5.2."""
    answer = await http.post("/oauth/token", **request_)  # type: ignore[arg-type]

    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert answer.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_a_secret_is_shown_in_one_way_only(http: httpx.AsyncClient, shop: Shown) -> None:
    """RFC 6749 section 2.3: not more than one method in a request."""
    both = await http.post("/oauth/token", data=GRANT | in_body(shop), headers=right(shop))
    differ = await http.post(
        "/oauth/token", data=GRANT | {"client_id": "another"}, headers=right(shop)
    )
    same = await http.post(
        "/oauth/token", data=GRANT | {"client_id": str(shop.client_id)}, headers=right(shop)
    )

    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    assert (differ.status_code, differ.json()["error"]) == (400, "invalid_request")
    assert same.status_code == 200


async def test_nothing_secret_may_be_in_the_address(
    http: httpx.AsyncClient, shop: Shown, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await http.post("/oauth/token", params=GRANT | in_body(shop))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    caplog.set_level(logging.DEBUG)
    assert (await http.get("/oauth/token", params=in_body(shop))).status_code == 405
    ours = [one for one in caplog.records if not one.name.startswith("httpx")]
    assert all(shop.client_secret not in one.getMessage() for one in ours)


async def test_a_revoked_token_is_gone(http: httpx.AsyncClient, shop: Shown) -> None:
    """RFC 7009; then introspection says no more than that it does not work (RFC 7662)."""
    token = await token_of(shop)
    asked = {"data": {"token": token}, "headers": right(shop)}
    before = await http.post("/oauth/introspect", **asked)
    revoked = await http.post("/oauth/revoke", **asked)
    again = await http.post("/oauth/revoke", **asked)
    after = await http.post("/oauth/introspect", **asked)

    facts = before.json()
    assert facts["active"] is True
    assert facts["client_id"] == str(shop.client_id)
    assert facts["exp"] - facts["iat"] == 3600
    assert (revoked.status_code, revoked.content) == (200, b"")
    assert again.status_code == 200
    assert after.json() == {"active": False}


async def test_what_is_not_its_own_token_does_not_exist_for_a_client(
    http: httpx.AsyncClient, world: World, shop: Shown
) -> None:
    other = await world.client(name="Other")
    token = await token_of(other)
    for asked in (token, "dgt_" + "a" * 52, "nonsense"):
        form = {"token": asked, "token_type_hint": "refresh_token"}
        told = await http.post("/oauth/introspect", data=form, headers=right(shop))
        revoked = await http.post("/oauth/revoke", data=form, headers=right(shop))
        assert (told.status_code, told.json()) == (200, {"active": False})
        assert (revoked.status_code, revoked.content) == (200, b"")

    assert await credentials.holder_of(token) is not None


@pytest.mark.parametrize("path", ["/oauth/revoke", "/oauth/introspect"])
async def test_the_neighbours_want_a_client_too(
    http: httpx.AsyncClient, shop: Shown, path: str
) -> None:
    token = await token_of(shop)
    stranger = await http.post(path, data={"token": token})
    wrong = await http.post(path, data={"token": token}, headers=basic(shop.client_id, "wrong"))
    missing = await http.post(path, data={"x": "y"}, headers=right(shop))

    assert (stranger.status_code, stranger.json()["error"]) == (401, "invalid_client")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert (missing.status_code, missing.json()["error"]) == (400, "invalid_request")
    assert await credentials.holder_of(token) is not None


async def test_a_token_may_take_back_itself_alone(http: httpx.AsyncClient, shop: Shown) -> None:
    """The page at /graphiql has forgotten the secret by then."""
    one, other = await token_of(shop), await token_of(shop)
    bearer = {"Authorization": f"Bearer {one}"}
    refused = await http.post("/oauth/revoke", data={"token": other}, headers=bearer)
    taken = await http.post("/oauth/revoke", data={"token": one}, headers=bearer)

    assert refused.status_code == 401
    assert taken.status_code == 200
    assert await credentials.holder_of(one) is None
    assert await credentials.holder_of(other) is not None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_client_can_find_the_endpoints(http: httpx.AsyncClient) -> None:
    """RFC 8414."""
    told = (await http.get("/.well-known/oauth-authorization-server")).json()
    secure = {
        name: value.replace("http:", "https:") if isinstance(value, str) else value
        for name, value in told.items()
    }

    AuthorizationServerMetadata(secure).validate()
    assert told["issuer"] == "http://dockgate.test"
    assert told["token_endpoint"] == "http://dockgate.test/oauth/token"
    assert told["grant_types_supported"] == ["client_credentials"]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_authlibs_own_client_gets_and_gives_back_a_token(
    app: httpx.AsyncClient, shop: Shown, method: str
) -> None:
    async with AsyncOAuth2Client(
        str(shop.client_id),
        shop.client_secret,
        token_endpoint_auth_method=method,
        transport=httpx.ASGITransport(app),  # type: ignore[arg-type]
    ) as client:
        token = await client.fetch_token("http://dockgate.test/oauth/token")
        assert await credentials.holder_of(token["access_token"]) is not None
        await client.revoke_token("http://dockgate.test/oauth/revoke", token=token["access_token"])

    assert await credentials.holder_of(token["access_token"]) is None


async def test_a_full_line_says_when_to_come_again(
    http: httpx.AsyncClient, shop: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "line", Line(workers=1, places=0))
    asked = [http.post("/oauth/token", data=GRANT, headers=right(shop)) for _ in range(3)]
    statuses = {}
    for answer in await asyncio.gather(*asked):
        statuses[answer.status_code] = answer

    assert set(statuses) == {200, 429}
    assert statuses[429].json()["error"] == "temporarily_unavailable"
    assert int(statuses[429].headers["retry-after"]) >= 1


async def test_without_a_database_it_says_when_to_come_again(
    http: httpx.AsyncClient, shop: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> None:
        raise DatabaseUnavailable(Reason.LOST, "The database does not answer")

    monkeypatch.setattr(credentials, "lead_of", lost)
    answer = await http.post("/oauth/token", data=GRANT, headers=right(shop))

    assert answer.status_code == 503
    assert answer.json()["error"] == "temporarily_unavailable"
    assert "retry-after" in answer.headers


@pytest.mark.usefixtures("database")
async def test_guessing_leaves_the_others_alone(serve: Serve) -> None:
    """A hundred parallel guesses: a bystander is answered in time, and memory stays bounded."""
    shop = await (await make_world()).client(ApiRole.WMS_VIEW_JOBS)
    serving = await serve()
    process = psutil.Process(serving.process.pid)
    async with serving.client() as http:
        guess = {"data": GRANT, "headers": basic(shop.client_id, "wrong")}
        assert (await http.post("/oauth/token", data=GRANT, headers=right(shop))).status_code == 200
        before = process.memory_info().rss
        # Nor do others on this machine leave everybody alone: it may be shown three times.
        for _ in range(3):
            guesses = asyncio.gather(*(http.post("/oauth/token", **guess) for _ in range(100)))
            longest = 0.0
            while not guesses.done():
                began = time.perf_counter()
                assert (await http.get("/healthz")).status_code == 200
                longest = max(longest, time.perf_counter() - began)
                await asyncio.sleep(0.01)
            statuses = [answer.status_code for answer in await guesses]
            if longest < 1:
                break
        after = await http.post("/oauth/token", data=GRANT, headers=right(shop))

    assert set(statuses) <= {401, 429}
    assert longest < 1
    assert process.memory_info().rss - before < 64 * 2**20
    assert after.status_code == 200
    assert shop.client_secret not in serving.log.read_text()


async def test_a_deactivated_client_gets_no_token(
    http: httpx.AsyncClient, world: World, shop: Shown
) -> None:
    await clients.deactivate(world.tenant.id, shop.client_id)
    answer = await http.post("/oauth/token", data=GRANT, headers=right(shop))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
