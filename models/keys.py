"""Idempotency keys: who was first with one, and what came of it."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.database import dialect, rows, write_rows
from models.record import new_id


@dataclass(frozen=True)
class Claimed:
    """What was done under a key before."""

    fingerprint: str
    object_id: UUID | None
    outcome: str | None


async def claim(
    tenant_id: UUID, caller_id: UUID, key: str, field: str, fingerprint: str, now: Any
) -> Claimed | None:
    """Take the key for this transaction; None if nobody had it, else what it led to.

    A twin in flight holds it until its transaction ends: this waits, at most as long as the
    database waits for a lock, and then raises `LockTimeout`.
    """
    p = dialect().placeholder
    fresh = await write_rows(
        "INSERT INTO idempotency_keys"
        " (tenant_id, id, caller_id, key, field, fingerprint, created_at)"
        f" VALUES ({p(1)}, {p(2)}, {p(3)}, {p(4)}, {p(5)}, {p(6)}, {p(7)})"
        " ON CONFLICT (tenant_id, caller_id, key) DO NOTHING RETURNING id",
        *(tenant_id, new_id(), caller_id, key, field, fingerprint, now),
    )
    if fresh:
        return None
    found = await rows(
        "SELECT fingerprint, object_id, outcome FROM idempotency_keys"
        f" WHERE tenant_id = {p(1)} AND caller_id = {p(2)} AND key = {p(3)}",
        *(tenant_id, caller_id, key),
    )
    mark, object_id, outcome = found[0]
    return Claimed(mark, None if object_id is None else UUID(str(object_id)), outcome)


@dataclass(frozen=True)
class Remember:
    """Writes down what a claimed key led to, with the effect itself."""

    tenant_id: UUID
    caller_id: UUID
    key_text: str
    object_id: UUID | None
    """The one object it led to; none for a batch, whose outcome names them."""
    outcome: str

    @property
    def key(self) -> Hashable:
        """Always the same text."""
        return "remember key"

    @property
    def values(self) -> Sequence[Any]:
        """In the order of the text."""
        return (self.object_id, self.outcome, self.tenant_id, self.caller_id, self.key_text)

    def sql(self, place: Callable[[], str]) -> str:
        """One row's update."""
        return (
            f"UPDATE idempotency_keys SET object_id = {place()}, outcome = {place()}"
            f" WHERE tenant_id = {place()} AND caller_id = {place()} AND key = {place()}"
        )
