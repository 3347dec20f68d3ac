"""What an operation takes of its caller's allowances, before anything of it runs.

Work on jobs and products has an allowance of its own, so that no polling starves it. Which
operations these are is told by what their payloads answer: rows that belong to a customer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLObjectType, get_named_type

from models.words import Outcome
from resolvers.allowances import Allowance, Share
from resolvers.call_log import call_log
from resolvers.errors import Throttled
from schema.context import Context
from schema.measuring import Cost, evaluated, page_size

ENTRIES_OF_ONE = 20
"""So many entries of a batch are as dear as one root field: a batch spares us most of the work."""


Spent = tuple[Allowance, Share, int]
"""Of what an operation took how much."""


@dataclass(frozen=True)
class Toll:
    """What one operation takes: 1 for each root field, and 1 for each twenty entries of batches."""

    writes_orders: bool
    fields: int
    entries: Cost | int

    def price(self, variables: Mapping[str, Any] | None) -> int:
        """The whole of it, with this request's variables."""
        if self.entries == 0:
            return self.fields
        return self.fields + -(-evaluated(self.entries, variables or {}) // ENTRIES_OF_ONE)


def toll_of(roots: Sequence[FieldNode], root: GraphQLObjectType) -> Toll:
    """The toll of an operation with these root fields; what is asked twice under one key is one."""
    keyed = {(one.alias or one.name).value: one for one in roots if one.name.value in root.fields}
    payloads = [get_named_type(root.fields[one.name.value].type) for one in keyed.values()]
    is_mutation = any("userErrors" in getattr(payload, "fields", {}) for payload in payloads)
    batches = [
        page_size(one)
        for one, payload in zip(keyed.values(), payloads, strict=True)
        if is_mutation and "entries" in payload.fields
    ]
    entries = Cost(0, tuple((size, 1) for size in batches)) if batches else 0
    writes = is_mutation and any(_works_for_a_customer(payload) for payload in payloads)
    return Toll(writes, max(1, len(keyed)), entries)


def _works_for_a_customer(payload: Any) -> bool:
    """Whether a payload answers rows that belong to a customer, or a batch of them."""
    fields = dict(payload.fields)
    if (entries := fields.pop("entries", None)) is not None:
        fields |= get_named_type(entries.type).fields
    return any(_belongs_to_a_customer(get_named_type(one.type)) for one in fields.values())


def _belongs_to_a_customer(answer: Any) -> bool:
    declared = answer.extensions.get("strawberry-definition")
    table = getattr(getattr(declared, "origin", None), "row_table", None)
    return getattr(table, "customer_column", None) == "customer_id"


async def admit(
    context: Context, toll: Toll, variables: Mapping[str, Any] | None
) -> list[GraphQLError]:
    """Take what an operation costs of its caller's allowance; without errors it may run."""
    allowances = context.allowances
    allowance = allowances.order_writes if toll.writes_orders else allowances.reads
    if allowance is None:
        return []
    price, whose = toll.price(variables), context.caller.id
    refused: list[GraphQLError] = []
    if (share := allowance.take(whose, price)) is None:
        try:
            share = await allowance.admit(whose, price)
        except Throttled as fault:
            share = allowance.share_of(whose)
            refused = [GraphQLError(str(fault), original_error=fault)]
            _note_throttled(context, allowance)
    context.spent = (allowance, share, price)
    return refused


async def admit_new(context: Context) -> list[GraphQLError]:
    """Refuse to read a new document for a caller who has yet to make up for invalid ones."""
    reads, whose = context.allowances.reads, context.caller.id
    if reads is None or not reads.overdrawn(whose):
        return []
    try:
        await reads.admit(whose, 1)
    except Throttled as fault:
        context.spent = (reads, reads.share_of(whose), 1)
        return [GraphQLError(str(fault), original_error=fault)]
    reads.give_back(whose, 1)
    return []


def charge_invalid(context: Context) -> None:
    """Take 1 for a document that was read for nothing, even where nothing is left."""
    if (reads := context.allowances.reads) is not None:
        reads.charge(context.caller.id, 1)
        context.spent = (reads, reads.share_of(context.caller.id), 1)


def _note_throttled(context: Context, allowance: Allowance) -> None:
    caller, tally = context.caller, context.tally
    if context.operation is None or tally is None or caller.client_id is None:
        return
    tally.refuse(context.operation.roots, caller, Outcome.THROTTLED)
    call_log.note_throttled(caller.tenant_id, caller.client_id, allowance.name, 1)
