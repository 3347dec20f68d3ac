from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from models import usage_queries
from models.billing import Statement, StatementLine
from models.orders import OutboundOrder, OutboundOrderEvent
from models.record import new_id
from models.tenants import Customer, Warehouse
from models.usage import LedgerRow
from models.words import DeliveryMethod, OutboundStatus
from resolvers.billing import close
from resolvers.verify import verify
from tests.books import WEEK, Books, open_books

pytestmark = pytest.mark.usefixtures("database")

ONCE = "what a client did is charged once, in a sandbox never"
LINES = "statement lines are the ledger's rows"
ROLLUPS = "roll-ups are the ledger's settled rows"


@dataclass
class Depot:
    """An account with a closed week, an open one, and one order of each kind."""

    books: Books
    live: Customer
    sandbox: Customer
    warehouse: Warehouse

    @property
    def tenant_id(self) -> UUID:
        return self.books.tenant.id

    async def order(
        self, *, sandbox: bool = False, by_client: bool = True, charged: int | None = None
    ) -> OutboundOrder:
        """Store an order that was placed and is being packed, with its row in the ledger."""
        now = datetime.now(UTC)
        client = await self.books.client()
        order = await OutboundOrder.create(
            tenant_id=self.tenant_id,
            customer_id=(self.sandbox if sandbox else self.live).id,
            warehouse_id=self.warehouse.id,
            reference=str(new_id()),
            status=OutboundStatus.PACKING_IN_PROGRESS,
            version=2,
            deliver_method=DeliveryMethod.PICKUP,
            content="{}",
            created_at=now,
            modified_at=now,
        )
        for version, status in enumerate(
            (OutboundStatus.AWAITING_PICK_AND_PACK, OutboundStatus.PACKING_IN_PROGRESS), start=1
        ):
            await OutboundOrderEvent.create(
                tenant_id=self.tenant_id,
                order_id=order.id,
                version=version,
                status=status,
                changed="[]",
                at=now,
                client_id=client.id if by_client and version == 1 else None,
            )
        calls = int(by_client and not sandbox) if charged is None else charged
        await self.books.called(now, calls, field="createOutboundOrder", object_id=order.id)
        return order

    async def change(self, table, **values) -> None:
        """Change rows of this tenant behind the books' back."""
        assert await table.filter(tenant_id=self.tenant_id).update(**values)


@pytest_asyncio.fixture
async def depot(database: str) -> Depot:  # noqa: ARG001 - it has to be connected
    books = await open_books(weeks=1)
    now = datetime.now(UTC)
    given = {"tenant_id": books.tenant.id, "created_at": now, "modified_at": now}
    depot = Depot(
        books,
        live=await Customer.create(code="ACME", name="Acme", **given),
        sandbox=await Customer.create(code="ACME-TEST", name="Acme", sandbox=True, **given),
        warehouse=await Warehouse.create(code="SYD", name="Sydney", time_zone="UTC", **given),
    )
    await books.plan(books.past(1).week, orders=1)
    await books.called(books.past(1).start, 6)
    await books.called(books.past(1).start, 2, name="ERP", field="products")
    await close(books.tenant.id, books.past(1).week)
    await books.called(max(books.week.start, now - timedelta(hours=1)), 3)
    await depot.order()
    return depot


async def rules() -> list[tuple[str, object, object]]:
    return [(one.rule, one.expected, one.found) for one in await verify()]


async def of_books() -> list[tuple[str, object, object]]:
    """The differences of what is stored; what is told of it differs besides."""
    return [one for one in await rules() if one[0] in {LINES, ROLLUPS}]


async def test_books_that_are_right_have_no_differences(depot):
    await depot.order(sandbox=True)
    await depot.order(by_client=False)  # made by the demonstration
    await depot.books.called(depot.books.past(1).start, week=depot.books.week.week)
    await open_books(weeks=3, zone="America/New_York")

    assert await verify() == []


async def test_a_difference_names_tenant_rule_and_numbers(depot):
    await depot.change(Statement, amount=7)

    [difference] = await verify()

    week = depot.books.past(1).week
    assert str(difference) == (
        f"tenant {depot.tenant_id}: amount is excess times price, week of {week}:"
        " expected 3, found 7"
    )


# --- usage and statements ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"used": 9}, [("a statement's use is the sum of its lines", 8, 9),
                       ("excess is use beyond inclusion", 4, 3)]),
        ({"included": 6}, [("inclusion is calls per job times jobs", 5, 6),
                           ("excess is use beyond inclusion", 2, 3)]),
        ({"excess": 4}, [("excess is use beyond inclusion", 3, 4),
                         ("amount is excess times price", 4, 3)]),
        ({"price_micros": 20_000}, [("amount is excess times price", 6, 3)]),
        ({"currency": "JPY"}, [("amount is excess times price", 0, 3)]),
    ],
)  # fmt: skip
async def test_the_arithmetic_of_a_statement(depot, changed, named):
    await depot.change(Statement, **changed)

    assert await rules() == named


@pytest.mark.parametrize("column", ["starts_at", "ends_at"])
async def test_a_statement_spans_its_week(depot, column):
    period = depot.books.past(1)
    moved = (period.start if column == "starts_at" else period.end) + timedelta(hours=1)
    await depot.change(Statement, **{column: moved})

    [(rule, _, found)] = await rules()

    assert rule == f"a statement {'begins' if column == 'starts_at' else 'ends'} with its week"
    assert found == moved


