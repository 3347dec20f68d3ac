"""Who may ask what, held against the matrix; and what is out of reach is not there."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import strawberry
from graphql import GraphQLNonNull, GraphQLObjectType, build_schema, is_input_object_type
from graphql.language import ast

from models.orders import OutboundOrder
from models.products import Product
from models.tenants import Customer, StaffUser
from models.words import ApiRole, StaffRole
from resolvers.access import Caller
from schema import build
from schema.access import INTERNAL
from schema.context import Context
from schema.rights import guarded_in, holds_guarded
from server.contract import printed
from tests.asking import Answer, Shop, open_shop, staff, stock
from tests.matrix import (
    IMPLIED,
    INTERNAL_FIELDS,
    MUTATIONS,
    NODES,
    OTHERS_GUARDED,
    QUERIES,
    ROLES,
    STAFF,
    Row,
)
from tests.world import World, make_world

SDL = build_schema(printed())


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world)


def applied(thing: Any, name: str) -> list[dict[str, Any]]:
    """The directives of that name on a type or field of the SDL, with their arguments."""
    return [
        {one.name.value: literal(one.value) for one in directive.arguments or ()}
        for directive in (thing.ast_node.directives if thing.ast_node else ()) or ()
        if directive.name.value == name
    ]


def literal(node: ast.ValueNode) -> Any:
    if isinstance(node, ast.ListValueNode):
        return [literal(one) for one in node.values]
    return node.value  # type: ignore[attr-defined]


def everything() -> Iterator[tuple[str, str, Row]]:
    for kind, rows in (("query", QUERIES), ("mutation", MUTATIONS)):
        for name, row in rows.items():
            yield kind, name, row


# --- the schema, as it is printed ----------------------------------------------------------------


def test_the_matrix_has_every_root_field_and_no_other() -> None:
    assert SDL.query_type is not None
    assert SDL.mutation_type is not None
    assert set(SDL.query_type.fields) == set(QUERIES)
    assert set(SDL.mutation_type.fields) == set(MUTATIONS)
    assert {one.name for one in SDL.get_possible_types(SDL.type_map["Node"])} == set(NODES)  # type: ignore[arg-type]


def test_every_root_field_says_what_the_matrix_says() -> None:
    """A client reads the directive; it has to be the rule."""
    for kind, name, row in everything():
        root = SDL.query_type if kind == "query" else SDL.mutation_type
        assert root is not None
        said, *more = applied(root.fields[name], "requires")

        assert [sorted(one.get("roles", [])) for one in (said, *more)] == [
            sorted(one) for one in row.rights
        ], name
        assert all(sorted(one["staff"]) == sorted(row.staff) for one in more), name
        assert sorted(said.get("staff", [])) == sorted(row.staff), name
        assert bool(said.get("anyCaller")) is row.any_caller, name
        assert bool(said.get("seesTenantUsage")) is row.sees_tenant_usage, name
        assert bool(applied(root.fields[name], "billable")) is row.billable, name


def test_nothing_is_without_a_rule() -> None:
    """A new type fails here until somebody decides who may see it."""
    objects = [one for one in SDL.type_map.values() if isinstance(one, GraphQLObjectType)]
    ours = [one for one in objects if not one.name.startswith("__")]

    assert {one.name for one in ours if not applied(one, "requires")} == {"Query", "Mutation"}
    for root in (SDL.query_type, SDL.mutation_type):
        assert root is not None
        assert [name for name, one in root.fields.items() if not applied(one, "requires")] == []


def test_only_the_fields_of_the_matrix_are_guarded_below_the_root() -> None:
    guarded = [
        f"{type_.name}.{name}"
        for type_ in SDL.type_map.values()
        if (isinstance(type_, GraphQLObjectType) or is_input_object_type(type_))
        and type_ not in {SDL.query_type, SDL.mutation_type}
        for name, one in type_.fields.items()  # type: ignore[attr-defined]
        if applied(one, "requires")
    ]

    assert sorted(guarded) == sorted([*INTERNAL_FIELDS, *OTHERS_GUARDED])


def test_what_can_fail_alone_is_nullable() -> None:
    """One field that fails must leave the others' answers standing."""
    assert SDL.query_type is not None
    assert SDL.mutation_type is not None
    fields = {
        **SDL.mutation_type.fields,
        **{name: SDL.query_type.fields[name] for name, row in QUERIES.items() if row.billable},
    }

    assert [name for name, one in fields.items() if isinstance(one.type, GraphQLNonNull)] == []


