"""Rows for the oracle's tests: nasty texts, equal instants, nulls wherever a column may be null."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from models.clients import ApiClient
from models.products import Product, ProductEvent, ProductUnit
from models.record import Record, new_id
from models.tenants import Customer, StaffUser, Tenant, Warehouse
from models.words import (
    ConsignmentTrigger,
    PolicyCode,
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
AMOUNTS = tuple(Decimal(text) for text in ("0", "0.000001", "1", "2.5", "12", "1000000.000001"))
"""What stands in warehouses; with more, sums would not fit either."""
MOMENTS = tuple(
    datetime(2026, 11, 23, 9, 30, tzinfo=UTC) + timedelta(**step)
    for step in (
        {}, {"microseconds": 1}, {"milliseconds": 120}, {"seconds": 1}, {"hours": 14.5},
        {"days": -40}, {"days": 400}, {"days": -365 * 40},
    )
)  # fmt: skip
PAST = tuple(datetime(2020, 5, day, 12, tzinfo=UTC) for day in (1, 2, 3, 4))
"""When stock moved."""
DAYS = (date(2026, 11, 23), date(2026, 12, 1), date(2027, 1, 1), date(1999, 2, 28))
ENDED = {"CANCELLED", "REJECTED"}
"""Jobs that stand so leave their reference to others."""
ADDRESS_TEXTS = (
    "company", "contact", "line1", "line2", "suburb", "city", "state", "postcode", "phone", "email",
)  # fmt: skip


@dataclass
class Sizes:
    """How many rows there are."""

    customers: int
    warehouses: int
    products: int
    orders: int
    inbound_orders: int
    consignments: int
    levels: int


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


class Maker:
    """Makes one tenant's rows with the given dice: its places and its goods."""

    def __init__(self, dice: Random, shared: list[UUID]) -> None:
        self.dice = dice
        self.shared = shared
        """Ids that each tenant uses, in the same order."""
        self.used = 0
        self.data = Data(new_id())

    def id(self) -> UUID:
        if self.used == len(self.shared):
            self.shared.append(UUID(int=self.dice.getrandbits(128)))
        self.used += 1
        return self.shared[self.used - 1]

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

    def address(self, prefix: str) -> dict[str, Any]:
        """An address, now and then of nothing."""
        texts, countries = (TEXTS, ("AU", "NZ")) if self.odds(0.8) else ([None], [None])
        told = {f"{prefix}{name}": self.maybe(texts) for name in ADDRESS_TEXTS}
        return told | {f"{prefix}country": self.maybe(countries)}

    def properties(self) -> str | None:
        told = {self.one(TEXTS): self.one(TEXTS) for _ in range(self.one((0, 1, 3)))}
        return json.dumps(told, ensure_ascii=self.odds(0.5)) if self.odds(0.6) else None

    def places(self, sizes: Sizes) -> None:
        add = self.data.add
        add(ApiClient, id=self.id(), name="drawn", active=True, **self.times())
        add(
            StaffUser, id=self.id(), email="e", name="n", role=StaffRole.OPERATOR,
            created_at=MOMENTS[0], modified_at=MOMENTS[0],
        )  # fmt: skip
        for n in range(sizes.warehouses):
            add(
                Warehouse, id=self.id(), code=f"{self.one(TEXTS)}{n}", name=self.one(TEXTS),
                time_zone="UTC", active=self.odds(0.8), gln=self.maybe(TEXTS),
                **self.address("address_"), **self.times(),
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

    # --- what every job has -------------------------------------------------------------------

    def job(self, table: type[Record], statuses: Sequence[Any]) -> dict[str, Any]:
        """Whose it is, where, its reference and where it stands: no two hold one reference."""
        customer_id, reference = self.one(self.data.ids(Customer)), self.one(TEXTS)
        holds, status = self.odds(0.8), self.one(statuses)
        taken = {
            (row["customer_id"], row["reference"])
            for row in self.data.rows.get(table, ())
            if row["holds_reference"] and row["status"] not in ENDED
        }
        if (customer_id, reference) in taken:
            holds = False
        earlier = self.data.ids(table) or [None]
        return {
            "id": self.id(), "customer_id": customer_id,
            "warehouse_id": self.one(self.data.ids(Warehouse)), "reference": reference,
            "holds_reference": holds, "status": status, "version": self.one((1, 2, 3)),
            "instructions": self.maybe(TEXTS), "internal_notes": self.maybe(TEXTS),
            "properties": self.properties(), "replaces_id": self.maybe(earlier), "content": "{}",
            **self.times(),
        }  # fmt: skip

    def lines(self, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What the lines of every order have, of the products of its customer."""
        products = [
            row["id"]
            for row in self.data.rows.get(Product, ())
            if row["customer_id"] == job["customer_id"]
        ]
        for position in self.dice.sample(range(9), self.one((0, 1, 2, 4)) if products else 0):
            yield {
                "id": self.id(), "order_id": job["id"], "position": position,
                "product_id": self.one(products), "unit": self.one(TEXTS),
                "quantity": self.one(QUANTITIES), "unit_base": self.one(QUANTITIES),
                "base_quantity": self.one(QUANTITIES), "batch": self.maybe(TEXTS),
                "expiry_date": self.maybe(DAYS), "properties": self.properties(),
            }  # fmt: skip

    def texts(self) -> str:
        """A JSON list of some."""
        return json.dumps([self.one(TEXTS) for _ in range(self.one((0, 1, 3)))])

    def outcomes(self, table: type[Record], order_id: UUID) -> None:
        for position in self.dice.sample(range(9), self.one((0, 0, 1, 2))):
            self.data.add(
                table, id=self.id(), order_id=order_id, position=position,
                code=self.one(list(PolicyCode)), path=self.texts(), message=self.one(TEXTS),
            )  # fmt: skip

    def events(self, table: type[Record], statuses: Sequence[Any] = (), **whose: UUID) -> None:
        for version in self.dice.sample(range(1, 9), self.one((0, 1, 3))):
            self.data.add(
                table, id=self.id(), **whose, version=version, changed=self.texts(),
                at=self.one(MOMENTS), client_id=self.maybe(self.data.ids(ApiClient)),
                staff_user_id=self.maybe(self.data.ids(StaffUser)),
                **({"status": self.one(statuses)} if statuses else {}),
            )  # fmt: skip
