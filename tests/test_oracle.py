"""Random documents: the compiled reads answer exactly what a plain interpreter answers."""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from models import pages, reading
from models.compiling import Writer
from models.database import connect, disconnect
from models.shapes import Grouping
from resolvers import on_hand
from resolvers.counting import counter
from schema import build
from schema.selection import Document
from tests.oracle_runs import WIDE, Different, cases, check

Run = Callable[..., None]


@pytest.fixture
def run(database_url: str) -> Iterator[Run]:
    """Checks random cases against the database, of ten questions each."""

    async def begin() -> None:
        await connect(database_url)
        counter.start()

    async def end() -> None:
        await counter.stop()
        await disconnect()

    with asyncio.Runner() as loop:
        loop.run(begin())

        def work(examples: int, about: Sequence[str] = (), **more: Any) -> None:
            schema = build(WIDE)

            @settings(
                max_examples=examples,
                deadline=None,
                print_blob=True,
                suppress_health_check=list(HealthCheck),
                **more,
            )
            @given(cases(schema, 10, about))
            def answers_agree(case: Any) -> None:
                loop.run(check(schema, case))

            answers_agree()

        try:
            yield work
        finally:
            loop.run(end())


@pytest.mark.timeout(600)  # what differs is made small before it is told
def test_random_documents_get_the_oracles_answers(run: Run) -> None:
    """250 of them on each engine; `make fuzz` asks thousands."""
    run(examples=25)


@pytest.mark.fuzz
@pytest.mark.timeout(1_800)
def test_many_random_documents_get_the_oracles_answers(run: Run) -> None:
    run(examples=1_500)


# --- broken on purpose ----------------------------------------------------------------------------

Break = Callable[[pytest.MonkeyPatch], None]


def rewritten(owner: Any, name: str, change: Callable[[Any], Any]) -> Break:
    """The function of that name, with what it returns changed."""
    right = getattr(owner, name)

    def work(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(owner, name, lambda *args, **named: change(right(*args, **named)))

    return work


def left_out(conditions: str) -> Break:
    return lambda patch: patch.setattr(Writer, conditions, lambda *_: [])


OTHER = {"ASC": "DESC", "DESC": "ASC"}


def the_other_way(sql: str) -> str:
    return re.sub(r"ASC|DESC", lambda m: OTHER[m[0]], sql)


def ties_the_other_way(sql: str) -> str:
    return re.sub(r"(\.id) (ASC|DESC)", lambda m: f"{m[1]} {OTHER[m[2]]}", sql)


def at_any_time(grouping: Grouping) -> Grouping:
    """Stock as it was at an instant, with what moved later."""
    join = grouping.join.replace("m.at <= {as_of}", "m.at IS DISTINCT FROM {as_of}")
    return replace(grouping, join=join)


def all_is_free(grouping: Grouping) -> Grouping:
    """Stock of which what is damaged can be ordered, too."""
    columns = tuple((name, sql.replace("= 'OK'", "<> ''")) for name, sql in grouping.columns)
    return replace(grouping, columns=columns)


def swapped(fields: Any) -> Any:
    """The keys of the first two fields, exchanged."""
    if len(fields) < 2:
        return fields
    first, second, *others = fields
    return [replace(first, key=second.key), replace(second, key=first.key), *others]


def shorter(patch: pytest.MonkeyPatch) -> None:
    right = reading._page
    cut = lambda page, *rest: right(replace(page, size=page.size - 1), *rest)  # noqa: E731
    patch.setattr(reading, "_page", cut)


def money_of_nothing(patch: pytest.MonkeyPatch) -> None:
    right = Writer._inner
    patch.setattr(Writer, "_inner", lambda self, pieces, _, row: right(self, pieces, (), row))


BREAKS: dict[str, Break] = {
    "customers are left out of the reach": left_out("_customers"),
    "warehouses are left out of the reach": left_out("_one_of"),
    "the order is reversed": rewritten(pages, "_by", the_other_way),
    "ties are broken the other way": rewritten(pages, "_rows", ties_the_other_way),
    "not knows nothing of null": rewritten(
        Writer, "_holds", lambda sql: sql.replace("IS NOT TRUE", "IS FALSE")
    ),
    "nothing is told as an object of nulls": money_of_nothing,
    "keys are mixed up": rewritten(Document, "fields", swapped),
    "the row of a cursor is in its page": rewritten(
        Writer, "beyond", lambda sql: sql.replace("> (", ">= (").replace("< (", "<= (")
    ),
    "a page is one too short": shorter,
    "what was is what is": rewritten(on_hand, "put_together", at_any_time),
    "what is damaged is free": rewritten(on_hand, "put_together", all_is_free),
}


ABOUT = {
    "not knows nothing of null": ["consignments", "inboundOrders"],
    "nothing is told as an object of nulls": ["outboundOrders", "consignments"],
    "what was is what is": ["stockOnHand"],
    "what is damaged is free": ["stockOnHand"],
}
"""Where few of all documents would show it."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_compiler_is_caught(name: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing checks finished JSON on its way out, so this is what the comparison is worth."""
    BREAKS[name](monkeypatch)

    with pytest.raises(Different):
        run(40, ABOUT.get(name, ()), derandomize=True, database=None, phases=[Phase.generate])
