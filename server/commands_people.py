"""Commands about what people of an operator are called and may do."""

from typing import Annotated

import typer

from models.tenants import StaffUser
from models.words import StaffRole
from resolvers import people, staff
from resolvers.administration import Content, Work, by_hand
from resolvers.audit import Actor
from server.commands_staff import Email, told_person
from server.terminal import AsJson, OfTenant, carry_out, print_one, tenant_id


def update(
    *,
    of: OfTenant = None,
    email: Email,
    new_email: Annotated[str | None, typer.Option(help="From now on.")] = None,
    name: Annotated[str | None, typer.Option(help="What people call them.")] = None,
    role: Annotated[StaffRole | None, typer.Option(help="What they may do.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change what is said of a person; it holds within a second."""
    said = {"email": new_email, "name": name, "role": role}
    given = {field: value for field, value in said.items() if value is not None}
    _change(of, email, given, people.edit, as_json=as_json)


def activate(*, of: OfTenant = None, email: Email, as_json: AsJson = False) -> None:
    """Let a person in again. They need a new token."""
    _change(of, email, {}, people.activate, as_json=as_json)


def _change(of: str | None, email: str, given: Content, how: Work, *, as_json: bool) -> None:
    async def work() -> StaffUser:
        host = Actor.host(await tenant_id(of))
        one = await staff.find(host.tenant_id, email)
        await by_hand(host, {"id": one.id, "version": one.version, **given}, how)
        return await staff.find(host.tenant_id, given.get("email", email))

    print_one(told_person(carry_out(work)), as_json=as_json)
