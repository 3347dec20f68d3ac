"""How much one request may ask: each limit at its edge, and what is made to get around them."""

import asyncio
import gc
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import pytest
from graphql import get_introspection_query

from models.words import ApiRole
from resolvers.errors import LimitExceeded
from schema import build
from schema.limits import Limits
from schema.operations import Documents, Invalid
from server.settings import Settings
from tests.asking import Shop
from tests.world import World

ID = "019ab3ce-0000-7000-8000-000000000000"
SOON = 1.5
"""Seconds that no request may take from the others."""

PAUSE = 0.01

LIST = "query($f: OutboundOrderFilter) { outboundOrders(filter: $f) { totalCount } }"


@pytest.fixture(scope="module")
def documents() -> Documents:
    return Documents(build()._schema, Limits())


@pytest.fixture
async def shop(http, world: World) -> Shop:
    given = {"all_customers": True, "all_warehouses": True, "sees_tenant_usage": True}
    return Shop(http, world, await world.token(ApiRole.API_FULL_ACCESS, **given))


def asks(documents: Documents, text: str, **variables: Any) -> dict[str, Any] | None:
    """What a refusal of this document tells; None if it is within all limits."""
    try:
        documents.operation(documents.read(text), None).price(variables, documents.limits)
    except LimitExceeded as fault:
        return fault.details
    return None


def over(what: str, limit: int, asked: int | None = None) -> dict[str, Any]:
    told = {"what": what, "limit": limit}
    return told if asked is None else told | {"asked": asked}


def deep(levels: int) -> str:
    """An order's orders before it, so deep."""
    inside = "replaces {" * (levels - 2) + "id" + "}" * (levels - 2)
    return f'{{ outboundOrder(id: "{ID}") {{ {inside} }} }}'


def aliased(times: int) -> str:
    return "{" + " ".join(f'a{n}: outboundOrder(id: "{ID}") {{ id }}' for n in range(times)) + "}"


def chain(links: int, spread: int = 1, end: str = "viewer { roles }") -> str:
    """Fragments that each spread the next one."""
    parts = [f"fragment F{n} on Query {{{f' ...F{n + 1}' * spread} }}" for n in range(links)]
    return f"{{ ...F0 }} {' '.join(parts)} fragment F{links} on Query {{ {end} }}"


def page(size: str, declared: str = "") -> str:
    nodes = "edges { node { items { product { customer { id } } } } }"
    return f"query{declared} {{ outboundOrders({size}) {{ {nodes} }} }}"


def test_the_limits_of_the_schema_are_settings_with_the_same_defaults() -> None:
    settings = Settings().limits.model_dump()
    limits = Limits()

    same = {name: getattr(limits, name) for name in settings if name != "body_bytes"}
    assert same == {name: settings[name] for name in same}
    assert settings["body_bytes"] == 1_048_576


# --- each at its edge ----------------------------------------------------------------------------


def test_depth(documents: Documents) -> None:
    assert asks(documents, deep(12)) is None
    assert asks(documents, deep(13)) == over("a depth", 12, 13)


def test_depth_is_that_of_expanded_fragments(documents: Documents) -> None:
    spread = (
        f'{{ outboundOrder(id: "{ID}") {{ ...A }} }}'
        " fragment A on OutboundOrder { replaces { ... on OutboundOrder { ...B } } }"
        f" fragment B on OutboundOrder {{ {'replaces {' * 10} id {'}' * 10} }}"
    )
    assert asks(documents, spread) == over("a depth", 12, 13)


def test_aliases_of_one_root_field(documents: Documents) -> None:
    assert asks(documents, aliased(15)) is None
    assert asks(documents, aliased(16)) == over("aliases of one root field", 15, 16)


def test_aliases_in_fragments_are_found(documents: Documents) -> None:
    first, second = aliased(16)[1:-1].split("a8")
    text = f"{{ ...A ... on Query {{ a8{second} }} }} fragment A on Query {{ {first} }}"
    assert asks(documents, text) == over("aliases of one root field", 15, 16)


def test_root_fields(documents: Documents) -> None:
    fifty = " ".join(f"a{n}: __typename" for n in range(50))
    assert asks(documents, f"{{ {fifty} }}") is None
    assert asks(documents, f"{{ {fifty} b: __typename }}") == over("a number of root fields", 50)


