"""API clients, as the operator's administrators look at them. Nothing here leads on to goods."""

from datetime import datetime
from enum import Enum

import strawberry

from models.clients import ApiClientCustomer as CustomerLink
from models.clients import ApiClientRole as RoleLink
from models.clients import ApiClientWarehouse as WarehouseLink
from models.words import ApiRole, ClientWarning
from resolvers import client_reading
from schema.access import ADMIN
from schema.common import Direction
from schema.declaring import output, root
from schema.filters import (
    AND,
    NOT,
    OR,
    DateTimeFilter,
    IdFilter,
    TextFilter,
    combined,
    compared,
    held,
    searched,
)
from schema.finished import Finished
from schema.lists import connection_of, listing, sort_of
from schema.questions import plan, row_id, told
from schema.scalars import Long

ClientWarningEnum = strawberry.enum(
    ClientWarning, name="ApiClientWarning", description="What is amiss with an API client."
)


@output(ADMIN, description="A customer that an API client was given.")
class ApiClientCustomer:
    id: strawberry.ID = strawberry.field(description="The customer UUID.")
    code: str = strawberry.field(description="The operator's short name for it.")
    name: str = strawberry.field(description="Its name.")
    sandbox: bool = strawberry.field(description="Whether it is there to try with, for nothing.")


@output(ADMIN, description="A warehouse that an API client was given.")
class ApiClientWarehouse:
    id: strawberry.ID = strawberry.field(description="The warehouse UUID.")
    code: str = strawberry.field(description="The operator's short name for it.")
    name: str = strawberry.field(description="Its name.")


@output(ADMIN, description="A secret of an API client that works, with nothing of the secret.")
class ApiClientCredential:
    id: strawberry.ID = strawberry.field(description="By which calls name it.")
    created_at: datetime = strawberry.field(description="When it was made, and shown.")
    retires_at: datetime | None = strawberry.field(
        description="When it stops, after the client was given another; null for the current one."
    )
    current: bool = strawberry.field(description="Whether it is the newest one.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, to the minute."
    )
    last_used_address: str | None = strawberry.field(description="From where, at that time.")
    last_used_operation: str | None = strawberry.field(description="For what, at that time.")
    legacy: bool = strawberry.field(
        description="Whether it is a key that is shown as it is, and not traded for tokens."
    )


@output(
    ADMIN,
    description="The credentials of one integration: what it may ask, for whom, where, and how it "
    "is used.",
)
class ApiClient:
    id: strawberry.ID = strawberry.field(description="Its OAuth client id, for good.")
    name: str = strawberry.field(description="What people call it.")
    active: bool = strawberry.field(description="Whether it is let in.")
    legacy: bool = strawberry.field(
        description="Whether it shows a key as it is, as it did before there were clients."
    )
    legacy_identifier: str | None = strawberry.field(
        description="What it names itself by in HTTP Basic; null if it only sends its key."
    )
    roles: list[ApiRole] = strawberry.field(
        description="What it was given, by name; what they imply is not told again."
    )
    customers: list[ApiClientCustomer] = strawberry.field(
        description="The customers it was given, by code; with `allCustomers` none is named."
    )
    warehouses: list[ApiClientWarehouse] = strawberry.field(
        description="The warehouses it was given, by code; with `allWarehouses` none is named."
    )
    all_customers: bool = strawberry.field(
        description="Whether it reaches all live customers, those added later too."
    )
    all_warehouses: bool = strawberry.field(
        description="Whether it reaches all warehouses, those added later too."
    )
    sees_tenant_usage: bool = strawberry.field(description="Whether it may ask for the bill.")
    expires_at: datetime | None = strawberry.field(
        description="From then on it is let in no more; null never."
    )
    addresses: list[str] = strawberry.field(
        description="From where it may ask, as networks (CIDR); empty from anywhere."
    )
    version: int = strawberry.field(
        description="Grows with every change; an update takes the one that was read."
    )
    created_at: datetime = strawberry.field(description="When it was added.")
    modified_at: datetime = strawberry.field(description="When it was last changed.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, to the minute; null if it never was."
    )
    last_used_address: str | None = strawberry.field(description="From where, at that time.")
    last_used_operation: str | None = strawberry.field(description="For what, at that time.")
    credentials: list[ApiClientCredential] = strawberry.field(
        description="Its secrets that work, the newest first; two at most."
    )
    calls_this_week: Long = strawberry.field(description="How many of its calls count this week.")
    throttled_last_day: Long = strawberry.field(
        description="How many of its requests were refused in the last 24 hours, because it asked "
        "too often; none of them counts."
    )
    warnings: list[ClientWarning] = strawberry.field(description="What somebody should look at.")


