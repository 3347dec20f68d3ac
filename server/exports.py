"""Fetching a statement's lines and calls as files, by whoever may see the tenant's usage."""

from collections.abc import AsyncIterator
from datetime import date
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from models.database import DatabaseUnavailable
from models.words import StaffRole
from resolvers import billing, statement_files
from resolvers.access import Caller
from resolvers.billing import WeekStatement
from resolvers.callers import Callers
from resolvers.commands import unavailable
from resolvers.errors import BadInput, Forbidden, Refusal
from resolvers.statement_files import StatementFormat
from resolvers.usage import sees_tenant
from schema.scalars import parse_id
from server.guard import Refused, address_of, caller_of, no_token_in

MEDIA_TYPES = {
    StatementFormat.CSV: "text/csv; charset=utf-8; header=present",
    StatementFormat.JSON: "application/json",
}


class NoFile(Refusal):
    """There is no such file of a statement."""

    code: ClassVar[str] = "NOT_FOUND"


class StatementFile:
    """The endpoint."""

    def __init__(self, callers: Callers) -> None:
        self.callers = callers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            caller = await caller_of(scope, Headers(scope=scope), self.callers)
            response = await self._answer(scope, caller)
        except Refused as refused:
            response = refused.answer()
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, caller: Caller) -> Response:
        no_token_in(scope["query_string"])
        if scope["method"] not in {"GET", "HEAD"}:
            raise Refused(
                HTTPStatus.METHOD_NOT_ALLOWED,
                BadInput("A statement is fetched by GET."),
                {"Allow": "GET, HEAD"},
            )
        if not sees_tenant(caller):
            refusal = Forbidden(
                "Only administrators, and clients that were given it, see the tenant's usage.",
                roles=(),
                staff=[StaffRole.ADMINISTRATOR],
            )
            raise Refused(HTTPStatus.FORBIDDEN, refusal)
        asked = scope["path_params"]
        if asked["what"] not in {"lines", "calls"} or asked["form"] not in set(StatementFormat):
            sentence = "Of a statement there are lines and calls, each as .csv and .json."
            raise Refused(HTTPStatus.NOT_FOUND, NoFile(sentence))
        form = StatementFormat(asked["form"])
        statement = await _statement(caller, asked["week"])
        chosen = _chosen(scope["query_string"])
        self.callers.note_use(caller, address_of(scope), None)
        name = f"statement-{statement.week}-{asked['what']}.{form}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        if scope["method"] == "HEAD":
            return Response(None, HTTPStatus.OK, headers, MEDIA_TYPES[form])
        if asked["what"] == "lines":
            content = statement_files.lines_of(statement, form)
            return Response(content, HTTPStatus.OK, headers, MEDIA_TYPES[form])
        calls: AsyncIterator[bytes] = statement_files.calls_of(
            statement, caller.tenant_id, form, **chosen
        )
        return StreamingResponse(calls, HTTPStatus.OK, headers, MEDIA_TYPES[form])


async def _statement(caller: Caller, week: str) -> WeekStatement:
    try:
        monday = date.fromisoformat(week)
    except ValueError:
        raise Refused(
            HTTPStatus.BAD_REQUEST, BadInput("A week is named by its Monday, as 2026-11-23.")
        ) from None
    try:
        return await billing.statement(caller.tenant_id, monday)
    except BadInput as refusal:
        raise Refused(HTTPStatus.BAD_REQUEST, refusal) from refusal
    except DatabaseUnavailable as fault:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, unavailable()) from fault


def _chosen(query_string: bytes) -> dict[str, Any]:
    """Which calls are asked for: `client` and `field`, each once at most."""
    try:
        given = parse_qs(query_string.decode("ascii"), errors="strict", max_num_fields=20)
    except ValueError:
        raise Refused(
            HTTPStatus.BAD_REQUEST, BadInput("The query string does not parse.")
        ) from None
    chosen: dict[str, Any] = {}
    for name, values in given.items():
        if name not in {"client", "field"} or len(values) != 1 or "\0" in values[0]:
            raise Refused(
                HTTPStatus.BAD_REQUEST,
                BadInput("Calls are chosen by `client` and `field`, each once.", path=[name]),
            )
        if name == "field":
            chosen["field"] = values[0]
        elif (client_id := parse_id(values[0])) is not None:
            chosen["client_id"] = client_id
        else:
            raise Refused(HTTPStatus.BAD_REQUEST, BadInput("`client` is no id.", path=[name]))
    return chosen


def export_routes(callers: Callers) -> list[BaseRoute]:
    """Where files of statements are fetched."""
    return [Route("/statements/{week}/{what}.{form}", StatementFile(callers))]
