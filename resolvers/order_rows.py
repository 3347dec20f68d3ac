"""An outbound order's content as the rows that hold it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from models.moves import OPEN_TO_CLIENTS, OPEN_TO_STAFF, OUTBOUND
from models.orders import OutboundOrder, OutboundOrderEvent, OutboundOrderItem
from models.record import new_id
from models.words import DeliveryMethod, OutboundStatus
from models.writing import Changes
from resolvers.access import Caller
from resolvers.contents import as_json, canonical
from resolvers.faults import Faults
from resolvers.items import Line
from resolvers.jobs import Kind

PLAIN = ("urgent", "instructions", "internal_notes", "ship_by", "allow_splitting")
"""Fields that are columns of the same name."""

ADDRESS = (
    "company",
    "contact",
    "line1",
    "line2",
    "suburb",
    "city",
    "state",
    "postcode",
    "country",
    "phone",
    "email",
)


KIND = Kind(
    noun="outbound order",
    table=OutboundOrder,
    events=OutboundOrderEvent,
    owner="order_id",
    open_to_clients=OPEN_TO_CLIENTS,
    open_to_staff=OPEN_TO_STAFF,
    legal=lambda job: OUTBOUND[OutboundStatus(job.status)],
    plain=PLAIN,
    more=("allow_splitting", "items_as_sent"),
)


def plain_columns(content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that need no thought, of those that are given."""
    columns = {name: content[name] for name in PLAIN if name in content}
    if "properties" in content:
        columns["properties"] = properties_text(content["properties"])
    return columns


def properties_text(properties: Mapping[str, str] | None) -> str | None:
    """The customer's own names and values, as they are kept."""
    return None if properties is None else as_json(properties)


def money_columns(caller: Caller, content: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    """The amounts that are given, in minor units with their currencies."""
    columns: dict[str, Any] = {}
    if "invoice_value" in content:
        amount = faults.money(content, "invoice_value", caller.currency)
        columns |= amount_columns("invoice_value", amount)
    if "deliver" in content:
        amount = faults.money(content["deliver"], "cash_on_delivery", caller.currency, "deliver")
        columns |= amount_columns("cash_on_delivery", amount)
    return columns


def amount_columns(name: str, amount: tuple[int, str] | None) -> dict[str, Any]:
    """An amount and its currency, each in its column."""
    minor, currency = amount or (None, None)
    return {name: minor, f"{name}_currency": currency}


def with_currency(caller: Caller, money: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """An amount with the tenant's currency filled in, where it names none."""
    if money is None or money.get("currency") is not None:
        return money
    return {**money, "currency": caller.currency}


def address_columns(prefix: str, address: Mapping[str, Any]) -> dict[str, Any]:
    """An address as columns that begin with a prefix."""
    return {f"{prefix}_{name}": address.get(name) for name in ADDRESS}


def delivery_columns(deliver: Mapping[str, Any]) -> dict[str, Any]:
    """Where to and how."""
    return {
        "deliver_method": deliver.get("method") or DeliveryMethod.SHIPPING,
        "deliver_requested_service": deliver.get("requested_service"),
        "deliver_instructions": deliver.get("instructions"),
        "deliver_required_on": deliver.get("required_on"),
        **address_columns("deliver", deliver["address"]),
    }


def insert_lines(
    caller: Caller, order_id: UUID, lines: Sequence[Line], changes: Changes
) -> dict[int, UUID]:
    """The lines in the order in which they were sent; their ids, by their places there."""
    ids = {line.at: new_id() for line in lines}
    changes.insert(
        OutboundOrderItem,
        *(
            {
                "tenant_id": caller.tenant_id,
                "id": ids[line.at],
                "order_id": order_id,
                "position": position,
                "product_id": line.ware.id,
                "unit": line.unit,
                "quantity": line.quantity,
                "unit_base": line.unit_base,
                "base_quantity": line.base_quantity,
                **amount_columns("approximate_unit_price", line.unit_price),
                "batch": line.given.get("batch"),
                "expiry_date": line.given.get("expiry_date"),
                "properties": properties_text(line.given.get("properties")),
            }
            for position, line in enumerate(lines, start=1)
        ),
    )
    return ids


def sent_text(items: Sequence[Mapping[str, Any]]) -> str:
    """Lines as they were sent, for when some of them cannot be rows."""
    return as_json(canonical(items))
