"""Figures for Prometheus. They count requests and never name a tenant or a client."""

import asyncio
import os
from collections.abc import Callable
from functools import cache

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resolvers.allowances import Allowances
from resolvers.call_log import call_log
from resolvers.counting import counter

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where several workers keep their figures, so that whoever is asked can tell the sum."""

REQUESTS = Counter("dockgate_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "dockgate_request_seconds",
    "How long requests took.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
THROTTLED = Counter(
    "dockgate_requests_throttled", "Requests refused since they came too often.", ["allowance"]
)
KEPT: dict[Counter, Callable[[], int]] = {
    Counter("dockgate_calls_counted", "Billed reads in the ledger."): lambda: counter.counted,
    Counter("dockgate_calls_uncounted", "Reads refused, not countable."): lambda: counter.failed,
    Counter("dockgate_calls_throttled", "Throttled calls."): lambda: call_log.throttled,
    Counter("dockgate_call_log_dropped", "Calls the log lost."): lambda: call_log.dropped,
}
"""What others count for themselves, to be told here too."""

PUBLISH_SECONDS = 1.0
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


def count(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request."""
    requests, took = _figures(method if method in METHODS else "other", route, status)
    requests.inc()
    took.observe(seconds)


@cache
def _figures(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """The figures of such requests; finding them each time costs more than counting."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(route)


async def publish(allowances: Allowances) -> None:
    """Tell what others count, again and again, until it is cancelled."""
    told = dict.fromkeys(KEPT, 0)
    refused = dict.fromkeys(allowances.all, 0)
    while True:
        for figure, count_now in KEPT.items():
            now = count_now()
            figure.inc(now - told[figure])
            told[figure] = now
        for allowance, before in refused.items():
            THROTTLED.labels(allowance.name).inc(allowance.refused - before)
            refused[allowance] = allowance.refused
        await asyncio.sleep(PUBLISH_SECONDS)


async def tell(_: Request) -> Response:
    """All figures, of all workers of this service."""
    registry = REGISTRY
    if SHARED_FOLDER in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def metrics_routes() -> list[Route]:
    """Where Prometheus asks."""
    return [Route("/metrics", tell)]
