"""The same reference again: the first job once more, or a refusal that says what differs.

One rule for every kind of job (and for products, whose reference is their code). A unique key in
the database holds it for ever; two at once with one reference meet in that key, and the second
is done again and finds the first.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from models.words import UserErrorCode
from resolvers.contents import Path, canonical, differences
from resolvers.errors import UserError


@dataclass(frozen=True)
class Standing:
    """What has the reference now."""

    id: UUID
    content: str
    visible: bool
    """Whether the caller can see it; if not, they learn no more than that it is taken."""
    legal_moves: Sequence[str]


def repeats(standing: Standing | None, content: Any) -> bool:
    """Whether the job that stands was made of just this content."""
    return (
        standing is not None
        and standing.visible
        and bool(orjson.loads(standing.content) == content)
    )


def clash(
    standing: Standing, content: Any, reference: str, path: Path, hidden: Collection[str] = ()
) -> UserError:
    """Why this content cannot have the reference; values of hidden fields are not told."""
    if not standing.visible:
        return UserError(
            UserErrorCode.REFERENCE_TAKEN, path, f"`{reference}` is taken; choose another."
        )
    return UserError(
        UserErrorCode.REFERENCE_DIFFERS,
        path,
        f"`{reference}` exists already, with other content.",
        existing=standing.id,
        differences=differences(orjson.loads(standing.content), content, hidden),
        legal_moves=[*standing.legal_moves, "NEW_REFERENCE"],
    )


def as_filled_in_then(content: Mapping[str, Any], full: Mapping[str, Any], stored: str) -> Any:
    """The input of an order, with what it leaves out as that was filled in when one was made.

    Warehouses and units can have other defaults by now, and a product can be known that was not;
    a late retry finds its order all the same.
    """
    then = orjson.loads(stored)
    said: dict[str, Any] = canonical(full)
    if content.get("warehouse") is None:
        said["warehouse"] = then["warehouse"]
    items = zip(content["items"], said["items"], then["items"], strict=False)
    for at, (given, line, before) in enumerate(items):
        if canonical(given) == before:
            said["items"][at] = before
        elif given.get("unit") is None and line["product"] == before["product"]:
            line["unit"] = before["unit"]
    return said
