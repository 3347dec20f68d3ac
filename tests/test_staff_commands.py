"""`dockgate staff`, as the host types it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from server import log
from tests.processes import Serve
from tests.test_cli import Dockgate

SAM = ("--email", "sam@harbour.test")
NEW = (*SAM, "--name", "Sam", "--role", "OPERATOR")


@pytest.fixture(autouse=True)
def _logging_is_left_to_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "set_up", lambda _: None)


@pytest.fixture
def dockgate(database_url: str) -> Dockgate:
    """The command line on a database with one tenant."""
    dockgate = Dockgate(database_url)
    made = ("--name", "Harbour", "--currency", "AUD", "--time-zone", "Australia/Sydney")
    dockgate.json("tenant", "create", *made)
    return dockgate


def test_a_person_is_added_listed_and_shut_out(dockgate: Dockgate) -> None:
    made = dockgate.json("staff", "create", *NEW)
    listed = dockgate.json("staff", "list")
    gone = dockgate.json("staff", "deactivate", "--email", "SAM@harbour.test")

    assert listed == [made]
    assert {name: made[name] for name in ("email", "name", "role", "active")} == {
        "email": "sam@harbour.test",
        "name": "Sam",
        "role": "OPERATOR",
        "active": True,
    }
    assert gone == made | {"active": False}
    assert dockgate.json("staff", "list") == [gone]


def test_a_token_is_printed_once_and_by_its_command_alone(dockgate: Dockgate) -> None:
    dockgate.json("staff", "create", *NEW)
    before = datetime.now(UTC)
    issued = dockgate.json("staff", "token", *SAM)
    shorter = dockgate.json("staff", "token", *SAM, "--hours", 0.5)
    told = dockgate("staff", "token", *SAM)
    others = [dockgate("staff", "list"), dockgate("staff", "revoke", *SAM)]

    assert set(issued) == {"token", "expires_at"}
    for one, lasts in ((issued, timedelta(hours=8)), (shorter, timedelta(minutes=30))):
        left = datetime.fromisoformat(one["expires_at"]) - before
        assert timedelta() <= left - lasts < timedelta(seconds=10)
    assert told.stdout.startswith("token       dgt_")
    assert told.stderr == "Keep the token now: it is not shown again.\n"
    assert "revoked  3" in others[1].stdout
    assert "dgt_" not in "".join(done.stdout + done.stderr for done in others)


def test_what_is_refused_ends_with_1_and_a_mistake_with_2(dockgate: Dockgate) -> None:
    dockgate.json("staff", "create", *NEW)
    refused = [
        dockgate("staff", "create", *NEW),
        dockgate("staff", "create", "--email", "sam", "--name", "", "--role", "OPERATOR"),
        dockgate("staff", "token", *SAM, "--hours", 25),
        dockgate("staff", "token", "--email", "nobody@harbour.test"),
        dockgate("staff", "deactivate", "--email", "nobody@harbour.test"),
        dockgate("staff", "list", "--tenant", "Nobody"),
    ]
    dockgate.json("staff", "deactivate", *SAM)
    refused.append(dockgate("staff", "token", *SAM))
    mistaken = [
        dockgate("staff", "create", *SAM, "--name", "Sam"),
        dockgate("staff", "create", *SAM, "--name", "Sam", "--role", "OWNER"),
        dockgate("staff", "token"),
        dockgate("staff", "token", *SAM, "--hours", "many"),
    ]

    assert [done.returncode for done in refused] == [1] * 7
    assert all(done.stderr and not done.stdout for done in refused)
    assert [done.returncode for done in mistaken] == [2] * 4
    assert [line.partition(":")[0] for line in refused[1].stderr.splitlines()] == ["email", "name"]
    assert refused[2].stderr.startswith("hours: ")


@pytest.mark.parametrize("command", ["revoke", "deactivate"])
async def test_two_processes_drop_a_persons_token_within_a_second(
    dockgate: Dockgate, serve: Serve, command: str
) -> None:
    """Each worker is a process of its own, and the host's commands run in a third."""
    issued = await asyncio.to_thread(_token, dockgate)
    first, second = await serve(), await serve()
    asking = {
        "json": {"query": "{ viewer { staffRole } }"},
        "headers": {"Authorization": f"Bearer {issued}", "Accept": "application/json"},
    }
    async with first.client() as one, second.client() as other:
        for http in (one, other):
            answer = await http.post("/graphql", **asking)
            assert answer.json()["data"] == {"viewer": {"staffRole": "OPERATOR"}}

        await asyncio.to_thread(dockgate.json, "staff", command, *SAM)
        await asyncio.sleep(1.0)
        for http in (one, other):
            assert (await http.post("/graphql", **asking)).status_code == 401


def _token(dockgate: Dockgate) -> str:
    dockgate.json("staff", "create", *NEW)
    return str(dockgate.json("staff", "token", *SAM)["token"])
