"""What the whole code base keeps, checked instead of remembered."""

import ast
import base64
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
)
from pydantic import BaseModel

import models
from models.database import observers
from models.words import ApiRole, UserErrorCode
from resolvers import errors
from schema import Schema, build
from schema.commands import NotesFaults
from schema.context import Context
from schema.gate import Gate
from schema.metering import Counting, CountsRead
from server import contract
from server.settings import PREFIX, Settings
from tests.asking import Shop, open_shop, staff
from tests.processes import Serve
from tests.world import World, spoiled

ROOT = Path(__file__).parent.parent
RINGS = ("models", "resolvers", "schema", "server")
LONGEST_FILE = 400


def files(*rings: str) -> Iterator[Path]:
    for ring in rings:
        yield from sorted((ROOT / ring).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- the contract --------------------------------------------------------------------------------

SDL = build_schema(contract.printed())


def test_the_printed_schema_is_current_and_breaks_nobody() -> None:
    assert contract.faults() == []


def described() -> Iterator[tuple[str, Any]]:
    """Every type and field of the SDL with its name, but what GraphQL brings itself."""
    for name, type_ in SDL.type_map.items():
        if name.startswith("__") or name in {"String", "Int", "Float", "Boolean", "ID"}:
            continue
        yield name, type_
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            yield from ((f"{name}.{field}", one) for field, one in type_.fields.items())


def test_everything_has_a_description() -> None:
    assert [name for name, one in described() if not (one.description or "").strip()] == []


def test_every_description_ends_in_what_it_requires_and_counts() -> None:
    """Introspection does not show applied directives, and people read there."""
    guarded = 0
    for name, one in described():
        node = one.ast_node
        marks = {directive.name.value: directive for directive in (node and node.directives) or ()}
        words: list[str] = []
        if "requires" in marks:
            guarded += 1
            for argument in marks["requires"].arguments or ():
                told = {
                    "anyCaller": ["Open to any caller."],
                    "seesTenantUsage": ["Requires", "flagged seesTenantUsage"],
                }
                value = argument.value
                listed = [each.value for each in getattr(value, "values", ())]  # type: ignore[attr-defined]
                words += told.get(argument.name.value, ["Requires", *listed])
        last = one.description.split("\n\n")[-1].strip() if words else ""
        assert [word for word in words if word not in last] == [], name
        if name.startswith(("Query.", "Mutation.")):
            counts = "Counts one call." if "billable" in marks else "Counts nothing."
            assert last.endswith(counts), name
        else:
            assert "Counts" not in last
    assert guarded > 40


def test_enums_of_the_schema_are_those_of_the_trade() -> None:
    roles = SDL.type_map["ApiRole"]
    assert isinstance(roles, GraphQLEnumType)
    assert list(roles.values) == [role.value for role in ApiRole]


# --- the manual ----------------------------------------------------------------------------------


def manual() -> str:
    """Every page that somebody who uses or runs the service may read."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return "\n".join(
        page.read_text() for page in pages if "decisions" not in page.parts and page.is_file()
    )


def refusals(of: type[errors.Refusal] = errors.Refusal) -> Iterator[type[errors.Refusal]]:
    for one in of.__subclasses__():
        yield one
        yield from refusals(one)


def test_every_code_stands_in_the_manual() -> None:
    """A code that is answered and explained nowhere is a riddle."""
    codes = {one.code for one in refusals()} | {"INTERNAL"} | {code.value for code in UserErrorCode}
    text = manual()

    assert {"FORBIDDEN", "LIMIT_EXCEEDED", "STALE_VERSION"} <= codes
    assert sorted(code for code in codes if f"`{code}`" not in text) == []


def variables(of: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in of.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from variables(kind, f"{prefix}{name}__")
        else:
            yield f"{prefix}{name}".upper()


def test_every_setting_stands_in_the_manual() -> None:
    names = list(variables(Settings, PREFIX))
    text = manual()

    assert {"DOCKGATE_DATABASE_URL", "DOCKGATE_LIMITS__DEPTH"} <= set(names)
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_defaults_in_the_manual_are_those_that_hold() -> None:
    told = dict(re.findall(r"^\| `(DOCKGATE_\w+)` \| `([^`]*)` ", manual(), re.MULTILINE))
    fields = {f"{PREFIX}{name}".upper(): one for name, one in Settings.model_fields.items()}
    for group in ("limits", "allowances"):
        inner = Settings.model_fields[group].annotation
        assert inner is not None
        fields |= {
            f"{PREFIX}{group}__{name}".upper(): one for name, one in inner.model_fields.items()
        }

    assert len(told) > 10
    for name, value in told.items():
        default = fields[name].default
        plain = getattr(default, "get_secret_value", lambda default=default: default)()
        assert value == (str(plain).lower() if isinstance(plain, bool) else str(plain)), name


def test_the_manual_names_no_setting_that_there_is_not() -> None:
    known = {*variables(Settings, PREFIX), "DOCKGATE_LIMITS__", "DOCKGATE_ALLOWANCES__"}
    # `DOCKGATE_URL` is a variable of the shell in which one follows the README.
    named = set(re.findall(r"DOCKGATE_[A-Z][A-Z_]*", manual())) - {"DOCKGATE_URL"}

    assert sorted(named - known) == []


# --- whose rows ----------------------------------------------------------------------------------

NOBODYS = {"Tenant", "Identity", "Allowance"}
"""They tell whose rows others are, and belong to no tenant themselves."""

ON_BEHALF_OF_THE_HOST = {
    "resolvers/access.py": "`visible` itself",
    "resolvers/billing.py": "statements and plans are the tenant's, not a customer's",
    "resolvers/plans.py": "the host sets them",
    "resolvers/rates.py": "the host sets them",
    "resolvers/callers.py": "who is asking is not yet known",
    "resolvers/credentials.py": "who is asking is not yet known",
    "resolvers/clients.py": "the operator sees to all its clients",
    "resolvers/staff.py": "people are the tenant's, not a customer's",
    "resolvers/sign_in.py": "who is asking is not yet known",
    "resolvers/passwords.py": "people are the tenant's, not a customer's",
    "resolvers/key_import.py": "the host imports for any tenant",
    "resolvers/administration.py": "what is administered is the tenant's",
    "resolvers/customers.py": "the operator sees to all its customers",
    "resolvers/warehouses.py": "the operator sees to all its warehouses",
    "resolvers/people.py": "people are the tenant's, not a customer's",
    "resolvers/audit_log.py": "the host looks through a tenant's",
    "resolvers/explain.py": "the operator sees to all its clients",
    "resolvers/sandbox.py": "the operator sees to all its customers",
    "resolvers/verify_usage.py": "the host checks all books",
    "resolvers/demo.py": "fills a database of its own",
    "resolvers/demo_rows.py": "fills a database of its own",
}
"""Where tables are asked beside `visible`, and why; each question there names the tenant."""

ASKING = {"filter", "all", "get", "get_or_none", "first", "exclude", "annotate", "in_bulk", "raw"}
WRITING = {"create", "bulk_create", "get_or_create", "update_or_create", "save"}


def tables() -> set[str]:
    """The classes of our tables."""
    found = set()
    for module in models.TABLES:
        tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text())
        found |= {one.name for one in tree.body if isinstance(one, ast.ClassDef)}
    return found


def questions(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """The calls in a file that ask a table, with the table's name."""
    known = tables()
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ASKING
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in known - NOBODYS
        ):
            yield node.func.value.id, node


