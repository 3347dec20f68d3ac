"""GraphQL over HTTP: what is taken, what is told, and what is refused before it is looked at."""

import asyncio
import gzip
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.words import ApiRole
from tests.asking import Shop, open_shop
from tests.npm.node import node
from tests.processes import Serve, Serving
from tests.world import World

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
NAME = {"query": "{ __typename }"}
NAMED = {"data": {"__typename": "Query"}}

in_one_process = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no database has a say in."""


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world, ApiRole.WMS_CREATE_JOBS, ApiRole.WMS_ADD_PRODUCT)


async def ask(shop: Shop, method: str = "POST", url: str = "/graphql", **given: Any) -> Any:
    """A request with a token, and everything else as it is said."""
    headers = {"Authorization": f"Bearer {shop.token}", **given.pop("headers", {})}
    return await shop.http.request(method, url, headers=headers, **given)


def code_of(answer: httpx.Response) -> str:
    [error] = answer.json()["errors"]
    return str(error["extensions"]["code"])


def port_of(serving: Serving) -> int:
    return int(serving.origin.rpartition(":")[2])


# --- the specification ---------------------------------------------------------------------------


@in_one_process
async def test_the_auditor_of_the_specification_finds_nothing(serve: Serve, world: World) -> None:
    serving = await serve()
    token = await world.token(ApiRole.WMS_VIEW_JOBS)

    told = await node("audit.js", ORIGIN=serving.origin, TOKEN=token)

    assert len(told) == 61
    assert [one for one in told if one["status"] != "ok"] == []


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/*;q=0.5, text/html", JSON),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}; charset=utf-8", RESPONSE),
        (JSON, JSON),
        (f"{JSON}; charset=utf-8", JSON),
        (f"{JSON}, {RESPONSE};q=0.9", JSON),
        (f"{RESPONSE};q=0.2, {JSON};q=0.1", RESPONSE),
        (f"{RESPONSE};q=0, */*", JSON),
        (f"{JSON}, {RESPONSE}", RESPONSE),
        (f"{RESPONSE}, */*", RESPONSE),
        (f"{RESPONSE};q=0.5, */*", JSON),
        ("text/html, */*;q=0.1", JSON),
    ],
)
@in_one_process
async def test_the_answer_has_the_type_that_is_asked_for(
    shop: Shop, accept: str | None, answered: str
) -> None:
    """Refusals, too, so that one parser does for all of them."""
    accepting = {} if accept is None else {"Accept": accept}
    shop.http.headers.pop("Accept")

    for body in (b'{"query": "{ __typename }"}', b"nonsense"):
        answer = await ask(shop, content=body, headers={"Content-Type": JSON, **accepting})
        assert answer.headers["Content-Type"].partition(";")[0] == answered
        assert answer.status_code == (400 if body == b"nonsense" else 200)


@pytest.mark.parametrize("accept", ["text/html", "image/*", f"{JSON};q=0", "nonsense"])
@in_one_process
async def test_a_type_that_is_none_of_ours_is_not_acceptable(shop: Shop, accept: str) -> None:
    answer = await ask(shop, json=NAME, headers={"Accept": accept})

    assert (answer.status_code, code_of(answer)) == (406, "BAD_INPUT")


@pytest.mark.parametrize(
    ("document", "status", "code"),
    [
        ("{", 400, "BAD_INPUT"),
        ("{ nothing }", 400, "BAD_INPUT"),
        ("{ outboundOrder(id: 1.5) { id } }", 400, "BAD_INPUT"),
        ("query($id: ID!) { outboundOrder(id: $id) { id } }", 400, "BAD_INPUT"),
        ("{ statement { used } }", 403, "FORBIDDEN"),
        ("{" + "a { " * 15 + "b" + "}" * 16, 400, "LIMIT_EXCEEDED"),
    ],
)
@in_one_process
async def test_an_operation_that_did_not_run_has_its_status(
    shop: Shop, document: str, status: int, code: str
) -> None:
    """With the type that is older than the specification, clients expect a 200."""
    for accept, expected in ((RESPONSE, status), ("*/*", status), (JSON, 200)):
        answer = await ask(shop, json={"query": document}, headers={"Accept": accept})

        assert answer.status_code == expected
        assert "data" not in answer.json()
        assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {code}


async def test_an_operation_that_ran_is_a_200_whatever_became_of_its_fields(shop: Shop) -> None:
    answer = await ask(
        shop, json={"query": '{ a: product(id: "x") { id } viewer { client { name } } }'}
    )

    assert answer.status_code == 200
    assert answer.json()["data"] == {"a": None, "viewer": {"client": {"name": "Web shop"}}}
    assert answer.json()["errors"][0]["path"] == ["a"]


# --- GET -----------------------------------------------------------------------------------------


async def test_a_query_by_get(shop: Shop) -> None:
    document = "query Who($yes: Boolean!) { viewer @include(if: $yes) { client { name } } }"
    asked = {"query": document, "variables": '{"yes": true}', "operationName": "Who"}
    answer = await ask(shop, "GET", f"/graphql?{urlencode(asked)}")

    assert answer.status_code == 200
    assert answer.json()["data"] == {"viewer": {"client": {"name": "Web shop"}}}


async def test_a_mutation_by_get_is_refused_and_does_nothing(shop: Shop) -> None:
    """Links are followed by others than those who click."""
    document = (
        "query A { viewer { roles } } mutation B($input: CreateOutboundOrderInput!)"
        " { createOutboundOrder(input: $input) { replayed } }"
    )
    variables = json.dumps({"input": shop.order()})
    for name, status in (("A", 200), ("B", 405)):
        asked = {"query": document, "variables": variables, "operationName": name}
        answer = await ask(shop, "GET", f"/graphql?{urlencode(asked)}")
        assert answer.status_code == status

    assert answer.headers["Allow"] == "POST"
    assert (await shop.orders(), await shop.counted()) == (0, 0)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "query=",
        "query=%ff",
        "query=%",
        "query={",
        "query=%00",
        "variables={}",
        "query={__typename}&variables=x",
        "query={__typename}&variables=[]",
        "query={__typename}&variables=1",
        "query={__typename}&extensions=[1]",
        "query={__typename}&operationName=x",
        "&".join(["a=b"] * 100),
        "query={__typename}&variables=" + "[" * 5_000,
    ],
)
@in_one_process
async def test_a_query_string_that_is_malformed(shop: Shop, query: str) -> None:
    answer = await ask(shop, "GET", f"/graphql?{query}")

    assert (answer.status_code, code_of(answer)) == (400, "BAD_INPUT")


@in_one_process
async def test_a_token_in_the_url_is_refused(shop: Shop) -> None:
    """URLs are written into the logs of everything they pass."""
    asked = urlencode({**NAME, "access_token": shop.token})

    without = await shop.http.get(f"/graphql?{asked}")
    beside = await ask(shop, "GET", f"/graphql?{asked}")
    posted = await ask(shop, url=f"/graphql?access_token={shop.token}", json=NAME)

    assert (without.status_code, beside.status_code, posted.status_code) == (401, 400, 400)


# --- who asks, before what is asked --------------------------------------------------------------


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer x", "Bearer dgt_" + "a" * 52, "dgt_x"],
)
async def test_a_stranger_is_refused_before_the_body_is_read(
    shop: Shop, authorization: str | None
) -> None:
    read: list[bytes] = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            read.append(b" " * 1_000)
            yield read[-1]

    headers = {"Content-Type": JSON}
    if authorization is not None:
        headers["Authorization"] = authorization
    answer = await shop.http.post("/graphql", content=endless(), headers=headers)

    assert (answer.status_code, code_of(answer)) == (401, "UNAUTHENTICATED")
    # Whoever tries HTTP Basic holds a key of before there were tokens.
    scheme = "Basic" if authorization == "Basic YTpi" else "Bearer"
    assert answer.headers["WWW-Authenticate"].startswith(scheme)
    assert read == []


@in_one_process
async def test_a_stranger_is_answered_while_its_body_is_on_its_way(serve: Serve) -> None:
    serving = await serve()
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(serving))
    writer.write(b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{")
    status = await asyncio.wait_for(reader.readline(), 5)
    writer.close()

    assert status.startswith(b"HTTP/1.1 401 ")


# --- bodies --------------------------------------------------------------------------------------

MALFORMED = {
    "nothing": b"",
    "spaces": b"   ",
    "null": b"null",
    "a number": b"1",
    "a float": b"1e999",
    "true": b"true",
    "a string": b'"{ __typename }"',
    "an empty list": b"[]",
    "a batch": b'[{"query": "{ __typename }"}]',
    "a batch of numbers": b"[1, 2]",
    "an empty object": b"{}",
    "half of it": b'{"query": "{ __type',
    "two of them": b'{"query": "{ __typename }"}{"query": "{ __typename }"}',
    "no query": b'{"variables": {}}',
    "query null": b'{"query": null}',
    "query number": b'{"query": 1}',
    "query list": b'{"query": ["{ __typename }"]}',
    "query object": b'{"query": {}}',
    "query empty": b'{"query": ""}',
    "query blank": b'{"query": " \\n"}',
    "query with NUL": b'{"query": "{ __typename \\u0000 }"}',
    "half a character": b'{"query": "{ __typename } # \\ud800"}',
    "variables list": b'{"query": "{ __typename }", "variables": []}',
    "variables full list": b'{"query": "{ __typename }", "variables": [1]}',
    "variables string": b'{"query": "{ __typename }", "variables": "{}"}',
    "variables number": b'{"query": "{ __typename }", "variables": 0}',
    "variables false": b'{"query": "{ __typename }", "variables": false}',
    "extensions list": b'{"query": "{ __typename }", "extensions": []}',
    "extensions string": b'{"query": "{ __typename }", "extensions": "x"}',
    "name number": b'{"query": "{ __typename }", "operationName": 1}',
    "name list": b'{"query": "{ __typename }", "operationName": []}',
    "name unknown": b'{"query": "query A { __typename }", "operationName": "B"}',
    "name NUL": b'{"query": "query A { __typename }", "operationName": "\\u0000"}',
    "Latin-1": '{"query": "{ __typename } # \xe9"}'.encode("latin-1"),
    "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"),
    "a mark first": b'\xef\xbb\xbf{"query": "{ __typename }"}',
    "bytes": bytes(range(256)),
    "NaN": b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    "deep lists": b"[" * 100_000,
    "closed deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep variables": b'{"query": "{ __typename }", "variables": {"a":' + b"[" * 100_000,
    "deep closed variables": b'{"query": "{ __typename }", "variables": {"a":'
    + b"[" * 5_000
    + b"]" * 5_000
    + b"}}",
    "gzip": gzip.compress(b'{"query": "{ __typename }"}'),
    "a form": b"query=%7B__typename%7D",
}


@in_one_process
async def test_a_malformed_body_is_the_clients_fault(shop: Shop) -> None:
    for name, body in MALFORMED.items():
        answer = await ask(shop, content=body, headers={"Content-Type": JSON})

        assert (answer.status_code, code_of(answer)) == (400, "BAD_INPUT"), name
        assert "data" not in answer.json()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": "application/graphql"}, 415),
        ({"Content-Type": f"{JSON}; charset=latin-1"}, 415),
        ({"Content-Type": f"{JSON}; charset=utf-16"}, 415),
        ({"Content-Type": f"{JSON}; charset"}, 200),
        ({"Content-Type": f"{JSON}; charset=utf-8"}, 200),
        ({"Content-Type": f'{JSON};charset="UTF-8"'}, 200),
        ({"Content-Type": f"{JSON}; odata=verbose; charset=utf-8"}, 200),
        ({"Content-Type": f"{JSON}; odata=verbose"}, 200),
        ({"Content-Type": "Application/JSON"}, 200),
        ({"Content-Type": JSON, "Content-Encoding": "identity"}, 200),
        ({"Content-Type": JSON, "Content-Encoding": "gzip"}, 415),
        ({"Content-Type": JSON, "Content-Encoding": "br"}, 415),
    ],
)
@in_one_process
async def test_the_body_is_json_in_utf_8_sent_as_it_is(
    shop: Shop, headers: dict[str, str], status: int
) -> None:
    """A page of somebody else's cannot send this type without asking first (CSRF)."""
    answer = await ask(shop, content=json.dumps(NAME).encode(), headers=headers)

    assert answer.status_code == status
    if status != 200:
        assert code_of(answer) == "BAD_INPUT"


