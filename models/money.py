"""Currencies and the places their amounts have (ISO 4217)."""

from decimal import ROUND_HALF_UP, Decimal

PLACES_OTHER_THAN_TWO = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip


def places(currency: str) -> int:
    """How many decimal places an amount of this currency has."""
    return PLACES_OTHER_THAN_TWO.get(currency, 2)


def minor_units(amount: Decimal, currency: str) -> int:
    """The amount in minor units.

    Raises:
        ValueError: it has more places than the currency.

    """
    minor = amount.scaleb(places(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{currency} has {places(currency)} decimal places.")
    return int(minor)


def decimal_amount(minor: int, currency: str) -> Decimal:
    """The amount of so many minor units, with all the currency's places."""
    return Decimal(minor).scaleb(-places(currency))


def charge(calls: int, price_micros: int, currency: str) -> int:
    """What so many calls cost, in minor units, rounded half up once."""
    exact = Decimal(calls * price_micros).scaleb(places(currency) - 6)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