def test_resolvers_ask_for_rows_through_visible() -> None:
    asking = {name_of(path) for path in files("resolvers") if list(questions(path))}

    assert asking - set(ON_BEHALF_OF_THE_HOST) == set()


def test_who_asks_beside_visible_names_the_tenant() -> None:
    unnamed = [
        f"{name_of(path)}:{call.lineno} {table}"
        for path in files("resolvers", "server", "schema")
        for table, call in questions(path)
        if "tenant_id" not in {one.arg for one in call.keywords}
    ]

    assert unnamed == []


def test_lookups_of_commands_are_given_a_reach_or_a_tenant() -> None:
    """They lock rows, which no Shape can; what they find is narrowed by the same rules."""
    tree = ast.parse((ROOT / "models/lookups.py").read_text())
    public = [
        one
        for one in tree.body
        if isinstance(one, ast.AsyncFunctionDef) and not one.name.startswith("_")
    ]

    assert len(public) > 5
    for one in public:
        given = {argument.arg for argument in one.args.args}
        assert given & {"reach", "tenant_id"}, one.name


def test_the_outer_rings_ask_no_table_at_all() -> None:
    assert [name_of(path) for path in files("schema", "server") if list(questions(path))] == []


SQL = re.compile(
    r"\b(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s"
    r"|(create|drop|alter)\s+table\s)",
    re.IGNORECASE | re.DOTALL,
)