def test_types_under_free_root_fields_lead_to_nothing_that_counts() -> None:
    """Else rows could be read through `viewer` for nothing."""
    assert SDL.query_type is not None
    seen: set[str] = set()
    waiting = [
        SDL.query_type.fields[name].type for name, row in QUERIES.items() if not row.billable
    ]
    while waiting:
        named: Any = waiting.pop()
        while hasattr(named, "of_type"):
            named = named.of_type
        if isinstance(named, GraphQLObjectType) and named.name not in seen:
            seen.add(named.name)
            waiting += [one.type for one in named.fields.values()]

    assert seen.isdisjoint({*NODES, "OutboundOrderItem", "ProductUnit"})


# --- the matrix, asked ---------------------------------------------------------------------------


async def clients(world: World, *, flagged: bool = False) -> dict[str | None, str]:
    """A token with each role alone, and one with none."""
    return {
        role: await world.token(*([ApiRole(role)] if role else []), sees_tenant_usage=flagged)
        for role in (*ROLES, None)
    }


async def test_a_client_with_one_role_may_ask_what_the_matrix_says(
    http: httpx.AsyncClient, world: World
) -> None:
    shop = Shop(http, world, "")
    for flagged in (False, True):
        for role, token in (await clients(world, flagged=flagged)).items():
            for kind, name, row in everything():
                answer = await shop.say(f"{kind} {{ {row.ask} }}", by=token)
                allowed = row.opens_to_client(role, flagged=flagged)

                assert ("FORBIDDEN" not in answer.codes) is allowed, (name, role, flagged)
                if allowed:
                    assert answer.data is not None, (name, role)
                    assert "INTERNAL" not in answer.codes
                else:
                    told_as_refused(answer, name, row)


def told_as_refused(answer: Answer, name: str, row: Row) -> None:
    """The refusal names the field and all that would open it; nothing ran."""
    error = answer.errors[0]
    roles = sorted(error["extensions"]["roles"])
    assert (answer.status, answer.data) == (403, None)
    assert f"`{name}`" in error["message"]
    assert roles in [sorted(one) for one in row.rights]
    assert all(role in error["message"] for role in roles)
    assert ("seesTenantUsage" in error["message"]) is row.sees_tenant_usage
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert sorted(error["extensions"]["staff"]) == sorted(row.staff)
    assert answer.calls == ([(name, "REFUSED", 0)] if row.billable else [])


@pytest.mark.parametrize("role", STAFF)
async def test_a_person_may_ask_what_the_matrix_says(world: World, role: str) -> None:
    """Without HTTP: people sign in by another way than clients."""
    schema, caller = build(), await staff(world, StaffRole(role))

    for kind, name, row in everything():
        result = await schema.execute(f"{kind} {{ {row.ask} }}", context_value=context(caller))
        codes = [(error.extensions or {}).get("code") for error in result.errors or ()]

        assert ("FORBIDDEN" not in codes) is row.opens_to_staff(role), (name, role)
        assert "INTERNAL" not in codes
        assert result.extensions is not None
        assert result.extensions["usage"]["calls"] == [], "people are not charged"


