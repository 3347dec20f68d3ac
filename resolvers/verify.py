"""Recomputing what the books say, and naming every difference.

Nothing is mended here: a difference is a fault of ours that somebody has to look at. It may run
beside the traffic; what is not settled yet is left for the next time.
"""

from models.tenants import Tenant
from resolvers import verify_jobs, verify_stock, verify_usage
from resolvers.differences import Difference

__all__ = ["Difference", "verify"]


async def verify() -> list[Difference]:
    """Recompute and compare, for every tenant; an empty list is what one wants to see."""
    found: list[Difference] = []
    for tenant in await Tenant.all().order_by("id"):
        found += await verify_usage.differences(tenant)
        found += await verify_jobs.differences(tenant.id)
        found += await verify_stock.differences(tenant.id)
    return found
