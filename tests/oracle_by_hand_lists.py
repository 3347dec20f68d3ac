"""Documents over the small world, and what they answer: fragments, keys, lists and filters."""

from tests.oracle_small import Case

CASES = [
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