@in_one_process
async def test_a_body_that_is_too_large_is_refused_as_soon_as_that_is_seen(
    shop: Shop, serve: Serve
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 100_000
            yield b" " * 100_000

    answer = await ask(shop, content=endless(), headers={"Content-Type": JSON})
    assert (answer.status_code, code_of(answer)) == (413, "LIMIT_EXCEEDED")
    assert answer.headers["Connection"] == "close"
    assert sent <= 1_200_000

    told = {"Content-Type": JSON, "Content-Length": "1048577"}
    answer = await ask(shop, content=endless(), headers=told)
    assert answer.status_code == 413
    assert sent <= 1_200_000, "what is announced to be too large is not read at all"

    # A real connection, in chunks: the answer comes while the client still sends.
    serving = await serve()
    port = port_of(serving)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer %b\r\nTransfer-Encoding: chunked\r\n\r\n" % shop.token.encode()
    )
    for _ in range(12):
        writer.write(b"%x\r\n%b\r\n" % (100_000, b" " * 100_000))
    status = await asyncio.wait_for(reader.readline(), 10)
    with suppress(ConnectionResetError):  # closed in the middle of what was sent
        await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert status.startswith(b"HTTP/1.1 413 ")


@in_one_process
async def test_a_body_that_breaks_off_is_nobodys_fault(shop: Shop, serve: Serve) -> None:
    serving = await serve()
    port = port_of(serving)
    with socket.create_connection(("127.0.0.1", port)) as half:
        half.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %b\r\nContent-Length: 1000\r\n\r\n{" % shop.token.encode()
        )
    async with serving.client(headers={"Authorization": f"Bearer {shop.token}"}) as http:
        answer = await http.post("/graphql", json=NAME)

    assert answer.status_code == 200
    assert "Our fault" not in serving.log.read_text()