def test_tokens(documents: Documents) -> None:
    # Comments are tokens, too; they are counted by themselves.
    fits = "{ viewer { roles } }" + "\n#" * 2_000
    assert asks(documents, fits) is None
    assert asks(documents, fits + "\n#") == over("a number of tokens", 2_000)
    assert asks(documents, "{ viewer {" + " roles" * 2_000 + "} }") == over(
        "a number of tokens", 2_000
    )


def test_characters(documents: Documents) -> None:
    fits = "{ viewer { roles } }".ljust(15_000)
    assert asks(documents, fits) is None
    assert asks(documents, fits + " ") == over("a document length in characters", 15_000, 15_001)


@pytest.mark.parametrize(
    ("document", "variables", "cost"),
    [
        # 1 for the connection, then edge, node, ten items with product and customer, each entry.
        (page("first: 100"), {}, 1 + 100 * (2 + 10 * 3)),
        (page("last: 2"), {}, 1 + 2 * 32),
        (page("after: null"), {}, 1 + 50 * 32),
        (page("first: null"), {}, 1 + 50 * 32),
        (page("first: null, last: 100"), {}, 1 + 100 * 32),
        (page("first: -5"), {}, 1),
        (page("first: 1000000"), {}, 1 + 1_000_000 * 32),
        (page("first: $n", "($n: Int)"), {"n": 100}, 1 + 100 * 32),
        (page("first: $n", "($n: Int)"), {"n": -100}, 1 + 50 * 32),
        (page("first: $n", "($n: Int)"), {"n": None}, 1 + 50 * 32),
        (page("first: $n", "($n: Int)"), {}, 1 + 50 * 32),
        (page("first: $n", "($n: Int = 100)"), {}, 1 + 100 * 32),
        (page("first: $n", "($n: Int = 1)"), {"n": 100}, 1 + 100 * 32),
        (page("first: $a, last: $b", "($a: Int, $b: Int)"), {"b": 100}, 1 + 100 * 32),
        (page("last: $b, first: $a", "($a: Int, $b: Int)"), {"a": 100}, 1 + 100 * 32),
        (page("first: $n", "($n: Int)"), {"n": 2**31}, 1 + 2**31 * 32),
    ],
)
def test_cost(documents: Documents, document: str, variables: dict[str, Any], cost: int) -> None:
    """1 an object, nothing a scalar, lists times their page size."""
    at, below = Limits(cost=cost), Limits(cost=cost - 1)

    assert asks(Documents(documents.schema, at), document, **variables) is None
    assert asks(Documents(documents.schema, below), document, **variables) == over(
        "a cost", cost - 1, cost
    )


def test_cost_of_fragments_is_that_of_each_spread(documents: Documents) -> None:
    shared = " ".join(f"a{n}: outboundOrders(first: 100) {{ ...P }}" for n in range(4))
    text = (
        f"{{ {shared} }} fragment P on OutboundOrderConnection"
        " { edges { node { items { product { id } } } } }"
    )
    assert asks(documents, text) is None
    assert asks(documents, text.replace("product {", "product { customer { id }")) == over(
        "a cost", 10_000, 4 * (1 + 100 * 32)
    )


def test_selections_in_one_another(documents: Documents) -> None:
    """Fragments add no depth, and every walk over them takes stack."""
    inline = "{" + "...{" * 99 + "__typename" + "}" * 99 + "}"
    assert asks(documents, inline) is None
    assert asks(documents, f"{{...{inline}}}") == over("selections in one another", 100, 101)
    assert asks(documents, chain(90)) is None
    assert asks(documents, chain(150)) == over("selections in one another", 100, 153)


def test_aliases_in_introspection(documents: Documents) -> None:
    """A fragment with two of them, spread by two of them, is 16 answers from four aliases."""
    text = (
        "{ __schema { a: types { ...F } b: types { ...F } c: types { ...F } } }"
        " fragment F on __Type { x: name }"
    )
    assert asks(documents, get_introspection_query()) is None
    assert asks(documents, text) == over("aliases in introspection", 5, 6)
    roots = " ".join(f"a{n}: __schema {{ queryType {{ name }} }}" for n in range(6))
    assert asks(documents, f"{{ {roots} }}") == over("aliases in introspection", 5, 6)


def test_fields_beside_their_like(documents: Documents) -> None:
    """Validation compares them two by two: 640 of them took a second and a half."""
    fits = order("id " * 101)
    assert asks(documents, fits) is None
    for text in (order("id " * 102), order("... { id }" * 102), order("... { a: id a: id }" * 51)):
        assert asks(documents, text) == over("fields beside others of the same key", 100, 101)
    assert asks(documents, order("customer { id }" * 101)) is None


