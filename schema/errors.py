"""How errors are told: refusals as they are, mistakes with their places, faults as `INTERNAL`."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    get_named_type,
    get_variable_values,
    type_from_ast,
)
from graphql.utilities.validate_input_value import validate_input_value
from strawberry.types.execution import PreExecutionError

from models.database import DatabaseUnavailable
from resolvers.commands import unavailable
from resolvers.errors import Refusal
from schema.context import Context

OUR_FAULT = "Our fault. It has been noted under this request's id."


def is_our_fault(error: GraphQLError) -> bool:
    """Whether it is neither a refusal nor a mistake in the client's document."""
    cause = error.original_error
    return cause is not None and not isinstance(cause, (Refusal, GraphQLError, DatabaseUnavailable))


def as_told(context: Any, most: int) -> list[GraphQLError]:
    """The errors of an operation's result, as the client is told them."""
    errors: Sequence[GraphQLError] = context.result.errors
    if _variables_do_not_fit(context, errors):
        errors = _misfits(context, most + 1) or errors
    told = [_told(error) for error in errors[:most]]
    if len(errors) > most:
        told.append(
            GraphQLError(
                f"Only the first {most} errors are told.", extensions={"code": "BAD_INPUT"}
            )
        )
    return told


def _told(error: GraphQLError) -> GraphQLError:
    if isinstance(error.original_error, DatabaseUnavailable):
        refusal = unavailable()
        return _copy(error, str(refusal), refusal.extensions)
    if is_our_fault(error):
        return _copy(error, OUR_FAULT, {"code": "INTERNAL"})
    extensions = dict(error.extensions or {})
    if isinstance(error.original_error, Refusal):
        extensions = error.original_error.extensions
    extensions.setdefault("code", "BAD_INPUT")
    return _copy(error, error.message, extensions)


def _copy(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def _variables_do_not_fit(context: Any, errors: Sequence[GraphQLError]) -> bool:
    """Whether the executor refused the variables; nothing has run then."""
    return (
        not isinstance(context.result, PreExecutionError)
        and context.result.data is None
        and all(
            error.path is None and not isinstance(error.original_error, Refusal) for error in errors
        )
    )


class _Enough(Exception):
    """More need not be found: a list of a megabyte has a place for each of its bytes."""


def _misfits(context: Any, most: int) -> list[GraphQLError]:
    """The places of the variables that do not fit, found again with their paths."""
    found: list[GraphQLError] = []
    with suppress(_Enough):
        _find_misfits(context, found, most)
    return found


def _find_misfits(context: Any, found: list[GraphQLError], most: int) -> None:
    own: Context = context.context
    schema = context.schema._schema
    variables = context.variables or {}
    for declared in own.operation.node.variable_definitions or () if own.operation else ():
        name = declared.variable.name.value
        type_: Any = type_from_ast(schema, declared.type)
        if name not in variables and declared.default_value is not None:
            continue

        def note(error: GraphQLError, path: list[str | int], name: str = name) -> None:
            place = [name, *(str(step) for step in path)]
            found.append(
                GraphQLError(error.message, extensions={"code": "BAD_INPUT", "path": place})
            )
            if len(found) >= most:
                raise _Enough

        if name in variables:
            validate_input_value(variables[name], type_, note, hide_suggestions=False)
            _one_of_misfits(variables[name], type_, note, [])
        else:
            errors = get_variable_values(schema, [declared], variables)
            if isinstance(errors, list):
                for error in errors:
                    note(error, [])


def _one_of_misfits(
    value: Any, type_: Any, note: Callable[..., None], path: list[str | int]
) -> None:
    """The places where not exactly one thing is said; the library's walk does not know them."""
    named = get_named_type(type_)
    if isinstance(value, list):
        for at, inner in enumerate(value):
            _one_of_misfits(inner, named, note, [*path, at])
    elif isinstance(value, dict) and isinstance(named, GraphQLInputObjectType):
        one_of = getattr(named.extensions.get("strawberry-definition"), "is_one_of", False)
        if one_of and (len(value) != 1 or None in value.values()):
            note(GraphQLError(f"A {named.name} says just one of {', '.join(named.fields)}."), path)
        for name, inner in value.items():
            if name in named.fields:
                _one_of_misfits(inner, named.fields[name].type, note, [*path, name])
