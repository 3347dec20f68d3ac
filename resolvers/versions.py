"""Updating takes the version that was read; a stale one is told what changed since."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from models.words import UserErrorCode
from resolvers.contents import OWN_NAMES, camel, canonical, told
from resolvers.errors import Difference, UserError, UserErrors

LONGEST = 4_000
"""Characters of a value that is told; a longer one is read again anyway."""


def stale(
    current: int,
    read: int,
    changed: Iterable[str],
    stored: Mapping[str, Any],
    given: Mapping[str, Any],
    hidden: Collection[str] = (),
) -> UserErrors:
    """Why an update of what was read cannot be made, with the fields that somebody else set.

    `changed` are names as the schema spells them; of `stored` and `given`, values are told where
    they are short, but stored ones of hidden fields are not.
    """
    kept = _spelled(canonical({k: one for k, one in stored.items() if k not in hidden}))
    sent = _spelled(canonical(given))
    return UserErrors(
        [
            UserError(
                UserErrorCode.STALE_VERSION,
                ("input", "version"),
                f"It is at version {current} now, and {read} was read. Read it again.",
                differences=[
                    Difference(("input", name), _short(kept.get(name)), _short(sent.get(name)))
                    for name in changed
                ],
            )
        ]
    )


def _short(value: Any) -> str | None:
    text = told(value)
    return None if text is None or len(text) > LONGEST else text


def _spelled(value: Any) -> Any:
    """Canonical content with names as the schema spells them, but those that customers chose."""
    if isinstance(value, dict):
        return {
            camel(name): inner if name == OWN_NAMES else _spelled(inner)
            for name, inner in value.items()
        }
    return [_spelled(one) for one in value] if isinstance(value, list) else value
