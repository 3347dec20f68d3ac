"""Commands that set up API clients and their secrets."""

import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from models.clients import ApiClient
from models.words import ApiRole
from resolvers import clients, credentials
from resolvers.client_reading import KnownClient
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

ClientId = Annotated[UUID, typer.Argument(help="The client's id.")]
Roles = Annotated[list[ApiRole] | None, typer.Option("--role", help="What it may ask; repeatable.")]
CustomerIds = Annotated[list[UUID] | None, typer.Option("--customer", help="For whom; repeatable.")]
WarehouseIds = Annotated[list[UUID] | None, typer.Option("--warehouse", help="Where; repeatable.")]
Addresses = Annotated[
    list[str] | None,
    typer.Option("--address", help="From where it may ask, as 203.0.113.0/24; repeatable."),
]
Expires = Annotated[
    datetime | None,
    typer.Option(
        "--expires-at", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"], help="A day begins in UTC."
    ),
]

app = typer.Typer(no_args_is_help=True, help="API clients, their reach and their secrets.")


@app.command("create")
def create(
    *,
    of: OfTenant = None,
    name: Annotated[str, typer.Option(help="What people call it.")],
    role: Roles = None,
    customer_id: CustomerIds = None,
    warehouse_id: WarehouseIds = None,
    all_customers: Annotated[
        bool, typer.Option("--all-customers", help="All live customers, later ones too.")
    ] = False,
    all_warehouses: Annotated[
        bool, typer.Option("--all-warehouses", help="All warehouses, later ones too.")
    ] = False,
    sees_tenant_usage: Annotated[
        bool, typer.Option("--sees-tenant-usage", help="It sees the tenant's totals and money.")
    ] = False,
    expires_at: Expires = None,
    address: Addresses = None,
    as_json: AsJson = False,
) -> None:
    """Add an API client. It starts inactive and without a secret."""
    _warn(role)
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
        made = await clients.create(
            whose, name, grant, expires_at=_in_utc(expires_at), addresses=address or ()
        )
        return await clients.find(whose, made.id)

    print_one(_told(carry_out(work)), as_json=as_json)


@app.command("update")
def update(
    client_id: ClientId,
    *,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    role: Roles = None,
    no_role: Annotated[bool, typer.Option("--no-role", help="It holds none.")] = False,
    customer_id: CustomerIds = None,
    no_customer: Annotated[bool, typer.Option("--no-customer", help="None is named.")] = False,
    warehouse_id: WarehouseIds = None,
    no_warehouse: Annotated[bool, typer.Option("--no-warehouse", help="None is named.")] = False,
    all_customers: Annotated[bool | None, typer.Option(help="All live customers.")] = None,
    all_warehouses: Annotated[bool | None, typer.Option(help="All warehouses.")] = None,
    sees_tenant_usage: Annotated[bool | None, typer.Option(help="The tenant's totals.")] = None,
    expires_at: Expires = None,
    never_expires: Annotated[bool, typer.Option("--never-expires", help="For good.")] = False,
    address: Addresses = None,
    any_address: Annotated[bool, typer.Option("--any-address", help="From anywhere.")] = False,
    as_json: AsJson = False,
) -> None:
    """Change what is named: roles, customers, warehouses, addresses all at once, each instead of
    those it has. Within a second for every worker, and for tokens that were issued before.
    """
    _warn(role)
    given: dict[str, Any] = {
        "name": name,
        "roles": [] if no_role else role,
        "customers": [] if no_customer else customer_id,
        "warehouses": [] if no_warehouse else warehouse_id,
        "all_customers": all_customers,
        "all_warehouses": all_warehouses,
        "sees_tenant_usage": sees_tenant_usage,
        "addresses": [] if any_address else address,
        "expires_at": _in_utc(expires_at),
    }
    said = {field: value for field, value in given.items() if value is not None}
    if never_expires:
        said["expires_at"] = None

    async def work() -> ClientWithHoldings:
        whose = await clients.tenant_of(client_id)
        await clients.update(whose, client_id, **said)
        return await clients.find(whose, client_id)

    print_one(_told(carry_out(work)), as_json=as_json)


