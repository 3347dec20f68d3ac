"""Inputs as plain content: what was given, by names, and nothing else."""

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

KEY = "Makes sending it again safe: the same key and content has no second effect. Kept 30 days."
TRY = "Only check: the same answer, nothing stored, nothing counted."


def key_field() -> Any:
    """`idempotencyKey`, as every mutation's input has it."""
    return strawberry.field(default=None, description=KEY)


def try_field() -> Any:
    """`validateOnly`, as every mutation's input has it."""
    return strawberry.field(default=False, description=TRY)


def asked_of(given: Any) -> Asked:
    """An input as a command is asked: content, key and mode.

    Raises:
        BadInput: an id in it is none (all of them are named), or the key is too long.

    """
    wrong: list[list[str]] = []
    content = _plain(given, ["input"], wrong)
    if wrong:
        places = ", ".join(".".join(path) for path in wrong)
        fault = BadInput(f"Ids are lower-case UUIDs; not so: {places}.", path=wrong[0])
        fault.details["paths"] = wrong
        raise fault
    key = content.pop("idempotency_key", None)
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise BadInput(
            f"An idempotency key has 1 to {LONGEST_KEY} characters.",
            path=["input", "idempotencyKey"],
        )
    return Asked(content, key, bool(content.pop("validate_only", False)))


def _plain(value: Any, path: list[str], wrong: list[list[str]]) -> Any:
    if isinstance(value, Some):
        return _plain(value.value, path, wrong)
    if isinstance(value, list):
        return [_plain(one, [*path, str(at)], wrong) for at, one in enumerate(value)]
    if not has_object_definition(value):
        return value
    content: dict[str, Any] = {}
    for name, spelled, is_id, maybe in _fields(value.__class__):
        given = getattr(value, name)
        if given is UNSET or (given is None and maybe):
            continue
        inner = _plain(given, [*path, spelled], wrong)
        if is_id and inner is not None and (inner := parse_id(inner)) is None:
            wrong.append([*path, spelled])
        content[name] = inner
    return content


@cache
def _fields(cls: type) -> list[tuple[str, str, bool, bool]]:
    """The fields of an input: name, spelling, whether it is an id, whether it can be left out
    and told from null.
    """
    definition = get_object_definition(cls, strict=True)
    converter = strawberry.schema.config.StrawberryConfig().name_converter
    return [
        (
            field.python_name,
            converter.get_graphql_name(field),
            _is_id(field.type),
            "Maybe" in type(field.type).__name__,
        )
        for field in definition.fields
    ]


def _is_id(type_: Any) -> bool:
    while isinstance(type_, (StrawberryOptional, StrawberryList)):
        type_ = type_.of_type
    return type_ is strawberry.ID
