"""What every command of `dockgate` shares: connecting, refusing, printing."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import UUID

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from models.database import DatabaseFault, MigrationError, connect, disconnect
from models.database.migrations import check
from resolvers.errors import Refusal, UserErrors
from resolvers.tenants import find_tenant
from server import log
from server.settings import PREFIX, Settings

T = TypeVar("T")

REFUSED = 1
USAGE = 2
WIDEST = 10_000

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
OfTenant = Annotated[
    str | None, typer.Option("--tenant", help="Id or name; not needed while there is but one.")
]


def settings() -> Settings:
    """What is set, or a sentence about what is set wrongly."""
    try:
        return Settings()
    except ValidationError as wrong:
        # Not the values: one of them may be a password.
        for fault in wrong.errors(include_input=False, include_url=False):
            name = "__".join(str(step) for step in fault["loc"]).upper()
            sys.stderr.write(f"{PREFIX}{name}: {fault['msg']}\n")
        raise typer.Exit(USAGE) from None


def carry_out(work: Callable[[], Awaitable[T]], *, migrated: bool = True) -> T:
    """Do it with a connection to the database; a refusal is told in a sentence and exit code 1."""
    known = settings()
    log.set_up("warning")

    async def connected() -> T:
        await connect(known.database_url.get_secret_value(), pool_size=known.pool_size)
        try:
            if migrated:
                await check()
            return await work()
        finally:
            await disconnect()

    try:
        return asyncio.run(connected())
    except UserErrors as refused:
        refuse(*(_told(error.path, error.message, error.suggestions) for error in refused.errors))
    except MigrationError as refused:
        refuse(f"{refused}. `dockgate migrate` brings the database up to date.")
    except (DatabaseFault, Refusal, ValueError) as refused:
        refuse(str(refused))


def refuse(*sentences: str) -> NoReturn:
    """Say why not, and end with exit code 1."""
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    raise typer.Exit(REFUSED)


async def tenant_id(named: str | None) -> UUID:
    """The tenant that a command is about."""
    return (await find_tenant(named)).id


def print_json(value: object) -> None:
    """Print it for a program."""
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.flush()


def print_rows(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print a list: as JSON for a program, as a table for a person."""
    if as_json:
        print_json(rows)
        return
    if not rows:
        sys.stdout.write("None.\n")
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in rows[0]:
        table.add_column(name, no_wrap=True)
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    # As wide as it is: an id that was cut is of no use to anybody.
    Console(width=WIDEST).print(table)


def print_one(row: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one thing: as JSON for a program, line by line for a person."""
    if as_json:
        print_json(row)
        return
    width = max(len(name) for name in row)
    for name, value in row.items():
        sys.stdout.write(f"{name:<{width}}  {_cell(value)}\n")


def _cell(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(str(each) for each in value) or "none"
        case _:
            return str(value)


def _told(path: Sequence[str], message: str, suggestions: Sequence[str] | None) -> str:
    rest = "".join(f"\n  {one}" for one in suggestions or ())
    return f"{'.'.join(path)}: {message}{rest}"
