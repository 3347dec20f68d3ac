"""Customers: adding them, changing what was agreed, and switching them off and on."""

from dataclasses import replace
from typing import Any, TypedDict, cast
from uuid import UUID

from models.access_queries import Holdings, holdings
from models.clients import ApiClient, ApiClientCustomer
from models.epochs import bump
from models.reach import Every
from models.record import new_id
from models.tenants import Customer, Warehouse
from models.words import (
    AuditAction,
    AuditSubject,
    ConsignmentTrigger,
    ShortStockPolicy,
    UnknownProductPolicy,
    UnknownUnitPolicy,
    UserErrorCode,
)
from models.writing import Changes
from resolvers.access import Caller
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
from resolvers.audit import Actor, Subject, note
from resolvers.commands import Effect, now
from resolvers.contents import camel, input_path
from resolvers.errors import UserError, UserErrors, not_found
from resolvers.tenants import LONGEST_CODE, LONGEST_NAME, text_errors


class CustomerPolicies(TypedDict, total=False):
    """The policies that are said; null refuses the input, or makes no consignments."""

    short_stock: ShortStockPolicy | None
    unknown_product: UnknownProductPolicy | None
    unknown_unit: UnknownUnitPolicy | None
    makes_consignments: ConsignmentTrigger | None


POLICIES = tuple(CustomerPolicies.__annotations__)

AGREED_UNLESS_SAID: CustomerPolicies = {"short_stock": ShortStockPolicy.AWAIT_STOCK}
"""An order for goods that are not there is kept: nothing is lost, and nothing sold twice."""


def told(one: Customer) -> dict[str, Any]:
    """A customer as the audit log tells it."""
    default = one.default_warehouse_id
    return {
        "code": one.code,
        "name": one.name,
        "sandbox": one.sandbox,
        "active": one.active,
        "defaultWarehouse": None if default is None else str(default),
        "policies": {camel(policy): getattr(one, policy) for policy in POLICIES},
    }


KIND = Kind(Customer, "customer", AuditSubject.CUSTOMER, told)


async def add(
    by: Actor,
    content: Content,
    changes: Changes,
    *,
    action: AuditAction = AuditAction.CREATED,
    twin_at: str = "sandboxOf",
) -> Effect:
    """Add a customer: sandbox or live is decided here, for good. A client that adds one gains it.

    What a client adds is of the kind that it holds, so that live and sandbox are never mixed. A
    twin goes by the policies and the default warehouse of its original, unless they are said.
    """
    if by.client_id is not None:
        await bump(by.tenant_id)
    faults = _text_faults(content)
    giver = None if by.client_id is None else await _Giver.of(by.tenant_id, by.client_id)
    sandbox = bool(content.get("sandbox"))
    if giver is not None:
        sandbox = giver.held.sandbox
        faults += _mixing_faults(content, sandbox=sandbox)
    warehouse = content.get("default_warehouse")
    faults += await _warehouse_faults(by, warehouse, giver)
    faults += await _code_faults(by, content.get("code"), giver)
    original = await _original(by, content, faults, twin_at)
    if faults:
        raise UserErrors(faults)

    agreed = AGREED_UNLESS_SAID
    if original is not None:
        agreed = cast("CustomerPolicies", {one: getattr(original, one) for one in POLICIES})
        warehouse = warehouse or original.default_warehouse_id
    at = now()
    row: dict[str, Any] = {
        "tenant_id": by.tenant_id,
        "id": new_id(),
        "code": content["code"],
        "name": content["name"],
        "sandbox": sandbox,
        "sandbox_of_id": content.get("sandbox_of"),
        "default_warehouse_id": warehouse,
        "active": True,
        **dict.fromkeys(POLICIES),
        **agreed,
        **(content.get("policies") or {}),
        "version": 1,
        "created_at": at,
        "modified_at": at,
    }
    changes.insert(Customer, row)
    made = Customer(**row)
    note(changes, by, action, KIND.subject_of(made), after=told(made))
    if giver is not None:
        giver.give(by, made.id, changes)
    return Effect(made.id, made.id)


async def edit(by: Actor, content: Content, changes: Changes) -> Effect:
    """Set what is given of a customer. Jobs that are there already stay as they are."""
    customer = await held(KIND, by, content["id"])
    await refuse_stale(KIND, customer, content)
    given = given_of(content)
    faults = _text_faults(given)
    faults += await _warehouse_faults(by, given.get("default_warehouse"), None)
    if given.get("code") != customer.code:
        faults += await _code_faults(by, given.get("code"), None)
    if faults:
        raise UserErrors(faults)
    columns = {**given, **(given.pop("policies", None) or {})}
    columns.pop("policies", None)
    if "default_warehouse" in columns:
        columns["default_warehouse_id"] = columns.pop("default_warehouse")
    return await change(KIND, by, customer, columns, changes)


async def activate(by: Actor, content: Content, changes: Changes) -> Effect:
    """Have a customer worked for again."""
    customer = await held(KIND, by, content["id"])
    return await change(KIND, by, customer, {"active": True}, changes)


async def deactivate(by: Actor, content: Content, changes: Changes) -> Effect:
    """Take no new jobs of a customer. Those that are there can be read and finished."""
    customer = await held(KIND, by, content["id"])
    return await change(KIND, by, customer, {"active": False}, changes)


