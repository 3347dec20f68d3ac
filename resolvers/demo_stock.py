"""The demonstration's stock: levels made by movements, one at its time after the other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.record import new_id
from models.stock import StockLevel, StockMovement
from models.stocktaking import NOTHING, Spot
from models.wares import Free
from models.words import Condition, MovementKind
from resolvers.allocation import Pick, Short, allocate
from resolvers.demo_products import DemoWare
from resolvers.demo_rows import DemoRows
from resolvers.items import Line

SCARCE = 10
"""Of every so many products little is there; of every second of these, nothing at all at first."""

RUNS_OUT = 40
"""Of every so many products nothing more comes: the last ones who order them have to wait."""

LINKS = ("outbound_order_id", "inbound_order_id", "item_id")
DAMAGED = 11
QUARANTINED = 23


@dataclass
class Shelf:
    """A level of stock, as it comes to be."""

    id: UUID
    spot: Spot
    since: datetime
    at: datetime
    sums: dict[str, Decimal] = field(
        default_factory=lambda: dict.fromkeys(("quantity", "allocated", "incoming"), NOTHING)
    )

    @property
    def free(self) -> Free:
        """What orders can take of it."""
        quantity = self.sums["quantity"] - self.sums["allocated"]
        return Free(
            self.id, self.spot.batch, self.spot.expiry_date, self.since.isoformat(), quantity
        )


class Shelves:
    """All levels of one operator."""

    def __init__(self, made: DemoRows) -> None:
        self.made = made
        self.by_key: dict[Any, Shelf] = {}
        self.by_id: dict[UUID, Shelf] = {}
        self.of: dict[tuple[UUID, UUID], list[Shelf]] = {}

    def shelf(self, spot: Spot, at: datetime) -> Shelf:
        """The level of a spot, made when it is first needed."""
        if (found := self.by_key.get(spot.key)) is None:
            found = Shelf(new_id(), spot, at, at)
            self.by_key[spot.key] = self.by_id[found.id] = found
            if spot.condition is Condition.OK:
                self.of.setdefault((spot.warehouse_id, spot.product_id), []).append(found)
        return found

    def move(self, shelf: Shelf, kind: MovementKind, at: datetime, **by: Any) -> None:
        """One movement: amounts by their names, and what it was for."""
        amounts = {name: by.get(name, NOTHING) for name in shelf.sums}
        for name, amount in amounts.items():
            shelf.sums[name] += amount
        shelf.at = max(shelf.at, at)
        links = {name: by.get(name) for name in LINKS}
        row = {"level_id": shelf.id, "kind": kind, **amounts, "at": at, **links}
        self.made.add(StockMovement, {**row, **self.made.who})

    def take(
        self, warehouse_id: UUID, lines: Iterable[Line], day: date, *, in_part: bool = False
    ) -> tuple[Sequence[Pick], Sequence[Short]]:
        """What lines get, by the rules of real orders."""
        seen = [replace(line, ware=replace(line.ware, free=self._free(warehouse_id, line.ware.id)))
                for line in lines]  # fmt: skip
        return allocate(seen, day, in_part=in_part)

    def _free(self, warehouse_id: UUID, product_id: UUID) -> list[Free]:
        return [one.free for one in self.of.get((warehouse_id, product_id), ())]

    def open(self, wares: Iterable[DemoWare], warehouses: Sequence[UUID]) -> None:
        """What was there on the first day: plenty of most things."""
        for one in wares:
            for number, warehouse_id in enumerate(warehouses):
                self._open(one, warehouse_id, number)

    def _open(self, one: DemoWare, warehouse_id: UUID, number: int) -> None:
        dice, at = self.made.dice, self.made.opened
        if one.number % SCARCE:
            many = [dice.randint(20, 220) * 12 for _ in range(2 if one.good.lasts else 1)]
        elif one.number % RUNS_OUT == 0:
            many = [dice.randint(38, 52)]
        elif one.number % (2 * SCARCE):
            many = [dice.randint(40, 90)]
        else:
            many = []
        for turn, quantity in enumerate(many):
            shelf = self.shelf(self.spot(one, warehouse_id, at, turn), at)
            self.move(shelf, MovementKind.OPENING, at, quantity=Decimal(quantity))
        for every, condition in ((DAMAGED, Condition.DAMAGED), (QUARANTINED, Condition.QUARANTINE)):
            if one.number % every == number:
                spot = replace(self.spot(one, warehouse_id, at, 0), condition=condition)
                many_ = Decimal(dice.randint(1, 24))
                self.move(self.shelf(spot, at), MovementKind.OPENING, at, quantity=many_)

    def spot(self, one: DemoWare, warehouse_id: UUID, at: datetime, turn: int) -> Spot:
        """Where goods of a filling stand; each turn was filled three weeks after the one before."""
        spot = Spot(one.customer_id, warehouse_id, one.id, one.ware.code)
        if one.good.lasts is None:
            return spot
        filled = at.date() - timedelta(days=90 - 21 * turn)
        lasts_until = filled + timedelta(days=one.good.lasts)
        return replace(spot, batch=f"L{filled:%y%m%d}", expiry_date=lasts_until)

    def write(self) -> None:
        """The levels, with what their movements come to."""
        for shelf in self.by_id.values():
            spot = shelf.spot
            self.made.add(
                StockLevel,
                {
                    "id": shelf.id,
                    "customer_id": spot.customer_id,
                    "warehouse_id": spot.warehouse_id,
                    "product_id": spot.product_id,
                    "product_code": spot.product_code,
                    "batch": spot.batch,
                    "expiry_date": spot.expiry_date,
                    "condition": spot.condition,
                    **shelf.sums,
                    "created_at": shelf.since,
                    "modified_at": shelf.at,
                },
            )