def texts(path: Path) -> Iterator[str]:
    """The strings of a file that are no docstrings."""
    tree = ast.parse(path.read_text())
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def test_all_sql_is_written_in_models() -> None:
    written = [
        f"{name_of(path)}: {text[:60]}"
        for path in files("resolvers", "schema", "server")
        for text in texts(path)
        if SQL.search(f"{text} ")
    ]

    assert written == []
    assert any(SQL.search(f"{text} ") for path in files("models") for text in texts(path))


TABLE_NAMED = re.compile(
    r'\b(?:from|join|into|update)\s+"?(\w+)"?(?:\s+(?:as\s+)?"?(\w+)"?)?', re.IGNORECASE
)
PUT_ASIDE = re.compile(r"\b(\w+) AS \((SELECT r\.\*.*? FROM \w+ r)\)", re.DOTALL)
"""A part that SQLite is given under a name; the tenant is asked where it is named."""

NO_ALIAS = {"where", "set", "values", "select", "on", "order", "group", "limit", "returning"}
NO_TENANTS = {"tenants", "identities", "allowances", "schema_migrations"}


def crossing(sql: str, owned: set[str]) -> list[str]:
    """The tenants' tables that a statement touches without naming the tenant of each."""
    aside = {name: f"{name}.tenant_id" in sql for name, _ in PUT_ASIDE.findall(sql)}
    loose = [name for name, named in aside.items() if not named]
    plain = PUT_ASIDE.sub("", sql)
    for table, alias in TABLE_NAMED.findall(plain):
        if table.lower() not in owned:
            continue
        known = alias if alias and alias.lower() not in NO_ALIAS else ""
        # Where a table has a name of its own, that is whose tenant must be asked for.
        named = re.search(rf'"?{known}"?\."?tenant_id' if known else "tenant_id", plain)
        if named is None:
            loose.append(table)
    return loose


def test_a_statement_that_forgets_the_tenant_is_found() -> None:
    owned = {"orders", "items"}
    for sql in (
        "SELECT * FROM orders WHERE id = $1",
        'SELECT "id" FROM "orders"',
        "UPDATE orders SET x = 1 WHERE id = $1",
        "INSERT INTO orders (id) VALUES ($1)",
        "SELECT 1 FROM orders o JOIN items i ON i.order_id = o.id WHERE o.tenant_id = $1",
        "WITH t9 AS (SELECT r.*, 1 AS j FROM items r) SELECT t9.j FROM t9 t9",
    ):
        assert crossing(sql, owned), sql
    for sql in (
        "SELECT * FROM orders WHERE tenant_id = $1",
        "SELECT 1 FROM orders o JOIN items i ON i.tenant_id = o.tenant_id",
        "SELECT sum(epoch) FROM tenants",
        "WITH t9 AS (SELECT r.* FROM items r) SELECT t9.j FROM t9 t9 WHERE t9.tenant_id = $1",
    ):
        assert crossing(sql, owned) == [], sql


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world)


