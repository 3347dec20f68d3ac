"""Objects and inputs that many nouns share: money, addresses, `Node`."""

from decimal import Decimal
from enum import Enum

import strawberry

from models.words import Condition, Outcome, PolicyCode, StockDimension
from schema.access import ANYONE
from schema.declaring import output

OutcomeEnum = strawberry.enum(
    Outcome, name="CallOutcome", description="What became of a billable call."
)
ConditionEnum = strawberry.enum(
    Condition, description="What state goods are in. Only those that are OK can be ordered."
)
StockDimensionEnum = strawberry.enum(
    StockDimension, description="What stock on hand can be added up by."
)
PolicyCodeEnum = strawberry.enum(
    PolicyCode, description="What a customer's policy did to an input."
)


@strawberry.interface(description="Anything that `node` finds by its id.")
class Node:
    id: strawberry.ID = strawberry.field(description="A bare lower-case UUID (v7).")


@output(ANYONE, description="An amount of a currency.")
class Money:
    amount: Decimal = strawberry.field(description="With all places of its currency.")
    currency: str = strawberry.field(description="ISO 4217.")


@output(ANYONE, description="Where something goes to or comes from.")
class Address:
    company: str | None = strawberry.field(description="The company there.")
    contact: str | None = strawberry.field(description="The person there.")
    line1: str | None = strawberry.field(description="Street and number.")
    line2: str | None = strawberry.field(description="What does not fit into line 1.")
    suburb: str | None = strawberry.field(description="The suburb.")
    city: str | None = strawberry.field(description="The city.")
    state: str | None = strawberry.field(description="State, province or region.")
    postcode: str | None = strawberry.field(description="The postal code.")
    country: str | None = strawberry.field(description="ISO 3166-1 alpha-2, such as AU.")
    phone: str | None = strawberry.field(description="A phone number there.")
    email: str | None = strawberry.field(description="An e-mail address there.")


@strawberry.input(description="An amount of a currency.")
class MoneyInput:
    amount: Decimal = strawberry.field(
        description="Not negative; no more places than the currency."
    )
    currency: str | None = strawberry.field(
        default=None, description="ISO 4217; the tenant's unless it is said."
    )


@strawberry.input(
    description="Where something goes to. Names a company or a contact; to ship there it has "
    "line 1, city and country."
)
class AddressInput:
    company: str | None = strawberry.field(default=None, description="Up to 200 characters.")
    contact: str | None = strawberry.field(default=None, description="Up to 200 characters.")
    line1: str | None = strawberry.field(default=None, description="Up to 200 characters.")
    line2: str | None = strawberry.field(default=None, description="Up to 200 characters.")
    suburb: str | None = strawberry.field(default=None, description="Up to 100 characters.")
    city: str | None = strawberry.field(default=None, description="Up to 100 characters.")
    state: str | None = strawberry.field(default=None, description="Up to 100 characters.")
    postcode: str | None = strawberry.field(default=None, description="Up to 20 characters.")
    country: str | None = strawberry.field(
        default=None, description="ISO 3166-1 alpha-2, such as AU."
    )
    phone: str | None = strawberry.field(default=None, description="Up to 40 characters.")
    email: str | None = strawberry.field(default=None, description="Up to 254 characters.")


@strawberry.enum(description="Which end of a list comes first.")
class Direction(Enum):
    ASC = "ASC"
    DESC = "DESC"
