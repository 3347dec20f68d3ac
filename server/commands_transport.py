"""Commands about transport: what carrying costs."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from uuid import UUID

import typer

from models.consignments import RateCard
from models.fields import MILLION
from resolvers import rates
from resolvers.rates import PRICES
from server.terminal import AsJson, OfTenant, carry_out, print_one, print_rows, tenant_id

app = typer.Typer(no_args_is_help=True, help="What carrying costs a tenant's customers.")


@app.command("set")
def set_rates(
    *,
    of: OfTenant = None,
    customer_id: Annotated[
        UUID | None, typer.Option("--customer", help="Whose own; the tenant's, if none is named.")
    ] = None,
    per_consignment: Annotated[str, typer.Option(help="Of each consignment.")] = "0",
    per_pallet: Annotated[str, typer.Option(help="Of each pallet.")] = "0",
    per_kg: Annotated[str, typer.Option(help="Of each kilogram.")] = "0",
    per_m3: Annotated[str, typer.Option(help="Of each cubic metre.")] = "0",
    minimum: Annotated[str, typer.Option(help="The least that a consignment costs.")] = "0",
    from_: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; today, if unsaid."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Have other rates from a day on. What is not priced is free, to six decimal places."""
    given = (per_consignment, per_pallet, per_kg, per_m3, minimum)
    prices = dict(zip(PRICES, map(_price, given), strict=True))

    async def work() -> RateCard:
        return await rates.set_rates(
            await tenant_id(of),
            prices,
            customer_id=customer_id,
            from_date=from_.date() if from_ else None,
        )

    print_one(_card(carry_out(work)), as_json=as_json)


@app.command("list")
def list_rates(*, of: OfTenant = None, as_json: AsJson = False) -> None:
    """All rate cards of a tenant; a customer's own goes before the tenant's."""

    async def work() -> list[RateCard]:
        return await rates.rate_cards(await tenant_id(of))

    print_rows([_card(one) for one in carry_out(work)], as_json=as_json)


def _price(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter("A price is a decimal number, as 0.085.") from None


def _card(one: RateCard) -> dict[str, Any]:
    return {
        "customer": str(one.customer_id) if one.customer_id else None,
        "from": one.from_date.isoformat(),
        **{name: format(Decimal(getattr(one, name)) / MILLION, "f") for name in PRICES},
    }
