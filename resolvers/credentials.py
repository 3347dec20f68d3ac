"""What proves who is asking: secrets, kept as argon2id, and tokens, kept as SHA-256.

A secret is shown once, when it is made. It is traded for tokens at the token endpoint alone, so
nothing slow happens on any other request. Whatever is wrong with a sign-in (no such client, not
its secret, switched off, retired) takes the same path and gets the same answer.
"""

import base64
import binascii
import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models.access_queries import Lead, StoredSecret, lead_of, live_secrets, stored_token
from models.clients import AccessToken, ApiClient, Credential
from models.database import atomically, transaction
from models.epochs import bump
from models.record import new_id
from models.tenants import Identity
from models.words import IdentityKind, UserErrorCode
from resolvers.errors import Unauthenticated, UserError, UserErrors, not_found
from resolvers.hashing import HASHER, NOBODYS_HASH, line, sources, verify

TOKEN_SECONDS = 3600
LONGEST_OVERLAP = timedelta(days=90)

SECRET_PREFIX = "dgs_"  # noqa: S105 - how secrets begin, so that scanners find leaked ones
TOKEN_PREFIX = "dgt_"  # noqa: S105
TOKEN = re.compile(rf"{TOKEN_PREFIX}[a-z2-7]{{52}}")
CLIENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

NOWHERE = Lead(UUID(int=0), UUID(int=0))
"""Where an unknown client leads, so that the same questions are asked about it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A client's id and its new secret: the one time that it is seen."""

    client_id: UUID
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Holder:
    """A client that has just shown one of its secrets, or one of its tokens."""

    tenant_id: UUID
    client_id: UUID
    credential_id: UUID


@dataclass(frozen=True, slots=True)
class Token:
    """A new access token: the one time that it is seen."""

    value: str = field(repr=False)
    lasts: int
    """Seconds."""


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What a client may know about a token of its own that works."""

    client_id: UUID
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret with its hash, before it is stored."""

    credential_id: UUID
    secret: str = field(repr=False)
    secret_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A bearer token with its hash, before it is stored."""

    value: str = field(repr=False)
    token_hash: str = field(repr=False)


async def generate(tenant_id: UUID, client_id: UUID) -> Shown:
    """Make a client's first secret."""
    new = await _new_secret()
    async with transaction():
        await bump(tenant_id)
        await _client(tenant_id, client_id)
        if await _live(tenant_id, client_id).exists():
            raise UserErrors([_has_a_secret(client_id)])
        await _store(new, tenant_id, client_id)
    return Shown(client_id, new.secret)


async def regenerate(
    tenant_id: UUID, client_id: UUID, *, overlap: timedelta = timedelta()
) -> Shown:
    """Make a new secret; the one before it works on for the overlap, any older one stops now.

    The tokens of a secret end with it.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise UserErrors([_overlap_out_of_bounds()])
    new = await _new_secret()
    async with transaction():
        await bump(tenant_id)
        await _client(tenant_id, client_id)
        await _retire(tenant_id, client_id, overlap)
        await _store(new, tenant_id, client_id)
    return Shown(client_id, new.secret)


async def sign_in(client_id: str, secret: str, address: str | None) -> Holder:
    """Check a client's secret, in the same time whether or not there is such a client."""
    async with sources.turn(address):
        known = CLIENT_ID.fullmatch(client_id) is not None
        lead = await lead_of(IdentityKind.CLIENT, client_id if known else str(NOWHERE.row_id))
        held = await live_secrets(*(lead or NOWHERE), datetime.now(UTC))
        one = _named_by(secret, held)
        right = await line.run(verify, one.secret_hash if one else NOBODYS_HASH, secret)
    if lead is None or one is None or not right:
        sources.failed(address)
        raise Unauthenticated("No client has that id and that secret.")
    return Holder(lead.tenant_id, lead.row_id, one.credential_id)


async def issue_token(client_id: str, secret: str, address: str | None) -> Token:
    """Trade a secret for a token (RFC 6749 section 4.4)."""
    holder = await sign_in(client_id, secret, address)
    new = new_token()
    await atomically(lambda: _store_token(holder, new.token_hash))
    return Token(new.value, TOKEN_SECONDS)


async def revoke(token: str, holder: Holder) -> None:
    """Take a token back. One that is unknown, or another client's, is left as it is."""
    lead = await _lead_of_token(token)
    if lead is None:
        return
    its = AccessToken.filter(tenant_id=lead.tenant_id, id=lead.row_id, revoked_at=None)
    async with transaction():
        if await its.filter(client_id=holder.client_id).update(revoked_at=datetime.now(UTC)):
            await bump(lead.tenant_id)


