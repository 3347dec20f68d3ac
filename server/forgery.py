"""Requests that another site has a browser send: the cookie goes along, though nobody meant it.

A request that is authenticated by the cookie carries a header of ours, which a page of another
site cannot set without asking first, and comes from our own pages as far as the browser tells.
Authorization headers are set on purpose: who sends one needs none of this.
"""

from typing import ClassVar
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from resolvers.errors import Refusal

COOKIE = "__Host-dockgate"
"""The prefix has browsers keep it to this host, its root path and TLS."""

HEADER = "x-csrf-protection"
WANTED = "X-CSRF-Protection: 1"


class Forged(Refusal):
    """Another site may have sent it in somebody's name."""

    code: ClassVar[str] = "FORBIDDEN"


def cookie_of(headers: Headers) -> str | None:
    """What the browser holds of a session; nothing where the request names somebody itself."""
    if "authorization" in headers:
        return None
    for one in headers.get("cookie", "").split(";"):
        name, _, value = one.strip().partition("=")
        if name == COOKIE:
            return value
    return None


def refuse_forgery(scope: Scope, headers: Headers, public_url: str | None) -> None:
    """Refuse what is authenticated by a cookie, and not plainly asked by a page of ours."""
    refuse_other_sites(scope, headers, public_url)
    if headers.get(HEADER) != "1":
        raise Forged(f"With a session in a cookie, send the header `{WANTED}`.")


def refuse_other_sites(scope: Scope, headers: Headers, public_url: str | None) -> None:
    """Refuse what the browser tells was sent by a page of another site."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    told = site is not None
    if site not in {None, "same-origin"} or (
        origin is not None and not _is_ours(origin, scope, headers, public_url, by_host=told)
    ):
        raise Forged("This was sent by a page of another site.")


def _is_ours(
    origin: str, scope: Scope, headers: Headers, public_url: str | None, *, by_host: bool
) -> bool:
    """Whether it is where the request came to, or where clients reach us.

    `by_host` leaves the scheme out, where the browser has compared it already: a proxy that ends
    TLS may not tell of it.
    """
    ours = [urlsplit(f"{scope['scheme']}://{headers.get('host', '')}"), urlsplit(public_url or "")]
    asked = urlsplit(origin)
    if not asked.netloc:
        return False
    if by_host:
        return any(asked.netloc == one.netloc for one in ours)
    return any(asked[:2] == one[:2] for one in ours)
