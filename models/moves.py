"""Which status follows which. Guards, the moves an error offers, docs and tests come from here."""

from models.words import OutboundStatus as Outbound

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

RELEASED = frozenset({Outbound.CANCELLED, Outbound.REJECTED})
"""Orders in these have given their reference back."""

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
