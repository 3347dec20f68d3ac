"""Inbound orders: announcing goods, changing what was announced, calling it off."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from models import lookups
from models.inbound import InboundOrder, InboundOrderItem, InboundOrderOutcome
from models.inbound_lines import StoredLine, lines_of_inbound
from models.lookups import Job, Policies
from models.record import new_id
from models.words import Condition, InboundStatus, UserErrorCode
from models.writing import Changes
from resolvers import jobs
from resolvers.access import Caller
from resolvers.commands import Effect, now
from resolvers.contents import as_json, canonical, input_path
from resolvers.faults import Faults
from resolvers.gs1 import check_sscc
from resolvers.inbound_rows import KIND, as_sent, insert_lines, plain_columns, stored_lines
from resolvers.inbound_stock import arrivals, check_state, check_total
from resolvers.items import Items, Lines, lines_of
from resolvers.jobs import Content
from resolvers.order_rows import sent_text
from resolvers.parties import Destination, destination_of


async def announce(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Take a new order, or find the one that was made of the same content before."""
    faults = Faults()
    faults.texts(content)
    faults.not_blank(content, ("reference",))
    party = await lookups.opening(
        InboundOrder, caller.reach, content["customer"], content["reference"]
    )
    destination = destination_of(party, content, faults)
    customer_id, warehouse_id = destination.customer_id, destination.warehouse_id
    lines = await _lines(caller, customer_id, party.policies, content["items"], faults)
    full = _filled_in(content, destination, lines)
    first = jobs.same_again(KIND, caller, party.earlier, content, full, faults)
    if first is not None:
        return first
    faults.raise_any()
    if warehouse_id is None:
        raise ValueError("without a warehouse there is a fault")

    order_id, at = new_id(), now()
    status = InboundStatus.DRAFT if full["draft"] else InboundStatus.NOT_YET_RECEIVED
    if lines.rejected:
        status = InboundStatus.REJECTED
    changes.insert(
        InboundOrder,
        {
            "tenant_id": caller.tenant_id,
            "id": order_id,
            "customer_id": customer_id,
            "warehouse_id": warehouse_id,
            "reference": content["reference"],
            "status": status,
            **plain_columns(full),
            "items_as_sent": sent_text(lines.sent) if lines.rejected else None,
            "replaces_id": party.earlier.id if party.earlier is not None else None,
            "content": as_json(canonical(full)),
            "created_at": at,
            "modified_at": at,
        },
    )
    stored = stored_lines(lines.kept)
    insert_lines(caller, order_id, stored, changes)
    jobs.note(KIND, caller, order_id, 1, status, sorted(full), at, changes)
    jobs.note_outcomes(InboundOrderOutcome, caller, order_id, lines.outcomes, changes)
    if status is InboundStatus.NOT_YET_RECEIVED:
        expected = arrivals(caller, customer_id, warehouse_id, at)
        await expected.expect(order_id, stored)
        expected.write(changes)
    return Effect(order_id, customer_id, warehouse_id, outcomes=lines.outcomes)


async def change(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Set the fields that are given, if nobody changed the order since it was read."""
    given = {name: value for name, value in content.items() if name not in {"id", "version"}}
    job = await jobs.found(KIND, caller, content["id"], read=content["version"], given=given)
    jobs.must_be_open(KIND, caller, job, "update")
    faults = Faults()
    faults.texts(given)
    if "items" in given and job.status == InboundStatus.RECEIVED:
        faults.add(
            UserErrorCode.WRONG_STATUS,
            input_path("items"),
            "The goods are here: what came is told by verifying them.",
        )
    submits = jobs.submits(job, given, faults)
    await jobs.take_reference_again(KIND, caller, job, faults)
    return await revise(caller, job, given, sorted(given), faults, changes, submits=submits)


async def revise(
    caller: Caller,
    job: Job,
    given: Content,
    changed: Sequence[str],
    faults: Faults,
    changes: Changes,
    *,
    submits: bool,
) -> Effect:
    """Give an order other fields and lines, and announce what is new.

    The customer's policies have a say where it is submitted. A standing order is not rejected by
    a change: what cannot be is a fault, and nothing changes.
    """
    items = given.get("items")
    if items is None and submits and job.more["items_as_sent"] is not None:
        items = as_sent(job.more["items_as_sent"])
    lines: Lines | None = None
    if items is not None:
        policies = Policies()
        if submits:
            policies = (await lookups.party(caller.reach, job.customer_id)).policies
        lines = await _lines(caller, job.customer_id, policies, items, faults)
    faults.raise_any()

    at, columns, status = now(), plain_columns(given), InboundStatus(job.status)
    if submits:
        rejected = lines is not None and lines.rejected
        status = InboundStatus.REJECTED if rejected else InboundStatus.NOT_YET_RECEIVED
        columns["items_as_sent"] = sent_text(lines.sent) if lines and rejected else None
    expected = arrivals(caller, job.customer_id, job.warehouse_id, at)
    stored: Sequence[StoredLine] = ()
    if lines is not None:
        await expected.take_back(job.id)
        stored = await _instead(caller, job, lines, changes)
    elif submits:
        stored = await lines_of_inbound(caller.tenant_id, job.id)
    effect = jobs.advance(KIND, caller, job, status, changed, changes, at=at, **columns)
    if status is InboundStatus.NOT_YET_RECEIVED:
        await expected.expect(job.id, stored)
    expected.write(changes)
    return replace(effect, outcomes=lines.outcomes if lines else ())


async def cancel(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Call an order off, as long as the goods are not here; they are expected no longer."""
    job = await jobs.found(KIND, caller, content["id"], read=content.get("version"))
    jobs.must_be_open(KIND, caller, job, "cancel")
    at = now()
    effect = jobs.advance(KIND, caller, job, InboundStatus.CANCELLED, ["status"], changes, at=at)
    expected = arrivals(caller, job.customer_id, job.warehouse_id, at)
    await expected.take_back(job.id)
    expected.write(changes)
    return effect


async def _lines(
    caller: Caller, customer_id: UUID, policies: Policies, items: Items, faults: Faults
) -> Lines:
    lines = await lines_of(caller, customer_id, policies, items, faults)
    for at, item in enumerate(items):
        check_state(item, faults, "items", at)
        check_sscc(faults, item.get("sscc"), "items", at, "sscc")
    check_total((line.base_quantity for line in lines.kept), faults)
    return lines


async def _instead(
    caller: Caller, job: Job, lines: Lines, changes: Changes
) -> Sequence[StoredLine]:
    """Lines instead of those it has, and what policies did to them."""
    for table in (InboundOrderItem, InboundOrderOutcome):
        await lookups.delete_owned(table, "order_id", caller.tenant_id, job.id)
    stored = stored_lines(lines.kept)
    insert_lines(caller, job.id, stored, changes)
    jobs.note_outcomes(InboundOrderOutcome, caller, job.id, lines.outcomes, changes)
    return stored


def _filled_in(content: Content, destination: Destination, lines: Lines) -> dict[str, Any]:
    """The input with its defaults, by which it is recognised when it comes again."""
    return {
        **content,
        "warehouse": destination.warehouse_id or content.get("warehouse"),
        "urgent": content.get("urgent") or False,
        "draft": content.get("draft") or False,
        "items": [
            {**item, "condition": item.get("condition") or Condition.OK} for item in lines.contents
        ],
    }
