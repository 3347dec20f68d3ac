"""How a Python value is given to either engine."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Json:
    """A value to be given as JSON text."""

    value: Any

    def __str__(self) -> str:
        return json.dumps(self.value, ensure_ascii=False, separators=(",", ":"), default=_json)


def _json(value: Any) -> str:
    return instant_text(value) if isinstance(value, dt.datetime) else str(value)


def instant_text(value: dt.datetime) -> str:
    """Write an instant in UTC with six places, so that text compares as time."""
    utc = _aware(value).astimezone(dt.UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def for_sqlite(values: Sequence[Any]) -> Sequence[Any]:
    """Turn values into what SQLite stores: text, integers, bytes."""
    for value in values:
        if value.__class__ not in _PLAIN_IN_SQLITE:
            return [_sqlite(value) for value in values]
    return values


def for_postgres(values: Sequence[Any]) -> Sequence[Any]:
    """Turn values into what asyncpg takes; most it takes as they are."""
    for value in values:
        if value.__class__ not in _PLAIN_IN_POSTGRES:
            return [_postgres(value) for value in values]
    return values


_PLAIN_IN_SQLITE = frozenset({type(None), str, int, float, bytes})
_PLAIN_IN_POSTGRES = _PLAIN_IN_SQLITE | {bool, UUID, dt.date, Decimal}


def _sqlite(value: Any) -> Any:
    if value.__class__ in _PLAIN_IN_SQLITE:
        return value
    match value:
        case Enum():
            return _sqlite(value.value)
        case bool():
            return int(value)
        case dt.datetime():
            return instant_text(value)
        case dt.date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case UUID() | Json():
            return str(value)
        case list() | tuple() | set() | frozenset():
            return json.dumps([_sqlite(entry) for entry in value])
        case str() | int() | float() | bytes():
            return value
    raise _unknown(value)


def _postgres(value: Any) -> Any:
    if value.__class__ in _PLAIN_IN_POSTGRES:
        return value
    match value:
        case Enum():
            return _postgres(value.value)
        case dt.datetime():
            return _aware(value)
        case Json():
            return str(value)
        case list() | tuple() | set() | frozenset():
            return [_postgres(entry) for entry in value]
        case UUID() | str() | int() | float() | bytes() | dt.date() | Decimal():
            return value
    raise _unknown(value)


def _aware(value: dt.datetime) -> dt.datetime:
    if value.utcoffset() is None:
        raise ValueError("An instant needs an offset from UTC")
    return value


def _unknown(value: object) -> TypeError:
    return TypeError(f"A {type(value).__name__} cannot be given to the database")
