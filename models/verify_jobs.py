"""Questions about jobs and products whose answers are empty as long as the books are right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from models.bulk import Bulk, places
from models.database import rows
from models.moves import CONSIGNMENT, INBOUND, OUTBOUND
from models.usage_queries import asked

Moves = Mapping[Any, frozenset[Any]]


@dataclass(frozen=True)
class Charge:
    """Changes that are charged where a client made them, and the fields they are charged under."""

    fields: Sequence[str]
    changes: str
    """SQL: which lines `e` of the history of `o`."""


@dataclass(frozen=True)
class Kind:
    """What has a history, and is charged for."""

    noun: str
    table: str
    events: str
    owner: str
    charges: Sequence[Charge]
    free: str = "1 = 0"
    """SQL: of which `o` some changes come about by the way, and are not charged."""
    paths: Mapping[Any, Moves] = field(default_factory=dict)
    """Which status follows which, path by path; nothing for what has no status."""
    path: str = "''"
    """SQL: the path of `o`."""

    @property
    def fields(self) -> list[str]:
        """All root fields under which it is charged."""
        return sorted({name for charge in self.charges for name in charge.fields})


def _fields(noun: str, *verbs: str) -> list[str]:
    """The root fields for one of a kind, and for many."""
    return [f"{verb}{noun}{s}" for verb in verbs for s in ("", "s")]


def _job(noun: str, by_itself: str = "1 = 0") -> Sequence[Charge]:
    return [
        Charge(_fields(noun, "create"), f"e.version = 1 AND NOT ({by_itself})"),
        Charge(_fields(noun, "update", "cancel"), "e.version > 1"),
    ]


OUTBOUND_ORDERS = Kind(
    "outbound order",
    "outbound_orders",
    "outbound_order_events",
    "order_id",
    _job("OutboundOrder", "o.rest_of_id IS NOT NULL"),
    paths={"": OUTBOUND},
)
INBOUND_ORDERS = Kind(
    "inbound order",
    "inbound_orders",
    "inbound_order_events",
    "order_id",
    _job("InboundOrder", "o.rest_of_id IS NOT NULL"),
    paths={"": INBOUND},
)
CONSIGNMENTS = Kind(
    "consignment",
    "consignments",
    "consignment_events",
    "consignment_id",
    _job("Consignment"),
    # Its order may have made it, and takes it along.
    free="o.outbound_order_id IS NOT NULL",
    paths=CONSIGNMENT,
    path="o.type",
)
PRODUCTS = Kind(
    "product",
    "products",
    "product_events",
    "product_id",
    # An upsert may have made it or changed it; both count.
    [Charge(_fields("Product", "create", "update", "upsert"), "1 = 1")],
)
JOBS = [OUTBOUND_ORDERS, INBOUND_ORDERS, CONSIGNMENTS]
KINDS = [*JOBS, PRODUCTS]


class Found(NamedTuple):
    """One of a kind, with what was found of it beside what should be."""

    id: UUID | None
    expected: object
    found: object


async def not_charged_once(tenant_id: UUID, kind: Kind, charge: Charge) -> list[Found]:
    """Where the ledger has not one row for each change that a client made, and none else.

    Changes for sandbox customers have none, nor have those by the operator's people.
    """
    found = await asked(
        f"""
        SELECT o.id, coalesce(m.changes, 0), coalesce(n.calls, 0)
        FROM {kind.table} o
        LEFT JOIN (
            SELECT e.{kind.owner} AS id, count(*) AS changes
            FROM {kind.events} e
            JOIN {kind.table} o ON o.tenant_id = e.tenant_id AND o.id = e.{kind.owner}
            JOIN customers c ON c.tenant_id = o.tenant_id AND c.id = o.customer_id
            WHERE e.tenant_id = {{1}} AND e.client_id IS NOT NULL AND NOT c.sandbox
                AND {charge.changes}
            GROUP BY e.{kind.owner}
        ) m ON m.id = o.id
        LEFT JOIN (
            SELECT l.object_id, count(*) AS calls FROM ledger l
            WHERE l.tenant_id = {{1}} AND l.field IN ({_quoted(charge.fields)})
            GROUP BY l.object_id
        ) n ON n.object_id = o.id
        WHERE o.tenant_id = {{1}} AND coalesce(n.calls, 0) <> coalesce(m.changes, 0)
            AND NOT ({kind.free} AND coalesce(n.calls, 0) < coalesce(m.changes, 0))
        """,
        tenant_id,
    )
    return _found(found)


async def charged_but_not_stored(tenant_id: UUID, kind: Kind) -> list[Found]:
    """What was charged for, and is not there."""
    found = await asked(
        f"""
        SELECT l.object_id, 0, count(*) FROM ledger l
        LEFT JOIN {kind.table} o ON o.tenant_id = l.tenant_id AND o.id = l.object_id
        WHERE l.tenant_id = {{1}} AND l.field IN ({_quoted(kind.fields)}) AND o.id IS NULL
        GROUP BY l.object_id
        """,
        tenant_id,
    )
    return _found(found)


async def with_broken_history(tenant_id: UUID, kind: Kind) -> list[Found]:
    """Whose changes are not numbered from 1 to the version."""
    found = await asked(
        f"""
        SELECT o.id, o.version, coalesce(n.events, 0)
        FROM {kind.table} o
        LEFT JOIN (
            SELECT e.{kind.owner} AS id, count(*) AS events, min(e.version) AS first,
                max(e.version) AS last
            FROM {kind.events} e WHERE e.tenant_id = {{1}} GROUP BY e.{kind.owner}
        ) n ON n.id = o.id
        WHERE o.tenant_id = {{1}} AND (
            n.events IS NULL OR n.events <> o.version OR n.first <> 1 OR n.last <> o.version
        )
        """,
        tenant_id,
    )
    return _found(found)


async def with_another_status(tenant_id: UUID, kind: Kind) -> list[Found]:
    """Jobs that do not stand where their last change left them."""
    found = await asked(
        f"""
        SELECT o.id, e.status, o.status
        FROM {kind.table} o
        JOIN {kind.events} e
            ON e.tenant_id = o.tenant_id AND e.{kind.owner} = o.id AND e.version = o.version
        WHERE o.tenant_id = {{1}} AND e.status <> o.status
        """,
        tenant_id,
    )
    return _found(found)


class Step(NamedTuple):
    """A change of status that is in no table."""

    id: UUID
    before: str | None
    """Nothing for a beginning."""
    after: str


STEPS = Bulk({"step": "text"})


async def illegal_steps(tenant_id: UUID, kind: Kind) -> list[Step]:
    """Changes to a status that does not follow the one before, and beginnings that are none."""
    place = places()
    legal = STEPS.source(place, "s")
    found = await rows(
        f"""
        SELECT o.id, b.status, e.status
        FROM {kind.events} e
        JOIN {kind.table} o ON o.tenant_id = e.tenant_id AND o.id = e.{kind.owner}
        LEFT JOIN {kind.events} b ON b.tenant_id = e.tenant_id
            AND b.{kind.owner} = e.{kind.owner} AND b.version = e.version - 1
        WHERE e.tenant_id = {place()} AND (e.version = 1 OR b.version IS NOT NULL)
            AND {kind.path} || ':' || coalesce(b.status, '') || ':' || e.status
                NOT IN (SELECT s.step FROM {legal})
        """,
        *STEPS.values([(step,) for step in _steps(kind.paths)]),
        tenant_id,
    )
    return [Step(UUID(str(id)), before, after) for id, before, after in found]


def _steps(paths: Mapping[Any, Moves]) -> Iterator[str]:
    """All that may follow: a draft may be skipped, and a change may leave the status as it is."""
    for path, moves in paths.items():
        for before, following in moves.items():
            same = set() if before == "CANCELLED" else {before}
            yield from (f"{path}:{before}:{after}" for after in following | same)
            if before == "DRAFT":
                begins = following | same
                yield from (f"{path}::{first}" for first in begins if first != "CANCELLED")


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _found(found: Sequence[Any]) -> list[Found]:
    return [Found(id and UUID(str(id)), expected, count) for id, expected, count in found]
