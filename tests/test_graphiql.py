"""GraphiQL with its sign-in, as a person at a browser finds it.

Everything is driven through Chromium against the service itself.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Request, Response, expect
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from models.database import connect, disconnect
from models.database.migrations import migrate
from models.words import ApiRole
from server.app import create_app
from server.graphiql import BUILT, graphiql_routes
from server.settings import Settings
from tests.templates import Templates
from tests.world import make_world

browser_test = pytest.mark.browser


@dataclass
class Service:
    """A running server, and a client it knows."""

    origin: str
    client_id: str
    secret: str
    client_name: str
    tenant_name: str


@dataclass
class Visit:
    """A browser window on the page, and all that left or went wrong in it."""

    page: Page
    service: Service
    asked: list[Request] = field(default_factory=list)
    answered: list[Response] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self.note_request)
        self.page.on("response", self.note_response)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self.note_console)

    def note_request(self, request: Request) -> None:
        self.asked.append(request)

    def note_response(self, response: Response) -> None:
        self.answered.append(response)

    def note_console(self, message: ConsoleMessage) -> None:
        # A refused request is no fault of the page; everything else it complains of is.
        if (
            message.type == "error"
            and "the server responded with a status of 40" not in message.text
        ):
            self.complaints.append(message.text)

    async def open(self) -> None:
        await self.page.goto(f"{self.service.origin}/graphiql")
        await expect(self.editor).to_be_visible()

    async def sign_in(self, secret: str | None = None) -> None:
        await self.page.get_by_label("Client id").fill(self.service.client_id)
        await self.page.get_by_label("Client secret").fill(secret or self.service.secret)
        await self.page.get_by_role("button", name="Sign in").click()

    async def write(self, document: str) -> None:
        """Type over what is there. Keep its name: GraphiQL notices a new one a moment late."""
        await self.editor.click()
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.insert_text(document)
        # The editor closes braces by itself; what it added stands behind the caret.
        await self.page.keyboard.press("Control+Shift+End")
        await self.page.keyboard.press("Delete")

    async def run(self) -> None:
        await self.page.get_by_role("button", name="Execute query").click()

    async def token(self) -> str:
        [granted] = [
            each for each in self.answered if each.url.endswith("/oauth/token") and each.ok
        ]
        return (await granted.json())["access_token"]

    def questions(self) -> list[Request]:
        return [each for each in self.asked if each.url.endswith("/graphql")]

    @property
    def editor(self) -> Locator:
        return self.page.locator(".graphiql-query-editor .monaco-editor").first

    @property
    def answer(self) -> Locator:
        return self.page.locator(".graphiql-response")

    @property
    def status(self) -> Locator:
        return self.page.get_by_role("status")

    @property
    def alert(self) -> Locator:
        # Monaco keeps an empty alert of its own for screen readers.
        return self.page.locator("header").get_by_role("alert")


@asynccontextmanager
async def listening(app: Starlette) -> AsyncIterator[str]:
    """Serve `app` on a free port of this machine; the address to reach it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="auto"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn says so by this attribute only
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest_asyncio.fixture
async def service(templates: Templates, tmp_path: Path) -> AsyncIterator[Service]:
    """The service itself, on SQLite: the page cannot tell the engines apart."""
    with templates.copied("sqlite", "migrated", migrate, tmp_path) as url:
        await connect(url)
        world = await make_world("Harbour Logistics")
        shown = await world.client(ApiRole.WMS_VIEW_JOBS, name="Webshop connector")
        await disconnect()
        app = create_app(Settings(database_url=SecretStr(url), run_worker=False))
        async with listening(app) as origin:
            client_id, secret = str(shown.client_id), shown.client_secret
            yield Service(origin, client_id, secret, "Webshop connector", world.tenant.name)


@pytest_asyncio.fixture
async def visit(service: Service, browser: Browser) -> AsyncIterator[Visit]:
    """A visit that is also checked at its end: it asked nobody else, and broke no policy."""
    visit = Visit(await browser.new_page(), service)
    await visit.open()
    yield visit
    hosts = {urlsplit(each.url).netloc for each in visit.asked if each.url.startswith("http")}

    assert visit.complaints == []
    assert hosts == {urlsplit(service.origin).netloc}


