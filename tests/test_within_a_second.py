"""Who may do what, changed while two workers are asked by connections that stay open.

Each change is made by another process than those that answer, and timed from when it was
committed to when the last connection sees it. `-rP` shows the milliseconds.
"""

import asyncio
import base64
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psutil
import pytest

from models.words import ApiRole, StaffRole
from resolvers import clients, credentials, key_import, passwords, people, sign_in, staff
from resolvers.audit import Actor
from resolvers.credentials import Shown
from resolvers.sign_in import From
from tests.processes import Serve, Serving
from tests.signing_in import Person, holding, make_person
from tests.world import World, make_world, token_of

SOON = 1.0
BETWEEN = 0.01
VIEWER = {"query": "{ viewer { roles customers { code } warehouses { code } } }"}
UNLIMITED = {
    "DOCKGATE_ALLOWANCES__READS_PER_SECOND": "0",
    "DOCKGATE_ALLOWANCES__ADDRESS_PER_SECOND": "0",
}

Headers = dict[str, str]
Seen = tuple[int, Any]


@dataclass
class Workers:
    """Two workers, with connections to both that stay open."""

    serving: Serving
    connections: list[httpx.AsyncClient] = field(default_factory=list)

    async def ask(self, connection: httpx.AsyncClient, headers: Headers) -> Seen:
        answer = await connection.post("/graphql", json=VIEWER, headers=headers)
        return answer.status_code, (answer.json().get("data") or {}).get("viewer")

    async def all_see(self, headers: Headers) -> list[Seen]:
        return [await self.ask(one, headers) for one in self.connections]

    async def until(self, headers: Headers, seen: Callable[[Seen], bool]) -> float:
        """How long it takes from now until every connection sees a change."""
        began = time.perf_counter()

        async def one(connection: httpx.AsyncClient) -> None:
            while not seen(await self.ask(connection, headers)):
                assert time.perf_counter() - began < 5
                await asyncio.sleep(BETWEEN)

        await asyncio.gather(*(one(connection) for connection in self.connections))
        return time.perf_counter() - began

    def workers_of_connections(self) -> set[int]:
        """The processes that hold the other ends."""
        ours = {
            each.laddr.port
            for each in psutil.Process().net_connections("tcp")
            if each.status == psutil.CONN_ESTABLISHED
        }
        return {
            worker.pid
            for worker in psutil.Process(self.serving.process.pid).children(recursive=True)
            for each in worker.net_connections("tcp")
            if each.raddr and each.raddr.port in ours
        }


@asynccontextmanager
async def two_workers(serve: Serve, headers: Headers) -> AsyncIterator[Workers]:
    """Serve by two processes, and hold connections until both are held."""
    workers = Workers(await serve("--no-worker", workers=2, **UNLIMITED))
    async with AsyncExitStack() as stack:
        one_each = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        for _ in range(40):
            connection = await stack.enter_async_context(workers.serving.client(limits=one_each))
            workers.connections.append(connection)
            assert (await workers.ask(connection, headers))[0] == 200
            if len(workers.connections) >= 4 and len(workers.workers_of_connections()) == 2:
                break
        assert len(workers.workers_of_connections()) == 2
        yield workers


def bearer(token: str) -> Headers:
    return {"Authorization": f"Bearer {token}"}


def basic(identifier: str, key: str) -> Headers:
    return {"Authorization": f"Basic {base64.b64encode(f'{identifier}:{key}'.encode()).decode()}"}


def refused(seen: Seen) -> bool:
    return seen[0] == 401


def admitted(seen: Seen) -> bool:
    return seen[0] == 200


def tells(**wanted: list[str]) -> Callable[[Seen], bool]:
    """Whether roles, customers or warehouses are these."""

    def told(seen: Seen) -> bool:
        found = seen[1] or {}
        plain = {
            name: [one["code"] if isinstance(one, dict) else one for one in found.get(name, [])]
            for name in wanted
        }
        return plain == wanted

    return told


