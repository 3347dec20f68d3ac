"""The application: its routes, and what is started and stopped with it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import Context
from datetime import timedelta
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from models.database import connect, disconnect
from models.database.migrations import check
from resolvers.allowances import Allowances
from resolvers.call_log import call_log
from resolvers.callers import Callers
from resolvers.counting import counter
from resolvers.errors import Throttled
from server import log as logs
from server.allowances import AtTheDoor, allowances_of
from server.exports import export_routes
from server.graphiql import graphiql_routes
from server.guard import too_many
from server.health import health_routes
from server.http import graphql_routes
from server.metrics import metrics_routes, publish
from server.middleware import Around
from server.oauth import oauth_routes, too_often
from server.reports import report_routes
from server.session import session_routes
from server.settings import Settings
from server.worker import work_by_the_clock

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def create_app(settings: Settings) -> Starlette:
    """Build the service. It connects, and refuses to start on a wrong schema, when it is run."""
    idle = timedelta(minutes=settings.session_idle_minutes)
    allowances = allowances_of(settings)
    callers = Callers(idle, settings.public_url, allowances)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await connect(settings.database_url.get_secret_value(), pool_size=settings.pool_size)
            stack.push_async_callback(disconnect)
            await check()
            counter.start()
            stack.push_async_callback(counter.stop)
            call_log.start()
            stack.push_async_callback(call_log.stop)
            allowances.start()
            stack.push_async_callback(allowances.stop)
            await callers.start()
            stack.push_async_callback(callers.stop)
            stack.push_async_callback(_end, _begin(publish(allowances)))
            if settings.run_worker:
                stack.push_async_callback(_end, _begin(work_by_the_clock()))
            log.info("Ready")
            yield
            log.info("Stopping")

    routes = _routes(settings, callers, allowances)
    app = Starlette(
        routes=routes, lifespan=lifespan, middleware=[Middleware(Around, routes=routes)]
    )
    app.state.settings = settings
    app.state.callers = callers
    app.state.allowances = allowances
    return app


def application() -> Starlette:
    """What Uvicorn runs in each process; everything is set by the environment."""
    settings = Settings()
    logs.set_up(settings.log_level)
    return create_app(settings)


def _begin(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.create_task(work, context=Context())


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def _at_the_door(
    routes: Iterable[BaseRoute], allowances: Allowances, tell: Callable[[Throttled], Response]
) -> list[BaseRoute]:
    """The same routes; what strangers try there in vain is charged to their address."""
    guarded = list(routes)
    for route in guarded:
        if isinstance(route, Route):
            route.app = AtTheDoor(route.app, allowances, tell)
    return guarded


def _routes(settings: Settings, callers: Callers, allowances: Allowances) -> list[BaseRoute]:
    return [
        *graphql_routes(settings, callers, allowances),
        *_at_the_door(oauth_routes(settings.public_url), allowances, too_often),
        *_at_the_door(
            session_routes(callers, timedelta(hours=settings.session_hours)),
            allowances,
            lambda refusal: too_many(refusal).answer(),
        ),
        *graphiql_routes(),
        *report_routes(callers),
        *export_routes(callers),
        *health_routes(callers),
        *(metrics_routes() if settings.metrics else []),
    ]
