"""A post office of letters to a desk: channels that can be broken, and who sends.

The fixture comes with `pytest_plugins = ["tests.office"]`.
(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.letters import Outbox, letter_to_channel, letter_to_chat
from bot.messages import ChatId, Message, MessageId
from bot.pace import Pace
from bot.records import Binding, Letter
from bot.store import Store
from bot.tables import letters
from tests.postgres import Shell, kept

pytest_plugins = ["tests.postgres"]


PERSON, OTHER, GROUP = ChatId(5_000_000_777), ChatId(5_000_000_778), ChatId(-1_009_000_000_777)
SENTINEL = "Zyxwvut Qwertz 0123"
PATIENCE = 5.0


@dataclass
class Post:
    """What stands at the other end: chats and channels that take letters, or do not, or hang."""

    taken: list[tuple[object, str]] = field(default_factory=list)
    refusing: dict[object, Exception] = field(default_factory=dict)
    hanging: set[object] = field(default_factory=set)
    tried: list[object] = field(default_factory=list)
    protected: list[bool] = field(default_factory=list)

    async def send(self, chat: ChatId, message: Message, protect: bool = True) -> MessageId:
        """As the Bot API does."""
        self.protected.append(protect)
        await self._take(chat, message.text)
        return MessageId(len(self.taken))

    async def notify(self, place: str, channel: str, text: str) -> None:
        """As the channels do."""
        await self._take((place, channel), text)

    async def _take(self, where: object, text: str) -> None:
        self.tried.append(where)
        if where in self.hanging:
            await asyncio.Event().wait()
        if error := self.refusing.get(where):
            raise error
        self.taken.append((where, text))


@dataclass
class Office:
    """An outbox at work, on a database of the tests."""

    shell: Shell
    post: Post
    store: Store
    outbox: Outbox = field(init=False)
    work: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        api: Any = self.post
        self.outbox = Outbox(api, self.store, self.shell.vault, Pace(0), self.post.notify, self.shell.clock)

    async def posts(self, *given: Letter) -> None:
        """Post these letters in a transaction, and say so once it has committed."""
        async with self.store.begin() as transaction:
            await transaction.letters.post(given)
        self.outbox.wake()

    def opens(self) -> None:
        """Begin to work."""
        self.work = asyncio.create_task(self.outbox.run())

    async def closes(self) -> None:
        """Stop in the middle of whatever it does."""
        if self.work:
            self.work.cancel()
            with suppress(asyncio.CancelledError):
                await self.work
        await self.outbox.stop(0)

    def passes(self, **much: float) -> None:
        """Let time pass, and look what is due."""
        self.shell.clock.passes(**much)
        self.outbox.wake()

    def to(self, chat: ChatId, text: str = "words", place: str = "montreal", **more: Any) -> Letter:
        """A letter to a chat."""
        key = self.shell.vault.key(chat)
        address = self.shell.vault.seal_chat(chat, key)
        return letter_to_chat(self.shell.vault, place, key, address, text, self.shell.clock(), **more)

    def through(self, channel: str, text: str = "words", place: str = "montreal", **more: Any) -> Letter:
        """A letter to a channel."""
        return letter_to_channel(self.shell.vault, place, channel, text, self.shell.clock(), **more)

    def left(self) -> list[dict[str, Any]]:
        """The letters that are kept."""
        return sorted((dict(row) for row in kept(self.shell.database, letters)), key=lambda row: row["id"])

    async def eventually(self, true: Callable[[], object]) -> None:
        """Wait until this is so."""
        until = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < until, (self.post, self.left())
            await asyncio.sleep(0.01)


@pytest.fixture
async def office(shell: Shell, store: Store) -> AsyncIterator[Office]:
    opened = Office(shell, Post(), store)
    opened.opens()
    yield opened
    await opened.closes()


def tried(office: Office, tries: int) -> bool:
    return [row["tries"] for row in office.left()] == [tries]


def failures(office: Office) -> list[str | None]:
    return [row["failure"] for row in office.left()]


async def bound(office: Office, chat: ChatId) -> None:
    key = office.shell.vault.key(chat)
    address = office.shell.vault.seal_chat(chat, key)
    async with office.store.begin() as transaction:
        await transaction.desk.bind(Binding(key, "montreal", address, "coordinator", False, 0))
