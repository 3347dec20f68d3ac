"""What the host sets up: tenants, with their customers and warehouses."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.database import Conflict, transaction
from models.tenants import Customer, Tenant, Warehouse
from models.words import (
    ConsignmentTrigger,
    ShortStockPolicy,
    UnknownProductPolicy,
    UnknownUnitPolicy,
    UserErrorCode,
)
from resolvers.errors import UserError, UserErrors, not_found
from resolvers.faults import Faults
from resolvers.gs1 import check_gln
from resolvers.order_rows import ADDRESS, address_columns

LONGEST_NAME = 200
LONGEST_CODE = 64
CURRENCY = re.compile(r"[A-Z]{3}")


class CustomerPolicies(TypedDict, total=False):
    """The policies that are said; null refuses the input, or makes no consignments."""

    short_stock: ShortStockPolicy | None
    unknown_product: UnknownProductPolicy | None
    unknown_unit: UnknownUnitPolicy | None
    makes_consignments: ConsignmentTrigger | None


POLICIES = tuple(CustomerPolicies.__annotations__)


async def create_tenant(name: str, currency: str, time_zone: str) -> Tenant:
    """Open an account for a 3PL operator."""
    _raise_any([*text_errors("name", name, LONGEST_NAME), *_money_and_time(currency, time_zone)])
    return await Tenant.create(
        name=name, currency=currency, time_zone=time_zone, created_at=datetime.now(UTC)
    )


async def tenants() -> list[Tenant]:
    """All accounts, oldest first."""
    return await Tenant.all().order_by("id")


async def find_tenant(named: str | None) -> Tenant:
    """The tenant with that id or that name; the only one there is, if none is named."""
    known = await tenants()
    fits = [one for one in known if named is None or named in (str(one.id), one.name)]
    if len(fits) == 1:
        return fits[0]
    if fits or named is None:
        raise UserErrors([_which_tenant(known)])
    raise UserErrors([not_found("tenant", named, ["tenant"])])


async def create_customer(
    tenant_id: UUID,
    code: str,
    name: str,
    *,
    sandbox: bool = False,
    sandbox_of: UUID | None = None,
    default_warehouse: UUID | None = None,
    policies: CustomerPolicies | None = None,
) -> Customer:
    """Add a customer. Sandbox or live is decided here; a live one has one twin at most.

    A twin goes by the policies and the default warehouse of its original, unless they are said.
    """
    now = datetime.now(UTC)
    try:
        async with transaction():
            faults = [
                *_code_and_name(code, name),
                *await _faults_of_default(tenant_id, default_warehouse),
            ]
            original = await _original(tenant_id, sandbox_of, faults, sandbox=sandbox)
            _raise_any(faults)
            copied = {} if original is None else {one: getattr(original, one) for one in POLICIES}
            if original is not None and default_warehouse is None:
                default_warehouse = original.default_warehouse_id
            return await Customer.create(
                tenant_id=tenant_id,
                code=code,
                name=name,
                sandbox=sandbox,
                sandbox_of_id=sandbox_of,
                default_warehouse_id=default_warehouse,
                **{**copied, **(policies or {})},
                created_at=now,
                modified_at=now,
            )
    except Conflict as conflict:
        if "sandbox_of_id" in conflict.columns:
            raise UserErrors([_twin_taken(sandbox_of)]) from None
        raise UserErrors([_code_taken("customer", code)]) from None


async def update_customer(
    tenant_id: UUID,
    code: str,
    *,
    name: str | None = None,
    default_warehouse: UUID | None = None,
    policies: CustomerPolicies | None = None,
) -> Customer:
    """Set what is said of a customer. Orders that are there already stay as they are."""
    async with transaction():
        customer = await Customer.filter(tenant_id=tenant_id, code=code).get_or_none()
        if customer is None:
            raise UserErrors([not_found("customer", code, ["code"])])
        _raise_any(
            [
                *([] if name is None else text_errors("name", name, LONGEST_NAME)),
                *await _faults_of_default(tenant_id, default_warehouse),
            ]
        )
        said = {"name": name, "default_warehouse_id": default_warehouse}
        changes = {name: value for name, value in said.items() if value is not None}
        customer.update_from_dict({**changes, **(policies or {}), "modified_at": datetime.now(UTC)})
        await customer.save()
    return customer


async def customers(tenant_id: UUID) -> list[Customer]:
    """All customers of a tenant, by code."""
    return await Customer.filter(tenant_id=tenant_id).order_by("code")


async def create_warehouse(
    tenant_id: UUID,
    code: str,
    name: str,
    time_zone: str | None = None,
    *,
    gln: str | None = None,
    address: Mapping[str, str] | None = None,
) -> Warehouse:
    """Add a warehouse; in the tenant's time zone unless it says another."""
    tenant = await Tenant.get(id=tenant_id)
    zone = time_zone or tenant.time_zone
    _raise_any(
        [
            *_code_and_name(code, name),
            *_money_and_time(tenant.currency, zone),
            *_faults_of_place(gln, address or {}, name),
        ]
    )
    now = datetime.now(UTC)
    try:
        return await Warehouse.create(
            tenant_id=tenant_id,
            code=code,
            name=name,
            time_zone=zone,
            gln=gln,
            **address_columns("address", address or {}),
            created_at=now,
            modified_at=now,
        )
    except Conflict:
        raise UserErrors([_code_taken("warehouse", code)]) from None


