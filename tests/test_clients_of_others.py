"""Other people's clients, as they come: what works with them works with everybody's."""

import asyncio
import json
from pathlib import Path

import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from gql import Client, GraphQLRequest
from gql.transport.httpx import HTTPXAsyncTransport

from models.words import ApiRole
from resolvers.credentials import Shown
from tests.asking import document_of
from tests.npm.node import HERE, node
from tests.processes import Serve, Serving
from tests.world import World, token_of

EXAMPLE = "orders/list_orders"


@pytest.fixture
async def shop(world: World) -> Shown:
    return await world.client(ApiRole.WMS_CREATE_JOBS, ApiRole.WMS_ADD_PRODUCT)


async def viewed(serving: Serving, token: str) -> str:
    """The client that a token speaks for."""
    asked = {"query": "{ viewer { client { id } } }"}
    async with serving.client(headers={"Authorization": f"Bearer {token}"}) as http:
        answer = await http.post("/graphql", json=asked)
    return str(answer.json()["data"]["viewer"]["client"]["id"])


async def test_authlib_gets_a_token_and_gives_it_back(serve: Serve, shop: Shown) -> None:
    serving = await serve()
    for method in ("client_secret_basic", "client_secret_post"):
        async with AsyncOAuth2Client(
            str(shop.client_id), shop.client_secret, token_endpoint_auth_method=method
        ) as client:
            token = await client.fetch_token(
                f"{serving.origin}/oauth/token", grant_type="client_credentials"
            )
            asked = {"query": "{ viewer { client { id } } }"}
            answer = await client.post(f"{serving.origin}/graphql", json=asked)
            revoked = await client.revoke_token(
                f"{serving.origin}/oauth/revoke", token["access_token"]
            )
            await asyncio.sleep(1)  # as long as a worker may remember it
            after = await client.post(f"{serving.origin}/graphql", json=asked)

        assert token["token_type"] == "Bearer"
        assert answer.json()["data"]["viewer"]["client"]["id"] == str(shop.client_id)
        assert (revoked.status_code, after.status_code) == (200, 401)


async def test_openid_client_discovers_the_endpoint_and_gets_a_token(
    serve: Serve, shop: Shown
) -> None:
    """The metadata of RFC 8414 is all it is told, beside an id and a secret."""
    serving = await serve()
    told = await node(
        "token.js",
        ORIGIN=serving.origin,
        CLIENT_ID=str(shop.client_id),
        CLIENT_SECRET=shop.client_secret,
    )

    assert len(told) == 2
    for one in told:
        assert one["active"] == [True, False]
        assert await viewed(serving, one["token"]["access_token"]) == str(shop.client_id)


async def test_gql_introspects_and_runs_an_example(serve: Serve, shop: Shown) -> None:
    serving = await serve()
    transport = HTTPXAsyncTransport(
        f"{serving.origin}/graphql",
        headers={"Authorization": f"Bearer {await token_of(shop)}"},
    )
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        answer = await session.execute(GraphQLRequest(document_of(EXAMPLE)))
        schema = session.client.schema

    assert answer["outboundOrders"]["edges"] == []
    assert schema is not None
    assert "createOutboundOrder" in schema.mutation_type.fields


async def test_graphql_request_introspects_and_runs_an_example(serve: Serve, shop: Shown) -> None:
    serving = await serve()
    told = await node(
        "ask.js",
        ORIGIN=serving.origin,
        TOKEN=await token_of(shop),
        DOCUMENT=document_of(EXAMPLE),
        VARIABLES="{}",
    )

    assert told["errors"] == []
    assert told["data"]["outboundOrders"]["edges"] == []
    assert "createOutboundOrder" in told["mutation"]


def test_the_packages_are_exact_and_their_lock_holds_no_address() -> None:
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]
    locked = json.loads((HERE / "package-lock.json").read_text())["packages"]

    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [name for name, package in locked.items() if "resolved" in package] == []
    assert [name for name, package in locked.items() if name and "integrity" not in package] == []


async def test_where_npm_cannot_be_reached_the_tests_fail_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A skip that nobody reads hides a hole."""
    (tmp_path / "package.json").write_text('{"dependencies": {"graphql": "16.15.0"}}')
    (tmp_path / "package-lock.json").write_bytes((HERE / "package-lock.json").read_bytes())
    monkeypatch.setattr("tests.npm.node.HERE", tmp_path)
    monkeypatch.setattr("tests.npm.node.LOCK", tmp_path / "package-lock.json")
    monkeypatch.setattr("tests.npm.node.INSTALLED", tmp_path / "node_modules" / "never")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")

    with pytest.raises(pytest.fail.Exception, match="npm could not be reached"):
        await node("ask.js")
