"""A database of before there was stock is brought up to date: open orders hold what they need."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from models import database
from models.clock import day
from models.database import Dialect, execute, rows
from models.database.migrations import FOLDER, migrate
from models.fields import from_millionths, to_millionths
from models.orders import OutboundOrder, OutboundOrderItem
from models.periods import Period
from models.reach import Reach
from models.record import new_id
from models.words import StaffRole
from resolvers import orders, packing
from resolvers.access import Caller
from resolvers.verify import verify
from tests.asking import perform

PLACED = datetime(2026, 11, 2, 9, tzinfo=UTC)
EXPIRES = date(2027, 1, 31)

TABLES = ("outbound_orders", "outbound_order_items", "outbound_order_events")

STEPS = {
    "DRAFT": ["DRAFT"],
    "AWAITING_STOCK": ["AWAITING_STOCK"],
    "AWAITING_PICK_AND_PACK": ["AWAITING_PICK_AND_PACK"],
    "REJECTED": ["REJECTED"],
    "CANCELLED": ["AWAITING_PICK_AND_PACK", "CANCELLED"],
    "PACKING_IN_PROGRESS": ["AWAITING_PICK_AND_PACK", "PACKING_IN_PROGRESS"],
    "PACKED": ["AWAITING_PICK_AND_PACK", "PACKING_IN_PROGRESS", "PACKED"],
    "DISPATCHED": ["AWAITING_PICK_AND_PACK", "PACKING_IN_PROGRESS", "PACKED", "DISPATCHED"],
}
"""How orders came to where they are."""


async def insert(table: str, **row: Any) -> UUID:
    """One row, as it was written then."""
    known: dict[str, Any] = {"id": new_id(), **row}
    places = ", ".join(database.dialect().placeholder(n) for n in range(1, len(known) + 1))
    await execute(f"INSERT INTO {table} ({', '.join(known)}) VALUES ({places})", *known.values())
    id: UUID = known["id"]
    return id


async def stored(table: str, columns: list[str]) -> list[tuple[str, ...]]:
    """All rows, by their ids."""
    found = await rows(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")
    return [tuple(str(value) for value in row) for row in found]


@dataclass
class Old:
    """An account of before there was stock."""

    tenant: UUID = field(default_factory=new_id)
    named: dict[str, UUID] = field(default_factory=dict)
    """Customers, warehouses, products and orders."""

    async def open(self) -> None:
        times = {"created_at": PLACED, "modified_at": PLACED}
        await insert(
            "tenants", id=self.tenant, name="Harbour 3PL", currency="AUD", time_zone="UTC",
            created_at=PLACED,
        )  # fmt: skip
        own = {"tenant_id": self.tenant}
        for code in ("SYD", "PER"):
            self.named[code] = await insert(
                "warehouses", code=code, name=code, time_zone="UTC", **own, **times
            )
        for code in ("ACME", "ZEN"):
            self.named[code] = await insert("customers", code=code, name=code, **own, **times)
        self.named["client"] = await insert("api_clients", name="Shop", **own, **times)
        self.named["person"] = await insert(
            "staff_users", email="sam@harbour.test", name="Sam", role="OPERATOR",
            created_at=PLACED, **own,
        )  # fmt: skip
        await self.product("TEA", "ACME", EA=1, CTN=12)
        await self.product("WIRE", "ACME", M=1, FOOT="0.3048")
        await self.product("MUG", "ZEN", EA=1)

    async def product(self, code: str, customer: str, **units: int | str) -> None:
        default = next(iter(units))
        times = {"created_at": PLACED, "modified_at": PLACED}
        self.named[code] = made = await insert(
            "products", tenant_id=self.tenant, customer_id=self.named[customer], code=code,
            name=code, default_unit=default, content="{}", **times,
        )  # fmt: skip
        for position, (unit, base) in enumerate(units.items(), start=1):
            await insert(
                "product_units", tenant_id=self.tenant, product_id=made, position=position,
                code=unit, base_quantity=to_millionths(Decimal(base)),
            )  # fmt: skip
        await insert(
            "product_events", tenant_id=self.tenant, product_id=made, version=1, changed="[]",
            at=PLACED, staff_user_id=self.named["person"],
        )  # fmt: skip

    async def order(
        self,
        name: str,
        status: str,
        *items: tuple[Any, ...],
        customer: str = "ACME",
        warehouse: str = "SYD",
        **more: Any,
    ) -> None:
        """Place one by a client, take it to that status, and count what was charged."""
        steps = STEPS[status]
        at = PLACED + timedelta(minutes=len(self.named))
        gone = {"packed_at": at} if status in {"PACKED", "DISPATCHED"} else {}
        gone |= {"dispatched_at": at} if status == "DISPATCHED" else {}
        given = {"reference": name, "status": status, "version": len(steps), **gone, **more}
        self.named[name] = made = await insert(
            "outbound_orders", tenant_id=self.tenant, customer_id=self.named[customer],
            warehouse_id=self.named[warehouse], deliver_method="PICKUP", deliver_company="Cafe",
            instructions="Ring twice", content="{}", created_at=at, modified_at=at, **given,
        )  # fmt: skip
        for position, (code, quantity, unit, *wanted) in enumerate(items, start=1):
            batch, expiry = wanted or (None, None)
            await insert(
                "outbound_order_items", tenant_id=self.tenant, order_id=made, position=position,
                product_id=self.named[code], unit=unit, batch=batch, expiry_date=expiry,
                quantity=to_millionths(Decimal(quantity)),
            )  # fmt: skip
        for version, step in enumerate(steps, start=1):
            by = "client_id" if version == 1 or step == "CANCELLED" else "staff_user_id"
            who = {by: self.named["client" if by == "client_id" else "person"]}
            await insert(
                "outbound_order_events", tenant_id=self.tenant, order_id=made, version=version,
                status=step, changed="[]", at=at, **who,
            )  # fmt: skip
        for command in ["create", *(["cancel"] if status == "CANCELLED" else [])]:
            await insert(
                "ledger", tenant_id=self.tenant, week=Period.at(at, "UTC").week, at=at,
                client_id=self.named["client"], field=f"{command}OutboundOrder", request_id="r",
                object_id=made,
            )  # fmt: skip

    async def levels(self) -> dict[tuple[Any, ...], tuple[Decimal, Decimal, Decimal]]:
        """What stands, what is taken and what is announced, by where and what."""
        names = {str(id): name for name, id in self.named.items()}
        found = await rows(
            "SELECT customer_id, warehouse_id, product_id, batch, expiry_date, condition,"
            " quantity, allocated, incoming FROM stock_levels"
        )
        return {
            (
                *(names[str(id)] for id in (customer, warehouse, product)),
                batch,
                expiry and day(expiry),
                condition,
            ): (from_millionths(there), from_millionths(taken), from_millionths(announced))
            for customer, warehouse, product, batch, expiry, condition, there, taken, announced
            in found
        }  # fmt: skip

    @property
    def person(self) -> Caller:
        return Caller(
            reach=Reach.of_tenant(self.tenant),
            name="Sam",
            tenant_name="Harbour 3PL",
            currency="AUD",
            time_zone="UTC",
            staff_user_id=self.named["person"],
            staff_role=StaffRole.OPERATOR,
        )

    async def move(self, name: str, work: Any) -> str:
        """Have a person do something to an order; where it stands then."""
        order = await OutboundOrder.get(tenant_id=self.tenant, id=self.named[name])
        given = {"id": order.id, "version": order.version}
        await perform(self.person, work.__name__, given, work)
        return (await OutboundOrder.get(tenant_id=self.tenant, id=order.id)).status.value


@pytest_asyncio.fixture
async def old(engine_url: str, tmp_path: Path) -> AsyncIterator[Old]:
    """An account with an order of each kind, before the trade knew stock."""
    first = tmp_path / "first"
    first.mkdir()
    for dialect in Dialect:
        name = f"0001_first_slice.{dialect}.sql"
        (first / name).write_bytes((FOLDER / name).read_bytes())
    await database.connect(engine_url)
    assert await migrate(first) == ["0001_first_slice"]
    account = Old()
    await account.open()
    await account.order("draft", "DRAFT", ("TEA", 5, "EA"))
    await account.order("waiting", "AWAITING_STOCK", ("TEA", 7, "EA"))
    await account.order("rejected", "REJECTED", ("TEA", 1, "EA"))
    await account.order("cancelled", "CANCELLED", ("TEA", 9, "EA"), reference="again")
    await account.order(
        "standing", "AWAITING_PICK_AND_PACK", ("TEA", 3, "EA"), ("TEA", "1.5", "CTN"),
        ("TEA", 2, "EA", "B7", EXPIRES), ("WIRE", "2.5", "FOOT"),
        reference="again", replaces_id=account.named["cancelled"],
    )  # fmt: skip
    await account.order("packing", "PACKING_IN_PROGRESS", ("TEA", 4, "EA"), ("TEA", 1, "PALLET"))
    await account.order("packed", "PACKED", ("TEA", 1, "CTN"), warehouse="PER")
    await account.order("gone", "DISPATCHED", ("TEA", 6, "EA"), ("WIRE", 1, "M", "W1", None))
    await account.order("others'", "AWAITING_PICK_AND_PACK", ("MUG", 8, "EA"), customer="ZEN")
    yield account
    await database.disconnect()


async def test_open_orders_hold_what_they_need(old: Old) -> None:
    await migrate()

    expected = {
        ("ACME", "SYD", "TEA", None, None): 3 + 18 + 4 + 1,
        ("ACME", "SYD", "TEA", "B7", EXPIRES): 2,
        ("ACME", "SYD", "WIRE", None, None): Decimal("0.762"),
        ("ACME", "PER", "TEA", None, None): 12,
        ("ZEN", "SYD", "MUG", None, None): 8,
    }
    levels = {key: level for key, level in (await old.levels()).items() if any(level)}
    assert levels == {(*key, "OK"): (amount, amount, 0) for key, amount in expected.items()}
    assert [str(one) for one in await verify()] == []


@pytest.mark.usefixtures("old")
async def test_no_order_is_harmed() -> None:
    """On SQLite the tables of orders are written anew."""
    columns = {
        table: list((await rows(f"SELECT * FROM {table} LIMIT 1"))[0].keys()) for table in TABLES
    }
    before = {table: await stored(table, columns[table]) for table in TABLES}

    await migrate()

    assert {table: await stored(table, columns[table]) for table in TABLES} == before
    assert [len(before[table]) for table in TABLES] == [9, 14, 16]
    assert list(await rows("SELECT id FROM outbound_orders WHERE NOT holds_reference")) == []


async def test_lines_know_their_unit_as_it_is_now(old: Old) -> None:
    """What has no such unit any more counts as base units."""
    await migrate()

    lines = await OutboundOrderItem.filter(tenant_id=old.tenant).order_by("base_quantity", "unit")
    assert [
        (str(one.quantity), one.unit, one.base_quantity) for one in lines if one.unit != "EA"
    ] == [
        ("2.5", "FOOT", Decimal("0.762")),
        ("1", "M", 1),
        ("1", "PALLET", 1),
        ("1", "CTN", 12),
        ("1.5", "CTN", 18),
    ]


async def test_the_trade_goes_on(old: Old) -> None:
    """What had left can come back and leave again; what is cancelled is free."""
    await migrate()

    assert await old.move("packed", packing.dispatch) == "DISPATCHED"
    assert await old.move("gone", packing.revert) == "PACKED"
    assert [str(one) for one in await verify()] == []
    levels = await old.levels()
    assert levels["ACME", "PER", "TEA", None, None, "OK"] == (0, 0, 0)
    assert levels["ACME", "SYD", "TEA", None, None, "OK"] == (32, 32, 0)
    assert levels["ACME", "SYD", "WIRE", "W1", None, "OK"] == (1, 1, 0)

    assert await old.move("gone", packing.dispatch) == "DISPATCHED"
    assert await old.move("standing", orders.cancel) == "CANCELLED"
    levels = await old.levels()
    # The order that waits for 7 gets what expires first, and 5 besides.
    assert levels["ACME", "SYD", "TEA", "B7", EXPIRES, "OK"] == (2, 2, 0)
    assert levels["ACME", "SYD", "TEA", None, None, "OK"] == (26, 5 + 5, 0)
    assert [str(one) for one in await verify()] == []


async def test_a_blank_batch_is_none(old: Old) -> None:
    """It could be sent then. No goods have it: what waits for them would wait for ever."""
    await old.order("blank", "PACKED", ("MUG", 2, "EA", "", None), ("MUG", 3, "EA"), customer="ZEN")

    await migrate()

    levels = await old.levels()
    assert levels["ZEN", "SYD", "MUG", None, None, "OK"] == (13, 13, 0)
    assert await OutboundOrderItem.filter(tenant_id=old.tenant, batch="").count() == 0
    assert [str(one) for one in await verify()] == []
