"""Updates pushed to a webhook as Telegram does: over a few connections, again until they are taken."""

from __future__ import annotations

import asyncio
from typing import cast
from urllib.parse import unquote, urlsplit

from tests.bench.crowd import Crowd

CONNECTIONS = 40  # Telegram's own number, unless a bot asks for another
AGAIN = 0.05
STATUS = slice(9, 12)  # of an answer that begins with "HTTP/1.1 200"


class Pusher:
    """Brings the crowd's updates to one address, without the encryption that a proxy would end before the bot."""

    def __init__(self, crowd: Crowd, url: str, secret: bytes, most: int = 0) -> None:
        where = urlsplit(unquote(url))
        self._host, self._port = where.hostname or "127.0.0.1", where.port or 80
        self._head = (
            b"POST %b HTTP/1.1\r\nHost: %b\r\nContent-Type: application/json\r\n"
            b"X-Telegram-Bot-Api-Secret-Token: %b\r\nContent-Length: "
        ) % ((where.path or "/").encode(), where.netloc.encode(), secret)
        self._crowd = crowd
        self._most = most or CONNECTIONS
        self._idle: list[Line] = []
        self._open = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def push(self) -> None:
        """Send what waits, as far as there are connections for it."""
        while self._crowd.queue and self._idle:
            self._idle.pop().carries(self._crowd.queue.popleft()[1])
        if self._crowd.queue and self._open < self._most:
            self._open += 1
            task = asyncio.get_running_loop().create_task(self._connect())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def request(self, update: bytes) -> bytes:
        """The whole request for one update."""
        return self._head + b"%d\r\n\r\n" % len(update) + update

    def free(self, line: Line) -> None:
        """This connection can carry the next update."""
        self._idle.append(line)
        self.push()

    def lost(self, line: Line, update: bytes | None) -> None:
        """A connection broke; what it carried is not known to have arrived."""
        self._open -= 1
        if line in self._idle:
            self._idle.remove(line)
        if update is not None:
            self._crowd.queue.appendleft((0, update))
        asyncio.get_running_loop().call_later(AGAIN, self.push)

    async def _connect(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: Line(self), self._host, self._port)
        except OSError:
            self._open -= 1
            asyncio.get_running_loop().call_later(AGAIN, self.push)


class Line(asyncio.Protocol):
    """One connection to the bot."""

    def __init__(self, pusher: Pusher) -> None:
        self._pusher = pusher
        self._carried: bytes | None = None
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's own is one, and does not say so
        self._pusher.free(self)

    def carries(self, update: bytes) -> None:
        """Send this update."""
        self._carried = update
        if self._transport:
            self._transport.write(self._pusher.request(update))

    def data_received(self, data: bytes) -> None:
        """The answer: taken, or to be brought again."""
        carried, self._carried = self._carried, None
        if carried is None:
            return  # the rest of an answer already understood
        if data[STATUS] == b"200":
            self._pusher.free(self)
        else:
            asyncio.get_running_loop().call_later(AGAIN, self.carries, carried)

    def connection_lost(self, exc: Exception | None) -> None:
        """It broke."""
        self._transport = None
        self._pusher.lost(self, self._carried)
