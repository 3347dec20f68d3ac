"""A consignment's content as the rows that hold it, and the path of each type."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson

from models.consignments import Consignment, ConsignmentEvent, ConsignmentItem
from models.lookups import Job
from models.moves import CONSIGNMENT, CONSIGNMENT_OPEN_TO_CLIENTS, CONSIGNMENT_OPEN_TO_STAFF
from models.record import new_id
from models.words import ConsignmentStatus, ConsignmentType
from models.writing import Changes
from resolvers import jobs
from resolvers.access import Caller
from resolvers.commands import now
from resolvers.contents import as_json, canonical
from resolvers.faults import Faults
from resolvers.jobs import Content, Kind
from resolvers.order_rows import address_columns, amount_columns, properties_text

PLAIN = (
    "drop_off",
    "required_on",
    "instructions",
    "internal_notes",
    "authority_to_leave",
    "authority_to_leave_instructions",
)
"""Fields that are columns of the same name."""

AMOUNTS = ("cash_on_delivery", "invoice_value", "cost")
ENDS = ("collect", "deliver")
ITEM = ("description", "quantity", "pallets", "weight_kg", "cubic_m3", "spaces")


# --- the path of each type -----------------------------------------------------------------------


def type_of(job: Job) -> ConsignmentType:
    """What the carrier is to do, from its column or, where that was not read, its content."""
    return ConsignmentType(job.more.get("type") or orjson.loads(job.content)["type"])


KIND = Kind(
    noun="consignment",
    table=Consignment,
    events=ConsignmentEvent,
    owner="consignment_id",
    open_to_clients=CONSIGNMENT_OPEN_TO_CLIENTS,
    open_to_staff=CONSIGNMENT_OPEN_TO_STAFF,
    legal=lambda job: CONSIGNMENT[type_of(job)][ConsignmentStatus(job.status)],
    plain=PLAIN,
    more=("type", "drop_off", "outbound_order_id", "collect_line1", "delivered_at"),
)

BOTH_IN_TURN = replace(
    KIND, open_to_clients=CONSIGNMENT_OPEN_TO_CLIENTS - {ConsignmentStatus.IN_WAREHOUSE}
)
"""What was picked up before it is delivered was in transit already when it is in the warehouse."""


def kind_of(job: Job) -> Kind:
    """What can be done with a consignment of its type."""
    return BOTH_IN_TURN if type_of(job) is ConsignmentType.PICKUP_DELIVERY else KIND


def first_status(
    type_: ConsignmentType, *, drop_off: bool = False, packed: bool = True
) -> ConsignmentStatus:
    """Where a consignment begins, once it is no draft."""
    match type_:
        case ConsignmentType.DELIVERY if packed:
            return ConsignmentStatus.IN_WAREHOUSE
        case ConsignmentType.DELIVERY:
            return ConsignmentStatus.AWAITING_SALE_ORDER_PACKING
        case ConsignmentType.POINT_TO_POINT:
            return ConsignmentStatus.AWAITING_POINT_TO_POINT_PICKUP
    return ConsignmentStatus.AWAITING_DROPOFF if drop_off else ConsignmentStatus.AWAITING_PICKUP


# --- rows ----------------------------------------------------------------------------------------


def columns_of(caller: Caller, content: Content, faults: Faults) -> dict[str, Any]:
    """The columns of the fields that are given."""
    columns: dict[str, Any] = {name: content[name] for name in PLAIN if name in content}
    if "properties" in content:
        columns["properties"] = properties_text(content["properties"])
    for name in AMOUNTS:
        if name in content:
            amount = faults.money(content, name, caller.currency)
            columns |= amount_columns(name, amount)
    for end in ENDS:
        if f"{end}_address" in content:
            columns |= address_columns(end, content[f"{end}_address"] or {})
    if "tracking" in content:
        tracking: Mapping[str, Any] = content["tracking"] or {}
        columns["tracking_company"] = tracking.get("company")
        columns["tracking_url"] = tracking.get("url")
    return columns


def insert(
    caller: Caller,
    content: Content,
    columns: Mapping[str, Any],
    status: ConsignmentStatus,
    earlier: Job | None,
    changes: Changes,
    *,
    holds_reference: bool = True,
) -> UUID:
    """A new consignment with its lines and the first line of its history."""
    consignment_id, at = new_id(), now()
    changes.insert(
        Consignment,
        {
            "tenant_id": caller.tenant_id,
            "id": consignment_id,
            "customer_id": content["customer"],
            "warehouse_id": content["warehouse"],
            "type": content["type"],
            "reference": content["reference"],
            "holds_reference": holds_reference,
            "status": status,
            **columns,
            "outbound_order_id": content.get("outbound_order"),
            "replaces_id": earlier.id if earlier is not None else None,
            "content": as_json(canonical(content)),
            "created_at": at,
            "modified_at": at,
        },
    )
    insert_items(caller, consignment_id, content["items"], changes)
    jobs.note(KIND, caller, consignment_id, 1, status, sorted(content), at, changes)
    return consignment_id


def insert_items(
    caller: Caller, consignment_id: UUID, items: Sequence[Content], changes: Changes
) -> None:
    """The lines in the order in which they were sent."""
    changes.insert(
        ConsignmentItem,
        *(
            {
                "tenant_id": caller.tenant_id,
                "id": new_id(),
                "consignment_id": consignment_id,
                "position": position,
                **{name: item.get(name) for name in ITEM},
            }
            for position, item in enumerate(items, start=1)
        ),
    )
