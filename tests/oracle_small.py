"""A small operator whose every row is known by heart, for answers that are written by hand.

`@21` in a document or an answer stands for the id of row 21.
"""

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from models.consignments import Consignment, ConsignmentItem
from models.inbound import (
    InboundOrder,
    InboundOrderCount,
    InboundOrderEvent,
    InboundOrderItem,
    InboundOrderOutcome,
)
from models.orders import OutboundOrder, OutboundOrderEvent, OutboundOrderItem
from models.products import Product, ProductUnit
from models.reach import Every, Reach
from models.record import Record
from models.stock import StockLevel, StockMovement
from models.tenants import Customer, Tenant, Warehouse
from models.words import (
    ApiRole,
    Condition,
    ConsignmentStatus,
    ConsignmentType,
    DeliveryMethod,
    InboundStatus,
    MovementKind,
    OutboundStatus,
    PolicyCode,
)
from resolvers.access import Caller
from schema import Schema
from schema.context import Context
from schema.finished import encode
from tests.oracle_runs import caller, staff

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EARLIER = datetime(2026, 11, 20, 1, 2, 3, 4, tzinfo=UTC)
NASTY = 'Two\nlines, "quoted", \\ and it\'s \U0001f69a'


class Case(NamedTuple):
    """What it shows, who asks, the document, the answer."""

    shows: str
    who: str
    document: str
    answer: dict[str, Any]


def row_id(number: int) -> UUID:
    return UUID(f"01990000-0000-7000-8000-{number:012}")


def with_ids(text: str) -> str:
    """The text, with ids where rows are named."""
    return re.sub(r"@(\d+)", lambda found: str(row_id(int(found[1]))), text)


OURS, THEIRS = row_id(901), row_id(902)


def reaching(customers: Any = Every.ALL, warehouses: Any = Every.ALL) -> Caller:
    made = staff(OURS)
    ends = [end if isinstance(end, Every) else frozenset(map(row_id, end))
            for end in (customers, warehouses)]  # fmt: skip
    return caller(Reach(OURS, *ends), staff_user_id=made.staff_user_id, staff_role=made.staff_role)


CALLERS = {
    "staff": staff(OURS),
    "live": reaching(Every.LIVE),
    "acme": reaching([11]),
    "sydney": reaching(warehouses=[1]),
    "zen in perth": reaching([12], [2]),
    "nobody's": reaching([]),
    "nowhere": reaching(warehouses=[]),
    "other tenant": staff(THEIRS),
    "clerk": caller(
        Reach.of_tenant(OURS),
        client_id=row_id(903),
        roles=frozenset({ApiRole.WMS_ADD_PRODUCT}),
        sandbox=True,
    ),
}


async def add(table: type[Record], number: int, tenant_id: UUID = OURS, **row: Any) -> None:
    for name, value in row.items():
        if name.endswith("_id") and isinstance(value, int):
            row[name] = row_id(value)
    if "created_at" in table._meta.fields_map:
        row = {"created_at": NOON, "modified_at": NOON} | row
    await table.create(id=row_id(number), tenant_id=tenant_id, **row)


async def order(number: int, reference: str, customer: int, warehouse: int, **row: Any) -> None:
    plain = {
        "status": OutboundStatus.AWAITING_PICK_AND_PACK,
        "deliver_method": DeliveryMethod.PICKUP,
        "content": "{}",
    }
    ends = {"customer_id": customer, "warehouse_id": warehouse}
    await add(OutboundOrder, number, reference=reference, **ends, **(plain | row))


async def item(number: int, order: int, position: int, **row: Any) -> None:
    sizes = {"unit_base": Decimal(1), "base_quantity": row["quantity"]}
    await add(OutboundOrderItem, number, order_id=order, position=position, **(sizes | row))


async def small_world() -> None:
    """Two warehouses, four customers and what they trade; and a namesake tenant."""
    for tenant_id, name in ((OURS, "Harbour 3PL"), (THEIRS, "Namesake")):
        await Tenant.create(
            id=tenant_id, name=name, currency="AUD", time_zone="UTC", created_at=NOON
        )
    await add(Warehouse, 1, code="SYD", name="Sydney", time_zone="Australia/Sydney")
    await add(Warehouse, 2, code="PER", name="Perth", time_zone="Australia/Perth", active=False)
    await add(Customer, 11, code="ACME", name="Acme Pty Ltd", default_warehouse_id=1)
    await add(Customer, 12, code="ZEN", name='Zen "Teas"')
    await add(Customer, 13, code="ACME-TEST", name="Acme", sandbox=True, default_warehouse_id=2)
    await add(Customer, 14, code="OLD", name="Ärger & Söhne", active=False)
    await add(Warehouse, 1, THEIRS, code="THEIRS", name="Elsewhere", time_zone="UTC")
    await add(Customer, 11, THEIRS, code="THEIRS", name="Somebody else")
    await products()
    await orders()
    await inbound_orders()
    await consignments()
    await stock()