async def test_a_ledger_row_lost_after_closing(depot):
    row = await LedgerRow.filter(tenant_id=depot.tenant_id, field="products").first()
    await LedgerRow.filter(tenant_id=depot.tenant_id, id=row.id).delete()

    assert await of_books() == [(LINES, 1, 2), (ROLLUPS, 1, 2)]


async def test_a_ledger_row_added_to_a_closed_week(depot):
    await depot.books.called(depot.books.past(1).start, field="customers")

    assert await of_books() == [(LINES, 1, 0), (ROLLUPS, 1, 0)]


async def test_a_ledger_row_moved_to_another_client(depot):
    erp = await depot.books.client("ERP")
    row = await LedgerRow.filter(
        tenant_id=depot.tenant_id, field="outboundOrders", week=depot.books.past(1).week
    ).first()
    await LedgerRow.filter(tenant_id=depot.tenant_id, id=row.id).update(client_id=erp.id)

    moved = [(LINES, 1, 0), (LINES, 5, 6), (ROLLUPS, 1, 0), (ROLLUPS, 5, 6)]
    assert sorted(await of_books()) == sorted(moved)


async def test_a_statement_line_that_was_changed(depot):
    await StatementLine.filter(tenant_id=depot.tenant_id, field="products").update(calls=3)

    assert await rules() == [
        (LINES, 2, 3),
        ("a statement's use is the sum of its lines", 9, 8),
    ]


async def test_calls_that_are_on_no_statement_though_later_weeks_are_closed(depot):
    """Their week was passed over."""
    books = depot.books
    await books.called(books.past(2).start)

    assert await of_books() == [(LINES, 1, 0), (ROLLUPS, 1, 0)]


async def test_a_week_that_was_passed_over(depot):
    week = depot.books.past(1).week
    await depot.books.closed_ahead(depot.books.week.next())

    found = await rules()

    assert ("weeks are closed in order", week + WEEK, week + 2 * WEEK) in found


async def test_a_call_in_another_week_than_its_instant(depot):
    books = depot.books
    await books.called(books.past(1).start, week=books.week.week)
    await LedgerRow.filter(tenant_id=depot.tenant_id, late=True).update(late=False)

    assert await rules() == [("a call is paid for in its week", 0, 1)]


async def test_a_late_call_that_was_not_late(depot):
    books = depot.books
    await books.called(books.week.start + timedelta(seconds=1))
    await LedgerRow.filter(
        tenant_id=depot.tenant_id, at=books.week.start + timedelta(seconds=1)
    ).update(late=True)

    assert await rules() == [("a call is paid for in its week", 0, 1)]


@pytest.mark.usefixtures("depot")
async def test_usage_that_is_told_otherwise_than_it_is_stored(monkeypatch):
    real = usage_queries.report

    async def report(*of, **given):
        return [group._replace(calls=group.calls + 1) for group in await real(*of, **given)]

    monkeypatch.setattr(usage_queries, "report", report)

    assert {rule for rule, _, _ in await rules()} == {
        "a client's usage is its ledger rows",
        "the tenant's usage is its ledger rows",
    }


# --- orders -----------------------------------------------------------------------------------


@pytest.mark.parametrize("charged", [0, 2])
async def test_an_order_is_charged_once(depot, charged):
    await depot.order(charged=charged)

    assert await rules() == [(ONCE, 1, charged)]


async def test_a_sandbox_order_is_never_charged(depot):
    await depot.order(sandbox=True, charged=1)

    assert await rules() == [(ONCE, 0, 1)]


async def test_an_order_of_the_demonstration_is_not_charged(depot):
    await depot.order(by_client=False, charged=1)

    assert await rules() == [(ONCE, 0, 1)]


@pytest.mark.parametrize("order_id", [new_id(), None])
async def test_a_charge_for_an_order_that_does_not_exist(depot, order_id):
    await depot.books.called(datetime.now(UTC), field="createOutboundOrder", object_id=order_id)

    assert await rules() == [("what was charged exists", 0, 1)]


async def test_an_order_of_another_tenant_does_not_count_as_ones_own(depot):
    others = await open_books()
    order = await OutboundOrder.filter(tenant_id=depot.tenant_id).first()
    await others.called(datetime.now(UTC), field="createOutboundOrder", object_id=order.id)

    [difference] = await verify()

    assert (difference.tenant_id, difference.rule) == (others.tenant.id, "what was charged exists")


@pytest.mark.parametrize("version", [1, 2])
async def test_a_gap_in_a_history(depot, version):
    await OutboundOrderEvent.filter(tenant_id=depot.tenant_id, version=version).delete()

    assert ("history is numbered from 1 to the version", 2, 1) in await rules()


async def test_a_history_that_goes_beyond_the_order(depot):
    await depot.change(OutboundOrder, version=1, status=OutboundStatus.AWAITING_PICK_AND_PACK)

    assert await rules() == [("history is numbered from 1 to the version", 1, 2)]


async def test_an_order_without_a_history(depot):
    await OutboundOrderEvent.filter(tenant_id=depot.tenant_id).delete()

    assert ("history is numbered from 1 to the version", 2, 0) in await rules()


async def test_a_status_that_no_change_led_to(depot):
    await depot.change(OutboundOrder, status=OutboundStatus.DISPATCHED)

    assert await rules() == [
        (
            "a job stands where its last change left it",
            OutboundStatus.PACKING_IN_PROGRESS,
            "DISPATCHED",
        )
    ]
