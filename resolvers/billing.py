"""What a tenant's weeks cost: a preview while a week is open, and for good once it is closed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from models import billing_queries, clock, rollup_queries, usage_queries
from models.billing import Plan, Statement
from models.billing_queries import Account, Line
from models.database import Conflict, transaction
from models.money import charge, decimal_amount
from models.periods import WEEK, Period, monday
from models.record import new_id
from models.tenants import Tenant
from models.usage_queries import Named, Span
from models.words import AuditAction, AuditSubject, UsageDimension, UserErrorCode
from models.writing import Changes
from resolvers import audit, rollups
from resolvers.audit import Actor, Subject
from resolvers.errors import BadInput, UserError, UserErrors, not_found

GRACE = timedelta(minutes=15)
"""How long after its end a week stays open: for transactions under way, and clocks that differ."""

CALLS_PER_JOB = 5
PRICE_MICROS = 10_000
"""A hundredth of the currency unit: where no plan says otherwise."""


@dataclass(frozen=True)
class WeekStatement:
    """A week of a tenant's, and what it costs: as it stands by now, or as it was closed."""

    week: date
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    currency: str
    consignments: int
    warehouse_orders: int
    calls_per_job: int
    price_micros: int
    included: int
    used: int
    excess: int
    amount: int
    """In minor units of `currency`."""
    as_of: datetime
    """When it was closed, or else counted; by the database's clock."""
    lines: Sequence[Line]
    id: UUID | None = None
    """None while the week is open."""

    @property
    def closed_at(self) -> datetime | None:
        return None if self.id is None else self.as_of

    @property
    def hours(self) -> float:
        """How long the week lasts."""
        return (self.ends_at - self.starts_at) / timedelta(hours=1)


class Due(NamedTuple):
    """A week that is over and not closed."""

    tenant_id: UUID
    week: date


@dataclass(frozen=True)
class Terms:
    """What a tenant's plan says for a week."""

    consignments: int = 0
    warehouse_orders: int = 0
    calls_per_job: int = CALLS_PER_JOB
    price_micros: int = PRICE_MICROS

    @property
    def included(self) -> int:
        """Calls that cost nothing more (FAQ: 5 for each consignment and warehouse order)."""
        return self.calls_per_job * (self.consignments + self.warehouse_orders)

    def excess(self, used: int) -> int:
        """Calls beyond the inclusion."""
        return max(0, used - self.included)


async def terms_of(tenant_id: UUID, week: date) -> Terms:
    """The plan that is in force in a week; a tenant without one has nothing included."""
    plan = (
        await Plan.filter(tenant_id=tenant_id, from_week__lte=week).order_by("-from_week").first()
    )
    if plan is None:
        return Terms()
    return Terms(plan.consignments, plan.warehouse_orders, plan.calls_per_job, plan.price_micros)


async def statement(tenant_id: UUID, week: date | None = None) -> WeekStatement:
    """The statement of a week as it was closed, or its preview; of the current week by default.

    Raises:
        BadInput: not a Monday, or no week of the account's until now.

    """
    tenant = await _tenant(tenant_id)
    current = Period.at(await clock.now(), tenant.time_zone).week
    wanted = current if week is None else week
    _check_monday(wanted)
    if (closed := await _closed(tenant_id, wanted)) is not None:
        return closed
    if wanted > current:
        raise BadInput(f"The week of {wanted} has not begun.", path=["week"])
    _check_not_before(wanted, await _first_week_of(tenant))
    return await _preview(tenant, wanted)


async def statements(tenant_id: UUID, *, most: int = 53) -> list[WeekStatement]:
    """The closed weeks, newest first."""
    weeks = sorted(await closed(tenant_id), reverse=True)[:most]
    found = await closed_in(tenant_id, weeks)
    return [found[week] for week in weeks]


async def closed(tenant_id: UUID) -> list[date]:
    """The weeks that have a statement."""
    return list(await billing_queries.closed_weeks(tenant_id))


async def closed_in(
    tenant_id: UUID, weeks: Sequence[date], *, lines: bool = True
) -> dict[date, WeekStatement]:
    """The statements of some weeks, with their lines or, where nobody asks for them, without."""
    found = await Statement.filter(tenant_id=tenant_id, week__in=list(weeks)) if weeks else []
    ids = [row.id for row in found] if lines else []
    lines_of = await billing_queries.lines_of_statements(tenant_id, ids)
    return {row.week: _as_closed(row, lines_of.get(row.id, [])) for row in found}


async def close(tenant_id: UUID, week: date, by: Actor | None = None) -> WeekStatement:
    """Close a week, and first every earlier one that is open. Doing so again changes nothing.

    Who does it is the service itself unless told otherwise.

    Raises:
        BadInput: not a Monday, or a week before the tenant's first.
        UserErrors: it is too early.

    """
    tenant = await _tenant(tenant_id)
    _check_monday(week)
    if (closed := await _closed(tenant_id, week)) is not None:
        return closed
    first = await _first_week_of(tenant)
    _check_not_before(week, first)
    opens = Period.of(week, tenant.time_zone).end + GRACE
    if await clock.now() < opens:
        message = f"The week of {week} can be closed from {opens.isoformat()} on."
        raise UserErrors([UserError(UserErrorCode.WRONG_STATUS, ["week"], message)])
    done = await billing_queries.closed_weeks(tenant_id)
    while first <= week:
        if first not in done:
            await _close_one(tenant, first, by or Actor.service(tenant_id))
        first += WEEK
    closed = await _closed(tenant_id, week)
    if closed is None:
        raise RuntimeError("a statement that was stored is not there")
    return closed


