"""How often somebody may ask, kept for all workers: one row for each bucket that is not full.

A bucket is a single number, the instant at which it is full again (GCRA): what is missing is what
refills until then. Instants are whole microseconds of the database's clock. One that steps back
finds a bucket empty at worst, and full again after its usual time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import Model, fields

from models.bulk import Bulk, places
from models.clients import ApiClient
from models.database import Dialect, dialect, execute, rows, write_rows
from models.fields import Instant
from models.record import Record

SECOND = 1_000_000


class Allowance(Model):
    """A bucket that is not full. It belongs to no tenant: a stranger's address has none."""

    subject = fields.CharField(max_length=80, primary_key=True)
    full_at = fields.BigIntField()
    taken = fields.IntField()
    """What the last lease was given; a statement can tell no other way."""

    class Meta:
        table = "allowances"


class ThrottledCalls(Record):
    """How often a client was refused in one hour because it asked too often."""

    client_id: UUID
    client: fields.ForeignKeyRelation[ApiClient] = fields.ForeignKeyField(
        "models.ApiClient", related_name=False, on_delete=fields.RESTRICT
    )
    hour = Instant()
    allowance = fields.TextField()
    calls = fields.BigIntField()

    class Meta:
        table = "throttled_calls"


@dataclass(frozen=True)
class Bucket:
    """What may be taken at once, and how much of it comes back each second."""

    rate: int
    burst: int

    @property
    def unit(self) -> int:
        """Microseconds until one comes back; rounded up, so that it is never too soon."""
        return -(-SECOND // self.rate)

    @property
    def depth(self) -> int:
        """Microseconds from empty to full."""
        return self.burst * self.unit

    def lease(self, full_at: int, now: int, least: int, most: int) -> tuple[int, int]:
        """What is taken of one that is full at that instant, and when it is full then.

        At most `most`, or nothing where there is less than `least`. The statement does the same.
        """
        behind = min(max(full_at - now, 0), self.depth)
        room = (self.depth - behind) // self.unit
        taken = min(most, room) if room >= least else 0
        return taken, now + behind + taken * self.unit


class Lease(NamedTuple):
    """What a worker was given to spend, and how many microseconds it is until all is back."""

    taken: int
    behind: int


async def lease(
    subject: str, bucket: Bucket, least: int, most: int, *, now: int | None = None
) -> Lease:
    """Take a share of a bucket in one statement; `now` is the database's clock unless told."""
    clock = _clock() if now is None else str(int(now))
    given = (subject, bucket.unit, bucket.burst, least, most)
    [(taken, behind)] = await write_rows(_lease(clock), *given)
    return Lease(taken, behind)


async def prune_allowances(most: int) -> int:
    """Drop buckets that are full: they are as good as none. How many."""
    among = f"SELECT subject FROM allowances WHERE full_at < {_clock()} LIMIT {int(most)}"
    if dialect() is Dialect.POSTGRES:
        among += " FOR UPDATE SKIP LOCKED"
    return await execute(f"DELETE FROM allowances WHERE subject IN ({among})")


class ThrottledNote(NamedTuple):
    """Calls of one client that one allowance refused in one hour."""

    tenant_id: UUID
    id: UUID
    client_id: UUID
    hour: datetime
    allowance: str
    calls: int


NOTES = Bulk(
    {
        "tenant_id": "uuid",
        "id": "uuid",
        "client_id": "uuid",
        "hour": "timestamptz",
        "allowance": "text",
        "calls": "bigint",
    }
)


async def add_throttled(notes: Sequence[ThrottledNote]) -> None:
    """Add to what is written of these clients and hours."""
    names = ", ".join(NOTES.columns)
    await execute(
        f"INSERT INTO throttled_calls AS t ({names}) SELECT {names}"
        f" FROM {NOTES.source(places(), 'n')} WHERE true"
        " ON CONFLICT (tenant_id, client_id, hour, allowance)"
        " DO UPDATE SET calls = t.calls + excluded.calls",
        *NOTES.values(notes),
    )


async def throttled_since(
    tenant_id: UUID, client_ids: Collection[UUID], since: datetime
) -> dict[UUID, int]:
    """How often each of some clients was refused from the hour of that instant on."""
    p = dialect().placeholder
    among = f"= ANY({p(3)}::uuid[])"
    if dialect() is Dialect.SQLITE:
        among = f"IN (SELECT value FROM json_each({p(3)}))"
    found = await rows(
        "SELECT client_id, CAST(sum(calls) AS bigint) FROM throttled_calls"
        f" WHERE tenant_id = {p(1)} AND hour >= {p(2)} AND client_id {among} GROUP BY client_id",
        *(tenant_id, since.replace(minute=0, second=0, microsecond=0), list(client_ids)),
    )
    return {UUID(str(client_id)): calls for client_id, calls in found}


def _lease(clock: str) -> str:
    sqlite = dialect() is Dialect.SQLITE
    least, most = ("min", "max") if sqlite else ("least", "greatest")
    kind = "" if sqlite else "::bigint"
    subject, unit, burst, fewest, many = (dialect().placeholder(n) + kind for n in range(1, 6))
    subject = dialect().placeholder(1)
    behind = f"{least}({most}(a.full_at - {clock}, 0), {burst} * {unit})"
    room = f"(({burst} * {unit} - {behind}) / {unit})"
    taken = f"CASE WHEN {room} >= {fewest} THEN {least}({many}, {room}) ELSE 0 END"
    first = f"{least}({many}, {burst})"
    return (
        "INSERT INTO allowances AS a (subject, full_at, taken)"
        f" VALUES ({subject}, {clock} + {first} * {unit}, {first})"
        f" ON CONFLICT (subject) DO UPDATE SET taken = {taken},"
        f" full_at = {clock} + {behind} + ({taken}) * {unit}"
        f" RETURNING taken, full_at - {clock}"
    )


def _clock() -> str:
    """SQL for the present instant; the same wherever it stands in a statement."""
    if dialect() is Dialect.POSTGRES:
        return f"(extract(epoch from statement_timestamp()) * {SECOND})::bigint"
    # SQLite's clock has milliseconds.
    seconds, thousandths = "strftime('%s', 'now')", "substr(strftime('%f', 'now'), 4)"
    return f"(cast({seconds} AS integer) * {SECOND} + cast({thousandths} AS integer) * 1000)"
