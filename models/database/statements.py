"""Scripts, cut into their statements."""

import re
import sqlite3
from collections.abc import Iterator

_POSTGRES = re.compile(
    r"""
      '(?:[^']|'')*'                        # text; a quote in it is doubled
    | "(?:[^"]|"")*"                        # a name
    | --[^\n]*
    | /\*.*?\*/
    | (?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)
    | (?P<end>;)
    """,
    re.DOTALL | re.VERBOSE,
)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def split_sqlite(script: str) -> Iterator[str]:
    """Cut where SQLite itself says that a statement is complete, so that triggers stay whole."""
    begun = ""
    for part in re.split(r"(?<=;)", script):
        begun += part
        if sqlite3.complete_statement(begun):
            yield from _said(begun)
            begun = ""
    yield from _said(begun)


def split_postgres(script: str) -> Iterator[str]:
    """Cut at semicolons outside of quotes, comments and dollar-quoted bodies."""
    begun = 0
    for found in _POSTGRES.finditer(script):
        if found["end"]:
            yield from _said(script[begun : found.end()])
            begun = found.end()
    yield from _said(script[begun:])


def _said(statement: str) -> Iterator[str]:
    if _COMMENTS.sub("", statement).strip(" \t\r\n;"):
        yield statement.strip()
