"""The stock that an outbound order holds, and its lines as they are stored."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from models.lookups import Job
from models.order_lines import StoredLine, lines_of_orders
from models.stocktaking import Held, Movement, Stock, held_by_outbound
from models.wares import Ware, wares
from models.words import MovementKind
from models.writing import Changes
from resolvers.access import Caller
from resolvers.commands import now
from resolvers.items import Line


def stock_of(caller: Caller, at: datetime) -> Stock:
    """Movements that this caller causes."""
    return Stock(caller.tenant_id, at, caller.client_id, caller.staff_user_id)


async def give_back(caller: Caller, job: Job, items: Sequence[UUID] | None = None) -> set[UUID]:
    """Let go at once of what an order, or some of its lines, held; whose products it was."""
    stock, held = stock_of(caller, now()), await held_by_outbound(caller.tenant_id, job.id)
    own = [one for one in held if items is None or one.item_id in items]
    stock.move(*(_released(one, job.id) for one in own))
    changes = Changes()
    stock.write(changes)
    await changes.flush()
    return {one.product_id for one in own}


def _released(held: Held, order_id: UUID) -> Movement:
    return Movement(
        held.level_id,
        MovementKind.RELEASED,
        allocated=-held.quantity,
        outbound_order_id=order_id,
        item_id=held.item_id,
    )


async def stored_lines(caller: Caller, job: Job) -> tuple[list[Line], dict[int, UUID]]:
    """The lines of an order with what is free of their products, and their ids."""
    stored = await lines_of_orders(caller.tenant_id, [job.id])
    known = await wares_of(caller, job, {line.product_id for line in stored})
    lines = [as_line(line, known[line.product_id]) for line in stored]
    return lines, {line.at: one.id for line, one in zip(lines, stored, strict=True)}


async def wares_of(caller: Caller, job: Job, ids: set[UUID]) -> dict[UUID, Ware]:
    """Products of an order's customer, with what is free in its warehouse."""
    found = await wares(caller.reach, job.customer_id, sorted(ids), [], job.warehouse_id)
    return {ware.id: ware for ware in found}


def as_line(stored: StoredLine, ware: Ware) -> Line:
    """A line as it is stored, in the form of one that is sent."""
    given: dict[str, Any] = {
        "product": {"id": stored.product_id},
        "unit": stored.unit,
        "quantity": stored.quantity,
        "batch": stored.batch,
        "expiry_date": stored.expiry_date,
        "properties": stored.properties and orjson.loads(stored.properties),
    }
    return Line(
        at=stored.position - 1,
        ware=ware,
        unit=stored.unit,
        unit_base=stored.unit_base,
        quantity=stored.quantity,
        given=given,
        unit_price=stored.price,
    )


def as_sent(text: str) -> list[dict[str, Any]]:
    """Lines that were kept as they were sent, with their values as an input has them."""
    return [_item(item) for item in orjson.loads(text)]


def _item(item: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(item)
    given["quantity"] = Decimal(item["quantity"])
    if "id" in item["product"]:
        given["product"] = {"id": UUID(item["product"]["id"])}
    if "expiry_date" in item:
        given["expiry_date"] = date.fromisoformat(item["expiry_date"])
    if (price := item.get("approximate_unit_price")) is not None:
        given["approximate_unit_price"] = {**price, "amount": Decimal(price["amount"])}
    return given
