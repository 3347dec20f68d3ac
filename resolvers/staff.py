"""People of the operator, and the sessions in which they ask.

A person is known by an e-mail, once in the whole service. Whoever switches one off, or takes a
session back, is obeyed by every worker within a second.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from models.access_queries import lead_of
from models.database import atomically, instant_text, transaction
from models.epochs import bump
from models.record import new_id
from models.tenants import Identity, StaffSession, StaffUser
from models.words import AuditAction, AuditSubject, IdentityKind, UserErrorCode
from models.writing import Changes
from resolvers.audit import Actor, Subject, note
from resolvers.credentials import NewToken, new_token, token_hash
from resolvers.errors import UserError, UserErrors, not_found

LONGEST_EMAIL = 254

HOURS = 8
MOST_HOURS = 24
"""Longer than anybody's shift; who still works then signs in again."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A person's new bearer token: the one time that it is seen."""

    value: str = field(repr=False)
    expires_at: datetime


async def staff(tenant_id: UUID) -> list[StaffUser]:
    """All people of a tenant, by e-mail."""
    return await StaffUser.filter(tenant_id=tenant_id).order_by("email", "id")


async def find(tenant_id: UUID, email: str) -> StaffUser:
    """The person of a tenant with that e-mail."""
    known_as = normalised(email)
    user = await StaffUser.filter(tenant_id=tenant_id, email=known_as).order_by("id").first()
    if user is None:
        raise UserErrors([not_found("staff user", known_as, ["email"])])
    return user


async def issue_token(
    tenant_id: UUID, user_id: UUID, *, hours: float = HOURS, by: Actor | None = None
) -> IssuedToken:
    """Begin a session, for at most a day, and show its token this once."""
    if not 0 < hours <= MOST_HOURS:
        raise UserErrors([_hours_out_of_bounds()])
    new = new_token()
    now = datetime.now(UTC)
    until = now + timedelta(hours=hours)
    actor = by or Actor.host(tenant_id)
    await atomically(lambda: _begin_session(actor, user_id, new, now, until))
    return IssuedToken(new.value, until)


async def revoke(token: str) -> None:
    """Take one session's token back. One that is unknown, or a client's, is left as it is."""
    kept = token_hash(token)
    lead = await lead_of(IdentityKind.SESSION, kept) if kept else None
    if lead is None:
        return
    its = StaffSession.filter(tenant_id=lead.tenant_id, id=lead.row_id, revoked_at=None)
    async with transaction():
        if await its.update(revoked_at=datetime.now(UTC)):
            await bump(lead.tenant_id)


async def revoke_all(tenant_id: UUID, user_id: UUID, *, by: Actor | None = None) -> int:
    """Take all of a person's tokens back, and sign them out everywhere; how many worked."""
    return await _revoke(by or Actor.host(tenant_id), user_id)


async def sign_out(by: Actor, user_id: UUID) -> int:
    """Sign a person out of every browser, and leave their tokens; of how many."""
    return await _revoke(by, user_id, cookie=True)


def normalised(email: str) -> str:
    """An e-mail as it is kept: nobody means somebody else by a capital."""
    return email.strip().lower()


async def end_sessions(tenant_id: UUID, user_id: UUID, **only: bool) -> int:
    """End all of a person's sessions, or those with a column of a value; how many there were."""
    now = datetime.now(UTC)
    live = StaffSession.filter(
        tenant_id=tenant_id, staff_user_id=user_id, revoked_at=None, expires_at__gt=now, **only
    )
    return await live.update(revoked_at=now)


async def note_of(user: StaffUser, by: Actor, action: AuditAction, **after: object) -> None:
    """Tell the audit log of a person, within the transaction that is open."""
    changes = Changes()
    note(changes, by, action, Subject(AuditSubject.STAFF_USER, user.id, user.name), after=after)
    await changes.flush()


async def _revoke(by: Actor, user_id: UUID, **only: bool) -> int:
    async with transaction():
        await bump(by.tenant_id)
        user = await _user(by.tenant_id, user_id)
        ended = await end_sessions(by.tenant_id, user_id, **only)
        await note_of(user, by, AuditAction.SESSIONS_REVOKED, sessions=ended)
    return ended


async def _user(tenant_id: UUID, user_id: UUID) -> StaffUser:
    """One person, held until the transaction ends: no session begins as they are shut out."""
    found = StaffUser.filter(tenant_id=tenant_id, id=user_id).select_for_update()
    user = await found.get_or_none()
    if user is None:
        raise UserErrors([not_found("staff user", user_id, ["id"])])
    return user


async def _begin_session(
    by: Actor, user_id: UUID, new: NewToken, now: datetime, until: datetime
) -> None:
    tenant_id = by.tenant_id
    user = await _user(tenant_id, user_id)
    if not user.active:
        raise UserErrors([_switched_off(user)])
    session_id = new_id()
    await Identity.create(
        value=new.token_hash, kind=IdentityKind.SESSION, tenant_id=tenant_id, row_id=session_id
    )
    await StaffSession.create(
        tenant_id=tenant_id,
        id=session_id,
        staff_user_id=user_id,
        token_hash=new.token_hash,
        issued_at=now,
        expires_at=until,
    )
    await note_of(user, by, AuditAction.TOKEN_ISSUED, expiresAt=instant_text(until))


def _switched_off(user: StaffUser) -> UserError:
    return UserError(UserErrorCode.INVALID, ["email"], f"`{user.email}` was deactivated.")


def _hours_out_of_bounds() -> UserError:
    message = f"A token works for more than 0 and at most {MOST_HOURS} hours."
    return UserError(UserErrorCode.INVALID, ["hours"], message)
