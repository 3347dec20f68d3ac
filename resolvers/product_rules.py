"""What must hold of a product's content, whoever sends it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from models.countries import COUNTRIES
from models.words import UserErrorCode
from resolvers.contents import input_path
from resolvers.faults import MOST_ENTRIES, Faults
from resolvers.gs1 import check_gtin

Content = Mapping[str, Any]

SIZES = ("weight_kg", "length_m", "width_m", "height_m")
HS_CODE = re.compile("[0-9]{6,12}")
MOST_DAYS = 36_500
"""A hundred years; beyond that it is a typing error."""


def check_fields(given: Content, faults: Faults) -> None:
    """Each field that is given is one that a product can have. Its units are not looked at."""
    faults.texts(given)
    faults.not_blank(given, ("code", "name", "default_unit"))
    hs_code, country = given.get("hs_code"), given.get("country_of_origin")
    if hs_code is not None and not HS_CODE.fullmatch(hs_code):
        faults.add(
            UserErrorCode.INVALID,
            input_path("hs_code"),
            "An HS code has 6 to 12 digits, with or without dots, such as 6912.00.",
        )
    if country is not None and country not in COUNTRIES:
        faults.add(
            UserErrorCode.INVALID,
            input_path("country_of_origin"),
            f"`{country}` is no country of ISO 3166-1 alpha-2, such as AU.",
        )
    if (low := given.get("low_stock_quantity")) is not None and low < 0:
        faults.add(
            UserErrorCode.INVALID,
            input_path("low_stock_quantity"),
            f"This cannot be negative, and is {low}.",
        )
    _check_days(given, "expiry_notice_days", faults)
    _check_days(given.get("selection") or {}, "expiry_threshold_days", faults, "selection")


def check_whole(content: Content, faults: Faults) -> None:
    """What a new product has to have; one that is there already keeps it."""
    for name in ("name", "default_unit"):
        if content.get(name) is None:
            faults.add(UserErrorCode.REQUIRED, input_path(name), "A new product has to have this.")


def check_units(units: Sequence[Content], default_unit: str | None, faults: Faults) -> None:
    """Units are told apart and measure something, and the default is one of them."""
    seen: set[str] = set()
    for at, unit in enumerate(units[:MOST_ENTRIES]):
        faults.not_blank(unit, ("code",), "units", at)
        faults.positive(unit, ("base_quantity", *SIZES), "units", at)
        check_gtin(faults, unit.get("barcode"), "units", at, "barcode")
        if unit["code"] in seen:
            faults.add(
                UserErrorCode.INVALID,
                input_path("units", at, "code"),
                f"`{unit['code']}` stands there twice.",
            )
        seen.add(unit["code"])
    if default_unit is not None:
        check_default(default_unit, [unit["code"] for unit in units], faults)


def check_default(default_unit: str, codes: Sequence[str], faults: Faults) -> None:
    """Lines that name no unit have one that the product is counted in."""
    if default_unit not in codes:
        faults.add(
            UserErrorCode.UNKNOWN_UNIT,
            input_path("default_unit"),
            f"`{default_unit}` is none of the product's units.",
            codes,
        )


def _check_days(given: Content, name: str, faults: Faults, *at: str) -> None:
    if (days := given.get(name)) is not None and not 0 <= days <= MOST_DAYS:
        faults.add(
            UserErrorCode.INVALID,
            input_path(*at, name),
            f"This is a number of days from 0 to {MOST_DAYS:,}, and is {days}.",
        )
