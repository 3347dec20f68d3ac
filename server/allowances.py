"""How often one may ask, as HTTP tells it.

`RateLimit` and `RateLimit-Policy` are those of draft-ietf-httpapi-ratelimit-headers: how much an
allowance holds (`q`) and in how many seconds it fills up (`w`); what is left (`r`) and in how many
seconds it is full again (`t`). Several workers share an allowance, so what is left is about right.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from math import ceil

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.allowances import Bucket
from resolvers.allowances import Allowance, Allowances
from resolvers.errors import Throttled
from schema.tolls import Spent
from server.settings import Settings

Header = tuple[bytes, bytes]


def allowances_of(settings: Settings) -> Allowances:
    """Those that are set."""
    set_to = settings.allowances

    def one(name: str, burst: int, rate: int) -> Allowance | None:
        return Allowance(name, Bucket(rate, burst), workers=settings.workers) if rate else None

    return Allowances(
        reads=one("reads", set_to.reads_burst, set_to.reads_per_second),
        order_writes=one("orderWrites", set_to.order_writes_burst, set_to.order_writes_per_second),
        door=one("address", set_to.address_burst, set_to.address_per_second),
    )


def told(spent: Spent) -> Sequence[Header]:
    """What an answer tells of the allowance that its operation was paid from."""
    allowance, share, price = spent
    policy, remaining = _forms(allowance)
    return policy, (b"ratelimit", remaining % (*allowance.told(share), price))


@lru_cache(maxsize=8)
def _forms(allowance: Allowance) -> tuple[Header, bytes]:
    """What never changes of it."""
    name, bucket = allowance.name, allowance.bucket
    policy = f'"{name}";q={bucket.burst};w={allowance.window}'
    remaining = f'"{name}";r=%d;t=%d;dockgate-price=%d'
    return (b"ratelimit-policy", policy.encode()), remaining.encode()


class AtTheDoor:
    """Around an endpoint that strangers come to: what is in vain is charged to their address."""

    def __init__(
        self, app: ASGIApp, allowances: Allowances, tell: Callable[[Throttled], Response]
    ) -> None:
        self.app = app
        self.allowances = allowances
        self.tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let them in before their secrets are looked at, or not."""
        client = scope.get("client")
        address = client[0] if client else None
        in_vain = False

        async def watch(message: Message) -> None:
            nonlocal in_vain
            if message["type"] == "http.response.start":
                in_vain = message["status"] == HTTPStatus.UNAUTHORIZED
            await send(message)

        try:
            await self.allowances.knock(address)
        except Throttled as refusal:
            await self.tell(refusal)(scope, receive, send)
            return
        try:
            await self.app(scope, receive, watch)
        finally:
            if not in_vain:
                self.allowances.welcome(address)


def seconds_until(instant: datetime) -> str:
    """Whole seconds, rounded up; at least one."""
    return str(max(1, ceil((instant - datetime.now(UTC)).total_seconds())))