async def test_the_limit_and_what_was_asked_are_told(shop: Shop) -> None:
    answer = await shop.say(deep(13))

    [error] = answer.errors
    assert answer.status == 400
    assert error["message"] == "A request may have a depth of at most 12, and this asks for 13."
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", **over("a depth", 12, 13)}
    assert answer.calls == []


async def test_page_size(shop: Shop) -> None:
    for name, size, told in (
        ("first", 101, over("a page (`first`)", 100, 101)),
        ("last", 2**31 - 1, None),
        ("first", 0, {"path": ["first"]}),
        ("first", -5, {"path": ["first"]}),
    ):
        text = f"query($n: Int) {{ outboundOrders({name}: $n) {{ totalCount }} }}"
        answer = await shop.say(text, n=size)

        [error] = answer.errors
        assert told is None or {**error["extensions"], **told} == error["extensions"]
        assert error["extensions"]["code"] == ("BAD_INPUT" if size < 1 else "LIMIT_EXCEEDED")
        assert answer.outcomes == []


async def test_body_size(shop: Shop) -> None:
    limit = 1_048_576
    body = b'{"query": "{ __typename }"}'

    fits = await shop.send(body.ljust(limit))
    beyond = await shop.send(body.ljust(limit + 1))

    assert fits.data == {"__typename": "Query"}
    assert beyond.status == 413
    assert beyond.errors[0]["extensions"] == {
        "code": "LIMIT_EXCEEDED",
        **over("a body in bytes", limit),
    }


async def test_only_so_many_errors_are_told(shop: Shop) -> None:
    unknown = " ".join(f"a{n}: b{n}" for n in range(80))
    misfits = {"f": {"id": {"in": [1.5] * 80}}}

    for answer in (
        await shop.say(f"{{ viewer {{ {unknown} }} }}"),
        await shop.say(LIST, **misfits),
    ):
        assert len(answer.errors) == 51
        assert answer.errors[-1]["message"] == "Only the first 50 errors are told."
        assert set(answer.codes) == {"BAD_INPUT"}


# --- what is made to hold others up --------------------------------------------------------------


def order(selection: str) -> str:
    return f'{{ outboundOrder(id: "{ID}") {{ {selection} }} }}'


