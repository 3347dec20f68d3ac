"""The token endpoint and what belongs to it, for confidential clients that speak for themselves.

RFC 6749 section 4.4 (client credentials), RFC 7009 (revocation), RFC 7662 (introspection),
RFC 8414 (metadata). A client shows its secret by `client_secret_basic` or `client_secret_post`.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from models.database import DatabaseUnavailable
from resolvers import credentials
from resolvers.credentials import Holder
from resolvers.errors import Throttled, Unauthenticated
from resolvers.networks import Elsewhere
from server.allowances import seconds_until

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

LONGEST_BODY = 8_192
MOST_FIELDS = 16
FORM = "application/x-www-form-urlencoded"
GRANT = "client_credentials"
NEVER_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
METHODS = ["client_secret_basic", "client_secret_post"]


class OAuthError(Exception):
    """An error answer of RFC 6749 section 5.2."""

    def __init__(
        self,
        error: str,
        description: str,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        **headers: str,
    ) -> None:
        super().__init__(description)
        self.error = error
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(self) -> Response:
        """Say it as the RFC wants it said."""
        content = {"error": self.error, "error_description": str(self)}
        return JSONResponse(content, self.status, {**NEVER_STORED, **self.headers})


@dataclass(frozen=True, slots=True)
class Shown:
    """The id and secret a request shows."""

    client_id: str
    secret: str = field(repr=False)


Endpoint = Callable[[Request], Awaitable[Response]]


def oauth_routes(public_url: str | None = None) -> list[BaseRoute]:
    """The four endpoints; the issuer is where the request came to, unless it is set."""

    async def metadata(request: Request) -> Response:
        return JSONResponse(_metadata(base_url(request, public_url)))

    return [
        Route("/oauth/token", _told_by_the_rfc(issue), methods=["POST"]),
        Route("/oauth/revoke", _told_by_the_rfc(revoke), methods=["POST"]),
        Route("/oauth/introspect", _told_by_the_rfc(introspect), methods=["POST"]),
        Route("/.well-known/oauth-authorization-server", metadata),
    ]


def base_url(request: Request, public_url: str | None) -> str:
    """Where clients reach this service, without a slash at the end."""
    return (public_url or str(request.base_url)).rstrip("/")


async def issue(request: Request) -> Response:
    """Trade a secret for a token."""
    form = await _form(request)
    if (grant := form.get("grant_type")) != GRANT:
        if grant is None:
            raise OAuthError("invalid_request", "`grant_type` is missing.")
        raise OAuthError("unsupported_grant_type", f"The only grant is `{GRANT}`.")
    if "scope" in form:
        raise OAuthError("invalid_scope", "There are no scopes: what a client may do is set up.")
    shown = _shown(request, form)
    token = await credentials.issue_token(shown.client_id, shown.secret, _address(request))
    answer = {"access_token": token.value, "token_type": "Bearer", "expires_in": token.lasts}
    return JSONResponse(answer, headers=NEVER_STORED)


async def revoke(request: Request) -> Response:
    """Take a token back. One that is unknown is gone already (RFC 7009 section 2.2)."""
    form = await _form(request)
    token = _token(form)
    bearer = _bearer(request)
    # A page that forgot the secret may give back the token it holds, by showing it.
    holder = await (_holder(request, form) if bearer is None else _itself(bearer, token))
    if holder is not None:
        await credentials.revoke(token, holder)
    return Response(status_code=HTTPStatus.OK, headers=NEVER_STORED)


async def introspect(request: Request) -> Response:
    """Tell a client whether a token of its own works."""
    form = await _form(request)
    token = _token(form)
    facts = await credentials.introspect(token, await _holder(request, form))
    answer: dict[str, Any] = {"active": False}
    if facts is not None:
        answer = {
            "active": True,
            "client_id": str(facts.client_id),
            "sub": str(facts.client_id),
            "token_type": "Bearer",
            "iat": int(facts.issued_at.timestamp()),
            "exp": int(facts.expires_at.timestamp()),
        }
    return JSONResponse(answer, headers=NEVER_STORED)


def _told_by_the_rfc(endpoint: Endpoint) -> Endpoint:
    """Answer refusals in the words of RFC 6749 section 5.2."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except OAuthError as error:
            return error.answer()
        except Unauthenticated as refusal:
            log.warning(
                "Sign-in refused",
                address=_address(request),
                request_id=request.state.request_id,
            )
            return _invalid_client(str(refusal)).answer()
        except Elsewhere as refusal:
            log.warning(
                "Sign-in refused from elsewhere",
                address=_address(request),
                request_id=request.state.request_id,
            )
            return OAuthError("unauthorized_client", str(refusal), HTTPStatus.FORBIDDEN).answer()
        except Throttled as refusal:
            return too_often(refusal)
        except DatabaseUnavailable:
            unavailable = HTTPStatus.SERVICE_UNAVAILABLE
            return _later("Not now; try again shortly.", unavailable, {}).answer()

    return answer


