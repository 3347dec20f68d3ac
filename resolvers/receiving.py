"""What warehouse staff do with inbound orders: receive, verify, put away, and try again."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.fields import to_millionths
from models.inbound import InboundOrder, InboundOrderCount
from models.inbound_lines import (
    ReceiveLines,
    StoredLine,
    counts_of_inbound,
    lines_of_inbound,
)
from models.lookups import Job
from models.record import new_id
from models.words import Condition, InboundStatus, UserErrorCode
from models.writing import Changes
from resolvers import jobs
from resolvers.access import Caller
from resolvers.commands import Effect, now
from resolvers.contents import input_path
from resolvers.errors import not_found
from resolvers.faults import Faults
from resolvers.gs1 import check_sscc
from resolvers.inbound import revise
from resolvers.inbound_rows import KIND, PLAIN, insert_lines
from resolvers.inbound_stock import NOT_THERE, Goods, arrivals, check_state
from resolvers.items import Items
from resolvers.jobs import Content
from resolvers.waiting import wake

NOTHING = Decimal(0)


async def receive(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Write down what came: all lines as announced, or those that are named.

    What is missing goes onto an order of its own, which is still expected, unless nothing more
    will come.
    """
    job = await _found(caller, content, InboundStatus.RECEIVED)
    lines = await lines_of_inbound(caller.tenant_id, job.id)
    faults = Faults()
    came = _came(lines, content.get("items"), faults)
    faults.raise_any()

    at = now()
    effect = jobs.advance(
        KIND,
        caller,
        job,
        InboundStatus.RECEIVED,
        ["items", "status"],
        changes,
        at=at,
        received_at=at,
    )
    changes.add(ReceiveLines(caller.tenant_id, came))
    expected = arrivals(caller, job.customer_id, job.warehouse_id, at)
    await expected.take_back(job.id)
    rest = _rest(lines, came) if content.get("keep_rest", True) else []
    if rest:
        await expected.expect(_insert_rest(caller, job, rest, at, changes), rest)
    expected.write(changes)
    return effect