async def test_each_fragment_of_a_node_needs_its_types_role(shop: Shop, world: World) -> None:
    """And an object whose type the caller may not read is not there for `id` either."""
    ids = {
        "Customer": str(world.live.id),
        "Warehouse": str(world.warehouse.id),
        "Product": shop.known["<TEA-500>"],
        "InboundOrder": (await shop.announce()).only["inboundOrder"]["id"],
        "OutboundOrder": (await shop.place()).only["outboundOrder"]["id"],
        "Consignment": (await shop.book()).only["consignment"]["id"],
    }
    for role, token in (await clients(world)).items():
        for kind, row in NODES.items():
            asked = f'node(id: "{ids[kind]}")'
            bare = await shop.say(f"{{ {asked} {{ id __typename }} }}", by=token)
            fragment = await shop.say(
                f"{{ {asked} {{ ... on {kind} {{ {row.ask} }} }} }}", by=token
            )

            if row.opens_to_client(role):
                assert bare.only == {"id": ids[kind], "__typename": kind}, (kind, role)
                assert fragment.only[row.ask]
            else:
                assert bare.only is None, (kind, role)
                assert (fragment.codes, fragment.data) == (["FORBIDDEN"], None), (kind, role)
                assert all(one in fragment.errors[0]["message"] for one in row.roles)


def context(caller: Caller) -> Context:
    return Context(caller, "test")


async def test_what_says_nothing_is_open_to_nobody(world: World) -> None:
    """A caller that is neither client nor person has nothing but what is open to any caller."""
    schema, person = build(), await staff(world)
    nobody = replace(person, staff_role=None)

    for kind, name, row in everything():
        result = await schema.execute(f"{kind} {{ {row.ask} }}", context_value=context(nobody))
        codes = [(error.extensions or {}).get("code") for error in result.errors or ()]
        assert ("FORBIDDEN" not in codes) is row.any_caller, name


# --- refused whole, however it is asked ----------------------------------------------------------

REFUSED = "`statement` needs to be flagged seesTenantUsage."
WAYS = {
    "plainly": "{ statement { used } }",
    "by an alias": "{ harmless: statement { used } }",
    "beside others": "{ viewer { roles } statement { used } }",
    "by a fragment": "{ ...A } fragment A on Query { statement { used } }",
    "by a fragment's fragment": "{ ...A } fragment A on Query { ...B } "
    "fragment B on Query { statement { used } }",
    "inline": "{ ... { statement { used } } }",
    "inline on a type": "{ ... on Query { statement { used } } }",
    "skipped": "{ viewer { roles } statement @skip(if: true) { used } }",
    "not included": "{ viewer { roles } ... @include(if: false) { statement { used } } }",
    "skipped by a variable": "query($yes: Boolean = true) "
    "{ viewer { roles } statement @skip(if: $yes) { used } }",
    "with variables": "query($week: Date) { statement(week: $week) { used } }",
    "by name": "query Harmless { statement { used } }",
    "for its type alone": "{ statement { __typename } }",
}


async def test_a_refused_field_is_refused_in_the_same_words_however_it_is_asked(
    http: httpx.AsyncClient, world: World
) -> None:
    shop = Shop(http, world, await world.token(ApiRole.API_FULL_ACCESS))
    headers = {"Authorization": f"Bearer {shop.token}"}
    for way, document in WAYS.items():
        posted = await shop.say(document)
        got = await http.get(f"/graphql?{urlencode({'query': document})}", headers=headers)

        for answer in (posted, Answer(got.status_code, got.json())):
            assert (answer.status, answer.data) == (403, None), way
            assert [error["message"] for error in answer.errors] == [REFUSED], way
            assert answer.codes == ["FORBIDDEN"]


async def test_another_operation_of_the_document_is_not_asked(
    http: httpx.AsyncClient, world: World
) -> None:
    shop = Shop(http, world, await world.token())
    two = "query A { viewer { roles } } query B { statement { used } }"

    first = await shop.send({"query": two, "operationName": "A"})
    second = await shop.send({"query": two, "operationName": "B"})

    assert (first.status, second.status) == (200, 403)


