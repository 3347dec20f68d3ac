"""Rows of the demonstration as they gather: one operator's, drawn by the same dice each time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from random import Random
from typing import Any
from uuid import UUID

from models.record import Record, new_id
from resolvers.contents import as_json, camel
from resolvers.demo_data import DemoTenant

SPREAD = timedelta(weeks=6)
"""How long the demonstration has been in business."""

Row = dict[str, Any]
Rows = dict[type[Record], list[Row]]
Step = tuple[str, datetime]
"""A status, and since when."""

STREETS = ("Harbour Street", "Station Road", "Mill Lane", "Market Square", "Garden Avenue")
NAMES = ("Alex Martin", "Kim Larsen", "Robin Weber", "Jo Nguyen", "Chris Rossi", "Lou Schmidt")


class Diary:
    """What happens, in the order of its time; what happens may bring about more."""

    def __init__(self) -> None:
        self._ahead: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._number = 0

    def at(self, when: datetime, what: Callable[[datetime], None]) -> None:
        """Something that happens then."""
        self._number += 1
        heappush(self._ahead, (when, self._number, what))

    def live(self, now: datetime) -> None:
        """Let everything happen that happened by now."""
        while self._ahead and self._ahead[0][0] <= now:
            when, _, what = heappop(self._ahead)
            what(when)


class DemoRows:
    """What one operator's tables will hold, table by table."""

    def __init__(self, demo: DemoTenant, staff_user_id: UUID, now: datetime) -> None:
        self.demo = demo
        self.now = now
        self.opened = now - SPREAD
        self.who = {"client_id": None, "staff_user_id": staff_user_id}
        """The demonstration was typed in by a person: none of it was an API call."""
        self.dice = Random(demo.name)  # noqa: S311 - a demonstration is no secret
        self.rows: Rows = {}
        self.diary = Diary()

    def add(self, table: type[Record], row: Row) -> None:
        """One more row; with an id of its own, unless it has one."""
        known = {"tenant_id": self.demo.id, "id": row.get("id") or new_id()}
        self.rows.setdefault(table, []).append({**known, **row})

    def note(
        self,
        table: type[Record],
        owner: Mapping[str, UUID],
        history: Sequence[Step],
        first: Sequence[str],
    ) -> None:
        """The history of a job: what its creation set, then one status after the other."""
        for version, (status, at) in enumerate(history, start=1):
            changed = names(first) if version == 1 else names(["status"])
            row = {"version": version, "status": status, "changed": changed, "at": at}
            self.add(table, {**owner, **row, **self.who})

    def address(self) -> dict[str, Any]:
        """Somebody's, in one of the operator's cities."""
        city, state, postcode = self.dice.choice(self.demo.cities)
        return {
            "contact": self.dice.choice(NAMES),
            "line1": f"{self.dice.randint(1, 180)} {self.dice.choice(STREETS)}",
            "city": city,
            "state": state,
            "postcode": postcode,
            "country": self.demo.country,
        }

    def until_now(self, at: datetime, statuses: Sequence[str], hours: float) -> list[Step]:
        """One status after the other, each about so many hours, as far as it is by now."""
        return self._spaced(at, statuses, timedelta(hours=hours) * self.dice.uniform(0.5, 1.5))

    def until_step(self, at: datetime, statuses: Sequence[str], last: int) -> list[Step]:
        """The same, but the step of that number is where it is now."""
        return self._spaced(at, statuses, (self.now - at) / (last + 0.5))

    def _spaced(self, at: datetime, statuses: Sequence[str], takes: timedelta) -> list[Step]:
        steps = [(status, at + takes * number) for number, status in enumerate(statuses)]
        return [step for step in steps if step[1] <= self.now]

    def amount(self, cents: int) -> dict[str, Any]:
        """Money as an input has it."""
        return {"amount": Decimal(cents) / 100, "currency": self.demo.currency}


def names(fields: Sequence[str]) -> str:
    """Fields as a history has them."""
    return as_json([camel(name) for name in sorted(fields)])