@in_one_process
async def test_with_two_operations_one_is_named(shop: Shop) -> None:
    two = "query A { a: __typename } query B { b: __typename }"
    answers = [
        await ask(shop, json={"query": two, "operationName": name})
        for name in ("A", "B", None, "", "C")
    ]

    assert [one.status_code for one in answers] == [200, 200, 400, 400, 400]
    assert [one.json()["data"] for one in answers[:2]] == [{"a": "Query"}, {"b": "Query"}]
    assert {code_of(one) for one in answers[2:]} == {"BAD_INPUT"}


# --- whatever comes ------------------------------------------------------------------------------

TEXTS = st.text(max_size=20) | st.sampled_from(["{ __typename }", "{ viewer { roles } }", "A"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
PARTS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("query", "variables", "extensions", "operationName", "id"), VALUES),
)
BODIES = (
    st.binary(max_size=200)
    | VALUES.map(lambda value: json.dumps(value).encode())
    | PARTS.map(lambda value: json.dumps(value).encode())
)
HEADERS = st.dictionaries(
    st.sampled_from(["Accept", "Content-Encoding", "X-Request-Id", "Origin", "Accept-Encoding"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30).map(str.strip)
    | st.sampled_from([JSON, RESPONSE, "*/*;q=nan", "*/*;q=x", ";;,,;q="]),
    max_size=3,
)
FORMS = st.dictionaries(TEXTS | st.sampled_from(["query", "variables", "operationName"]), TEXTS)
WORDS = re.findall(
    r"\S+",
    """{ } ( ) [ ] : ! $ @ = | & " # , ... query mutation fragment on Query viewer __typename
    __schema outboundOrders first filter not $f 1 1e9 "x" @skip(if:true) OutboundOrder id null true
    \x00 \ufeff""",
)
DOCUMENTS = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)

