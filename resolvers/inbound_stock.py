"""What inbound orders announce and bring, as movements of stock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.inbound_lines import StoredLine
from models.stocktaking import (
    NOTHING,
    Movement,
    Spot,
    Stock,
    expected_by_inbound,
    hold_products,
    levels_of,
)
from models.words import Condition, MovementKind, UserErrorCode
from models.writing import Changes
from resolvers.access import Caller
from resolvers.contents import input_path
from resolvers.faults import Faults
from resolvers.order_stock import stock_of

NOT_THERE = frozenset({Condition.MISSING, Condition.LOST})
"""Goods in these stand nowhere, so nothing is put away."""


FIRST_DAY = date(1900, 1, 1)


def check_state(item: Mapping[str, Any], faults: Faults, *at: str | int) -> None:
    """Batch and expiry date can be those of goods, where they are given."""
    faults.not_blank(item, ("batch",), *at)
    expiry = item.get("expiry_date")
    if expiry is not None and expiry < FIRST_DAY:
        path = input_path(*at, "expiry_date")
        faults.add(UserErrorCode.INVALID, path, f"No goods expire before {FIRST_DAY}.")


MOST = Decimal(10**12)
"""Base units of one order: a mistyped quantity is no flood, and levels can be added up."""


def check_total(base_quantities: Iterable[Decimal], faults: Faults) -> None:
    """All lines together are not more than anybody means."""
    if not faults.errors and (total := sum(base_quantities, NOTHING)) > MOST:
        faults.add(
            UserErrorCode.INVALID,
            input_path("items"),
            f"An order has at most {MOST:f} base units, and this comes to {total:f}.",
        )


@dataclass(frozen=True)
class Goods:
    """Some of a line, in one state."""

    line: StoredLine
    quantity: Decimal
    """Of the line's unit."""
    condition: Condition
    batch: str | None
    expiry_date: date | None

    @property
    def base_quantity(self) -> Decimal:
        """How many base units that is."""
        return self.quantity * self.line.unit_base


@dataclass(frozen=True)
class Arrivals:
    """The stock of a customer in a warehouse, as inbound orders change it."""

    customer_id: UUID
    warehouse_id: UUID
    stock: Stock

    async def expect(self, order_id: UUID, lines: Iterable[StoredLine]) -> None:
        """Announce lines where they will stand."""
        goods = [
            Goods(line, line.quantity, line.condition, line.batch, line.expiry_date)
            for line in lines
        ]
        await self._move(MovementKind.EXPECTED, order_id, goods)

    async def take_back(self, order_id: UUID) -> None:
        """Announce no longer what an order still announces."""
        for held in await expected_by_inbound(self.stock.tenant_id, order_id):
            self.stock.move(
                Movement(
                    held.level_id,
                    MovementKind.EXPECTED,
                    incoming=-held.quantity,
                    inbound_order_id=order_id,
                    item_id=held.item_id,
                )
            )

    async def put(self, order_id: UUID, goods: Sequence[Goods]) -> None:
        """Let goods stand where they belong."""
        await self._move(MovementKind.PUT_AWAY, order_id, goods)

    def write(self, changes: Changes) -> None:
        """All movements, after the rows that they are for."""
        self.stock.write(changes)

    async def _move(self, kind: MovementKind, order_id: UUID, goods: Sequence[Goods]) -> None:
        there = kind is MovementKind.PUT_AWAY
        for one, level_id in await self._levels(goods):
            amount = one.base_quantity
            self.stock.move(
                Movement(
                    level_id,
                    kind,
                    quantity=amount if there else NOTHING,
                    incoming=NOTHING if there else amount,
                    inbound_order_id=order_id,
                    item_id=one.line.id,
                )
            )

    async def _levels(self, goods: Sequence[Goods]) -> list[tuple[Goods, UUID]]:
        """The level of each, new ones too: nobody else adds one while the products are held."""
        if not goods:
            return []
        products = {one.line.product_id for one in goods}
        await hold_products(self.stock.tenant_id, products)
        known = await levels_of(self.stock.tenant_id, self.warehouse_id, products)
        return [(one, self.stock.level(self._spot(one), known)) for one in goods]

    def _spot(self, one: Goods) -> Spot:
        return Spot(
            self.customer_id,
            self.warehouse_id,
            one.line.product_id,
            one.line.product_code,
            one.batch,
            one.expiry_date,
            one.condition,
        )


def arrivals(caller: Caller, customer_id: UUID, warehouse_id: UUID, at: datetime) -> Arrivals:
    """Where this command notes its movements."""
    return Arrivals(customer_id, warehouse_id, stock_of(caller, at))
