"""What the oracle knows of rows: whose they are, what a field tells of one, which a filter picks.

Plain and slow, and nothing of it is shared with the compiler. A field of the schema that is not
in `FIELDS` is one that the oracle has to be taught.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from models.orders import OutboundOrder, OutboundOrderEvent, OutboundOrderItem
from models.products import Product, ProductEvent, ProductUnit
from models.reach import Every, Reach
from models.tenants import Customer, Warehouse

TABLES = (
    Warehouse,
    Customer,
    Product,
    ProductUnit,
    ProductEvent,
    OutboundOrder,
    OutboundOrderItem,
    OutboundOrderEvent,
)

PLACES = {"JPY": 0, "KRW": 0, "CLP": 0, "KWD": 3, "BHD": 3, "TND": 3}


@dataclass(frozen=True)
class World:
    """All rows of one tenant, and how far somebody sees them."""

    rows: dict[str, list[Any]]
    reach: Reach

    def seen(self, kind: str) -> list[Any]:
        """The rows of a table that are in reach."""
        return [row for row in self.rows[kind] if self.sees(kind, row)]

    def find(self, kind: str, row_id: UUID | None) -> Any:
        """The row of that id, if it is in reach."""
        return next((row for row in self.seen(kind) if row.id == row_id), None)

    def sees(self, kind: str, row: Any) -> bool:
        """Whether a row is in reach."""
        whose = {"Customer": "id", "Product": "customer_id", "OutboundOrder": "customer_id"}
        where = {"Warehouse": "id", "OutboundOrder": "warehouse_id"}
        if kind in whose and not self._sees_customer(getattr(row, whose[kind])):
            return False
        warehouses = self.reach.warehouses
        if kind in where and warehouses is not Every.ALL:
            return getattr(row, where[kind]) in warehouses
        return True

    def _sees_customer(self, customer_id: UUID) -> bool:
        customers = self.reach.customers
        if customers is Every.ALL:
            return True
        if customers is Every.LIVE:
            [customer] = [one for one in self.rows["Customer"] if one.id == customer_id]
            return not customer.sandbox
        return customer_id in customers


async def load(tenant_id: UUID) -> dict[str, list[Any]]:
    """All rows of a tenant, as Tortoise objects."""
    return {table.__name__: await table.filter(tenant_id=tenant_id) for table in TABLES}


def plain(value: Any) -> Any:
    """A column's value as JSON."""
    match value:
        case Enum():
            return value.value
        case datetime():
            there = value.astimezone(UTC)
            return f"{there:%Y-%m-%dT%H:%M:%S}.{there.microsecond:06}Z"
        case date():
            return f"{value.year:04}-{value.month:02}-{value.day:02}"
        case UUID():
            return str(value)
        case Decimal():
            text = f"{value:f}"
            return text.rstrip("0").rstrip(".") if "." in text else text
    return value


# --- what a field tells ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Below:
    """A field that holds an object, or a list of them, of the type of that name."""

    type_: str
    of: Callable[[World, Any], Any]


Field = Below | Callable[[Any], Any]


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def columns(names: str, prefix: str = "") -> dict[str, Field]:
    """Fields that tell the column of their name."""
    return {name: column(prefix + snake(name)) for name in names.split()}


def column(name: str) -> Field:
    return lambda row: plain(getattr(row, name))


def money(name: str) -> Below:
    def amount(_: World, row: Any) -> Any:
        minor = getattr(row, name)
        return None if minor is None else (minor, getattr(row, f"{name}_currency"))

    return Below("Money", amount)


def refers(type_: str, name: str) -> Below:
    return Below(type_, lambda world, row: world.find(type_, getattr(row, name)))


def owns(type_: str, name: str, order: str) -> Below:
    def rows(world: World, row: Any) -> list[Any]:
        found = [one for one in world.rows[type_] if getattr(one, name) == row.id]
        return sorted(found, key=lambda one: getattr(one, order))

    return Below(type_, rows)


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


