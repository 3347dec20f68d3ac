"""What a caller may ask and why not, told from what each field says of itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.expressions import Q

from models.access_queries import holdings
from models.clients import ApiClient, Credential
from models.reach import Every, Reach
from models.tenants import Tenant
from models.words import AccessReasonCode, ApiRole, StaffRole
from resolvers.access import Caller, expand
from resolvers.commands import now


@dataclass(frozen=True)
class Right:
    """One thing that a field asks for: any part of it suffices."""

    roles: Sequence[ApiRole] = ()
    staff: Sequence[StaffRole] = ()
    any_caller: bool = False
    sees_tenant_usage: bool = False


@dataclass(frozen=True)
class Door:
    """A root field, as far as who may go through it is concerned."""

    field: str
    changes: bool
    """Whether it is a mutation."""
    billable: bool
    rights: Sequence[Right]
    """Every one of them is needed."""
    by_customer: bool
    """Whether it works on what customers own."""
    by_warehouse: bool
    """Whether it works on what stands in warehouses."""
    sandbox_only: bool


@dataclass(frozen=True)
class Reason:
    """Why not, and which of what would mend it."""

    code: AccessReasonCode
    message: str
    roles: Sequence[ApiRole] = ()
    staff: Sequence[StaffRole] = ()


@dataclass(frozen=True)
class Access:
    """Whether a caller may go through a door, and why not."""

    door: Door
    reasons: Sequence[Reason]

    @property
    def field(self) -> str:
        """The root field's name."""
        return self.door.field

    @property
    def billable(self) -> bool:
        """Whether it counts."""
        return self.door.billable

    @property
    def changes(self) -> bool:
        """Whether it is a mutation."""
        return self.door.changes

    @property
    def allowed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons


@dataclass(frozen=True)
class ClientAccess:
    """What another client may do once it is let in, and why it is not let in."""

    client: ApiClient
    reasons: Sequence[Reason]
    fields: Sequence[Access]

    @property
    def let_in(self) -> bool:
        """Whether it can ask at all now."""
        return not self.reasons


def access(caller: Caller, doors: Iterable[Door]) -> list[Access]:
    """Each field, and whether the caller may use it."""
    return [Access(door, [*_missing(caller, door), *_out_of_reach(caller, door)]) for door in doors]


def opened_by(role: ApiRole, doors: Iterable[Door]) -> list[str]:
    """The fields that a role opens by itself; what is open to anybody is not told."""
    held = expand([role])
    return [
        door.field
        for door in doors
        if not all(one.any_caller for one in door.rights)
        and all(one.any_caller or not held.isdisjoint(one.roles) for one in door.rights)
    ]


async def client_access(
    caller: Caller, client_id: UUID, doors: Sequence[Door]
) -> ClientAccess | None:
    """The same for one of the tenant's clients, as it stands, active or not."""
    tenant_id = caller.tenant_id
    client = await ApiClient.get_or_none(tenant_id=tenant_id, id=client_id)
    if client is None:
        return None
    other = await _caller_of(client)
    return ClientAccess(client, await _shut_out(client), access(other, doors))


async def _caller_of(client: ApiClient) -> Caller:
    """The client as a caller, were it let in now."""
    tenant = await Tenant.get(id=client.tenant_id)
    held = await holdings(client.tenant_id, client.id)
    return Caller(
        reach=Reach(
            client.tenant_id,
            Every.LIVE if client.all_customers else held.customers,
            Every.ALL if client.all_warehouses else held.warehouses,
        ),
        name=client.name,
        tenant_name=tenant.name,
        currency=tenant.currency,
        time_zone=tenant.time_zone,
        client_id=client.id,
        roles=expand(held.roles),
        granted=held.roles,
        sees_tenant_usage=client.sees_tenant_usage,
        sandbox=held.sandbox,
    )


async def _shut_out(client: ApiClient) -> list[Reason]:
    """Why a client is not let in, whatever its roles."""
    at = now()
    reasons = []
    if not client.active:
        message = "The client is not active."
        reasons.append(Reason(AccessReasonCode.INACTIVE, message))
    if await ApiClient.filter(
        tenant_id=client.tenant_id, id=client.id, expires_at__lte=at
    ).exists():
        reasons.append(Reason(AccessReasonCode.EXPIRED, "The client has expired."))
    works = Q(retires_at=None) | Q(retires_at__gt=at)
    if not await Credential.filter(works, tenant_id=client.tenant_id, client_id=client.id).exists():
        message = "The client has no secret that works."
        reasons.append(Reason(AccessReasonCode.NO_CREDENTIALS, message))
    return reasons


def _missing(caller: Caller, door: Door) -> list[Reason]:
    """The rights that the caller has no part of."""
    return [_lacking(caller, one) for one in door.rights if not _has(caller, one)]


def _has(caller: Caller, right: Right) -> bool:
    return (
        right.any_caller
        or not caller.roles.isdisjoint(right.roles)
        or caller.staff_role in right.staff
        or (right.sees_tenant_usage and caller.sees_tenant_usage)
    )


def _lacking(caller: Caller, right: Right) -> Reason:
    if caller.client_id is None:
        needed = " or ".join(right.staff) or "nobody of the operator"
        message = f"It is for {needed}."
        return Reason(AccessReasonCode.MISSING_ROLE, message, staff=right.staff)
    if right.roles:
        message = f"It needs the role {' or '.join(right.roles)}."
        return Reason(AccessReasonCode.MISSING_ROLE, message, roles=right.roles, staff=right.staff)
    if right.sees_tenant_usage:
        message = "The client is not flagged seesTenantUsage."
        return Reason(AccessReasonCode.NOT_FLAGGED, message, staff=right.staff)
    message = "It is for the operator's people alone."
    return Reason(AccessReasonCode.STAFF_ONLY, message, staff=right.staff)


def _out_of_reach(caller: Caller, door: Door) -> list[Reason]:
    """What of the caller's reach is empty that the field works on."""
    reasons = []
    if door.by_customer and caller.reach.customers == frozenset():
        message = "No customer is in reach."
        reasons.append(Reason(AccessReasonCode.NO_CUSTOMERS, message))
    if door.by_warehouse and caller.reach.warehouses == frozenset():
        message = "No warehouse is in reach."
        reasons.append(Reason(AccessReasonCode.NO_WAREHOUSES, message))
    if door.sandbox_only and caller.client_id is not None and not caller.sandbox:
        message = "It is for clients that hold sandbox customers."
        reasons.append(Reason(AccessReasonCode.SANDBOX_ONLY, message))
    return reasons
