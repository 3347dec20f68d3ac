"""Asking as an administrator of the operator: any command, by its name and its input."""

from typing import Any

import orjson
from graphql import build_schema

from models.audit import AuditEvent
from models.words import StaffRole
from server.contract import printed
from tests.asking import Answer, Shop

SDL = build_schema(printed())
MINE = "<the administrator's token>"
FAULTS = (
    "userErrors { code path message existing differences { path stored given } } replayed count"
)


async def administrator(shop: Shop) -> str:
    """The token of an administrator: the same for all of a test, since each one is audited."""
    if (known := shop.known.get(MINE)) is None:
        known = shop.known[MINE] = await shop.world.staff_token(StaffRole.ADMINISTRATOR)
    return known


async def command(
    shop: Shop, field: str, tells: str = "", *, by: str | None = None, **given: Any
) -> Answer:
    """Carry out a command with that input, as an administrator unless somebody else is named."""
    assert SDL.mutation_type is not None
    type_ = SDL.mutation_type.fields[field].args["input"].type
    document = f"mutation($input: {type_}) {{ {field}(input: $input) {{ {tells} {FAULTS} }} }}"
    return await shop.say(document, by=by or await administrator(shop), input=given)


async def audited(shop: Shop, subject: Any, *actions: str) -> list[tuple[str, Any, Any]]:
    """What the audit log says of something since it was made: action, before, after."""
    whose = AuditEvent.filter(tenant_id=shop.world.tenant.id, subject_id=subject)
    return [
        (one.action.value, orjson.loads(one.before), orjson.loads(one.after))
        for one in await whose.order_by("at", "id")
        if not actions or one.action in actions
    ]
