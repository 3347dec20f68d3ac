"""The published examples: each is asked over HTTP, and gives the answer recorded beside it.

`DOCKGATE_RECORD=1 pytest tests/test_examples.py` writes the answers down anew.
"""

import itertools
import json
import os
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from graphql import parse, validate

import schema
from models.database import observers
from models.tenants import Tenant
from models.usage import LedgerRow
from models.words import ApiRole
from resolvers.access import expand
from resolvers.billing import close
from resolvers.call_log import call_log
from resolvers.rates import set_rates
from schema.access import ADMIN, ANY_WMS, JOBS, Requires
from schema.measuring import root_fields
from schema.rights import Rights, is_billable
from tests.administering import administrator
from tests.asking import EXAMPLES, Answer, Shop, document_of, open_shop, stock, variables_of
from tests.books import Books
from tests.world import make_world

NAMES = sorted(
    str(path.relative_to(EXAMPLES).with_suffix("")) for path in EXAMPLES.rglob("*.graphql")
)

PLACED = ("orders/place_an_order",)
SEVERAL = (*PLACED, "orders/place_two_orders")
ANNOUNCED = ("inbound/announce_goods",)
RECEIVED = (*ANNOUNCED, "inbound/receive_everything")
VERIFIED = (*RECEIVED, "inbound/verify_conditions")
BOOKED = ("consignments/book_a_delivery",)
SENT_OFF = (*BOOKED, "consignments/send_it_off")
PACKING = (*PLACED, "orders/start_packing")
PACKED = (*PACKING, "orders/pack_with_a_correction")
ADDED = ("people/add_a_person",)
REPORTED = ("reports/ask_for_all_stock",)
CLIENT = ("clients/add_a_client",)
WITH_SECRET = (*CLIENT, "clients/make_its_secret")
ROTATING = (*WITH_SECRET, "clients/change_its_secret")
BEFORE = {
    "clients/change_its_secret": WITH_SECRET,
    "clients/change_what_it_reaches": CLIENT,
    "clients/end_all_its_secrets": ROTATING,
    "clients/give_full_access": CLIENT,
    "clients/go_back_to_the_old_secret": ROTATING,
    "clients/let_it_in": CLIENT,
    "clients/list_clients": CLIENT,
    "clients/make_its_secret": CLIENT,
    "clients/read_a_client": (*WITH_SECRET, "clients/let_it_in"),
    "clients/send_its_key_again": WITH_SECRET,
    "clients/shut_it_out": (*CLIENT, "clients/let_it_in"),
    "audit/see_what_became_of_a_customer": ("places/update_a_customer",),
    "people/list_people": ADDED,
    "people/make_somebody_an_administrator": ADDED,
    "people/shut_somebody_out": ADDED,
    "consignments/add_a_tracking_link": BOOKED,
    "consignments/cancel_a_consignment": BOOKED,
    "consignments/list_consignments": (*BOOKED, "consignments/book_a_pickup"),
    "consignments/read_a_consignment": (*SENT_OFF, "consignments/record_a_proof_of_delivery"),
    "consignments/record_a_proof_of_delivery": SENT_OFF,
    "consignments/send_it_off": BOOKED,
    "consignments/skip_a_step": BOOKED,
    "consignments/update_a_consignment": BOOKED,
    "inbound/cancel_an_announcement": ANNOUNCED,
    "inbound/list_announcements": ANNOUNCED,
    "inbound/put_away": VERIFIED,
    "inbound/read_an_announcement": (*VERIFIED, "inbound/put_away"),
    "inbound/receive_everything": ANNOUNCED,
    "inbound/receive_in_part": ANNOUNCED,
    "inbound/reprocess_a_standing_order": ANNOUNCED,
    "inbound/update_an_announcement": ANNOUNCED,
    "inbound/verify_conditions": RECEIVED,
    "orders/ask_for_several_things": PLACED,
    "orders/cancel_an_order": PLACED,
    "orders/find_by_id": PLACED,
    "orders/dispatch": PACKED,
    "orders/list_orders": SEVERAL,
    "orders/list_the_next_page": (*SEVERAL, "orders/list_orders"),
    "orders/pack_with_a_correction": PACKING,
    "orders/place_it_again": PLACED,
    "orders/read_an_order": PLACED,
    "orders/reuse_a_reference": PLACED,
    "orders/start_packing": PLACED,
    "orders/take_it_back": (*PACKED, "orders/dispatch"),
    "orders/update_a_stale_version": (*PLACED, "orders/update_an_order"),
    "orders/update_an_order": PLACED,
    "products/see_the_history": ("products/update_a_product",),
    "simulation/simulate_progress": ("simulation/place_an_order_to_try",),
    "reports/list_reports": REPORTED,
    "reports/look_at_a_report": REPORTED,
    "usage/see_every_client": PLACED,
    "usage/see_the_statement": PLACED,
    "usage/see_this_week": (*PLACED, "orders/read_an_order"),
    "usage/look_at_the_calls": (*PLACED, "orders/reuse_a_reference"),
    "usage/see_the_calls_of_a_line": PLACED,
    "usage/see_where_the_week_leads": PLACED,
}
"""What was asked before, where an example goes on from there."""