def hostile() -> Iterator[tuple[str, str, Any]]:
    """Name, document, variables (as JSON, where Python's own writer would give up)."""
    numbers = range(600)
    yield "90 links, spread twice", chain(90, 2), {}
    yield "180 links, spread twice", chain(180, 2), {}
    yield "400 links", chain(400), {}
    for links in (95, 150, 190, 240):
        yield f"{links} links", chain(links), {}
    yield "a cycle", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", {}
    yield "an unknown fragment", "{ ...A }", {}
    yield "unknown fragments", "{" + " ".join(f"...A{n}" for n in numbers) + "}", {}
    for levels in (99, 150, 199, 660):
        inside = "...{" * levels + "id" + "}" * levels
        yield f"{levels} inline fragments", order(inside), {}
        yield f"{levels} objects", "{" + "a{" * levels + "b" + "}" * levels + "}", {}
    # Fragments of inline fragments, each as deep as the parser lets it be.
    inline = ["...{" * 150 + f"...G{n + 1}" + "}" * 150 for n in range(3)]
    parts = " ".join(f"fragment G{n} on Query {{ {one} }}" for n, one in enumerate(inline))
    yield "450 inline fragments", f"{{ ...G0 }} {parts} fragment G3 on Query {{ __typename }}", {}
    yield "1,900 fields", order("id " * 1_900), {}
    yield "2,000 fields", order("id " * 2_000), {}
    yield "600 keys", order(" ".join(f"a{n}: id" for n in numbers)), {}
    yield "300 lists", order(" ".join(f"a{n}: items {{ id }}" for n in range(300))), {}
    yield "300 objects", order(" ".join(f"a{n}: customer {{ id }}" for n in range(300))), {}
    yield "as deep as may be", deep(12), {}
    conflicts = ["id", "reference", "status", "version"] * 160
    yield "conflicts", order(" ".join(f"a: {one}" for one in conflicts)), {}
    spread = " ".join(f"...C{n}" for n in range(100))
    held = " ".join(
        f"fragment C{n} on OutboundOrder {{ a: {conflicts[n]} b{n}: id }}" for n in range(100)
    )
    yield "conflicts in fragments", f"{order(spread)} {held}", {}
    declared = " ".join(f"$v{n}: Int" for n in range(480))
    alike = " ".join(f"a{n}: id" for n in range(17))
    yield "101 objects alike", order(f"customer {{ {alike} }}" * 24), {}
    alike = " ".join(f"a{n}:id" for n in range(4))
    yield "objects alike", order(f"c: customer {{ {alike} }}" * 101), {}
    yield "lists alike", order("items { product { id } }" * 101), {}
    yield "480 unused variables", f"query({declared}) {{ viewer {{ roles }} }}", {}
    yield "1,000 values", "{ viewer { roles } }", {f"v{n}": n for n in range(1_000)}
    yield "50,000 values", "{ viewer { roles } }", {f"v{n}": n for n in range(50_000)}
    yield "20,000 ids", LIST, {"f": {"id": {"in": [ID] * 20_000}}}
    yield "150,000 numbers for ids", LIST, {"f": {"id": {"in": [1.5] * 150_000}}}
    yield "40,000 unknown fields", LIST, {"f": {f"createdA{n}": 1 for n in range(40_000)}}
    yield "60,000 wrong objects", LIST, {"f": {"or": [{"idd": 1}] * 60_000}}
    yield "100,000 empty objects", LIST, {"f": {"or": [{}] * 100_000}}
    yield "9,990 empty objects", LIST, {"f": {"or": [{}] * 9_990}}
    for levels in (8, 50, 99, 250, 500, 1_000, 10_000):
        yield f"{levels} filters", LIST, '{"f":' + '{"not":' * levels + "{}" + "}" * levels + "}"
    for levels in (8, 99, 199, 400):
        text = "{not:" * levels + '{reference:{eq:"x"}}' + "}" * levels
        yield (
            f"{levels} literal filters",
            f"{{ outboundOrders(filter: {text}) {{ totalCount }} }}",
            {},
        )
    status = LIST.replace("OutboundOrderFilter", "OutboundOrderStatus")
    status = status.replace("filter: $f", "filter: {status: {eq: $f}}")
    yield "a large enum", status, {"f": "A" * 1_000_000}
    yield "a large id", f"query($i: ID!) {order('id')}".replace(f'"{ID}"', "$i"), {"i": "x" * 10**6}
    digits = "9" * 5_000
    yield "5,000 digits", f"{{ outboundOrders(first: {digits}) {{ totalCount }} }}", {}
    default = f"query($n: Int = {digits}) {{ outboundOrders(first: $n) {{ totalCount }} }}"
    yield "5,000 digits by default", default, {}
    yield (
        "an id of 5,000 digits",
        f"query($n: ID! = {digits}) {order('id')}".replace(f'"{ID}"', "$n"),
        {},
    )
    units = "units: [{code: 1, baseQuantity: 1e999999}]"
    product = f"createProduct(input: {{customer: 1, code: 1, name: 1, defaultUnit: 1, {units}}})"
    yield "a decimal without end", f"mutation {{ {product} {{ replayed }} }}", {}
    yield "900 directives", "{ viewer " + "@a " * 900 + "{ roles } }", {}
    yield "introspection", get_introspection_query(), {}
    inside = "fields { type {" * 9 + "name" + "}}" * 9
    yield "deep introspection", f"{{ __schema {{ types {{ {inside} }} }} }}", {}
    wide = " ".join(f"a{n}: fields {{ name b: name c: name }}" for n in range(120))
    yield "wide introspection", f"{{ __schema {{ types {{ {wide} }} }} }}", {}
    roots = " ".join(f"a{n}: __schema {{ ...S }}" for n in range(50))
    kinds = "fragment S on __Schema { types { fields { args { name } } } }"
    yield "50 introspections", f"{{ {roots} }} {kinds}", {}
    yield "200 operations", " ".join(f"query Q{n} {{ viewer {{ roles }} }}" for n in range(200)), {}
    yield "a subscription", "subscription { x }", {}
    yield "only a fragment", "fragment A on Query { viewer { roles } }", {}
    yield "only a comment", "#", {}
    items = [{"product": {"code": "a"}, "quantity": "1"}] * 12_000
    content = {"customer": ID, "reference": "x", "deliver": {"address": {}}, "items": items}
    create = "mutation($i: CreateOutboundOrderInput!) { createOutboundOrder(input: $i) "
    yield "12,000 lines", create + "{ userErrors { code } } }", {"i": content}
    yield (
        "4,000 lines",
        create + "{ userErrors { code } } }",
        {"i": content | {"items": items[:4_000]}},
    )


