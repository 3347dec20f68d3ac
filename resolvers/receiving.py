"""What warehouse staff do with inbound orders: receive, verify, put away, and try again."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.inbound import InboundOrder, InboundOrderCount
from models.inbound_lines import (
    ReceiveLines,
    StoredLine,
    counts_of_inbound,
    lines_of_inbound,
)
from models.lookups import Job
from models.record import new_id
from models.words import Condition, InboundStatus
from models.writing import Changes
from resolvers import jobs
from resolvers.access import Caller
from resolvers.commands import Effect, now
from resolvers.faults import Faults
from resolvers.inbound import revise
from resolvers.inbound_rows import KIND, PLAIN, insert_lines
from resolvers.inbound_stock import NOT_THERE, Goods, arrivals
from resolvers.jobs import Content
from resolvers.receipts import came_of, goods_of, rest_of
from resolvers.waiting import wake


async def receive(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Write down what came: all lines as announced, or those that are named.

    What is missing goes onto an order of its own, which is still expected, unless nothing more
    will come.
    """
    job = await _found(caller, content, InboundStatus.RECEIVED)
    lines = await lines_of_inbound(caller.tenant_id, job.id)
    faults = Faults()
    came = came_of(lines, content.get("items"), faults)
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
    rest = rest_of(lines, came) if content.get("keep_rest", True) else []
    if rest:
        await expected.expect(_insert_rest(caller, job, rest, at, changes), rest)
    expected.write(changes)
    return effect


async def verify(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Write down in what condition the goods are; where nothing is said, as announced."""
    job = await _found(caller, content, InboundStatus.VERIFIED)
    lines = await lines_of_inbound(caller.tenant_id, job.id)
    faults = Faults()
    goods = list(goods_of(lines, content.get("items") or [], faults))
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
