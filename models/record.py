"""What every tenant-owned row has in common."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from tortoise import Model, fields
from uuid_utils import compat


def new_id() -> UUID:
    """A fresh id: UUIDv7 (RFC 9562), so that later rows sort after earlier ones."""
    return compat.uuid7()


class Record(Model):
    """A row that belongs to one tenant.

    The primary key in the database is `(tenant_id, id)`, and every reference names both, so no
    row can point into another tenant. Tortoise sees `id`; its updates and deletes are given the
    tenant by the executor in `models.database`.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    tenant_id = fields.UUIDField()

    customer_column: ClassVar[str | None] = None
    """The column that a caller's customers must hold, if rows are reached by customer."""

    warehouse_column: ClassVar[str | None] = None
    """The column that a caller's warehouses must hold, if rows are reached by warehouse."""

    caller_column: ClassVar[str | None] = None
    """The column that must hold the caller's own id, if nobody else can see the rows."""

    made: ClassVar[Mapping[str, str]] = {}
    """Columns that are made of others when a row is read: SQL by name, with `{row}` for the row."""

    class Meta:
        abstract = True
