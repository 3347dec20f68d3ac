"""Random commands against the tables of moves: whatever is asked, the books stay right."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.database import connect, disconnect, rows
from models.inbound import InboundOrder, InboundOrderEvent, InboundOrderItem
from models.moves import INBOUND, OUTBOUND
from models.orders import OutboundOrder, OutboundOrderEvent, OutboundOrderItem
from models.reach import Reach
from models.stock import StockLevel, StockMovement
from models.tenants import Customer
from models.usage import LedgerRow
from models.words import (
    ApiRole,
    Condition,
    ShortStockPolicy,
    StaffRole,
    UnknownProductPolicy,
    UnknownUnitPolicy,
)
from models.writing import Changes
from resolvers import commands, inbound, orders, packing, products, receiving, stock
from resolvers.access import Caller, expand
from resolvers.errors import UserErrors
from resolvers.verify import verify
from tests.asking import perform, shelve, staff
from tests.world import make_world

Work = Callable[[Caller, Mapping[str, Any], Changes], Awaitable[commands.Effect]]

CODES = ("LAMP", "SHADE", "BULB")
ADDRESS = {"company": "Cafe", "line1": "1 Pitt St", "city": "Sydney", "country": "AU"}


PACKING: dict[str, Work] = {
    "AWAITING_PICK_AND_PACK": packing.start_packing,
    "PACKING_IN_PROGRESS": packing.pack,
    "PACKED": packing.dispatch,
    "DISPATCHED": packing.revert,
    "REJECTED": packing.reprocess,
}
RECEIVING: dict[str, Work] = {
    "NOT_YET_RECEIVED": receiving.receive,
    "RECEIVED": receiving.verify,
    "VERIFIED": receiving.put_away,
    "REJECTED": receiving.reprocess,
}
"""What the operator's people do with a job, by its status."""


