"""Who asks over HTTP, and how a request is refused that never becomes more than one."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from starlette.datastructures import Headers
from starlette.responses import Response

from models.database import DatabaseUnavailable
from resolvers.access import Caller
from resolvers.callers import Callers
from resolvers.commands import unavailable
from resolvers.errors import BadInput, Refusal, Unauthenticated

JSON = "application/json"


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


async def caller_of(headers: Headers, callers: Callers) -> Caller:
    """Who asks (RFC 6750).

    Raises:
        Refused: nobody that we know, or the database cannot say now.

    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthenticated("Send a bearer token; `/oauth/token` gives one.", "Bearer")
    try:
        caller = await callers.caller_of(token.strip())
    except DatabaseUnavailable as fault:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, unavailable()) from fault
    if caller is None:
        raise _unauthenticated(
            "This token is not valid any more, or never was.", 'Bearer error="invalid_token"'
        )
    return caller


def no_token_in(query_string: bytes) -> None:
    """Refuse a token in the URL."""
    if b"access_token" in query_string:
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            BadInput("A token is sent in a header: URLs are written into logs."),
        )


def _unauthenticated(message: str, challenge: str) -> Refused:
    return Refused(
        HTTPStatus.UNAUTHORIZED, Unauthenticated(message), {"WWW-Authenticate": challenge}
    )
