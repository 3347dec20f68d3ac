"""The call log, as administrators read it: every billable call with whatever became of it."""

from datetime import datetime
from enum import Enum

import strawberry

from models.clients import ApiClient as ApiClientRow
from models.clients import Credential as CredentialRow
from models.tenants import Customer as CustomerRow
from models.tenants import Warehouse as WarehouseRow
from models.usage import Call as CallRow
from models.words import Outcome
from schema.access import ADMIN, TENANT_USAGE
from schema.common import Direction
from schema.declaring import Of, column, output
from schema.filters import AND, NOT, OR, DateTimeFilter, IdFilter, TextFilter, combined, compared
from schema.lists import connection_of, listing, sort_of

# Leaf types: nothing leads on from them, so nothing that is billed comes free through them.


@output(TENANT_USAGE, description="The API client that made a call.", table=ApiClientRow)
class CallClient:
    id: strawberry.ID = column("The client id.")
    name: str = column("What people call it now.")


@output(ADMIN, description="The secret that a call was made with.", table=CredentialRow)
class CallCredential:
    id: strawberry.ID = column("By which the client names it.")
    created_at: datetime = column("When it was made.")
    legacy: bool = column("Whether it is a key of before there were clients.")


@output(TENANT_USAGE, description="The customer that a call concerned.", table=CustomerRow)
class CallCustomer:
    id: strawberry.ID = column("The customer UUID.")
    code: str = column("The operator's short name for it.")
    name: str = column("Its name.")


@output(TENANT_USAGE, description="The warehouse that a call concerned.", table=WarehouseRow)
class CallWarehouse:
    id: strawberry.ID = column("The warehouse UUID.")
    code: str = column("The operator's short name for it.")
    name: str = column("Its name.")


@output(
    ADMIN,
    description="One billable call with whatever became of it; kept 90 days. What it concerned is "
    "null where it concerned none or several.",
    table=CallRow,
)
class ApiCall:
    id: strawberry.ID = column("A bare lower-case UUID (v7).")
    at: datetime = column("When it was answered.")
    client: CallClient = column("Who called.")
    credential: CallCredential | None = column("With which secret; null if it is gone.")
    field: str = column("The root field.")
    operation: str | None = column("What the document calls itself.")
    outcome: Outcome = column("What became of it.")
    count: int = column("How many calls the ledger holds for it; 0 unless it was counted.")
    object: strawberry.ID | None = column(
        "The one job or other thing it concerned.", Of("object_id")
    )
    customer: CallCustomer | None = column("Whose goods it was about.")
    warehouse: CallWarehouse | None = column("Which depot it was about.")
    address: str | None = column("From where.")
    milliseconds: int = column("How long the operation took in which it was asked.")
    request_id: str = column("The request; its other calls have the same.")


ApiCallConnection = connection_of(ApiCall, ADMIN, "a call", "calls")


@strawberry.input(description="Compares an outcome.")
class CallOutcomeFilter:
    eq: Outcome | None = strawberry.field(default=None, description="Is this one.")
    in_: list[Outcome] | None = strawberry.field(
        name="in", default=None, description="Is one of these."
    )


@strawberry.input(description="Which calls.")
class ApiCallFilter:
    and_: list["ApiCallFilter"] | None = combined("and", AND)
    or_: list["ApiCallFilter"] | None = combined("or", OR)
    not_: "ApiCallFilter | None" = combined("not", NOT)
    client: IdFilter | None = compared("client_id", "By who called.")
    credential: IdFilter | None = compared("credential_id", "By the secret.")
    field: TextFilter | None = compared("field", "By root field.")
    operation: TextFilter | None = compared("operation", "By the document's name.")
    outcome: CallOutcomeFilter | None = compared("outcome", "By what became of them.")
    customer: IdFilter | None = compared("customer_id", "By whose goods they were about.")
    warehouse: IdFilter | None = compared("warehouse_id", "By depot.")
    object: IdFilter | None = compared("object_id", "By the job they concerned.")
    request_id: TextFilter | None = compared("request_id", "By request.")
    at: DateTimeFilter | None = compared("at", "By when they were answered.")


@strawberry.enum(description="What calls are ordered by.")
class ApiCallSortField(Enum):
    AT = "at"


ApiCallSort = sort_of("ApiCall", "calls", ApiCallSortField.AT, Direction.DESC)


@strawberry.type
class CallQuery:
    api_calls = listing(
        ADMIN,
        of=ApiCallConnection,
        filter=ApiCallFilter,
        sort=ApiCallSort,
        description="The calls of all API clients, the newest first. A call is there about a "
        "second after it was answered; calls that were throttled are counted, not listed.",
        billable=False,
    )
