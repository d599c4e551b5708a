"""Brings updates to a webhook as Telegram does: several at once, and again until they are acknowledged."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from bot.demo.standin import StandIn
from bot.demo.wire import JsonObject

AT_ONCE = 8
PATIENCE = 3.0  # Telegram's own is longer; a worker that stands still is to be noticed within a test
PAUSE = 0.05


class Courier:
    """Carries what waits in the stand-in to an address. `answers` counts the statuses; 0 is no answer at all."""

    def __init__(self, standin: StandIn, url: str, secret: str, trusting: ssl.SSLContext | None = None) -> None:
        self._standin, self._secret, self._trusting = standin, secret, trusting
        parts = urlsplit(url)
        self._secure, self._host, self._path = parts.scheme == "https", parts.netloc, parts.path
        self.answers: Counter[int] = Counter()
        self._done: set[int] = set()
        self._under_way: dict[int, Future[int]] = {}
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()
        self._pool.shutdown()

    def brings(self, update: JsonObject) -> int:
        """Brings one update now. Returns the status, 0 where there was no answer."""
        try:
            connection = (
                http.client.HTTPSConnection(self._host, timeout=PATIENCE, context=self._trusting)
                if self._secure
                else http.client.HTTPConnection(self._host, timeout=PATIENCE)
            )
            headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": self._secret}
            connection.request("POST", self._path, json.dumps(update), headers)
            status = connection.getresponse().status
            connection.close()
        except (OSError, http.client.HTTPException):
            status = 0
        self.answers[status] += 1
        return status

    def _run(self) -> None:
        queue = self._standin.telegram.queue
        while not self._stopping.is_set():
            for update in self._standin.server.do(lambda: queue.take(100)):
                number = int(str(update["update_id"]))
                if number not in self._done and number not in self._under_way:
                    self._under_way[number] = self._pool.submit(self.brings, update)
            for number, future in list(self._under_way.items()):
                if future.done():
                    del self._under_way[number]
                    self._done |= {number} if future.result() == 200 else set()
            waiting = [each for each in queue.waiting if each not in self._done]
            offset = min(waiting, default=max(self._done, default=0) + 1)
            self._standin.server.do(partial(queue.acknowledge, offset))
            time.sleep(PAUSE)
