"""Report runs from their claim to their end, and the pieces of their files.

A worker that claims a run holds a lease, and names it in everything that it writes. Who is not
heard of until the lease ends has lost it: another worker begins the run again, and what the first
one still writes finds no row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.clock import ahead, instant, standing
from models.compiling import Writer
from models.database import Dialect, dialect, execute, rows, transaction, write_rows
from models.lookups import ask, uuid
from models.reach import Reach
from models.record import new_id
from models.reports import ReportRun
from models.words import ReportFault, ReportFormat, ReportKind, ReportStatus

LEASE_SECONDS = 30
CHUNKS_AT_ONCE = 16
"""Few enough that a command waits for the one writer of SQLite some milliseconds only."""

UNFINISHED = "status IN ('QUEUED', 'RUNNING')"


class LeaseLost(Exception):
    """Another worker has the run by now."""


@dataclass(frozen=True)
class Claimed:
    """A run that this worker is to make."""

    tenant_id: UUID
    id: UUID
    lease: UUID
    kind: ReportKind
    format: ReportFormat
    arguments: str
    reach: str
    attempts: int
    """How often it was begun, this time included."""


async def tenants_waiting() -> list[UUID]:
    """The tenants that have runs to begin. Asked each second: an index holds these runs only."""
    found = await rows(
        f"SELECT DISTINCT tenant_id FROM report_runs WHERE {UNFINISHED} AND due_at <= {standing()}"
    )
    return [uuid(tenant_id) for (tenant_id,) in found]


async def claim(tenant_id: UUID) -> Claimed | None:
    """Take the tenant's oldest run that is due; none if others took them all."""
    p = dialect().placeholder
    skip = " FOR UPDATE SKIP LOCKED" if dialect() is Dialect.POSTGRES else ""
    lease = new_id()
    taken = await write_rows(
        f"UPDATE report_runs SET status = 'RUNNING', lease = {p(2)}, attempts = attempts + 1,"
        f" due_at = {ahead(LEASE_SECONDS)}, started_at = {standing()}, rows_done = 0,"
        f" rows_total = NULL, bytes = 0 WHERE tenant_id = {p(1)} AND id = (SELECT id FROM"
        f" report_runs WHERE tenant_id = {p(1)} AND {UNFINISHED} AND due_at <= {standing()}"
        f" ORDER BY created_at, id LIMIT 1{skip})"
        " RETURNING id, kind, format, arguments, reach, attempts",
        *(tenant_id, lease),
    )
    for row in taken:
        run_id, kind, form, arguments, reach, attempts = row
        return Claimed(
            tenant_id,
            uuid(run_id),
            lease,
            ReportKind(kind),
            ReportFormat(form),
            arguments,
            reach,
            attempts,
        )
    return None


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    rows_done: int
    rows_total: int | None
    bytes: int


async def note_progress(run: Claimed, progress: Progress, content: bytes = b"") -> None:
    """Write down how far it is and the file's next piece, which ends there; renew the lease.

    Raises:
        LeaseLost: nothing was written.

    """
    p = dialect().placeholder
    async with transaction():
        await _set(
            run,
            f"rows_done = {p(4)}, rows_total = {p(5)}, bytes = {p(6)},"
            f" due_at = {ahead(LEASE_SECONDS)}",
            *(progress.rows_done, progress.rows_total, progress.bytes),
        )
        if content:
            await execute(
                "INSERT INTO report_chunks (tenant_id, id, run_id, starts_at, content)"
                f" VALUES ({p(1)}, {p(2)}, {p(3)}, {p(4)}, {p(5)})",
                *(run.tenant_id, new_id(), run.id, progress.bytes - len(content), content),
            )


async def finish(run: Claimed, download_path: str, kept_seconds: int) -> None:
    """Say that its file is there, and until when."""
    await _set(
        run,
        "status = 'DONE', lease = NULL, rows_total = rows_done,"
        f" download_path = {dialect().placeholder(4)},"
        f" finished_at = {standing()}, expires_at = {ahead(kept_seconds)}",
        download_path,
    )


async def give_up(run: Claimed, fault: ReportFault) -> None:
    """Say that there will be no file, and why."""
    await _drop_chunks(run.tenant_id, run.id, run)
    await _set(
        run,
        "status = 'FAILED', lease = NULL, rows_total = NULL, bytes = 0,"
        f" error = {dialect().placeholder(4)}, finished_at = {standing()}",
        fault,
    )


async def put_back(run: Claimed, seconds: int, *, attempted: bool) -> None:
    """Let any worker begin it again after a while."""
    again = "" if attempted else ", attempts = attempts - 1"
    await _set(run, f"status = 'QUEUED', lease = NULL, due_at = {ahead(seconds)}{again}")


