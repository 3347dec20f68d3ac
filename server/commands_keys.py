"""Commands about keys from before there were clients."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from models.words import ApiRole
from resolvers import key_import
from resolvers.key_files import GUESSABLE
from resolvers.key_import import Imported
from server.terminal import AsJson, carry_out, print_rows, refuse

app = typer.Typer(no_args_is_help=True, help="Keys from before there were API clients.")


@app.callback()
def keys() -> None:
    """Keys from before there were API clients."""


@app.command("import")
def import_keys(
    file: Annotated[Path, typer.Argument(help="A CSV file in UTF-8, with a header; - for stdin.")],
    *,
    skip_known: Annotated[
        bool,
        typer.Option("--skip-known", help="Leave lines alone that were imported before."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and store nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make an active client of each line, or none if anything is wrong with any.

    Columns: identifier, key or hash, tenant, name, roles, customers, warehouses. In lists stand
    semicolons or spaces; * is all of them. Keys are kept as their SHA-256 alone.
    """
    text = _text(file)

    async def work() -> Sequence[Imported]:
        return await key_import.import_keys(text, skip_known=skip_known, dry_run=dry_run)

    imported = carry_out(work)
    print_rows([_told(one, dry_run=dry_run) for one in imported], as_json=as_json)
    _warn(imported)


def _text(file: Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as wrong:
        refuse(f"{file}: {wrong.strerror}.")
    except UnicodeDecodeError:
        refuse(f"{file}: It is not in UTF-8.")


def _told(one: Imported, *, dry_run: bool) -> dict[str, Any]:
    status = "would be imported" if dry_run else "imported"
    return {
        "line": one.line.number,
        "identifier": one.line.identifier,
        "name": one.line.name,
        "tenant_id": str(one.tenant_id),
        # What is only tried has no client that anybody could find.
        "client_id": None if dry_run and not one.known else str(one.client_id),
        "status": "known" if one.known else status,
    }


def _warn(imported: Sequence[Imported]) -> None:
    new = [one.line for one in imported if not one.known]
    for line in new:
        if line.guessable:
            sys.stderr.write(
                f"line {line.number}: A key of fewer than {GUESSABLE} characters can be guessed: "
                "regenerate it soon.\n"
            )
        if ApiRole.API_FULL_ACCESS in line.roles:
            sys.stderr.write(
                f"line {line.number}: API_FULL_ACCESS opens every field: never for a customer.\n"
            )
