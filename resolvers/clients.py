"""API clients: what each may do, on whose behalf, and where."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from models import client_queries
from models.access_queries import Holdings, holdings
from models.client_queries import Held
from models.clients import ApiClient
from models.reach import Reach
from models.record import new_id
from models.tenants import Identity
from models.words import ApiRole, IdentityKind
from models.writing import Changes
from resolvers import administration, client_changes, client_reading, secrets_of_clients
from resolvers.access import Caller
from resolvers.administration import Content
from resolvers.audit import Actor
from resolvers.client_reading import KnownClient
from resolvers.commands import Effect
from resolvers.errors import UserErrors, not_found
from resolvers.tenants import find_tenant

Work = Callable[[Actor, Content, Changes], Awaitable[Effect]]


@dataclass(frozen=True)
class Grant:
    """What a client is given. Everything is said by a flag; an empty list means none."""

    roles: Collection[ApiRole] = field(default_factory=frozenset)
    customers: Collection[UUID] = field(default_factory=frozenset)
    warehouses: Collection[UUID] = field(default_factory=frozenset)
    all_customers: bool = False
    """All live customers, those added later too."""
    all_warehouses: bool = False
    sees_tenant_usage: bool = False


@dataclass(frozen=True)
class ClientWithHoldings:
    """A client beside what it was given."""

    client: ApiClient
    held: Holdings


async def create(
    tenant_id: UUID,
    name: str,
    grant: Grant,
    *,
    client_id: UUID | None = None,
    expires_at: datetime | None = None,
    addresses: Collection[str] = (),
    by: Actor | None = None,
) -> ApiClient:
    """Add a client. It starts inactive and without a secret.

    Whoever calls this acknowledges what there is to.
    """
    key = client_id or new_id()
    content = {
        "name": name,
        "roles": list(grant.roles),
        "customers": list(grant.customers),
        "warehouses": list(grant.warehouses),
        "all_customers": grant.all_customers,
        "all_warehouses": grant.all_warehouses,
        "sees_tenant_usage": grant.sees_tenant_usage,
        "expires_at": expires_at,
        "addresses": list(addresses),
        "acknowledge_full_access": True,
    }
    return await _done(tenant_id, content, partial(client_changes.add, client_id=key), by)


async def update(
    tenant_id: UUID, client_id: UUID, *, by: Actor | None = None, **given: Any
) -> ApiClient:
    """Set what is given, whatever others changed since; the command line reads nothing before."""
    known = (await find(tenant_id, client_id)).client
    content = {
        "id": client_id,
        "version": known.version,
        "acknowledge_full_access": True,
        **given,
    }
    return await _done(tenant_id, content, client_changes.edit, by)


async def activate(tenant_id: UUID, client_id: UUID, *, by: Actor | None = None) -> ApiClient:
    """Let a client in."""
    return await _done(tenant_id, {"id": client_id}, client_changes.activate, by)


async def deactivate(tenant_id: UUID, client_id: UUID, *, by: Actor | None = None) -> ApiClient:
    """Shut a client out, with all its tokens, on every worker within a second."""
    return await _done(tenant_id, {"id": client_id}, client_changes.deactivate, by)


async def cancel_regeneration(
    tenant_id: UUID, client_id: UUID, *, by: Actor | None = None
) -> ApiClient:
    """Let the secret that retires be the current one again; the new one ends now."""
    work = secrets_of_clients.cancel_regeneration
    return await _done(tenant_id, {"id": client_id}, work, by)


async def revoke(tenant_id: UUID, client_id: UUID, *, by: Actor | None = None) -> ApiClient:
    """End all secrets of a client now, and with them its tokens."""
    return await _done(tenant_id, {"id": client_id}, secrets_of_clients.revoke_all, by)


async def clients(tenant_id: UUID) -> list[ClientWithHoldings]:
    """All clients of a tenant with what they hold, by name."""
    found = await ApiClient.filter(tenant_id=tenant_id).order_by("name", "id")
    held = await client_queries.held_by(tenant_id, [one.id for one in found])
    return [ClientWithHoldings(one, _holdings(held.get(one.id, Held()))) for one in found]


async def find(tenant_id: UUID, client_id: UUID) -> ClientWithHoldings:
    """One client of a tenant with what it holds."""
    found = await client_queries.client(tenant_id, client_id)
    if found is None:
        raise UserErrors([not_found("API client", client_id, ["id"])])
    return ClientWithHoldings(found, await holdings(tenant_id, client_id))


async def look_at(tenant_id: UUID, client_id: UUID) -> KnownClient:
    """Everything about one client, as the operator's administrators see it."""
    whose = await find_tenant(str(tenant_id))
    host = Caller(
        reach=Reach.of_tenant(tenant_id),
        name="",
        tenant_name=whose.name,
        currency=whose.currency,
        time_zone=whose.time_zone,
    )
    known = await client_reading.find(host, client_id)
    if known is None:
        raise UserErrors([not_found("API client", client_id, ["id"])])
    return known


async def tenant_of(client_id: UUID) -> UUID:
    """Whose client it is: the host names clients by their id alone."""
    lead = await Identity.get_or_none(value=str(client_id), kind=IdentityKind.CLIENT)
    if lead is None:
        raise UserErrors([not_found("API client", client_id, ["id"])])
    return lead.tenant_id


def _holdings(held: Held) -> Holdings:
    return Holdings(
        roles=tuple(held.roles),
        customers=frozenset(one.id for one in held.customers),
        warehouses=frozenset(one.id for one in held.warehouses),
        sandbox=any(one.sandbox for one in held.customers),
    )


async def _done(tenant_id: UUID, content: Content, work: Work, by: Actor | None) -> ApiClient:
    effect = await administration.by_hand(by or Actor.host(tenant_id), content, work)
    return (await find(tenant_id, effect.id)).client
