"""API clients as the operator's people look at them: what they hold, how they are used, and what
is amiss with them.

A page of clients is one statement; what is wanted of them besides takes one more for all clients
of the page, whatever their number: what they hold, their secrets, their calls.
"""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from models import client_queries
from models.allowances import throttled_since
from models.client_queries import Held, Secret
from models.clients import ApiClient
from models.database import DatabaseUnavailable
from models.periods import Period
from models.reading import Rows
from models.shapes import Column, Kind, Page, Shape
from models.words import ApiRole, ClientWarning
from resolvers import rows
from resolvers.access import Caller, expand
from resolvers.client_rules import reaches_in_full
from resolvers.commands import now, unavailable

RETIRES_SOON = timedelta(days=7)
EXPIRES_SOON = timedelta(days=30)

KINDS = {
    Kind.ID: ("id",),
    Kind.TEXT: ("name", "legacy_identifier", "last_used_address", "last_used_operation"),
    Kind.SWITCH: ("active", "legacy", "all_customers", "all_warehouses", "sees_tenant_usage"),
    Kind.INSTANT: ("expires_at", "created_at", "modified_at", "last_used_at"),
    Kind.NUMBER: ("version",),
    Kind.JSON: ("addresses",),
}
OWN = Shape(
    ApiClient,
    tuple(Column(name, name, kind) for kind, names in KINDS.items() for name in names),
)
"""What a client's own row tells."""

HELD = frozenset({"roles", "customers", "warehouses", "warnings"})
SECRETS = frozenset({"credentials", "warnings"})
CALLS = frozenset({"calls_this_week"})
THROTTLED = frozenset({"throttled_last_day"})
EVERYTHING = HELD | SECRETS | CALLS | THROTTLED


@dataclass(frozen=True)
class KnownClient:
    """A client, and of the rest what was wanted."""

    own: Mapping[str, Any]
    """Its row, with instants as the schema writes them."""
    at: datetime
    """When it was looked at."""
    held: Held = field(default_factory=Held)
    credentials: Sequence[Secret] = ()
    """The secrets that work, the newest first."""
    calls_this_week: int = 0
    throttled_last_day: int = 0

    def __getattr__(self, name: str) -> Any:
        """Fields of its row, under the names of their columns."""
        try:
            return self.own[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def roles(self) -> Sequence[ApiRole]:
        """As they were given, without what they imply."""
        return self.held.roles

    @property
    def customers(self) -> Sequence[Any]:
        """Those named, by code."""
        return self.held.customers

    @property
    def warehouses(self) -> Sequence[Any]:
        """Those named, by code."""
        return self.held.warehouses

    @property
    def warnings(self) -> list[ClientWarning]:
        """What somebody should look at."""
        return [warning for warning, amiss in self._checks() if amiss]

    def _checks(self) -> list[tuple[ClientWarning, bool]]:
        expires = _instant(self.own["expires_at"])
        over = expires is not None and expires <= self.at
        soon = expires is not None and not over and expires <= self.at + EXPIRES_SOON
        state = {"roles": self.roles, "customers": self.customers, **self.own}
        never = self.own["last_used_at"] is None and bool(self.credentials)
        return [
            (ClientWarning.FULL_ACCESS_FOR_CUSTOMER, reaches_in_full(state)),
            (ClientWarning.NEVER_USED, never),
            (ClientWarning.OLD_SECRET_IN_USE, self._old_secret_in_use()),
            (ClientWarning.SECRET_RETIRES_SOON, self._secret_retires_soon()),
            (ClientWarning.EXPIRES_SOON, soon),
            (ClientWarning.EXPIRED, over),
            (ClientWarning.NO_CREDENTIALS, not self.credentials),
            (ClientWarning.REACHES_NOTHING, self._reaches_nothing()),
        ]

    def _old_secret_in_use(self) -> bool:
        """Whether the retiring secret was shown after there was a newer one."""
        current = next((one for one in self.credentials if one.current), None)
        return current is not None and any(
            one.last_used_at is not None and one.last_used_at > current.created_at
            for one in self.credentials
            if not one.current
        )

    def _secret_retires_soon(self) -> bool:
        soon = self.at + RETIRES_SOON
        return any(
            one.retires_at is not None and one.retires_at <= soon for one in self.credentials
        )

    def _reaches_nothing(self) -> bool:
        """Whether a role, a customer or a warehouse is missing for anything to be in reach."""
        roles = expand(self.roles)
        if not roles or ApiRole.ADD_CUSTOMER in roles:
            return not roles
        if not (self.customers or self.own["all_customers"]):
            return True
        somewhere = self.warehouses or self.own["all_warehouses"]
        return not somewhere and roles.isdisjoint(WITHOUT_WAREHOUSE)


WITHOUT_WAREHOUSE = {ApiRole.WMS_ADD_PRODUCT, ApiRole.WMS_EDIT_PRODUCT}
"""Roles that are of use in no warehouse: products are reached by customer alone."""


async def browse(caller: Caller, page: Page, wanted: AbstractSet[str]) -> Rows:
    """A page of the tenant's clients: each row is a `KnownClient`, then its place."""
    found = await rows.browse(caller, [OWN], page)
    known = await _known(caller, [row[0] for row in found.rows], wanted)
    placed: list[Any] = [(one, *tuple(row)[1:]) for one, row in zip(known, found.rows, strict=True)]
    return replace(found, rows=placed)


async def find(
    caller: Caller, client_id: UUID, wanted: AbstractSet[str] = EVERYTHING
) -> KnownClient | None:
    """The tenant's client of that id."""
    row = await rows.find(caller, OWN, client_id)
    if row is None:
        return None
    [known] = await _known(caller, [row.json], wanted)
    return known


async def _known(
    caller: Caller, found: Collection[str], wanted: AbstractSet[str]
) -> list[KnownClient]:
    own = [orjson.loads(row) for row in found]
    ids, whose, at = [UUID(row["id"]) for row in own], caller.tenant_id, now()
    week = Period.at(at, caller.time_zone).week
    held, secrets, calls, throttled = {}, {}, {}, {}
    try:
        if ids and wanted & HELD:
            held = await client_queries.held_by(whose, ids)
        if ids and wanted & SECRETS:
            secrets = await client_queries.secrets_of(whose, ids, at)
        if ids and wanted & CALLS:
            calls = await client_queries.calls_of(whose, week, ids)
        if ids and wanted & THROTTLED:
            throttled = await throttled_since(whose, ids, at - timedelta(days=1))
    except DatabaseUnavailable as fault:
        raise unavailable() from fault
    return [
        KnownClient(
            row,
            at,
            held.get(key, Held()),
            secrets.get(key, ()),
            calls.get(key, 0),
            throttled.get(key, 0),
        )
        for key, row in zip(ids, own, strict=True)
    ]


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
