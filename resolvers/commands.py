"""One command, one transaction: its effect, its history, its key and its count, or nothing.

Every command of every noun is carried out here, so that what makes retries safe and counting
exact is written once.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson

from models import keys
from models.database import (
    BrokenRule,
    Conflict,
    DatabaseFault,
    DatabaseUnavailable,
    LockTimeout,
    atomically,
    transaction,
)
from models.ledger import Entry, entries_piece
from models.periods import Period
from models.record import new_id
from models.stocktaking import sold_out, too_much
from models.words import Outcome, UserErrorCode
from models.writing import Changes
from resolvers.access import Caller
from resolvers.contents import canonical, fingerprint
from resolvers.errors import Unavailable, UserError, UserErrors

Answer = TypeVar("Answer")

ATTEMPTS = 5
"""How often a command that met another one in a unique key is done again."""

RETRY_AFTER = timedelta(seconds=2)


@dataclass(frozen=True)
class Call:
    """A root field that is being carried out, as the ledger will know it."""

    caller: Caller
    field: str
    operation: str | None
    request_id: str
    billable: bool = True


@dataclass(frozen=True)
class Asked:
    """What a command is asked to do: its content, and how it may be repeated or only tried."""

    content: Mapping[str, Any]
    idempotency_key: str | None = None
    validate_only: bool = False


@dataclass(frozen=True)
class PolicyOutcome:
    """What a customer's policy did to an input, as a code with the place it concerns."""

    code: str
    path: Sequence[str]
    message: str


@dataclass(frozen=True)
class Effect:
    """What a command did, or found done."""

    id: UUID
    customer_id: UUID | None = None
    warehouse_id: UUID | None = None
    replayed: bool = False
    outcomes: Sequence[PolicyOutcome] = ()


@dataclass(frozen=True)
class Done(Generic[Answer]):
    """An effect, what is answered of it, and how the call counts (not at all for staff)."""

    effect: Effect
    answer: Answer
    outcome: Outcome | None


class LeaveNoTrace(Exception):
    """Ends a transaction that must store nothing, with what would be answered."""

    def __init__(self, done: Any) -> None:
        super().__init__()
        self.done = done


class _OnlyTried(Exception):
    """Undoes what was done to see whether it can be done."""


async def perform(
    call: Call,
    asked: Asked,
    work: Callable[[Changes], Awaitable[Effect]],
    read_back: Callable[[Effect], Awaitable[Answer]],
    *,
    quick: bool = True,
) -> Done[Answer]:
    """Carry out `work` and read its answer back, all in one transaction.

    Raises:
        UserErrors: what the caller can mend; nothing was stored.
        Unavailable: the database cannot now; nothing is known to be stored, and the same
            request with its key or reference is safe to send again.

    """
    try:
        for _ in range(ATTEMPTS):
            try:
                return await atomically(lambda: _once(call, asked, work, read_back), quick=quick)
            except LeaveNoTrace as end:
                done: Done[Answer] = end.done
                return done
            except (Conflict, BrokenRule) as fault:
                # Somebody else took the reference, or the stock, between our look and our
                # write; look again.
                if (refusal := beyond_counting(fault)) is not None:
                    raise refusal from fault
                if not met_another(fault):
                    raise
    except DatabaseUnavailable as fault:
        raise unavailable() from fault
    except DatabaseFault as fault:
        if await _can_be_counted(call):
            raise
        raise unavailable() from fault
    raise unavailable()


def met_another(fault: Conflict | BrokenRule) -> bool:
    """Whether another command was faster, so that doing it again finds what it did."""
    return isinstance(fault, Conflict) or sold_out(fault)


def beyond_counting(fault: Conflict | BrokenRule) -> UserErrors | None:
    """The refusal of what would be more in one place than can be counted."""
    if isinstance(fault, Conflict) or not too_much(fault):
        return None
    message = "More of a product would be in one place than can be counted."
    return UserErrors([UserError(UserErrorCode.INVALID, ("input",), message)])


async def _can_be_counted(call: Call) -> bool:
    """Whether the ledger takes this call: if not, that is why the command failed."""
    if call.caller.client_id is None or call.caller.sandbox:
        return True
    changes = Changes()
    changes.add(entries_piece([entry(call)]))
    with suppress(_OnlyTried):
        try:
            async with transaction():
                await changes.flush()
                raise _OnlyTried
        except DatabaseFault:
            return False
    return True


def unavailable() -> Unavailable:
    """The refusal for a database that cannot now."""
    return Unavailable("The database cannot take this now.", retry_at=now() + RETRY_AFTER)


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