many_times = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@in_one_process
@many_times
@given(body=BODIES, headers=HEADERS)
async def test_no_body_is_our_fault(shop: Shop, body: bytes, headers: dict[str, str]) -> None:
    answer = await ask(shop, content=body, headers={"Content-Type": JSON, **headers})

    assert answer.status_code < 500
    assert "INTERNAL" not in answer.text


@in_one_process
@many_times
@given(document=DOCUMENTS, values=st.dictionaries(st.sampled_from(["f", "x"]), VALUES))
async def test_no_document_is_our_fault(shop: Shop, document: str, values: dict[str, Any]) -> None:
    body = json.dumps({"query": document, "variables": values}).encode()
    answer = await ask(shop, content=body, headers={"Content-Type": JSON})

    assert answer.status_code < 500
    assert "INTERNAL" not in answer.text


@in_one_process
@many_times
@given(query=st.binary(max_size=60).map(quote_from_bytes) | FORMS.map(urlencode))
async def test_no_query_string_is_our_fault(shop: Shop, query: str) -> None:
    answer = await ask(shop, "GET", f"/graphql?{query}")

    assert answer.status_code < 500
    assert "INTERNAL" not in answer.text


# --- methods and headers -------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "X"])
@in_one_process
async def test_other_methods_are_not_allowed(shop: Shop, method: str) -> None:
    known = await ask(shop, method, json=NAME)
    stranger = await shop.http.request(method, "/graphql", json=NAME)

    assert (known.status_code, known.headers["Allow"]) == (405, "GET, POST")
    assert stranger.status_code == 401


