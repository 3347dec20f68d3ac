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

    def opens_to_client(self, role: str | None, *, flagged: bool = False) -> bool:
        """Whether a client with this role alone may ask."""
        held = {role, *IMPLIED.get(role or "", [])}
        return (
            self.any_caller
            or not held.isdisjoint(self.roles)
            or (flagged and self.sees_tenant_usage)
        )

    def opens_to_staff(self, role: str) -> bool:
        """Whether a person with this role may ask."""
        return self.any_caller or role in self.staff


ID = "019ab3ce-0000-7000-8000-000000000000"
TO = '{company: "Cafe", line1: "1 Pitt St", city: "Sydney", country: "AU"}'
ITEMS = '[{product: {code: "x"}, quantity: "1"}]'
NEW_ORDER = f'{{customer: "{ID}", reference: "x", deliver: {{address: {TO}}}, items: {ITEMS}}}'
NEW_INBOUND = f'{{customer: "{ID}", reference: "x", items: {ITEMS}}}'
NEW_PRODUCT = f'{{customer: "{ID}", code: "x", name: "x", defaultUnit: "EA"}}'

BOTH = STAFF
ADMINISTRATOR = ["ADMINISTRATOR"]

QUERIES = {
    "viewer": Row([], [], False, "itself", "viewer { roles }", any_caller=True),
    "usage": Row([], [], False, "itself", "usage { calls }", any_caller=True),
    "tenantUsage": Row(
        [], ADMINISTRATOR, False, "tenant", "tenantUsage { calls }", sees_tenant_usage=True
    ),
    "statement": Row(
        [], ADMINISTRATOR, False, "tenant", "statement { used }", sees_tenant_usage=True
    ),
    "customers": Row(JOBS, BOTH, True, "customers", "customers { totalCount }"),
    "warehouses": Row(JOBS, BOTH, True, "warehouses", "warehouses { totalCount }"),
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
    # Each fragment needs its type's role: see NODES.
    "node": Row([], [], True, "as the type", f'node(id: "{ID}") {{ id }}', any_caller=True),
}

MUTATIONS = {
    "createInboundOrder": Row(
        ["WMS_CREATE_JOBS"],
        BOTH,
        True,
        "both",
        f"createInboundOrder(input: {NEW_INBOUND}) {{ replayed }}",
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
}

NODES = {
    "Customer": Row(JOBS, BOTH, True, "customers", "code"),
    "Warehouse": Row(JOBS, BOTH, True, "warehouses", "code"),
    "Product": Row(WMS, BOTH, True, "customers", "code"),
    "InboundOrder": Row(["WMS_VIEW_JOBS"], BOTH, True, "both", "reference"),
    "OutboundOrder": Row(["WMS_VIEW_JOBS"], BOTH, True, "both", "reference"),
}
"""What `node` finds, by the type of the fragment."""

INTERNAL = {"INTERNAL_FIELD_ACCESS"}
"""What opens internal fields, besides what opens their parents."""

INTERNAL_FIELDS = [
    "InboundOrder.internalNotes",
    "CreateInboundOrderInput.internalNotes",
    "UpdateInboundOrderInput.internalNotes",
    "OutboundOrder.internalNotes",
    "CreateOutboundOrderInput.internalNotes",
    "UpdateOutboundOrderInput.internalNotes",
]
