"""Making, changing and ending the secrets of API clients.

A secret is shown once, in the answer of the command that makes it, and kept as argon2id alone. A
client from before tokens has keys instead, shown as they are on each request: such a key is
random enough to be kept and found by its SHA-256. A client has two live ones at most: the
current one, and the one before it until that retires. Tokens end with the secret they came of.

Hashing takes long, so a secret is made ready before the transaction that stores it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from models import client_queries
from models.client_queries import Secret
from models.clients import ApiClient, Credential
from models.database import instant_text
from models.epochs import bump
from models.record import new_id
from models.tenants import Identity
from models.words import AuditAction, AuditSubject, IdentityKind, UserErrorCode
from models.writing import Changes
from resolvers import administration
from resolvers.administration import Content
from resolvers.audit import Actor, Subject, note
from resolvers.commands import Effect, now
from resolvers.contents import input_path
from resolvers.errors import UserError, UserErrors, not_found
from resolvers.faults import Faults
from resolvers.hashing import HASHER, line
from resolvers.key_hashes import hex_of, kept_key
from resolvers.secret_texts import KEY_PREFIX, new_text

LONGEST_OVERLAP = timedelta(days=90)

ACKNOWLEDGEMENTS = {
    "acknowledge_safekeeping": "that you keep the secret safe, and hand it over so that nobody "
    "else sees it",
    "acknowledge_reach": "that whoever holds the secret acts for this client, and that its roles, "
    "customers and warehouses are right for them",
}
"""What somebody who makes a client's first secret says yes to."""

EVEN_FIRST = "even_first"
"""Whether to regenerate what was never generated, which no input can say."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A client's id and its new secret: the one time that it is seen."""

    client_id: UUID
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret with its hash, and a key, before one of them is stored."""

    credential_id: UUID
    secret: str = field(repr=False)
    secret_hash: str = field(repr=False)
    key: str = field(repr=False)
    """What a client is given instead that shows a key as it is."""

    def shown_to(self, *, legacy: bool) -> str:
        """The one of them that fits a client."""
        return self.key if legacy else self.secret


async def ready() -> NewSecret:
    """Make a secret, outside of any transaction.

    Raises:
        Throttled: too many hashes wait already.

    """
    credential_id = new_id()
    secret = new_text(credential_id)
    hashed = await line.run(HASHER.hash, secret)
    return NewSecret(credential_id, secret, hashed, new_text(credential_id, KEY_PREFIX))


# --- the commands ---------------------------------------------------------------------------------


async def generate_first(new: NewSecret, by: Actor, content: Content, changes: Changes) -> Effect:
    """Store a client's first secret, once two things are acknowledged."""
    client, before = await _held(by, content)
    faults = Faults()
    for name, what in ACKNOWLEDGEMENTS.items():
        if not content.get(name):
            faults.add(UserErrorCode.REQUIRED, input_path(name), f"Acknowledge {what}.")
    if client.legacy:
        message = "It shows a key from before there were secrets. Regenerate it."
        faults.add(UserErrorCode.WRONG_STATUS, input_path("id"), message)
    elif before:
        faults.errors.append(_has_a_secret(client.id))
    faults.raise_any()
    await _store(new, client, changes)
    return _done(AuditAction.CREDENTIALS_GENERATED, by, client, before, [_made(new)], changes)


async def regenerate_one(new: NewSecret, by: Actor, content: Content, changes: Changes) -> Effect:
    """Store a new secret; the one before it works on for the overlap, any older one ends now."""
    overlap = _overlap(content.get("overlap_days"))
    client, before = await _held(by, content)
    if not (before or client.legacy or content.get(EVEN_FIRST)):
        message = "It has no secret that works. Generate one."
        raise UserErrors([UserError(UserErrorCode.WRONG_STATUS, input_path("id"), message)])
    at = now()
    after = [_made(new, at)]
    for one in before:
        ends = at + overlap if one.current else at
        changes.update(Credential, by.tenant_id, one.id, retires_at=ends)
        if ends > at:
            after.append(one._replace(retires_at=ends))
    await _store(new, client, changes)
    return _done(AuditAction.CREDENTIALS_REGENERATED, by, client, before, after, changes)


async def cancel_regeneration(by: Actor, content: Content, changes: Changes) -> Effect:
    """Let the secret that retires be the current one again; the new one ends now."""
    client, before = await _held(by, content)
    at = now()
    retiring = [one for one in before if not one.current]
    if not retiring:
        message = "No secret of it is retiring, so there is nothing to go back to."
        raise UserErrors([UserError(UserErrorCode.WRONG_STATUS, input_path("id"), message)])
    for one in before:
        ends = at if one.current else None
        changes.update(Credential, by.tenant_id, one.id, retires_at=ends)
    after = [one._replace(retires_at=None) for one in retiring]
    return _done(AuditAction.REGENERATION_CANCELLED, by, client, before, after, changes)


