"""The short way answers as the long one does, to the order of keys, and leaves the same behind."""

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
import strawberry
from strawberry.extensions import SchemaExtension

from models.call_log import CallNote
from models.database import DatabaseUnavailable, Reason
from resolvers import viewers
from schema import Schema, build
from schema.finished import encode
from schema.gate import Gate
from schema.metering import Counting
from tests import oracle_runs, test_oracle
from tests.asking import Answer, Shop, open_shop
from tests.test_examples import NAMES, form, gives_the_answer_beside_it
from tests.test_oracle import Run, run  # noqa: F401 - a fixture
from tests.world import World, make_world

PAGE = "query ($n: Int, $code: String) { products(first: $n, filter: {code: {eq: $code}}) "
PAGE += "{ totalCount edges { cursor node { code } } pageInfo { hasNextPage } } }"
SKIPPED = "query ($no: Boolean!) { viewer { roles client @skip(if: $no) { name } } }"
ORDER = """
    mutation ($input: CreateOutboundOrderInput!, $again: CreateOutboundOrderInput!) {
      first: createOutboundOrder(input: $input) { outboundOrder { reference } replayed }
      again: createOutboundOrder(input: $again) {
        outboundOrder { reference } replayed userErrors { code path }
      }
      last: createOutboundOrder(input: $input) { outboundOrder { reference } replayed }
    }"""


def plain(answer: Answer) -> str:
    """The answer's text, but for what differs from one time to the next."""
    return re.sub(r'"retryAt": "[^"]+"', "", json.dumps(form(answer.body)))


@dataclass
class Ways:
    """A shop that asks everything twice, once by either way."""

    shop: Shop
    schema: Schema
    long: list[Any]
    """What Strawberry was asked to carry out."""

    async def ask(self, document: str, **given: Any) -> Answer:
        """What both answer."""
        answers = []
        for is_short in (False, True):
            self.schema.is_short = is_short
            answers.append(await self.shop.say(document, **given))
        long, short = ((one.status, plain(one)) for one in answers)
        assert long == short
        return answers[0]

    @property
    def was_short(self) -> bool:
        """Whether all since it was asked last went by either way just once."""
        long, self.long[:] = len(self.long), []
        return long == 1


@pytest.fixture
async def ways(app, http, world: World, monkeypatch: pytest.MonkeyPatch) -> Ways:
    [endpoint] = [one.endpoint for one in app.routes if getattr(one, "path", "") == "/graphql"]
    long: list[Any] = []
    stock = strawberry.Schema.execute

    async def told(*given: Any) -> Any:
        long.append(given)
        return await stock(*given)

    monkeypatch.setattr(strawberry.Schema, "execute", told)
    # The schema is other tests', too: it is left as it was found.
    monkeypatch.setattr(endpoint.schema, "is_short", True)
    return Ways(await open_shop(http, world), endpoint.schema, long)


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("{ viewer { roles client { name } } }", {}),
        ("{ __typename }", {}),
        ("{ __schema { queryType { name } } viewer { __typename } }", {}),
        (PAGE, {"n": 2}),
        (PAGE, {"n": 2, "code": "TEA-500", "unknown": 1}),
        (SKIPPED, {"no": True}),
        (SKIPPED, {"no": False}),
        (
            "query One { a: products { totalCount } viewer { roles } b: products { totalCount } }",
            {},
        ),
        ('{ a: outboundOrder(id: "no id") { id } viewer { roles } }', {}),
    ],
)
async def test_what_is_known_goes_the_short_way(ways: Ways, document: str, variables: Any) -> None:
    answer = await ways.ask(document, **variables)

    assert answer.status == 200
    assert ways.was_short


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        (PAGE, {"n": "many"}, "BAD_INPUT"),
        (PAGE, {"n": 1, "code": "\0"}, "BAD_INPUT"),
        (PAGE, {"n": [[1]], "code": {}}, "BAD_INPUT"),
        (SKIPPED, {}, "BAD_INPUT"),
        (PAGE, {"n": 1_000_000}, "LIMIT_EXCEEDED"),
        ("{ tenantUsage { calls } products { totalCount } }", {}, "FORBIDDEN"),
    ],
)
async def test_what_is_refused_is_told_alike(
    ways: Ways, document: str, variables: Any, code: str
) -> None:
    answer = await ways.ask(document, **variables)

    assert set(answer.codes) == {code}
    assert answer.data is None
    assert ways.was_short


