"""Changing stock: which products are held meanwhile, which levels there are, what moves.

A level changes only together with the movement that says why. Who takes from a level needs no
lock: the sums are made by the database, and the table's check refuses what is not there. Who
adds a level, or decides that there is too little, holds the products first, so that goods that
arrive and orders that give up waiting for them cannot miss each other.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.bulk import Bulk, places
from models.clock import day
from models.database import BrokenRule, Dialect, Row, dialect, rows
from models.fields import from_millionths, to_millionths
from models.lookups import uuid
from models.record import new_id
from models.stock import StockLevel, StockMovement
from models.words import Condition, MovementKind
from models.writing import Changes

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Spot:
    """What one level of stock is about."""

    customer_id: UUID
    warehouse_id: UUID
    product_id: UUID
    product_code: str
    batch: str | None = None
    expiry_date: date | None = None
    condition: Condition = Condition.OK

    @property
    def key(self) -> tuple[Hashable, ...]:
        """What makes it the same level."""
        return (self.product_id, self.warehouse_id, self.batch, self.expiry_date, self.condition)


@dataclass(frozen=True)
class Movement:
    """A change of one level, in base units, and what it is for."""

    level_id: UUID
    kind: MovementKind
    quantity: Decimal = NOTHING
    allocated: Decimal = NOTHING
    incoming: Decimal = NOTHING
    outbound_order_id: UUID | None = None
    inbound_order_id: UUID | None = None
    item_id: UUID | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Held:
    """What an order has of a level: taken for one of its lines, or announced by it."""

    level_id: UUID
    item_id: UUID | None
    product_id: UUID
    batch: str | None
    expiry_date: date | None
    quantity: Decimal


def sold_out(fault: BrokenRule) -> bool:
    """Whether somebody else took what we had seen as free: look again."""
    return fault.constraint == "stock_levels_free"


def too_much(fault: BrokenRule) -> bool:
    """Whether more of a product was to stand or be announced somewhere than can be counted."""
    return fault.constraint == "stock_levels_most"


async def hold_products(tenant_id: UUID, product_ids: Iterable[UUID]) -> None:
    """Keep others from adding levels of these products, or giving up on them, until we end.

    On SQLite there is one writer anyway. Always in the order of ids, so that nobody waits in a
    circle.
    """
    if dialect() is Dialect.SQLITE:
        return
    await rows(
        "SELECT p.id FROM products p WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[])"
        " ORDER BY p.id FOR NO KEY UPDATE",
        tenant_id,
        list(product_ids),
    )


LEVELS = Bulk({"product_id": "uuid"})


async def levels_of(
    tenant_id: UUID, warehouse_id: UUID, product_ids: Iterable[UUID]
) -> dict[tuple[Hashable, ...], UUID]:
    """The levels of products in a warehouse, by `Spot.key`; asked while the products are held."""
    place = places()
    source = LEVELS.source(place, "p")
    found = await rows(
        f"SELECT l.id, l.product_id, l.batch, l.expiry_date, l.condition FROM {source}"
        f" JOIN stock_levels l ON l.tenant_id = {place()} AND l.product_id = p.product_id"
        f" AND l.warehouse_id = {place()}",
        *LEVELS.values([(product_id,) for product_id in set(product_ids)]),
        tenant_id,
        warehouse_id,
    )
    return {
        (uuid(product), warehouse_id, batch, expiry and day(expiry), Condition(condition)): uuid(id)
        for id, product, batch, expiry, condition in found
    }


async def held_by_outbound(tenant_id: UUID, order_id: UUID) -> list[Held]:
    """What an outbound order has taken and not given back or shipped."""
    return await _held("sum(allocated)", "outbound_order_id", tenant_id, order_id)


async def shipped_by_outbound(tenant_id: UUID, order_id: UUID) -> list[Held]:
    """What has left with an outbound order and not come back."""
    shipped = "-sum(CASE WHEN kind IN ('DISPATCHED', 'REVERTED') THEN quantity ELSE 0 END)"
    return await _held(shipped, "outbound_order_id", tenant_id, order_id)


async def expected_by_inbound(tenant_id: UUID, order_id: UUID) -> list[Held]:
    """What an inbound order still announces."""
    return await _held("sum(incoming)", "inbound_order_id", tenant_id, order_id)


async def _held(measure: str, owner: str, tenant_id: UUID, order_id: UUID) -> list[Held]:
    p = dialect().placeholder
    found = await rows(
        "SELECT m.level_id, m.item_id, l.product_id, l.batch, l.expiry_date, m.held FROM ("
        f"SELECT s.level_id, s.item_id, CAST({measure} AS bigint) AS held FROM stock_movements s"
        f" WHERE s.tenant_id = {p(1)} AND s.{owner} = {p(2)}"
        f" GROUP BY s.level_id, s.item_id HAVING {measure} <> 0) m"
        f" JOIN stock_levels l ON l.tenant_id = {p(1)} AND l.id = m.level_id"
        " ORDER BY m.item_id, m.level_id",
        tenant_id,
        order_id,
    )
    return [_one_held(row) for row in found]


def _one_held(row: Row) -> Held:
    level, item, product, batch, expiry, held = row
    return Held(
        uuid(level),
        None if item is None else uuid(item),
        uuid(product),
        batch,
        None if expiry is None else day(expiry),
        from_millionths(int(held)),
    )


# --- writing ----------------------------------------------------------------------------------

MOVED = Bulk(
    {
        "tenant_id": "uuid",
        "id": "uuid",
        "quantity": "bigint",
        "allocated": "bigint",
        "incoming": "bigint",
        "at": "timestamptz",
    }
)


@dataclass(frozen=True)
class MoveLevels:
    """Adds what movements sum up to, level by level."""

    sums: Sequence[tuple[Any, ...]]

    @property
    def key(self) -> Hashable:
        """Always the same text."""
        return "move levels"

    @property
    def values(self) -> list[Any]:
        return MOVED.values(self.sums)

    def sql(self, place: Callable[[], str]) -> str:
        """One update; on PostgreSQL the rows are held in the order of their ids first."""
        source = MOVED.source(place, "s")
        if dialect() is Dialect.POSTGRES:
            source = (
                f"(SELECT s.* FROM {source} JOIN stock_levels h"
                " ON h.tenant_id = s.tenant_id AND h.id = s.id ORDER BY h.id FOR UPDATE OF h) AS s"
            )
        return (
            "UPDATE stock_levels SET quantity = stock_levels.quantity + s.quantity,"
            " allocated = stock_levels.allocated + s.allocated,"
            " incoming = stock_levels.incoming + s.incoming, modified_at = s.at"
            f" FROM {source} WHERE stock_levels.tenant_id = s.tenant_id AND stock_levels.id = s.id"
        )


@dataclass
class Stock:
    """Movements of one command; `write` adds them and their levels to its changes."""

    tenant_id: UUID
    at: datetime
    client_id: UUID | None = None
    staff_user_id: UUID | None = None

    def __post_init__(self) -> None:
        self.movements: list[Movement] = []
        self._new: dict[UUID, Spot] = {}

    def move(self, *movements: Movement) -> None:
        """Note movements of levels that exist, or were added with `level`."""
        self.movements += movements

    def level(self, spot: Spot, known: dict[tuple[Hashable, ...], UUID]) -> UUID:
        """The level of a spot, from those that are known, or a new one; products are held."""
        if (found := known.get(spot.key)) is not None:
            return found
        made = known[spot.key] = new_id()
        self._new[made] = spot
        return made

    def write(self, changes: Changes) -> None:
        """All of it: new levels with their sums, sums onto old ones, and the movements."""
        if not self.movements:
            return
        sums: dict[UUID, list[int]] = defaultdict(lambda: [0, 0, 0])
        for one in self.movements:
            for n, amount in enumerate((one.quantity, one.allocated, one.incoming)):
                sums[one.level_id][n] += to_millionths(amount)
        changes.insert(StockLevel, *(self._level(id, *sums[id]) for id in self._new if id in sums))
        moved = [
            (self.tenant_id, id, *amounts, self.at)
            for id, amounts in sorted(sums.items())
            if id not in self._new
        ]
        if moved:
            changes.add(MoveLevels(moved))
        changes.insert(StockMovement, *map(self._movement, self.movements))
        self.movements, self._new = [], {}

    def _level(self, level_id: UUID, *amounts: int) -> dict[str, Any]:
        spot = self._new[level_id]
        quantity, allocated, incoming = map(from_millionths, amounts)
        return {
            "tenant_id": self.tenant_id,
            "id": level_id,
            "customer_id": spot.customer_id,
            "warehouse_id": spot.warehouse_id,
            "product_id": spot.product_id,
            "product_code": spot.product_code,
            "batch": spot.batch,
            "expiry_date": spot.expiry_date,
            "condition": spot.condition,
            "quantity": quantity,
            "allocated": allocated,
            "incoming": incoming,
            "created_at": self.at,
            "modified_at": self.at,
        }

    def _movement(self, one: Movement) -> dict[str, Any]:
        return {
            "tenant_id": self.tenant_id,
            "id": new_id(),
            "level_id": one.level_id,
            "kind": one.kind,
            "quantity": one.quantity,
            "allocated": one.allocated,
            "incoming": one.incoming,
            "at": self.at,
            "outbound_order_id": one.outbound_order_id,
            "inbound_order_id": one.inbound_order_id,
            "item_id": one.item_id,
            "reason": one.reason,
            "client_id": self.client_id,
            "staff_user_id": self.staff_user_id,
        }
