"""Who asks over HTTP, and how a request is refused that never becomes more than one.

A caller shows one thing: a bearer token, a legacy key as it always was (HTTP Basic or X-Api-Key),
or a browser's session in its cookie. What stands in `Authorization` is taken before anything else.
"""

import base64
import binascii
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

import orjson
import structlog
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from models.database import DatabaseUnavailable
from resolvers.access import Caller
from resolvers.callers import Callers
from resolvers.commands import unavailable
from resolvers.errors import BadInput, Refusal, Throttled, Unauthenticated
from resolvers.legacy_keys import ShownKey
from resolvers.networks import Elsewhere, admit
from server.allowances import seconds_until
from server.forgery import Forged, cookie_of, refuse_forgery

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

JSON = "application/json"
BEARER = "Bearer"
BEARER_REFUSED = f'{BEARER} error="invalid_token"'
BASIC = 'Basic realm="dockgate", charset="UTF-8"'

NEVER_IN_URLS = frozenset(
    {
        *(b"accesstoken", b"token", b"bearer", b"authorization"),
        *(b"apikey", b"xapikey", b"key", b"legacykey"),
        *(b"secret", b"clientsecret", b"apisecret", b"password"),
    }
)
"""Names of parameters, without hyphens and underscores, whose values are secrets."""


class Refused(Exception):
    """A request that is refused as a whole: its status, and the refusal that it is told."""

    def __init__(
        self, status: HTTPStatus, refusal: Refusal, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(str(refusal))
        self.status = status
        self.refusal = refusal
        self.headers = dict(headers or {})

    def answer(self, media_type: str = JSON) -> Response:
        """It as every endpoint tells it."""
        error = {"message": str(self.refusal), "extensions": self.refusal.extensions}
        content = orjson.dumps({"errors": [error]})
        return Response(content, self.status, self.headers, media_type)


async def caller_of(scope: Scope, headers: Headers, callers: Callers) -> Caller:
    """Who asks (RFC 6750, RFC 7617).

    Raises:
        Refused: nobody that we know, from where they may not ask, or the database cannot say now.

    """
    try:
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and (token := shown.strip()):
            caller = await callers.caller_of(token, address_of(scope))
            if caller is None:
                raise unauthenticated(
                    "This token is not valid any more, or never was.", BEARER_REFUSED
                )
        else:
            caller = await _without_token(scope, headers, callers)
        if caller.networks:
            admit(address_of(scope), caller.networks)
    except DatabaseUnavailable as fault:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, unavailable()) from fault
    except Throttled as refusal:
        raise too_many(refusal) from refusal
    except (Elsewhere, Forged) as refusal:
        _warn(scope, "Refused from elsewhere" if isinstance(refusal, Elsewhere) else "Forged")
        raise Refused(HTTPStatus.FORBIDDEN, refusal) from refusal
    return caller


def no_token_in(query_string: bytes) -> None:
    """Refuse a token or a key in the URL, by whatever name."""
    if query_string and (
        b"access_token" in query_string or not NEVER_IN_URLS.isdisjoint(_names(query_string))
    ):
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            BadInput("A token or a key is sent in a header: URLs are written into logs."),
        )


def address_of(scope: Scope) -> str | None:
    """From where a request came."""
    client = scope.get("client")
    return client[0] if client else None


def unauthenticated(message: str, challenge: str) -> Refused:
    """The refusal of somebody whom we do not know."""
    return Refused(
        HTTPStatus.UNAUTHORIZED, Unauthenticated(message), {"WWW-Authenticate": challenge}
    )


def too_many(refusal: Throttled) -> Refused:
    """The refusal of somebody who shall come again later."""
    wait = seconds_until(refusal.retry_at)
    return Refused(HTTPStatus.TOO_MANY_REQUESTS, refusal, {"Retry-After": wait})


async def _without_token(scope: Scope, headers: Headers, callers: Callers) -> Caller:
    authorization = headers.get("authorization")
    if authorization is not None:
        return await _by_basic(scope, authorization, callers)
    if (key := headers.get("x-api-key")) is not None:
        return await _by_key(scope, ShownKey(None, key), callers, BEARER)
    if (cookie := cookie_of(headers)) is not None:
        refuse_forgery(scope, headers, callers.public_url)
        caller = await callers.person_by_cookie(cookie, address_of(scope))
        if caller is None:
            raise unauthenticated("This session has ended. Sign in again.", BEARER)
        return caller
    await callers.allowances.knock(address_of(scope))
    raise unauthenticated("Send a bearer token; `/oauth/token` gives one.", BEARER)


async def _by_basic(scope: Scope, authorization: str, callers: Callers) -> Caller:
    scheme, _, packed = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise unauthenticated("Send a bearer token; `/oauth/token` gives one.", BEARER)
    try:
        text = base64.b64decode(packed.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    # Not unquoted, as it is at the token endpoint: identifiers and keys are sent as they are.
    identifier, colon, key = text.partition(":")
    if not colon:
        raise unauthenticated("Basic is an identifier, a colon and a key, in base64.", BASIC)
    return await _by_key(scope, ShownKey(identifier, key), callers, BASIC)


async def _by_key(scope: Scope, shown: ShownKey, callers: Callers, challenge: str) -> Caller:
    caller = await callers.caller_by_key(shown, address_of(scope))
    if caller is None:
        _warn(scope, "Key refused")
        raise unauthenticated("This key is not valid any more, or never was.", challenge)
    return caller


def _warn(scope: Scope, what: str) -> None:
    """Log who was refused, by nothing that they showed."""
    log.warning(what, address=address_of(scope), request_id=scope["state"]["request_id"])


def _names(query_string: bytes) -> set[bytes]:
    """The names of a URL's parameters, in one spelling."""
    return {
        unquote_to_bytes(one.partition(b"=")[0].replace(b"+", b" "))
        .lower()
        .translate(None, b"-_. ")
        for one in query_string.split(b"&")
    }
