"""The commands on the page for administrators work as they stand there."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "administrators.md").read_text()


@pytest.mark.faults
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_walk_on_the_command_line_works(database_url: str, tmp_path: Path) -> None:
    """Some thirty processes, one after the other, which is why it is not run each time."""
    [walk] = re.findall(r"```sh\n(# walk\.sh\n.*?)```", PAGE, re.DOTALL)
    path = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"

    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", walk),
        cwd=tmp_path,
        env=os.environ | {"DOCKGATE_DATABASE_URL": database_url, "PATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()

    assert process.returncode == 0, said.decode()
    assert "Old system" in said.decode()


def test_every_example_that_the_page_names_is_there() -> None:
    named = re.findall(r"\]\(\.\./graphql_examples/([\w/]+\.graphql)\)", PAGE)

    assert named
    assert [one for one in named if not (ROOT / "graphql_examples" / one).exists()] == []