async def introspect(token: str, holder: Holder) -> TokenFacts | None:
    """Tell a client about a token, if it is its own and works."""
    found = await _facts(token)
    if found is None or found[0].client_id != holder.client_id:
        return None
    return found[1]


async def holder_of(token: str) -> Holder | None:
    """Whose token it is, if it works: a token may give itself back."""
    found = await _facts(token)
    return found[0] if found else None


def new_token() -> NewToken:
    """Make a bearer token: the prefix, then 256 random bits in letters."""
    value = TOKEN_PREFIX + _letters(secrets.token_bytes(32))
    return NewToken(value, _sha256(value))


def token_hash(token: str) -> str | None:
    """How a token is kept; none if it cannot be one."""
    return _sha256(token) if TOKEN.fullmatch(token) else None


async def _facts(token: str) -> tuple[Holder, TokenFacts] | None:
    lead = await _lead_of_token(token)
    stored = lead and await stored_token(lead)
    if lead is None or not stored:
        return None
    until = stored.good_until()
    if until is None or until <= datetime.now(UTC):
        return None
    holder = Holder(lead.tenant_id, stored.client_id, stored.credential_id)
    return holder, TokenFacts(stored.client_id, stored.issued_at, until)


async def _lead_of_token(token: str) -> Lead | None:
    kept = token_hash(token)
    return await lead_of(IdentityKind.TOKEN, kept) if kept else None


async def _client(tenant_id: UUID, client_id: UUID) -> None:
    if not await ApiClient.filter(tenant_id=tenant_id, id=client_id).exists():
        raise UserErrors([not_found("API client", client_id, ["id"])])


def _live(tenant_id: UUID, client_id: UUID) -> QuerySet[Credential]:
    retires_later = Q(retires_at=None) | Q(retires_at__gt=datetime.now(UTC))
    return Credential.filter(retires_later, tenant_id=tenant_id, client_id=client_id)


async def _retire(tenant_id: UUID, client_id: UUID, overlap: timedelta) -> None:
    """End the secrets there are: the current one after the overlap, others now."""
    now = datetime.now(UTC)
    held = Credential.filter(tenant_id=tenant_id, client_id=client_id)
    await held.filter(retires_at__gt=now).update(retires_at=now)
    await held.filter(retires_at=None).update(retires_at=now + overlap)


async def _new_secret() -> NewSecret:
    """Make one: the prefix, then in letters the credential's tag, 256 random bits, a checksum."""
    credential_id = new_id()
    body = _tag(credential_id) + secrets.token_bytes(32)
    secret = SECRET_PREFIX + _letters(body + zlib.crc32(body).to_bytes(4))
    return NewSecret(credential_id, secret, await line.run(HASHER.hash, secret))


async def _store(new: NewSecret, tenant_id: UUID, client_id: UUID) -> None:
    await Credential.create(
        tenant_id=tenant_id,
        id=new.credential_id,
        client_id=client_id,
        secret_hash=new.secret_hash,
        created_at=datetime.now(UTC),
    )


async def _store_token(holder: Holder, kept: str) -> None:
    token_id = new_id()
    now = datetime.now(UTC)
    await Identity.create(
        value=kept, kind=IdentityKind.TOKEN, tenant_id=holder.tenant_id, row_id=token_id
    )
    await AccessToken.create(
        tenant_id=holder.tenant_id,
        id=token_id,
        client_id=holder.client_id,
        credential_id=holder.credential_id,
        token_hash=kept,
        issued_at=now,
        expires_at=now + timedelta(seconds=TOKEN_SECONDS),
    )


def _named_by(secret: str, held: list[StoredSecret]) -> StoredSecret | None:
    """The one of a client's secrets that this could be, so that always one hash is computed."""
    try:
        tag = base64.b32decode(secret.removeprefix(SECRET_PREFIX)[:8].upper())
    except (binascii.Error, ValueError):
        return None
    return next((one for one in held if _tag(one.credential_id) == tag), None)


def _tag(credential_id: UUID) -> bytes:
    """Five random bytes of the credential's id, in no way secret."""
    return credential_id.bytes[-5:]


def _letters(value: bytes) -> str:
    """Letters and digits only, so that no form, header or shell has to quote them."""
    return base64.b32encode(value).decode().rstrip("=").lower()


def _sha256(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _has_a_secret(client_id: UUID) -> UserError:
    return UserError(
        UserErrorCode.SECRET_ALREADY_SHOWN,
        ["id"],
        f"API client `{client_id}` has a secret, which was shown when it was made. Regenerate it.",
    )


def _overlap_out_of_bounds() -> UserError:
    return UserError(
        UserErrorCode.INVALID,
        ["overlap"],
        f"The old secret may work on for 0 to {LONGEST_OVERLAP.days} days.",
    )
