"""GraphQL over HTTP (the GraphQL Foundation's specification, draft of 2025).

A stranger is refused before a byte of the body is read. Then the body's size, its type and its
form; then the operation itself, whose answer decides the status unless the client asked for
`application/json`.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.graphql import OperationType

import schema
from resolvers.access import Caller
from resolvers.allowances import Allowances
from resolvers.callers import Callers
from resolvers.errors import BadInput, LimitExceeded, Throttled
from schema.context import Context
from schema.finished import encode
from schema.limits import Limits
from server.allowances import seconds_until, told
from server.guard import JSON, Refused, address_of, caller_of, no_token_in
from server.settings import Settings

RESPONSE = "application/graphql-response+json"

STATUS_OF = {
    "UNAUTHENTICATED": HTTPStatus.UNAUTHORIZED,
    "FORBIDDEN": HTTPStatus.FORBIDDEN,
    "THROTTLED": HTTPStatus.TOO_MANY_REQUESTS,
    "UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
    "INTERNAL": HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The status of an operation that did not run, by its first error's code; else it is a 400."""


@dataclass(frozen=True)
class Asked:
    """One operation as it came."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


class AnswerType(NamedTuple):
    """What an answer is sent as."""

    name: str
    by_name: bool
    """Whether the client asked for it by its name, and so knows what its status means."""


class GraphQL:
    """The endpoint: an ASGI application of its own, since it is the hot path."""

    def __init__(self, settings: Settings, callers: Callers, allowances: Allowances) -> None:
        limits = settings.limits
        self.schema = schema.build(
            Limits(**limits.model_dump(include=set(Limits.__dataclass_fields__)))
        )
        self.allowances = allowances
        self.callers = callers
        self.body_bytes = limits.body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = Headers(scope=scope)
        try:
            caller = await caller_of(scope, headers, self.callers)
            answer_as = answer_type(headers.get("accept"))
            asked = await self._asked(scope, headers, receive)
            response = await self._answer(scope, caller, asked, answer_as)
        except Refused as refused:
            response = refused.answer(_refusal_type(headers.get("accept")))
        await response(scope, receive, send)

    async def _asked(self, scope: Scope, headers: Headers, receive: Receive) -> Asked:
        no_token_in(scope["query_string"])
        if scope["method"] == "GET":
            return from_query(scope["query_string"])
        if scope["method"] != "POST":
            raise Refused(
                HTTPStatus.METHOD_NOT_ALLOWED,
                BadInput("GraphQL is asked by POST, or by GET for queries."),
                {"Allow": "GET, POST"},
            )
        if not _is_json(headers.get("content-type", "")):
            raise _unsupported("The body is JSON in UTF-8: `Content-Type: application/json`.")
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise _unsupported("The body is sent as it is, without a Content-Encoding.")
        return from_body(await self._body(headers, receive))

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        told = headers.get("content-length", "")
        if told.isdecimal() and int(told) > self.body_bytes:
            raise self._too_large()
        chunks: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _malformed("The body broke off.")
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self.body_bytes:
                raise self._too_large()
            more = message.get("more_body", False)
        return b"".join(chunks)

    def _too_large(self) -> Refused:
        return Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            LimitExceeded("a body in bytes", limit=self.body_bytes),
            # What is left of it is not read, so the connection cannot go on.
            {"Connection": "close"},
        )

    async def _answer(
        self, scope: Scope, caller: Caller, asked: Asked, answer_as: AnswerType
    ) -> Response:
        context = Context(
            caller,
            scope["state"]["request_id"],
            address=address_of(scope),
            allowances=self.allowances,
        )
        by_get = scope["method"] == "GET"
        try:
            result = await self.schema.execute(
                asked.query,
                asked.variables,
                context,
                operation_name=asked.operation_name,
                allowed_operation_types={OperationType.QUERY} if by_get else ANY_OPERATION,
            )
        except InvalidOperationTypeError:
            raise Refused(
                HTTPStatus.METHOD_NOT_ALLOWED,
                BadInput("A mutation is sent by POST."),
                {"Allow": "POST"},
            ) from None
        operation = context.operation.name if context.operation else None
        self.callers.note_use(caller, context.address, operation)
        response = respond(result, answer_as)
        if context.spent is not None:
            response.raw_headers += told(context.spent)
        return response


ANY_OPERATION = {OperationType.QUERY, OperationType.MUTATION}


def respond(result: Any, answer_as: AnswerType) -> Response:
    """An operation's result. Who asks for plain JSON by its name expects a 200 with all errors."""
    answer: dict[str, Any] = {}
    ran = result.data is not None or any(error.path for error in result.errors or ())
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    if ran:
        answer["data"] = result.data
    answer["extensions"] = result.extensions
    status = HTTPStatus.OK
    headers = {}
    if not ran:
        extensions = answer["errors"][0].get("extensions", {})
        code = extensions.get("code")
        # Like a stranger's 401 it is no answer to the operation, which nobody looked into.
        if "retryAt" in extensions:
            headers["Retry-After"] = seconds_until(datetime.fromisoformat(extensions["retryAt"]))
        if code == Throttled.code or answer_as != (JSON, True):
            status = STATUS_OF.get(code, HTTPStatus.BAD_REQUEST)
    return Response(encode(answer), status, headers, answer_as.name)


