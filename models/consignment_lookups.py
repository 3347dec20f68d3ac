"""What commands need to know for consignments: those of an order, their lines, what goods weigh."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.bulk import Bulk, places
from models.database import Row, dialect, rows
from models.fields import from_millionths, to_millionths
from models.lookups import uuid
from models.tenants import Warehouse

ADDRESS = tuple(
    name.removeprefix("address_")
    for name in Warehouse._meta.fields_db_projection
    if name.startswith("address_")
)
"""The parts of an address."""


async def depot_address(tenant_id: UUID, warehouse_id: UUID) -> dict[str, Any] | None:
    """The address of a depot, if a carrier could find it; in its own name if it says no other."""
    p = dialect().placeholder
    [row] = await rows(
        f"SELECT name, {', '.join(f'address_{name}' for name in ADDRESS)} FROM warehouses"
        f" WHERE tenant_id = {p(1)} AND id = {p(2)}",
        *(tenant_id, warehouse_id),
    )
    known, *values = row
    address = dict(zip(ADDRESS, values, strict=True))
    if not all(address[name] for name in ("line1", "city", "country")):
        return None
    if not (address["company"] or address["contact"]):
        address["company"] = known
    return {name: value for name, value in address.items() if value is not None}


async def of_order(tenant_id: UUID, order_id: UUID) -> list[UUID]:
    """The consignments that carry an order's goods, but for cancelled ones."""
    p = dialect().placeholder
    found = await rows(
        f"SELECT id FROM consignments WHERE tenant_id = {p(1)} AND outbound_order_id = {p(2)}"
        " AND status <> 'CANCELLED' ORDER BY id",
        *(tenant_id, order_id),
    )
    return [uuid(row[0]) for row in found]


# --- what goods weigh ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """A product by name, and one of its units by size; None where nobody said."""

    name: str
    weight_kg: Decimal | None = None
    cubic_m3: Decimal | None = None


UNITS = Bulk({"product_id": "uuid", "unit": "text"})


async def measured(
    tenant_id: UUID, units: Iterable[tuple[UUID, str]]
) -> dict[tuple[UUID, str], Measured]:
    """Products and units as they are now; a unit that is gone has no size."""
    place = places()
    source = UNITS.source(place, "s")
    found = await rows(
        "SELECT s.product_id, s.unit, p.name, u.weight_kg, u.length_m, u.width_m, u.height_m"
        f" FROM {source} JOIN products p ON p.tenant_id = {place()} AND p.id = s.product_id"
        " LEFT JOIN product_units u ON u.tenant_id = p.tenant_id AND u.product_id = p.id"
        " AND u.code = s.unit",
        *UNITS.values(sorted(set(units))),
        tenant_id,
    )
    return {(uuid(row[0]), row[1]): _measured(row) for row in found}


def _measured(row: Row) -> Measured:
    _, _, name, weight, *sides = row
    volume = None
    if None not in sides:
        length, width, height = map(from_millionths, sides)
        volume = length * width * height
    return Measured(name, None if weight is None else from_millionths(weight), volume)


# --- proof of delivery ---------------------------------------------------------------------------


async def items_of(tenant_id: UUID, consignment_id: UUID) -> dict[UUID, Decimal]:
    """How many were sent, by the ids of a consignment's lines, in their order."""
    p = dialect().placeholder
    found = await rows(
        "SELECT id, quantity FROM consignment_items"
        f" WHERE tenant_id = {p(1)} AND consignment_id = {p(2)} ORDER BY position",
        *(tenant_id, consignment_id),
    )
    return {uuid(row[0]): from_millionths(row[1]) for row in found}


ARRIVED = Bulk({"tenant_id": "uuid", "id": "uuid", "quantity": "bigint"})


@dataclass(frozen=True)
class Arrived:
    """Writes down how many of each line arrived, all in one statement."""

    tenant_id: UUID
    quantities: Sequence[tuple[UUID, Decimal]]

    @property
    def key(self) -> Hashable:
        """It is the same for any number of lines."""
        return "arrived"

    @property
    def values(self) -> Sequence[Any]:
        """Each line with its tenant."""
        return ARRIVED.values(
            [(self.tenant_id, id_, to_millionths(many)) for id_, many in self.quantities]
        )

    def sql(self, place: Callable[[], str]) -> str:
        """One update."""
        return (
            "UPDATE consignment_items SET delivered_quantity = s.quantity"
            f" FROM {ARRIVED.source(place, 's')}"
            " WHERE consignment_items.tenant_id = s.tenant_id AND consignment_items.id = s.id"
        )
