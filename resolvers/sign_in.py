"""How people sign in with a browser, and out again.

A session is a row that leads from the SHA-256 of what the browser's cookie holds. Whatever is
wrong with a sign-in (nobody of that e-mail, no password, not theirs, switched off) takes the same
path and gets the same answer.
"""

import asyncio
import hashlib
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

from models.access_queries import Lead, lead_of, stored_person
from models.database import atomically
from models.epochs import bump
from models.record import new_id
from models.tenants import Identity, StaffSession, StaffUser
from models.words import ActorKind, AuditAction, IdentityKind
from resolvers.audit import Actor
from resolvers.credentials import NOWHERE
from resolvers.errors import Unauthenticated
from resolvers.hashing import NOBODYS_HASH, line, source_of, sources, verify
from resolvers.staff import normalised, note_of

COOKIE_PREFIX = "dgc_"
COOKIE = re.compile(rf"{COOKIE_PREFIX}[A-Za-z0-9_-]{{43}}")

LONGEST_EMAIL = 254

FREE_FAILURES = 5
"""How often anybody may mistype before their account is slowed down."""

FORGET_SECONDS = 900.0
LONGEST_WAIT_SECONDS = 4.0
ACCOUNTS = 10_000
FRIENDS = 16


@dataclass(frozen=True, slots=True)
class From:
    """Where a request came from, as the audit log tells it."""

    address: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session, with what the browser is to hold: the one time that it is seen."""

    cookie: str = field(repr=False)
    staff_user_id: UUID
    ends_at: datetime


@dataclass
class Failures:
    """The failed sign-ins of one account, and from where it was signed in to."""

    count: int = 0
    last: float = 0.0
    friends: set[str] = field(default_factory=set)


class Accounts:
    """E-mails that somebody fails to sign in with, whether there is such a person or not.

    Each try waits a little longer, at most some seconds, and never in a line: whoever guesses is
    slowed down, and nobody can keep the one out whose account it is. Sources that signed in to it
    do not wait at all. Bounded: what failed longest ago is forgotten first.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, Failures] = OrderedDict()

    def wait(self, email: str, address: str | None) -> float:
        """How many seconds a try with that e-mail waits."""
        known = self._known.get(_mark(email))
        if known is None or monotonic() - known.last > FORGET_SECONDS:
            return 0.0
        if source_of(address) in known.friends or known.count <= FREE_FAILURES:
            return 0.0
        return min(LONGEST_WAIT_SECONDS, 0.25 * 2.0 ** min(10, known.count - FREE_FAILURES - 1))

    def failed(self, email: str) -> None:
        """Remember that it failed."""
        known = self._of(email)
        known.count = 1 if monotonic() - known.last > FORGET_SECONDS else known.count + 1
        known.last = monotonic()

    def succeeded(self, email: str, address: str | None) -> None:
        """Remember from where the right password came; guesses from elsewhere still wait."""
        friends = self._of(email).friends
        if len(friends) >= FRIENDS:
            friends.pop()
        friends.add(source_of(address))

    def _of(self, email: str) -> Failures:
        known = self._known.setdefault(_mark(email), Failures())
        self._known.move_to_end(_mark(email))
        if len(self._known) > ACCOUNTS:
            self._known.popitem(last=False)
        return known


def _mark(email: str) -> str:
    """Not the e-mail itself: what people type wrongly there is often their password."""
    return hashlib.sha256(email.encode()).hexdigest()


accounts = Accounts()


async def sign_in(
    email: str, password: str, came: From, lasts: timedelta, held: str | None = None
) -> SignedIn:
    """Begin a session of the person with that e-mail and password.

    `held` is the cookie that the browser had until then: its session ends.

    Raises:
        Unauthenticated: nobody has both, and nothing more is said.
        Throttled: too many sign in at once.

    """
    found = await check_password(normalised(email), password, came)
    new = secrets.token_urlsafe(32)
    began = await atomically(
        lambda: _begin(found, COOKIE_PREFIX + new, came, datetime.now(UTC) + lasts, held)
    )
    if began is None:
        raise refused()
    return began


@dataclass(frozen=True, slots=True)
class Checked:
    """A person whose password was right just now."""

    lead: Lead
    password_hash: str = field(repr=False)


