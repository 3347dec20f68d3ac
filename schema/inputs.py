"""Inputs as plain content: what was given, by names, and nothing else."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cache
from typing import Any

import strawberry
from strawberry import UNSET, Some
from strawberry.types.base import (
    StrawberryList,
    StrawberryOptional,
    get_object_definition,
    has_object_definition,
)

from resolvers.commands import Asked
from resolvers.errors import BadInput
from schema.scalars import parse_id

MODES = {"idempotency_key", "validate_only"}
LONGEST_KEY = 255
KEPT = "kept"

KEY = "Makes sending it again safe: the same key and content has no second effect. Kept 30 days."
TRY = "Only check: the same answer, nothing stored, nothing counted."


def key_field() -> Any:
    """`idempotencyKey`, as every mutation's input has it."""
    return strawberry.field(default=None, description=KEY)


def try_field() -> Any:
    """`validateOnly`, as every mutation's input has it."""
    return strawberry.field(default=False, description=TRY)


def kept_field(description: str) -> Any:
    """What an update can leave out, but not take away.

    Its type says `| None` all the same: Strawberry would refuse null in words about Python,
    and without its place.
    """
    return strawberry.field(description=description, metadata={KEPT: True})


@dataclass
class Misfits:
    """Places of an input that its type lets through and that fit nevertheless not."""

    ids: list[list[str]] = dataclass_field(default_factory=list)
    nulls: list[list[str]] = dataclass_field(default_factory=list)
    keys: list[list[str]] = dataclass_field(default_factory=list)

    def raise_any(self) -> None:
        """Refuse the input, naming all of them."""
        told = [
            ("Ids are lower-case UUIDs; not so", self.ids),
            ("What cannot be null is left out instead", self.nulls),
            (f"An idempotency key has 1 to {LONGEST_KEY} characters", self.keys),
        ]
        paths = [path for _, wrong in told for path in wrong]
        if not paths:
            return
        words = [
            f"{what}: {', '.join('.'.join(path) for path in wrong)}."
            for what, wrong in told
            if wrong
        ]
        fault = BadInput(" ".join(words), path=paths[0])
        fault.details["paths"] = paths
        raise fault


def asked_of(given: Any) -> Asked:
    """An input as a command is asked: content, key and mode.

    Raises:
        BadInput: an id in it is none, or something is null that cannot be, or the key is too
            long; all of them are named.

    """
    wrong = Misfits()
    content = _plain(given, ["input"], wrong)
    key = content.pop("idempotency_key", None)
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        wrong.keys.append(["input", "idempotencyKey"])
    wrong.raise_any()
    return Asked(content, key, bool(content.pop("validate_only", False)))


def _plain(value: Any, path: list[str], wrong: Misfits) -> Any:
    if isinstance(value, Some):
        return _plain(value.value, path, wrong)
    if isinstance(value, list):
        return [_plain(one, [*path, str(at)], wrong) for at, one in enumerate(value)]
    if not has_object_definition(value):
        return value
    content: dict[str, Any] = {}
    for name, spelled, is_id, maybe, kept in _fields(value.__class__):
        given = getattr(value, name)
        if given is UNSET or (given is None and maybe):
            continue
        inner = _plain(given, [*path, spelled], wrong)
        if kept and inner is None:
            wrong.nulls.append([*path, spelled])
        if is_id and inner is not None and (inner := parse_id(inner)) is None:
            wrong.ids.append([*path, spelled])
        content[name] = inner
    return content


@cache
def _fields(cls: type) -> list[tuple[str, str, bool, bool, bool]]:
    """The fields of an input: name, spelling, whether it is an id, whether it can be left out
    and told from null, and whether it cannot be null then.
    """
    definition = get_object_definition(cls, strict=True)
    converter = strawberry.schema.config.StrawberryConfig().name_converter
    return [
        (
            field.python_name,
            converter.get_graphql_name(field),
            _is_id(field.type),
            "Maybe" in type(field.type).__name__,
            KEPT in field.metadata,
        )
        for field in definition.fields
    ]


def _is_id(type_: Any) -> bool:
    while isinstance(type_, (StrawberryOptional, StrawberryList)):
        type_ = type_.of_type
    return type_ is strawberry.ID
