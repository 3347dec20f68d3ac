"""What an API client can be: the rules of its name, its reach, and from where it may ask."""

import ipaddress
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models import client_queries
from models.words import ApiRole, UserErrorCode
from resolvers.commands import now
from resolvers.contents import input_path
from resolvers.errors import not_found
from resolvers.faults import Faults
from resolvers.networks import network

State = Mapping[str, Any]
"""What can be set of a client, by names of its columns and of what it holds."""

NOTHING: State = {
    "name": "",
    "roles": [],
    "customers": [],
    "warehouses": [],
    "all_customers": False,
    "all_warehouses": False,
    "sees_tenant_usage": False,
    "expires_at": None,
    "addresses": [],
}

MOST_ADDRESSES = 100

ACKNOWLEDGE = (
    "API_FULL_ACCESS opens every field, those added later too, and is not for customers: a client "
    "that reaches customers' goods is given it only with `acknowledgeFullAccess: true`."
)
MIXED = (
    "A client holds sandbox customers or live ones, never both: a test would write into live data."
)


def settled(given: State, faults: Faults) -> dict[str, Any]:
    """What is given, in the one form in which it is stored and compared."""
    faults.texts(given)
    faults.not_blank(given, ("name",))
    wanted = {name: value for name, value in given.items() if name in NOTHING}
    for name in ("roles", "customers", "warehouses"):
        if name in wanted:
            wanted[name] = sorted(set(wanted[name]), key=str)
    if "addresses" in wanted:
        wanted["addresses"] = _networks(wanted["addresses"], faults)
    return wanted


async def check(
    tenant_id: UUID, before: State, after: State, content: State, faults: Faults
) -> None:
    """Everything that is wrong with what a client would become."""
    sandbox = await client_queries.sandbox_by_customer(tenant_id, after["customers"])
    depots = await client_queries.warehouses_among(tenant_id, after["warehouses"])
    _known("customer", "customers", content.get("customers", ()), sandbox, faults)
    _known("warehouse", "warehouses", content.get("warehouses", ()), depots, faults)
    for name in ("customers", "warehouses"):
        if after[f"all_{name}"] and after[name]:
            message = f"A client holds all {name} or those named, not both."
            faults.add(UserErrorCode.INVALID, input_path(name), message)
    held = [sandbox[one] for one in after["customers"] if one in sandbox]
    if any(held) and (after["all_customers"] or not all(held)):
        faults.add(UserErrorCode.INVALID, input_path("customers"), MIXED)
    if after["expires_at"] != before["expires_at"]:
        _check_expiry(after["expires_at"], faults)
    if _opens_more(before, after) and not content.get("acknowledge_full_access"):
        faults.add(UserErrorCode.REQUIRED, input_path("acknowledge_full_access"), ACKNOWLEDGE)


def _opens_more(before: State, after: State) -> bool:
    """Whether goods of customers are opened to full access that were not so before."""
    if not reaches_in_full(after):
        return False
    if not reaches_in_full(before):
        return True
    more = set(after["customers"]) - set(before["customers"])
    return bool(more) or after["all_customers"] > before["all_customers"]


def reaches_in_full(state: State) -> bool:
    """Whether a client has full access to the goods of any customer."""
    return ApiRole.API_FULL_ACCESS in state["roles"] and bool(
        state["customers"] or state["all_customers"]
    )


def _known(
    what: str, path: str, named: Sequence[UUID], known: Collection[UUID], faults: Faults
) -> None:
    faults.errors += [
        not_found(what, one, input_path(path, place))
        for place, one in enumerate(named)
        if one not in known
    ]


def _check_expiry(at: datetime | None, faults: Faults) -> None:
    if at is not None and at <= now():
        message = "This is over. To shut a client out now, deactivate it."
        faults.add(UserErrorCode.INVALID, input_path("expires_at"), message)


def _networks(given: Sequence[str], faults: Faults) -> list[str]:
    """The networks of an allow-list, each once, as they are written in one way."""
    if len(given) > MOST_ADDRESSES:
        message = f"At most {MOST_ADDRESSES} networks, and this has {len(given)}."
        faults.add(UserErrorCode.TOO_MANY, input_path("addresses"), message)
        return []
    known: dict[str, None] = {}
    for place, written in enumerate(given):
        try:
            known[_network(written)] = None
        except ValueError:
            message = f"`{written[:64]}` is no network such as 203.0.113.0/24 or 2001:db8::/32."
            faults.add(
                UserErrorCode.INVALID,
                input_path("addresses", place),
                message,
                _meant_by(written),
            )
    return list(known)


def _network(written: str) -> str:
    if "%" in written:
        raise ValueError("the zone of an address means something on one machine only")
    return str(network(written))


def _meant_by(written: str) -> list[str] | None:
    """The network around an address, and the address alone, where both are said at once."""
    try:
        around = ipaddress.ip_interface(written.strip())
    except ValueError:
        return None
    return [str(around.network), str(ipaddress.ip_network(around.ip))]
