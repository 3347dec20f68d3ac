"""Announcing goods for tests: the documents, and what most of them send."""

from models.inbound import InboundOrder
from models.tenants import Customer
from tests.asking import Answer, Shop

READ = """
query Read($id: ID!) {
  inboundOrder(id: $id) {
    reference status version urgent instructions internalNotes arrivesOn properties
    customer { code } warehouse { code }
    items {
      id product { code } unit quantity receivedQuantity condition batch expiryDate sscc properties
      counts { condition quantity }
    }
    history { version status changed client staffUser }
    outcomes { code path message }
    replaces { id } restOf { id } rests { id }
    createdAt modifiedAt receivedAt verifiedAt allocatedAt
  }
}
"""

UPDATE = """
mutation Update($input: UpdateInboundOrderInput!) {
  updateInboundOrder(input: $input) {
    inboundOrder { version status outcomes { code } }
    outcomes { code path }
    replayed
    userErrors { code path message legalMoves differences { path stored given } }
  }
}
"""

CREATE = """
mutation Create($input: CreateInboundOrderInput!) {
  createInboundOrder(input: $input) {
    inboundOrder { id version status outcomes { code path } items { product { code } unit } }
    outcomes { code path }
    replayed
    userErrors { code path message existing suggestions legalMoves
      differences { path stored given } }
  }
}
"""

CANCEL = """
mutation Cancel($input: CancelInboundOrderInput!) {
  cancelInboundOrder(input: $input) {
    inboundOrder { version status }
    replayed
    userErrors { code path message legalMoves }
  }
}
"""

EVERYTHING = {
    "urgent": True,
    "instructions": "Dock 4",
    "internalNotes": "They are always late",
    "arrivesOn": "2026-12-14",
    "properties": {"container": "MSKU6011672", "po_line": ""},
    "items": [
        {
            "product": {"code": "RICE"},
            "unit": "CTN",
            "quantity": "1.5",
            "condition": "QUARANTINE",
            "batch": "B7",
            "expiryDate": "2027-01-31",
            "sscc": "093123450000000012",
            "properties": {"row": "7"},
        }
    ],
}
"""Every field that goods can be announced with or changed to."""


def rice(quantity: str = "10", **more) -> dict:
    return {"product": {"code": "RICE"}, "quantity": quantity, **more}


def oats(quantity: str = "5", **more) -> dict:
    return {"product": {"code": "OATS"}, "quantity": quantity, **more}


async def announced(shop: Shop, **changes) -> str:
    given = {"items": [rice()], **changes}
    answer = await shop.announce(**given)
    assert answer.faults == []
    return answer.only["inboundOrder"]["id"]


async def create(shop: Shop, *, by: str | None = None, **changes) -> Answer:
    given = shop.announcement(**{"items": [rice()], **changes})
    return await shop.say(CREATE, by=by, input=given)


async def read(shop: Shop, id: str) -> dict:
    return (await shop.say(READ, id=id)).only


async def update(shop: Shop, id: str, version: int, *, by: str | None = None, **changes) -> Answer:
    return await shop.say(UPDATE, by=by, input={"id": id, "version": version, **changes})


async def cancel(shop: Shop, id: str, *, by: str | None = None, **more) -> Answer:
    return await shop.say(CANCEL, by=by, input={"id": id, **more})


async def policy(shop: Shop, **policies) -> None:
    await Customer.filter(id=shop.world.live.id).update(**policies)


async def put(order_id: str, **columns) -> None:
    await InboundOrder.filter(id=order_id).update(**columns)


async def inbound_orders(shop: Shop) -> int:
    return await InboundOrder.filter(tenant_id=shop.world.tenant.id).count()
