"""Tenants, their people, customers and warehouses, and who is known by which identity."""

from typing import ClassVar

from tortoise import Model, fields

from models.fields import Instant
from models.record import Record, new_id
from models.words import IdentityKind, StaffRole


class Tenant(Model):
    """A 3PL operator's account. Nothing ever crosses a tenant."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    name = fields.TextField()
    currency = fields.CharField(max_length=3)
    time_zone = fields.TextField()
    epoch = fields.BigIntField(default=0)
    """Grows with every change to who may do what; workers drop their callers when it moves."""
    created_at = Instant()

    class Meta:
        table = "tenants"


class Identity(Model):
    """Where a client id, a token or an e-mail leads before the tenant is known.

    With `tenants` the only table outside the tenants; each value is unique in the service.
    """

    value = fields.CharField(max_length=320, primary_key=True)
    kind = fields.CharEnumField(IdentityKind, max_length=8)
    tenant_id = fields.UUIDField()
    row_id = fields.UUIDField()

    class Meta:
        table = "identities"


class StaffUser(Record):
    """A person of the operator."""

    email = fields.TextField()
    name = fields.TextField()
    role = fields.CharEnumField(StaffRole, max_length=16)
    password_hash = fields.TextField(null=True)
    active = fields.BooleanField(default=True)
    created_at = Instant()

    class Meta:
        table = "staff_users"


class Warehouse(Record):
    """A depot of the tenant."""

    warehouse_column: ClassVar[str | None] = "id"

    code = fields.TextField()
    name = fields.TextField()
    time_zone = fields.TextField()
    active = fields.BooleanField(default=True)
    created_at = Instant()
    modified_at = Instant()

    class Meta:
        table = "warehouses"


class Customer(Record):
    """A company whose goods the tenant stores or carries. Never deleted, only deactivated."""

    customer_column: ClassVar[str | None] = "id"

    code = fields.TextField()
    name = fields.TextField()
    sandbox = fields.BooleanField(default=False)
    sandbox_of: fields.ForeignKeyNullableRelation["Customer"] = fields.ForeignKeyField(
        "models.Customer", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    default_warehouse: fields.ForeignKeyNullableRelation[Warehouse] = fields.ForeignKeyField(
        "models.Warehouse", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    active = fields.BooleanField(default=True)
    created_at = Instant()
    modified_at = Instant()

    class Meta:
        table = "customers"
