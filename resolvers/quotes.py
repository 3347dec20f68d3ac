"""What a consignment would cost, by the rate card that is in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from models import lookups, rates
from models.fields import MILLION, from_millionths, to_millionths
from models.money import decimal_amount, places
from models.rates import Rates
from models.words import QuoteBasis, UserErrorCode
from resolvers.access import Caller
from resolvers.consignment_rules import check_items
from resolvers.contents import input_path
from resolvers.errors import UserErrors, not_found
from resolvers.faults import Faults
from resolvers.jobs import Content
from resolvers.rates import today

FINEST = 12
"""Places of a quantity in millionths at a price in millionths: nothing is lost."""


@dataclass(frozen=True)
class Price:
    """An amount of the tenant's currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True)
class QuoteLine:
    """What is paid for one measure of all items together."""

    basis: QuoteBasis
    quantity: Decimal
    rate: Price
    amount: Price
    """To six places: only the total is rounded to what can be paid."""


@dataclass(frozen=True)
class Quote:
    """What a consignment would cost."""

    customer_id: UUID
    warehouse_id: UUID | None
    total: Price
    minimum_applied: bool
    lines: Sequence[QuoteLine]


async def quote(caller: Caller, content: Content) -> Quote:
    """Price a consignment as it would be booked; rounded half up once, at the total.

    Raises:
        UserErrors: it cannot be priced: `NO_RATE_CARD` where nobody has said what it costs.

    """
    faults = Faults()
    faults.texts(content)
    check_items(content["items"], faults)
    customer_id, warehouse_id = content["customer"], content.get("warehouse")
    party = await lookups.party(caller.reach, customer_id)
    if not party.found:
        unknown = not_found("customer", customer_id, input_path("customer"))
        raise UserErrors([*faults.errors, unknown])
    if not party.active:
        faults.add(UserErrorCode.INVALID, input_path("customer"), "This customer is not active.")
    if warehouse_id is not None and warehouse_id not in {one.id for one in party.warehouses}:
        faults.errors.append(not_found("warehouse", warehouse_id, input_path("warehouse")))
    card = await rates.in_force(caller.tenant_id, customer_id, today(caller.time_zone))
    if card is None:
        message = "The operator has set no rates for this customer; ask them for a rate card."
        faults.add(UserErrorCode.NO_RATE_CARD, input_path("customer"), message)
    faults.raise_any()
    if card is None:
        raise ValueError("a card that is missing is a fault")
    return _priced(caller.currency, customer_id, warehouse_id, content["items"], card)


def _priced(
    currency: str,
    customer_id: UUID,
    warehouse_id: UUID | None,
    items: Sequence[Content],
    card: Rates,
) -> Quote:
    measures = [
        (QuoteBasis.CONSIGNMENT, MILLION, card.per_consignment),
        (QuoteBasis.PALLET, _sum(items, "pallets"), card.per_pallet),
        (QuoteBasis.KILOGRAM, _sum(items, "weight_kg"), card.per_kg),
        (QuoteBasis.CUBIC_METRE, _sum(items, "cubic_m3"), card.per_m3),
    ]
    exact = sum(quantity * rate for _, quantity, rate in measures)
    least = card.minimum * MILLION
    minor = _half_up(max(exact, least), FINEST - places(currency))
    return Quote(
        customer_id,
        warehouse_id,
        Price(decimal_amount(minor, currency), currency),
        least > exact,
        [
            QuoteLine(
                basis,
                from_millionths(quantity),
                _shown(rate, currency),
                _shown(_half_up(quantity * rate, FINEST // 2), currency),
            )
            for basis, quantity, rate in measures
        ],
    )


def _sum(items: Sequence[Content], name: str) -> int:
    """All items together, in millionths."""
    return sum(to_millionths(item[name]) for item in items if item.get(name) is not None)


def _half_up(value: int, digits: int) -> int:
    """The value without its last digits, rounded half up."""
    unit: int = 10**digits
    return (value + unit // 2) // unit


def _shown(micros: int, currency: str) -> Price:
    """So many millionths, with all places of the currency and more where there is more."""
    amount = from_millionths(micros)
    missing = places(currency) + int(amount.as_tuple().exponent)
    return Price(
        amount if missing <= 0 else amount.quantize(Decimal(1).scaleb(-places(currency))), currency
    )
