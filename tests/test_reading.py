"""Documents with answers written by hand, and what a statement is: one, whatever is selected."""

import asyncio
import json
from typing import Any

import pytest
import pytest_asyncio

from models.database import observers
from schema import Schema, build
from schema.filters import DEEPEST, MOST_TESTS
from tests import oracle_by_hand, oracle_by_hand_lists, oracle_by_hand_trade
from tests.oracle_runs import compare
from tests.oracle_small import ask, small_world, with_ids

CASES = [*oracle_by_hand.CASES, *oracle_by_hand_lists.CASES, *oracle_by_hand_trade.CASES]


@pytest_asyncio.fixture
async def small(database: str) -> Schema:  # noqa: ARG001 - it is filled
    """The schema over the small world."""
    await small_world()
    return build()


def in_order(value: Any) -> Any:
    """Objects as pairs: the order of keys is part of an answer."""
    return json.loads(with_ids(json.dumps(value)), object_pairs_hook=tuple)


async def test_answers_are_those_written_by_hand(small: Schema, subtests: pytest.Subtests) -> None:
    for name, who, document, answer in CASES:
        with subtests.test(name):
            told = await ask(small, who, document)

            assert told["errors"] == []
            compare(in_order(answer), in_order(told["data"]), "data")


async def test_a_root_field_is_one_statement(small: Schema, subtests: pytest.Subtests) -> None:
    """Whatever is selected below it."""
    for name, who, document, answer in CASES:
        if who == "clerk":  # a client's usage is read, too
            continue
        with subtests.test(name):
            statements: list[str] = []
            observers.append(statements.append)
            try:
                await ask(small, who, document)
            finally:
                observers.remove(statements.append)

            assert len(statements) == len([key for key in answer if key != "__typename"])


def test_there_are_fifty_of_them() -> None:
    assert len(CASES) >= 50
    assert len({name for name, *_ in CASES}) == len(CASES)


# --- large ones -----------------------------------------------------------------------------------


