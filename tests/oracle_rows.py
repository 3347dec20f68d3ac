"""What the oracle knows of rows: which there are, whose they are, and how a value is told."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from models.consignments import Consignment, ConsignmentEvent, ConsignmentItem
from models.inbound import (
    InboundOrder,
    InboundOrderCount,
    InboundOrderEvent,
    InboundOrderItem,
    InboundOrderOutcome,
)
from models.orders import (
    OutboundOrder,
    OutboundOrderEvent,
    OutboundOrderItem,
    OutboundOrderOutcome,
)
from models.products import Product, ProductEvent, ProductUnit
from models.reach import Every, Reach
from models.stock import StockLevel, StockMovement
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
    OutboundOrderOutcome,
    InboundOrder,
    InboundOrderItem,
    InboundOrderCount,
    InboundOrderEvent,
    InboundOrderOutcome,
    Consignment,
    ConsignmentItem,
    ConsignmentEvent,
    StockLevel,
    StockMovement,
)

JOBS = ("OutboundOrder", "InboundOrder", "Consignment", "StockLevel")
"""What is somebody's and somewhere."""

WHOSE = {"Customer": "id", "Product": "customer_id"} | dict.fromkeys(JOBS, "customer_id")
WHERE = {"Warehouse": "id"} | dict.fromkeys(JOBS, "warehouse_id")


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
        if kind in WHOSE and not self._sees_customer(getattr(row, WHOSE[kind])):
            return False
        warehouses = self.reach.warehouses
        if kind in WHERE and warehouses is not Every.ALL:
            return getattr(row, WHERE[kind]) in warehouses
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


def snake(name: str) -> str:
    """A field's name as its column's."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
