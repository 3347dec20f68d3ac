"""Root fields that carry many commands out: an input with a list, a payload with an entry each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry

from models.shapes import Kind, Op, Order, Page, Shape, Test
from models.words import Outcome
from models.writing import Changes
from resolvers import rows
from resolvers.bulk import BatchDone, EntryDone, perform_each
from resolvers.commands import Effect
from resolvers.errors import UserErrors
from schema.access import ANYONE
from schema.commands import InputOutcome, Payload, PayloadPlan, UserError, Work, payload_plan_of
from schema.declaring import output
from schema.finished import Finished, encode
from schema.inputs import asked_of
from schema.metering import call_of, note, tally_of
from schema.questions import answer_type, below, document_of, remembered
from schema.selection import Plan, declared_fields, plan_of, written

MOST = 500
"""Entries of one batch."""


@output(ANYONE, description="What every payload of a batch holds beside its entries.")
class BatchPayload:
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with the batch itself; nothing was stored."
    )
    replayed: bool = strawberry.field(
        description="Whether the batch was answered from its idempotency key."
    )
    count: int = strawberry.field(
        description="How many calls it counts; with `validateOnly`, how many it would."
    )


@output(ANYONE, description="What every entry of a batch holds beside its object.")
class BatchEntry:
    position: int = strawberry.field(description="Its place in the input, from 0.")
    outcome: Outcome | None = strawberry.field(
        description="How it counts; null for what the operator's people do."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What to mend; nothing of this entry was stored."
    )
    outcomes: list[InputOutcome] = strawberry.field(description="What policies did.")
    replayed: bool = strawberry.field(description="Whether it was done already, and is free.")


@dataclass(frozen=True)
class EntryPayload(Payload):
    """What one entry answers."""

    position: int = 0
    outcome: Outcome | None = None


@dataclass(frozen=True)
class BatchAnswer:
    """What a batch answers beside its entries."""

    user_errors: Sequence[Any] = ()
    replayed: bool = False
    count: int = 0


@dataclass(frozen=True)
class BatchPlan:
    """How a batch's payload is written: its plain part, and its entries by key."""

    plan: Plan
    entries: Mapping[str, PayloadPlan]

    @property
    def shapes(self) -> list[Shape]:
        """Everything that is wanted of the objects."""
        return [shape for entry in self.entries.values() for shape in entry.objects.values()]

    def write(self, value: BatchAnswer, entries: Mapping[str, Sequence[Finished]]) -> Finished:
        """The payload as JSON."""
        answer: dict[str, Any] = {}
        for key, name, under in self.plan.keys:
            if key in self.entries:
                answer[key] = entries[key]
            elif name == "__typename":
                answer[key] = self.plan.type_.name
            else:
                told = getattr(value, name)
                answer[key] = written(under, told) if under else told
        return Finished(encode(answer).decode())


def batch_plan(info: Any) -> BatchPlan:
    """What is selected of a batch's payload."""
    document, type_ = document_of(info), answer_type(info)
    inner = declared_fields(type_)["entries"].type_
    entries = {
        one.key: payload_plan_of(document, one.below, inner)
        for one in document.fields(below(info), type_)
        if one.name == "entries" and inner is not None
    }
    return BatchPlan(plan_of(document, below(info), type_), entries)


async def carry_out_each(info: Any, given: Any, name: str, work: Work) -> Finished:
    """Carry out each entry of the input's list `name`, all in one transaction."""
    plan: BatchPlan = remembered(info, "batch", lambda: batch_plan(info))
    caller, asked = info.context.caller, asked_of(given)
    tally_of(info.context)
    call = call_of(info)

    async def read_back(done: BatchDone) -> Finished:
        # Inside the transaction, so that nothing is stored that cannot be answered.
        found = await _objects(caller, plan.shapes, done)
        at, entries = 0, {}
        for key, entry in plan.entries.items():
            keys = list(entry.objects)
            columns = range(at, at := at + len(keys))
            entries[key] = [
                entry.write(_payload(position, one, dict(zip(keys, columns, strict=True)), found))
                for position, one in enumerate(done.entries)
            ]
        counted = sum(one.counts(call) for one in done.entries)
        return plan.write(BatchAnswer(replayed=done.replayed, count=counted), entries)

    async def act(content: Mapping[str, Any], changes: Changes) -> Effect:
        return await work(caller, content, changes)

    try:
        done, answer = await perform_each(call, asked, name, act, read_back)
    except UserErrors as fault:
        note(info, Outcome.REFUSED)
        return plan.write(BatchAnswer(fault.errors), {key: [] for key in plan.entries})
    note(info, done.outcome(call, asked), done.applied)
    answered: Finished = answer
    return answered


async def _objects(caller: Any, shapes: list[Shape], done: BatchDone) -> dict[str, Sequence[Any]]:
    """The objects of all entries, by id: their JSON, shape by shape; the id comes last."""
    ids = sorted({one.effect.id for one in done.entries if one.effect is not None})
    if not shapes or not ids:
        return {}
    page = Page(Order("created_at", Kind.INSTANT), MOST, where=Test("id", Op.IN, ids))
    found = await rows.browse(caller, shapes, page)
    return {str(row[-1]): row for row in map(list, found.rows)}


def _payload(
    position: int, one: EntryDone, columns: Mapping[str, int], found: Mapping[str, Sequence[Any]]
) -> EntryPayload:
    effect = one.effect
    row = None if effect is None else found.get(str(effect.id))
    return EntryPayload(
        {key: None if row is None else Finished(row[at]) for key, at in columns.items()},
        user_errors=one.errors,
        outcomes=list(effect.outcomes) if effect else (),
        replayed=effect is not None and effect.replayed,
        position=position,
        outcome=one.outcome,
    )