RATES = {
    "per_consignment": Decimal("9.5"),
    "per_pallet": Decimal(30),
    "per_kg": Decimal("0.085"),
    "minimum": Decimal(20),
}
"""What carrying costs a customer of the examples."""

WORDS = {0: "Counts nothing", 1: "Counts one call", 2: "Counts two calls", 3: "Counts three calls"}

SCHEMA = schema.build()._schema


async def test_every_example_gives_the_answer_beside_it(http, subtests):
    for name in NAMES:
        with subtests.test(name):
            await gives_the_answer_beside_it(await open_shop(http, await make_world()), name)


async def gives_the_answer_beside_it(shop: Shop, name: str) -> None:
    for earlier in BEFORE.get(name, ()):
        learn(shop, await shop.ask(earlier, by=await caller_of(shop, earlier)))
    by = await caller_of(shop, name)
    await set_rates(shop.world.tenant.id, RATES)
    # So that who asks and their totals are known, and only the example's own statements are told.
    await shop.say("{ viewer { __typename } }", by=by)
    said: list[str] = []
    observers.append(said.append)
    try:
        answer = await shop.ask(name, by=by)
    finally:
        observers.remove(said.append)

    told = form(answer.body)
    recorded = (EXAMPLES / name).with_suffix(".response.json")
    if os.environ.get("DOCKGATE_RECORD"):
        recorded.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    assert answer.status == 200
    assert told == json.loads(recorded.read_text())
    charged = [] if by_staff(name) else billable_of(name)
    assert sorted(path for path, _, _ in answer.calls) == sorted(charged)
    if "\nquery " in document_of(name) and billable_of(name):
        assert len(statements_on_rows(said)) == len(billable_of(name))


def by_staff(name: str) -> bool:
    """Whether a person of the operator asks an example."""
    return any(words in comment_of(name) for words in ("Needs a staff user", "Needs an admin"))


async def caller_of(shop: Shop, name: str) -> str:
    """The token of somebody who may ask an example, and is told all of its answer."""
    if name == "sandbox/go_live":
        client = await shop.world.client(name="Web shop", customers=[shop.world.sandbox.id])
        shop.known["<sandbox client>"] = str(client.client_id)
    if name == "access/explain_a_client":
        client = await shop.world.client(ApiRole.TMS_VIEW_JOBS, active=False)
        shop.known["<client>"] = str(client.client_id)
    if name.startswith("usage/"):
        await looked_back(shop, name)
    if "Needs an administrator" in comment_of(name):
        return await administrator(shop)
    if "Needs a staff user" in comment_of(name):
        return await shop.world.staff_token()
    if name.startswith("simulation/"):
        return await sandbox_client(shop)
    flagged = "seesTenantUsage" in document_of(name)
    return await shop.world.token(sees_tenant_usage=True) if flagged else shop.token


