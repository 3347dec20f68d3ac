"""The table of the FAQ's promises names what there is, and no promise is missing in it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TABLE = (ROOT / "docs" / "faq.md").read_text()

PROMISES = (
    "Instantly and securely generate credentials for you and your customers",
    "Any new keys generated will be tied to specific CartonCloud account",
    "and cannot be viewed by others",
    "should keep them safe and not share it publicly",
    "It is highly recommended that you create a Sandbox Customer",
    "It ensures that data is being sent and received from the correct Customer, Tenant",
    "Customer UUID, Tenant UUID, Warehouse UUID",
    "You can find the new API Clients portal",
    "only provide access that is appropriate for the intended usage",
    "only selecting WMS or TMS access for a particular customer or operation",
    "Do not use API Full Access for Customers",
    "there is zero wait-time to get started",
    "your existing API keys will continue to work in exactly the same way",
    "and will now appear in the self-service portal",
    "control these API keys yourself, enabling you to regenerate, deactivate and modify",
    "Instantly create new API Clients",
    "Control access permissions across customers, warehouses and endpoints",
    "Regenerate credentials for existing API Clients",
    "Deactivate unused or unwanted API Clients",
    "Modify permissions for existing API Clients",
    "View usage reports for API Clients",
    "Send inbound and outbound orders",
    "Update inbound and outbound orders",
    "Send transport jobs (Consignments)",
    "Update transport jobs (Consignments)",
    "Send new or updating existing Products",
    "Retrieve stock on hand reports",
    "Generating API clients will not incur any additional costs",
    "a complimentary inclusion of 5 API calls per warehouse order and/or consignment",
    "Any excess API calls above your billing plan inclusion will incur $0.01 per call",
    "Example 1",
    "Example 2",
)
"""The sentences of the FAQ that promise something, or ask the operator for it."""


def lines() -> dict[str, list[str]]:
    """What is promised, and what holds it."""
    rows = [line.strip("| ").split(" | ") for line in TABLE.splitlines() if line.startswith("| ")]
    return {promise: re.findall(r"`([^`]+)`", held) for promise, held in rows[2:]}


def names_in(name: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / name).read_text())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {one.name for one in tree.body if isinstance(one, functions)}


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_stands_in_the_table_and_is_held_by_something(promise: str) -> None:
    [held] = [held for said, held in lines().items() if promise in said]

    assert held


def test_every_test_and_example_of_the_table_is_there() -> None:
    named = [one for held in lines().values() for one in held]

    assert len(named) > len(PROMISES)
    for one in named:
        file, is_test, test = one.partition("::")
        if is_test:
            assert test in names_in(file), one
        else:
            assert (ROOT / "graphql_examples" / f"{one}.graphql").exists(), one


def test_the_table_promises_nothing_else() -> None:
    assert len(lines()) == len(PROMISES)
