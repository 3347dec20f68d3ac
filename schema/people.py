"""People of the operator, as administrators see and change them."""

from datetime import datetime
from enum import Enum

import strawberry

from models.tenants import StaffUser as StaffUserRow
from models.words import StaffRole
from resolvers import people
from schema.access import ADMIN
from schema.commands import CommandPayload, administer, command
from schema.common import Direction
from schema.declaring import column, output, root
from schema.filters import AND, NOT, OR, IdFilter, TextFilter, combined, compared
from schema.finished import Finished
from schema.inputs import command_input, kept_field, key_field, try_field
from schema.lists import connection_of, listing, sort_of
from schema.questions import one

EMAIL = "By which they sign in; one person's in the whole service, in lower case."
NAME = "What people call them, up to 200 characters."
ROLE = "What they may do."
WHO = "Who."


# Nothing leads on from it: it is free to ask for.
@output(ADMIN, description="A person of the operator.", table=StaffUserRow)
class StaffUser:
    id: strawberry.ID = column("A bare lower-case UUID (v7).")
    email: str = column("By which they sign in.")
    name: str = column("What people call them.")
    role: StaffRole = column(ROLE)
    active: bool = column("Whether they are let in.")
    last_signed_in_at: datetime | None = column("When they last signed in; null if they never did.")
    version: int = column("Grows with each change; an update takes the one that was read.")
    created_at: datetime = column("When they were added.")
    modified_at: datetime = column("When they were last changed.")


StaffUserConnection = connection_of(StaffUser, ADMIN, "a person", "people of the operator")


@strawberry.input(description="Which people.")
class StaffUserFilter:
    and_: list["StaffUserFilter"] | None = combined("and", AND)
    or_: list["StaffUserFilter"] | None = combined("or", OR)
    not_: "StaffUserFilter | None" = combined("not", NOT)
    id: IdFilter | None = compared("id", "By id.")
    email: TextFilter | None = compared("email", "By e-mail, which is in lower case.")
    name: TextFilter | None = compared("name", "By name.")
    role: StaffRole | None = compared("role", "By role.")
    active: bool | None = compared("active", "Active ones or others.")


@strawberry.enum(description="What people are ordered by.")
class StaffUserSortField(Enum):
    NAME = "name"
    EMAIL = "email"
    CREATED_AT = "created_at"


StaffUserSort = sort_of("StaffUser", "people", StaffUserSortField.NAME, Direction.ASC)


@command_input("A new person of the operator. They get a password or a token by another way.")
class CreateStaffUserInput:
    email: str = strawberry.field(description=EMAIL)
    name: str = strawberry.field(description=NAME)
    role: StaffRole = strawberry.field(description=ROLE)
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("Changes of a person: what is left out stays as it is.")
class UpdateStaffUserInput:
    id: strawberry.ID = strawberry.field(description=WHO)
    version: int = strawberry.field(description="The version that was read.")
    email: strawberry.Maybe[str | None] = kept_field(EMAIL)
    name: strawberry.Maybe[str | None] = kept_field(NAME)
    role: strawberry.Maybe[StaffRole | None] = kept_field(ROLE)
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("A person to be shut out, or to be let in again.")
class SwitchStaffUserInput:
    id: strawberry.ID = strawberry.field(description=WHO)
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@output(ADMIN, description="What became of a change of a person.")
class StaffUserPayload(CommandPayload):
    staff_user: StaffUser | None = strawberry.field(description="They; null with user errors.")


@strawberry.type
class PeopleQuery:
    @root(
        ADMIN,
        answers=StaffUser | None,
        description="The person of that id, or null.",
        billable=False,
    )
    async def staff_user(self, info: strawberry.Info, id: strawberry.ID) -> Finished | None:
        return await one(info, id)

    staff_users = listing(
        ADMIN,
        of=StaffUserConnection,
        filter=StaffUserFilter,
        sort=StaffUserSort,
        description="The people of the operator, a page at a time.",
        billable=False,
    )


@strawberry.type
class PeopleMutation:
    @command(
        ADMIN,
        answers=StaffUserPayload | None,
        description="Add a person. `REFERENCE_TAKEN` if somebody has the e-mail.",
        billable=False,
    )
    async def create_staff_user(
        self, info: strawberry.Info, input: CreateStaffUserInput
    ) -> Finished | None:
        return await administer(info, input, people.add)

    @command(
        ADMIN,
        answers=StaffUserPayload | None,
        description="Change a person, oneself too; it holds within a second. The last active "
        "administrator stays one. `STALE_VERSION` if they were changed since they were read.",
        billable=False,
    )
    async def update_staff_user(
        self, info: strawberry.Info, input: UpdateStaffUserInput
    ) -> Finished | None:
        return await administer(info, input, people.edit)

    @command(
        ADMIN,
        answers=StaffUserPayload | None,
        description="Shut a person out and end their sessions, within a second. Not the last "
        "active administrator.",
        billable=False,
    )
    async def deactivate_staff_user(
        self, info: strawberry.Info, input: SwitchStaffUserInput
    ) -> Finished | None:
        return await administer(info, input, people.deactivate)

    @command(
        ADMIN,
        answers=StaffUserPayload | None,
        description="Let a person in again; they sign in anew.",
        billable=False,
    )
    async def activate_staff_user(
        self, info: strawberry.Info, input: SwitchStaffUserInput
    ) -> Finished | None:
        return await administer(info, input, people.activate)
