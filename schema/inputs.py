"""Inputs as plain content: what was given, by names, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cache
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import InputContext
from strawberry.types.base import (
    StrawberryList,
    StrawberryOptional,
    get_object_definition,
    has_object_definition,
)

from resolvers.commands import Asked
from resolvers.errors import BadInput
from schema.scalars import parse_id

Cls = TypeVar("Cls", bound=type)

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


@dataclass(frozen=True)
class Given:
    """A command's input as it came: coerced by its types, and not yet read."""

    cls: type
    values: Mapping[str, Any]


@dataclass_transform(field_specifiers=(strawberry.field,), kw_only_default=True)
def command_input(description: str) -> Callable[[Cls], Cls]:
    """The input of a command.

    Strawberry would make objects of it, which are only taken apart again; that took a fifth of
    a command's time. Its hook for types that build their own value leaves it as it came.
    """

    def declare(cls: Cls) -> Cls:
        made = strawberry.input(cls, description=description)
        get_object_definition(made, strict=True).from_input = _as_it_came
        return made

    return declare


def _as_it_came(cls: type, values: Mapping[str, Any], _: InputContext) -> Given:
    return Given(cls, values)


def asked_of(given: Given) -> Asked:
    """An input as a command is asked: content, key and mode.

    Raises:
        BadInput: an id in it is none, or something is null that cannot be, or the key is too
            long; all of them are named.

    """
    wrong = Misfits()
    content = _plain(given.values, given.cls, ["input"], wrong)
    key = content.pop("idempotency_key", None)
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        wrong.keys.append(["input", "idempotencyKey"])
    wrong.raise_any()
    return Asked(content, key, bool(content.pop("validate_only", False)))


def _plain(given: Mapping[str, Any], cls: type, path: list[str], wrong: Misfits) -> dict[str, Any]:
    """What was given of an input type, by the names that Python spells."""
    content: dict[str, Any] = {}
    for field in _fields(cls):
        if field.spelled not in given:
            continue
        value, here = given[field.spelled], [*path, field.spelled]
        if value is None:
            if field.kept:
                wrong.nulls.append(here)
        elif field.is_id:
            value = _ids(value, here, wrong)
        elif field.inner is not None:
            value = _inner(value, field.inner, here, wrong)
        content[field.name] = value
    return content


def _ids(value: Any, path: list[str], wrong: Misfits) -> Any:
    if isinstance(value, list):
        return [_ids(one, [*path, str(at)], wrong) for at, one in enumerate(value)]
    if (parsed := parse_id(value)) is None:
        wrong.ids.append(path)
    return parsed


def _inner(value: Any, cls: type, path: list[str], wrong: Misfits) -> Any:
    if isinstance(value, list):
        return [_plain(one, cls, [*path, str(at)], wrong) for at, one in enumerate(value)]
    return _plain(value, cls, path, wrong)


@dataclass(frozen=True)
class InputField:
    """A field of an input type, as far as reading its values needs it."""

    name: str
    spelled: str
    is_id: bool
    kept: bool
    """Whether it can be left out but not be null."""
    inner: type | None
    """The input type of its value or of its entries."""


@cache
def _fields(cls: type) -> tuple[InputField, ...]:
    spelling = StrawberryConfig().name_converter
    return tuple(
        InputField(
            field.python_name,
            spelling.get_graphql_name(field),
            named is strawberry.ID,
            KEPT in field.metadata,
            named if isinstance(named, type) and has_object_definition(named) else None,
        )
        for field in get_object_definition(cls, strict=True).fields
        for named in [_named(field.type)]
    )


def _named(type_: Any) -> Any:
    """The type inside of lists and of what may be null."""
    while isinstance(type_, (StrawberryOptional, StrawberryList)):
        type_ = type_.of_type
    return type_
