"""What an operation costs: one outcome for each billable root field, counted exactly once.

The tally is opened for every operation on every path, with HTTP or without. A billable field that
finds none refuses to be carried out.
"""

import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from strawberry.extensions import FieldExtension, SchemaExtension

from models.words import Outcome
from resolvers.access import Caller
from resolvers.call_log import CallNote, call_log
from resolvers.commands import Asked, Call, Effect, entry
from resolvers.counting import counter
from resolvers.errors import BadInput, LimitExceeded, Refusal, Throttled, Unavailable
from resolvers.running import running_bill
from resolvers.usage import used_this_week
from schema.context import Context
from schema.finished import Finished
from schema.operations import Operation, RootField
from schema.scalars import instant_text

log = logging.getLogger(__name__)


class Concerned(NamedTuple):
    """The one object that a call concerned, and whose it is."""

    object_id: UUID | None = None
    customer_id: UUID | None = None
    warehouse_id: UUID | None = None


NOTHING = Concerned()
"""What a call concerned that concerned none or several."""


def concerned(effect: Effect | None, asked: Asked | None = None) -> Concerned:
    """What an effect is on; nothing was made of what was only tried."""
    if effect is None:
        return NOTHING
    tried = asked is not None and asked.validate_only and not effect.replayed
    made = not tried or (asked is not None and asked.content.get("id") == effect.id)
    return Concerned(effect.id if made else None, effect.customer_id, effect.warehouse_id)


@dataclass(frozen=True)
class Counted:
    """What became of one billable root field."""

    path: str
    field: str
    outcome: Outcome
    count: int
    concerned: Concerned = NOTHING


@dataclass
class Tally:
    """The billable calls of one operation, as they end."""

    calls: list[Counted] = field(default_factory=list)

    def note(
        self,
        key: str,
        name: str,
        outcome: Outcome | None,
        count: int = 1,
        on: Concerned = NOTHING,
    ) -> None:
        """One call's outcome; None is nobody's business (staff)."""
        if outcome is not None:
            counts = count if outcome is Outcome.COUNTED else 0
            self.calls.append(Counted(key, name, outcome, counts, on))

    def told(self, operation: Operation | None) -> list[Counted]:
        """The calls in the order of the document; they ended in any order."""
        keys = [root.key for root in operation.roots] if operation else []
        return sorted(self.calls, key=lambda call: keys.index(call.path))

    def refuse(
        self, roots: Iterable[RootField], caller: Caller, outcome: Outcome = Outcome.REFUSED
    ) -> None:
        """The whole operation was refused before anything ran."""
        if caller.client_id is not None:
            for root in {root.key: root for root in roots if root.billable}.values():
                self.note(root.key, root.name, outcome)


def outcome_of(fault: Exception) -> Outcome | None:
    """What a call that ended in a fault is told to be; what does not fit has no outcome."""
    match fault:
        case BadInput() | LimitExceeded():
            return None
        case Throttled():
            return Outcome.THROTTLED
        case Unavailable():
            return Outcome.SERVER_FAULT
        case Refusal():
            return Outcome.REFUSED
        case _:
            return Outcome.SERVER_FAULT


def tally_of(context: Context) -> Tally:
    """The operation's tally; without one nothing billable is carried out."""
    if context.tally is None:
        raise RuntimeError("nothing counts this operation")
    return context.tally


def call_of(info: Any) -> Call:
    """The root field that is being carried out, for the ledger."""
    context: Context = info.context
    name = context.operation.name if context.operation else None
    return Call(context.caller, info.field_name, name, context.request_id, _is_billed(info))


def _is_billed(info: Any) -> bool:
    operation, key = info.context.operation, info.path.key
    return operation is not None and any(
        root.billable for root in operation.roots if root.key == key
    )


def note(info: Any, outcome: Outcome | None, count: int = 1, on: Concerned = NOTHING) -> None:
    """Tell the tally how a client's billable root field ended; others have no outcome."""
    if info.context.caller.client_id is not None and _is_billed(info):
        tally_of(info.context).note(str(info.path.key), info.field_name, outcome, count, on)


def _outcome_of_read(caller: Caller, answer: Any) -> Outcome:
    if isinstance(answer, Finished) and answer.refused:
        return Outcome.REFUSED
    return Outcome.SANDBOX if caller.sandbox else Outcome.COUNTED


class CountsRead(FieldExtension):
    """Counts a read after it succeeded, and has it in the ledger before it is answered."""

    async def resolve_async(self, next_: Any, source: Any, info: Any, **arguments: Any) -> Any:
        """Carry the read out, then count it."""
        context: Context = info.context
        tally, caller = tally_of(context), context.caller
        key = str(info.path.key)
        try:
            answer = await next_(source, info, **arguments)
            if caller.client_id is None:
                return answer
            outcome = _outcome_of_read(caller, answer)
            concerns = answer.concerns if isinstance(answer, Finished) else None
            if outcome is Outcome.COUNTED:
                await counter.count(entry(call_of(info), concerns))
        except Exception as fault:
            if caller.client_id is not None:
                tally.note(key, info.field_name, outcome_of(fault))
            raise
        tally.note(key, info.field_name, outcome, on=concerned(concerns))
        return answer


class Counting(SchemaExtension):
    """Opens the tally, tells it with the answer, and writes the call log beside."""

    async def on_operation(self) -> AsyncIterator[None]:
        """One tally for one operation."""
        context: Context = self.execution_context.context
        context.tally = Tally()
        yield
        write_log(context)

    async def get_results(self) -> dict[str, Any]:
        """What `extensions` of the answer tells."""
        return await told_usage(self.execution_context.context)


def write_log(context: Context) -> None:
    """Note what became of each billable call, beside the answer."""
    caller, tally = context.caller, tally_of(context)
    if caller.client_id is None:
        return
    for call in tally.calls:
        call_log.note(
            CallNote(
                tenant_id=caller.tenant_id,
                client_id=caller.client_id,
                credential_id=caller.credential_id,
                field=call.field,
                operation=context.operation.name if context.operation else None,
                outcome=call.outcome,
                count=call.count,
                address=context.address,
                milliseconds=context.elapsed_ms,
                request_id=context.request_id,
                **call.concerned._asdict(),
            )
        )


async def told_usage(context: Context) -> dict[str, Any]:
    """The `extensions` of an answer: the operation's calls, and the totals so far."""
    usage: dict[str, Any] = {
        "calls": [
            {"path": call.path, "outcome": call.outcome.value, "count": call.count}
            for call in tally_of(context).told(context.operation)
        ]
    }
    try:
        usage |= await _totals(context.caller)
    except Exception:
        # What was done is done and counted: its answer stands, without the totals.
        log.exception("no totals for %s", context.request_id)
        usage |= {"usedThisWeek": None, "asOf": None}
    return {"usage": usage, "requestId": context.request_id}


async def _totals(caller: Caller) -> dict[str, Any]:
    totals: dict[str, Any] = {}
    if (own := await used_this_week(caller)) is not None:
        totals |= {"usedThisWeek": own.calls, "asOf": instant_text(own.as_of)}
    if caller.sees_tenant_usage:
        bill = await running_bill(caller)
        totals["tenant"] = {
            "usedThisWeek": bill.used,
            "included": bill.included,
            "excess": bill.excess,
            "charge": {"amount": bill.amount, "currency": caller.currency},
            "asOf": instant_text(bill.as_of),
        }
    return totals
