"""Forgetting what has been kept for long enough, a little at a time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.database import Dialect, dialect, execute, rows, transaction
from models.report_runs import expire

BATCH = 500
"""Few enough that a command waits for the one writer of SQLite some milliseconds only."""


async def prune_calls(tenant_id: UUID, before: datetime) -> int:
    """Drop notes of the call log; how many."""
    return await _delete_batch("calls", "at", tenant_id, before)


async def prune_keys(tenant_id: UUID, before: datetime) -> int:
    """Drop idempotency keys; how many."""
    return await _delete_batch("idempotency_keys", "created_at", tenant_id, before)


async def prune_throttled(tenant_id: UUID, before: datetime) -> int:
    """Drop counts of throttled calls; how many."""
    return await _delete_batch("throttled_calls", "hour", tenant_id, before)


async def prune_tokens(tenant_id: UUID, before: datetime) -> int:
    """Drop expired tokens with what leads to them; how many."""
    return await _delete_with_leads("access_tokens", tenant_id, before)


async def prune_sessions(tenant_id: UUID, before: datetime) -> int:
    """Drop expired sessions of staff with what leads to them; how many."""
    return await _delete_with_leads("staff_sessions", tenant_id, before)


async def prune_report_files(tenant_id: UUID, before: datetime) -> int:
    """Drop files of reports whose time has come; how many."""
    return await expire(tenant_id, before, BATCH)


async def prune_reports(tenant_id: UUID, before: datetime) -> int:
    """Drop report runs that have no file; how many."""
    async with transaction():
        ended = "status IN ('EXPIRED', 'FAILED')"
        chosen = await _choose("report_runs", "created_at", tenant_id, before, ended)
        return await _delete("report_runs", "id", tenant_id, chosen)


async def _delete_with_leads(table: str, tenant_id: UUID, before: datetime) -> int:
    async with transaction():
        chosen = await _choose(table, "expires_at", tenant_id, before)
        await _delete("identities", "row_id", tenant_id, chosen)
        return await _delete(table, "id", tenant_id, chosen)


async def _delete_batch(table: str, column: str, tenant_id: UUID, before: datetime) -> int:
    async with transaction():
        return await _delete(
            table, "id", tenant_id, await _choose(table, column, tenant_id, before)
        )


async def _choose(
    table: str, column: str, tenant_id: UUID, before: datetime, also: str = "1 = 1"
) -> Sequence[UUID | str]:
    """Claim rows that are old enough and that no other worker has claimed."""
    p = dialect().placeholder
    found = await rows(
        f"SELECT id FROM {table} WHERE tenant_id = {p(1)} AND {column} < {p(2)}"
        f" AND {also} ORDER BY {column} LIMIT {BATCH}"
        + (" FOR UPDATE SKIP LOCKED" if dialect() is Dialect.POSTGRES else ""),
        tenant_id,
        before,
    )
    return [row_id for (row_id,) in found]


async def _delete(table: str, column: str, tenant_id: UUID, ids: Sequence[UUID | str]) -> int:
    if not ids:
        return 0
    p = dialect().placeholder
    among = (
        f"= ANY({p(2)}::uuid[])"
        if dialect() is Dialect.POSTGRES
        else f"IN (SELECT value FROM json_each({p(2)}))"
    )
    sql = f"DELETE FROM {table} WHERE tenant_id = {p(1)} AND {column} {among}"
    return await execute(sql, tenant_id, ids)