@dataclass
class Trade:
    """A customer and its operator, who do whatever the dice say."""

    dice: Random
    client: Caller
    person: Caller
    customer_id: UUID
    warehouse_id: UUID
    acknowledged: Counter[UUID] = field(default_factory=Counter)
    """How often a client's command about an object was acknowledged as new."""
    refused: int = 0

    async def client_does(self, name: str, work: Work, content: Mapping[str, Any]) -> None:
        """A command of the customer's system; acknowledged ones are remembered."""
        if (effect := await self._do(self.client, name, work, content)) is not None:
            self.acknowledged[effect.id] += not effect.replayed

    async def person_does(self, name: str, work: Work, content: Mapping[str, Any]) -> None:
        """A command of the operator's people."""
        await self._do(self.person, name, work, content)

    async def _do(
        self, caller: Caller, name: str, work: Work, content: Mapping[str, Any]
    ) -> commands.Effect | None:
        async def act(changes: Changes) -> commands.Effect:
            return await work(caller, content, changes)

        async def nothing(_: commands.Effect) -> None:
            pass

        call = commands.Call(caller, name, None, "test", caller.client_id is not None)
        asked = commands.Asked(content, validate_only=self.dice.random() < 0.1)
        before = await self.snapshot() if asked.validate_only else None
        try:
            done = await commands.perform(call, asked, act, nothing)
        except UserErrors:
            self.refused += 1
            return None
        if before is not None:
            assert await self.snapshot() == before
            return None
        return done.effect

    async def snapshot(self) -> list[int]:
        """How many rows there are of everything that a command writes."""
        tables = (OutboundOrder, OutboundOrderEvent, InboundOrder, StockMovement, LedgerRow)
        tenant = self.client.tenant_id
        return [await table.filter(tenant_id=tenant).count() for table in tables]

    # --- what can happen ----------------------------------------------------------------------

    def items(self) -> list[dict[str, Any]]:
        codes = (*CODES, "NOSUCH") if self.dice.random() < 0.1 else CODES
        units = ("EA", "PALLET") if self.dice.random() < 0.1 else ("EA", "EA", "EA", "CTN")
        return [
            {
                "product": {"code": self.dice.choice(codes)},
                "quantity": Decimal(self.dice.randint(1, 5)),
                "unit": self.dice.choice(units),
            }
            for _ in range(self.dice.randint(1, 3))
        ]

    def new(self) -> dict[str, Any]:
        return {
            "customer": self.customer_id,
            "reference": f"R{self.dice.randint(1, 30)}",
            "items": self.items(),
            "draft": self.dice.random() < 0.2,
        }

    async def place(self) -> None:
        content = {**self.new(), "deliver": {"address": ADDRESS}}
        await self.client_does("createOutboundOrder", orders.place, content)

    async def change_outbound(self) -> None:
        if (job := await self.some(OutboundOrder)) is not None:
            content: dict[str, Any] = {"id": job.id, "version": self.version(job)}
            if self.dice.random() < 0.7:
                content["items"] = self.items()
            if self.dice.random() < 0.5:
                content["draft"] = False
            await self.client_does("updateOutboundOrder", orders.change, content)

    async def cancel_outbound(self) -> None:
        if (job := await self.some(OutboundOrder)) is not None:
            await self.client_does("cancelOutboundOrder", orders.cancel, {"id": job.id})

    async def work_outbound(self) -> None:
        if (job := await self.some(OutboundOrder)) is None:
            return
        content: dict[str, Any] = {"id": job.id, "version": self.version(job)}
        work = self.step(PACKING, job.status)
        if work is packing.pack and self.dice.random() < 0.5:
            lines = await OutboundOrderItem.filter(tenant_id=job.tenant_id, order_id=job.id)
            content["items"] = [
                {"item": line.id, "quantity": Decimal(self.dice.randint(0, 12))}
                for line in lines
                if self.dice.random() < 0.6
            ]
        await self.person_does("work", work, content)

    async def announce(self) -> None:
        await self.client_does("createInboundOrder", inbound.announce, self.new())

    async def change_inbound(self) -> None:
        if (job := await self.some(InboundOrder)) is not None:
            content: dict[str, Any] = {"id": job.id, "version": self.version(job)}
            if self.dice.random() < 0.7:
                content["items"] = self.items()
            if self.dice.random() < 0.5:
                content["draft"] = False
            await self.client_does("updateInboundOrder", inbound.change, content)

    async def cancel_inbound(self) -> None:
        if (job := await self.some(InboundOrder)) is not None:
            await self.client_does("cancelInboundOrder", inbound.cancel, {"id": job.id})

    async def work_inbound(self) -> None:
        if (job := await self.some(InboundOrder)) is None:
            return
        content: dict[str, Any] = {"id": job.id, "version": self.version(job)}
        work = self.step(RECEIVING, job.status)
        lines = await InboundOrderItem.filter(tenant_id=job.tenant_id, order_id=job.id)
        if work is receiving.receive and self.dice.random() < 0.5:
            content["items"] = [
                {"item": line.id, "quantity": Decimal(self.dice.randint(0, 12))}
                for line in lines
                if self.dice.random() < 0.6
            ]
            content["keep_rest"] = self.dice.random() < 0.5
        if work is receiving.verify and self.dice.random() < 0.5:
            content["items"] = [
                {
                    "item": line.id,
                    "counts": [
                        {
                            "condition": self.dice.choice(list(Condition)),
                            "quantity": line.received_quantity or Decimal(1),
                        }
                    ],
                }
                for line in lines
            ]
        await self.person_does("work", work, content)

    async def adjust(self) -> None:
        await self.person_does(
            "adjustStock",
            stock.adjust,
            {
                "customer": self.customer_id,
                "warehouse": self.warehouse_id,
                "product": {"code": self.dice.choice(CODES)},
                "change": Decimal(self.dice.randint(-9, 15) or 1),
                "condition": Condition.OK,
                "reason": "counted",
            },
        )

    async def set_policy(self) -> None:
        await Customer.filter(tenant_id=self.client.tenant_id, id=self.customer_id).update(
            short_stock=self.dice.choice([None, *ShortStockPolicy]),
            unknown_product=self.dice.choice([None, *UnknownProductPolicy]),
            unknown_unit=self.dice.choice([None, *UnknownUnitPolicy]),
        )

    async def some(self, table: Any) -> Any:
        found = await table.filter(tenant_id=self.client.tenant_id).order_by("id")
        return self.dice.choice(found) if found else None

    def step(self, steps: Mapping[str, Work], status: str) -> Work:
        """Mostly what comes next, or else anything."""
        usual = steps.get(status)
        if usual is not None and self.dice.random() < 0.85:
            return usual
        return self.dice.choice(list(steps.values()))

    def version(self, job: Any) -> int:
        """The version that is read: now and then an old one."""
        read = job.version - (self.dice.random() < 0.1)
        return int(read)

    # --- what always holds --------------------------------------------------------------------

    async def check(self) -> None:
        """Levels are their movements, nothing is sold twice, and history is legal."""
        tenant = self.client.tenant_id
        sums: dict[Any, list[Decimal]] = {}
        for one in await StockMovement.filter(tenant_id=tenant):
            of = sums.setdefault(one.level_id, [Decimal(0)] * 3)  # type: ignore[attr-defined]
            for at, amount in enumerate((one.quantity, one.allocated, one.incoming)):
                of[at] += amount
        levels = {one.id: one for one in await StockLevel.filter(tenant_id=tenant)}
        assert sums == {
            id: [one.quantity, one.allocated, one.incoming] for id, one in levels.items()
        }
        for one in levels.values():
            assert one.quantity - one.allocated >= 0
            assert one.incoming >= 0
        await self._legal(OutboundOrder, OutboundOrderEvent, OUTBOUND)
        await self._legal(InboundOrder, InboundOrderEvent, INBOUND)

    async def _legal(self, table: Any, events: Any, moves: Mapping[Any, Any]) -> None:
        """Each job stands where its history ends, and got there by legal moves alone."""
        ways: dict[UUID, list[Any]] = {}
        for event in await events.filter(tenant_id=self.client.tenant_id).order_by("version"):
            ways.setdefault(event.order_id, []).append(event.status)
        for job in await table.filter(tenant_id=self.client.tenant_id):
            way = ways.pop(job.id)
            assert len(way) == job.version
            assert way[-1] == job.status
            for before, after in itertools.pairwise(way):
                assert before == after or after in moves[before], way
        assert ways == {}

    async def check_counts(self) -> None:
        """Every acknowledged command has exactly one count, and nothing else has any."""
        found = await rows(
            "SELECT CAST(object_id AS text), count(*) FROM ledger"
            f" WHERE tenant_id = '{self.client.tenant_id}' GROUP BY object_id"
        )
        counted = dict(found)
        assert counted == {str(id): n for id, n in self.acknowledged.items() if n}