async def test_a_mutation_beside_a_refused_field_has_no_effect(shop: Shop, world: World) -> None:
    """Nothing runs and nothing is counted, before or after the field that is refused."""
    reader = await world.token(ApiRole.WMS_CREATE_JOBS)
    document = """
    mutation($order: CreateOutboundOrderInput!, $product: CreateProductInput!) {
      a: createOutboundOrder(input: $order) { replayed }
      b: createProduct(input: $product) { replayed }
      c: createOutboundOrder(input: $order) { replayed }
    }
    """
    before = await shop.products()
    answer = await shop.say(
        document, by=reader, order=shop.order(), product=shop.product(code="NEW")
    )

    assert (answer.status, answer.data) == (403, None)
    [error] = answer.errors
    assert error["message"] == "`createProduct` needs the role WMS_ADD_PRODUCT."
    assert sorted(answer.calls) == [(key, "REFUSED", 0) for key in "abc"]
    assert (await shop.orders(), await shop.products(), await shop.counted()) == (0, before, 0)


async def test_every_refused_field_is_named_once(http: httpx.AsyncClient, world: World) -> None:
    shop = Shop(http, world, await world.token(ApiRole.WMS_VIEW_STOCK))
    answer = await shop.say(
        f"{{ a: statement {{ used }} b: statement {{ used }} {QUERIES['outboundOrders'].ask}"
        f" {QUERIES['products'].ask} }}"
    )

    assert [error["message"] for error in answer.errors] == [
        REFUSED,
        "`outboundOrders` needs the role WMS_VIEW_JOBS.",
    ]


async def test_the_same_document_is_judged_for_each_caller(shop: Shop, world: World) -> None:
    """It is remembered; who may send it is not."""
    document = f"{{ {QUERIES['outboundOrders'].ask} }}"
    orders = [await world.token(ApiRole.WMS_VIEW_JOBS), await world.token(ApiRole.TMS_VIEW_JOBS)]

    for _ in range(2):
        statuses = [(await shop.say(document, by=by)).status for by in orders]
        assert statuses == [200, 403]


# --- internal fields -----------------------------------------------------------------------------

CREATE = "createOutboundOrder(input: {}) {{ userErrors {{ code }} }}"
NOTES = "`CreateOutboundOrderInput.internalNotes` needs the role INTERNAL_FIELD_ACCESS."


def graphql(value: Any) -> str:
    """A value as a literal of GraphQL."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {graphql(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(graphql(one) for one in value) + "]"
    return json.dumps(value)


def ways_to_write_notes(order: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Documents and variables that give `internalNotes`, one way or another."""
    noted = order | {"internalNotes": "secret"}
    rest = graphql(order).removesuffix("}")
    whole = "mutation($input: CreateOutboundOrderInput!{}) {{ {} }}"
    return {
        "a literal": (f"mutation {{ {CREATE.format(graphql(noted))} }}", {}),
        "a literal null": (
            f"mutation {{ {CREATE.format(graphql(order | {'internalNotes': None}))} }}",
            {},
        ),
        "a variable": (whole.format("", CREATE.format("$input")), {"input": noted}),
        "a variable's null": (
            whole.format("", CREATE.format("$input")),
            {"input": order | {"internalNotes": None}},
        ),
        "a variable inside": (
            f"mutation($n: String) {{ {CREATE.format(rest + ', internalNotes: $n}')} }}",
            {"n": "secret"},
        ),
        "a variable inside, not given": (
            f"mutation($n: String) {{ {CREATE.format(rest + ', internalNotes: $n}')} }}",
            {},
        ),
        "a default": (
            whole.format(f" = {graphql(noted)}", CREATE.format("$input")).replace(
                "Input!", "Input!"
            ),
            {},
        ),
        "a default that is not used": (
            whole.format(f" = {graphql(noted)}", CREATE.format("$input")),
            {"input": order},
        ),
        "a fragment": (
            f"mutation {{ ...A }} fragment A on Mutation {{ {CREATE.format(graphql(noted))} }}",
            {},
        ),
    }


