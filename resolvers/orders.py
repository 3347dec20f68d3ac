"""Outbound orders: placing them, changing them, calling them off."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from models import lookups
from models.lookups import Job, Policies
from models.moves import RESERVING
from models.order_lines import COPIED, rest_row
from models.orders import OutboundOrder, OutboundOrderItem, OutboundOrderOutcome
from models.record import new_id
from models.words import DeliveryMethod, OutboundStatus, UserErrorCode
from models.writing import Changes
from resolvers import jobs
from resolvers.access import Caller
from resolvers.commands import Effect, now
from resolvers.contents import as_json, canonical, input_path
from resolvers.faults import Faults
from resolvers.items import Line, Lines, lines_of
from resolvers.jobs import Content
from resolvers.order_rows import (
    KIND,
    delivery_columns,
    insert_lines,
    money_columns,
    plain_columns,
    sent_text,
    with_currency,
)
from resolvers.order_stock import as_sent, give_back, stock_of, stored_lines
from resolvers.order_transport import on_cancelling, on_submission
from resolvers.parties import Destination, destination_of
from resolvers.shortage import Decision, decide, refuse, reserve, taken
from resolvers.waiting import wake


async def place(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Take a new order, or find the one that was made of the same content before."""
    faults = Faults()
    faults.texts(content)
    faults.not_blank(content, ("reference",))
    _check_delivery(content["deliver"], faults)
    money = money_columns(caller, content, faults)
    party = await lookups.opening(
        OutboundOrder, caller.reach, content["customer"], content["reference"]
    )
    destination = destination_of(party, content, faults)
    customer_id, warehouse_id = destination.customer_id, destination.warehouse_id
    items, policies = content["items"], party.policies
    lines = await lines_of(caller, customer_id, policies, items, faults, warehouse_id)
    full = _filled_in(caller, content, destination, lines)

    first = jobs.same_again(KIND, caller, party.earlier, content, full, faults)
    if first is not None:
        return first
    _check_wishes(lines.kept, faults)
    decision = Decision(OutboundStatus.DRAFT, lines.kept)
    if lines.rejected:
        decision = Decision(OutboundStatus.REJECTED, lines.kept)
    elif not full["draft"] and not faults.errors and warehouse_id is not None:
        decision = await decide(
            caller, customer_id, warehouse_id, policies, lines.kept, faults,
            allow_splitting=full["allow_splitting"],
        )  # fmt: skip
    faults.raise_any()

    order = {
        "customer_id": customer_id,
        "warehouse_id": warehouse_id,
        "reference": content["reference"],
        **plain_columns(full),
        **delivery_columns(full["deliver"]),
        **money,
        "content": as_json(canonical(full)),
    }
    outcomes = [*lines.outcomes, *decision.outcomes]
    order_id, at = new_id(), now()
    changes.insert(
        OutboundOrder,
        {
            "tenant_id": caller.tenant_id,
            "id": order_id,
            **order,
            "status": decision.status,
            "replaces_id": party.earlier.id if party.earlier is not None else None,
            "items_as_sent": sent_text(items) if lines.rejected else None,
            "created_at": at,
            "modified_at": at,
        },
    )
    ids = insert_lines(caller, order_id, decision.lines, changes)
    jobs.note(KIND, caller, order_id, 1, decision.status, sorted(full), at, changes)
    jobs.note_outcomes(OutboundOrderOutcome, caller, order_id, outcomes, changes)
    stock = stock_of(caller, at)
    reserve(stock, order_id, ids, decision.picks)
    stock.write(changes)
    await on_submission(caller, policies, order_id, order, decision.status, decision.lines, changes)
    await _insert_rest(caller, policies, order, order_id, decision.rest, changes)
    return Effect(order_id, customer_id, warehouse_id, outcomes=outcomes)