async def looked_back(shop: Shop, name: str) -> None:
    """Have behind one what an example about usage looks back at."""
    of = {"tenant_id": shop.world.tenant.id}
    if name == "usage/look_at_the_calls":
        await call_log._write_all()
    if name == "usage/see_the_calls_of_a_line":
        row = await LedgerRow.filter(**of).first()
        shop.known |= {"<monday>": str(row.week), "<client>": str(row.client_id)}
    if name == "usage/see_earlier_statements":
        books = Books(shop.world.tenant)
        await Tenant.filter(id=books.tenant.id).update(created_at=books.past(2).start)
        await books.called(books.past(2).start, 3)
        await close(books.tenant.id, books.past(2).week)


async def sandbox_client(shop: Shop) -> str:
    """The token of somebody who tries, whose customer has the same range."""
    world = shop.world
    if "<sandbox>" not in shop.known:
        await stock(world, world.sandbox.id)
        shop.known["<sandbox>"] = str(world.sandbox.id)
    return await world.token(ApiRole.API_FULL_ACCESS, customers=[world.sandbox.id])


@pytest.mark.parametrize("name", NAMES)
def test_an_example_says_what_it_needs_and_what_it_counts(name):
    """The words follow from the directives, and from the answer that is recorded."""
    document = parse(document_of(name))
    recorded = json.loads((EXAMPLES / name).with_suffix(".response.json").read_text())
    count = sum(call["count"] for call in recorded["extensions"]["usage"]["calls"])
    comment = comment_of(name)

    assert validate(SCHEMA, document) == []
    situation, rest = comment.split("\n")
    assert situation.endswith(".")
    assert rest.startswith(f"{needed_by(document)}. {WORDS[count]}")
    assert rest.count(". ") >= 2  # the right, the price, and how it can fail
    assert not (EXAMPLES / name).with_suffix(".variables.json").exists() or variables_of(name, {})


def test_nothing_lies_beside_an_example_but_its_own_files():
    stray = {
        str(path.relative_to(EXAMPLES))
        for path in EXAMPLES.rglob("*.*")
        if path.suffix != ".graphql"
        and not Path(re.sub(r"\.(variables|response)\.json$", ".graphql", str(path))).exists()
    }

    assert stray == set()
    assert set(BEFORE) <= set(NAMES)


async def test_no_example_does_anything_without_its_role(http, world):
    shop = await open_shop(http, world)
    viewer = await world.token(ApiRole.INTERNAL_FIELD_ACCESS)
    shop.known["<order>"] = (await shop.ask("orders/place_an_order")).only["outboundOrder"]["id"]

    for name in [name for name in NAMES if "Needs the role" in comment_of(name)]:
        answer = await shop.ask(name, by=viewer)

        assert set(answer.codes) == {"FORBIDDEN"}, name
        assert set(answer.outcomes) == ({"REFUSED"} if billable_of(name) else set()), name
    assert await shop.orders() == 1
    assert await shop.counted() == 1


