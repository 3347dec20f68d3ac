"""The secrets of API clients: shown once, changed without a gap, ended at once."""

import asyncio
import hashlib
import json
import logging
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.clients import AccessToken, ApiClient, Credential
from models.database import Dialect, dialect, rows
from models.tenants import Identity
from models.words import AuditAction, IdentityKind
from resolvers import credentials, hashing, secret_texts, secrets_of_clients
from resolvers.errors import Unauthenticated
from resolvers.hashing import Line
from resolvers.secret_texts import is_wellformed_secret
from tests.office import YES, Office, open_office
from tests.world import World, spoiled


@pytest.fixture
async def office(http: httpx.AsyncClient, world: World) -> Office:
    return await open_office(http, world)


async def token(client_id: str, secret: str) -> str:
    return (await credentials.issue_token(client_id, secret, None)).value


async def works(client_id: str, secret: str) -> bool:
    try:
        await token(client_id, secret)
    except Unauthenticated:
        return False
    return True


async def let_in(office: Office, **given: Any) -> str:
    """An active client; its id."""
    made = await office.add(**given)
    await office.do("activateApiClient", id=made["id"])
    return str(made["id"])


# --- the first one -------------------------------------------------------------------------------


async def test_a_secret_is_shown_and_works(office: Office) -> None:
    key = await let_in(office)
    answer = await office.do("generateCredentials", id=key, **YES)

    secret = answer.only["clientSecret"]
    assert (answer.faults, answer.only["clientId"]) == ([], key)
    assert secret.startswith("dgs_")
    assert is_wellformed_secret(secret)
    assert await works(key, secret)
    [told] = answer.only["apiClient"]["credentials"]
    assert (told["current"], told["retiresAt"], told["legacy"]) == (True, None, False)


@pytest.mark.parametrize("given", [{}, dict.fromkeys(YES, False), *({one: True} for one in YES)])
async def test_both_acknowledgements_are_needed(
    office: Office, world: World, given: dict[str, bool]
) -> None:
    key = await let_in(office)
    answer = await office.do("generateCredentials", id=key, **given)

    missing = [name for name in YES if not given.get(name)]
    assert answer.told == [("REQUIRED", f"input.{name}") for name in missing]
    assert answer.only["clientSecret"] is None
    assert await Credential.filter(tenant_id=world.tenant.id).count() == 0


async def test_a_second_first_secret_is_refused(office: Office) -> None:
    key = await let_in(office)
    await office.secret(key)
    again = await office.do("generateCredentials", id=key, **YES)

    assert again.told == [("SECRET_ALREADY_SHOWN", "input.id")]


@pytest.mark.parametrize("field", ["generateCredentials", "regenerateCredentials"])
async def test_a_repeated_key_never_shows_the_secret_again(
    office: Office, world: World, field: str
) -> None:
    key = await let_in(office)
    given: dict[str, Any] = {"id": key, "idempotencyKey": "k-1"}
    if field == "generateCredentials":
        given |= YES
    else:
        await office.secret(key)
    first = await office.do(field, **given)
    before = await Credential.filter(tenant_id=world.tenant.id).order_by("id").values()
    again = await office.do(field, **given)

    assert again.told == [("SECRET_ALREADY_SHOWN", "input.idempotencyKey")]
    assert (again.only["clientSecret"], again.only["apiClient"]) == (None, None)
    assert await works(key, first.only["clientSecret"])
    assert await Credential.filter(tenant_id=world.tenant.id).order_by("id").values() == before


async def test_trying_makes_no_secret(office: Office, world: World) -> None:
    key = await let_in(office)
    tried = await office.do("generateCredentials", id=key, validateOnly=True, **YES)

    assert (tried.faults, tried.only["clientSecret"]) == ([], None)
    assert await Credential.filter(tenant_id=world.tenant.id).count() == 0


