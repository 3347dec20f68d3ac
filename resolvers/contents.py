"""The content of a command: what was asked, in a form that can be kept and compared."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import orjson

from resolvers.errors import Difference

Path = tuple[str, ...]

OWN_NAMES = "properties"
"""The field whose inner names are the customer's own: they are told as they were sent."""


def canonical(value: Any) -> Any:
    """The value as plain JSON, the same for everything that means the same.

    Nulls in objects are left out, so that not saying and saying null are one.
    """
    match value:
        case Mapping():
            return {key: canonical(inner) for key, inner in value.items() if inner is not None}
        case Enum():
            return value.value
        case Decimal():
            return format(value.normalize(), "f")
        case UUID():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case str():
            return value
        case Sequence():
            return [canonical(inner) for inner in value]
    return value


def as_json(content: Any) -> str:
    """Canonical content as text."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()


def fingerprint(field: str, content: Any) -> str:
    """What two requests have in common exactly if they ask for the same."""
    return hashlib.sha256(f"{field}\n{as_json(content)}".encode()).hexdigest()


def camel(name: str) -> str:
    """A name as the schema spells it."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def input_path(*steps: str | int) -> Path:
    """Where in the `input` argument something is."""
    return ("input", *(camel(str(step)) for step in steps))


def differences(stored: Any, given: Any, hidden: Collection[str] = ()) -> list[Difference]:
    """Field by field, where canonical contents differ; of hidden fields only that they do."""
    secret = {input_path(name) for name in hidden}
    return [
        Difference(path, None if path in secret else told(before), told(after))
        for path, before, after in _differing(stored, given, ("input",))
    ]


def _differing(stored: Any, given: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    if isinstance(stored, dict) and isinstance(given, dict) and path[-1] != OWN_NAMES:
        for key in sorted({*stored, *given}):
            yield from _differing(stored.get(key), given.get(key), (*path, camel(key)))
    elif isinstance(stored, list) and isinstance(given, list) and len(stored) == len(given):
        for at, (before, after) in enumerate(zip(stored, given, strict=True)):
            yield from _differing(before, after, (*path, str(at)))
    elif stored != given:
        yield path, stored, given


def told(value: Any) -> str | None:
    """A canonical value as a difference tells it."""
    return None if value is None else orjson.dumps(value).decode()
