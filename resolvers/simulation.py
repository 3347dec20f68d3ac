"""Trying without an operator: a sandbox customer's client moves its own jobs along.

Each step is the very command that the operator's people carry out, so that what a client tries
here is what it will see.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from models import lookups
from models.lookups import Job
from models.words import (
    ApiRole,
    ConsignmentStatus,
    InboundStatus,
    OutboundStatus,
    UserErrorCode,
)
from models.writing import Changes
from resolvers import (
    consignment_rows,
    inbound_rows,
    order_rows,
    packing,
    receiving,
    transport,
)
from resolvers.access import Caller
from resolvers.commands import Effect
from resolvers.contents import input_path
from resolvers.errors import UserError, UserErrors, not_found
from resolvers.jobs import Content, Kind

Step = Callable[[Caller, Content, Changes], Awaitable[Effect]]


@dataclass(frozen=True)
class Simulated:
    """A kind of job, who may simulate it, and which status leads where."""

    kind: Kind
    role: ApiRole
    steps: Mapping[str, Step]
    """By the status that a job is in; where it may fork, `transport.move` is told where to."""


SIMULATED = (
    Simulated(
        order_rows.KIND,
        ApiRole.WMS_CREATE_JOBS,
        {
            OutboundStatus.AWAITING_PICK_AND_PACK: packing.start_packing,
            OutboundStatus.PACKING_IN_PROGRESS: packing.pack,
            OutboundStatus.PACKED: packing.dispatch,
            OutboundStatus.REJECTED: packing.reprocess,
        },
    ),
    Simulated(
        inbound_rows.KIND,
        ApiRole.WMS_CREATE_JOBS,
        {
            InboundStatus.NOT_YET_RECEIVED: receiving.receive,
            InboundStatus.RECEIVED: receiving.verify,
            InboundStatus.VERIFIED: receiving.put_away,
            InboundStatus.REJECTED: receiving.reprocess,
        },
    ),
    Simulated(
        consignment_rows.KIND,
        ApiRole.TMS_CREATE_JOBS,
        {
            status: transport.move
            for status in ConsignmentStatus
            if status is not ConsignmentStatus.DRAFT
        },
    ),
)


async def progress(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Move a sandbox job one step on, as the operator's people would.

    Raises:
        UserErrors: `NOT_FOUND` outside the reach and for kinds that the caller may not make,
            `INVALID` for jobs of live customers, `WRONG_STATUS` where no step leads on.

    """
    simulated, job = await _found(caller, content["id"])
    if not await lookups.is_sandbox(caller.tenant_id, job.customer_id):
        raise _refused(UserErrorCode.INVALID, "Only jobs of sandbox customers can be simulated.")
    step = simulated.steps.get(job.status)
    asked = {"id": job.id, "version": job.version}
    if step is transport.move:
        asked["to"] = _way_on(job, content.get("to"))
    elif content.get("to") is not None:
        path = input_path("to")
        message = "Orders go one way; leave this out."
        raise UserErrors([UserError(UserErrorCode.INVALID, path, message)])
    if step is None:
        message = f"Nothing the operator does leads on from {job.status}."
        raise _refused(UserErrorCode.WRONG_STATUS, message)
    return await step(caller, asked, changes)


async def _found(caller: Caller, job_id: UUID) -> tuple[Simulated, Job]:
    for one in SIMULATED:
        if caller.staff_role is None and one.role not in caller.roles:
            continue
        kind = one.kind
        job = await lookups.job_for_change(kind.table, caller.reach, job_id, kind.more)
        if job is not None:
            return one, job
    raise UserErrors([not_found("job", job_id, input_path("id"))])


ENDS = frozenset({ConsignmentStatus.CANCELLED, ConsignmentStatus.WITH_ON_FORWARDER})
"""Where a consignment only goes when it is told to."""


def _way_on(job: Job, to: ConsignmentStatus | None) -> ConsignmentStatus:
    """Where a consignment goes next: the usual way, unless another one is named."""
    if to is not None:
        return to
    legal = consignment_rows.kind_of(job).legal(job)
    onward = [status for status in ConsignmentStatus if status in legal and status not in ENDS]
    if not onward:
        message = f"A consignment that is {job.status} has arrived."
        raise _refused(UserErrorCode.WRONG_STATUS, message)
    delivered = ConsignmentStatus.DELIVERED
    return delivered if delivered in onward else onward[0]


def _refused(code: UserErrorCode, message: str) -> UserErrors:
    return UserErrors([UserError(code, input_path("id"), message)])
