"""What each field of the schema tells of a row.

Plain and slow, and nothing of it is shared with the compiler. A field of the schema that is not
in `FIELDS` is one that the oracle has to be taught.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from tests.oracle_rows import World, plain, snake

PLACES = {"JPY": 0, "KRW": 0, "CLP": 0, "KWD": 3, "BHD": 3, "TND": 3}


@dataclass(frozen=True)
class Below:
    """A field that holds an object, or a list of them, of the type of that name."""

    type_: str
    of: Callable[[World, Any], Any]


Field = Below | Callable[[Any], Any]


def columns(names: str, prefix: str = "") -> dict[str, Field]:
    """Fields that tell the column of their name."""
    return {name: column(prefix + snake(name)) for name in names.split()}


def column(name: str) -> Field:
    return lambda row: plain(getattr(row, name))


def stored(*names: str) -> dict[str, Field]:
    """Fields that tell the JSON that their column holds; an object is pairs."""

    def told(name: str) -> Field:
        def read(row: Any) -> Any:
            text = getattr(row, name)
            return None if text is None else json.loads(text, object_pairs_hook=tuple)

        return read

    return {name: told(name) for name in names}


def money(name: str) -> Below:
    def amount(_: World, row: Any) -> Any:
        minor = getattr(row, name)
        return None if minor is None else (minor, getattr(row, f"{name}_currency"))

    return Below("Money", amount)


def refers(*names: str) -> dict[str, Field]:
    """Fields that lead to the row that `<name>_id` refers to, where it is in reach."""
    return {name: refers_to(f"{name[0].upper()}{name[1:]}", name) for name in names}


def refers_to(type_: str, name: str) -> Below:
    return Below(type_, lambda world, row: world.find(type_, getattr(row, f"{snake(name)}_id")))


def owns(type_: str, name: str, *order: str) -> Below:
    def rows(world: World, row: Any) -> list[Any]:
        found = [one for one in world.seen(type_) if getattr(one, name) == row.id]
        return sorted(found, key=lambda one: [getattr(one, part) for part in order])

    return Below(type_, rows)


def rests(type_: str) -> Below:
    """What was split off, the oldest first; at one instant, by id."""
    return owns(type_, "rest_of_id", "created_at", "id")


def present(type_: str, *names: str) -> Below:
    """An object of the row's own columns, which is there where one of these is."""

    def some(_: World, row: Any) -> Any:
        return row if any(getattr(row, name) is not None for name in names) else None

    return Below(type_, some)


ADDRESS = "company contact line1 line2 suburb city state postcode country phone email"


def address(prefix: str, *present: str) -> Below:
    """An address of columns with a prefix; null where all of `present` are."""

    def parts(_: World, row: Any) -> Any:
        if present and all(getattr(row, prefix + name) is None for name in present):
            return None
        return SimpleNamespace(**{name: getattr(row, prefix + name) for name in ADDRESS.split()})

    return Below("Address", parts)


def amount_text(money_: tuple[int, str]) -> str:
    minor, currency = money_
    places = PLACES.get(currency, 2)
    digits = str(abs(minor)).rjust(places + 1, "0")
    sign = "-" if minor < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def itself(type_: str) -> Below:
    """An object of the row's own columns, which is always there."""
    return Below(type_, lambda _, row: row)


EVENT: dict[str, Field] = (
    columns("version at")
    | stored("changed")
    | {"client": column("client_id"), "staffUser": column("staff_user_id")}
)
OUTCOME: dict[str, Field] = columns("code message") | stored("path")

PLACES_AND_GOODS: dict[str, dict[str, Field]] = {
    "Warehouse": columns("id code name timeZone gln active version createdAt modifiedAt")
    | {"address": address("address_", "line1", "city", "country")},
    "Customer": columns("id code name sandbox active version createdAt modifiedAt")
    | {
        "sandboxOf": refers_to("Customer", "sandboxOf"),
        "defaultWarehouse": refers_to("Warehouse", "defaultWarehouse"),
        "policies": itself("CustomerPolicies"),
    },
    "CustomerPolicies": columns("shortStock unknownProduct unknownUnit makesConsignments"),
    "Product": columns(
        "id code name type description defaultUnit requiresBatch requiresExpiry hsCode"
        " countryOfOrigin lowStockQuantity expiryNoticeDays active version createdAt modifiedAt"
    )
    | refers("customer")
    | {
        "units": owns("ProductUnit", "product_id", "position"),
        "selection": itself("StockSelection"),
        "history": owns("ProductEvent", "product_id", "version"),
    },
    "StockSelection": {
        "rule": column("selection"),
        "strict": column("selection_strict"),
        "expiryThresholdDays": column("expiry_threshold_days"),
    },
    "ProductEvent": EVENT,
    "ProductUnit": columns(
        "code baseQuantity weightKg lengthM widthM heightM barcode directlyShippable"
    ),
    "StockOnHand": columns("batch expiryDate condition quantity allocated free incoming modifiedAt")
    | refers("customer", "warehouse", "product"),
    "Address": columns(ADDRESS),
    "Money": {"amount": amount_text, "currency": lambda money_: money_[1]},
}

