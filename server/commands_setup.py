"""Commands that set up tenants."""

from typing import Annotated, Any

import typer

from models.tenants import Tenant
from resolvers import tenants
from server.terminal import AsJson, carry_out, print_one, print_rows

Name = Annotated[str, typer.Option(help="What people call it.")]

tenant = typer.Typer(no_args_is_help=True, help="3PL operators: the accounts of this service.")


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


def _tenant(one: Tenant) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "currency": one.currency,
        "time_zone": one.time_zone,
    }
