"""A small operator for tests: two warehouses, three customers, and clients as they are needed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict, Unpack
from uuid import UUID

from models.clients import ApiClient, Credential
from models.tenants import Customer, Tenant, Warehouse
from models.words import ApiRole, StaffRole
from resolvers import clients, credentials, customers, people, staff, tenants, warehouses
from resolvers.clients import Grant
from resolvers.credentials import Holder, Shown
from resolvers.hashing import NOBODYS_HASH


class Given(TypedDict, total=False):
    """What can be told of a client."""

    name: str
    customers: Collection[UUID]
    warehouses: Collection[UUID]
    all_customers: bool
    all_warehouses: bool
    sees_tenant_usage: bool
    active: bool


@dataclass(frozen=True)
class World:
    """A tenant, as the host sets it up. `live`, `other` and `sandbox` are its customers."""

    tenant: Tenant
    warehouse: Warehouse
    far_warehouse: Warehouse
    live: Customer
    other: Customer
    sandbox: Customer

    async def client(self, *roles: ApiRole, **given: Unpack[Given]) -> Shown:
        """Add a client with a secret."""
        made = await self.secretless(*roles, **given)
        return await credentials.generate(self.tenant.id, made.id)

    async def secretless(self, *roles: ApiRole, **given: Unpack[Given]) -> ApiClient:
        """Add a client; it reaches `live` and `warehouse` unless told otherwise."""
        all_customers = given.get("all_customers", False)
        all_warehouses = given.get("all_warehouses", False)
        grant = Grant(
            roles=roles,
            customers=given.get("customers", [] if all_customers else [self.live.id]),
            warehouses=given.get("warehouses", [] if all_warehouses else [self.warehouse.id]),
            all_customers=all_customers,
            all_warehouses=all_warehouses,
            sees_tenant_usage=given.get("sees_tenant_usage", False),
        )
        made = await clients.create(self.tenant.id, given.get("name", "Web shop"), grant)
        if given.get("active", True):
            await clients.activate(self.tenant.id, made.id)
        return made

    async def token(self, *roles: ApiRole, **given: Unpack[Given]) -> str:
        """A bearer token of a client that is made for it; takes what `client` takes.

        It has a secret that nobody knows: to hash one takes longer than most tests.
        """
        made = await self.secretless(*roles, **given)
        secret = await Credential.create(
            tenant_id=self.tenant.id,
            client_id=made.id,
            secret_hash=NOBODYS_HASH,
            created_at=datetime.now(UTC),
        )
        holder = Holder(self.tenant.id, made.id, secret.id)
        return (await credentials.issue_to(holder)).value

    async def staff_token(self, role: StaffRole = StaffRole.OPERATOR) -> str:
        """A bearer token of the person with that role, who is added where there is none yet."""
        email = f"{role}.{self.tenant.id}@people.test".lower()
        known = [one for one in await staff.staff(self.tenant.id) if one.email == email]
        person = known[0] if known else await people.create(self.tenant.id, email, "Sam", role)
        return (await staff.issue_token(self.tenant.id, person.id)).value


async def token_of(shown: Shown) -> str:
    """A bearer token of that client."""
    token = await credentials.issue_token(str(shown.client_id), shown.client_secret, None)
    return token.value


def spoiled(secret: str) -> str:
    """The same but for its last letter."""
    return secret[:-1] + ("a" if secret[-1] != "a" else "e")


async def make_world(name: str = "Harbour 3PL") -> World:
    """Set up a tenant in the database that is connected."""
    tenant = await tenants.create_tenant(name, "AUD", "Australia/Sydney")
    warehouse = await warehouses.create(tenant.id, "SYD", "Sydney")
    live = await customers.create(tenant.id, "ACME", "Acme Pty Ltd")
    return World(
        tenant=tenant,
        warehouse=warehouse,
        far_warehouse=await warehouses.create(tenant.id, "PER", "Perth", "Australia/Perth"),
        live=live,
        other=await customers.create(tenant.id, "ZEN", "Zen Teas"),
        sandbox=await customers.create(
            tenant.id, "ACME-TEST", "Acme (sandbox)", sandbox=True, sandbox_of=live.id
        ),
    )
