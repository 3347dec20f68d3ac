"""Answers that are JSON already, and the executor that lets them pass."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from resolvers.commands import Effect
from schema.scalars import decimal_text, instant_text


class Finished:
    """One field's answer as JSON text, and the one object it concerns, if it is one.

    Nothing checks it any more on its way out: who makes one answers for its form.
    """

    __slots__ = ("concerns", "json", "refused")

    def __init__(self, json: str, concerns: Effect | None = None, *, refused: bool = False) -> None:
        self.json = json
        self.concerns = concerns
        self.refused = refused
        """Whether it tells what to mend, so that the question is not counted."""

    def fragment(self) -> orjson.Fragment:
        """What orjson embeds as it is."""
        return orjson.Fragment(self.json)


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's executor, which does not look into what is finished."""

    def complete_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        if type(result) is Finished:
            return result
        return super().complete_value(
            return_type, field_details_list, info, path, result, position_context
        )


def encode(answer: Any) -> bytes:
    """An answer as JSON, with what is finished put in as it is."""
    return orjson.dumps(answer, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _plain(value: Any) -> Any:
    if type(value) is Finished:
        return value.fragment()
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, UUID):  # asyncpg's own kind
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