@browser_test
async def test_a_stranger_is_asked_to_sign_in_and_nothing_is_asked_for_them(visit: Visit) -> None:
    await expect(visit.page.get_by_role("form", name="Sign in")).to_be_visible()
    await expect(visit.page.get_by_label("Client id")).to_be_focused()

    await visit.run()

    await expect(visit.alert).to_have_text("Sign in to run it.")
    assert visit.questions() == []


@browser_test
async def test_the_first_document_runs_and_its_answer_shows(visit: Visit) -> None:
    await visit.sign_in()
    await expect(visit.status).to_contain_text("Signed in as Webshop connector, Harbour Logistics")

    await visit.run()

    await expect(visit.answer).to_contain_text('"name": "Webshop connector"')
    await expect(visit.answer).to_contain_text('"WMS_VIEW_JOBS"')
    await expect(visit.alert).to_be_empty()


@browser_test
async def test_a_misspelt_field_is_marked_where_it_stands(visit: Visit) -> None:
    """So the schema arrived, and the workers run under the policy."""
    await visit.sign_in()
    await expect(visit.status).to_be_visible()

    await visit.write("query Viewer { viewer { rolls } }")

    await expect(visit.editor.locator(".squiggly-error")).to_be_visible()
    assert len(visit.page.workers) > 0


@browser_test
async def test_neither_secret_nor_token_is_kept_anywhere(visit: Visit) -> None:
    await visit.sign_in()
    await expect(visit.status).to_be_visible()
    await visit.run()
    await expect(visit.answer).to_contain_text("Webshop connector")

    kept = await visit.page.evaluate(
        """async () => JSON.stringify([
            {...localStorage}, {...sessionStorage}, document.cookie, location.href, history.state,
            await indexedDB.databases(), await caches.keys(), document.documentElement.outerHTML,
            [...document.querySelectorAll("input, textarea")].map(each => each.value),
        ])"""
    )

    assert await visit.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert await visit.page.context.cookies() == []
    assert json.dumps(visit.service.secret)[1:-1] not in kept
    token = await visit.token()
    assert token not in kept
    assert all(token not in each.url for each in visit.asked)


@browser_test
async def test_the_secret_leaves_the_form_at_once(visit: Visit) -> None:
    await visit.sign_in(secret="wrong")

    await expect(visit.page.get_by_label("Client secret")).to_have_value("")
    await expect(visit.page.get_by_label("Client id")).to_have_value(visit.service.client_id)


@browser_test
async def test_a_wrong_secret_is_said_plainly(visit: Visit) -> None:
    await visit.sign_in(secret="wrong")

    await expect(visit.alert).to_have_text("No client has that id and that secret.")
    await expect(visit.status).to_have_count(0)
    assert visit.questions() == []

    await visit.sign_in()

    await expect(visit.status).to_be_visible()
    await expect(visit.alert).to_be_empty()


@browser_test
async def test_signing_out_gives_the_token_back_and_clears_the_screen(visit: Visit) -> None:
    await visit.sign_in()
    await expect(visit.status).to_be_visible()
    await visit.write("query Viewer { viewer { roles } }")
    await visit.run()
    await expect(visit.answer).to_contain_text("WMS_VIEW_JOBS")
    token = await visit.token()

    async with visit.page.expect_response("**/oauth/revoke") as revoked:
        await visit.page.get_by_role("button", name="Sign out").click()

    assert (await revoked.value).ok
    await expect(visit.page.get_by_role("form", name="Sign in")).to_be_visible()
    await expect(visit.answer).not_to_contain_text("WMS_VIEW_JOBS")
    await expect(visit.editor).to_contain_text("Who this client is")
    assert await refused(visit.service, token)


