"""Report runs: answers too large for one page, made beside and fetched as files."""

from datetime import datetime
from enum import Enum

import strawberry

from models.reports import ReportRun as ReportRunRow
from models.words import ReportFault, ReportFormat, ReportKind, ReportStatus, StockDimension
from resolvers import reports
from schema.access import VIEW_STOCK
from schema.commands import CommandPayload, carry_out, command
from schema.common import Direction
from schema.declaring import column, output, root
from schema.filters import AND, NOT, OR, DateTimeFilter, IdFilter, combined, compared
from schema.finished import Finished
from schema.inputs import command_input, key_field, try_field
from schema.lists import connection_of, listing, sort_of
from schema.questions import one
from schema.scalars import Long

ReportKindEnum = strawberry.enum(ReportKind, description="What a report run is about.")
ReportFormatEnum = strawberry.enum(ReportFormat, description="How its file is written.")
ReportStatusEnum = strawberry.enum(
    ReportStatus, name="ReportRunStatus", description="Where a report run stands."
)
ReportFaultEnum = strawberry.enum(
    ReportFault, name="ReportRunError", description="Why a report run has no file."
)


# Nothing leads on from it: it is free to ask for.
@output(VIEW_STOCK, description="One report that was asked for.", table=ReportRunRow)
class ReportRun:
    id: strawberry.ID = column("A bare lower-case UUID (v7).")
    kind: ReportKind = column("What it is about.")
    format: ReportFormat = column("How its file is written.")
    status: ReportStatus = column("Where it stands.")
    rows_done: Long = column("Rows that are in the file so far.")
    rows_total: Long | None = column(
        "Rows that there will be, where that is known before; exact once it is `DONE`."
    )
    bytes: Long = column("How large the file is so far.")
    created_at: datetime = column("When it was asked for.")
    started_at: datetime | None = column("When it was last begun.")
    finished_at: datetime | None = column("When it was done, or failed.")
    expires_at: datetime | None = column("Until when the file is kept.")
    download_path: str | None = column(
        "Where the file is fetched by GET, with the same bearer token; null while there is none."
    )
    error: ReportFault | None = column("Why there is no file, if it failed.")


ReportRunConnection = connection_of(ReportRun, VIEW_STOCK, "a report run", "report runs")


@strawberry.input(description="Compares a status.")
class ReportRunStatusFilter:
    eq: ReportStatus | None = strawberry.field(default=None, description="Is this one.")
    in_: list[ReportStatus] | None = strawberry.field(
        name="in", default=None, description="Is one of these."
    )


@strawberry.input(description="Which report runs.")
class ReportRunFilter:
    and_: list["ReportRunFilter"] | None = combined("and", AND)
    or_: list["ReportRunFilter"] | None = combined("or", OR)
    not_: "ReportRunFilter | None" = combined("not", NOT)
    id: IdFilter | None = compared("id", "By id.")
    status: ReportRunStatusFilter | None = compared("status", "By status.")
    created_at: DateTimeFilter | None = compared("created_at", "By when they were asked for.")


@strawberry.enum(description="What report runs are ordered by.")
class ReportRunSortField(Enum):
    CREATED_AT = "created_at"


ReportRunSort = sort_of("ReportRun", "report runs", ReportRunSortField.CREATED_AT, Direction.DESC)


@command_input("What a report is to tell.")
class CreateReportRunInput:
    kind: ReportKind = strawberry.field(description="What it is about.")
    format: ReportFormat = strawberry.field(
        default=ReportFormat.CSV, description="How its file is written."
    )
    customer: strawberry.ID | None = strawberry.field(
        default=None, description="Whose goods; those of all customers in reach if none is named."
    )
    warehouse: strawberry.ID | None = strawberry.field(
        default=None, description="Where; in all warehouses in reach if none is named."
    )
    as_of: datetime | None = strawberry.field(
        default=None,
        description="As it was then, not later than now. If it is left out, each row is as it is "
        "when it is written.",
    )
    aggregate_by: list[StockDimension] | None = strawberry.field(
        default=None, description="Add up what agrees in these; what is not named is left empty."
    )
    idempotency_key: str | None = key_field()
    validate_only: bool = try_field()


@output(VIEW_STOCK, description="What became of `createReportRun`.")
class CreateReportRunPayload(CommandPayload):
    report_run: ReportRun | None = strawberry.field(description="The run; null with user errors.")


@strawberry.type
class ReportQuery:
    @root(
        VIEW_STOCK,
        answers=ReportRun | None,
        description="The caller's own report run of that id, or null.",
        billable=False,
    )
    async def report_run(self, info: strawberry.Info, id: strawberry.ID) -> Finished | None:
        return await one(info, id)

    report_runs = listing(
        VIEW_STOCK,
        of=ReportRunConnection,
        filter=ReportRunFilter,
        sort=ReportRunSort,
        description="The caller's own report runs, a page at a time, newest first.",
        billable=False,
    )


@strawberry.type
class ReportMutation:
    @command(
        VIEW_STOCK,
        answers=CreateReportRunPayload | None,
        description="Ask for a report. It is made beside; look at the run until it is `DONE`, then "
        "fetch its file. `TOO_MANY` while 20 of the caller's runs are unfinished.",
    )
    async def create_report_run(
        self, info: strawberry.Info, input: CreateReportRunInput
    ) -> Finished | None:
        return await carry_out(info, input, reports.ask_for)
