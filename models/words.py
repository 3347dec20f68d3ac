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
    SESSION = "SESSION"
    LEGACY_NAME = "LEGACY_NAME"
    """By what a legacy client names itself in HTTP Basic; leads to the client."""
    LEGACY_KEY = "LEGACY_KEY"
    """The SHA-256 of a legacy key; leads to the credential."""


class ClientWarning(StrEnum):
    """What is amiss with an API client."""

    FULL_ACCESS_FOR_CUSTOMER = "FULL_ACCESS_FOR_CUSTOMER"
    NEVER_USED = "NEVER_USED"
    OLD_SECRET_IN_USE = "OLD_SECRET_IN_USE"  # noqa: S105 - a warning, not a secret
    SECRET_RETIRES_SOON = "SECRET_RETIRES_SOON"  # noqa: S105
    EXPIRES_SOON = "EXPIRES_SOON"
    EXPIRED = "EXPIRED"
    NO_CREDENTIALS = "NO_CREDENTIALS"
    REACHES_NOTHING = "REACHES_NOTHING"


class ActorKind(StrEnum):
    """Who can change who may do what."""

    STAFF = "STAFF"
    CLIENT = "CLIENT"
    HOST = "HOST"
    """On the command line."""
    SERVICE = "SERVICE"
    """By the clock."""


class AuditSubject(StrEnum):
    """What the audit log is about."""

    API_CLIENT = "API_CLIENT"
    CUSTOMER = "CUSTOMER"
    WAREHOUSE = "WAREHOUSE"
    STAFF_USER = "STAFF_USER"
    STATEMENT = "STATEMENT"
    PLAN = "PLAN"


class AuditAction(StrEnum):
    """What was done to it."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    ACTIVATED = "ACTIVATED"
    DEACTIVATED = "DEACTIVATED"
    CREDENTIALS_GENERATED = "CREDENTIALS_GENERATED"
    CREDENTIALS_REGENERATED = "CREDENTIALS_REGENERATED"
    REGENERATION_CANCELLED = "REGENERATION_CANCELLED"
    CREDENTIALS_REVOKED = "CREDENTIALS_REVOKED"
    KEY_IMPORTED = "KEY_IMPORTED"
    SANDBOX_CREATED = "SANDBOX_CREATED"
    WENT_LIVE = "WENT_LIVE"
    SIGNED_IN = "SIGNED_IN"
    SIGNED_OUT = "SIGNED_OUT"
    PASSWORD_SET = "PASSWORD_SET"  # noqa: S105 - an action, not a password
    TOKEN_ISSUED = "TOKEN_ISSUED"  # noqa: S105
    SESSIONS_REVOKED = "SESSIONS_REVOKED"
    CLOSED = "CLOSED"
    PLANNED = "PLANNED"


class AccessReasonCode(StrEnum):
    """What keeps somebody from a root field."""

    MISSING_ROLE = "MISSING_ROLE"
    STAFF_ONLY = "STAFF_ONLY"
    NOT_FLAGGED = "NOT_FLAGGED"
    NO_CUSTOMERS = "NO_CUSTOMERS"
    NO_WAREHOUSES = "NO_WAREHOUSES"
    SANDBOX_ONLY = "SANDBOX_ONLY"
    INACTIVE = "INACTIVE"
    EXPIRED = "EXPIRED"
    NO_CREDENTIALS = "NO_CREDENTIALS"


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


class InboundStatus(StrEnum):
    """Where an inbound order stands."""

    DRAFT = "DRAFT"
    NOT_YET_RECEIVED = "NOT_YET_RECEIVED"
    RECEIVED = "RECEIVED"
    VERIFIED = "VERIFIED"
    ALLOCATED = "ALLOCATED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


class ConsignmentStatus(StrEnum):
    """Where a consignment stands."""

    DRAFT = "DRAFT"
    AWAITING_PICKUP = "AWAITING_PICKUP"
    AWAITING_POINT_TO_POINT_PICKUP = "AWAITING_POINT_TO_POINT_PICKUP"
    AWAITING_SALE_ORDER_PACKING = "AWAITING_SALE_ORDER_PACKING"
    AWAITING_DROPOFF = "AWAITING_DROPOFF"
    IN_TRANSIT_PICKUP_WAREHOUSE = "IN_TRANSIT_PICKUP_WAREHOUSE"
    IN_WAREHOUSE = "IN_WAREHOUSE"
    WITH_ON_FORWARDER = "WITH_ON_FORWARDER"
    IN_TRANSIT_WAREHOUSE_DELIVERY = "IN_TRANSIT_WAREHOUSE_DELIVERY"
    IN_TRANSIT_PICK_DELIVERY = "IN_TRANSIT_PICK_DELIVERY"
    COLLECTED = "COLLECTED"
    DELIVERED = "DELIVERED"
    POINT_TO_POINT_DELIVERED = "POINT_TO_POINT_DELIVERED"
    CANCELLED = "CANCELLED"


class ConsignmentType(StrEnum):
    """What a carrier is to do."""

    DELIVERY = "DELIVERY"
    PICKUP = "PICKUP"
    PICKUP_DELIVERY = "PICKUP_DELIVERY"
    POINT_TO_POINT = "POINT_TO_POINT"
    RETURNED = "RETURNED"


class QuoteBasis(StrEnum):
    """What a rate is paid for."""

    CONSIGNMENT = "CONSIGNMENT"
    PALLET = "PALLET"
    KILOGRAM = "KILOGRAM"
    CUBIC_METRE = "CUBIC_METRE"


class Condition(StrEnum):
    """What state goods are in. Only those that are `OK` can be ordered."""

    OK = "OK"
    RECEIVED_DAMAGED = "RECEIVED_DAMAGED"
    MISSING = "MISSING"
    QUARANTINE = "QUARANTINE"
    DAMAGED_BY_CARRIER = "DAMAGED_BY_CARRIER"
    DAMAGED = "DAMAGED"
    LOST = "LOST"


class Selection(StrEnum):
    """Which stock of a product goes out first."""

    FIFO = "FIFO"
    FEFO = "FEFO"


class MovementKind(StrEnum):
    """Why a level of stock changed."""

    OPENING = "OPENING"
    EXPECTED = "EXPECTED"
    PUT_AWAY = "PUT_AWAY"
    RESERVED = "RESERVED"
    RELEASED = "RELEASED"
    DISPATCHED = "DISPATCHED"
    REVERTED = "REVERTED"
    ADJUSTED = "ADJUSTED"


class StockDimension(StrEnum):
    """What stock on hand can be added up by."""

    CUSTOMER = "CUSTOMER"
    WAREHOUSE = "WAREHOUSE"
    PRODUCT = "PRODUCT"
    BATCH = "BATCH"
    EXPIRY_DATE = "EXPIRY_DATE"
    CONDITION = "CONDITION"


class ReportKind(StrEnum):
    """What a report run is about."""

    STOCK_ON_HAND = "STOCK_ON_HAND"


class ReportFormat(StrEnum):
    """How the file of a report run is written."""

    CSV = "CSV"
    JSON_LINES = "JSON_LINES"


class ReportStatus(StrEnum):
    """Where a report run stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


