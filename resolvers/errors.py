"""Everything we answer instead of doing it, and why.

    Refusal               told in `errors[]`; nothing ran
    ├── Unauthenticated   we do not know who asks
    ├── Forbidden         we know, and they may not ask this
    ├── BadInput          it does not fit the types, or does not parse
    ├── LimitExceeded     too large, too deep, too dear
    ├── Throttled         too often; says when again
    └── Unavailable       not now; says when again
    UserErrors            told in `userErrors` of the payload: a list of `UserError`, each
                          something that the caller can mend

Messages are written for the person who wrote the client, and codes never change once
released. Anything else that is raised is our fault, and reaches the client only as
`INTERNAL`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from models.words import ApiRole, StaffRole, UserErrorCode


class Refusal(Exception):
    """Base of all refusals; never raised itself."""

    code: ClassVar[str]

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.details = details

    @property
    def extensions(self) -> dict[str, Any]:
        """What graphql-core copies into `errors[].extensions`."""
        return {"code": self.code, **self.details}


class Unauthenticated(Refusal):
    """No credentials, or none that are valid now."""

    code = "UNAUTHENTICATED"


class Forbidden(Refusal):
    """A role is missing. Names what would open the field."""

    code = "FORBIDDEN"

    def __init__(
        self, message: str, *, roles: Iterable[ApiRole], staff: Iterable[StaffRole]
    ) -> None:
        super().__init__(
            message, roles=[role.value for role in roles], staff=[role.value for role in staff]
        )


class BadInput(Refusal):
    """It does not fit the types, or does not parse. Names the place, where it has one."""

    code = "BAD_INPUT"

    def __init__(self, message: str, *, path: Sequence[str | int] | None = None) -> None:
        details: dict[str, object] = {} if path is None else {"path": [str(step) for step in path]}
        super().__init__(message, **details)


class LimitExceeded(Refusal):
    """More than one request may ask. Names the limit and what was asked."""

    code = "LIMIT_EXCEEDED"

    def __init__(self, what: str, *, limit: int, asked: int | None = None) -> None:
        over = "" if asked is None else f", and this asks for {asked}"
        super().__init__(f"A request may have {what} of at most {limit}{over}.")
        self.details = {"limit": limit, "what": what, **({} if asked is None else {"asked": asked})}


class Throttled(Refusal):
    """Too often; says when again."""

    code = "THROTTLED"

    def __init__(self, message: str, *, retry_at: datetime, **details: object) -> None:
        super().__init__(message, retryAt=retry_at.isoformat(), **details)
        self.retry_at = retry_at


class Unavailable(Refusal):
    """Not now, and not the caller's fault; says when to try again."""

    code = "UNAVAILABLE"

    def __init__(self, message: str, *, retry_at: datetime) -> None:
        super().__init__(message, retryAt=retry_at.isoformat())
        self.retry_at = retry_at


@dataclass(frozen=True)
class Difference:
    """A field in which what is sent differs from what is stored. Values as JSON text."""

    path: Sequence[str]
    stored: str | None
    given: str | None


@dataclass(frozen=True)
class UserError:
    """One thing that the caller can mend, with where it is and what would mend it."""

    code: UserErrorCode
    path: Sequence[str]
    message: str
    suggestions: Sequence[str] | None = None
    """What could have been meant: the nearest product codes, the units there are, ..."""
    existing: UUID | None = None
    """The job that has the reference already."""
    differences: Sequence[Difference] | None = None
    legal_moves: Sequence[str] | None = None
    """What can be done instead."""
    available: Decimal | None = None
    """How many are free, in the unit of the line."""


class UserErrors(Exception):
    """Why a command did nothing; all faults of the input together."""

    def __init__(self, errors: Sequence[UserError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = list(errors)


def not_found(what: str, key: object, path: Sequence[str]) -> UserError:
    """Also the answer for what exists outside the caller's reach.

    Saying "forbidden" there would tell one customer that another's order exists.
    """
    return UserError(UserErrorCode.NOT_FOUND, path, f"No {what} `{key}`.")
