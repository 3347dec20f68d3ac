"""Rows for the oracle's tests: nasty texts, equal instants, nulls wherever a column may be null."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from models.clients import ApiClient
from models.orders import OutboundOrder, OutboundOrderEvent, OutboundOrderItem
from models.products import Product, ProductEvent, ProductUnit
from models.record import Record, new_id
from models.tenants import Customer, StaffUser, Tenant, Warehouse
from models.words import (
    ConsignmentTrigger,
    DeliveryMethod,
    OutboundStatus,
    Selection,
    ShortStockPolicy,
    StaffRole,
    UnknownProductPolicy,
    UnknownUnitPolicy,
)

TEXTS = (
    "", "a", "A", "ab", "Zebra", "zebra", "Ärger", "ärger", "ß", "SS", "a'b", 'say "when"',
    "back\\slash", "\\u0041", "new\nline", "tab\tand\rreturn", "\x01\x1f\x7f", "50 %", "a_b",
    "*?[a]", "</script>", "null", "{}", '{"j":[1]}', "\u2028\u2029", "e\u0301", "\u00e9", "日本",
    "\U0001f69a box", "\ufeff", "\u202eright", " lead", "trail ", "a" * 300, "0", "-1", "1e5",
)  # fmt: skip
CURRENCIES = ("AUD", "JPY", "KWD", "EUR")
MINOR = (0, 1, 9, 10, 99, 100, 101, 1_000, 12_345, 10**15 + 1, 9_007_199_254_740_993)
QUANTITIES = tuple(
    Decimal(text)
    for text in (
        "1", "10", "100", "0.5", "0.000001", "2.50", "12.345678", "1000000.000001",
        "1234567890123", "9223372036854.775807",
    )
)  # fmt: skip
MOMENTS = tuple(
    datetime(2026, 11, 23, 9, 30, tzinfo=UTC) + timedelta(**step)
    for step in (
        {}, {"microseconds": 1}, {"milliseconds": 120}, {"seconds": 1}, {"hours": 14.5},
        {"days": -40}, {"days": 400}, {"days": -365 * 40},
    )
)  # fmt: skip
DAYS = (date(2026, 11, 23), date(2026, 12, 1), date(2027, 1, 1), date(1999, 2, 28))
ORDER_TEXTS = (
    "instructions", "internal_notes", "deliver_company", "deliver_contact", "deliver_line1",
    "deliver_line2", "deliver_suburb", "deliver_city", "deliver_state", "deliver_postcode",
    "deliver_phone", "deliver_email", "deliver_requested_service", "deliver_instructions",
)  # fmt: skip
STANDING = set(OutboundStatus) - {OutboundStatus.CANCELLED, OutboundStatus.REJECTED}


@dataclass
class Sizes:
    """How many rows there are."""

    customers: int
    warehouses: int
    products: int
    orders: int


@dataclass
class Data:
    """The rows of one tenant, before they are stored."""

    tenant_id: UUID
    rows: dict[type[Record], list[dict[str, Any]]] = field(default_factory=dict, repr=False)

    def add(self, table: type[Record], **row: Any) -> dict[str, Any]:
        self.rows.setdefault(table, []).append({"tenant_id": self.tenant_id, **row})
        return row

    def ids(self, table: type[Record]) -> list[UUID]:
        return [row["id"] for row in self.rows.get(table, ())]

    def named(self, name: str) -> list[dict[str, Any]]:
        return [row for table, rows in self.rows.items() for row in rows if table.__name__ == name]

    @property
    def all_ids(self) -> list[UUID]:
        return [row["id"] for rows in self.rows.values() for row in rows]

    async def store(self) -> None:
        now = MOMENTS[0]
        await Tenant.create(
            id=self.tenant_id, name="Drawn", currency="AUD", time_zone="UTC", created_at=now
        )
        for table, rows in self.rows.items():
            await table.bulk_create([table(**row) for row in rows])


def two_tenants(seed: int, sizes: Sizes) -> tuple[Data, Data]:
    """Two tenants whose rows have the same ids, and different contents."""
    dice = Random(seed)  # noqa: S311 - no secret
    shared = [UUID(int=dice.getrandbits(128)) for _ in range(400)]
    first, second = (Maker(dice, shared).make(sizes) for _ in range(2))
    return first, second


class Maker:
    """Makes one tenant's rows with the given dice."""

    def __init__(self, dice: Random, ids: Sequence[UUID]) -> None:
        self.dice = dice
        self.ids = iter(ids)
        self.data = Data(new_id())

    def id(self) -> UUID:
        return next(self.ids)

    def one(self, pool: Sequence[Any]) -> Any:
        return self.dice.choice(pool)

    def maybe(self, pool: Sequence[Any]) -> Any:
        return self.one(pool) if self.dice.random() < 0.6 else None

    def odds(self, chance: float) -> bool:
        return self.dice.random() < chance

    def money(self, name: str) -> dict[str, Any]:
        currency = self.maybe(CURRENCIES)
        return {name: currency and self.one(MINOR), f"{name}_currency": currency}

    def times(self) -> dict[str, datetime]:
        return {"created_at": self.one(MOMENTS), "modified_at": self.one(MOMENTS)}

    def make(self, sizes: Sizes) -> Data:
        add = self.data.add
        add(ApiClient, id=self.id(), name="drawn", active=True, **self.times())
        add(
            StaffUser, id=self.id(), email="e", name="n", role=StaffRole.OPERATOR,
            created_at=MOMENTS[0],
        )  # fmt: skip
        for n in range(sizes.warehouses):
            add(
                Warehouse, id=self.id(), code=f"{self.one(TEXTS)}{n}", name=self.one(TEXTS),
                time_zone="UTC", active=self.odds(0.8), gln=self.maybe(TEXTS),
                address_company=self.maybe(TEXTS), address_line1=self.maybe(TEXTS),
                address_city=self.maybe(TEXTS), **self.times(),
            )  # fmt: skip
        for n in range(sizes.customers):
            add(
                Customer, id=self.id(), code=f"{self.one(TEXTS)}{n}", name=self.one(TEXTS),
                sandbox=self.odds(0.3), active=self.odds(0.8),
                default_warehouse_id=self.maybe(self.data.ids(Warehouse)),
                short_stock=self.maybe(list(ShortStockPolicy)),
                unknown_product=self.maybe(list(UnknownProductPolicy)),
                unknown_unit=self.maybe(list(UnknownUnitPolicy)),
                makes_consignments=self.maybe(list(ConsignmentTrigger)), **self.times(),
            )  # fmt: skip
        for n in range(sizes.products):
            self.product(n)
        for _ in range(sizes.orders):
            self.order()
        return self.data

    def product(self, n: int) -> None:
        product = self.data.add(
            Product, id=self.id(), customer_id=self.one(self.data.ids(Customer)),
            code=f"{self.one(TEXTS)}{n // 2}" if n % 2 else f"P{n}", name=self.one(TEXTS),
            type=self.maybe(TEXTS), description=self.maybe(TEXTS), default_unit=self.one(TEXTS),
            active=self.odds(0.7), version=self.one((1, 2, 2**31 - 1)), content="{}",
            requires_batch=self.odds(0.5), requires_expiry=self.odds(0.5),
            selection=self.one(list(Selection)), selection_strict=self.odds(0.5),
            expiry_threshold_days=self.maybe((0, 30)), hs_code=self.maybe(TEXTS),
            country_of_origin=self.maybe(("AU", "NZ")),
            low_stock_quantity=self.maybe(QUANTITIES), expiry_notice_days=self.maybe((0, 7)),
            **self.times(),
        )  # fmt: skip
        for position in self.dice.sample(range(9), self.one((0, 1, 2, 3))):
            self.data.add(
                ProductUnit, id=self.id(), product_id=product["id"], position=position,
                code=f"U{position}", base_quantity=self.one(QUANTITIES),
                weight_kg=self.maybe(QUANTITIES), length_m=self.maybe(QUANTITIES),
                width_m=self.maybe(QUANTITIES), height_m=self.maybe(QUANTITIES),
                barcode=self.maybe(TEXTS), directly_shippable=self.odds(0.5),
            )  # fmt: skip
        self.events(ProductEvent, product_id=product["id"])

    def order(self) -> None:
        orders, customer_id = (
            self.data.rows.get(OutboundOrder, []),
            self.one(self.data.ids(Customer)),
        )
        reference, status = self.one(TEXTS), self.one(list(OutboundStatus))
        taken = {
            (row["customer_id"], row["reference"]) for row in orders if row["status"] in STANDING
        }
        if (customer_id, reference) in taken:
            status = OutboundStatus.CANCELLED
        order = self.data.add(
            OutboundOrder, id=self.id(), customer_id=customer_id,
            warehouse_id=self.one(self.data.ids(Warehouse)), reference=reference, status=status,
            version=self.one((1, 2, 3)), urgent=self.odds(0.5), ship_by=self.maybe(DAYS),
            allow_splitting=self.odds(0.5), deliver_country=self.maybe(("AU", "NZ")),
            deliver_method=self.one(list(DeliveryMethod)), deliver_required_on=self.maybe(DAYS),
            replaces_id=self.maybe([row["id"] for row in orders] or [None]), content="{}",
            packed_at=self.maybe(MOMENTS), dispatched_at=self.maybe(MOMENTS),
            **{name: self.maybe(TEXTS) for name in ORDER_TEXTS}, **self.money("invoice_value"),
            **self.money("cash_on_delivery"), **self.times(),
        )  # fmt: skip
        self.lines(order)

    def lines(self, order: dict[str, Any]) -> None:
        products = [
            row["id"]
            for row in self.data.rows.get(Product, ())
            if row["customer_id"] == order["customer_id"]
        ]
        for position in self.dice.sample(range(9), self.one((0, 1, 2, 4)) if products else 0):
            self.data.add(
                OutboundOrderItem, id=self.id(), order_id=order["id"], position=position,
                product_id=self.one(products), unit=self.one(TEXTS),
                quantity=self.one(QUANTITIES), batch=self.maybe(TEXTS),
                expiry_date=self.maybe(DAYS), **self.money("approximate_unit_price"),
            )  # fmt: skip
        self.events(OutboundOrderEvent, order_id=order["id"])

    def events(self, table: type[Record], **whose: UUID) -> None:
        status = table is OutboundOrderEvent
        for version in self.dice.sample(range(1, 9), self.one((0, 1, 3))):
            changed = [self.one(TEXTS) for _ in range(self.one((0, 1, 3)))]
            self.data.add(
                table, id=self.id(), **whose, version=version, changed=json.dumps(changed),
                at=self.one(MOMENTS), client_id=self.maybe(self.data.ids(ApiClient)),
                staff_user_id=self.maybe(self.data.ids(StaffUser)),
                **({"status": self.one(list(OutboundStatus))} if status else {}),
            )  # fmt: skip