async def check_password(known_as: str, password: str, came: From) -> Checked:
    """Whose e-mail and password they are, in the same time whether or not there is such a person.

    Raises:
        Unauthenticated: nobody has both.
        Throttled: too many sign in at once.

    """
    await asyncio.sleep(accounts.wait(known_as, came.address))
    async with sources.turn(came.address):
        usable = len(known_as) <= LONGEST_EMAIL and "\0" not in known_as
        lead = await lead_of(IdentityKind.STAFF, known_as if usable else "")
        person = await stored_person(lead or NOWHERE)
        kept = person.password_hash if person is not None and person.active else None
        right = await line.run(verify, kept or NOBODYS_HASH, password)
    if lead is None or kept is None or not right:
        sources.failed(came.address)
        accounts.failed(known_as)
        raise refused()
    accounts.succeeded(known_as, came.address)
    return Checked(lead, kept)


async def sign_out(cookie: str, came: From) -> None:
    """End a browser's session, on every worker within a second. One that is unknown has ended."""
    lead = await _lead_of(cookie)
    if lead is not None:
        await atomically(lambda: _end(lead, came))


def cookie_hash(cookie: str) -> str | None:
    """How what a browser holds is kept; none if it cannot be ours."""
    return hashlib.sha256(cookie.encode()).hexdigest() if COOKIE.fullmatch(cookie) else None


def refused() -> Unauthenticated:
    """The one answer to everything that is wrong with a sign-in."""
    return Unauthenticated("Nobody has that e-mail and that password.")


async def begin_session(user: StaffUser, cookie: str, came: From, ends_at: datetime) -> SignedIn:
    """Store a session, within the transaction that is open."""
    session_id, now = new_id(), datetime.now(UTC)
    kept = cookie_hash(cookie) or ""
    await Identity.create(
        value=kept, kind=IdentityKind.SESSION, tenant_id=user.tenant_id, row_id=session_id
    )
    await StaffSession.create(
        tenant_id=user.tenant_id,
        id=session_id,
        staff_user_id=user.id,
        token_hash=kept,
        issued_at=now,
        expires_at=ends_at,
        cookie=True,
        last_seen_at=now,
        address=came.address,
    )
    return SignedIn(cookie, user.id, ends_at)


async def held_person(tenant_id: UUID, user_id: UUID) -> StaffUser | None:
    """One person, held until the transaction ends: nobody changes them meanwhile."""
    return await StaffUser.filter(tenant_id=tenant_id, id=user_id).select_for_update().get_or_none()


def actor_of(user: StaffUser, came: From) -> Actor:
    """A person who does something about themselves, as the audit log tells it."""
    return Actor(
        ActorKind.STAFF,
        user.tenant_id,
        staff_user_id=user.id,
        address=came.address,
        request_id=came.request_id,
    )


async def _begin(
    found: Checked, cookie: str, came: From, ends_at: datetime, held: str | None
) -> SignedIn | None:
    before = await _lead_of(held) if held else None
    if before is not None:
        await _end(before, came)
    user = await held_person(*found.lead)
    # It may have been changed, or the person switched off, while the hash was computed.
    if user is None or not user.active or user.password_hash != found.password_hash:
        return None
    user.last_signed_in_at = datetime.now(UTC)
    await user.save(update_fields=["last_signed_in_at"])
    began = await begin_session(user, cookie, came, ends_at)
    await note_of(user, actor_of(user, came), AuditAction.SIGNED_IN)
    return began


async def _end(lead: Lead, came: From) -> None:
    its = StaffSession.filter(tenant_id=lead.tenant_id, id=lead.row_id, revoked_at=None)
    session = await its.get_or_none()
    if session is None:
        return
    await bump(lead.tenant_id)
    await its.update(revoked_at=datetime.now(UTC))
    user = await StaffUser.get(tenant_id=lead.tenant_id, id=session.staff_user_id)
    await note_of(user, actor_of(user, came), AuditAction.SIGNED_OUT)


async def _lead_of(cookie: str) -> Lead | None:
    kept = cookie_hash(cookie)
    return await lead_of(IdentityKind.SESSION, kept) if kept else None
