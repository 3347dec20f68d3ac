"""What the values of enums and the arguments of fields mean, where one word always means the same.

Enums are the trade's words in `models`, which know nothing of how they are told; arguments such as
`first` stand on many fields. Both are described here, once.
"""

from graphql import GraphQLEnumType, GraphQLObjectType, GraphQLSchema

VALUES: dict[str, dict[str, str]] = {
    "ApiRole": {
        "API_FULL_ACCESS": "Every API field, those added later too. Never for a customer's client.",
        "ADD_CUSTOMER": "Create and read customers; for integrations of the operator's own.",
        "INTERNAL_FIELD_ACCESS": "Read and write fields that are marked internal.",
        "TMS_CREATE_JOBS": "Create, update, cancel, read and quote consignments.",
        "TMS_VIEW_JOBS": "Read consignments.",
        "WMS_CREATE_JOBS": "Create, update, cancel and read orders; read products and stock.",
        "WMS_VIEW_JOBS": "Read orders and products.",
        "WMS_VIEW_STOCK": "Read stock on hand and products.",
        "WMS_ADD_PRODUCT": "Add and read products.",
        "WMS_EDIT_PRODUCT": "Edit and read products.",
    },
    "StaffRole": {
        "ADMINISTRATOR": "Manages clients, people, customers and warehouses, and sees the bill.",
        "OPERATOR": "Runs warehouse and transport work.",
    },
    "ActorKind": {
        "STAFF": "A person of the operator.",
        "CLIENT": "An API client.",
        "HOST": "Whoever runs the service, on the command line.",
        "SERVICE": "The service itself, by the clock.",
    },
    "RootOperation": {
        "QUERY": "It asks.",
        "MUTATION": "It changes something.",
    },
    "AccessReasonCode": {
        "MISSING_ROLE": "None of the roles of which one is needed is held.",
        "STAFF_ONLY": "It is for the operator's people.",
        "NOT_FLAGGED": "The client is not flagged `seesTenantUsage`.",
        "NO_CUSTOMERS": "No customer is in reach.",
        "NO_WAREHOUSES": "No warehouse is in reach.",
        "SANDBOX_ONLY": "It is for clients that hold sandbox customers.",
        "INACTIVE": "The client is not active.",
        "EXPIRED": "The client has expired.",
        "NO_CREDENTIALS": "The client has no secret that works.",
    },
    "AuditSubjectKind": {
        "API_CLIENT": "An API client, with its credentials.",
        "CUSTOMER": "A customer.",
        "WAREHOUSE": "A warehouse.",
        "STAFF_USER": "A person of the operator.",
        "STATEMENT": "A week's statement.",
        "PLAN": "The billing plan.",
    },
    "AuditAction": {
        "CREATED": "It was added.",
        "UPDATED": "What is told of it was changed.",
        "ACTIVATED": "It was switched on.",
        "DEACTIVATED": "It was switched off.",
        "CREDENTIALS_GENERATED": "It was given its first secret.",
        "CREDENTIALS_REGENERATED": "It was given a new secret in place of the old one.",
        "REGENERATION_CANCELLED": "The new secret was taken back, and the old one stays.",
        "CREDENTIALS_REVOKED": "Its secrets were taken back.",
        "KEY_IMPORTED": "It came with a key of before there were clients.",
        "SANDBOX_CREATED": "It was copied from a live customer, to try with.",
        "WENT_LIVE": "Its sandbox customers were swapped for their live originals.",
        "SIGNED_IN": "They signed in.",
        "SIGNED_OUT": "They signed out.",
        "PASSWORD_SET": "They were given a password, or chose one.",
        "TOKEN_ISSUED": "They were given a token.",
        "SESSIONS_REVOKED": "Their sessions were ended.",
        "CLOSED": "It was closed, for good.",
        "PLANNED": "It was set, from a week on.",
    },
    "ApiClientWarning": {
        "FULL_ACCESS_FOR_CUSTOMER": "It has `API_FULL_ACCESS` to goods of customers.",
        "NEVER_USED": "It has a secret and was never used.",
        "OLD_SECRET_IN_USE": "The secret that retires was shown after there was a newer one.",
        "SECRET_RETIRES_SOON": "Its old secret stops within 7 days.",
        "EXPIRES_SOON": "It is let in no more within 30 days.",
        "EXPIRED": "It is let in no more.",
        "NO_CREDENTIALS": "It has no secret that works.",
        "REACHES_NOTHING": "It has no role, or no customer or warehouse for its roles.",
    },
    "OutboundOrderStatus": {
        "DRAFT": "Kept, and not sent off yet. Reserves nothing.",
        "AWAITING_STOCK": "Waits for goods. Reserves nothing.",
        "AWAITING_PICK_AND_PACK": "Waits for somebody to pick it.",
        "PACKING_IN_PROGRESS": "Being picked and packed.",
        "PACKED": "Ready to leave.",
        "DISPATCHED": "Left.",
        "REJECTED": "Refused by a policy; its reference is free again.",
        "CANCELLED": "Called off; its reference is free again.",
    },
    "ConsignmentType": {
        "DELIVERY": "From the depot to a receiver.",
        "PICKUP": "From a sender to the depot.",
        "PICKUP_DELIVERY": "From a sender to the depot, and from there to a receiver.",
        "POINT_TO_POINT": "From a sender to a receiver, past the depot.",
        "RETURNED": "From a receiver back to the depot.",
    },
    "ConsignmentStatus": {
        "DRAFT": "Kept, and not sent off yet.",
        "AWAITING_PICKUP": "Waits for a driver to pick it up.",
        "AWAITING_POINT_TO_POINT_PICKUP": "Waits for a driver who takes it past the depot.",
        "AWAITING_SALE_ORDER_PACKING": "Waits until its outbound order is packed.",
        "AWAITING_DROPOFF": "Waits for somebody to bring it to the depot.",
        "IN_TRANSIT_PICKUP_WAREHOUSE": "On its way to the depot.",
        "IN_WAREHOUSE": "Stands in the depot.",
        "WITH_ON_FORWARDER": "Handed on to another carrier.",
        "IN_TRANSIT_WAREHOUSE_DELIVERY": "On its way from the depot to the receiver.",
        "IN_TRANSIT_PICK_DELIVERY": "On its way from the sender to the receiver.",
        "COLLECTED": "Fetched by the receiver.",
        "DELIVERED": "Taken by the receiver.",
        "POINT_TO_POINT_DELIVERED": "Taken by the receiver, past the depot.",
        "CANCELLED": "Called off; its reference is free again.",
    },
    "QuoteBasis": {
        "CONSIGNMENT": "The consignment as such.",
        "PALLET": "A pallet.",
        "KILOGRAM": "A kilogram.",
        "CUBIC_METRE": "A cubic metre.",
    },
    "DeliveryMethod": {
        "SHIPPING": "A carrier brings it.",
        "PICKUP": "The receiver fetches it.",
    },
    "SelectionRule": {
        "FIFO": "What was put away first.",
        "FEFO": "What expires first.",
    },
    "StockDimension": {
        "CUSTOMER": "Whose it is.",
        "WAREHOUSE": "Where it stands.",
        "PRODUCT": "What it is; a product is one customer's.",
        "BATCH": "Its batch.",
        "EXPIRY_DATE": "When it expires.",
        "CONDITION": "What state it is in.",
    },
    "ReportKind": {
        "STOCK_ON_HAND": "What stands in warehouses, and what of it is free.",
    },
    "ReportFormat": {
        "CSV": "RFC 4180 in UTF-8, with a header. A text that a spreadsheet would take for a "
        "formula begins with an apostrophe.",
        "JSON_LINES": "One JSON object a line; quantities are strings, as everywhere.",
    },
    "ReportRunStatus": {
        "QUEUED": "Waits for a worker.",
        "RUNNING": "Being made.",
        "DONE": "Its file can be fetched.",
        "FAILED": "There is no file; `error` says why.",
        "EXPIRED": "Its file was kept for long enough, and is gone.",
    },
    "ReportRunError": {
        "TOO_LARGE": "The file would have more than 512 MiB: ask for less at a time.",
        "INTERNAL": "Our fault; it was tried three times.",
    },
    "InboundOrderStatus": {
        "DRAFT": "Kept, and not sent off yet. Announces nothing.",
        "NOT_YET_RECEIVED": "Announced; its goods are incoming.",
        "RECEIVED": "The goods came.",
        "VERIFIED": "They were counted, and their condition is known.",
        "ALLOCATED": "They were put away and are in stock.",
        "REJECTED": "Refused by a policy; its reference is free again.",
        "CANCELLED": "Called off; its reference is free again.",
    },
    "Condition": {
        "OK": "As they should be; they can be ordered.",
        "RECEIVED_DAMAGED": "Damaged when they came.",
        "MISSING": "Not there when they were counted.",
        "QUARANTINE": "Kept apart until somebody decides.",
        "DAMAGED_BY_CARRIER": "Damaged by the carrier.",
        "DAMAGED": "Damaged in the warehouse.",
        "LOST": "Not to be found any more.",
    },
    "ShortStockPolicy": {
        "REJECT": "The order is kept as rejected.",
        "DROP_LINE": "It goes without the lines that are short.",
        "TAKE_AVAILABLE": "The lines that are short go with what is free.",
        "AWAIT_STOCK": "All of it waits until everything is there.",
        "SPLIT": "What is free goes; the rest waits as an order of its own.",
    },
    "UnknownProductPolicy": {
        "REJECT": "The order is kept as rejected.",
        "DROP_LINE": "It goes without the line.",
    },
    "UnknownUnitPolicy": {
        "REJECT": "The order is kept as rejected.",
        "DROP_LINE": "It goes without the line.",
        "USE_DEFAULT": "The product's default unit is taken.",
    },
    "ConsignmentTrigger": {
        "CREATION": "As soon as the order has its goods.",
        "PACKING": "When it is packed.",
    },
    "PolicyCode": {
        "ORDER_REJECTED": "The order was taken only to say that it is rejected.",
        "LINE_DROPPED": "The order goes without the line.",
        "QUANTITY_REDUCED": "The line goes with what is free.",
        "AWAITS_STOCK": "The order waits until all of it is there.",
        "SPLIT": "The rest of the line waits as an order of its own.",
        "UNIT_DEFAULTED": "The product's default unit was taken.",
        "CONSIGNMENT_MADE": "A consignment was made for the order.",
    },
    "CallOutcome": {
        "COUNTED": "It counts.",
        "REFUSED": "No right to it, or something to mend.",
        "REPLAYED": "It was done already.",
        "PREFLIGHT": "It was only checked.",
        "SANDBOX": "It was for a sandbox customer.",
        "THROTTLED": "It came too often.",
        "SERVER_FAULT": "It failed on our side.",
    },
    "Direction": {
        "ASC": "The smallest, or oldest, first.",
        "DESC": "The largest, or newest, first.",
    },
    "UsageDimension": {
        "WEEK": "The week that pays.",
        "DAY": "The day in the tenant's time zone.",
        "CLIENT": "Who called.",
        "CUSTOMER": "Whose goods it was about.",
        "WAREHOUSE": "Which depot it was about.",
        "OPERATION": "The root field.",
    },
    "UserErrorCode": {
        "NOT_FOUND": "Nothing in reach answers to that id.",
        "REQUIRED": "Something is missing or blank.",
        "INVALID": "A value that cannot be.",
        "TOO_LONG": "A text has too many characters.",
        "TOO_MANY": "A list has too many entries, or too many report runs are unfinished.",
        "UNKNOWN_PRODUCT": "The customer has no such product; near codes are suggested.",
        "UNKNOWN_UNIT": "The product is not counted in that unit; its units are suggested.",
        "INSUFFICIENT_STOCK": "Less is free than that; what is free is told.",
        "WAREHOUSE_REQUIRED": "There are several warehouses; they are suggested.",
        "REFERENCE_DIFFERS": "The reference exists with other content; the differences are told.",
        "REFERENCE_TAKEN": "The reference, code or e-mail belongs to another one.",
        "STALE_VERSION": "It changed since it was read; what changed is told.",
        "WRONG_STATUS": "It is too early or too late for that; the legal moves are told.",
        "NO_RATE_CARD": "The operator has set no rates for this customer.",
        "KEY_REUSED": "The idempotency key was used for another request.",
        "IN_PROGRESS": "The same key is being carried out; ask again shortly.",
        "SECRET_ALREADY_SHOWN": "A secret is shown once and cannot be told again.",
    },
}

