"""What a sandbox customer begins with, and how a client lets go of it.

Products are copied by the database itself: there may be thousands, and the transaction holds the
writer of SQLite. Only their new ids are made here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from models.database import Dialect, dialect, execute, rows
from models.product_lookups import PLAIN, SELECTION, UNIT
from models.record import new_id

TOGETHER = 1_000
"""Rows that are copied at once."""


@dataclass(frozen=True)
class Copying:
    """Whose products are copied, for whom, when and by whom."""

    tenant_id: UUID
    live: UUID
    twin: UUID
    at: datetime
    client_id: UUID | None
    staff_user_id: UUID | None


async def copy_products(of: Copying) -> int:
    """Give a customer the products of another one, with their units; how many there are.

    Each begins at its first version, as if it had been added now.
    """
    p = dialect().placeholder
    found = await rows(
        f"SELECT id FROM products WHERE tenant_id = {p(1)} AND customer_id = {p(2)} ORDER BY code",
        *(of.tenant_id, of.live),
    )
    copies = {str(row[0]): str(new_id()) for row in found}
    units = await rows(
        "SELECT u.id, u.product_id FROM products p JOIN product_units u"
        " ON u.tenant_id = p.tenant_id AND u.product_id = p.id"
        f" WHERE p.tenant_id = {p(1)} AND p.customer_id = {p(2)}",
        *(of.tenant_id, of.live),
    )
    await _copy(of, PRODUCTS, [(old, new, str(of.twin)) for old, new in copies.items()])
    of_units = [(str(unit), str(new_id()), copies[str(product)]) for unit, product in units]
    await _copy(of, UNITS, of_units)
    await _copy(of, EVENTS, [(old, str(new_id()), new) for old, new in copies.items()])
    return len(copies)


@dataclass(frozen=True)
class Kind:
    """A table whose rows are copied: which column leads to the owner, what is set, what is kept."""

    table: str
    by: str
    owner: str
    set: tuple[tuple[str, str], ...]
    """Columns, and the names of their new values; `content` is made of the old one."""
    kept: tuple[str, ...]
    where: str = ""


PRODUCTS = Kind(
    "products",
    "id",
    "customer_id",
    (("content", ""), ("created_at", "at"), ("modified_at", "at")),
    ("code", *PLAIN, *SELECTION.values()),
)
UNITS = Kind("product_units", "id", "product_id", (), ("position", *UNIT))
EVENTS = Kind(
    "product_events",
    "product_id",
    "product_id",
    (("at", "at"), ("client_id", "client_id"), ("staff_user_id", "staff_user_id")),
    ("version", "changed"),
    " AND r.version = 1",
)

Triple = tuple[str, str, str]
"""What is copied, the id of the copy, and whose the copy is."""


async def _copy(of: Copying, kind: Kind, triples: Sequence[Triple]) -> None:
    for first in range(0, len(triples), TOGETHER):
        values: list[Any] = []
        sql = _insert(of, kind, triples[first : first + TOGETHER], values)
        await execute(sql, *values)


def _insert(of: Copying, kind: Kind, triples: Sequence[Triple], values: list[Any]) -> str:
    """The statement that copies rows, one look by a key for each."""
    postgres = dialect() is Dialect.POSTGRES

    def place(value: Any, type_: str = "text") -> str:
        values.append(value)
        told = dialect().placeholder(len(values))
        return f"{told}::{type_}" if postgres else told

    def new(column: str, name: str) -> str:
        if column == "content":
            # By it an input that is sent again is recognised; the twin's names the twin.
            return f"replace(r.content, {place(_named(of.live))}, {place(_named(of.twin))})"
        return place(getattr(of, name), "timestamptz" if name == "at" else "uuid")

    set_ = {column: new(column, name) for column, name in kind.set}
    if kind is PRODUCTS:
        set_["version"] = "1"
    columns = ", ".join(("tenant_id", "id", kind.owner, *set_, *kind.kept))
    told = ", ".join((*set_.values(), *(f"r.{name}" for name in kind.kept)))
    found = f"r.tenant_id = {place(of.tenant_id, 'uuid')} AND r.{kind.by} = m.old{kind.where}"
    # In this order, whatever the planner believes of a list that it does not know.
    if postgres:
        m = ", ".join(place([one[end] for one in triples], "uuid[]") for end in range(3))
        source = (
            f"unnest({m}) AS m(old, new, owner) CROSS JOIN LATERAL"
            f" (SELECT * FROM {kind.table} r WHERE {found} OFFSET 0) r"
        )
    else:
        ends = ("old", "new", "owner")
        m = ", ".join(f"json_extract(value, '$[{n}]') AS {end}" for n, end in enumerate(ends))
        listed = place(orjson.dumps(triples).decode())
        source = f"(SELECT {m} FROM json_each({listed})) m CROSS JOIN {kind.table} r WHERE {found}"
    return (
        f"INSERT INTO {kind.table} ({columns})"
        f" SELECT r.tenant_id, m.new, m.owner, {told} FROM {source}"
    )


async def let_go(tenant_id: UUID, client_id: UUID, customers: Sequence[UUID]) -> None:
    """Take customers from a client."""
    p = dialect().placeholder
    for one in customers:
        await execute(
            f"DELETE FROM api_client_customers WHERE tenant_id = {p(1)} AND client_id = {p(2)}"
            f" AND customer_id = {p(3)}",
            *(tenant_id, client_id, one),
        )


def _named(customer: UUID) -> str:
    return f'"customer":"{customer}"'