ITSELF = Below("", lambda _, row: row)

EVENT: dict[str, Field] = columns("version at") | {
    "changed": lambda row: json.loads(row.changed),
    "client": column("client_id"),
    "staffUser": column("staff_user_id"),
}

FIELDS: dict[str, dict[str, Field]] = {
    "Warehouse": columns("id code name timeZone gln active createdAt modifiedAt")
    | {"address": address("address_", "line1", "city", "country")},
    "Customer": columns("id code name sandbox active createdAt modifiedAt")
    | {
        "defaultWarehouse": refers("Warehouse", "default_warehouse_id"),
        "policies": Below("CustomerPolicies", ITSELF.of),
    },
    "CustomerPolicies": columns("shortStock unknownProduct unknownUnit makesConsignments"),
    "Product": columns(
        "id code name type description defaultUnit requiresBatch requiresExpiry hsCode"
        " countryOfOrigin lowStockQuantity expiryNoticeDays active version createdAt modifiedAt"
    )
    | {
        "customer": refers("Customer", "customer_id"),
        "units": owns("ProductUnit", "product_id", "position"),
        "selection": Below("StockSelection", ITSELF.of),
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
    "OutboundOrder": columns(
        "id reference status version urgent instructions internalNotes shipBy allowSplitting"
        " createdAt modifiedAt packedAt dispatchedAt"
    )
    | {
        "customer": refers("Customer", "customer_id"),
        "warehouse": refers("Warehouse", "warehouse_id"),
        "replaces": refers("OutboundOrder", "replaces_id"),
        "invoiceValue": money("invoice_value"),
        "deliver": Below("Delivery", ITSELF.of),
        "items": owns("OutboundOrderItem", "order_id", "position"),
        "history": owns("OutboundOrderEvent", "order_id", "version"),
    },
    "OutboundOrderItem": columns("id unit quantity batch expiryDate")
    | {
        "product": refers("Product", "product_id"),
        "approximateUnitPrice": money("approximate_unit_price"),
    },
    "OutboundOrderEvent": EVENT | columns("status"),
    "Delivery": columns("method requestedService instructions requiredOn", "deliver_")
    | {
        "address": address("deliver_"),
        "cashOnDelivery": money("cash_on_delivery"),
    },
    "Address": columns(ADDRESS),
    "Money": {"amount": amount_text, "currency": lambda money_: money_[1]},
}

NODES = ("OutboundOrder", "Product", "Customer", "Warehouse")


# --- filters --------------------------------------------------------------------------------------


def holds(filter_: Mapping[str, Any], row: Any) -> bool:
    """Whether a filter holds for a row. What is null is left out, as if it had not been said."""
    return all(_part(name, said, row) for name, said in filter_.items() if said is not None)


def _part(name: str, said: Any, row: Any) -> bool:
    match name:
        case "and":
            return all(holds(one, row) for one in said)
        case "or":
            return any(holds(one, row) for one in said)
        case "not":
            return not holds(said, row)
    column = {"customer": "customer_id", "warehouse": "warehouse_id"}.get(name, snake(name))
    value = getattr(row, column)
    if not isinstance(said, dict):
        said = {"eq": said}
    return all(
        value is not None and _compares(op, value, wanted)
        for op, wanted in said.items()
        if wanted is not None
    )


def _compares(op: str, value: Any, wanted: Any) -> bool:
    match op:
        case "eq":
            return plain(value) == wanted
        case "in":
            return plain(value) in wanted
        case "contains":
            return _lower(wanted) in _lower(value)
        case "startsWith":
            return value[: len(wanted)] == wanted
    read = datetime if isinstance(value, datetime) else date
    there = read.fromisoformat(wanted)
    return value >= there if op == "from" else value < there


def _lower(text: str) -> str:
    return "".join(chr(ord(one) + 32) if "A" <= one <= "Z" else one for one in text)
