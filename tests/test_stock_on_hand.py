"""Stock on hand: by level and put together, as it is and as it was, and never anybody else's."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest

from models.database import observers, transaction
from models.products import Product
from models.stocktaking import Movement, Spot, Stock, levels_of
from models.tenants import Customer
from models.words import ApiRole, Condition, MovementKind, StockDimension
from models.writing import Changes
from tests.asking import RANGE, Answer, Shop, filled
from tests.world import World, make_world

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ROW = """customer { code } warehouse { code } product { code } batch expiryDate condition
         quantity allocated free incoming"""
ASK = """query ($customer: ID, $warehouse: ID, $asOf: DateTime, $sums: [StockDimension!],
                $empty: Boolean! = false, $first: Int, $after: String, $last: Int, $before: String,
                $filter: StockOnHandFilter, $orderBy: StockOnHandSort) {
  stockOnHand(customer: $customer, warehouse: $warehouse, asOf: $asOf, aggregateBy: $sums,
              includeEmpty: $empty, first: $first, after: $after, last: $last, before: $before,
              filter: $filter, orderBy: $orderBy) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { %s } }
  }
}"""
WHOLE = ASK % ROW
AMOUNTS = ("quantity", "allocated", "free", "incoming")
Row = tuple[Any, ...]
"""The six dimensions, then the four amounts."""


@dataclass
class Ledger:
    """Every movement that was made, to be added up by hand."""

    world: World
    moved: list[tuple[Spot, datetime, tuple[Decimal, ...]]] = field(default_factory=list)
    names: dict[UUID, str] = field(default_factory=dict)

    async def move(
        self,
        product: UUID,
        code: str,
        *,
        customer: UUID | None = None,
        warehouse: UUID | None = None,
        at: datetime = NOON,
        quantity: str = "0",
        allocated: str = "0",
        incoming: str = "0",
        **spot: Any,
    ) -> None:
        """One movement of a level, which is made where there is none."""
        world = self.world
        of = Spot(customer or world.live.id, warehouse or world.warehouse.id, product, code, **spot)
        amounts = tuple(map(Decimal, (quantity, allocated, incoming)))
        moving, changes = Stock(world.tenant.id, at), Changes()
        async with transaction():
            known = await levels_of(world.tenant.id, of.warehouse_id, [product])
            level = moving.level(of, known)
            moving.move(Movement(level, MovementKind.ADJUSTED, *amounts))
            moving.write(changes)
            await changes.flush()
        self.moved.append((of, at, amounts))

    def rows(
        self, by: Iterable[StockDimension] = tuple(StockDimension), until: datetime | None = None
    ) -> list[Row]:
        """The sums by these dimensions, of movements up to an instant."""
        sums: dict[Row, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
        for spot, at, (quantity, allocated, incoming) in self.moved:
            if until is not None and at > until:
                continue
            free = quantity - allocated if spot.condition is Condition.OK else Decimal(0)
            held = sums[self._dimensions(spot, frozenset(by))]
            for n, amount in enumerate((quantity, allocated, free, incoming)):
                held[n] += amount
        return [(*key, *held) for key, held in sums.items() if any(held)]

    def _dimensions(self, spot: Spot, by: frozenset[StockDimension]) -> Row:
        told = {
            StockDimension.CUSTOMER: self.names[spot.customer_id],
            StockDimension.WAREHOUSE: self.names[spot.warehouse_id],
            StockDimension.PRODUCT: spot.product_code,
            StockDimension.BATCH: spot.batch,
            StockDimension.EXPIRY_DATE: spot.expiry_date and spot.expiry_date.isoformat(),
            StockDimension.CONDITION: spot.condition,
        }
        by |= {StockDimension.CUSTOMER} if StockDimension.PRODUCT in by else frozenset()
        return tuple(value if one in by else None for one, value in told.items())


async def range_of(world: World, customer: Customer) -> dict[str, UUID]:
    """What another customer keeps: products of the same codes."""
    made = {}
    for one in RANGE:
        product = await Product.create(
            tenant_id=world.tenant.id,
            customer_id=customer.id,
            code=one["code"],
            name=one["name"],
            default_unit="EA",
            content="{}",
            created_at=NOON,
            modified_at=NOON,
        )
        made[product.code] = product.id
    return made


def row_of(node: Any) -> Row:
    """A node in the form of the ledger's rows."""
    codes = [node[name] and node[name]["code"] for name in ("customer", "warehouse", "product")]
    own = [node["batch"], node["expiryDate"], node["condition"]]
    return (*codes, *own, *(Decimal(node[name]) for name in AMOUNTS))


