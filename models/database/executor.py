"""Tortoise's `save` and `delete`, kept to the rows of one tenant.

In the database the key of a row is `(tenant_id, id)`; Tortoise sees `id` alone and would
update the rows of two tenants at once, or another tenant's after `a.tenant_id = b`.
"""

from collections.abc import Iterable
from typing import Any

from tortoise import Model
from tortoise.backends.asyncpg.executor import AsyncpgExecutor
from tortoise.backends.base.executor import BaseExecutor
from tortoise.backends.sqlite.executor import SqliteExecutor
from tortoise.expressions import Expression
from tortoise.fields.base import DatabaseDefault

from models.database.engine import Dialect
from models.database.errors import TenantChanged

TENANT = "tenant_id"
ON_FILE = "_tenant_on_file"
"""Where an instance remembers the tenant that its row had when it was read or written."""


class OneTenantsRows(BaseExecutor):
    """Names the tenant in every update and delete, and never changes it."""

    dialect: Dialect

    async def execute_select(
        self, sql: str, values: list[Any] | None = None, custom_fields: list[str] | None = None
    ) -> list[Any]:
        found = await super().execute_select(sql, values, custom_fields)
        if self._has_tenant(self.model):
            for instance in found:
                _remember(instance)
        for related, _, _, _, path in (self.select_related_idx or ())[1:]:
            if self._has_tenant(related):
                for instance in found:
                    _remember(_follow(instance, path))
        return found

    async def execute_insert(self, instance: Model) -> None:
        await super().execute_insert(instance)
        if self._has_tenant(self.model):
            _remember(instance)

    async def execute_update(
        self, instance: type[Model] | Model, update_fields: Iterable[str] | None
    ) -> int:
        if not self._has_tenant(self.model):
            return await super().execute_update(instance, update_fields)
        tenant = self._tenant(instance)
        meta = self.model._meta
        expressions: dict[str, Any] = {}
        values: list[Any] = []
        names = []
        for name in self._settable(update_fields):
            value = getattr(instance, name)
            if isinstance(value, DatabaseDefault):
                continue
            names.append(name)
            if isinstance(value, Expression):
                expressions[name] = value
            else:
                values.append(meta.fields_map[name].to_db_value(value, instance))
        if not names:
            return 0
        values.append(meta.pk.to_db_value(instance.pk, instance))
        sql = self.get_update_sql(names, expressions)
        return await self._touch(sql, values, tenant)

    async def execute_delete(self, instance: type[Model] | Model) -> int:
        if not self._has_tenant(self.model):
            return await super().execute_delete(instance)
        key = self.model._meta.pk.to_db_value(instance.pk, instance)
        return await self._touch(self.delete_query, [key], self._tenant(instance))

    async def _touch(self, sql: str, values: list[Any], tenant: Any) -> int:
        column = self.model._meta.fields_db_projection[TENANT]
        number = len(values) + 1
        # Tortoise's SQLite placeholders have no numbers, and the two kinds must not be mixed.
        placeholder = "?" if self.dialect is Dialect.SQLITE else self.dialect.placeholder(number)
        touched, _ = await self.db.execute_query(
            f'{sql} AND "{column}"={placeholder}', [*values, tenant]
        )
        return touched

    def _tenant(self, instance: type[Model] | Model) -> Any:
        """The tenant whose row it is; refuses if it was to become another's."""
        now = getattr(instance, TENANT)
        if getattr(instance, ON_FILE, now) != now:
            raise TenantChanged(f"A {self.model.__name__} stays with its tenant")
        return self.model._meta.fields_map[TENANT].to_db_value(now, instance)

    def _settable(self, asked: Iterable[str] | None) -> list[str]:
        fields = self.model._meta.fields_map
        names = list(asked) if asked is not None else list(self.model._meta.fields_db_projection)
        return [
            name
            for name in names
            if name != TENANT and not fields[name].pk and not fields[name].generated
        ]

    @staticmethod
    def _has_tenant(model: type[Model]) -> bool:
        return TENANT in model._meta.fields_db_projection and model._meta.pk_attr != TENANT


class SqliteTenantExecutor(OneTenantsRows, SqliteExecutor):
    """For SQLite."""

    dialect = Dialect.SQLITE


class PostgresTenantExecutor(OneTenantsRows, AsyncpgExecutor):
    """For PostgreSQL."""

    dialect = Dialect.POSTGRES


def _remember(instance: Any) -> None:
    tenant = getattr(instance, TENANT, None)
    if tenant is not None:
        object.__setattr__(instance, ON_FILE, tenant)


def _follow(instance: Any, path: Iterable[Any]) -> Any:
    """The instance that `select_related` put at the end of `path`."""
    for step in path:
        if step is not None and instance is not None:
            instance = getattr(instance, f"_{step}", None)
    return instance