async def clear(run: Claimed) -> None:
    """Drop what an earlier attempt wrote."""
    await _drop_chunks(run.tenant_id, run.id, run)


async def _set(run: Claimed, columns: str, *values: Any) -> None:
    """Change a run, if its lease is still held; `values` begin at the fourth place."""
    p = dialect().placeholder
    changed = await execute(
        f"UPDATE report_runs SET {columns}"
        f" WHERE tenant_id = {p(1)} AND id = {p(2)} AND lease = {p(3)}",
        *(run.tenant_id, run.id, run.lease, *values),
    )
    if not changed:
        raise LeaseLost


async def _drop_chunks(tenant_id: UUID, run_id: UUID, run: Claimed | None = None) -> None:
    """Drop a file, some pieces at a time."""
    p = dialect().placeholder
    gone = CHUNKS_AT_ONCE
    while gone == CHUNKS_AT_ONCE:
        async with transaction():
            if run is not None:
                await _set(run, f"due_at = {ahead(LEASE_SECONDS)}")
            gone = await execute(
                f"DELETE FROM report_chunks WHERE tenant_id = {p(1)} AND id IN (SELECT id FROM"
                f" report_chunks WHERE tenant_id = {p(1)} AND run_id = {p(2)}"
                f" ORDER BY starts_at LIMIT {CHUNKS_AT_ONCE})",
                *(tenant_id, run_id),
            )


# --- asking for one ------------------------------------------------------------------------------


async def unfinished(reach: Reach, *, of_staff: bool) -> int:
    """How many runs of the caller wait or are being made; others that ask now wait for the answer.

    Held is the caller's own row, weakly: references to it are not in the way.
    """
    p = dialect().placeholder
    if dialect() is Dialect.POSTGRES:
        holder = "staff_users" if of_staff else "api_clients"
        await rows(
            f"SELECT id FROM {holder} WHERE tenant_id = {p(1)} AND id = {p(2)} FOR NO KEY UPDATE",
            *(reach.tenant_id, reach.caller_id),
        )
    [(waiting,)] = await rows(
        f"SELECT count(*) FROM report_runs WHERE tenant_id = {p(1)} AND caller_id = {p(2)}"
        f" AND {UNFINISHED}",
        *(reach.tenant_id, reach.caller_id),
    )
    return int(waiting)


# --- fetching it ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class File:
    """What is known of a run's file."""

    id: UUID
    kind: ReportKind
    format: ReportFormat
    status: ReportStatus
    bytes: int
    reach: str
    created_at: datetime
    finished_at: datetime | None
    expired: bool


async def file_of(reach: Reach, run_id: UUID) -> File | None:
    """The file of the caller's own run of that id."""
    w = Writer(reach)
    sql = (
        "SELECT t.kind, t.format, t.status, t.bytes, t.reach, t.created_at, t.finished_at,"
        f" coalesce(t.expires_at <= {standing()}, FALSE) FROM report_runs t"
        f" WHERE {w.within(ReportRun, 't')} AND t.id = {w.value('id')}"
    )
    for row in await ask(w, reach, sql, id=run_id, caller=reach.caller_id):
        kind, form, status, size, held, created_at, finished_at, expired = row
        return File(
            run_id,
            ReportKind(kind),
            ReportFormat(form),
            ReportStatus(status),
            size,
            held,
            instant(created_at),
            None if finished_at is None else instant(finished_at),
            bool(expired),
        )
    return None


async def piece_at(tenant_id: UUID, run_id: UUID, offset: int) -> tuple[int, bytes] | None:
    """The piece of a file that holds the byte at `offset`, and where it starts."""
    p = dialect().placeholder
    for starts_at, content in await rows(
        "SELECT starts_at, content FROM report_chunks"
        f" WHERE tenant_id = {p(1)} AND run_id = {p(2)} AND starts_at <= {p(3)}"
        " ORDER BY starts_at DESC LIMIT 1",
        *(tenant_id, run_id, offset),
    ):
        return int(starts_at), bytes(content)
    return None


# --- forgetting it -------------------------------------------------------------------------------


async def expire(tenant_id: UUID, before: datetime, most: int) -> int:
    """Drop files whose time has come, and say so on their runs; how many."""
    p = dialect().placeholder
    found: Sequence[Any] = await rows(
        f"SELECT id FROM report_runs WHERE tenant_id = {p(1)} AND status = 'DONE'"
        f" AND expires_at < {p(2)} ORDER BY expires_at LIMIT {most}",
        *(tenant_id, before),
    )
    for (run_id,) in found:
        await _drop_chunks(tenant_id, uuid(run_id))
        await execute(
            "UPDATE report_runs SET status = 'EXPIRED', download_path = NULL"
            f" WHERE tenant_id = {p(1)} AND id = {p(2)} AND status = 'DONE'",
            *(tenant_id, run_id),
        )
    return len(found)
