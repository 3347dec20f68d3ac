"""What is around every request, and what balancers are told."""

import httpx
import pytest
from starlette.applications import Starlette

from models.database import MigrationError
from resolvers.callers import Callers
from server import health


async def test_it_is_ready_while_database_and_callers_are(
    app: Starlette, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that could not look at the epochs must get no requests."""
    callers: Callers = app.state.callers
    assert (await http.get("/readyz")).status_code == 200
    await callers.stop()
    monkeypatch.setattr(callers, "_looked", 0.0)
    stale = await http.get("/readyz")

    assert (stale.status_code, stale.json()["callers"]) == (503, False)
    assert (await http.get("/healthz")).status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_it_is_not_ready_on_another_schema(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def newer() -> None:
        raise MigrationError("The database is newer than this code")

    monkeypatch.setattr(health, "check", newer)
    answer = await http.get("/readyz")

    assert (answer.status_code, answer.json()["database"]) == (503, False)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_crash_of_ours_is_told_as_internal(
    app: Starlette, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(_: str) -> None:
        raise RuntimeError("with a secret in it")

    monkeypatch.setattr(app.state.callers, "caller_of", crash)
    answer = await http.post("/graphql", headers={"Authorization": "Bearer x"})

    assert answer.status_code == 500
    assert answer.json()["errors"][0]["extensions"] == {"code": "INTERNAL"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "x-request-id" in answer.headers
