"""Nothing ever crosses a tenant, and the database itself sees to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from tortoise import Model
from tortoise.context import get_current_context

from models.allowances import Allowance
from models.database import BrokenReference, DatabaseFault, Dialect, dialect, execute, rows
from models.record import Record, new_id
from models.tenants import Identity, Tenant
from models.writing import POSTGRES_TYPES

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)

NO_TENANTS = {"tenants", "identities", "allowances", "schema_migrations"}
"""Tables that belong to no tenant: who there is, whose a name is, how often one may ask (strangers'
addresses have no tenant), and the runner's own.
"""

POINTS_NOWHERE = {
    # What they name is of one of several tables, which no key can say.
    "idempotency_keys.caller_id",
    "idempotency_keys.object_id",
    "report_runs.caller_id",
    "ledger.object_id",
    # A line may be replaced, and the movement it caused stays.
    "stock_movements.item_id",
    "audit_events.subject_id",
    # A note beside the call, kept for 90 days; its client is what it belongs to.
    "calls.credential_id",
    "calls.customer_id",
    "calls.warehouse_id",
    "calls.object_id",
}


class Reference(NamedTuple):
    """A foreign key."""

    table: str
    columns: tuple[str, ...]
    other: str
    other_columns: tuple[str, ...]
    on_delete: str

    @property
    def column(self) -> str:
        """The one beside the tenant."""
        return self.columns[-1]


class Column(NamedTuple):
    """A column as the database has it."""

    type: str
    nullable: bool
    default: bool


@dataclass
class Book:
    """What the migrated database says of itself."""

    tables: dict[str, dict[str, Column]]
    keys: dict[str, tuple[str, ...]]
    references: list[Reference]

    @property
    def crossing(self) -> list[Reference]:
        """Those that could cross."""
        return [one for one in self.references if one.other != "tenants"]


async def book() -> Book:
    return await (_of_sqlite() if dialect() is Dialect.SQLITE else _of_postgres())


async def _of_sqlite() -> Book:
    named = await rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
    tables, keys, references = {}, {}, []
    for [table] in named:
        facts = await rows(f"SELECT * FROM pragma_table_info('{table}')")
        tables[table] = {
            name: Column(type_.lower(), not required and not key, default is not None)
            for _, name, type_, required, default, key in facts
        }
        keys[table] = tuple(one[1] for one in sorted(facts, key=lambda fact: fact[5]) if one[5])
        found: dict[int, list[Any]] = {}
        for one in await rows(f"SELECT * FROM pragma_foreign_key_list('{table}') ORDER BY id, seq"):
            found.setdefault(one[0], []).append(tuple(one))
        references += [
            Reference(
                table,
                tuple(one[3] for one in parts),
                parts[0][2],
                tuple(one[4] for one in parts),
                parts[0][6],
            )
            for parts in found.values()
        ]
    return Book(tables, keys, references)


async def _of_postgres() -> Book:
    tables: dict[str, dict[str, Column]] = {}
    for table, name, type_, nullable, default in await rows(
        "SELECT table_name, column_name, data_type, is_nullable = 'YES', column_default IS NOT NULL"
        " FROM information_schema.columns WHERE table_schema = 'public'"
    ):
        tables.setdefault(table, {})[name] = Column(type_, nullable, default)
    columns = (
        "(SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest({}) WITH ORDINALITY k (c, n)"
        " JOIN pg_attribute a ON a.attrelid = {} AND a.attnum = k.c)"
    )
    constraints = await rows(
        "SELECT c.contype::text, r.relname::text, f.relname::text, c.confdeltype::text,"
        f" {columns.format('c.conkey', 'c.conrelid')}, {columns.format('c.confkey', 'c.confrelid')}"
        " FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid"
        " LEFT JOIN pg_class f ON f.oid = c.confrelid WHERE c.contype IN ('p', 'f')"
        " AND c.connamespace = 'public'::regnamespace"
    )
    deletes = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL"}
    return Book(
        tables,
        {table: tuple(held) for kind, table, _, _, held, _ in constraints if kind == "p"},
        [
            Reference(table, tuple(held), other, tuple(others), deletes[deleting])
            for kind, table, other, deleting, held, others in constraints
            if kind == "f"
        ],
    )


@dataclass
class Rows:
    """Makes rows of any table that are whole, and nothing more."""

    book: Book
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    async def add(self, table: str, tenant: UUID, **given: Any) -> UUID:
        """A new row and all that it refers to, with these values where others would do as well."""
        row = {"tenant_id": tenant, "id": new_id(), **given}
        refers = {one.column: one.other for one in self.book.crossing if one.table == table}
        for name, column in self.book.tables[table].items():
            if name in row or column.nullable or column.default:
                continue
            if name in refers:
                row[name] = await self.add(refers[name], tenant)
            else:
                row[name] = self.value(name, column.type)
        names = ", ".join(row)
        places = ", ".join(dialect().placeholder(number + 1) for number in range(len(row)))
        await execute(f"INSERT INTO {table} ({names}) VALUES ({places})", *row.values())
        return UUID(str(row["id"]))

    def value(self, name: str, type_: str) -> Any:
        number = next(self.numbers)
        values = {
            "uuid": new_id(),
            "timestamp with time zone": datetime.now(UTC),
            "date": date(2026, 1, 1) + number * DAY,
            "boolean": True,
            "json": "[]",
            "jsonb": "[]",
            "bytea": b"x",
            "blob": b"x",
        }
        if type_ in {"integer", "bigint", "smallint"}:
            return number
        return "AUD" if name == "currency" else values.get(type_, f"x{number}")


async def two_tenants() -> tuple[UUID, UUID]:
    made = [
        await Tenant.create(
            name=name, currency="AUD", time_zone="Australia/Sydney", created_at=datetime.now(UTC)
        )
        for name in ("Ours", "Theirs")
    ]
    return made[0].id, made[1].id


async def test_every_reference_names_the_tenant() -> None:
    facts = await book()

    assert len(facts.crossing) > 25
    for one in facts.references:
        whole = (one.columns, one.other, one.other_columns)
        of_tenant = (("tenant_id",), "tenants", ("id",))
        assert whole in {of_tenant, (("tenant_id", one.column), one.other, ("tenant_id", "id"))}
        # SET NULL would set the tenant to null, too, and CASCADE takes what nobody asked for.
        assert one.on_delete in {"NO ACTION", "RESTRICT"}, one


async def test_every_id_of_another_row_is_a_reference() -> None:
    facts = await book()
    held = {(one.table, one.column) for one in facts.references}

    loose = {
        f"{table}.{name}"
        for table, columns in facts.tables.items()
        for name in columns
        if name.endswith("_id") and table not in NO_TENANTS
        if (table, name) not in held and name not in {"tenant_id", "request_id"}
    }
    assert loose == POINTS_NOWHERE


async def test_the_tenant_leads_every_key() -> None:
    facts = await book()
    owned = set(facts.tables) - NO_TENANTS

    assert {facts.keys[table] for table in owned} == {("tenant_id", "id")}
    for table in owned:
        leads_to_tenants = any(
            one.other == "tenants" for one in facts.references if one.table == table
        )
        leads_elsewhere = any(one.table == table for one in facts.crossing)
        assert leads_to_tenants or leads_elsewhere, f"{table} would keep rows of no tenant"


async def test_no_row_can_point_into_another_tenant() -> None:
    """For each reference there is: the same row with a neighbour of its own is taken."""
    facts = await book()
    ours, theirs = await two_tenants()
    make = Rows(facts)

    for one in facts.crossing:
        stranger = await make.add(one.other, theirs)
        with pytest.raises(BrokenReference):
            await make.add(one.table, ours, **{one.column: stranger})

        own = await make.add(one.table, ours, **{one.column: await make.add(one.other, ours)})
        places = [dialect().placeholder(number) for number in (1, 2, 3)]
        # The audit log takes no change at all.
        refused = DatabaseFault if one.table == "audit_events" else BrokenReference
        with pytest.raises(refused):
            await execute(
                f"UPDATE {one.table} SET {one.column} = {places[0]}"
                f" WHERE tenant_id = {places[1]} AND id = {places[2]}",
                stranger,
                ours,
                own,
            )


async def test_no_row_can_be_moved_to_another_tenant_while_something_points_at_it() -> None:
    facts = await book()
    ours, theirs = await two_tenants()
    make = Rows(facts)
    places = [dialect().placeholder(number) for number in (1, 2, 3)]

    for one in facts.crossing:
        parent = await make.add(one.other, ours)
        await make.add(one.table, ours, **{one.column: parent})
        with pytest.raises(BrokenReference):
            await execute(
                f"UPDATE {one.other} SET tenant_id = {places[0]}"
                f" WHERE tenant_id = {places[1]} AND id = {places[2]}",
                theirs,
                ours,
                parent,
            )


async def test_two_tenants_may_have_the_same_id() -> None:
    """Then an id alone names two rows, and only the tenant tells which."""
    facts = await book()
    ours, theirs = await two_tenants()
    make = Rows(facts)
    same = new_id()

    for tenant in (ours, theirs):
        await make.add("customers", tenant, id=same)
    found = await rows(
        f"SELECT count(*) FROM customers WHERE id = {dialect().placeholder(1)}", same
    )

    assert found[0][0] == 2


# --- models and migrations -----------------------------------------------------------------------


def models() -> list[type[Model]]:
    """Every table that Tortoise knows."""
    context = get_current_context()
    assert context is not None
    assert context.apps is not None
    return list(context.apps["models"].values())


async def test_models_and_migrations_have_the_same_columns() -> None:
    """Column by column, and which of them may be null."""
    facts = await book()
    known = {model._meta.db_table: model for model in models()}

    assert set(known) == set(facts.tables) - {"schema_migrations"}
    for table, model in known.items():
        said = {
            model._meta.fields_map[name].source_field or name: model._meta.fields_map[name]
            for name in model._meta.fields_db_projection
        }
        assert set(said) == set(facts.tables[table]), table
        for name, one in said.items():
            assert one.null is facts.tables[table][name].nullable, f"{table}.{name}"


async def test_models_and_migrations_have_the_same_types_on_postgresql() -> None:
    if dialect() is not Dialect.POSTGRES:
        return  # it has two types, and its tables are strict
    facts = await book()
    names = {"timestamptz": "timestamp with time zone"}
    for model in models():
        for name in model._meta.fields_db_projection:
            wanted = POSTGRES_TYPES.get(type(model._meta.fields_map[name]), "text")
            column = model._meta.fields_map[name].source_field or name
            assert facts.tables[model._meta.db_table][column].type == names.get(wanted, wanted), (
                f"{model._meta.db_table}.{column}"
            )


def test_only_three_models_are_no_tenants_rows() -> None:
    assert {model for model in models() if not issubclass(model, Record)} == {
        Tenant,
        Identity,
        Allowance,
    }


async def test_nothing_leads_to_what_belongs_to_no_tenant_but_to_the_tenants() -> None:
    """So each of these tables may stand wherever the tenants are spread to."""
    facts = await book()

    assert {one.other for one in facts.references} & NO_TENANTS == {"tenants"}
    assert [one for one in facts.references if one.table == "allowances"] == []
    assert facts.keys["allowances"] == ("subject",)
