"""Commands about calls and money: usage, statements, and whether the books are right."""

import sys
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer

from models import clock
from models.billing_queries import Line
from models.money import decimal_amount
from models.periods import WEEK, Period
from models.reach import Reach
from models.words import StaffRole, UsageDimension
from resolvers import billing
from resolvers.access import Caller
from resolvers.billing import WeekStatement
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
)

MILLION = 1_000_000


def usage(
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


def statement(
    *,
    of: OfTenant = None,
    week: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its Monday; the current one.")
    ] = None,
    close: Annotated[
        bool, typer.Option("--close", help="Close it for good; the last week, if none is named.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """A week's bill: as it stands, or as it was closed."""

    async def work() -> WeekStatement:
        tenant = await find_tenant(of)
        named = week.date() if week else None
        if close:
            return await billing.close(tenant.id, named or await _last_week(tenant.time_zone))
        return await billing.statement(tenant.id, named)

    found = carry_out(work)
    lines = [_line(line) for line in found.lines]
    if as_json:
        print_json({**_statement(found), "lines": lines})
    else:
        print_one(_statement(found), as_json=False)
        print_rows(lines, as_json=False)


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
