"""Many commands of one kind in one transaction: a savepoint, an outcome and a count for each."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from models import keys
from models.database import BrokenRule, Conflict, DatabaseUnavailable, atomically, transaction
from models.ledger import entries_piece
from models.words import Outcome, UserErrorCode
from models.writing import Changes
from resolvers.commands import (
    ATTEMPTS,
    Asked,
    Call,
    Effect,
    LeaveNoTrace,
    PolicyOutcome,
    beyond_counting,
    claimed,
    count_of,
    entry,
    met_another,
    outcome_of_effect,
    recalled_outcomes,
    told_outcomes,
    unavailable,
)
from resolvers.contents import input_path
from resolvers.errors import Difference, UserError, UserErrors

MOST_ENTRIES = 500

Work = Callable[[Mapping[str, Any], Changes], Awaitable[Effect]]


@dataclass(frozen=True)
class EntryDone:
    """What became of one entry of a batch."""

    outcome: Outcome | None
    """How it counts; none for staff, but where it was refused."""
    effect: Effect | None = None
    errors: Sequence[UserError] = ()

    @property
    def applied(self) -> bool:
        """Whether it changed anything."""
        return self.effect is not None and not self.effect.replayed

    def counts(self, call: Call) -> int:
        """How many calls it counts, or would if it were more than tried."""
        return 0 if self.effect is None else count_of(call, self.effect)


@dataclass
class BatchDone:
    """What became of a batch."""

    entries: list[EntryDone] = field(default_factory=list)
    replayed: bool = False
    """Whether the whole batch was answered from its key."""

    @property
    def applied(self) -> int:
        """How many entries changed something."""
        return sum(one.applied for one in self.entries)

    def outcome(self, call: Call, asked: Asked) -> Outcome | None:
        """The batch's own: counted if any entry was applied, a repeat if all of them were."""
        if not call.billable or call.caller.client_id is None:
            return None
        effects = [one.effect for one in self.entries if one.effect is not None]
        news = [effect for effect in effects if not effect.replayed]
        if news:
            return outcome_of_effect(call, news[0], asked)
        if not effects or len(effects) < len(self.entries):
            return Outcome.REFUSED
        return outcome_of_effect(call, effects[0], asked)


async def perform_each(
    call: Call,
    asked: Asked,
    name: str,
    work: Work,
    read_back: Callable[[BatchDone], Awaitable[Any]],
) -> tuple[BatchDone, Any]:
    """Carry out each entry of the list `name` of the input, and read the answers back.

    What is wrong with one entry undoes that entry alone. What the database cannot do now undoes
    all of them, so that the same batch can be sent again as it is.

    Raises:
        UserErrors: the batch itself cannot be taken; nothing was stored.
        Unavailable: nothing is known to be stored.

    """
    _check(asked.content[name], name)
    try:
        # Not `quick`: hundreds of statements in a row would keep everybody else waiting.
        return await atomically(lambda: _once(call, asked, name, work, read_back))
    except LeaveNoTrace as end:
        done: tuple[BatchDone, Any] = end.done
        return done
    except DatabaseUnavailable as fault:
        raise unavailable() from fault


def _check(entries: Sequence[Any], name: str) -> None:
    if not entries:
        message = "There is nothing in it."
        raise UserErrors([UserError(UserErrorCode.REQUIRED, input_path(name), message)])
    if len(entries) > MOST_ENTRIES:
        message = f"At most {MOST_ENTRIES} entries, and this has {len(entries)}."
        raise UserErrors([UserError(UserErrorCode.TOO_MANY, input_path(name), message)])


