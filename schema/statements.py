"""What weeks cost: statements, where they come from, and where an open week leads. All free."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import strawberry

from models.money import decimal_amount
from models.reading import Rows
from models.shapes import All, Kind, Op, Order, Page, Predicate, Test
from models.usage import LedgerRow
from resolvers import billing, statements
from resolvers.access import Caller
from resolvers.billing import WeekStatement
from schema.access import TENANT_USAGE
from schema.calls import CallClient, CallCustomer, CallWarehouse
from schema.common import Money
from schema.connections import connection_plan
from schema.declaring import Of, column, output, root
from schema.finished import Finished
from schema.lists import connection_of
from schema.paging import Window, page_of
from schema.questions import (
    answer_type,
    below,
    document_of,
    remembered,
    row_id,
    told,
    told_page,
)
from schema.scalars import Long


@output(TENANT_USAGE, description="How many calls of one client to one field a week holds.")
class StatementLine:
    client_id: strawberry.ID = strawberry.field(name="client", description="The client's id.")
    client_name: str = strawberry.field(description="The client's name.")
    field: str = strawberry.field(description="The root field.")
    calls: Long = strawberry.field(description="How many calls.")


@output(TENANT_USAGE, description="How many calls of one client a week holds.")
class StatementClient:
    client_id: strawberry.ID = strawberry.field(name="client", description="The client's id.")
    client_name: str = strawberry.field(description="The client's name.")
    calls: Long = strawberry.field(description="How many calls.")


@output(TENANT_USAGE, description="How many calls to one field a week holds.")
class StatementOperation:
    field: str = strawberry.field(description="The root field.")
    calls: Long = strawberry.field(description="How many calls.")


@output(
    TENANT_USAGE,
    description="What an open week comes to if it goes on as it has gone so far: the calls so far, "
    "times the week's length over what of it is gone.",
)
class StatementProjection:
    used: Long = strawberry.field(description="Calls at the end of the week.")
    excess: Long = strawberry.field(description="Calls beyond the inclusion.")
    charge: Money = strawberry.field(description="What they would cost, before tax.")


@output(
    TENANT_USAGE,
    description="What a week costs: a preview while it is open, for good once it is closed.",
)
class Statement:
    id: strawberry.ID | None = strawberry.field(description="Null while the week is open.")
    week: date = strawberry.field(description="Its Monday.")
    starts_at: datetime = strawberry.field(description="Monday 00:00 in the tenant's time zone.")
    ends_at: datetime = strawberry.field(description="The Monday after, which it excludes.")
    time_zone: str = strawberry.field(description="IANA.")
    consignments: Long = strawberry.field(description="In the weekly plan.")
    warehouse_orders: Long = strawberry.field(description="In the weekly plan.")
    calls_per_job: int = strawberry.field(description="Included for each of those.")
    included: Long = strawberry.field(description="Calls that cost nothing more.")
    used: Long = strawberry.field(description="Calls in the ledger.")
    excess: Long = strawberry.field(description="Calls beyond the inclusion.")
    price_per_call: Decimal = strawberry.field(description="Of each beyond, in the currency.")
    charge: Money = strawberry.field(description="What the excess costs, before tax.")
    closed_at: datetime | None = strawberry.field(description="Null while the week is open.")
    as_of: datetime = strawberry.field(description="When it was counted.")
    lines: list[StatementLine] = strawberry.field(description="By client and root field.")
    clients: list[StatementClient] = strawberry.field(description="By client, most calls first.")
    operations: list[StatementOperation] = strawberry.field(
        description="By root field, most calls first."
    )
    projection: StatementProjection | None = strawberry.field(
        description="Where an open week leads; null once it is closed, and in its first hour."
    )
    lines_path: str = strawberry.field(
        description="Where its lines are fetched by GET with the same credentials, with `.csv` or "
        "`.json` behind it."
    )
    calls_path: str = strawberry.field(
        description="Where its calls are fetched in the same ways; `client` and `field` in the "
        "query choose among them."
    )


StatementConnection = connection_of(Statement, TENANT_USAGE, "a statement", "statements")


@output(
    TENANT_USAGE,
    description="One call that a week pays for, as it stands in the ledger. What it concerned is "
    "null where it concerned none or several.",
    table=LedgerRow,
)
class StatementCall:
    id: strawberry.ID = column("A bare lower-case UUID (v7).")
    at: datetime = column("When it was counted.")
    week: date = column("The Monday of the week that pays for it.")
    late: bool = column("Whether its own week was closed already.")
    client: CallClient = column("Who called.")
    field: str = column("The root field.")
    operation: str | None = column("What the document calls itself.")
    object: strawberry.ID | None = column(
        "The one job or other thing it concerned.", Of("object_id")
    )
    customer: CallCustomer | None = column("Whose goods it was about.")
    warehouse: CallWarehouse | None = column("Which depot it was about.")
    request_id: str = column("The request; its other calls have the same.")


StatementCallConnection = connection_of(StatementCall, TENANT_USAGE, "a call", "calls of a week")


class Projected(NamedTuple):
    """Where an open week leads, as it is answered."""

    used: int
    excess: int
    charge: Money


class Told:
    """A statement, with its money and its sums as they are answered."""

    def __init__(self, statement: WeekStatement) -> None:
        self._statement = statement
        self.price_per_call = Decimal(statement.price_micros).scaleb(-6).normalize()
        self.charge = self._money(statement.amount)
        self.lines_path = f"/statements/{statement.week}/lines"
        self.calls_path = f"/statements/{statement.week}/calls"

    def __getattr__(self, name: str) -> object:
        return getattr(self._statement, name)

    @property
    def clients(self) -> list[statements.OfClient]:
        return statements.by_client(self._statement)

    @property
    def operations(self) -> list[statements.OfField]:
        return statements.by_field(self._statement)

    @property
    def projection(self) -> "Projected | None":
        made = statements.projection(self._statement)
        if made is None:
            return None
        return Projected(made.used, made.excess, self._money(made.amount))

    def _money(self, minor: int) -> Money:
        currency = self._statement.currency
        return Money(amount=decimal_amount(minor, currency), currency=currency)


async def _browse(caller: Caller, page: Page, names: frozenset[str]) -> Rows:
    found = await statements.browse(caller, page, names)
    listed: list[Any] = [(Told(one), week) for one, week in map(tuple, found.rows)]
    return replace(found, rows=listed)


@strawberry.type
class StatementQuery:
    @root(
        TENANT_USAGE,
        answers=Statement,
        description="What a week costs; the one that is running unless its Monday is named.",
        billable=False,
        extensions=[],
    )
    async def statement(self, info: strawberry.Info, week: date | None = None) -> Finished:
        found = await billing.statement(info.context.caller.tenant_id, week)
        return told(info, Told(found))

    @root(
        TENANT_USAGE,
        answers=StatementConnection | None,
        description="The closed weeks, the newest first.",
        billable=False,
        extensions=[],
    )
    async def statements(
        self,
        info: strawberry.Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Finished:
        whole = Page(Order("week", Kind.DATE, descending=True, ties=()))
        return await told_page(info, Window(first, after, last, before), whole, _browse)

    @root(
        TENANT_USAGE,
        answers=StatementCallConnection | None,
        description="The calls behind a statement's line, the newest first: of a week and a "
        "client, and of one root field if it is named.",
        billable=False,
        extensions=[],
    )
    async def statement_calls(
        self,
        info: strawberry.Info,
        week: date,
        client: strawberry.ID,
        field: str | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Finished:
        tests: list[Predicate] = [
            Test("week", Op.EQ, week),
            Test("client_id", Op.EQ, row_id(client, "client")),
            *([] if field is None else [Test("field", Op.EQ, field)]),
        ]
        whole = Page(Order("at", Kind.INSTANT, descending=True), where=All(tuple(tests)))
        wanted = page_of(answer_type(info).name, Window(first, after, last, before), whole)
        plan = remembered(
            info,
            "page",
            lambda: connection_plan(document_of(info), below(info), answer_type(info)),
        )
        fitted = plan.fitted(wanted)
        found = await statements.browse_calls(info.context.caller, plan.shapes, fitted)
        return Finished(plan.write(fitted, found))
