"""How calls travel to Telegram: over few connections, and no answer is ever taken for another call's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from bot.messages import Button, ChatId, Message, MessageId, TryLater
from bot.telegram import Api
from bot.telegram import request as travelling

TOKEN = "123456:SentinelTokenThatNobodyMaySee00000"
CHAT = ChatId(5)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def answer(number: int) -> bytes:
    """An answer that says which message was sent."""
    body = b'{"ok":true,"result":{"message_id":%d}}' % number
    return OK + b"Content-Length: %d\r\n\r\n" % len(body) + body


class Server:
    """Says what it is told to, one thing for each call, in pieces with a moment between; None hangs up."""

    def __init__(self, *says: Sequence[bytes | float | None]) -> None:
        self._says = list(says)
        self.connections = 0
        self.heard: list[bytes] = []
        self.called = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer every call of one connection."""
        self.connections += 1
        try:
            while self._says:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
                self.heard.append(head + await reader.readexactly(int(length.partition(b":")[2])))
                self.called.set()
                for piece in self._says.pop(0):
                    if piece is None:
                        return
                    if isinstance(piece, bytes):
                        writer.write(piece)
                    await asyncio.sleep(piece if isinstance(piece, float) else 0.01)
        except asyncio.IncompleteReadError:  # the other side hung up first
            return
        finally:
            writer.close()


@asynccontextmanager
async def bot_before(server: Server) -> AsyncIterator[Api]:
    """A bot whose Telegram is this server."""
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    api = Api(TOKEN, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
    await api.open()
    try:
        yield api
    finally:
        await api.close()
        listening.close()


async def sends(api: Api, text: str = "é") -> MessageId:
    return await api.send(CHAT, Message(text, ((Button("Yes", data="n.1.0"),),)))


async def test_one_connection_carries_one_call_after_the_other() -> None:
    server = Server([answer(1)], [answer(2)])
    async with bot_before(server) as api:
        assert [await sends(api), await sends(api)] == [1, 2]
    assert server.connections == 1


async def test_an_answer_may_come_in_pieces_chunked_or_announced() -> None:
    whole = answer(1)
    chunks = (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"14\r\n" + b'{"ok":true,"result":', b"\r\n13\r\n")
    server = Server(
        [whole[:10], whole[10:60], whole[60:]],
        [*chunks, b'{"message_id":  2}}\r\n', b"0\r\n\r\n"],
        [b"HTTP/1.1 103 Early Hints\r\n\r\n", answer(3)],
        [answer(4)],
    )
    async with bot_before(server) as api:
        assert [await sends(api) for _ in range(4)] == [1, 2, 3, 4]
    assert server.connections == 1


async def test_what_comes_too_late_is_not_taken_for_the_answer_to_the_next_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(travelling.AiohttpRequest.call, "__defaults__", (0.1,))
    server = Server([0.3, answer(1)], [answer(2)])
    async with bot_before(server) as api:
        with pytest.raises(TryLater):
            await sends(api)
        assert await sends(api) == 2
    assert server.connections == 2


async def test_what_comes_unasked_is_not_taken_for_the_answer_to_the_next_call() -> None:
    server = Server([answer(1) + answer(9)], [answer(2)])
    async with bot_before(server) as api:
        assert [await sends(api), await sends(api)] == [1, 2]
    assert server.connections == 2


@pytest.mark.parametrize(
    "said",
    [
        (None,),
        (b"nonsense\r\n\r\n", None),
        (OK[:20], None),
        (OK + b"Content-Length: 99\r\n\r\n{}", None),
        (OK + b"Content-Length: 8\r\n\r\nnot JSON",),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",),
        (b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",),
    ],
)
async def test_whatever_goes_wrong_is_tried_again_later_and_names_no_address(said: Sequence[bytes | None]) -> None:
    server = Server(said, [answer(2)])
    async with bot_before(server) as api:
        with pytest.raises(TryLater) as failure:
            await sends(api)
        error: BaseException | None = failure.value
        while error is not None:
            assert TOKEN not in f"{error} {error!r}"
            error = error.__cause__
        assert await sends(api) == 2


async def test_who_is_cancelled_in_the_middle_leaves_nothing_behind_on_the_connection() -> None:
    server = Server([0.2, answer(1)], [answer(2)])
    async with bot_before(server) as api:
        first = asyncio.create_task(sends(api))
        await server.called.wait()
        first.cancel()
        assert await sends(api) == 2
    assert server.connections == 2


async def test_a_call_says_everything_once_as_json() -> None:
    server = Server([answer(1)])
    async with bot_before(server) as api:
        await sends(api, "é 👋")
    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == f"POST /bot{TOKEN}/sendMessage HTTP/1.1".encode()
    assert b"application/json" in head
    keyboard = b'"reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "n.1.0"}]]}'
    assert keyboard in body
    assert rb'"text": "\u00e9 \ud83d\udc4b"' in body
