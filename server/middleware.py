"""Around every request: an id, safe headers, figures, and a line in the log when it went wrong."""

import logging
import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from time import perf_counter
from typing import TypeGuard

import structlog
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.record import new_id
from server import metrics

Header = tuple[bytes, bytes]

HOT = "/graphql"
"""The route whose endpoint is an ASGI application that refuses by itself what it does not take."""

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
SAFE = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
"""What every answer carries, unless it says something else itself."""

plain = logging.getLogger(__name__)
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Around:
    """The one layer between the server and the routes.

    `request.state.request_id` is the id that the answer, the log and the call log carry.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute] = ()) -> None:
        self.app = app
        # Told by their endpoint, since Starlette tells that of the route that answered.
        self.paths = {_endpoint(route): route.path for route in routes if _has_path(route)}
        # Straight to it, past Starlette's own layers: they take a tenth of the quickest request.
        self.hot: dict[str, ASGIApp] = {
            route.path: route.endpoint
            for route in routes
            if isinstance(route, Route) and route.path == HOT
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        began = perf_counter()
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value
        begun = False

        async def send_safely(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                message["headers"] = with_safe_headers(message["headers"], request_id)
            await send(message)

        try:
            await self._app_for(scope)(scope, receive, send_safely)
        except Exception:
            log.exception("Our fault", request_id=request_id, route=self.route_of(scope))
            if begun:
                raise
            await _say_internal(scope, receive, send_safely)
        finally:
            seconds = perf_counter() - began
            route = self.route_of(scope)
            metrics.count(scope["method"], route, status, seconds)
            if plain.isEnabledFor(logging.DEBUG):
                log.debug(
                    "Answered",
                    request_id=request_id,
                    method=scope["method"],
                    route=route,
                    status=status,
                    milliseconds=round(seconds * 1000, 1),
                )

    def _app_for(self, scope: Scope) -> ASGIApp:
        endpoint = None if scope.get("root_path") else self.hot.get(scope["path"])
        if endpoint is None:
            return self.app
        scope["endpoint"] = endpoint
        return endpoint

    def route_of(self, scope: Scope) -> str:
        """The route that answered, never the address as it was sent."""
        return self.paths.get(scope.get("endpoint"), "none")


def with_safe_headers(headers: Iterable[Header], request_id: str) -> list[Header]:
    """The headers of an answer, and those of `SAFE` that it does not say itself."""
    said = list(headers)
    names = {name for name, _ in said}
    said += [header for header in SAFE if header[0] not in names]
    said.append((b"x-request-id", request_id.encode()))
    return said


def request_id_of(scope: Scope) -> str:
    """The id the request came with, if it is harmless; else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return str(new_id())


def _has_path(route: BaseRoute) -> TypeGuard[Route | Mount]:
    return isinstance(route, Route | Mount)


def _endpoint(route: Route | Mount) -> object:
    return route.endpoint if isinstance(route, Route) else route.app


async def _say_internal(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell the client nothing but that it was not their fault."""
    error = {"message": "Our fault. It has been noted.", "extensions": {"code": "INTERNAL"}}
    answer = JSONResponse({"errors": [error]}, HTTPStatus.INTERNAL_SERVER_ERROR)
    await answer(scope, receive, send)