def answer_type(accept: str | None) -> AnswerType:
    """The media type to answer with, of those that the client takes; JSON if it takes any."""
    if not accept:
        return AnswerType(JSON, by_name=False)
    taken: dict[str, float] = {}
    for one in accept.split(","):
        name, *parameters = (part.strip() for part in one.lower().split(";"))
        taken[name] = _quality(parameters)
    anything = taken.get("*/*", 0.0)
    any_application = taken.get("application/*", anything)

    def wanted(name: str) -> tuple[float, bool]:
        return taken.get(name, any_application), name in taken

    best = RESPONSE if wanted(RESPONSE) >= wanted(JSON) and RESPONSE in taken else JSON
    if wanted(best)[0] <= 0:
        raise Refused(HTTPStatus.NOT_ACCEPTABLE, BadInput(f"Answers are `{RESPONSE}` or `{JSON}`."))
    return AnswerType(best, best in taken)


def _refusal_type(accept: str | None) -> str:
    try:
        return answer_type(accept).name
    except Refused:
        return JSON


def _is_json(content_type: str) -> bool:
    """Whether it is JSON in UTF-8, which is what JSON is in unless it says otherwise."""
    name, *parameters = (part.strip().lower() for part in content_type.split(";"))
    said = dict(part.split("=", 1) for part in parameters if "=" in part)
    return name == JSON and said.get("charset", "utf-8").strip('"') in {"utf-8", "utf8"}


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def from_query(query_string: bytes) -> Asked:
    """An operation in the parameters of a GET."""
    try:
        given = dict(parse_qsl(query_string.decode("ascii"), errors="strict", max_num_fields=20))
    except ValueError:
        raise _malformed("The query string does not parse.") from None
    for name in ("variables", "extensions"):
        if given.get(name):
            try:
                given[name] = orjson.loads(given[name])
            except orjson.JSONDecodeError:
                raise _malformed(f"`{name}` is no JSON.") from None
    return _checked(given)


def from_body(body: bytes) -> Asked:
    """An operation in the body of a POST."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _malformed("The body is no JSON.") from None
    return _checked(given)


def _checked(given: Any) -> Asked:
    if not isinstance(given, dict):
        raise _malformed("The body is one JSON object: batches are not taken.")
    query = given.get("query")
    if not isinstance(query, str) or not query.strip():
        raise _malformed("`query` is the document, as a string.")
    variables = given.get("variables")
    for part in ("variables", "extensions"):
        if not isinstance(given.get(part), dict | None):
            raise _malformed(f"`{part}` is an object.")
    name = given.get("operationName")
    if name is not None and not isinstance(name, str):
        raise _malformed("`operationName` is a string.")
    return Asked(query, variables, name or None)


def _malformed(message: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, BadInput(message))


def _unsupported(message: str) -> Refused:
    return Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, BadInput(message))


def graphql_routes(settings: Settings, callers: Callers, allowances: Allowances) -> list[BaseRoute]:
    """Where GraphQL is answered."""
    return [Route("/graphql", GraphQL(settings, callers, allowances))]
