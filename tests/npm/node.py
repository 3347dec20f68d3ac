"""The scripts beside this file, run by the Node of the environment with other people's packages."""

import asyncio
import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
LOCK = HERE / "package-lock.json"
INSTALLED = HERE / "node_modules" / ".package-lock.json"
BIN = Path(sys.prefix) / "bin"


async def node(script: str, **environment: str) -> Any:
    """What a script prints, as JSON."""
    await asyncio.to_thread(install)
    process = await asyncio.create_subprocess_exec(
        BIN / "node",
        HERE / script,
        env=os.environ | environment,
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said, complaint = await process.communicate()
    assert process.returncode == 0, f"{script}: {complaint.decode()}"
    return json.loads(said)


def install() -> None:
    """Fetch the packages, unless the ones that are locked are there; one process at a time."""
    if not (BIN / "npm").exists():
        pytest.fail("There is no npm in the environment; `make setup` brings it.", pytrace=False)
    with LOCK.open() as only_one:
        fcntl.flock(only_one, fcntl.LOCK_EX)
        if INSTALLED.exists() and INSTALLED.stat().st_mtime >= LOCK.stat().st_mtime:
            return
        done = subprocess.run(
            ["npm", "ci", "--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=500"],
            cwd=HERE,
            env=os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            pytest.fail(
                "Other people's clients were not tried: npm could not be reached, or failed."
                f"\n{done.stderr}",
                pytrace=False,
            )
        INSTALLED.touch()
