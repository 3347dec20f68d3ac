"""GraphiQL in a browser in which somebody of the operator is signed in."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from models.database import connect, disconnect
from models.words import ApiRole
from server.app import create_app
from server.settings import Settings
from tests.signing_in import Person, make_person
from tests.test_graphiql import Service, Visit, listening
from tests.world import make_world

# The page cannot tell the engines apart.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

WHO = "query Viewer { viewer { staffRole client { name } } }"


@pytest_asyncio.fixture
async def visit(database_url: str, browser: Browser) -> AsyncIterator[Visit]:
    """A window in which Ada has signed in."""
    await connect(database_url)
    world = await make_world("Harbour Logistics")
    ada = await make_person(world)
    shown = await world.client(ApiRole.WMS_VIEW_JOBS, name="Webshop connector")
    await disconnect()
    app = create_app(Settings(database_url=SecretStr(database_url), run_worker=False))
    async with listening(app) as origin:
        given = (str(shown.client_id), shown.client_secret, "Webshop connector", world.tenant.name)
        visit = Visit(await browser.new_page(), Service(origin, *given))
        await visit.open()
        await sign_in(visit, ada)
        await visit.open()
        yield visit

    assert visit.complaints == []


async def sign_in(visit: Visit, person: Person) -> None:
    status = await visit.page.evaluate(
        """async login => (await fetch("/session", {method: "POST", body:
            new URLSearchParams(login)})).status""",
        person.login,
    )
    assert status == 204


async def test_the_page_goes_on_as_whoever_is_signed_in(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Go on as Ada").click()
    await expect(visit.status).to_have_text("Asking as Ada, Harbour Logistics")
    await visit.write(WHO)
    await visit.run()

    await expect(visit.answer).to_contain_text('"staffRole": "ADMINISTRATOR"')
    asked = [await one.all_headers() for one in visit.questions()]
    assert all(one["x-csrf-protection"] == "1" for one in asked)
    assert not any("authorization" in one for one in asked)


async def test_a_client_may_be_used_instead_and_the_session_goes_on(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Go on as Ada").click()
    await visit.page.get_by_role("button", name="Use a client").click()
    await visit.sign_in()
    await expect(visit.status).to_contain_text("Signed in as Webshop connector")
    await visit.write(WHO)
    await visit.run()

    await expect(visit.answer).to_contain_text('"name": "Webshop connector"')
    assert "cookie" not in await visit.questions()[-1].all_headers()
    assert len(await visit.page.context.cookies()) == 1


async def test_a_session_that_ended_elsewhere_is_said_and_what_was_typed_stays(
    visit: Visit,
) -> None:
    await visit.page.get_by_role("button", name="Go on as Ada").click()
    await expect(visit.status).to_be_visible()
    await visit.write(WHO)
    await visit.page.evaluate(
        """async () => await fetch("/session", {method: "DELETE",
            headers: {"X-CSRF-Protection": "1"}})"""
    )
    await visit.run()

    await expect(visit.alert).to_contain_text("The server no longer knows this sign-in.")
    await expect(visit.page.get_by_role("form", name="Sign in")).to_be_visible()
    await expect(visit.page.get_by_role("button", name="Go on as Ada")).to_have_count(0)
    await expect(visit.editor).to_contain_text(WHO)
