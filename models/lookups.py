"""What a command needs to know before it writes: small questions, each within the reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orjson import loads
from tortoise import fields

from models.compiling import Writer
from models.database import Dialect, Row, dialect, execute, rows
from models.orders import OutboundOrder
from models.products import Product
from models.reach import Every, Reach
from models.record import Record
from models.tenants import Customer, Warehouse


@dataclass(frozen=True)
class Place:
    """A warehouse that can be chosen."""

    id: UUID
    code: str


@dataclass(frozen=True)
class Party:
    """The customer of a job, and the warehouses it could go to."""

    found: bool
    active: bool
    default_warehouse_id: UUID | None
    warehouses: Sequence[Place]


@dataclass(frozen=True)
class Ware:
    """A product as an order needs to know it."""

    id: UUID
    code: str
    active: bool
    default_unit: str
    units: Sequence[str]


@dataclass(frozen=True)
class Job:
    """An order as a command finds it."""

    id: UUID
    customer_id: UUID
    warehouse_id: UUID
    status: str
    version: int
    content: str
    reference: str


async def _ask(writer: Writer, reach: Reach, sql: str, **bag: Any) -> Sequence[Row]:
    for name, end in (("customer", reach.customers), ("warehouse", reach.warehouses)):
        if not isinstance(end, Every):
            bag[name] = next(iter(end)) if len(end) == 1 else end
    bag["tenant"] = reach.tenant_id
    return await rows(sql, *(bag[name] for name in writer.names))


async def party(reach: Reach, customer_id: UUID) -> Party:
    """The customer, if in reach, and all active warehouses in reach."""
    w = Writer(reach)
    found = await _ask(
        w,
        reach,
        "SELECT c.id, c.active, c.default_warehouse_id, w.id, w.code FROM (SELECT 1 AS one) o"
        f" LEFT JOIN customers c ON {w.within(Customer, 'c')} AND c.id = {w.value('id')}"
        f" LEFT JOIN warehouses w ON {w.within(Warehouse, 'w')} AND w.active ORDER BY w.code",
        id=customer_id,
    )
    first = found[0]
    return Party(
        found=first[0] is not None,
        active=bool(first[1]),
        default_warehouse_id=uuid_or_none(first[2]),
        warehouses=[Place(uuid(row[3]), row[4]) for row in found if row[3] is not None],
    )


async def wares(
    reach: Reach, customer_id: UUID, ids: Sequence[UUID], codes: Sequence[str]
) -> list[Ware]:
    """The customer's products of those ids and codes, with their units."""
    w = Writer(reach)
    postgres = w.engine is Dialect.POSTGRES
    units = "array_agg(u.code ORDER BY u.position)" if postgres else "json_group_array(u.code)"
    # Two arms, each with an index of its own. SQLite's planner would rather go through all of
    # the customer's products than look the few ids up; the plus keeps it from that index.
    arms = []
    if ids:
        unindexed = "p.customer_id" if postgres else "+p.customer_id"
        arms.append(f"{unindexed} = {w.value('of')} AND {w.any_of('p.id', 'ids', 'uuid')}")
    if codes:
        by_code = w.any_of("p.code", "codes", "text")
        arms.append(f"p.customer_id = {w.value('of')} AND {by_code}")
    found = await _ask(
        w,
        reach,
        " UNION ALL ".join(
            f"SELECT p.id, p.code, p.active, p.default_unit, (SELECT {units} FROM product_units u"
            f" WHERE u.tenant_id = {w.value('tenant')} AND u.product_id = p.id)"
            f" FROM products p WHERE {w.within(Product, 'p')} AND {arm}"
            for arm in arms
        ),
        of=customer_id,
        ids=list(ids),
        codes=list(codes),
    )
    return [
        Ware(
            uuid(row[0]),
            row[1],
            bool(row[2]),
            row[3],
            (row[4] or []) if postgres else loads(row[4]),
        )
        for row in found
    ]


async def codes_near(reach: Reach, customer_id: UUID, code: str, most: int = 200) -> list[str]:
    """Codes of the customer's active products that sort close to one, from either side."""
    w = Writer(reach)
    whose = (
        f"SELECT p.code FROM products p WHERE {w.within(Product, 'p')}"
        f" AND p.customer_id = {w.value('of')} AND p.active AND p.code"
    )
    found = await _ask(
        w,
        reach,
        f"SELECT * FROM ({whose} < {w.value('code')} ORDER BY p.code DESC LIMIT {most}) a"
        f" UNION ALL SELECT * FROM ({whose} >= {w.value('code')} ORDER BY p.code LIMIT {most}) b",
        of=customer_id,
        code=code,
    )
    return [row[0] for row in found]


async def order_of_reference(reach: Reach, customer_id: UUID, reference: str) -> Job | None:
    """The order that holds the reference, else the last that gave it back.

    Looks past the warehouses in reach: a reference is taken for the whole customer.
    """
    w = Writer(Reach(reach.tenant_id, reach.customers, Every.ALL))
    found = await _ask(
        w,
        reach,
        f"SELECT {JOB} FROM outbound_orders t WHERE {w.within(OutboundOrder, 't')}"
        f" AND t.customer_id = {w.value('of')} AND t.reference = {w.value('reference')}"
        " ORDER BY t.status IN ('CANCELLED', 'REJECTED'), t.created_at DESC LIMIT 1",
        of=customer_id,
        reference=reference,
    )
    return _job(found[0]) if found else None


async def order_for_change(reach: Reach, order_id: UUID) -> Job | None:
    """An order in reach, held until the transaction ends."""
    w = Writer(reach)
    lock = " FOR UPDATE" if dialect() is Dialect.POSTGRES else ""
    found = await _ask(
        w,
        reach,
        f"SELECT {JOB} FROM outbound_orders t WHERE {w.within(OutboundOrder, 't')}"
        f" AND t.id = {w.value('id')}{lock}",
        id=order_id,
    )
    return _job(found[0]) if found else None


JOB = "t.id, t.customer_id, t.warehouse_id, t.status, t.version, t.content, t.reference"


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
    found = await _ask(
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
    found = await _ask(
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
    found = await _ask(
        w,
        reach,
        f"SELECT {KNOWN} FROM products t WHERE {w.within(Product, 't')}"
        f" AND t.id = {w.value('id')}{lock}",
        id=product_id,
    )
    return _known(found[0]) if found else None


async def unit_codes(tenant_id: UUID, product_id: UUID) -> list[str]:
    """The units that a product is counted in."""
    p = dialect().placeholder
    found = await rows(
        f"SELECT code FROM product_units WHERE tenant_id = {p(1)} AND product_id = {p(2)}"
        " ORDER BY position",
        *(tenant_id, product_id),
    )
    return [row[0] for row in found]


def _job(row: Row) -> Job:
    return Job(uuid(row[0]), uuid(row[1]), uuid(row[2]), *list(row)[3:])


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


async def _named(table: type[Record], reach: Reach) -> list[Named]:
    w = Writer(reach)
    found = await _ask(
        w,
        reach,
        f"SELECT t.id, t.code, t.name FROM {table._meta.db_table} t"
        f" WHERE {w.within(table, 't')} ORDER BY t.code LIMIT {MOST_NAMED}",
    )
    return [Named(uuid(row[0]), row[1], row[2]) for row in found]