async def test_of_two_at_once_one_is_shown_a_secret(office: Office, world: World) -> None:
    key = await let_in(office)
    answers = await asyncio.gather(
        *(office.do("generateCredentials", id=key, **YES) for _ in range(3))
    )

    told = sorted(answer.told for answer in answers)
    assert told == [[], *[[("SECRET_ALREADY_SHOWN", "input.id")]] * 2]
    assert await Credential.filter(tenant_id=world.tenant.id).count() == 1


async def test_a_full_line_refuses_and_stores_nothing(
    office: Office, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing waits in the same short line as sign-ins do, so it is no bomb either."""
    key = await let_in(office)
    monkeypatch.setattr(secrets_of_clients, "line", Line(workers=1, places=-1))
    answer = await office.do("generateCredentials", id=key, **YES)

    assert answer.codes == ["THROTTLED"]
    assert await Credential.filter(tenant_id=world.tenant.id).count() == 0
    assert secrets_of_clients.line is not hashing.line


# --- another one ---------------------------------------------------------------------------------


async def test_regenerating_ends_the_old_secret_and_its_tokens_at_once(office: Office) -> None:
    key = await let_in(office)
    old = await office.secret(key)
    issued = await token(key, old)
    new = (await office.do("regenerateCredentials", id=key)).only["clientSecret"]
    await asyncio.sleep(1.0)

    assert not await works(key, old)
    assert await works(key, new)
    assert (await office.say("{ viewer { roles } }", by=issued)).status == 401


async def test_the_old_secret_works_on_for_the_overlap(office: Office) -> None:
    key = await let_in(office)
    old = await office.secret(key)
    before = datetime.now(UTC)
    answer = await office.do("regenerateCredentials", id=key, overlapDays="0.5")

    assert answer.faults == []
    new, retiring = answer.only["apiClient"]["credentials"]
    retires = datetime.fromisoformat(retiring["retiresAt"])
    assert timedelta() <= retires - before - timedelta(hours=12) < timedelta(seconds=30)
    assert (new["current"], retiring["current"]) == (True, False)
    assert await works(key, old)
    assert await works(key, answer.only["clientSecret"])


async def test_two_secrets_live_at_most(office: Office) -> None:
    key = await let_in(office)
    first = await office.secret(key)
    second, third = [
        (await office.do("regenerateCredentials", id=key, overlapDays="7")).only["clientSecret"]
        for _ in range(2)
    ]

    assert [await works(key, one) for one in (first, second, third)] == [False, True, True]
    assert len((await office.look_at(key))["credentials"]) == 2


@pytest.mark.parametrize("days", ["-1", "90.000001", "400"])
async def test_an_overlap_is_at_most_ninety_days(office: Office, days: str) -> None:
    key = await let_in(office)
    secret = await office.secret(key)
    answer = await office.do("regenerateCredentials", id=key, overlapDays=days)

    assert answer.told == [("INVALID", "input.overlapDays")]
    assert await works(key, secret)


async def test_what_was_never_generated_is_not_regenerated(office: Office) -> None:
    """Nobody would have acknowledged anything."""
    key = await let_in(office)
    answer = await office.do("regenerateCredentials", id=key)

    assert answer.told == [("WRONG_STATUS", "input.id")]


async def test_going_back_makes_the_old_secret_current_again(office: Office) -> None:
    key = await let_in(office)
    old = await office.secret(key)
    answer = await office.do("regenerateCredentials", id=key, overlapDays="7")
    new = answer.only["clientSecret"]
    of_old, of_new = await token(key, old), await token(key, new)
    back = await office.do("cancelRegeneration", id=key)
    again = await office.do("cancelRegeneration", id=key)
    await asyncio.sleep(1.0)

    [only] = back.only["apiClient"]["credentials"]
    assert (only["current"], only["retiresAt"]) == (True, None)
    assert again.told == [("WRONG_STATUS", "input.id")]
    assert [await works(key, one) for one in (old, new)] == [True, False]
    asked = "{ viewer { roles } }"
    assert [(await office.say(asked, by=one)).status for one in (of_old, of_new)] == [200, 401]


async def test_revoking_ends_everything_and_a_first_secret_can_be_made_again(
    office: Office,
) -> None:
    key = await let_in(office)
    old = await office.secret(key)
    new = (await office.do("regenerateCredentials", id=key, overlapDays="7")).only["clientSecret"]
    tokens = [await token(key, one) for one in (old, new)]
    ended = await office.do("revokeCredentials", id=key)
    again = await office.do("revokeCredentials", id=key)
    await asyncio.sleep(1.0)

    assert (ended.faults, ended.only["apiClient"]["credentials"]) == ([], [])
    assert ended.only["apiClient"]["warnings"] == ["NO_CREDENTIALS"]
    assert again.only["replayed"]
    assert [await works(key, one) for one in (old, new)] == [False, False]
    statuses = [(await office.say("{ viewer { roles } }", by=one)).status for one in tokens]
    assert statuses == [401, 401]
    assert await works(key, await office.secret(key))


async def test_each_step_is_audited_by_the_ids_of_secrets(office: Office) -> None:
    key = await let_in(office)
    await office.secret(key)
    await office.do("regenerateCredentials", id=key, overlapDays="7")
    await office.do("cancelRegeneration", id=key)
    await office.do("revokeCredentials", id=key)

    told = (await office.audited(key))[2:]
    assert [action for action, _, _ in told] == [
        AuditAction.CREDENTIALS_GENERATED,
        AuditAction.CREDENTIALS_REGENERATED,
        AuditAction.REGENERATION_CANCELLED,
        AuditAction.CREDENTIALS_REVOKED,
    ]
    lives = [(len(before["credentials"]), len(after["credentials"])) for _, before, after in told]
    assert lives == [(0, 1), (1, 2), (2, 1), (1, 0)]
    first, second = told[1][2]["credentials"][1]["id"], told[1][2]["credentials"][0]["id"]
    assert told[1][1]["credentials"] == [{"id": first, "retiresAt": None}]
    assert told[2][2]["credentials"] == [{"id": first, "retiresAt": None}]
    assert first != second


# --- legacy clients ------------------------------------------------------------------------------


async def legacy(office: Office) -> str:
    """A client from before tokens, with a key of which the hash alone is known."""
    key = await let_in(office, name="Old")
    whose = {"tenant_id": office.world.tenant.id}
    await ApiClient.filter(**whose, id=key).update(legacy=True, legacy_identifier="old")
    await Credential.create(
        **whose,
        client_id=key,
        secret_hash="$2b$12$saltedsaltedsaltedsalt",
        created_at=datetime.now(UTC),
        legacy=True,
    )
    return key


async def test_a_legacy_client_is_given_a_key_that_is_found_by_its_hash(office: Office) -> None:
    client = await legacy(office)
    refused = await office.do("generateCredentials", id=client, **YES)
    answer = await office.do("regenerateCredentials", id=client, overlapDays="1")

    assert refused.told == [("WRONG_STATUS", "input.id")]
    key = answer.only["clientSecret"]
    assert key.startswith("dgk_")
    assert is_wellformed_secret(key)
    kept = hashlib.sha256(key.encode()).hexdigest()
    lead = await Identity.get(value=kept, kind=IdentityKind.LEGACY_KEY)
    stored = await Credential.get(tenant_id=office.world.tenant.id, id=lead.row_id)
    assert (stored.legacy, stored.secret_hash) == (True, f"sha256${kept}")
    assert [one["legacy"] for one in answer.only["apiClient"]["credentials"]] == [True, True]
    assert str(stored.id) == answer.only["apiClient"]["credentials"][0]["id"]


async def test_a_regenerated_legacy_key_is_shown_as_it_always_was(office: Office) -> None:
    client = await legacy(office)
    key = (await office.do("regenerateCredentials", id=client)).only["clientSecret"]
    asked = {"query": "{ viewer { client { name } } }"}
    by_header = await office.http.post("/graphql", json=asked, headers={"X-Api-Key": key})
    assert by_header.json()["data"]["viewer"] == {"client": {"name": "Old"}}

    await office.do("revokeCredentials", id=client)
    await asyncio.sleep(1.0)
    ended = await office.http.post("/graphql", json=asked, headers={"X-Api-Key": key})
    assert ended.status_code == 401


# --- a secret is nowhere else --------------------------------------------------------------------


async def dump(url: str) -> str:
    """The whole database as text."""
    if dialect() is Dialect.SQLITE:
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            return "\n".join(connection.iterdump())
    tables = await rows("select tablename from pg_tables where schemaname = 'public'")
    found = [await rows(f"select t::text from {name} t") for (name,) in tables]
    return "\n".join(str(row[0]) for table in found for row in table)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """All that is logged, however little it matters."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


async def test_a_secret_is_in_its_one_answer_and_nowhere_else(
    office: Office,
    database: str,
    logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    key, old = await let_in(office), await legacy(office)
    made = [
        await office.do("generateCredentials", id=key, idempotencyKey="k-1", **YES),
        await office.do("regenerateCredentials", id=key, idempotencyKey="k-2", overlapDays="1"),
        await office.do("regenerateCredentials", id=old, idempotencyKey="k-3"),
    ]
    secrets = [one.only["clientSecret"] for one in made]
    assert all(is_wellformed_secret(one) for one in secrets)
    await works(key, secrets[1])
    await works(key, spoiled(secrets[1]))
    later = [
        await office.do("generateCredentials", id=key, idempotencyKey="k-1", **YES),
        await office.do("regenerateCredentials", id=key, idempotencyKey="k-2", overlapDays="1"),
        await office.do("regenerateCredentials", id=key, idempotencyKey="k-2"),
        await office.do("updateApiClient", id=key, version=2, name="Renamed"),
    ]
    told = json.dumps([one.body for one in later])
    told += json.dumps([await office.look_at(key), await office.look_at(old)])
    told += str([await office.audited(key), await office.audited(old)])
    kept = await dump(database)
    said = logged.text + "".join(capfd.readouterr())

    assert "k-2" in kept
    assert hashlib.sha256(secrets[2].encode()).hexdigest() in kept
    for secret in secrets:
        # Nor its random part alone.
        for part in (secret, secret[12:60]):
            assert part not in kept
            assert part not in told
            assert part not in said
    assert all(one.only["clientSecret"] is None for one in later[:3])
    assert await AccessToken.filter(tenant_id=office.world.tenant.id).count() == 1


LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


# --- how it is spelled ---------------------------------------------------------------------------


async def test_a_secret_that_was_mistyped_is_no_secret(office: Office) -> None:
    secret = await office.secret(await let_in(office))
    swapped = [
        secret[:at] + ("a" if letter != "a" else "b") + secret[at + 1 :]
        for at, letter in enumerate(secret)
        if at > 3
    ]

    # The last letter holds bits of nothing: they are zeros, or it is no secret either.
    swapped += [secret[:-1] + letter for letter in LETTERS if letter != secret[-1]]

    assert is_wellformed_secret(secret)
    assert [one for one in swapped if is_wellformed_secret(one)] == []


@pytest.mark.parametrize(
    "text",
    ["", "dgs_", "dgs_" + "a" * 65, "dgs_" + "a" * 67, "dgt_" + "a" * 66, "dgs_" + "A" * 66, "\0"],
)
def test_what_is_spelled_otherwise_is_no_secret(text: str) -> None:
    assert not is_wellformed_secret(text)


def test_a_scanner_needs_nothing_but_the_function(tmp_path: Path) -> None:
    """It is documented for them, and asks neither a database nor settings."""
    shutil.copy(secret_texts.__file__, tmp_path / "scan.py")
    code = "import scan, sys; sys.exit(scan.is_wellformed_secret('dgs_x'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={}, check=False)

    assert done.returncode == 0
