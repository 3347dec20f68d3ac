"""The database: connecting, transactions, statements.

Two engines behind one small interface. Tortoise's queries and our own SQL take the same way,
obey the same transactions, and end in the same errors (`models.database.errors`).
"""

import importlib
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from tortoise.context import TortoiseContext

from models.database.engine import Dialect, Engine, Row
from models.database.errors import (
    BrokenReference,
    BrokenRule,
    Conflict,
    DatabaseFault,
    DatabaseUnavailable,
    LockTimeout,
    MigrationError,
    OutcomeUnknown,
    Reason,
    SerializationFailure,
    StatementFailed,
    TenantChanged,
    TransactionEnded,
)
from models.database.postgres import PostgresEngine
from models.database.sqlite import SqliteEngine
from models.database.transactions import (
    atomically,
    dialect,
    engine,
    execute,
    in_transaction,
    observers,
    rows,
    set_engine,
    transaction,
    write_rows,
)
from models.database.values import Json, instant_text

__all__ = [
    "BrokenReference",
    "BrokenRule",
    "Conflict",
    "DatabaseFault",
    "DatabaseUnavailable",
    "Dialect",
    "Json",
    "LockTimeout",
    "MigrationError",
    "OutcomeUnknown",
    "Reason",
    "Row",
    "SerializationFailure",
    "StatementFailed",
    "TenantChanged",
    "TransactionEnded",
    "atomically",
    "connect",
    "dialect",
    "disconnect",
    "execute",
    "in_transaction",
    "instant_text",
    "observers",
    "rows",
    "transaction",
    "write_rows",
]

_tortoise: TortoiseContext | None = None


async def connect(url: str, *, pool_size: int = 10, tables: Sequence[str] | None = None) -> None:
    """Connect to `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgres://...`.

    `tables` are the modules whose models Tortoise knows; `models.TABLES` unless told.
    """
    global _tortoise  # noqa: PLW0603 - one process talks to one database
    if _tortoise is not None:
        raise RuntimeError("Connected already")
    made = _engine_for(url, pool_size)
    await made.open()
    set_engine(made)
    _tortoise = TortoiseContext()
    try:
        # Ours only for the moment: a context would be inherited or not, the fallback is for all.
        with _tortoise:
            await _tortoise.init(_tortoise_settings(made, tables), _enable_global_fallback=True)
    except BaseException:
        await disconnect()
        raise


async def disconnect() -> None:
    """Close every connection. Whoever still waits for an answer gets an error."""
    global _tortoise
    if _tortoise is None:
        return
    known, _tortoise = _tortoise, None
    try:
        await known.close_connections()
        await engine().close()
    finally:
        set_engine(None)


def _engine_for(url: str, pool_size: int) -> Engine[Any]:
    if re.match(r"postgres(ql)?://", url):
        return PostgresEngine(url, pool_size)
    path = unquote(url.removeprefix("sqlite:///"))
    if path == url or not path or path.startswith(":memory:"):
        # Not quoting it: it may hold a password.
        raise ValueError("A database URL begins with sqlite:///<file> or postgres://")
    return SqliteEngine(path, pool_size)


def _tortoise_settings(made: Engine[Any], tables: Sequence[str] | None) -> dict[str, object]:
    # Tortoise remembers SQL by the connection's name, so each dialect needs its own.
    name = f"dockgate_{made.dialect}"
    known = tables if tables is not None else importlib.import_module("models").TABLES
    return {
        "connections": {
            name: {"engine": "models.database.client", "credentials": {"dialect": made.dialect}}
        },
        "apps": {"models": {"models": list(known), "default_connection": name}},
    }