@in_one_process
async def test_every_answer_carries_safe_headers_and_none_of_cors(shop: Shop) -> None:
    preflight = {"Origin": "https://evil.test", "Access-Control-Request-Method": "POST"}
    answers = [
        await ask(shop, json=NAME, headers={"Origin": "https://evil.test"}),
        await ask(shop, content=b"x", headers={"Content-Type": JSON}),
        await shop.http.post("/graphql", json=NAME),
        await shop.http.options("/graphql", headers=preflight),
        await shop.http.get("/nowhere"),
    ]

    assert [one.status_code for one in answers] == [200, 400, 401, 401, 404]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert [name for name in answer.headers if name.startswith("access-control")] == []
        assert "server" not in answer.headers


@in_one_process
async def test_nothing_tells_what_serves(serve: Serve) -> None:
    serving = await serve()
    async with serving.client() as http:
        answers = [await http.get("/nowhere"), await http.post("/graphql"), await http.get("/")]

    assert [one.headers.get("server") for one in answers] == [None] * 3


@in_one_process
async def test_the_request_id_is_the_clients_if_it_is_harmless(shop: Shop) -> None:
    for given_id, kept in (
        ("order-4711.retry_2", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("", False),
        ('"><script>', False),
        ("a b", False),
    ):
        answer = await ask(shop, json=NAME, headers={"X-Request-Id": given_id})

        told = answer.headers["X-Request-Id"]
        assert answer.json()["extensions"]["requestId"] == told
        assert (told == given_id) is kept
        assert answer.json()["data"] == NAMED["data"]