async def products() -> None:
    tea = {"code": "TEA-1", "default_unit": "EA", "content": "{}"}
    await add(Product, 21, customer_id=11, name="Tea", type="Groceries", **tea)
    await add(
        Product, 22, customer_id=11, code="MUG-1", name="Mug", description=NASTY, active=False,
        default_unit="EA", content="{}",
    )  # fmt: skip
    await add(Product, 23, customer_id=12, name="Zen tea", type="groceries", **tea)
    await add(Product, 24, customer_id=13, name="Trial tea", type="Trial", **tea)
    await add(
        ProductUnit, 31, product_id=21, position=2, code="CTN", base_quantity=Decimal(12),
        weight_kg=Decimal("3.25"), length_m=Decimal("0.000001"), directly_shippable=False,
    )  # fmt: skip
    await add(
        ProductUnit, 32, product_id=21, position=1, code="EA", base_quantity=Decimal(1),
        weight_kg=Decimal("0.250000"), barcode="93",
    )  # fmt: skip


async def orders() -> None:
    await order(
        41, "A-1", 11, 1, status=OutboundStatus.DISPATCHED, version=3, urgent=True,
        instructions=NASTY, internal_notes="Call first", ship_by=date(2026, 11, 24),
        allow_splitting=False, invoice_value=123_450, invoice_value_currency="AUD",
        deliver_company="Shop", deliver_contact="Alex", deliver_line1="1 High St",
        deliver_line2="Unit 2", deliver_suburb="Dock", deliver_city="Sydney", deliver_state="NSW",
        deliver_postcode="2000", deliver_country="AU", deliver_phone="+61",
        deliver_email="a@b.test", deliver_method=DeliveryMethod.SHIPPING,
        deliver_requested_service="Express", deliver_instructions="Ring",
        deliver_required_on=date(2026, 11, 30),
        cash_on_delivery=500, cash_on_delivery_currency="JPY", created_at=EARLIER,
        packed_at=NOON, dispatched_at=NOON + timedelta(microseconds=120_000),
    )  # fmt: skip
    await order(42, "A-2", 11, 2, status=OutboundStatus.CANCELLED)
    await order(43, "A-2", 11, 1, replaces_id=42)
    await order(44, "Z-1", 12, 1, invoice_value=9_007_199_254_740_993, invoice_value_currency="EUR",
                modified_at=NOON + timedelta(days=1))  # fmt: skip
    await order(45, "T-1", 13, 1, ship_by=date(2026, 11, 23))
    await item(
        52, 41, 1, product_id=21, unit="EA", quantity=Decimal("2.5"), batch="B 1",
        approximate_unit_price=5, approximate_unit_price_currency="KWD",
        expiry_date=date(2027, 1, 31),
    )  # fmt: skip
    await item(51, 41, 2, product_id=22, unit="EA", quantity=Decimal(1))
    await item(
        53, 44, 1, product_id=23, unit="EA", quantity=Decimal("9223372036854.775807"),
        approximate_unit_price=-5, approximate_unit_price_currency="AUD",
    )  # fmt: skip
    for version, status, changed in (
        (2, OutboundStatus.PACKED, '["status"]'),
        (1, OutboundStatus.AWAITING_PICK_AND_PACK, "[]"),
        (3, OutboundStatus.DISPATCHED, '["status", "deliver"]'),
    ):
        await add(
            OutboundOrderEvent, 60 + version, order_id=41, version=version, status=status,
            changed=changed, at=NOON,
        )  # fmt: skip


