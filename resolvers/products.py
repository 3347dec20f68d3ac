"""Products: adding them and editing them. A product's code is its reference."""

from collections.abc import Mapping
from typing import Any

from models import lookups, product_lookups
from models.product_lookups import PLAIN
from models.products import Product, ProductEvent, ProductUnit
from models.record import new_id
from models.words import UserErrorCode
from models.writing import Changes
from resolvers.access import Caller
from resolvers.commands import Effect, now
from resolvers.contents import as_json, canonical, input_path
from resolvers.errors import UserErrors, not_found
from resolvers.faults import Faults
from resolvers.product_rows import (
    columns,
    filled_in,
    filled_in_since,
    insert_units,
    note,
    spelled_one_way,
    units_of,
)
from resolvers.product_rules import check_default, check_fields, check_units, check_whole
from resolvers.references import Standing, clash, repeats
from resolvers.versions import stale

Content = Mapping[str, Any]


async def add(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Take a new product, or find the one that was made of the same content before."""
    full, faults = await _whole(caller, content)
    customer_id = content["customer"]
    earlier = await lookups.product_of_code(caller.reach, customer_id, content["code"])
    if earlier is not None:
        kept = filled_in_since(earlier.content)
        standing = Standing(earlier.id, kept, visible=True, legal_moves=["UPDATE"])
        if repeats(standing, canonical(full)):
            return Effect(earlier.id, customer_id, replayed=True)
        faults.errors.append(clash(standing, canonical(full), content["code"], input_path("code")))
    return _insert(caller, full, faults, changes)


async def _whole(caller: Caller, content: Content) -> tuple[Content, Faults]:
    """All that a new product is to be, and what is wrong with it."""
    faults = Faults()
    content = spelled_one_way(content)
    check_fields(content, faults)
    check_whole(content, faults)
    customer_id = content["customer"]
    party = await lookups.party(caller.reach, customer_id)
    if not party.found:
        raise UserErrors(
            [*faults.errors, not_found("customer", customer_id, input_path("customer"))]
        )
    if not party.active:
        faults.add(UserErrorCode.INVALID, input_path("customer"), "This customer is not active.")
    full = filled_in(content)
    check_units(full["units"], full.get("default_unit"), faults)
    return full, faults


def _insert(caller: Caller, full: Content, faults: Faults, changes: Changes) -> Effect:
    faults.raise_any()
    product_id, at = new_id(), now()
    changes.insert(
        Product,
        {
            "tenant_id": caller.tenant_id,
            "id": product_id,
            "customer_id": full["customer"],
            "code": full["code"],
            **columns({**dict.fromkeys(PLAIN), **full}),
            "content": as_json(canonical(full)),
            "created_at": at,
            "modified_at": at,
        },
    )
    insert_units(caller, product_id, full["units"], changes)
    note(caller, product_id, 1, sorted(full), at, changes)
    return Effect(product_id, full["customer"])


async def edit(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Set the fields that are given, if nobody changed the product since it was read."""
    product = await lookups.product_for_change(caller.reach, content["id"])
    if product is None:
        raise UserErrors([not_found("product", content["id"], input_path("id"))])
    given = spelled_one_way(
        {name: value for name, value in content.items() if name not in {"id", "version"}}
    )
    if content["version"] != product.version:
        changed = await lookups.fields_changed_since(
            ProductEvent, "product_id", caller.reach, product.id, content["version"]
        )
        stored = await product_lookups.as_content(caller.tenant_id, product.id)
        raise stale(product.version, content["version"], changed, stored, given)
    await _set(caller, product, given, changes)
    return Effect(product.id, product.customer_id)


async def upsert(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Add the product of that code, or set what is given and differs, or find it already so."""
    customer_id = content["customer"]
    earlier = await lookups.product_of_code(caller.reach, customer_id, content["code"])
    # Once more, and held: another one may be changing it.
    product = earlier and await lookups.product_for_change(caller.reach, earlier.id)
    if product is None:
        # Not to be looked for again: if it is there by now, the database says so, and the next
        # look finds it.
        return _insert(caller, *await _whole(caller, content), changes)
    said = spelled_one_way(content)
    if "units" in said:
        said["units"] = units_of(said, product.default_unit)
    stored = await product_lookups.as_content(caller.tenant_id, product.id)
    given = {
        name: value
        for name, value in said.items()
        if name not in {"customer", "code"} and canonical(value) != canonical(stored[name])
    }
    if not given:
        return Effect(product.id, customer_id, replayed=True)
    await _set(caller, product, given, changes)
    return Effect(product.id, customer_id)


async def _set(
    caller: Caller, product: lookups.KnownProduct, given: Content, changes: Changes
) -> None:
    faults = Faults()
    check_fields(given, faults)
    default_unit = given.get("default_unit") or product.default_unit
    units = units_of(given, default_unit) if "units" in given else None
    if units is not None:
        check_units(units, default_unit, faults)
    elif default_unit != product.default_unit:
        check_default(default_unit, await _unit_codes(caller, product), faults)
    faults.raise_any()

    if units is not None:
        await lookups.delete_owned(ProductUnit, "product_id", caller.tenant_id, product.id)
        insert_units(caller, product.id, units, changes)
    at, version = now(), product.version + 1
    changes.update(
        Product,
        caller.tenant_id,
        product.id,
        **columns(given),
        version=version,
        modified_at=at,
    )
    note(caller, product.id, version, sorted(given), at, changes)


async def _unit_codes(caller: Caller, product: lookups.KnownProduct) -> list[str]:
    units = await product_lookups.units_of(caller.tenant_id, product.id)
    return [unit["code"] for unit in units]
