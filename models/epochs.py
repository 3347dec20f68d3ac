"""A tenant's epoch: a number that grows with every change to who may do what.

Workers keep the callers they know, and drop them when the epoch of their tenant moves. Tenants are
never deleted and epochs never fall, so the sum of all epochs moves whenever one of them does.
"""

from uuid import UUID

from models.database import dialect, execute, rows


async def bump(tenant_id: UUID) -> None:
    """Tell every worker that clients, secrets, roles or reach of this tenant change.

    Done first in the transaction that makes the change: the row stays locked until it commits, so
    that two changes of one tenant's access happen one after the other.
    """
    await execute(
        f"update tenants set epoch = epoch + 1 where id = {dialect().placeholder(1)}",
        tenant_id,
    )


async def sum_of_epochs() -> int:
    """Read one number that moves when anything did."""
    [(total,)] = await rows("select coalesce(sum(epoch), 0) from tenants")
    return int(total)


async def epochs() -> dict[UUID, int]:
    """Read the epoch of every tenant that ever changed."""
    found = await rows("select id, epoch from tenants where epoch > 0")
    return {UUID(str(tenant_id)): epoch for tenant_id, epoch in found}
