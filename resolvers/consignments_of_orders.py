"""Consignments that outbound orders make, and that follow them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from models import consignment_lookups, lookups
from models.consignment_lookups import ADDRESS, Measured
from models.consignments import Consignment
from models.fields import MILLIONTH, to_millionths
from models.lookups import Job
from models.money import decimal_amount
from models.moves import RELEASED
from models.reach import Reach
from models.words import ApiRole, ConsignmentStatus, ConsignmentType, StaffRole
from models.writing import Changes
from resolvers import jobs
from resolvers.access import Caller
from resolvers.consignment_rows import KIND, columns_of, insert, kind_of
from resolvers.errors import Forbidden
from resolvers.faults import Faults


@dataclass(frozen=True)
class GeneratedLine:
    """A line of an order, as far as a carrier needs it."""

    product_id: UUID
    unit: str
    quantity: Decimal


@dataclass(frozen=True)
class GeneratedFrom:
    """The outbound order whose goods a consignment is to carry."""

    order_id: UUID
    customer_id: UUID
    warehouse_id: UUID
    reference: str
    delivery: Mapping[str, Any]
    """The order's own columns, by their names: see `DELIVERY`."""
    lines: Sequence[GeneratedLine]
    holds_reference: bool = True
    """Whether the order does; the rest of a split one only carries it."""


DELIVERY = (
    *(f"deliver_{name}" for name in ADDRESS),
    "deliver_instructions",
    "deliver_required_on",
    "cash_on_delivery",
    "cash_on_delivery_currency",
    "invoice_value",
    "invoice_value_currency",
)
"""The columns of an outbound order that its consignment takes over."""


async def generate(
    caller: Caller, order: GeneratedFrom, status: ConsignmentStatus, changes: Changes
) -> UUID:
    """Add the delivery of an order's goods; if there is one already, that goes on to `status`.

    Raises:
        Forbidden: the caller is a client without the role to make consignments.

    """
    if caller.staff_role is None and ApiRole.TMS_CREATE_JOBS not in caller.roles:
        raise Forbidden(
            "This order makes a consignment, which needs the role TMS_CREATE_JOBS.",
            roles=[ApiRole.TMS_CREATE_JOBS],
            staff=list(StaffRole),
        )
    if known := await follow(caller, order.order_id, status, changes):
        return known[0]
    content = await _of_order(caller, order)
    earlier = await lookups.job_of_reference(
        Consignment, Reach.of_tenant(caller.tenant_id), order.customer_id, order.reference
    )
    return insert(
        caller,
        content,
        columns_of(caller, content, Faults()),
        status,
        earlier if earlier is not None and earlier.status in RELEASED else None,
        changes,
        holds_reference=order.holds_reference and (earlier is None or earlier.status in RELEASED),
    )


async def follow(
    caller: Caller, order_id: UUID, to: ConsignmentStatus, changes: Changes
) -> list[UUID]:
    """Move the standing consignments of an order along, where their path leads there.

    A draft is not sent on its way by another's packing, and what has left is not called off.
    """
    everything = Reach.of_tenant(caller.tenant_id)
    standing = await consignment_lookups.of_order(caller.tenant_id, order_id)
    for consignment_id in standing:
        job = await lookups.job_for_change(Consignment, everything, consignment_id, KIND.more)
        if job is not None and _follows(job, to):
            jobs.advance(kind_of(job), caller, job, to, ["status"], changes)
    return standing


def _follows(job: Job, to: ConsignmentStatus) -> bool:
    kind = kind_of(job)
    if to is ConsignmentStatus.CANCELLED:
        return job.status in kind.open_to_clients
    return job.status != ConsignmentStatus.DRAFT and to in kind.legal(job)


async def _of_order(caller: Caller, order: GeneratedFrom) -> dict[str, Any]:
    """The input that would have made the consignment of an order."""
    delivery = order.delivery
    units = [(line.product_id, line.unit) for line in order.lines]
    sizes = await consignment_lookups.measured(caller.tenant_id, units)
    depot = await consignment_lookups.depot_address(caller.tenant_id, order.warehouse_id)
    return {
        "customer": order.customer_id,
        "warehouse": order.warehouse_id,
        "type": ConsignmentType.DELIVERY,
        "reference": order.reference,
        "outbound_order": order.order_id,
        "drop_off": False,
        "draft": False,
        "authority_to_leave": False,
        "collect_address": depot,
        "deliver_address": {name: delivery.get(f"deliver_{name}") for name in ADDRESS},
        "instructions": delivery.get("deliver_instructions"),
        "required_on": delivery.get("deliver_required_on"),
        "cash_on_delivery": _money(delivery, "cash_on_delivery"),
        "invoice_value": _money(delivery, "invoice_value"),
        "items": [_item(line, sizes[line.product_id, line.unit]) for line in order.lines],
    }


def _money(columns: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    minor = columns.get(name)
    if minor is None:
        return None
    currency = columns[f"{name}_currency"]
    return {"amount": decimal_amount(minor, currency), "currency": currency}


def _item(line: GeneratedLine, measured: Measured) -> dict[str, Any]:
    return {
        "description": measured.name,
        "quantity": line.quantity,
        "weight_kg": _times(line.quantity, measured.weight_kg),
        "cubic_m3": _times(line.quantity, measured.cubic_m3),
    }


def _times(quantity: Decimal, each: Decimal | None) -> Decimal | None:
    """All together, as finely as goods are measured; None if that is unknown, or beyond measure."""
    if each is None:
        return None
    try:
        together = (quantity * each).quantize(MILLIONTH, ROUND_HALF_UP)
        to_millionths(together)
    except (ArithmeticError, ValueError):
        return None
    return together.normalize()
