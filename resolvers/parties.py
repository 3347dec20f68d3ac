"""Whose job it is and where: the customer and the warehouse of an input."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.lookups import Party
from models.words import UserErrorCode
from resolvers.contents import input_path
from resolvers.errors import UserErrors, not_found
from resolvers.faults import Faults


@dataclass(frozen=True)
class Destination:
    """A customer that may be worked for, and the warehouse, once it is known."""

    customer_id: UUID
    warehouse_id: UUID | None


def destination_of(party: Party, content: Mapping[str, Any], faults: Faults) -> Destination:
    """The customer and warehouse of a new job.

    The warehouse may be left out when the customer has a default, or when there is only one
    (FAQ: "Warehouse UUID (only if you have more than one warehouse)").

    Raises:
        UserErrors: the customer cannot be worked for, with all faults that are known by then.

    """
    if not party.found:
        unknown = not_found("customer", content["customer"], input_path("customer"))
        raise UserErrors([*faults.errors, unknown])
    if not party.active:
        faults.add(UserErrorCode.INVALID, input_path("customer"), "This customer is not active.")
    wanted = content.get("warehouse")
    return Destination(content["customer"], _warehouse(party, wanted, faults))


def _warehouse(party: Party, wanted: UUID | None, faults: Faults) -> UUID | None:
    known = {place.id for place in party.warehouses}
    if wanted is not None:
        if wanted not in known:
            faults.errors.append(not_found("warehouse", wanted, input_path("warehouse")))
            return None
        return wanted
    if party.default_warehouse_id in known:
        return party.default_warehouse_id
    if len(known) == 1:
        return next(iter(known))
    faults.add(
        UserErrorCode.WAREHOUSE_REQUIRED,
        input_path("warehouse"),
        "There are several warehouses to choose from." if known else "No warehouse is in reach.",
        [f"{place.id} ({place.code})" for place in party.warehouses],
    )
    return None