async def update_warehouse(
    tenant_id: UUID,
    code: str,
    *,
    name: str | None = None,
    gln: str | None = None,
    address: Mapping[str, str] | None = None,
) -> Warehouse:
    """Set what is said of a warehouse; the rest of its address stays."""
    async with transaction():
        warehouse = await Warehouse.filter(tenant_id=tenant_id, code=code).get_or_none()
        if warehouse is None:
            raise UserErrors([not_found("warehouse", code, ["code"])])
        whole = {**_address(warehouse), **(address or {})}
        faults = [] if name is None else text_errors("name", name, LONGEST_NAME)
        _raise_any([*faults, *_faults_of_place(gln, whole, name or warehouse.name)])
        said = {"name": name, "gln": gln}
        changes = {name: value for name, value in said.items() if value is not None}
        warehouse.update_from_dict(
            {**changes, **address_columns("address", whole), "modified_at": datetime.now(UTC)}
        )
        await warehouse.save()
    return warehouse


async def warehouses(tenant_id: UUID) -> list[Warehouse]:
    """All warehouses of a tenant, by code."""
    return await Warehouse.filter(tenant_id=tenant_id).order_by("code")


def text_errors(field: str, text: str, longest: int) -> list[UserError]:
    """What is wrong with a text that must be there."""
    if not text.strip():
        return [UserError(UserErrorCode.REQUIRED, [field], f"`{field}` is needed.")]
    if len(text) > longest:
        message = f"`{field}` has {len(text)} characters; {longest} are the most."
        return [UserError(UserErrorCode.TOO_LONG, [field], message)]
    if "\0" in text:
        return [UserError(UserErrorCode.INVALID, [field], f"`{field}` holds a NUL character.")]
    return []


async def _original(
    tenant_id: UUID, twin: UUID | None, faults: list[UserError], *, sandbox: bool
) -> Customer | None:
    """The live customer that a new one is the twin of, if it says so."""
    if twin is None:
        return None
    if not sandbox:
        faults.append(_invalid("sandboxOf", "Only a sandbox customer is another's twin."))
        return None
    original = await Customer.filter(tenant_id=tenant_id, id=twin, sandbox=False).get_or_none()
    if original is None:
        faults.append(not_found("live customer", twin, ["sandboxOf"]))
    return original


async def _faults_of_default(tenant_id: UUID, warehouse: UUID | None) -> list[UserError]:
    if warehouse is None or await Warehouse.filter(tenant_id=tenant_id, id=warehouse).exists():
        return []
    return [not_found("warehouse", warehouse, ["defaultWarehouse"])]


def _address(warehouse: Warehouse) -> dict[str, str]:
    """The parts of its address that are known."""
    parts = {name: getattr(warehouse, f"address_{name}") for name in ADDRESS}
    return {name: part for name, part in parts.items() if part is not None}


def _faults_of_place(gln: str | None, address: Mapping[str, str], name: str) -> list[UserError]:
    """What is wrong with a GLN or an address; a carrier has to find the place."""
    faults = Faults()
    check_gln(faults, gln, "gln")
    if address:
        faults.texts(address)
        faults.address({"company": name, **address}, complete=True)
    return [replace(one, path=one.path[1:]) for one in faults.errors]


def _code_and_name(code: str, name: str) -> list[UserError]:
    return [*text_errors("code", code, LONGEST_CODE), *text_errors("name", name, LONGEST_NAME)]


def _money_and_time(currency: str, time_zone: str) -> list[UserError]:
    faults = []
    if not CURRENCY.fullmatch(currency):
        faults.append(_invalid("currency", "A currency is three capitals (ISO 4217), as in AUD."))
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = "A time zone is an IANA name, as in Australia/Sydney."
        faults.append(_invalid("timeZone", message))
    return faults


def _raise_any(faults: Sequence[UserError]) -> None:
    if faults:
        raise UserErrors(faults)


def _invalid(field: str, message: str) -> UserError:
    return UserError(UserErrorCode.INVALID, [field], message)


def _twin_taken(live: UUID | None) -> UserError:
    message = f"Customer `{live}` has a sandbox twin already."
    return UserError(UserErrorCode.REFERENCE_TAKEN, ["sandboxOf"], message)


def _code_taken(what: str, code: str) -> UserError:
    message = f"There is a {what} with the code `{code}` already."
    return UserError(UserErrorCode.REFERENCE_TAKEN, ["code"], message)


def _which_tenant(known: Sequence[Tenant]) -> UserError:
    if not known:
        return UserError(UserErrorCode.REQUIRED, ["tenant"], "There is no tenant yet.")
    return UserError(
        UserErrorCode.REQUIRED,
        ["tenant"],
        "There are several tenants: name one by its id.",
        suggestions=[f"{one.id} {one.name}" for one in known],
    )
