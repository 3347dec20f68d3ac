"""Statements as they are looked at: their history, sums, calls, and where an open week leads."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from models.money import charge
from models.reach import Reach
from models.reading import Rows
from models.shapes import Page, Shape
from resolvers import billing, rows
from resolvers.access import Caller
from resolvers.billing import WeekStatement

LINES = frozenset({"lines", "clients", "operations"})
"""What is told of a statement's lines."""

TOO_EARLY = timedelta(hours=1)


async def browse(caller: Caller, page: Page, wanted: frozenset[str]) -> Rows:
    """A page of the closed weeks; each with its Monday, which is its place."""
    weeks = await billing.closed(caller.tenant_id)
    weeks.sort(reverse=page.order.descending)
    earlier, chosen, later = _cut(weeks, page)
    found = await billing.closed_in(
        caller.tenant_id, chosen if page.wants_rows else (), lines=bool(wanted & LINES)
    )
    listed = [_row(found[week], week) for week in chosen if week in found]
    return Rows(listed, len(weeks), earlier, later)


def _row(value: WeekStatement, *place: date) -> Any:
    return (value, *place)


def _cut(weeks: Sequence[date], page: Page) -> tuple[bool, list[date], bool]:
    begin, end = 0, len(weeks)
    if page.after is not None:
        begin = _beyond(weeks, page.after[0], page)
    if page.before is not None:
        end = _beyond(weeks, page.before[0], page) - (page.before[0] in weeks)
    between = list(weeks[begin:end])
    cut = between[-page.size :] if page.backward else between[: page.size]
    gone = len(between) - len(cut)
    return (
        begin > 0 or (page.backward and gone > 0),
        cut,
        end < len(weeks) or (not page.backward and gone > 0),
    )


def _beyond(weeks: Sequence[date], place: date, page: Page) -> int:
    """How many weeks are not past a place."""
    falling = page.order.descending
    return sum((week >= place if falling else week <= place) for week in weeks)


async def browse_calls(caller: Caller, shapes: Sequence[Shape], page: Page) -> Rows:
    """Calls of the whole tenant, with whatever they concern.

    Whether the caller may see the tenant's usage is for the schema to check.
    """
    return await rows.browse(replace(caller, reach=Reach.of_tenant(caller.tenant_id)), shapes, page)


class OfClient(NamedTuple):
    """All calls of one client that a statement holds."""

    client_id: UUID
    client_name: str
    calls: int


class OfField(NamedTuple):
    """All calls to one field that a statement holds."""

    field: str
    calls: int


def by_client(statement: WeekStatement) -> list[OfClient]:
    """The sums of a statement's lines, most calls first."""
    sums: Counter[tuple[UUID, str]] = Counter()
    for line in statement.lines:
        sums[line.client_id, line.client_name] += line.calls
    return [OfClient(client, name, calls) for (client, name), calls in _most_first(sums)]


def by_field(statement: WeekStatement) -> list[OfField]:
    """The sums of a statement's lines, most calls first."""
    sums: Counter[str] = Counter()
    for line in statement.lines:
        sums[line.field] += line.calls
    return [OfField(field, calls) for field, calls in _most_first(sums)]


def _most_first(sums: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(sums.items(), key=lambda one: (-one[1], str(one[0])))


@dataclass(frozen=True)
class Projection:
    """What an open week comes to if it goes on as it has gone so far."""

    used: int
    excess: int
    amount: int
    """In minor units of the statement's currency."""


def projection(statement: WeekStatement) -> Projection | None:
    """Calls so far, times the week's length over what of it is gone.

    None for a closed week, and in a week's first hour, of which nothing follows.
    """
    gone = min(statement.as_of, statement.ends_at) - statement.starts_at
    if statement.id is not None or gone < TOO_EARLY:
        return None
    used = round(statement.used * ((statement.ends_at - statement.starts_at) / gone))
    excess = max(0, used - statement.included)
    return Projection(used, excess, charge(excess, statement.price_micros, statement.currency))