def owned_tables() -> set[str]:
    from tortoise.context import get_current_context

    context = get_current_context()
    assert context is not None
    assert context.apps is not None
    names = {one._meta.db_table for one in context.apps["models"].values()}
    return names - NO_TENANTS


DEEP = """{
  outboundOrders { edges { node { replaces { replaces {
    items { product { customer { defaultWarehouse { code } } } }
  } } } } }
}"""

CALLS_OF_A_LINE = """{
  statementCalls(week: "2026-11-23", client: "019ab3ce-0000-7000-8000-000000000000") {
    totalCount edges { node { client { name } customer { code } warehouse { code } } }
  }
}"""

RUN = [
    "{ viewer { client { name } customers { code } warehouses { code } } }",
    "{ usage(groupBy: [CLIENT, CUSTOMER, WAREHOUSE, OPERATION, DAY]) { rows { calls } } }",
    "{ tenantUsage(groupBy: [WEEK]) { calls rows { week calls } } }",
    "{ statement { used charge { amount } lines { clientName calls } } }",
    "{ statements { totalCount edges { node { clients { calls } operations { calls } } } } }",
    CALLS_OF_A_LINE,
    "{ apiCalls { totalCount edges { node { client { name } credential { id } } } } }",
    "{ customers { totalCount edges { node { code defaultWarehouse { code } } } } }",
    '{ warehouses(filter: {code: {contains: "s"}}) { edges { node { name } } } }',
    "{ products(first: 2) { pageInfo { hasNextPage hasPreviousPage } edges { cursor } } }",
    "{ products { edges { node { units { code } customer { name } } } } }",
    "{ outboundOrders(filter: {or: [{urgent: true}, {not: {urgent: true}}]}) { totalCount } }",
    "{ outboundOrders { edges { node { history { at } items { product { units { code } } } } } } }",
    "{ stockOnHand { totalCount edges { node { free product { code } } } } }",
    "{ stockOnHand(aggregateBy: [PRODUCT], last: 1) { totalCount edges { node { free } } } }",
    '{ stockOnHand(asOf: "2026-01-01T00:00Z") { totalCount edges { node { batch } } } }',
    DEEP,
]


async def test_all_sql_names_the_tenant_of_every_table_it_touches(shop: Shop, world: World) -> None:
    """As it is run, by whatever way it was put together."""
    everyone = await world.token(
        ApiRole.API_FULL_ACCESS, all_customers=True, all_warehouses=True, sees_tenant_usage=True
    )
    said: list[str] = []
    observers.append(said.append)
    try:
        placed = (await shop.place(idempotencyKey="k")).only["outboundOrder"]
        await shop.place(idempotencyKey="k")
        await shop.place()
        one = {"id": placed["id"]}
        for example, given in (
            ("orders/update_an_order", {**one, "version": 1, "urgent": True}),
            ("orders/cancel_an_order", one),
            ("products/add_a_product", shop.product(code="NEW")),
            (
                "products/update_a_product",
                {"id": shop.known["<TEA-500>"], "version": 1, "name": "Tea"},
            ),
        ):
            answer = await shop.ask(example, input=given)
            assert answer.faults == [], answer.body
        for document in (*RUN, f'{{ node(id: "{placed["id"]}") {{ id }} }}'):
            for by in (shop.token, everyone):
                answer = await shop.say(document, by=by)
                assert "INTERNAL" not in answer.codes, answer.errors
        schema, person = build(), await staff(world)
        for document in RUN:
            await schema.execute(document, context_value=Context(person, "test"))
    finally:
        observers.remove(said.append)

    owned = owned_tables()
    distinct = dict.fromkeys(said)
    assert len(distinct) > 30
    assert {sql: found for sql in distinct if (found := crossing(sql, owned))} == {}