@dataclass
class Watched:
    """Something that is shown, whose client changes."""

    kind: str
    world: World
    workers: Workers
    client: Shown
    headers: Headers

    async def sees(self, what: str, change: Awaitable[Any], seen: Callable[[Seen], bool]) -> Any:
        """Make a change, and see how long it takes until everybody acts on it."""
        assert not any(seen(one) for one in await self.workers.all_see(self.headers)), what
        made = await change
        took = await self.workers.until(self.headers, seen)
        many = len(self.workers.connections)
        sys.stdout.write(f"{self.kind}, {what}: {took * 1000:.0f} ms, {many} connections\n")
        assert took < SOON, what
        return made

    @property
    def of(self) -> tuple[Any, Any]:
        return self.world.tenant.id, self.client.client_id


async def narrow_and_shut_out(watched: Watched, *, whole: bool) -> None:
    """The changes that tokens and keys have in common."""
    of = watched.of
    if not whole:
        await watched.sees("deactivating", clients.deactivate(*of), refused)
        await watched.sees("activating", clients.activate(*of), admitted)
        return
    for what, given, seen in (
        ("narrowing roles", {"roles": [ApiRole.WMS_VIEW_JOBS]}, tells(roles=["WMS_VIEW_JOBS"])),
        ("narrowing customers", {"customers": []}, tells(customers=[])),
        ("narrowing warehouses", {"warehouses": []}, tells(warehouses=[])),
    ):
        await watched.sees(what, clients.update(*of, **given), seen)
    await watched.sees("deactivating", clients.deactivate(*of), refused)
    await watched.sees("activating", clients.activate(*of), admitted)
    over = {"expires_at": datetime.now(UTC) + timedelta(seconds=0.4)}
    ending = clients.update(*of, **over)
    began = time.perf_counter()
    await watched.sees("expiring", ending, refused)
    assert time.perf_counter() - began >= 0.3
    await watched.sees("taking the expiry back", clients.update(*of, expires_at=None), admitted)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.faults)])
async def test_every_change_is_seen_by_every_connection_within_a_second(
    serve: Serve, whole: bool
) -> None:
    """What differs most between tokens, keys and sessions; all of it with the longer tests."""
    world = await make_world()
    shop = await world.client(ApiRole.WMS_CREATE_JOBS)
    ada = await make_person(world)
    await people.create(world.tenant.id, "b@harbour.test", "B", StaffRole.ADMINISTRATOR)
    async with two_workers(serve, bearer(await token_of(shop))) as workers:
        await by_token(world, workers, shop, whole=whole)
        for kind in ("Basic", "X-Api-Key"):
            await by_key(world, workers, kind, whole=whole)
        await by_session(world, workers, ada, whole=whole)


async def by_token(world: World, workers: Workers, shop: Shown, *, whole: bool) -> None:
    token = await token_of(shop)
    watched = Watched("token", world, workers, shop, bearer(token))
    await workers.all_see(watched.headers)
    await narrow_and_shut_out(watched, whole=whole)
    narrowing = clients.update(*watched.of, roles=[ApiRole.TMS_VIEW_JOBS], customers=[])
    narrowed = tells(roles=["TMS_VIEW_JOBS"], customers=[])
    await watched.sees("narrowing roles and customers", narrowing, narrowed)
    holder = await credentials.holder_of(token)
    assert holder is not None
    await watched.sees("revoking the token", credentials.revoke(token, holder), refused)
    watched.headers = bearer(await token_of(shop))
    await workers.all_see(watched.headers)
    regenerating = credentials.regenerate(*watched.of)
    new = await watched.sees("regenerating without overlap", regenerating, refused)
    watched.headers = bearer(await token_of(new))
    await workers.all_see(watched.headers)
    allowed = clients.update(*watched.of, addresses=["198.51.100.0/24"])
    await watched.sees("binding to other networks", allowed, lambda seen: seen[0] == 403)


async def by_key(world: World, workers: Workers, kind: str, *, whole: bool) -> None:
    def headers(key: str) -> Headers:
        return {"X-Api-Key": key} if kind == "X-Api-Key" else basic(kind, key)

    shown = await legacy(world, kind)
    watched = Watched(kind, world, workers, shown, headers(shown.client_secret))
    await workers.all_see(watched.headers)
    await narrow_and_shut_out(watched, whole=whole)
    regenerating = credentials.regenerate(*watched.of)
    new = await watched.sees("regenerating without overlap", regenerating, refused)
    watched.headers = headers(new.client_secret)
    assert all(admitted(one) for one in await workers.all_see(watched.headers))
    again = credentials.regenerate(*watched.of)
    await watched.sees("regenerating again", again, refused)


