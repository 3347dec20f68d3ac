"""The lines of an order: products by id or code, units, quantities, and what policies make of them.

The same for goods that come and goods that go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from models.fields import to_millionths
from models.lookups import Policies
from models.wares import Ware, codes_near, wares
from models.words import PolicyCode, UnknownProductPolicy, UnknownUnitPolicy, UserErrorCode
from resolvers.access import Caller
from resolvers.commands import PolicyOutcome
from resolvers.contents import Path, input_path
from resolvers.faults import Faults

Items = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Line:
    """One line with its product and unit found."""

    at: int
    """Its place among the lines that were sent."""
    ware: Ware
    unit: str
    unit_base: Decimal
    """How many base units its unit holds."""
    quantity: Decimal
    """Of the unit."""
    given: Mapping[str, Any]
    unit_price: tuple[int, str] | None = None

    @property
    def base_quantity(self) -> Decimal:
        """How many base units it needs."""
        return self.quantity * self.unit_base

    @property
    def content(self) -> dict[str, Any]:
        """The line with its defaults filled in: the product by its id, unit and currency named."""
        unit = self.unit if self.given.get("unit") is None else self.given["unit"]
        full = {**self.given, "product": {"id": self.ware.id}, "unit": unit}
        if self.unit_price is not None:
            price = self.given["approximate_unit_price"]
            full["approximate_unit_price"] = {**price, "currency": self.unit_price[1]}
        return full


@dataclass
class Lines:
    """The lines of an input, and what the customer's policies did to them."""

    sent: Items
    kept: list[Line] = field(default_factory=list)
    named: dict[int, Line] = field(default_factory=dict)
    """Every line whose product was found, by its place, dropped ones too."""
    rejected: bool = False
    outcomes: list[PolicyOutcome] = field(default_factory=list)

    @property
    def contents(self) -> list[Mapping[str, Any]]:
        """The lines with their defaults filled in; as they were sent where that is unknown."""
        return [
            line.content if (line := self.named.get(at)) else item
            for at, item in enumerate(self.sent)
        ]

    def told(self, code: PolicyCode, path: Path, message: str) -> None:
        """One thing that a policy did."""
        self.outcomes.append(PolicyOutcome(code.value, path, message))

    def drop(self, path: Path, message: str) -> None:
        """Go on without a line."""
        self.told(PolicyCode.LINE_DROPPED, path, message)

    def reject(self, path: Path, message: str) -> None:
        """Take the order only to say that it is rejected."""
        self.rejected = True
        self.told(PolicyCode.ORDER_REJECTED, path, message)


async def lines_of(
    caller: Caller,
    customer_id: UUID,
    policies: Policies,
    items: Items,
    faults: Faults,
    warehouse_id: UUID | None = None,
) -> Lines:
    """Each item with its product and unit, and what is free of it in the warehouse, if named."""
    lines = Lines(items)
    if not items:
        faults.add(UserErrorCode.REQUIRED, input_path("items"), "An order has at least one item.")
        return lines
    by_key = await _wares(caller, customer_id, items, warehouse_id)
    for at, item in enumerate(items):
        price = faults.money(item, "approximate_unit_price", caller.currency, "items", at)
        faults.positive(item, ("quantity",), "items", at)
        [key] = item["product"].values()
        if (ware := by_key.get(key)) is None:
            await _unknown(caller, customer_id, policies, item["product"], at, lines, faults)
        else:
            _line(ware, policies, item, at, price, lines, faults)
    if not lines.kept and not lines.rejected and not faults.errors:
        lines.reject(input_path("items"), "No line of it is left.")
    return lines


async def again(
    caller: Caller, customer_id: UUID, lines: Sequence[Line], warehouse_id: UUID
) -> list[Line]:
    """The lines once more, with what is free of their products now."""
    named = [{"product": {"id": line.ware.id}} for line in lines]
    by_key = await _wares(caller, customer_id, named, warehouse_id)
    return [replace(line, ware=by_key[line.ware.id]) for line in lines]


async def _wares(
    caller: Caller, customer_id: UUID, items: Items, warehouse_id: UUID | None
) -> dict[UUID | str, Ware]:
    named = [item["product"] for item in items]
    ids = [product["id"] for product in named if product.get("id") is not None]
    codes = [product["code"] for product in named if product.get("code") is not None]
    by_key: dict[UUID | str, Ware] = {}
    for ware in await wares(caller.reach, customer_id, ids, codes, warehouse_id):
        by_key[ware.id] = by_key[ware.code] = ware
    return by_key


def _line(
    ware: Ware,
    policies: Policies,
    item: Mapping[str, Any],
    at: int,
    price: tuple[int, str] | None,
    lines: Lines,
    faults: Faults,
) -> None:
    path = input_path("items", at, "product")
    if not ware.active:
        faults.add(UserErrorCode.INVALID, path, f"`{ware.code}` is not active.")
    unit = ware.default_unit if item.get("unit") is None else item["unit"]
    held = ware.units.get(unit)
    line = Line(at, ware, unit, held or Decimal(1), item["quantity"], item, price)
    lines.named[at] = line
    if held is None:
        path = input_path("items", at, "unit")
        message = f"`{ware.code}` is not counted in `{unit}`."
        match policies.unknown_unit:
            case None:
                faults.add(UserErrorCode.UNKNOWN_UNIT, path, message, list(ware.units))
                return
            case UnknownUnitPolicy.REJECT:
                lines.reject(path, message)
                return
            case UnknownUnitPolicy.DROP_LINE:
                lines.drop(path, message)
                return
            case UnknownUnitPolicy.USE_DEFAULT:
                unit = ware.default_unit
                line = replace(line, unit=unit, unit_base=ware.units[unit])
                lines.named[at] = line
                lines.told(PolicyCode.UNIT_DEFAULTED, path, f"{message} `{unit}` was taken.")
    _check_base(line, faults)
    lines.kept.append(line)


def _check_base(line: Line, faults: Faults) -> None:
    try:
        to_millionths(line.base_quantity)
    except ValueError as fault:
        faults.add(
            UserErrorCode.INVALID,
            input_path("items", line.at, "quantity"),
            f"In base units this comes to {line.base_quantity.normalize():f}. {fault}.",
        )


NEAREST = 3
MOST_SEARCHES = 20
"""Unknown codes for which near ones are looked up; a whole list of them is another mistake."""


async def _unknown(
    caller: Caller,
    customer_id: UUID,
    policies: Policies,
    product: Mapping[str, Any],
    at: int,
    lines: Lines,
    faults: Faults,
) -> None:
    code = product.get("code")
    path = input_path("items", at, "product", "id" if code is None else "code")
    message = f"This customer has no product `{product.get('id') if code is None else code}`."
    match policies.unknown_product:
        case UnknownProductPolicy.REJECT:
            lines.reject(path, message)
        case UnknownProductPolicy.DROP_LINE:
            lines.drop(path, message)
        case None:
            near = None
            if code is not None and len(faults.errors) < MOST_SEARCHES:
                near = await codes_meant(caller, customer_id, code)
            hint = f" Did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""
            faults.add(UserErrorCode.UNKNOWN_PRODUCT, path, message + hint, near)


async def codes_meant(caller: Caller, customer_id: UUID, code: str) -> list[str]:
    """The customer's product codes that could have been meant by one there is not."""
    candidates = await codes_near(caller.reach, customer_id, code)
    folded = {one.casefold(): one for one in candidates}
    found = get_close_matches(code.casefold(), folded, n=NEAREST, cutoff=0.5)
    return [folded[one] for one in found]
