"""Commands about calls and money: usage, statements, and whether the books are right."""

import sys
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from models import clock
from models.billing import Plan
from models.billing_queries import Line
from models.money import decimal_amount
from models.periods import WEEK, Period
from models.reach import Reach
from models.words import StaffRole, UsageDimension
from resolvers import billing, plans, rollups, statement_files
from resolvers.access import Caller
from resolvers.audit import Actor
from resolvers.billing import WeekStatement
from resolvers.rollups import Rebuilt
from resolvers.statement_files import StatementFormat
from resolvers.tenants import find_tenant
from resolvers.usage import UsageReport, UsageRow, usage_report
from resolvers.verify import verify as verify_all
from server.terminal import (
    REFUSED,
    AsJson,
    OfTenant,
    carry_out,
    print_json,
    print_one,
    print_rows,
    tenant_id,
)

MILLION = 1_000_000

usage = typer.Typer(help="Calls of a tenant.", invoke_without_command=True)
statement = typer.Typer(help="What weeks cost.", invoke_without_command=True)
plan = typer.Typer(no_args_is_help=True, help="Billing plans.")

Week = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its Monday; the current one.")
]
LastWeek = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its Monday; the last week's.")
]


@usage.callback()
def show_usage(
    context: typer.Context,
    *,
    of: OfTenant = None,
    from_: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")
    ] = None,
    to: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day after the last.")
    ] = None,
    by: Annotated[list[UsageDimension] | None, typer.Option(help="Group; repeatable.")] = None,
    as_json: AsJson = False,
) -> None:
    """Calls of a tenant, this week's by default."""
    if context.invoked_subcommand:
        return
    dimensions = by or [UsageDimension.WEEK, UsageDimension.CLIENT]

    async def work() -> UsageReport:
        return await usage_report(
            await _host(of),
            from_.date() if from_ else None,
            to.date() if to else None,
            dimensions,
            tenant_wide=True,
        )

    report = carry_out(work)
    rows = [_usage_row(row, report.group_by) for row in report.rows]
    if as_json:
        print_json(
            {
                "from": report.from_.isoformat(),
                "to": report.to.isoformat(),
                "as_of": report.as_of.isoformat(),
                "calls": report.calls,
                "rows": rows,
            }
        )
    else:
        print_rows(rows, as_json=False)
        print_one({"total": report.calls}, as_json=False)


