"""Usage = ledger = roll-ups = statement, after a great many calls of every sort, and kills."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from models import rollup_queries, usage_queries
from models.rollups import UsageRollup
from models.usage import LedgerRow
from models.words import StaffRole, UsageDimension
from resolvers import billing, rollups
from resolvers.billing import GRACE
from resolvers.usage import usage_report
from tests.asking import staff
from tests.calling import Crowd, crowd
from tests.faults_service import RIGHT, connected
from tests.processes import ROOT

FEW = 2_000


async def through_kills(calling: Crowd, calls: int, kills: int) -> None:
    """Make calls; kill the whole service and single workers in turns."""
    done = []

    async def kill() -> None:
        if len(done) % 2:
            await calling.service.kill_a_worker()
        else:
            await calling.service.kill()
            await calling.service.start()
        done.append(None)

    await calling.call(calls, kill, kills)


async def all_say_the_same(calling: Crowd, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Compare everything that tells of calls, add up, build anew and close; how long each took."""
    tenant, of = calling.world.tenant, {"tenant_id": calling.world.tenant.id}
    person = await staff(calling.world, StaffRole.ADMINISTRATOR)
    took: dict[str, float] = {}

    async def timed(what: str, work: Any) -> Any:
        began = time.monotonic()
        answer = await work
        took[what] = round(time.monotonic() - began, 3)
        return answer

    ledger = await LedgerRow.filter(**of).count()
    preview = await timed("preview", billing.statement(tenant.id))
    monkeypatch.setattr(usage_queries, "SETTLING_SECONDS", 0)
    await timed("add up the rest", rollups.settle(tenant))
    for by in ([], list(UsageDimension)):
        report = await timed(
            f"report by {len(by)}", usage_report(person, None, None, by, tenant_wide=True)
        )
        assert report.calls == sum(row.calls for row in report.rows) == ledger
    added = {row.id: row.calls for row in await UsageRollup.filter(**of)}
    assert sum(added.values()) == ledger
    [rebuilt] = await timed("rebuild", rollups.rebuild(tenant))
    assert (rebuilt.before, rebuilt.after, rebuilt.differing) == (ledger, ledger, 0)
    assert {row.id: row.calls for row in await UsageRollup.filter(**of)} == added

    async def later() -> Any:
        return preview.ends_at + GRACE

    with monkeypatch.context() as clock:
        clock.setattr(billing.clock, "now", later)
        closed = await timed("close", billing.close(tenant.id, preview.week))
    assert (preview.used, closed.used) == (ledger, ledger)
    assert preview.lines == closed.lines
    assert sum(line.calls for line in closed.lines) == ledger
    by_client = await usage_report(person, group_by=[UsageDimension.CLIENT], tenant_wide=True)
    assert sum(row.calls for row in by_client.rows) == ledger
    assert await rollup_queries.rows_of_week(tenant.id, preview.week) == ledger
    return took


def verified(url: str) -> str:
    """What `dockgate verify` says."""
    done = subprocess.run(
        [sys.executable, "-m", "server", "verify"],
        cwd=ROOT,
        env=os.environ | {"DOCKGATE_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=1_800,
        check=False,
    )
    return f"{done.returncode}: {done.stdout}{done.stderr}"


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody who calls that often is let through otherwise."""
    for name in ("READS", "ORDER_WRITES"):
        monkeypatch.setenv(f"DOCKGATE_ALLOWANCES__{name}_PER_SECOND", "0")


async def made_and_compared(
    calling: Crowd, calls: int, kills: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic()
    await through_kills(calling, calls, kills)
    made = time.monotonic() - began
    url = calling.service.url
    assert verified(url) == RIGHT  # while it runs
    calling.service.stop()
    async with connected(url):
        assert await calling.untrue() == []
        took = await all_say_the_same(calling, monkeypatch)
    began = time.monotonic()
    assert verified(url) == RIGHT
    took["verify"] = round(time.monotonic() - began, 3)

    assert calling.counted >= calls
    assert set(calling.outcomes) >= {"COUNTED", "REPLAYED", "REFUSED", "PREFLIGHT", "SANDBOX"}
    print(  # noqa: T201 - what was asked for
        f"\n{calling.counted} calls in {made:.0f} s through {kills} kills, {len(calling.sent)}"
        f" requests of which {calling.unanswered} were not answered; {dict(calling.outcomes)};"
        f" seconds: {took}"
    )


async def test_some_thousand_calls_are_the_same_everywhere(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with crowd(database_url, tmp_path, workers=1) as calling:
        await made_and_compared(calling, FEW, 1, monkeypatch)


@pytest.mark.faults
@pytest.mark.timeout(5_400)
async def test_so_are_a_million(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite a tenth of them."""
    calls = 100_000 if database_url.startswith("sqlite") else 1_000_000
    async with crowd(database_url, tmp_path, workers=2) as calling:
        await made_and_compared(calling, calls, 6, monkeypatch)
