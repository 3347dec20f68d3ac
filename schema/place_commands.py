"""Customers and warehouses, as administrators add, change and switch them."""

import strawberry

from models.words import (
    ConsignmentTrigger,
    ShortStockPolicy,
    UnknownProductPolicy,
    UnknownUnitPolicy,
)
from resolvers import customers, warehouses
from schema.access import ADMIN, CREATE_CUSTOMERS
from schema.commands import CommandPayload, administer, command
from schema.common import AddressInput
from schema.declaring import output
from schema.finished import Finished
from schema.inputs import command_input, kept_field, key_field, try_field
from schema.places import Customer, Warehouse

CODE = "The operator's short name for it, up to 64 characters; no other has it."
NAME = "Up to 200 characters."
DEFAULT_WAREHOUSE = "Where its jobs go when their input names no warehouse."
TIME_ZONE = "IANA, such as Australia/Sydney."
GLN = "Its Global Location Number (GS1): 13 digits, the last of which checks the others."
ADDRESS = (
    "Where carriers find it: line 1, city and country, and it is named after the warehouse if it "
    "names nobody."
)
WHICH = "Which one."
VERSION = "The version that was read."


@strawberry.input(
    description="What becomes of a customer's inputs that cannot be carried out as they are. What "
    "is left out stays as it is."
)
class CustomerPoliciesInput:
    short_stock: strawberry.Maybe[ShortStockPolicy | None] = strawberry.field(
        description="When less is free than an order needs; null refuses it. A new customer's "
        "orders wait for stock (`AWAIT_STOCK`) unless it is said otherwise."
    )
    unknown_product: strawberry.Maybe[UnknownProductPolicy | None] = strawberry.field(
        description="When a line is for no product of the customer's; null refuses it."
    )
    unknown_unit: strawberry.Maybe[UnknownUnitPolicy | None] = strawberry.field(
        description="When a line's product is not counted in its unit; null refuses it."
    )
    makes_consignments: strawberry.Maybe[ConsignmentTrigger | None] = strawberry.field(
        description="When an outbound order makes a consignment by itself; null never."
    )


