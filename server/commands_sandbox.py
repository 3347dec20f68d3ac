"""`dockgate client go-live`: from trying to the real thing."""

from typing import Annotated, Any
from uuid import UUID

import typer

from resolvers import clients, sandbox
from resolvers.administration import by_hand
from resolvers.audit import Actor
from resolvers.sandbox import Swapped
from server.terminal import AsJson, carry_out, print_rows


def go_live(
    *,
    client: Annotated[UUID, typer.Option(help="The client id.")],
    as_json: AsJson = False,
) -> None:
    """Swap a client's sandbox customers for their live originals, within a second.

    The sandbox customers are deactivated, whoever else holds them.
    """

    async def work() -> list[Swapped]:
        tenant = await clients.tenant_of(client)
        await by_hand(Actor.host(tenant), {"client": client}, sandbox.go_live)
        return await sandbox.swapped(tenant, client)

    print_rows([_told(one) for one in carry_out(work)], as_json=as_json)


def _told(one: Swapped) -> dict[str, Any]:
    return {
        "sandbox": one.sandbox.code,
        "live": one.live.code,
        "customer": str(one.live.id),
        "also_held_by": [each.name for each in one.also_held_by],
    }