async def verify(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Write down in what condition the goods are; where nothing is said, as announced."""
    job = await _found(caller, content, InboundStatus.VERIFIED)
    lines = await lines_of_inbound(caller.tenant_id, job.id)
    faults = Faults()
    goods = list(_counted(lines, content.get("items") or [], faults))
    faults.raise_any()

    at = now()
    effect = jobs.advance(
        KIND,
        caller,
        job,
        InboundStatus.VERIFIED,
        ["items", "status"],
        changes,
        at=at,
        verified_at=at,
    )
    changes.insert(InboundOrderCount, *_rows(caller, job, goods))
    return effect


async def put_away(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Let the goods stand in the warehouse, and give them to the orders that wait for them."""
    job = await _found(caller, content, InboundStatus.ALLOCATED)
    lines = {line.id: line for line in await lines_of_inbound(caller.tenant_id, job.id)}
    goods = [
        Goods(lines[one.item_id], one.quantity, one.condition, one.batch, one.expiry_date)
        for one in await counts_of_inbound(caller.tenant_id, job.id)
        if one.condition not in NOT_THERE
    ]
    at, to = now(), InboundStatus.ALLOCATED
    effect = jobs.advance(KIND, caller, job, to, ["status"], changes, at=at, allocated_at=at)
    stands = arrivals(caller, job.customer_id, job.warehouse_id, at)
    await stands.put(job.id, goods)
    stands.write(changes)
    await changes.flush()
    free = {one.line.product_id for one in goods if one.condition is Condition.OK}
    await wake(caller, job.customer_id, job.warehouse_id, free)
    return effect


async def reprocess(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Submit a rejected order once more, as it was sent."""
    job = await jobs.found(KIND, caller, content["id"], read=content["version"])
    if job.status != InboundStatus.REJECTED:
        message = f"Only what was rejected is processed again; this is {job.status}."
        raise jobs.wrong_status(KIND, caller, job, message)
    faults = Faults()
    await jobs.take_reference_again(KIND, caller, job, faults)
    return await revise(caller, job, {}, ["status"], faults, changes, submits=True)


async def _found(caller: Caller, content: Content, to: InboundStatus) -> Job:
    job = await jobs.found(KIND, caller, content["id"], read=content["version"])
    jobs.must_reach(KIND, caller, job, to)
    return job


def _named(
    lines: Sequence[StoredLine], items: Items, faults: Faults
) -> dict[UUID, tuple[int, Content]]:
    """What is said of each line that is named, with its place in the input."""
    known = {line.id for line in lines}
    named: dict[UUID, tuple[int, Content]] = {}
    faults.texts({"items": items})
    for at, item in enumerate(items):
        line_id, path = item["item"], input_path("items", at, "item")
        if line_id not in known:
            faults.errors.append(not_found("line of this order", line_id, path))
        elif line_id in named:
            faults.add(UserErrorCode.INVALID, path, "This line is named twice.")
        else:
            named[line_id] = (at, item)
    return named


def _fits(line: StoredLine, quantity: Decimal, faults: Faults, *at: str | int) -> None:
    """The quantity can be counted in base units."""
    base = quantity * line.unit_base
    try:
        to_millionths(base)
    except ValueError as fault:
        message = f"In base units this comes to {base.normalize():f}. {fault}."
        faults.add(UserErrorCode.INVALID, input_path(*at, "quantity"), message)


# --- receiving --------------------------------------------------------------------------------


def _came(lines: Sequence[StoredLine], items: Items | None, faults: Faults) -> list[StoredLine]:
    """The lines with what was received of each: as announced, if nothing is said at all."""
    if items is None:
        return [replace(line, received=line.quantity) for line in lines]
    named = _named(lines, items, faults)
    came = []
    for line in lines:
        at, item = named.get(line.id, (0, {"quantity": NOTHING}))
        quantity = line.quantity if item.get("quantity") is None else item["quantity"]
        if quantity < 0:
            path = input_path("items", at, "quantity")
            faults.add(UserErrorCode.INVALID, path, "This cannot be negative.")
        _fits(line, quantity, faults, "items", at)
        check_state(item, faults, "items", at)
        check_sscc(faults, item.get("sscc"), "items", at, "sscc")
        told = {name: item[name] for name in TOLD if item.get(name) is not None}
        came.append(replace(line, received=quantity, **told))
    if not any(line.received for line in came) and not faults.errors:
        faults.add(
            UserErrorCode.INVALID,
            input_path("items"),
            "Nothing of it came. Leave it as it is, or cancel it.",
        )
    return came


TOLD = ("batch", "expiry_date", "sscc")
"""What is known of goods by the time they come, instead of what was announced."""


def _rest(lines: Sequence[StoredLine], came: Sequence[StoredLine]) -> list[StoredLine]:
    """What did not come, as lines of an order of its own."""
    left = [
        replace(line, quantity=line.quantity - (one.received or NOTHING))
        for line, one in zip(lines, came, strict=True)
    ]
    return [
        replace(line, id=new_id(), position=position)
        for position, line in enumerate((line for line in left if line.quantity > 0), start=1)
    ]


def _insert_rest(
    caller: Caller, job: Job, lines: Sequence[StoredLine], at: datetime, changes: Changes
) -> UUID:
    """The order that still waits for what did not come."""
    order_id, status = new_id(), InboundStatus.NOT_YET_RECEIVED
    changes.insert(
        InboundOrder,
        {
            "tenant_id": caller.tenant_id,
            "id": order_id,
            "customer_id": job.customer_id,
            "warehouse_id": job.warehouse_id,
            "reference": job.reference,
            "holds_reference": False,
            "status": status,
            **{name: job.more[name] for name in (*PLAIN, "properties")},
            "urgent": bool(job.more["urgent"]),
            "rest_of_id": job.id,
            "content": job.content,
            "created_at": at,
            "modified_at": at,
        },
    )
    insert_lines(caller, order_id, lines, changes)
    jobs.note(KIND, caller, order_id, 1, status, ["items", "rest_of"], at, changes)
    return order_id


# --- verifying --------------------------------------------------------------------------------


def _counted(lines: Sequence[StoredLine], items: Items, faults: Faults) -> Iterator[Goods]:
    """What was found of each line, state by state."""
    named = _named(lines, items, faults)
    for line in lines:
        received = line.received or NOTHING
        if line.id in named:
            at, item = named[line.id]
            yield from _told(line, received, item["counts"], at, faults)
        elif received > 0:
            one = Goods(line, received, line.condition, line.batch, line.expiry_date)
            _must_be_known(one, faults, "items")
            yield one


def _told(
    line: StoredLine, received: Decimal, counts: Items, at: int, faults: Faults
) -> Iterator[Goods]:
    total = sum((count["quantity"] for count in counts), NOTHING)
    if total != received:
        faults.add(
            UserErrorCode.INVALID,
            input_path("items", at, "counts"),
            f"These come to {total:f} {line.unit}, and {received:f} were received.",
        )
    for number, count in enumerate(counts):
        place = ("items", at, "counts", number)
        faults.positive(count, ("quantity",), *place)
        _fits(line, count["quantity"], faults, *place)
        check_state(count, faults, *place)
        batch, expiry = count.get("batch") or line.batch, count.get("expiry_date")
        one = Goods(line, count["quantity"], count["condition"], batch, expiry or line.expiry_date)
        _must_be_known(one, faults, *place)
        yield one


def _must_be_known(one: Goods, faults: Faults, *at: str | int) -> None:
    """Where a product is kept by batch or expiry date, what stands there has one."""
    line, there = one.line, one.condition not in NOT_THERE
    for name, demanded, known in (
        ("batch", line.requires_batch, one.batch),
        ("expiry_date", line.requires_expiry, one.expiry_date),
    ):
        if there and demanded and known is None:
            # A line that the input does not name has no place of its own there.
            path = input_path(*at, name) if len(at) > 1 else input_path(*at)
            message = f"Line {line.position} needs its {name.replace('_', ' ')}."
            faults.add(UserErrorCode.REQUIRED, path, f"{message} (`{line.product_code}`)")


def _rows(caller: Caller, job: Job, goods: Sequence[Goods]) -> Iterator[dict[str, Any]]:
    """Counts as rows, numbered line by line."""
    numbers: dict[UUID, int] = {}
    for one in goods:
        numbers[one.line.id] = numbers.get(one.line.id, 0) + 1
        yield {
            "tenant_id": caller.tenant_id,
            "id": new_id(),
            "order_id": job.id,
            "item_id": one.line.id,
            "position": numbers[one.line.id],
            "condition": one.condition,
            "quantity": one.quantity,
            "batch": one.batch,
            "expiry_date": one.expiry_date,
        }