@dataclass
class Bystander:
    """Somebody who asks for nothing again and again; how long it took at worst."""

    shop: Shop
    going: bool = True
    worst: float = 0.0

    async def ask(self) -> None:
        while self.going:
            began = time.perf_counter()
            await asyncio.sleep(PAUSE)
            await self.shop.say("{ __typename }")
            self.worst = max(self.worst, time.perf_counter() - began - PAUSE)


async def test_no_request_holds_the_others_up_or_fails_by_our_fault(shop: Shop) -> None:
    slow, waited, faults = {}, {}, {}
    for name, document, variables in hostile():
        told = variables if isinstance(variables, str) else json.dumps(variables)
        body = f'{{"query": {json.dumps(document)}, "variables": {told}}}'.encode()
        assert len(body) < 1_048_576, name

        bystander = Bystander(shop)
        asking = asyncio.create_task(bystander.ask())
        await asyncio.sleep(PAUSE * 1.5)
        began = time.perf_counter()
        answer = await shop.send(body)
        took = time.perf_counter() - began
        bystander.going = False
        await asking

        if took > SOON:
            slow[name] = took
        if bystander.worst > SOON:
            waited[name] = bystander.worst
        if answer.status >= 500 or "INTERNAL" in answer.codes:
            faults[name] = answer.errors

    assert faults == {}
    assert slow == {}
    assert waited == {}


async def test_what_is_far_too_much_is_refused_in_so_many_words(shop: Shop) -> None:
    for document, told in (
        (chain(90, 2), over("a cost", 10_000, 2**53 - 1)),
        (chain(400), over("a number of tokens", 2_000)),
        (order("id " * 2_000), over("a number of tokens", 2_000)),
        ("{ a }" * 51, over("operations", 50, 51)),
        (order("id " * 1_000), over("fields beside others of the same key", 100, 999)),
    ):
        [error] = (await shop.say(document)).errors
        assert error["extensions"] == {"code": "LIMIT_EXCEEDED", **told}

    for variables, told in (
        ('{"not":' * 500 + "{}" + "}" * 500, over("values in one another", 100)),
        (
            json.dumps({f"a{n}": 1 for n in range(1_001)}),
            over("names in one object of its variables", 1_000, 1_001),
        ),
        (
            json.dumps({"in": [1] * 10_001}),
            over("entries in one list of its variables", 10_000, 10_001),
        ),
        (
            '{"or":[' + "{}," * 9_998 + "{}]}",
            over("objects and lists in its variables", 10_000),
        ),
    ):
        body = f'{{"query": {json.dumps(LIST)}, "variables": {{"f": {variables}}}}}'
        [error] = (await shop.send(body.encode())).errors
        assert error["extensions"] == {"code": "LIMIT_EXCEEDED", **told}


async def test_introspection_passes(shop: Shop) -> None:
    answer = await shop.say(get_introspection_query())

    assert {"Query", "OutboundOrder"} <= {one["name"] for one in answer.only["types"]}
    assert answer.calls == []


# --- what is remembered --------------------------------------------------------------------------


def distinct(number: int) -> str:
    fields = " ".join(f"a_{'long' * 15}_{n}_{number}: reference" for n in range(6))
    return f'{{ outboundOrder(id: "{ID}") {{ {fields} }} }}'


def test_documents_are_remembered_up_to_a_size() -> None:
    documents = Documents(build()._schema, Limits(remembered=20_000))
    for number in range(200):
        documents.read(distinct(number))
    kept = list(documents.known)

    assert documents.held == sum(map(len, kept)) <= 20_000
    assert kept[-1] == distinct(199)
    assert documents.read(kept[0]) is documents.known[kept[0]]
    documents.read(distinct(200))
    assert kept[0] in documents.known, "what was just used is forgotten last"


def test_what_was_refused_is_not_remembered(documents: Documents) -> None:
    before = list(documents.known)
    for text in ("{ nothing }", "{", deep(13)):
        with pytest.raises((Invalid, LimitExceeded)):
            documents.read(text)

    assert list(documents.known) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_memory_stays_bounded_over_many_documents(shop: Shop) -> None:
    """A parsed document takes about a hundred times its length; its plans and statements more."""
    process = psutil.Process()
    sizes = []
    for number in range(1_200):
        assert (await shop.say(distinct(number))).data == {"outboundOrder": None}
        if number in {599, 1_199}:
            gc.collect()
            sizes.append(process.memory_info().rss)

    first, second = sizes
    assert second - first < 15 * 2**20
