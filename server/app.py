"""The application: its routes, and what is started and stopped with it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from importlib.util import find_spec

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from models.database import connect, disconnect
from models.database.migrations import check
from resolvers.callers import Callers
from server import log as logs
from server.graphiql import graphiql_routes
from server.health import health_routes
from server.metrics import metrics_routes
from server.middleware import Around
from server.oauth import oauth_routes
from server.settings import Settings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def create_app(settings: Settings) -> Starlette:
    """Build the service. It connects, and refuses to start on a wrong schema, when it is run."""
    callers = Callers()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await connect(settings.database_url.get_secret_value(), pool_size=settings.pool_size)
            stack.push_async_callback(disconnect)
            await check()
            await callers.start()
            stack.push_async_callback(callers.stop)
            log.info("Ready")
            yield
            log.info("Stopping")

    routes = _routes(settings, callers)
    app = Starlette(
        routes=routes, lifespan=lifespan, middleware=[Middleware(Around, routes=routes)]
    )
    app.state.settings = settings
    app.state.callers = callers
    return app


def application() -> Starlette:
    """What Uvicorn runs in each process; everything is set by the environment."""
    settings = Settings()
    logs.set_up(settings.log_level)
    return create_app(settings)


def _routes(settings: Settings, callers: Callers) -> list[BaseRoute]:
    return [
        *_graphql_routes(settings, callers),
        *oauth_routes(settings.public_url),
        *graphiql_routes(),
        *health_routes(callers),
        *(metrics_routes() if settings.metrics else []),
    ]


def _graphql_routes(settings: Settings, callers: Callers) -> list[BaseRoute]:
    if find_spec("server.http") is None:
        return []
    made: list[BaseRoute] = import_module("server.http").graphql_routes(settings, callers)
    return made
