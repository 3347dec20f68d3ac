"""What can go wrong between us and the database.

    DatabaseFault                 base of all; never raised itself
    ├── DatabaseUnavailable       not now; `reason` says why
    │   ├── LockTimeout           somebody else held the lock for too long
    │   ├── SerializationFailure  lost against another transaction; may be run again as a whole
    │   └── OutcomeUnknown        the answer to COMMIT was lost: it may have happened
    ├── Conflict                  a unique key is taken
    ├── BrokenReference           a row that is pointed at is not there, or is still pointed at
    ├── BrokenRule                NOT NULL or CHECK does not hold
    ├── TenantChanged             a row was about to be moved to another tenant
    └── StatementFailed           our fault: the statement, or a value in it
    TransactionEnded              the transaction this task was started in is over
    MigrationError                the schema is not what the code needs

The first three below `DatabaseUnavailable` and all others are also the errors that Tortoise
raises for the same thing, so that its own `get_or_create` goes on working. No text holds a
value of a row: PostgreSQL's own messages name the keys, and those are other people's.
"""

from enum import StrEnum

from tortoise.exceptions import IntegrityError, OperationalError, TransactionManagementError


class Reason(StrEnum):
    """Why the database could not be asked."""

    BUSY = "BUSY"
    FULL = "FULL"
    LOST = "LOST"
    TIMEOUT = "TIMEOUT"


class DatabaseFault(OperationalError):
    """Base of what the database answers with; never raised itself."""


class DatabaseUnavailable(DatabaseFault):
    """The database cannot answer now; asking again later may help."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(f"{text} ({reason})")
        self.reason = reason


class LockTimeout(DatabaseUnavailable):
    """Somebody else held a lock, or all connections, for too long."""

    def __init__(self, text: str = "Waited too long for a lock") -> None:
        super().__init__(Reason.BUSY, text)


class SerializationFailure(DatabaseUnavailable):
    """Two transactions got in each other's way and this one gave in; nothing of it remains."""

    def __init__(self, text: str = "Lost against another transaction") -> None:
        super().__init__(Reason.BUSY, text)


class OutcomeUnknown(DatabaseUnavailable):
    """The connection broke while COMMIT was under way, so it must not simply be run again."""

    def __init__(self) -> None:
        super().__init__(Reason.LOST, "The answer to COMMIT was lost")


class Conflict(DatabaseFault, IntegrityError):
    """A row with that unique key is there already.

    PostgreSQL tells the constraint and its columns. SQLite tells the columns, and the index
    only if it is one on expressions.
    """

    def __init__(
        self, table: str | None, columns: tuple[str, ...], constraint: str | None = None
    ) -> None:
        named = ", ".join(columns) or constraint or "unknown"
        super().__init__(f"A unique key of {table or 'a table'} is taken: {named}")
        self.table = table
        self.columns = columns
        self.constraint = constraint


class BrokenReference(DatabaseFault, IntegrityError):
    """A row points at one that is not there, or was to go while others point at it."""

    def __init__(self, constraint: str | None = None) -> None:
        super().__init__(f"A reference does not hold: {constraint or 'unknown'}")
        self.constraint = constraint


class BrokenRule(DatabaseFault, IntegrityError):
    """A value that the table does not allow: NOT NULL or CHECK."""

    def __init__(self, constraint: str | None = None) -> None:
        super().__init__(f"A rule of the table does not hold: {constraint or 'unknown'}")
        self.constraint = constraint


class TenantChanged(DatabaseFault):
    """Rows stay with their tenant; a copy is made there instead."""


class StatementFailed(DatabaseFault):
    """A statement that the database does not understand, or a value that does not fit."""


class TransactionEnded(TransactionManagementError):
    """A task outlived the transaction it was started in, and would have written beside it."""

    def __init__(self) -> None:
        super().__init__("The transaction is over; this task has outlived it")


class MigrationError(Exception):
    """The schema in the database and the migrations in the code do not fit together."""
