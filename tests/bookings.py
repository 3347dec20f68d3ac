"""Consignments as customers' systems book and change them, for tests."""

from models.consignments import Consignment
from tests.asking import Answer, Shop

READ = """
query Read($id: ID!) {
  consignment(id: $id) {
    type reference status version dropOff requiredOn instructions internalNotes
    authorityToLeave authorityToLeaveInstructions properties
    cashOnDelivery { amount currency } invoiceValue { amount currency } cost { amount currency }
    customer { code } warehouse { code }
    collectAddress {
      company contact line1 line2 suburb city state postcode country phone email
    }
    deliverAddress { company contact line1 city country }
    tracking { company url }
    items { description quantity pallets weightKg cubicM3 spaces deliveredQuantity }
    proofOfDelivery { recipient at }
    outboundOrder { reference }
    history { version status changed client staffUser }
    replaces { id }
    createdAt modifiedAt
  }
}
"""

UPDATE = """
mutation Update($input: UpdateConsignmentInput!) {
  updateConsignment(input: $input) {
    consignment { version status }
    userErrors { code path message legalMoves differences { path stored given } }
  }
}
"""

CANCEL = """
mutation Cancel($input: CancelConsignmentInput!) {
  cancelConsignment(input: $input) { consignment { status } userErrors { code path } }
}
"""

CREATE = """
mutation Create($input: CreateConsignmentInput!) {
  createConsignment(input: $input) {
    consignment { id version }
    replayed
    userErrors {
      code path message existing legalMoves differences { path stored given }
    }
  }
}
"""

FROM = {
    "company": "Zen Teas",
    "contact": "Lou",
    "line1": "4 Factory Lane",
    "line2": "Gate 2",
    "suburb": "Rosehill",
    "city": "Parramatta",
    "state": "NSW",
    "postcode": "2150",
    "country": "AU",
    "phone": "+61 2 5550 1234",
    "email": "lou@zen.test",
}
TO = {"company": None, "contact": "Kim", "line1": "1 Pitt St", "city": "Sydney", "country": "AU"}
EVERYTHING = {
    "collectAddress": FROM,
    "deliverAddress": TO,
    "requiredOn": "2026-12-03",
    "instructions": "Ring twice",
    "internalNotes": "Margin is thin",
    "cashOnDelivery": {"amount": "10"},
    "invoiceValue": {"amount": "120.5", "currency": "NZD"},
    "authorityToLeave": True,
    "authorityToLeaveInstructions": "Behind the gate",
    "properties": {"season": "2027"},
    "items": [
        {
            "description": "Tea",
            "quantity": "1.5",
            "pallets": "0",
            "weightKg": "0.000001",
            "cubicM3": "2",
            "spaces": "0.5",
        }
    ],
}
"""Every field that a consignment can be booked with or changed to."""

READ_AS = EVERYTHING | {
    "cashOnDelivery": {"amount": "10.00", "currency": "AUD"},
    "invoiceValue": {"amount": "120.50", "currency": "NZD"},
    "items": [{**EVERYTHING["items"][0], "deliveredQuantity": None}],
}

DEPOT = {
    "address_line1": "1 Dock Road",
    "address_city": "Botany",
    "address_country": "AU",
    "address_phone": "+61 2 5550 9999",
}
AT_THE_DEPOT = {"company": "Sydney", "line1": "1 Dock Road", "city": "Botany", "country": "AU"}


async def booked(shop: Shop, **changes) -> str:
    answer = await shop.book(**changes)
    assert answer.faults == []
    return answer.only["consignment"]["id"]


async def read(shop: Shop, id: str, by: str | None = None) -> dict:
    return (await shop.say(READ, by=by, id=id)).only


async def update(shop: Shop, id: str, version: int, by: str | None = None, **more) -> Answer:
    return await shop.say(UPDATE, by=by, input={"id": id, "version": version} | more)


async def create(shop: Shop, by: str | None = None, **changes) -> Answer:
    return await shop.say(CREATE, by=by, input=shop.consignment(**changes))


async def consignments() -> int:
    return await Consignment.all().count()


def some(address: dict) -> dict:
    """Of an address, what is said."""
    return {name: value for name, value in address.items() if value is not None}
