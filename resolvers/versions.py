"""Updating takes the version that was read; a stale one is told what changed since."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from models.words import UserErrorCode
from resolvers.contents import camel, canonical, told
from resolvers.errors import Difference, UserError, UserErrors


def stale(
    current: int,
    read: int,
    changed: Iterable[str],
    stored: Mapping[str, Any],
    given: Mapping[str, Any],
    hidden: Collection[str] = (),
) -> UserErrors:
    """Why an update of what was read cannot be made, with the fields that somebody else set.

    `changed` are names as the schema spells them; of `stored`, plain values are told, but those
    of hidden fields.
    """
    plain = {camel(name): value for name, value in stored.items() if name not in hidden}
    sent = {camel(name): value for name, value in given.items()}
    return UserErrors(
        [
            UserError(
                UserErrorCode.STALE_VERSION,
                ("input", "version"),
                f"It is at version {current} now, and {read} was read. Read it again.",
                differences=[
                    Difference(
                        ("input", name),
                        told(canonical(plain.get(name))),
                        told(canonical(sent.get(name))),
                    )
                    for name in changed
                ],
            )
        ]
    )
