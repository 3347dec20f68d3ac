"""Who a token speaks for.

Each worker remembers the callers it knows by the SHA-256 of their token. A change to a client
raises its tenant's epoch in its own transaction (`models.epochs`); each worker looks four times a
second, and takes nobody from memory whose tenant's epoch is not the one they were read at. A
worker that could not look for a while trusts nothing it remembers.
"""

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

from tortoise.expressions import Q

from models.access_queries import (
    Lead,
    StoredSession,
    StoredToken,
    bearer_lead,
    holdings,
    stored_session,
    stored_token,
)
from models.clients import ApiClient, Credential
from models.database import DatabaseFault
from models.epochs import epochs, sum_of_epochs
from models.reach import Every, Reach
from models.words import IdentityKind
from resolvers.access import Caller, expand
from resolvers.credentials import token_hash

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
TRUST_SECONDS = 0.9
"""How old the last look may be. With it, a change is seen by everybody within a second."""

WRITE_SECONDS = 1.0
REMEMBERED = 10_000
USE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Remembered:
    """A caller, with how long and at which epoch it holds."""

    caller: Caller
    until: datetime
    epoch: int


@dataclass(frozen=True, slots=True)
class Use:
    """When, from where and for what a client was last used."""

    at: datetime
    address: str | None
    operation: str | None


class Callers:
    """The callers one worker knows. `start` it before use, `stop` it at the end."""

    def __init__(self) -> None:
        self._remembered: dict[str, Remembered] = {}
        self._epochs: dict[UUID, int] = {}
        self._sum = -1
        self._looked = float("-inf")
        self._uses: dict[tuple[UUID, UUID, UUID], Use] = {}
        self._noted: dict[UUID, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def fresh(self) -> bool:
        """Whether what is remembered can be trusted."""
        return monotonic() - self._looked < TRUST_SECONDS

    async def start(self) -> None:
        """Begin to watch the epochs."""
        await self._look()
        # Their own context, so that they are never taken for a part of somebody's transaction.
        for work, seconds in ((self._look, LOOK_SECONDS), (self._write_uses, WRITE_SECONDS)):
            again = _again_and_again(work, seconds)
            self._tasks.append(asyncio.create_task(again, context=contextvars.Context()))

    async def stop(self) -> None:
        """Stop watching, and write down the last uses."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(DatabaseFault):
            await self._write_uses()

    async def caller_of(self, token: str) -> Caller | None:
        """Who a bearer token speaks for; nobody if it does not work (any more)."""
        kept = token_hash(token)
        if kept is None:
            return None
        known = self._remembered.get(kept)
        if known is None or not self._holds(known):
            known = await self._load(kept)
        if known is None or known.until <= datetime.now(UTC):
            self._remembered.pop(kept, None)
            return None
        return known.caller

    def note_use(self, caller: Caller, address: str | None, operation: str | None) -> None:
        """Remember that a client was used; written down later, at most once a minute."""
        if caller.client_id is None or caller.credential_id is None:
            return
        now = monotonic()
        if now - self._noted.get(caller.client_id, float("-inf")) < USE_SECONDS:
            return
        self._noted[caller.client_id] = now
        whose = (caller.tenant_id, caller.client_id, caller.credential_id)
        self._uses[whose] = Use(datetime.now(UTC), address, operation)

    def _holds(self, known: Remembered) -> bool:
        return self.fresh and known.epoch == self._epochs.get(known.caller.tenant_id, 0)

    async def _load(self, kept: str) -> Remembered | None:
        known = await load(kept)
        if known is None:
            self._remembered.pop(kept, None)
            return None
        while len(self._remembered) >= REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[kept] = known
        return known

    async def _look(self) -> None:
        began = monotonic()
        total = await sum_of_epochs()
        if total != self._sum:
            self._epochs = await epochs()
            self._sum = total
            self._forget(kept for kept, one in self._remembered.items() if not self._current(one))
        self._looked = began

    def _current(self, known: Remembered) -> bool:
        return known.epoch == self._epochs.get(known.caller.tenant_id, 0)

    def _forget(self, kept: Iterable[str]) -> None:
        for one in list(kept):
            del self._remembered[one]

    async def _write_uses(self) -> None:
        while self._uses:
            whose, use = self._uses.popitem()
            await write_use(*whose, use)


async def _again_and_again(work: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Whatever goes wrong, go on; until a look succeeds nothing is trusted."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - a task that ended would never be missed
            log.warning("%s failed: %s", work.__name__, type(error).__name__)


async def load(kept: str) -> Remembered | None:
    """Read a caller from the database: a client in three statements, a person in two."""
    found = await bearer_lead(kept)
    if found is None:
        return None
    kind, lead = found
    return await (_load_person if kind is IdentityKind.SESSION else _load_client)(lead)


async def _load_client(lead: Lead) -> Remembered | None:
    token = await stored_token(lead)
    until = None if token is None else token.good_until()
    if token is None or until is None:
        return None
    # The epoch was read before the holdings: if they change in between, the epoch is too old
    # to be trusted, never too new.
    return Remembered(await _client(lead.tenant_id, token), until, token.epoch)


async def _load_person(lead: Lead) -> Remembered | None:
    session = await stored_session(lead)
    until = None if session is None else session.good_until()
    if session is None or until is None:
        return None
    return Remembered(_person(lead.tenant_id, session), until, session.epoch)


async def _client(tenant_id: UUID, token: StoredToken) -> Caller:
    held = await holdings(tenant_id, token.client_id)
    reach = Reach(
        tenant_id,
        Every.LIVE if token.all_customers else held.customers,
        Every.ALL if token.all_warehouses else held.warehouses,
    )
    return Caller(
        reach=reach,
        name=token.name,
        tenant_name=token.tenant_name,
        currency=token.currency,
        time_zone=token.time_zone,
        client_id=token.client_id,
        credential_id=token.credential_id,
        roles=expand(held.roles),
        granted=held.roles,
        sees_tenant_usage=token.sees_tenant_usage,
        sandbox=held.sandbox,
    )


def _person(tenant_id: UUID, session: StoredSession) -> Caller:
    return Caller(
        reach=Reach.of_tenant(tenant_id),
        name=session.name,
        tenant_name=session.tenant_name,
        currency=session.currency,
        time_zone=session.time_zone,
        staff_user_id=session.staff_user_id,
        staff_role=session.role,
    )


async def write_use(tenant_id: UUID, client_id: UUID, credential_id: UUID, use: Use) -> None:
    """Write down a use, unless another worker did within the minute. Raises no epoch."""
    long_ago = use.at - timedelta(seconds=USE_SECONDS)
    stale = Q(last_used_at=None) | Q(last_used_at__lt=long_ago)
    await ApiClient.filter(stale, tenant_id=tenant_id, id=client_id).update(
        last_used_at=use.at, last_used_address=use.address, last_used_operation=use.operation
    )
    await Credential.filter(stale, tenant_id=tenant_id, id=credential_id).update(
        last_used_at=use.at
    )
