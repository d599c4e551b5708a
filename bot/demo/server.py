"""The stand-in on a free port of this computer, served by a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import uvicorn

from bot.demo.app import create_app
from bot.demo.chats import Telegram
from bot.demo.faults import Faults
from bot.demo.lines import Lines, protocol

T = TypeVar("T")
HOST = "127.0.0.1"
PATIENCE = 10.0


class Server:
    """One Telegram behind HTTP. Everything that reads or changes it goes through `do` or `until`."""

    def __init__(self, telegram: Telegram, port: int = 0) -> None:
        self.telegram = telegram
        self.faults = Faults()
        self._port = port
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: uvicorn.Server | None = None

    @property
    def url(self) -> str:
        """The address, for SCREENER_API_URL and for a browser."""
        return f"http://{HOST}:{self._port}"

    def start(self) -> None:
        """Begins to serve; returns when calls are answered. Raises `OSError` where the port is taken."""
        listening = socket.create_server((HOST, self._port))
        self._port = listening.getsockname()[1]
        lines: Lines = {}
        config = uvicorn.Config(
            create_app(self.telegram, self.faults, lines),
            http=protocol(lines),
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
            timeout_keep_alive=75,
        )
        self._server = uvicorn.Server(config)
        ready: Future[asyncio.AbstractEventLoop] = Future()
        serving = self._serve(self._server, listening, ready)
        self._thread = threading.Thread(target=lambda: asyncio.run(serving), name="stand-in", daemon=True)
        self._thread.start()
        self._loop = ready.result(PATIENCE)

    def stop(self) -> None:
        """Ends all polls and streams, closes the port, and waits for the thread."""
        if self._server is None or self._thread is None:
            return
        self.do(self.telegram.changes.close)
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        self._server = self._thread = None

    def do(self, act: Callable[[], T]) -> T:
        """The result of `act`, run where the stand-in lives."""

        async def acted() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(acted(), self._running()).result(PATIENCE)

    def until(self, probe: Callable[[], T | None], seconds: float, what: Callable[[], str]) -> T:
        """The first result of `probe` that is neither None nor False, asked again after every change.

        Raises `TimeoutError`, with `what` was waited for, after `seconds`.
        """
        watching = asyncio.run_coroutine_threadsafe(self._watch(probe, seconds, what), self._running())
        return watching.result(seconds + PATIENCE)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None or self._server is None:
            raise RuntimeError("the stand-in is not running")
        return self._loop

    async def _watch(self, probe: Callable[[], T | None], seconds: float, what: Callable[[], str]) -> T:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            version = self.telegram.changes.version
            found = probe()
            if found is not None and found is not False:
                return found
            if loop.time() >= deadline:
                raise TimeoutError(what())
            await self.telegram.changes.after(version, deadline - loop.time())

    async def _serve(
        self, server: uvicorn.Server, listening: socket.socket, ready: Future[asyncio.AbstractEventLoop]
    ) -> None:
        # The port listens already, so a call that comes before uvicorn has it waits instead of failing.
        asyncio.get_running_loop().call_soon(ready.set_result, asyncio.get_running_loop())
        await server.serve(sockets=[listening])
