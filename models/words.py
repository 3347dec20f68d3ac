"""The trade's words as enums. Tables, schema, command line and docs all say these."""

from enum import StrEnum


class ApiRole(StrEnum):
    """What an API client may ask for. The names are the ones administrators already know."""

    API_FULL_ACCESS = "API_FULL_ACCESS"
    ADD_CUSTOMER = "ADD_CUSTOMER"
    INTERNAL_FIELD_ACCESS = "INTERNAL_FIELD_ACCESS"
    TMS_CREATE_JOBS = "TMS_CREATE_JOBS"
    TMS_VIEW_JOBS = "TMS_VIEW_JOBS"
    WMS_CREATE_JOBS = "WMS_CREATE_JOBS"
    WMS_VIEW_JOBS = "WMS_VIEW_JOBS"
    WMS_VIEW_STOCK = "WMS_VIEW_STOCK"
    WMS_ADD_PRODUCT = "WMS_ADD_PRODUCT"
    WMS_EDIT_PRODUCT = "WMS_EDIT_PRODUCT"

    @property
    def implies(self) -> frozenset["ApiRole"]:
        """The roles that come with this one, itself among them."""
        return IMPLIED.get(self, frozenset()) | {self}


IMPLIED: dict[ApiRole, frozenset[ApiRole]] = {
    ApiRole.API_FULL_ACCESS: frozenset(ApiRole),
    ApiRole.WMS_CREATE_JOBS: frozenset({ApiRole.WMS_VIEW_JOBS, ApiRole.WMS_VIEW_STOCK}),
    ApiRole.TMS_CREATE_JOBS: frozenset({ApiRole.TMS_VIEW_JOBS}),
}


class StaffRole(StrEnum):
    """What a person of the operator may do."""

    ADMINISTRATOR = "ADMINISTRATOR"
    OPERATOR = "OPERATOR"


class IdentityKind(StrEnum):
    """What can name somebody before their tenant is known."""

    CLIENT = "CLIENT"
    TOKEN = "TOKEN"  # noqa: S105 - a kind of identity, not a secret
    STAFF = "STAFF"


class OutboundStatus(StrEnum):
    """Where an outbound order stands."""

    DRAFT = "DRAFT"
    AWAITING_STOCK = "AWAITING_STOCK"
    AWAITING_PICK_AND_PACK = "AWAITING_PICK_AND_PACK"
    PACKING_IN_PROGRESS = "PACKING_IN_PROGRESS"
    PACKED = "PACKED"
    DISPATCHED = "DISPATCHED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


class DeliveryMethod(StrEnum):
    """How goods reach the receiver."""

    SHIPPING = "SHIPPING"
    PICKUP = "PICKUP"


class Outcome(StrEnum):
    """What became of a billable call; only `COUNTED` enters the ledger."""

    COUNTED = "COUNTED"
    REFUSED = "REFUSED"
    REPLAYED = "REPLAYED"
    PREFLIGHT = "PREFLIGHT"
    SANDBOX = "SANDBOX"
    THROTTLED = "THROTTLED"
    SERVER_FAULT = "SERVER_FAULT"


class UsageDimension(StrEnum):
    """What calls can be grouped by in a usage report."""

    WEEK = "WEEK"
    DAY = "DAY"
    CLIENT = "CLIENT"
    CUSTOMER = "CUSTOMER"
    WAREHOUSE = "WAREHOUSE"
    OPERATION = "OPERATION"


class UserErrorCode(StrEnum):
    """What the caller can mend. Codes never change once released."""

    NOT_FOUND = "NOT_FOUND"
    REQUIRED = "REQUIRED"
    INVALID = "INVALID"
    TOO_LONG = "TOO_LONG"
    TOO_MANY = "TOO_MANY"
    UNKNOWN_PRODUCT = "UNKNOWN_PRODUCT"
    UNKNOWN_UNIT = "UNKNOWN_UNIT"
    WAREHOUSE_REQUIRED = "WAREHOUSE_REQUIRED"
    REFERENCE_DIFFERS = "REFERENCE_DIFFERS"
    REFERENCE_TAKEN = "REFERENCE_TAKEN"
    STALE_VERSION = "STALE_VERSION"
    WRONG_STATUS = "WRONG_STATUS"
    KEY_REUSED = "KEY_REUSED"
    IN_PROGRESS = "IN_PROGRESS"
    SECRET_ALREADY_SHOWN = "SECRET_ALREADY_SHOWN"  # noqa: S105 - a code, not a secret
