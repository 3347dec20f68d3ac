"""Passwords of people: what one may be, and how it is set.

Length is what makes a password hard to guess, so there are no rules about its letters: only that
it is not among those that are guessed first.
"""

import importlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from models.database import atomically
from models.epochs import bump
from models.tenants import StaffUser
from models.words import AuditAction, UserErrorCode
from resolvers.access import Caller
from resolvers.audit import Actor
from resolvers.errors import UserError, UserErrors, not_found
from resolvers.hashing import HASHER, line
from resolvers.sign_in import (
    COOKIE_PREFIX,
    Checked,
    From,
    SignedIn,
    actor_of,
    begin_session,
    check_password,
    held_person,
    refused,
)
from resolvers.staff import end_sessions, note_of

ADVISED = 15
SHORTEST = 10
LONGEST = 256


def faults_of(password: str, email: str, name: str, path: str) -> list[UserError]:
    """What is wrong with a password, all of it together."""
    faults = []
    if len(password) < SHORTEST:
        message = f"At least {SHORTEST} characters; {ADVISED} are better, and a sentence will do."
        faults.append(UserError(UserErrorCode.INVALID, [path], message))
    if len(password) > LONGEST:
        message = f"At most {LONGEST} characters."
        faults.append(UserError(UserErrorCode.TOO_LONG, [path], message))
    plain = password.casefold().strip()
    if plain in common():
        message = "This is among the passwords that are guessed first."
        faults.append(UserError(UserErrorCode.INVALID, [path], message))
    if plain in _told_of(email, name):
        message = "Neither the e-mail nor the name is a secret."
        faults.append(UserError(UserErrorCode.INVALID, [path], message))
    return faults


@cache
def common() -> frozenset[str]:
    """The passwords that are guessed first. Read when one is set, and only then."""
    lists = importlib.import_module("zxcvbn.frequency_lists").FREQUENCY_LISTS
    return frozenset(lists["passwords"])


async def set_by_hand(by: Actor, user_id: UUID, password: str) -> int:
    """Set a person's password for them, and end all their sessions; how many there were."""
    user = await StaffUser.get_or_none(tenant_id=by.tenant_id, id=user_id)
    if user is None:
        raise UserErrors([not_found("staff user", user_id, ["id"])])
    _raise_any(faults_of(password, user.email, user.name, "password"))
    made = await line.run(HASHER.hash, password)
    return await atomically(lambda: _set(by, user_id, made))


async def change(person: Caller, current: str, new: str, came: From, lasts: timedelta) -> SignedIn:
    """Change one's own password: all sessions end, and a new one begins in this browser.

    Raises:
        Unauthenticated: it is not the current one.
        UserErrors: the new one will not do.
        Throttled: too many sign in at once.

    """
    user = await StaffUser.get_or_none(tenant_id=person.tenant_id, id=person.staff_user_id)
    if user is None:
        raise refused()
    checked = await check_password(user.email, current, came)
    _raise_any(_faults_of_change(user, current, new))
    made = await line.run(HASHER.hash, new)
    cookie = COOKIE_PREFIX + secrets.token_urlsafe(32)
    ends_at = datetime.now(UTC) + lasts
    changed = await atomically(lambda: _change(checked, made, cookie, came, ends_at))
    if changed is None:
        raise refused()
    return changed


def _faults_of_change(user: StaffUser, current: str, new: str) -> list[UserError]:
    faults = faults_of(new, user.email, user.name, "new")
    if new == current:
        faults.append(UserError(UserErrorCode.INVALID, ["new"], "This is the current one."))
    return faults


async def _change(
    checked: Checked, made: str, cookie: str, came: From, ends_at: datetime
) -> SignedIn | None:
    await bump(checked.lead.tenant_id)
    user = await held_person(*checked.lead)
    if user is None or not user.active or user.password_hash != checked.password_hash:
        return None
    await _keep(user, made)
    await note_of(user, actor_of(user, came), AuditAction.PASSWORD_SET)
    return await begin_session(user, cookie, came, ends_at)


async def _set(by: Actor, user_id: UUID, made: str) -> int:
    await bump(by.tenant_id)
    user = await held_person(by.tenant_id, user_id)
    if user is None:
        raise UserErrors([not_found("staff user", user_id, ["id"])])
    ended = await _keep(user, made)
    await note_of(user, by, AuditAction.PASSWORD_SET)
    return ended


async def _keep(user: StaffUser, made: str) -> int:
    user.password_hash = made
    await user.save(update_fields=["password_hash"])
    return await end_sessions(user.tenant_id, user.id)


def _told_of(email: str, name: str) -> set[str]:
    """What everybody knows of a person."""
    told = {email, email.partition("@")[0], name, name.replace(" ", "")}
    return {one.casefold() for one in told}


def _raise_any(faults: Sequence[UserError]) -> None:
    if faults:
        raise UserErrors(faults)
