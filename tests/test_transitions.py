"""docs/transitions.md says what `models/moves.py` does.

`DOCKGATE_RECORD=1 pytest tests/test_transitions.py` writes it anew.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from models import moves
from models.words import ConsignmentStatus, ConsignmentType, OutboundStatus
from resolvers.consignment_rows import BOTH_IN_TURN
from tests.processes import ROOT

Path = Mapping[Any, Collection[Any]]

PAGE = ROOT / "docs" / "transitions.md"

HEAD = """# Which status follows which

Made of `models/moves.py`, which the service goes by; a test holds them together. A move that is
not here is refused with `WRONG_STATUS`, and with the moves that are legal from there. Every change
is in the job's `history`.

By itself, an order goes on when its goods are there, and a consignment when its order is packed;
that one staff may move, too. In a sandbox, `simulateProgress` does the steps of staff.
"""

INBOUND = """
New ones are `NOT_YET_RECEIVED`; `DRAFT` when asked for; `REJECTED` if a policy says so.
"""
OUTBOUND = """
New ones are `AWAITING_PICK_AND_PACK` and hold their goods, or what the customer's policy says where
less is free; `DRAFT` when asked for.
"""
ORDERS: dict[str, tuple[str, Path, Collection[str]]] = {
    "Inbound orders": (INBOUND, moves.INBOUND, moves.INBOUND_OPEN_TO_CLIENTS),
    "Outbound orders": (OUTBOUND, moves.OUTBOUND, moves.OPEN_TO_CLIENTS),
}

BY_ITSELF = {
    (OutboundStatus.AWAITING_STOCK, OutboundStatus.AWAITING_PICK_AND_PACK),
    (ConsignmentStatus.AWAITING_SALE_ORDER_PACKING, ConsignmentStatus.IN_WAREHOUSE),
}
"""When goods are there, or when its order is packed."""


def test_the_page_of_transitions_is_current() -> None:
    told = "\n".join(page())
    if os.environ.get("DOCKGATE_RECORD"):
        PAGE.write_text(told)

    assert PAGE.read_text() == told


def test_the_page_names_every_status() -> None:
    told = PAGE.read_text()
    statuses = {*moves.INBOUND, *moves.OUTBOUND, *ConsignmentStatus}

    assert [status for status in statuses if f"`{status}`" not in told] == []


def page() -> Iterator[str]:
    """The page, line by line."""
    yield HEAD
    for title, (begins, path, open_) in ORDERS.items():
        yield f"## {title}\n{begins}"
        yield from table(path, open_)
    yield "## Consignments\n"
    for types, path in alike().items():
        yield f"### {', '.join(f'`{one}`' for one in types)}\n"
        both = ConsignmentType.PICKUP_DELIVERY in types
        yield from table(
            path, BOTH_IN_TURN.open_to_clients if both else moves.CONSIGNMENT_OPEN_TO_CLIENTS
        )


def alike() -> Mapping[tuple[ConsignmentType, ...], Path]:
    """The paths of consignments, with all types that go them."""
    found: list[tuple[list[ConsignmentType], Path]] = []
    for type_, path in moves.CONSIGNMENT.items():
        same = next((types for types, other in found if other == path), None)
        if same is None:
            found.append(([type_], path))
        else:
            same.append(type_)
    return {tuple(types): path for types, path in found}


def table(path: Path, open_: Collection[str]) -> Iterator[str]:
    """From where to where, and by whom."""
    yield "| from | by API clients and staff | by staff alone | by itself |"
    yield "| --- | --- | --- | --- |"
    for status in [one for one in type(next(iter(path))) if one in path]:
        columns: dict[str, list[str]] = {"clients": [], "staff": [], "itself": []}
        for to in sorted(path[status]):
            columns[who(status, to, open_)].append(f"`{to}`")
        cells = " | ".join(", ".join(one) for one in columns.values())
        yield f"| `{status}` | {cells} |".replace("|  |", "| |").replace("|  |", "| |")
    yield ""


def who(status: str, to: str, open_: Collection[str]) -> str:
    """Who takes a job from one status to another."""
    if (status, to) in BY_ITSELF:
        return "itself"
    begins = status in {"DRAFT", "REJECTED"}
    return "clients" if status in open_ and (begins or to == "CANCELLED") else "staff"
