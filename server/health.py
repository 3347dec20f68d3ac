"""Two questions that balancers ask: whether the process lives, and whether it can serve."""

import asyncio
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from models.database import DatabaseFault, MigrationError
from models.database.migrations import check
from resolvers.callers import Callers

PATIENCE = 2.0


def health_routes(callers: Callers) -> list[Route]:
    """`/healthz` asks nobody; `/readyz` asks the database."""

    async def ready(_: Request) -> Response:
        checks = {"database": await _database(), "callers": callers.fresh}
        status = HTTPStatus.OK if all(checks.values()) else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"ready": all(checks.values()), **checks}, status)

    return [Route("/healthz", alive), Route("/readyz", ready)]


async def alive(_: Request) -> Response:
    """Whether the process lives."""
    return JSONResponse({"alive": True})


async def _database() -> bool:
    """Whether it answers, and has the schema that this code needs."""
    try:
        async with asyncio.timeout(PATIENCE):
            await check()
    except (DatabaseFault, MigrationError, TimeoutError, OSError):
        return False
    return True
