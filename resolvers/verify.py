"""Recomputing what the books say, and naming every difference.

Nothing is mended here: a difference is a fault of ours that somebody has to look at. It may run
beside the traffic; what is not settled yet is left for the next time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from models import usage_queries, verify_queries
from models.billing import Statement
from models.money import charge
from models.periods import WEEK, Period
from models.tenants import Tenant
from models.usage_queries import Named, Span
from models.verify_queries import Counted, Order
from models.words import UsageDimension

BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)
MOST_GROUPS = 1_000_000

Key = tuple[object, ...]


@dataclass(frozen=True)
class Difference:
    """Two numbers of one tenant that should be the same, and what they are about."""

    tenant_id: UUID
    rule: str
    """Which equation does not hold; the same words each time."""
    about: str
    expected: object
    found: object

    def __str__(self) -> str:
        return (
            f"tenant {self.tenant_id}: {self.rule}, {self.about}: "
            f"expected {self.expected}, found {self.found}"
        )


async def verify() -> list[Difference]:
    """Recompute and compare, for every tenant; an empty list is what one wants to see."""
    found: list[Difference] = []
    for tenant in await Tenant.all().order_by("id"):
        found += await _usage(tenant)
        found += await _orders(tenant.id)
    return found


# --- usage and statements ---------------------------------------------------------------------


async def _usage(tenant: Tenant) -> list[Difference]:
    statements = await Statement.filter(tenant_id=tenant.id).order_by("week")
    until = await verify_queries.settled_until()
    lines = await verify_queries.statement_lines(tenant.id)
    ledger = await verify_queries.ledger_lines(tenant.id, until)
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
    yield from _unequal(
        tenant_id,
        "statement lines are the ledger's rows",
        _sums(
            ((row.week, row.client_id, row.field), row.calls) for row in ledger if row.week <= over
        ),
        _sums(((row.week, row.client_id, row.field), row.calls) for row in lines),
        lambda key: f"week of {key[0]}, client {key[1]}, {key[2]}",
    )


def _statements(
    tenant_id: UUID, statements: Sequence[Statement], lines: Sequence[Counted]
) -> Iterator[Difference]:
    used = _sums(((row.week,), row.calls) for row in lines)
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
        *_unequal(
            tenant_id,
            "a client's usage is its ledger rows",
            _sums(((row.week, row.client_id), row.settled) for row in ledger),
            _sums(
                ((group.values[0], client.id), group.calls)
                for group in by_client
                if isinstance(client := group.values[1], Named)
            ),
            lambda key: f"week of {key[0]}, client {key[1]}",
        ),
        *_unequal(
            tenant_id,
            "the tenant's usage is its ledger rows",
            _sums(((row.week,), row.settled) for row in ledger),
            _sums((group.values, group.calls) for group in by_week),
            lambda key: f"week of {key[0]}",
        ),
    ]


async def _weeks(
    tenant: Tenant, statements: Sequence[Statement], weeks: set[date]
) -> list[Difference]:
    """A row's instant lies in the week that pays for it, or before it if it was late."""
    zones = {row.week: row.time_zone for row in statements}
    periods = [Period.of(week, zones.get(week, tenant.time_zone)) for week in sorted(weeks)]
    misplaced = await verify_queries.misplaced_rows(
        tenant.id, [Span(period.week, None, period.start, period.end) for period in periods]
    )
    return [
        Difference(tenant.id, "a call is paid for in its week", f"week of {row.week}", 0, row.calls)
        for row in misplaced
    ]


# --- orders -----------------------------------------------------------------------------------


async def _orders(tenant_id: UUID) -> list[Difference]:
    def differences(rule: str, expected: object, orders: Sequence[Order]) -> list[Difference]:
        return [
            Difference(tenant_id, rule, f"outbound order {order.id}", expected, order.found)
            for order in orders
        ]

    ask = verify_queries
    return [
        *differences(
            "an order that a client created is charged once, a sandbox order never",
            "as the rule says",
            await ask.orders_not_counted_once(tenant_id),
        ),
        *differences(
            "a charged order exists", 0, await ask.orders_counted_but_not_stored(tenant_id)
        ),
        *differences(
            "history is numbered from 1 to the version",
            "a change for each version",
            await ask.orders_with_broken_history(tenant_id),
        ),
        *differences(
            "an order stands where its last change left it",
            0,
            await ask.orders_with_another_status(tenant_id),
        ),
    ]


# --- comparing --------------------------------------------------------------------------------


def _sums(numbers: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    sums: dict[Key, int] = defaultdict(int)
    for key, number in numbers:
        sums[key] += number
    return sums


def _unequal(
    tenant_id: UUID,
    rule: str,
    expected: dict[Key, int],
    found: dict[Key, int],
    about: Callable[[Key], str],
) -> Iterator[Difference]:
    for key in sorted({*expected, *found}, key=str):
        if (one := expected.get(key, 0)) != (other := found.get(key, 0)):
            yield Difference(tenant_id, rule, about(key), one, other)
