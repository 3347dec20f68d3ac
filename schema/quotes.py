"""What a consignment would cost, as customers' systems ask before they book."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

import strawberry

from models.words import QuoteBasis
from resolvers import quotes
from resolvers.commands import Effect
from resolvers.errors import UserErrors
from schema.access import CREATE_CONSIGNMENTS, INTERNAL
from schema.commands import UserError
from schema.common import Money
from schema.consignment_commands import ConsignmentItemInput
from schema.declaring import column, output
from schema.finished import Finished
from schema.inputs import Given, asked_of, command_input
from schema.questions import question, told

QuoteBasisEnum = strawberry.enum(QuoteBasis, description="What a rate is paid for.")


@command_input("A consignment that might be booked.")
class QuoteConsignmentInput:
    customer: strawberry.ID = strawberry.field(description="Whose goods they are.")
    items: list[ConsignmentItemInput] = strawberry.field(
        description="What is to be carried, as it would be booked: 1 to 1,000 lines."
    )
    warehouse: strawberry.ID | None = strawberry.field(
        default=None, description="The depot, if it matters; prices are the same in all."
    )


@output(CREATE_CONSIGNMENTS, description="What is paid for one measure of all items together.")
class QuoteLine:
    basis: QuoteBasis = strawberry.field(description="What is paid for.")
    quantity: Decimal = strawberry.field(description="How many of that.")
    amount: Money = strawberry.field(
        description="What they cost, to six places: only the total is rounded."
    )
    rate: Money = column("What one costs.", requires=(INTERNAL,))


@output(CREATE_CONSIGNMENTS, description="What a consignment would cost today.")
class Quote:
    total: Money = strawberry.field(
        description="The lines together, at least the minimum, rounded half up once; ex tax."
    )
    minimum_applied: bool = strawberry.field(
        description="Whether the lines come to less than the least that a consignment costs."
    )
    lines: list[QuoteLine] = strawberry.field(description="What it is made of.")


@output(CREATE_CONSIGNMENTS, description="What became of `quoteConsignment`.")
class QuoteConsignmentPayload:
    quote: Quote | None = strawberry.field(description="The quote; null with user errors.")
    user_errors: list[UserError] = strawberry.field(description="What to mend.")


@dataclass(frozen=True)
class Answer:
    """A quote, or why there is none."""

    quote: quotes.Quote | None = None
    user_errors: Sequence[object] = ()


@strawberry.type
class QuoteQuery:
    @question(
        CREATE_CONSIGNMENTS,
        answers=QuoteConsignmentPayload | None,
        description="What a consignment would cost, by the rates that are in force today. "
        "`NO_RATE_CARD` where none are; that counts nothing.",
    )
    async def quote_consignment(
        self, info: strawberry.Info, input: QuoteConsignmentInput
    ) -> Finished | None:
        # As it came: see `command_input`.
        asked = asked_of(cast("Given", input))
        try:
            quote = await quotes.quote(info.context.caller, asked.content)
        except UserErrors as fault:
            return Finished(told(info, Answer(user_errors=fault.errors)).json, refused=True)
        # What it concerns is the customer: there is no consignment yet.
        concerns = Effect(quote.customer_id, quote.customer_id, quote.warehouse_id)
        return Finished(told(info, Answer(quote)).json, concerns)