def rows_of(answer: Answer) -> list[Row]:
    return [row_of(edge["node"]) for edge in answer.only["edges"]]


def alike(rows: Iterable[Row]) -> list[Row]:
    """In one order, whatever is null."""
    return sorted(rows, key=repr)


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    """Asks for everything of the tenant, unless somebody else does."""
    made = Shop(http, world, await world.staff_token())
    products = await range_of(world, world.live)
    made.known |= {f"<{code}>": str(id_) for code, id_ in products.items()}
    made.known["<customer>"] = str(world.live.id)
    return made


@pytest.fixture
async def ledger(shop: Shop, world: World) -> Ledger:
    """Two customers' stock in two warehouses, made on several days."""
    made, known = Ledger(world), shop.known
    made.names = {
        one.id: one.code
        for one in (world.live, world.other, world.warehouse, world.far_warehouse, world.sandbox)
    }
    tea, mug = UUID(known["<TEA-500>"]), UUID(known["<MUG-BLUE>"])
    theirs = await range_of(world, world.other)
    far, day = world.far_warehouse.id, timedelta(days=1)
    spring = {"batch": "B1", "expiry_date": date(2027, 3, 1)}
    await made.move(tea, "TEA-500", quantity="10", incoming="2.5", **spring)
    await made.move(tea, "TEA-500", quantity="5", batch="B2", expiry_date=date(2027, 1, 1))
    await made.move(tea, "TEA-500", quantity="4", condition=Condition.DAMAGED, **spring)
    await made.move(tea, "TEA-500", quantity="7", warehouse=far, batch="B1")
    await made.move(mug, "MUG-BLUE", quantity="1.000001", at=NOON - day)
    await made.move(mug, "MUG-BLUE", incoming="6", warehouse=far)
    await made.move(theirs["TEA-500"], "TEA-500", quantity="3", customer=world.other.id)
    await made.move(theirs["MUG-BLUE"], "MUG-BLUE", quantity="9", customer=world.other.id)
    await made.move(theirs["TEA-250"], "TEA-250", quantity="2", customer=world.other.id)
    await made.move(tea, "TEA-500", allocated="6", at=NOON + day, **spring)
    await made.move(tea, "TEA-500", quantity="-4", allocated="-4", at=NOON + 2 * day, **spring)
    left = {"customer": world.other.id, "at": NOON + 2 * day}
    await made.move(theirs["TEA-250"], "TEA-250", quantity="-2", **left)
    return made


SUBSETS = [
    list(chosen)
    for size in range(1, len(StockDimension) + 1)
    for chosen in combinations(StockDimension, size)
]


async def pages(shop: Shop, size: int, *, backward: bool = False, **asked: Any) -> list[Row]:
    """The whole list, page by page from one end."""
    rows: list[Row] = []
    cursor = None
    while True:
        window = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
        answer = await shop.say(WHOLE, **asked, **window)
        page, info = rows_of(answer), answer.only["pageInfo"]
        rows = page + rows if backward else rows + page
        assert len(page) == size or not info["hasPreviousPage" if backward else "hasNextPage"]
        assert info["hasNextPage" if backward else "hasPreviousPage"] is (cursor is not None)
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            assert answer.only["totalCount"] == len(rows)
            return rows
        cursor = info["startCursor" if backward else "endCursor"]


# --- what is told --------------------------------------------------------------------------------


