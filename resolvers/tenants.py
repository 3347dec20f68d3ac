"""Tenants, as the host sets them up."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.tenants import Tenant
from models.words import UserErrorCode
from resolvers.errors import UserError, UserErrors, not_found

LONGEST_NAME = 200
LONGEST_CODE = 64
CURRENCY = re.compile(r"[A-Z]{3}")


async def create_tenant(name: str, currency: str, time_zone: str) -> Tenant:
    """Open an account for a 3PL operator."""
    _raise_any(
        [
            *text_errors("name", name, LONGEST_NAME),
            *_currency_errors(currency),
            *time_zone_errors(time_zone),
        ]
    )
    return await Tenant.create(
        name=name, currency=currency, time_zone=time_zone, created_at=datetime.now(UTC)
    )


async def tenants() -> list[Tenant]:
    """All accounts, oldest first."""
    return await Tenant.all().order_by("id")


async def find_tenant(named: str | None) -> Tenant:
    """The tenant with that id or that name; the only one there is, if none is named."""
    known = await tenants()
    fits = [one for one in known if named is None or named in (str(one.id), one.name)]
    if len(fits) == 1:
        return fits[0]
    if fits or named is None:
        raise UserErrors([_which_tenant(known)])
    raise UserErrors([not_found("tenant", named, ["tenant"])])


def text_errors(field: str, text: str, longest: int) -> list[UserError]:
    """What is wrong with a text that must be there."""
    if not text.strip():
        return [UserError(UserErrorCode.REQUIRED, [field], f"`{field}` is needed.")]
    if len(text) > longest:
        message = f"`{field}` has {len(text)} characters; {longest} are the most."
        return [UserError(UserErrorCode.TOO_LONG, [field], message)]
    if "\0" in text:
        return [UserError(UserErrorCode.INVALID, [field], f"`{field}` holds a NUL character.")]
    return []


def time_zone_errors(time_zone: str) -> list[UserError]:
    """What is wrong with the name of a time zone."""
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = "A time zone is an IANA name, as in Australia/Sydney."
        return [_invalid("timeZone", message)]
    return []


def _currency_errors(currency: str) -> list[UserError]:
    if CURRENCY.fullmatch(currency):
        return []
    return [_invalid("currency", "A currency is three capitals (ISO 4217), as in AUD.")]


def _raise_any(faults: Sequence[UserError]) -> None:
    if faults:
        raise UserErrors(faults)


def _invalid(field: str, message: str) -> UserError:
    return UserError(UserErrorCode.INVALID, [field], message)


def _which_tenant(known: Sequence[Tenant]) -> UserError:
    if not known:
        return UserError(UserErrorCode.REQUIRED, ["tenant"], "There is no tenant yet.")
    return UserError(
        UserErrorCode.REQUIRED,
        ["tenant"],
        "There are several tenants: name one by its id.",
        suggestions=[f"{one.id} {one.name}" for one in known],
    )
