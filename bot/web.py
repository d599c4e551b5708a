"""What is served over HTTP: Telegram's updates, and, at an address of its own, how this process is."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.messages import Unavailable
from bot.metrics import BOUNDS, Metrics, Timing

FINISHES_WITHIN = 5
PATIENCE = 3.0  # seconds the database may take to say that it is there


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: ASGIApp, at: socket.socket) -> AsyncIterator[None]:
    """Serve this while the block lasts. At its end nothing more is taken, and what was begun is finished."""
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, server_header=False, timeout_keep_alive=75,
        timeout_graceful_shutdown=FINISHES_WITHIN,
    )  # fmt: skip
    server = _Server(config)
    served = asyncio.create_task(server.serve(sockets=[at]))
    try:
        yield
    finally:
        server.should_exit = True
        await served


@dataclass(frozen=True)
class Status:
    """Whether this process is alive, whether it can serve, and what it has counted.

    `oldest_unsent` are the seconds since the oldest screen that is not shown was wanted, 0 where there is none; asking
    raises Unavailable.
    """

    metrics: Metrics
    oldest_unsent: Callable[[], Awaitable[float]]
    stopping: asyncio.Event

    @property
    def app(self) -> Starlette:
        """The application to serve."""
        routes = [("/healthz", self._alive), ("/readyz", self._ready), ("/metrics", self._counted)]
        return Starlette(routes=[Route(path, answer, methods=["GET"]) for path, answer in routes])

    async def _alive(self, _request: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def _ready(self, _request: Request) -> Response:
        unsent = await self._unsent()
        last = self.metrics.last_update
        ready = unsent is not None and not self.stopping.is_set()
        known = {
            "ready": ready,
            "database": unsent is not None,
            "stopping": self.stopping.is_set(),
            "seconds_since_last_update": None if last is None else round(time.monotonic() - last, 1),
            "seconds_oldest_unsent": unsent,
        }
        return JSONResponse(known, status_code=200 if ready else 503)

    async def _counted(self, _request: Request) -> Response:
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(_Counted(self.metrics, await self._unsent()))
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def _unsent(self) -> float | None:
        """Seconds since the oldest unsent screen was wanted; None where the database does not say."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.oldest_unsent()
        except (Unavailable, TimeoutError):
            return None


class _Counted(Collector):
    """The counters in Prometheus's form. Labels are kinds of update, methods of the Bot API and outcomes: no more."""

    def __init__(self, metrics: Metrics, unsent: float | None) -> None:
        self._metrics = metrics
        self._unsent = unsent

    def collect(self) -> Iterator[Metric]:
        """All of them, as they are now."""
        metrics = self._metrics
        updates = CounterMetricFamily("screener_updates", "Updates handled.", labels=["kind"])
        for kind, number in sorted(metrics.updates.items()):
            updates.add_metric([kind], number)
        yield updates
        calls = CounterMetricFamily("screener_calls", "Calls of the Bot API.", labels=["method", "outcome"])
        for (method, outcome), number in sorted(metrics.calls.items()):
            calls.add_metric([method, outcome], number)
        yield calls
        yield _timed("screener_handling_seconds", "From a batch of updates to its commit.", metrics.handling)
        yield _timed("screener_showing_seconds", "From a commit to the screen being shown.", metrics.showing)
        yield CounterMetricFamily(
            "screener_taken_over", "Screens taken over from processes that are gone.", value=metrics.taken_over
        )
        yield GaugeMetricFamily("screener_database_up", "Whether the database answers.", value=self._unsent is not None)
        if self._unsent is not None:
            yield GaugeMetricFamily(
                "screener_oldest_unsent_seconds", "Age of the oldest screen that is not shown.", value=self._unsent
            )


def _timed(name: str, what: str, timing: Timing) -> HistogramMetricFamily:
    sums, so_far = [], 0
    for bound, number in zip((*(str(each) for each in BOUNDS), "+Inf"), timing.counts, strict=True):
        so_far += number
        sums.append((bound, so_far))
    return HistogramMetricFamily(name, what, buckets=sums, sum_value=timing.total)
