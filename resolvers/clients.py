"""API clients: what each may do, on whose behalf, and where."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from models.access_queries import Holdings, holdings
from models.clients import ApiClient, ApiClientCustomer, ApiClientRole, ApiClientWarehouse
from models.database import transaction
from models.epochs import bump
from models.record import Record, new_id
from models.tenants import Customer, Identity, Warehouse
from models.words import ApiRole, IdentityKind, UserErrorCode
from resolvers.errors import UserError, UserErrors, not_found
from resolvers.tenants import LONGEST_NAME, text_errors


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
    tenant_id: UUID, name: str, grant: Grant, *, client_id: UUID | None = None
) -> ApiClient:
    """Add a client. It starts inactive and without a secret."""
    now = datetime.now(UTC)
    client = ApiClient(
        id=client_id or new_id(),
        tenant_id=tenant_id,
        name=name,
        all_customers=grant.all_customers,
        all_warehouses=grant.all_warehouses,
        sees_tenant_usage=grant.sees_tenant_usage,
        created_at=now,
        modified_at=now,
    )
    async with transaction():
        await bump(tenant_id)
        faults = [*text_errors("name", name, LONGEST_NAME), *await _faults_of(tenant_id, grant)]
        if faults:
            raise UserErrors(faults)
        await client.save(force_create=True)
        await Identity.create(
            value=str(client.id), kind=IdentityKind.CLIENT, tenant_id=tenant_id, row_id=client.id
        )
        await _give(client, grant)
    return client


async def activate(tenant_id: UUID, client_id: UUID) -> ApiClient:
    """Let a client in."""
    return await _switch(tenant_id, client_id, on=True)


async def deactivate(tenant_id: UUID, client_id: UUID) -> ApiClient:
    """Shut a client out, with all its tokens, on every worker within a second."""
    return await _switch(tenant_id, client_id, on=False)


async def clients(tenant_id: UUID) -> list[ClientWithHoldings]:
    """All clients of a tenant with what they hold, by name."""
    found = await ApiClient.filter(tenant_id=tenant_id).order_by("name", "id")
    return [ClientWithHoldings(one, await holdings(tenant_id, one.id)) for one in found]


async def find(tenant_id: UUID, client_id: UUID) -> ClientWithHoldings:
    """One client of a tenant with what it holds."""
    found = await ApiClient.get_or_none(tenant_id=tenant_id, id=client_id)
    if found is None:
        raise UserErrors([not_found("API client", client_id, ["id"])])
    return ClientWithHoldings(found, await holdings(tenant_id, client_id))


async def tenant_of(client_id: UUID) -> UUID:
    """Whose client it is: the host names clients by their id alone."""
    lead = await Identity.get_or_none(value=str(client_id), kind=IdentityKind.CLIENT)
    if lead is None:
        raise UserErrors([not_found("API client", client_id, ["id"])])
    return lead.tenant_id


async def _switch(tenant_id: UUID, client_id: UUID, *, on: bool) -> ApiClient:
    async with transaction():
        await bump(tenant_id)
        client = await ApiClient.get_or_none(tenant_id=tenant_id, id=client_id)
        if client is None:
            raise UserErrors([not_found("API client", client_id, ["id"])])
        client.active = on
        client.modified_at = datetime.now(UTC)
        await client.save(update_fields=["active", "modified_at"])
    return client


async def _give(client: ApiClient, grant: Grant) -> None:
    whose = {"tenant_id": client.tenant_id, "client_id": client.id}
    await ApiClientRole.bulk_create([ApiClientRole(**whose, role=one) for one in set(grant.roles)])
    await ApiClientCustomer.bulk_create(
        [ApiClientCustomer(**whose, customer_id=one) for one in set(grant.customers)]
    )
    await ApiClientWarehouse.bulk_create(
        [ApiClientWarehouse(**whose, warehouse_id=one) for one in set(grant.warehouses)]
    )


async def _faults_of(tenant_id: UUID, grant: Grant) -> list[UserError]:
    known = await Customer.filter(tenant_id=tenant_id, id__in=list(grant.customers))
    holds_sandbox = any(one.sandbox for one in known)
    holds_live = grant.all_customers or any(not one.sandbox for one in known)
    return [
        *_unknown("customer", "customers", grant.customers, known),
        *_unknown(
            "warehouse",
            "warehouses",
            grant.warehouses,
            await Warehouse.filter(tenant_id=tenant_id, id__in=list(grant.warehouses)),
        ),
        *_both_ways("customers", grant.customers, all_of_them=grant.all_customers),
        *_both_ways("warehouses", grant.warehouses, all_of_them=grant.all_warehouses),
        *([_mixed()] if holds_sandbox and holds_live else []),
    ]


def _unknown(
    what: str, path: str, named: Collection[UUID], known: Sequence[Record]
) -> list[UserError]:
    ids = {one.id for one in known}
    return [
        not_found(what, one, [path, str(place)])
        for place, one in enumerate(named)
        if one not in ids
    ]


def _both_ways(path: str, named: Collection[UUID], *, all_of_them: bool) -> list[UserError]:
    if not (all_of_them and named):
        return []
    message = f"A client holds all {path} or those named, not both."
    return [UserError(UserErrorCode.INVALID, [path], message)]


def _mixed() -> UserError:
    return UserError(
        UserErrorCode.INVALID,
        ["customers"],
        "A client holds sandbox customers or live ones, never both: "
        "a test would write into live data.",
    )
