"""Asking the service by its published examples, as somebody's system would."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from models.database import transaction
from models.orders import OutboundOrder
from models.products import Product
from models.reach import Every, Reach
from models.stocktaking import Movement, Spot, Stock, hold_products, levels_of
from models.tenants import StaffUser
from models.usage import LedgerRow
from models.words import ApiRole, MovementKind, StaffRole
from models.writing import Changes
from resolvers import commands, products
from resolvers.access import Caller
from tests.world import World

EXAMPLES = Path(__file__).parent.parent / "graphql_examples"

RANGE = [
    {"code": "TEA-500", "name": "Tea, 500 g", "default_unit": "EA", "type": "Groceries"},
    {"code": "TEA-250", "name": "Tea, 250 g", "default_unit": "EA"},
    {
        "code": "MUG-BLUE",
        "name": "Mug, blue",
        "default_unit": "EA",
        "units": [
            {"code": "EA", "base_quantity": 1, "weight_kg": 0.25},
            {"code": "CTN", "base_quantity": 12},
        ],
    },
]
"""What the customer of these tests keeps in the warehouse."""


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP."""

    status: int
    body: dict[str, Any]

    @property
    def data(self) -> Any:
        return self.body.get("data")

    @property
    def errors(self) -> list[Any]:
        return self.body.get("errors", [])

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.errors]

    @property
    def calls(self) -> list[tuple[str, str, int]]:
        """Path, outcome and count of each call."""
        told = self.body["extensions"]["usage"]["calls"]
        return [(call["path"], call["outcome"], call["count"]) for call in told]

    @property
    def outcomes(self) -> list[str]:
        return [outcome for _, outcome, _ in self.calls]

    @property
    def only(self) -> Any:
        """The answer of the only root field."""
        assert self.status == 200, self.body
        assert "errors" not in self.body, self.errors
        [value] = self.data.values()
        return value

    @property
    def faults(self) -> list[Any]:
        """The user errors of the only root field."""
        return self.only["userErrors"]

    @property
    def told(self) -> list[tuple[str, str]]:
        """Code and path of each user error."""
        return [(fault["code"], ".".join(fault["path"])) for fault in self.faults]

    @property
    def places(self) -> list[str]:
        """The paths that errors name."""
        return [".".join(error["extensions"]["path"]) for error in self.errors]


@dataclass
class Shop:
    """A customer's web shop beside the operator it sends orders to."""

    http: httpx.AsyncClient
    world: World
    token: str
    known: dict[str, str] = field(default_factory=dict)
    """What `<order>` and the like in an example's variables stand for."""

    async def ask(self, example: str, *, by: str | None = None, **variables: Any) -> Answer:
        """Send a published example, with other variables where some are named."""
        given = {**variables_of(example, self.known), **variables}
        return await self.say(document_of(example), by=by, **given)

    async def say(self, document: str, *, by: str | None = None, **variables: Any) -> Answer:
        """Send a document."""
        return await self.send({"query": document, "variables": variables}, by=by)

    async def send(self, body: Any, *, by: str | None = None) -> Answer:
        """Send a body, JSON already or not yet."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = await self.http.post(
            "/graphql",
            content=content,
            headers={
                "Authorization": f"Bearer {by or self.token}",
                "Content-Type": "application/json",
            },
        )
        return Answer(answer.status_code, answer.json())

    async def place(self, *, by: str | None = None, **changes: Any) -> Answer:
        """Place the example's order, changed at its top; what is None is left out."""
        return await self.ask("orders/place_an_order", by=by, input=self.order(**changes))

    def order(self, **changes: Any) -> dict[str, Any]:
        """The example's order, changed at its top; what is None is left out."""
        given = variables_of("orders/place_an_order", self.known)["input"] | changes
        return {name: value for name, value in given.items() if value is not None}

    async def announce(self, *, by: str | None = None, **changes: Any) -> Answer:
        """Announce the example's goods, changed at its top; what is None is left out."""
        given = self.announcement(**changes)
        return await self.ask("inbound/announce_goods", by=by, input=given)

    def announcement(self, **changes: Any) -> dict[str, Any]:
        """The example's announcement, changed at its top; what is None is left out."""
        given = variables_of("inbound/announce_goods", self.known)["input"] | changes
        return {name: value for name, value in given.items() if value is not None}

    async def book(self, *, by: str | None = None, **changes: Any) -> Answer:
        """Book the example's consignment, changed at its top; what is None is left out."""
        given = self.consignment(**changes)
        return await self.ask("consignments/book_a_delivery", by=by, input=given)

    def consignment(self, **changes: Any) -> dict[str, Any]:
        """The example's consignment, changed at its top; what is None is left out."""
        given = variables_of("consignments/book_a_delivery", self.known)["input"] | changes
        return {name: value for name, value in given.items() if value is not None}

    def product(self, **changes: Any) -> dict[str, Any]:
        """The example's product, changed at its top; what is None is left out."""
        given = variables_of("products/add_a_product", self.known)["input"] | changes
        return {name: value for name, value in given.items() if value is not None}

    async def orders(self) -> int:
        return await OutboundOrder.filter(tenant_id=self.world.tenant.id).count()

    async def products(self) -> int:
        return await Product.filter(tenant_id=self.world.tenant.id).count()

    async def counted(self) -> int:
        return await LedgerRow.filter(tenant_id=self.world.tenant.id).count()


