"""What the running week has come to so far, for those who may see it with every answer."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from time import monotonic
from uuid import UUID

from models.money import charge, decimal_amount
from models.periods import Period
from resolvers.access import Caller
from resolvers.billing import Terms, terms_of
from resolvers.commands import now
from resolvers.usage import tenant_used

FRESH_SECONDS = 1.0
MOST_KNOWN = 10_000

_known: dict[tuple[UUID, date], tuple[float, Terms]] = {}


@dataclass(frozen=True)
class RunningBill:
    """The tenant's week up to an instant at most a second ago."""

    used: int
    included: int
    excess: int
    amount: Decimal
    as_of: datetime


async def running_bill(caller: Caller) -> RunningBill:
    """The tenant's calls and money of this week. Whether they may be seen is checked before."""
    used = await tenant_used(caller.tenant_id, caller.time_zone)
    terms = await _terms(caller.tenant_id, Period.at(now(), caller.time_zone).week)
    excess = terms.excess(used.calls)
    minor = charge(excess, terms.price_micros, caller.currency)
    return RunningBill(
        used.calls, terms.included, excess, decimal_amount(minor, caller.currency), used.as_of
    )


async def _terms(tenant_id: UUID, week: date) -> Terms:
    when, terms = _known.get((tenant_id, week), (0.0, None))
    if terms is None or monotonic() - when > FRESH_SECONDS:
        terms = await terms_of(tenant_id, week)
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[tenant_id, week] = (monotonic(), terms)
    return terms
