"""What the operator's people do to outbound orders: packing, dispatching, and taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.fields import to_millionths
from models.lookups import Job
from models.order_lines import pack_line
from models.stocktaking import Movement, held_by_outbound, shipped_by_outbound
from models.words import MovementKind, OutboundStatus, UserErrorCode
from models.writing import Changes
from resolvers import jobs
from resolvers.access import Caller
from resolvers.commands import Effect, now
from resolvers.contents import input_path
from resolvers.errors import not_found
from resolvers.faults import Faults
from resolvers.items import Line
from resolvers.jobs import Content
from resolvers.order_rows import KIND
from resolvers.order_stock import give_back, stock_of, stored_lines
from resolvers.order_transport import on_packing
from resolvers.orders import revise
from resolvers.shortage import refuse, reserve, taken
from resolvers.waiting import wake


async def start_packing(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Begin to pick and pack an order; from now on its customer cannot change it."""
    job = await _found(caller, content, OutboundStatus.PACKING_IN_PROGRESS)
    return jobs.advance(KIND, caller, job, OutboundStatus.PACKING_IN_PROGRESS, ["status"], changes)


async def pack(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Have an order ready to leave, as it was ordered or as corrected.

    A corrected line takes what was really packed: less, more if that is free, or of another
    batch; what it gives back is free for others.
    """
    job = await _found(caller, content, OutboundStatus.PACKED)
    faults = Faults()
    faults.texts(content)
    lines, ids = await stored_lines(caller, job)
    corrected = _corrections(content.get("items") or (), lines, ids, faults)
    faults.raise_any()
    at = now()
    effect = jobs.advance(
        KIND, caller, job, OutboundStatus.PACKED, _told(corrected), changes, at=at, packed_at=at
    )
    if corrected:
        await changes.flush()
        await _correct(caller, job, corrected, faults)
    await on_packing(caller, job, changes)
    return effect


async def dispatch(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Let an order leave: what it held stands in the warehouse no more."""
    job = await _found(caller, content, OutboundStatus.DISPATCHED)
    at = now()
    effect = jobs.advance(
        KIND, caller, job, OutboundStatus.DISPATCHED, ["status"], changes, at=at, dispatched_at=at
    )
    stock = stock_of(caller, at)
    stock.move(
        *(
            Movement(
                held.level_id,
                MovementKind.DISPATCHED,
                quantity=-held.quantity,
                allocated=-held.quantity,
                outbound_order_id=job.id,
                item_id=held.item_id,
            )
            for held in await held_by_outbound(caller.tenant_id, job.id)
        )
    )
    stock.write(changes)
    return effect


async def revert(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Take an order one step back: dispatched to packed, packed to be picked and packed again."""
    job = await jobs.found(KIND, caller, content["id"], read=content["version"])
    if job.status == OutboundStatus.DISPATCHED:
        await _bring_back(caller, job, changes)
        return jobs.advance(
            KIND, caller, job, OutboundStatus.PACKED, ["status"], changes, dispatched_at=None
        )
    if job.status != OutboundStatus.PACKED:
        message = f"An outbound order that is {job.status} cannot be taken back."
        raise jobs.wrong_status(KIND, caller, job, message)
    return jobs.advance(
        KIND,
        caller,
        job,
        OutboundStatus.AWAITING_PICK_AND_PACK,
        ["status"],
        changes,
        packed_at=None,
    )


async def reprocess(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Submit a rejected order again as it is: products may be known by now, or stock be there."""
    job = await jobs.found(KIND, caller, content["id"], read=content["version"])
    if job.status != OutboundStatus.REJECTED:
        message = f"Only rejected orders are reprocessed, and this one is {job.status}."
        raise jobs.wrong_status(KIND, caller, job, message)
    faults = Faults()
    await jobs.take_reference_again(KIND, caller, job, faults)
    return await revise(caller, job, None, {}, ["status"], faults, changes, submits=True)


async def _found(caller: Caller, content: Content, to: OutboundStatus) -> Job:
    job = await jobs.found(KIND, caller, content["id"], read=content["version"])
    jobs.must_reach(KIND, caller, job, to)
    return job


async def _bring_back(caller: Caller, job: Job, changes: Changes) -> None:
    stock = stock_of(caller, now())
    stock.move(
        *(
            Movement(
                shipped.level_id,
                MovementKind.REVERTED,
                quantity=shipped.quantity,
                allocated=shipped.quantity,
                outbound_order_id=job.id,
                item_id=shipped.item_id,
            )
            for shipped in await shipped_by_outbound(caller.tenant_id, job.id)
        )
    )
    stock.write(changes)


# --- corrections ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Correction:
    """A line as it was really packed; `line.at` is its place among the corrections."""

    item_id: UUID
    line: Line


def _corrections(
    items: Sequence[Content], lines: Sequence[Line], ids: dict[int, UUID], faults: Faults
) -> list[Correction]:
    by_id = {ids[line.at]: line for line in lines}
    found: dict[UUID, Correction] = {}
    for at, item in enumerate(items):
        faults.not_blank(item, ("batch",), "items", at)
        line = by_id.get(item["item"])
        if line is None:
            path = input_path("items", at, "item")
            faults.errors.append(not_found("line of this order", item["item"], path))
        elif item["item"] in found:
            path = input_path("items", at, "item")
            faults.add(UserErrorCode.INVALID, path, "This line stands there twice.")
        else:
            _check_quantity(line, item["quantity"], at, faults)
            found[item["item"]] = Correction(item["item"], _as_packed(line, item, at))
    packed = [found[item_id].line if item_id in found else line for item_id, line in by_id.items()]
    if not faults.errors and not any(line.quantity for line in packed):
        message = "Nothing of it would be packed; cancel the order instead."
        faults.add(UserErrorCode.INVALID, input_path("items"), message)
    return list(found.values())


def _as_packed(line: Line, item: Content, at: int) -> Line:
    given: dict[str, Any] = dict(line.given)
    given |= {name: item[name] for name in ("batch", "expiry_date") if item.get(name) is not None}
    return replace(line, at=at, quantity=item["quantity"], given=given)


def _check_quantity(line: Line, quantity: Decimal, at: int, faults: Faults) -> None:
    path = input_path("items", at, "quantity")
    if quantity < 0:
        faults.add(UserErrorCode.INVALID, path, "This cannot be negative.")
        return
    try:
        to_millionths(quantity * line.unit_base)
    except ValueError as fault:
        faults.add(UserErrorCode.INVALID, path, f"{fault}.")


def _told(corrected: Sequence[Correction]) -> list[str]:
    return ["items", "status"] if corrected else ["status"]


async def _correct(
    caller: Caller, job: Job, corrected: Sequence[Correction], faults: Faults
) -> None:
    """Let go of what the corrected lines held, and take what was packed of them."""
    freed = await give_back(caller, job, [one.item_id for one in corrected])
    fresh, _ = await stored_lines(caller, job)
    wares = {line.ware.id: line.ware for line in fresh}
    lines = [replace(one.line, ware=wares[one.line.ware.id]) for one in corrected]
    picks, short = await taken(caller, job.customer_id, job.warehouse_id, lines)
    refuse(short, faults)
    faults.raise_any()
    changes, stock = Changes(), stock_of(caller, now())
    for one in corrected:
        line = one.line
        pack_line(caller.tenant_id, one.item_id, line.quantity, line.base_quantity, changes)
    reserve(stock, job.id, {one.line.at: one.item_id for one in corrected}, picks)
    stock.write(changes)
    await changes.flush()
    await wake(caller, job.customer_id, job.warehouse_id, freed)
