"""API clients, as the operator's administrators set them up. The rules are in the resolvers."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

import strawberry

from models.words import ApiRole, UserErrorCode
from resolvers import client_changes, client_reading, secrets_of_clients
from resolvers.commands import Asked, Effect
from resolvers.errors import UserError, UserErrors
from schema.access import ADMIN
from schema.api_clients import ApiClient
from schema.commands import CommandPayload, administer, command
from schema.declaring import output
from schema.finished import Finished
from schema.inputs import command_input, kept_field, key_field, try_field

NAME = "What people call it, up to 200 characters."
ROLES = "What it may ask."
CUSTOMERS = "For whom, by id; an empty list means none. Sandbox customers or live ones, never both."
WAREHOUSES = "Where, by id; an empty list means none."
ALL_CUSTOMERS = "Whether it reaches all live customers, those added later too; then none is named."
ALL_WAREHOUSES = "Whether it reaches all warehouses, those added later too; then none is named."
SEES_TENANT_USAGE = "Whether it may ask for the bill."
EXPIRES_AT = "From then on it is let in no more; null never."
ADDRESSES = (
    "From where it may ask: up to 100 networks such as 203.0.113.0/24 or 2001:db8::/32, or single "
    "addresses; empty from anywhere."
)
ACKNOWLEDGE_FULL_ACCESS = (
    "Needed where it opens `API_FULL_ACCESS` to goods of customers: yes, whoever holds the secret "
    "may ask everything about them, what is added later too."
)


@command_input("A new API client. What is left out is given to it not at all.")
class CreateApiClientInput:
    name: str = strawberry.field(description=NAME)
    roles: list[ApiRole] = strawberry.field(default_factory=list, description=ROLES)
    customers: list[strawberry.ID] = strawberry.field(default_factory=list, description=CUSTOMERS)
    warehouses: list[strawberry.ID] = strawberry.field(default_factory=list, description=WAREHOUSES)
    all_customers: bool = strawberry.field(default=False, description=ALL_CUSTOMERS)
    all_warehouses: bool = strawberry.field(default=False, description=ALL_WAREHOUSES)
    sees_tenant_usage: bool = strawberry.field(default=False, description=SEES_TENANT_USAGE)
    expires_at: datetime | None = strawberry.field(default=None, description=EXPIRES_AT)
    addresses: list[str] = strawberry.field(default_factory=list, description=ADDRESSES)
    acknowledge_full_access: bool | None = strawberry.field(
        default=None, description=ACKNOWLEDGE_FULL_ACCESS
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("Changes of an API client: what is left out stays as it is.")
class UpdateApiClientInput:
    id: strawberry.ID = strawberry.field(description="Which client.")
    version: int = strawberry.field(description="The version that was read.")
    name: strawberry.Maybe[str | None] = kept_field(NAME)
    roles: strawberry.Maybe[list[ApiRole] | None] = kept_field(
        f"{ROLES} All of them, instead of those it has."
    )
    customers: strawberry.Maybe[list[strawberry.ID] | None] = kept_field(
        f"{CUSTOMERS} All of them, instead of those it has."
    )
    warehouses: strawberry.Maybe[list[strawberry.ID] | None] = kept_field(
        f"{WAREHOUSES} All of them, instead of those it has."
    )
    all_customers: strawberry.Maybe[bool | None] = kept_field(ALL_CUSTOMERS)
    all_warehouses: strawberry.Maybe[bool | None] = kept_field(ALL_WAREHOUSES)
    sees_tenant_usage: strawberry.Maybe[bool | None] = kept_field(SEES_TENANT_USAGE)
    expires_at: strawberry.Maybe[datetime | None] = strawberry.field(description=EXPIRES_AT)
    addresses: strawberry.Maybe[list[str] | None] = kept_field(
        f"{ADDRESSES} All of them, instead of those it has."
    )
    acknowledge_full_access: bool | None = strawberry.field(
        default=None, description=ACKNOWLEDGE_FULL_ACCESS
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@strawberry.input
class OneApiClient:
    """What names a client that is there."""

    id: strawberry.ID = strawberry.field(description="Which client.")


@command_input("A client that is to be let in.")
class ActivateApiClientInput(OneApiClient):
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("A client that is to be shut out.")
class DeactivateApiClientInput(OneApiClient):
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("A client that is to have its first secret, and what you say yes to.")
class GenerateCredentialsInput(OneApiClient):
    acknowledge_safekeeping: bool | None = strawberry.field(
        default=None,
        description="Needed: yes, I keep the secret safe, and hand it over so that nobody else "
        "sees it; it is not shown again.",
    )
    acknowledge_reach: bool | None = strawberry.field(
        default=None,
        description="Needed: yes, whoever holds the secret acts for this client, and its roles, "
        "customers and warehouses are right for them.",
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("A client that is to have another secret.")
class RegenerateCredentialsInput(OneApiClient):
    overlap_days: Decimal | None = strawberry.field(
        default=None,
        description="How many days the old secret works on, with its tokens: 0 to 90, such as "
        "`7` or `0.5`. It ends at once unless this is said.",
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("A client that is to go back to its old secret.")
class CancelRegenerationInput(OneApiClient):
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("A client whose secrets are to end.")
class RevokeCredentialsInput(OneApiClient):
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@output(ADMIN, description="What became of a change of an API client.")
class ApiClientPayload(CommandPayload):
    api_client: ApiClient | None = strawberry.field(
        description="The client as it is now; null with user errors."
    )


@output(ADMIN, description="What became of `createApiClient`.")
class CreateApiClientPayload(ApiClientPayload):
    pass


@output(ADMIN, description="What became of `updateApiClient`.")
class UpdateApiClientPayload(ApiClientPayload):
    pass


@output(ADMIN, description="What became of `activateApiClient`.")
class ActivateApiClientPayload(ApiClientPayload):
    pass


@output(ADMIN, description="What became of `deactivateApiClient`.")
class DeactivateApiClientPayload(ApiClientPayload):
    pass


@output(ADMIN, description="A new secret: the one time that it is shown.")
class SecretPayload(ApiClientPayload):
    client_id: strawberry.ID | None = strawberry.field(
        description="What the client names itself by; null with user errors."
    )
    client_secret: str | None = strawberry.field(
        description="The new secret, or the new key of a legacy client. Here and never again; null "
        "with user errors or `validateOnly`."
    )


@output(ADMIN, description="What became of `generateCredentials`.")
class GenerateCredentialsPayload(SecretPayload):
    pass


@output(ADMIN, description="What became of `regenerateCredentials`.")
class RegenerateCredentialsPayload(SecretPayload):
    pass


@output(ADMIN, description="What became of `cancelRegeneration`.")
class CancelRegenerationPayload(ApiClientPayload):
    pass


@output(ADMIN, description="What became of `revokeCredentials`.")
class RevokeCredentialsPayload(ApiClientPayload):
    pass


async def _changed(info: Any, given: Any, work: Any) -> Finished:
    """Carry a change out, and tell the client as it is then."""

    async def beside(effect: Effect, _: Asked) -> Mapping[str, Any]:
        return {"api_client": await client_reading.find(info.context.caller, effect.id)}

    return await administer(info, given, work, beside)


async def _with_secret(info: Any, given: Any, work: Any) -> Finished:
    """Make a secret, have it stored, and tell it where that is really so: only here, only now."""
    new = await secrets_of_clients.ready()

    async def beside(effect: Effect, asked: Asked) -> Mapping[str, Any]:
        if effect.replayed:
            raise UserErrors([_shown_before()])
        client = await client_reading.find(info.context.caller, effect.id)
        if client is None:
            raise ValueError("clients are never deleted")
        secret = None if asked.validate_only else new.shown_to(legacy=client.legacy)
        return {"api_client": client, "client_id": str(effect.id), "client_secret": secret}

    return await administer(info, given, partial(work, new), beside)


def _shown_before() -> UserError:
    return UserError(
        UserErrorCode.SECRET_ALREADY_SHOWN,
        ("input", "idempotencyKey"),
        "The secret was shown to whoever sent this first, and is kept nowhere. If the answer was "
        "lost, regenerate it with a new key.",
    )


@strawberry.type
class ApiClientMutation:
    @command(
        ADMIN,
        answers=CreateApiClientPayload | None,
        description="Add an API client. It starts inactive and without a secret.",
        billable=False,
    )
    async def create_api_client(
        self, info: strawberry.Info, input: CreateApiClientInput
    ) -> Finished | None:
        return await _changed(info, input, client_changes.add)

    @command(
        ADMIN,
        answers=UpdateApiClientPayload | None,
        description="Rename an API client, or change what it reaches: within a second for every "
        "worker, and for tokens that were issued before. `STALE_VERSION` if it changed since it "
        "was read.",
        billable=False,
    )
    async def update_api_client(
        self, info: strawberry.Info, input: UpdateApiClientInput
    ) -> Finished | None:
        return await _changed(info, input, client_changes.edit)

    @command(
        ADMIN,
        answers=ActivateApiClientPayload | None,
        description="Let an API client in. One that is active already is told as `replayed`.",
        billable=False,
    )
    async def activate_api_client(
        self, info: strawberry.Info, input: ActivateApiClientInput
    ) -> Finished | None:
        return await _changed(info, input, client_changes.activate)

    @command(
        ADMIN,
        answers=DeactivateApiClientPayload | None,
        description="Shut an API client out with all its tokens, within a second. One that is "
        "inactive already is told as `replayed`.",
        billable=False,
    )
    async def deactivate_api_client(
        self, info: strawberry.Info, input: DeactivateApiClientInput
    ) -> Finished | None:
        return await _changed(info, input, client_changes.deactivate)

    @command(
        ADMIN,
        answers=GenerateCredentialsPayload | None,
        description="Make an API client's first secret, shown in this one answer. "
        "`SECRET_ALREADY_SHOWN` while it has one, and for a repeated `idempotencyKey`; "
        "`WRONG_STATUS` for a legacy client, whose key is regenerated.",
        billable=False,
    )
    async def generate_credentials(
        self, info: strawberry.Info, input: GenerateCredentialsInput
    ) -> Finished | None:
        return await _with_secret(info, input, secrets_of_clients.generate_first)

    @command(
        ADMIN,
        answers=RegenerateCredentialsPayload | None,
        description="Make a new secret, shown in this one answer. The old one ends at once with "
        "its tokens, or works on for `overlapDays`; one that was retiring already ends at once. "
        "`SECRET_ALREADY_SHOWN` for a repeated `idempotencyKey`; `WRONG_STATUS` if there is none "
        "yet.",
        billable=False,
    )
    async def regenerate_credentials(
        self, info: strawberry.Info, input: RegenerateCredentialsInput
    ) -> Finished | None:
        return await _with_secret(info, input, secrets_of_clients.regenerate_one)

    @command(
        ADMIN,
        answers=CancelRegenerationPayload | None,
        description="Go back to the secret that is retiring: it is the current one again, and the "
        "new one ends at once with its tokens. `WRONG_STATUS` if none is retiring.",
        billable=False,
    )
    async def cancel_regeneration(
        self, info: strawberry.Info, input: CancelRegenerationInput
    ) -> Finished | None:
        return await _changed(info, input, secrets_of_clients.cancel_regeneration)

    @command(
        ADMIN,
        answers=RevokeCredentialsPayload | None,
        description="End all secrets of an API client with their tokens, at once. Without any it "
        "is told as `replayed`.",
        billable=False,
    )
    async def revoke_credentials(
        self, info: strawberry.Info, input: RevokeCredentialsInput
    ) -> Finished | None:
        return await _changed(info, input, secrets_of_clients.revoke_all)
