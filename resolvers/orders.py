"""Outbound orders: placing them, changing them, calling them off."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from models import lookups
from models.moves import OPEN_TO_CLIENTS, OPEN_TO_STAFF, OUTBOUND, RELEASED
from models.orders import OutboundOrder, OutboundOrderEvent, OutboundOrderItem
from models.record import new_id
from models.words import DeliveryMethod, OutboundStatus, UserErrorCode
from models.writing import Changes
from resolvers.access import Caller
from resolvers.commands import Effect, now
from resolvers.contents import as_json, canonical, input_path
from resolvers.errors import UserError, UserErrors, not_found
from resolvers.faults import Faults
from resolvers.items import Line, lines_of
from resolvers.order_rows import (
    PLAIN,
    delivery_columns,
    hidden_from,
    insert_lines,
    money_columns,
    note,
    plain_columns,
    with_currency,
)
from resolvers.parties import Destination, destination_of
from resolvers.references import Standing, clash, repeats
from resolvers.versions import stale

Content = Mapping[str, Any]
"""An input with its names in Python's spelling; what was not given is not there."""


async def place(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Take a new order, or find the one that was made of the same content before."""
    faults = Faults()
    faults.texts(content)
    faults.not_blank(content, ("reference",))
    _check_delivery(content["deliver"], faults)
    money = money_columns(caller, content, faults)
    destination = await destination_of(caller, content, faults)
    if destination is None:
        raise UserErrors(faults.errors)
    lines = await lines_of(caller, destination.customer_id, content["items"], faults)
    full = _filled_in(caller, content, destination, lines)

    earlier = await lookups.order_of_reference(
        caller.reach, destination.customer_id, content["reference"]
    )
    if earlier is not None and earlier.status not in RELEASED:
        standing = _standing(caller, earlier)
        said = _as_filled_in_then(content, canonical(full), orjson.loads(earlier.content))
        if repeats(standing, said):
            return _effect(earlier, replayed=True)
        hidden = hidden_from(caller)
        reference, path = content["reference"], input_path("reference")
        faults.errors.append(clash(standing, said, reference, path, hidden))
    faults.raise_any()

    order_id, at = new_id(), now()
    status = OutboundStatus.DRAFT if full["draft"] else OutboundStatus.AWAITING_PICK_AND_PACK
    changes.insert(
        OutboundOrder,
        {
            "tenant_id": caller.tenant_id,
            "id": order_id,
            "customer_id": destination.customer_id,
            "warehouse_id": destination.warehouse_id,
            "reference": content["reference"],
            "status": status,
            **plain_columns(full),
            **delivery_columns(full["deliver"]),
            **money,
            "replaces_id": earlier.id if earlier is not None else None,
            "content": as_json(canonical(full)),
            "created_at": at,
            "modified_at": at,
        },
    )
    insert_lines(caller, order_id, [line for line in lines if line], changes)
    note(caller, order_id, 1, status, sorted(full), at, changes)
    return Effect(order_id, destination.customer_id, destination.warehouse_id)


async def change(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Set the fields that are given, if nobody changed the order since it was read."""
    job = await _found(caller, content["id"])
    given = {name: value for name, value in content.items() if name not in {"id", "version"}}
    await _must_be_current(caller, job, content["version"], given)
    _must_be_open(caller, job, "update")
    faults = Faults()
    faults.texts(given)
    if "deliver" in given:
        _check_delivery(given["deliver"], faults)
    money = money_columns(caller, given, faults)
    lines: list[Line | None] = []
    if "items" in given:
        lines = await lines_of(caller, job.customer_id, given["items"], faults)
    status = _submitted(OutboundStatus(job.status), given, faults)
    await _take_reference_again(caller, job, faults)
    faults.raise_any()

    if lines:
        await lookups.delete_owned(OutboundOrderItem, "order_id", caller.tenant_id, job.id)
        insert_lines(caller, job.id, [line for line in lines if line], changes)
    at = now()
    changes.update(
        OutboundOrder,
        caller.tenant_id,
        job.id,
        **plain_columns(given),
        **(delivery_columns(given["deliver"]) if "deliver" in given else {}),
        **money,
        status=status,
        version=job.version + 1,
        modified_at=at,
    )
    note(caller, job.id, job.version + 1, status, sorted(given), at, changes)
    return _effect(job)


async def cancel(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Call an order off, as long as nobody has touched the goods."""
    job = await _found(caller, content["id"])
    if content.get("version") is not None:
        await _must_be_current(caller, job, content["version"], {})
    _must_be_open(caller, job, "cancel")

    at = now()
    changes.update(
        OutboundOrder,
        caller.tenant_id,
        job.id,
        status=OutboundStatus.CANCELLED,
        version=job.version + 1,
        modified_at=at,
    )
    note(caller, job.id, job.version + 1, OutboundStatus.CANCELLED, ["status"], at, changes)
    return _effect(job)


def _filled_in(
    caller: Caller, content: Content, destination: Destination, lines: Sequence[Line | None]
) -> dict[str, Any]:
    """The input with its defaults, by which it is recognised when it comes again."""
    items = [
        line.content if line else item for line, item in zip(lines, content["items"], strict=False)
    ]
    return {
        **content,
        "warehouse": destination.warehouse_id or content.get("warehouse"),
        "urgent": content.get("urgent") or False,
        "draft": content.get("draft") or False,
        "allow_splitting": content.get("allow_splitting", True) is not False,
        "invoice_value": with_currency(caller, content.get("invoice_value")),
        "deliver": {
            **content["deliver"],
            "method": content["deliver"].get("method") or DeliveryMethod.SHIPPING,
            "cash_on_delivery": with_currency(caller, content["deliver"].get("cash_on_delivery")),
        },
        "items": items,
    }


def _as_filled_in_then(content: Content, full: dict[str, Any], stored: Any) -> dict[str, Any]:
    """The input, with what it leaves out as that was filled in when the order was made.

    Warehouses and units can have other defaults by now; a late retry finds its order all the same.
    """
    if content.get("warehouse") is None:
        full["warehouse"] = stored["warehouse"]
    for given, now_, then in zip(content["items"], full["items"], stored["items"], strict=False):
        if given.get("unit") is None and now_["product"] == then["product"]:
            now_["unit"] = then["unit"]
    return full


def _check_delivery(deliver: Content, faults: Faults) -> None:
    shipped = deliver.get("method") is not DeliveryMethod.PICKUP
    faults.address(deliver["address"], "deliver", "address", complete=shipped)


def _standing(caller: Caller, job: lookups.Job) -> Standing:
    moves = ["UPDATE", "CANCEL"] if job.status in _open_to(caller) else []
    return Standing(job.id, job.content, caller.reach.holds_warehouse(job.warehouse_id), moves)


async def _found(caller: Caller, order_id: UUID) -> lookups.Job:
    job = await lookups.order_for_change(caller.reach, order_id)
    if job is None:
        raise UserErrors([not_found("outbound order", order_id, input_path("id"))])
    return job


async def _must_be_current(
    caller: Caller, job: lookups.Job, read: int, given: Mapping[str, Any]
) -> None:
    if read != job.version:
        changed = await lookups.fields_changed_since(
            OutboundOrderEvent, "order_id", caller.reach, job.id, read
        )
        stored = await lookups.columns(OutboundOrder, caller.reach, job.id, PLAIN)
        raise stale(job.version, read, changed, stored, given, hidden_from(caller))


def _must_be_open(caller: Caller, job: lookups.Job, verb: str) -> None:
    if job.status in _open_to(caller):
        return
    legal = sorted(OUTBOUND[OutboundStatus(job.status)]) if caller.staff_role else []
    raise UserErrors(
        [
            UserError(
                UserErrorCode.WRONG_STATUS,
                input_path("id"),
                f"An order that is {job.status} is too far on to {verb}.",
                legal_moves=legal,
            )
        ]
    )


def _open_to(caller: Caller) -> frozenset[OutboundStatus]:
    return OPEN_TO_CLIENTS if caller.staff_role is None else OPEN_TO_STAFF


def _submitted(status: OutboundStatus, given: Content, faults: Faults) -> OutboundStatus:
    """The status after an update: a draft can be submitted, nothing becomes a draft again."""
    draft = given.get("draft")
    if status is OutboundStatus.DRAFT and draft is not False:
        return status
    if draft:
        faults.add(
            UserErrorCode.INVALID, input_path("draft"), "A submitted order is no draft any more."
        )
    if status in {OutboundStatus.DRAFT, OutboundStatus.REJECTED}:
        return OutboundStatus.AWAITING_PICK_AND_PACK
    return status


async def _take_reference_again(caller: Caller, job: lookups.Job, faults: Faults) -> None:
    """An update of a rejected order wants its reference back, which may be another's by now."""
    if job.status not in RELEASED:
        return
    holder = await lookups.order_of_reference(caller.reach, job.customer_id, job.reference)
    if holder is not None and holder.id != job.id and holder.status not in RELEASED:
        faults.add(
            UserErrorCode.REFERENCE_TAKEN,
            input_path("id"),
            f"`{job.reference}` is another order's now.",
        )


def _effect(job: lookups.Job, *, replayed: bool = False) -> Effect:
    return Effect(job.id, job.customer_id, job.warehouse_id, replayed=replayed)
