"""What the operator's people change about stock by hand: a count that came out differently."""

from collections.abc import Hashable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any
from uuid import UUID

from models import lookups
from models.fields import MILLIONTH, from_millionths, to_millionths
from models.stock import StockLevel
from models.stocktaking import Movement, Spot, hold_products, levels_of
from models.wares import Ware, wares
from models.words import Condition, MovementKind, UserErrorCode
from models.writing import Changes
from resolvers.access import Caller
from resolvers.commands import Effect, now
from resolvers.contents import input_path
from resolvers.errors import UserErrors
from resolvers.faults import Faults
from resolvers.inbound_stock import NOT_THERE, check_state
from resolvers.items import codes_meant
from resolvers.order_stock import stock_of
from resolvers.parties import destination_of
from resolvers.waiting import wake

Content = Mapping[str, Any]

NOTHING = Decimal(0)


async def adjust(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Put more or less where something else was counted, and say why.

    No more is taken than is free: what is reserved belongs to an order. What is added goes to
    the orders that wait for it.
    """
    faults = Faults()
    faults.texts(content)
    faults.not_blank(content, ("reason",))
    check_state(content, faults)
    customer_id = content["customer"]
    party = await lookups.party(caller.reach, customer_id)
    warehouse_id = destination_of(party, content, faults).warehouse_id
    ware = await _ware(caller, customer_id, content["product"], faults)
    unit_base = None if ware is None else _unit_base(ware, content, faults)
    condition = content.get("condition") or Condition.OK
    if condition in NOT_THERE:
        message = f"Goods that are {condition} stand nowhere."
        faults.add(UserErrorCode.INVALID, input_path("condition"), message)
    if content["change"] == 0:
        faults.add(UserErrorCode.INVALID, input_path("change"), "This changes nothing.")
    if ware is None or warehouse_id is None or unit_base is None:
        raise UserErrors(faults.errors)

    spot = Spot(
        customer_id,
        warehouse_id,
        ware.id,
        ware.code,
        content.get("batch"),
        content.get("expiry_date"),
        condition,
    )
    # Held, so that nobody makes the same level meanwhile, and nobody gives up waiting for it.
    await hold_products(caller.tenant_id, [ware.id])
    known = await levels_of(caller.tenant_id, warehouse_id, [ware.id])
    change = content["change"] * unit_base
    if change > 0 or spot.key not in known:
        _must_be_known(ware, content, faults)
    await _check(caller, spot, known, change, unit_base, faults)
    faults.raise_any()

    stock = stock_of(caller, now())
    level_id = stock.level(spot, known)
    reason = content["reason"]
    stock.move(Movement(level_id, MovementKind.ADJUSTED, quantity=change, reason=reason))
    stock.write(changes)
    if change > 0 and condition is Condition.OK:
        await changes.flush()
        await wake(caller, customer_id, warehouse_id, [ware.id])
    return Effect(level_id, customer_id, warehouse_id)


async def _ware(caller: Caller, customer_id: UUID, product: Content, faults: Faults) -> Ware | None:
    [(name, key)] = product.items()
    ids, codes = ([key], []) if name == "id" else ([], [key])
    for ware in await wares(caller.reach, customer_id, ids, codes):
        return ware
    near = await codes_meant(caller, customer_id, key) if name == "code" else None
    faults.add(
        UserErrorCode.UNKNOWN_PRODUCT,
        input_path("product", name),
        f"This customer has no product `{key}`.",
        near,
    )
    return None


def _unit_base(ware: Ware, content: Content, faults: Faults) -> Decimal | None:
    """How many base units the unit holds."""
    unit = ware.default_unit if content.get("unit") is None else content["unit"]
    if (held := ware.units.get(unit)) is None:
        faults.add(
            UserErrorCode.UNKNOWN_UNIT,
            input_path("unit"),
            f"`{ware.code}` is not counted in `{unit}`.",
            list(ware.units),
        )
    return held


def _must_be_known(ware: Ware, content: Content, faults: Faults) -> None:
    """A level of goods that are kept by batch or expiry date has one."""
    for name, required, what in (
        ("batch", ware.requires_batch, "by batch"),
        ("expiry_date", ware.requires_expiry, "by expiry date"),
    ):
        if required and content.get(name) is None:
            message = f"`{ware.code}` is kept {what}."
            faults.add(UserErrorCode.REQUIRED, input_path(name), message)


async def _check(
    caller: Caller,
    spot: Spot,
    known: Mapping[tuple[Hashable, ...], UUID],
    change: Decimal,
    unit_base: Decimal,
    faults: Faults,
) -> None:
    """What is left can be counted, and is not less than what is reserved."""
    quantity, reserved = NOTHING, NOTHING
    if (level_id := known.get(spot.key)) is not None:
        held = await lookups.columns(StockLevel, caller.reach, level_id, ("quantity", "allocated"))
        quantity, reserved = map(from_millionths, held.values())
    path = input_path("change")
    try:
        to_millionths(change)
        to_millionths(quantity + change)
    except ValueError as fault:
        message = f"In base units this comes to {change.normalize():f}. {fault}."
        faults.add(UserErrorCode.INVALID, path, message)
    free = quantity - reserved
    if free + change < 0:
        units = (free / unit_base).quantize(MILLIONTH, ROUND_DOWN).normalize()
        faults.add(
            UserErrorCode.INSUFFICIENT_STOCK,
            path,
            f"No more than {units:f} can be taken: the rest is not there or reserved.",
            available=units,
        )
