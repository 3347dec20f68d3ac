"""A busy trade: orders that come and go, in every status, by clients, people and the service."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from models.orders import OutboundOrder
from models.reach import Reach
from models.tenants import Customer
from models.words import ApiRole, ConsignmentStatus, ConsignmentType, ShortStockPolicy
from resolvers import consignments, products, transport
from resolvers.access import Caller, expand
from tests.asking import Shop, exact, open_shop, perform, shelve, staff

JOB = "id version status reference items { id quantity }"
MOVES = ("startPacking", "dispatch", "revert", "reprocess")
NOUNS = ("OutboundOrder", "InboundOrder", "Product")


def document(name: str) -> str:
    """A mutation that answers what the next one needs."""
    [noun] = [one for one in NOUNS if one in name]
    picked = "id version" if noun == "Product" else JOB
    answer = f"{noun[0].lower()}{noun[1:]} {{ {picked} }}"
    if name.endswith("s"):
        answer = f"count entries {{ outcome {answer} userErrors {{ code path }} }}"
    given = f"{name[0].upper()}{name[1:]}"
    if noun == "OutboundOrder" and name.startswith(MOVES):
        given = "MoveOutboundOrder"
    return (
        f"mutation ($input: {given}Input!) {{ {name}(input: $input)"
        f" {{ {answer} replayed userErrors {{ code path message }} }} }}"
    )


@dataclass
class Trade:
    """A shop, the operator's people, and what they did so far, by the name it is known by."""

    shop: Shop
    person: str
    """A staff user's token."""
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def tenant_id(self) -> UUID:
        return self.shop.world.tenant.id

    def id(self, name: str) -> UUID:
        return UUID(self.jobs[name]["id"])

    async def do(self, mutation: str, *, by: str | None = None, **given: Any) -> Any:
        """Carry a command out that must succeed; what it answers of its object."""
        answer = await self.shop.say(document(mutation), by=by, input=given)
        told = answer.only
        assert told["userErrors"] == [], told
        return next(value for value in told.values() if isinstance(value, dict))

    async def order(self, name: str, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Place an order under that name."""
        by = changes.pop("by", None)
        given = self.shop.order(reference=name, items=list(items) or [item("TEA-500", 2)])
        self.jobs[name] = await self.do("createOutboundOrder", by=by, **(given | changes))
        return self.jobs[name]

    async def announce(self, name: str, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Announce goods under that name."""
        given = {"customer": self.shop.known["<customer>"], "reference": name}
        given |= {"items": list(items) or [item("TEA-500", 5, batch="L1")]}
        self.jobs[name] = await self.do("createInboundOrder", **(given | changes))
        return self.jobs[name]

    async def move(self, name: str, *mutations: str, **more: Any) -> None:
        """Have the operator's people do these to a job, one after the other."""
        for mutation in mutations:
            job = self.jobs[name]
            given = {"id": job["id"], "version": job["version"], **more}
            self.jobs[name] = await self.do(mutation, by=self.person, **given)

    async def change(self, name: str, mutation: str, **given: Any) -> None:
        """Have the client change or cancel a job."""
        job = self.jobs[name]
        self.jobs[name] = await self.do(mutation, id=job["id"], version=job["version"], **given)

    async def client(self, name: str) -> Caller:
        """Another client of the customer, that asks without GraphQL."""
        world, role = self.shop.world, ApiRole.API_FULL_ACCESS
        return Caller(
            reach=Reach(
                self.tenant_id, frozenset({world.live.id}), frozenset({world.warehouse.id})
            ),
            name=name,
            tenant_name=world.tenant.name,
            currency=world.tenant.currency,
            time_zone=world.tenant.time_zone,
            client_id=(await world.client(role, name=name)).client_id,
            roles=expand([role]),
        )

    async def policy(self, **policies: Any) -> None:
        """What becomes of the customer's inputs from now on."""
        live = self.shop.world.live
        await Customer.filter(tenant_id=self.tenant_id, id=live.id).update(**policies)


def item(code: str, quantity: int | str, **more: Any) -> dict[str, Any]:
    return {"product": {"code": code}, "quantity": str(quantity), **more}


async def open_trade(http: Any, world: Any) -> Trade:
    """A shop with its range, and nothing done yet."""
    return Trade(await open_shop(http, world), await world.staff_token())


async def do_business(trade: Trade) -> None:
    """Something of everything."""
    await _products(trade)
    await _outbound(trade)
    await _inbound(trade)
    await _short_of_stock(trade)
    await _consignments(trade)
    await _sandbox(trade)


async def _products(trade: Trade) -> None:
    customer = trade.shop.known["<customer>"]
    made = await trade.do(
        "createProduct", customer=customer, code="CUP", name="Cup", defaultUnit="EA"
    )
    trade.jobs["CUP"] = await trade.do("updateProduct", id=made["id"], version=1, name="A cup")
    client = await trade.client("Catalogue")
    for code in ("CUP", "POT", "POT"):
        content = {"customer": UUID(customer), "code": code, "name": "It", "default_unit": "EA"}
        found = await perform(client, "upsertProducts", content, products.upsert)
        trade.jobs[code] = {"id": str(found)}


async def _outbound(trade: Trade) -> None:
    mugs = item("MUG-BLUE", 2, unit="CTN")
    await trade.order("draft", draft=True)
    await trade.order("submitted", mugs, draft=True)
    await trade.change("submitted", "updateOutboundOrder", draft=False)
    await trade.order("standing", item("TEA-500", "2.5"), item("TEA-500", 1), mugs)
    warehouse = trade.shop.known["<warehouse>"]
    await trade.order("by a person", by=trade.person, warehouse=warehouse)
    await trade.order("changed", item("TEA-250", 4))
    await trade.change("changed", "updateOutboundOrder", items=[item("TEA-250", 6), mugs])
    await trade.order("cancelled")
    await trade.change("cancelled", "cancelOutboundOrder")
    await trade.order("packing")
    await trade.move("packing", "startPackingOutboundOrder")
    for name in ("packed", "corrected", "dispatched", "brought back", "unpacked"):
        await trade.order(name, item("TEA-500", 3), mugs)
        await trade.move(name, "startPackingOutboundOrder")
        lines = trade.jobs[name]["items"]
        less = [{"item": lines[0]["id"], "quantity": "1"}] if name == "corrected" else []
        await trade.move(name, "packOutboundOrder", items=less)
    await trade.move("dispatched", "dispatchOutboundOrder")
    await trade.move("brought back", "dispatchOutboundOrder", "revertOutboundOrder")
    await trade.move("unpacked", "revertOutboundOrder")
    entries = [trade.shop.order(reference=f"one of many {n}") for n in range(3)]
    answer = await trade.shop.say(document("createOutboundOrders"), input={"orders": entries})
    assert answer.only["count"] == 3


async def _inbound(trade: Trade) -> None:
    both = [item("TEA-500", 9, batch="L1"), item("MUG-BLUE", 2, unit="CTN")]
    await trade.announce("to come, a draft", draft=True)
    await trade.announce("to come", *both)
    await trade.announce("to come, changed", *both)
    await trade.change("to come, changed", "updateInboundOrder", items=[item("TEA-500", 4)])
    await trade.announce("to come no more")
    await trade.change("to come no more", "cancelInboundOrder")
    await trade.announce("come", *both)
    await trade.move("come", "receiveInboundOrder")
    await trade.announce("come in part", *both)
    lines = trade.jobs["come in part"]["items"]
    await trade.move(
        "come in part", "receiveInboundOrder", items=[{"item": lines[0]["id"], "quantity": "6"}]
    )
    await trade.announce("counted", *both)
    await trade.move("counted", "receiveInboundOrder", "verifyInboundOrder")
    await trade.announce("put away", *both)
    await trade.move("put away", "receiveInboundOrder")
    counts = [("OK", 4, "L2"), ("DAMAGED", 3, None), ("MISSING", 2, None)]
    told = [{"condition": of, "quantity": str(n), "batch": batch} for of, n, batch in counts]
    line = trade.jobs["put away"]["items"][0]["id"]
    await trade.move("put away", "verifyInboundOrder", items=[{"item": line, "counts": told}])
    await trade.move("put away", "putAwayInboundOrder")


async def _short_of_stock(trade: Trade) -> None:
    """Orders for a product of which there is too little, and goods that some of them get."""
    shop, world = trade.shop, trade.shop.world
    customer, live = shop.known["<customer>"], world.live.id
    made = await trade.do(
        "createProduct", customer=customer, code="RARE", name="Rare", defaultUnit="EA"
    )
    await shelve(await staff(trade.shop.world), live, world.warehouse.id, {UUID(made["id"]): 10})
    for policy, quantity in (("SPLIT", 12), ("REJECT", 1), ("AWAIT_STOCK", 4), ("AWAIT_STOCK", 5)):
        await trade.policy(short_stock=ShortStockPolicy(policy))
        await trade.order(f"{policy} {quantity}", item("RARE", quantity))
    rest = await OutboundOrder.get(tenant_id=trade.tenant_id, rest_of_id=trade.id("SPLIT 12"))
    trade.jobs["the rest"] = {"id": str(rest.id)}
    await trade.announce("more of it", item("RARE", 5))
    await trade.move(
        "more of it", "receiveInboundOrder", "verifyInboundOrder", "putAwayInboundOrder"
    )
    await trade.policy(short_stock=ShortStockPolicy.TAKE_AVAILABLE)
    await trade.order("no more than there is", item("RARE", 2), item("TEA-250", 1))
    await trade.policy(short_stock=None)


async def _consignments(trade: Trade) -> None:
    """Booked by a client, sent by the operator, and made by an order."""
    world = trade.shop.world
    client = await trade.client("Carrier desk")
    address = {"company": "Corner shop", "line1": "1 High Street", "city": "Perth", "country": "AU"}
    job = {
        "customer": world.live.id,
        "warehouse": world.warehouse.id,
        "deliver_address": address,
        "collect_address": address,
        "items": [exact({"description": "Box", "quantity": 1})],
    }
    for kind in ConsignmentType:
        content = job | {"reference": kind.value, "type": kind}
        made = await perform(client, "createConsignment", content, consignments.place)
        trade.jobs[kind.value] = {"id": str(made)}
    gone = {"id": trade.id("PICKUP")}
    await perform(client, "cancelConsignment", gone, consignments.cancel)
    sent = ConsignmentStatus.IN_TRANSIT_WAREHOUSE_DELIVERY
    to = {"id": trade.id("DELIVERY"), "version": 1, "to": sent}
    await perform(await staff(trade.shop.world), "moveConsignment", to, transport.move)
    content = job | {
        "reference": "for an order",
        "type": ConsignmentType.DELIVERY,
        "outbound_order": trade.id("packed"),
    }
    made = await perform(client, "createConsignment", content, consignments.place)
    trade.jobs["for an order"] = {"id": str(made)}


async def _sandbox(trade: Trade) -> None:
    """The same without being charged."""
    world = trade.shop.world
    token = await world.token(ApiRole.API_FULL_ACCESS, name="Sandbox", customers=[world.sandbox.id])
    customer = str(world.sandbox.id)
    await trade.do(
        "createProduct", by=token, customer=customer, code="TOY", name="Toy", defaultUnit="EA"
    )
    await trade.order("sandbox", item("TOY", 1), by=token, customer=customer, draft=True)
