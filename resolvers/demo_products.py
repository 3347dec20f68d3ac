"""The demonstration's products: two hundred of an operator's, and the same for its sandbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product as every
from typing import Any
from uuid import UUID

from biip.checksums import gs1_standard_check_digit

from models.product_lookups import PLAIN, UNIT
from models.products import Product, ProductEvent, ProductUnit
from models.record import new_id
from models.wares import Ware
from models.words import Selection
from resolvers.contents import as_json, canonical
from resolvers.demo_data import DemoCustomer
from resolvers.demo_goods import Good
from resolvers.demo_rows import DemoRows, names
from resolvers.product_rows import columns, filled_in

PRODUCTS = 200
IN_A_CARTON = 12
CARTONS_ON_A_PALLET = 40
EXAMPLES = "952"
"""The prefix of GS1 for examples: these numbers are nobody's."""


@dataclass(frozen=True)
class DemoWare:
    """A product as orders of the demonstration need it."""

    number: int
    customer_id: UUID
    good: Good
    cents: int
    ware: Ware

    @property
    def id(self) -> UUID:
        """The product's."""
        return self.ware.id


def products(
    made: DemoRows,
    customers: Sequence[tuple[UUID, DemoCustomer]],
    twins: Mapping[UUID, UUID],
) -> tuple[list[DemoWare], list[DemoWare]]:
    """Those of the live customers, and those of their twins."""
    ranges = {customer_id: list(_range(one.goods)) for customer_id, one in customers}
    live, trial = [], []
    for number in range(PRODUCTS):
        customer_id, _ = customers[number % len(customers)]
        good, kind, size, kilograms = ranges[customer_id][number // len(customers)]
        content = _content(number, good, kind, size, Decimal(kilograms))
        live.append(_product(made, number, customer_id, good, content))
        if (twin := twins.get(customer_id)) is not None:
            trial.append(_product(made, number, twin, good, content))
    return live, trial


def _range(goods: Sequence[Good]) -> list[tuple[Good, str, str, str]]:
    """Each kind in each size, all sorts of goods by turns."""
    sorts = [[(one, kind, *size) for kind, size in every(one.kinds, one.sizes)] for one in goods]
    longest = max(len(sort) for sort in sorts)
    return [sort[at] for at in range(longest) for sort in sorts if at < len(sort)]


def _content(number: int, good: Good, kind: str, size: str, kilograms: Decimal) -> dict[str, Any]:
    """The input that would have made it."""
    content: dict[str, Any] = {
        "code": f"{good.name[:3].upper().strip()}-{number + 1:04}",
        "name": f"{good.name}, {kind}, {size}",
        "type": good.name,
        "default_unit": "EACH",
        "active": True,
        "hs_code": good.hs_code,
        "country_of_origin": good.origins[number % len(good.origins)],
        "low_stock_quantity": Decimal(48),
        "units": _units(number, good, kilograms),
    }
    if good.lasts is not None:
        rule = {"rule": Selection.FEFO, "strict": False, "expiry_threshold_days": 30}
        content |= {"requires_batch": True, "requires_expiry": True, "selection": rule}
        content["expiry_notice_days"] = 60
    return content


def _units(number: int, good: Good, kilograms: Decimal) -> list[dict[str, Any]]:
    length, width, height = map(Decimal, good.metres)
    carton = Decimal(IN_A_CARTON)
    item = f"{EXAMPLES}{number + 1:09}"
    return [
        {
            "code": "EACH",
            "base_quantity": Decimal(1),
            "weight_kg": kilograms,
            "length_m": length,
            "width_m": width,
            "height_m": height,
            "barcode": _gtin(item),
            "directly_shippable": True,
        },
        {
            "code": "CARTON",
            "base_quantity": carton,
            "weight_kg": kilograms * carton + Decimal("0.4"),
            "length_m": length * 3,
            "width_m": width * 2,
            "height_m": height * 2,
            "barcode": _gtin(f"1{item}"),
            "directly_shippable": True,
        },
        {
            "code": "PALLET",
            "base_quantity": carton * CARTONS_ON_A_PALLET,
            "weight_kg": kilograms * carton * CARTONS_ON_A_PALLET + 25,
            "length_m": Decimal("1.2"),
            "width_m": Decimal("0.8"),
            "height_m": Decimal("1.4"),
            "directly_shippable": False,
        },
    ]


def _gtin(digits: str) -> str:
    return f"{digits}{gs1_standard_check_digit(digits)}"


def _product(
    made: DemoRows, number: int, customer_id: UUID, good: Good, content: Mapping[str, Any]
) -> DemoWare:
    full = filled_in({"customer": customer_id, **content})
    product_id, at = new_id(), made.opened
    made.add(
        Product,
        {
            "id": product_id,
            "customer_id": customer_id,
            "code": content["code"],
            **columns({**dict.fromkeys(PLAIN), **full}),
            "content": as_json(canonical(full)),
            "created_at": at,
            "modified_at": at,
        },
    )
    for position, unit in enumerate(content["units"], start=1):
        own = {"product_id": product_id, "position": position}
        made.add(ProductUnit, {**own, **{name: unit.get(name) for name in UNIT}})
    made.add(
        ProductEvent,
        {"product_id": product_id, "version": 1, "changed": names([*full]), "at": at, **made.who},
    )
    cents = int(good.cents * (1 + number % 5 / 4))
    return DemoWare(number, customer_id, good, cents, _ware(product_id, full))


def _ware(product_id: UUID, full: Mapping[str, Any]) -> Ware:
    return Ware(
        id=product_id,
        code=full["code"],
        name=full["name"],
        active=True,
        default_unit="EACH",
        selection=full["selection"]["rule"],
        selection_strict=False,
        expiry_threshold_days=full["selection"].get("expiry_threshold_days"),
        requires_batch=full["requires_batch"],
        requires_expiry=full["requires_expiry"],
        units={unit["code"]: unit["base_quantity"] for unit in full["units"]},
    )
