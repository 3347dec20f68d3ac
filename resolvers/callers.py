"""Who a token, a legacy key or a browser's session speaks for.

Each worker remembers the callers it knows by the SHA-256 of what they show. A change to a client
raises its tenant's epoch in its own transaction (`models.epochs`); each worker looks four times a
second, and takes nobody from memory whose tenant's epoch is not the one they were read at. A
worker that could not look for a while trusts nothing it remembers.
"""

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

from tortoise.expressions import Q

from models.access_queries import (
    Lead,
    StoredClient,
    StoredSession,
    bearer_lead,
    holdings,
    stored_session,
    stored_token,
)
from models.clients import ApiClient, Credential
from models.database import DatabaseFault
from models.epochs import epochs, sum_of_epochs
from models.reach import Every, Reach
from models.tenants import StaffSession
from models.words import IdentityKind
from resolvers.access import Caller, expand
from resolvers.allowances import UNLIMITED, Allowances
from resolvers.credentials import token_hash
from resolvers.legacy_keys import Found, Proving, ShownKey
from resolvers.networks import networks
from resolvers.sign_in import cookie_hash

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
TRUST_SECONDS = 0.9
"""How old the last look may be. With it, a change is seen by everybody within a second."""

WRITE_SECONDS = 1.0
REMEMBERED = 10_000
USE_SECONDS = 60
IDLE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Remembered:
    """A caller, with how long and at which epoch it holds."""

    caller: Caller
    until: datetime
    epoch: int
    session: "Seen | None" = None
    """Where a browser holds it, which ends when nobody is there."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A browser's session, and when it was last written down that somebody was there."""

    lead: Lead
    at: datetime
    ends: datetime
    """When it ends however busy somebody is."""


@dataclass(frozen=True, slots=True)
class Use:
    """When, from where and for what a credential was last used."""

    at: datetime
    address: str | None
    operation: str | None


class Callers:
    """The callers one worker knows. `start` it before use, `stop` it at the end.

    `idle` is how long a browser's session lasts while nobody is there; `public_url` is where
    clients reach the service, as far as that is set.
    """

    def __init__(
        self,
        idle: timedelta = IDLE,
        public_url: str | None = None,
        allowances: Allowances = UNLIMITED,
    ) -> None:
        self.allowances = allowances
        self.idle = idle
        self.public_url = public_url
        self._proving = Proving()
        self._remembered: dict[str, Remembered] = {}
        self._epochs: dict[UUID, int] = {}
        self._sum = -1
        self._looked = float("-inf")
        self._uses: dict[tuple[UUID, UUID, UUID], Use] = {}
        self._noted: dict[UUID, float] = {}
        self._seen: dict[Lead, datetime] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def fresh(self) -> bool:
        """Whether what is remembered can be trusted."""
        return monotonic() - self._looked < TRUST_SECONDS

    async def start(self) -> None:
        """Begin to watch the epochs."""
        await self._look()
        # Their own context, so that they are never taken for a part of somebody's transaction.
        for work, seconds in ((self._look, LOOK_SECONDS), (self._write, WRITE_SECONDS)):
            again = _again_and_again(work, seconds)
            self._tasks.append(asyncio.create_task(again, context=contextvars.Context()))

    async def stop(self) -> None:
        """Stop watching, and write down the last uses."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(DatabaseFault):
            await self._write()

    async def caller_of(self, token: str, address: str | None = None) -> Caller | None:
        """Who a bearer token speaks for; nobody if it does not work (any more).

        Who is remembered is let in whatever others do at their address.

        Raises:
            Throttled: it is not known (yet), and too many were tried from there.

        """
        kept = token_hash(token)
        if kept is None:
            await self.allowances.knock(address)
            return None
        known = self._remembered.get(kept)
        if known is None or not self._holds(known):
            known = await self.allowances.let_in(address, self._load(kept))
        if known is None or known.until <= datetime.now(UTC):
            self._remembered.pop(kept, None)
            return None
        return known.caller

    async def caller_by_key(self, shown: ShownKey, address: str | None) -> Caller | None:
        """Who a legacy key speaks for; nobody if it does not work (any more).

        Raises:
            Throttled: too many that are not known yet are shown at once.

        """
        mark = shown.mark
        known = self._remembered.get(mark)
        if known is None or not self._holds(known) or known.until <= datetime.now(UTC):
            self._remembered.pop(mark, None)
            found = await self.allowances.let_in(address, self._proving.whose(shown, address))
            known = self._keep(mark, None if found is None else await _load_key(found))
        return None if known is None else known.caller

    async def person_by_cookie(self, shown: str, address: str | None = None) -> Caller | None:
        """Whose session a browser holds; nobody's if it ended, or nobody was there too long."""
        kept = cookie_hash(shown)
        if kept is None:
            return None
        now = datetime.now(UTC)
        known = self._remembered.get(kept)
        if known is None or not self._holds(known) or known.until <= now:
            # Another worker may have seen somebody since we read it.
            known = await self.allowances.let_in(address, self._load(kept))
        if known is None or known.session is None or known.until <= now:
            self._remembered.pop(kept, None)
            return None
        if (now - known.session.at).total_seconds() >= USE_SECONDS:
            self._see(kept, known, replace(known.session, at=now))
        return known.caller

    def note_use(self, caller: Caller, address: str | None, operation: str | None) -> None:
        """Remember that a credential was used; written down later, at most once a minute."""
        if caller.client_id is None or caller.credential_id is None:
            return
        now = monotonic()
        if now - self._noted.get(caller.credential_id, float("-inf")) < USE_SECONDS:
            return
        self._noted[caller.credential_id] = now
        whose = (caller.tenant_id, caller.client_id, caller.credential_id)
        self._uses[whose] = Use(datetime.now(UTC), address, operation)

    def _holds(self, known: Remembered) -> bool:
        return self.fresh and known.epoch == self._epochs.get(known.caller.tenant_id, 0)

    async def _load(self, kept: str) -> Remembered | None:
        return self._keep(kept, await load(kept, self.idle))

    def _keep(self, kept: str, known: Remembered | None) -> Remembered | None:
        if known is None:
            self._remembered.pop(kept, None)
            return None
        while len(self._remembered) >= REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[kept] = known
        return known

    def _see(self, kept: str, known: Remembered, seen: Seen) -> None:
        """Somebody is there: the session goes on, here at once and elsewhere once it is written."""
        self._seen[seen.lead] = seen.at
        until = min(seen.at + self.idle, seen.ends)
        self._remembered[kept] = replace(known, until=until, session=seen)

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

    async def _write(self) -> None:
        while self._uses:
            whose, use = self._uses.popitem()
            await write_use(*whose, use)
        while self._seen:
            lead, at = self._seen.popitem()
            await write_seen(lead, at)


