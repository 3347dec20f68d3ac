"""Rows of the trade for the oracle's tests: orders out and in, transport, stock."""

from random import Random
from typing import Any
from uuid import UUID

from models.consignments import Consignment, ConsignmentEvent, ConsignmentItem
from models.inbound import (
    InboundOrder,
    InboundOrderCount,
    InboundOrderEvent,
    InboundOrderItem,
    InboundOrderOutcome,
)
from models.orders import (
    OutboundOrder,
    OutboundOrderEvent,
    OutboundOrderItem,
    OutboundOrderOutcome,
)
from models.products import Product
from models.stock import StockLevel, StockMovement
from models.tenants import Warehouse
from models.words import (
    Condition,
    ConsignmentStatus,
    ConsignmentType,
    DeliveryMethod,
    InboundStatus,
    MovementKind,
    OutboundStatus,
)
from tests.oracle_data import AMOUNTS, DAYS, MOMENTS, PAST, QUANTITIES, TEXTS, Data, Maker, Sizes

BATCHES = [text for text in TEXTS if text]


def two_tenants(seed: int, sizes: Sizes) -> tuple[Data, Data]:
    """Two tenants whose rows have the same ids, and different contents."""
    dice = Random(seed)  # noqa: S311 - no secret
    shared: list[UUID] = []
    first, second = (Trader(dice, shared).make(sizes) for _ in range(2))
    return first, second


class Trader(Maker):
    """Makes one tenant's rows, all of its trade."""

    def make(self, sizes: Sizes) -> Data:
        self.places(sizes)
        for n in range(sizes.products):
            self.product(n)
        for _ in range(sizes.orders):
            self.outbound_order()
        for _ in range(sizes.inbound_orders):
            self.inbound_order()
        for _ in range(sizes.consignments):
            self.consignment()
        for _ in range(sizes.levels if sizes.products else 0):
            self.level()
        return self.data

    def outbound_order(self) -> None:
        statuses = list(OutboundStatus)
        order = self.data.add(
            OutboundOrder, **self.job(OutboundOrder, statuses), urgent=self.odds(0.5),
            ship_by=self.maybe(DAYS), allow_splitting=self.odds(0.5),
            rest_of_id=self.maybe(self.data.ids(OutboundOrder)[:2] or [None]),
            deliver_method=self.one(list(DeliveryMethod)), deliver_required_on=self.maybe(DAYS),
            deliver_requested_service=self.maybe(TEXTS), deliver_instructions=self.maybe(TEXTS),
            packed_at=self.maybe(MOMENTS), dispatched_at=self.maybe(MOMENTS),
            **self.address("deliver_"), **self.money("invoice_value"),
            **self.money("cash_on_delivery"),
        )  # fmt: skip
        for line in self.lines(order):
            self.data.add(
                OutboundOrderItem, **line, packed_quantity=self.maybe(QUANTITIES),
                **self.money("approximate_unit_price"),
            )  # fmt: skip
        self.outcomes(OutboundOrderOutcome, order["id"])
        self.events(OutboundOrderEvent, statuses, order_id=order["id"])

    def inbound_order(self) -> None:
        statuses = list(InboundStatus)
        order = self.data.add(
            InboundOrder, **self.job(InboundOrder, statuses), urgent=self.odds(0.5),
            arrives_on=self.maybe(DAYS),
            rest_of_id=self.maybe(self.data.ids(InboundOrder)[:2] or [None]),
            received_at=self.maybe(MOMENTS), verified_at=self.maybe(MOMENTS),
            allocated_at=self.maybe(MOMENTS),
        )  # fmt: skip
        for line in self.lines(order):
            item = self.data.add(
                InboundOrderItem, **line, received_quantity=self.maybe(QUANTITIES),
                condition=self.one(list(Condition)), sscc=self.maybe(TEXTS),
            )  # fmt: skip
            for position in self.dice.sample(range(9), self.one((0, 1, 2))):
                self.data.add(
                    InboundOrderCount, id=self.id(), order_id=order["id"], item_id=item["id"],
                    position=position, condition=self.one(list(Condition)),
                    quantity=self.one(QUANTITIES), batch=self.maybe(TEXTS),
                    expiry_date=self.maybe(DAYS),
                )  # fmt: skip
        self.outcomes(InboundOrderOutcome, order["id"])
        self.events(InboundOrderEvent, statuses, order_id=order["id"])

    def consignment(self) -> None:
        statuses = list(ConsignmentStatus)
        job = self.data.add(
            Consignment, **self.job(Consignment, statuses),
            type=self.one(list(ConsignmentType)), drop_off=self.odds(0.5),
            required_on=self.maybe(DAYS), authority_to_leave=self.odds(0.5),
            authority_to_leave_instructions=self.maybe(TEXTS), tracking_company=self.maybe(TEXTS),
            tracking_url=self.maybe(TEXTS), delivered_recipient=self.maybe(TEXTS),
            outbound_order_id=self.maybe(self.data.ids(OutboundOrder) or [None]),
            delivered_at=self.maybe(MOMENTS), **self.address("collect_"),
            **self.address("deliver_"), **self.money("cash_on_delivery"),
            **self.money("invoice_value"), **self.money("cost"),
        )  # fmt: skip
        for position in self.dice.sample(range(9), self.one((0, 1, 3))):
            self.data.add(
                ConsignmentItem, id=self.id(), consignment_id=job["id"], position=position,
                description=self.one(TEXTS), quantity=self.one(QUANTITIES),
                **{
                    name: self.maybe(QUANTITIES)
                    for name in ("pallets", "weight_kg", "cubic_m3", "spaces", "delivered_quantity")
                },
            )  # fmt: skip
        self.events(ConsignmentEvent, statuses, consignment_id=job["id"])

    def level(self) -> None:
        """How much there is somewhere, unless it is known already, and how it came about."""
        product = self.one(self.data.rows[Product])
        quantity, allocated = self.one(AMOUNTS), self.one(AMOUNTS)
        what: dict[str, Any] = {
            "product_id": product["id"], "warehouse_id": self.one(self.data.ids(Warehouse)),
            "condition": self.one([Condition.OK, *Condition]), "batch": self.maybe(BATCHES),
            "expiry_date": self.maybe(DAYS),
        }  # fmt: skip
        if any(what.items() <= row.items() for row in self.data.rows.get(StockLevel, ())):
            return
        level = self.data.add(
            StockLevel, id=self.id(), customer_id=product["customer_id"],
            product_code=product["code"], **what, quantity=max(quantity, allocated),
            allocated=min(quantity, allocated), incoming=self.one(AMOUNTS), **self.times(),
        )  # fmt: skip
        for _ in range(self.one((0, 1, 3))):
            self.data.add(
                StockMovement, id=self.id(), level_id=level["id"], at=self.one(PAST),
                kind=self.one(list(MovementKind)),
                **{
                    name: self.one((1, 1, -1)) * self.one(AMOUNTS)
                    for name in ("quantity", "allocated", "incoming")
                },
            )  # fmt: skip
