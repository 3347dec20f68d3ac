"""What a sandbox customer begins with: the products of its original."""

from typing import Any
from uuid import UUID

import orjson

from models.product_lookups import PLAIN, SELECTION, UNIT
from models.products import Product, ProductEvent, ProductUnit
from models.record import new_id
from models.writing import Changes
from resolvers.audit import Actor
from resolvers.commands import now
from resolvers.contents import as_json, camel

TOGETHER = 500
"""Products whose rows are sent at once."""

COPIED = ("code", *PLAIN, *SELECTION.values())


async def copy_products(by: Actor, live: UUID, twin: UUID) -> int:
    """Give a customer the products of another one, with their units; how many there are.

    Each begins at its first version, as if it had been added now.
    """
    products = await Product.filter(tenant_id=by.tenant_id, customer_id=live).order_by("code")
    for first in range(0, len(products), TOGETHER):
        some = products[first : first + TOGETHER]
        ids = {one.id: new_id() for one in some}
        units = await ProductUnit.filter(tenant_id=by.tenant_id, product_id__in=list(ids))
        changes = Changes()
        changes.insert(Product, *(_product(one, ids[one.id], twin) for one in some))
        changes.insert(ProductUnit, *(_unit(one, ids) for one in units))
        changes.insert(ProductEvent, *(_event(by, one, ids[one.id]) for one in some))
        await changes.flush()
    return len(products)


def _product(one: Product, product_id: UUID, customer_id: UUID) -> dict[str, Any]:
    at = now()
    return {
        "tenant_id": one.tenant_id,
        "id": product_id,
        "customer_id": customer_id,
        **{name: getattr(one, name) for name in COPIED},
        "version": 1,
        # By which the input that made it is recognised, were it sent for the twin.
        "content": as_json(orjson.loads(one.content) | {"customer": str(customer_id)}),
        "created_at": at,
        "modified_at": at,
    }


def _unit(one: Any, ids: dict[UUID, UUID]) -> dict[str, Any]:
    return {
        "tenant_id": one.tenant_id,
        "id": new_id(),
        "product_id": ids[one.product_id],
        "position": one.position,
        **{name: getattr(one, name) for name in UNIT},
    }


def _event(by: Actor, one: Product, product_id: UUID) -> dict[str, Any]:
    return {
        "tenant_id": one.tenant_id,
        "id": new_id(),
        "product_id": product_id,
        "version": 1,
        "changed": as_json([camel(name) for name in sorted(orjson.loads(one.content))]),
        "at": now(),
        "client_id": by.client_id,
        "staff_user_id": by.staff_user_id,
    }
