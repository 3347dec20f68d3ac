"""What people say of goods that came: held against the lines that were announced."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from models.fields import to_millionths
from models.inbound_lines import StoredLine
from models.record import new_id
from models.stocktaking import NOTHING
from models.words import UserErrorCode
from resolvers.contents import input_path
from resolvers.errors import not_found
from resolvers.faults import Faults
from resolvers.gs1 import check_sscc
from resolvers.inbound_stock import NOT_THERE, Goods, check_state, check_total
from resolvers.items import Items
from resolvers.jobs import Content

TOLD = ("batch", "expiry_date", "sscc")
"""What is known of goods by the time they come, instead of what was announced."""


def came_of(lines: Sequence[StoredLine], items: Items | None, faults: Faults) -> list[StoredLine]:
    """The lines with what was received of each: as announced, if nothing is said at all."""
    if items is None:
        return [replace(line, received=line.quantity) for line in lines]
    named = _named(lines, items, faults)
    came = []
    for line in lines:
        at, item = named.get(line.id, (0, {"quantity": NOTHING}))
        quantity = line.quantity if item.get("quantity") is None else item["quantity"]
        if quantity < 0:
            path = input_path("items", at, "quantity")
            faults.add(UserErrorCode.INVALID, path, "This cannot be negative.")
        _fits(line, quantity, faults, "items", at)
        check_state(item, faults, "items", at)
        check_sscc(faults, item.get("sscc"), "items", at, "sscc")
        told = {name: item[name] for name in TOLD if item.get(name) is not None}
        came.append(replace(line, received=quantity, **told))
    check_total((line.unit_base * (line.received or NOTHING) for line in came), faults)
    if not any(line.received for line in came) and not faults.errors:
        faults.add(
            UserErrorCode.INVALID,
            input_path("items"),
            "Nothing of it came. Leave it as it is, or cancel it.",
        )
    return came


def rest_of(lines: Sequence[StoredLine], came: Sequence[StoredLine]) -> list[StoredLine]:
    """What did not come, as lines of an order of its own."""
    left = [
        replace(line, quantity=line.quantity - (one.received or NOTHING))
        for line, one in zip(lines, came, strict=True)
    ]
    return [
        replace(line, id=new_id(), position=position)
        for position, line in enumerate((line for line in left if line.quantity > 0), start=1)
    ]


def goods_of(lines: Sequence[StoredLine], items: Items, faults: Faults) -> Iterator[Goods]:
    """What was found of each line, state by state."""
    named = _named(lines, items, faults)
    for line in lines:
        received = line.received or NOTHING
        if line.id in named:
            at, item = named[line.id]
            yield from _told(line, received, item["counts"], at, faults)
        elif received > 0:
            one = Goods(line, received, line.condition, line.batch, line.expiry_date)
            _must_be_known(one, faults, "items")
            yield one


def _told(
    line: StoredLine, received: Decimal, counts: Items, at: int, faults: Faults
) -> Iterator[Goods]:
    total = sum((count["quantity"] for count in counts), NOTHING)
    if total != received:
        faults.add(
            UserErrorCode.INVALID,
            input_path("items", at, "counts"),
            f"These come to {total:f} {line.unit}, and {received:f} were received.",
        )
    for number, count in enumerate(counts):
        place = ("items", at, "counts", number)
        faults.positive(count, ("quantity",), *place)
        _fits(line, count["quantity"], faults, *place)
        check_state(count, faults, *place)
        batch, expiry = count.get("batch") or line.batch, count.get("expiry_date")
        one = Goods(line, count["quantity"], count["condition"], batch, expiry or line.expiry_date)
        _must_be_known(one, faults, *place)
        yield one


def _must_be_known(one: Goods, faults: Faults, *at: str | int) -> None:
    """Where a product is kept by batch or expiry date, what stands there has one."""
    line, there = one.line, one.condition not in NOT_THERE
    for name, demanded, known in (
        ("batch", line.requires_batch, one.batch),
        ("expiry_date", line.requires_expiry, one.expiry_date),
    ):
        if there and demanded and known is None:
            # A line that the input does not name has no place of its own there.
            path = input_path(*at, name) if len(at) > 1 else input_path(*at)
            message = f"Line {line.position} needs its {name.replace('_', ' ')}."
            faults.add(UserErrorCode.REQUIRED, path, f"{message} (`{line.product_code}`)")


def _named(
    lines: Sequence[StoredLine], items: Items, faults: Faults
) -> dict[UUID, tuple[int, Content]]:
    """What is said of each line that is named, with its place in the input."""
    known = {line.id for line in lines}
    named: dict[UUID, tuple[int, Content]] = {}
    faults.texts({"items": items})
    for at, item in enumerate(items):
        line_id, path = item["item"], input_path("items", at, "item")
        if line_id not in known:
            faults.errors.append(not_found("line of this order", line_id, path))
        elif line_id in named:
            faults.add(UserErrorCode.INVALID, path, "This line is named twice.")
        else:
            named[line_id] = (at, item)
    return named


def _fits(line: StoredLine, quantity: Decimal, faults: Faults, *at: str | int) -> None:
    """The quantity can be counted in base units."""
    base = quantity * line.unit_base
    try:
        to_millionths(base)
    except ValueError as fault:
        message = f"In base units this comes to {base.normalize():f}. {fault}."
        faults.add(UserErrorCode.INVALID, input_path(*at, "quantity"), message)
