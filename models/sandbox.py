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


@dataclass(frozen=True)
class Copying:
    """Whose products are copied, for whom, when and by whom."""

    tenant_id: UUID
    live: UUID
    twin: UUID
    at: datetime
    client_id: UUID | None
    staff_user_id: UUID | None


@dataclass
class Values:
    """The values of one statement, and their places in it."""

    given: list[Any]

    def place(self, value: Any) -> str:
        """The place of one more value."""
        self.given.append(value)
        return dialect().placeholder(len(self.given))

    def pairs(self, ids: Sequence[UUID]) -> str:
        """A table `m` of ids as they are (`old`) and fresh ones (`new`)."""
        pairs = [(str(one), str(new_id())) for one in ids]
        if dialect() is Dialect.POSTGRES:
            olds, news = ([pair[end] for pair in pairs] for end in (0, 1))
            return f"unnest({self.place(olds)}::uuid[], {self.place(news)}::uuid[]) AS m(old, new)"
        told = self.place(orjson.dumps(pairs).decode())
        return (
            "(SELECT json_extract(value, '$[0]') AS old, json_extract(value, '$[1]') AS new"
            f" FROM json_each({told})) m"
        )


async def copy_products(of: Copying) -> int:
    """Give a customer the products of another one, with their units; how many there are.

    Each begins at its first version, as if it had been added now.
    """
    await _products(of)
    await _units(of)
    return await _events(of)


async def _products(of: Copying) -> None:
    p = dialect().placeholder
    found = await rows(
        f"SELECT id FROM products WHERE tenant_id = {p(1)} AND customer_id = {p(2)} ORDER BY code",
        *(of.tenant_id, of.live),
    )
    copied = ("code", *PLAIN, *SELECTION.values())
    v = Values([])
    names = ", ".join(copied)
    # By its content an input that is sent again is recognised; the twin's names the twin.
    content = f"replace(p.content, {v.place(_named(of.live))}, {v.place(_named(of.twin))})"
    await execute(
        "INSERT INTO products (tenant_id, id, customer_id, version, content, created_at,"
        f" modified_at, {names}) SELECT p.tenant_id, m.new, {_id(v, of.twin)}, 1, {content},"
        f" {_instant(v, of.at)}, {_instant(v, of.at)}, {', '.join(f'p.{name}' for name in copied)}"
        f" FROM {v.pairs([row[0] for row in found])}"
        f" JOIN products p ON p.tenant_id = {v.place(of.tenant_id)} AND p.id = m.old",
        *v.given,
    )


async def _units(of: Copying) -> None:
    p = dialect().placeholder
    found = await rows(
        "SELECT u.id FROM products p JOIN product_units u"
        " ON u.tenant_id = p.tenant_id AND u.product_id = p.id"
        f" WHERE p.tenant_id = {p(1)} AND p.customer_id = {p(2)}",
        *(of.tenant_id, of.live),
    )
    v = Values([])
    await execute(
        f"INSERT INTO product_units (tenant_id, id, product_id, position, {', '.join(UNIT)})"
        f" SELECT u.tenant_id, m.new, t.id, u.position, {', '.join(f'u.{name}' for name in UNIT)}"
        f" FROM {v.pairs([row[0] for row in found])}"
        f" JOIN product_units u ON u.tenant_id = {v.place(of.tenant_id)} AND u.id = m.old"
        " JOIN products p ON p.tenant_id = u.tenant_id AND p.id = u.product_id"
        f" JOIN products t ON t.tenant_id = p.tenant_id AND t.customer_id = {_id(v, of.twin)}"
        " AND t.code = p.code",
        *v.given,
    )


async def _events(of: Copying) -> int:
    p = dialect().placeholder
    found = await rows(
        f"SELECT id FROM products WHERE tenant_id = {p(1)} AND customer_id = {p(2)} ORDER BY code",
        *(of.tenant_id, of.twin),
    )
    v = Values([])
    by = f"{_id(v, of.client_id)}, {_id(v, of.staff_user_id)}"
    return await execute(
        "INSERT INTO product_events (tenant_id, id, product_id, version, changed, at, client_id,"
        f" staff_user_id) SELECT t.tenant_id, m.new, t.id, 1, e.changed, {_instant(v, of.at)}, {by}"
        f" FROM {v.pairs([row[0] for row in found])}"
        f" JOIN products t ON t.tenant_id = {v.place(of.tenant_id)} AND t.id = m.old"
        f" JOIN products p ON p.tenant_id = t.tenant_id AND p.customer_id = {_id(v, of.live)}"
        " AND p.code = t.code JOIN product_events e ON e.tenant_id = p.tenant_id"
        " AND e.product_id = p.id AND e.version = 1",
        *v.given,
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


def _id(v: Values, value: UUID | None) -> str:
    place = v.place(value)
    return f"{place}::uuid" if dialect() is Dialect.POSTGRES else place


def _instant(v: Values, value: datetime) -> str:
    place = v.place(value)
    return f"{place}::timestamptz" if dialect() is Dialect.POSTGRES else place
