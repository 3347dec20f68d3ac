"""Which status follows which. Guards, the moves an error offers, docs and tests come from here."""

from collections.abc import Mapping

from models.words import ConsignmentStatus as Transport
from models.words import ConsignmentType
from models.words import InboundStatus as Inbound
from models.words import OutboundStatus as Outbound

RELEASED = frozenset({"CANCELLED", "REJECTED"})
"""Jobs of any kind in these have given their reference back."""

# --- inbound orders ---------------------------------------------------------------------------

INBOUND: dict[Inbound, frozenset[Inbound]] = {
    Inbound.DRAFT: frozenset({Inbound.NOT_YET_RECEIVED, Inbound.REJECTED, Inbound.CANCELLED}),
    Inbound.NOT_YET_RECEIVED: frozenset({Inbound.RECEIVED, Inbound.CANCELLED}),
    Inbound.RECEIVED: frozenset({Inbound.VERIFIED, Inbound.CANCELLED}),
    Inbound.VERIFIED: frozenset({Inbound.ALLOCATED}),
    Inbound.ALLOCATED: frozenset(),
    Inbound.REJECTED: frozenset({Inbound.NOT_YET_RECEIVED, Inbound.CANCELLED}),
    Inbound.CANCELLED: frozenset(),
}

INBOUND_OPEN_TO_CLIENTS = frozenset({Inbound.DRAFT, Inbound.NOT_YET_RECEIVED, Inbound.REJECTED})
"""Until the goods are there, an API client may update or cancel."""

INBOUND_OPEN_TO_STAFF = INBOUND_OPEN_TO_CLIENTS | {Inbound.RECEIVED}
"""Staff may until they are verified."""

# --- outbound orders --------------------------------------------------------------------------

OUTBOUND: dict[Outbound, frozenset[Outbound]] = {
    Outbound.DRAFT: frozenset(
        {
            Outbound.AWAITING_PICK_AND_PACK,
            Outbound.AWAITING_STOCK,
            Outbound.REJECTED,
            Outbound.CANCELLED,
        }
    ),
    Outbound.AWAITING_STOCK: frozenset({Outbound.AWAITING_PICK_AND_PACK, Outbound.CANCELLED}),
    Outbound.AWAITING_PICK_AND_PACK: frozenset({Outbound.PACKING_IN_PROGRESS, Outbound.CANCELLED}),
    Outbound.PACKING_IN_PROGRESS: frozenset({Outbound.PACKED, Outbound.CANCELLED}),
    Outbound.PACKED: frozenset({Outbound.DISPATCHED, Outbound.AWAITING_PICK_AND_PACK}),
    Outbound.DISPATCHED: frozenset({Outbound.PACKED}),
    Outbound.REJECTED: frozenset(
        {Outbound.AWAITING_PICK_AND_PACK, Outbound.AWAITING_STOCK, Outbound.CANCELLED}
    ),
    Outbound.CANCELLED: frozenset(),
}

OPEN_TO_CLIENTS = frozenset(
    {
        Outbound.DRAFT,
        Outbound.AWAITING_STOCK,
        Outbound.AWAITING_PICK_AND_PACK,
        Outbound.REJECTED,
    }
)
"""Until nobody has touched the goods, an API client may update or cancel."""

OPEN_TO_STAFF = OPEN_TO_CLIENTS | {Outbound.PACKING_IN_PROGRESS}
"""Staff may until the order is packed."""

RESERVING = frozenset(
    {Outbound.AWAITING_PICK_AND_PACK, Outbound.PACKING_IN_PROGRESS, Outbound.PACKED}
)
"""Orders in these hold the stock that they need."""

# --- consignments -----------------------------------------------------------------------------

