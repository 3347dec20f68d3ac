"""The audit log: one row with each change, for good."""

import pytest

from models.audit import AuditEvent
from models.database import DatabaseFault, execute, transaction
from models.words import ActorKind, AuditAction, AuditSubject
from models.writing import Changes
from resolvers import audit
from resolvers.audit import Actor, Subject
from tests.world import World


async def noted(world: World) -> None:
    changes = Changes()
    before, after = audit.differing({"name": "Shop", "active": True}, {"name": "S", "active": True})
    audit.note(
        changes,
        Actor.host(world.tenant.id),
        AuditAction.UPDATED,
        Subject(AuditSubject.CUSTOMER, world.live.id, "Acme"),
        before=before,
        after=after,
    )
    async with transaction():
        await changes.flush()


async def test_a_change_is_told_with_what_it_changed(world: World) -> None:
    await noted(world)

    [_, event] = await AuditEvent.filter(
        tenant_id=world.tenant.id, subject_id=world.live.id
    ).order_by("at")
    assert (event.actor, event.action) == (ActorKind.HOST, AuditAction.UPDATED)
    assert (event.before, event.after) == ('{"name":"Shop"}', '{"name":"S"}')


@pytest.mark.parametrize(
    "sql", ["update audit_events set actor = 'STAFF'", "delete from audit_events"]
)
async def test_the_database_itself_refuses_to_change_it(world: World, sql: str) -> None:
    await noted(world)

    with pytest.raises(DatabaseFault):
        await execute(sql)

    assert await AuditEvent.filter(tenant_id=world.tenant.id, subject_id=world.live.id).count() == 2
