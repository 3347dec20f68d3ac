"""From where a client may ask: its networks (CIDR), and whether an address lies in one."""

import ipaddress
from collections.abc import Sequence
from typing import ClassVar

import orjson

from resolvers.errors import Refusal

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
"""IPv4 as a socket of IPv6 sees it."""

NOWHERE = (ipaddress.IPv6Network("::/128"),)
"""Nobody asks from the unspecified address: a list that cannot be read opens nothing."""


class Elsewhere(Refusal):
    """A client asks from where it may not."""

    code: ClassVar[str] = "FORBIDDEN"

    def __init__(self, address: str | None) -> None:
        came_from = told(address)
        super().__init__(
            f"This client is not allowed from {came_from or 'an unknown address'}.",
            address=came_from,
        )


def admit(address: str | None, allowed: Sequence[Network]) -> None:
    """Let nobody ask from elsewhere; without a list everybody may."""
    if allowed and not among(address, allowed):
        raise Elsewhere(address)


def network(written: str) -> Network:
    """One network, or one address.

    Raises:
        ValueError: it is neither.

    """
    known = ipaddress.ip_network(written.strip())
    if isinstance(known, ipaddress.IPv6Network) and known.subnet_of(MAPPED):
        first = known.network_address.ipv4_mapped
        return ipaddress.IPv4Network((first or 0, known.prefixlen - MAPPED.prefixlen))
    return known


def networks(stored: str) -> tuple[Network, ...]:
    """The networks of a client as they are stored; none where it may ask from anywhere."""
    if stored == "[]":
        return ()
    try:
        written = orjson.loads(stored)
        return tuple(network(one) for one in written) if isinstance(written, list) else NOWHERE
    except (AttributeError, ValueError):
        return NOWHERE


def among(address: str | None, allowed: Sequence[Network]) -> bool:
    """Whether an address lies in one of them; an unknown one never does."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    plain = normal(known)
    return any(plain.version == one.version and plain in one for one in allowed)


def normal(address: Address) -> Address:
    """An address in the one way in which we write it."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def told(address: str | None) -> str | None:
    """An address as it is told to people."""
    try:
        return str(normal(ipaddress.ip_address(address or "")))
    except ValueError:
        return None
