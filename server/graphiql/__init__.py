"""GraphiQL with its sign-in, served from here: a browser that opens it asks no other host.

`make setup` bundles `page/` and the npm packages into `built/`, which is never committed. Without
it the page says so, and the API runs all the same.
"""

from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

BUILT = Path(__file__).parent / "built"

POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "connect-src 'self'",
    # Monaco writes style elements and attributes as it draws, and has no way to put a nonce on
    # them. A style can neither run nor, with the sources below, tell anybody anything.
    "style-src 'self' 'unsafe-inline'",
    # GraphiQL's fonts and icons lie inside its style sheet.
    "font-src 'self' data:",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)

SECURITY = {
    "Content-Security-Policy": "; ".join(POLICY),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

NOT_BUILT = """<!doctype html>
<html lang="en">
<title>GraphiQL is not built</title>
<h1>GraphiQL is not built</h1>
<p>Its packages come from npm when the service is set up, and that has not happened here (yet).
Run <code>make setup</code>, which says what went wrong if it fails. The API at
<code>/graphql</code> does not need it.</p>
</html>
"""


class BundledFiles(StaticFiles):
    """Files whose names change with their content, sent packed to whoever takes them so."""

    async def check_config(self) -> None:
        """Before set-up the folder is missing, which makes its files missing and nothing worse."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Prefer the packed twin that lies beside the file; let both be kept for good."""
        response = None
        if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            with suppress(HTTPException):
                response = await super().get_response(f"{path}.gz", scope)
                response.headers["Content-Encoding"] = "gzip"
        response = response or await super().get_response(path, scope)
        response.headers.update(SECURITY)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["Vary"] = "Accept-Encoding"
        return response


def graphiql_routes(built: Path = BUILT) -> list[BaseRoute]:
    """The page at `/graphiql`, and what it loads beneath it."""

    async def page(_: Request) -> Response:
        # Looked for each time: `make setup` may bring it while the server runs.
        index = built / "index.html"
        headers = {**SECURITY, "Cache-Control": "no-cache"}
        if not index.is_file():
            return HTMLResponse(NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE, headers)
        return FileResponse(index, headers=headers)

    return [
        Route("/graphiql", page),
        Mount("/graphiql/files", BundledFiles(directory=built / "files", check_dir=False)),
    ]
