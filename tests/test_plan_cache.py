"""How often PostgreSQL plans what it is asked."""

import pytest

from models.database import rows, transaction


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.usefixtures("world")
async def test_a_command_plans_its_statements_once() -> None:
    """PostgreSQL otherwise plans those with a list of ids anew each time."""
    modes = []
    for quick in (True, False):
        async with transaction(quick=quick):
            modes.append((await rows("SHOW plan_cache_mode"))[0][0])

    assert modes == ["force_generic_plan", "auto"]
