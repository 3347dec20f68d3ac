"""Trying before it counts: a sandbox twin of a live customer, and the step from it to the live one.

A client holds sandbox customers or live ones, never both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from models.audit import AuditEvent
from models.clients import ApiClient, ApiClientCustomer
from models.epochs import bump
from models.record import new_id
from models.sandbox import Copying, copy_products, let_go
from models.tenants import Customer
from models.words import AuditAction, AuditSubject, UserErrorCode
from models.writing import Changes
from resolvers import customers
from resolvers.administration import Content, change
from resolvers.audit import Actor, Subject, note
from resolvers.commands import Effect, now
from resolvers.contents import input_path
from resolvers.customers import KIND
from resolvers.errors import UserError, UserErrors, not_found
from resolvers.tenants import LONGEST_CODE, LONGEST_NAME
from resolvers.versions import stale

TWIN_CODE = "-TEST"
TWIN_NAME = " (sandbox)"


async def create(by: Actor, content: Content, changes: Changes) -> Effect:
    """Copy a live customer with its settings and products, but no orders. It has one twin at most.

    Its code and its name are made of the original's, unless they are said.
    """
    live = await Customer.get_or_none(tenant_id=by.tenant_id, id=content["of"], sandbox=False)
    if live is None:
        raise UserErrors([not_found("live customer", content["of"], input_path("of"))])
    if not live.active:
        message = "This customer is not active."
        raise UserErrors([UserError(UserErrorCode.INVALID, input_path("of"), message)])
    # Its code, made of the same, would be taken as well.
    if faults := await customers.twin_faults(live, "of"):
        raise UserErrors(faults)
    twin = {
        "code": content.get("code") or _ending(live.code, TWIN_CODE, LONGEST_CODE),
        "name": content.get("name") or _ending(live.name, TWIN_NAME, LONGEST_NAME),
        "sandbox": True,
        "sandbox_of": live.id,
    }
    effect = await customers.add(
        by, twin, changes, action=AuditAction.SANDBOX_CREATED, twin_at="of"
    )
    # The customer goes first: on SQLite its products refer to it as they are written.
    await changes.flush()
    whose = (by.tenant_id, live.id, effect.id)
    await copy_products(Copying(*whose, now(), by.client_id, by.staff_user_id))
    return effect


async def twin_of(live: Customer) -> Customer:
    """The sandbox twin of a live customer that has one."""
    return await Customer.get(tenant_id=live.tenant_id, sandbox_of_id=live.id)


async def go_live(by: Actor, content: Content, changes: Changes) -> Effect:
    """Swap a client's sandbox customers for their live originals: all of them, or none.

    Each sandbox customer is deactivated, whoever else still tries with it; that is told.
    """
    await bump(by.tenant_id)
    found = ApiClient.filter(tenant_id=by.tenant_id, id=content["client"]).select_for_update()
    client = await found.get_or_none()
    if client is None:
        raise UserErrors([not_found("API client", content["client"], input_path("client"))])
    if content.get("version") not in {None, client.version}:
        raise stale(client.version, content["version"], (), {}, {})
    swaps = await _swaps(by, client)
    await let_go(by.tenant_id, client.id, [one.sandbox.id for one in swaps])
    whose = {"tenant_id": by.tenant_id, "client_id": client.id}
    live = [{**whose, "id": new_id(), "customer_id": one.live.id} for one in swaps]
    changes.insert(ApiClientCustomer, *live)
    changes.update(
        ApiClient, by.tenant_id, client.id, version=client.version + 1, modified_at=now()
    )
    note(
        changes,
        by,
        AuditAction.WENT_LIVE,
        Subject(AuditSubject.API_CLIENT, client.id, client.name),
        before={"customers": [str(one.sandbox.id) for one in swaps]},
        after={"customers": [str(one.live.id) for one in swaps]},
    )
    for one in swaps:
        await change(KIND, by, one.sandbox, {"active": False}, changes)
    return Effect(client.id)


@dataclass(frozen=True)
class Swap:
    """A sandbox customer that a client held, and the live one that it holds instead."""

    sandbox: Customer
    live: Customer


@dataclass(frozen=True)
class Swapped:
    """A swap as it was made, and who else still holds the sandbox customer."""

    sandbox: Customer
    live: Customer
    also_held_by: Sequence[ApiClient]


async def swapped(tenant_id: UUID, client_id: UUID) -> list[Swapped]:
    """What a client's going live swapped, the last time it did; from the audit log."""
    events = AuditEvent.filter(
        tenant_id=tenant_id, subject_id=client_id, action=AuditAction.WENT_LIVE
    )
    event = await events.order_by("-at", "-id").first()
    if event is None:
        return []
    before, after = (_named(told) for told in (event.before, event.after))
    known = await Customer.filter(tenant_id=tenant_id, id__in=[*before, *after])
    by_id = {one.id: one for one in known}
    others = await _holders(tenant_id, before, but=client_id)
    return [
        Swapped(by_id[trial], by_id[live], others.get(trial, ()))
        for trial, live in zip(before, after, strict=True)
    ]


async def _swaps(by: Actor, client: ApiClient) -> list[Swap]:
    holds = await ApiClientCustomer.filter(tenant_id=by.tenant_id, client_id=client.id)
    ids = [one.customer_id for one in holds]
    trials = Customer.filter(tenant_id=by.tenant_id, id__in=ids, sandbox=True)
    held = await trials.order_by("code").select_for_update()
    if not held:
        raise UserErrors([_fault("This client holds no sandbox customers: it is live already.")])
    originals = await Customer.filter(
        tenant_id=by.tenant_id, id__in=[one.sandbox_of_id for one in held if one.sandbox_of_id]
    )
    live = {one.id: one for one in originals}
    faults = [
        _fault(f"Sandbox customer `{one.code}` has no live original.")
        for one in held
        if one.sandbox_of_id is None
    ]
    faults += [
        _fault(f"Customer `{one.code}`, the original of a sandbox one, is not active.")
        for one in originals
        if not one.active
    ]
    if faults:
        raise UserErrors(faults)
    return [Swap(one, live[one.sandbox_of_id]) for one in held if one.sandbox_of_id]


async def _holders(
    tenant_id: UUID, trials: Sequence[UUID], *, but: UUID
) -> Mapping[UUID, list[ApiClient]]:
    """The other clients that hold sandbox customers, by customer."""
    rows = await ApiClientCustomer.filter(tenant_id=tenant_id, customer_id__in=list(trials))
    ids = {one.client_id for one in rows} - {but}
    clients = await ApiClient.filter(tenant_id=tenant_id, id__in=list(ids)).order_by("name", "id")
    return {
        trial: [
            one
            for one in clients
            if any(row.client_id == one.id and row.customer_id == trial for row in rows)
        ]
        for trial in trials
    }


def _named(told: str) -> list[UUID]:
    content: dict[str, Any] = orjson.loads(told)
    return [UUID(one) for one in content["customers"]]


def _ending(text: str, end: str, longest: int) -> str:
    return text[: longest - len(end)] + end


def _fault(message: str) -> UserError:
    return UserError(UserErrorCode.INVALID, input_path("client"), message)
