"""A small operator for tests: two warehouses, three customers, and clients as they are needed."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from models.tenants import Customer, Tenant, Warehouse
from models.words import ApiRole, StaffRole
from resolvers import clients, credentials, customers, people, staff, tenants, warehouses
from resolvers.clients import Grant
from resolvers.credentials import Shown


@dataclass(frozen=True)
class World:
    """A tenant, as the host sets it up. `live`, `other` and `sandbox` are its customers."""

    tenant: Tenant
    warehouse: Warehouse
    far_warehouse: Warehouse
    live: Customer
    other: Customer
    sandbox: Customer

    async def client(
        self,
        *roles: ApiRole,
        name: str = "Web shop",
        customers: Collection[UUID] | None = None,
        warehouses: Collection[UUID] | None = None,
        all_customers: bool = False,
        all_warehouses: bool = False,
        sees_tenant_usage: bool = False,
        active: bool = True,
    ) -> Shown:
        """Add a client with a secret; it reaches `live` and `warehouse` unless told otherwise."""
        if customers is None:
            customers = [] if all_customers else [self.live.id]
        if warehouses is None:
            warehouses = [] if all_warehouses else [self.warehouse.id]
        made = await clients.create(
            self.tenant.id,
            name,
            Grant(
                roles=roles,
                customers=customers,
                warehouses=warehouses,
                all_customers=all_customers,
                all_warehouses=all_warehouses,
                sees_tenant_usage=sees_tenant_usage,
            ),
        )
        if active:
            await clients.activate(self.tenant.id, made.id)
        return await credentials.generate(self.tenant.id, made.id)

    async def token(self, *roles: ApiRole, **given: object) -> str:
        """A bearer token of a client that is made for it; takes what `client` takes."""
        return await token_of(await self.client(*roles, **given))  # type: ignore[arg-type]

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
