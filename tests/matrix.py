"""Who may ask what: the expected matrix, written down by hand from the rules of the trade.

Nothing here is read from the directives: it is what they are held to.
"""

from dataclasses import dataclass

ROLES = [
    "API_FULL_ACCESS",
    "ADD_CUSTOMER",
    "INTERNAL_FIELD_ACCESS",
    "TMS_CREATE_JOBS",
    "TMS_VIEW_JOBS",
    "WMS_CREATE_JOBS",
    "WMS_VIEW_JOBS",
    "WMS_VIEW_STOCK",
    "WMS_ADD_PRODUCT",
    "WMS_EDIT_PRODUCT",
]
STAFF = ["ADMINISTRATOR", "OPERATOR"]

IMPLIED = {
    "API_FULL_ACCESS": ROLES,
    "WMS_CREATE_JOBS": ["WMS_VIEW_JOBS", "WMS_VIEW_STOCK"],
    "TMS_CREATE_JOBS": ["TMS_VIEW_JOBS"],
}

WMS = [role for role in ROLES if role.startswith("WMS_")]
JOBS = ["ADD_CUSTOMER", *(role for role in ROLES if role.startswith(("TMS_", "WMS_")))]


@dataclass(frozen=True)
class Row:
    """One line: what opens a root field, whether it counts, and how it can be asked."""

    roles: list[str]
    """API roles of which one suffices."""
    staff: list[str]
    billable: bool
    reach: str
    """What bounds its answer: customers, warehouses, both, the tenant, or the caller itself."""
    ask: str
    """The field with arguments and a selection that needs nothing else."""
    any_caller: bool = False
    sees_tenant_usage: bool = False
    also: tuple[str, ...] = ()
    """API roles of which one is needed besides."""

    def opens_to_client(self, role: str | None, *, flagged: bool = False) -> bool:
        """Whether a client with this role alone may ask."""
        held = {role, *IMPLIED.get(role or "", [])}
        return (
            self.any_caller
            or all(not held.isdisjoint(one) for one in self.rights)
            or (flagged and self.sees_tenant_usage)
        )

    @property
    def rights(self) -> list[list[str]]:
        """API roles of which one suffices, for each right that is needed."""
        return [one for one in (self.roles, list(self.also)) if one] or [[]]

    def opens_to_staff(self, role: str) -> bool:
        """Whether a person with this role may ask."""
        return self.any_caller or role in self.staff


ID = "019ab3ce-0000-7000-8000-000000000000"
TO = '{company: "Cafe", line1: "1 Pitt St", city: "Sydney", country: "AU"}'
ITEMS = '[{product: {code: "x"}, quantity: "1"}]'
NEW_ORDER = f'{{customer: "{ID}", reference: "x", deliver: {{address: {TO}}}, items: {ITEMS}}}'
NEW_INBOUND = f'{{customer: "{ID}", reference: "x", items: {ITEMS}}}'
PARCELS = '[{description: "Tea", quantity: "1"}]'
NEW_CONSIGNMENT = f'{{type: DELIVERY, customer: "{ID}", reference: "x", items: {PARCELS}}}'
NEW_PRODUCT = f'{{customer: "{ID}", code: "x", name: "x", defaultUnit: "EA"}}'
ADJUSTMENT = f'{{customer: "{ID}", product: {{code: "x"}}, change: "1", reason: "x"}}'

BOTH = STAFF
ADMINISTRATOR = ["ADMINISTRATOR"]

