"""What a command needs to know before it writes: small questions, each within the reach."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from orjson import loads
from tortoise import fields

from models.compiling import Writer
from models.database import Dialect, Row, dialect, execute, rows
from models.products import Product
from models.reach import Every, Reach
from models.record import Record
from models.tenants import Customer, Warehouse
from models.words import (
    ConsignmentTrigger,
    ShortStockPolicy,
    UnknownProductPolicy,
    UnknownUnitPolicy,
)


@dataclass(frozen=True)
class Place:
    """A warehouse that can be chosen."""

    id: UUID
    code: str


@dataclass(frozen=True)
class Policies:
    """What becomes of a customer's inputs that cannot be carried out as they are."""

    short_stock: ShortStockPolicy | None = None
    unknown_product: UnknownProductPolicy | None = None
    unknown_unit: UnknownUnitPolicy | None = None
    makes_consignments: ConsignmentTrigger | None = None


@dataclass(frozen=True)
class Party:
    """The customer of a job, and the warehouses it could go to."""

    found: bool
    active: bool
    default_warehouse_id: UUID | None
    policies: Policies
    warehouses: Sequence[Place]
    earlier: "Job | None" = None
    """The job that holds the reference, else the last that gave it back."""


@dataclass(frozen=True)
class Job:
    """A job of any kind as a command finds it."""

    id: UUID
    customer_id: UUID
    warehouse_id: UUID
    status: str
    version: int
    content: str
    reference: str
    holds_reference: bool
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further columns, by the names they were asked by."""


async def ask(writer: Writer, reach: Reach, sql: str, **bag: Any) -> Sequence[Row]:
    """Run a statement that was written for a reach, with its other values by name."""
    for name, end in (("customer", reach.customers), ("warehouse", reach.warehouses)):
        if not isinstance(end, Every):
            bag[name] = next(iter(end)) if len(end) == 1 else end
    bag["tenant"] = reach.tenant_id
    return await rows(sql, *(bag[name] for name in writer.names))


async def party(reach: Reach, customer_id: UUID) -> Party:
    """The customer, if in reach, and all active warehouses in reach."""
    w = Writer(reach)
    found = await ask(
        w,
        reach,
        f"SELECT {PARTY} FROM (SELECT 1 AS one) o {_party_joins(w)} ORDER BY w.code",
        id=customer_id,
    )
    return _party(found)


async def opening(table: type[Record], reach: Reach, customer_id: UUID, reference: str) -> Party:
    """The customer and warehouses of a new job, and the job that has its reference.

    Looks past the warehouses in reach: a reference is taken for the whole customer.
    """
    w = Writer(reach)
    found = await ask(
        w,
        reach,
        f"SELECT {PARTY}, {JOB} FROM (SELECT 1 AS one) o {_party_joins(w)}"
        f" LEFT JOIN {table._meta.db_table} t ON t.tenant_id = {w.value('tenant')} AND t.id ="
        f" ({_of_reference(w, table, 'c.id')}) ORDER BY w.code",
        id=customer_id,
        reference=reference,
    )
    return _party(found)


async def is_sandbox(tenant_id: UUID, customer_id: UUID) -> bool:
    """Whether a customer is one to try with."""
    p = dialect().placeholder
    found = await rows(
        f"SELECT sandbox FROM customers WHERE tenant_id = {p(1)} AND id = {p(2)}",
        *(tenant_id, customer_id),
    )
    return bool(found[0][0])


PARTY = (
    "c.id, c.active, c.default_warehouse_id, c.short_stock, c.unknown_product, c.unknown_unit,"
    " c.makes_consignments, w.id, w.code"
)


def _party_joins(w: Writer) -> str:
    return (
        f"LEFT JOIN customers c ON {w.within(Customer, 'c')} AND c.id = {w.value('id')}"
        f" LEFT JOIN warehouses w ON {w.within(Warehouse, 'w')} AND w.active"
    )


def _of_reference(w: Writer, table: type[Record], customer: str) -> str:
    """The id of the customer's job that holds a reference, else of the last that had it."""
    return (
        f"SELECT r.id FROM {table._meta.db_table} r WHERE r.tenant_id = {w.value('tenant')}"
        f" AND r.customer_id = {customer} AND r.reference = {w.value('reference')}"
        " AND r.holds_reference"
        " ORDER BY r.status IN ('CANCELLED', 'REJECTED'), r.created_at DESC LIMIT 1"
    )


def _party(found: Sequence[Row]) -> Party:
    first = list(found[0])
    job = first[len(PARTY.split(",")) :]
    return Party(
        found=first[0] is not None,
        active=bool(first[1]),
        default_warehouse_id=uuid_or_none(first[2]),
        policies=Policies(
            first[3] and ShortStockPolicy(first[3]),
            first[4] and UnknownProductPolicy(first[4]),
            first[5] and UnknownUnitPolicy(first[5]),
            first[6] and ConsignmentTrigger(first[6]),
        ),
        warehouses=[Place(uuid(row[7]), row[8]) for row in found if row[7] is not None],
        earlier=job_of(job) if job and job[0] is not None else None,
    )


async def job_of_reference(
    table: type[Record], reach: Reach, customer_id: UUID, reference: str
) -> Job | None:
    """The customer's job that holds the reference, else the last that gave it back."""
    w = Writer(reach)
    found = await ask(
        w,
        reach,
        f"SELECT {JOB} FROM {table._meta.db_table} t WHERE t.tenant_id = {w.value('tenant')}"
        f" AND t.id = ({_of_reference(w, table, w.value('of'))})",
        of=customer_id,
        reference=reference,
    )
    return job_of(found[0]) if found else None


