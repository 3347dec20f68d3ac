"""What a batch costs, and that the largest one fits the limits that everybody starts with."""

import json
from typing import Any

import pytest

from resolvers.errors import LimitExceeded
from schema import build
from schema.limits import Limits
from schema.operations import Documents
from tests.asking import Shop, open_shop

MOST = 500

ANSWER = """
  count
  userErrors { code path message }
  entries {
    position outcome replayed
    outboundOrder { id reference status version }
    userErrors { code path message suggestions available differences { path stored given } }
    outcomes { code path message }
  }"""
"""Everything that can be told of a batch, but its objects' own lists."""

OF_THE_BATCH = 2
OF_AN_ENTRY = 1 + 1 + (1 + 10) + 1
"""The entry, its order, a fault with its differences, and what a policy did."""

BY_INPUT = (
    "mutation($input: CreateOutboundOrdersInput!)"
    f" {{ it: createOutboundOrders(input: $input) {{ {ANSWER} }} }}"
)
BY_LIST = (
    "mutation($orders: [OutboundOrderEntryInput!]!, $key: String, $try: Boolean! = true)"
    " { it: createOutboundOrders("
    f"input: {{orders: $orders, idempotencyKey: $key, validateOnly: $try}}) {{ {ANSWER} }} }}"
)  # fmt: skip
LITERAL = '{customer: "c", reference: "r", deliver: {address: {}}, items: []}'


@pytest.fixture(scope="module")
def documents() -> Documents:
    return Documents(build()._schema, Limits())


@pytest.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


def cost(documents: Documents, text: str, **variables: Any) -> int:
    try:
        documents.operation(documents.read(text), None).price(variables, Limits(cost=0))
    except LimitExceeded as fault:
        return fault.details["asked"]
    raise AssertionError("it costs nothing")


def literally(orders: str) -> str:
    return f"mutation {{ createOutboundOrders(input: {{orders: {orders}}}) {{ {ANSWER} }} }}"


@pytest.mark.parametrize("entries", [1, 3, MOST])
def test_a_batch_costs_its_entries(documents: Documents, entries: int) -> None:
    """However its list is written: nothing else says how much is to be done and answered."""
    order: dict[str, Any] = {"items": [{}] * 2}
    whole = {"input": {"idempotencyKey": "k", "orders": [order] * entries}}
    expected = OF_THE_BATCH + entries * OF_AN_ENTRY

    assert cost(documents, BY_INPUT, **whole) == expected
    assert cost(documents, BY_LIST, orders=[order] * entries, key="k") == expected
    if entries < MOST:
        assert cost(documents, literally(f"[{LITERAL * entries}]")) == expected


def test_a_batch_of_which_nobody_says_how_large_it_is(documents: Documents) -> None:
    """It costs a page; an order that stands for a list of one does, too."""
    assert cost(documents, literally(LITERAL)) == OF_THE_BATCH + 50 * OF_AN_ENTRY
    assert cost(documents, BY_LIST, orders=[]) == OF_THE_BATCH + 50 * OF_AN_ENTRY


def test_lists_below_an_entry_are_costed_as_anywhere(documents: Documents) -> None:
    text = BY_INPUT.replace("version }", "version items { product { code } } }")
    whole = {"input": {"orders": [{}] * 3}}

    assert cost(documents, text, **whole) == OF_THE_BATCH + 3 * (OF_AN_ENTRY + 10 * 2)


# --- the largest one ------------------------------------------------------------------------------


def large(shop: Shop, number: int) -> dict[str, Any]:
    """An order of which everything is told, with three lines."""
    address = {
        "company": "Corner Store Pty Ltd, Receiving", "contact": "Kim Lee",
        "line1": "12 Harbour Street", "line2": "Level 3, Rear Entrance",
        "suburb": "Millers Point", "city": "Sydney", "state": "New South Wales",
        "postcode": "2000", "country": "AU",
        "phone": "+61 2 9999 0000", "email": "receiving@cornerstore.example",
    }  # fmt: skip
    line = {
        "quantity": "2", "unit": "EA", "batch": "B7", "expiryDate": "2027-01-31",
        "properties": {"shelf": "A-12-03"},
        "approximateUnitPrice": {"amount": "12.50", "currency": "AUD"},
    }  # fmt: skip
    return {
        "customer": shop.known["<customer>"], "warehouse": shop.known["<warehouse>"],
        "reference": f"NIGHT-2026-11-23-{number:05}", "urgent": False, "shipBy": "2026-12-01",
        "instructions": "Two parcels at most; ring before delivery.",
        "internalNotes": "Checked by the night shift.", "allowSplitting": True,
        "invoiceValue": {"amount": "149.00", "currency": "AUD"},
        "properties": {"channel": "web", "season": "2027"},
        "deliver": {
            "address": address, "method": "SHIPPING", "requestedService": "Express",
            "instructions": "Behind the green door.", "requiredOn": "2026-12-03",
            "cashOnDelivery": {"amount": "10.00", "currency": "AUD"},
        },
        "items": [
            {"product": {"code": code}, **line} for code in ("TEA-500", "TEA-250", "MUG-BLUE")
        ],
    }  # fmt: skip


async def test_500_orders_with_everything_told_fit(shop: Shop) -> None:
    """Body, values in variables and cost: no client should have to count them."""
    orders = [large(shop, number) for number in range(MOST)]
    body = json.dumps({"query": BY_INPUT, "variables": {"input": {"orders": orders}}}).encode()

    answer = await shop.send(body)

    assert len(body) < 1_048_576
    assert [one["outcome"] for one in answer.only["entries"]] == ["COUNTED"] * MOST
    assert answer.only["count"] == MOST
    assert await shop.orders() == await shop.counted() == MOST


async def test_a_batch_answered_with_all_its_lines_is_too_dear(shop: Shop) -> None:
    """In smaller batches it is not; and nothing of it was done."""
    orders = [large(shop, number) for number in range(MOST)]
    text = BY_LIST.replace("version }", "version items { id product { code } } }")

    answer = await shop.say(text, orders=orders)
    smaller = await shop.say(text, orders=orders[:200])

    [error] = answer.errors
    asked = OF_THE_BATCH + MOST * (OF_AN_ENTRY + 10 * 2)
    told = {"code": "LIMIT_EXCEEDED", "what": "a cost", "limit": 10_000, "asked": asked}
    assert error["extensions"] == told
    assert smaller.errors == []
    assert await shop.orders() == 0
