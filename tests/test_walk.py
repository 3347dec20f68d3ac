"""The walk of README.md, typed block by block into one shell, in a folder with nothing in it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.processes import ROOT, Serving, free_port, until_ready

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NEXT = "--- next block ---"


def blocks() -> list[str]:
    """What the walk has one paste. Starting the service is not in it: that is `make run`."""
    readme = (ROOT / "README.md").read_text()
    _, begun, rest = readme.partition("<!-- walk:begin -->")
    walk, ended, _ = rest.partition("<!-- walk:end -->")
    assert "" not in {begun, ended}, "README.md has no walk"
    return [block for block in BLOCK.findall(walk) if block.strip() != "make run"]


@pytest_asyncio.fixture
async def serving(tmp_path: Path) -> AsyncIterator[Serving]:
    """What `make run` starts, with its database in the folder; another port, which may be taken."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    port = free_port()
    log = tmp_path / "run.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: ASYNC220 - a moment, in a test
            [sys.executable, "-m", "server", "run", "--port", str(port)],
            cwd=tmp_path,
            env=_stranger(),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    started = Serving(process, f"http://127.0.0.1:{port}", log)
    try:
        await until_ready(started)
        yield started
    finally:
        started.stop()


def _stranger() -> dict[str, str]:
    """An environment in which nothing is set for us."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DOCKGATE_")}


def _tools(folder: Path) -> str:
    """A search path with the two programs that the walk may use beside `dockgate`."""
    folder.mkdir()
    for name in ("curl", "python3"):
        found = shutil.which(name)
        assert found is not None, f"{name} is not here"
        (folder / name).symlink_to(found)
    return str(folder)


def test_the_walk_ends_on_a_statement_that_shows_the_calls_made(
    serving: Serving, tmp_path: Path
) -> None:
    """Word for word; only the address differs, which the walk lets one set."""
    typed = blocks()
    script = f"echo '{NEXT}'\n".join(["set -euo pipefail\n", *typed])
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-c", script],
        cwd=tmp_path,
        env=_stranger() | {"DOCKGATE_URL": serving.origin, "PATH": _tools(tmp_path / "bin")},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr + serving.log.read_text()
    assert (tmp_path / "dockgate.db").exists()
    *before, last = done.stdout.split(f"{NEXT}\n")[1:]
    assert len(before) == len(typed) - 1
    assert '"errors"' not in done.stdout
    assert re.search(r'"userErrors": *\[ *\{', done.stdout) is None
    stocked, ordered, gone = before[-3:]
    assert '"quantity":"100","allocated":"0","free":"100"' in stocked
    assert [ordered.count(f'"replayed":{said}') for said in ("false", "true")] == [1, 1]
    assert ordered.count("AWAITING_PICK_AND_PACK") == 2
    assert '"status":"DISPATCHED"' in gone
    assert re.findall(r'"status":"(\w+)","at"', gone) == [
        "AWAITING_PICK_AND_PACK",
        "PACKING_IN_PROGRESS",
        "PACKED",
        "DISPATCHED",
    ]
    answer, _, printed = last.partition("\n")
    statement = json.loads(answer)["data"]["statement"]
    assert (statement["included"], statement["used"], statement["excess"]) == (3750, 4, 0)
    assert statement["charge"] == {"amount": "0.00", "currency": "AUD"}
    assert {line["field"]: line["calls"] for line in statement["lines"]} == {
        "createProduct": 1,
        "createOutboundOrder": 1,
        "outboundOrders": 1,
        "stockOnHand": 1,
    }
    told = dict(re.findall(r"^(\w+) {2,}(\S+)$", printed, re.MULTILINE))
    assert (told["included"], told["used"], told["amount"]) == ("3750", "4", "0.00")
    assert [line.split()[-2:] for line in printed.splitlines() if "ABC Foods Booking" in line] == [
        ["createOutboundOrder", "1"],
        ["createProduct", "1"],
        ["outboundOrders", "1"],
        ["stockOnHand", "1"],
    ]