async def test_a_guarded_input_field_is_refused_wherever_it_is_given(
    shop: Shop, world: World
) -> None:
    without = await world.token(ApiRole.WMS_CREATE_JOBS)
    together = await world.token(ApiRole.WMS_CREATE_JOBS, ApiRole.INTERNAL_FIELD_ACCESS)

    for number, (document, variables) in enumerate(ways_to_write_notes(shop.order()).values()):
        refused = await shop.say(document, by=without, **variables)
        assert (refused.status, refused.data) == (403, None)
        assert [error["message"] for error in refused.errors] == [NOTES]
        assert refused.outcomes == ["REFUSED"]
        assert await shop.orders() == min(number, 1)

        taken = await shop.say(document, by=together, **variables)
        assert "FORBIDDEN" not in taken.codes
    plain = await shop.place(by=without, reference="without notes")
    assert plain.faults == []


def test_guarded_input_fields_are_found_in_objects_and_lists() -> None:
    """No input of ours holds them so deep, yet."""

    @strawberry.input
    class Line:
        notes: str | None = strawberry.field(default=None, directives=[INTERNAL])

    @strawberry.input
    class Job:
        line: Line | None = None
        lines: list[Line] | None = None
        reference: str | None = None

    @strawberry.type
    class Query:
        @strawberry.field
        def job(self, job: Job) -> str:
            return str(job)

    kind = strawberry.Schema(Query)._schema.type_map["Job"]
    noted = {"notes": None}

    assert holds_guarded(kind)
    for value in ({"line": noted}, {"lines": [{}, noted]}, {"lines": noted}, [{"line": noted}]):
        assert [one.field for one in guarded_in(value, kind)] == ["Line.notes"]
    assert list(guarded_in({"line": {}, "lines": [], "reference": "notes"}, kind)) == []


async def test_a_guarded_output_field_is_refused_wherever_it_is_named(
    shop: Shop, world: World
) -> None:
    placed = (await shop.place(internalNotes="mind the dog")).only["outboundOrder"]["id"]
    without = await world.token(ApiRole.WMS_CREATE_JOBS)
    together = await world.token(ApiRole.WMS_CREATE_JOBS, ApiRole.INTERNAL_FIELD_ACCESS)
    fields, cancel = "{ internalNotes }", f'{{id: "{placed}"}}'
    ways = [
        f'{{ outboundOrder(id: "{placed}") {fields} }}',
        f'{{ outboundOrder(id: "{placed}") {{ harmless: internalNotes }} }}',
        f'{{ node(id: "{placed}") {{ ... on OutboundOrder {fields} }} }}',
        f"{{ outboundOrders {{ edges {{ node {fields} }} }} }}",
        f'{{ outboundOrder(id: "{placed}") {{ replaces {fields} }} }}',
        f'{{ outboundOrder(id: "{placed}") {{ ...A }} }} fragment A on OutboundOrder {fields}',
        f"mutation {{ cancelOutboundOrder(input: {cancel}) {{ outboundOrder {fields} }} }}",
    ]

    for document in ways:
        refused = await shop.say(document, by=without)
        assert (refused.status, refused.data) == (403, None)
        assert [error["message"] for error in refused.errors] == [
            "`OutboundOrder.internalNotes` needs the role INTERNAL_FIELD_ACCESS."
        ]
        taken = await shop.say(document, by=together)
        assert taken.status == 200
        assert "mind the dog" in json.dumps(taken.data) or "replaces" in document


async def test_internal_access_alone_opens_nothing(http: httpx.AsyncClient, world: World) -> None:
    shop = Shop(http, world, await world.token(ApiRole.INTERNAL_FIELD_ACCESS))
    answer = await shop.say("{ outboundOrders { edges { node { internalNotes } } } }")

    assert answer.codes == ["FORBIDDEN"]


# --- reach ---------------------------------------------------------------------------------------


