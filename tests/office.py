"""The operator's office: an administrator who sets API clients up by GraphQL."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from models.audit import AuditEvent
from models.words import AuditAction, StaffRole
from tests.asking import Answer, Shop
from tests.world import World

TOLD = "{ userErrors { code path message suggestions differences { path stored given } } replayed"
CLIENT = """
{ id name active legacy legacyIdentifier roles customers { id code name sandbox }
  warehouses { id code name } allCustomers allWarehouses seesTenantUsage expiresAt addresses
  version createdAt modifiedAt lastUsedAt lastUsedAddress lastUsedOperation callsThisWeek warnings
  credentials { id createdAt retiresAt current lastUsedAt lastUsedAddress lastUsedOperation legacy }
}
"""


@dataclass
class Office(Shop):
    """Asks as an administrator."""

    async def do(self, field: str, *, by: str | None = None, **given: Any) -> Answer:
        """Carry out a command that answers with a client."""
        kind = field[0].upper() + field[1:] + "Input"
        secret = " clientId clientSecret" if field in MAKING else ""
        return await self.say(
            f"mutation($input: {kind}!) {{ {field}(input: $input) {TOLD}{secret}"
            f" apiClient {CLIENT} }} }}",
            by=by,
            input=given,
        )

    async def add(self, name: str = "Web shop", **given: Any) -> Any:
        """A new client, as it is told; it reaches the live customer in the first warehouse."""
        reach = {
            "customers": [str(self.world.live.id)],
            "warehouses": [str(self.world.warehouse.id)],
        }
        asked = {"name": name, "roles": ["WMS_CREATE_JOBS"], **reach, **given}
        answer = await self.do("createApiClient", **asked)
        assert answer.faults == []
        return answer.only["apiClient"]

    async def secret(self, client_id: str) -> str:
        """The first secret of a client."""
        answer = await self.do("generateCredentials", id=client_id, **YES)
        assert answer.faults == []
        return str(answer.only["clientSecret"])

    async def look_at(self, client_id: str) -> Any:
        """A client as it is told now."""
        return (await self.say(f'{{ apiClient(id: "{client_id}") {CLIENT} }}')).only

    async def listed(self, filter: str = "{}", more: str = "") -> list[str]:
        """The names of the clients that a filter finds."""
        found = await self.say(
            f"{{ apiClients(first: 100, filter: {filter}{more})"
            " { edges { node { name } } } }"
        )
        return [edge["node"]["name"] for edge in found.only["edges"]]

    async def audited(self, client_id: str) -> list[tuple[AuditAction, Any, Any]]:
        """What the audit log tells of a client: action, before, after; the oldest first."""
        events = await AuditEvent.filter(
            tenant_id=self.world.tenant.id, subject_id=client_id
        ).order_by("at", "id")
        return [(one.action, json.loads(one.before), json.loads(one.after)) for one in events]


MAKING = {"generateCredentials", "regenerateCredentials"}
YES = {"acknowledgeSafekeeping": True, "acknowledgeReach": True}


async def open_office(http: httpx.AsyncClient, world: World) -> Office:
    """An office with an administrator in it."""
    return Office(http, world, await world.staff_token(StaffRole.ADMINISTRATOR))
