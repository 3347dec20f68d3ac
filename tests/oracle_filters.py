"""Which rows a filter picks, worked out in plain Python."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.oracle_rows import plain, snake

REFERRING = {"customer", "warehouse", "product", "outboundOrder"}
"""Fields of a filter that compare the id of another row."""


def column_of(name: str) -> str:
    """The column that a field of a filter compares."""
    return f"{snake(name)}_id" if name in REFERRING else snake(name)


def holds(filter_: Mapping[str, Any], row: Any) -> bool:
    """Whether a filter holds for a row. What is null is left out, as if it had not been said."""
    return all(_part(name, said, row) for name, said in filter_.items() if said is not None)


def _part(name: str, said: Any, row: Any) -> bool:
    match name:
        case "and":
            return all(holds(one, row) for one in said)
        case "or":
            return any(holds(one, row) for one in said)
        case "not":
            return not holds(said, row)
    value = getattr(row, column_of(name))
    if not isinstance(said, dict):
        said = {"eq": said}
    return all(
        value is not None and _compares(op, value, wanted)
        for op, wanted in said.items()
        if wanted is not None
    )


def _compares(op: str, value: Any, wanted: Any) -> bool:
    match op:
        case "eq":
            return plain(value) == wanted
        case "in":
            return plain(value) in wanted
        case "contains":
            return _lower(wanted) in _lower(value)
        case "startsWith":
            return value[: len(wanted)] == wanted
    there = _read(value, wanted)
    return value >= there if op == "from" else value < there


def _read(value: Any, wanted: Any) -> Any:
    """What is wanted, as the kind of value that it is compared with."""
    match value:
        case Decimal():
            return Decimal(wanted)
        case datetime():
            return datetime.fromisoformat(wanted)
    return date.fromisoformat(wanted)


def _lower(text: str) -> str:
    return "".join(chr(ord(one) + 32) if "A" <= one <= "Z" else one for one in text)
