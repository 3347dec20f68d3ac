"""Which stock an order takes: by the product's rule, what the line wants, and what is free.

Plain arithmetic, with nothing asked of anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from uuid import UUID

from models.fields import MILLIONTH
from models.stocktaking import NOTHING
from models.wares import Free, Ware
from models.words import Selection
from resolvers.items import Line


@dataclass(frozen=True)
class Pick:
    """Base units that a line takes of a level."""

    at: int
    """The line's place among those that were sent."""
    level_id: UUID
    quantity: Decimal


@dataclass(frozen=True)
class Short:
    """A line for which less is free than it needs, in base units."""

    line: Line
    available: Decimal

    @property
    def available_units(self) -> Decimal:
        """What is free in the line's unit: whole ones, if it was ordered in whole ones."""
        units = self.available / self.line.unit_base
        whole = units.to_integral_value(ROUND_FLOOR)
        if self.line.quantity == self.line.quantity.to_integral_value():
            return whole
        fine = units.quantize(MILLIONTH, ROUND_FLOOR)
        base = fine * self.line.unit_base
        return fine if base == base.quantize(MILLIONTH) else whole


def allocate(
    lines: Sequence[Line],
    today: date,
    *,
    in_part: bool = False,
    left: dict[UUID, Decimal] | None = None,
) -> tuple[list[Pick], list[Short]]:
    """Give the lines what is free, in their order; lines of one product share it.

    A line that comes out short takes nothing, or `in_part` what there is in its unit. `left`,
    what is left of each level, is taken from if it is given.
    """
    if left is None:
        left = {free.level_id: free.quantity for line in lines for free in line.ware.free}
    picks: list[Pick] = []
    short: list[Short] = []
    for line in lines:
        fits = fitting(line, today)
        need = line.base_quantity
        available = sum((left[free.level_id] for free in fits), NOTHING)
        if available < need:
            short.append(Short(line, available))
            need = short[-1].available_units * line.unit_base if in_part else NOTHING
        for free in fits:
            if (taken := min(need, left[free.level_id])) > 0:
                picks.append(Pick(line.at, free.level_id, taken))
                left[free.level_id] -= taken
                need -= taken
    return picks, short


def fitting(line: Line, today: date) -> list[Free]:
    """What is free for a line, in the order in which it is taken.

    FEFO takes what expires first, FIFO what came first. A batch or expiry date that the line
    wants is never replaced by another, and what expires too soon is never taken.
    """
    batch, expiry = line.given.get("batch"), line.given.get("expiry_date")
    return sorted(
        (
            free
            for free in line.ware.free
            if (batch is None or free.batch == batch)
            and (expiry is None or free.expiry_date == expiry)
            and lasts(line.ware, free.expiry_date, today)
        ),
        key=lambda free: _turn(line.ware, free),
    )


def lasts(ware: Ware, expiry: date | None, today: date) -> bool:
    """Whether goods of that expiry date may still go out: at least the threshold before it."""
    return expiry is None or expiry >= today + timedelta(days=ware.expiry_threshold_days or 0)


def _turn(ware: Ware, free: Free) -> tuple[object, ...]:
    expires = free.expiry_date or date.max
    if ware.selection is Selection.FEFO:
        return (expires, free.since, free.level_id)
    return (free.since, expires, free.level_id)
