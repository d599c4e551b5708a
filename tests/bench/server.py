"""A Bot API that costs next to nothing, with a crowd behind it, as a process of its own.

It understands just what the rows of the benchmark call. `/control/reset` begins to count anew, `/control/report`
says what was seen since. It listens on loopback and ends by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import time
from typing import Any, cast

import uvloop

from tests.bench.crowd import Crowd, Seen
from tests.bench.push import Pusher

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
# Forms, multipart and JSON alike: the rows' libraries write all three.
VALUE = rb"(?:=|\"\s*:\s*\"?|\"\r\n(?:[^\r\n]+\r\n)*\r\n)"
CHAT = re.compile(rb"\bchat_id" + VALUE + rb"(-?\d+)")
MESSAGE = re.compile(rb"\bmessage_id" + VALUE + rb"(\d+)")
TAP = re.compile(rb"\bcallback_query_id" + VALUE + rb"(\d+)")
OFFSET = re.compile(rb"\boffset" + VALUE + rb"(\d+)")
HOOK = re.compile(rb"\burl" + VALUE + rb"([^&\"\s]+)")
MOST = re.compile(rb"\bmax_connections" + VALUE + rb"(\d+)")
SECRET = re.compile(rb"\bsecret_token" + VALUE + rb"([\w-]+)")
BUTTON = re.compile(rb"callback_data(?:%22|\\?\")(?:%3A|:)(?:\+|%20| )?(?:%22|\\?\")([\w.\-]+)")

SAID = (
    b'{"ok":true,"result":{"message_id":%d,"date":%d,"chat":{"id":%d,"type":"private","first_name":"C"},"text":"ok"}}'
)
TRUE = b'{"ok":true,"result":true}'
ME = (
    b'{"ok":true,"result":{"id":1000001,"is_bot":true,"first_name":"Screener","username":"screener_bot",'
    b'"can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false}}'
)
HOOK_INFO = b'{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":0}}'
FULL = (
    b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %d","parameters":{"retry_after":%d}}'
)
HEAD = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
POLL = 10.0


class Server:
    """What all connections share."""

    def __init__(self, crowd: Crowd, latency: float, retry_after: int) -> None:
        self.crowd, self.latency, self.retry_after = crowd, latency, retry_after
        self.began = self.polled = 0.0
        self.waiting: Connection | None = None
        self.pusher: Pusher | None = None
        crowd.wake = self.wake

    def wake(self) -> None:
        """There is an update: whoever waits for one gets it."""
        if self.pusher:
            self.pusher.push()
        elif self.waiting:
            connection, self.waiting = self.waiting, None
            connection.says_updates(0)

    def begin(self) -> None:
        """The bot is there: the crowd begins, once it has been told to."""
        self.polled = self.polled or time.time()
        if self.began:
            return
        self.began = time.time()
        self.crowd.begin()

    def answer(self, method: bytes, body: bytes) -> tuple[bytes, bytes]:
        """Status and content of the answer to a call that does not wait."""
        self.crowd.seen.calls += 1
        match method:
            case b"answercallbackquery":
                self.crowd.answers(_number(TAP, body))
                return b"200 OK", TRUE
            case b"sendmessage" | b"editmessagetext":
                return self._shown(method, body)
            case b"getme":
                return b"200 OK", ME
            case b"getwebhookinfo":
                return b"200 OK", HOOK_INFO
            case b"setwebhook" if (url := HOOK.search(body)) and url[1]:
                secret = SECRET.search(body)
                given = secret[1] if secret else b""
                self.pusher = Pusher(self.crowd, url[1].decode("ascii"), given, _number(MOST, body))
                asyncio.get_running_loop().call_later(0.5, self.begin)
                return b"200 OK", TRUE
            case _:
                return b"200 OK", TRUE

    def control(self, order: bytes) -> bytes:
        """Counts anew or reports."""
        if order == b"reset":
            self.crowd.seen = Seen(time.monotonic())
            return b"{}"
        return json.dumps(report(self.crowd, self.polled)).encode()

    def _shown(self, method: bytes, body: bytes) -> tuple[bytes, bytes]:
        chat = _number(CHAT, body)
        if self.crowd.refuses(chat):
            return b"429 Too Many Requests", FULL % (self.retry_after, self.retry_after)
        edited = _number(MESSAGE, body) if method == b"editmessagetext" else None
        message = self.crowd.shows(chat, BUTTON.findall(body), edited)
        return b"200 OK", SAID % (message, int(time.time()), chat)


class Connection(asyncio.Protocol):
    """One connection of the bot."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None
        self._poll: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has connected."""
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's own is one, and does not say so

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody has gone."""
        self._transport = None
        if self._server.waiting is self:
            self._server.waiting = None

    def data_received(self, data: bytes) -> None:
        """Answer every request that has come whole."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end]
            found = LENGTH.search(head)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self._received) < whole:
                return
            body, self._received = self._received[end + 4 : whole], self._received[whole:]
            self._called(head.split(b" ", 2)[1], body)

    def says_updates(self, offset: int) -> None:
        """Answer a poll with what is there, maybe nothing."""
        if self._poll:
            self._poll.cancel()
            self._poll = None
        self._says(b"200 OK", b'{"ok":true,"result":[' + b",".join(self._server.crowd.taken(offset)) + b"]}")

    def _called(self, path: bytes, body: bytes) -> None:
        folder, _, method = path.partition(b"?")[0].rpartition(b"/")
        if folder == b"/control":
            self._says(b"200 OK", self._server.control(method))
        elif self._server.latency:
            asyncio.get_running_loop().call_later(self._server.latency, self._answered, method.lower(), body)
        else:
            self._answered(method.lower(), body)

    def _answered(self, method: bytes, body: bytes) -> None:
        if method == b"getupdates":
            self._polled(_number(OFFSET, body))
        else:
            self._says(*self._server.answer(method, body))

    def _polled(self, offset: int) -> None:
        self._server.begin()
        if self._server.crowd.taken(offset):
            self.says_updates(offset)
            return
        self._server.waiting = self
        self._poll = asyncio.get_running_loop().call_later(POLL, self._nothing)

    def _nothing(self) -> None:
        if self._server.waiting is self:
            self._server.waiting = None
            self.says_updates(0)

    def _says(self, status: bytes, content: bytes) -> None:
        if self._transport:
            self._transport.write(HEAD % (status, len(content)) + content)


def report(crowd: Crowd, polled: float) -> dict[str, Any]:
    """What was seen since the last reset; times in seconds, `polled` as time of day."""
    seen = crowd.seen
    return {
        "polled": polled,
        "seconds": time.monotonic() - seen.since,
        "steps": len(seen.waits),
        "starts": seen.starts,
        "calls": seen.calls,
        "refused": seen.refused,
        "lost": crowd.lost,
        "stalled": crowd.stalled(),
        "waits": [round(each, 6) for each in seen.waits],
    }


def _number(pattern: re.Pattern[bytes], body: bytes) -> int:
    found = pattern.search(body)
    return int(found[1]) if found else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chats", type=int, default=200)
    parser.add_argument("--route", default="0")
    parser.add_argument("--widths", default="")
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--think", type=float, default=0.0)
    parser.add_argument("--flooded", type=int, default=0)
    parser.add_argument("--retry-after", type=int, default=3)
    parser.add_argument("--lifetime", type=float, default=300.0)
    return parser.parse_args()


async def main() -> None:
    """Serve on a free port of loopback, print it, and end when the lifetime is over."""
    given, loop = _arguments(), asyncio.get_running_loop()
    route, widths = ([int(each) for each in text.split(",") if each] for text in (given.route, given.widths))
    crowd = Crowd(given.chats, route, loop.call_later, widths, given.think, given.flooded)
    server = Server(crowd, given.latency, given.retry_after)
    listening = await loop.create_server(lambda: Connection(server), "127.0.0.1", 0)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(given.lifetime)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main()))
