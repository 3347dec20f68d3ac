"""The consignments that outbound orders make by themselves, and take along on their way."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from models import lookups
from models.lookups import Job, Policies
from models.orders import OutboundOrder
from models.words import ConsignmentStatus, ConsignmentTrigger, DeliveryMethod, OutboundStatus
from models.writing import Changes
from resolvers.access import Caller
from resolvers.consignments_of_orders import (
    DELIVERY,
    GeneratedFrom,
    GeneratedLine,
    follow,
    generate,
)
from resolvers.items import Line
from resolvers.order_stock import stored_lines

SENT_OFF = frozenset({OutboundStatus.AWAITING_PICK_AND_PACK, OutboundStatus.AWAITING_STOCK})


async def on_submission(
    caller: Caller,
    policies: Policies,
    order_id: UUID,
    order: Mapping[str, Any],
    status: OutboundStatus,
    lines: Sequence[Line],
    changes: Changes,
    *,
    holds_reference: bool = True,
) -> None:
    """Make the consignment of an order that is sent off, where its customer has them made then.

    `order` holds the order's columns. Who comes for the goods needs no carrier.

    Raises:
        Forbidden: the caller is a client that may not make consignments.

    """
    if policies.makes_consignments is not ConsignmentTrigger.CREATION or status not in SENT_OFF:
        return
    await _generate(
        caller,
        order_id,
        order,
        lines,
        ConsignmentStatus.AWAITING_SALE_ORDER_PACKING,
        changes,
        holds_reference=holds_reference,
    )


async def on_packing(caller: Caller, job: Job, changes: Changes) -> None:
    """Make the consignment of an order that is packed, or have that which it has go on."""
    policies = (await lookups.party(caller.reach, job.customer_id)).policies
    if policies.makes_consignments is not ConsignmentTrigger.PACKING:
        await follow(caller, job.id, ConsignmentStatus.IN_WAREHOUSE, changes)
        return
    order = await lookups.columns(OutboundOrder, caller.reach, job.id, [*NAMES, *DELIVERY])
    lines, _ = await stored_lines(caller, job)
    await _generate(
        caller,
        job.id,
        order,
        lines,
        ConsignmentStatus.IN_WAREHOUSE,
        changes,
        holds_reference=job.holds_reference,
    )


async def on_cancelling(caller: Caller, job: Job, changes: Changes) -> None:
    """Call the consignments of an order off with it, where they have not left."""
    await follow(caller, job.id, ConsignmentStatus.CANCELLED, changes)


NAMES = ("customer_id", "warehouse_id", "reference", "deliver_method")


async def _generate(
    caller: Caller,
    order_id: UUID,
    order: Mapping[str, Any],
    lines: Sequence[Line],
    status: ConsignmentStatus,
    changes: Changes,
    *,
    holds_reference: bool,
) -> None:
    if order["deliver_method"] == DeliveryMethod.PICKUP:
        await follow(caller, order_id, status, changes)
        return
    source = GeneratedFrom(
        order_id=order_id,
        customer_id=lookups.uuid(order["customer_id"]),
        warehouse_id=lookups.uuid(order["warehouse_id"]),
        reference=order["reference"],
        delivery={name: order.get(name) for name in DELIVERY},
        lines=[GeneratedLine(line.ware.id, line.unit, line.quantity) for line in lines],
        holds_reference=holds_reference,
    )
    await generate(caller, source, status, changes)
