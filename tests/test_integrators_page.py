"""What the page for integrators shows does what it says, as it stands there."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from models.words import ApiRole
from resolvers.credentials import Shown
from tests.npm.node import BIN
from tests.processes import Serve, Serving
from tests.world import World

PAGE = (Path(__file__).parent.parent / "docs" / "integrators.md").read_text()
OFTEN = {
    "patient.py": "for _ in range(12):\n    assert 'data' in ask('{ viewer { roles } }')\n",
    "patient.mjs": """for (let n = 0; n < 12; n++) {
        if (!(await ask("{ viewer { roles } }")).data) throw n;
    }""",
}
"""Asks more than it may at once."""


def snippet(name: str) -> str:
    """The block whose first line is its file's name."""
    [found] = re.findall(rf"```\w+\n((?:#|//) {re.escape(name)}\n.*?)```", PAGE, re.DOTALL)
    return str(found)


async def said_by(file: Path, serving: Serving, shop: Shown) -> str:
    """What a client says that knows nothing but its own credentials."""
    environment = {
        "DOCKGATE": serving.origin,
        "CLIENT_ID": str(shop.client_id),
        "CLIENT_SECRET": shop.client_secret,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable if file.suffix == ".py" else str(BIN / "node"),
        str(file),
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_patient_clients_get_every_answer(
    serve: Serve, world: World, tmp_path: Path
) -> None:
    serving = await serve(
        DOCKGATE_ALLOWANCES__READS_BURST="4", DOCKGATE_ALLOWANCES__READS_PER_SECOND="4"
    )
    for name, often in OFTEN.items():
        shop = await world.client(ApiRole.WMS_VIEW_JOBS)
        (tmp_path / name).write_text(f"{snippet(name)}\n{often}\n")

        assert "Web shop" in await said_by(tmp_path / name, serving, shop)