async def asked_for(shop: Shop, by: str, ids: dict[str, str]) -> list[Any]:
    """All that can be asked or done about those ids, without the ids themselves."""
    order, product, customer, warehouse = (
        ids[name] for name in ("order", "product", "customer", "warehouse")
    )
    by_id = f'filter: {{id: {{eq: "{order}"}}}}'
    documents = [
        f'{{ outboundOrder(id: "{order}") {{ id reference }} }}',
        f'{{ product(id: "{product}") {{ id code }} }}',
        *(f'{{ node(id: "{one}") {{ id __typename }} }}' for one in ids.values()),
        f'{{ node(id: "{order}") {{ ... on OutboundOrder {{ reference }} }} }}',
        f"{{ outboundOrders({by_id}) {{ totalCount edges {{ node {{ id }} }} }} }}",
        f'{{ outboundOrders(filter: {{customer: {{eq: "{customer}"}}}}) {{ totalCount }} }}',
        f'{{ outboundOrders(filter: {{warehouse: {{eq: "{warehouse}"}}}}) {{ totalCount }} }}',
        f'{{ products(filter: {{customer: {{in: ["{customer}"]}}}}) {{ totalCount }} }}',
        f'{{ products(filter: {{id: {{eq: "{product}"}}}}) {{ totalCount }} }}',
        f'{{ customers(filter: {{id: {{eq: "{customer}"}}}}) {{ edges {{ cursor }} }} }}',
        f'{{ warehouses(filter: {{id: {{eq: "{warehouse}"}}}}) {{ totalCount }} }}',
    ]
    answers = [await shop.say(document, by=by) for document in documents]
    items = [{"product": {"id": product}, "quantity": "1"}]
    update = "mutation($i: UpdateOutboundOrderInput!) { updateOutboundOrder(input: $i) "
    cancel = "mutation($i: CancelOutboundOrderInput!) { cancelOutboundOrder(input: $i) "
    change = "mutation($i: UpdateProductInput!) { updateProduct(input: $i) "
    add = "mutation($i: CreateProductInput!) { createProduct(input: $i) "
    told = "{ replayed userErrors { code path message suggestions existing legalMoves } } }"
    new = {"customer": customer, "code": "HERS", "name": "x", "defaultUnit": "EA"}
    answers += [
        await shop.say(update + told, by=by, i={"id": order, "version": 1, "urgent": True}),
        await shop.say(cancel + told, by=by, i={"id": order}),
        await shop.say(change + told, by=by, i={"id": product, "version": 1, "name": "mine"}),
        await shop.say(add + told, by=by, i=new),
        await shop.place(by=by, reference="to her", customer=customer),
        await shop.place(by=by, reference="from her", warehouse=warehouse),
        await shop.place(by=by, reference="of hers", items=items),
        await shop.place(by=by, reference="hers"),
    ]
    said = json.dumps([[one.status, one.body.get("errors"), one.data] for one in answers])
    for name, one in ids.items():
        said = said.replace(one, f"<{name}>")
    return json.loads(said)[:-1]  # type: ignore[no-any-return]


NOBODYS = {
    "order": "019ab3ce-0000-7000-8000-000000000001",
    "product": "019ab3ce-0000-7000-8000-000000000002",
    "customer": "019ab3ce-0000-7000-8000-000000000003",
    "warehouse": "019ab3ce-0000-7000-8000-000000000004",
}


async def everything_of(shop: Shop, world: World) -> dict[str, str]:
    """An order of `other` at the far warehouse, and all that it concerns."""
    products = await stock(world, world.other.id)
    token = await world.token(
        ApiRole.API_FULL_ACCESS,
        customers=[world.other.id],
        warehouses=[world.far_warehouse.id],
    )
    hers = {"customer": str(world.other.id), "warehouse": str(world.far_warehouse.id)}
    items = [{"product": {"code": "TEA-500"}, "quantity": "1"}]
    placed = await shop.place(by=token, reference="hers", items=items, **hers)
    return {
        "order": placed.only["outboundOrder"]["id"],
        "product": str(products["TEA-500"]),
        **hers,
    }


