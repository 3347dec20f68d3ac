"""Updating takes the version that was read; a stale one is told what changed since."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from models.words import UserErrorCode
from resolvers.contents import camel, canonical
from resolvers.errors import Difference, UserError, UserErrors


def stale(current: int, read: int, changed: Iterable[str], given: Mapping[str, Any]) -> UserErrors:
    """Why an update of what was read cannot be made, with the fields that somebody else set."""
    return UserErrors(
        [
            UserError(
                UserErrorCode.STALE_VERSION,
                ("input", "version"),
                f"It is at version {current} now, and {read} was read. Read it again.",
                differences=[
                    Difference(("input", camel(name)), None, _told(given.get(name)))
                    for name in changed
                ],
            )
        ]
    )


def _told(value: Any) -> str | None:
    return None if value is None else orjson.dumps(canonical(value)).decode()
