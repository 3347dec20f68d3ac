"""The demonstration's consignments: of each type, on their way, and those of packed orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from models.consignments import Consignment, ConsignmentEvent, ConsignmentItem
from models.record import new_id
from models.words import ConsignmentStatus as At
from models.words import ConsignmentType, OutboundStatus
from resolvers.consignment_rows import ITEM
from resolvers.contents import as_json, canonical
from resolvers.demo_rows import DemoRows, Step, names
from resolvers.items import Line
from resolvers.order_rows import address_columns, amount_columns

BOOKED = 150
STEP_TAKES = 16.0
CALLED_OFF = 0.04
LATEST = 40
"""Of these, some are at each step of their path."""

ARRIVED = frozenset({At.DELIVERED, At.COLLECTED, At.POINT_TO_POINT_DELIVERED})
CARRIER = {"company": "Southbound Express", "url": "https://track.southbound.example/"}
GOODS = (("Pallet of mixed goods", 1, 310), ("Cartons", 24, 8), ("Returned goods", 6, 3))
_AWAY = (At.IN_WAREHOUSE, At.IN_TRANSIT_WAREHOUSE_DELIVERY)
_HERE = (At.IN_TRANSIT_PICKUP_WAREHOUSE, At.IN_WAREHOUSE)
PATHS: Sequence[tuple[ConsignmentType, Sequence[At]]] = (
    (ConsignmentType.DELIVERY, (*_AWAY, At.DELIVERED)),
    (ConsignmentType.DELIVERY, (*_AWAY, At.WITH_ON_FORWARDER, At.DELIVERED)),
    (ConsignmentType.DELIVERY, (*_AWAY, At.COLLECTED)),
    (ConsignmentType.PICKUP, (At.AWAITING_PICKUP, *_HERE)),
    (ConsignmentType.PICKUP, (At.AWAITING_DROPOFF, *_HERE)),
    (ConsignmentType.PICKUP_DELIVERY, (At.AWAITING_PICKUP, *_HERE, _AWAY[1], At.DELIVERED)),
    (
        ConsignmentType.POINT_TO_POINT,
        (
            At.AWAITING_POINT_TO_POINT_PICKUP,
            At.IN_TRANSIT_PICK_DELIVERY,
            At.POINT_TO_POINT_DELIVERED,
        ),
    ),
    (ConsignmentType.RETURNED, (At.AWAITING_PICKUP, *_HERE)),
)
"""What becomes of consignments of each type, as a rule."""


class DemoTransport:
    """All consignments of one operator."""

    def __init__(
        self,
        made: DemoRows,
        depots: Mapping[UUID, Mapping[str, Any]],
        customers: Sequence[UUID],
    ) -> None:
        self.made, self.depots, self.customers = made, depots, customers

    def plan(self) -> None:
        """Those that were booked for themselves, the last one an hour ago."""
        spread = self.made.now - self.made.opened - timedelta(hours=1)
        for number in range(BOOKED):
            at = self.made.opened + spread * (number / (BOOKED - 1))
            self.made.diary.at(at, partial(self._book, number))

    def of_order(
        self,
        order_id: UUID,
        order: Mapping[str, Any],
        lines: Sequence[Line],
        times: Mapping[str, datetime],
        *,
        holds_reference: bool,
    ) -> None:
        """The delivery of an order's goods, made when it was packed."""
        packed, left = times[OutboundStatus.PACKED], times.get(OutboundStatus.DISPATCHED)
        history: list[Step] = [(At.IN_WAREHOUSE, packed)]
        if left is not None:
            history += self.made.until_now(left, (_AWAY[1], At.DELIVERED), 20)
        self._add(
            {
                "customer": order["customer"],
                "warehouse": order["warehouse"],
                "type": ConsignmentType.DELIVERY,
                "reference": order["reference"],
                "outbound_order": order_id,
                "collect_address": self.depots[order["warehouse"]],
                "deliver_address": order["deliver"]["address"],
                "invoice_value": order["invoice_value"],
                "items": [_carried(line) for line in lines],
            },
            history,
            holds_reference=holds_reference,
        )

    def _book(self, number: int, at: datetime) -> None:
        dice = self.made.dice
        type_, path = PATHS[number % len(PATHS)]
        warehouse_id = dice.choice(list(self.depots))
        depot = self.depots[warehouse_id]
        comes = type_ in {ConsignmentType.PICKUP, ConsignmentType.RETURNED}
        leaves = type_ is ConsignmentType.DELIVERY
        description, many, kilograms = GOODS[number % len(GOODS)]
        content: dict[str, Any] = {
            "customer": dice.choice(self.customers),
            "warehouse": warehouse_id,
            "type": type_,
            "reference": f"C-{5_001 + number}",
            "drop_off": path[0] is At.AWAITING_DROPOFF,
            "collect_address": depot if leaves else self.made.address(),
            "deliver_address": depot if comes else self.made.address(),
            "required_on": (at + timedelta(days=3)).date(),
            "authority_to_leave": number % 4 == 0,
            "items": [
                {
                    "description": description,
                    "quantity": Decimal(many),
                    "pallets": Decimal(1) if many == 1 else Decimal(0),
                    "weight_kg": Decimal(many * kilograms),
                    "cubic_m3": Decimal(many) * Decimal("0.048"),
                }
            ],
        }
        history = self.made.until_now(at, path, STEP_TAKES)
        if number >= BOOKED - LATEST:
            reached = number // len(PATHS) % len(path)
            history = self.made.until_step(at, path, reached)
        if number % len(PATHS) and dice.random() < CALLED_OFF:
            history = [history[0], (At.CANCELLED, min(at + timedelta(hours=1), self.made.now))]
        elif number == BOOKED - 1:
            content["draft"] = True
            history = [(At.DRAFT, at)]
        self._add(content, history)

    def _add(
        self, given: Mapping[str, Any], history: Sequence[Step], *, holds_reference: bool = True
    ) -> None:
        defaults = {"drop_off": False, "draft": False, "authority_to_leave": False}
        content = {**defaults, **given}
        (last, changed_at), consignment_id = history[-1], new_id()
        arrived = changed_at if last in ARRIVED else None
        value = content.get("invoice_value")
        minor = None if value is None else (int(value["amount"] * 100), value["currency"])
        self.made.add(
            Consignment,
            {
                "id": consignment_id,
                "customer_id": content["customer"],
                "warehouse_id": content["warehouse"],
                "type": content["type"],
                "reference": content["reference"],
                "holds_reference": holds_reference,
                "status": last,
                "version": len(history),
                "drop_off": content["drop_off"],
                **address_columns("collect", content["collect_address"]),
                **address_columns("deliver", content["deliver_address"]),
                "required_on": content.get("required_on"),
                **amount_columns("invoice_value", minor),
                "authority_to_leave": content["authority_to_leave"],
                "tracking_company": CARRIER["company"] if len(history) > 1 else None,
                "tracking_url": f"{CARRIER['url']}{consignment_id}" if len(history) > 1 else None,
                "outbound_order_id": content.get("outbound_order"),
                "content": as_json(canonical(content)),
                "delivered_recipient": content["deliver_address"]["contact"] if arrived else None,
                "delivered_at": arrived,
                "created_at": history[0][1],
                "modified_at": changed_at,
            },
        )
        for position, item in enumerate(content["items"], start=1):
            sent = {name: item.get(name) for name in ITEM}
            own = {"consignment_id": consignment_id, "position": position, **sent}
            came = item["quantity"] if arrived else None
            self.made.add(ConsignmentItem, {**own, "delivered_quantity": came})
        self.made.note(ConsignmentEvent, {"consignment_id": consignment_id}, history, list(content))
        if arrived:
            proved = names(["items", "proof_of_delivery", "status"])
            self.made.rows[ConsignmentEvent][-1]["changed"] = proved


def _carried(line: Line) -> dict[str, Any]:
    return {"description": line.ware.name, "quantity": line.quantity}
