"""What a consignment would cost, and the rate cards that say so."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from models.consignments import RateCard
from models.tenants import Customer, Tenant
from models.usage import LedgerRow
from models.words import ApiRole
from resolvers.errors import UserErrors
from resolvers.rates import rate_cards, set_rates, today
from server import cli, log
from tests.asking import Answer, Shop, open_shop

QUOTE = """
query Quote($input: QuoteConsignmentInput!) {
  quoteConsignment(input: $input) {
    quote {
      total { amount currency }
      minimumApplied
      lines { basis quantity amount { amount currency } }
    }
    userErrors { code path message }
  }
}
"""

DAY = timedelta(days=1)


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


async def priced(shop: Shop, customer=None, from_date=None, **prices) -> None:
    """Have a rate card."""
    exact = {name: Decimal(price) for name, price in prices.items()}
    await set_rates(shop.world.tenant.id, exact, customer_id=customer, from_date=from_date)


async def quoted(shop: Shop, *items: dict, by: str | None = None, **more) -> Answer:
    lines = [{"description": "x", "quantity": "1", **one} for one in items or [{}]]
    given = {"customer": str(shop.world.live.id), "items": lines} | more
    return await shop.say(QUOTE, by=by, input=given)


def total(answer: Answer) -> str:
    assert answer.faults == []
    return answer.only["quote"]["total"]["amount"]


# --- what it comes to ----------------------------------------------------------------------------


async def test_a_quote_adds_up_all_lines_by_each_measure(shop):
    await priced(
        shop, per_consignment="9.5", per_pallet="30", per_kg="0.085", per_m3="12", minimum="20"
    )

    answer = await quoted(
        shop,
        {"pallets": "1.5", "weightKg": "120", "cubicM3": "0.8"},
        {"pallets": "0.5", "weightKg": "7.5"},
        {"quantity": "99", "spaces": "3"},
    )

    assert answer.only["quote"] == {
        # 9.50 + 60 + 10.8375 + 9.60 = 89.9375
        "total": {"amount": "89.94", "currency": "AUD"},
        "minimumApplied": False,
        "lines": [
            {
                "basis": basis,
                "quantity": quantity,
                "amount": {"amount": amount, "currency": "AUD"},
            }
            for basis, quantity, amount in (
                ("CONSIGNMENT", "1", "9.50"),
                ("PALLET", "2", "60.00"),
                ("KILOGRAM", "127.5", "10.8375"),
                ("CUBIC_METRE", "0.8", "9.60"),
            )
        ],
    }


@pytest.mark.parametrize(
    ("prices", "item", "comes_to", "least"),
    [
        ({"per_kg": "0.1", "minimum": "20"}, {"weightKg": "199.99"}, "20.00", True),
        ({"per_kg": "0.1", "minimum": "20"}, {"weightKg": "200"}, "20.00", False),
        ({"per_kg": "0.1", "minimum": "20"}, {"weightKg": "200.1"}, "20.01", False),
        # Both come to 20.00 once they are rounded; the minimum is compared before.
        ({"per_kg": "0.1", "minimum": "20"}, {"weightKg": "199.999999"}, "20.00", True),
        ({"minimum": "0.005"}, {}, "0.01", True),
        ({}, {"weightKg": "5", "pallets": "1", "cubicM3": "1"}, "0.00", False),
    ],
)
async def test_a_consignment_costs_at_least_the_minimum(shop, prices, item, comes_to, least):
    await priced(shop, **prices)

    answer = await quoted(shop, item)

    assert total(answer) == comes_to
    assert answer.only["quote"]["minimumApplied"] is least


@pytest.mark.parametrize(
    ("prices", "items", "comes_to"),
    [
        # Each line alone would round to nothing.
        ({"per_kg": "0.004"}, [{"weightKg": "1"}, {"weightKg": "1"}], "0.01"),
        ({"per_kg": "0.004"}, [{"weightKg": "1"}], "0.00"),
        ({"per_kg": "0.005"}, [{"weightKg": "1"}], "0.01"),
        ({"per_kg": "0.0049", "per_m3": "0.0001"}, [{"weightKg": "1", "cubicM3": "1"}], "0.01"),
        # 0.000001 x 0.000001 is twelve places down, and half a cent all the same.
        ({"per_kg": "0.000001"}, [{"weightKg": "4999.999999"}], "0.00"),
        ({"per_kg": "0.000001"}, [{"weightKg": "5000"}], "0.01"),
        ({"per_kg": "1000000"}, [{"weightKg": "9000000000000"}] * 2, "18000000000000000000.00"),
    ],
)
async def test_it_is_rounded_half_up_once_at_the_total(shop, prices, items, comes_to):
    await priced(shop, **prices)

    assert total(await quoted(shop, *items)) == comes_to


@pytest.mark.parametrize(
    ("currency", "comes_to", "line"), [("JPY", "11", "10.5"), ("KWD", "10.500", "10.500")]
)
async def test_the_total_has_the_places_of_its_currency(shop, currency, comes_to, line):
    await priced(shop, per_consignment="10.5")
    await Tenant.filter(id=shop.world.tenant.id).update(currency=currency)
    token = await shop.world.token(ApiRole.TMS_CREATE_JOBS)

    answer = await quoted(shop, by=token)

    assert answer.only["quote"]["total"] == {"amount": comes_to, "currency": currency}
    amount = answer.only["quote"]["lines"][0]["amount"]
    assert amount == {"amount": line, "currency": currency}


# --- which card ----------------------------------------------------------------------------------


async def test_a_customers_own_card_goes_before_the_tenants(shop):
    world, now = shop.world, today("Australia/Sydney")
    await priced(shop, per_consignment="1", from_date=now)
    assert total(await quoted(shop)) == "1.00"

    await priced(shop, customer=world.other.id, per_consignment="2")
    await priced(shop, customer=world.live.id, per_consignment="3", from_date=now + DAY)
    assert total(await quoted(shop)) == "1.00", "another's, and one that has not begun"

    await priced(shop, customer=world.live.id, per_consignment="4", from_date=now - DAY)
    assert total(await quoted(shop)) == "4.00", "older than the tenant's, and its own"


async def test_the_latest_card_that_has_begun_is_in_force(shop):
    now = today("Australia/Sydney")
    for days, price in ((-30, "1"), (0, "2"), (1, "3"), (-10, "4")):
        await priced(shop, per_consignment=price, from_date=now + days * DAY)

    assert total(await quoted(shop)) == "2.00"
    await priced(shop, per_consignment="5", from_date=now)
    assert total(await quoted(shop)) == "5.00"
    assert await RateCard.all().count() == 4


async def test_another_tenants_card_is_none(shop):
    other = await Tenant.create(
        name="Other", currency="AUD", time_zone="UTC", created_at=shop.world.tenant.created_at
    )
    await set_rates(other.id, {"per_consignment": Decimal(1)})

    assert (await quoted(shop)).told == [("NO_RATE_CARD", "input.customer")]


# --- no quote ------------------------------------------------------------------------------------


async def test_without_a_card_it_says_so_and_counts_nothing(shop):
    answer = await quoted(shop)

    assert answer.only["quote"] is None
    assert answer.told == [("NO_RATE_CARD", "input.customer")]
    assert "rate card" in answer.faults[0]["message"]
    assert answer.calls == [("quoteConsignment", "REFUSED", 0)]
    assert await shop.counted() == 0


async def test_a_quote_counts_one_call_of_its_customer(shop):
    await priced(shop, per_consignment="1")
    answer = await quoted(shop, warehouse=str(shop.world.warehouse.id))

    assert answer.calls == [("quoteConsignment", "COUNTED", 1)]
    [row] = await LedgerRow.all()
    assert (row.field, row.customer_id) == ("quoteConsignment", shop.world.live.id)
    assert (row.warehouse_id, row.object_id) == (shop.world.warehouse.id, shop.world.live.id)
    person = await quoted(shop, by=await shop.world.staff_token())
    assert (total(person), person.calls) == ("1.00", [])


async def test_what_is_wrong_is_told_together(shop):
    world = shop.world
    await Customer.filter(id=world.live.id).update(active=False)

    answer = await quoted(shop, {"weightKg": "-1"}, warehouse=str(world.far_warehouse.id))

    assert answer.told == [
        ("INVALID", "input.items.0.weightKg"),
        ("INVALID", "input.customer"),
        ("NOT_FOUND", "input.warehouse"),
        ("NO_RATE_CARD", "input.customer"),
    ]
    answer = await quoted(shop, items=[], customer=str(world.other.id))
    assert answer.told == [("REQUIRED", "input.items"), ("NOT_FOUND", "input.customer")]
    answer = await quoted(shop, customer="ACME")
    assert (answer.codes, answer.calls) == (["BAD_INPUT"], [])


async def test_rates_are_internal(shop):
    await priced(shop, per_kg="0.085")
    document = """query($input: QuoteConsignmentInput!) {
      quoteConsignment(input: $input) { quote { lines { rate { amount currency } } } }
    }"""
    items = [{"description": "x", "quantity": "1"}]
    given = {"customer": str(shop.world.live.id), "items": items}
    plain = await shop.world.token(ApiRole.TMS_CREATE_JOBS)

    refused = await shop.say(document, by=plain, input=given)
    told = await shop.say(document, input=given)

    assert refused.codes == ["FORBIDDEN"]
    rates = [one["rate"]["amount"] for one in told.only["quote"]["lines"]]
    assert rates == ["0.00", "0.00", "0.085", "0.00"]


# --- the host's command --------------------------------------------------------------------------


async def test_a_price_is_0_to_a_million_with_six_places(shop):
    prices = {"per_kg": "0.0000001", "per_m3": "-1", "per_pallet": "1000001", "minimum": "nan"}

    with pytest.raises(UserErrors) as refused:
        await priced(shop, customer=shop.world.tenant.id, **prices)

    assert [(fault.code, *fault.path) for fault in refused.value.errors] == [
        ("INVALID", "perKg"),
        ("INVALID", "perM3"),
        ("INVALID", "perPallet"),
        ("INVALID", "minimum"),
        ("NOT_FOUND", "customer"),
    ]
    assert await rate_cards(shop.world.tenant.id) == []


def test_the_host_sets_rates_and_lists_them(database_url, monkeypatch):
    monkeypatch.setattr(log, "set_up", lambda _: None)

    def dockgate(*arguments: object, code: int = 0):
        given = [str(one) for one in (*arguments, "--json")]
        done = CliRunner().invoke(cli.app, given, env={"DOCKGATE_DATABASE_URL": database_url})
        assert done.exit_code == code, done.output
        return json.loads(done.stdout) if code == 0 else done.stderr

    made = ("--name", "Harbour", "--currency", "AUD", "--time-zone", "Australia/Sydney")
    dockgate("tenant", "create", *made)
    customer = dockgate("customer", "create", "--code", "ACME", "--name", "Acme")["id"]
    first = dockgate("rates", "set", "--per-consignment", "9.50", "--from", "2026-01-01")
    again = dockgate(
        *("rates", "set", "--per-consignment", "9.90", "--per-kg", "0.085"),
        *("--per-pallet", 30, "--per-m3", 12, "--minimum", 20, "--from", "2026-01-01"),
    )
    own = dockgate("rates", "set", "--tenant", "Harbour", "--customer", customer)

    assert (first["per_consignment"], first["per_kg"]) == ("9.5", "0")
    assert again == {
        "customer": None,
        "from": "2026-01-01",
        "per_consignment": "9.9",
        "per_pallet": "30",
        "per_kg": "0.085",
        "per_m3": "12",
        "minimum": "20",
    }
    assert own["customer"] == customer
    assert date.fromisoformat(own["from"]) == today("Australia/Sydney")
    assert dockgate("rates", "list") == [again, own]
    assert "perKg" in dockgate("rates", "set", "--per-kg", "-1", code=1)
    dockgate("rates", "set", "--per-kg", "much", code=2)
