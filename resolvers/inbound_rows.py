"""An inbound order's content as the rows that hold it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from models.inbound import InboundOrder, InboundOrderEvent, InboundOrderItem
from models.inbound_lines import StoredLine
from models.moves import INBOUND, INBOUND_OPEN_TO_CLIENTS, INBOUND_OPEN_TO_STAFF
from models.record import new_id
from models.words import Condition, InboundStatus
from models.writing import Changes
from resolvers import order_stock
from resolvers.access import Caller
from resolvers.items import Line
from resolvers.jobs import Kind
from resolvers.order_rows import properties_text

PLAIN = ("urgent", "instructions", "internal_notes", "arrives_on")
"""Fields that are columns of the same name."""

KIND = Kind(
    noun="inbound order",
    table=InboundOrder,
    events=InboundOrderEvent,
    owner="order_id",
    open_to_clients=INBOUND_OPEN_TO_CLIENTS,
    open_to_staff=INBOUND_OPEN_TO_STAFF,
    legal=lambda job: INBOUND[InboundStatus(job.status)],
    plain=PLAIN,
    more=(*PLAIN, "properties", "items_as_sent"),
)


def plain_columns(content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that need no thought, of those that are given."""
    columns = {name: content[name] for name in PLAIN if name in content}
    if "properties" in content:
        columns["properties"] = properties_text(content["properties"])
    return columns


# --- lines ------------------------------------------------------------------------------------


def stored_of(line: Line, position: int) -> StoredLine:
    """A line that was sent, as it will be stored."""
    return StoredLine(
        id=new_id(),
        position=position,
        product_id=line.ware.id,
        product_code=line.ware.code,
        requires_batch=line.ware.requires_batch,
        requires_expiry=line.ware.requires_expiry,
        unit=line.unit,
        quantity=line.quantity,
        unit_base=line.unit_base,
        received=None,
        condition=line.given.get("condition") or Condition.OK,
        batch=line.given.get("batch"),
        expiry_date=line.given.get("expiry_date"),
        sscc=line.given.get("sscc"),
        properties=properties_text(line.given.get("properties")),
    )


def stored_lines(lines: Sequence[Line]) -> list[StoredLine]:
    """The lines that were sent, in their order."""
    return [stored_of(line, position) for position, line in enumerate(lines, start=1)]


def insert_lines(
    caller: Caller, order_id: UUID, lines: Iterable[StoredLine], changes: Changes
) -> None:
    """Lines as rows."""
    changes.insert(
        InboundOrderItem,
        *(
            {
                "tenant_id": caller.tenant_id,
                "id": line.id,
                "order_id": order_id,
                "position": line.position,
                "product_id": line.product_id,
                "unit": line.unit,
                "quantity": line.quantity,
                "unit_base": line.unit_base,
                "base_quantity": line.quantity * line.unit_base,
                "condition": line.condition,
                "batch": line.batch,
                "expiry_date": line.expiry_date,
                "sscc": line.sscc,
                "properties": line.properties,
            }
            for line in lines
        ),
    )


def as_sent(text: str) -> list[dict[str, Any]]:
    """Lines of a rejected order as they were sent, with their values as an input has them."""
    return [
        {**item, "condition": Condition(item.get("condition", Condition.OK))}
        for item in order_stock.as_sent(text)
    ]
