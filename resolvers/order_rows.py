"""An order's content as the rows that hold it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.orders import OutboundOrderEvent, OutboundOrderItem
from models.record import new_id
from models.words import ApiRole, DeliveryMethod, OutboundStatus
from models.writing import Changes
from resolvers.access import Caller
from resolvers.contents import as_json, camel, canonical
from resolvers.faults import Faults
from resolvers.items import Line

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


INTERNAL = frozenset({"internal_notes"})
"""Fields between the operator and integrations of its own."""


def hidden_from(caller: Caller) -> frozenset[str]:
    """The fields whose values an error must not tell the caller."""
    trusted = caller.staff_role is not None or ApiRole.INTERNAL_FIELD_ACCESS in caller.roles
    return frozenset() if trusted else INTERNAL


def plain_columns(content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that need no thought, of those that are given."""
    return {name: content[name] for name in PLAIN if name in content}


def money_columns(caller: Caller, content: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    """The amounts that are given, in minor units with their currencies."""
    columns: dict[str, Any] = {}
    if "invoice_value" in content:
        amount = faults.money(content, "invoice_value", caller.currency)
        columns |= _amount("invoice_value", amount)
    if "deliver" in content:
        amount = faults.money(content["deliver"], "cash_on_delivery", caller.currency, "deliver")
        columns |= _amount("cash_on_delivery", amount)
    return columns


def with_currency(caller: Caller, money: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """An amount with the tenant's currency filled in, where it names none."""
    if money is None or money.get("currency") is not None:
        return money
    return {**money, "currency": caller.currency}


def delivery_columns(deliver: Mapping[str, Any]) -> dict[str, Any]:
    """Where to and how."""
    address = deliver["address"]
    return {
        "deliver_method": deliver.get("method") or DeliveryMethod.SHIPPING,
        "deliver_requested_service": deliver.get("requested_service"),
        "deliver_instructions": deliver.get("instructions"),
        "deliver_required_on": deliver.get("required_on"),
        **{f"deliver_{name}": address.get(name) for name in ADDRESS},
    }


def insert_lines(caller: Caller, order_id: UUID, lines: Sequence[Line], changes: Changes) -> None:
    """The lines in the order in which they were sent."""
    changes.insert(
        OutboundOrderItem,
        *(
            {
                "tenant_id": caller.tenant_id,
                "id": new_id(),
                "order_id": order_id,
                "position": position,
                "product_id": line.product_id,
                "unit": line.unit,
                "quantity": line.given["quantity"],
                **_amount("approximate_unit_price", line.unit_price),
                "batch": line.given.get("batch"),
                "expiry_date": line.given.get("expiry_date"),
            }
            for position, line in enumerate(lines, start=1)
        ),
    )


def note(
    caller: Caller,
    order_id: UUID,
    version: int,
    status: OutboundStatus,
    changed: Sequence[str],
    at: datetime,
    changes: Changes,
) -> None:
    """One line of the order's history."""
    changes.insert(
        OutboundOrderEvent,
        {
            "tenant_id": caller.tenant_id,
            "id": new_id(),
            "order_id": order_id,
            "version": version,
            "status": status,
            "changed": as_json(canonical([camel(name) for name in changed])),
            "at": at,
            "client_id": caller.client_id,
            "staff_user_id": caller.staff_user_id,
        },
    )


def _amount(name: str, amount: tuple[int, str] | None) -> dict[str, Any]:
    minor, currency = amount or (None, None)
    return {name: minor, f"{name}_currency": currency}
