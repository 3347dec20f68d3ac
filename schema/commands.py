"""Root fields that change something: an input, one transaction, a payload."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import strawberry
from graphql import GraphQLObjectType, SelectionSetNode
from strawberry.extensions import FieldExtension

from models.shapes import Shape
from models.words import Outcome, UserErrorCode
from models.writing import Changes
from resolvers import rows
from resolvers.access import Caller
from resolvers.audit import Actor
from resolvers.commands import Asked, Effect, count_of, perform
from resolvers.errors import UserErrors
from schema.access import ANYONE, Requires
from schema.declaring import Resolver, output, root
from schema.finished import Finished, encode
from schema.inputs import asked_of
from schema.metering import call_of, concerned, note, outcome_of, tally_of
from schema.questions import answer_type, below, document_of, remembered
from schema.selection import (
    Document,
    Plan,
    declared_fields,
    has_rows,
    plan_of,
    shape_of,
    written,
)

Work = Callable[[Caller, Mapping[str, Any], Changes], Awaitable[Effect]]
Administration = Callable[[Actor, Mapping[str, Any], Changes], Awaitable[Effect]]
Beside = Callable[[Effect, Asked], Awaitable[Mapping[str, Any]]]
"""What a payload tells that no row holds, by the names of its fields in Python: asked inside the
transaction, for an effect that may be a repeat's, or only tried."""
Reading = Callable[[Caller], Awaitable[Caller]]
"""The caller as it reaches after the command, where that changes its own reach."""

UserErrorCodeEnum = strawberry.enum(UserErrorCode, description="What the caller can mend.")


@output(ANYONE, description="A field in which what is stored differs from what was sent.")
class Difference:
    path: list[str] = strawberry.field(description="The field, from `input` on.")
    stored: str | None = strawberry.field(
        description="What is stored, as JSON; null where it has to be read."
    )
    given: str | None = strawberry.field(description="What was sent, as JSON.")


@output(ANYONE, description="One thing that is wrong with an input, and what would mend it.")
class UserError:
    code: UserErrorCode = strawberry.field(description="Stable; branch on this.")
    path: list[str] = strawberry.field(description="The place, from `input` on.")
    message: str = strawberry.field(description="For the person who wrote the client.")
    suggestions: list[str] | None = strawberry.field(
        description="What could have been meant: near product codes, known units, warehouses."
    )
    existing: strawberry.ID | None = strawberry.field(
        description="The job that has the reference already."
    )
    differences: list[Difference] | None = strawberry.field(
        description="Where stored and sent content differ."
    )
    legal_moves: list[str] | None = strawberry.field(description="What can be done instead.")
    available: Decimal | None = strawberry.field(
        description="With `INSUFFICIENT_STOCK`: how many are free, in the unit of the line."
    )


@output(ANYONE, description="What a policy of the customer did to the input.")
class InputOutcome:
    code: str = strawberry.field(description="Which policy, as a stable code.")
    path: list[str] = strawberry.field(description="The place, from `input` on.")
    message: str = strawberry.field(description="What it did, in words.")


@output(ANYONE, description="What every payload holds beside its object.")
class CommandPayload:
    user_errors: list[UserError] = strawberry.field(description="What to mend; nothing was stored.")
    outcomes: list[InputOutcome] = strawberry.field(description="What policies did.")
    replayed: bool = strawberry.field(description="Whether it was done already, and is free.")
    count: int = strawberry.field(
        description="How many calls it counts; with `validateOnly`, how many it would."
    )


@dataclass(frozen=True)
class Payload:
    """What a command answers."""

    objects: Mapping[str, Finished | None]
    """The object, by the key it is answered under, which may be several."""
    beside: Mapping[str, Any] = field(default_factory=dict)
    """What is no row, by its field's name in Python; null where nothing is told."""
    user_errors: Any = ()
    outcomes: Any = ()
    replayed: bool = False
    count: int = 0


