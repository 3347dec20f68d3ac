"""Warehouses: adding them, changing what is said of them, and switching them off and on."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from models.record import new_id
from models.tenants import Tenant, Warehouse
from models.words import AuditAction, AuditSubject
from models.writing import Changes
from resolvers.administration import (
    Content,
    Kind,
    at_input,
    by_hand,
    change,
    given_of,
    held,
    refuse_stale,
    taken,
)
from resolvers.audit import Actor, note
from resolvers.commands import Effect, now
from resolvers.errors import UserError, UserErrors, not_found
from resolvers.faults import Faults
from resolvers.gs1 import check_gln
from resolvers.order_rows import ADDRESS, address_columns
from resolvers.tenants import LONGEST_CODE, LONGEST_NAME, text_errors, time_zone_errors


def address_of(one: Warehouse) -> dict[str, str]:
    """The parts of its address that are known."""
    parts = {name: getattr(one, f"address_{name}") for name in ADDRESS}
    return {name: part for name, part in parts.items() if part is not None}


def told(one: Warehouse) -> dict[str, Any]:
    """A warehouse as the audit log tells it."""
    return {
        "code": one.code,
        "name": one.name,
        "timeZone": one.time_zone,
        "gln": one.gln,
        "active": one.active,
        "address": {name: getattr(one, f"address_{name}") for name in ADDRESS},
    }


KIND = Kind(Warehouse, "warehouse", AuditSubject.WAREHOUSE, told)


async def add(by: Actor, content: Content, changes: Changes) -> Effect:
    """Add a warehouse; in the tenant's time zone unless it says another."""
    faults = _faults_of(content, content["name"])
    faults += await _code_faults(by, content["code"])
    if faults:
        raise UserErrors(faults)
    zone = content.get("time_zone") or (await Tenant.get(id=by.tenant_id)).time_zone
    at = now()
    row: dict[str, Any] = {
        "tenant_id": by.tenant_id,
        "id": new_id(),
        "code": content["code"],
        "name": content["name"],
        "time_zone": zone,
        "gln": content.get("gln"),
        **address_columns("address", content.get("address") or {}),
        "active": True,
        "version": 1,
        "created_at": at,
        "modified_at": at,
    }
    changes.insert(Warehouse, row)
    made = Warehouse(**row)
    note(changes, by, AuditAction.CREATED, KIND.subject_of(made), after=told(made))
    return Effect(made.id, warehouse_id=made.id)


async def edit(by: Actor, content: Content, changes: Changes) -> Effect:
    """Set what is given of a warehouse; an address is given as a whole."""
    warehouse = await held(KIND, by, content["id"])
    await refuse_stale(KIND, warehouse, content)
    given = given_of(content)
    faults = _faults_of(given, given.get("name") or warehouse.name)
    if given.get("code") not in {None, warehouse.code}:
        faults += await _code_faults(by, given["code"])
    if faults:
        raise UserErrors(faults)
    columns = {name: value for name, value in given.items() if name != "address"}
    if "address" in given:
        columns |= address_columns("address", given["address"] or {})
    return await change(KIND, by, warehouse, columns, changes)


async def activate(by: Actor, content: Content, changes: Changes) -> Effect:
    """Have jobs sent to a warehouse again."""
    warehouse = await held(KIND, by, content["id"])
    return await change(KIND, by, warehouse, {"active": True}, changes)


async def deactivate(by: Actor, content: Content, changes: Changes) -> Effect:
    """Have no new jobs sent to a warehouse. Those that are there can be read and finished."""
    warehouse = await held(KIND, by, content["id"])
    return await change(KIND, by, warehouse, {"active": False}, changes)


async def create(
    tenant_id: UUID,
    code: str,
    name: str,
    time_zone: str | None = None,
    *,
    gln: str | None = None,
    address: Mapping[str, str] | None = None,
) -> Warehouse:
    """Add a warehouse by hand."""
    content = {"code": code, "name": name, "time_zone": time_zone, "gln": gln, "address": address}
    made = await by_hand(Actor.host(tenant_id), content, add)
    return await Warehouse.get(tenant_id=tenant_id, id=made.id)


async def warehouses(tenant_id: UUID) -> list[Warehouse]:
    """All warehouses of a tenant, by code."""
    return await Warehouse.filter(tenant_id=tenant_id).order_by("code")


async def find(tenant_id: UUID, code: str) -> Warehouse:
    """The warehouse of a tenant with that code."""
    found = await Warehouse.get_or_none(tenant_id=tenant_id, code=code)
    if found is None:
        raise UserErrors([not_found("warehouse", code, ["code"])])
    return found


def _faults_of(content: Content, name: str) -> list[UserError]:
    """What is wrong with the parts that are given; a carrier has to find the place."""
    longest = {"code": LONGEST_CODE, "name": LONGEST_NAME}
    texts = [(field, content[field]) for field in longest if field in content]
    errors = [one for field, text in texts for one in text_errors(field, text, longest[field])]
    if content.get("time_zone") is not None:
        errors += time_zone_errors(content["time_zone"])
    faults = Faults(at_input(errors))
    check_gln(faults, content.get("gln"), "gln")
    if address := content.get("address"):
        faults.texts(address, "address")
        # A name of blanks is a fault already.
        whole = {"company": name.strip() or "-", **_said(address)}
        faults.address(whole, "address", complete=True)
    return faults.errors


def _said(address: Content) -> dict[str, Any]:
    return {name: part for name, part in address.items() if part is not None}


async def _code_faults(by: Actor, code: str) -> list[UserError]:
    other = await Warehouse.get_or_none(tenant_id=by.tenant_id, code=code)
    return [] if other is None else [taken("warehouse", "code", code, other.id)]
