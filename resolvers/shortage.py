"""Whether an order gets its stock, and what the customer's policy makes of it if not."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from models.lookups import Policies
from models.stocktaking import Movement, Stock, hold_products
from models.words import (
    MovementKind,
    OutboundStatus,
    PolicyCode,
    ShortStockPolicy,
    UserErrorCode,
)
from resolvers.access import Caller
from resolvers.allocation import Pick, Short, allocate
from resolvers.commands import PolicyOutcome
from resolvers.contents import input_path
from resolvers.faults import Faults
from resolvers.items import Line, again


@dataclass
class Decision:
    """Where an order begins, with which lines, and what it takes."""

    status: OutboundStatus
    lines: Sequence[Line]
    picks: Sequence[Pick] = ()
    rest: Sequence[Line] = ()
    """What goes onto an order of its own, which awaits stock."""
    outcomes: list[PolicyOutcome] = field(default_factory=list)


async def decide(
    caller: Caller,
    customer_id: UUID,
    warehouse_id: UUID,
    policies: Policies,
    lines: Sequence[Line],
    faults: Faults,
    *,
    allow_splitting: bool,
) -> Decision:
    """Take what the lines need, or do what the policy says where less is free.

    Without a policy that is a fault, with what is free of each line.
    """
    policy = policies.short_stock
    if policy is ShortStockPolicy.SPLIT and not allow_splitting:
        policy = ShortStockPolicy.AWAIT_STOCK
    in_part = policy in {ShortStockPolicy.TAKE_AVAILABLE, ShortStockPolicy.SPLIT}
    picks, short = await taken(caller, customer_id, warehouse_id, lines, in_part=in_part)
    ready = Decision(OutboundStatus.AWAITING_PICK_AND_PACK, lines, picks)
    match policy:
        case _ if not short:
            return ready
        case ShortStockPolicy.REJECT:
            return _rejected(lines, short)
        case ShortStockPolicy.AWAIT_STOCK:
            return _awaiting(lines, short)
        case ShortStockPolicy.DROP_LINE:
            return _without(lines, short, picks)
        case ShortStockPolicy.TAKE_AVAILABLE:
            return _reduced(lines, short, picks)
        case ShortStockPolicy.SPLIT:
            return _split(lines, short, picks)
        case None:
            refuse(short, faults)
            return ready


async def taken(
    caller: Caller,
    customer_id: UUID,
    warehouse_id: UUID,
    lines: Sequence[Line],
    *,
    in_part: bool = False,
) -> tuple[Sequence[Pick], Sequence[Short]]:
    """What the lines can take; that it is too little is only said while the products are held.

    So goods that are put away at this moment are either seen here, or find the order waiting.
    """
    day = today(caller)
    picks, short = allocate(lines, day, in_part=in_part)
    if short:
        await hold_products(caller.tenant_id, [line.ware.id for line in lines])
        seen = await again(caller, customer_id, lines, warehouse_id)
        picks, short = allocate(seen, day, in_part=in_part)
    return picks, short


def today(caller: Caller) -> date:
    """The day in the tenant's time zone."""
    return datetime.now(ZoneInfo(caller.time_zone)).date()


def refuse(short: Sequence[Short], faults: Faults) -> None:
    """Say of each line what is free."""
    for one in short:
        faults.add(
            UserErrorCode.INSUFFICIENT_STOCK,
            input_path("items", one.line.at, "quantity"),
            _less(one),
            available=one.available_units,
        )


def reserve(stock: Stock, order_id: UUID, items: dict[int, UUID], picks: Sequence[Pick]) -> None:
    """The movements by which an order takes its stock."""
    stock.move(
        *(
            Movement(
                pick.level_id,
                MovementKind.RESERVED,
                allocated=pick.quantity,
                outbound_order_id=order_id,
                item_id=items[pick.at],
            )
            for pick in picks
        )
    )


def _less(one: Short) -> str:
    code, unit = one.line.ware.code, one.line.unit
    return f"Of `{code}` {one.available_units.normalize():f} {unit} are free."


def _told(code: PolicyCode, one: Short, then: str) -> PolicyOutcome:
    path = input_path("items", one.line.at, "quantity")
    return PolicyOutcome(code.value, path, f"{_less(one)} {then}")


def _rejected(lines: Sequence[Line], short: Sequence[Short]) -> Decision:
    told = [_told(PolicyCode.ORDER_REJECTED, one, "The order is rejected.") for one in short]
    return Decision(OutboundStatus.REJECTED, lines, outcomes=told)


def _awaiting(lines: Sequence[Line], short: Sequence[Short]) -> Decision:
    told = [_told(PolicyCode.AWAITS_STOCK, one, "The order waits for stock.") for one in short]
    return Decision(OutboundStatus.AWAITING_STOCK, lines, outcomes=told)


def _without(lines: Sequence[Line], short: Sequence[Short], picks: Sequence[Pick]) -> Decision:
    gone = {one.line.at for one in short}
    left = [line for line in lines if line.at not in gone]
    if not left:
        return _rejected(lines, short)
    told = [_told(PolicyCode.LINE_DROPPED, one, "The line is dropped.") for one in short]
    return Decision(OutboundStatus.AWAITING_PICK_AND_PACK, left, picks, outcomes=told)


def _reduced(lines: Sequence[Line], short: Sequence[Short], picks: Sequence[Pick]) -> Decision:
    if not (left := _left(lines, short)):
        return _rejected(lines, short)
    told = [
        _told(PolicyCode.QUANTITY_REDUCED, one, "That is taken.")
        if one.available_units
        else _told(PolicyCode.LINE_DROPPED, one, "The line is dropped.")
        for one in short
    ]
    return Decision(OutboundStatus.AWAITING_PICK_AND_PACK, left, picks, outcomes=told)


def _split(lines: Sequence[Line], short: Sequence[Short], picks: Sequence[Pick]) -> Decision:
    if not (left := _left(lines, short)):
        return _awaiting(lines, short)
    rest = [replace(one.line, quantity=one.line.quantity - one.available_units) for one in short]
    told = [_told(PolicyCode.SPLIT, one, "The rest waits as an order of its own.") for one in short]
    return Decision(OutboundStatus.AWAITING_PICK_AND_PACK, left, picks, rest, told)


def _left(lines: Sequence[Line], short: Sequence[Short]) -> list[Line]:
    """The lines with no more than is free of each."""
    free = {one.line.at: one.available_units for one in short}
    reduced = [replace(line, quantity=free.get(line.at, line.quantity)) for line in lines]
    return [line for line in reduced if line.quantity > 0]