async def rows_of(customer: Customer) -> list[str]:
    """All that a customer has, whoever may see it."""
    whose = {"tenant_id": customer.tenant_id, "customer_id": customer.id}
    orders, goods = OutboundOrder.filter(**whose), Product.filter(**whose)
    return sorted(map(str, [*await orders.values(), *await goods.values()]))


async def test_what_another_tenant_has_is_not_there(shop: Shop, world: World) -> None:
    """Its ids give no data, no effect, and no other answer than ids that nobody has."""
    theirs = await make_world("Rival 3PL")
    ids = await everything_of(shop, theirs)
    full = await world.token(ApiRole.API_FULL_ACCESS, all_customers=True, all_warehouses=True)

    before = await rows_of(theirs.other)
    found = await asked_for(shop, full, ids)
    assert await rows_of(theirs.other) == before
    assert found == await asked_for(shop, full, NOBODYS)


async def test_what_another_customer_has_elsewhere_is_not_there(shop: Shop, world: World) -> None:
    """The same inside one tenant, for the customer, its goods and the warehouse."""
    await StaffUser.filter(tenant_id=world.tenant.id).update(email="before@harbour.test")
    ids = await everything_of(shop, world)

    before = await rows_of(world.other)
    found = await asked_for(shop, shop.token, ids)
    assert await rows_of(world.other) == before
    assert found == await asked_for(shop, shop.token, NOBODYS)


@pytest.mark.parametrize("reach", ["customers", "warehouses"])
async def test_either_end_of_a_reach_hides_by_itself(shop: Shop, world: World, reach: str) -> None:
    """Role x customers x warehouses, all three always."""
    placed = (await shop.place()).only["outboundOrder"]["id"]
    ends = {"customers": [world.live.id], "warehouses": [world.warehouse.id]}
    away = {"customers": [world.other.id], "warehouses": [world.far_warehouse.id]}
    asked = f'{{ outboundOrder(id: "{placed}") {{ id }} outboundOrders {{ totalCount }} }}'

    near = await world.token(ApiRole.API_FULL_ACCESS, **ends)
    far = await world.token(ApiRole.API_FULL_ACCESS, **(ends | {reach: away[reach]}))
    none = await world.token(ApiRole.API_FULL_ACCESS, **(ends | {reach: []}))

    assert (await shop.say(asked, by=near)).data["outboundOrders"] == {"totalCount": 1}
    for by in (far, none):
        answer = await shop.say(asked, by=by)
        assert answer.data == {"outboundOrder": None, "outboundOrders": {"totalCount": 0}}


async def test_all_customers_are_all_live_ones(shop: Shop, world: World) -> None:
    everyone = await world.token(ApiRole.API_FULL_ACCESS, all_customers=True, all_warehouses=True)
    asked = (
        f'{{ customers {{ edges {{ node {{ code }} }} }} node(id: "{world.sandbox.id}") {{ id }} }}'
    )
    answer = await shop.say(asked, by=everyone)

    codes = [edge["node"]["code"] for edge in answer.data["customers"]["edges"]]
    assert (codes, answer.data["node"]) == (["ACME", "ZEN"], None)


async def test_related_rows_out_of_reach_are_not_shown(shop: Shop, world: World) -> None:
    """A customer's default warehouse is not the client's because the customer is."""
    await Customer.filter(tenant_id=world.tenant.id, id=world.live.id).update(
        default_warehouse_id=world.far_warehouse.id
    )
    asked = "{ customers { edges { node { code defaultWarehouse { code } } } } }"
    answer = await shop.say(asked)

    [edge] = answer.only["edges"]
    assert edge["node"] == {"code": "ACME", "defaultWarehouse": None}


def test_the_roles_of_the_matrix_are_ours() -> None:
    assert [role.value for role in ApiRole] == ROLES
    assert [role.value for role in StaffRole] == STAFF
    for role in ApiRole:
        assert {one.value for one in role.implies} == {role.value, *IMPLIED.get(role.value, [])}
