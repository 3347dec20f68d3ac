"""Consignments, as the operator's people move them and prove that they arrived."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from models import consignment_lookups
from models.consignment_lookups import Arrived
from models.lookups import Job
from models.words import ConsignmentStatus, ConsignmentType, UserErrorCode
from models.writing import Changes
from resolvers import jobs
from resolvers.access import Caller
from resolvers.commands import Effect, now
from resolvers.consignment_rows import KIND, kind_of, type_of
from resolvers.contents import input_path
from resolvers.errors import not_found
from resolvers.faults import Faults
from resolvers.jobs import Content

AHEAD = timedelta(minutes=5)
"""How much the clock of a driver's phone may be before ours."""

AWAITED = frozenset({ConsignmentStatus.AWAITING_PICKUP, ConsignmentStatus.AWAITING_DROPOFF})


async def move(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Take a consignment one step along the path of its type, and no other."""
    job = await jobs.found(KIND, caller, content["id"], read=content["version"])
    kind, to = kind_of(job), content["to"]
    jobs.must_reach(kind, caller, job, to)
    columns: dict[str, Any] = {}
    if to in AWAITED:
        columns["drop_off"] = to is ConsignmentStatus.AWAITING_DROPOFF
    return jobs.advance(kind, caller, job, to, sorted({"status", *columns}), changes, **columns)


async def prove(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Write down who took the goods, when and how many; that delivers the consignment.

    Where it was moved to its end without a proof, this fills it in. What is proved is never
    proved again: a proof that could be replaced would prove nothing.
    """
    job = await jobs.found(KIND, caller, content["id"], read=content["version"])
    kind = kind_of(job)
    faults = Faults()
    to = _end_of(job, content, faults)
    if job.more["delivered_at"] is not None:
        raise jobs.wrong_status(kind, caller, job, "This consignment has its proof of delivery.")
    moved = ["status"] if job.status != to else []
    if moved:
        jobs.must_reach(kind, caller, job, to)
    faults.texts(content)
    faults.not_blank(content, ("recipient",))
    if content["at"] > now() + AHEAD:
        message = "Nothing has been delivered that late: this is yet to come."
        faults.add(UserErrorCode.INVALID, input_path("at"), message)
    sent = await consignment_lookups.items_of(caller.tenant_id, job.id)
    arrived = _arrived(sent, content.get("items") or (), faults)
    faults.raise_any()

    changes.add(Arrived(caller.tenant_id, list(arrived.items())))
    return jobs.advance(
        kind,
        caller,
        job,
        to,
        ["items", "proof_of_delivery", *moved],
        changes,
        delivered_recipient=content["recipient"],
        delivered_at=content["at"],
    )


def _end_of(job: Job, content: Content, faults: Faults) -> ConsignmentStatus:
    """Where a consignment of its type is when the goods are handed over."""
    collected = bool(content.get("collected"))
    if type_of(job) is ConsignmentType.POINT_TO_POINT:
        if collected:
            message = "From point to point, nothing is collected at the depot."
            faults.add(UserErrorCode.INVALID, input_path("collected"), message)
        return ConsignmentStatus.POINT_TO_POINT_DELIVERED
    return ConsignmentStatus.COLLECTED if collected else ConsignmentStatus.DELIVERED


def _arrived(
    sent: Mapping[UUID, Decimal], items: Sequence[Content], faults: Faults
) -> dict[UUID, Decimal]:
    """How many of each line arrived; all of a line that is not named."""
    named: dict[UUID, Decimal] = {}
    for at, item in enumerate(items):
        line_id, many = item["item"], item["delivered_quantity"]
        if line_id not in sent:
            path = input_path("items", at, "item")
            faults.errors.append(not_found("line of this consignment", line_id, path))
        elif line_id in named:
            path = input_path("items", at, "item")
            faults.add(UserErrorCode.INVALID, path, "This line is named twice.")
        elif not 0 <= many <= sent[line_id]:
            path = input_path("items", at, "delivered_quantity")
            message = f"Of this line, 0 to {sent[line_id]:f} can arrive, and not {many:f}."
            faults.add(UserErrorCode.INVALID, path, message)
        named[line_id] = many
    return {**sent, **named}
