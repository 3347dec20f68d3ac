"""The command line of the host: `dockgate --help`."""

import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from typing import Annotated

import typer
import uvicorn

from models.database.migrations import migrate as apply_migrations
from resolvers.demo import Described, Secrets
from server import (
    commands_audit,
    commands_clients,
    commands_keys,
    commands_money,
    commands_people,
    commands_places,
    commands_sandbox,
    commands_setup,
    commands_staff,
    commands_transport,
    demonstration,
    log,
)
from server.metrics import SHARED_FOLDER
from server.settings import PREFIX
from server.terminal import AsJson, carry_out, print_json, print_rows, refuse, settings
from server.worker import work_by_the_clock, work_once

Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.")]
Workers = Annotated[int | None, typer.Option(help="Processes that answer.")]
DatabaseUrl = Annotated[str | None, typer.Option(help="Where the database is.")]
NoWorker = Annotated[bool, typer.Option("--no-worker", help="Leave work by the clock to others.")]

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
app.add_typer(commands_setup.tenant, name="tenant")
app.add_typer(commands_places.customer, name="customer")
app.add_typer(commands_places.warehouse, name="warehouse")
app.add_typer(commands_clients.app, name="client")
app.add_typer(commands_keys.app, name="keys")
app.add_typer(commands_money.plan, name="plan")
commands_clients.app.command("go-live")(commands_sandbox.go_live)
commands_staff.app.command("update")(commands_people.update)
commands_staff.app.command("activate")(commands_people.activate)
app.add_typer(commands_staff.app, name="staff")
app.add_typer(commands_audit.app, name="audit")
app.add_typer(commands_transport.app, name="rates")
app.add_typer(commands_money.usage, name="usage")
app.add_typer(commands_money.statement, name="statement")
app.command()(commands_money.verify)


@app.callback()
def dockgate() -> None:
    """Run, set up and bill a Dockgate service. Settings: DOCKGATE_... in the environment."""


@app.command()
def serve(
    host: Host = None,
    port: Port = None,
    workers: Workers = None,
    database_url: DatabaseUrl = None,
    no_worker: NoWorker = False,
) -> None:
    """Answer requests, until it is told to stop."""
    _set(host, port, workers, database_url, no_worker)
    carry_out(_nothing)
    _listen()


@app.command()
def run(
    host: Host = None,
    port: Port = None,
    workers: Workers = None,
    database_url: DatabaseUrl = None,
    no_worker: NoWorker = False,
) -> None:
    """Try it out: migrate, fill an empty database with a demonstration, then serve."""
    _set(host, port, workers, database_url, no_worker)

    async def prepare() -> tuple[Sequence[Described], Secrets]:
        await apply_migrations()
        return await demonstration.make(refresh_secrets=False)

    described, secrets = carry_out(prepare, migrated=False)
    demonstration.welcome(settings(), secrets, described)
    _listen()


@app.command()
def worker(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, and end.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Do the work by the clock, for servers that were started with --no-worker."""
    _set(database_url=database_url)
    log.set_up(settings().log_level)
    try:
        carry_out(work_once if once else work_by_the_clock)
    except KeyboardInterrupt:
        sys.exit(0)


@app.command()
def migrate(database_url: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Bring the database up to date; doing it again changes nothing."""
    _set(database_url=database_url)
    applied = carry_out(apply_migrations, migrated=False)
    if as_json:
        print_json({"applied": applied})
    else:
        print_rows([{"applied": title} for title in applied], as_json=False)


@app.command()
def demo(
    refresh_secrets: Annotated[
        bool, typer.Option("--refresh-secrets", help="New secrets for the demonstration's clients.")
    ] = False,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Fill an empty database with a demonstration, and say who is in it."""
    _set(database_url=database_url)

    async def work() -> tuple[Sequence[Described], Secrets]:
        await apply_migrations()
        return await demonstration.make(refresh_secrets=refresh_secrets)

    described, secrets = carry_out(work, migrated=False)
    if not described:
        refuse("The database is in use, and not by the demonstration: nothing was changed.")
    told = demonstration.told(described, secrets, demonstration.base_url(settings()))
    if as_json:
        print_json(told)
        return
    for tenant, known in zip(told["tenants"], described, strict=True):
        sys.stdout.write(f"\n{tenant['name']}  {tenant['id']}\n")
        columns = ("name", "client_id", "client_secret", "roles")
        rows = [{name: each[name] for name in columns} for each in tenant["clients"]]
        print_rows(rows, as_json=False)
        for person in known.staff:
            sys.stdout.write(f"{person.name}, {person.role}: {demonstration.token_of(person)}\n")


@app.command()
def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Whether it is current and breaks no client.")
    ] = False,
) -> None:
    """Print the GraphQL schema."""
    from server import contract  # noqa: PLC0415 - building it takes a while, and only this needs it

    if not check:
        sys.stdout.write(contract.printed())
    elif faults := contract.faults():
        refuse(*faults)


def main() -> None:
    """Run the command line."""
    app()


def _set(
    host: str | None = None,
    port: int | None = None,
    workers: int | None = None,
    database_url: str | None = None,
    no_worker: bool = False,
) -> None:
    """Keep options where all processes read their settings: in the environment."""
    given = {"HOST": host, "PORT": port, "WORKERS": workers, "DATABASE_URL": database_url}
    given["RUN_WORKER"] = "false" if no_worker else None
    for name, value in given.items():
        if value is not None:
            os.environ[PREFIX + name] = str(value)


def _listen() -> None:
    """Run Uvicorn with what is set."""
    known = settings()
    log.set_up(known.log_level)
    # Uvicorn sends itself the signal again when everything has stopped: then it is time to go.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="dockgate-figures-") as folder:
        if known.workers > 1:
            os.environ.setdefault(SHARED_FOLDER, folder)
        uvicorn.run(
            "server.app:application",
            factory=True,
            host=known.host,
            port=known.port,
            workers=known.workers,
            lifespan="on",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=known.trusted_proxies,
            timeout_graceful_shutdown=known.shutdown_seconds,
        )


async def _nothing() -> None:
    """Connecting alone tells whether the database is there and has the right schema."""
