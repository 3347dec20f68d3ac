"""Around every request: an id, safe headers, figures, and a line in the log when it went wrong."""

import logging
import re
from collections.abc import Sequence
from http import HTTPStatus
from time import perf_counter
from typing import TypeGuard

import structlog
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.record import new_id
from server import metrics

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
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
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in SAFE.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, send_safely)
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

    def route_of(self, scope: Scope) -> str:
        """The route that answered, never the address as it was sent."""
        return self.paths.get(scope.get("endpoint"), "none")


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