async def by_session(world: World, workers: Workers, ada: Person, *, whole: bool) -> None:
    of = (world.tenant.id, ada.user.id)

    async def begun() -> str:
        lasts = timedelta(hours=12)
        return (await sign_in.sign_in(ada.user.email, ada.password, From(), lasts)).cookie

    def another_password() -> Awaitable[Any]:
        return passwords.set_by_hand(Actor.host(of[0]), of[1], ada.password)

    ending: list[tuple[str, Callable[[str], Awaitable[Any]]]] = [
        ("signing out", lambda cookie: sign_in.sign_out(cookie, From())),
        ("signing out by the host", lambda _: staff.sign_out(Actor.host(of[0]), of[1])),
        ("revoking all", lambda _: staff.revoke_all(*of)),
        ("another password", lambda _: another_password()),
        ("switching off", lambda _: people.switch_off(*of)),
    ]
    for what, work in ending if whole else (ending[0], ending[-1]):
        cookie = await begun()
        watched = Watched("session", world, workers, Shown(ada.user.id, ""), holding(cookie))
        assert all(admitted(one) for one in await workers.all_see(watched.headers))
        await watched.sees(what, work(cookie), refused)


async def legacy(world: World, name: str) -> Shown:
    """A client with a key, by which it names itself."""
    key = f"{name}-key-that-was-issued-years-ago"
    line = f"{name},{key},{world.tenant.id},{name},WMS_CREATE_JOBS WMS_ADD_PRODUCT,ACME,SYD"
    columns = "identifier,key,tenant,name,roles,customers,warehouses"
    [made] = await key_import.import_keys(f"{columns}\n{line}\n")
    return Shown(made.client_id, key)


@dataclass
class Rotation:
    """Connections that ask without a pause, and what they were answered."""

    workers: Workers
    headers: list[Headers]
    answered: int = 0
    failed: list[Seen] = field(default_factory=list)
    going: bool = True

    async def ask(self, place: int) -> None:
        connection = self.workers.connections[place % len(self.workers.connections)]
        while self.going:
            seen = await self.workers.ask(connection, self.headers[place])
            self.answered += 1
            if not admitted(seen):
                self.failed.append(seen)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("askers", "seconds"), [(4, 0.6), pytest.param(40, 10.0, marks=pytest.mark.faults)]
)
async def test_a_rotation_with_overlap_fails_nobody(
    serve: Serve, askers: int, seconds: float
) -> None:
    """Clients move to the new secret one after the other, while all of them ask."""
    world = await make_world()
    shop = await world.client(ApiRole.WMS_VIEW_JOBS)
    edi = await legacy(world, "edi")
    first = bearer(await token_of(shop))
    async with two_workers(serve, first) as workers:
        await rotate(world, Rotation(workers, [first] * askers), shop, seconds, by_token=True)
        shown = basic("edi", edi.client_secret)
        await rotate(world, Rotation(workers, [shown] * askers), edi, seconds, by_token=False)


async def rotate(
    world: World, rotation: Rotation, client: Shown, seconds: float, *, by_token: bool
) -> None:
    askers = len(rotation.headers)
    asking = [asyncio.create_task(rotation.ask(place)) for place in range(askers)]
    await asyncio.sleep(seconds / 4)
    overlap = timedelta(days=1)
    new = await credentials.regenerate(world.tenant.id, client.client_id, overlap=overlap)
    for place in range(askers):
        shown = bearer(await token_of(new)) if by_token else basic("edi", new.client_secret)
        rotation.headers[place] = shown
        await asyncio.sleep(seconds / 2 / askers)
    await asyncio.sleep(seconds / 4)
    rotation.going = False
    await asyncio.gather(*asking)

    kind = "tokens" if by_token else "keys"
    told = f"{kind}: {rotation.answered} answers to {askers} askers, {len(rotation.failed)} failed"
    sys.stdout.write(f"{told}\n")
    assert rotation.failed == []
    assert rotation.answered > askers * 5
