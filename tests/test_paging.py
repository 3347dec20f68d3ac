"""Pages: their sizes, their cursors, and what is asked of the database for them."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import orjson
import pytest
import pytest_asyncio

from models.database import observers
from models.orders import OutboundOrder
from schema import Schema, build
from tests.oracle_small import NOON, OURS, ask, order, row_id, small_world

WHOLE = """query ($first: Int, $after: String, $last: Int, $before: String,
                  $filter: OutboundOrderFilter, $orderBy: OutboundOrderSort) {
  outboundOrders(first: $first, after: $after, last: $last, before: $before,
                 filter: $filter, orderBy: $orderBy) {
    edges { cursor node { reference } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
OLDEST = {"field": "CREATED_AT", "direction": "ASC"}
SORTS = [
    {"field": field, "direction": direction}
    for field in ("CREATED_AT", "MODIFIED_AT", "REFERENCE")
    for direction in ("ASC", "DESC")
]


@pytest_asyncio.fixture
async def small(database: str) -> Schema:  # noqa: ARG001 - it is filled
    await small_world()
    return build()


@pytest_asyncio.fixture
async def many(small: Schema) -> AsyncIterator[Schema]:
    """120 orders of one customer more, all with the same instants."""
    rows = [
        OutboundOrder(
            id=row_id(1_000 + n), tenant_id=OURS, customer_id=row_id(14), warehouse_id=row_id(1),
            reference=f"M-{n:03}", status="DRAFT", deliver_method="PICKUP", content="{}",
            created_at=NOON, modified_at=NOON,
        )
        for n in range(120)
    ]  # fmt: skip
    await OutboundOrder.bulk_create(rows)
    yield small


MANY = {"customer": {"eq": "@14"}}


async def page(schema: Schema, **window: Any) -> Any:
    told = await ask(schema, "staff", WHOLE, **window)
    assert told["errors"] == []
    return told["data"]["outboundOrders"]


def references(told: Any) -> list[str]:
    return [edge["node"]["reference"] for edge in told["edges"]]


async def refusal(schema: Schema, text: str = WHOLE, **window: Any) -> Any:
    """The one error; nothing is answered."""
    told = await ask(schema, "staff", text, **window)
    [error] = told["errors"]
    assert set(told["data"].values()) == {None}
    return error


# --- sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["first", "last"])
@pytest.mark.parametrize("size", [1, 2, 99, 100])
async def test_a_page_has_the_size_that_is_asked_for(many: Schema, end: str, size: int) -> None:
    told = await page(many, filter=MANY, orderBy=OLDEST, **{end: size})

    every = [f"M-{n:03}" for n in range(120)]
    assert references(told) == (every[:size] if end == "first" else every[-size:])
    assert told["pageInfo"]["hasNextPage"] is (end == "first")
    assert told["pageInfo"]["hasPreviousPage"] is (end == "last")


async def test_a_page_has_fifty_where_no_size_is_named(many: Schema) -> None:
    for nothing in ({}, {"first": None}, {"last": None, "first": None}):
        assert len((await page(many, filter=MANY, **nothing))["edges"]) == 50


async def test_before_alone_reads_from_the_beginning(many: Schema) -> None:
    last = (await page(many, filter=MANY, orderBy=OLDEST, last=1))["edges"][0]

    told = await page(many, filter=MANY, orderBy=OLDEST, before=last["cursor"])

    assert references(told) == [f"M-{n:03}" for n in range(50)]


@pytest.mark.parametrize("end", ["first", "last"])
@pytest.mark.parametrize(
    ("size", "code"),
    [(0, "BAD_INPUT"), (-1, "BAD_INPUT"), (101, "LIMIT_EXCEEDED"), (2**31 - 1, "LIMIT_EXCEEDED")],
)
async def test_other_sizes_are_refused(small: Schema, end: str, size: int, code: str) -> None:
    told = await ask(small, "staff", WHOLE, **{end: size})

    assert [error["code"] for error in told["errors"]] == [code]
    assert told["data"] in ({"outboundOrders": None}, None)


async def test_first_and_last_together_are_refused(small: Schema) -> None:
    error = await refusal(small, first=1, last=1)

    assert error == {"path": ["outboundOrders"], "code": "BAD_INPUT", "where": ["last"]}


# --- walking --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", SORTS)
async def test_walking_forward_and_backward_meets_every_row_once(
    small: Schema, sort: dict[str, str]
) -> None:
    """Three of the five were created at one instant, and two have one reference."""
    whole = references(await page(small, orderBy=sort))
    forward, backward = [], []
    after = before = None
    for _ in range(3):
        told = await page(small, orderBy=sort, first=2, after=after)
        forward += references(told)
        after = told["pageInfo"]["endCursor"]
        assert told["pageInfo"]["hasNextPage"] is (len(forward) < 5)
        assert told["pageInfo"]["hasPreviousPage"] is (len(forward) > 2)
        told = await page(small, orderBy=sort, last=2, before=before)
        backward = references(told) + backward
        before = told["pageInfo"]["startCursor"]
        assert told["pageInfo"]["hasPreviousPage"] is (len(backward) < 5)
        assert told["pageInfo"]["hasNextPage"] is (len(backward) > 2)

    assert len(whole) == 5
    assert forward == backward == whole


async def test_a_walk_goes_on_among_rows_that_come_and_go(many: Schema) -> None:
    """With equal instants all around the cursor; no row of before is told twice or left out."""
    seen, after, numbers = [], None, count(1)
    for _ in range(12):
        told = await page(many, filter=MANY, orderBy=OLDEST, first=10, after=after)
        seen += references(told)
        after = told["pageInfo"]["endCursor"]
        for at in (NOON - timedelta(days=1), NOON):  # behind the walk, and right at its instant
            n = next(numbers)
            await order(n + 500, f"N-{n}", 14, 1, created_at=at)
        gone = row_id(1_000 + len(seen) - 1)  # the very row that the cursor was of
        await OutboundOrder.filter(tenant_id=OURS, id=gone).delete()

    assert seen == [f"M-{n:03}" for n in range(120)]
    assert references(await page(many, filter=MANY, orderBy=OLDEST, after=after)) == []


async def test_between_two_cursors(many: Schema) -> None:
    """Both ends of the list lie outside, and are told so though nothing was cut off."""
    edges = (await page(many, filter=MANY, orderBy=OLDEST))["edges"]
    places = {"after": edges[3]["cursor"], "before": edges[7]["cursor"]}

    for size in ({}, {"first": 3}, {"last": 3}):
        told = await page(many, filter=MANY, orderBy=OLDEST, **places, **size)

        assert references(told) == ["M-004", "M-005", "M-006"]
        assert told["pageInfo"]["hasNextPage"] is told["pageInfo"]["hasPreviousPage"] is True
        assert told["pageInfo"]["startCursor"] == edges[4]["cursor"]
        assert told["pageInfo"]["endCursor"] == edges[6]["cursor"]


async def test_cursors_are_alike_wherever_they_are_told(small: Schema) -> None:
    told = await page(small)

    assert told["pageInfo"]["startCursor"] == told["edges"][0]["cursor"]
    assert told["pageInfo"]["endCursor"] == told["edges"][-1]["cursor"]


# --- foreign cursors ------------------------------------------------------------------------------


def packed(*parts: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode()


@pytest.mark.parametrize("argument", ["after", "before"])
@pytest.mark.parametrize(
    "window",
    [
        {"orderBy": {"field": "MODIFIED_AT"}},
        {"orderBy": {"field": "REFERENCE"}},
        {"orderBy": OLDEST},
        {"filter": {"urgent": False}},
        {"filter": {"reference": {"startsWith": "A"}}},
        {"filter": {"not": {}}},
    ],
)
async def test_a_cursor_of_another_order_or_filter_is_refused(
    small: Schema, argument: str, window: dict[str, Any]
) -> None:
    ours = (await page(small))["edges"][0]["cursor"]
    error = await refusal(small, **window, **{argument: ours})

    assert error == {"path": ["outboundOrders"], "code": "BAD_INPUT", "where": [argument]}


async def test_a_filter_with_another_value_is_another_filter(small: Schema) -> None:
    acme, zen = ({"customer": {"eq": customer}} for customer in ("@11", "@12"))
    cursor = (await page(small, filter=acme))["edges"][0]["cursor"]

    assert references(await page(small, filter=acme, after=cursor)) == ["A-2", "A-1"]
    assert (await refusal(small, filter=zen, after=cursor))["code"] == "BAD_INPUT"


async def test_a_cursor_of_another_list_is_refused(small: Schema) -> None:
    """Customers and warehouses are both ordered by code."""
    told = await ask(small, "staff", "{ customers { edges { cursor } } }")
    cursor = told["data"]["customers"]["edges"][0]["cursor"]
    text = "query ($after: String) { warehouses(after: $after) { totalCount edges { cursor } } }"

    error = await refusal(small, text, after=cursor)

    assert error == {"path": ["warehouses"], "code": "BAD_INPUT", "where": ["after"]}


async def test_what_is_no_cursor_is_refused(small: Schema, subtests: pytest.Subtests) -> None:
    """Even with the right mark: whoever has one cursor has that."""
    cursor = (await page(small))["edges"][0]["cursor"]
    mark, place, id_ = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    for case, garbage in enumerate([
        "", " ", "x", "===", "a" * 1_000_000, "\U0001f69a", cursor[:-2], cursor + cursor,
        "arrayconnection:1", packed(), packed(mark), packed(mark, place), packed(*"1234"),
        packed(mark, place, 7), packed(mark, place, None), packed(mark, place, "x"),
        packed(mark, None, id_), packed(mark, 7, id_), packed(mark, [place], id_),
        packed(mark, "2026-11-20", id_), packed(mark, "2026-11-20T12:00:00", id_),
        packed(mark, "0001-01-01T00:00:00+14:00", id_), packed(mark, "2026-11-20T25:00:00Z", id_),
        packed(mark, "9999-12-31T23:59:59-14:00", id_), packed(mark, "now", id_),
        packed({"a": 1, "b": 2, "c": 3}), packed("00000000", place, id_),
        base64.urlsafe_b64encode(b'["' + b"\xff" * 9 + b'"]').decode(),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        base64.urlsafe_b64encode(orjson.dumps({mark: 1, place: 2, id_: 3})).decode(),
    ]):  # fmt: skip
        for argument in ("after", "before"):
            with subtests.test(case=case, argument=argument):
                error = await refusal(small, **{argument: garbage})

                assert error == {
                    "path": ["outboundOrders"], "code": "BAD_INPUT", "where": [argument]
                }  # fmt: skip


async def test_a_place_in_a_list_of_texts_is_any_text(small: Schema) -> None:
    """A made-up cursor with the right mark is a place like any other, but holds no NUL."""
    by = {"field": "REFERENCE", "direction": "ASC"}
    cursor = (await page(small, orderBy=by))["edges"][0]["cursor"]
    mark, _, id_ = json.loads(base64.urlsafe_b64decode(cursor + "=="))

    told = await page(small, orderBy=by, after=packed(mark, "A-1' OR 1=1 --\U0001f69a", id_))
    error = await refusal(small, orderBy=by, after=packed(mark, "A\0", id_))

    assert references(told) == ["A-2", "A-2", "T-1", "Z-1"]
    assert error["code"] == "BAD_INPUT"


# --- what is asked of the database ----------------------------------------------------------------


@contextmanager
def watched():
    said: list[str] = []
    observers.append(said.append)
    try:
        yield said
    finally:
        observers.remove(said.append)


@pytest.mark.parametrize(
    ("selection", "counts", "reads"),
    [
        ("edges { cursor }", 0, True),
        ("pageInfo { hasNextPage hasPreviousPage }", 0, True),
        ("totalCount", 1, False),
        ("totalCount @skip(if: true) edges { cursor }", 0, True),
        ("a: totalCount b: totalCount edges { cursor } c: edges { cursor }", 1, True),
        ("__typename", 0, True),
    ],
)
async def test_rows_are_counted_only_where_that_is_selected(
    small: Schema, selection: str, counts: int, reads: bool
) -> None:
    with watched() as said:
        told = await ask(small, "staff", f"{{ outboundOrders {{ {selection} }} }}")

    assert told["errors"] == []
    [statement] = said
    assert statement.count("count(*)") == counts
    assert ("LIMIT" in statement) is reads
    assert "EXISTS" not in statement


async def test_the_other_side_of_a_cursor_is_looked_at_only_where_that_is_selected(
    small: Schema,
) -> None:
    after = (await page(small))["edges"][0]["cursor"]
    text = "query ($after: String) { outboundOrders(after: $after) { pageInfo { %s } } }"

    for selection, looks in (("endCursor", 0), ("hasPreviousPage", 1)):
        with watched() as said:
            await ask(small, "staff", text % selection, after=after)

        assert said[0].count("EXISTS") == looks


async def test_totals_are_of_the_whole_list(many: Schema) -> None:
    text = """query ($filter: OutboundOrderFilter, $after: String) {
      outboundOrders(filter: $filter, first: 1, after: $after) { totalCount edges { cursor } }
    }"""
    told = await ask(many, "staff", text, filter=MANY)
    cursor = told["data"]["outboundOrders"]["edges"][0]["cursor"]
    await order(700, "X", 14, 1, created_at=NOON - timedelta(days=9))

    again = await ask(many, "staff", text, filter=MANY, after=cursor)

    assert told["data"]["outboundOrders"]["totalCount"] == 120
    assert again["data"]["outboundOrders"]["totalCount"] == 121
