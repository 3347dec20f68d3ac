"""What the ledger, its sums, reports and statements say beside each other."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from models import usage_queries, verify_usage
from models.billing import Statement
from models.money import charge
from models.periods import WEEK, Period
from models.rollup_queries import rows_of_week, weeks_of_books
from models.tenants import Tenant
from models.usage_queries import Named, Span
from models.verify_usage import Added, Counted
from models.words import UsageDimension
from resolvers.differences import Difference, sums, unequal
from resolvers.usage import spans

BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)
MOST_GROUPS = 1_000_000


async def differences(tenant: Tenant) -> list[Difference]:
    """Sums and weeks that are not the same wherever they are told."""
    statements = await Statement.filter(tenant_id=tenant.id).order_by("week")
    lines = await verify_usage.statement_lines(tenant.id)
    ledger: Counter[tuple[date, UUID, str]] = Counter()
    added: list[Difference] = []
    for week in await weeks_of_books(tenant.id):
        # A day at a time: of a large week no statement would come to its end.
        for one in spans(week, week + WEEK, tenant.time_zone, by_day=True):
            counted = await verify_usage.added_up(tenant.id, one)
            added += _sums_against_ledger(tenant.id, counted)
            for row in counted:
                ledger[row.week, row.client_id, row.field] += row.calls
    return [
        *_lines_against_ledger(tenant.id, {row.week for row in statements}, lines, +ledger),
        *added,
        *_statements(tenant.id, statements, lines),
        *await _reports(tenant, +ledger),
        *await _weeks(tenant, statements, {week for week, _, _ in +ledger}),
    ]


def _sums_against_ledger(tenant_id: UUID, counted: Sequence[Added]) -> Iterator[Difference]:
    for row in counted:
        if row.due != row.rolled:
            about = f"week of {row.week}, client {row.client_id}, {row.field}, {row.day}"
            for name, concerned in (
                ("customer", row.customer_id),
                ("warehouse", row.warehouse_id),
            ):
                about += "" if concerned is None else f", {name} {concerned}"
            yield Difference(
                tenant_id, "roll-ups are the ledger's settled rows", about, row.due, row.rolled
            )


def _lines_against_ledger(
    tenant_id: UUID,
    closed: set[date],
    lines: Sequence[Counted],
    ledger: Counter[tuple[date, UUID, str]],
) -> Iterator[Difference]:
    # A row in an open week before a closed one would be on no statement ever.
    over = max(closed, default=date.min)
    yield from unequal(
        tenant_id,
        "statement lines are the ledger's rows",
        sums((key, calls) for key, calls in ledger.items() if key[0] <= over),
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


async def _reports(tenant: Tenant, ledger: Counter[tuple[date, UUID, str]]) -> list[Difference]:
    """What reports say, over clients and over the tenant, is what the ledger holds."""
    by_client: Counter[tuple[date, UUID]] = Counter()
    for (week, client_id, _), calls in ledger.items():
        by_client[week, client_id] += calls
    whole = [_whole(week) for week in sorted({week for week, _ in by_client})]
    told = await usage_queries.report(
        tenant.id, whole, (UsageDimension.WEEK, UsageDimension.CLIENT), most=MOST_GROUPS
    )
    weeks = await usage_queries.report(tenant.id, whole, (UsageDimension.WEEK,), most=MOST_GROUPS)
    clients = {
        (group.values[0], client.id): group.calls
        for group in told
        if isinstance(client := group.values[1], Named)
    }
    found = []
    by_week: Counter[date] = Counter()
    for (week, client_id), calls in by_client.items():
        reported = clients.get((week, client_id), 0)
        counted = calls
        if reported > calls:
            # Calls are made while this looks: there may be as many by now.
            counted = max(calls, await verify_usage.calls_of(tenant.id, week, client_id))
        by_week[week] += counted
        if not calls <= reported <= counted:
            about = f"week of {week}, client {client_id}"
            rule = "a client's usage is its ledger rows"
            found.append(Difference(tenant.id, rule, about, counted, reported))
    for group in weeks:
        [of] = group.values
        if not isinstance(of, date):
            continue
        least = sum(calls for (other, _), calls in by_client.items() if other == of)
        if not least <= group.calls <= await rows_of_week(tenant.id, of):
            rule = "the tenant's usage is its ledger rows"
            found.append(Difference(tenant.id, rule, f"week of {of}", by_week[of], group.calls))
    return found


def _whole(week: date) -> Span:
    return Span(week, None, BEGINNING, END, week, week + WEEK)


async def _weeks(
    tenant: Tenant, statements: Sequence[Statement], weeks: set[date]
) -> list[Difference]:
    """A row's instant lies in the week that pays for it, or before it if it was late."""
    zones = {row.week: row.time_zone for row in statements}
    periods = [Period.of(week, zones.get(week, tenant.time_zone)) for week in sorted(weeks)]
    misplaced = await verify_usage.misplaced_rows(
        tenant.id,
        [
            Span(period.week, None, period.start, period.end, period.week, period.week + WEEK)
            for period in periods
        ],
    )
    return [
        Difference(tenant.id, "a call is paid for in its week", f"week of {row.week}", 0, row.calls)
        for row in misplaced
    ]
