"""Kinds of column that Tortoise does not have, or gets wrong on SQLite."""

import datetime as dt
import sys
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any

from tortoise import Model, fields
from tortoise.fields.base import Field

PLACES = 6
"""How finely goods are counted."""

MILLION = 10**PLACES
MILLIONTH = Decimal(1) / MILLION
LARGEST = 2**63 - 1
EXACTLY = Context(prec=19, traps=[Inexact, InvalidOperation])


class Instant(fields.DatetimeField[dt.datetime]):
    """A moment, always in UTC.

    Tortoise keeps the offset in SQLite's text, so that `10:00+10:00` sorted after `01:00Z`
    although it comes before. Here the text is `YYYY-MM-DDTHH:MM:SS.ffffffZ` and compares as
    time; `models.database.values` writes it.
    """

    SQL_TYPE = "TIMESTAMPTZ"

    class _db_sqlite:  # noqa: N801 - Tortoise looks for this name
        SQL_TYPE = "TEXT"

    def to_python_value(self, value: Any) -> dt.datetime | None:
        if isinstance(value, str):
            value = dt.datetime.fromisoformat(value)
        return _utc(value)

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        # `instance` is the class when this is a filter.
        if isinstance(instance, Model) and self._is_now(instance):
            value = dt.datetime.now(dt.UTC)
            setattr(instance, self.model_field_name, value)
        value = _utc(value)
        self.validate(value)
        return value

    def _is_now(self, instance: Model) -> bool:
        empty = getattr(instance, self.model_field_name) is None
        return self.auto_now or (self.auto_now_add and empty)


class Quantity(Field[Decimal]):
    """How much of something: a decimal with at most six places, stored as whole millionths.

    Integers add up exactly on both engines; SQLite would compare decimals as text.
    """

    field_type = Decimal
    SQL_TYPE = "BIGINT"

    def to_python_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Decimal):
            return value
        constructed = sys._getframe(1).f_code is Model._set_kwargs.__code__  # noqa: SLF001
        if type(value) is not int or constructed:
            # A database's integer counts millionths. From a caller, `Stock(quantity=5)`
            # would mean five, and be stored as 0.000005.
            raise ValueError("A quantity is a Decimal")
        return from_millionths(value)

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> int | None:  # noqa: ARG002
        self.validate(value)
        return None if value is None else to_millionths(value)


def to_millionths(quantity: object) -> int:
    """Count the millionths, exactly; refuse what does not come out even or is too large."""
    if not isinstance(quantity, Decimal) or not quantity.is_finite():
        raise ValueError("A quantity is a finite Decimal")
    try:
        count = int(quantity.quantize(MILLIONTH, context=EXACTLY).scaleb(PLACES, EXACTLY))
    except Inexact:
        raise ValueError(f"A quantity has at most {PLACES} decimal places") from None
    except InvalidOperation:
        count = LARGEST + 1
    if abs(count) > LARGEST:
        raise ValueError("The quantity is too large")
    return count


def from_millionths(count: int) -> Decimal:
    """The quantity, without zeros at its end."""
    return Decimal(millionths_text(count))


def millionths_text(count: int) -> str:
    """The quantity as it is written: no zeros at its end, and no exponent."""
    whole, rest = divmod(abs(count), MILLION)
    text = f"{whole}.{rest:06}".rstrip("0").rstrip(".") if rest else str(whole)
    return f"-{text}" if count < 0 else text


def _utc(value: object) -> dt.datetime | None:
    if value is None:
        return None
    if not isinstance(value, dt.datetime) or value.utcoffset() is None:
        raise ValueError("An instant needs a date, a time and an offset from UTC")
    return value.astimezone(dt.UTC)
