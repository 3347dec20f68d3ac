"""What proves who is asking: secrets, kept as argon2id, and tokens, kept as SHA-256.

A secret is shown once, when it is made. It is traded for tokens at the token endpoint alone, so
nothing slow happens on any other request. Whatever is wrong with a sign-in (no such client, not
its secret, switched off, retired) takes the same path and gets the same answer.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from models.access_queries import Lead, StoredSecret, lead_of, live_secrets, stored_token
from models.clients import AccessToken
from models.database import atomically, transaction
from models.epochs import bump
from models.record import new_id
from models.tenants import Identity
from models.words import IdentityKind
from resolvers.errors import Unauthenticated
from resolvers.hashing import NOBODYS_HASH, line, sources, verify
from resolvers.networks import admit, networks
from resolvers.secret_texts import letters, tag_in, tag_of
from resolvers.secrets_of_clients import Shown, generate, regenerate

__all__ = ["Shown", "generate", "regenerate"]
"""What is made in `secrets_of_clients` and asked for here."""

TOKEN_SECONDS = 3600
TOKEN_PREFIX = "dgt_"  # noqa: S105
TOKEN = re.compile(rf"{TOKEN_PREFIX}[a-z2-7]{{52}}")
CLIENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

NOWHERE = Lead(UUID(int=0), UUID(int=0))
"""Where an unknown client leads, so that the same questions are asked about it."""


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
class NewToken:
    """A bearer token with its hash, before it is stored."""

    value: str = field(repr=False)
    token_hash: str = field(repr=False)


async def sign_in(client_id: str, secret: str, address: str | None) -> Holder:
    """Check a client's secret, in the same time whether or not there is such a client.

    Raises:
        Unauthenticated: nobody has that id and that secret, and nothing more is said.
        Elsewhere: the secret is right, but not from that address.
        Throttled: too many sign in at once.

    """
    async with sources.turn(address):
        known = CLIENT_ID.fullmatch(client_id) is not None
        lead = await lead_of(IdentityKind.CLIENT, client_id if known else str(NOWHERE.row_id))
        held = await live_secrets(*(lead or NOWHERE), datetime.now(UTC))
        one = _named_by(secret, held)
        right = await line.run(verify, one.secret_hash if one else NOBODYS_HASH, secret)
    if lead is None or one is None or not right:
        sources.failed(address)
        raise Unauthenticated("No client has that id and that secret.")
    admit(address, networks(one.addresses))
    return Holder(lead.tenant_id, lead.row_id, one.credential_id)


async def issue_token(client_id: str, secret: str, address: str | None) -> Token:
    """Trade a secret for a token (RFC 6749 section 4.4)."""
    return await issue_to(await sign_in(client_id, secret, address))


async def issue_to(holder: Holder) -> Token:
    """Give a token to a client whose secret was right."""
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
    value = TOKEN_PREFIX + letters(secrets.token_bytes(32))
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
    tag = tag_in(secret)
    return next((one for one in held if tag_of(one.credential_id) == tag), None)


def _sha256(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
