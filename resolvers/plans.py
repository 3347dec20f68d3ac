"""Billing plans: what a tenant pays for in advance, week by week. Set by the host alone."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from models import clock
from models.billing import Plan
from models.billing_queries import closed_weeks
from models.database import transaction
from models.epochs import bump
from models.periods import WEEK, Period
from models.tenants import Tenant
from models.words import AuditAction, AuditSubject, UserErrorCode
from models.writing import Changes
from resolvers import audit
from resolvers.audit import Actor, Subject
from resolvers.errors import UserError, UserErrors

MILLION = 1_000_000
MOST = 10**12


async def set_plan(
    tenant_id: UUID,
    *,
    consignments: int,
    warehouse_orders: int,
    price: Decimal = Decimal("0.01"),
    from_week: date | None = None,
    by: Actor | None = None,
) -> Plan:
    """Plan the weeks from the next one on; a tenant's first plan begins with the current week.

    What is planned for a week that has not begun may be planned anew.
    """
    tenant = await Tenant.get(id=tenant_id)
    async with transaction():
        # Not a change of anybody's access; but its lock lets no two plans be the first.
        await bump(tenant_id)
        earliest = await _earliest(tenant)
        week = from_week or earliest
        _check(consignments, warehouse_orders, price, week, earliest)
        earlier = await Plan.filter(tenant_id=tenant_id, from_week=week).first()
        await Plan.filter(tenant_id=tenant_id, from_week=week).delete()
        made = await Plan.create(
            tenant_id=tenant_id,
            from_week=week,
            consignments=consignments,
            warehouse_orders=warehouse_orders,
            price_micros=int(price * MILLION),
            created_at=datetime.now(UTC),
        )
        changes = Changes()
        before, after = audit.differing(_told(earlier) if earlier else {}, _told(made))
        audit.note(
            changes,
            by or Actor.host(tenant_id),
            AuditAction.PLANNED,
            Subject(AuditSubject.PLAN, made.id, f"from {week} on"),
            before=before if earlier else None,
            after=after,
        )
        await changes.flush()
        return made


def _told(plan: Plan) -> dict[str, Any]:
    """A plan by the names that a statement has for it."""
    return {
        "fromWeek": plan.from_week,
        "consignments": plan.consignments,
        "warehouseOrders": plan.warehouse_orders,
        "callsPerJob": plan.calls_per_job,
        "pricePerCall": format(Decimal(plan.price_micros).scaleb(-6).normalize(), "f"),
    }


async def plans(tenant_id: UUID) -> list[Plan]:
    """All plans of a tenant, by the week they begin with."""
    return await Plan.filter(tenant_id=tenant_id).order_by("from_week")


async def _earliest(tenant: Tenant) -> date:
    current = Period.at(await clock.now(), tenant.time_zone).week
    first = not await Plan.filter(tenant_id=tenant.id).exists()
    earliest = current if first else current + WEEK
    # Where the clock was put back, a week may be closed that is yet to come.
    closed = max(await closed_weeks(tenant.id), default=earliest - WEEK)
    return max(earliest, closed + WEEK)


def _check(
    consignments: int, warehouse_orders: int, price: Decimal, week: date, earliest: date
) -> None:
    faults = []
    for field, count in (("consignments", consignments), ("warehouseOrders", warehouse_orders)):
        if not 0 <= count <= MOST:
            faults.append(_invalid(field, f"A plan has 0 to {MOST:,} of them a week."))
    if not price.is_finite() or not 0 <= price <= MILLION or price * MILLION % 1:
        faults.append(_invalid("price", "A price is 0 to a million, with six places at most."))
    if week.weekday() != 0 or week < earliest:
        message = f"A plan begins on a Monday, {earliest} or later."
        faults.append(_invalid("fromWeek", message))
    if faults:
        raise UserErrors(faults)


def _invalid(field: str, message: str) -> UserError:
    return UserError(UserErrorCode.INVALID, [field], message)
