"""All faults of an input together, each with its place."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from models.countries import COUNTRIES
from models.money import minor_units
from models.words import UserErrorCode
from resolvers.contents import OWN_NAMES, Path, input_path
from resolvers.errors import UserError, UserErrors

CURRENCY = re.compile("[A-Z]{3}")

LONGEST = {
    "reference": 64,
    "code": 64,
    "unit": 32,
    "default_unit": 32,
    "batch": 64,
    "barcode": 64,
    "name": 200,
    "type": 100,
    "company": 200,
    "contact": 200,
    "line1": 200,
    "line2": 200,
    "suburb": 100,
    "city": 100,
    "state": 100,
    "postcode": 20,
    "phone": 40,
    "email": 254,
    "requested_service": 100,
    "instructions": 2_000,
    "internal_notes": 2_000,
    "authority_to_leave_instructions": 2_000,
    "recipient": 200,
    "url": 2_000,
    "description": 2_000,
    "reason": 500,
}
"""Characters that each text may have; the same name means the same everywhere."""

MOST_ENTRIES = 1_000
"""Entries of a list that one object owns."""


@dataclass
class Faults:
    """What is wrong with an input, gathered until all of it has been looked at."""

    errors: list[UserError] = field(default_factory=list)

    def add(
        self,
        code: UserErrorCode,
        path: Path,
        message: str,
        suggestions: Sequence[str] | None = None,
        *,
        available: Decimal | None = None,
    ) -> None:
        """One more fault."""
        self.errors.append(UserError(code, path, message, suggestions, available=available))

    def raise_any(self) -> None:
        """Refuse the input if anything was wrong with it.

        Raises:
            UserErrors: with all faults.

        """
        if self.errors:
            raise UserErrors(self.errors)

    # --- what many inputs share ---------------------------------------------------------------

    def texts(self, content: Any, *at: str | int) -> None:
        """Every text in the content is as short as its name demands, and lists are bounded."""
        match content:
            case str():
                name = str(at[-1]) if at else ""
                if len(content) > LONGEST.get(name, len(content)):
                    self.add(
                        UserErrorCode.TOO_LONG,
                        input_path(*at),
                        f"At most {LONGEST[name]} characters, and this has {len(content)}.",
                    )
            case Mapping():
                for name, inner in content.items():
                    if name != OWN_NAMES:
                        self.texts(inner, *at, name)
            case list() | tuple():
                if len(content) > MOST_ENTRIES:
                    self.add(
                        UserErrorCode.TOO_MANY,
                        input_path(*at),
                        f"At most {MOST_ENTRIES} entries, and this has {len(content)}.",
                    )
                    return
                for number, inner in enumerate(content):
                    self.texts(inner, *at, number)

    def not_blank(self, content: Mapping[str, Any], names: Iterable[str], *at: str | int) -> None:
        """The texts named hold more than blanks, where they are given."""
        for name in names:
            if isinstance(value := content.get(name), str) and not value.strip():
                self.add(UserErrorCode.REQUIRED, input_path(*at, name), "This cannot be blank.")

    def positive(self, content: Mapping[str, Any], names: Iterable[str], *at: str | int) -> None:
        """The numbers named are above zero, where they are given."""
        for name in names:
            if (value := content.get(name)) is not None and value <= 0:
                self.add(
                    UserErrorCode.INVALID,
                    input_path(*at, name),
                    f"This must be above zero, and is {value}.",
                )

    def money(
        self, content: Mapping[str, Any], name: str, currency: str, *at: str | int
    ) -> tuple[int, str] | None:
        """An amount in minor units with its currency, which is the tenant's if none is named."""
        given = content.get(name)
        if given is None:
            return None
        code = currency if given.get("currency") is None else given["currency"]
        if not CURRENCY.fullmatch(code):
            self.add(
                UserErrorCode.INVALID,
                input_path(*at, name, "currency"),
                "A currency is three capital letters (ISO 4217).",
            )
            return None
        if given["amount"] < 0:
            self.add(
                UserErrorCode.INVALID, input_path(*at, name, "amount"), "This cannot be negative."
            )
            return None
        try:
            return minor_units(given["amount"], code), code
        except ValueError as fault:
            self.add(UserErrorCode.INVALID, input_path(*at, name, "amount"), str(fault))
            return None

    def address(self, address: Mapping[str, Any], *at: str | int, complete: bool) -> None:
        """Somebody is named, the country exists, and where needed a carrier could find it."""
        self.not_blank(address, ("company", "contact", "line1", "city"), *at)
        if not (address.get("company") or address.get("contact")):
            self.add(
                UserErrorCode.REQUIRED,
                input_path(*at, "company"),
                "An address names a company or a contact.",
            )
        country = address.get("country")
        if country is not None and country not in COUNTRIES:
            self.add(
                UserErrorCode.INVALID,
                input_path(*at, "country"),
                f"`{country}` is no country of ISO 3166-1 alpha-2, such as AU.",
            )
        for name in ("line1", "city", "country") if complete else ():
            if address.get(name) is None:
                self.add(
                    UserErrorCode.REQUIRED,
                    input_path(*at, name),
                    "An address to ship to has line 1, city and country.",
                )
