"""Sandbox twins of live customers, and the step from them to the live ones."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

import strawberry

from resolvers import sandbox
from resolvers.commands import Asked, Effect
from schema.access import ADMIN
from schema.commands import CommandPayload, administer, command
from schema.declaring import output
from schema.finished import Finished
from schema.inputs import command_input, key_field, try_field
from schema.places import Customer


@command_input("A live customer that is to be copied, to try with.")
class CreateSandboxCustomerInput:
    of: strawberry.ID = strawberry.field(description="Which live customer.")
    code: str | None = strawberry.field(
        default=None,
        description="The copy's own code, up to 64 characters; the other's with `-TEST`, unless "
        "it is said.",
    )
    name: str | None = strawberry.field(
        default=None,
        description="The copy's own name, up to 200 characters; the other's with `(sandbox)`, "
        "unless it is said.",
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("A client that has been tried enough.")
class GoLiveInput:
    client: strawberry.ID = strawberry.field(description="Which API client.")
    version: int | None = strawberry.field(
        default=None, description="The client's version that was read, to be sure of it."
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@output(ADMIN, description="What became of `createSandboxCustomer`.")
class CreateSandboxCustomerPayload(CommandPayload):
    customer: Customer | None = strawberry.field(description="The copy; null with user errors.")


@output(ADMIN, description="A customer that a client held, or holds now.")
class GoLiveCustomer:
    id: strawberry.ID = strawberry.field(description="The customer UUID.")
    code: str = strawberry.field(description="The operator's short name for it.")
    name: str = strawberry.field(description="Its name.")
    active: bool = strawberry.field(description="Whether it can be worked for.")


@output(ADMIN, description="An API client that still holds a sandbox customer.")
class GoLiveClient:
    id: strawberry.ID = strawberry.field(description="The client id.")
    name: str = strawberry.field(description="Its name.")


@output(ADMIN, description="A sandbox customer that was swapped for its live original.")
class GoLiveSwap:
    sandbox: GoLiveCustomer = strawberry.field(description="The one that it held; deactivated.")
    live: GoLiveCustomer = strawberry.field(description="The one that it holds instead.")
    also_held_by: list[GoLiveClient] = strawberry.field(
        description="Other clients that hold the sandbox customer. They can look at what they "
        "tried, and try nothing new until it is activated again."
    )


@output(ADMIN, description="What became of `goLive`.")
class GoLivePayload(CommandPayload):
    swaps: list[GoLiveSwap] | None = strawberry.field(
        description="What was swapped for what; null with user errors."
    )


async def _swaps(tenant_id: UUID, effect: Effect, _: Asked) -> Mapping[str, Any]:
    return {"swaps": await sandbox.swapped(tenant_id, effect.id)}


@strawberry.type
class SandboxMutation:
    @command(
        ADMIN,
        answers=CreateSandboxCustomerPayload | None,
        description="Copy a live customer to try with: its settings and its products with their "
        "units, but no orders. It has one copy at most: `REFERENCE_TAKEN` names it.",
        billable=False,
    )
    async def create_sandbox_customer(
        self, info: strawberry.Info, input: CreateSandboxCustomerInput
    ) -> Finished | None:
        return await administer(info, input, sandbox.create, quick=False)

    @command(
        ADMIN,
        answers=GoLivePayload | None,
        description="Swap a client's sandbox customers for their live originals in one step, "
        "within a second, and deactivate the sandbox customers. `INVALID` if one has no original, "
        "or none that is active. With `validateOnly` it tells what would be swapped.",
        billable=False,
    )
    async def go_live(self, info: strawberry.Info, input: GoLiveInput) -> Finished | None:
        beside = partial(_swaps, info.context.caller.tenant_id)
        return await administer(info, input, sandbox.go_live, beside)
