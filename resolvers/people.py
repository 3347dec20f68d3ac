"""People of the operator: adding them, what they may do, and switching them off and on.

Each change raises the tenant's epoch first: the row of the tenant stays locked, so that two
changes of its people are made one after the other, and somebody is always left who can make more.
"""

import re
from typing import Any
from uuid import UUID

from models.access_queries import lead_of
from models.epochs import bump
from models.record import new_id
from models.tenants import Identity, StaffUser
from models.words import AuditAction, AuditSubject, IdentityKind, StaffRole, UserErrorCode
from models.writing import Changes
from resolvers.administration import (
    Content,
    Kind,
    at_input,
    by_hand,
    change,
    given_of,
    held,
    refuse_stale,
    taken,
)
from resolvers.audit import Actor, note
from resolvers.commands import Effect, now
from resolvers.contents import input_path
from resolvers.errors import UserError, UserErrors
from resolvers.staff import LONGEST_EMAIL, end_sessions, normalised
from resolvers.tenants import LONGEST_NAME, text_errors

EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


def told(one: StaffUser) -> dict[str, Any]:
    """A person as the audit log tells them."""
    return {"email": one.email, "name": one.name, "role": one.role, "active": one.active}


KIND = Kind(StaffUser, "staff user", AuditSubject.STAFF_USER, told)


async def add(by: Actor, content: Content, changes: Changes) -> Effect:
    """Add a person. They are let in from now on, once they have a password or a token."""
    await bump(by.tenant_id)
    known_as = normalised(content["email"])
    faults = [*_email_faults(known_as), *_name_faults(content["name"])]
    if not faults:
        faults = await _taken_faults(by, known_as)
    if faults:
        raise UserErrors(faults)
    at = now()
    row: dict[str, Any] = {
        "tenant_id": by.tenant_id,
        "id": new_id(),
        "email": known_as,
        "name": content["name"],
        "role": content["role"],
        "active": True,
        "version": 1,
        "created_at": at,
        "modified_at": at,
    }
    await _be_known_as(by, known_as, row["id"])
    changes.insert(StaffUser, row)
    made = StaffUser(**row)
    note(changes, by, AuditAction.CREATED, KIND.subject_of(made), after=told(made))
    return Effect(made.id)


async def edit(by: Actor, content: Content, changes: Changes) -> Effect:
    """Set what is given of a person; whoever is asked of, oneself too."""
    await bump(by.tenant_id)
    person = await held(KIND, by, content["id"])
    await refuse_stale(KIND, person, content)
    given = given_of(content)
    faults = [] if "name" not in given else _name_faults(given["name"])
    if "email" in given:
        given["email"] = normalised(given["email"])
        faults += _email_faults(given["email"])
    moves = given.get("email", person.email) != person.email
    if moves and not faults:
        faults += await _taken_faults(by, given["email"])
    if given.get("role", person.role) is not StaffRole.ADMINISTRATOR:
        faults += await _last_faults(person, "role")
    if faults:
        raise UserErrors(faults)
    if moves:
        old = Identity.filter(value=person.email, kind=IdentityKind.STAFF, row_id=person.id)
        await old.delete()
        await _be_known_as(by, given["email"], person.id)
    return await change(KIND, by, person, given, changes)


async def activate(by: Actor, content: Content, changes: Changes) -> Effect:
    """Let a person in again. They sign in anew."""
    await bump(by.tenant_id)
    person = await held(KIND, by, content["id"])
    return await change(KIND, by, person, {"active": True}, changes)


async def deactivate(by: Actor, content: Content, changes: Changes) -> Effect:
    """Shut a person out, and end all their sessions, on every worker within a second."""
    await bump(by.tenant_id)
    person = await held(KIND, by, content["id"])
    if faults := await _last_faults(person, "id"):
        raise UserErrors(faults)
    await end_sessions(by.tenant_id, person.id)
    return await change(KIND, by, person, {"active": False}, changes)


async def create(tenant_id: UUID, email: str, name: str, role: StaffRole) -> StaffUser:
    """Add a person by hand."""
    content = {"email": email, "name": name, "role": role}
    made = await by_hand(Actor.host(tenant_id), content, add)
    return await StaffUser.get(tenant_id=tenant_id, id=made.id)


async def switch_off(tenant_id: UUID, user_id: UUID) -> StaffUser:
    """Shut a person out by hand."""
    await by_hand(Actor.host(tenant_id), {"id": user_id}, deactivate)
    return await StaffUser.get(tenant_id=tenant_id, id=user_id)


def _name_faults(name: str) -> list[UserError]:
    return at_input(text_errors("name", name, LONGEST_NAME))


def _email_faults(email: str) -> list[UserError]:
    faults = at_input(text_errors("email", email, LONGEST_EMAIL))
    if not faults and not EMAIL.fullmatch(email):
        message = "An e-mail is a name, @ and a domain."
        return [UserError(UserErrorCode.INVALID, input_path("email"), message)]
    return faults


async def _taken_faults(by: Actor, email: str) -> list[UserError]:
    """An e-mail is one person's in the whole service; whose is told within the tenant alone."""
    lead = await lead_of(IdentityKind.STAFF, email)
    if lead is None:
        return []
    ours = lead.row_id if lead.tenant_id == by.tenant_id else None
    return [taken("staff user", "email", email, ours)]


async def _be_known_as(by: Actor, email: str, user_id: UUID) -> None:
    await Identity.create(
        value=email, kind=IdentityKind.STAFF, tenant_id=by.tenant_id, row_id=user_id
    )


async def _last_faults(person: StaffUser, at: str) -> list[UserError]:
    """Somebody has to be left who can let others in."""
    if not person.active or person.role is not StaffRole.ADMINISTRATOR:
        return []
    administrators = StaffUser.filter(
        tenant_id=person.tenant_id, role=StaffRole.ADMINISTRATOR, active=True
    )
    if await administrators.count() > 1:
        return []
    message = "This is the last active administrator: make somebody else one first."
    return [UserError(UserErrorCode.INVALID, input_path(at), message)]
