"""Commands that set up tenants and clients."""

import sys
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from models.clients import ApiClient
from models.tenants import Tenant
from models.words import ApiRole
from resolvers import clients, credentials, tenants
from resolvers.clients import ClientWithHoldings, Grant
from resolvers.credentials import Shown
from server.terminal import (
    AsJson,
    OfTenant,
    carry_out,
    print_json,
    print_one,
    print_rows,
    tenant_id,
)

Name = Annotated[str, typer.Option(help="What people call it.")]
ClientId = Annotated[UUID, typer.Argument(help="The client's id.")]

tenant = typer.Typer(no_args_is_help=True, help="3PL operators: the accounts of this service.")
client = typer.Typer(no_args_is_help=True, help="API clients, their reach and their secrets.")


@tenant.command("create")
def create_tenant(
    *,
    name: Name,
    currency: Annotated[str, typer.Option(help="ISO 4217, as AUD.")],
    time_zone: Annotated[str, typer.Option(help="IANA name, as Australia/Sydney.")],
    as_json: AsJson = False,
) -> None:
    """Open an account."""
    made = carry_out(lambda: tenants.create_tenant(name, currency, time_zone))
    print_one(_tenant(made), as_json=as_json)


@tenant.command("list")
def list_tenants(*, as_json: AsJson = False) -> None:
    """All accounts."""
    print_rows([_tenant(one) for one in carry_out(tenants.tenants)], as_json=as_json)


@client.command("create")
def create_client(
    *,
    of: OfTenant = None,
    name: Name,
    role: Annotated[list[ApiRole] | None, typer.Option(help="What it may ask; repeatable.")] = None,
    customer_id: Annotated[
        list[UUID] | None, typer.Option("--customer", help="For whom; repeatable.")
    ] = None,
    warehouse_id: Annotated[
        list[UUID] | None, typer.Option("--warehouse", help="Where; repeatable.")
    ] = None,
    all_customers: Annotated[
        bool, typer.Option("--all-customers", help="All live customers, later ones too.")
    ] = False,
    all_warehouses: Annotated[
        bool, typer.Option("--all-warehouses", help="All warehouses, later ones too.")
    ] = False,
    sees_tenant_usage: Annotated[
        bool, typer.Option("--sees-tenant-usage", help="It sees the tenant's totals and money.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add an API client. It starts inactive and without a secret."""
    if ApiRole.API_FULL_ACCESS in (role or ()):
        sys.stderr.write("API_FULL_ACCESS opens every field: never give it to a customer.\n")
    grant = Grant(
        roles=role or (),
        customers=customer_id or (),
        warehouses=warehouse_id or (),
        all_customers=all_customers,
        all_warehouses=all_warehouses,
        sees_tenant_usage=sees_tenant_usage,
    )

    async def work() -> ClientWithHoldings:
        whose = await tenant_id(of)
        return await clients.find(whose, (await clients.create(whose, name, grant)).id)

    print_one(_client(carry_out(work)), as_json=as_json)


@client.command("list")
def list_clients(*, of: OfTenant = None, as_json: AsJson = False) -> None:
    """All API clients of a tenant."""

    async def work() -> list[ClientWithHoldings]:
        return await clients.clients(await tenant_id(of))

    print_rows([_client(one) for one in carry_out(work)], as_json=as_json)


@client.command("generate")
def generate(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """Make a client's first secret, and show it this once."""

    async def work() -> Shown:
        return await credentials.generate(await clients.tenant_of(client_id), client_id)

    _show(carry_out(work), as_json=as_json)


@client.command("regenerate")
def regenerate(
    client_id: ClientId,
    *,
    overlap_days: Annotated[
        float, typer.Option(help="How long the old secret works on: 0 to 90.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Make a new secret, and show it this once. The old one ends now, or after the overlap."""

    async def work() -> Shown:
        return await credentials.regenerate(
            await clients.tenant_of(client_id), client_id, overlap=timedelta(days=overlap_days)
        )

    _show(carry_out(work), as_json=as_json)


@client.command("activate")
def activate(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """Let a client in."""

    async def work() -> ApiClient:
        return await clients.activate(await clients.tenant_of(client_id), client_id)

    print_one(_switched(carry_out(work)), as_json=as_json)


@client.command("deactivate")
def deactivate(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """Shut a client out with all its tokens, within a second."""

    async def work() -> ApiClient:
        return await clients.deactivate(await clients.tenant_of(client_id), client_id)

    print_one(_switched(carry_out(work)), as_json=as_json)


def _show(shown: Shown, *, as_json: bool) -> None:
    answer = {"client_id": str(shown.client_id), "client_secret": shown.client_secret}
    if as_json:
        print_json(answer)
    else:
        print_one(answer, as_json=False)
        sys.stderr.write("Keep the secret now: it is not shown again.\n")


def _tenant(one: Tenant) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "currency": one.currency,
        "time_zone": one.time_zone,
    }


def _client(one: ClientWithHoldings) -> dict[str, Any]:
    made, held = one.client, one.held
    return {
        "id": str(made.id),
        "name": made.name,
        "active": made.active,
        "roles": [role.value for role in held.roles],
        "all_customers": made.all_customers,
        "customers": sorted(str(each) for each in held.customers),
        "all_warehouses": made.all_warehouses,
        "warehouses": sorted(str(each) for each in held.warehouses),
        "sees_tenant_usage": made.sees_tenant_usage,
        "last_used_at": _moment(made.last_used_at),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _switched(one: ApiClient) -> dict[str, Any]:
    return {"id": str(one.id), "name": one.name, "active": one.active}