@pytest.mark.parametrize("wide", [50, 51, 63, 64, 100, 101, 127, 250])
async def test_an_object_may_have_any_number_of_keys(small: Schema, wide: int) -> None:
    """PostgreSQL builds an object of 50 pairs at most, SQLite one of 63."""
    columns = " ".join(f"k{n}: code n{n}: type" for n in range(wide // 2))
    inner = " ".join(f"c{n}: code" for n in range(wide))

    told = await ask(
        small, "staff", f'{{ product(id: "@22") {{ {columns} customer {{ {inner} }} }} }}'
    )

    product = told["data"]["product"]
    assert product.pop("customer") == {f"c{n}": "ACME" for n in range(wide)}
    assert list(product) == [f"{key}{n}" for n in range(wide // 2) for key in "kn"]
    assert list(product.values()) == ["MUG-1", None] * (wide // 2)


PAGE = "outboundOrders(last: 1) { totalCount pageInfo { hasNextPage } edges { node { %s } } }"


@pytest.mark.parametrize("root", ['outboundOrder(id: "@43") { %s }', PAGE])
@pytest.mark.parametrize(
    "innermost",
    [
        "reference",
        "deliver { cashOnDelivery { amount } }",
        "items { quantity product { units { weightKg } } }",
        "items { product { customer { defaultWarehouse { code } } } }",
        " ".join(f"k{n}: invoiceValue {{ amount }}" for n in range(60)),
    ],
)
async def test_what_the_limit_of_depth_allows_is_answered(
    small: Schema, root: str, innermost: str
) -> None:
    """SQLite's parser holds a hundred symbols; nesting alone passed that at eight rows."""
    inner, deepest = innermost, 0
    for deep in range(12):
        told = await ask(small, "live", f"{{ {root % inner} }}")

        if told["errors"]:
            assert [error["code"] for error in told["errors"]] == ["LIMIT_EXCEEDED"]
            break
        deepest = deep
        inner = f"id replaces {{ {inner} }}"
    assert deepest >= 4
    assert "limit" in json.dumps(told).lower()


def many(field: str) -> str:
    return " ".join(f"{field}{n}: {field}" for n in range(60))


WIDE_ORDER = f"""fragment Wide on OutboundOrder {{
  {many("urgent")}
  deliver {{ {many("method")} cashOnDelivery {{ {many("amount")} }} }}
}}"""
WIDE_LINES = f"""fragment Wide on OutboundOrder {{
  {many("status")}
  items {{ {many("unit")} product {{ {many("code")} units {{ {many("weightKg")} }} }} }}
}}"""


@pytest.mark.parametrize("root", ['outboundOrder(id: "@43") { %s }', PAGE])
@pytest.mark.parametrize("wide", [WIDE_ORDER, WIDE_LINES])
async def test_wide_objects_nest_as_deep(small: Schema, root: str, wide: str) -> None:
    inner, deepest = "...Wide", 0
    for deep in range(12):
        told = await ask(small, "live", f"{{ {root % inner} }} {wide}")

        if told["errors"]:
            assert [error["code"] for error in told["errors"]] == ["LIMIT_EXCEEDED"]
            break
        deepest = deep
        inner = f"...Wide replaces {{ {inner} }}"
    assert deepest >= 5


async def test_what_is_nested_deep_is_told_as_it_is(small: Schema) -> None:
    inner = "reference"
    for _ in range(4):
        inner = f"items {{ product {{ id }} }} replaces {{ {inner} }}"

    told = await ask(small, "staff", f'{{ outboundOrder(id: "@43") {{ {inner} }} }}')

    assert told["data"]["outboundOrder"] == {
        "items": [],
        "replaces": {"items": [], "replaces": None},
    }


# --- refused, because a statement has its limits, too ---------------------------------------------

FILTERED = "query ($filter: OutboundOrderFilter) { outboundOrders(filter: $filter) { totalCount } }"
FULL = {
    "id": {"eq": "@41", "in": ["@41"]},
    "customer": {"eq": "@11", "in": ["@11"]},
    "reference": {"eq": "A", "in": ["A"], "contains": "A", "startsWith": "A"},
    "status": {"eq": "PACKED", "in": ["PACKED"]},
    "urgent": True,
    "shipBy": {"from": "2026-11-23", "before": "2026-11-24"},
    "createdAt": {"from": "2026-11-23T00:00:00Z", "before": "2026-11-24T00:00:00Z"},
}


@pytest.mark.parametrize("word", ["and", "or", "not", "all in turn"])
async def test_filters_nest_as_deep_as_the_limit_says(small: Schema, word: str) -> None:
    """On SQLite thirty were a fault of ours, on either engine two hundred."""
    filter_: Any = FULL
    for deep in range(DEEPEST + 1):
        told = await ask(small, "live", FILTERED, filter=filter_)

        assert told["errors"] == [], deep
        now = ("and", "not", "or")[deep % 3] if word == "all in turn" else word
        filter_ = {"urgent": True, now: filter_ if now == "not" else [{"urgent": False}, filter_]}

    told = await ask(small, "live", FILTERED, filter=filter_)

    assert told["errors"] == [{"path": ["outboundOrders"], "code": "LIMIT_EXCEEDED"}]


@pytest.mark.parametrize("empty", [{}, {"and": []}, {"or": []}, {"not": {}}])
async def test_filters_that_say_nothing_are_counted_as_well(small: Schema, empty: Any) -> None:
    """A thousand of them were too much for SQLite."""
    most = await ask(small, "live", FILTERED, filter={"or": [empty] * MOST_TESTS})
    more = await ask(small, "live", FILTERED, filter={"or": [empty] * (MOST_TESTS + 1)})

    assert most["errors"] == []
    assert more["errors"] == [{"path": ["outboundOrders"], "code": "LIMIT_EXCEEDED"}]


def multiplied(links: int, by: int, fields: int) -> str:
    """A small document that selects a great deal: each fragment spreads the next one so often."""
    fragments = [
        f"fragment F{n} on OutboundOrder {{"
        + " ".join(f"r{k}: replaces {{ ...F{n + 1} }}" for k in range(by))
        + "}"
        for n in range(links)
    ]
    last = " ".join(f"s{n}: reference" for n in range(fields))
    fragments.append(f"fragment F{links} on OutboundOrder {{ {last} }}")
    return (
        f"{{ outboundOrders(first: 1) {{ edges {{ node {{ ...F0 }} }} }} }} {' '.join(fragments)}"
    )


async def test_fragments_do_not_multiply_without_end(small: Schema) -> None:
    """Scalars cost nothing, so 3,500 characters held the process up for forty seconds."""
    few = await ask(small, "staff", multiplied(3, 4, 50))
    many = await asyncio.wait_for(ask(small, "staff", multiplied(3, 20, 150)), 2)

    assert few["errors"] == []
    assert many["errors"] == [{"path": ["outboundOrders"], "code": "LIMIT_EXCEEDED"}]