async def open_shop(http: httpx.AsyncClient, world: World, *roles: ApiRole) -> Shop:
    """A shop with all roles in the reach of one customer and one warehouse, and its range."""
    token = await world.token(*(roles or [ApiRole.API_FULL_ACCESS]))
    shop = Shop(http, world, token)
    shop.known |= {
        "<customer>": str(world.live.id),
        "<other customer>": str(world.other.id),
        "<warehouse>": str(world.warehouse.id),
        "<now>": datetime.now(UTC).isoformat(),
        **{f"<{code}>": str(id) for code, id in (await stock(world, world.live.id)).items()},
    }
    return shop


async def stock(world: World, customer_id: UUID) -> dict[str, UUID]:
    """Add the range for a customer, with plenty of it in every warehouse; the ids by code."""
    caller = await staff(world)
    made = {}
    for one in RANGE:
        content = {"customer": customer_id, **exact(one)}
        made[one["code"]] = await perform(caller, "createProduct", content, products.add)
    for warehouse in (world.warehouse, world.far_warehouse):
        for batch in ({}, BATCH):
            plenty = dict.fromkeys(made.values(), PLENTY)
            await shelve(caller, customer_id, warehouse.id, plenty, **batch)
    return made


PLENTY = Decimal(1_000_000)
BATCH: dict[str, Any] = {"batch": "B7", "expiry_date": date(2027, 1, 31)}


async def shelve(
    caller: Caller,
    customer_id: UUID,
    warehouse_id: UUID,
    amounts: Mapping[UUID, Decimal | int],
    **of: Any,
) -> None:
    """Have so many base units of products stand in a warehouse, of a batch or expiry date."""
    async with transaction():
        await hold_products(caller.tenant_id, amounts)
        known = await levels_of(caller.tenant_id, warehouse_id, amounts)
        books = Stock(caller.tenant_id, datetime.now(UTC), staff_user_id=caller.staff_user_id)
        for product_id, amount in amounts.items():
            product = await Product.get(tenant_id=caller.tenant_id, id=product_id)
            spot = Spot(customer_id, warehouse_id, product_id, product.code, **of)
            level = books.level(spot, known)
            books.move(Movement(level, MovementKind.ADJUSTED, Decimal(amount), reason="counted"))
        changes = Changes()
        books.write(changes)
        await changes.flush()


async def perform(caller: Caller, field_name: str, content: Mapping[str, Any], work: Any) -> UUID:
    """Carry a command out without GraphQL."""

    async def act(changes: Changes) -> commands.Effect:
        return await work(caller, content, changes)

    async def nothing(_: commands.Effect) -> None:
        pass

    call = commands.Call(caller, field_name, None, "test")
    return (await commands.perform(call, commands.Asked(content), act, nothing)).effect.id


async def staff(world: World, role: StaffRole = StaffRole.OPERATOR) -> Caller:
    """A person of the operator, who reaches everything."""
    now = datetime.now(UTC)
    person = await StaffUser.create(
        tenant_id=world.tenant.id,
        email=f"{role.lower()}@harbour.test",
        name="Sam",
        role=role,
        created_at=now,
        modified_at=now,
    )
    return Caller(
        reach=Reach(world.tenant.id, Every.ALL, Every.ALL),
        name=person.name,
        tenant_name=world.tenant.name,
        currency=world.tenant.currency,
        time_zone=world.tenant.time_zone,
        staff_user_id=person.id,
        staff_role=role,
    )


def exact(value: Any) -> Any:
    """The same with decimals for numbers."""
    match value:
        case dict():
            return {name: exact(inner) for name, inner in value.items()}
        case list():
            return [exact(inner) for inner in value]
        case int() | float():
            return Decimal(str(value))
    return value


def document_of(example: str) -> str:
    """The text of an example."""
    return (EXAMPLES / f"{example}.graphql").read_text()


def variables_of(example: str, known: Mapping[str, str]) -> dict[str, Any]:
    """An example's variables, with what their placeholders stand for here."""
    path = EXAMPLES / f"{example}.variables.json"
    return filled(json.loads(path.read_text()), known) if path.exists() else {}


def filled(value: Any, known: Mapping[str, str]) -> Any:
    """The same with what placeholders stand for."""
    match value:
        case dict():
            return {name: filled(inner, known) for name, inner in value.items()}
        case list():
            return [filled(inner, known) for inner in value]
        case str():
            return known.get(value, value)
    return value