@dataclass(frozen=True)
class PayloadPlan:
    """How a payload is written: its plain part, and the shapes of its object by key."""

    plan: Plan
    objects: Mapping[str, Shape]

    def write(self, value: Payload) -> Finished:
        """The payload as JSON."""
        answer: dict[str, Any] = {}
        for key, name, under in self.plan.keys:
            if key in self.objects:
                answer[key] = value.objects.get(key)
            elif name == "__typename":
                answer[key] = self.plan.type_.name
            else:
                told = value.beside[name] if name in value.beside else getattr(value, name, None)
                answer[key] = written(under, told) if under else told
        return Finished(encode(answer).decode())


def payload_plan(info: Any) -> PayloadPlan:
    """What is selected of a payload."""
    return payload_plan_of(document_of(info), below(info), answer_type(info))


def payload_plan_of(
    document: Document, sets: Sequence[SelectionSetNode], type_: GraphQLObjectType
) -> PayloadPlan:
    """What is selected of a payload of this type."""
    declared = declared_fields(type_)
    objects = {}
    for one in document.fields(sets, type_):
        inner = declared[one.name].type_ if one.name in declared else None
        if inner is not None and has_rows(inner):
            objects[one.key] = shape_of(document, one.below, inner)
    return PayloadPlan(plan_of(document, sets, type_), objects)


async def administer(
    info: Any,
    given: Any,
    work: Administration,
    beside: Beside | None = None,
    *,
    reading: Reading | None = None,
    quick: bool = True,
) -> Finished:
    """A command about who may do what: its work is told who asks, and from where."""
    by: Actor = info.context.actor

    async def act(_: Caller, content: Mapping[str, Any], changes: Changes) -> Effect:
        return await work(by, content, changes)

    return await carry_out(info, given, act, beside, reading=reading, quick=quick)


async def carry_out(
    info: Any,
    given: Any,
    work: Work,
    beside: Beside | None = None,
    *,
    reading: Reading | None = None,
    quick: bool = True,
) -> Finished:
    """One command, in one transaction with its count, answered by its payload.

    One that writes more than a few rows is not `quick`: see `models.database.transaction`.
    """
    plan: PayloadPlan = remembered(info, "payload", lambda: payload_plan(info))
    caller, asked = info.context.caller, asked_of(given)
    tally_of(info.context)
    call = call_of(info)

    async def read_back(effect: Effect) -> Finished:
        # Inside the transaction, so that nothing is stored that cannot be answered.
        found = {}
        reader = caller if reading is None else await reading(caller)
        for key, shape in plan.objects.items():
            row = await rows.find(reader, shape, effect.id)
            found[key] = None if row is None else Finished(row.json)
        return plan.write(
            Payload(
                found,
                beside={} if beside is None else await beside(effect, asked),
                outcomes=list(effect.outcomes),
                replayed=effect.replayed,
                count=count_of(call, effect),
            )
        )

    async def act(changes: Changes) -> Effect:
        return await work(caller, asked.content, changes)

    try:
        done = await perform(call, asked, act, read_back, quick=quick)
    except UserErrors as fault:
        refused = plan.write(Payload({}, user_errors=fault.errors))
        note(info, Outcome.REFUSED)
        return refused
    note(info, done.outcome, on=concerned(done.effect, asked))
    return done.answer


class NotesFaults(FieldExtension):
    """Tells the tally of a command that ended in a refusal or in our fault."""

    async def resolve_async(self, next_: Any, source: Any, info: Any, **arguments: Any) -> Any:
        """Carry the command out."""
        tally_of(info.context)
        try:
            return await next_(source, info, **arguments)
        except Exception as fault:
            note(info, outcome_of(fault))
            raise


def command(
    *marks: Requires,
    answers: Any,
    description: str,
    billable: bool = True,
    sandbox_only: bool = False,
) -> Callable[[Resolver], Resolver]:
    """A root field that changes something; billable unless only the operator's people use it."""
    return root(
        *marks,
        answers=answers,
        description=description,
        billable=billable,
        extensions=[NotesFaults()],
        sandbox_only=sandbox_only,
    )