async def test_each_level_is_told_by_product_code(shop: Shop, ledger: Ledger) -> None:
    """What is used up is left out: the other customer's TEA-250."""
    told = rows_of(await shop.say(WHOLE))

    assert [row[2] for row in told] == ["MUG-BLUE"] * 3 + ["TEA-500"] * 5
    assert alike(told) == alike(ledger.rows())
    here = ("ACME", "SYD", "TEA-500", "B1", "2027-03-01", "OK")
    assert [row[6:] for row in told if row[:6] == here] == [(6, 2, 4, Decimal("2.5"))]
    damaged = [row for row in told if row[5] == "DAMAGED"]
    assert [row[6:] for row in damaged] == [(4, 0, 0, 0)], "what is damaged is not free"


async def test_what_is_used_up_can_be_told_too(shop: Shop, ledger: Ledger) -> None:
    """A shop has to learn what it has no more of."""
    told = rows_of(await shop.say(WHOLE, empty=True))

    assert len(told) == len(ledger.rows()) + 1
    assert ("ZEN", "SYD", "TEA-250", None, None, "OK", 0, 0, 0, 0) in told


async def test_sums_are_those_of_the_levels(
    shop: Shop, ledger: Ledger, subtests: pytest.Subtests
) -> None:
    """What stock is not added up by is null, but a product's customer may be told."""
    for by in SUBSETS:
        with subtests.test("+".join(by)):
            answer = await shop.say(WHOLE, sums=by)
            told = rows_of(answer)

            assert alike(told) == alike(ledger.rows(by))
            assert answer.only["totalCount"] == len(told)
            if len(by) in {1, 2, len(StockDimension)}:
                assert await pages(shop, 3, backward=by[0] > "P", sums=by) == told


@pytest.mark.parametrize("days", [-1, 0, 1, 2])
async def test_as_of_an_instant_is_the_sum_of_the_movements_up_to_it(
    shop: Shop, ledger: Ledger, days: int, subtests: pytest.Subtests
) -> None:
    for by in (None, ["PRODUCT"], ["WAREHOUSE", "CONDITION"], ["BATCH"]):
        for earlier in (timedelta(0), timedelta(microseconds=1)):
            with subtests.test(by=by, earlier=earlier):
                until = NOON + timedelta(days=days) - earlier
                dimensions = [StockDimension(one) for one in by or StockDimension]
                asked = {"sums": by, "asOf": until.isoformat()}

                told = rows_of(await shop.say(WHOLE, **asked))

                assert alike(told) == alike(ledger.rows(dimensions, until))
                assert await pages(shop, 3, backward=days > 0, **asked) == told


async def test_as_of_now_is_what_there_is(shop: Shop, ledger: Ledger) -> None:
    assert ledger.moved
    soon = (NOON + timedelta(days=2)).isoformat()

    for by in (None, ["PRODUCT", "WAREHOUSE"]):
        now = rows_of(await shop.say(WHOLE, sums=by))
        assert rows_of(await shop.say(WHOLE, sums=by, asOf=soon)) == now


async def test_it_is_told_when_a_row_last_changed(shop: Shop, ledger: Ledger) -> None:
    assert ledger.moved
    document = ASK % "modifiedAt product { code }"
    day = timedelta(days=1)
    for asked, changed in (
        ({"sums": ["PRODUCT"]}, {"MUG-BLUE": NOON, "TEA-500": NOON + 2 * day}),
        (
            {"sums": ["PRODUCT"], "asOf": (NOON + day).isoformat()},
            {"MUG-BLUE": NOON, "TEA-500": NOON + day},
        ),
    ):
        edges = (await shop.say(document, customer=str(shop.world.live.id), **asked)).only["edges"]
        told = {
            edge["node"]["product"]["code"]: datetime.fromisoformat(edge["node"]["modifiedAt"])
            for edge in edges
        }
        assert told == changed


# --- paging --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 8])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_walking_from_either_end_meets_every_level_once(
    shop: Shop, ledger: Ledger, size: int, direction: str
) -> None:
    order = {"orderBy": {"direction": direction}}
    whole = rows_of(await shop.say(WHOLE, **order))

    assert alike(whole) == alike(ledger.rows())
    assert await pages(shop, size, **order) == whole
    assert await pages(shop, size, backward=True, **order) == whole