@command_input("A new customer.")
class CreateCustomerInput:
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    sandbox: bool | None = strawberry.field(
        default=None,
        description="Whether it is there for trying, which is decided here for good. What a client "
        "adds is of the kind that it holds: sandbox only if it holds sandbox customers.",
    )
    default_warehouse: strawberry.ID | None = strawberry.field(
        default=None, description=DEFAULT_WAREHOUSE
    )
    policies: CustomerPoliciesInput | None = strawberry.field(
        default=None,
        description="What was agreed for its jobs. Left out, its orders wait for stock, and what "
        "is unknown is refused.",
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("Changes of a customer: what is left out stays as it is.")
class UpdateCustomerInput:
    id: strawberry.ID = strawberry.field(description=WHICH)
    version: int = strawberry.field(description=VERSION)
    code: strawberry.Maybe[str | None] = kept_field(CODE)
    name: strawberry.Maybe[str | None] = kept_field(NAME)
    default_warehouse: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        description=f"{DEFAULT_WAREHOUSE} Null takes it away."
    )
    policies: strawberry.Maybe[CustomerPoliciesInput | None] = kept_field(
        "What was agreed for its jobs."
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("A new warehouse.")
class CreateWarehouseInput:
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    time_zone: str | None = strawberry.field(
        default=None, description=f"{TIME_ZONE} The tenant's, unless it is said."
    )
    gln: str | None = strawberry.field(default=None, description=GLN)
    address: AddressInput | None = strawberry.field(default=None, description=ADDRESS)
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("Changes of a warehouse: what is left out stays as it is.")
class UpdateWarehouseInput:
    id: strawberry.ID = strawberry.field(description=WHICH)
    version: int = strawberry.field(description=VERSION)
    code: strawberry.Maybe[str | None] = kept_field(CODE)
    name: strawberry.Maybe[str | None] = kept_field(NAME)
    time_zone: strawberry.Maybe[str | None] = kept_field(TIME_ZONE)
    gln: strawberry.Maybe[str | None] = strawberry.field(description=GLN)
    address: strawberry.Maybe[AddressInput | None] = strawberry.field(
        description=f"{ADDRESS} All of it, instead of what it has."
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@command_input("A customer or a warehouse to be switched on or off.")
class SwitchPlaceInput:
    id: strawberry.ID = strawberry.field(description=WHICH)
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@output(CREATE_CUSTOMERS, description="What became of `createCustomer`.")
class CreateCustomerPayload(CommandPayload):
    customer: Customer | None = strawberry.field(description="It; null with user errors.")


@output(ADMIN, description="What became of a change of a customer.")
class CustomerPayload(CommandPayload):
    customer: Customer | None = strawberry.field(description="It; null with user errors.")


@output(ADMIN, description="What became of a change of a warehouse.")
class WarehousePayload(CommandPayload):
    warehouse: Warehouse | None = strawberry.field(description="It; null with user errors.")


@strawberry.type
class PlaceMutation:
    @command(
        CREATE_CUSTOMERS,
        answers=CreateCustomerPayload | None,
        description="Add a customer. A client that adds one gains it, and reaches it within a "
        "second.",
    )
    async def create_customer(
        self, info: strawberry.Info, input: CreateCustomerInput
    ) -> Finished | None:
        return await administer(info, input, customers.add, reading=customers.reading)

    @command(
        ADMIN,
        answers=CustomerPayload | None,
        description="Change a customer. Its jobs so far stay as they are. `STALE_VERSION` if it "
        "changed since it was read.",
        billable=False,
    )
    async def update_customer(
        self, info: strawberry.Info, input: UpdateCustomerInput
    ) -> Finished | None:
        return await administer(info, input, customers.edit)

    @command(
        ADMIN,
        answers=CustomerPayload | None,
        description="Take no new jobs, products or quotes of a customer: `INVALID` from then on. "
        "Those that are there can be read, changed and finished.",
        billable=False,
    )
    async def deactivate_customer(
        self, info: strawberry.Info, input: SwitchPlaceInput
    ) -> Finished | None:
        return await administer(info, input, customers.deactivate)

    @command(
        ADMIN,
        answers=CustomerPayload | None,
        description="Have a customer worked for again.",
        billable=False,
    )
    async def activate_customer(
        self, info: strawberry.Info, input: SwitchPlaceInput
    ) -> Finished | None:
        return await administer(info, input, customers.activate)

    @command(
        ADMIN,
        answers=WarehousePayload | None,
        description="Add a warehouse. Clients reach it once it is given to them, or if they reach "
        "all warehouses.",
        billable=False,
    )
    async def create_warehouse(
        self, info: strawberry.Info, input: CreateWarehouseInput
    ) -> Finished | None:
        return await administer(info, input, warehouses.add)

    @command(
        ADMIN,
        answers=WarehousePayload | None,
        description="Change a warehouse. `STALE_VERSION` if it changed since it was read.",
        billable=False,
    )
    async def update_warehouse(
        self, info: strawberry.Info, input: UpdateWarehouseInput
    ) -> Finished | None:
        return await administer(info, input, warehouses.edit)

    @command(
        ADMIN,
        answers=WarehousePayload | None,
        description="Have no new jobs sent to a warehouse: `NOT_FOUND` from then on. Those that "
        "are there can be read, changed and finished.",
        billable=False,
    )
    async def deactivate_warehouse(
        self, info: strawberry.Info, input: SwitchPlaceInput
    ) -> Finished | None:
        return await administer(info, input, warehouses.deactivate)

    @command(
        ADMIN,
        answers=WarehousePayload | None,
        description="Have jobs sent to a warehouse again.",
        billable=False,
    )
    async def activate_warehouse(
        self, info: strawberry.Info, input: SwitchPlaceInput
    ) -> Finished | None:
        return await administer(info, input, warehouses.activate)
