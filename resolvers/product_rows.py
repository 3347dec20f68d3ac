"""A product's content as the rows that hold it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from models.product_lookups import PLAIN, SELECTION, UNIT
from models.products import ProductEvent, ProductUnit
from models.record import new_id
from models.words import Selection
from models.writing import Changes
from resolvers.access import Caller
from resolvers.contents import as_json, camel, canonical

Content = Mapping[str, Any]

DEFAULTS: Content = {
    "active": True,
    "requires_batch": False,
    "requires_expiry": False,
    "selection": {"rule": Selection.FIFO, "strict": False},
}
"""What a product is, unless it is said."""

DOTTED = re.compile(r"[0-9]+(\.[0-9]+)+")
"""How customs offices write an HS code; it is kept as digits."""


def spelled_one_way(content: Content) -> dict[str, Any]:
    """The content with what can be spelled in several ways spelled in one."""
    plain = dict(content)
    if DOTTED.fullmatch(plain.get("hs_code") or ""):
        plain["hs_code"] = plain["hs_code"].replace(".", "")
    if plain.get("selection") is not None:
        plain["selection"] = {"strict": False, **plain["selection"]}
    if plain.get("units"):
        plain["units"] = [
            {**unit, "directly_shippable": unit.get("directly_shippable", True) is not False}
            for unit in plain["units"]
        ]
    return plain


def filled_in(content: Content) -> dict[str, Any]:
    """A new product's input with its defaults, by which it is recognised when it comes again."""
    given = {name: value for name, value in content.items() if value is not None}
    return {**DEFAULTS, **given, "units": units_of(content)}


def filled_in_since(stored: str) -> str:
    """Content as it was kept, with the defaults of fields that came later."""
    return as_json({**canonical(DEFAULTS), **orjson.loads(stored)})


def units_of(content: Content, default_unit: str | None = None) -> Sequence[Content]:
    """The units that are given; of none, one of the default unit."""
    only = {
        "code": content.get("default_unit") or default_unit,
        "base_quantity": Decimal(1),
        "directly_shippable": True,
    }
    return content.get("units") or [only]


def columns(content: Content) -> dict[str, Any]:
    """The columns of the fields that are given."""
    given = {name: content[name] for name in PLAIN if name in content}
    if "selection" in content:
        given |= {column: content["selection"].get(name) for name, column in SELECTION.items()}
    return given


def insert_units(
    caller: Caller, product_id: UUID, units: Sequence[Content], changes: Changes
) -> None:
    """The units in the order in which they were sent."""
    changes.insert(
        ProductUnit,
        *(
            {
                "tenant_id": caller.tenant_id,
                "id": new_id(),
                "product_id": product_id,
                "position": position,
                **{name: unit.get(name) for name in UNIT},
            }
            for position, unit in enumerate(units, start=1)
        ),
    )


def note(
    caller: Caller,
    product_id: UUID,
    version: int,
    changed: Sequence[str],
    at: datetime,
    changes: Changes,
) -> None:
    """One line of the product's history."""
    changes.insert(
        ProductEvent,
        {
            "tenant_id": caller.tenant_id,
            "id": new_id(),
            "product_id": product_id,
            "version": version,
            "changed": as_json([camel(name) for name in changed]),
            "at": at,
            "client_id": caller.client_id,
            "staff_user_id": caller.staff_user_id,
        },
    )
