"""Asking the schema and the oracle the same, and telling where they differ."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from models.clients import ApiClient
from models.database import transaction
from models.reach import Every, Reach
from models.record import new_id
from models.tenants import Customer, StaffUser, Warehouse
from models.words import ApiRole, StaffRole
from resolvers.access import Caller
from schema import Schema
from schema.context import Context
from schema.finished import encode
from schema.limits import Limits
from tests.oracle import Cursor, answer
from tests.oracle_data import Data, Sizes
from tests.oracle_documents import Drawer, Drawn
from tests.oracle_rows import World, load
from tests.oracle_trade import two_tenants

WIDE = Limits(cost=10**12, characters=10**6, tokens=10**5, depth=40)
"""Random documents are large; limits have tests of their own."""


class Different(AssertionError):
    """The schema does not answer what the oracle answers."""


@dataclass
class Question:
    """A document, and who asks it."""

    drawn: Drawn
    caller: Caller

    def __repr__(self) -> str:
        reach, who = self.caller.reach, "client" if self.caller.client_id else "staff"
        return (
            f"{who} of {reach.customers} x {reach.warehouses}:\n{self.drawn.text}\n"
            f"{self.drawn.variables} {self.drawn.starts}"
        )


class Case:
    """Two tenants' rows, and questions about them. No dataclass: Hypothesis would print it all."""

    def __init__(self, tenants: tuple[Data, Data], questions: list[Question], made_of: str) -> None:
        self.tenants = tenants
        self.questions = questions
        self.made_of = made_of

    def __repr__(self) -> str:
        return f"{len(self.questions)} questions of {self.made_of}"


@st.composite
def cases(draw: Any, schema: Schema, questions: int, about: Sequence[str] = ()) -> Case:
    """Rows, and so many questions about them, of these root fields if they are named."""
    seed = draw(st.integers(0, 2**32 - 1))
    sizes = Sizes(*(draw(st.integers(least, most)) for least, most in SIZES))
    tenants = two_tenants(seed, sizes)
    asked = [
        Question(Drawer(draw, schema._schema, data, about=about).document(), draw(callers(data)))
        for data in (draw(st.sampled_from(tenants)) for _ in range(questions))
    ]
    return Case(tenants, asked, f"{seed=} {sizes}")


SIZES = ((1, 5), (1, 3), (0, 9), (2, 16), (0, 9), (0, 9), (0, 14))


@st.composite
def callers(draw: Any, data: Data) -> Caller:
    """Staff mostly, for they are not counted; some clients; of any reach."""
    whole = st.just(Every.ALL)
    customers = draw(whole | whole | whole | st.just(Every.LIVE) | some(data.ids(Customer)))
    warehouses = draw(whole | whole | whole | some(data.ids(Warehouse)))
    reach = Reach(data.tenant_id, customers, warehouses)
    [client_id], [staff_id] = data.ids(ApiClient), data.ids(StaffUser)
    if draw(st.integers(0, 4)) == 4:
        return caller(reach, client_id=client_id, roles=frozenset(ApiRole))
    return caller(reach, staff_user_id=staff_id, staff_role=StaffRole.OPERATOR)


def some(ids: list[UUID]) -> Any:
    return st.frozensets(st.sampled_from([*ids, UUID(int=7)]), max_size=3)


def caller(reach: Reach, **given: Any) -> Caller:
    """A caller, made by hand."""
    return Caller(reach, "Drawn", "Drawn", "AUD", "UTC", **given)


def staff(tenant_id: UUID) -> Caller:
    """Somebody who sees everything of a tenant and is not counted."""
    return caller(Reach.of_tenant(tenant_id), staff_user_id=new_id(), staff_role=StaffRole.OPERATOR)


async def check(schema: Schema, case: Case) -> None:
    """Store the rows of a case and ask everything in it.

    Raises:
        Different: an answer is not the oracle's.

    """
    async with transaction():
        for data in case.tenants:
            await data.store()
    rows = {data.tenant_id: await load(data.tenant_id) for data in case.tenants}
    for question in case.questions:
        await ask_both(schema, rows[question.caller.tenant_id], question)


async def ask_both(schema: Schema, rows: Mapping[str, list[Any]], question: Question) -> Any:
    """Ask the schema and the oracle; what both answer."""
    drawn, reach = question.drawn, question.caller.reach
    variables, places = dict(drawn.variables), {}
    for name, start in drawn.starts.items():
        text = f"query{start.head} {{ it: {start.list_} {{ edges {{ cursor }} }} }}"
        fetched = json.loads(await ask(schema, staff(reach.tenant_id), text, drawn.variables))
        if edges := fetched["it"]["edges"]:
            cursor = edges[start.among(len(edges))]["cursor"]
            told = place_in(cursor)
            variables[name] = cursor
            places[cursor] = told if "stockOnHand" in start.list_ else told[-1:]
    said = await ask(schema, question.caller, drawn.text, variables)
    expected = answer(drawn.text, variables, World(rows, reach), places)
    try:
        compare(expected, json.loads(said, object_pairs_hook=tuple), "data")
    except Different as difference:
        difference.add_note(repr(question))
        raise
    return expected


async def ask(schema: Schema, who: Caller, text: str, variables: Mapping[str, Any]) -> bytes:
    """The `data` of an answer, which has to have no errors."""
    context = Context(who, "oracle")
    result = await schema.execute(text, variable_values=dict(variables), context_value=context)
    if result.errors:
        raise RuntimeError(f"{text}\n{variables}\n{result.errors}")
    return encode(result.data)


def compare(expected: Any, actual: Any, path: str) -> None:
    """See that they are the same: keys in the same order, and values of the same types."""
    if isinstance(expected, Cursor):
        if place_in(actual)[-len(expected.row) :] != expected.row:
            raise Different(f"{path}: a cursor of {expected.row}, not {actual!r}")
    elif type(expected) is not type(actual):
        raise Different(f"{path}: {expected!r}, not {actual!r}")
    elif isinstance(expected, tuple):
        keys, told = [key for key, _ in expected], [key for key, _ in actual]
        if keys != told:
            raise Different(f"{path}: keys {keys}, not {told}")
        for (key, inner), (_, other) in zip(expected, actual, strict=True):
            compare(inner, other, f"{path}.{key}")
    elif isinstance(expected, list):
        if len(expected) != len(actual):
            raise Different(f"{path}: {len(expected)} entries, not {len(actual)}")
        for at, (inner, other) in enumerate(zip(expected, actual, strict=True)):
            compare(inner, other, f"{path}[{at}]")
    elif expected != actual:
        raise Different(f"{path}: {expected!r}, not {actual!r}")


def place_in(cursor: Any) -> tuple[str, ...]:
    """The place that a cursor holds; it ends in the row's id, but for stock that is added up."""
    if not isinstance(cursor, str):
        return ()
    _, *place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return tuple(place)
