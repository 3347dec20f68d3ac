"""What stands in warehouses beside the movements that made it so, and the orders they were for."""

from uuid import UUID

from models import verify_stock
from resolvers.differences import Difference

LINES = (
    ("an outbound order holds what it needs", "outbound", verify_stock.not_holding_what_they_need),
    ("what left was packed", "outbound", verify_stock.not_shipped_as_packed),
    ("what is incoming was announced", "inbound", verify_stock.not_announced_as_expected),
    ("what was counted was put away", "inbound", verify_stock.not_put_away_as_counted),
    ("an order moves stock of its own", "", verify_stock.moved_at_anothers),
)
"""Rules about lines, the way that they go, and who breaks them."""


async def differences(tenant_id: UUID) -> list[Difference]:
    """Levels that are not what was moved, and orders that moved something else than they should."""
    found = [
        Difference(
            tenant_id,
            "a level is the sum of its movements",
            f"{one.measure} of `{one.product_code}`, level {one.id}",
            one.moved,
            one.stored,
        )
        for one in await verify_stock.levels_unlike_movements(tenant_id)
    ]
    for rule, way, ask in LINES:
        found += [
            Difference(
                tenant_id,
                rule,
                f"{way} order {line.order_id}, line {line.item_id}".strip(),
                line.expected,
                line.found,
            )
            for line in await ask(tenant_id)
        ]
    return found