async def revoke_all(by: Actor, content: Content, changes: Changes) -> Effect:
    """End all secrets of a client now, and with them its tokens."""
    client, before = await _held(by, content)
    if not before:
        return Effect(client.id, replayed=True)
    at = now()
    for one in before:
        changes.update(Credential, by.tenant_id, one.id, retires_at=at)
    return _done(AuditAction.CREDENTIALS_REVOKED, by, client, before, [], changes)


# --- without GraphQL ------------------------------------------------------------------------------


async def generate(tenant_id: UUID, client_id: UUID, *, by: Actor | None = None) -> Shown:
    """Make a client's first secret; whoever calls this acknowledges what there is to."""
    content = {"id": client_id, **dict.fromkeys(ACKNOWLEDGEMENTS, True)}
    return await _shown(generate_first, by or Actor.host(tenant_id), content)


async def regenerate(
    tenant_id: UUID,
    client_id: UUID,
    *,
    overlap: timedelta = timedelta(),
    by: Actor | None = None,
) -> Shown:
    """Make a new secret; the one before it works on for the overlap, any older one ends now."""
    content = {"id": client_id, "overlap_days": _days(overlap), EVEN_FIRST: True}
    return await _shown(regenerate_one, by or Actor.host(tenant_id), content)


async def _shown(work: Any, by: Actor, content: Content) -> Shown:
    new = await ready()
    await administration.by_hand(by, content, partial(work, new))
    client = await client_queries.client(by.tenant_id, content["id"])
    if client is None:
        raise ValueError("clients are never deleted")
    return Shown(client.id, new.shown_to(legacy=client.legacy))


# --- parts ----------------------------------------------------------------------------------------


async def _held(by: Actor, content: Content) -> tuple[ApiClient, list[Secret]]:
    """The client, which nobody else changes until the transaction ends, and its live secrets."""
    await bump(by.tenant_id)
    client = await client_queries.client(by.tenant_id, content["id"])
    if client is None:
        raise UserErrors([not_found("API client", content["id"], input_path("id"))])
    live = await client_queries.secrets_of(by.tenant_id, [client.id], now())
    return client, live.get(client.id, [])


async def _store(new: NewSecret, client: ApiClient, changes: Changes) -> None:
    secret_hash = new.secret_hash
    if client.legacy:
        secret_hash = kept_key(new.key)
        await Identity.create(
            value=hex_of(secret_hash),
            kind=IdentityKind.LEGACY_KEY,
            tenant_id=client.tenant_id,
            row_id=new.credential_id,
        )
    changes.insert(
        Credential,
        {
            "tenant_id": client.tenant_id,
            "id": new.credential_id,
            "client_id": client.id,
            "secret_hash": secret_hash,
            "created_at": now(),
            "legacy": client.legacy,
        },
    )


def _made(new: NewSecret, at: datetime | None = None) -> Secret:
    return Secret(new.credential_id, at or now())


def _done(
    action: AuditAction,
    by: Actor,
    client: ApiClient,
    before: Sequence[Secret],
    after: Sequence[Secret],
    changes: Changes,
) -> Effect:
    """Note what was done, by the ids of the secrets that work before and after."""
    note(
        changes,
        by,
        action,
        Subject(AuditSubject.API_CLIENT, client.id, client.name),
        before=_told(before),
        after=_told(after),
    )
    return Effect(client.id)


def _told(secrets: Sequence[Secret]) -> dict[str, Any]:
    return {
        "credentials": [
            {"id": str(one.id), "retiresAt": one.retires_at and instant_text(one.retires_at)}
            for one in secrets
        ]
    }


def _overlap(days: Decimal | None) -> timedelta:
    overlap = timedelta(days=float(days or 0))
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        message = f"The old secret may work on for 0 to {LONGEST_OVERLAP.days} days."
        raise UserErrors([UserError(UserErrorCode.INVALID, input_path("overlap_days"), message)])
    return overlap


def _days(overlap: timedelta) -> Decimal:
    return Decimal(overlap // timedelta(microseconds=1)) / 86_400_000_000


def _has_a_secret(client_id: UUID) -> UserError:
    return UserError(
        UserErrorCode.SECRET_ALREADY_SHOWN,
        input_path("id"),
        f"API client `{client_id}` has a secret, which was shown when it was made. Regenerate it.",
    )