async def open_trade(seed: int) -> Trade:
    world = await make_world(f"Trade {seed}")
    shown = await world.client(ApiRole.API_FULL_ACCESS)
    person = await staff(world)
    client = Caller(
        reach=Reach(world.tenant.id, frozenset({world.live.id}), frozenset({world.warehouse.id})),
        name="Web shop",
        tenant_name=world.tenant.name,
        currency=world.tenant.currency,
        time_zone=world.tenant.time_zone,
        client_id=shown.client_id,
        roles=expand([ApiRole.API_FULL_ACCESS]),
    )
    for number, code in enumerate(CODES):
        content = {
            "customer": world.live.id,
            "code": code,
            "name": code.title(),
            "default_unit": "EA",
            "units": [
                {"code": "EA", "base_quantity": Decimal(1)},
                {"code": "CTN", "base_quantity": Decimal(6)},
            ],
        }
        made = await perform(person, "createProduct", content, products.add)
        amount = {made: Decimal(15 * number)}
        if number:
            await shelve(person, world.live.id, world.warehouse.id, amount)
    assert person.staff_role is StaffRole.OPERATOR
    return Trade(Random(seed), client, person, world.live.id, world.warehouse.id)  # noqa: S311


HAPPENINGS = {
    Trade.place: 5,
    Trade.change_outbound: 3,
    Trade.cancel_outbound: 1,
    Trade.work_outbound: 6,
    Trade.announce: 2,
    Trade.change_inbound: 2,
    Trade.cancel_inbound: 1,
    Trade.work_inbound: 6,
    Trade.adjust: 1,
    Trade.set_policy: 2,
}
"""What can happen, and how often beside the others."""


@contextmanager
def connected(url: str) -> Iterator[asyncio.Runner]:
    """A loop of its own, for Hypothesis knows none."""
    with asyncio.Runner() as runner:
        runner.run(connect(url))
        try:
            yield runner
        finally:
            runner.run(disconnect())


def run_histories(url: str, *, examples: int, steps: int) -> None:
    """So many histories of so many happenings, each with a tenant of its own."""
    with connected(url) as runner:

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(
            seed=st.integers(0, 2**32),
            happenings=st.lists(
                st.sampled_from([one for one, often in HAPPENINGS.items() for _ in range(often)]),
                min_size=steps,
                max_size=steps,
            ),
        )
        def history(seed: int, happenings: list[Callable[[Trade], Awaitable[None]]]) -> None:
            async def happen() -> None:
                trade = await open_trade(seed)
                for one in happenings:
                    await one(trade)
                    await trade.check()
                await trade.check_counts()

            runner.run(happen())

        history()
        assert runner.run(verify()) == []


def test_the_books_stay_right_whatever_happens(database_url: str) -> None:
    run_histories(database_url, examples=4, steps=60)


@pytest.mark.fuzz
def test_the_books_stay_right_for_long(database_url: str) -> None:
    run_histories(database_url, examples=60, steps=120)
