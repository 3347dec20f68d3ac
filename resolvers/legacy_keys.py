"""Keys from before there were clients, shown as they always were: by HTTP Basic or X-Api-Key.

A key that is not salted is found by its SHA-256. What else is shown takes the time of one slow
hash before it is refused, whether there is such an identifier or not, and is answered no sooner
than any kind of hash would take: nobody learns from the clock which identifiers there are. Who
showed the right key before has nothing to learn, and is refused at once when it ends.
"""

import asyncio
import contextvars
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from uuid import UUID

from models.access_queries import Lead, StoredKey, lead_of, stored_keys
from models.words import IdentityKind
from resolvers.credentials import NOWHERE
from resolvers.hashing import NOBODYS_HASH, line, sources
from resolvers.key_hashes import hex_of, is_key_of, is_salted, kept_key, verify_salted

BASIC = "basic:"
"""Stands before an identifier among the identities, so that it is taken for nothing else."""

LONGEST_IDENTIFIER = 200
SECONDS_TO_REFUSE = 0.5
"""About as long as the dearest hash takes that may be imported."""

PROVEN = 10_000


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key as a request shows it; by X-Api-Key it names nobody."""

    identifier: str | None
    key: str = field(repr=False)

    @property
    def mark(self) -> str:
        """By what it is remembered: as little a secret as a token's hash."""
        shown = f"{'' if self.identifier is None else self.identifier}\0{self.key}"
        kind = "key" if self.identifier is None else "basic"
        return f"{kind}:{hashlib.sha256(shown.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Found:
    """A key that works, and whose it is."""

    tenant_id: UUID
    key: StoredKey


class Proofs:
    """Which hashes were found to be those of what was shown; true for good."""

    def __init__(self) -> None:
        self._proven: OrderedDict[str, str] = OrderedDict()

    def has(self, mark: str, secret_hash: str) -> bool:
        """Whether what was shown is known to be the key of that hash."""
        return self._proven.get(mark) == secret_hash

    def has_any(self, mark: str) -> bool:
        """Whether what was shown was right once."""
        return mark in self._proven

    def keep(self, mark: str, secret_hash: str) -> None:
        """Remember it, so that a change of the client's rights does not cost a hash again."""
        self._proven[mark] = secret_hash
        self._proven.move_to_end(mark)
        if len(self._proven) > PROVEN:
            self._proven.popitem(last=False)


class Proving:
    """Checks what is shown: the same by many at once is checked once."""

    def __init__(self) -> None:
        self._proofs = Proofs()
        self._running: dict[str, asyncio.Task[Found | None]] = {}

    async def whose(self, shown: ShownKey, address: str | None) -> Found | None:
        """The key that was shown, if it works; nobody learns more than that it does not.

        Raises:
            Throttled: too many are being checked.

        """
        mark = shown.mark
        running = self._running.get(mark)
        if running is None:
            work = self._check(shown, mark, address)
            # Not cancelled with the request that began it: others may wait for it by then.
            running = asyncio.create_task(work, context=contextvars.Context())
            self._running[mark] = running
            running.add_done_callback(lambda done: self._done(mark, done))
        return await asyncio.shield(running)

    def _done(self, mark: str, done: asyncio.Task[Found | None]) -> None:
        del self._running[mark]
        if not done.cancelled():
            done.exception()  # whoever asked may be gone; then nobody else looks at it

    async def _check(self, shown: ShownKey, mark: str, address: str | None) -> Found | None:
        began = monotonic()
        async with sources.turn(address):
            by_key = shown.identifier is None
            found = await (_by_key(shown) if by_key else self._by_identifier(shown, mark))
        if found is None:
            sources.failed(address)
            if not by_key and not self._proofs.has_any(mark):
                await asyncio.sleep(SECONDS_TO_REFUSE - (monotonic() - began))
            return None
        self._proofs.keep(mark, found.key.secret_hash)
        return found

    async def _by_identifier(self, shown: ShownKey, mark: str) -> Found | None:
        name = BASIC + (shown.identifier or "")
        known = len(name) <= len(BASIC) + LONGEST_IDENTIFIER and "\0" not in name
        lead = await lead_of(IdentityKind.LEGACY_NAME, name if known else BASIC)
        held = await _held(lead or NOWHERE)
        plain = [one for one in held if not is_salted(one.secret_hash)]
        right = next((one for one in plain if is_key_of(one.secret_hash, shown.key)), None)
        if right is None and not (self._proofs.has_any(mark) and len(plain) == len(held)):
            right = await self._salted(shown, mark, [one for one in held if one not in plain])
        return None if lead is None or right is None else Found(lead.tenant_id, right)

    async def _salted(
        self, shown: ShownKey, mark: str, held: Sequence[StoredKey]
    ) -> StoredKey | None:
        """Compute one hash, of a client's only salted key, or of nobody's."""
        one = held[0] if held else None
        kept = one.secret_hash if one else NOBODYS_HASH
        if one is not None and self._proofs.has(mark, kept):
            return one
        right = await line.run(verify_salted, kept, shown.key)
        return one if right else None


async def _by_key(shown: ShownKey) -> Found | None:
    kept = kept_key(shown.key)
    lead = await lead_of(IdentityKind.LEGACY_KEY, hex_of(kept))
    where = lead or NOWHERE
    held = await stored_keys(where.tenant_id, datetime.now(UTC), key_id=where.row_id)
    if lead is None or not held or not is_key_of(held[0].secret_hash, shown.key):
        return None
    return Found(lead.tenant_id, held[0])


async def _held(lead: Lead) -> Sequence[StoredKey]:
    return await stored_keys(lead.tenant_id, datetime.now(UTC), client_id=lead.row_id)
