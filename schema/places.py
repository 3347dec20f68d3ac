"""Customers and warehouses, as far as a caller reaches."""

from datetime import datetime
from enum import Enum

import strawberry

from models.shapes import Kind, Order
from models.tenants import Customer as CustomerRow
from models.tenants import Warehouse as WarehouseRow
from schema.access import JOBS
from schema.common import Direction, Node
from schema.declaring import column, output
from schema.filters import (
    AND,
    NOT,
    OR,
    DateTimeFilter,
    IdFilter,
    TextFilter,
    combined,
    compared,
    predicate_of,
)
from schema.finished import Finished
from schema.paging import PageInfo, Window
from schema.questions import page, question
from schema.scalars import Long


@output(JOBS, description="A depot of the operator.", table=WarehouseRow)
class Warehouse(Node):
    code: str = column("The operator's short name for it.")
    name: str = column("Its name.")
    time_zone: str = column("IANA time zone.")
    active: bool = column("Whether goods can be sent there.")
    created_at: datetime = column("When it was added.")
    modified_at: datetime = column("When it was last changed.")


@output(
    JOBS, description="A company whose goods the operator stores or carries.", table=CustomerRow
)
class Customer(Node):
    code: str = column("The operator's short name for it.")
    name: str = column("Its name.")
    sandbox: bool = column("Whether it is there for trying: its calls are free.")
    active: bool = column("Whether it can be worked for.")
    default_warehouse: Warehouse | None = column(
        "Where its jobs go when their input names no warehouse."
    )
    created_at: datetime = column("When it was added.")
    modified_at: datetime = column("When it was last changed.")


@output(JOBS, description="A warehouse in its list.")
class WarehouseEdge:
    cursor: str = strawberry.field(description="Its place in the list.")
    node: Warehouse = strawberry.field(description="The warehouse.")


@output(JOBS, description="A page of warehouses.")
class WarehouseConnection:
    edges: list[WarehouseEdge] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
    total_count: Long = strawberry.field(description="How many there are in all pages.")


@output(JOBS, description="A customer in its list.")
class CustomerEdge:
    cursor: str = strawberry.field(description="Its place in the list.")
    node: Customer = strawberry.field(description="The customer.")


@output(JOBS, description="A page of customers.")
class CustomerConnection:
    edges: list[CustomerEdge] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
    total_count: Long = strawberry.field(description="How many there are in all pages.")


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


@strawberry.input(description="The order of customers or warehouses; ties are broken by id.")
class PlaceSort:
    field: PlaceSortField = strawberry.field(
        default=PlaceSortField.CODE, description="What they are ordered by."
    )
    direction: Direction = strawberry.field(
        default=Direction.ASC, description="Which end comes first."
    )


def _order(sort: PlaceSort | None) -> Order:
    sort = sort or PlaceSort()
    return Order(sort.field.value, Kind.TEXT, descending=sort.direction is Direction.DESC)


@strawberry.type
class PlaceQuery:
    @question(
        JOBS,
        answers=CustomerConnection | None,
        description="The customers in reach, a page at a time.",
    )
    async def customers(
        self,
        info: strawberry.Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        filter: CustomerFilter | None = None,
        order_by: PlaceSort | None = None,
    ) -> Finished | None:
        window = Window(first, after, last, before)
        return await page(info, window, _order(order_by), predicate_of(filter))

    @question(
        JOBS,
        answers=WarehouseConnection | None,
        description="The warehouses in reach, a page at a time.",
    )
    async def warehouses(
        self,
        info: strawberry.Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        filter: WarehouseFilter | None = None,
        order_by: PlaceSort | None = None,
    ) -> Finished | None:
        window = Window(first, after, last, before)
        return await page(info, window, _order(order_by), predicate_of(filter))
