"""What a command needs to know of a product that is there already."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise import fields

from models.database import dialect, rows
from models.fields import Quantity, from_millionths
from models.products import Product, ProductUnit
from models.record import Record

PLAIN = (
    "name",
    "type",
    "description",
    "default_unit",
    "requires_batch",
    "requires_expiry",
    "hs_code",
    "country_of_origin",
    "low_stock_quantity",
    "expiry_notice_days",
    "active",
)
"""Columns that an input calls by the same name."""

SELECTION = {
    "rule": "selection",
    "strict": "selection_strict",
    "expiry_threshold_days": "expiry_threshold_days",
}
"""The columns of the stock selection, by their names inside of it."""

UNIT = (
    "code",
    "base_quantity",
    "weight_kg",
    "length_m",
    "width_m",
    "height_m",
    "barcode",
    "directly_shippable",
)
"""Columns of a unit; an input calls all of them by the same name."""


async def as_content(tenant_id: UUID, product_id: UUID) -> dict[str, Any]:
    """A product as it stands, in the form of the input that would make it so."""
    columns = (*PLAIN, *SELECTION.values())
    [row] = await _read(Product, columns, "id", tenant_id, product_id, "id")
    return {
        **{name: row[name] for name in PLAIN},
        "selection": {name: row[column] for name, column in SELECTION.items()},
        "units": await units_of(tenant_id, product_id),
    }


async def units_of(tenant_id: UUID, product_id: UUID) -> list[dict[str, Any]]:
    """The units that a product is counted in, in their order."""
    return await _read(ProductUnit, UNIT, "product_id", tenant_id, product_id, "position")


async def _read(
    table: type[Record],
    columns: Sequence[str],
    owner: str,
    tenant_id: UUID,
    row_id: UUID,
    order: str,
) -> list[dict[str, Any]]:
    p = dialect().placeholder
    found = await rows(
        f"SELECT {', '.join(columns)} FROM {table._meta.db_table}"
        f" WHERE tenant_id = {p(1)} AND {owner} = {p(2)} ORDER BY {order}",
        *(tenant_id, row_id),
    )
    kinds: Mapping[str, Any] = table._meta.fields_map
    return [
        {name: _value(kinds[name], one) for name, one in zip(columns, row, strict=True)}
        for row in found
    ]


def _value(kind: fields.Field[Any], stored: Any) -> Any:
    """What a column's value means, which a statement of our own gives as it is stored."""
    if stored is None:
        return None
    if isinstance(kind, Quantity):
        return from_millionths(stored)
    return bool(stored) if isinstance(kind, fields.BooleanField) else stored
