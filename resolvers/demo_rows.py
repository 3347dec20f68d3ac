"""The demonstration's products and orders. The same ones every time, but for the days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from models.orders import OutboundOrder, OutboundOrderEvent, OutboundOrderItem
from models.products import Product, ProductEvent, ProductUnit
from models.record import Record, new_id
from models.words import DeliveryMethod, OutboundStatus
from resolvers.contents import as_json, camel, canonical
from resolvers.demo_data import DemoTenant
from resolvers.order_rows import delivery_columns, plain_columns

PRODUCTS = 200
ORDERS = 2_000
SPREAD = timedelta(weeks=6)
URGENT = 0.1
CALLED_OFF = 0.03
SIZES = ("small", "medium", "large", "twin pack", "bulk")
STREETS = ("Harbour Street", "Station Road", "Mill Lane", "Market Square", "Garden Avenue")
NAMES = ("Alex Martin", "Sam Wong", "Kim Larsen", "Robin Weber", "Jo Nguyen", "Chris Rossi")

Row = dict[str, Any]
Rows = dict[type[Record], list[Row]]

STEPS = (
    OutboundStatus.AWAITING_PICK_AND_PACK,
    OutboundStatus.PACKING_IN_PROGRESS,
    OutboundStatus.PACKED,
    OutboundStatus.DISPATCHED,
)
STEP_TAKES = timedelta(hours=7)


@dataclass(frozen=True)
class Ware:
    """A product, as far as orders need it."""

    id: UUID
    customer_id: UUID
    code: str


class DemoRows:
    """Makes the rows of one tenant, drawn by the same dice each time."""

    def __init__(self, demo: DemoTenant, staff_user_id: UUID, now: datetime) -> None:
        self.demo = demo
        self.now = now
        self.who = {"client_id": None, "staff_user_id": staff_user_id}
        """The demonstration was typed in by a person: none of it was an API call."""
        self.dice = Random(demo.name)  # noqa: S311 - a demonstration is no secret
        self.rows: Rows = {}
        self._live = [one for one in demo.customers if one.twin is None]
        self.wares: list[Ware] = []

    def products(self, customers: Sequence[UUID], twins: Mapping[UUID, UUID]) -> None:
        """Two hundred for the live customers; a sandbox twin has the same as its original."""
        for number in range(PRODUCTS):
            customer_id = customers[number % len(customers)]
            goods = self._live[number % len(customers)].goods
            good, size = self.dice.choice(goods), self.dice.choice(SIZES)
            content = {
                "code": f"{good[:3].upper().strip()}-{number + 1:04}",
                "name": f"{good}, {size}",
                "type": good,
                "default_unit": "EACH",
                "active": True,
                "units": [
                    _unit("EACH", 1, Decimal(self.dice.randint(1, 400)) / 100),
                    _unit("CARTON", 12, None),
                ],
            }
            self.wares.append(self._product(content, customer_id))
            if (twin := twins.get(customer_id)) is not None:
                self._product(content, twin)

    def orders(self, warehouses: Sequence[UUID]) -> None:
        """Two thousand, the last one a few minutes ago."""
        first = self.now - SPREAD
        for number in range(ORDERS):
            at = first + (SPREAD - timedelta(minutes=5)) * (number / (ORDERS - 1))
            self._order(number, at, self.dice.choice(warehouses))

    def _product(self, content: Mapping[str, Any], customer_id: UUID) -> Ware:
        ware = Ware(new_id(), customer_id, content["code"])
        at = self.now - SPREAD
        plain = {name: content[name] for name in ("code", "name", "type", "default_unit", "active")}
        full = {"customer": customer_id, **content}
        self._add(
            Product,
            {
                "id": ware.id,
                "customer_id": customer_id,
                **plain,
                "content": as_json(canonical(full)),
                "created_at": at,
                "modified_at": at,
            },
        )
        for position, unit in enumerate(content["units"], start=1):
            self._add(
                ProductUnit,
                {
                    "product_id": ware.id,
                    "position": position,
                    **unit,
                    "weight_kg": unit.get("weight_kg"),
                },
            )
        self._add(
            ProductEvent,
            {
                "product_id": ware.id,
                "version": 1,
                "changed": _names(full),
                "at": at,
                **self.who,
            },
        )
        return ware

    def _order(self, number: int, at: datetime, warehouse_id: UUID) -> None:
        lead = self.dice.choice(self.wares)
        order_id = new_id()
        content = self._content(number, lead.customer_id, warehouse_id)
        history = self._history(at)
        last, changed_at = history[-1]
        times = dict(history)
        self._add(
            OutboundOrder,
            {
                "id": order_id,
                "customer_id": lead.customer_id,
                "warehouse_id": warehouse_id,
                "reference": content["reference"],
                "status": last,
                "version": len(history),
                **plain_columns(content),
                **delivery_columns(content["deliver"]),
                "content": as_json(canonical(content)),
                "created_at": at,
                "modified_at": changed_at,
                "packed_at": times.get(OutboundStatus.PACKED),
                "dispatched_at": times.get(OutboundStatus.DISPATCHED),
            },
        )
        for position, item in enumerate(content["items"], start=1):
            self._add(
                OutboundOrderItem,
                {
                    "order_id": order_id,
                    "position": position,
                    "product_id": item["product"]["id"],
                    "unit": item["unit"],
                    "quantity": item["quantity"],
                },
            )
        for version, (status, when) in enumerate(history, start=1):
            changed = _names(content) if version == 1 else as_json(["status"])
            self._add(
                OutboundOrderEvent,
                {
                    "order_id": order_id,
                    "version": version,
                    "status": status,
                    "changed": changed,
                    "at": when,
                    **self.who,
                },
            )

    def _content(self, number: int, customer_id: UUID, warehouse_id: UUID) -> dict[str, Any]:
        city, state, postcode = self.dice.choice(self.demo.cities)
        own = [ware for ware in self.wares if ware.customer_id == customer_id]
        return {
            "customer": customer_id,
            "warehouse": warehouse_id,
            "reference": f"SO-{10_001 + number}",
            "urgent": self.dice.random() < URGENT,
            "draft": False,
            "allow_splitting": True,
            "deliver": {
                "address": {
                    "contact": self.dice.choice(NAMES),
                    "line1": f"{self.dice.randint(1, 180)} {self.dice.choice(STREETS)}",
                    "city": city,
                    "state": state,
                    "postcode": postcode,
                    "country": self.demo.country,
                },
                "method": DeliveryMethod.SHIPPING,
            },
            "items": [
                {
                    "product": {"id": ware.id},
                    "unit": "EACH",
                    "quantity": Decimal(self.dice.randint(1, 6)),
                }
                for ware in self.dice.sample(own, self.dice.randint(1, 4))
            ],
        }

    def _history(self, at: datetime) -> list[tuple[OutboundStatus, datetime]]:
        """One step every few hours; a few were called off before anybody touched the goods."""
        if self.dice.random() < CALLED_OFF:
            called_off = min(at + timedelta(minutes=40), self.now)
            return [(STEPS[0], at), (OutboundStatus.CANCELLED, called_off)]
        takes = STEP_TAKES * self.dice.uniform(0.5, 1.5)
        steps = [(status, at + takes * number) for number, status in enumerate(STEPS)]
        return [step for step in steps if step[1] <= self.now]

    def _add(self, table: type[Record], row: Row) -> None:
        known = {"tenant_id": self.demo.id, "id": row.get("id") or new_id()}
        self.rows.setdefault(table, []).append({**known, **row})


def _unit(code: str, base_quantity: int, weight_kg: Decimal | None) -> dict[str, Any]:
    unit = {"code": code, "base_quantity": Decimal(base_quantity), "directly_shippable": True}
    return unit if weight_kg is None else {**unit, "weight_kg": weight_kg}


def _names(content: Mapping[str, Any]) -> str:
    return as_json([camel(name) for name in sorted(content)])
