"""Orders that wait for stock, and get it when goods arrive or are given back."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import partial
from uuid import UUID

from models.database import atomically
from models.lookups import Job
from models.order_lines import StoredLine, lines_of_orders, spots_with_stock, waiting_for
from models.reach import Reach
from models.tenants import Tenant
from models.words import OutboundStatus
from models.writing import Changes
from resolvers import jobs
from resolvers.access import Caller
from resolvers.allocation import allocate
from resolvers.commands import now
from resolvers.order_rows import KIND
from resolvers.order_stock import as_line, stock_of, wares_of
from resolvers.shortage import reserve, today

MOST_WOKEN = 100
"""Orders that one command looks at; the worker looks after the others."""

MOST_SPOTS = 500


async def wake(
    caller: Caller, customer_id: UUID, warehouse_id: UUID, product_ids: Collection[UUID]
) -> None:
    """Give waiting orders what is free of these products now: urgent and old ones first.

    An order gets all that it needs, or goes on waiting. Within the transaction of whoever made
    stock free, after that was written; their history says that it happened by itself.
    """
    if not product_ids:
        return
    waiting = await waiting_for(
        caller.tenant_id, customer_id, warehouse_id, product_ids, MOST_WOKEN
    )
    if waiting:
        await _give(_by_itself(caller), waiting)


async def _give(service: Caller, waiting: Iterable[Job]) -> None:
    by_order = {job.id: job for job in waiting}
    lines: dict[UUID, list[StoredLine]] = {order_id: [] for order_id in by_order}
    for line in await lines_of_orders(service.tenant_id, by_order):
        lines[line.order_id].append(line)
    one = next(iter(by_order.values()))
    needed = {line.product_id for own in lines.values() for line in own}
    known = await wares_of(service, one, needed)
    left = {free.level_id: free.quantity for ware in known.values() for free in ware.free}
    changes, at, stock, day = Changes(), now(), stock_of(service, now()), today(service)
    for order_id, job in by_order.items():
        own = [as_line(line, known[line.product_id]) for line in lines[order_id]]
        picks, short = allocate(own, day, left=(trial := dict(left)))
        if short:
            continue
        left = trial
        jobs.advance(
            KIND, service, job, OutboundStatus.AWAITING_PICK_AND_PACK, ["status"], changes, at=at
        )
        ids = {line.position - 1: line.id for line in lines[order_id]}
        reserve(stock, order_id, ids, picks)
    stock.write(changes)
    await changes.flush()


def _by_itself(caller: Caller) -> Caller:
    """Nobody's doing: the service, with the whole tenant in reach."""
    return replace(
        caller, reach=Reach.of_tenant(caller.tenant_id), client_id=None, staff_user_id=None
    )


async def wake_all() -> int:
    """Look after every order that waits for what is free by now; how many spots were looked at.

    Work by the clock: orders that a busy command passed over, or that were too many for it.
    """
    spots = await spots_with_stock(MOST_SPOTS)
    by_place: dict[tuple[UUID, UUID, UUID], list[UUID]] = {}
    for spot in spots:
        place = (spot.tenant_id, spot.customer_id, spot.warehouse_id)
        by_place.setdefault(place, []).append(spot.product_id)
    for (tenant_id, customer_id, warehouse_id), product_ids in by_place.items():
        tenant = await Tenant.get(id=tenant_id)
        service = Caller(
            reach=Reach.of_tenant(tenant_id),
            name="Dockgate",
            tenant_name=tenant.name,
            currency=tenant.currency,
            time_zone=tenant.time_zone,
        )
        await atomically(partial(wake, service, customer_id, warehouse_id, product_ids))
    return len(spots)
