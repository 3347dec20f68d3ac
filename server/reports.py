"""Fetching the file of a report: a download that breaks off goes on from where it stood."""

from datetime import UTC
from http import HTTPStatus
from typing import Any, ClassVar

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from models.report_runs import File
from models.words import ReportFormat, ReportStatus
from resolvers import reports
from resolvers.access import Caller
from resolvers.callers import Callers
from resolvers.errors import BadInput, Refusal, Unavailable
from schema.scalars import parse_id
from server.guard import Refused, address_of, caller_of, no_token_in
from server.ranges import Part, Whole, http_date, part_of

MEDIA_TYPES = {
    ReportFormat.CSV: "text/csv; charset=utf-8; header=present",
    ReportFormat.JSON_LINES: "application/jsonl; charset=utf-8",
}
ENDINGS = {ReportFormat.CSV: "csv", ReportFormat.JSON_LINES: "jsonl"}

LOOK_AGAIN_SECONDS = 2


class NoFile(Refusal):
    """There is nothing to fetch, whether it never was or cannot be seen."""

    code: ClassVar[str] = "NOT_FOUND"


class NotYet(Refusal):
    """It is too early to fetch it, or too late."""

    code: ClassVar[str] = "WRONG_STATUS"


class Download:
    """The endpoint."""

    def __init__(self, callers: Callers) -> None:
        self.callers = callers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = Headers(scope=scope)
        try:
            caller = await caller_of(scope, headers, self.callers)
            response = await self._answer(scope, headers, caller)
        except Refused as refused:
            response = refused.answer()
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, headers: Headers, caller: Caller) -> Response:
        no_token_in(scope["query_string"])
        if (method := scope["method"]) not in {"GET", "HEAD"}:
            raise Refused(
                HTTPStatus.METHOD_NOT_ALLOWED,
                BadInput("A report is fetched by GET."),
                {"Allow": "GET, HEAD"},
            )
        file = await self._file(scope, caller)
        self.callers.note_use(caller, address_of(scope), None)
        whole = Whole(f'"{file.id}"', file.finished_at or file.created_at, file.bytes)
        return _sent(caller, file, whole, part_of(whole, method, headers), method)

    async def _file(self, scope: Scope, caller: Caller) -> File:
        run_id = parse_id(scope["path_params"]["id"])
        try:
            file = None if run_id is None else await reports.file_for(caller, run_id)
        except Unavailable as refusal:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, refusal) from refusal
        if file is None:
            raise Refused(HTTPStatus.NOT_FOUND, NoFile("You have no such report."))
        match file.status:
            case ReportStatus.DONE:
                return file
            case ReportStatus.EXPIRED:
                raise Refused(HTTPStatus.GONE, NotYet("This report is kept no longer."))
            case ReportStatus.FAILED:
                raise Refused(HTTPStatus.CONFLICT, NotYet("This report has no file: it failed."))
            case _:
                raise Refused(
                    HTTPStatus.CONFLICT,
                    NotYet(f"This report is {file.status}; fetch it when it is DONE."),
                    {"Retry-After": str(LOOK_AGAIN_SECONDS)},
                )


def _sent(caller: Caller, file: File, whole: Whole, part: Part, method: str) -> Response:
    headers: dict[str, Any] = {
        "ETag": whole.tag,
        "Last-Modified": http_date(whole.modified),
        "Accept-Ranges": "bytes",
    }
    match part.status:
        case HTTPStatus.NOT_MODIFIED:
            return Response(None, part.status, headers)
        case HTTPStatus.PRECONDITION_FAILED:
            raise Refused(part.status, NotYet("This is another file by now."), headers)
        case HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            headers["Content-Range"] = f"bytes */{whole.size}"
            refusal = BadInput(f"The file ends before that: it has {whole.size} bytes.")
            raise Refused(part.status, refusal, headers)
        case HTTPStatus.PARTIAL_CONTENT:
            headers["Content-Range"] = f"bytes {part.first}-{part.beyond - 1}/{whole.size}"
    headers["Content-Length"] = str(part.beyond - part.first)
    headers["Content-Disposition"] = f'attachment; filename="{file_name(file)}"'
    media_type = MEDIA_TYPES[file.format]
    if method == "HEAD":
        return Response(None, part.status, headers, media_type)
    content = reports.content_of(caller.tenant_id, file.id, part.first, part.beyond)
    return StreamingResponse(content, part.status, headers, media_type)


def file_name(file: File) -> str:
    """What a browser calls the file: what it tells, and when it was asked for."""
    what = file.kind.lower().replace("_", "-")
    return f"{what}-{file.created_at.astimezone(UTC):%Y%m%d-%H%M%S}.{ENDINGS[file.format]}"


def report_routes(callers: Callers) -> list[BaseRoute]:
    """Where files of reports are fetched."""
    return [Route("/reports/{id}", Download(callers))]
