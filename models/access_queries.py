"""What is read to know who is asking: the statements behind every sign-in and every token."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from models.clock import instant
from models.database import dialect, rows
from models.words import ApiRole, IdentityKind, StaffRole

NEVER = datetime.max.replace(tzinfo=UTC)


class Lead(NamedTuple):
    """Where an identity leads."""

    tenant_id: UUID
    row_id: UUID


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A live secret of an active client, as its hash."""

    credential_id: UUID
    secret_hash: str = field(repr=False)
    addresses: str
    """From where its client may ask, as a JSON list of networks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClient:
    """A client that shows one of its credentials, with its tenant, as they stand."""

    client_id: UUID
    credential_id: UUID
    retires_at: datetime | None
    """When the secret or key stops."""
    active: bool
    client_expires_at: datetime | None
    addresses: str
    """From where it may ask, as a JSON list of networks."""
    name: str
    all_customers: bool
    all_warehouses: bool
    sees_tenant_usage: bool
    tenant_name: str
    currency: str
    time_zone: str
    epoch: int

    def ends_at(self) -> datetime | None:
        """When the client or its credential stops; none if neither does."""
        ends = [end for end in (self.retires_at, self.client_expires_at) if end is not None]
        return min(ends, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken(StoredClient):
    """An access token with its client and tenant, as they stand."""

    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def good_until(self) -> datetime | None:
        """The moment it stops working by itself; none if it does not work at all."""
        if self.revoked_at is not None or not self.active:
            return None
        return min(self.expires_at, self.ends_at() or self.expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey(StoredClient):
    """A legacy key, as its hash, with its client and tenant, as they stand."""

    secret_hash: str = field(repr=False)

    def good_until(self) -> datetime | None:
        """The moment it stops working by itself; none if it does not work at all."""
        return (self.ends_at() or NEVER) if self.active else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """A session with its staff user and tenant, as they stand."""

    staff_user_id: UUID
    expires_at: datetime
    revoked_at: datetime | None
    cookie: bool
    """Whether a browser holds it."""
    last_seen_at: datetime | None
    active: bool
    name: str
    role: StaffRole
    tenant_name: str
    currency: str
    time_zone: str
    epoch: int

    def good_until(self) -> datetime | None:
        """The moment it stops working by itself; none if it does not work at all."""
        return self.expires_at if self.revoked_at is None and self.active else None


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """Somebody who signs in, with what their password is checked against."""

    active: bool
    password_hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a client was given: roles, customers, warehouses."""

    roles: tuple[ApiRole, ...]
    customers: frozenset[UUID]
    warehouses: frozenset[UUID]
    sandbox: bool
    """Whether any of the customers is a sandbox one."""


async def lead_of(kind: IdentityKind, value: str) -> Lead | None:
    """Find where an identity leads: the one question asked before the tenant is known."""
    found = await _rows(
        "select tenant_id, row_id from identities where value = {1} and kind = {2}", value, kind
    )
    return Lead(*map(_uuid, found[0])) if found else None


async def bearer_lead(token_hash: str) -> tuple[IdentityKind, Lead] | None:
    """Find where a bearer token leads, and whether it is a client's or a person's."""
    found = await _rows(
        "select kind, tenant_id, row_id from identities where value = {1} and kind in ({2}, {3})",
        token_hash,
        IdentityKind.TOKEN,
        IdentityKind.SESSION,
    )
    if not found:
        return None
    [(kind, tenant_id, row_id)] = found
    return IdentityKind(kind), Lead(_uuid(tenant_id), _uuid(row_id))


async def live_secrets(tenant_id: UUID, client_id: UUID, at: datetime) -> list[StoredSecret]:
    """The secrets that work for a client at that moment; none while it is inactive.

    Legacy keys are not among them: they are shown as they are, never traded.
    """
    found = await _rows(
        """
        select k.id, k.secret_hash, c.addresses
        from credentials k
        join api_clients c on c.tenant_id = k.tenant_id and c.id = k.client_id
        where k.tenant_id = {1} and k.client_id = {2} and c.active and not k.legacy
          and (k.retires_at is null or k.retires_at > {3})
          and (c.expires_at is null or c.expires_at > {4})
        """,
        *(tenant_id, client_id, at, at),
    )
    return [StoredSecret(_uuid(key), *rest) for key, *rest in found]


CLIENT = """
    c.id, k.id, k.retires_at, c.active, c.expires_at, c.addresses, c.name, c.all_customers,
    c.all_warehouses, c.sees_tenant_usage, n.name, n.currency, n.time_zone, n.epoch
"""


async def stored_token(lead: Lead) -> StoredToken | None:
    """One token with all that decides whether it works."""
    found = await _rows(
        f"""
        select t.issued_at, t.expires_at, t.revoked_at, {CLIENT}
        from access_tokens t
        join api_clients c on c.tenant_id = t.tenant_id and c.id = t.client_id
        join credentials k on k.tenant_id = t.tenant_id and k.id = t.credential_id
        join tenants n on n.id = t.tenant_id
        where t.tenant_id = {{1}} and t.id = {{2}}
        """,
        *lead,
    )
    if not found:
        return None
    issued, expires, revoked, *client = found[0]
    return StoredToken(
        issued_at=instant(issued),
        expires_at=instant(expires),
        revoked_at=revoked and instant(revoked),
        **_client(*client),
    )


