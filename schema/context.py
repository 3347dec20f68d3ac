"""What travels with one operation: who asks, and the tally of what is counted."""

from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from resolvers.access import Caller
from resolvers.allowances import UNLIMITED, Allowances
from resolvers.audit import Actor

if TYPE_CHECKING:
    from schema.metering import Tally
    from schema.operations import Operation
    from schema.tolls import Spent


@dataclass
class Context:
    """One operation's context; a new one for each, over HTTP or not."""

    caller: Caller
    request_id: str
    address: str | None = None
    started: float = field(default_factory=perf_counter)
    operation: "Operation | None" = None
    tally: "Tally | None" = None
    allowances: Allowances = UNLIMITED
    spent: "Spent | None" = None
    """What it took of its caller's allowance."""

    @property
    def actor(self) -> Actor:
        """Who asks, as the audit log tells it."""
        return Actor.of(self.caller, self.address, self.request_id)

    @property
    def elapsed_ms(self) -> int:
        """Milliseconds since the operation came in."""
        return round((perf_counter() - self.started) * 1_000)
