"""The webhook's address is found by anybody: what they send there over HTTP changes nothing and holds up nobody."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from bot.messages import Update
from bot.telegram import Api
from bot.telegram.webhook import Webhook
from bot.web import serving
from tests.fuzz import door

SECRET = "a-secret-of-the-tests"
UPDATE = json.dumps(door.written("yes")).encode()


@dataclass
class Post:
    """A webhook behind a real server on loopback, and everything that came through it."""

    port: int
    came: list[int] = field(default_factory=list)

    async def handle(self, updates: Sequence[Update]) -> None:
        """Take updates, as the service would."""
        self.came += [each.update for each in updates]

    async def answers(self, request: bytes, patience: float = 2.0) -> int | None:
        """The status of the answer to these bytes; None where the connection is closed or silent."""
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        back.write(request)
        with suppress(TimeoutError, ConnectionError):
            await back.drain()
            async with asyncio.timeout(patience):
                line = await there.readline()
            return int(line.split()[1]) if line else None
        back.close()
        return None


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    with socket.create_server(("127.0.0.1", 0)) as at:
        post = Post(at.getsockname()[1])
        webhook = Webhook(Api("1:a", "http://127.0.0.1:9"), "/updates", SECRET, post.handle)
        running = asyncio.create_task(webhook.run())
        async with serving(webhook.app, at):
            yield post
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _request(body: bytes, *headers: str, secret: str | None = SECRET, path: str = "/updates") -> bytes:
    known = [f"X-Telegram-Bot-Api-Secret-Token: {secret}"] if secret is not None else []
    given = headers or ("Content-Type: application/json", f"Content-Length: {len(body)}")
    return (
        "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", "Connection: close", *known, *given, "", ""]).encode() + body
    )


NOT_THE_SECRET = (
    None,
    "",
    " ",
    SECRET[:-1],
    SECRET + "x",
    SECRET.upper(),
    SECRET + "\x00",
    "*" * 60_000,
    "é" * 30,
    "null",
)


async def test_whoever_finds_the_webhook_without_the_secret_changes_nothing_whatever_they_send(post: Post) -> None:
    bodies = (UPDATE, b"", b"{", b"\xff" * 9_000, b"[" * 90_000, UPDATE + b" " * (2 << 20))
    tries = [_request(body, secret=secret) for body in bodies for secret in NOT_THE_SECRET]
    tries += [
        b"GET /updates HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01" * 50,
        b"\r\n" * 500,
        b"POST " + b"/" * 90_000,
    ]
    tries += [_request(UPDATE, path=path) for path in ("/", "/updates/", "/%75pdates/x", "//updates", "/metrics")]
    statuses = {await post.answers(each) for each in tries}
    assert post.came == []
    assert statuses <= {None, 400, 403, 404, 405, 307}
    assert await post.answers(_request(UPDATE)) == 200
    assert post.came == [door.NUMBER]


async def test_what_the_server_sends_amiss_is_refused_and_holds_up_nothing(post: Post) -> None:
    longer = f"Content-Length: {len(UPDATE) + 50}"
    halted, back = await asyncio.open_connection("127.0.0.1", post.port)
    back.write(_request(UPDATE, "Content-Type: application/json", longer))  # and never the rest
    chunked = ("Content-Type: application/json", "Transfer-Encoding: chunked")
    chunk = b"%x\r\n%s\r\n" % (1 << 16, b" " * (1 << 16))
    refused: dict[bytes, set[int | None]] = {
        _request(UPDATE, "Content-Type: text/plain", f"Content-Length: {len(UPDATE)}"): {415},
        _request(b" " * ((1 << 20) + 1)): {413},
        _request(chunk * 20 + b"0\r\n\r\n", *chunked): {413},
        _request(b'"an update"'): {400},
        _request(b"[" * 200_000): {400},
        _request(b'{"update_id":' + b"9" * 9_000 + b"}"): {400},
        _request(b'{"update_id":1,"message":"\xff"}'): {400},
        _request(b"", "Content-Type: application/json", "Content-Length: -5"): {400},
        _request(UPDATE, *chunked): {400, None},
    }
    for request, statuses in refused.items():
        assert await post.answers(request) in statuses, request[:300]
    assert post.came == []
    nested = b'{"update_id":5,"message":' * 400 + b"1" + b"}" * 400
    for taken in (b"{}", b'{"update_id":true}', b'{"update_id":7,"callback_query":{"message":[]}}', nested, UPDATE):
        assert await post.answers(_request(taken)) == 200
    assert post.came == [-1, -1, 7, 5, door.NUMBER]
    back.close()
    assert await halted.read() == b""
