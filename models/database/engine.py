"""What the two engines have in common, so that nothing above needs to know which one it is."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Sequence
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")

STATEMENT_SECONDS = 10.0
LOCK_SECONDS = 5.0


class Dialect(StrEnum):
    """Which SQL is spoken."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"

    def placeholder(self, number: int) -> str:
        """Name the value of that number, counted from 1; it may be named more than once."""
        return f"?{number}" if self is Dialect.SQLITE else f"${number}"


class Row(Protocol):
    """A row as the driver gives it: by position, or by the name of the column."""

    def __getitem__(self, key: int | str, /) -> Any: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def keys(self) -> Any:
        """The names of the columns."""


class Link(ABC):
    """One connection; its methods raise nothing but what `errors` draws."""

    @abstractmethod
    async def fetch(self, sql: str, values: Sequence[Any]) -> Sequence[Row]:
        """Run one statement and give the rows it answers with."""

    @abstractmethod
    async def change(self, sql: str, values: Sequence[Any]) -> int:
        """Run one statement and count the rows it touched."""

    @abstractmethod
    async def insert(self, sql: str, values: Sequence[Any]) -> Any:
        """Run one INSERT for Tortoise: the row's number on SQLite, else the row returned."""

    @abstractmethod
    async def change_many(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        """Run one statement with many sets of values."""

    @abstractmethod
    async def script(self, sql: str) -> None:
        """Run several statements, with no limit of time."""


L = TypeVar("L", bound=Link)


class Engine(ABC, Generic[L]):
    """A database that is connected: lends connections, begins and ends transactions."""

    dialect: Dialect

    @abstractmethod
    async def open(self) -> None:
        """Connect once, so that a wrong address is known at the start."""

    @abstractmethod
    async def close(self) -> None:
        """Close every connection, and leave nothing running."""

    @abstractmethod
    async def read(self, sql: str, values: Sequence[Any]) -> Sequence[Row]:
        """Run one reading statement outside any transaction."""

    @abstractmethod
    async def write(self, work: Callable[[L], Awaitable[T]]) -> T:
        """Run one writing statement that is its own transaction."""

    @abstractmethod
    async def begin(self, *, quick: bool = False) -> L:
        """Lend a connection with a transaction open on it; `quick` as `transaction` has it."""

    @abstractmethod
    async def commit(self, link: L) -> None:
        """Commit, and take the connection back in any case."""

    @abstractmethod
    async def rollback(self, link: L) -> None:
        """Undo, and take the connection back in any case; raises nothing."""
