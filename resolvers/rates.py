"""Rate cards: what carrying costs a tenant's customers. Set by the host alone."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from models.consignments import RateCard
from models.database import transaction
from models.fields import MILLION
from models.tenants import Customer, Tenant
from models.words import UserErrorCode
from resolvers.contents import camel
from resolvers.errors import UserError, UserErrors, not_found

PRICES = ("per_consignment", "per_pallet", "per_kg", "per_m3", "minimum")
"""What a card says, each a price in the tenant's currency."""

HIGHEST = MILLION


async def set_rates(
    tenant_id: UUID,
    prices: Mapping[str, Decimal],
    *,
    customer_id: UUID | None = None,
    from_date: date | None = None,
) -> RateCard:
    """Have a card from a day on, today if none is named; a card of that day before is replaced.

    A customer's own goes before the tenant's. What is not priced is free.
    """
    tenant = await Tenant.get(id=tenant_id)
    begins = from_date or today(tenant.time_zone)
    async with transaction():
        await _check(tenant_id, prices, customer_id)
        same = RateCard.filter(tenant_id=tenant_id, from_date=begins)
        of = {"customer_id": customer_id} if customer_id else {"customer_id__isnull": True}
        await same.filter(**of).delete()
        micros: dict[str, Any] = {name: int(price * MILLION) for name, price in prices.items()}
        return await RateCard.create(
            tenant_id=tenant_id,
            customer_id=customer_id,
            from_date=begins,
            created_at=datetime.now(UTC),
            **micros,
        )


async def rate_cards(tenant_id: UUID) -> list[RateCard]:
    """All cards of a tenant: its own first, then its customers', each by the day it begins."""
    cards = await RateCard.filter(tenant_id=tenant_id).order_by("from_date")
    return sorted(cards, key=lambda card: (card.customer_id is not None, str(card.customer_id)))


def today(time_zone: str) -> date:
    """The day it is in a tenant's time zone."""
    return datetime.now(ZoneInfo(time_zone)).date()


async def _check(tenant_id: UUID, prices: Mapping[str, Decimal], customer_id: UUID | None) -> None:
    message = "A price is 0 to a million, with six places at most."
    faults = [
        UserError(UserErrorCode.INVALID, [camel(name)], message)
        for name, price in prices.items()
        if not price.is_finite() or not 0 <= price <= HIGHEST or price * MILLION % 1
    ]
    if customer_id is not None and not await Customer.exists(tenant_id=tenant_id, id=customer_id):
        faults.append(not_found("customer", customer_id, ["customer"]))
    if faults:
        raise UserErrors(faults)