# --- gate and count ------------------------------------------------------------------------------


@pytest.mark.parametrize("extensions", [(), (Gate,), (Counting,)])
def test_a_schema_does_not_start_without_its_gate_and_its_counting(extensions: Any) -> None:
    with pytest.raises(RuntimeError, match="does not start without"):
        Schema(extensions=extensions)


@pytest.mark.parametrize("guard", [CountsRead(), NotesFaults()])
async def test_what_counts_is_not_carried_out_where_nothing_counts(guard: Any) -> None:
    """Not even a resolver that is called by another way than the schema's own."""
    ran = []

    async def resolver(*_: Any, **__: Any) -> None:
        ran.append(True)

    caller: Any = SimpleNamespace(client_id=None)
    info = SimpleNamespace(context=Context(caller, "test"), path=SimpleNamespace(key="x"))
    with pytest.raises(RuntimeError, match="nothing counts"):
        await guard.resolve_async(resolver, None, info)
    assert ran == []


async def test_without_http_it_is_counted_too(shop: Shop) -> None:
    from resolvers.callers import load
    from resolvers.credentials import token_hash

    known = await load(token_hash(shop.token) or "")
    assert known is not None
    before = await shop.counted()
    result = await build().execute(
        "{ products { totalCount } }", context_value=Context(known.caller, "test")
    )

    assert result.extensions is not None
    calls = [(one["path"], one["outcome"]) for one in result.extensions["usage"]["calls"]]
    assert calls == [("products", "COUNTED")]
    assert await shop.counted() == before + 1


# --- secrets -------------------------------------------------------------------------------------


def test_no_secret_shows_in_the_settings() -> None:
    settings = Settings(database_url="postgres://dockgate:hunter2@db/dockgate")  # type: ignore[arg-type]

    for text in (str(settings), repr(settings), str(settings.model_dump())):
        assert "hunter2" not in text


async def test_no_secret_is_written_into_the_log(serve: Serve, world: World) -> None:
    """Even at its most talkative, and whatever goes wrong."""
    serving = await serve(DOCKGATE_LOG_LEVEL="debug")
    shown = await world.client(ApiRole.WMS_CREATE_JOBS)
    wrong = spoiled(shown.client_secret)
    form = {"grant_type": "client_credentials"}
    async with serving.client() as http:
        for secret in (shown.client_secret, wrong):
            both = {"client_id": str(shown.client_id), "client_secret": secret}
            issued = await http.post("/oauth/token", data={**form, **both})
            await http.post("/oauth/token", data=form, auth=(str(shown.client_id), secret))
            await http.get("/oauth/token", params={**form, **both})
            token = issued.json().get("access_token", "dgt_nonsense")
            for given in (
                {"headers": {"Authorization": f"Bearer {token}"}},
                {"headers": {"X-Api-Key": secret}},
                {"params": {"access_token": token}},
                {"auth": (str(shown.client_id), secret)},
            ):
                content = b'{"query": "{ viewer { client { name } } }", "variables": {"a": 1}}'
                headers = {"Content-Type": "application/json", **given.pop("headers", {})}
                await http.post("/graphql", content=content, headers=headers, **given)
                await http.post("/graphql", content=b"{", headers=headers, **given)
            await http.post("/oauth/revoke", data={"token": token, **both})
    serving.stop()

    log = serving.log.read_text()
    assert '"path"' in log or "/graphql" in log, "it did log"
    pair = base64.b64encode(f"{shown.client_id}:{shown.client_secret}".encode()).decode()
    for secret in (shown.client_secret, wrong, pair, "dgt_", "access_token", "client_secret"):
        assert secret not in log


# --- size ----------------------------------------------------------------------------------------


def test_no_file_is_longer_than_one_can_read() -> None:
    lines = {name_of(path): len(path.read_text().splitlines()) for path in files(*RINGS)}

    assert {name: count for name, count in lines.items() if count > LONGEST_FILE} == {}