async def _once(
    call: Call,
    asked: Asked,
    work: Callable[[Changes], Awaitable[Effect]],
    read_back: Callable[[Effect], Awaitable[Answer]],
) -> Done[Answer]:
    key = None if asked.validate_only else asked.idempotency_key
    if key is not None and (found := await claimed(call, key, asked)) is not None:
        earlier = _recalled(found)
        raise LeaveNoTrace(
            Done(earlier, await read_back(earlier), outcome_of_effect(call, earlier, asked))
        )
    changes = Changes()
    effect = await work(changes)
    outcome = outcome_of_effect(call, effect, asked)
    if outcome is Outcome.COUNTED:
        changes.add(entries_piece([entry(call, effect)]))
    if key is not None and not effect.replayed:
        changes.add(_remembered(call, key, effect))
    await changes.flush()
    done = Done(effect, await read_back(effect), outcome)
    if asked.validate_only or effect.replayed:
        raise LeaveNoTrace(done)
    return done


def outcome_of_effect(call: Call, effect: Effect, asked: Asked) -> Outcome | None:
    """The first that fits, in the order in which domain rules name them."""
    if call.caller.client_id is None or not call.billable:
        return None
    if asked.validate_only:
        return Outcome.PREFLIGHT
    if effect.replayed:
        return Outcome.REPLAYED
    return Outcome.SANDBOX if call.caller.sandbox else Outcome.COUNTED


def count_of(call: Call, effect: Effect) -> int:
    """How many calls an effect counts, or would if it were more than tried."""
    return int(outcome_of_effect(call, effect, Asked({})) is Outcome.COUNTED)


def entry(call: Call, effect: Effect | None = None) -> Entry:
    """The ledger row of a call, and of the one object it concerns."""
    caller = call.caller
    if caller.client_id is None:
        raise ValueError("only API clients are charged")
    return Entry(
        tenant_id=caller.tenant_id,
        id=new_id(),
        client_id=caller.client_id,
        credential_id=caller.credential_id,
        field=call.field,
        operation=call.operation,
        request_id=call.request_id,
        customer_id=effect.customer_id if effect else None,
        warehouse_id=effect.warehouse_id if effect else None,
        object_id=effect.id if effect else None,
        period=Period.at(now(), caller.time_zone),
    )


async def claimed(call: Call, key: str, asked: Asked) -> keys.Claimed | None:
    """What the key led to before; None if it is ours to use."""
    mark = fingerprint(call.field, canonical(asked.content))
    caller = call.caller
    try:
        earlier = await keys.claim(caller.tenant_id, caller.id, key, call.field, mark, now())
    except LockTimeout:
        raise _key_error(
            UserErrorCode.IN_PROGRESS, "The same key is being carried out; ask again shortly."
        ) from None
    if earlier is None:
        return None
    if earlier.fingerprint != mark:
        raise _key_error(
            UserErrorCode.KEY_REUSED, "This key was used for another request; make a new one."
        )
    return earlier


def _key_error(code: UserErrorCode, message: str) -> UserErrors:
    return UserErrors([UserError(code, ("input", "idempotencyKey"), message)])


def _remembered(call: Call, key: str, effect: Effect) -> keys.Remember:
    outcome = {
        "customer": effect.customer_id and str(effect.customer_id),
        "warehouse": effect.warehouse_id and str(effect.warehouse_id),
        "outcomes": told_outcomes(effect.outcomes),
    }
    caller = call.caller
    return keys.Remember(
        caller.tenant_id, caller.id, key, effect.id, orjson.dumps(outcome).decode()
    )


def _recalled(earlier: keys.Claimed) -> Effect:
    if earlier.object_id is None or earlier.outcome is None:
        raise ValueError("a key is stored only together with its outcome")
    outcome = orjson.loads(earlier.outcome)
    return Effect(
        earlier.object_id,
        customer_id=outcome["customer"] and UUID(outcome["customer"]),
        warehouse_id=outcome["warehouse"] and UUID(outcome["warehouse"]),
        replayed=True,
        outcomes=recalled_outcomes(outcome["outcomes"]),
    )


def told_outcomes(outcomes: Sequence[PolicyOutcome]) -> list[dict[str, Any]]:
    """What policies did, as a key remembers it."""
    return [
        {"code": told.code, "path": list(told.path), "message": told.message} for told in outcomes
    ]


def recalled_outcomes(kept: Sequence[Mapping[str, Any]]) -> list[PolicyOutcome]:
    """What policies did, as it was remembered."""
    return [PolicyOutcome(**told) for told in kept]
