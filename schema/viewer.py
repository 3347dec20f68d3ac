"""Who is asking: everything an integration is handed, answered for nothing."""

import strawberry

from models.words import ApiRole, StaffRole
from resolvers import viewers
from schema.access import ANYONE
from schema.declaring import output, root
from schema.finished import Finished
from schema.questions import plan, told


@output(ANYONE, description="The operator whose account this is.")
class ViewerTenant:
    id: strawberry.ID = strawberry.field(description="The tenant UUID.")
    name: str = strawberry.field(description="Its name.")
    currency: str = strawberry.field(description="ISO 4217; amounts are in it unless they say.")
    time_zone: str = strawberry.field(description="IANA; its weeks begin on Monday 00:00 there.")


@output(ANYONE, description="The API client that asks.")
class ViewerClient:
    id: strawberry.ID = strawberry.field(description="The client id.")
    name: str = strawberry.field(description="Its name.")
    all_customers: bool = strawberry.field(description="Whether all live customers are in reach.")
    all_warehouses: bool = strawberry.field(description="Whether all warehouses are in reach.")
    sees_tenant_usage: bool = strawberry.field(description="Whether it may ask for the bill.")
    sandbox: bool = strawberry.field(description="Whether its calls are for trying, and free.")


@output(ANYONE, description="The person of the operator who asks.")
class ViewerStaffUser:
    id: strawberry.ID = strawberry.field(description="Their id.")
    name: str = strawberry.field(description="What people call them.")
    email: str = strawberry.field(description="By which they sign in.")


@output(ANYONE, description="A customer in the caller's reach.")
class ViewerCustomer:
    id: strawberry.ID = strawberry.field(description="The customer UUID.")
    code: str = strawberry.field(description="The operator's short name for it.")
    name: str = strawberry.field(description="Its name.")


@output(ANYONE, description="A warehouse in the caller's reach.")
class ViewerWarehouse:
    id: strawberry.ID = strawberry.field(description="The warehouse UUID.")
    code: str = strawberry.field(description="The operator's short name for it.")
    name: str = strawberry.field(description="Its name.")


@output(ANYONE, description="Who is asking, and what is in reach.")
class Viewer:
    tenant: ViewerTenant = strawberry.field(description="The operator's account.")
    client: ViewerClient | None = strawberry.field(description="The API client, if it is one.")
    roles: list[ApiRole] = strawberry.field(description="The API roles it holds.")
    staff_role: StaffRole | None = strawberry.field(description="The role of a person.")
    staff_user: ViewerStaffUser | None = strawberry.field(description="The person, if it is one.")
    customers: list[ViewerCustomer] = strawberry.field(
        description="Customers in reach, by code; the first 1,000."
    )
    warehouses: list[ViewerWarehouse] = strawberry.field(
        description="Warehouses in reach, by code; the first 1,000."
    )


@strawberry.type
class ViewerQuery:
    @root(
        ANYONE,
        answers=Viewer,
        description="Who is asking, and what is in reach.",
        billable=False,
        extensions=[],
    )
    async def viewer(self, info: strawberry.Info) -> Finished:
        wanted = {name for _, name, _ in plan(info).keys}
        found = await viewers.viewer(
            info.context.caller,
            customers="customers" in wanted,
            warehouses="warehouses" in wanted,
            person="staff_user" in wanted,
        )
        return told(info, found)
