"""Documents over the small world, and what they answer: written by hand, key by key.

What fields tell, and what is out of reach.
"""

from tests.oracle_small import NASTY, Case

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
]  # fmt: skip