@browser_test
async def test_a_token_taken_away_asks_again_and_keeps_what_was_typed(visit: Visit) -> None:
    await visit.sign_in()
    await expect(visit.status).to_be_visible()
    await visit.write("query Viewer { viewer { warehouses { code } } }")
    token = await visit.token()
    await revoke(visit.service, token)
    assert await refused(visit.service, token)

    await visit.run()

    await expect(visit.alert).to_contain_text("The server no longer knows this sign-in.")
    await expect(visit.editor).to_contain_text("query Viewer { viewer { warehouses { code } } }")

    await visit.sign_in()
    await expect(visit.status).to_be_visible()
    await visit.run()

    await expect(visit.answer).to_contain_text('"code": "SYD"')


@browser_test
async def test_what_was_typed_before_signing_in_is_kept(visit: Visit) -> None:
    await visit.write("query Viewer { viewer { warehouses { code } } }")

    await visit.sign_in()
    await expect(visit.status).to_be_visible()

    await expect(visit.editor).to_contain_text("query Viewer { viewer { warehouses { code } } }")


@browser_test
async def test_a_token_that_runs_out_asks_again(service: Service, browser: Browser) -> None:
    visit = Visit(await browser.new_page(), service)
    await visit.page.clock.install()
    await visit.open()
    await visit.sign_in()
    await expect(visit.status).to_be_visible()

    await visit.page.clock.fast_forward("24:00:00")

    await expect(visit.alert).to_contain_text("Your sign-in has expired.")
    await expect(visit.page.get_by_role("form", name="Sign in")).to_be_visible()


@browser_test
async def test_a_keyboard_suffices(visit: Visit) -> None:
    keys = visit.page.keyboard
    await expect(visit.page.get_by_label("Client id")).to_be_focused()

    await keys.type(visit.service.client_id)
    await keys.press("Tab")
    await keys.type(visit.service.secret)
    await keys.press("Enter")
    await expect(visit.status).to_be_focused()
    await visit.editor.click()
    await keys.press("Control+Enter")
    await expect(visit.answer).to_contain_text("Webshop connector")


@browser_test
async def test_no_inline_script_runs(service: Service, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto(f"{service.origin}/graphiql")

    await page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
        }"""
    )

    assert await page.evaluate("window.ran") is None


@pytest.mark.skipif(not BUILT.is_dir(), reason="the pages are not built")
async def test_what_the_page_loads_is_kept_for_good_and_the_page_is_not() -> None:
    async with at(graphiql_routes()) as http:
        page = await http.get("/graphiql")
        script = await http.get(page.text.partition('src="')[2].partition('"')[0])

    assert page.headers["cache-control"] == "no-cache"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-encoding"] == "gzip"
    assert script.headers["content-type"].startswith("text/javascript")
    for response in (page, script):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        policy = response.headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= set(policy)


async def test_where_nothing_was_built_the_page_says_what_to_do(tmp_path: Path) -> None:
    async with at(graphiql_routes(tmp_path / "built")) as http:
        page = await http.get("/graphiql")
        file = await http.get("/graphiql/files/page.js")

    assert page.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "<code>make setup</code>" in page.text
    assert file.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("path", ["../index.html", "..%2findex.html", "%2e%2e/%2e%2e/__init__.py"])
async def test_nothing_outside_the_folder_is_served(path: str) -> None:
    async with at(graphiql_routes()) as http:
        response = await http.get(f"/graphiql/files/{path}")

    assert response.status_code == HTTPStatus.NOT_FOUND


@asynccontextmanager
async def at(routes: list[BaseRoute]) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://dockgate") as http:
        yield http


async def refused(service: Service, token: str) -> bool:
    """Whether the token is refused, within the second that a worker may remember it."""
    async with httpx.AsyncClient() as http:
        for _ in range(20):
            answer = await http.post(
                f"{service.origin}/graphql",
                headers={"Authorization": f"Bearer {token}"},
                json={"query": "{ __typename }"},
            )
            if answer.status_code == HTTPStatus.UNAUTHORIZED:
                return True
            await asyncio.sleep(0.05)
    return False


async def revoke(service: Service, token: str) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.post(
            f"{service.origin}/oauth/revoke",
            headers={"Authorization": f"Bearer {token}"},
            data={"token": token},
        )
    answer.raise_for_status()
