"""Who is asking: what an integration is handed, as the service knows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from models.lookups import Named, customers_named, email_of, warehouses_named
from models.reach import Every
from models.words import ApiRole, StaffRole
from resolvers.access import Caller


@dataclass(frozen=True)
class Tenant:
    """The operator's account."""

    id: UUID
    name: str
    currency: str
    time_zone: str


@dataclass(frozen=True)
class Client:
    """The API client that asks."""

    id: UUID
    name: str
    all_customers: bool
    all_warehouses: bool
    sees_tenant_usage: bool
    sandbox: bool


@dataclass(frozen=True)
class Person:
    """The person of the operator who asks."""

    id: UUID
    name: str
    email: str


@dataclass(frozen=True)
class Viewer:
    """The caller, and what is in reach."""

    tenant: Tenant
    client: Client | None
    roles: Sequence[ApiRole]
    staff_role: StaffRole | None
    staff_user: Person | None
    customers: Sequence[Named]
    warehouses: Sequence[Named]


async def viewer(
    caller: Caller, *, customers: bool, warehouses: bool, person: bool = False
) -> Viewer:
    """The caller; what is in reach is only looked up where it is wanted."""
    return Viewer(
        Tenant(caller.tenant_id, caller.tenant_name, caller.currency, caller.time_zone),
        _client(caller),
        caller.granted,
        caller.staff_role,
        await _person(caller) if person else None,
        await customers_named(caller.reach) if customers else (),
        await warehouses_named(caller.reach) if warehouses else (),
    )


async def _person(caller: Caller) -> Person | None:
    if caller.staff_user_id is None:
        return None
    email = await email_of(caller.tenant_id, caller.staff_user_id)
    return Person(caller.staff_user_id, caller.name, email)


def _client(caller: Caller) -> Client | None:
    if caller.client_id is None:
        return None
    return Client(
        caller.client_id,
        caller.name,
        isinstance(caller.reach.customers, Every),
        isinstance(caller.reach.warehouses, Every),
        caller.sees_tenant_usage,
        caller.sandbox,
    )
