"""The demonstration as the command line tells it: who is in it, and the first request to try."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from models.tenants import StaffUser
from models.words import ApiRole
from resolvers import demo
from resolvers.clients import ClientWithHoldings
from resolvers.demo import Described, Secrets
from server.settings import Settings

QUERY = "{ viewer { tenant { name } client { name } customers { id code name } } }"


def told(described: Sequence[Described], secrets: Secrets, base: str) -> dict[str, Any]:
    """All of it, for a program. Secrets are there only if they were just made."""
    return {
        "graphql_url": f"{base}/graphql",
        "token_url": f"{base}/oauth/token",
        "tenants": [_tenant(one, secrets) for one in described],
    }


async def make(*, refresh_secrets: bool) -> tuple[Sequence[Described], Secrets]:
    """Fill the database if it is empty; then whatever secrets were made."""
    secrets: Secrets = {}
    if await demo.is_empty():
        secrets = await demo.fill()
    elif refresh_secrets:
        secrets = await demo.refresh_secrets()
    return await demo.describe(), secrets


def base_url(known: Settings) -> str:
    """Where this service is reached."""
    return (known.public_url or f"http://{known.host}:{known.port}").rstrip("/")


def welcome(known: Settings, secrets: Secrets, described: Sequence[Described]) -> None:
    """Say where everything is, and what to paste to see it work."""
    base = base_url(known)
    lines = [
        "",
        f"  Database   {where(known.database_url.get_secret_value())}",
        f"  GraphQL    {base}/graphql",
        f"  GraphiQL   {base}/graphiql",
    ]
    if secrets and described:
        [first, *_] = described[0].clients
        lines += _first_request(base, first.client.id, secrets[first.client.id])
    else:
        lines += ["", "  New secrets for the demonstration: dockgate demo --refresh-secrets", ""]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def where(url: str) -> str:
    """The database's absolute path, or its address without a password."""
    if url.startswith("sqlite:///"):
        return str(Path(url.removeprefix("sqlite:///")).resolve())
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def token_of(person: StaffUser) -> str:
    """The command that lets one of the operator's people in."""
    return f"dockgate staff token --tenant {person.tenant_id} --email {person.email}"


def _first_request(base: str, client_id: UUID, secret: str) -> list[str]:
    body = shlex.quote(f'{{"query": "{QUERY}"}}')
    return [
        f"  Client id  {client_id}",
        f"  Secret     {secret}   (shown this once)",
        "",
        "  Paste this into another terminal:",
        "",
        f"TOKEN=$(curl -s -u {client_id}:{secret} \\",
        f"  -d grant_type=client_credentials {base}/oauth/token \\",
        """  | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')""",
        'curl -s -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\',
        f"  -d {body} {base}/graphql",
        "",
    ]


def _tenant(one: Described, secrets: Secrets) -> dict[str, Any]:
    return {
        "id": str(one.tenant.id),
        "name": one.tenant.name,
        "customers": [
            {"id": str(each.id), "name": each.name, "sandbox": each.sandbox}
            for each in one.customers
        ],
        "warehouses": [{"id": str(each.id), "name": each.name} for each in one.warehouses],
        "clients": [_client(each, one, secrets) for each in one.clients],
    }


def _client(one: ClientWithHoldings, beside: Described, secrets: Secrets) -> dict[str, Any]:
    """A client; where it holds all customers or warehouses, those that there are now."""
    customers = set(one.held.customers)
    if one.client.all_customers:
        customers = {each.id for each in beside.customers if not each.sandbox}
    warehouses = set(one.held.warehouses)
    if one.client.all_warehouses:
        warehouses = {each.id for each in beside.warehouses}
    return {
        "id": str(one.client.id),
        "name": one.client.name,
        "client_id": str(one.client.id),
        "client_secret": secrets.get(one.client.id),
        "roles": [ApiRole(role).value for role in one.held.roles],
        "customers": [str(each.id) for each in beside.customers if each.id in customers],
        "warehouses": [str(each.id) for each in beside.warehouses if each.id in warehouses],
    }
