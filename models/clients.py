"""API clients, what they reach, and the secrets and tokens they show."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from tortoise import fields

from models.fields import Instant
from models.record import Record
from models.tenants import Customer, Warehouse
from models.words import ApiRole


class ApiClient(Record):
    """The credentials of one integration. Its `id` is its OAuth client id, for good."""

    made: ClassVar[Mapping[str, str]] = {
        # Never null, so that pages can be cut at it.
        "seen_at": "coalesce({row}.last_used_at, {row}.created_at)",
    }

    name = fields.TextField()
    active = fields.BooleanField(default=False)
    all_customers = fields.BooleanField(default=False)
    """All live customers, those added later too; never sandbox ones."""
    all_warehouses = fields.BooleanField(default=False)
    sees_tenant_usage = fields.BooleanField(default=False)
    version = fields.IntField(default=1)
    expires_at = Instant(null=True)
    """From then on it is let in no more; null never."""
    addresses = fields.TextField(default="[]")
    """From where it may ask, as a JSON list of networks (CIDR); empty from anywhere."""
    legacy = fields.BooleanField(default=False)
    """Whether it shows a key straight on the endpoint, as it did before there were clients."""
    legacy_identifier = fields.TextField(null=True)
    """What it names itself by in HTTP Basic; null if it only sends its key."""
    last_used_at = Instant(null=True)
    last_used_address = fields.TextField(null=True)
    last_used_operation = fields.TextField(null=True)
    created_at = Instant()
    modified_at = Instant()

    class Meta:
        table = "api_clients"


class ApiClientRole(Record):
    """One role that a client holds."""

    client: fields.ForeignKeyRelation[ApiClient] = fields.ForeignKeyField(
        "models.ApiClient", related_name="roles", on_delete=fields.RESTRICT
    )
    role = fields.CharEnumField(ApiRole, max_length=32)

    class Meta:
        table = "api_client_roles"


class ApiClientCustomer(Record):
    """One customer in a client's reach."""

    client_id: UUID
    customer_id: UUID
    client: fields.ForeignKeyRelation[ApiClient] = fields.ForeignKeyField(
        "models.ApiClient", related_name="customers", on_delete=fields.RESTRICT
    )
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name=False, on_delete=fields.RESTRICT
    )

    class Meta:
        table = "api_client_customers"


class ApiClientWarehouse(Record):
    """One warehouse in a client's reach."""

    client_id: UUID
    warehouse_id: UUID
    client: fields.ForeignKeyRelation[ApiClient] = fields.ForeignKeyField(
        "models.ApiClient", related_name="warehouses", on_delete=fields.RESTRICT
    )
    warehouse: fields.ForeignKeyRelation[Warehouse] = fields.ForeignKeyField(
        "models.Warehouse", related_name=False, on_delete=fields.RESTRICT
    )

    class Meta:
        table = "api_client_warehouses"


class Credential(Record):
    """One secret of a client, kept as its hash. Two live ones at most."""

    client_id: UUID
    client: fields.ForeignKeyRelation[ApiClient] = fields.ForeignKeyField(
        "models.ApiClient", related_name="credentials", on_delete=fields.RESTRICT
    )
    secret_hash = fields.TextField()
    created_at = Instant()
    retires_at = Instant(null=True)
    """When a regenerated client's old secret stops; null while it is the current one."""
    legacy = fields.BooleanField(default=False)
    """Whether it is a key that is shown as it is, and not traded for tokens."""
    last_used_at = Instant(null=True)
    last_used_address = fields.TextField(null=True)
    last_used_operation = fields.TextField(null=True)

    class Meta:
        table = "credentials"


class AccessToken(Record):
    """One opaque bearer token, kept as its SHA-256."""

    client_id: UUID
    credential_id: UUID
    client: fields.ForeignKeyRelation[ApiClient] = fields.ForeignKeyField(
        "models.ApiClient", related_name=False, on_delete=fields.RESTRICT
    )
    credential: fields.ForeignKeyRelation[Credential] = fields.ForeignKeyField(
        "models.Credential", related_name=False, on_delete=fields.RESTRICT
    )
    token_hash = fields.CharField(max_length=64)
    issued_at = Instant()
    expires_at = Instant()
    revoked_at = Instant(null=True)

    class Meta:
        table = "access_tokens"
