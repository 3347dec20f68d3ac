"""Products: adding them and editing them. A product's code is its reference."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from models import lookups
from models.products import Product, ProductEvent, ProductUnit
from models.record import new_id
from models.words import UserErrorCode
from models.writing import Changes
from resolvers.access import Caller
from resolvers.commands import Effect, now
from resolvers.contents import as_json, camel, canonical, input_path
from resolvers.errors import UserErrors, not_found
from resolvers.faults import Faults
from resolvers.references import Standing, clash, repeats
from resolvers.versions import stale

Content = Mapping[str, Any]

PLAIN = ("name", "type", "description", "default_unit", "active")
SIZES = ("weight_kg", "length_m", "width_m", "height_m")


async def add(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Take a new product, or find the one that was made of the same content before."""
    faults = Faults()
    faults.texts(content)
    faults.not_blank(content, ("code", "name", "default_unit"))
    customer_id = content["customer"]
    party = await lookups.party(caller.reach, customer_id)
    if not party.found:
        raise UserErrors(
            [*faults.errors, not_found("customer", customer_id, input_path("customer"))]
        )
    if not party.active:
        faults.add(UserErrorCode.INVALID, input_path("customer"), "This customer is not active.")
    full = {
        **content,
        "active": content.get("active", True) is not False,
        "units": _units(content.get("units"), content["default_unit"], faults),
    }

    earlier = await lookups.product_of_code(caller.reach, customer_id, content["code"])
    if earlier is not None:
        standing = Standing(earlier.id, earlier.content, visible=True, legal_moves=["UPDATE"])
        if repeats(standing, canonical(full)):
            return Effect(earlier.id, customer_id, replayed=True)
        faults.errors.append(clash(standing, canonical(full), content["code"], input_path("code")))
    faults.raise_any()

    product_id, at = new_id(), now()
    changes.insert(
        Product,
        {
            "tenant_id": caller.tenant_id,
            "id": product_id,
            "customer_id": customer_id,
            "code": content["code"],
            **{name: full.get(name) for name in PLAIN},
            "content": as_json(canonical(full)),
            "created_at": at,
            "modified_at": at,
        },
    )
    _insert_units(caller, product_id, full["units"], changes)
    _note(caller, product_id, 1, sorted(full), at, changes)
    return Effect(product_id, customer_id)


async def edit(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Set the fields that are given, if nobody changed the product since it was read."""
    product = await lookups.product_for_change(caller.reach, content["id"])
    if product is None:
        raise UserErrors([not_found("product", content["id"], input_path("id"))])
    given = {name: value for name, value in content.items() if name not in {"id", "version"}}
    if content["version"] != product.version:
        changed = await lookups.fields_changed_since(
            ProductEvent, "product_id", caller.reach, product.id, content["version"]
        )
        stored = await lookups.columns(Product, caller.reach, product.id, PLAIN)
        raise stale(product.version, content["version"], changed, stored, given)
    faults = Faults()
    faults.texts(given)
    faults.not_blank(given, ("name", "default_unit"))
    default_unit = given.get("default_unit") or product.default_unit
    units: Sequence[Content] | None = None
    if "units" in given:
        units = _units(given["units"], default_unit, faults)
    elif default_unit != product.default_unit:
        known = await lookups.unit_codes(caller.tenant_id, product.id)
        _check_default(default_unit, known, faults)
    faults.raise_any()

    if units is not None:
        await lookups.delete_owned(ProductUnit, "product_id", caller.tenant_id, product.id)
        _insert_units(caller, product.id, units, changes)
    at, version = now(), product.version + 1
    changes.update(
        Product,
        caller.tenant_id,
        product.id,
        **{name: given[name] for name in PLAIN if name in given},
        version=version,
        modified_at=at,
    )
    _note(caller, product.id, version, sorted(given), at, changes)
    return Effect(product.id, product.customer_id)


def _units(units: Sequence[Content] | None, default_unit: str, faults: Faults) -> Sequence[Content]:
    """The units with their defaults; of none named, one of the default unit."""
    if not units:
        return [{"code": default_unit, "base_quantity": Decimal(1), "directly_shippable": True}]
    codes = [unit["code"] for unit in units]
    for at, unit in enumerate(units):
        faults.not_blank(unit, ("code",), "units", at)
        faults.positive(unit, ("base_quantity", *SIZES), "units", at)
        if unit["code"] in codes[:at]:
            faults.add(
                UserErrorCode.INVALID,
                input_path("units", at, "code"),
                f"`{unit['code']}` stands there twice.",
            )
    _check_default(default_unit, codes, faults)
    return [
        {**unit, "directly_shippable": unit.get("directly_shippable", True) is not False}
        for unit in units
    ]


def _check_default(default_unit: str, codes: Sequence[str], faults: Faults) -> None:
    if default_unit not in codes:
        faults.add(
            UserErrorCode.UNKNOWN_UNIT,
            input_path("default_unit"),
            f"`{default_unit}` is none of the product's units.",
            codes,
        )


def _insert_units(
    caller: Caller, product_id: UUID, units: Sequence[Content], changes: Changes
) -> None:
    changes.insert(
        ProductUnit,
        *(
            {
                "tenant_id": caller.tenant_id,
                "id": new_id(),
                "product_id": product_id,
                "position": position,
                "code": unit["code"],
                "base_quantity": unit["base_quantity"],
                **{name: unit.get(name) for name in (*SIZES, "barcode")},
                "directly_shippable": unit["directly_shippable"],
            }
            for position, unit in enumerate(units, start=1)
        ),
    )


def _note(
    caller: Caller,
    product_id: UUID,
    version: int,
    changed: Sequence[str],
    at: datetime,
    changes: Changes,
) -> None:
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
