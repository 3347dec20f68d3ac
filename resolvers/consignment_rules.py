"""What has to be so for a carrier: where from and where to, what, and how it can be followed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from models import consignment_lookups, lookups
from models.lookups import Job
from models.moves import RELEASED
from models.orders import OutboundOrder
from models.words import ConsignmentType, OutboundStatus, UserErrorCode
from resolvers.access import Caller
from resolvers.contents import input_path
from resolvers.errors import not_found
from resolvers.faults import Faults
from resolvers.jobs import Content

PICKED_UP = frozenset(
    {ConsignmentType.PICKUP, ConsignmentType.PICKUP_DELIVERY, ConsignmentType.RETURNED}
)
"""What comes to the depot, by a carrier or dropped off."""

TAKEN_AWAY = frozenset({ConsignmentType.DELIVERY, ConsignmentType.PICKUP_DELIVERY})
PACKED = frozenset({OutboundStatus.PACKED, OutboundStatus.DISPATCHED})


# --- where from and where to ---------------------------------------------------------------------


async def addresses(
    caller: Caller,
    type_: ConsignmentType,
    content: Content,
    ends: Iterable[str],
    warehouse_id: UUID | None,
    faults: Faults,
    *,
    drop_off: bool,
) -> dict[str, Mapping[str, Any] | None]:
    """The addresses of the ends named; the depot's where none is given.

    One that a carrier has to find is complete: that which the type leads to beside the depot.
    """
    found: dict[str, Mapping[str, Any] | None] = {}
    for end in ends:
        name = f"{end}_address"
        address = found[name] = content.get(name)
        if address is not None:
            faults.address(address, name, complete=True)
        elif type_ is ConsignmentType.POINT_TO_POINT:
            message = "From point to point, both addresses are named."
            faults.add(UserErrorCode.REQUIRED, input_path(name), message)
        elif warehouse_id is not None:
            found[name] = await consignment_lookups.depot_address(caller.tenant_id, warehouse_id)
            if found[name] is None and is_needed(end, type_, drop_off=drop_off):
                depot_has_none(name, faults)
    return found


def is_needed(end: str, type_: ConsignmentType, *, drop_off: bool) -> bool:
    """Whether a carrier must find this end, so that the depot alone will not do."""
    if end == "deliver":
        return type_ in TAKEN_AWAY
    return type_ in PICKED_UP and not drop_off


def depot_has_none(name: str, faults: Faults) -> None:
    """The depot's address was to stand in, and is not known."""
    message = "The depot has no complete address that could stand in for it, so name this one."
    faults.add(UserErrorCode.REQUIRED, input_path(name), message)


def check_drop_off(type_: ConsignmentType, content: Content, faults: Faults) -> None:
    """Only what comes to the depot can be dropped off."""
    if content.get("drop_off") and type_ not in PICKED_UP:
        message = f"A {type_} does not come to the depot, so it cannot be dropped off."
        faults.add(UserErrorCode.INVALID, input_path("drop_off"), message)


# --- what, and how it can be followed ------------------------------------------------------------


def check_items(items: Sequence[Content], faults: Faults) -> None:
    """There is something to be carried, and it can be measured."""
    if not items:
        message = "A consignment has at least one item."
        faults.add(UserErrorCode.REQUIRED, input_path("items"), message)
    for at, item in enumerate(items):
        faults.not_blank(item, ("description",), "items", at)
        faults.positive(item, ("quantity",), "items", at)
        for name in ("pallets", "weight_kg", "cubic_m3", "spaces"):
            if (value := item.get(name)) is not None and value < 0:
                message = f"This cannot be negative, and is {value}."
                faults.add(UserErrorCode.INVALID, input_path("items", at, name), message)


def check_tracking(tracking: Content | None, faults: Faults) -> None:
    """The link is one that a browser may follow."""
    url = (tracking or {}).get("url")
    if url is not None and not _leads_to_a_page(url):
        message = "A tracking link begins with https:// or http:// and names a host."
        faults.add(UserErrorCode.INVALID, input_path("tracking", "url"), message)


def _leads_to_a_page(url: str) -> bool:
    if any(character.isspace() or not character.isprintable() for character in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


# --- the order whose goods they are --------------------------------------------------------------


async def order_of(caller: Caller, full: Content, faults: Faults) -> Job | None:
    """The outbound order that a new consignment names, held so that nobody packs it meanwhile."""
    order_id, path = full.get("outbound_order"), input_path("outbound_order")
    if order_id is None:
        return None
    order = await lookups.job_for_change(OutboundOrder, caller.reach, order_id)
    if order is None:
        faults.errors.append(not_found("outbound order", order_id, path))
        return None
    wrong = None
    if full["type"] is not ConsignmentType.DELIVERY:
        wrong = "Only a DELIVERY carries the goods of an order."
    elif (order.customer_id, order.warehouse_id) != (full["customer"], full["warehouse"]):
        wrong = "This order is another customer's, or in another warehouse."
    elif order.status in RELEASED:
        wrong = f"This order is {order.status}."
    if wrong is not None:
        faults.add(UserErrorCode.INVALID, path, wrong)
    return order