SORTED_BY = {
    "LAST_USED_AT": "By when they were last used, or else added.",
    "CODE": "By code.",
    "PRODUCT_CODE": "By the product's code; sums of several products by what they are added up by.",
    "NAME": "By name.",
    "REFERENCE": "By the customer's reference.",
    "EMAIL": "By e-mail.",
    "AT": "By when it was.",
    "CREATED_AT": "By when they were made.",
    "MODIFIED_AT": "By their last change.",
}

ARGUMENTS = {
    "id": "Its id, a lower-case UUID.",
    "client": "Which API client, by its id.",
    "first": "How many entries from the beginning: 1 to 100, and 50 where no number is named.",
    "after": "Only what comes after this cursor.",
    "last": "How many entries from the end: 1 to 100.",
    "before": "Only what comes before this cursor.",
    "field": "Only of this root field.",
    "filter": "Which ones.",
    "customer": "Only of this customer.",
    "warehouse": "Only in this warehouse.",
    "asOf": "As it was at this instant, which is not to come; as it is where none is named.",
    "aggregateBy": "What it is added up by: one entry for all stock that is alike in these.",
    "includeEmpty": "Also what is used up: of which nothing is there or announced any more.",
    "orderBy": "In which order.",
    "from": "The first day, in the tenant's time zone; the current week's Monday if none is named.",
    "to": "The day after the last; the end of the current week if none is named.",
    "groupBy": "By what calls are counted together.",
    "week": "The week's Monday; the current week's if none is named.",
    "input": "What it is to be.",
}


def describe(schema: GraphQLSchema) -> None:
    """Give each enum value and each argument its description."""
    for name, type_ in schema.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(type_, GraphQLEnumType):
            meanings = SORTED_BY if name.endswith("SortField") else VALUES.get(name, {})
            for value, told in type_.values.items():
                told.description = meanings[value]
        elif isinstance(type_, GraphQLObjectType):
            for field in type_.fields.values():
                for argument, declared in field.args.items():
                    declared.description = ARGUMENTS[argument]