async def _again_and_again(work: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Whatever goes wrong, go on; until a look succeeds nothing is trusted."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - a task that ended would never be missed
            log.warning("%s failed: %s", work.__name__, type(error).__name__)


async def load(kept: str, idle: timedelta = IDLE) -> Remembered | None:
    """Read a caller from the database: a client in three statements, a person in two."""
    found = await bearer_lead(kept)
    if found is None:
        return None
    kind, lead = found
    if kind is IdentityKind.SESSION:
        return await _load_person(lead, idle)
    return await _load_client(lead)


async def _load_client(lead: Lead) -> Remembered | None:
    token = await stored_token(lead)
    until = None if token is None else token.good_until()
    if token is None or until is None:
        return None
    # The epoch was read before the holdings: if they change in between, the epoch is too old
    # to be trusted, never too new.
    return Remembered(await _client(lead.tenant_id, token), until, token.epoch)


async def _load_key(found: Found) -> Remembered | None:
    until = found.key.good_until()
    if until is None:
        return None
    return Remembered(await _client(found.tenant_id, found.key), until, found.key.epoch)


async def _load_person(lead: Lead, idle: timedelta) -> Remembered | None:
    session = await stored_session(lead)
    ends = None if session is None else session.good_until()
    if session is None or ends is None:
        return None
    person = _person(lead.tenant_id, session)
    if not session.cookie or session.last_seen_at is None:
        return Remembered(person, ends, session.epoch)
    until = min(ends, session.last_seen_at + idle)
    seen = Seen(lead, session.last_seen_at, ends)
    return Remembered(person, until, session.epoch, seen)


async def _client(tenant_id: UUID, stored: StoredClient) -> Caller:
    held = await holdings(tenant_id, stored.client_id)
    reach = Reach(
        tenant_id,
        Every.LIVE if stored.all_customers else held.customers,
        Every.ALL if stored.all_warehouses else held.warehouses,
    )
    return Caller(
        reach=reach,
        name=stored.name,
        tenant_name=stored.tenant_name,
        currency=stored.currency,
        time_zone=stored.time_zone,
        client_id=stored.client_id,
        credential_id=stored.credential_id,
        roles=expand(held.roles),
        granted=held.roles,
        sees_tenant_usage=stored.sees_tenant_usage,
        sandbox=held.sandbox,
        networks=networks(stored.addresses),
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
    told = {
        "last_used_at": use.at,
        "last_used_address": use.address,
        "last_used_operation": use.operation,
    }
    await ApiClient.filter(stale, tenant_id=tenant_id, id=client_id).update(**told)
    await Credential.filter(stale, tenant_id=tenant_id, id=credential_id).update(**told)


async def write_seen(lead: Lead, at: datetime) -> None:
    """Write down that somebody was there. Raises no epoch."""
    its = StaffSession.filter(tenant_id=lead.tenant_id, id=lead.row_id, last_seen_at__lt=at)
    await its.update(last_seen_at=at)