def too_often(refusal: Throttled) -> Response:
    """The answer to an address that tried too often in vain."""
    return _later(str(refusal), HTTPStatus.TOO_MANY_REQUESTS, refusal.details).answer()


def _invalid_client(description: str) -> OAuthError:
    return OAuthError(
        "invalid_client",
        description,
        HTTPStatus.UNAUTHORIZED,
        WWW_Authenticate='Basic realm="dockgate", charset="UTF-8"',
    )


def _later(description: str, status: HTTPStatus, details: dict[str, object]) -> OAuthError:
    retry_at = details.get("retryAt")
    wait = seconds_until(datetime.fromisoformat(retry_at)) if isinstance(retry_at, str) else "1"
    return OAuthError("temporarily_unavailable", description, status, Retry_After=wait)


async def _form(request: Request) -> dict[str, str]:
    """Read the one form that is allowed; a field without a value is as good as none (3.2)."""
    if request.url.query:
        raise OAuthError("invalid_request", "Fields belong in the body, never in the URL.")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise OAuthError("invalid_request", f"The body must be {FORM}.")
    try:
        text = (await _body(request)).decode("ascii")
        fields = parse_qsl(text, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise OAuthError("invalid_request", "The body is not a form.") from None
    form = dict(fields)
    if len(form) < len(fields):
        raise OAuthError("invalid_request", "A field is there more than once.")
    return form


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            too_large = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            message = f"The body may have {LONGEST_BODY} bytes."
            raise OAuthError("invalid_request", message, too_large, Connection="close")
    return body


def _shown(request: Request, form: dict[str, str]) -> Shown:
    """The id and secret, shown in one way and one only (RFC 6749 section 2.3)."""
    header = request.headers.get("authorization")
    if header is None:
        if "client_id" not in form or "client_secret" not in form:
            raise _invalid_client("Show a client id and its secret.")
        return Shown(form["client_id"], form["client_secret"])
    if "client_secret" in form:
        raise OAuthError("invalid_request", "Show the secret in the header or the body, not both.")
    shown = _basic(header)
    if form.get("client_id", shown.client_id) != shown.client_id:
        raise OAuthError("invalid_request", "The header and the body name different clients.")
    return shown


def _basic(header: str) -> Shown:
    """Id and secret are form-encoded before they are joined (RFC 6749 section 2.3.1)."""
    scheme, _, packed = header.partition(" ")
    try:
        text = base64.b64decode(packed.strip(), validate=True).decode()
        client_id, colon, secret = (
            unquote_plus(part, errors="strict") for part in text.partition(":")
        )
    except (binascii.Error, ValueError):
        scheme = colon = client_id = secret = ""
    if scheme.lower() != "basic" or not colon:
        raise _invalid_client("The header must be Basic, with client id and secret.")
    return Shown(client_id, secret)


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _token(form: dict[str, str]) -> str:
    if "token" not in form:
        raise OAuthError("invalid_request", "`token` is missing.")
    return form["token"]


async def _holder(request: Request, form: dict[str, str]) -> Holder:
    shown = _shown(request, form)
    return await credentials.sign_in(shown.client_id, shown.secret, _address(request))


async def _itself(bearer: str, token: str) -> Holder | None:
    if bearer != token:
        raise _invalid_client("A token can take back itself alone; show the client's secret.")
    return await credentials.holder_of(token)


def _address(request: Request) -> str | None:
    return request.client.host if request.client else None


def _metadata(issuer: str) -> dict[str, object]:
    """What a client can find out by itself (RFC 8414 section 2)."""
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "token_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": METHODS,
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": METHODS,
        "grant_types_supported": [GRANT],
        # Required, and may not be empty (section 3.2); there is no authorization endpoint.
        "response_types_supported": ["none"],
    }
