"""How a client lets go of what it tried with."""

from collections.abc import Sequence
from uuid import UUID

from models.database import dialect, execute


async def let_go(tenant_id: UUID, client_id: UUID, customers: Sequence[UUID]) -> None:
    """Take customers from a client."""
    p = dialect().placeholder
    for one in customers:
        await execute(
            f"DELETE FROM api_client_customers WHERE tenant_id = {p(1)} AND client_id = {p(2)}"
            f" AND customer_id = {p(3)}",
            *(tenant_id, client_id, one),
        )