async def due() -> list[Due]:
    """Every week that can be closed by now and follows the last closed one; oldest first."""
    over = await clock.now() - GRACE
    found = []
    for account in await billing_queries.accounts():
        last = account.last_closed
        week = _first_week(account, account.first_counted) if last is None else last + WEEK
        open_still = Period.at(over, account.time_zone).week
        while week < open_still:
            found.append(Due(account.tenant_id, week))
            week += WEEK
    return found


async def _close_one(tenant: Tenant, week: date, by: Actor) -> None:
    """Count a week's rows; store its statement, and with it the week added up for good."""
    while True:
        mark = await rollups.seal(tenant)
        sums = await rollups.whole_week(tenant, week)
        try:
            async with transaction():
                if sum(sums.values()) != await rollup_queries.rows_of_week(tenant.id, week):
                    # A clock was put back, and rows were written meanwhile.
                    sums = await rollups.whole_week(tenant, week)
                await rollups.store_whole(tenant.id, mark, week, sums)
                await _store(tenant, week, sums, by)
            return
        except rollups.Moved:
            continue
        except Conflict as conflict:
            # Somebody else closed it at the same time, and counted the same rows.
            if "week" not in conflict.columns:
                raise
            return


async def _store(tenant: Tenant, week: date, sums: rollup_queries.Sums, by: Actor) -> None:
    calls: Counter[tuple[UUID, str]] = Counter()
    for kind, number in sums.items():
        calls[kind.client_id, kind.field] += number
    lines = [Line(client, "", field, number) for (client, field), number in calls.items()]
    made = await _costing(tenant, week, lines)
    statement_id, changes = new_id(), Changes()
    changes.insert(Statement, _row(tenant.id, statement_id, made))
    audit.note(
        changes,
        by,
        AuditAction.CLOSED,
        Subject(AuditSubject.STATEMENT, statement_id, f"week of {week}"),
        after={
            "week": week,
            "used": made.used,
            "included": made.included,
            "excess": made.excess,
            "charge": {
                "amount": str(decimal_amount(made.amount, made.currency)),
                "currency": made.currency,
            },
        },
    )
    await changes.flush()
    await billing_queries.write_lines(tenant.id, statement_id, lines)


def _row(tenant_id: UUID, statement_id: UUID, preview: WeekStatement) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "id": statement_id,
        **{name: getattr(preview, name) for name in COPIED},
        "closed_at": preview.as_of,
    }


COPIED = (
    "week",
    "starts_at",
    "ends_at",
    "time_zone",
    "currency",
    "consignments",
    "warehouse_orders",
    "calls_per_job",
    "price_micros",
    "included",
    "used",
    "excess",
    "amount",
)
"""What a stored statement and a preview both say."""


async def _preview(tenant: Tenant, week: date) -> WeekStatement:
    """What a week comes to by now: what is added up, and the rows that are not yet."""
    whole = Span(week, None, BEGINNING, END, week, week + WEEK)
    groups = await usage_queries.report(
        tenant.id,
        [whole],
        (UsageDimension.CLIENT, UsageDimension.OPERATION),
        most=MOST_LINES,
    )
    lines = [
        Line(client.id, client.name, field, group.calls)
        for group in groups
        if isinstance(client := group.values[0], Named)
        and isinstance(field := group.values[1], str)
    ]
    return await _costing(tenant, week, billing_queries.in_order(lines))


BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)
MOST_LINES = 10_000_000


async def _costing(tenant: Tenant, week: date, lines: Sequence[Line]) -> WeekStatement:
    """A week of these calls, and what it costs by the plan that is in force."""
    period = Period.of(week, tenant.time_zone)
    terms = await terms_of(tenant.id, week)
    used = sum(line.calls for line in lines)
    excess = terms.excess(used)
    return WeekStatement(
        week=week,
        starts_at=period.start,
        ends_at=period.end,
        time_zone=tenant.time_zone,
        currency=tenant.currency,
        consignments=terms.consignments,
        warehouse_orders=terms.warehouse_orders,
        calls_per_job=terms.calls_per_job,
        price_micros=terms.price_micros,
        included=terms.included,
        used=used,
        excess=excess,
        amount=charge(excess, terms.price_micros, tenant.currency),
        as_of=await clock.now(),
        lines=lines,
    )


async def _closed(tenant_id: UUID, week: date) -> WeekStatement | None:
    return (await closed_in(tenant_id, [week])).get(week)


def _as_closed(row: Statement, lines: Sequence[Line]) -> WeekStatement:
    return WeekStatement(
        **{name: getattr(row, name) for name in COPIED},
        as_of=row.closed_at,
        lines=lines,
        id=row.id,
    )


async def _tenant(tenant_id: UUID) -> Tenant:
    tenant = await Tenant.get_or_none(id=tenant_id)
    if tenant is None:
        raise UserErrors([not_found("tenant", tenant_id, ["tenant"])])
    return tenant


async def _first_week_of(tenant: Tenant) -> date:
    return _first_week(tenant, await billing_queries.first_counted_week(tenant.id))


def _first_week(tenant: Tenant | Account, first_counted: date | None) -> date:
    """The week the account was opened in; clocks may differ as to a call made that moment."""
    opened = Period.at(tenant.created_at, tenant.time_zone).week
    return min(opened, first_counted or opened)


def _check_monday(week: date) -> None:
    if week != monday(week):
        raise BadInput(
            f"A week is named by its Monday; that of {week} is {monday(week)}.", path=["week"]
        )


def _check_not_before(week: date, first: date) -> None:
    if week < first:
        raise BadInput(f"The account's first week is that of {first}.", path=["week"])
