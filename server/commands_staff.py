"""Commands that let people of an operator in, and shut them out."""

import sys
from getpass import getpass
from typing import Annotated, Any

import typer

from models.tenants import StaffUser
from models.words import StaffRole
from resolvers import passwords, people, staff
from resolvers.audit import Actor
from resolvers.staff import IssuedToken
from server.terminal import (
    AsJson,
    OfTenant,
    carry_out,
    print_one,
    print_rows,
    refuse,
    tenant_id,
)

Email = Annotated[str, typer.Option(help="By which they are known, once in the whole service.")]

app = typer.Typer(no_args_is_help=True, help="People of a tenant, their passwords and tokens.")


@app.command("create")
def create(
    *,
    of: OfTenant = None,
    email: Email,
    name: Annotated[str, typer.Option(help="What people call them.")],
    role: Annotated[StaffRole, typer.Option(help="What they may do.")],
    as_json: AsJson = False,
) -> None:
    """Add a person. They need a password or a token before they can ask."""

    async def work() -> StaffUser:
        return await people.create(await tenant_id(of), email, name, role)

    print_one(told_person(carry_out(work)), as_json=as_json)


@app.command("list")
def list_staff(*, of: OfTenant = None, as_json: AsJson = False) -> None:
    """All people of a tenant."""

    async def work() -> list[StaffUser]:
        return await staff.staff(await tenant_id(of))

    print_rows([told_person(one) for one in carry_out(work)], as_json=as_json)


@app.command("deactivate")
def deactivate(*, of: OfTenant = None, email: Email, as_json: AsJson = False) -> None:
    """Shut a person out with all their tokens, within a second."""

    async def work() -> StaffUser:
        person = await staff.find(await tenant_id(of), email)
        return await people.switch_off(person.tenant_id, person.id)

    print_one(told_person(carry_out(work)), as_json=as_json)


@app.command("token")
def token(
    *,
    of: OfTenant = None,
    email: Email,
    hours: Annotated[
        float, typer.Option(help=f"How long it works: at most {staff.MOST_HOURS}.")
    ] = staff.HOURS,
    as_json: AsJson = False,
) -> None:
    """Make a bearer token for a person, and show it this once."""

    async def work() -> IssuedToken:
        person = await staff.find(await tenant_id(of), email)
        return await staff.issue_token(person.tenant_id, person.id, hours=hours)

    issued = carry_out(work)
    answer = {"token": issued.value, "expires_at": issued.expires_at.isoformat()}
    print_one(answer, as_json=as_json)
    if not as_json:
        sys.stderr.write("Keep the token now: it is not shown again.\n")


@app.command("revoke")
def revoke(*, of: OfTenant = None, email: Email, as_json: AsJson = False) -> None:
    """Take all of a person's tokens back, and sign them out, within a second."""

    async def work() -> int:
        person = await staff.find(await tenant_id(of), email)
        return await staff.revoke_all(person.tenant_id, person.id)

    print_one({"revoked": carry_out(work)}, as_json=as_json)


@app.command("password")
def password(*, of: OfTenant = None, email: Email, as_json: AsJson = False) -> None:
    """Set a person's password: asked for twice, or read from standard input. Signs them out."""
    told = _password()

    async def work() -> int:
        person = await staff.find(await tenant_id(of), email)
        return await passwords.set_by_hand(Actor.host(person.tenant_id), person.id, told)

    print_one({"sessions_ended": carry_out(work)}, as_json=as_json)


@app.command("sign-out")
def sign_out(*, of: OfTenant = None, email: Email, as_json: AsJson = False) -> None:
    """Sign a person out of every browser, within a second. Tokens work on: see `revoke`."""

    async def work() -> int:
        person = await staff.find(await tenant_id(of), email)
        return await staff.sign_out(Actor.host(person.tenant_id), person.id)

    print_one({"sessions_ended": carry_out(work)}, as_json=as_json)


def at_a_terminal() -> bool:
    """Whether somebody types."""
    return sys.stdin.isatty()


def _password() -> str:
    """Never an argument: those are seen by everybody on the machine, and kept by the shell."""
    if not at_a_terminal():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass(f"Password ({passwords.SHORTEST} characters at least): ")
    if getpass("The same again: ") != first:
        refuse("These were not the same.")
    return first


def told_person(one: StaffUser) -> dict[str, Any]:
    """A person as they are printed."""
    return {
        "id": str(one.id),
        "email": one.email,
        "name": one.name,
        "role": one.role.value,
        "active": one.active,
    }