async def job_for_change(
    table: type[Record], reach: Reach, job_id: UUID, more: Sequence[str] = ()
) -> Job | None:
    """A job in reach, held until the transaction ends, with more of its columns."""
    w = Writer(reach)
    lock = " FOR UPDATE" if dialect() is Dialect.POSTGRES else ""
    found = await ask(
        w,
        reach,
        f"SELECT {', '.join((JOB, *(f't.{name}' for name in more)))}"
        f" FROM {table._meta.db_table} t WHERE {w.within(table, 't')}"
        f" AND t.id = {w.value('id')}{lock}",
        id=job_id,
    )
    return job_of(found[0], more) if found else None


JOB = (
    "t.id, t.customer_id, t.warehouse_id, t.status, t.version, t.content, t.reference,"
    " t.holds_reference"
)


async def fields_changed_since(
    events: type[Record], owner: str, reach: Reach, row_id: UUID, version: int
) -> list[str]:
    """The names of the fields that later versions of a row set, from the table of its events."""
    p = dialect().placeholder
    found = await rows(
        f"SELECT changed FROM {events._meta.db_table}"
        f" WHERE tenant_id = {p(1)} AND {owner} = {p(2)} AND version > {p(3)} ORDER BY version",
        *(reach.tenant_id, row_id, version),
    )
    return list(dict.fromkeys(name for row in found for name in loads(row[0])))


async def columns(
    table: type[Record], reach: Reach, row_id: UUID, names: Sequence[str]
) -> dict[str, Any]:
    """Plain columns of a row in reach, as they are now."""
    w = Writer(reach)
    found = await ask(
        w,
        reach,
        f"SELECT {', '.join(f't.{name}' for name in names)} FROM {table._meta.db_table} t"
        f" WHERE {w.within(table, 't')} AND t.id = {w.value('id')}",
        id=row_id,
    )
    kinds = table._meta.fields_map
    return {
        name: bool(value) if isinstance(kinds[name], fields.BooleanField) else value
        for row in found
        for name, value in zip(names, row, strict=True)
    }


async def delete_owned(table: type[Record], owner: str, tenant_id: UUID, row_id: UUID) -> None:
    """Take all lines off an order, or units off a product, to make place for others."""
    p = dialect().placeholder
    await execute(
        f"DELETE FROM {table._meta.db_table} WHERE tenant_id = {p(1)} AND {owner} = {p(2)}",
        *(tenant_id, row_id),
    )


@dataclass(frozen=True)
class KnownProduct:
    """A product as a command finds it."""

    id: UUID
    customer_id: UUID
    code: str
    version: int
    content: str
    default_unit: str


KNOWN = "t.id, t.customer_id, t.code, t.version, t.content, t.default_unit"


async def product_of_code(reach: Reach, customer_id: UUID, code: str) -> KnownProduct | None:
    """The customer's product of that code."""
    w = Writer(reach)
    found = await ask(
        w,
        reach,
        f"SELECT {KNOWN} FROM products t WHERE {w.within(Product, 't')}"
        f" AND t.customer_id = {w.value('of')} AND t.code = {w.value('code')}",
        of=customer_id,
        code=code,
    )
    return _known(found[0]) if found else None


async def product_for_change(reach: Reach, product_id: UUID) -> KnownProduct | None:
    """A product in reach, held until the transaction ends."""
    w = Writer(reach)
    lock = " FOR UPDATE" if dialect() is Dialect.POSTGRES else ""
    found = await ask(
        w,
        reach,
        f"SELECT {KNOWN} FROM products t WHERE {w.within(Product, 't')}"
        f" AND t.id = {w.value('id')}{lock}",
        id=product_id,
    )
    return _known(found[0]) if found else None


def job_of(row: Iterable[Any], names: Sequence[str] = ()) -> Job:
    """A row of `JOB`, and of more columns by their names."""
    job_id, customer, warehouse, status, version, content, reference, holds, *more = row
    return Job(
        uuid(job_id),
        uuid(customer),
        uuid(warehouse),
        status,
        version,
        content,
        reference,
        bool(holds),
        dict(zip(names, more, strict=True)),
    )


def _known(row: Row) -> KnownProduct:
    return KnownProduct(uuid(row[0]), uuid(row[1]), *list(row)[2:])


def uuid(value: Any) -> UUID:
    """An id as either engine gives it: text, or asyncpg's own kind, which orjson does not know."""
    return UUID(int=value.int) if isinstance(value, UUID) else UUID(value)


def uuid_or_none(value: Any) -> UUID | None:
    """An id that may be missing."""
    return None if value is None else uuid(value)


@dataclass(frozen=True)
class Named:
    """A customer or a warehouse, as somebody is told that it is in reach."""

    id: UUID
    code: str
    name: str


MOST_NAMED = 1_000


async def customers_named(reach: Reach) -> list[Named]:
    """The first customers in reach, by code."""
    return await _named(Customer, reach)


async def warehouses_named(reach: Reach) -> list[Named]:
    """The first warehouses in reach, by code."""
    return await _named(Warehouse, reach)


async def email_of(tenant_id: UUID, staff_user_id: UUID) -> str:
    """The e-mail of a person of the operator."""
    p = dialect().placeholder
    found = await rows(
        f"SELECT email FROM staff_users WHERE tenant_id = {p(1)} AND id = {p(2)}",
        *(tenant_id, staff_user_id),
    )
    return str(found[0][0])


async def _named(table: type[Record], reach: Reach) -> list[Named]:
    w = Writer(reach)
    found = await ask(
        w,
        reach,
        f"SELECT t.id, t.code, t.name FROM {table._meta.db_table} t"
        f" WHERE {w.within(table, 't')} ORDER BY t.code LIMIT {MOST_NAMED}",
    )
    return [Named(uuid(row[0]), row[1], row[2]) for row in found]
