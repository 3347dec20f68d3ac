"""Commands that set up a tenant's customers, with their policies, and its warehouses."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, TypeAlias, TypeVar
from uuid import UUID

import typer

from models.tenants import Customer, Warehouse
from models.words import (
    ConsignmentTrigger,
    ShortStockPolicy,
    UnknownProductPolicy,
    UnknownUnitPolicy,
)
from resolvers import tenants
from resolvers.order_rows import ADDRESS
from resolvers.tenants import CustomerPolicies
from server.terminal import AsJson, OfTenant, carry_out, print_one, print_rows, tenant_id

REFUSE = "REFUSE"
NONE = "NONE"

Word = TypeVar("Word", bound=StrEnum)


def _one_of(words: type[StrEnum], otherwise: str, told: str) -> Any:
    """An option that takes one of the trade's words, or the word for none of them."""
    allowed = [*words, otherwise]

    def known(text: str) -> str:
        if text not in allowed:
            raise typer.BadParameter(f"This is one of {', '.join(allowed)}.")
        return text

    return typer.Option(parser=known, metavar="|".join(allowed), help=told)


ShortStock: TypeAlias = Annotated[
    str | None, _one_of(ShortStockPolicy, REFUSE, "When less is free than an order needs.")
]
UnknownProduct: TypeAlias = Annotated[
    str | None, _one_of(UnknownProductPolicy, REFUSE, "When a line is for no product of theirs.")
]
UnknownUnit: TypeAlias = Annotated[
    str | None, _one_of(UnknownUnitPolicy, REFUSE, "When its product has no such unit.")
]
Consignments: TypeAlias = Annotated[
    str | None, _one_of(ConsignmentTrigger, NONE, "When outbound orders make a consignment.")
]
DefaultWarehouse = Annotated[UUID | None, typer.Option(help="Where nobody says.")]
Code = Annotated[str, typer.Option(help="Short and unique for the tenant.")]
Name = Annotated[str, typer.Option(help="What people call it.")]
NewName = Annotated[str | None, typer.Option("--name", help="What people call it.")]
Gln = Annotated[str | None, typer.Option(help="Its Global Location Number (GS1): 13 digits.")]
Part = Annotated[str | None, typer.Option(help="Of its address.")]
Country = Annotated[str | None, typer.Option(help="ISO 3166-1 alpha-2, as AU.")]

customer = typer.Typer(no_args_is_help=True, help="Companies whose goods a tenant handles.")
warehouse = typer.Typer(no_args_is_help=True, help="Depots of a tenant.")


@customer.command("create")
def create_customer(
    *,
    of: OfTenant = None,
    code: Code,
    name: Name,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="For trying things out.")] = False,
    sandbox_of: Annotated[UUID | None, typer.Option(help="The live customer it copies.")] = None,
    default_warehouse: DefaultWarehouse = None,
    short_stock: ShortStock = None,
    unknown_product: UnknownProduct = None,
    unknown_unit: UnknownUnit = None,
    consignments: Consignments = None,
    as_json: AsJson = False,
) -> None:
    """Add a customer; sandbox or live is decided here, for good.

    Its orders await stock unless it is said otherwise. A twin does as its original.
    """
    if short_stock is None and sandbox_of is None:
        # An order for goods that are not there is kept: nothing is lost, nothing sold twice.
        short_stock = ShortStockPolicy.AWAIT_STOCK
    policies = _policies(short_stock, unknown_product, unknown_unit, consignments)

    async def work() -> Customer:
        return await tenants.create_customer(
            await tenant_id(of),
            code,
            name,
            sandbox=sandbox or sandbox_of is not None,
            sandbox_of=sandbox_of,
            default_warehouse=default_warehouse,
            policies=policies,
        )

    print_one(_customer(carry_out(work)), as_json=as_json)


@customer.command("update")
def update_customer(
    *,
    of: OfTenant = None,
    code: Annotated[str, typer.Option(help="Whose; it stays.")],
    name: NewName = None,
    default_warehouse: DefaultWarehouse = None,
    short_stock: ShortStock = None,
    unknown_product: UnknownProduct = None,
    unknown_unit: UnknownUnit = None,
    consignments: Consignments = None,
    as_json: AsJson = False,
) -> None:
    """Change what is said of a customer. Its orders so far stay as they are."""
    policies = _policies(short_stock, unknown_product, unknown_unit, consignments)

    async def work() -> Customer:
        return await tenants.update_customer(
            await tenant_id(of),
            code,
            name=name,
            default_warehouse=default_warehouse,
            policies=policies,
        )

    print_one(_customer(carry_out(work)), as_json=as_json)


