"""The command line, as the host types it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from server import cli, contract, log
from tests.processes import ROOT, Serve, Serving, free_port, until_ready


@dataclass
class Done:
    """What became of a command."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Dockgate:
    """`dockgate` on one database, in this process: importing it takes longer than it does."""

    url: str

    def __call__(self, *arguments: object, **environment: str) -> Done:
        result = CliRunner().invoke(
            cli.app,
            [str(one) for one in arguments],
            env={"DOCKGATE_DATABASE_URL": self.url} | environment,
        )
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Done(result.exit_code, result.stdout, result.stderr)

    def json(self, *arguments: object) -> Any:
        """What it prints with `--json`."""
        done = self(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(autouse=True)
def _logging_is_left_to_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "set_up", lambda _: None)


@pytest.fixture
def dockgate(database_url: str) -> Dockgate:
    return Dockgate(database_url)


def test_a_tenant_is_set_up_from_nothing_to_a_token_in_commands(dockgate: Dockgate) -> None:
    made = ("--name", "Harbour", "--currency", "AUD", "--time-zone", "Australia/Sydney")
    tenant = dockgate.json("tenant", "create", *made)
    customer = dockgate.json("customer", "create", "--code", "ACME", "--name", "Acme")
    twin = dockgate.json(
        *("customer", "create", "--code", "ACME-T", "--name", "T", "--sandbox-of", customer["id"])
    )
    depot = dockgate.json("warehouse", "create", "--code", "SYD", "--name", "Sydney")
    client = dockgate.json(
        *("client", "create", "--tenant", tenant["id"], "--name", "Shop"),
        *("--role", "WMS_CREATE_JOBS", "--role", "WMS_ADD_PRODUCT"),
        *("--customer", customer["id"], "--warehouse", depot["id"]),
    )
    shown = dockgate.json("client", "generate", client["id"])
    switched = dockgate.json("client", "activate", client["id"])
    plan = dockgate.json("plan", "set", "--consignments", 500, "--warehouse-orders", 250)

    assert dockgate.json("tenant", "list") == [tenant]
    assert dockgate.json("customer", "list") == [customer, twin]
    assert (customer["sandbox"], twin["sandbox"]) == (False, True)
    assert dockgate.json("warehouse", "list") == [depot]
    assert depot["time_zone"] == "Australia/Sydney"
    assert client["active"] is False
    assert client["roles"] == ["WMS_ADD_PRODUCT", "WMS_CREATE_JOBS"]
    assert set(shown) == {"client_id", "client_secret"}
    assert shown["client_id"] == client["id"]
    assert switched["active"] is True
    assert plan["included"] == 3750
    statement = dockgate.json("statement")
    assert statement["week"] == plan["from_week"]
    assert (statement["included"], statement["used"], statement["amount"]) == (3750, 0, "0.00")
    assert dockgate.json("usage")["calls"] == 0
    assert dockgate.json("verify") == {"differences": []}
    again = dockgate.json("client", "regenerate", client["id"], "--overlap-days", 1)
    assert again["client_secret"] != shown["client_secret"]
    assert dockgate.json("client", "deactivate", client["id"])["active"] is False
    for table in ("tenant", "customer", "warehouse", "client"):
        told = dockgate(table, "list")
        assert told.returncode == 0
        assert "dgs_" not in told.stdout + told.stderr
        assert "…" not in told.stdout


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_refusal_ends_with_1_and_a_mistake_with_2(dockgate: Dockgate) -> None:
    nobody = "01930000-0000-7000-8000-999999999999"
    refused = [
        dockgate("customer", "list"),
        dockgate("client", "activate", nobody),
        dockgate("client", "generate", nobody),
        dockgate("statement", "--tenant", "Nobody"),
        dockgate("tenant", "create", "--name", " ", "--currency", "aud", "--time-zone", "Mars"),
    ]
    mistaken = [
        dockgate("tenant", "create"),
        dockgate("client", "activate", "no-id"),
        dockgate("client", "create", "--name", "x", "--role", "NO_ROLE"),
        dockgate("nothing"),
        dockgate("tenant", "list", DOCKGATE_PORT="many"),
    ]

    assert [done.returncode for done in refused] == [1] * 5
    assert [done.returncode for done in mistaken] == [2] * 5
    assert all(done.stderr and not done.stdout for done in refused)
    assert "Traceback" not in "".join(done.stderr for done in [*refused, *mistaken])
    told = refused[-1].stderr.splitlines()
    assert [line.partition(":")[0] for line in told] == ["name", "currency", "timeZone"]