ORDERS: dict[str, dict[str, Field]] = {
    "OutboundOrder": columns(
        "id reference status version urgent instructions internalNotes shipBy allowSplitting"
        " createdAt modifiedAt packedAt dispatchedAt"
    )
    | refers("customer", "warehouse")
    | stored("properties")
    | {
        "replaces": refers_to("OutboundOrder", "replaces"),
        "restOf": refers_to("OutboundOrder", "restOf"),
        "rests": rests("OutboundOrder"),
        "invoiceValue": money("invoice_value"),
        "deliver": itself("Delivery"),
        "items": owns("OutboundOrderItem", "order_id", "position"),
        "history": owns("OutboundOrderEvent", "order_id", "version"),
        "outcomes": owns("OutboundOrderOutcome", "order_id", "position"),
    },
    "OutboundOrderItem": columns("id unit quantity packedQuantity batch expiryDate")
    | refers("product")
    | stored("properties")
    | {"approximateUnitPrice": money("approximate_unit_price")},
    "OutboundOrderEvent": EVENT | columns("status"),
    "OutboundOrderOutcome": OUTCOME,
    "Delivery": columns("method requestedService instructions requiredOn", "deliver_")
    | {"address": address("deliver_"), "cashOnDelivery": money("cash_on_delivery")},
    "InboundOrder": columns(
        "id reference status version urgent instructions internalNotes arrivesOn createdAt"
        " modifiedAt receivedAt verifiedAt allocatedAt"
    )
    | refers("customer", "warehouse")
    | stored("properties")
    | {
        "replaces": refers_to("InboundOrder", "replaces"),
        "restOf": refers_to("InboundOrder", "restOf"),
        "rests": rests("InboundOrder"),
        "items": owns("InboundOrderItem", "order_id", "position"),
        "history": owns("InboundOrderEvent", "order_id", "version"),
        "outcomes": owns("InboundOrderOutcome", "order_id", "position"),
    },
    "InboundOrderItem": columns("id unit quantity receivedQuantity condition batch expiryDate sscc")
    | refers("product")
    | stored("properties")
    | {"counts": owns("InboundOrderCount", "item_id", "position")},
    "InboundOrderCount": columns("condition quantity batch expiryDate"),
    "InboundOrderEvent": EVENT | columns("status"),
    "InboundOrderOutcome": OUTCOME,
}

TRANSPORT: dict[str, dict[str, Field]] = {
    "Consignment": columns(
        "id type reference status version dropOff requiredOn instructions internalNotes"
        " authorityToLeave authorityToLeaveInstructions createdAt modifiedAt"
    )
    | refers("customer", "warehouse", "outboundOrder")
    | stored("properties")
    | {
        "replaces": refers_to("Consignment", "replaces"),
        "collectAddress": address("collect_", "company", "contact", "line1"),
        "deliverAddress": address("deliver_", "company", "contact", "line1"),
        "cashOnDelivery": money("cash_on_delivery"),
        "invoiceValue": money("invoice_value"),
        "cost": money("cost"),
        "tracking": present("Tracking", "tracking_company", "tracking_url"),
        "proofOfDelivery": present("ProofOfDelivery", "delivered_at"),
        "items": owns("ConsignmentItem", "consignment_id", "position"),
        "history": owns("ConsignmentEvent", "consignment_id", "version"),
    },
    "ConsignmentItem": columns(
        "id description quantity pallets weightKg cubicM3 spaces deliveredQuantity"
    ),
    "ConsignmentEvent": EVENT | columns("status"),
    "Tracking": columns("company url", "tracking_"),
    "ProofOfDelivery": columns("recipient at", "delivered_"),
}

FIELDS = PLACES_AND_GOODS | ORDERS | TRANSPORT

NODES = ("OutboundOrder", "InboundOrder", "Consignment", "Product", "Customer", "Warehouse")
