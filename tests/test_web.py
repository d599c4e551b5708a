"""How a process is, at an address of its own."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from bot.messages import Unavailable
from bot.metrics import Metrics
from bot.web import Status


async def asked(status: Status, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(status.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://screener") as client:
        return await client.get(path)


async def answers() -> float:
    return 12.0


async def is_away() -> float:
    raise Unavailable("gone")


async def hangs() -> float:
    await asyncio.sleep(60)
    return 0.0


async def test_a_process_that_serves_is_alive_and_ready_and_says_what_it_has_done() -> None:
    metrics = Metrics()
    metrics.handled(["Press", "Press", "Said"], seconds=0.02)
    metrics.called("sendMessage", "TryLater")
    status = Status(metrics, answers, asyncio.Event())
    assert (await asked(status, "/healthz")).status_code == 200
    ready = await asked(status, "/readyz")
    known = ready.json()
    assert (ready.status_code, known["database"], known["seconds_oldest_unsent"]) == (200, True, 12.0)
    assert known["seconds_since_last_update"] < 5
    counted = (await asked(status, "/metrics")).text
    assert 'screener_updates_total{kind="Press"} 2.0' in counted
    assert 'screener_calls_total{method="sendMessage",outcome="TryLater"} 1.0' in counted
    assert 'screener_handling_seconds_bucket{le="0.01"} 0.0' in counted
    assert 'screener_handling_seconds_bucket{le="0.025"} 1.0' in counted
    assert "screener_oldest_unsent_seconds 12.0" in counted


async def test_without_a_database_it_is_alive_and_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.PATIENCE", 0.05)
    for trouble in (is_away, hangs):
        status = Status(Metrics(), trouble, asyncio.Event())
        assert (await asked(status, "/healthz")).status_code == 200
        ready = await asked(status, "/readyz")
        assert (ready.status_code, ready.json()["database"]) == (503, False)
        assert "screener_database_up 0.0" in (await asked(status, "/metrics")).text


async def test_a_process_that_stops_is_not_ready() -> None:
    stopping = asyncio.Event()
    stopping.set()
    assert (await asked(Status(Metrics(), answers, stopping), "/readyz")).status_code == 503