def learn(shop: Shop, answer: Answer) -> None:
    """Take what later examples go on from out of an answer."""
    assert answer.errors == []
    for value in answer.data.values():
        if order := value.get("outboundOrder"):
            shop.known.setdefault("<order>", order["id"])
            for number, line in enumerate(order.get("items", ()), start=1):
                shop.known.setdefault(f"<order line {number}>", line.get("id"))
        if order := value.get("inboundOrder"):
            shop.known.setdefault("<inbound>", order["id"])
            for number, line in enumerate(order.get("items", ()), start=1):
                shop.known.setdefault(f"<line {number}>", line.get("id"))
        if made := value.get("consignment"):
            shop.known.setdefault("<consignment>", made.get("id"))
            for number, line in enumerate(made.get("items", ()), start=1):
                shop.known.setdefault(f"<parcel {number}>", line.get("id"))
        if value.get("apiClient"):
            shop.known.setdefault("<client>", value["apiClient"].get("id"))
        if value.get("staffUser"):
            shop.known.setdefault("<person>", value["staffUser"]["id"])
        if value.get("reportRun"):
            shop.known.setdefault("<report>", value["reportRun"]["id"])
        if value.get("pageInfo"):
            shop.known["<cursor>"] = value["pageInfo"]["endCursor"]


ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SECRET = re.compile(r"dgs_[a-z2-7]{66}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def form(value: Any, name: str = "") -> Any:
    """The same with words for what differs from run to run."""
    match value:
        case dict() if name == "projection":
            return dict.fromkeys(value, "<number>")
        case dict():
            return {key: form(inner, key) for key, inner in value.items()}
        case list() if name == "calls":
            # They are told as they ended, and reads of one request end in any order.
            return sorted(form(value), key=lambda call: call["path"])
        case list() if name in {"access", "fields"}:
            # All root fields, of which there are more with each release.
            return form(value[:3])
        case list():
            return [form(inner, name) for inner in value]
        case str() if name in {"cursor", "startCursor", "endCursor"}:
            return "<cursor>"
        case str() if name == "week":
            return "<monday>"
        case int() if name == "usedThisWeek":
            return "<number>"
        case str():
            return SECRET.sub("<secret>", INSTANT.sub("<instant>", ID.sub("<id>", value)))
    return value


def comment_of(name: str) -> str:
    """The comment an example begins with, a line for each of its paragraphs."""
    lines = itertools.takewhile(lambda line: line.startswith("#"), document_of(name).splitlines())
    text = "\n".join(line.removeprefix("#").strip() for line in lines)
    return "\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def billable_of(name: str) -> list[str]:
    """The keys of an example's billable root fields."""
    document = parse(document_of(name))
    [operation, *fragments] = document.definitions
    root = SCHEMA.get_root_type(operation.operation)
    return [
        (one.alias or one.name).value
        for one in root_fields(operation, {each.name.value: each for each in fragments}, 50)
        if is_billable(root.fields[one.name.value])
    ]


def needed_by(document: Any) -> str:
    """What a document needs, as an example's comment says it."""
    [operation, *fragments] = document.definitions
    rights = Rights(SCHEMA, {each.name.value: each for each in fragments})
    rights.collect(operation.selection_set, SCHEMA.get_root_type(operation.operation))
    marks = {one.mark for one in rights.asked if not one.mark.any_caller}
    hard = [
        one for one in marks if not any(other != one and implies(other, one) for other in marks)
    ]
    told = " and ".join(sorted(words(one) for one in hard)).replace(" and Needs ", " and ")
    return told or "Open to any caller"


def implies(strong: Requires, weak: Requires) -> bool:
    """Whether whoever has what the one asks for has what the other does."""
    if strong.sees_tenant_usage and not weak.sees_tenant_usage:
        return False
    return all(not expand([role]).isdisjoint(weak.api_roles) for role in strong.api_roles)


def words(mark: Requires) -> str:
    if mark.sees_tenant_usage:
        return "Needs a client flagged seesTenantUsage"
    if mark == JOBS:
        return "Needs ADD_CUSTOMER or any role TMS_* or WMS_*"
    if mark == ANY_WMS:
        return "Needs any role WMS_*"
    if mark == ADMIN:
        return "Needs an administrator"
    if not mark.api_roles:
        return "Needs a staff user"
    return f"Needs the role {' or '.join(mark.api_roles)}"


TABLES = (
    "outbound_orders",
    "inbound_orders",
    "consignments",
    "rate_cards",
    "products",
    "customers",
    "warehouses",
    "stock_levels",
)
"""What examples read; one statement reads all that one root field tells."""


def statements_on_rows(said: list[str]) -> list[str]:
    """The statements that read what examples ask for."""
    tables = re.compile(rf"\bFROM ({'|'.join(TABLES)})\b")
    return [sql for sql in said if tables.search(sql) and not sql.startswith("INSERT")]