async def _once(
    call: Call,
    asked: Asked,
    name: str,
    work: Work,
    read_back: Callable[[BatchDone], Awaitable[Any]],
) -> tuple[BatchDone, Any]:
    key = None if asked.validate_only else asked.idempotency_key
    if key is not None and (earlier := await claimed(call, key, asked)) is not None:
        done = BatchDone(_recalled(earlier), replayed=True)
        raise LeaveNoTrace((done, await read_back(done)))
    done = BatchDone()
    for at, content in enumerate(asked.content[name]):
        done.entries.append(await _entry(call, asked, content, work, input_path(name, at)))
    if key is not None and done.applied:
        changes = Changes()
        caller = call.caller
        text = orjson.dumps([_remembered(one) for one in done.entries]).decode()
        changes.add(keys.Remember(caller.tenant_id, caller.id, key, None, text))
        await changes.flush()
    answer = await read_back(done)
    if asked.validate_only or not done.applied:
        raise LeaveNoTrace((done, answer))
    return done, answer


async def _entry(
    call: Call, asked: Asked, content: Mapping[str, Any], work: Work, path: Sequence[str]
) -> EntryDone:
    for _ in range(ATTEMPTS):
        try:
            async with transaction():
                changes = Changes()
                effect = await work(content, changes)
                outcome = outcome_of_effect(call, effect, asked)
                if outcome is Outcome.COUNTED:
                    changes.add(entries_piece([entry(call, effect)]))
                await changes.flush()
                return EntryDone(outcome, replace(effect, outcomes=_below(path, effect.outcomes)))
        except UserErrors as fault:
            return EntryDone(Outcome.REFUSED, errors=_placed(path, fault.errors))
        except (Conflict, BrokenRule) as fault:
            if (refusal := beyond_counting(fault)) is not None:
                return EntryDone(Outcome.REFUSED, errors=_placed(path, refusal.errors))
            if not met_another(fault):
                raise
    raise unavailable()


def _placed(path: Sequence[str], errors: Sequence[UserError]) -> list[UserError]:
    """The errors of an entry, with where they are in the batch."""
    return [
        replace(
            error,
            path=[*path, *error.path[1:]],
            differences=error.differences
            and [replace(one, path=[*path, *one.path[1:]]) for one in error.differences],
        )
        for error in errors
    ]


def _below(path: Sequence[str], outcomes: Sequence[PolicyOutcome]) -> list[PolicyOutcome]:
    return [replace(one, path=[*path, *one.path[1:]]) for one in outcomes]


# --- what a key remembers of a batch ----------------------------------------------------------


def _remembered(one: EntryDone) -> dict[str, Any]:
    if one.effect is None:
        return {"errors": [_error(error) for error in one.errors]}
    return {"id": str(one.effect.id), "outcomes": told_outcomes(one.effect.outcomes)}


def _error(error: UserError) -> dict[str, Any]:
    return {
        "code": error.code,
        "path": list(error.path),
        "message": error.message,
        "suggestions": error.suggestions and list(error.suggestions),
        "existing": error.existing and str(error.existing),
        "differences": error.differences
        and [[list(one.path), one.stored, one.given] for one in error.differences],
        "legal_moves": error.legal_moves and list(error.legal_moves),
        "available": None if error.available is None else str(error.available),
    }


def _recalled(earlier: keys.Claimed) -> list[EntryDone]:
    if earlier.outcome is None:
        raise ValueError("a key is stored only together with its outcome")
    return [_recalled_entry(told) for told in orjson.loads(earlier.outcome)]


def _recalled_entry(told: Mapping[str, Any]) -> EntryDone:
    if "id" in told:
        outcomes = recalled_outcomes(told["outcomes"])
        return EntryDone(
            Outcome.REPLAYED, Effect(UUID(told["id"]), replayed=True, outcomes=outcomes)
        )
    return EntryDone(Outcome.REFUSED, errors=[_recalled_error(one) for one in told["errors"]])


def _recalled_error(told: Mapping[str, Any]) -> UserError:
    return UserError(
        UserErrorCode(told["code"]),
        told["path"],
        told["message"],
        told["suggestions"],
        told["existing"] and UUID(told["existing"]),
        told["differences"] and [Difference(*one) for one in told["differences"]],
        told["legal_moves"],
        None if told["available"] is None else Decimal(told["available"]),
    )