ApiClientConnection = connection_of(ApiClient, ADMIN, "an API client", "API clients")


@strawberry.input(description="Compares the roles a client was given.")
class ApiRoleFilter:
    eq: ApiRole | None = strawberry.field(default=None, description="Is this one.")
    in_: list[ApiRole] | None = strawberry.field(
        name="in", default=None, description="Is one of these."
    )


@strawberry.input(description="Which API clients.")
class ApiClientFilter:
    and_: list["ApiClientFilter"] | None = combined("and", AND)
    or_: list["ApiClientFilter"] | None = combined("or", OR)
    not_: "ApiClientFilter | None" = combined("not", NOT)
    search: str | None = searched(
        ("name", "legacy_identifier"),
        "A part of the name or of the legacy identifier, whatever the case of letters A to Z, or "
        "the id.",
    )
    id: IdFilter | None = compared("id", "By id.")
    name: TextFilter | None = compared("name", "By name.")
    customer: IdFilter | None = held(
        CustomerLink,
        "client_id",
        "customer_id",
        "By a customer it was given; combine with `allCustomers` by `or` for all that reach it.",
    )
    warehouse: IdFilter | None = held(
        WarehouseLink,
        "client_id",
        "warehouse_id",
        "By a warehouse it was given; combine with `allWarehouses` by `or` for all that reach it.",
    )
    role: ApiRoleFilter | None = held(RoleLink, "client_id", "role", "By a role it was given.")
    all_customers: bool | None = compared("all_customers", "Those of all live customers or others.")
    all_warehouses: bool | None = compared("all_warehouses", "Those of all warehouses or others.")
    active: bool | None = compared("active", "Active ones or others.")
    legacy: bool | None = compared("legacy", "Those that show a key as it is, or others.")
    expires_at: DateTimeFilter | None = compared(
        "expires_at", "By when they expire; those that never do are in no range."
    )
    created_at: DateTimeFilter | None = compared("created_at", "By when they were added.")
    last_used_at: DateTimeFilter | None = compared(
        "last_used_at", "By when they were last used; those that never were are in no range."
    )


@strawberry.enum(description="What API clients are ordered by.")
class ApiClientSortField(Enum):
    NAME = "name"
    CREATED_AT = "created_at"
    LAST_USED_AT = "seen_at"


ApiClientSort = sort_of("ApiClient", "API clients", ApiClientSortField.NAME, Direction.ASC)


@strawberry.type
class ApiClientQuery:
    @root(
        ADMIN,
        answers=ApiClient | None,
        description="The API client of that id, or null.",
        billable=False,
    )
    async def api_client(self, info: strawberry.Info, id: strawberry.ID) -> Finished | None:
        wanted = {name for _, name, _ in plan(info).keys}
        return told(info, await client_reading.find(info.context.caller, row_id(id), wanted))

    api_clients = listing(
        ADMIN,
        of=ApiClientConnection,
        filter=ApiClientFilter,
        sort=ApiClientSort,
        description="The API clients of the operator, a page at a time. By `LAST_USED_AT`, those "
        "that were never used stand where they were added.",
        billable=False,
        browse=client_reading.browse,
    )
