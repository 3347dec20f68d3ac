"""What is asked about API clients: what they hold, their secrets and their calls, many at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from models.clients import ApiClient, ApiClientCustomer, ApiClientRole, ApiClientWarehouse
from models.clock import instant
from models.database import Dialect, dialect, rows
from models.record import Record
from models.tenants import Customer, Warehouse
from models.usage_queries import beginning, mark
from models.words import ApiRole


class HeldCustomer(NamedTuple):
    """A customer that a client was given."""

    id: UUID
    code: str
    name: str
    sandbox: bool


class HeldWarehouse(NamedTuple):
    """A warehouse that a client was given."""

    id: UUID
    code: str
    name: str


class Secret(NamedTuple):
    """A secret or key that works, with nothing of what it is checked against."""

    id: UUID
    created_at: datetime
    retires_at: datetime | None = None
    legacy: bool = False
    last_used_at: datetime | None = None
    last_used_address: str | None = None
    last_used_operation: str | None = None

    @property
    def current(self) -> bool:
        """Whether it is the newest, and not on its way out."""
        return self.retires_at is None


@dataclass
class Held:
    """What a client was given."""

    roles: list[ApiRole] = field(default_factory=list)
    customers: list[HeldCustomer] = field(default_factory=list)
    warehouses: list[HeldWarehouse] = field(default_factory=list)


LINKS: Mapping[str, tuple[type[Record], str]] = {
    "roles": (ApiClientRole, "role"),
    "customers": (ApiClientCustomer, "customer_id"),
    "warehouses": (ApiClientWarehouse, "warehouse_id"),
}
"""Where it is kept what a client was given, and in which column."""


async def client(tenant_id: UUID, client_id: UUID) -> ApiClient | None:
    """One client of a tenant."""
    return await ApiClient.get_or_none(tenant_id=tenant_id, id=client_id)


async def held_by(tenant_id: UUID, client_ids: Collection[UUID]) -> dict[UUID, Held]:
    """What each of some clients was given, by name of the role and code of the place."""
    found = await _of_clients(
        """
        select l.client_id, 'roles', null, l.role, null, null
        from api_client_roles l where l.tenant_id = {1} and {of_clients}
        union all
        select l.client_id, 'customers', cast(c.id as text), c.code, c.name,
               case when c.sandbox then 1 else 0 end
        from api_client_customers l
        join customers c on c.tenant_id = l.tenant_id and c.id = l.customer_id
        where l.tenant_id = {1} and {of_clients}
        union all
        select l.client_id, 'warehouses', cast(w.id as text), w.code, w.name, null
        from api_client_warehouses l
        join warehouses w on w.tenant_id = l.tenant_id and w.id = l.warehouse_id
        where l.tenant_id = {1} and {of_clients}
        """,
        client_ids,
        tenant_id,
    )
    held: dict[UUID, Held] = defaultdict(Held)
    # Sorted here: roles and codes are collated in different ways, which PostgreSQL refuses to mix.
    for client_id, kind, key, code, name, sandbox in sorted(found, key=_code_and_id):
        one = held[UUID(str(client_id))]
        match kind:
            case "roles":
                one.roles.append(ApiRole(code))
            case "customers":
                one.customers.append(HeldCustomer(UUID(key), code, name, bool(sandbox)))
            case _:
                one.warehouses.append(HeldWarehouse(UUID(key), code, name))
    return held


async def secrets_of(
    tenant_id: UUID, client_ids: Collection[UUID], at: datetime
) -> dict[UUID, list[Secret]]:
    """The secrets of some clients that have not retired at that moment, the newest first."""
    found = await _of_clients(
        """
        select l.client_id, l.id, l.created_at, l.retires_at, l.legacy, l.last_used_at,
               l.last_used_address, l.last_used_operation
        from credentials l
        where l.tenant_id = {1} and {of_clients} and (l.retires_at is null or l.retires_at > {3})
        order by l.created_at desc, l.id desc
        """,
        client_ids,
        tenant_id,
        at,
    )
    secrets: dict[UUID, list[Secret]] = defaultdict(list)
    for client_id, key, created, retires, legacy, used, address, operation in found:
        secrets[UUID(str(client_id))].append(
            Secret(
                UUID(str(key)),
                instant(created),
                retires and instant(retires),
                bool(legacy),
                used and instant(used),
                address,
                operation,
            )
        )
    return secrets


async def calls_of(tenant_id: UUID, week: date, client_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many calls of each of some clients a week holds so far.

    What is added up by day, and the rows that are not yet, seen at one instant.
    """
    since = f"case when m.trusted then m.settled_until else {beginning()} end"
    found = await _of_clients(
        f"""
        select c.id, (
            select coalesce(sum(r.calls), 0) from usage_rollups r
            where r.tenant_id = c.tenant_id and r.week = {{3}} and r.client_id = c.id
              and (m.trusted or r.week <= m.sealed)
        ) + (
            select count(*) from ledger l
            where l.tenant_id = c.tenant_id and l.week = {{3}} and l.client_id = c.id
              and l.at >= {since} and (m.sealed is null or l.week > m.sealed)
        )
        from {mark("{1}")} cross join api_clients c
        where c.tenant_id = {{1}} and {{of_clients}}
        """,
        client_ids,
        tenant_id,
        week,
        column="c.id",
    )
    return {UUID(str(client_id)): int(calls) for client_id, calls in found}


async def sandbox_by_customer(tenant_id: UUID, ids: Collection[UUID]) -> dict[UUID, bool]:
    """Those of some customers that there are, and whether they are sandbox ones."""
    known = Customer.filter(tenant_id=tenant_id, id__in=list(ids))
    return {one.id: one.sandbox for one in await known}


async def warehouses_among(tenant_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Those of some warehouses that there are."""
    return {one.id for one in await Warehouse.filter(tenant_id=tenant_id, id__in=list(ids))}


async def take_back(kind: str, tenant_id: UUID, client_id: UUID, what: Collection[Any]) -> None:
    """Take roles, customers or warehouses from a client, by the names of `LINKS`."""
    table, column = LINKS[kind]
    if what:
        whose: dict[str, Any] = {"client_id": client_id, f"{column}__in": list(what)}
        await table.filter(tenant_id=tenant_id, **whose).delete()


def _code_and_id(row: Any) -> tuple[str, str]:
    return row[3], row[2] or ""


async def _of_clients(
    sql: str, client_ids: Collection[UUID], *values: Any, column: str = "l.client_id"
) -> Sequence[Any]:
    """Ask about several clients with the values named `{1}`, `{3}`, `{4}` and so on."""
    many, more = list(client_ids), values[1:]
    place = [dialect().placeholder(number) for number in range(len(values) + 2)]
    if dialect() is Dialect.POSTGRES:
        among = f"{column} = any({place[2]}::uuid[])"
        return await rows(sql.format(*place, of_clients=among), values[0], many, *more)
    among = f"{column} in (select value from json_each({place[2]}))"
    packed = orjson.dumps(many).decode()
    return await rows(sql.format(*place, of_clients=among), values[0], packed, *more)