@pytest.mark.parametrize(
    "document",
    [
        "query A { viewer { roles } } query B { __typename }",
        "{ viewer { nothing } }",
        "{ viewer { roles }",
        " ",
    ],
)
async def test_what_cannot_be_known_goes_the_long_way(ways: Ways, document: str) -> None:
    answer = await ways.ask(document)

    assert answer.codes == ["BAD_INPUT"]
    assert not ways.was_short


async def test_a_mutation_by_get_is_refused_either_way(ways: Ways) -> None:
    asked = {"query": "mutation { __typename }"}
    headers = {"Authorization": f"Bearer {ways.shop.token}"}
    await ways.ask(asked["query"])

    answer = await ways.shop.http.get("/graphql", params=asked, headers=headers)

    assert answer.status_code == 405


async def test_commands_follow_one_another_and_each_counts_once(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[CallNote] = []
    monkeypatch.setattr("schema.metering.call_log.note", notes.append)
    shop, faulty = ways.shop, ways.shop.order(reference="SO-2", items=[])

    first = await shop.say(ORDER, input=shop.order(), again=faulty)
    ways.long.clear()
    new = await shop.say(ORDER, input=shop.order(reference="SO-3"), again=faulty)
    was_long = ways.long.copy()
    old = await ways.ask(ORDER, input=shop.order(), again=faulty)

    assert was_long == []
    assert first.outcomes == new.outcomes == ["COUNTED", "REFUSED", "REPLAYED"]
    assert old.outcomes == ["REPLAYED", "REFUSED", "REPLAYED"]
    assert [note.outcome for note in notes] == [
        *(2 * ["COUNTED", "REFUSED", "REPLAYED"]),
        *(2 * ["REPLAYED", "REFUSED", "REPLAYED"]),
    ]
    assert (await shop.orders(), await shop.counted()) == (2, 2)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (ZeroDivisionError("secret"), "INTERNAL"),
        (DatabaseUnavailable(Reason.LOST, "secret"), "UNAVAILABLE"),
    ],
)
async def test_a_fault_is_told_alike(
    ways: Ways, fault: Exception, code: str, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise fault

    monkeypatch.setattr(viewers, "viewer", fail)

    answer = await ways.ask("{ viewer { roles } }")

    assert answer.codes == [code]
    assert "secret" not in str(answer.body)
    assert ways.was_short
    ours = [one for one in caplog.records if one.getMessage().startswith("fault in")]
    assert len(ours) == (2 if code == "INTERNAL" else 0)


def test_another_extension_sees_every_operation() -> None:
    """Its hooks are Strawberry's to call."""

    class Other(SchemaExtension):
        pass

    assert build().is_short
    assert not build(extensions=(Counting, Gate, Other)).is_short


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("is_short", [False, True])
async def test_every_example_gives_its_answer_by_either_way(
    ways: Ways, subtests: Any, *, is_short: bool
) -> None:
    """The ways part before anything is asked of an engine."""
    for name in NAMES:
        with subtests.test(name):
            ways.schema.is_short = is_short
            shop = await open_shop(ways.shop.http, await make_world())
            ways.long.clear()
            await gives_the_answer_beside_it(shop, name)
            assert bool(ways.long) is not is_short


class BothWays(Schema):
    """A schema that carries every operation out by both ways."""

    async def execute(self, *given: Any, **named: Any) -> Any:
        self.is_short = False
        long = await super().execute(*given, **named)
        self.is_short = True
        short = await super().execute(*given, **named)
        assert str(long.errors) == str(short.errors)
        assert encode(long.data) == encode(short.data)
        return short


@pytest.mark.timeout(600)
def test_random_documents_are_answered_alike(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """With each other; whether they are right is for the oracle to say."""
    monkeypatch.setattr(test_oracle, "build", BothWays)
    for name in ("answer", "compare"):
        monkeypatch.setattr(oracle_runs, name, lambda *_: None)

    run(examples=10)
