"""The contract with every client: the printed schema, and what may not become of it."""

from pathlib import Path

from graphql import build_schema
from graphql.utilities import BreakingChangeType, find_schema_changes

import schema

PRINTED = Path(schema.__file__).parent / "schema.graphql"
RELEASED = PRINTED.with_name("released.graphql")
"""The schema of the last release; there is none before the first."""


def printed() -> str:
    """The schema as its clients read it."""
    return schema.build().as_str().rstrip() + "\n"


def faults() -> list[str]:
    """What is wrong with the contract: stale, or broken since the last release."""
    found = []
    if not PRINTED.is_file() or PRINTED.read_text(encoding="utf-8") != printed():
        found.append(f"{PRINTED.name} is stale: `dockgate schema > {PRINTED}` prints it anew.")
    if RELEASED.is_file():
        before = build_schema(RELEASED.read_text(encoding="utf-8"))
        found += [
            f"{change.type.name}: {change.description}"
            for change in find_schema_changes(before, build_schema(printed()))
            if isinstance(change.type, BreakingChangeType)
        ]
    return found
