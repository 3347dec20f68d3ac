"""Which rate card is in force."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from models.database import dialect, rows


@dataclass(frozen=True)
class Rates:
    """What carrying costs, in millionths of the tenant's currency."""

    per_consignment: int
    per_pallet: int
    per_kg: int
    per_m3: int
    minimum: int


async def in_force(tenant_id: UUID, customer_id: UUID, on: date) -> Rates | None:
    """The latest card of the customer's own that has begun, else the tenant's."""
    p = dialect().placeholder
    found = await rows(
        "SELECT per_consignment, per_pallet, per_kg, per_m3, minimum FROM rate_cards"
        f" WHERE tenant_id = {p(1)} AND (customer_id = {p(2)} OR customer_id IS NULL)"
        f" AND from_date <= {p(3)} ORDER BY customer_id IS NULL, from_date DESC LIMIT 1",
        *(tenant_id, customer_id, on),
    )
    return Rates(*found[0]) if found else None