class ReportFault(StrEnum):
    """Why a report run has no file."""

    TOO_LARGE = "TOO_LARGE"
    INTERNAL = "INTERNAL"


class ShortStockPolicy(StrEnum):
    """What becomes of an order for more than is free."""

    REJECT = "REJECT"
    DROP_LINE = "DROP_LINE"
    TAKE_AVAILABLE = "TAKE_AVAILABLE"
    AWAIT_STOCK = "AWAIT_STOCK"
    SPLIT = "SPLIT"


class UnknownProductPolicy(StrEnum):
    """What becomes of a line for a product that the customer does not have."""

    REJECT = "REJECT"
    DROP_LINE = "DROP_LINE"


class UnknownUnitPolicy(StrEnum):
    """What becomes of a line in a unit that its product is not counted in."""

    REJECT = "REJECT"
    DROP_LINE = "DROP_LINE"
    USE_DEFAULT = "USE_DEFAULT"


class ConsignmentTrigger(StrEnum):
    """When an outbound order makes a consignment by itself."""

    CREATION = "CREATION"
    PACKING = "PACKING"


class PolicyCode(StrEnum):
    """What a customer's policy did to an input."""

    ORDER_REJECTED = "ORDER_REJECTED"
    LINE_DROPPED = "LINE_DROPPED"
    QUANTITY_REDUCED = "QUANTITY_REDUCED"
    AWAITS_STOCK = "AWAITS_STOCK"
    SPLIT = "SPLIT"
    UNIT_DEFAULTED = "UNIT_DEFAULTED"
    CONSIGNMENT_MADE = "CONSIGNMENT_MADE"


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
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    WAREHOUSE_REQUIRED = "WAREHOUSE_REQUIRED"
    REFERENCE_DIFFERS = "REFERENCE_DIFFERS"
    REFERENCE_TAKEN = "REFERENCE_TAKEN"
    STALE_VERSION = "STALE_VERSION"
    WRONG_STATUS = "WRONG_STATUS"
    NO_RATE_CARD = "NO_RATE_CARD"
    KEY_REUSED = "KEY_REUSED"
    IN_PROGRESS = "IN_PROGRESS"
    SECRET_ALREADY_SHOWN = "SECRET_ALREADY_SHOWN"  # noqa: S105 - a code, not a secret
