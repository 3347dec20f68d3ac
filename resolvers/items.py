"""The lines of an order: products by id or code, units, quantities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from models import lookups
from models.words import UserErrorCode
from resolvers.access import Caller
from resolvers.contents import input_path
from resolvers.faults import Faults

Items = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Line:
    """One line with its product and unit found."""

    product_id: UUID
    unit: str
    given: Mapping[str, Any]
    unit_price: tuple[int, str] | None

    @property
    def content(self) -> dict[str, Any]:
        """The line with its defaults filled in: the product by its id, unit and currency named."""
        full = {**self.given, "product": {"id": self.product_id}, "unit": self.unit}
        if self.unit_price is not None:
            price = self.given["approximate_unit_price"]
            full["approximate_unit_price"] = {**price, "currency": self.unit_price[1]}
        return full


async def lines_of(
    caller: Caller, customer_id: UUID, items: Items, faults: Faults
) -> list[Line | None]:
    """Each item with its product and unit; None where that is unknown."""
    if not items:
        faults.add(UserErrorCode.REQUIRED, input_path("items"), "An order has at least one item.")
        return []
    named = [item["product"] for item in items]
    ids = [product["id"] for product in named if product.get("id") is not None]
    codes = [product["code"] for product in named if product.get("code") is not None]
    wares = await lookups.wares(caller.reach, customer_id, ids, codes)
    by_key: dict[UUID | str, lookups.Ware] = {}
    for ware in wares:
        by_key[ware.id] = by_key[ware.code] = ware
    return [
        await _line(caller, customer_id, by_key, item, at, faults) for at, item in enumerate(items)
    ]


async def _line(
    caller: Caller,
    customer_id: UUID,
    wares: Mapping[UUID | str, lookups.Ware],
    item: Mapping[str, Any],
    at: int,
    faults: Faults,
) -> Line | None:
    faults.positive(item, ("quantity",), "items", at)
    price = faults.money(item, "approximate_unit_price", caller.currency, "items", at)
    [key] = item["product"].values()
    ware = wares.get(key)
    if ware is None:
        await _unknown(caller, customer_id, item["product"], at, faults)
        return None
    if not ware.active:
        faults.add(
            UserErrorCode.INVALID,
            input_path("items", at, "product"),
            f"`{ware.code}` is not active.",
        )
    unit = ware.default_unit if item.get("unit") is None else item["unit"]
    if unit not in ware.units:
        faults.add(
            UserErrorCode.UNKNOWN_UNIT,
            input_path("items", at, "unit"),
            f"`{ware.code}` is not counted in `{unit}`.",
            ware.units,
        )
    return Line(ware.id, unit, item, price)


NEAREST = 3
MOST_SEARCHES = 20
"""Unknown codes for which near ones are looked up; a whole list of them is another mistake."""


async def _unknown(
    caller: Caller, customer_id: UUID, product: Mapping[str, Any], at: int, faults: Faults
) -> None:
    code = product.get("code")
    near: list[str] | None = None
    if code is not None and len(faults.errors) < MOST_SEARCHES:
        candidates = await lookups.codes_near(caller.reach, customer_id, code)
        folded = {one.casefold(): one for one in candidates}
        found = get_close_matches(code.casefold(), folded, n=NEAREST, cutoff=0.5)
        near = [folded[one] for one in found]
    hint = f" Did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""
    faults.add(
        UserErrorCode.UNKNOWN_PRODUCT,
        input_path("items", at, "product", "id" if code is None else "code"),
        f"This customer has no product `{product.get('id') if code is None else code}`.{hint}",
        near,
    )
