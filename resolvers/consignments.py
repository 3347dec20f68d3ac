"""Consignments: booking them, changing them, calling them off."""

from typing import Any
from uuid import UUID

import orjson

from models import lookups
from models.consignments import Consignment, ConsignmentItem
from models.lookups import Job
from models.orders import OutboundOrder
from models.reach import Reach
from models.words import ConsignmentStatus, UserErrorCode
from models.writing import Changes
from resolvers import jobs
from resolvers.access import Caller
from resolvers.commands import Effect
from resolvers.consignment_rows import (
    AMOUNTS,
    ENDS,
    KIND,
    columns_of,
    first_status,
    insert,
    insert_items,
    kind_of,
    type_of,
)
from resolvers.consignment_rules import (
    PACKED,
    addresses,
    check_drop_off,
    check_items,
    check_tracking,
    depot_has_none,
    is_needed,
    order_of,
)
from resolvers.contents import canonical, input_path
from resolvers.faults import Faults
from resolvers.jobs import Content
from resolvers.order_rows import with_currency
from resolvers.parties import destination_of

FILLED_IN = ("warehouse", "collect_address", "deliver_address")
"""Fields whose defaults can be others by the time that a job is asked for again."""


async def place(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Take a new consignment, or find the one that was made of the same content before."""
    faults = Faults()
    faults.texts(content)
    faults.not_blank(content, ("reference",))
    check_items(content["items"], faults)
    check_drop_off(content["type"], content, faults)
    party = await lookups.opening(
        Consignment, caller.reach, content["customer"], content["reference"]
    )
    warehouse_id = destination_of(party, content, faults).warehouse_id
    full = await _filled_in(caller, content, warehouse_id, faults)
    columns = columns_of(caller, full, faults)

    said, path = _as_filled_in_then(content, full, party.earlier), input_path("reference")
    kind = KIND if party.earlier is None else kind_of(party.earlier)
    if (earlier := jobs.repeated(kind, caller, party.earlier, said, path, faults)) is not None:
        return earlier
    order = await order_of(caller, full, faults)
    faults.raise_any()

    status = ConsignmentStatus.DRAFT if full["draft"] else _begins(full, order)
    made = insert(caller, full, columns, status, party.earlier, changes)
    return Effect(made, content["customer"], warehouse_id)


async def change(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Set the fields that are given, if nobody changed the consignment since it was read."""
    given = {name: value for name, value in content.items() if name not in {"id", "version"}}
    job = await jobs.found(KIND, caller, content["id"], read=content["version"], given=given)
    kind, type_ = kind_of(job), type_of(job)
    jobs.must_be_open(kind, caller, job, "update")
    faults = Faults()
    faults.texts(given)
    drop_off = bool(given.get("drop_off", job.more["drop_off"]))
    _check_way(job, given, faults)
    ends = [end for end in ENDS if f"{end}_address" in given]
    given |= await addresses(
        caller, type_, given, ends, job.warehouse_id, faults, drop_off=drop_off
    )
    if "items" in given:
        check_items(given["items"], faults)
    check_tracking(given.get("tracking"), faults)
    columns = columns_of(caller, given, faults)
    status = ConsignmentStatus(job.status)
    if jobs.submits(job, given, faults):
        status = await _submitted(caller, job, drop_off=drop_off)
    faults.raise_any()

    if "items" in given:
        await lookups.delete_owned(ConsignmentItem, "consignment_id", caller.tenant_id, job.id)
        insert_items(caller, job.id, given["items"], changes)
    return jobs.advance(kind, caller, job, status, sorted(given), changes, **columns)


async def cancel(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Call a consignment off, as long as it is not on its way."""
    job = await jobs.found(KIND, caller, content["id"], read=content.get("version"))
    kind = kind_of(job)
    jobs.must_be_open(kind, caller, job, "cancel")
    return jobs.advance(kind, caller, job, ConsignmentStatus.CANCELLED, ["status"], changes)


async def _filled_in(
    caller: Caller, content: Content, warehouse_id: UUID | None, faults: Faults
) -> dict[str, Any]:
    """The input with its defaults, by which it is recognised when it comes again."""
    drop_off = bool(content.get("drop_off"))
    return {
        **content,
        **await addresses(
            caller, content["type"], content, ENDS, warehouse_id, faults, drop_off=drop_off
        ),
        **{name: with_currency(caller, content[name]) for name in AMOUNTS if name in content},
        "warehouse": warehouse_id or content.get("warehouse"),
        "drop_off": drop_off,
        "draft": bool(content.get("draft")),
        "authority_to_leave": bool(content.get("authority_to_leave")),
    }


def _as_filled_in_then(content: Content, full: Content, earlier: Job | None) -> Content:
    """The input, with what it leaves out as that was filled in when the consignment was made."""
    said: dict[str, Any] = canonical(full)
    if earlier is not None:
        then = orjson.loads(earlier.content)
        left_out = [name for name in FILLED_IN if content.get(name) is None]
        for name in left_out:
            said.pop(name, None)
        said |= {name: then[name] for name in left_out if name in then}
    return said


def _begins(full: Content, order: Job | None) -> ConsignmentStatus:
    packed = order is None or order.status in PACKED
    return first_status(full["type"], drop_off=full["drop_off"], packed=packed)


def _check_way(job: Job, given: Content, faults: Faults) -> None:
    """Whether the goods are picked up or dropped off is settled once it is no draft."""
    if "drop_off" not in given or given["drop_off"] == bool(job.more["drop_off"]):
        return
    check_drop_off(type_of(job), given, faults)
    if job.status != ConsignmentStatus.DRAFT:
        message = "This can be changed while it is a draft; cancel it and book another."
        faults.add(UserErrorCode.INVALID, input_path("drop_off"), message)
    needed = is_needed("collect", type_of(job), drop_off=given["drop_off"])
    if needed and "collect_address" not in given and job.more["collect_line1"] is None:
        depot_has_none("collect_address", faults)


async def _submitted(caller: Caller, job: Job, *, drop_off: bool) -> ConsignmentStatus:
    """Where a draft begins; its order may lie outside the reach of whoever submits it."""
    order_id = lookups.uuid_or_none(job.more["outbound_order_id"])
    order = None
    if order_id is not None:
        everything = Reach.of_tenant(caller.tenant_id)
        order = await lookups.job_for_change(OutboundOrder, everything, order_id)
    packed = order is None or order.status in PACKED
    return first_status(type_of(job), drop_off=drop_off, packed=packed)
