"""Documents over the small world, and what they answer: goods coming in, transport, stock."""

from tests.oracle_small import NASTY, Case

CASES = [
    Case(
        "an announcement with what was found",
        "staff",
        '{ inboundOrder(id: "@71") { reference status version arrivesOn receivedAt allocatedAt '
        "items { id unit quantity receivedQuantity condition batch expiryDate sscc "
        "product { code } counts { condition quantity batch expiryDate } } "
        "outcomes { code path message } history { version status changed client } } }",
        {
            "inboundOrder": {
                "reference": "IN-1", "status": "ALLOCATED", "version": 2,
                "arrivesOn": "2026-11-19", "receivedAt": "2026-11-20T01:02:03.000004Z",
                "allocatedAt": "2026-11-20T12:00:00.000000Z",
                "items": [
                    {
                        "id": "@77", "unit": "EA", "quantity": "1", "receivedQuantity": None,
                        "condition": "OK", "batch": None, "expiryDate": None, "sscc": None,
                        "product": {"code": "MUG-1"}, "counts": [],
                    },
                    {
                        "id": "@76", "unit": "CTN", "quantity": "2.5", "receivedQuantity": "2",
                        "condition": "QUARANTINE", "batch": "B 1", "expiryDate": "2027-01-31",
                        "sscc": "093123450000000012", "product": {"code": "TEA-1"},
                        "counts": [
                            {
                                "condition": "DAMAGED", "quantity": "0.5", "batch": "B 2",
                                "expiryDate": "2027-02-28",
                            },
                            {
                                "condition": "OK", "quantity": "1.5", "batch": None,
                                "expiryDate": None,
                            },
                        ],
                    },
                ],
                "outcomes": [
                    {"code": "LINE_DROPPED", "path": ["input", "items", "2"], "message": NASTY}
                ],
                "history": [
                    {"version": 2, "status": "ALLOCATED", "changed": ["status"], "client": None}
                ],
            }
        },
    ),
    Case(
        "properties as they were given, on jobs and lines",
        "staff",
        '{ inboundOrder(id: "@71") { properties items { mine: properties } } '
        'outboundOrder(id: "@41") { properties } }',
        {
            "inboundOrder": {
                "properties": {"season": "2027", "colour": 'é "x"'},
                "items": [{"mine": None}, {"mine": {"pallet": "1"}}],
            },
            "outboundOrder": {"properties": None},
        },
    ),
    Case(
        "rests, the oldest first and then by id; their order is where they came from",
        "staff",
        '{ inboundOrder(id: "@71") { restOf { id } rests { id restOf { status } rests { id } } } }',
        {
            "inboundOrder": {
                "restOf": None,
                "rests": [
                    {"id": id_, "restOf": {"status": "ALLOCATED"}, "rests": []}
                    for id_ in ("@75", "@73", "@74")
                ],
            }
        },
    ),
    Case(
        "rests in a warehouse that is out of reach",
        "sydney",
        '{ inboundOrder(id: "@71") { rests { id } } there: inboundOrder(id: "@74") { id } }',
        {"inboundOrder": {"rests": [{"id": "@75"}, {"id": "@73"}]}, "there": None},
    ),
    Case(
        "announcements in their list",
        "staff",
        '{ a: inboundOrders(filter: {status: {eq: ALLOCATED}, arrivesOn: {before: "2026-11-20"}}) '
        "{ edges { node { id } } } "
        "b: inboundOrders(first: 2) { totalCount edges { node { id } } } "
        'c: inboundOrders(filter: {not: {arrivesOn: {from: "2000-01-01"}}}) { totalCount } }',
        {
            "a": {"edges": [{"node": {"id": "@71"}}]},
            "b": {"totalCount": 4, "edges": [{"node": {"id": "@74"}}, {"node": {"id": "@73"}}]},
            "c": {"totalCount": 3},
        },
    ),
    Case(
        "a consignment, and what is an object as soon as some of it is known",
        "staff",
        '{ consignment(id: "@81") { type status version dropOff authorityToLeave '
        "deliverAddress { line1 city country } collectAddress { city } tracking { company url } "
        "proofOfDelivery { recipient at } cost { amount currency } invoiceValue { amount } "
        "items { id description quantity pallets weightKg cubicM3 spaces deliveredQuantity } "
        "outboundOrder { reference } history { version } replaces { id } } }",
        {
            "consignment": {
                "type": "DELIVERY", "status": "DELIVERED", "version": 4, "dropOff": False,
                "authorityToLeave": True,
                "deliverAddress": {"line1": "1 High St", "city": None, "country": "AU"},
                "collectAddress": None,
                "tracking": {"company": None, "url": "https://carrier.test/1"},
                "proofOfDelivery": {"recipient": None, "at": "2026-11-20T12:00:00.000000Z"},
                "cost": {"amount": "12.50", "currency": "AUD"}, "invoiceValue": None,
                "items": [
                    {
                        "id": "@82", "description": "Boxes", "quantity": "2", "pallets": None,
                        "weightKg": "7.25", "cubicM3": "0.000001", "spaces": "0.5",
                        "deliveredQuantity": "1",
                    },
                    {
                        "id": "@83", "description": "Pallets", "quantity": "2", "pallets": "2",
                        "weightKg": None, "cubicM3": None, "spaces": None,
                        "deliveredQuantity": None,
                    },
                ],
                "outboundOrder": {"reference": "A-1"}, "history": [], "replaces": None,
            }
        },
    ),
    Case(
        "nothing known of a consignment; somebody may have taken it, but nobody knows when",
        "staff",
        '{ consignment(id: "@84") { dropOff deliverAddress { city } collectAddress { city } '
        "tracking { url } proofOfDelivery { recipient } items { id } properties "
        "outboundOrder { id } } }",
        {
            "consignment": {
                "dropOff": True, "deliverAddress": None, "collectAddress": None, "tracking": None,
                "proofOfDelivery": None, "items": [], "properties": None,
                "outboundOrder": {"id": "@44"},
            }
        },
    ),
    Case(
        "a consignment in reach, its order in a warehouse that is not",
        "zen in perth",
        '{ consignment(id: "@84") { outboundOrder { id } } other: consignment(id: "@81") { id } '
        "consignments { totalCount } }",
        {
            "consignment": {"outboundOrder": None}, "other": None,
            "consignments": {"totalCount": 1},
        },
    ),
    Case(
        "consignments by type and by the order whose goods they carry",
        "staff",
        '{ a: consignments(filter: {outboundOrder: {eq: "@41"}}) { edges { node { id } } } '
        "b: consignments(filter: {type: PICKUP}) { edges { node { id } } } "
        "c: consignments(orderBy: {field: REFERENCE, direction: DESC}) { edges { node { id } } } }",
        {
            "a": {"edges": [{"node": {"id": "@81"}}]},
            "b": {"edges": [{"node": {"id": "@84"}}]},
            "c": {"edges": [{"node": {"id": "@84"}}, {"node": {"id": "@81"}}]},
        },
    ),
    Case(
        "a node of the kinds of the trade",
        "staff",
        'query Q { a: node(id: "@71") { ...F } b: node(id: "@81") { ...F } '
        'c: node(id: "@91") { id } } fragment F on Node { __typename ... on InboundOrder '
        "{ arrivesOn } ... on Consignment { type } }",
        {
            "a": {"__typename": "InboundOrder", "arrivesOn": "2026-11-19"},
            "b": {"__typename": "Consignment", "type": "DELIVERY"},
            "c": None,
        },
    ),
    Case(
        "stock, level by level; what is damaged is not free",
        "staff",
        "{ stockOnHand { totalCount edges { node { product { id } warehouse { code } batch "
        "expiryDate condition quantity allocated free incoming } } } "
        "empty: stockOnHand(includeEmpty: true) { totalCount } }",
        {
            "stockOnHand": {
                "totalCount": 3,
                "edges": [
                    {
                        "node": {
                            "product": {"id": product}, "warehouse": {"code": "SYD"},
                            "batch": batch, "expiryDate": day, "condition": condition,
                            "quantity": quantity, "allocated": allocated, "free": free,
                            "incoming": incoming,
                        }
                    }
                    for product, batch, day, condition, quantity, allocated, free, incoming in (
                        ("@21", "B 1", "2027-01-31", "OK", "10", "2.5", "7.5", "0"),
                        ("@21", None, None, "DAMAGED", "3", "0", "0", "0"),
                        ("@23", None, None, "OK", "0", "0", "0", "5"),
                    )
                ],
            },
            "empty": {"totalCount": 4},
        },
    ),
    Case(
        "stock added up; what it is not added up by is null, but for whose a product is",
        "staff",
        "{ a: stockOnHand(aggregateBy: [PRODUCT]) { edges { node { ...S product { id } } } } "
        'b: stockOnHand(aggregateBy: [WAREHOUSE, BATCH], filter: {batch: {eq: "B 1"}}) '
        "{ edges { node { ...S } } } "
        "c: stockOnHand(aggregateBy: [CUSTOMER], filter: {quantity: {from: 13}}) "
        "{ edges { node { ...S } } } } "
        "fragment S on StockOnHand { customer { code } warehouse { code } batch quantity free }",
        {
            "a": {
                "edges": [
                    {
                        "node": {
                            "customer": {"code": code}, "warehouse": None, "batch": None,
                            "quantity": quantity, "free": free, "product": {"id": product},
                        }
                    }
                    for code, quantity, free, product in (
                        ("ACME", "13", "7.5", "@21"), ("ZEN", "0", "0", "@23")
                    )
                ]
            },
            "b": {
                "edges": [
                    {
                        "node": {
                            "customer": None, "warehouse": {"code": "SYD"}, "batch": "B 1",
                            "quantity": "10", "free": "7.5",
                        }
                    }
                ]
            },
            "c": {
                "edges": [
                    {
                        "node": {
                            "customer": {"code": "ACME"}, "warehouse": None, "batch": None,
                            "quantity": "13", "free": "7.5",
                        }
                    }
                ]
            },
        },
    ),
    Case(
        "stock as it was: the movements until then",
        "staff",
        '{ a: stockOnHand(asOf: "2020-05-02T00:00:00Z") { ...S } '
        'b: stockOnHand(asOf: "2020-05-03T10:00:00+10:00") { ...S } '
        'c: stockOnHand(asOf: "2020-04-30T00:00:00Z", includeEmpty: true) { ...S } } '
        "fragment S on StockOnHandConnection { edges { node { quantity allocated free "
        "modifiedAt } } }",
        {
            key: {
                "edges": [
                    {
                        "node": {
                            "quantity": quantity, "allocated": allocated, "free": free,
                            "modifiedAt": f"2020-05-0{day}T00:00:00.000000Z",
                        }
                    }
                    for quantity, allocated, free, day in rows
                ]
            }
            for key, rows in (
                ("a", [("12", "0", "12", 1)]), ("b", [("10", "2.5", "7.5", 3)]), ("c", [])
            )
        },
    ),
]  # fmt: skip