async def test_a_cursor_is_bound_to_what_was_asked(shop: Shop, ledger: Ledger) -> None:
    assert ledger.moved
    now = {"sums": ["PRODUCT"]}
    cursor = (await shop.say(WHOLE, **now)).only["pageInfo"]["startCursor"]

    assert (await shop.say(WHOLE, **now, after=cursor)).errors == []
    for other in (
        {},
        {"sums": ["PRODUCT", "WAREHOUSE"]},
        {**now, "asOf": NOON.isoformat()},
        {**now, "empty": True},
        {**now, "customer": shop.known["<customer>"]},
        {**now, "filter": {"batch": {"eq": "B1"}}},
        {**now, "filter": {"quantity": {"from": "1"}}},
    ):
        answer = await shop.say(WHOLE, **other, after=cursor)
        assert (answer.codes, answer.places) == (["BAD_INPUT"], ["after"]), other
    asked = {**now, "asOf": NOON.isoformat()}
    cursor = (await shop.say(WHOLE, **asked)).only["pageInfo"]["startCursor"]
    later = {**now, "asOf": (NOON + timedelta(days=1)).isoformat()}
    assert (await shop.say(WHOLE, **later, after=cursor)).codes == ["BAD_INPUT"]


# --- which ---------------------------------------------------------------------------------------


FILTERS: dict[str, tuple[dict[str, Any], Callable[[Row], bool]]] = {
    "product code": ({"productCode": {"startsWith": "MUG"}}, lambda r: r[2] == "MUG-BLUE"),
    "batch": ({"batch": {"in": ["B1", "B9"]}}, lambda r: r[3] == "B1"),
    "no batch": ({"not": {"batch": {"startsWith": ""}}}, lambda r: r[3] is None),
    "expiry": ({"expiryDate": {"before": "2027-02-01"}}, lambda r: r[4] == "2027-01-01"),
    "condition": ({"condition": {"eq": "DAMAGED"}}, lambda r: r[5] == "DAMAGED"),
    "conditions": ({"condition": {"in": ["DAMAGED", "OK"]}}, lambda _: True),
    "quantity": ({"quantity": {"from": "4", "below": "7"}}, lambda r: 4 <= r[6] < 7),
    "a little": ({"quantity": {"from": "1.000001"}}, lambda r: r[6] >= Decimal("1.000001")),
    "free": ({"free": {"from": "4"}}, lambda r: r[8] >= 4),
    "allocated": ({"allocated": {"from": "0.1"}}, lambda r: r[7] > 0),
    "incoming": ({"incoming": {"from": "0.000001"}}, lambda r: r[9] > 0),
    "warehouse": ({"warehouse": {"eq": "<far>"}}, lambda r: r[1] == "PER"),
    "customer": ({"customer": {"in": ["<customer>"]}}, lambda r: r[0] == "ACME"),
    "mixed": (
        {
            "or": [
                {"batch": {"eq": "B2"}},
                {"free": {"from": "7"}},
                {"not": {"free": {"from": "1"}}},
            ]
        },
        lambda r: r[3] == "B2" or r[8] >= 7 or r[8] < 1,
    ),
}


async def test_a_filter_chooses_levels(
    shop: Shop, ledger: Ledger, subtests: pytest.Subtests
) -> None:
    known = {**shop.known, "<far>": str(shop.world.far_warehouse.id)}
    for name, (filter_, holds) in FILTERS.items():
        for until in (None, NOON + timedelta(days=1)):
            with subtests.test(name, until=until):
                asked = {"filter": filled(filter_, known), "asOf": until and until.isoformat()}

                told = await pages(shop, 3, **asked)

                assert alike(told) == alike(row for row in ledger.rows(until=until) if holds(row))
                assert told


