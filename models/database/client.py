"""What Tortoise talks to: its own queries, sent the way of ours.

A client has no connection of its own and holds no transaction. Each query goes where the
task's context says, so that there is nothing left that a late task could write through.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, cast

from pypika_tortoise.dialects import PostgreSQLQuery, SQLLiteQuery
from tortoise.backends.asyncpg.schema_generator import AsyncpgSchemaGenerator
from tortoise.backends.base.client import (
    BaseDBAsyncClient,
    TransactionalDBClient,
    TransactionContext,
)
from tortoise.backends.base_postgres.client import BasePostgresClient
from tortoise.backends.sqlite.client import SqliteClient as StockSqliteClient
from tortoise.backends.sqlite.schema_generator import SqliteSchemaGenerator

from models.database.engine import Dialect
from models.database.executor import PostgresTenantExecutor, SqliteTenantExecutor
from models.database.transactions import fetch, transaction, write


class InTransaction(TransactionContext):
    """Our transaction, for `tortoise.transactions.in_transaction`."""

    def __init__(self, client: "Client") -> None:
        self.client = cast("TransactionalDBClient", client)
        self._transaction = transaction()

    async def __aenter__(self) -> TransactionalDBClient:
        await self._transaction.__aenter__()
        return self.client

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        await self._transaction.__aexit__(exc_type, exc_val, exc_tb)


class Client(BaseDBAsyncClient):
    """What both engines' clients have in common."""

    async def create_connection(self, with_db: bool) -> None:  # noqa: FBT001 - Tortoise's
        """Nothing to do: `connect` has done it."""

    async def close(self) -> None:
        """Nothing to do: `disconnect` does it."""

    def _in_transaction(self) -> TransactionContext:
        return InTransaction(self)

    async def execute_query(
        self, query: str, values: list[Any] | None = None
    ) -> tuple[int, Sequence[dict[str, Any]]]:
        given = values or ()
        if _only_reads(query):
            found = await fetch(query, given)
        elif " RETURNING " in query:
            found = await write(query, lambda link: link.fetch(query, given))
        else:
            return await write(query, lambda link: link.change(query, given)), []
        return len(found), cast("Sequence[dict[str, Any]]", found)

    async def execute_query_dict(
        self, query: str, values: list[Any] | None = None
    ) -> list[dict[str, Any]]:
        return [dict(row) for row in (await self.execute_query(query, values))[1]]

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        return await write(query, lambda link: link.insert(query, values))

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        async with transaction():
            await write(query, lambda link: link.change_many(query, values))

    async def execute_script(self, query: str) -> None:
        await write(query, lambda link: link.script(query))


class SqliteClient(Client):
    """For SQLite."""

    query_class = SQLLiteQuery
    executor_class = SqliteTenantExecutor
    schema_generator = SqliteSchemaGenerator
    capabilities = StockSqliteClient.capabilities


class PostgresClient(Client):
    """For PostgreSQL."""

    query_class = PostgreSQLQuery
    executor_class = PostgresTenantExecutor
    schema_generator = AsyncpgSchemaGenerator
    capabilities = BasePostgresClient.capabilities


def get_client_class(settings: dict[str, Any]) -> type[Client]:
    """Tell Tortoise which class to use for the connection that `connect` configures."""
    sqlite = settings["credentials"]["dialect"] == Dialect.SQLITE
    return SqliteClient if sqlite else PostgresClient


def _only_reads(query: str) -> bool:
    # SELECT ... FOR UPDATE outside a transaction holds nothing, so reading is all it does.
    return query.lstrip()[:7].upper().startswith(("SELECT", "EXPLAIN"))
