"""A great many calls of every sort, by clients that go on while the service is killed.

Each request has an id, under which the ledger keeps its rows: what an answer told is compared with
them one by one. Orders and batches that were not answered are sent again until they are.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

from models.database import rows
from models.tenants import Customer
from models.words import ApiRole, ShortStockPolicy
from resolvers import products
from tests.asking import exact, perform, staff
from tests.faults_service import Service, connected, migrated_world
from tests.world import World

PLACE = """mutation Place($input: CreateOutboundOrderInput!) {
  createOutboundOrder(input: $input) { outboundOrder { id } userErrors { code } replayed }
}"""
BATCH = """mutation Batch($input: CreateOutboundOrdersInput!) {
  createOutboundOrders(input: $input) { count userErrors { code } }
}"""
ROOTS = ("product(id: $id) { id }", "node(id: $id) { id }", "customers(first: 1) { totalCount }")
ALIASES, FIELDS = 15, 50


def reading() -> str:
    """As many calls as one document may make: 50 root fields, up to 15 of one of them."""
    fields = [f"a{n}: {ROOTS[n // ALIASES]}" for n in range(3 * ALIASES)]
    fields += [f"b{n}: warehouses(first: 1) {{ totalCount }}" for n in range(FIELDS - len(fields))]
    return f"query Read($id: ID!) {{ {' '.join(fields)} }}"


READ = reading()
BATCHED = 40
CONNECTIONS = 8
LIKELY = {"read": 80, "place": 4, "again": 3, "bad": 3, "forbidden": 2, "try": 3, "trial": 3}
NOT_NOW = {"UNAVAILABLE", "IN_PROGRESS"}


@dataclass
class Sent:
    """One request: how many calls it was told to have made, once it was answered."""

    most: int
    """More it cannot have made."""
    counted: int | None = None


@dataclass
class Crowd:
    """Clients of one tenant, on connections that they keep, and what they were told."""

    service: Service
    world: World
    shops: list[str]
    reader: str
    trial: str
    product: str
    dice: random.Random = field(default_factory=lambda: random.Random(20))  # noqa: S311
    sent: dict[str, Sent] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    placed: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    counted: int = 0
    unanswered: int = 0
    wrong: list[str] = field(default_factory=list)

    async def call(self, calls: int, disturb: Callable[[], Awaitable[None]], times: int) -> None:
        """Make so many counted calls, and disturb the service some times in between."""
        over = asyncio.Event()

        async def disturbing() -> None:
            for number in range(times):
                await self._until(calls * (number + 1) // (times + 1))
                await disturb()
            await self._until(calls)
            over.set()

        await asyncio.gather(disturbing(), *(self._go_on(over) for _ in range(CONNECTIONS)))
        async with httpx.AsyncClient(base_url=self.service.origin, timeout=60) as http:
            for kind in LIKELY:
                await getattr(self, f"_{kind}")(http)

    async def _until(self, calls: int) -> None:
        while self.counted < calls and not self.wrong:  # noqa: ASYNC110 - it is nobody's event
            await asyncio.sleep(0.02)

    async def _go_on(self, over: asyncio.Event) -> None:
        async with httpx.AsyncClient(base_url=self.service.origin, timeout=60) as http:
            kinds, weights = list(LIKELY), list(LIKELY.values())
            while not over.is_set():
                [kind] = self.dice.choices(kinds, weights)
                await getattr(self, f"_{kind}")(http)

    async def _read(self, http: httpx.AsyncClient) -> None:
        await self._ask(http, self.dice.choice(self.shops), READ, FIELDS, id=self.product)

    async def _trial(self, http: httpx.AsyncClient) -> None:
        await self._ask(http, self.trial, READ, 0, id=self.product)

    async def _forbidden(self, http: httpx.AsyncClient) -> None:
        await self._ask(http, self.reader, PLACE, 0, input=self._order("no-right"))

    async def _bad(self, http: httpx.AsyncClient) -> None:
        given = self._order("bad", items=[{"product": {"code": "COFFEE"}, "quantity": "1"}])
        await self._ask(http, self.shops[0], PLACE, 0, input=given)

    async def _try(self, http: httpx.AsyncClient) -> None:
        given = self._order(f"try-{len(self.sent)}", validateOnly=True)
        await self._ask(http, self.shops[0], PLACE, 0, input=given)

    async def _again(self, http: httpx.AsyncClient) -> None:
        if self.placed:
            by, given = self.dice.choice(self.placed)
            if self.dice.random() < 1 / 2:
                given = {name: value for name, value in given.items() if name != "idempotencyKey"}
            await self._ask(http, by, PLACE, 0, input=given)

    async def _place(self, http: httpx.AsyncClient) -> None:
        by, number = self.dice.choice(self.shops), len(self.sent)
        if self.placed and self.dice.random() < 1 / 4:
            orders = [self._order(f"B{number}-{n}") for n in range(BATCHED)]
            given: dict[str, Any] = {"orders": orders, "idempotencyKey": f"batch-{number}"}
            await self._surely(http, by, BATCH, BATCHED, given)
        else:
            given = self._order(f"SO-{number}", idempotencyKey=f"key-{number}")
            await self._surely(http, by, PLACE, 1, given)
            self.placed.append((by, given))

    async def _surely(
        self, http: httpx.AsyncClient, by: str, document: str, most: int, given: Any
    ) -> None:
        """Send it until it is answered."""
        while True:
            answer = await self._ask(http, by, document, most, input=given)
            if answer is not None and not answer.get("errors"):
                [payload] = answer["data"].values()
                codes = {error["code"] for error in payload["userErrors"]}
                if not codes:
                    return
                if not codes <= NOT_NOW:
                    self.wrong.append(f"{given}: {codes}")
                    return
            await asyncio.sleep(0.05)

    async def _ask(
        self, http: httpx.AsyncClient, by: str, document: str, most: int, **variables: Any
    ) -> Any:
        """Send one request, and note what it was told to cost; None if it was not answered."""
        request_id = f"r-{len(self.sent)}"
        self.sent[request_id] = note = Sent(most)
        headers = {
            "Authorization": f"Bearer {by}",
            "X-Request-Id": request_id,
            "Content-Type": "application/json",
        }
        body = orjson.dumps({"query": document, "variables": variables})
        try:
            response = await http.post("/graphql", content=body, headers=headers)
        except httpx.TransportError:
            self.unanswered += 1
            await asyncio.sleep(0.05)
            return None
        answer = orjson.loads(response.content)
        calls = answer.get("extensions", {}).get("usage", {}).get("calls", [])
        note.counted = sum(call["count"] for call in calls)
        self.counted += note.counted
        self.outcomes.update(call["outcome"] for call in calls)
        codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
        if not codes <= {"FORBIDDEN", *NOT_NOW}:
            self.wrong.append(f"{response.status_code}: {response.text[:500]}")
        return answer

    def _order(self, reference: str, **given: Any) -> dict[str, Any]:
        return {
            "customer": str(self.world.live.id),
            "reference": reference,
            "deliver": {"address": {"company": "Corner shop"}, "method": "PICKUP"},
            "items": [{"product": {"code": "TEA"}, "quantity": "1"}],
        } | given

    async def untrue(self) -> list[str]:
        """Where the ledger holds something else than was told."""
        found = await rows(
            "SELECT l.request_id, count(*) FROM ledger l"
            " JOIN tenants t ON t.id = l.tenant_id GROUP BY l.request_id"
        )
        there = {str(request_id): int(count) for request_id, count in found}
        wrong = list(self.wrong)
        for request_id, note in self.sent.items():
            rows_of = there.pop(request_id, 0)
            if rows_of != note.counted if note.counted is not None else rows_of > note.most:
                wrong.append(f"{request_id} was told {note.counted}, and has {rows_of} rows")
        return wrong + [f"{count} rows of {request_id}" for request_id, count in there.items()]


@asynccontextmanager
async def crowd(url: str, folder: Path, *, workers: int) -> AsyncIterator[Crowd]:
    """A service with one operator behind it, and its clients."""
    service = Service(url, folder, workers=workers)
    world = await migrated_world(url)
    async with connected(url):
        # What is ordered waits for goods, which nobody puts there.
        await Customer.filter(tenant_id=world.tenant.id).update(
            short_stock=ShortStockPolicy.AWAIT_STOCK
        )
        content = {"customer": world.live.id, "code": "TEA", "name": "Tea", "default_unit": "EA"}
        tea = await perform(await staff(world), "createProduct", exact(content), products.add)
        shops = [await world.token(ApiRole.WMS_CREATE_JOBS, name=f"Shop {n}") for n in range(4)]
        reader = await world.token(ApiRole.WMS_VIEW_JOBS, name="Reader")
        trial = await world.token(
            ApiRole.WMS_CREATE_JOBS, name="Trial", customers=[world.sandbox.id]
        )
    await service.start()
    try:
        yield Crowd(service, world, shops, reader, trial, str(tea))
    finally:
        service.stop()