@app.command("list")
def list_all(*, of: OfTenant = None, as_json: AsJson = False) -> None:
    """All API clients of a tenant."""

    async def work() -> list[ClientWithHoldings]:
        return await clients.clients(await tenant_id(of))

    print_rows([_told(one) for one in carry_out(work)], as_json=as_json)


@app.command("show")
def show(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """Everything about a client: its reach, its secrets' use, and what is amiss with it."""

    async def work() -> KnownClient:
        return await clients.look_at(await clients.tenant_of(client_id), client_id)

    print_one(_looked_at(carry_out(work)), as_json=as_json)


@app.command("generate")
def generate(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """Make a client's first secret, and show it this once. Keep it safe: whoever holds it acts
    for the client.
    """

    async def work() -> Shown:
        return await credentials.generate(await clients.tenant_of(client_id), client_id)

    _show(carry_out(work), as_json=as_json)


@app.command("regenerate")
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


@app.command("cancel-regeneration")
def cancel_regeneration(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """Let the secret that retires be the current one again; the new one ends now."""
    _and_look(client_id, clients.cancel_regeneration, as_json=as_json)


@app.command("revoke")
def revoke(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """End all secrets of a client now, and with them its tokens."""
    _and_look(client_id, clients.revoke, as_json=as_json)


@app.command("activate")
def activate(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """Let a client in."""
    _switch(client_id, clients.activate, as_json=as_json)


@app.command("deactivate")
def deactivate(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """Shut a client out with all its tokens, within a second."""
    _switch(client_id, clients.deactivate, as_json=as_json)


Change = Callable[[UUID, UUID], Awaitable[ApiClient]]


def _and_look(client_id: UUID, change: Change, *, as_json: bool) -> None:
    async def work() -> KnownClient:
        whose = await clients.tenant_of(client_id)
        await change(whose, client_id)
        return await clients.look_at(whose, client_id)

    print_one(_looked_at(carry_out(work)), as_json=as_json)


def _switch(client_id: UUID, change: Change, *, as_json: bool) -> None:
    async def work() -> ApiClient:
        return await change(await clients.tenant_of(client_id), client_id)

    one = carry_out(work)
    told = {"id": str(one.id), "name": one.name, "active": one.active}
    print_one(told, as_json=as_json)


def _warn(roles: list[ApiRole] | None) -> None:
    if ApiRole.API_FULL_ACCESS in (roles or ()):
        sys.stderr.write("API_FULL_ACCESS opens every field: never give it to a customer.\n")


def _in_utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def _show(shown: Shown, *, as_json: bool) -> None:
    answer = {"client_id": str(shown.client_id), "client_secret": shown.client_secret}
    if as_json:
        print_json(answer)
    else:
        print_one(answer, as_json=False)
        sys.stderr.write("Keep the secret now: it is not shown again.\n")


def _told(one: ClientWithHoldings) -> dict[str, Any]:
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


def _looked_at(one: KnownClient) -> dict[str, Any]:
    own = one.own
    return {
        **{name: own[name] for name in ("id", "name", "active", "version")},
        "roles": [role.value for role in one.roles],
        "all_customers": own["all_customers"],
        "customers": [f"{each.code} ({each.id})" for each in one.customers],
        "all_warehouses": own["all_warehouses"],
        "warehouses": [f"{each.code} ({each.id})" for each in one.warehouses],
        **{name: own[name] for name in PLAIN},
        "calls_this_week": one.calls_this_week,
        "secrets": [
            f"{each.id}: "
            + (f"retires at {_moment(each.retires_at)}" if each.retires_at else "current")
            + f", last used at {_moment(each.last_used_at) or 'no time'}"
            for each in one.credentials
        ],
        "warnings": [warning.value for warning in one.warnings],
    }


PLAIN = (
    *("sees_tenant_usage", "expires_at", "addresses", "legacy", "legacy_identifier"),
    *("created_at", "modified_at", "last_used_at", "last_used_address", "last_used_operation"),
)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