_PICKUP: dict[Transport, frozenset[Transport]] = {
    Transport.DRAFT: frozenset({Transport.AWAITING_PICKUP, Transport.AWAITING_DROPOFF}),
    Transport.AWAITING_PICKUP: frozenset({Transport.IN_TRANSIT_PICKUP_WAREHOUSE}),
    Transport.AWAITING_DROPOFF: frozenset({Transport.IN_TRANSIT_PICKUP_WAREHOUSE}),
    Transport.IN_TRANSIT_PICKUP_WAREHOUSE: frozenset({Transport.IN_WAREHOUSE}),
    Transport.IN_WAREHOUSE: frozenset(),
}

_DELIVERY: dict[Transport, frozenset[Transport]] = {
    Transport.DRAFT: frozenset({Transport.AWAITING_SALE_ORDER_PACKING, Transport.IN_WAREHOUSE}),
    Transport.AWAITING_SALE_ORDER_PACKING: frozenset({Transport.IN_WAREHOUSE}),
    Transport.IN_WAREHOUSE: frozenset({Transport.IN_TRANSIT_WAREHOUSE_DELIVERY}),
    Transport.IN_TRANSIT_WAREHOUSE_DELIVERY: frozenset(
        {Transport.WITH_ON_FORWARDER, Transport.DELIVERED, Transport.COLLECTED}
    ),
    Transport.WITH_ON_FORWARDER: frozenset({Transport.DELIVERED, Transport.COLLECTED}),
    Transport.DELIVERED: frozenset(),
    Transport.COLLECTED: frozenset(),
}

_POINT_TO_POINT: dict[Transport, frozenset[Transport]] = {
    Transport.DRAFT: frozenset({Transport.AWAITING_POINT_TO_POINT_PICKUP}),
    Transport.AWAITING_POINT_TO_POINT_PICKUP: frozenset({Transport.IN_TRANSIT_PICK_DELIVERY}),
    Transport.IN_TRANSIT_PICK_DELIVERY: frozenset({Transport.POINT_TO_POINT_DELIVERED}),
    Transport.POINT_TO_POINT_DELIVERED: frozenset(),
}

CONSIGNMENT_OPEN_TO_CLIENTS = frozenset(
    {
        Transport.DRAFT,
        Transport.AWAITING_PICKUP,
        Transport.AWAITING_DROPOFF,
        Transport.AWAITING_POINT_TO_POINT_PICKUP,
        Transport.AWAITING_SALE_ORDER_PACKING,
        Transport.IN_WAREHOUSE,
    }
)
"""Until it is in transit, an API client may update or cancel; a pickup is over `IN_WAREHOUSE`."""

ENDED = frozenset(
    {
        Transport.DELIVERED,
        Transport.COLLECTED,
        Transport.POINT_TO_POINT_DELIVERED,
        Transport.CANCELLED,
    }
)

CONSIGNMENT_OPEN_TO_STAFF = frozenset(Transport) - ENDED
"""Staff may until it is delivered."""


def _path(moves: dict[Transport, frozenset[Transport]]) -> dict[Transport, frozenset[Transport]]:
    """A path, with the cancelling that is allowed from everywhere before its end."""
    path: dict[Transport, frozenset[Transport]] = {Transport.CANCELLED: frozenset()}
    for status, after in moves.items():
        path[status] = after | {Transport.CANCELLED} if after else after
    return path


_BEFORE_DELIVERY = {Transport.DRAFT, Transport.AWAITING_SALE_ORDER_PACKING}
_BOTH_IN_TURN: dict[Transport, frozenset[Transport]] = {
    **_PICKUP,
    **{status: after for status, after in _DELIVERY.items() if status not in _BEFORE_DELIVERY},
}

CONSIGNMENT: dict[ConsignmentType, Mapping[Transport, frozenset[Transport]]] = {
    ConsignmentType.DELIVERY: _path(_DELIVERY),
    ConsignmentType.PICKUP: _path(_PICKUP),
    ConsignmentType.PICKUP_DELIVERY: _path(_BOTH_IN_TURN),
    ConsignmentType.POINT_TO_POINT: _path(_POINT_TO_POINT),
    ConsignmentType.RETURNED: _path(_PICKUP),
}
"""The path of each type."""