async def test_with_sums_a_filter_of_levels_says_what_is_added_up(
    shop: Shop, ledger: Ledger
) -> None:
    assert ledger.moved
    asked = {"sums": ["PRODUCT"], "customer": shop.known["<customer>"]}
    filter_ = {"batch": {"eq": "B1"}, "condition": {"eq": "OK"}}
    told = rows_of(await shop.say(WHOLE, **asked, filter=filter_))

    assert [(row[2], *row[6:]) for row in told] == [("TEA-500", 13, 2, 11, Decimal("2.5"))]


async def test_with_sums_a_filter_of_amounts_is_one_of_sums(shop: Shop, ledger: Ledger) -> None:
    by = [StockDimension.PRODUCT, StockDimension.WAREHOUSE]
    for filter_, holds in (
        ({"quantity": {"from": "7"}}, lambda r: r[6] >= 7),
        ({"free": {"below": "1"}}, lambda r: r[8] < 1),
        (
            {"or": [{"productCode": {"eq": "TEA-500"}}, {"incoming": {"from": "1"}}]},
            lambda r: r[2] == "TEA-500" or r[9] >= 1,
        ),
    ):
        told = rows_of(await shop.say(WHOLE, sums=by, filter=filter_))
        assert alike(told) == alike(row for row in ledger.rows(by) if holds(row))


async def test_what_cannot_be_answered_is_refused(shop: Shop, ledger: Ledger) -> None:
    assert ledger.moved
    mixed = {"or": [{"batch": {"eq": "B1"}}, {"quantity": {"from": "1"}}]}
    soon = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    for asked, place in (
        ({"asOf": soon}, "asOf"),
        ({"sums": []}, "aggregateBy"),
        ({"sums": ["PRODUCT"], "filter": mixed}, "filter"),
        ({"customer": "x"}, "customer"),
        ({"warehouse": "X"}, "warehouse"),
    ):
        answer = await shop.say(WHOLE, **asked)
        assert (answer.codes, answer.places) == (["BAD_INPUT"], [place]), asked
    assert (await shop.say(WHOLE, sums=["BATCH"], filter=mixed)).errors == []


# --- whose ---------------------------------------------------------------------------------------


WHOSE: dict[str, tuple[dict[str, Any], Callable[[Row], bool]]] = {
    "one customer, one warehouse": ({}, lambda r: (r[0], r[1]) == ("ACME", "SYD")),
    "one customer": ({"all_warehouses": True}, lambda r: r[0] == "ACME"),
    "one warehouse": ({"all_customers": True}, lambda r: r[1] == "SYD"),
    "all": ({"all_customers": True, "all_warehouses": True}, lambda _: True),
    "no customer": ({"customers": [], "all_warehouses": True}, lambda _: False),
    "no warehouse": ({"all_customers": True, "warehouses": []}, lambda _: False),
}


@pytest.mark.parametrize("case", WHOSE)
@pytest.mark.parametrize("days", [None, 1])
async def test_only_stock_in_reach_is_told_counted_and_added_up(
    shop: Shop, ledger: Ledger, case: str, days: int | None
) -> None:
    """As rows, in sums, in the total, and through filters and arguments that name others'."""
    reach, theirs = WHOSE[case]
    world, token = shop.world, await shop.world.token(ApiRole.WMS_VIEW_STOCK, **reach)
    until = None if days is None else NOON + timedelta(days=days)
    asked = {"asOf": until and until.isoformat()}
    expected = [row for row in ledger.rows(until=until) if theirs(row)]

    answer = await shop.say(WHOLE, by=token, **asked)
    summed = rows_of(await shop.say(WHOLE, by=token, sums=["CONDITION"], **asked))

    assert alike(rows_of(answer)) == alike(expected)
    assert answer.only["totalCount"] == len(expected)
    assert answer.outcomes == ["COUNTED"]
    assert sum(row[6] for row in summed) == sum(row[6] for row in expected)
    for name, at, one in (("customer", 0, world.other), ("warehouse", 1, world.far_warehouse)):
        seen = [row for row in expected if row[at] == one.code]
        for chosen in ({name: str(one.id)}, {"filter": {name: {"eq": str(one.id)}}}):
            answer = await shop.say(WHOLE, by=token, **asked, **chosen)
            assert answer.only["totalCount"] == len(answer.only["edges"]) == len(seen)


