"""Any number of rows as the values of one statement whose text does not depend on their number.

PostgreSQL is given an array a column, SQLite all of them as one JSON text.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from models.database import Dialect, dialect, instant_text


@dataclass(frozen=True)
class Bulk:
    """The columns of such rows, with their types on PostgreSQL."""

    columns: Mapping[str, str]

    def source(self, place: Callable[[], str], alias: str) -> str:
        """Them as a term of FROM; `place()` is the place of the next value."""
        names = ", ".join(self.columns)
        if dialect() is Dialect.POSTGRES:
            arrays = ", ".join(f"{place()}::{kind}[]" for kind in self.columns.values())
            return f"unnest({arrays}) AS {alias} ({names})"
        picked = ", ".join(f"value ->> {n} AS {name}" for n, name in enumerate(self.columns))
        return f"(SELECT {picked} FROM json_each({place()})) AS {alias}"

    def values(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """What the places of `source` are to hold."""
        if dialect() is Dialect.POSTGRES:
            return [list(column) for column in zip(*rows, strict=True)] or [
                [] for _ in self.columns
            ]
        # A tuple with names is no tuple to orjson.
        plain = [tuple(row) for row in rows]
        return [orjson.dumps(plain, _plain, orjson.OPT_PASSTHROUGH_DATETIME).decode()]


def places() -> Callable[[], str]:
    """Count places up from the first, for a statement that stands alone."""
    number = 0

    def place() -> str:
        nonlocal number
        number += 1
        return dialect().placeholder(number)

    return place


_text = lru_cache(maxsize=1_024)(instant_text)


def _plain(value: Any) -> str:
    return _text(value) if isinstance(value, dt.datetime) else str(value)
