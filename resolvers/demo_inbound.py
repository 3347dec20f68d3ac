"""The demonstration's inbound orders: announced, received, counted and put away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from biip.checksums import gs1_standard_check_digit

from models.inbound import (
    InboundOrder,
    InboundOrderCount,
    InboundOrderEvent,
    InboundOrderItem,
    InboundOrderOutcome,
)
from models.record import new_id
from models.stocktaking import Spot
from models.words import Condition, InboundStatus, MovementKind, PolicyCode, UnknownProductPolicy
from resolvers.contents import as_json, canonical, input_path
from resolvers.demo_data import DemoCustomer
from resolvers.demo_orders import DemoOrders
from resolvers.demo_products import EXAMPLES, DemoWare
from resolvers.demo_rows import DemoRows, Step
from resolvers.demo_stock import RUNS_OUT, SCARCE, Shelves
from resolvers.inbound_rows import PLAIN
from resolvers.order_rows import sent_text

ORDERS = 120
STEPS = (
    InboundStatus.NOT_YET_RECEIVED,
    InboundStatus.RECEIVED,
    InboundStatus.VERIFIED,
    InboundStatus.ALLOCATED,
)
STEP_TAKES = 30.0
LATEST = timedelta(days=4)
"""Of those that were announced since, some are at each step."""

IN_PART = 20
"""Of every so many orders, only half came at first."""

CALLED_OFF = 25
DRAFTS = 60


@dataclass
class Item:
    """A line, and the level on which its goods will stand."""

    one: DemoWare
    spot: Spot
    quantity: Decimal
    """Cartons."""
    sscc: str | None = None
    received: Decimal | None = None
    id: UUID = field(default_factory=new_id)

    @property
    def holds(self) -> Decimal:
        """Base units of a carton."""
        return self.one.ware.units["CARTON"]

    @property
    def content(self) -> dict[str, Any]:
        """The line as an input has it."""
        return {
            "product": {"id": self.one.id},
            "unit": "CARTON",
            "quantity": self.quantity,
            "condition": Condition.OK,
            "batch": self.spot.batch,
            "expiry_date": self.spot.expiry_date,
            "sscc": self.sscc,
        }


@dataclass
class Order:
    """An inbound order, as it comes to be."""

    content: Mapping[str, Any]
    items: list[Item]
    history: list[Step]
    rest_of: UUID | None = None
    rejected: str | None = None
    """The code of a product that nobody knew."""
    id: UUID = field(default_factory=new_id)


class DemoInbound:
    """All inbound orders of one operator."""

    def __init__(
        self,
        made: DemoRows,
        shelves: Shelves,
        wares: Sequence[DemoWare],
        customers: Mapping[UUID, DemoCustomer],
        outbound: DemoOrders,
    ) -> None:
        self.made, self.shelves, self.wares = made, shelves, wares
        self.customers, self.outbound = customers, outbound
        self.orders: list[Order] = []

    def plan(self, warehouses: Sequence[UUID]) -> None:
        """One every eight hours or so, the last one two hours ago."""
        spread = self.made.now - self.made.opened - timedelta(hours=2)
        for number in range(ORDERS):
            at = self.made.opened + spread * (number / (ORDERS - 1))
            warehouse_id = warehouses[number % len(warehouses)]
            self.made.diary.at(at, partial(self._announce, number, warehouse_id))

    def write(self) -> None:
        """All orders as rows, the rest of one after it."""
        for order in self.orders:
            self._write(order)

    def _announce(self, number: int, warehouse_id: UUID, at: datetime) -> None:
        dice = self.made.dice
        comes = [one for one in self.wares if one.number % RUNS_OUT]
        lead = dice.choice([one for one in comes if one.number % SCARCE == 0])
        own = [one for one in comes if one.customer_id == lead.customer_id and one != lead]
        chosen = [lead, *dice.sample(own, dice.randint(0, 4))]
        items = [self._item(one, warehouse_id, at, number) for one in chosen]
        content = {
            "customer": lead.customer_id,
            "warehouse": warehouse_id,
            "reference": f"PO-{3_001 + number}",
            "urgent": number % 12 == 0,
            "draft": number % DRAFTS == DRAFTS - 1,
            "arrives_on": (at + timedelta(hours=STEP_TAKES)).date(),
            "instructions": "Dock 3, tail lift needed." if number % 7 == 0 else None,
            "items": [item.content for item in items],
        }
        order = Order(content, items, [])
        self.orders.append(order)
        policy = self.customers[lead.customer_id].policies.get("unknown_product")
        if content["draft"]:
            order.history = [(InboundStatus.DRAFT, at)]
        elif policy is UnknownProductPolicy.REJECT and number % 3 == 0:
            self._reject(order, at)
        elif number % CALLED_OFF == CALLED_OFF - 1:
            order.history = [(STEPS[0], at), (InboundStatus.CANCELLED, at + timedelta(hours=1))]
            self._expect(order, at, 1)
            self._expect(order, at + timedelta(hours=1), -1)
        else:
            self._expect(order, at, 1)
            self._bring(order, at, in_part=number % IN_PART == IN_PART // 2)

    def _reject(self, order: Order, at: datetime) -> None:
        order.rejected = f"NEW-{len(self.orders):04}"
        unknown = {
            "product": {"code": order.rejected},
            "quantity": Decimal(5),
            "condition": Condition.OK,
        }
        order.content = {**order.content, "items": [*order.content["items"], unknown]}
        order.history = [(InboundStatus.REJECTED, at)]

    def _item(self, one: DemoWare, warehouse_id: UUID, at: datetime, number: int) -> Item:
        spot = self.shelves.spot(one, warehouse_id, at, 3)
        serial = f"0{EXAMPLES}{number:05}{one.number:08}"
        sscc = f"{serial}{gs1_standard_check_digit(serial)}" if number % 2 else None
        return Item(one, spot, Decimal(self.made.dice.randint(3, 30)), sscc)

    def _expect(self, order: Order, at: datetime, sign: int) -> None:
        for item in order.items:
            shelf = self.shelves.shelf(item.spot, at)
            links = {"inbound_order_id": order.id, "item_id": item.id}
            amount = sign * item.quantity * item.holds
            self.shelves.move(shelf, MovementKind.EXPECTED, at, incoming=amount, **links)

    def _bring(self, order: Order, at: datetime, *, in_part: bool) -> None:
        """The goods travel, and are received, counted and put away as far as it is by now."""
        number = len(self.orders)
        order.history = self.made.until_now(at, STEPS, STEP_TAKES)
        if at > self.made.now - LATEST:
            order.history = self.made.until_step(at, STEPS, number % len(STEPS))
        times = dict(order.history)
        if (received := times.get(InboundStatus.RECEIVED)) is not None:
            self._receive(order, received, in_part=in_part)
        if order.history[-1][0] is InboundStatus.ALLOCATED:
            put_away = times[InboundStatus.ALLOCATED]
            self.made.diary.at(put_away, partial(self._put_away, order))

    def _receive(self, order: Order, at: datetime, *, in_part: bool) -> None:
        self._expect(order, at, -1)
        for item in order.items:
            item.received = item.quantity // 2 if in_part else item.quantity
        if not in_part:
            return
        left = [
            replace(item, id=new_id(), quantity=item.quantity - (item.received or 0), received=None)
            for item in order.items
        ]
        rest = Order(order.content, left, [(STEPS[0], at)], rest_of=order.id)
        self.orders.append(rest)
        self._expect(rest, at, 1)

    def _put_away(self, order: Order, at: datetime) -> None:
        for item in order.items:
            for condition, quantity in self._counts(item):
                if condition is Condition.MISSING:
                    continue
                shelf = self.shelves.shelf(replace(item.spot, condition=condition), at)
                links = {"inbound_order_id": order.id, "item_id": item.id}
                amount = quantity * item.holds
                self.shelves.move(shelf, MovementKind.PUT_AWAY, at, quantity=amount, **links)
        self.outbound.wake((order.content["customer"], order.content["warehouse"]), at)

    def _counts(self, item: Item) -> list[tuple[Condition, Decimal]]:
        """What was found of a line: a carton now and then is damaged, or not there at all."""
        received = item.received or Decimal(0)
        wrong = {3: Condition.RECEIVED_DAMAGED, 7: Condition.MISSING}.get(int(item.quantity) % 10)
        if wrong is None or received <= 1:
            return [(Condition.OK, received)]
        return [(Condition.OK, received - 1), (wrong, Decimal(1))]

    # --- rows ---------------------------------------------------------------------------------

    def _write(self, order: Order) -> None:
        content, times = order.content, dict(order.history)
        (last, changed_at), (_, at) = order.history[-1], order.history[0]
        self.made.add(
            InboundOrder,
            {
                "id": order.id,
                "customer_id": content["customer"],
                "warehouse_id": content["warehouse"],
                "reference": content["reference"],
                "holds_reference": order.rest_of is None,
                "status": last,
                "version": len(order.history),
                **{name: content.get(name) for name in PLAIN},
                "items_as_sent": sent_text(content["items"]) if order.rejected else None,
                "rest_of_id": order.rest_of,
                "content": as_json(canonical(content)),
                "created_at": at,
                "modified_at": changed_at,
                "received_at": times.get(InboundStatus.RECEIVED),
                "verified_at": times.get(InboundStatus.VERIFIED),
                "allocated_at": times.get(InboundStatus.ALLOCATED),
            },
        )
        for position, item in enumerate(order.items, start=1):
            self._write_item(order, position, item, verified=InboundStatus.VERIFIED in times)
        first = ["items", "rest_of"] if order.rest_of else list(content)
        self.made.note(InboundOrderEvent, {"order_id": order.id}, order.history, first)
        if order.rejected:
            at_line = len(order.items)
            outcome = {
                "position": 1,
                "code": PolicyCode.ORDER_REJECTED.value,
                "path": as_json(list(input_path("items", at_line, "product", "code"))),
                "message": f"This customer has no product `{order.rejected}`.",
            }
            self.made.add(InboundOrderOutcome, {"order_id": order.id, **outcome})

    def _write_item(self, order: Order, position: int, item: Item, *, verified: bool) -> None:
        where = {"batch": item.spot.batch, "expiry_date": item.spot.expiry_date}
        self.made.add(
            InboundOrderItem,
            {
                "id": item.id,
                "order_id": order.id,
                "position": position,
                "product_id": item.one.id,
                "unit": "CARTON",
                "quantity": item.quantity,
                "unit_base": item.holds,
                "base_quantity": item.quantity * item.holds,
                "received_quantity": item.received,
                "condition": Condition.OK,
                **where,
                "sscc": item.sscc,
            },
        )
        for number, (condition, many) in enumerate(self._counts(item) if verified else (), start=1):
            counted = {"position": number, "condition": condition, "quantity": many, **where}
            self.made.add(InboundOrderCount, {"order_id": order.id, "item_id": item.id, **counted})
