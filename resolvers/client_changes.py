"""Commands about API clients: adding them, changing what they reach, letting them in and out.

Each raises its tenant's epoch first, so that every worker acts on it within a second, for tokens
that were issued before, too; the tenant's row is held from then on, so that two changes of one
client happen one after the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from models import client_queries
from models.client_queries import LINKS
from models.clients import ApiClient
from models.database import instant_text
from models.epochs import bump
from models.record import new_id
from models.tenants import Identity
from models.words import AuditAction, AuditSubject, IdentityKind
from models.writing import Changes
from resolvers.administration import Content, Kind, refuse_stale
from resolvers.audit import Actor, Subject, differing, note
from resolvers.client_rules import NOTHING, State, check, settled
from resolvers.commands import Effect, now
from resolvers.contents import camel, input_path
from resolvers.errors import UserErrors, not_found
from resolvers.faults import Faults


@dataclass(frozen=True)
class Standing:
    """A client with what it was given, as a command finds it."""

    client: ApiClient
    state: State

    @property
    def tenant_id(self) -> UUID:
        """Whose it is."""
        return self.client.tenant_id

    @property
    def id(self) -> UUID:
        """Which one it is."""
        return self.client.id

    @property
    def version(self) -> int:
        """How often it was changed."""
        return self.client.version

    def told(self) -> dict[str, Any]:
        """What the audit log tells of it."""
        return {**told(self.state), "active": self.client.active}


CLIENT = Kind(ApiClient, "API client", AuditSubject.API_CLIENT, Standing.told)


async def add(
    by: Actor, content: Content, changes: Changes, *, client_id: UUID | None = None
) -> Effect:
    """Add a client. It starts inactive and without a secret."""
    await bump(by.tenant_id)
    faults = Faults()
    state = {**NOTHING, **settled(content, faults)}
    await check(by.tenant_id, NOTHING, state, content, faults)
    faults.raise_any()

    at, key = now(), client_id or new_id()
    row = {"tenant_id": by.tenant_id, "id": key, **_columns(state)}
    changes.insert(ApiClient, {**row, "active": False, "created_at": at, "modified_at": at})
    await Identity.create(
        value=str(key), kind=IdentityKind.CLIENT, tenant_id=by.tenant_id, row_id=key
    )
    await _give(by.tenant_id, key, NOTHING, state, changes)
    after = differing({}, {**told(state), "active": False})[1]
    subject = Subject(AuditSubject.API_CLIENT, key, state["name"])
    note(changes, by, AuditAction.CREATED, subject, after=after)
    return Effect(key)


async def edit(by: Actor, content: Content, changes: Changes) -> Effect:
    """Set the fields that are given, if nobody changed the client since it was read."""
    standing = await _found(by, content)
    await refuse_stale(CLIENT, standing, content)
    faults = Faults()
    before = standing.state
    after = {**before, **settled(content, faults)}
    await check(by.tenant_id, before, after, content, faults)
    faults.raise_any()

    was, is_ = differing(told(before), told(after))
    if not is_:
        return Effect(standing.id, replayed=True)
    await _give(by.tenant_id, standing.id, before, after, changes)
    _write(standing, changes, **_columns(after))
    subject = CLIENT.subject_of(standing.client)
    note(changes, by, AuditAction.UPDATED, subject, before=was, after=is_)
    return Effect(standing.id)


async def activate(by: Actor, content: Content, changes: Changes) -> Effect:
    """Let a client in."""
    return await _switch(by, content, changes, on=True)


async def deactivate(by: Actor, content: Content, changes: Changes) -> Effect:
    """Shut a client out, with all its tokens, on every worker within a second."""
    return await _switch(by, content, changes, on=False)


async def _switch(by: Actor, content: Content, changes: Changes, *, on: bool) -> Effect:
    standing = await _found(by, content)
    if standing.client.active is on:
        return Effect(standing.id, replayed=True)
    _write(standing, changes, active=on)
    action = AuditAction.ACTIVATED if on else AuditAction.DEACTIVATED
    subject = CLIENT.subject_of(standing.client)
    note(changes, by, action, subject, before={"active": not on}, after={"active": on})
    return Effect(standing.id)


async def _found(by: Actor, content: Content) -> Standing:
    await bump(by.tenant_id)
    client = await client_queries.client(by.tenant_id, content["id"])
    if client is None:
        raise UserErrors([not_found(CLIENT.noun, content["id"], input_path("id"))])
    held = (await client_queries.held_by(by.tenant_id, [client.id]))[client.id]
    state = {name: getattr(client, name) for name in NOTHING if name not in LINKS}
    state |= {
        "addresses": orjson.loads(client.addresses),
        "roles": held.roles,
        "customers": sorted((one.id for one in held.customers), key=str),
        "warehouses": sorted((one.id for one in held.warehouses), key=str),
    }
    return Standing(client, state)


def _write(standing: Standing, changes: Changes, **columns: Any) -> None:
    version = standing.version + 1
    changes.update(
        ApiClient,
        standing.tenant_id,
        standing.id,
        **columns,
        version=version,
        modified_at=now(),
    )


async def _give(
    tenant_id: UUID, client_id: UUID, before: State, after: State, changes: Changes
) -> None:
    """Give what is new, and take back what is no more."""
    for kind, (table, column) in LINKS.items():
        had, has = set(before[kind]), set(after[kind])
        await client_queries.take_back(kind, tenant_id, client_id, had - has)
        whose = {"tenant_id": tenant_id, "client_id": client_id}
        new = sorted(has - had, key=str)
        changes.insert(table, *({**whose, "id": new_id(), column: one} for one in new))


def _columns(state: State) -> dict[str, Any]:
    own = {name: value for name, value in state.items() if name not in LINKS}
    return {**own, "addresses": orjson.dumps(state["addresses"]).decode()}


def told(state: Mapping[str, Any]) -> dict[str, Any]:
    """A client as the audit log tells it: by the names of the schema, ids and instants as text."""
    expires = state["expires_at"]
    return {camel(name): value for name, value in state.items()} | {
        "customers": [str(one) for one in state["customers"]],
        "warehouses": [str(one) for one in state["warehouses"]],
        "expiresAt": expires and instant_text(expires),
    }
