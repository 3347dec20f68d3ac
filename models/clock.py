"""The database's clock, which alone decides to which week a call belongs."""

import datetime as dt

from models.database import Dialect, dialect, rows


def ticking() -> str:
    """SQL for the present instant; on PostgreSQL it moves on while a statement runs."""
    return _sqlite("") if dialect() is Dialect.SQLITE else "clock_timestamp()"


def standing(seconds_ago: int = 0) -> str:
    """SQL for the instant at which the statement began, or so many seconds before it."""
    if dialect() is Dialect.SQLITE:
        return _sqlite(f", '-{seconds_ago} seconds'" if seconds_ago else "")
    if seconds_ago:
        return f"(statement_timestamp() - interval '{seconds_ago} seconds')"
    return "statement_timestamp()"


def ahead(seconds: int) -> str:
    """SQL for the instant so many seconds after the statement began."""
    if dialect() is Dialect.SQLITE:
        return _sqlite(f", '+{seconds} seconds'")
    return f"(statement_timestamp() + interval '{seconds} seconds')"


async def now() -> dt.datetime:
    """What the database's clock shows."""
    [(shown,)] = await rows(f"SELECT {ticking()}")
    return instant(shown)


def instant(value: dt.datetime | str) -> dt.datetime:
    """An instant as either engine answers it."""
    return dt.datetime.fromisoformat(value) if isinstance(value, str) else value


def day(value: dt.date | str) -> dt.date:
    """A date as either engine answers it."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _sqlite(modifier: str) -> str:
    # SQLite's clock has milliseconds; the zeros make it compare with what we write.
    return f"strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'{modifier})"