async def change(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Set the fields that are given, if nobody changed the order since it was read."""
    given = {name: value for name, value in content.items() if name not in {"id", "version"}}
    job = await jobs.found(KIND, caller, content["id"], read=content["version"], given=given)
    jobs.must_be_open(KIND, caller, job, "update")
    faults = Faults()
    faults.texts(given)
    if "deliver" in given:
        _check_delivery(given["deliver"], faults)
    columns = {
        **plain_columns(given),
        **(delivery_columns(given["deliver"]) if "deliver" in given else {}),
        **money_columns(caller, given, faults),
    }
    submits = jobs.submits(job, given, faults)
    await jobs.take_reference_again(KIND, caller, job, faults)
    return await revise(
        caller, job, given.get("items"), columns, sorted(given), faults, changes, submits=submits
    )


async def revise(
    caller: Caller,
    job: Job,
    items: Sequence[Content] | None,
    columns: dict[str, Any],
    changed: Sequence[str],
    faults: Faults,
    changes: Changes,
    *,
    submits: bool,
) -> Effect:
    """Give an order other lines, or its stock, or both; what it held before goes back first.

    The customer's policies have a say where it is submitted. A standing order is not rejected or
    made to wait by a change: what it cannot get is a fault, and nothing changes.
    """
    policies = Policies()
    if submits:
        policies = (await lookups.party(caller.reach, job.customer_id)).policies
    stock = stock_of(caller, now())
    if items is not None and job.status in RESERVING:
        await give_back(caller, job)
    if items is None and submits and job.more["items_as_sent"] is not None:
        items = as_sent(job.more["items_as_sent"])
    lines, ids = await _lines(caller, job, policies, items, faults)
    _check_wishes(lines.kept, faults)
    status = OutboundStatus(job.status)
    decision = Decision(status, lines.kept)
    if lines.rejected and submits:
        decision = Decision(OutboundStatus.REJECTED, lines.kept)
    elif submits and not faults.errors:
        splits = columns.get("allow_splitting", bool(job.more["allow_splitting"]))
        decision = await decide(
            caller, job.customer_id, job.warehouse_id, policies, lines.kept, faults,
            allow_splitting=splits,
        )  # fmt: skip
    elif items is not None and not faults.errors and status is not OutboundStatus.DRAFT:
        decision = await _again(caller, job, status, lines.kept, faults)
    faults.raise_any()

    outcomes = [*lines.outcomes, *decision.outcomes]
    if items is not None or decision.lines != lines.kept:
        await lookups.delete_owned(OutboundOrderItem, "order_id", caller.tenant_id, job.id)
        ids = insert_lines(caller, job.id, decision.lines, changes)
    if submits:
        columns["items_as_sent"] = sent_text(lines.sent) if lines.rejected else None
        await lookups.delete_owned(OutboundOrderOutcome, "order_id", caller.tenant_id, job.id)
        jobs.note_outcomes(OutboundOrderOutcome, caller, job.id, outcomes, changes)
    effect = jobs.advance(KIND, caller, job, decision.status, changed, changes, **columns)
    reserve(stock, job.id, ids, decision.picks)
    stock.write(changes)
    if decision.rest or policies.makes_consignments is not None:
        order = await lookups.columns(OutboundOrder, caller.reach, job.id, COPIED) | columns
        await on_submission(
            caller, policies, job.id, order, decision.status, decision.lines, changes,
            holds_reference=job.holds_reference,
        )  # fmt: skip
        await _insert_rest(caller, policies, order, job.id, decision.rest, changes)
    return replace(effect, outcomes=outcomes)


async def cancel(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Call an order off, as long as nobody has touched the goods; what it held is free again."""
    job = await jobs.found(KIND, caller, content["id"], read=content.get("version"))
    jobs.must_be_open(KIND, caller, job, "cancel")
    effect = jobs.advance(KIND, caller, job, OutboundStatus.CANCELLED, ["status"], changes)
    await on_cancelling(caller, job, changes)
    await changes.flush()
    await wake(caller, job.customer_id, job.warehouse_id, await give_back(caller, job))
    return effect


async def _lines(
    caller: Caller,
    job: Job,
    policies: Policies,
    items: Sequence[Content] | None,
    faults: Faults,
) -> tuple[Lines, dict[int, UUID]]:
    """The lines that are given, else those it has, with their ids."""
    if items is None:
        kept, ids = await stored_lines(caller, job)
        return Lines([line.given for line in kept], kept), ids
    found = await lines_of(caller, job.customer_id, policies, items, faults, job.warehouse_id)
    return found, {}


async def _again(
    caller: Caller, job: Job, status: OutboundStatus, lines: Sequence[Line], faults: Faults
) -> Decision:
    """The stock for other lines of a standing order, or of one that waits."""
    picks, short = await taken(caller, job.customer_id, job.warehouse_id, lines)
    if status is OutboundStatus.AWAITING_STOCK:
        enough = Decision(OutboundStatus.AWAITING_PICK_AND_PACK, lines, picks)
        return Decision(status, lines) if short else enough
    refuse(short, faults)
    return Decision(status, lines, picks)


async def _insert_rest(
    caller: Caller,
    policies: Policies,
    order: dict[str, Any],
    rest_of: UUID,
    lines: Sequence[Line],
    changes: Changes,
) -> None:
    """What an order could not have yet, as an order of its own that awaits stock."""
    if not lines:
        return
    rest_id, at = new_id(), now()
    status = OutboundStatus.AWAITING_STOCK
    own = {"status": status, "rest_of_id": rest_of, "created_at": at, "modified_at": at}
    changes.insert(OutboundOrder, rest_row(order, caller.tenant_id, rest_id, **own))
    insert_lines(caller, rest_id, lines, changes)
    jobs.note(KIND, caller, rest_id, 1, status, ["items", "rest_of"], at, changes)
    await on_submission(
        caller, policies, rest_id, order, status, lines, changes, holds_reference=False
    )


def _filled_in(
    caller: Caller, content: Content, destination: Destination, lines: Lines
) -> dict[str, Any]:
    """The input with its defaults, by which it is recognised when it comes again."""
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
        "items": lines.contents,
    }


def _check_delivery(deliver: Content, faults: Faults) -> None:
    shipped = deliver.get("method") is not DeliveryMethod.PICKUP
    faults.address(deliver["address"], "deliver", "address", complete=shipped)


def _check_wishes(lines: Sequence[Line], faults: Faults) -> None:
    """No batch is blank; where the product's rule is strict, none is named, nor an expiry date."""
    for line in lines:
        faults.not_blank(line.given, ("batch",), "items", line.at)
        for name in ("batch", "expiry_date"):
            if line.ware.selection_strict and line.given.get(name) is not None:
                faults.add(
                    UserErrorCode.INVALID,
                    input_path("items", line.at, name),
                    f"`{line.ware.code}` goes out strictly by {line.ware.selection};"
                    " leave this out.",
                )
