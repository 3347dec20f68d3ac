"""What stands in a warehouse, for tests: levels, each the sum of its movements."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from models.stock import StockLevel, StockMovement
from models.words import StaffRole
from resolvers import products
from resolvers.access import Caller
from tests.asking import Shop, exact, perform, staff

Shelf = tuple[str, str | None, str | None]
"""Condition, batch and expiry date."""

Amounts = tuple[str, str, str]
"""How much stands there, is taken, and is incoming; in base units."""


async def keep(shop: Shop, code: str, **more: Any) -> str:
    """Add a product of which nothing stands anywhere, in packets and in cartons of twelve."""
    caller = await person(shop)
    content = {
        "customer": shop.world.live.id,
        "code": code,
        "name": code.title(),
        "default_unit": "EA",
        "units": [{"code": "EA", "base_quantity": 1}, {"code": "CTN", "base_quantity": 12}],
        **more,
    }
    made = await perform(caller, "createProduct", exact(content), products.add)
    shop.known[f"<{code}>"] = str(made)
    return str(made)


async def person(shop: Shop) -> Caller:
    """Somebody of the operator, as one that is asked for by code."""
    if "administrator" not in shop.known:
        caller = await staff(shop.world, StaffRole.ADMINISTRATOR)
        shop.known["administrator"] = str(caller.staff_user_id)
        PEOPLE[shop.known["administrator"]] = caller
    return PEOPLE[shop.known["administrator"]]


PEOPLE: dict[str, Caller] = {}


async def shelves(shop: Shop, code: str, warehouse_id: UUID | None = None) -> dict[Shelf, Amounts]:
    """What there is of a product in a warehouse, where it is anything at all."""
    await add_up(shop)
    found = await StockLevel.filter(
        tenant_id=shop.world.tenant.id,
        product_code=code,
        warehouse_id=warehouse_id or shop.world.warehouse.id,
    )
    amounts = {
        (one.condition.value, one.batch, one.expiry_date and one.expiry_date.isoformat()): (
            str(one.quantity),
            str(one.allocated),
            str(one.incoming),
        )
        for one in found
    }
    return {shelf: held for shelf, held in amounts.items() if held != ("0", "0", "0")}


async def add_up(shop: Shop) -> None:
    """Every level is the sum of its movements."""
    tenant_id = shop.world.tenant.id
    sums: dict[UUID, list[Any]] = defaultdict(lambda: [0, 0, 0])
    for one in await StockMovement.filter(tenant_id=tenant_id):
        for n, amount in enumerate((one.quantity, one.allocated, one.incoming)):
            sums[one.level_id][n] += amount
    levels = await StockLevel.filter(tenant_id=tenant_id)
    kept = {one.id: [one.quantity, one.allocated, one.incoming] for one in levels}
    assert kept == dict(sums)
