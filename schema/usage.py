"""What was called: reports, themselves free."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from models.words import UsageDimension
from resolvers import usage
from schema.access import ANYONE, TENANT_USAGE
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
