"""Customers and warehouses, as far as a caller reaches."""

from datetime import datetime
from enum import Enum

import strawberry

from models.tenants import Customer as CustomerRow
from models.tenants import Warehouse as WarehouseRow
from models.words import (
    ConsignmentTrigger,
    ShortStockPolicy,
    UnknownProductPolicy,
    UnknownUnitPolicy,
)
from schema.access import JOBS
from schema.common import Address, Direction, Node
from schema.declaring import Embedded, column, output
from schema.filters import (
    AND,
    NOT,
    OR,
    DateTimeFilter,
    IdFilter,
    TextFilter,
    combined,
    compared,
)
from schema.finished import Finished
from schema.lists import connection_of, listing, sort_of
from schema.questions import one, question

ShortStockPolicyEnum = strawberry.enum(
    ShortStockPolicy, description="What becomes of an order for more than is free."
)
UnknownProductPolicyEnum = strawberry.enum(
    UnknownProductPolicy, description="What becomes of a line for no product of the customer's."
)
UnknownUnitPolicyEnum = strawberry.enum(
    UnknownUnitPolicy, description="What becomes of a line in a unit that its product lacks."
)
ConsignmentTriggerEnum = strawberry.enum(
    ConsignmentTrigger, description="When an outbound order makes a consignment by itself."
)


@output(JOBS, description="A depot of the operator.", table=WarehouseRow)
class Warehouse(Node):
    code: str = column("The operator's short name for it.")
    name: str = column("Its name.")
    time_zone: str = column("IANA time zone.")
    gln: str | None = column("Its Global Location Number (GS1).")
    address: Address | None = column(
        "Where carriers find it.",
        Embedded("address_", ("address_line1", "address_city", "address_country")),
    )
    active: bool = column("Whether goods can be sent there.")
    version: int = column("Grows with each change; an update takes the one that was read.")
    created_at: datetime = column("When it was added.")
    modified_at: datetime = column("When it was last changed.")


@output(
    JOBS, description="What becomes of a customer's inputs that cannot be carried out as they are."
)
class CustomerPolicies:
    short_stock: ShortStockPolicy | None = column(
        "When less is free than an order needs; null refuses it."
    )
    unknown_product: UnknownProductPolicy | None = column(
        "When a line is for no product of the customer's; null refuses it."
    )
    unknown_unit: UnknownUnitPolicy | None = column(
        "When a line's product is not counted in its unit; null refuses it."
    )
    makes_consignments: ConsignmentTrigger | None = column(
        "When an outbound order makes a consignment by itself; null never."
    )


@output(
    JOBS, description="A company whose goods the operator stores or carries.", table=CustomerRow
)
class Customer(Node):
    code: str = column("The operator's short name for it.")
    name: str = column("Its name.")
    sandbox: bool = column("Whether it is there for trying: its calls are free.")
    sandbox_of: "Customer | None" = column(
        "The live customer that it copies, where that is in reach."
    )
    active: bool = column("Whether it can be worked for.")
    default_warehouse: Warehouse | None = column(
        "Where its jobs go when their input names no warehouse."
    )
    policies: CustomerPolicies = column("What was agreed for its jobs.", Embedded(""))
    version: int = column("Grows with each change; an update takes the one that was read.")
    created_at: datetime = column("When it was added.")
    modified_at: datetime = column("When it was last changed.")


WarehouseConnection = connection_of(Warehouse, JOBS, "a warehouse", "warehouses")
CustomerConnection = connection_of(Customer, JOBS, "a customer", "customers")


@strawberry.input(description="Which customers.")
class CustomerFilter:
    and_: list["CustomerFilter"] | None = combined("and", AND)
    or_: list["CustomerFilter"] | None = combined("or", OR)
    not_: "CustomerFilter | None" = combined("not", NOT)
    id: IdFilter | None = compared("id", "By id.")
    code: TextFilter | None = compared("code", "By code.")
    name: TextFilter | None = compared("name", "By name.")
    sandbox: bool | None = compared("sandbox", "Sandbox customers or live ones.")
    active: bool | None = compared("active", "Active ones or others.")
    created_at: DateTimeFilter | None = compared("created_at", "By when they were added.")
    modified_at: DateTimeFilter | None = compared("modified_at", "By their last change.")


@strawberry.input(description="Which warehouses.")
class WarehouseFilter:
    and_: list["WarehouseFilter"] | None = combined("and", AND)
    or_: list["WarehouseFilter"] | None = combined("or", OR)
    not_: "WarehouseFilter | None" = combined("not", NOT)
    id: IdFilter | None = compared("id", "By id.")
    code: TextFilter | None = compared("code", "By code.")
    name: TextFilter | None = compared("name", "By name.")
    active: bool | None = compared("active", "Active ones or others.")


@strawberry.enum(description="What customers and warehouses are ordered by.")
class PlaceSortField(Enum):
    CODE = "code"
    NAME = "name"


PlaceSort = sort_of("Place", "customers or warehouses", PlaceSortField.CODE, Direction.ASC)


@strawberry.type
class PlaceQuery:
    @question(
        JOBS,
        answers=Customer | None,
        description="The customer of that id in reach, or null.",
    )
    async def customer(self, info: strawberry.Info, id: strawberry.ID) -> Finished | None:
        return await one(info, id)

    @question(
        JOBS,
        answers=Warehouse | None,
        description="The warehouse of that id in reach, or null.",
    )
    async def warehouse(self, info: strawberry.Info, id: strawberry.ID) -> Finished | None:
        return await one(info, id)

    customers = listing(
        JOBS,
        of=CustomerConnection,
        filter=CustomerFilter,
        sort=PlaceSort,
        description="The customers in reach, a page at a time.",
    )
    warehouses = listing(
        JOBS,
        of=WarehouseConnection,
        filter=WarehouseFilter,
        sort=PlaceSort,
        description="The warehouses in reach, a page at a time.",
    )