QUERIES = {
    "viewer": Row([], [], False, "itself", "viewer { roles }", any_caller=True),
    "access": Row([], [], False, "itself", "access { field }", any_caller=True),
    "apiRoles": Row([], [], False, "itself", "apiRoles { role }", any_caller=True),
    "clientAccess": Row(
        [], ADMINISTRATOR, False, "tenant", f'clientAccess(client: "{ID}") {{ letIn }}'
    ),
    "usage": Row([], [], False, "itself", "usage { calls }", any_caller=True),
    "tenantUsage": Row(
        [], ADMINISTRATOR, False, "tenant", "tenantUsage { calls }", sees_tenant_usage=True
    ),
    "statement": Row(
        [], ADMINISTRATOR, False, "tenant", "statement { used }", sees_tenant_usage=True
    ),
    "statements": Row(
        [], ADMINISTRATOR, False, "tenant", "statements { totalCount }", sees_tenant_usage=True
    ),
    "statementCalls": Row(
        [],
        ADMINISTRATOR,
        False,
        "tenant",
        f'statementCalls(week: "2026-11-23", client: "{ID}") {{ totalCount }}',
        sees_tenant_usage=True,
    ),
    "apiCalls": Row([], ADMINISTRATOR, False, "tenant", "apiCalls { totalCount }"),
    "customers": Row(JOBS, BOTH, True, "customers", "customers { totalCount }"),
    "warehouses": Row(JOBS, BOTH, True, "warehouses", "warehouses { totalCount }"),
    "customer": Row(JOBS, BOTH, True, "customers", f'customer(id: "{ID}") {{ code }}'),
    "warehouse": Row(JOBS, BOTH, True, "warehouses", f'warehouse(id: "{ID}") {{ code }}'),
    "staffUser": Row([], ADMINISTRATOR, False, "tenant", f'staffUser(id: "{ID}") {{ name }}'),
    "staffUsers": Row([], ADMINISTRATOR, False, "tenant", "staffUsers { totalCount }"),
    "auditLog": Row([], ADMINISTRATOR, False, "tenant", "auditLog { totalCount }"),
    "product": Row(WMS, BOTH, True, "customers", f'product(id: "{ID}") {{ code }}'),
    "products": Row(WMS, BOTH, True, "customers", "products { totalCount }"),
    "inboundOrder": Row(
        ["WMS_VIEW_JOBS"], BOTH, True, "both", f'inboundOrder(id: "{ID}") {{ reference }}'
    ),
    "inboundOrders": Row(["WMS_VIEW_JOBS"], BOTH, True, "both", "inboundOrders { totalCount }"),
    "outboundOrder": Row(
        ["WMS_VIEW_JOBS"], BOTH, True, "both", f'outboundOrder(id: "{ID}") {{ reference }}'
    ),
    "outboundOrders": Row(["WMS_VIEW_JOBS"], BOTH, True, "both", "outboundOrders { totalCount }"),
    "consignment": Row(
        ["TMS_VIEW_JOBS"], BOTH, True, "both", f'consignment(id: "{ID}") {{ reference }}'
    ),
    "consignments": Row(["TMS_VIEW_JOBS"], BOTH, True, "both", "consignments { totalCount }"),
    "quoteConsignment": Row(
        ["TMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f'quoteConsignment(input: {{customer: "{ID}", items: {PARCELS}}}) {{ __typename }}',
    ),
    "stockOnHand": Row(["WMS_VIEW_STOCK"], BOTH, True, "both", "stockOnHand { totalCount }"),
    "reportRun": Row(
        ["WMS_VIEW_STOCK"], BOTH, False, "its own runs", f'reportRun(id: "{ID}") {{ status }}'
    ),
    "reportRuns": Row(["WMS_VIEW_STOCK"], BOTH, False, "its own runs", "reportRuns { totalCount }"),
    "apiClient": Row([], ADMINISTRATOR, False, "tenant", f'apiClient(id: "{ID}") {{ name }}'),
    "apiClients": Row([], ADMINISTRATOR, False, "tenant", "apiClients { totalCount }"),
    # Each fragment needs its type's role: see NODES.
    "node": Row([], [], True, "as the type", f'node(id: "{ID}") {{ id }}', any_caller=True),
}

MUTATIONS = {
    "adjustStock": Row(
        [],
        BOTH,
        False,
        "tenant",
        f"adjustStock(input: {ADJUSTMENT}) {{ replayed }}",
    ),
    "createInboundOrder": Row(
        ["WMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f"createInboundOrder(input: {NEW_INBOUND}) {{ replayed }}",
    ),
    "createInboundOrders": Row(
        ["WMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f"createInboundOrders(input: {{orders: [{NEW_INBOUND}]}}) {{ replayed }}",
    ),
    "updateInboundOrder": Row(
        ["WMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f'updateInboundOrder(input: {{id: "{ID}", version: 1}}) {{ replayed }}',
    ),
    "cancelInboundOrder": Row(
        ["WMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f'cancelInboundOrder(input: {{id: "{ID}"}}) {{ replayed }}',
    ),
    **{
        name: Row(
            [], BOTH, False, "tenant", f'{name}(input: {{id: "{ID}", version: 1}}) {{ replayed }}'
        )
        for name in (
            "receiveInboundOrder",
            "verifyInboundOrder",
            "putAwayInboundOrder",
            "reprocessInboundOrder",
        )
    },
    "createOutboundOrder": Row(
        ["WMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f"createOutboundOrder(input: {NEW_ORDER}) {{ replayed }}",
    ),
    "updateOutboundOrder": Row(
        ["WMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f'updateOutboundOrder(input: {{id: "{ID}", version: 1}}) {{ replayed }}',
    ),
    "cancelOutboundOrder": Row(
        ["WMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f'cancelOutboundOrder(input: {{id: "{ID}"}}) {{ replayed }}',
    ),
    "createOutboundOrders": Row(
        ["WMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f"createOutboundOrders(input: {{orders: [{NEW_ORDER}]}}) {{ replayed }}",
    ),
    **{
        name: Row(
            [], BOTH, False, "tenant", f'{name}(input: {{id: "{ID}", version: 1}}) {{ replayed }}'
        )
        for name in (
            "startPackingOutboundOrder",
            "packOutboundOrder",
            "dispatchOutboundOrder",
            "revertOutboundOrder",
            "reprocessOutboundOrder",
        )
    },
    "simulateProgress": Row(
        ["WMS_CREATE_JOBS", "TMS_CREATE_JOBS"],
        BOTH,
        False,
        "customers",
        f'simulateProgress(input: {{id: "{ID}"}}) {{ replayed }}',
    ),
    "createConsignment": Row(
        ["TMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f"createConsignment(input: {NEW_CONSIGNMENT}) {{ replayed }}",
    ),
    "createConsignments": Row(
        ["TMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f"createConsignments(input: {{consignments: [{NEW_CONSIGNMENT}]}}) {{ replayed }}",
    ),
    "updateConsignment": Row(
        ["TMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f'updateConsignment(input: {{id: "{ID}", version: 1}}) {{ replayed }}',
    ),
    "cancelConsignment": Row(
        ["TMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f'cancelConsignment(input: {{id: "{ID}"}}) {{ replayed }}',
    ),
    "moveConsignment": Row(
        [],
        BOTH,
        False,
        "tenant",
        f'moveConsignment(input: {{id: "{ID}", version: 1, to: DELIVERED}}) {{ replayed }}',
    ),
    "recordProofOfDelivery": Row(
        [],
        BOTH,
        False,
        "tenant",
        f'recordProofOfDelivery(input: {{id: "{ID}", version: 1, recipient: "Kim",'
        ' at: "2026-11-23T09:30:00Z"}) { replayed }',
    ),
    "createReportRun": Row(
        ["WMS_VIEW_STOCK"],
        BOTH,
        True,
        "both",
        "createReportRun(input: {kind: STOCK_ON_HAND}) { replayed }",
    ),
    "createProduct": Row(
        ["WMS_ADD_PRODUCT"],
        BOTH,
        True,
        "customers",
        f"createProduct(input: {NEW_PRODUCT}) {{ replayed }}",
    ),
    "updateProduct": Row(
        ["WMS_EDIT_PRODUCT"],
        BOTH,
        True,
        "customers",
        f'updateProduct(input: {{id: "{ID}", version: 1}}) {{ replayed }}',
    ),
    "upsertProducts": Row(
        ["WMS_ADD_PRODUCT"],
        BOTH,
        True,
        "customers",
        f"upsertProducts(input: {{products: [{NEW_PRODUCT}]}}) {{ replayed }}",
        also=("WMS_EDIT_PRODUCT",),
    ),
}

PERSON = 'email: "x@y.test", name: "x", role: OPERATOR'
NOWHERE = f'{{id: "{ID}"}}'
ADMINISTRATION = {
    "updateCustomer": f'{{id: "{ID}", version: 1}}',
    "deactivateCustomer": NOWHERE,
    "activateCustomer": NOWHERE,
    # With a code of blanks nothing is stored, however often it is asked.
    "createWarehouse": '{code: " ", name: "x"}',
    "updateWarehouse": f'{{id: "{ID}", version: 1}}',
    "deactivateWarehouse": NOWHERE,
    "activateWarehouse": NOWHERE,
    "createSandboxCustomer": f'{{of: "{ID}"}}',
    "goLive": f'{{client: "{ID}"}}',
    "createStaffUser": f"{{{PERSON}, validateOnly: true}}",
    "updateStaffUser": f'{{id: "{ID}", version: 1}}',
    "deactivateStaffUser": NOWHERE,
    "activateStaffUser": NOWHERE,
}
"""Mutations for administrators alone, and what they can be asked with."""

MUTATIONS |= {
    name: Row([], ADMINISTRATOR, False, "tenant", f"{name}(input: {given}) {{ replayed }}")
    for name, given in ADMINISTRATION.items()
}
MUTATIONS["createCustomer"] = Row(
    ["ADD_CUSTOMER"],
    ADMINISTRATOR,
    True,
    "tenant",
    'createCustomer(input: {code: " ", name: "x"}) { replayed }',
)

MUTATIONS |= {
    "createApiClient": Row(
        [], ADMINISTRATOR, False, "tenant", 'createApiClient(input: {name: "x"}) { replayed }'
    ),
    "updateApiClient": Row(
        [],
        ADMINISTRATOR,
        False,
        "tenant",
        f'updateApiClient(input: {{id: "{ID}", version: 1}}) {{ replayed }}',
    ),
    **{
        name: Row(
            [], ADMINISTRATOR, False, "tenant", f'{name}(input: {{id: "{ID}"}}) {{ replayed }}'
        )
        for name in (
            "activateApiClient",
            "deactivateApiClient",
            "generateCredentials",
            "regenerateCredentials",
            "cancelRegeneration",
            "revokeCredentials",
        )
    },
}

NODES = {
    "Customer": Row(JOBS, BOTH, True, "customers", "code"),
    "Warehouse": Row(JOBS, BOTH, True, "warehouses", "code"),
    "Product": Row(WMS, BOTH, True, "customers", "code"),
    "InboundOrder": Row(["WMS_VIEW_JOBS"], BOTH, True, "both", "reference"),
    "OutboundOrder": Row(["WMS_VIEW_JOBS"], BOTH, True, "both", "reference"),
    "Consignment": Row(["TMS_VIEW_JOBS"], BOTH, True, "both", "reference"),
}
"""What `node` finds, by the type of the fragment."""

INTERNAL = {"INTERNAL_FIELD_ACCESS"}
"""What opens internal fields, besides what opens their parents."""

INTERNAL_FIELDS = [
    "InboundOrder.internalNotes",
    "InboundOrderEntryInput.internalNotes",
    "CreateInboundOrderInput.internalNotes",
    "UpdateInboundOrderInput.internalNotes",
    "OutboundOrder.internalNotes",
    "OutboundOrderEntryInput.internalNotes",
    "CreateOutboundOrderInput.internalNotes",
    "UpdateOutboundOrderInput.internalNotes",
    "Consignment.cost",
    "Consignment.internalNotes",
    "ConsignmentEntryInput.internalNotes",
    "CreateConsignmentInput.internalNotes",
    "UpdateConsignmentInput.cost",
    "UpdateConsignmentInput.internalNotes",
    "QuoteLine.rate",
]

OTHERS_GUARDED = [
    # Naming an order is a way of asking for it, and where it stands shows in the consignment.
    "ConsignmentEntryInput.outboundOrder",
    "CreateConsignmentInput.outboundOrder",
    # How to follow a consignment is the carrier's to say, whom the operator's people chose.
    "UpdateConsignmentInput.tracking",
]
"""Input fields that need another right besides their parents'."""
