"""Scalars that refuse what the built-in ones let through.

A decimal is exact, an instant has an offset, and neither is a float.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType
from uuid import UUID

import strawberry

from models.fields import from_millionths, to_millionths

Long = NewType("Long", int)
"""A count that may pass 2^31."""

Json = NewType("Json", object)
"""Whatever JSON can say; only ever answered."""

Properties = NewType("Properties", dict[str, str])
"""A customer's own names and values."""

MOST_PROPERTIES = 50
LONGEST_NAME = 64
LONGEST_VALUE = 500

DECIMAL = re.compile(r"-?\d{1,13}(\.\d+)?", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def parse_decimal(value: Any) -> Decimal:
    """A decimal from a string or a whole number, with at most six places."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not DECIMAL.fullmatch(value):
        raise ValueError(
            'A Decimal is a string such as "12.5", with up to 13 digits before its point.'
        )
    try:
        return from_millionths(to_millionths(Decimal(value)))
    except ValueError as fault:
        raise ValueError(f"{fault}.") from None


def parse_instant(value: Any) -> datetime:
    """An instant from ISO 8601 with an offset, in UTC."""
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        raise ValueError(
            'A DateTime is ISO 8601 with an offset, such as "2026-11-23T09:30:00+10:00".'
        )
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("There is no such instant.") from None


def parse_date(value: Any) -> date:
    """A calendar day."""
    if not isinstance(value, str) or not DATE.fullmatch(value):
        raise ValueError('A Date is a day such as "2026-11-23".')
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("There is no such day.") from None


def parse_long(value: Any) -> int:
    """A whole number of at most 53 bits, which every JSON reader keeps exact."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**53:
        raise ValueError("A Long is a whole number below 2^53.")
    return value


def parse_properties(value: Any) -> dict[str, str]:
    """Names with texts; a number would lose its zeros on the way, so it is sent as a text."""
    if not isinstance(value, dict) or len(value) > MOST_PROPERTIES:
        raise ValueError(
            f'Properties are an object of at most {MOST_PROPERTIES} texts: {{"season": "2027"}}.'
        )
    for name, text in value.items():
        if not 0 < len(name) <= LONGEST_NAME:
            raise ValueError(f"A property's name has 1 to {LONGEST_NAME} characters.")
        if not isinstance(text, str) or len(text) > LONGEST_VALUE:
            raise ValueError(
                f"The property `{name}` is a text of at most {LONGEST_VALUE} characters."
            )
    return value


def instant_text(value: datetime) -> str:
    """An instant as it is answered: UTC, six places."""
    # Half the price of `strftime`, and every answer holds one.
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def decimal_text(value: Decimal) -> str:
    """A decimal as it is answered, never in exponent form."""
    return format(value, "f")


def parse_id(value: str) -> UUID | None:
    """An id, which is a bare lower-case UUID; None if it is not."""
    try:
        parsed = UUID(value)
    except ValueError:
        return None
    return parsed if str(parsed) == value else None


SCALARS: dict[object, Any] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact number, as a string, with at most six places.",
        serialize=decimal_text,
        parse_value=parse_decimal,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant: ISO 8601 with an offset; answered in UTC with six places.",
        serialize=instant_text,
        parse_value=parse_instant,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day: `YYYY-MM-DD`.",
        serialize=date.isoformat,
        parse_value=parse_date,
    ),
    Long: strawberry.scalar(
        name="Long",
        description="A whole number that may pass 2^31.",
        serialize=int,
        parse_value=parse_long,
    ),
    Json: strawberry.scalar(
        name="JSON", description="An object of JSON, as it was written down.", serialize=lambda x: x
    ),
    Properties: strawberry.scalar(
        name="Properties",
        description=f"A customer's own names and values: a JSON object of texts. At most "
        f"{MOST_PROPERTIES} names of at most {LONGEST_NAME} characters, each with a text of at "
        f"most {LONGEST_VALUE}.",
        serialize=dict,
        parse_value=parse_properties,
    ),
}
