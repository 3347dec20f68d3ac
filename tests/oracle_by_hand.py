"""Documents over the small world, and what they answer: written by hand, key by key."""

from typing import Any, NamedTuple

from tests.oracle_small import NASTY


class Case(NamedTuple):
    """What it shows, who asks, the document, the answer."""

    shows: str
    who: str
    document: str
    answer: dict[str, Any]


CASES = [
    Case(
        "scalars of every kind",
        "staff",
        '{ outboundOrder(id: "@41") { id reference status version urgent allowSplitting shipBy } }',
        {
            "outboundOrder": {
                "id": "@41", "reference": "A-1", "status": "DISPATCHED", "version": 3,
                "urgent": True, "allowSplitting": False, "shipBy": "2026-11-24",
            }
        },
    ),
    Case(
        "instants in UTC with six places",
        "staff",
        '{ outboundOrder(id: "@41") { createdAt modifiedAt packedAt dispatchedAt } }',
        {
            "outboundOrder": {
                "createdAt": "2026-11-20T01:02:03.000004Z",
                "modifiedAt": "2026-11-20T12:00:00.000000Z",
                "packedAt": "2026-11-20T12:00:00.000000Z",
                "dispatchedAt": "2026-11-20T12:00:00.120000Z",
            }
        },
    ),
    Case(
        "nulls",
        "staff",
        '{ outboundOrder(id: "@42") { instructions internalNotes shipBy packedAt invoiceValue '
        "{ amount currency } replaces { id } items { id } history { version } } }",
        {
            "outboundOrder": {
                "instructions": None, "internalNotes": None, "shipBy": None, "packedAt": None,
                "invoiceValue": None, "replaces": None, "items": [], "history": [],
            }
        },
    ),
    Case(
        "texts as they are",
        "staff",
        '{ outboundOrder(id: "@41") { instructions } product(id: "@22") { description } }',
        {"outboundOrder": {"instructions": NASTY}, "product": {"description": NASTY}},
    ),
    Case(
        "a whole delivery",
        "staff",
        '{ outboundOrder(id: "@41") { deliver { method requestedService instructions requiredOn '
        "address { company contact line1 line2 suburb city state postcode country phone email } "
        "cashOnDelivery { amount currency } } } }",
        {
            "outboundOrder": {
                "deliver": {
                    "method": "SHIPPING", "requestedService": "Express", "instructions": "Ring",
                    "requiredOn": "2026-11-30",
                    "address": {
                        "company": "Shop", "contact": "Alex", "line1": "1 High St",
                        "line2": "Unit 2", "suburb": "Dock", "city": "Sydney", "state": "NSW",
                        "postcode": "2000", "country": "AU", "phone": "+61", "email": "a@b.test",
                    },
                    "cashOnDelivery": {"amount": "500", "currency": "JPY"},
                }
            }
        },
    ),
    Case(
        "a delivery to nowhere is an object all the same",
        "staff",
        '{ outboundOrder(id: "@42") { deliver { method requiredOn cashOnDelivery { amount } '
        "address { line1 country } } } }",
        {
            "outboundOrder": {
                "deliver": {
                    "method": "PICKUP", "requiredOn": None, "cashOnDelivery": None,
                    "address": {"line1": None, "country": None},
                }
            }
        },
    ),
    Case(
        "money with the places of its currency",
        "staff",
        '{ outboundOrder(id: "@41") { invoiceValue { currency amount } '
        "items { approximateUnitPrice { amount currency } } } }",
        {
            "outboundOrder": {
                "invoiceValue": {"currency": "AUD", "amount": "1234.50"},
                "items": [
                    {"approximateUnitPrice": {"amount": "0.005", "currency": "KWD"}},
                    {"approximateUnitPrice": None},
                ],
            }
        },
    ),
    Case(
        "amounts that no float holds",
        "staff",
        '{ outboundOrder(id: "@44") { invoiceValue { amount } '
        "items { quantity approximateUnitPrice { amount } } } }",
        {
            "outboundOrder": {
                "invoiceValue": {"amount": "90071992547409.93"},
                "items": [
                    {
                        "quantity": "9223372036854.775807",
                        "approximateUnitPrice": {"amount": "-0.05"},
                    }
                ],
            }
        },
    ),
    Case(
        "lines in their order, with what they are",
        "staff",
        '{ outboundOrder(id: "@41") { items { id unit quantity batch expiryDate '
        "product { code customer { code defaultWarehouse { code } } } } } }",
        {
            "outboundOrder": {
                "items": [
                    {
                        "id": "@52", "unit": "EA", "quantity": "2.5", "batch": "B 1",
                        "expiryDate": "2027-01-31",
                        "product": {
                            "code": "TEA-1",
                            "customer": {"code": "ACME", "defaultWarehouse": {"code": "SYD"}},
                        },
                    },
                    {
                        "id": "@51", "unit": "EA", "quantity": "1", "batch": None,
                        "expiryDate": None,
                        "product": {
                            "code": "MUG-1",
                            "customer": {"code": "ACME", "defaultWarehouse": {"code": "SYD"}},
                        },
                    },
                ]
            }
        },
    ),
    Case(
        "history by version, with what was changed",
        "staff",
        '{ outboundOrder(id: "@41") { history { version status changed at client staffUser } } }',
        {
            "outboundOrder": {
                "history": [
                    {
                        "version": version, "status": status, "changed": changed,
                        "at": "2026-11-20T12:00:00.000000Z", "client": None, "staffUser": None,
                    }
                    for version, status, changed in (
                        (1, "AWAITING_PICK_AND_PACK", []),
                        (2, "PACKED", ["status"]),
                        (3, "DISPATCHED", ["status", "deliver"]),
                    )
                ]
            }
        },
    ),
    Case(
        "units by position, quantities without zeros at their end",
        "staff",
        '{ product(id: "@21") { units { code baseQuantity weightKg lengthM widthM barcode '
        "directlyShippable } } }",
        {
            "product": {
                "units": [
                    {
                        "code": "EA", "baseQuantity": "1", "weightKg": "0.25", "lengthM": None,
                        "widthM": None, "barcode": "93", "directlyShippable": True,
                    },
                    {
                        "code": "CTN", "baseQuantity": "12", "weightKg": "3.25",
                        "lengthM": "0.000001", "widthM": None, "barcode": None,
                        "directlyShippable": False,
                    },
                ]
            }
        },
    ),
    Case(
        "what an order replaces, and what that replaces",
        "staff",
        '{ outboundOrder(id: "@43") { replaces { id replaces { id } warehouse { code } } } }',
        {
            "outboundOrder": {
                "replaces": {"id": "@42", "replaces": None, "warehouse": {"code": "PER"}}
            }
        },
    ),
    Case(
        "what is replaced is out of reach",
        "sydney",
        '{ outboundOrder(id: "@43") { id replaces { id } } }',
        {"outboundOrder": {"id": "@43", "replaces": None}},
    ),
    Case(
        "a default warehouse that is out of reach",
        "zen in perth",
        '{ node(id: "@12") { ... on Customer { code defaultWarehouse { id } } } '
        "warehouses { edges { node { code } } } }",
        {
            "node": {"code": "ZEN", "defaultWarehouse": None},
            "warehouses": {"edges": [{"node": {"code": "PER"}}]},
        },
    ),
    Case(
        "an order of another customer",
        "acme",
        '{ outboundOrder(id: "@44") { id } ours: outboundOrder(id: "@41") { id } }',
        {"outboundOrder": None, "ours": {"id": "@41"}},
    ),
    Case(
        "an order in another warehouse",
        "sydney",
        '{ outboundOrder(id: "@42") { id } outboundOrders { totalCount } }',
        {"outboundOrder": None, "outboundOrders": {"totalCount": 4}},
    ),
    Case(
        "a customer in reach, the warehouse not",
        "zen in perth",
        '{ outboundOrder(id: "@44") { id } outboundOrders { totalCount edges { cursor } } }',
        {"outboundOrder": None, "outboundOrders": {"totalCount": 0, "edges": []}},
    ),
    Case(
        "the namesake's rows are other rows",
        "other tenant",
        '{ customers { edges { node { id name } } } outboundOrder(id: "@41") { id } }',
        {
            "customers": {"edges": [{"node": {"id": "@11", "name": "Somebody else"}}]},
            "outboundOrder": None,
        },
    ),
    Case(
        "nobody's customers",
        "nobody's",
        "{ customers { totalCount } products { totalCount } outboundOrders { totalCount } "
        "warehouses { totalCount } }",
        {
            "customers": {"totalCount": 0},
            "products": {"totalCount": 0},
            "outboundOrders": {"totalCount": 0},
            "warehouses": {"totalCount": 2},
        },
    ),
    Case(
        "no warehouse",
        "nowhere",
        "{ customers { totalCount } products { totalCount } outboundOrders { totalCount } "
        "warehouses { totalCount } }",
        {
            "customers": {"totalCount": 4},
            "products": {"totalCount": 4},
            "outboundOrders": {"totalCount": 0},
            "warehouses": {"totalCount": 0},
        },
    ),
    Case(
        "all live customers, inactive ones among them",
        "live",
        '{ customers { edges { node { code active } } } product(id: "@24") { id } '
        'sandbox: node(id: "@13") { id } outboundOrder(id: "@45") { id } '
        "products { totalCount } outboundOrders { totalCount } }",
        {
            "customers": {
                "edges": [
                    {"node": {"code": "ACME", "active": True}},
                    {"node": {"code": "OLD", "active": False}},
                    {"node": {"code": "ZEN", "active": True}},
                ]
            },
            "product": None,
            "sandbox": None,
            "outboundOrder": None,
            "products": {"totalCount": 3},
            "outboundOrders": {"totalCount": 4},
        },
    ),
    Case("an id that nothing has", "staff", '{ product(id: "@99") { id } }', {"product": None}),
    Case(
        "an id of something else",
        "staff",
        '{ product(id: "@41") { id } outboundOrder(id: "@21") { id } }',
        {"product": None, "outboundOrder": None},
    ),
    Case(
        "a node of each kind",
        "staff",
        'query Q { a: node(id: "@41") { ...F } b: node(id: "@21") { ...F } '
        'c: node(id: "@11") { ...F } d: node(id: "@1") { ...F } } '
        "fragment F on Node { __typename id ... on OutboundOrder { reference } "
        "... on Product { name } ... on Customer { name } ... on Warehouse { timeZone } }",
        {
            "a": {"__typename": "OutboundOrder", "id": "@41", "reference": "A-1"},
            "b": {"__typename": "Product", "id": "@21", "name": "Tea"},
            "c": {"__typename": "Customer", "id": "@11", "name": "Acme Pty Ltd"},
            "d": {"__typename": "Warehouse", "id": "@1", "timeZone": "Australia/Sydney"},
        },
    ),
    Case(
        "what has an id and is no node",
        "staff",
        '{ node(id: "@51") { id } b: node(id: "@99") { id } }',
        {"node": None, "b": None},
    ),
    Case(
        "a node that no fragment fits",
        "staff",
        '{ node(id: "@1") { ... on Product { code } ... on Customer { code } } }',
        {"node": {}},
    ),
    Case(
        "a node through its interface",
        "staff",
        '{ node(id: "@1") { ... on Node { id ... on Warehouse { ... on Node { __typename } } } } }',
        {"node": {"id": "@1", "__typename": "Warehouse"}},
    ),
    Case(
        "a node of a kind that the caller may not read",
        "clerk",
        '{ a: node(id: "@41") { id __typename } b: node(id: "@21") { id __typename } }',
        {"a": None, "b": {"id": "@21", "__typename": "Product"}},
    ),
    Case(
        "types everywhere",
        "staff",
        '{ __typename outboundOrders(filter: {id: {eq: "@44"}}) { __typename pageInfo '
        "{ __typename } edges { __typename node { __typename customer { __typename } deliver "
        "{ __typename address { __typename } } invoiceValue { __typename } items { __typename "
        "product { __typename units { __typename } } } history { __typename } } } } }",
        {
            "__typename": "Query",
            "outboundOrders": {
                "__typename": "OutboundOrderConnection",
                "pageInfo": {"__typename": "PageInfo"},
                "edges": [
                    {
                        "__typename": "OutboundOrderEdge",
                        "node": {
                            "__typename": "OutboundOrder",
                            "customer": {"__typename": "Customer"},
                            "deliver": {
                                "__typename": "Delivery", "address": {"__typename": "Address"}
                            },
                            "invoiceValue": {"__typename": "Money"},
                            "items": [
                                {
                                    "__typename": "OutboundOrderItem",
                                    "product": {"__typename": "Product", "units": []},
                                }
                            ],
                            "history": [],
                        },
                    }
                ],
            },
        },
    ),
    Case(
        "types of events and units",
        "staff",
        '{ outboundOrder(id: "@41") { history { kind: __typename } } '
        'product(id: "@21") { units { kind: __typename } } '
        "products(first: 1) { kind: __typename edges { kind: __typename } } "
        "customers(first: 1) { kind: __typename edges { kind: __typename } } "
        "warehouses(first: 1) { kind: __typename edges { kind: __typename } } }",
        {
            "outboundOrder": {"history": [{"kind": "OutboundOrderEvent"}] * 3},
            "product": {"units": [{"kind": "ProductUnit"}] * 2},
            "products": {"kind": "ProductConnection", "edges": [{"kind": "ProductEdge"}]},
            "customers": {"kind": "CustomerConnection", "edges": [{"kind": "CustomerEdge"}]},
            "warehouses": {"kind": "WarehouseConnection", "edges": [{"kind": "WarehouseEdge"}]},
        },
    ),
    Case(
        "fields under each other's names",
        "staff",
        '{ product(id: "@21") { code: name name: code id: type type: id } }',
        {"product": {"code": "Tea", "name": "TEA-1", "id": "Groceries", "type": "@21"}},
    ),
    Case(
        "one field under two names, with other fields below",
        "staff",
        '{ outboundOrder(id: "@41") { a: items { quantity } b: items { unit } '
        "c: customer { code } d: customer { name } } }",
        {
            "outboundOrder": {
                "a": [{"quantity": "2.5"}, {"quantity": "1"}],
                "b": [{"unit": "EA"}, {"unit": "EA"}],
                "c": {"code": "ACME"},
                "d": {"name": "Acme Pty Ltd"},
            }
        },
    ),
    Case(
        "one key several times is merged where it first stood",
        "staff",
        '{ outboundOrder(id: "@41") { items { unit } id items { quantity unit } '
        'deliver { method } deliver { address { city } } } outboundOrder(id: "@41") { version } }',
        {
            "outboundOrder": {
                "items": [{"unit": "EA", "quantity": "2.5"}, {"unit": "EA", "quantity": "1"}],
                "id": "@41",
                "deliver": {"method": "SHIPPING", "address": {"city": "Sydney"}},
                "version": 3,
            }
        },
    ),
    Case(
        "fragments in fragments, some of them twice",
        "staff",
        '{ outboundOrder(id: "@43") { ...A replaces { ...B } ...A ...B } } '
        "fragment A on OutboundOrder { customer { code } ...B } "
        "fragment B on OutboundOrder { customer { name } reference }",
        {
            "outboundOrder": {
                "customer": {"code": "ACME", "name": "Acme Pty Ltd"},
                "reference": "A-2",
                "replaces": {"customer": {"name": "Acme Pty Ltd"}, "reference": "A-2"},
            }
        },
    ),
    Case(
        "skipped and included by literals",
        "staff",
        '{ product(id: "@21") { a: code @skip(if: true) b: code @skip(if: false) '
        "c: code @include(if: true) d: code @include(if: false) "
        "e: code @skip(if: true) @include(if: true) ... @include(if: false) { f: code } } }",
        {"product": {"b": "TEA-1", "c": "TEA-1"}},
    ),
    Case(
        "skipped and included by variables and their defaults",
        "staff",
        'query ($yes: Boolean! = true, $no: Boolean = false) { product(id: "@21") { '
        "a: code @skip(if: $yes) b: code @include(if: $yes) ...F @skip(if: $no) ...F "
        "units @include(if: $no) { code } } } fragment F on Product { c: code }",
        {"product": {"b": "TEA-1", "c": "TEA-1"}},
    ),
    Case(
        "all of an object is skipped",
        "staff",
        '{ product(id: "@21") { code @skip(if: true) customer { code @skip(if: true) } } '
        "products(first: 1) { edges { node { code @skip(if: true) } } } }",
        {"product": {"customer": {}}, "products": {"edges": [{"node": {}}]}},
    ),
    Case(
        "products by code, then by id",
        "staff",
        "{ products { edges { node { id } } totalCount } "
        "back: products(orderBy: {direction: DESC}, first: 2) { edges { node { id } } } }",
        {
            "products": {
                "edges": [{"node": {"id": f"@{n}"}} for n in (22, 21, 23, 24)], "totalCount": 4
            },
            "back": {"edges": [{"node": {"id": "@24"}}, {"node": {"id": "@23"}}]},
        },
    ),
    Case(
        "orders newest first, ties by id from the same end",
        "staff",
        "{ outboundOrders { edges { node { id } } } "
        "old: outboundOrders(orderBy: {field: MODIFIED_AT, direction: ASC}, last: 2) "
        "{ edges { node { id } } } "
        "named: outboundOrders(orderBy: {field: REFERENCE}) { edges { node { reference id } } } }",
        {
            "outboundOrders": {"edges": [{"node": {"id": f"@{n}"}} for n in (45, 44, 43, 42, 41)]},
            "old": {"edges": [{"node": {"id": "@45"}}, {"node": {"id": "@44"}}]},
            "named": {
                "edges": [
                    {"node": {"reference": reference, "id": f"@{n}"}}
                    for reference, n in (
                        ("Z-1", 44), ("T-1", 45), ("A-2", 43), ("A-2", 42), ("A-1", 41)
                    )
                ]
            },
        },
    ),
    Case(
        "what is null is not equal, so `not` holds for it",
        "staff",
        '{ products(filter: {not: {type: {eq: "Trial"}}}) { edges { node { id } } } '
        'b: products(filter: {not: {not: {type: {contains: ""}}}}) { totalCount } }',
        {
            "products": {"edges": [{"node": {"id": f"@{n}"}} for n in (22, 21, 23)]},
            "b": {"totalCount": 3},
        },
    ),
    Case(
        "`contains` looks past the case of A to Z only",
        "staff",
        '{ a: customers(filter: {name: {contains: "TEAS"}}) { totalCount } '
        'b: customers(filter: {name: {contains: "ÄRGER"}}) { totalCount } '
        'c: customers(filter: {name: {contains: "ärger"}}) { totalCount } '
        'd: products(filter: {type: {contains: "GROC"}}) { totalCount } }',
        {
            "a": {"totalCount": 1}, "b": {"totalCount": 1}, "c": {"totalCount": 0},
            "d": {"totalCount": 2},
        },
    ),
    Case(
        "`startsWith` looks at case, and at nothing but text",
        "staff",
        '{ a: customers(filter: {code: {startsWith: "ACME"}}) { totalCount } '
        'b: customers(filter: {code: {startsWith: "acme"}}) { totalCount } '
        'c: customers(filter: {code: {startsWith: "%"}}) { totalCount } '
        'd: customers(filter: {name: {startsWith: "Zen \\""}}) { totalCount } }',
        {
            "a": {"totalCount": 2}, "b": {"totalCount": 0}, "c": {"totalCount": 0},
            "d": {"totalCount": 1},
        },
    ),
    Case(
        "filters that say nothing, and lists of none",
        "staff",
        "{ a: products(filter: {}) { totalCount } b: products(filter: {and: []}) { totalCount } "
        "c: products(filter: {or: []}) { totalCount } d: products(filter: {not: {}}) "
        "{ totalCount } e: products(filter: {code: {in: []}}) { totalCount } "
        "f: products(filter: {code: null, and: null}) { totalCount } "
        "g: products(filter: {or: [{}, {code: {}}]}) { totalCount } }",
        {key: {"totalCount": n} for key, n in zip("abcdefg", (4, 4, 0, 0, 0, 4, 4), strict=True)},
    ),
    Case(
        "ranges are half open",
        "staff",
        '{ a: outboundOrders(filter: {createdAt: {from: "2026-11-20T12:00:00Z"}}) { totalCount } '
        'b: outboundOrders(filter: {createdAt: {before: "2026-11-20T22:00:00+10:00"}}) '
        '{ totalCount } c: outboundOrders(filter: {shipBy: {from: "2026-11-23", '
        'before: "2026-11-24"}}) { edges { node { id } } } }',
        {
            "a": {"totalCount": 4},
            "b": {"totalCount": 1},
            "c": {"edges": [{"node": {"id": "@45"}}]},
        },
    ),
    Case(
        "booleans and enums",
        "staff",
        "{ a: outboundOrders(filter: {urgent: true}) { totalCount } "
        "b: outboundOrders(filter: {urgent: false}) { totalCount } "
        "c: outboundOrders(filter: {status: {in: [CANCELLED, DISPATCHED]}}) { totalCount } "
        "d: outboundOrders(filter: {status: {eq: CANCELLED}}) { totalCount } "
        "e: customers(filter: {sandbox: true, active: true}) { totalCount } }",
        {key: {"totalCount": n} for key, n in zip("abcde", (1, 4, 2, 1, 1), strict=True)},
    ),
    Case(
        "ids",
        "staff",
        '{ a: outboundOrders(filter: {customer: {eq: "@12"}}) { totalCount } '
        'b: outboundOrders(filter: {warehouse: {in: ["@2", "@99"]}}) { totalCount } '
        'c: outboundOrders(filter: {id: {in: ["@41", "@45"], eq: "@45"}}) { totalCount } }',
        {"a": {"totalCount": 1}, "b": {"totalCount": 1}, "c": {"totalCount": 1}},
    ),
    Case(
        "and, or and not, in each other",
        "staff",
        '{ outboundOrders(filter: {or: [{and: [{reference: {startsWith: "A"}}, {not: {status: '
        '{eq: CANCELLED}}}]}, {not: {or: [{customer: {in: ["@11", "@12"]}}]}}], '
        'not: {reference: {eq: "A-1"}}}) { edges { node { id } } } }',
        {"outboundOrders": {"edges": [{"node": {"id": "@45"}}, {"node": {"id": "@43"}}]}},
    ),
    Case(
        "an empty page with its total",
        "staff",
        '{ products(filter: {code: {eq: "none"}}) { totalCount edges { cursor node { id } } '
        "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }",
        {
            "products": {
                "totalCount": 0,
                "edges": [],
                "pageInfo": {
                    "hasNextPage": False, "hasPreviousPage": False, "startCursor": None,
                    "endCursor": None,
                },
            }
        },
    ),
    Case(
        "edges under several names",
        "staff",
        "{ warehouses { a: edges { node { code } other: node { name } } "
        "b: edges { node { active } } c: totalCount d: totalCount } }",
        {
            "warehouses": {
                "a": [
                    {"node": {"code": "PER"}, "other": {"name": "Perth"}},
                    {"node": {"code": "SYD"}, "other": {"name": "Sydney"}},
                ],
                "b": [{"node": {"active": False}}, {"node": {"active": True}}],
                "c": 2,
                "d": 2,
            }
        },
    ),
    Case(
        "page info under several names, and nothing else",
        "staff",
        "{ products(first: 2) { pageInfo { more: hasNextPage } b: pageInfo { hasPreviousPage } } "
        "last: products(last: 1) { pageInfo { hasNextPage hasPreviousPage } } }",
        {
            "products": {"pageInfo": {"more": True}, "b": {"hasPreviousPage": False}},
            "last": {"pageInfo": {"hasNextPage": False, "hasPreviousPage": True}},
        },
    ),
    Case(
        "several lists at once",
        "staff",
        "query ($n: Int = 1) { customers(first: $n) { edges { node { defaultWarehouse { "
        "code } } } } warehouses(last: $n) { edges { node { timeZone } } } "
        "b: customers(first: 4, orderBy: {field: NAME}) { edges { node { name } } } }",
        {
            "customers": {"edges": [{"node": {"defaultWarehouse": {"code": "SYD"}}}]},
            "warehouses": {"edges": [{"node": {"timeZone": "Australia/Sydney"}}]},
            "b": {
                "edges": [
                    {"node": {"name": name}}
                    for name in ("Acme", "Acme Pty Ltd", 'Zen "Teas"', "Ärger & Söhne")
                ]
            },
        },
    ),
]  # fmt: skip
