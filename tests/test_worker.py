"""What happens by the clock."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from models import pruning
from models.billing import Statement
from models.clients import AccessToken
from models.database import DatabaseUnavailable, Reason
from models.tenants import Identity, Tenant
from models.usage import Call, IdempotencyKey
from models.words import IdentityKind, Outcome
from server import worker
from tests.world import World, make_world

NOW = datetime.now(UTC)


async def calls(world: World, *days: int) -> None:
    shop = await world.client(name="Shop", active=False)
    await Call.bulk_create(
        Call(
            tenant_id=world.tenant.id,
            at=NOW - timedelta(days=age),
            client_id=shop.client_id,
            field="outboundOrder",
            outcome=Outcome.COUNTED,
            count=1,
            milliseconds=1,
            request_id=str(age),
        )
        for age in days
    )


async def keys(world: World, *days: int) -> None:
    await IdempotencyKey.bulk_create(
        IdempotencyKey(
            tenant_id=world.tenant.id,
            caller_id=world.tenant.id,
            key=str(age),
            field="createOutboundOrder",
            fingerprint="",
            created_at=NOW - timedelta(days=age),
        )
        for age in days
    )


async def test_what_was_kept_for_long_enough_is_forgotten(world: World) -> None:
    await calls(world, 1, 89, 91, 200)
    await keys(world, 1, 30, 36)
    await world.token()
    await world.token(name="Old")
    of = {"tenant_id": world.tenant.id}
    kept, old = await AccessToken.filter(**of).order_by("id")
    await AccessToken.filter(**of, id=old.id).update(expires_at=NOW - timedelta(days=2))
    await worker.work_once()

    assert {one.request_id for one in await Call.filter(**of)} == {"1", "89"}
    assert {one.key for one in await IdempotencyKey.filter(**of)} == {"1", "30"}
    assert [one.id for one in await AccessToken.filter(**of)] == [kept.id]
    leads = await Identity.filter(**of, kind=IdentityKind.TOKEN)
    assert [one.row_id for one in leads] == [kept.id]


async def test_much_is_forgotten_a_little_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (pruning, worker):
        monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(worker, "BETWEEN_BATCHES", 0)
    elsewhere = await make_world("Elsewhere")
    for one in (world, elsewhere):
        await calls(one, *range(100, 107))
    await worker.forget()

    assert await Call.all().count() == 0


async def test_weeks_that_are_due_are_closed_once_however_many_work(world: World) -> None:
    await Tenant.filter(id=world.tenant.id).update(created_at=NOW - timedelta(weeks=3))
    await asyncio.gather(*(worker.work_once() for _ in range(4)))
    await worker.work_once()

    weeks = [one.week for one in await Statement.filter(tenant_id=world.tenant.id).order_by("week")]
    assert len(weeks) in {2, 3}  # for a quarter of an hour the last one stays open
    assert weeks == [weeks[0] + timedelta(weeks=number) for number in range(len(weeks))]


async def test_what_fails_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a lost database nor a fault of ours ends the work."""
    await keys(world, 36)

    async def lost() -> None:
        raise DatabaseUnavailable(Reason.LOST, "The database does not answer")

    async def faulty() -> None:
        raise ZeroDivisionError

    for broken in (lost, faulty):
        monkeypatch.setattr(worker, "forget", broken)
        await worker.work_once()
    monkeypatch.undo()
    await worker.work_once()

    assert await IdempotencyKey.filter(tenant_id=world.tenant.id).count() == 0
