"""The bot in front of the stand-in for Telegram, with one person: for the tests of what is sent and shown.

The fixture comes with `pytest_plugins = ["tests.sending"]`.
(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.cards import Cards
from bot.delivery import Delivery
from bot.demo.chats import Message
from bot.demo.handles import Phone
from bot.demo.standin import StandIn
from bot.messages import Command, Unavailable
from bot.metrics import Metrics
from bot.pace import Pace
from bot.store import Store
from bot.telegram import Api
from bot.telegram.parse import parsed
from bot.telegram.polling import batches
from dialogs.screens import screen
from dialogs.session import Session
from tests.dialogs_world import AFTER_CONSENT, MET, PLAN
from tests.postgres import Shell

pytest_plugins = ["tests.postgres"]


SOON = timedelta(milliseconds=20)
SEND, EDIT, DELETE, ANSWER = "sendMessage", "editMessageText", "deleteMessage", "answerCallbackQuery"
T = TypeVar("T")


async def away(act: Callable[..., T], *arguments: object, **named: object) -> T:
    """What the stand-in's side does: it lives in another thread, and may wait."""
    return await asyncio.to_thread(act, *arguments, **named)


class Bot:
    """The application without its poller: it takes what waits when it is told to, and sends by itself."""

    def __init__(self, shell: Shell, api: Api, standin: StandIn) -> None:
        self.shell, self.api, self.standin = shell, api, standin
        self.delivery = self.restarted()
        self.sessions: dict[int, Session] = {}
        self._offset = 0

    def restarted(self) -> Delivery:
        """A delivery that remembers nothing."""
        shell = self.shell
        cards = Cards(self.api, shell.store, shell.room, shell.views, Pace(0))
        self.delivery = Delivery(self.api, shell.store, shell.views, cards, Pace(0), Metrics())
        return self.delivery

    async def takes(self) -> None:
        """Handle all that waits, and begin to send what follows."""
        updates = [parsed(raw, self.api.bot) for raw in await self.api.updates(self._offset, 0)]
        for some in batches(updates):
            batch = await self.shell.service.handle(some)
            self.sessions.update({showing.chat: showing.session for showing in batch.showings})
            self.delivery.deliver(batch)
        self._offset = max([self._offset, *(update.update + 1 for update in updates)])

    async def settles(self) -> None:
        """Everything is sent and written down."""
        await self.delivery.stop(5)

    async def begins(self, *options: str) -> Phone:
        """A phone whose person has started and tapped these."""
        phone = await away(self.standin.participant)
        await away(phone.starts)
        await self.takes()
        await self.settles()
        await self.taps(phone, *options)
        return phone

    async def taps(self, phone: Phone, *options: str) -> None:
        """The buttons with these names, and what follows settled after each."""
        for option in options:
            await self.tap(phone, option)
            await self.takes()
            await self.settles()

    async def tap(self, phone: Phone, option: str, on: Message | None = None) -> None:
        session = self.sessions[phone.chat_id]
        ids = [each.id for each in screen(PLAN, self.shell.openings, session).options]
        await away(phone.taps, ids.index(option), on)

    async def orders(self, phone: Phone, command: Command) -> None:
        await away(phone.types, f"/{command}")
        await self.takes()

    async def sends_a_result(self) -> Phone:
        """Somebody who has everything met and is about to say yes for the second time."""
        answers = (tap for question in AFTER_CONSENT for tap in MET[question])
        return await self.begins("en", "montreal", "yes", "agree", *answers, "continue", "share")

    def text(self, phone: Phone) -> str:
        """What this person should read now."""
        return self.shell.views.screen(self.sessions[phone.chat_id]).text

    async def shows_only_what_it_should(self, phone: Phone) -> None:
        assert [one.text for one in await away(lambda: phone.from_bot)] == [self.text(phone)]


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
async def bot(standin: StandIn, sqlite_copy: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    monkeypatch.setattr("bot.telegram.api.SOON", SOON)
    monkeypatch.setattr("bot.cards.UNREACHABLE", SOON.total_seconds())
    monkeypatch.setattr("bot.cards.LONGEST", SOON.total_seconds())
    url = f"sqlite+aiosqlite:///{sqlite_copy}"
    shell, api = await Shell(Store(url), url).opened(), Api(standin.token, standin.url)
    await api.open()
    made = Bot(shell, api, standin)
    yield made
    await away(standin.heals)
    with suppress(Unavailable):
        await made.delivery.stop(0)
    await api.close()
    await shell.store.close()
    assert [call.description for call in standin.rejected() if "chat not found" in call.description] == []