async def inbound_orders() -> None:
    plain = {"customer_id": 11, "reference": "IN-1", "content": "{}"}
    await add(
        InboundOrder, 71, **plain, warehouse_id=1, status=InboundStatus.ALLOCATED, version=2,
        arrives_on=date(2026, 11, 19), properties='{"season": "2027", "colour": "\\u00e9 \\"x\\""}',
        received_at=EARLIER, verified_at=EARLIER, allocated_at=NOON, created_at=EARLIER,
    )  # fmt: skip
    rest = {"holds_reference": False, "status": InboundStatus.NOT_YET_RECEIVED, "rest_of_id": 71}
    await add(InboundOrder, 74, **plain, **rest, warehouse_id=2)
    await add(InboundOrder, 73, **plain, **rest, warehouse_id=1)
    await add(InboundOrder, 75, **plain, **rest, warehouse_id=1, created_at=EARLIER)
    line = {"order_id": 71, "unit_base": Decimal(12), "base_quantity": Decimal(30)}
    await add(
        InboundOrderItem, 76, **line, position=1, product_id=21, unit="CTN",
        quantity=Decimal("2.5"), received_quantity=Decimal(2), condition=Condition.QUARANTINE,
        batch="B 1", expiry_date=date(2027, 1, 31), sscc="093123450000000012",
        properties='{"pallet": "1"}',
    )  # fmt: skip
    await add(
        InboundOrderItem, 77, **line, position=0, product_id=22, unit="EA", quantity=Decimal(1)
    )
    count = {"order_id": 71, "item_id": 76}
    await add(
        InboundOrderCount, 79, **count, position=1, condition=Condition.OK,
        quantity=Decimal("1.5"),
    )  # fmt: skip
    await add(
        InboundOrderCount, 78, **count, position=0, condition=Condition.DAMAGED,
        quantity=Decimal("0.5"), batch="B 2", expiry_date=date(2027, 2, 28),
    )  # fmt: skip
    await add(
        InboundOrderOutcome, 701, order_id=71, position=0, code=PolicyCode.LINE_DROPPED,
        path='["input", "items", "2"]', message=NASTY,
    )  # fmt: skip
    await add(
        InboundOrderEvent, 702, order_id=71, version=2, status=InboundStatus.ALLOCATED,
        changed='["status"]', at=NOON,
    )  # fmt: skip


async def consignments() -> None:
    await add(
        Consignment, 81, customer_id=11, warehouse_id=1, type=ConsignmentType.DELIVERY,
        reference="C-1", status=ConsignmentStatus.DELIVERED, version=4, collect_city="Sydney",
        deliver_line1="1 High St", deliver_country="AU", cost=1_250, cost_currency="AUD",
        tracking_url="https://carrier.test/1", outbound_order_id=41, delivered_at=NOON,
        authority_to_leave=True, content="{}",
    )  # fmt: skip
    await add(
        Consignment, 84, customer_id=12, warehouse_id=2, type=ConsignmentType.PICKUP,
        reference="C-2", status=ConsignmentStatus.AWAITING_DROPOFF, drop_off=True,
        outbound_order_id=44, delivered_recipient="Kim", content="{}",
    )  # fmt: skip
    line = {"consignment_id": 81, "quantity": Decimal(2)}
    await add(ConsignmentItem, 83, **line, position=1, description="Pallets", pallets=Decimal(2))
    await add(
        ConsignmentItem, 82, **line, position=0, description="Boxes", weight_kg=Decimal("7.25"),
        cubic_m3=Decimal("0.000001"), spaces=Decimal("0.5"), delivered_quantity=Decimal(1),
    )  # fmt: skip


async def stock() -> None:
    tea = {"customer_id": 11, "product_id": 21, "product_code": "TEA-1", "incoming": Decimal(0)}
    none = {"quantity": Decimal(0), "allocated": Decimal(0)}
    fresh = {"condition": Condition.OK, "batch": "B 1", "expiry_date": date(2027, 1, 31)}
    await add(
        StockLevel, 91, **tea, **fresh, warehouse_id=1, quantity=Decimal(10),
        allocated=Decimal("2.5"),
    )  # fmt: skip
    await add(
        StockLevel, 92, **tea, warehouse_id=1, condition=Condition.DAMAGED, quantity=Decimal(3),
        allocated=Decimal(0),
    )  # fmt: skip
    await add(StockLevel, 93, **tea, **none, warehouse_id=2, condition=Condition.OK)
    zen = {"customer_id": 12, "product_id": 23, "product_code": "TEA-1", "incoming": Decimal(5)}
    await add(StockLevel, 94, **zen, **none, warehouse_id=1, condition=Condition.OK)
    for number, day, quantity, allocated in ((95, 1, "12", "0"), (96, 3, "-2", "2.5")):
        await add(
            StockMovement, number, level_id=91, kind=MovementKind.ADJUSTED, incoming=Decimal(0),
            at=datetime(2020, 5, day, tzinfo=UTC), quantity=Decimal(quantity),
            allocated=Decimal(allocated),
        )  # fmt: skip


async def ask(schema: Schema, who: str, text: str, **variables: Any) -> Any:
    """An answer as JSON, and of each error where it is, its code, and what it says is wrong."""
    result = await schema.execute(
        with_ids(text),
        variable_values=json.loads(with_ids(json.dumps(variables))),
        context_value=Context(CALLERS[who], "small"),
    )
    errors = []
    for error in result.errors or ():
        told = {"path": error.path, "code": error.extensions["code"]}
        if "path" in error.extensions:
            told["where"] = error.extensions["path"]
        errors.append(told)
    return json.loads(encode({"data": result.data, "errors": errors}))
