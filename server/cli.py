"""The command line of the host: `dockgate --help`."""

import os
import tempfile
from typing import Annotated

import typer
import uvicorn

from server import log
from server.metrics import SHARED_FOLDER
from server.settings import PREFIX
from server.terminal import carry_out, settings

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__, add_completion=False
)


@app.callback()
def dockgate() -> None:
    """Run, set up and bill a Dockgate service. Settings: DOCKGATE_... in the environment."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer.")] = None,
    database_url: Annotated[str | None, typer.Option(help="Where the database is.")] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave the work by the clock to others.")
    ] = False,
) -> None:
    """Answer requests, until it is told to stop."""
    set_for_all_processes(
        host=host,
        port=port,
        workers=workers,
        database_url=database_url,
        run_worker="false" if no_worker else None,
    )
    carry_out(_nothing)
    listen()


def set_for_all_processes(**given: object) -> None:
    """Keep options where the processes that answer read their settings: in the environment."""
    for name, value in given.items():
        if value is not None:
            os.environ[PREFIX + name.upper()] = str(value)


def listen() -> None:
    """Run Uvicorn with what is set."""
    known = settings()
    log.set_up(known.log_level)
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


def main() -> None:
    """Run the command line."""
    app()
