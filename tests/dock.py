"""The dock of a warehouse for tests: somebody there, and what they are told."""

from models.words import InboundStatus
from tests.asking import Answer, Shop

VERBS = {
    "receive": InboundStatus.RECEIVED,
    "verify": InboundStatus.VERIFIED,
    "putAway": InboundStatus.ALLOCATED,
}
"""The commands, and where each leads."""

TELL = """
inboundOrder {
  id status version receivedAt verifiedAt allocatedAt
  items {
    id quantity receivedQuantity batch expiryDate sscc
    counts { condition quantity batch expiryDate }
  }
  rests { id }
}
outcomes { code }
replayed
userErrors { code path message legalMoves }
"""

READ = """
query Read($id: ID!) {
  inboundOrder(id: $id) {
    reference status version urgent arrivesOn properties instructions
    items { id product { code } unit quantity receivedQuantity condition batch expiryDate }
    history { version status changed client staffUser }
    restOf { id } rests { id }
  }
}
"""


def count(quantity: str, condition: str = "OK", **more) -> dict:
    return {"condition": condition, "quantity": quantity, **more}


class Dock:
    """Somebody at the dock, with a token of their own."""

    def __init__(self, shop: Shop, token: str) -> None:
        self.shop, self.token = shop, token
        self.lines: list[str] = []

    async def announced(self, *items: dict, **changes) -> str:
        """Announce goods as the customer does; `lines` are the ids of their lines."""
        answer = await self.shop.announce(items=list(items), **changes)
        assert answer.faults == []
        order = answer.only["inboundOrder"]
        self.lines = [line["id"] for line in order["items"]]
        return order["id"]

    async def do(
        self, verb: str, id: str, version: int, *, by: str | None = None, **more
    ) -> Answer:
        """One of the commands."""
        kind = f"{verb[0].upper()}{verb[1:]}InboundOrderInput"
        document = f"mutation ($i: {kind}!) {{ {verb}InboundOrder(input: $i) {{ {TELL} }} }}"
        given = {"id": id, "version": version, **more}
        return await self.shop.say(document, by=by or self.token, i=given)

    async def done(self, verb: str, id: str, version: int, **more) -> dict:
        """One of the commands, which works."""
        answer = await self.do(verb, id, version, **more)
        assert answer.faults == []
        assert answer.calls == []
        return answer.only["inboundOrder"]

    async def read(self, id: str) -> dict:
        return (await self.shop.say(READ, by=self.token, id=id)).only

    async def through(self, id: str) -> dict:
        """All the way into stock, as announced."""
        for version, verb in enumerate(VERBS, start=1):
            order = await self.done(verb, id, version)
        return order


async def received(dock: Dock, *items: dict, **changes) -> str:
    order_id = await dock.announced(*items, **changes)
    await dock.done("receive", order_id, 1)
    return order_id
