"""Signing in with a browser, looking who is signed in, changing the password, signing out.

    POST /session             e-mail and password, as a form or JSON: 204, and the cookie
    GET /session              who is signed in, or nobody
    PUT /session/password     the current password and a new one: 204, and another cookie
    DELETE /session           204, and the cookie is gone

All but the first are authenticated by the cookie, and guarded as `server.forgery` tells.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from models.database import DatabaseUnavailable
from resolvers import passwords, sign_in
from resolvers.access import Caller
from resolvers.callers import Callers
from resolvers.commands import unavailable
from resolvers.errors import BadInput, LimitExceeded, Throttled, Unauthenticated, UserErrors
from resolvers.sign_in import From, SignedIn
from server.forgery import COOKIE, Forged, cookie_of, refuse_forgery, refuse_other_sites
from server.guard import BEARER, JSON, Refused, address_of, no_token_in, too_many, unauthenticated

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

LONGEST_BODY = 8_192
FORM = "application/x-www-form-urlencoded"
ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict"
"""Strict: what pages ask of us goes to where they came from, so nothing is lost by it."""

Endpoint = Callable[[Request], Awaitable[Response]]


class Sessions:
    """The endpoints. `lasts` is how long a session lasts at most."""

    def __init__(self, callers: Callers, lasts: timedelta) -> None:
        self.callers = callers
        self.lasts = lasts

    async def begin(self, request: Request) -> Response:
        """Sign in."""
        refuse_other_sites(request.scope, request.headers, self.callers.public_url)
        given = await _fields(request, "email", "password")
        held = cookie_of(request.headers)
        return _with(
            await sign_in.sign_in(
                given["email"], given["password"], _from(request), self.lasts, held
            )
        )

    async def show(self, request: Request) -> Response:
        """Tell who is signed in; nobody is no error, so that a page may simply ask."""
        self._guard(request)
        person = await self._person(request)
        answer = None
        if person is not None:
            answer = {
                "id": str(person.staff_user_id),
                "name": person.name,
                "role": person.staff_role,
                "tenant": {"id": str(person.tenant_id), "name": person.tenant_name},
            }
        return Response(orjson.dumps({"staffUser": answer}), media_type=JSON)

    async def change_password(self, request: Request) -> Response:
        """Set another password."""
        self._guard(request)
        person = await self._person(request)
        if person is None:
            raise unauthenticated("This session has ended. Sign in again.", BEARER)
        given = await _fields(request, "current", "new")
        return _with(
            await passwords.change(
                person, given["current"], given["new"], _from(request), self.lasts
            )
        )

    async def end(self, request: Request) -> Response:
        """Sign out; whoever is signed out already may do it again."""
        self._guard(request)
        if (cookie := cookie_of(request.headers)) is not None:
            await sign_in.sign_out(cookie, _from(request))
        gone = {"Set-Cookie": f"{COOKIE}=; {ATTRIBUTES}; Max-Age=0"}
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=gone)

    def _guard(self, request: Request) -> None:
        refuse_forgery(request.scope, request.headers, self.callers.public_url)

    async def _person(self, request: Request) -> Caller | None:
        cookie = cookie_of(request.headers)
        return (
            None
            if cookie is None
            else await self.callers.person_by_cookie(cookie, address_of(request.scope))
        )


def session_routes(callers: Callers, lasts: timedelta) -> list[BaseRoute]:
    """Where people sign in, and out."""
    sessions = Sessions(callers, lasts)
    methods = {"POST": sessions.begin, "GET": sessions.show, "DELETE": sessions.end}

    async def session(request: Request) -> Response:
        return await methods.get(request.method, sessions.show)(request)  # HEAD is as GET

    return [
        Route("/session", _told(session), methods=list(methods)),
        Route("/session/password", _told(sessions.change_password), methods=["PUT"]),
    ]


def _told(endpoint: Endpoint) -> Endpoint:
    """Answer refusals as GraphQL's endpoint does."""

    async def answer(request: Request) -> Response:
        try:
            no_token_in(request.scope["query_string"])
            return await endpoint(request)
        except Refused as refused:
            return refused.answer()
        except Unauthenticated as refusal:
            log.warning(
                "Sign-in refused",
                address=address_of(request.scope),
                request_id=request.state.request_id,
            )
            return unauthenticated(str(refusal), BEARER).answer()
        except Forged as refusal:
            return Refused(HTTPStatus.FORBIDDEN, refusal).answer()
        except Throttled as refusal:
            return too_many(refusal).answer()
        except UserErrors as faults:
            return _unfit(faults)
        except DatabaseUnavailable:
            return Refused(HTTPStatus.SERVICE_UNAVAILABLE, unavailable()).answer()

    return answer


def _with(signed_in: SignedIn) -> Response:
    # Without Max-Age the browser forgets it when it is closed.
    kept = {"Set-Cookie": f"{COOKIE}={signed_in.cookie}; {ATTRIBUTES}"}
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=kept)


def _unfit(faults: UserErrors) -> Response:
    """What is wrong with a new password, all of it."""
    refusals = [BadInput(fault.message, path=fault.path) for fault in faults.errors]
    errors = [{"message": str(one), "extensions": one.extensions} for one in refusals]
    return Response(orjson.dumps({"errors": errors}), HTTPStatus.BAD_REQUEST, media_type=JSON)


def _from(request: Request) -> From:
    return From(address_of(request.scope), request.state.request_id)


async def _fields(request: Request, *names: str) -> dict[str, str]:
    """Read what was sent; each of the names is there, and a text."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {FORM, JSON}:
        message = f"The body is `{FORM}` or `{JSON}`."
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, BadInput(message))
    body = await _body(request)
    given = _form(body) if kind == FORM else _json(body)
    missing = [name for name in names if not isinstance(given.get(name), str)]
    if missing:
        message = f"`{missing[0]}` is missing, or is no text."
        raise Refused(HTTPStatus.BAD_REQUEST, BadInput(message, path=[missing[0]]))
    return {name: given[name] for name in names}


def _form(body: bytes) -> Mapping[str, Any]:
    try:
        return dict(
            parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=16, errors="strict")
        )
    except ValueError:
        raise Refused(HTTPStatus.BAD_REQUEST, BadInput("The body is no form.")) from None


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(given, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, BadInput("The body is one JSON object."))
    return given


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                LimitExceeded("a body in bytes", limit=LONGEST_BODY),
                {"Connection": "close"},
            )
    return body