def test_a_second_tenant_has_to_be_named(dockgate: Dockgate) -> None:
    for name in ("One", "Two"):
        dockgate.json(
            *("tenant", "create", "--name", name, "--currency", "EUR"),
            *("--time-zone", "Europe/Berlin"),
        )
    unsaid = dockgate("customer", "list")

    assert unsaid.returncode == 1
    assert "several tenants" in unsaid.stderr
    assert dockgate.json("customer", "list", "--tenant", "Two") == []


def test_nothing_runs_on_a_schema_that_is_not_current(engine_url: str) -> None:
    dockgate = Dockgate(engine_url)
    early = [dockgate("tenant", "list"), dockgate("serve", "--port", 1)]
    first = dockgate.json("migrate")
    again = dockgate.json("migrate")

    assert [done.returncode for done in early] == [1, 1]
    assert all("dockgate migrate" in done.stderr for done in early)
    assert first["applied"] != []
    assert again["applied"] == []
    assert dockgate("tenant", "list").returncode == 0


def test_a_database_that_is_not_there_is_told_without_its_password() -> None:
    done = Dockgate("postgres://someone:hunter2@127.0.0.1:1/none")("tenant", "list")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_committed_schema_is_current(dockgate: Dockgate) -> None:
    printed = dockgate("schema")
    checked = dockgate("schema", "--check")

    assert printed.stdout == (ROOT / "schema" / "schema.graphql").read_text()
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_field_that_went_since_the_release_breaks_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = tmp_path / "released.graphql"
    released.write_text(contract.printed().replace("type Query {", "type Query {\n  gone: Int\n"))
    monkeypatch.setattr(contract, "RELEASED", released)

    assert any("gone" in fault for fault in contract.faults())


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_service_starts_answers_and_stops(serve: Serve, workers: int) -> None:
    serving = await serve(workers=workers)
    async with serving.client() as http:
        alive = await http.get("/healthz")
        ready = await http.get("/readyz", headers={"X-Request-Id": "of-mine_1"})
        forged = await http.get("/readyz", headers={"X-Request-Id": "x" * 65})
        figures = await http.get("/metrics")
        missing = await http.get("/nothing?secret=abc")
    serving.stop()

    assert (alive.status_code, ready.status_code, missing.status_code) == (200, 200, 404)
    assert ready.json() == {"ready": True, "database": True, "callers": True}
    assert ready.headers["x-request-id"] == "of-mine_1"
    assert len(forged.headers["x-request-id"]) == 36
    assert "server" not in ready.headers
    assert ready.headers["x-content-type-options"] == "nosniff"
    assert ready.headers["cache-control"] == "no-store"
    assert 'dockgate_requests_total{method="GET",route="/healthz",status="200"} 1.0' in figures.text
    assert serving.process.returncode == 0
    assert "secret=abc" not in serving.log.read_text()
    assert all(json.loads(line)["event"] for line in serving.log.read_text().splitlines())


@pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
async def test_run_shows_the_way_once(engine_url: str, tmp_path: Path) -> None:
    """Migrated and filled the first time; the second time nothing is changed or shown."""
    told = []
    for _ in range(2):
        port = free_port()
        with (tmp_path / "out").open("wb") as output:
            process = subprocess.Popen(  # noqa: ASYNC220 - a moment, in a test
                [sys.executable, "-m", "server", "run", "--port", str(port)],
                cwd=ROOT,
                env=os.environ | {"DOCKGATE_DATABASE_URL": engine_url},
                stdout=output,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        serving = Serving(process, f"http://127.0.0.1:{port}", tmp_path / "out")
        try:
            await until_ready(serving)
        finally:
            serving.stop()
        told.append((tmp_path / "out").read_text())

    first, second = told
    assert engine_url.removeprefix("sqlite:///") in first
    assert "/graphiql" in first
    assert "curl" in first
    assert "dgs_" in first
    assert "dgs_" not in second
    assert "--refresh-secrets" in second


@pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
def test_the_demonstration_says_how_its_people_are_let_in(engine_url: str) -> None:
    dockgate = Dockgate(engine_url)
    told = dockgate("demo").stdout

    [line] = [line for line in told.splitlines() if "sam@harbour.example" in line]
    who, _, command = line.partition(": dockgate ")
    assert who == "Sam Wong, OPERATOR"
    assert set(dockgate.json(*command.split())) == {"token", "expires_at"}
