"""`dockgate client`, as the host types it."""

import asyncio
from typing import Any

import pytest

from server import log
from tests.processes import Serve
from tests.test_cli import Dockgate

NOBODY = "01930000-0000-7000-8000-999999999999"


@pytest.fixture(autouse=True)
def _logging_is_left_to_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "set_up", lambda _: None)


@pytest.fixture
def dockgate(database_url: str) -> Dockgate:
    """The command line on a database with one tenant, a customer and a warehouse."""
    dockgate = Dockgate(database_url)
    made = ("--name", "Harbour", "--currency", "AUD", "--time-zone", "Australia/Sydney")
    dockgate.json("tenant", "create", *made)
    dockgate.json("customer", "create", "--code", "ACME", "--name", "Acme")
    dockgate.json("warehouse", "create", "--code", "SYD", "--name", "Sydney")
    return dockgate


def made(dockgate: Dockgate, *more: str) -> Any:
    [acme], [depot] = dockgate.json("customer", "list"), dockgate.json("warehouse", "list")
    reach = ("--customer", acme["id"], "--warehouse", depot["id"])
    return dockgate.json("client", "create", "--name", "Shop", *reach, *more)


def test_a_client_is_changed_and_shown(dockgate: Dockgate) -> None:
    client = made(dockgate, "--role", "WMS_CREATE_JOBS", "--address", "203.0.113.7")
    changed = dockgate.json(
        *("client", "update", client["id"], "--name", "Shop 2", "--role", "TMS_VIEW_JOBS"),
        *("--no-customer", "--all-customers", "--expires-at", "2099-01-01", "--any-address"),
    )
    shown = dockgate.json("client", "show", client["id"])
    back = dockgate.json("client", "update", client["id"], "--never-expires", "--no-role")

    assert (changed["name"], changed["roles"]) == ("Shop 2", ["TMS_VIEW_JOBS"])
    assert (changed["all_customers"], changed["customers"]) == (True, [])
    assert changed["warehouses"] == client["warehouses"]
    assert shown["warehouses"] == [f"SYD ({client['warehouses'][0]})"]
    assert (shown["version"], shown["addresses"]) == (2, [])
    assert shown["expires_at"] == "2099-01-01T00:00:00.000000Z"
    assert (shown["secrets"], shown["warnings"]) == ([], ["NO_CREDENTIALS"])
    assert back["roles"] == []
    assert dockgate.json("client", "show", client["id"])["expires_at"] is None


def test_secrets_are_made_taken_back_and_ended(dockgate: Dockgate) -> None:
    key = made(dockgate)["id"]
    first = dockgate.json("client", "generate", key)["client_secret"]
    second = dockgate.json("client", "regenerate", key, "--overlap-days", 7)["client_secret"]
    both = dockgate.json("client", "show", key)["secrets"]
    back = dockgate.json("client", "cancel-regeneration", key)["secrets"]
    ended = dockgate.json("client", "revoke", key)
    told = dockgate("client", "show", key)

    assert first != second
    assert ["current" in one for one in both] == [True, False]
    assert back == [both[1].split(": ")[0] + ": current, last used at no time"]
    assert ended["secrets"] == []
    assert "NO_CREDENTIALS" in told.stdout
    assert "dgs_" not in told.stdout + told.stderr


def test_what_is_refused_ends_with_1_and_names_the_option(dockgate: Dockgate) -> None:
    key = made(dockgate)["id"]
    refused = [
        dockgate("client", "update", NOBODY, "--name", "x"),
        dockgate("client", "show", NOBODY),
        dockgate("client", "update", key, "--name", " ", "--address", "nowhere"),
        dockgate("client", "update", key, "--all-customers"),
        dockgate("client", "cancel-regeneration", key),
        dockgate("client", "regenerate", key, "--overlap-days", 91),
        dockgate("client", "create", "--name", "x", "--customer", NOBODY),
    ]

    assert [done.returncode for done in refused] == [1] * 7
    assert all(done.stderr and not done.stdout for done in refused)
    first = [done.stderr.partition(":")[0] for done in refused]
    assert first == ["id", "id", "name", "customers", "id", "overlapDays", "customers.0"]
    assert "addresses.0" in refused[2].stderr


@pytest.mark.faults
@pytest.mark.parametrize("command", ["revoke", "deactivate"])
async def test_two_processes_drop_a_clients_token_within_a_second(
    dockgate: Dockgate, serve: Serve, command: str
) -> None:
    """Each worker is a process of its own, and the host's commands run in a third."""
    key, secret = await asyncio.to_thread(_let_in, dockgate)
    first, second = await serve(), await serve()
    asking = {"query": "{ viewer { roles } }"}
    async with first.client() as one, second.client() as other:
        issued = await one.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=(key, secret)
        )
        headers = {"Authorization": f"Bearer {issued.json()['access_token']}"}
        for http in (one, other):
            answer = await http.post("/graphql", json=asking, headers=headers)
            assert answer.json()["data"] == {"viewer": {"roles": []}}

        await asyncio.to_thread(dockgate.json, "client", command, key)
        await asyncio.sleep(1.0)
        for http in (one, other):
            assert (await http.post("/graphql", json=asking, headers=headers)).status_code == 401


def _let_in(dockgate: Dockgate) -> tuple[str, str]:
    key = str(made(dockgate)["id"])
    dockgate.json("client", "activate", key)
    return key, str(dockgate.json("client", "generate", key)["client_secret"])