@customer.command("list")
def list_customers(*, of: OfTenant = None, as_json: AsJson = False) -> None:
    """All customers of a tenant."""

    async def work() -> list[Customer]:
        return await tenants.customers(await tenant_id(of))

    print_rows([_customer(one) for one in carry_out(work)], as_json=as_json)


@warehouse.command("create")
def create_warehouse(
    *,
    of: OfTenant = None,
    code: Code,
    name: Name,
    time_zone: Annotated[str | None, typer.Option(help="The tenant's, if none is said.")] = None,
    gln: Gln = None,
    company: Part = None,
    contact: Part = None,
    line1: Part = None,
    line2: Part = None,
    suburb: Part = None,
    city: Part = None,
    state: Part = None,
    postcode: Part = None,
    country: Country = None,
    phone: Part = None,
    email: Part = None,
    as_json: AsJson = False,
) -> None:
    """Add a depot. Carriers find it if line 1, city and country are known."""
    address = _said(company, contact, line1, line2, suburb, city, state, postcode, country,
                    phone, email)  # fmt: skip

    async def work() -> Warehouse:
        return await tenants.create_warehouse(
            await tenant_id(of), code, name, time_zone, gln=gln, address=address
        )

    print_one(_warehouse(carry_out(work)), as_json=as_json)


@warehouse.command("update")
def update_warehouse(
    *,
    of: OfTenant = None,
    code: Annotated[str, typer.Option(help="Which; it stays.")],
    name: NewName = None,
    gln: Gln = None,
    company: Part = None,
    contact: Part = None,
    line1: Part = None,
    line2: Part = None,
    suburb: Part = None,
    city: Part = None,
    state: Part = None,
    postcode: Part = None,
    country: Country = None,
    phone: Part = None,
    email: Part = None,
    as_json: AsJson = False,
) -> None:
    """Change what is said of a depot; the rest of it stays."""
    address = _said(company, contact, line1, line2, suburb, city, state, postcode, country,
                    phone, email)  # fmt: skip

    async def work() -> Warehouse:
        return await tenants.update_warehouse(
            await tenant_id(of), code, name=name, gln=gln, address=address
        )

    print_one(_warehouse(carry_out(work)), as_json=as_json)


@warehouse.command("list")
def list_warehouses(*, of: OfTenant = None, as_json: AsJson = False) -> None:
    """All depots of a tenant."""

    async def work() -> list[Warehouse]:
        return await tenants.warehouses(await tenant_id(of))

    print_rows([_warehouse(one) for one in carry_out(work)], as_json=as_json)


def _policies(
    short_stock: str | None,
    unknown_product: str | None,
    unknown_unit: str | None,
    consignments: str | None,
) -> CustomerPolicies:
    """The policies that are said."""
    said: CustomerPolicies = {}
    if short_stock is not None:
        said["short_stock"] = _word(ShortStockPolicy, short_stock)
    if unknown_product is not None:
        said["unknown_product"] = _word(UnknownProductPolicy, unknown_product)
    if unknown_unit is not None:
        said["unknown_unit"] = _word(UnknownUnitPolicy, unknown_unit)
    if consignments is not None:
        said["makes_consignments"] = _word(ConsignmentTrigger, consignments)
    return said


def _word(words: type[Word], text: str) -> Word | None:
    return None if text in {REFUSE, NONE} else words(text)


def _said(*parts: str | None) -> Mapping[str, str]:
    """The parts of an address that are given, in the order of `ADDRESS`."""
    return {name: part for name, part in zip(ADDRESS, parts, strict=True) if part is not None}


def _customer(one: Customer) -> dict[str, Any]:
    default = one.default_warehouse_id
    return {
        "id": str(one.id),
        "code": one.code,
        "name": one.name,
        "sandbox": one.sandbox,
        "active": one.active,
        "default_warehouse": None if default is None else str(default),
        "short_stock": one.short_stock or REFUSE,
        "unknown_product": one.unknown_product or REFUSE,
        "unknown_unit": one.unknown_unit or REFUSE,
        "consignments": one.makes_consignments or NONE,
    }


def _warehouse(one: Warehouse) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "code": one.code,
        "name": one.name,
        "time_zone": one.time_zone,
        "gln": one.gln,
        **{name: getattr(one, f"address_{name}") for name in ADDRESS},
    }