@usage.command("rebuild")
def rebuild_usage(
    *,
    of: OfTenant = None,
    week: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its Monday; all, if unsaid.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add the ledger up anew, and tell what the sums were and are."""

    async def work() -> list[Rebuilt]:
        return await rollups.rebuild(await find_tenant(of), week.date() if week else None)

    print_rows(
        [
            {
                "week": one.week.isoformat(),
                "before": one.before,
                "after": one.after,
                "differing": one.differing,
            }
            for one in carry_out(work)
        ],
        as_json=as_json,
    )


@statement.callback()
def show_statement(
    context: typer.Context, *, of: OfTenant = None, week: Week = None, as_json: AsJson = False
) -> None:
    """A week's bill: as it stands, or as it was closed."""
    if context.invoked_subcommand:
        return

    async def work() -> WeekStatement:
        tenant = await find_tenant(of)
        return await billing.statement(tenant.id, week.date() if week else None)

    _print_statement(carry_out(work), as_json=as_json)


@statement.command("close")
def close_statement(*, of: OfTenant = None, week: LastWeek = None, as_json: AsJson = False) -> None:
    """Close a week for good, and the open ones before it. Doing so again changes nothing."""

    async def work() -> WeekStatement:
        tenant = await find_tenant(of)
        named = week.date() if week else await _last_week(tenant.time_zone)
        return await billing.close(tenant.id, named, Actor.host(tenant.id))

    _print_statement(carry_out(work), as_json=as_json)


@statement.command("list")
def list_statements(*, of: OfTenant = None, as_json: AsJson = False) -> None:
    """The closed weeks, newest first."""

    async def work() -> list[WeekStatement]:
        return await billing.statements((await find_tenant(of)).id)

    print_rows([_statement(one) for one in carry_out(work)], as_json=as_json)


@statement.command("export")
def export_statement(
    *,
    of: OfTenant = None,
    week: Week = None,
    form: Annotated[
        StatementFormat, typer.Option("--format", help="How it is written.")
    ] = StatementFormat.CSV,
) -> None:
    """Write a week's lines to standard output, for other programs."""

    async def work() -> WeekStatement:
        tenant = await find_tenant(of)
        return await billing.statement(tenant.id, week.date() if week else None)

    sys.stdout.buffer.write(statement_files.lines_of(carry_out(work), form))
    sys.stdout.flush()


@plan.command("set")
def set_plan(
    *,
    of: OfTenant = None,
    consignments: Annotated[int, typer.Option(help="Planned a week.")],
    warehouse_orders: Annotated[int, typer.Option(help="Planned a week, in and out.")],
    price: Annotated[str, typer.Option(help="Of a call beyond the inclusion.")] = "0.01",
    from_week: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A Monday; the next, if unsaid.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Plan from the next week on; a tenant's first plan begins with the current week."""
    try:
        amount = Decimal(price)
    except InvalidOperation:
        raise typer.BadParameter("A price is a decimal number, as 0.01.") from None

    async def work() -> Plan:
        return await plans.set_plan(
            await tenant_id(of),
            consignments=consignments,
            warehouse_orders=warehouse_orders,
            price=amount,
            from_week=from_week.date() if from_week else None,
        )

    print_one(_plan(carry_out(work)), as_json=as_json)


@plan.command("list")
def list_plans(*, of: OfTenant = None, as_json: AsJson = False) -> None:
    """All plans, by the week they begin with; each holds until the next."""

    async def work() -> list[Plan]:
        return await plans.plans(await tenant_id(of))

    print_rows([_plan(one) for one in carry_out(work)], as_json=as_json)


def verify(*, as_json: AsJson = False) -> None:
    """Recompute usage, statements and orders; exit code 1 if anything differs."""
    found = carry_out(verify_all)
    if as_json:
        print_json({"differences": [str(one) for one in found]})
    elif found:
        print_rows([{"difference": str(one)} for one in found], as_json=False)
    else:
        sys.stdout.write("The books are right.\n")
    if found:
        raise typer.Exit(REFUSED)


async def _host(named: str | None) -> Caller:
    """The host sees what the tenant's administrators see."""
    tenant = await find_tenant(named)
    return Caller(
        reach=Reach.of_tenant(tenant.id),
        name="host",
        tenant_name=tenant.name,
        currency=tenant.currency,
        time_zone=tenant.time_zone,
        staff_role=StaffRole.ADMINISTRATOR,
    )


async def _last_week(time_zone: str) -> date:
    return Period.at(await clock.now(), time_zone).week - WEEK


def _usage_row(row: UsageRow, by: Sequence[UsageDimension]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for dimension in by:
        value = getattr(row, dimension.value.lower())
        name = dimension.value.lower()
        match value:
            case None:
                told[name] = "several"
            case date():
                told[name] = value.isoformat()
            case str():
                told[name] = value
            case _:
                told[name], told[f"{name}_id"] = value.name, str(value.id)
    return {**told, "calls": row.calls}


def _print_statement(found: WeekStatement, *, as_json: bool) -> None:
    lines = [_line(line) for line in found.lines]
    if as_json:
        print_json({**_statement(found), "lines": lines})
    else:
        print_one(_statement(found), as_json=False)
        print_rows(lines, as_json=False)


def _plan(one: Plan) -> dict[str, Any]:
    return {
        "from_week": one.from_week.isoformat(),
        "consignments": one.consignments,
        "warehouse_orders": one.warehouse_orders,
        "included": one.calls_per_job * (one.consignments + one.warehouse_orders),
        "price": format(Decimal(one.price_micros) / MILLION, "f"),
    }


def _statement(one: WeekStatement) -> dict[str, Any]:
    return {
        "week": one.week.isoformat(),
        "from": one.starts_at.isoformat(),
        "to": one.ends_at.isoformat(),
        "time_zone": one.time_zone,
        "consignments": one.consignments,
        "warehouse_orders": one.warehouse_orders,
        "included": one.included,
        "used": one.used,
        "excess": one.excess,
        "price": format(Decimal(one.price_micros) / MILLION, "f"),
        "amount": str(decimal_amount(one.amount, one.currency)),
        "currency": one.currency,
        "closed": one.id is not None,
        "as_of": one.as_of.isoformat(),
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "client": line.client_name,
        "client_id": str(line.client_id),
        "field": line.field,
        "calls": line.calls,
    }
