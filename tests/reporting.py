"""Stock, and reports of it: asked for, made and fetched."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from models.record import new_id
from models.stock import StockLevel
from models.words import ApiRole, Condition
from resolvers import products
from server import worker
from tests.asking import RANGE, Answer, Shop, exact, perform, staff
from tests.world import World

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=30)
HEADER = (
    "customerCode,warehouseCode,productCode,productName,batch,expiryDate,condition,"
    "quantity,allocated,free,incoming\r\n"
)
STOCK = ApiRole.WMS_VIEW_STOCK


async def empty_shop(http: httpx.AsyncClient, world: World) -> Shop:
    """A shop whose shelves are empty."""
    shop = Shop(http, world, await world.token(ApiRole.API_FULL_ACCESS))
    goods = await goods_of(world, world.live.id)
    shop.known |= {f"<{code}>": str(product_id) for code, product_id in goods.items()}
    shop.known["<customer>"] = str(world.live.id)
    return shop


async def goods_of(world: World, customer_id: UUID) -> dict[str, UUID]:
    """Products for a customer; the ids by code."""
    caller = await staff(world)
    return {
        one["code"]: await perform(
            caller, "createProduct", {"customer": customer_id, **exact(one)}, products.add
        )
        for one in RANGE
    }


def level(world: World, product_id: UUID, code: str = "TEA-500", **given: Any) -> StockLevel:
    """A level of the live customer's in its warehouse, as far as it is not told otherwise."""
    of = {
        "tenant_id": world.tenant.id,
        "customer_id": world.live.id,
        "warehouse_id": world.warehouse.id,
        "product_id": product_id,
        "product_code": code,
        "condition": Condition.OK,
        "quantity": Decimal(0),
        "allocated": Decimal(0),
        "incoming": Decimal(0),
        "created_at": LONG_AGO,
        "modified_at": LONG_AGO,
    }
    return StockLevel(**of | given)


async def some_stock(shop: Shop) -> list[StockLevel]:
    """Levels that differ in all that a level can differ in."""
    world, tea, mug = shop.world, UUID(shop.known["<TEA-500>"]), UUID(shop.known["<MUG-BLUE>"])
    theirs = (await goods_of(world, world.other.id))["TEA-500"]
    return [
        await one.save() or one
        for one in (
            level(world, mug, "MUG-BLUE", quantity=Decimal("12.5"), allocated=Decimal(2)),
            level(world, tea, quantity=Decimal(10), allocated=Decimal(4), incoming=Decimal(6)),
            level(
                world,
                tea,
                quantity=Decimal(3),
                condition=Condition.QUARANTINE,
                batch="=1+1",
                expiry_date=date(2027, 3, 31),
            ),
            level(world, tea, quantity=Decimal(7), warehouse_id=world.far_warehouse.id),
            level(world, theirs, quantity=Decimal(99), customer_id=world.other.id),
            level(world, mug, "MUG-BLUE", batch="gone"),
        )
    ]


async def ask(shop: Shop, *, by: str | None = None, **given: Any) -> Answer:
    """Ask for a report."""
    return await shop.say(
        "mutation($input: CreateReportRunInput!) { createReportRun(input: $input) {"
        " reportRun { id status downloadPath } userErrors { code path message } replayed } }",
        by=by,
        input={"kind": "STOCK_ON_HAND", "format": "CSV", **given},
    )


async def queued(shop: Shop, *, by: str | None = None, **given: Any) -> str:
    """The id of a run that was asked for."""
    answer = await ask(shop, by=by, **given)
    assert answer.faults == [], answer.body
    return answer.only["reportRun"]["id"]


async def looked_at(shop: Shop, run_id: str, *, by: str | None = None) -> Any:
    fields = "status rowsDone rowsTotal bytes startedAt finishedAt expiresAt downloadPath error"
    answer = await shop.say(f'{{ reportRun(id: "{run_id}") {{ {fields} }} }}', by=by)
    return answer.only


async def fetch(
    shop: Shop, run_id: str, *, by: str | None = None, method: str = "GET", **headers: str
) -> httpx.Response:
    """Ask for the file; `if_range` is the header If-Range."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return await shop.http.request(
        method,
        f"/reports/{run_id}",
        headers={"Authorization": f"Bearer {by or shop.token}", **told},
    )


async def report(shop: Shop, **given: Any) -> str:
    """The text of a report that is asked for, made and fetched."""
    run_id = await queued(shop, **given)
    await worker.make_reports()
    answer = await fetch(shop, run_id)
    assert answer.status_code == 200, answer.text
    return answer.text


MANY = 12_000


async def many_levels(shop: Shop) -> list[str]:
    """A lot of levels, and the lines that tell them."""
    tea = UUID(shop.known["<TEA-500>"])
    made = [
        level(shop.world, tea, batch=f"B{n:06}", quantity=Decimal(n + 1), id=new_id())
        for n in range(MANY)
    ]
    await StockLevel.bulk_create(made, batch_size=1_000)
    return [
        f'ACME,SYD,TEA-500,"Tea, 500 g",{one.batch},,OK,{one.quantity},0,{one.quantity},0'
        for one in sorted(made, key=lambda one: one.id)
    ]