async def create(
    tenant_id: UUID,
    code: str,
    name: str,
    *,
    sandbox: bool = False,
    sandbox_of: UUID | None = None,
    default_warehouse: UUID | None = None,
    policies: CustomerPolicies | None = None,
) -> Customer:
    """Add a customer by hand, with the policies that are said and no others."""
    agreed = policies or {}
    if sandbox_of is None:
        agreed = cast("CustomerPolicies", {**dict.fromkeys(POLICIES), **agreed})
    content = {
        "code": code,
        "name": name,
        "sandbox": sandbox,
        "sandbox_of": sandbox_of,
        "default_warehouse": default_warehouse,
        "policies": agreed,
    }
    made = await by_hand(Actor.host(tenant_id), content, add)
    return await Customer.get(tenant_id=tenant_id, id=made.id)


async def reading(caller: Caller) -> Caller:
    """A client as it reaches now that it holds more than when it was let in."""
    if caller.client_id is None or isinstance(caller.reach.customers, Every):
        return caller
    now_held = await holdings(caller.tenant_id, caller.client_id)
    return replace(caller, reach=replace(caller.reach, customers=now_held.customers))


async def customers(tenant_id: UUID) -> list[Customer]:
    """All customers of a tenant, by code."""
    return await Customer.filter(tenant_id=tenant_id).order_by("code")


async def find(tenant_id: UUID, code: str) -> Customer:
    """The customer of a tenant with that code."""
    found = await Customer.get_or_none(tenant_id=tenant_id, code=code)
    if found is None:
        raise UserErrors([not_found("customer", code, ["code"])])
    return found


class _Giver:
    """A client that adds a customer, with what it holds."""

    def __init__(self, client: ApiClient, held_: Holdings) -> None:
        self.client = client
        self.held = held_

    @classmethod
    async def of(cls, tenant_id: UUID, client_id: UUID) -> "_Giver":
        """The client as it stands: the epoch that was raised keeps others from changing it."""
        client = await ApiClient.get(tenant_id=tenant_id, id=client_id)
        return cls(client, await holdings(tenant_id, client_id))

    def reaches(self, warehouse: UUID) -> bool:
        """Whether it may name a warehouse."""
        return self.client.all_warehouses or warehouse in self.held.warehouses

    def give(self, by: Actor, customer_id: UUID, changes: Changes) -> None:
        """Have it hold the customer, if it does not hold all."""
        if self.client.all_customers:
            return
        client, holds = self.client, sorted(map(str, self.held.customers))
        whose = {"tenant_id": by.tenant_id, "client_id": client.id}
        changes.insert(ApiClientCustomer, {**whose, "id": new_id(), "customer_id": customer_id})
        changes.update(
            ApiClient, by.tenant_id, client.id, version=client.version + 1, modified_at=now()
        )
        note(
            changes,
            by,
            AuditAction.UPDATED,
            Subject(AuditSubject.API_CLIENT, client.id, client.name),
            before={"customers": holds},
            after={"customers": sorted([*holds, str(customer_id)])},
        )


def _text_faults(content: Content) -> list[UserError]:
    longest = {"code": LONGEST_CODE, "name": LONGEST_NAME}
    texts = [(name, content[name]) for name in longest if name in content]
    return at_input([one for name, text in texts for one in text_errors(name, text, longest[name])])


def _mixing_faults(content: Content, *, sandbox: bool) -> list[UserError]:
    if content.get("sandbox") in {None, sandbox}:
        return []
    kind = "sandbox customers, and adds no live one" if sandbox else "no sandbox customers"
    message = f"This client holds {kind}: a test would write into live data."
    return [UserError(UserErrorCode.INVALID, input_path("sandbox"), message)]


async def _warehouse_faults(
    by: Actor, warehouse: UUID | None, giver: _Giver | None
) -> list[UserError]:
    if warehouse is None:
        return []
    there = await Warehouse.filter(tenant_id=by.tenant_id, id=warehouse).exists()
    if there and (giver is None or giver.reaches(warehouse)):
        return []
    return [not_found("warehouse", warehouse, input_path("default_warehouse"))]


async def _code_faults(by: Actor, code: str | None, giver: _Giver | None) -> list[UserError]:
    if code is None:
        return []
    other = await Customer.get_or_none(tenant_id=by.tenant_id, code=code)
    if other is None:
        return []
    hidden = giver is not None and other.id not in giver.held.customers
    return [taken("customer", "code", code, None if hidden else other.id)]


async def _original(
    by: Actor, content: Content, faults: list[UserError], at: str
) -> Customer | None:
    """The live customer that a new one is the twin of, if it says so."""
    of = content.get("sandbox_of")
    if of is None:
        return None
    place = input_path(at)
    if not content.get("sandbox"):
        message = "Only a sandbox customer is another's twin."
        faults.append(UserError(UserErrorCode.INVALID, place, message))
        return None
    original = await Customer.get_or_none(tenant_id=by.tenant_id, id=of, sandbox=False)
    if original is None:
        faults.append(not_found("live customer", of, place))
        return None
    faults += await twin_faults(original, at)
    return original


async def twin_faults(live: Customer, at: str) -> list[UserError]:
    """The fault of another twin for a customer that has one."""
    twin = await Customer.get_or_none(tenant_id=live.tenant_id, sandbox_of_id=live.id)
    if twin is None:
        return []
    message = f"Customer `{live.id}` has a sandbox twin already."
    return [UserError(UserErrorCode.REFERENCE_TAKEN, input_path(at), message, existing=twin.id)]
