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
from resolvers import customers, sandbox, warehouses
from resolvers.administration import Content, Work, by_hand
from resolvers.audit import Actor
from resolvers.customers import CustomerPolicies
from resolvers.order_rows import ADDRESS
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
WhichCustomer = Annotated[str, typer.Option("--code", help="Whose.")]
WhichWarehouse = Annotated[str, typer.Option("--code", help="Which.")]
NewCode = Annotated[str | None, typer.Option(help="Its code from now on.")]
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
    content = {
        "code": code,
        "name": name,
        "sandbox": sandbox or sandbox_of is not None,
        "sandbox_of": sandbox_of,
        "default_warehouse": default_warehouse,
        "policies": _policies(short_stock, unknown_product, unknown_unit, consignments),
    }

    async def work() -> Customer:
        host = Actor.host(await tenant_id(of))
        await by_hand(host, content, customers.add)
        return await customers.find(host.tenant_id, code)

    print_one(_customer(carry_out(work)), as_json=as_json)


@customer.command("update")
def update_customer(
    *,
    of: OfTenant = None,
    code: WhichCustomer,
    new_code: NewCode = None,
    name: NewName = None,
    default_warehouse: DefaultWarehouse = None,
    short_stock: ShortStock = None,
    unknown_product: UnknownProduct = None,
    unknown_unit: UnknownUnit = None,
    consignments: Consignments = None,
    as_json: AsJson = False,
) -> None:
    """Change what is said of a customer. Its orders so far stay as they are."""
    said = {"code": new_code, "name": name, "default_warehouse": default_warehouse}
    given = {name: value for name, value in said.items() if value is not None}
    policies = _policies(short_stock, unknown_product, unknown_unit, consignments)
    told = _change_customer(of, code, {**given, "policies": policies}, customers.edit)
    print_one(told, as_json=as_json)


@customer.command("deactivate")
def deactivate_customer(
    *, of: OfTenant = None, code: WhichCustomer, as_json: AsJson = False
) -> None:
    """Take no new jobs of a customer. Those that are there can be finished."""
    print_one(_change_customer(of, code, {}, customers.deactivate), as_json=as_json)


@customer.command("activate")
def activate_customer(*, of: OfTenant = None, code: WhichCustomer, as_json: AsJson = False) -> None:
    """Have a customer worked for again."""
    print_one(_change_customer(of, code, {}, customers.activate), as_json=as_json)


@customer.command("sandbox")
def make_sandbox(
    *,
    of: OfTenant = None,
    code: Annotated[str, typer.Option(help="Of the live customer that is copied.")],
    new_code: Annotated[str | None, typer.Option(help="The copy's; made of the other's.")] = None,
    name: NewName = None,
    as_json: AsJson = False,
) -> None:
    """Copy a live customer, with its settings and products, to try with."""

    async def work() -> Customer:
        host = Actor.host(await tenant_id(of))
        live = await customers.find(host.tenant_id, code)
        content = {"of": live.id, "code": new_code, "name": name}
        await by_hand(host, content, sandbox.create)
        return await sandbox.twin_of(live)

    print_one(_customer(carry_out(work)), as_json=as_json)


@customer.command("list")
def list_customers(*, of: OfTenant = None, as_json: AsJson = False) -> None:
    """All customers of a tenant."""

    async def work() -> list[Customer]:
        return await customers.customers(await tenant_id(of))

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
        return await warehouses.create(
            await tenant_id(of), code, name, time_zone, gln=gln, address=address
        )

    print_one(_warehouse(carry_out(work)), as_json=as_json)


@warehouse.command("update")
def update_warehouse(
    *,
    of: OfTenant = None,
    code: WhichWarehouse,
    new_code: NewCode = None,
    name: NewName = None,
    time_zone: Annotated[str | None, typer.Option(help="IANA, as in Australia/Sydney.")] = None,
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

    said = {"code": new_code, "name": name, "time_zone": time_zone, "gln": gln}
    given = {name: value for name, value in said.items() if value is not None}
    told = _change_warehouse(of, code, given, warehouses.edit, address)
    print_one(told, as_json=as_json)


@warehouse.command("deactivate")
def deactivate_warehouse(
    *, of: OfTenant = None, code: WhichWarehouse, as_json: AsJson = False
) -> None:
    """Have no new jobs sent to a depot. Those that are there can be finished."""
    print_one(_change_warehouse(of, code, {}, warehouses.deactivate), as_json=as_json)


@warehouse.command("activate")
def activate_warehouse(
    *, of: OfTenant = None, code: WhichWarehouse, as_json: AsJson = False
) -> None:
    """Have jobs sent to a depot again."""
    print_one(_change_warehouse(of, code, {}, warehouses.activate), as_json=as_json)


@warehouse.command("list")
def list_warehouses(*, of: OfTenant = None, as_json: AsJson = False) -> None:
    """All depots of a tenant."""

    async def work() -> list[Warehouse]:
        return await warehouses.warehouses(await tenant_id(of))

    print_rows([_warehouse(one) for one in carry_out(work)], as_json=as_json)


def _change_customer(of: str | None, code: str, given: Content, how: Work) -> dict[str, Any]:
    """Carry out a change of a customer as it is now; how it is then."""

    async def work() -> Customer:
        host = Actor.host(await tenant_id(of))
        one = await customers.find(host.tenant_id, code)
        await by_hand(host, {"id": one.id, "version": one.version, **given}, how)
        return await customers.find(host.tenant_id, given.get("code", code))

    return _customer(carry_out(work))


def _change_warehouse(
    of: str | None,
    code: str,
    given: Content,
    how: Work,
    address: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Carry out a change of a warehouse as it is now; parts of its address join the others."""

    async def work() -> Warehouse:
        host = Actor.host(await tenant_id(of))
        one = await warehouses.find(host.tenant_id, code)
        whole = {"address": {**warehouses.address_of(one), **address}} if address else {}
        await by_hand(host, {"id": one.id, "version": one.version, **given, **whole}, how)
        return await warehouses.find(host.tenant_id, given.get("code", code))

    return _warehouse(carry_out(work))


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
        "active": one.active,
        "gln": one.gln,
        **{name: getattr(one, f"address_{name}") for name in ADDRESS},
    }
