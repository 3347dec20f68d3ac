"""What the ledger, reports and statements say beside each other."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from models import usage_queries, verify_usage
from models.billing import Statement
from models.money import charge
from models.periods import WEEK, Period
from models.tenants import Tenant
from models.usage_queries import Named, Span
from models.verify_usage import Counted
from models.words import UsageDimension
from resolvers.differences import Difference, sums, unequal

BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)
MOST_GROUPS = 1_000_000


async def differences(tenant: Tenant) -> list[Difference]:
    """Sums and weeks that are not the same wherever they are told."""
    statements = await Statement.filter(tenant_id=tenant.id).order_by("week")
    until = await verify_usage.settled_until()
    lines = await verify_usage.statement_lines(tenant.id)
    ledger = await verify_usage.ledger_lines(tenant.id, until)
    return [
        *_lines_against_ledger(tenant.id, {row.week for row in statements}, lines, ledger),
        *_statements(tenant.id, statements, lines),
        *await _reports(tenant.id, ledger, until),
        *await _weeks(tenant, statements, {row.week for row in ledger}),
    ]


def _lines_against_ledger(
    tenant_id: UUID, closed: set[date], lines: Sequence[Counted], ledger: Sequence[Counted]
) -> Iterator[Difference]:
    # A row in an open week before a closed one would be on no statement ever.
    over = max(closed, default=date.min)
    yield from unequal(
        tenant_id,
        "statement lines are the ledger's rows",
        sums(
            ((row.week, row.client_id, row.field), row.calls) for row in ledger if row.week <= over
        ),
        sums(((row.week, row.client_id, row.field), row.calls) for row in lines),
        lambda key: f"week of {key[0]}, client {key[1]}, {key[2]}",
    )


def _statements(
    tenant_id: UUID, statements: Sequence[Statement], lines: Sequence[Counted]
) -> Iterator[Difference]:
    used = sums(((row.week,), row.calls) for row in lines)
    before: date | None = None
    for row in statements:
        included = row.calls_per_job * (row.consignments + row.warehouse_orders)
        excess = max(0, row.used - row.included)
        period = Period.of(row.week, row.time_zone)
        for rule, expected, found in (
            ("a statement's use is the sum of its lines", used.get((row.week,), 0), row.used),
            ("inclusion is calls per job times jobs", included, row.included),
            ("excess is use beyond inclusion", excess, row.excess),
            (
                "amount is excess times price",
                charge(row.excess, row.price_micros, row.currency),
                row.amount,
            ),
            ("a statement begins with its week", period.start, row.starts_at),
            ("a statement ends with its week", period.end, row.ends_at),
            ("weeks are closed in order", before or row.week, row.week),
        ):
            if expected != found:
                yield Difference(tenant_id, rule, f"week of {row.week}", expected, found)
        before = row.week + WEEK


async def _reports(tenant_id: UUID, ledger: Sequence[Counted], until: datetime) -> list[Difference]:
    """What reports say, over clients and over the tenant, is what the ledger holds."""
    weeks = sorted({row.week for row in ledger})
    spans = [Span(week, None, BEGINNING, until) for week in weeks]
    by_client = await usage_queries.report(
        tenant_id, spans, (UsageDimension.WEEK, UsageDimension.CLIENT), most=MOST_GROUPS
    )
    by_week = await usage_queries.report(tenant_id, spans, (UsageDimension.WEEK,), most=MOST_GROUPS)
    return [
        *unequal(
            tenant_id,
            "a client's usage is its ledger rows",
            sums(((row.week, row.client_id), row.settled) for row in ledger),
            sums(
                ((group.values[0], client.id), group.calls)
                for group in by_client
                if isinstance(client := group.values[1], Named)
            ),
            lambda key: f"week of {key[0]}, client {key[1]}",
        ),
        *unequal(
            tenant_id,
            "the tenant's usage is its ledger rows",
            sums(((row.week,), row.settled) for row in ledger),
            sums((group.values, group.calls) for group in by_week),
            lambda key: f"week of {key[0]}",
        ),
    ]


async def _weeks(
    tenant: Tenant, statements: Sequence[Statement], weeks: set[date]
) -> list[Difference]:
    """A row's instant lies in the week that pays for it, or before it if it was late."""
    zones = {row.week: row.time_zone for row in statements}
    periods = [Period.of(week, zones.get(week, tenant.time_zone)) for week in sorted(weeks)]
    misplaced = await verify_usage.misplaced_rows(
        tenant.id, [Span(period.week, None, period.start, period.end) for period in periods]
    )
    return [
        Difference(tenant.id, "a call is paid for in its week", f"week of {row.week}", 0, row.calls)
        for row in misplaced
    ]
