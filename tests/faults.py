"""Callers that go on while something breaks.

What they sent and were told is a history, as Jepsen keeps it: a request is answered, or its fate
is unknown. What is unknown is sent again, with its key, until it is answered.
"""

import asyncio
import itertools
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from unittest.mock import ANY

import httpx

from models.tenants import Customer
from models.words import ApiRole, ShortStockPolicy
from tests.faults_books import History, Order, Request
from tests.world import World

PLACE = """mutation Place($input: CreateOutboundOrderInput!) {
  createOutboundOrder(input: $input) {
    outboundOrder { id reference items { id } }
    userErrors { code message }
    replayed
  }
}"""
READ = (
    "query Read { a: products(first: 1) { edges { cursor } } b: warehouses { edges { cursor } } }"
)
PRODUCT = """mutation Add($input: CreateProductInput!) {
  createProduct(input: $input) { product { id } userErrors { message } }
}"""

CLIENTS = 8
PATIENCE = 30.0
REPLAYS = 0.2
TWINS = 0.05
"""How often an order is sent by two at once."""

TO_COME = {"UNAVAILABLE", "IN_PROGRESS"}
"""What is no answer yet: ask again."""


@dataclass
class Callers:
    """API clients of one tenant, on connections that they keep. The history survives them."""

    origin: str
    tokens: tuple[str, ...]
    customer: str
    chance: random.Random
    reads: float = 0.15
    """How many of the requests are billed reads."""
    history: History = field(default_factory=History)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def prepare(self) -> None:
        """Add the product that is ordered."""
        given = {"customer": self.customer, "code": "TEA", "name": "Tea", "defaultUnit": "CTN"}
        async with self._http() as http:
            answer = await self._send(http, 0, PRODUCT, given, fields=1)
        assert answer["data"] == {"createProduct": {"product": ANY, "userErrors": []}}, answer

    async def go_on(self) -> None:
        """Call until it is over."""
        self.over.clear()
        await asyncio.gather(*(self._call(number) for number in range(CLIENTS)))

    async def answered(self, more: int) -> None:
        """Wait until so many more requests have been answered."""
        wanted = self.history.answered + more
        await until(lambda: self.history.answered >= wanted)

    async def settle(self) -> None:
        """Send again whatever was not answered, until all of it is."""
        began = monotonic()
        async with self._http() as http:
            while self.history.open and monotonic() - began < PATIENCE:
                await self._place(http, self.history.open.pop())

    async def walk_away(self, seconds: float) -> None:
        """Send a new order, and hang up so long after it without reading the answer."""
        order = self.history.new_order(0)
        request = self._noted(fields=1)
        body = json.dumps({"query": PLACE, "variables": {"input": self._input(order)}}).encode()
        head = (
            "POST /graphql HTTP/1.1\r\nHost: dockgate\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self.tokens[0]}\r\nX-Request-Id: {request.id}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        host, _, port = self.origin.removeprefix("http://").partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(head.encode() + body)
        await writer.drain()
        await asyncio.sleep(seconds)
        if self.chance.random() < 1 / 2:
            writer.transport.abort()
        writer.close()
        self.history.unanswered += 1
        self.history.open.append(order)

    async def look(self, path: str = "/graphql") -> httpx.Response:
        """Ask what costs nothing: who we are, or how the service is."""
        async with self._http() as http:
            if path != "/graphql":
                return await http.get(path)
            headers = {"Authorization": f"Bearer {self.tokens[0]}"}
            body = {"query": "{ viewer { client { id } } }"}
            return await http.post(path, json=body, headers=headers)

    async def _call(self, number: int) -> None:
        async with self._http() as http:
            while not self.over.is_set():
                try:
                    await self._next(http, number % len(self.tokens))
                except httpx.TransportError:
                    await asyncio.sleep(0.02)

    async def _next(self, http: httpx.AsyncClient, caller: int) -> None:
        history = self.history
        if history.open:
            await self._place(http, history.open.pop())
        elif self.chance.random() < self.reads:
            await self._send(http, caller, READ, None, fields=2)
        elif history.placed and self.chance.random() < REPLAYS:
            await self._place(http, self.chance.choice(history.placed))
        else:
            order = history.new_order(caller)
            if self.chance.random() < TWINS:
                history.open.append(order)
            await self._place(http, order)

    async def _place(self, http: httpx.AsyncClient, order: Order) -> None:
        known = order.id is not None
        given, caller = self._input(order), order.caller
        if known and self.chance.random() < 1 / 2:
            # The reference alone finds it too, also for a colleague.
            del given["idempotencyKey"]
            caller = self.chance.randrange(len(self.tokens))
        try:
            answer = await self._send(http, caller, PLACE, given, fields=1)
        except httpx.TransportError:
            if not known:
                self.history.open.append(order)
            raise
        told = (answer.get("data") or {}).get("createOutboundOrder")
        if told is None or told["userErrors"]:
            self._refused(order, known=known, answer=answer)
            await asyncio.sleep(0.05)
            return
        outcome = answer["extensions"]["usage"]["calls"][0]["outcome"]
        if known and not told["replayed"]:
            self.history.wrong.append(f"{order} was placed before, and again now")
        self.history.told_placed(order, told, outcome)

    def _input(self, order: Order) -> dict[str, Any]:
        return {
            "customer": self.customer,
            "reference": order.reference,
            "deliver": {"address": {"company": "Corner shop"}, "method": "PICKUP"},
            "items": [{"product": {"code": "TEA"}, "quantity": "2.5"}],
            "idempotencyKey": order.key,
        }

    def _refused(self, order: Order, *, known: bool, answer: Any) -> None:
        payload = (answer.get("data") or {}).get("createOutboundOrder") or {}
        errors = [*answer.get("errors", ()), *payload.get("userErrors", ())]
        codes = {error.get("code") or error["extensions"]["code"] for error in errors}
        if not codes <= TO_COME:
            self.history.wrong.append(f"{order} was refused: {errors}")
        elif not known:
            self.history.open.append(order)

    def _noted(self, fields: int) -> Request:
        request = Request(f"r-{next(self.numbers)}", fields)
        self.history.requests.append(request)
        return request

    async def _send(
        self, http: httpx.AsyncClient, caller: int, document: str, given: Any, *, fields: int
    ) -> Any:
        """Send one request, and note what it was told to cost."""
        request = self._noted(fields)
        headers = {"Authorization": f"Bearer {self.tokens[caller]}", "X-Request-Id": request.id}
        body = {"query": document, "variables": given and {"input": given}}
        try:
            response = await http.post("/graphql", json=body, headers=headers)
        except httpx.TransportError:
            self.history.unanswered += 1
            raise
        self.history.answered += 1
        answer = response.json()
        codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
        self.history.refused.update(codes)
        self.history.wrong += [
            f"refused without a time to come again: {error}"
            for error in answer.get("errors", ())
            if error["extensions"]["code"] == "UNAVAILABLE" and "retryAt" not in error["extensions"]
        ]
        if response.status_code >= 500 and codes != ["UNAVAILABLE"]:
            self.history.wrong.append(f"{response.status_code}: {response.text}")
        if not codes:
            calls = answer["extensions"]["usage"]["calls"]
            request.counted = sum(call["count"] for call in calls)
        return answer

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.origin, timeout=30)


async def callers_of(world: World, origin: str, seed: int, **given: Any) -> Callers:
    """Two API clients of that tenant, on connections of their own."""
    roles = (ApiRole.WMS_CREATE_JOBS, ApiRole.WMS_ADD_PRODUCT)
    tokens = [await world.token(*roles, name=name) for name in ("Shop", "Colleague")]
    # What is placed here waits for stock: nobody puts any there.
    await Customer.filter(tenant_id=world.tenant.id).update(
        short_stock=ShortStockPolicy.AWAIT_STOCK
    )
    customer = str(world.live.id)
    return Callers(origin, tuple(tokens), customer, random.Random(seed), **given)  # noqa: S311


async def until(condition: Callable[[], bool]) -> None:
    """Wait for that, but not for ever."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - it is nobody's event
            await asyncio.sleep(0.001)
