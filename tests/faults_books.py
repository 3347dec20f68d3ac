"""What was sent and told, and what the books say in the end."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from models.database import rows
from tests.faults_service import connected


@dataclass
class Order:
    """An order that somebody wants placed, once."""

    reference: str
    key: str
    caller: int
    """Whose key it is."""
    id: str | None = None
    told_new: int = 0
    """How often an answer said that it was placed just now."""


@dataclass
class Request:
    """One request, by the id that the ledger keeps; `counted` is unknown until it is answered."""

    id: str
    fields: int
    counted: int | None = None


@dataclass
class History:
    """What was sent, and what was told."""

    orders: dict[str, Order] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    open: list[Order] = field(default_factory=list)
    """Sent and not answered: to be sent again."""
    placed: list[Order] = field(default_factory=list)
    replays: int = 0
    answered: int = 0
    unanswered: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """Answers that must never be."""

    def new_order(self, caller: int) -> Order:
        number = len(self.orders)
        order = Order(f"SO-{number:05}", f"key-{number:05}", caller)
        self.orders[order.reference] = order
        return order

    def told_placed(self, order: Order, answer: Any, outcome: str) -> None:
        """Take an answer into the history."""
        found, replayed = answer["outboundOrder"], answer["replayed"]
        if found["reference"] != order.reference or len(found["items"]) != 1:
            self.wrong.append(f"{order} was answered by {found}")
        if outcome != ("REPLAYED" if replayed else "COUNTED"):
            self.wrong.append(f"{order} is told to be {outcome}, and replayed: {replayed}")
        order.told_new += not replayed
        if order.id is None:
            order.id = found["id"]
            self.placed.append(order)
            return
        self.replays += 1
        if found["id"] != order.id:
            self.wrong.append(f"{order} was answered as {found['id']} when it was sent again")


async def differences(url: str, history: History) -> list[str]:
    """Where the books say something else than was told. Asked in SQL, of the tables themselves."""
    async with connected(url):
        orders = await rows("SELECT reference, id, status, version FROM outbound_orders")
        items = await rows("SELECT order_id, count(*) FROM outbound_order_items GROUP BY order_id")
        events = await rows(
            "SELECT order_id, count(*) FROM outbound_order_events GROUP BY order_id"
        )
        ledger = await rows("SELECT field, object_id, request_id FROM ledger")
        keys = await rows("SELECT key, object_id FROM idempotency_keys")
    return [
        *history.wrong,
        *_of_orders(history, [(row[0], str(row[1])) for row in orders]),
        *_unequal(
            "items and events of an order",
            {str(row[1]): 2 for row in orders},
            Counter(str(row[0]) for row in [*items, *events] for _ in range(row[1])),
        ),
        *_unequal(
            "counts of an order",
            {str(row[1]): 1 for row in orders},
            Counter(str(row[1]) for row in ledger if row[0] == "createOutboundOrder"),
        ),
        *_of_requests(history, Counter(str(row[2]) for row in ledger)),
        *(f"key {key} leads nowhere" for key, object_id in keys if object_id is None),
    ]


def _of_orders(history: History, stored: list[tuple[str, str]]) -> Iterator[str]:
    found = dict(stored)
    yield from _unequal(
        "orders of a reference",
        dict.fromkeys(history.orders, 1),
        Counter(reference for reference, _ in stored),
    )
    for order in history.orders.values():
        if order.id is None:
            yield f"{order.reference} was never answered"
        elif found.get(order.reference) != order.id:
            yield f"{order.reference} was told to be {order.id}: {found.get(order.reference)}"
        if order.told_new > 1:
            yield f"{order.reference} was placed {order.told_new} times"


def _of_requests(history: History, rows_of: Counter[str]) -> Iterator[str]:
    """What an answer said is in the ledger; beyond it, at most what was in flight."""
    for request in history.requests:
        there = rows_of.pop(request.id, 0)
        if request.counted is None:
            if there > request.fields:
                yield f"{request.id} has {request.fields} fields and {there} rows"
        elif there != request.counted:
            yield f"{request.id} was told {request.counted}, and has {there} rows"
    yield from (
        f"{count} rows of {request_id}, which nobody sent" for request_id, count in rows_of.items()
    )


def _unequal(what: str, expected: dict[str, int], found: Counter[str]) -> Iterator[str]:
    for key in sorted({*expected, *found}):
        if expected.get(key, 0) != found[key]:
            yield f"{what}: {key} has {found[key]}, expected {expected.get(key, 0)}"