async def stored_keys(
    tenant_id: UUID, at: datetime, *, client_id: UUID | None = None, key_id: UUID | None = None
) -> list[StoredKey]:
    """The legacy keys of a client that work at that moment, or the one of that id."""
    which, named = ("k.id", key_id) if client_id is None else ("k.client_id", client_id)
    found = await _rows(
        f"""
        select k.secret_hash, {CLIENT}
        from credentials k
        join api_clients c on c.tenant_id = k.tenant_id and c.id = k.client_id
        join tenants n on n.id = k.tenant_id
        where k.tenant_id = {{1}} and {which} = {{2}} and c.active and k.legacy
          and (k.retires_at is null or k.retires_at > {{3}})
          and (c.expires_at is null or c.expires_at > {{4}})
        """,
        *(tenant_id, named, at, at),
    )
    return [StoredKey(secret_hash=kept, **_client(*client)) for kept, *client in found]


def _client(*columns: Any) -> dict[str, Any]:
    """What `CLIENT` reads."""
    client, key, retires, active, expires, addresses, name, *rest = columns
    all_customers, all_warehouses, sees_tenant_usage, tenant, currency, zone, epoch = rest
    return {
        "client_id": _uuid(client),
        "credential_id": _uuid(key),
        "retires_at": retires and instant(retires),
        "active": bool(active),
        "client_expires_at": expires and instant(expires),
        "addresses": addresses,
        "name": name,
        "all_customers": bool(all_customers),
        "all_warehouses": bool(all_warehouses),
        "sees_tenant_usage": bool(sees_tenant_usage),
        "tenant_name": tenant,
        "currency": currency,
        "time_zone": zone,
        "epoch": epoch,
    }


async def stored_person(lead: Lead) -> StoredPerson | None:
    """Whoever is to be signed in."""
    found = await _rows(
        "select active, password_hash from staff_users where tenant_id = {1} and id = {2}", *lead
    )
    return StoredPerson(bool(found[0][0]), found[0][1]) if found else None


async def stored_session(lead: Lead) -> StoredSession | None:
    """One session with all that decides whether it works."""
    found = await _rows(
        """
        select s.staff_user_id, s.expires_at, s.revoked_at, s.cookie, s.last_seen_at,
               u.active, u.name, u.role, n.name, n.currency, n.time_zone, n.epoch
        from staff_sessions s
        join staff_users u on u.tenant_id = s.tenant_id and u.id = s.staff_user_id
        join tenants n on n.id = s.tenant_id
        where s.tenant_id = {1} and s.id = {2}
        """,
        *lead,
    )
    if not found:
        return None
    [(user, expires, revoked, cookie, seen, active, user_name, role, *tenant)] = found
    name, currency, zone, epoch = tenant
    return StoredSession(
        staff_user_id=_uuid(user),
        expires_at=instant(expires),
        revoked_at=revoked and instant(revoked),
        cookie=bool(cookie),
        last_seen_at=seen and instant(seen),
        active=bool(active),
        name=user_name,
        role=StaffRole(role),
        tenant_name=name,
        currency=currency,
        time_zone=zone,
        epoch=epoch,
    )


async def holdings(tenant_id: UUID, client_id: UUID) -> Holdings:
    """What a client was given, in one statement, so that it fits together."""
    found = await _rows(
        """
        select 'role' as kind, r.role as held, 0 as sandbox
        from api_client_roles r where r.tenant_id = {1} and r.client_id = {2}
        union all
        select 'customer', cast(l.customer_id as text), case when c.sandbox then 1 else 0 end
        from api_client_customers l
        join customers c on c.tenant_id = l.tenant_id and c.id = l.customer_id
        where l.tenant_id = {1} and l.client_id = {2}
        union all
        select 'warehouse', cast(w.warehouse_id as text), 0
        from api_client_warehouses w where w.tenant_id = {1} and w.client_id = {2}
        """,
        tenant_id,
        client_id,
    )
    return Holdings(
        roles=tuple(sorted(ApiRole(held) for kind, held, _ in found if kind == "role")),
        customers=frozenset(UUID(held) for kind, held, _ in found if kind == "customer"),
        warehouses=frozenset(UUID(held) for kind, held, _ in found if kind == "warehouse"),
        sandbox=any(sandbox for _, _, sandbox in found),
    )


async def _rows(sql: str, *values: object) -> Sequence[Any]:
    numbers = [dialect().placeholder(number) for number in range(len(values) + 1)]
    return await rows(sql.format(*numbers), *values)


def _uuid(value: UUID | str) -> UUID:
    """An id as either engine answers it."""
    return UUID(str(value))
