"""Tenants, their people, customers and warehouses, and who is known by which identity."""

from typing import ClassVar
from uuid import UUID

from tortoise import Model, fields

from models.fields import Instant
from models.record import Record, new_id
from models.words import (
    ConsignmentTrigger,
    IdentityKind,
    ShortStockPolicy,
    StaffRole,
    UnknownProductPolicy,
    UnknownUnitPolicy,
)


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

    With `tenants` and `allowances` all there is outside the tenants; each value is unique in the
    service.
    """

    value = fields.CharField(max_length=320, primary_key=True)
    kind = fields.CharEnumField(IdentityKind, max_length=16)
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
    version = fields.IntField(default=1)
    last_signed_in_at = Instant(null=True)
    created_at = Instant()
    modified_at = Instant()

    class Meta:
        table = "staff_users"


class StaffSession(Record):
    """One time that a person was let in, by a token that is kept as its SHA-256."""

    staff_user_id: UUID
    staff_user: fields.ForeignKeyRelation[StaffUser] = fields.ForeignKeyField(
        "models.StaffUser", related_name=False, on_delete=fields.RESTRICT
    )
    token_hash = fields.CharField(max_length=64)
    issued_at = Instant()
    expires_at = Instant()
    revoked_at = Instant(null=True)
    cookie = fields.BooleanField(default=False)
    """Whether a browser holds it, after a sign-in with the password; else it is a bearer token."""
    last_seen_at = Instant(null=True)
    address = fields.TextField(null=True)

    class Meta:
        table = "staff_sessions"


class Warehouse(Record):
    """A depot of the tenant."""

    warehouse_column: ClassVar[str | None] = "id"

    code = fields.TextField()
    name = fields.TextField()
    time_zone = fields.TextField()
    active = fields.BooleanField(default=True)
    gln = fields.TextField(null=True)
    """Its Global Location Number (GS1)."""
    address_company = fields.TextField(null=True)
    address_contact = fields.TextField(null=True)
    address_line1 = fields.TextField(null=True)
    address_line2 = fields.TextField(null=True)
    address_suburb = fields.TextField(null=True)
    address_city = fields.TextField(null=True)
    address_state = fields.TextField(null=True)
    address_postcode = fields.TextField(null=True)
    address_country = fields.CharField(max_length=2, null=True)
    address_phone = fields.TextField(null=True)
    address_email = fields.TextField(null=True)
    version = fields.IntField(default=1)
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
    sandbox_of_id: UUID | None
    sandbox_of: fields.ForeignKeyNullableRelation["Customer"] = fields.ForeignKeyField(
        "models.Customer", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    default_warehouse_id: UUID | None
    default_warehouse: fields.ForeignKeyNullableRelation[Warehouse] = fields.ForeignKeyField(
        "models.Warehouse", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    active = fields.BooleanField(default=True)
    short_stock = fields.CharEnumField(ShortStockPolicy, max_length=16, null=True)
    """What becomes of inputs that cannot be carried out as they are; null refuses them."""
    unknown_product = fields.CharEnumField(UnknownProductPolicy, max_length=16, null=True)
    unknown_unit = fields.CharEnumField(UnknownUnitPolicy, max_length=16, null=True)
    makes_consignments = fields.CharEnumField(ConsignmentTrigger, max_length=16, null=True)
    """When its outbound orders make a consignment by themselves."""
    version = fields.IntField(default=1)
    created_at = Instant()
    modified_at = Instant()

    class Meta:
        table = "customers"
