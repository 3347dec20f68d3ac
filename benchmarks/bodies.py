"""The four requests, as complete bodies: one a line, of which a load sends any at random.

Q3 the viewer, Q1 one order with its lines and their products, Q2 a customer's newest fifty
orders with their lines, M1 a new order of three lines.
"""

import json
import random
from pathlib import Path
from typing import Any

from benchmarks.dataset import Dataset

UNIQUE = "@" * 16
"""The load puts 16 characters in its place that no other request has."""

LINES = 3_000

DOCUMENTS = {
    "Q3": "{ viewer { client { id name } } }",
    "Q1": """
        query Q1($id: ID!) {
          outboundOrder(id: $id) {
            id reference status createdAt items { id quantity product { code name } }
          }
        }""",
    "Q2": """
        query Q2($customer: ID!) {
          outboundOrders(first: 50, filter: {customer: {eq: $customer}}) {
            edges { node { id reference status items { quantity product { code } } } }
            pageInfo { hasNextPage endCursor }
          }
        }""",
    "M1": """
        mutation M1($input: CreateOutboundOrderInput!) {
          createOutboundOrder(input: $input) {
            outboundOrder {
              id reference status createdAt items { id quantity product { code name } }
            }
            userErrors { code path message }
          }
        }""",
}


def write(made: Dataset, folder: Path) -> None:
    """A file of bodies for each request."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in DOCUMENTS.items():
        dice = random.Random(name)
        lines = (
            json.dumps({"query": document, "variables": _variables(name, made, dice)})
            for _ in range(LINES)
        )
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")


def _variables(name: str, made: Dataset, dice: random.Random) -> dict[str, Any]:
    match name:
        case "Q1":
            return {"id": str(dice.choice(made.orders))}
        case "Q2":
            # The last customer is left to M1, so that what Q2 reads does not change.
            return {"customer": str(dice.choice(made.customers[:-1]))}
        case "M1":
            return {"input": _order(made, dice)}
    return {}


def _order(made: Dataset, dice: random.Random) -> dict[str, Any]:
    customer = made.customers[-1]
    return {
        "customer": str(customer),
        "warehouse": str(dice.choice(made.warehouses)),
        "reference": f"T-{UNIQUE}",
        "deliver": {
            "address": {
                "contact": "Jane Doe",
                "line1": "1 High Street",
                "city": "London",
                "postcode": "SW1A 1AA",
                "country": "GB",
            }
        },
        "items": [
            {"product": {"id": str(product)}, "quantity": str(dice.randrange(1, 9))}
            for product in dice.sample(made.products[customer], 3)
        ],
    }
