"""What was called and what it costs: reports and statements, themselves free."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from models.money import decimal_amount
from models.words import UsageDimension
from resolvers import billing, usage
from resolvers.billing import WeekStatement
from schema.access import ANYONE, TENANT_USAGE
from schema.common import Money
from schema.declaring import output, root
from schema.finished import Finished
from schema.questions import told
from schema.scalars import Long

UsageDimensionEnum = strawberry.enum(
    UsageDimension, description="What calls can be grouped by; an operation is a root field."
)


@output(ANYONE, description="A client, customer or warehouse that calls concern.")
class UsageSubject:
    id: strawberry.ID = strawberry.field(description="Its id.")
    code: str | None = strawberry.field(description="Its code, if it has one.")
    name: str = strawberry.field(description="Its name.")


@output(
    ANYONE,
    description="The calls of one group. What was not grouped by is null, and so is what a call "
    "concerns several of.",
)
class UsageRow:
    calls: Long = strawberry.field(description="How many calls were counted.")
    week: date | None = strawberry.field(description="The Monday of the week that pays.")
    day: date | None = strawberry.field(description="The day in the tenant's time zone.")
    client: UsageSubject | None = strawberry.field(description="Who called.")
    customer: UsageSubject | None = strawberry.field(description="Whose goods it was about.")
    warehouse: UsageSubject | None = strawberry.field(description="Which depot it was about.")
    operation: str | None = strawberry.field(description="The root field.")


@output(ANYONE, description="Counted calls between two days of the tenant's.")
class UsageReport:
    from_: date = strawberry.field(name="from", description="The first day.")
    to: date = strawberry.field(description="The day after the last.")
    rows: list[UsageRow] = strawberry.field(description="Calls by group.")
    calls: Long = strawberry.field(description="All of them together.")
    as_of: datetime = strawberry.field(description="When they were counted.")


@output(TENANT_USAGE, description="How many calls of one client to one field a week holds.")
class StatementLine:
    client_id: strawberry.ID = strawberry.field(name="client", description="The client's id.")
    client_name: str = strawberry.field(description="The client's name.")
    field: str = strawberry.field(description="The root field.")
    calls: Long = strawberry.field(description="How many calls.")


@output(
    TENANT_USAGE,
    description="What a week costs: a preview while it is open, for good once it is closed.",
)
class Statement:
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


class Told:
    """A statement, with its money as it is answered."""

    def __init__(self, statement: WeekStatement) -> None:
        self._statement = statement
        self.price_per_call = Decimal(statement.price_micros).scaleb(-6).normalize()
        self.charge = Money(
            amount=decimal_amount(statement.amount, statement.currency),
            currency=statement.currency,
        )

    def __getattr__(self, name: str) -> object:
        return getattr(self._statement, name)


@strawberry.type
class UsageQuery:
    @root(
        ANYONE,
        answers=UsageReport,
        description="The caller's own counted calls; this week's unless days are named.",
        billable=False,
        extensions=[],
    )
    async def usage(
        self,
        info: strawberry.Info,
        from_: Annotated[date | None, strawberry.argument(name="from")] = None,
        to: date | None = None,
        group_by: list[UsageDimension] | None = None,
    ) -> Finished:
        report = await usage.usage_report(info.context.caller, from_, to, group_by or ())
        return told(info, report)

    @root(
        TENANT_USAGE,
        answers=UsageReport,
        description="The counted calls of the whole tenant; this week's unless days are named.",
        billable=False,
        extensions=[],
    )
    async def tenant_usage(
        self,
        info: strawberry.Info,
        from_: Annotated[date | None, strawberry.argument(name="from")] = None,
        to: date | None = None,
        group_by: list[UsageDimension] | None = None,
    ) -> Finished:
        report = await usage.usage_report(
            info.context.caller, from_, to, group_by or (), tenant_wide=True
        )
        return told(info, report)

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
