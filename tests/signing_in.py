"""People with passwords, and the cookies that their browsers hold, for tests."""

from dataclasses import dataclass

import httpx

from models.tenants import StaffUser
from models.words import StaffRole
from resolvers import passwords, people
from resolvers.audit import Actor
from server.forgery import COOKIE
from tests.world import World

PASSWORD = "tea for two, and two for tea"
ASKS_ITSELF = {"X-CSRF-Protection": "1"}


@dataclass
class Person:
    """A person of the operator who knows their password."""

    user: StaffUser
    password: str = PASSWORD

    @property
    def login(self) -> dict[str, str]:
        """What they type."""
        return {"email": self.user.email, "password": self.password}

    async def sign_in(self, http: httpx.AsyncClient, **headers: str) -> str:
        """Sign in; what their browser holds from then on."""
        answer = await http.post("/session", json=self.login, headers=headers)
        assert answer.status_code == 204, answer.text
        return cookie_of(answer)


async def make_person(
    world: World,
    email: str = "ada@harbour.test",
    name: str = "Ada",
    role: StaffRole = StaffRole.ADMINISTRATOR,
    password: str = PASSWORD,
) -> Person:
    """Add a person with a password."""
    user = await people.create(world.tenant.id, email, name, role)
    await passwords.set_by_hand(Actor.host(world.tenant.id), user.id, password)
    return Person(user, password)


def cookie_of(answer: httpx.Response) -> str:
    """What an answer has a browser hold."""
    return answer.headers["set-cookie"].partition(";")[0].partition("=")[2]


def holding(cookie: str, **more: str) -> dict[str, str]:
    """Headers of a request by a page of ours, in a browser that holds this."""
    return {"Cookie": f"{COOKIE}={cookie}", **ASKS_ITSELF, **more}
