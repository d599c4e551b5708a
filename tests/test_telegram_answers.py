"""What answers in Telegram's place, a proxy or a portal, is believed nothing: it is asked again later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.messages import ChatId, Message, MessageId, TryLater
from bot.telegram import Api

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBUserWarning")
NONSENSE = (
    *(b"", b"\xff<html>", b"null", b"[]", b"{}", b"7", b'{"ok":true}'),
    *(b'{"ok":false,"description":"no"}', b'{"ok":true,"result":false}', b'{"result":false,"parameters":[]}'),
)
OTHERS = (
    *(b'{"ok":true,"result":[7]}', b'{"ok":true,"result":"yes"}', b'{"ok":true,"result":null}'),
    b'{"ok":true,"result":{"message_id":"7"}}',
)


class Between:
    """Something that answers every call with the same bytes."""

    def __init__(self) -> None:
        self.says, self.status = b"", 200

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 %d Any\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % (self.status, len(self.says))
        writer.write(head + self.says)
        await writer.drain()
        writer.close()


@pytest.fixture
def between() -> Between:
    return Between()


@pytest.fixture
async def api(between: Between) -> AsyncIterator[Api]:
    async with await asyncio.start_server(between.answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        api = Api("1000001:demo", f"http://127.0.0.1:{port}")
        await api.open()
        try:
            yield api
        finally:
            await api.close()


@pytest.mark.parametrize("said", NONSENSE)
@pytest.mark.parametrize("status", [200, 502])
async def test_an_answer_that_is_none_means_later(api: Api, between: Between, said: bytes, status: int) -> None:
    between.says, between.status = said, status
    calls = (
        lambda: api.send(ChatId(5), Message("a")),
        lambda: api.edit(ChatId(5), MessageId(5), Message("a")),
        lambda: api.send_file(ChatId(5), "a", b"a", "a"),
        lambda: api.delete(ChatId(5), MessageId(5)),
        lambda: api.updates(0, 0),
        api.me,
        api.webhook,
        lambda: api.anybody_may_write(ChatId(5)),
    )
    for call in calls:
        with pytest.raises(TryLater):
            await call()


@pytest.mark.parametrize("said", OTHERS)
async def test_an_answer_to_another_question_means_later(api: Api, between: Between, said: bytes) -> None:
    between.says = said
    with pytest.raises(TryLater):
        await api.send(ChatId(5), Message("a"))
    with pytest.raises(TryLater):
        await api.updates(0, 0)