async def test_another_tenants_stock_is_not_there(shop: Shop, ledger: Ledger) -> None:
    assert ledger.moved
    elsewhere = await make_world("Namesake")
    token = await elsewhere.token(ApiRole.API_FULL_ACCESS, all_customers=True, all_warehouses=True)
    for asked in (
        {},
        {"sums": ["CONDITION"]},
        {"asOf": NOON.isoformat()},
        {"customer": shop.known["<customer>"]},
        {"filter": {"product": {"eq": shop.known["<TEA-500>"]}}},
        {"filter": {"or": [{"productCode": {"eq": "TEA-500"}}, {"not": {"batch": {"eq": "B1"}}}]}},
    ):
        answer = await shop.say(WHOLE, by=token, **asked)
        assert (answer.only["totalCount"], answer.only["edges"]) == (0, []), asked


async def test_sandbox_stock_is_not_that_of_all_live_customers(shop: Shop, ledger: Ledger) -> None:
    world = shop.world
    trial = await range_of(world, world.sandbox)
    await ledger.move(trial["TEA-500"], "TEA-500", quantity="50", customer=world.sandbox.id)
    live = await world.token(ApiRole.WMS_VIEW_STOCK, all_customers=True, all_warehouses=True)
    trying = await world.token(ApiRole.WMS_VIEW_STOCK, customers=[world.sandbox.id])

    told = rows_of(await shop.say(WHOLE, by=live, sums=["CUSTOMER"]))
    assert {row[0] for row in told} == {"ACME", "ZEN"}
    answer = await shop.say(WHOLE, by=trying)
    assert [row[:3] for row in rows_of(answer)] == [("ACME-TEST", "SYD", "TEA-500")]
    assert answer.outcomes == ["SANDBOX"]


# --- what is asked of the database ---------------------------------------------------------------


async def test_a_page_is_one_statement_and_is_counted_only_where_that_is_selected(
    shop: Shop, ledger: Ledger
) -> None:
    assert ledger.moved
    for asked in ("", "(aggregateBy: [PRODUCT])", f'(asOf: "{NOON.isoformat()}")'):
        for selection, counts in (("edges { node { free } }", 0), ("totalCount", 1)):
            said: list[str] = []
            observers.append(said.append)
            try:
                answer = await shop.say(f"{{ stockOnHand{asked} {{ {selection} }} }}")
            finally:
                observers.remove(said.append)

            assert answer.errors == []
            [statement] = [sql for sql in said if "stock_levels" in sql]
            assert statement.count("count(*)") == counts


# --- at random -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
async def test_any_movements_add_up(shop: Shop, ledger: Ledger, seed: int) -> None:
    dice = Random(seed)  # noqa: S311
    known = {code: UUID(shop.known[f"<{code}>"]) for code in ("TEA-500", "TEA-250", "MUG-BLUE")}
    for _ in range(20):
        code = dice.choice(list(known))
        await ledger.move(
            known[code],
            code,
            warehouse=dice.choice([shop.world.warehouse.id, shop.world.far_warehouse.id]),
            at=NOON + timedelta(hours=dice.randrange(-50, 50)),
            quantity=f"{dice.randrange(1, 10**8)}E-6",
            incoming=f"{dice.choice([0, dice.randrange(10**8)])}E-6",
            batch=dice.choice([None, "B1", "B2", "b1"]),
            expiry_date=dice.choice([None, date(2027, 1, 1), date(2028, 2, 29)]),
            condition=dice.choice([Condition.OK, Condition.OK, Condition.QUARANTINE]),
        )
    assert alike(rows_of(await shop.say(WHOLE))) == alike(ledger.rows())
    for _ in range(12):
        sums = dice.choice(SUBSETS)
        until = NOON + timedelta(hours=dice.randrange(-60, 80))
        size, asked = dice.randrange(1, 7), {"sums": sums, "asOf": until.isoformat()}

        told = await pages(shop, size, backward=dice.random() < 0.5, **asked)

        assert alike(told) == alike(ledger.rows(sums, until)), asked
