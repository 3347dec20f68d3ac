"""The demonstration's outbound orders: placed, packed, gone, or still waiting for goods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from models.orders import (
    OutboundOrder,
    OutboundOrderEvent,
    OutboundOrderItem,
    OutboundOrderOutcome,
)
from models.record import new_id
from models.words import (
    DeliveryMethod,
    MovementKind,
    OutboundStatus,
    PolicyCode,
    ShortStockPolicy,
)
from resolvers.allocation import Pick, Short
from resolvers.contents import as_json, canonical, input_path
from resolvers.demo_data import DemoCustomer
from resolvers.demo_products import DemoWare
from resolvers.demo_rows import DemoRows, Step
from resolvers.demo_stock import Shelves
from resolvers.demo_transport import DemoTransport
from resolvers.items import Line
from resolvers.order_rows import PLAIN, amount_columns, delivery_columns

ORDERS = 2_000
URGENT = 0.1
CALLED_OFF = 0.03
DRAFTS = 0.006
IN_CARTONS = 0.12
STEPS = (
    OutboundStatus.AWAITING_PICK_AND_PACK,
    OutboundStatus.PACKING_IN_PROGRESS,
    OutboundStatus.PACKED,
    OutboundStatus.DISPATCHED,
)
STEP_TAKES = 7.0
TOLD = {
    PolicyCode.AWAITS_STOCK: "The order waits for stock.",
    PolicyCode.ORDER_REJECTED: "The order is rejected.",
    PolicyCode.SPLIT: "The rest waits as an order of its own.",
}


@dataclass
class Order:
    """An outbound order, as it comes to be."""

    content: Mapping[str, Any]
    lines: Sequence[Line]
    at: datetime
    rest_of: UUID | None = None
    id: UUID = field(default_factory=new_id)
    history: list[Step] = field(default_factory=list)
    short: Sequence[Short] = ()
    code: PolicyCode | None = None
    """What the policy did about what was short."""

    def __post_init__(self) -> None:
        self.items = {line.at: new_id() for line in self.lines}

    @property
    def place(self) -> tuple[UUID, UUID]:
        """Whose goods it waits for, and where."""
        return self.content["customer"], self.content["warehouse"]


class DemoOrders:
    """All outbound orders of one operator."""

    def __init__(
        self,
        made: DemoRows,
        shelves: Shelves,
        transport: DemoTransport,
        wares: Sequence[DemoWare],
        customers: Mapping[UUID, DemoCustomer],
    ) -> None:
        self.made, self.shelves, self.transport = made, shelves, transport
        self.wares, self.customers = wares, customers
        self.own: dict[UUID, list[DemoWare]] = {}
        for one in wares:
            self.own.setdefault(one.customer_id, []).append(one)
        self.orders: list[Order] = []
        self.waiting: dict[tuple[UUID, UUID], list[Order]] = {}

    def plan(self, warehouses: Sequence[UUID]) -> None:
        """Two thousand, the last one a few minutes ago."""
        spread = self.made.now - self.made.opened - timedelta(minutes=5)
        for number in range(ORDERS):
            at = self.made.opened + spread * (number / (ORDERS - 1))
            warehouse_id = self.made.dice.choice(warehouses)
            self.made.diary.at(at, partial(self._place, number, warehouse_id))

    def wake(self, place: tuple[UUID, UUID], at: datetime) -> None:
        """Give waiting orders what is there by now: urgent and old ones first."""
        waiting = self.waiting.get(place, [])
        for order in sorted(waiting, key=lambda one: (not one.content["urgent"], one.at)):
            picks, short = self.shelves.take(place[1], order.lines, at.date())
            if not short:
                waiting.remove(order)
                self._serve(order, picks, at)

    def write(self) -> None:
        """All orders as rows, the rest of a split one after it."""
        for order in self.orders:
            self._write(order)

    def _place(self, number: int, warehouse_id: UUID, at: datetime) -> None:
        dice = self.made.dice
        customer_id = dice.choice(self.wares).customer_id
        content, lines = self._content(number, customer_id, warehouse_id, at)
        order = Order(content, lines, at)
        self.orders.append(order)
        if content["draft"]:
            order.history = [(OutboundStatus.DRAFT, at)]
            return
        policy = self.customers[customer_id].policies["short_stock"]
        splits = policy is ShortStockPolicy.SPLIT
        picks, short = self.shelves.take(warehouse_id, lines, at.date(), in_part=splits)
        order.short = short
        if not short:
            self._serve(order, picks, at)
        elif policy is ShortStockPolicy.REJECT:
            order.code = PolicyCode.ORDER_REJECTED
            order.history = [(OutboundStatus.REJECTED, at)]
        elif splits and picks:
            self._split(order, picks, at)
        else:
            order.code = PolicyCode.AWAITS_STOCK
            self._wait(order, at)

    def _split(self, order: Order, picks: Sequence[Pick], at: datetime) -> None:
        free = {one.line.at: one.available_units for one in order.short}
        left = [
            replace(one.line, quantity=one.line.quantity - one.available_units)
            for one in order.short
        ]
        reduced = [replace(one, quantity=free.get(one.at, one.quantity)) for one in order.lines]
        order.lines = [line for line in reduced if line.quantity > 0]
        order.code = PolicyCode.SPLIT
        self._serve(order, picks, at)
        rest = Order(order.content, left, at, rest_of=order.id)
        self.orders.append(rest)
        self._wait(rest, at)

    def _wait(self, order: Order, at: datetime) -> None:
        order.history = [(OutboundStatus.AWAITING_STOCK, at)]
        self.waiting.setdefault(order.place, []).append(order)

    def _serve(self, order: Order, picks: Sequence[Pick], at: datetime) -> None:
        """It takes its goods, and goes on as far as it is by now."""
        called_off = at + timedelta(minutes=40)
        if self.made.dice.random() < CALLED_OFF and called_off <= self.made.now:
            steps: list[Step] = [(STEPS[0], at), (OutboundStatus.CANCELLED, called_off)]
            self.made.diary.at(called_off, partial(self._give_back, order, picks))
        else:
            steps = self.made.until_now(at, STEPS, STEP_TAKES)
        order.history += steps
        self._move(order, picks, MovementKind.RESERVED, at, allocated=1)
        times = dict(steps)
        if (left := times.get(OutboundStatus.DISPATCHED)) is not None:
            self._move(order, picks, MovementKind.DISPATCHED, left, allocated=-1, quantity=-1)
        if OutboundStatus.PACKED in times and "makes_consignments" in self._policies(order):
            holds = order.rest_of is None
            self.transport.of_order(
                order.id, order.content, order.lines, times, holds_reference=holds
            )

    def _give_back(self, order: Order, picks: Sequence[Pick], at: datetime) -> None:
        self._move(order, picks, MovementKind.RELEASED, at, allocated=-1)
        self.wake(order.place, at)

    def _move(
        self, order: Order, picks: Sequence[Pick], kind: MovementKind, at: datetime, **signs: int
    ) -> None:
        for pick in picks:
            amounts = {name: pick.quantity * sign for name, sign in signs.items()}
            links = {"outbound_order_id": order.id, "item_id": order.items[pick.at]}
            self.shelves.move(self.shelves.by_id[pick.level_id], kind, at, **amounts, **links)

    def _policies(self, order: Order) -> Mapping[str, Any]:
        return self.customers[order.content["customer"]].policies

    # --- what is in one -----------------------------------------------------------------------

    def _content(
        self, number: int, customer_id: UUID, warehouse_id: UUID, at: datetime
    ) -> tuple[dict[str, Any], list[Line]]:
        """The input that would have made it, defaults filled in."""
        dice = self.made.dice
        own = dice.sample(self.own[customer_id], dice.randint(1, 4))
        chosen = [(ware, self._item(ware)) for ware in own]
        lines = [
            Line(n, one.ware, item["unit"], one.ware.units[item["unit"]], item["quantity"], item)
            for n, (one, item) in enumerate(chosen)
        ]
        urgent = dice.random() < URGENT
        cents = sum(int(line.base_quantity) * one.cents
                    for line, (one, _) in zip(lines, chosen, strict=True))  # fmt: skip
        content: dict[str, Any] = {
            "customer": customer_id,
            "warehouse": warehouse_id,
            "reference": f"SO-{10_001 + number}",
            "urgent": urgent,
            "draft": dice.random() < DRAFTS,
            "allow_splitting": True,
            "invoice_value": self.made.amount(cents),
            "deliver": {"address": self.made.address(), "method": DeliveryMethod.SHIPPING},
            "items": [item for _, item in chosen],
        }
        if urgent:
            content["ship_by"] = (at + timedelta(days=1)).date()
            content["instructions"] = "Call the receiver when it leaves."
            content["deliver"]["requested_service"] = "EXPRESS"
        return content, lines

    def _item(self, one: DemoWare) -> dict[str, Any]:
        dice = self.made.dice
        unit, many = ("CARTON", 3) if dice.random() < IN_CARTONS else ("EACH", 6)
        cents = one.cents * int(one.ware.units[unit])
        return {
            "product": {"id": one.id},
            "unit": unit,
            "quantity": Decimal(dice.randint(1, many)),
            "approximate_unit_price": self.made.amount(cents),
        }

    # --- rows ---------------------------------------------------------------------------------

    def _write(self, order: Order) -> None:
        content, times = order.content, dict(order.history)
        last, changed_at = order.history[-1]
        self.made.add(
            OutboundOrder,
            {
                "id": order.id,
                "customer_id": content["customer"],
                "warehouse_id": content["warehouse"],
                "reference": content["reference"],
                "status": last,
                "version": len(order.history),
                **{name: content.get(name) for name in PLAIN},
                **amount_columns("invoice_value", self._minor(content["invoice_value"])),
                **delivery_columns(content["deliver"]),
                "holds_reference": order.rest_of is None,
                "rest_of_id": order.rest_of,
                "content": as_json(canonical(content)),
                "created_at": order.at,
                "modified_at": changed_at,
                "packed_at": times.get(OutboundStatus.PACKED),
                "dispatched_at": times.get(OutboundStatus.DISPATCHED),
            },
        )
        for position, line in enumerate(order.lines, start=1):
            self._write_line(order, position, line)
        first = ["items", "rest_of"] if order.rest_of else list(content)
        self.made.note(OutboundOrderEvent, {"order_id": order.id}, order.history, first)
        for position, one in enumerate(order.short if order.code else (), start=1):
            self._write_outcome(order, position, one)

    def _write_line(self, order: Order, position: int, line: Line) -> None:
        price = self._minor(line.given["approximate_unit_price"])
        self.made.add(
            OutboundOrderItem,
            {
                "id": order.items[line.at],
                "order_id": order.id,
                "position": position,
                "product_id": line.ware.id,
                "unit": line.unit,
                "quantity": line.quantity,
                "unit_base": line.unit_base,
                "base_quantity": line.base_quantity,
                **amount_columns("approximate_unit_price", price),
            },
        )

    def _write_outcome(self, order: Order, position: int, one: Short) -> None:
        if order.code is None:
            return
        code, unit = one.line.ware.code, one.line.unit
        free = f"Of `{code}` {one.available_units.normalize():f} {unit} are free."
        self.made.add(
            OutboundOrderOutcome,
            {
                "order_id": order.id,
                "position": position,
                "code": order.code.value,
                "path": as_json(list(input_path("items", one.line.at, "quantity"))),
                "message": f"{free} {TOLD[order.code]}",
            },
        )

    def _minor(self, amount: Mapping[str, Any]) -> tuple[int, str]:
        return int(amount["amount"] * 100), amount["currency"]
