"""A lead who asks for an export and what comes of it in their chat.

The fixture comes with `pytest_plugins = ["tests.asking"]`.
(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from bot.giving import Giving
from bot.messages import ChatId, Message, MessageGone, MessageId
from bot.pace import Pace
from bot.records import Referral
from dialogs.desk import Format
from tests.desk_world import Coordinator, DeskWorld
from tests.exported import result
from tests.postgres import Shell

pytest_plugins = ["tests.postgres"]


SENTINEL = "Zyxwvut Qwertz 0123"
PATIENCE = 120.0
FILES: dict[Format, list[str]] = {
    "csv": ["referrals.csv"],
    "json": ["referrals.json"],
    "redcap": ["dictionary.csv", "import.csv"],
    "fhir": ["bundle.json"],
}


@dataclass
class Chats:
    """What stands in the chats: files and lines, and what is refused. `refusals` are raised one for each file."""

    files: dict[int, tuple[ChatId, str, bytes, str]] = field(default_factory=dict)
    lines: dict[int, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    refusals: list[Exception | None] = field(default_factory=list)

    async def send_file(self, chat: ChatId, name: str, content: bytes, caption: str) -> MessageId:
        """As the Bot API does."""
        if self.refusals and (refusal := self.refusals.pop(0)):
            raise refusal
        number = len(self.files) + len(self.said) + 1
        self.files[number] = (chat, name, content, caption)
        return MessageId(number)

    async def send(self, chat: ChatId, message: Message, protect: bool = True) -> MessageId:
        """As the Bot API does."""
        self.said.append(message.text)
        number = len(self.files) + len(self.said)
        self.lines[number] = message.text
        return MessageId(number)

    async def edit(self, chat: ChatId, number: MessageId, message: Message) -> None:
        """As the Bot API does."""
        if number not in self.lines:
            raise MessageGone
        self.said.append(message.text)
        self.lines[number] = message.text

    async def delete(self, chat: ChatId, number: MessageId) -> None:
        """As the Bot API does."""
        self.files.pop(number, None)
        self.lines.pop(number, None)

    @property
    def contents(self) -> dict[str, bytes]:
        """The files by their names."""
        return {name: content for _, name, content, _ in self.files.values()}


@dataclass
class Desk:
    """A desk with a lead, and what the bot gives them."""

    world: DeskWorld
    lead: Coordinator
    chats: Chats
    giving: Giving

    async def asks(self, kind: str, *since: str, who: Coordinator | None = None) -> None:
        """Presses the button of a format, and waits until whatever follows has followed."""
        lead = who or self.lead
        assert await lead.presses("export", kind, *since) == "desk.toast.making"
        for export in lead.batch.exports:
            self.giving.begin(export)
        await self.giving.stop(PATIENCE)

    def rows(self) -> list[dict[str, str]]:
        """The table that was given."""
        return list(csv.DictReader(io.StringIO(self.chats.contents["referrals.csv"].decode())))

    def text(self, key: str, **params: object) -> str:
        """A text as the desk of Montréal reads it."""
        return self.world.shell.desks.catalogs.texts["fr_CA"][f"desk.{key}"].format(**params)


def desk_of(shell: Shell, lead: Coordinator, world: DeskWorld) -> Desk:
    chats = Chats()
    api: Any = chats
    return Desk(world, lead, chats, Giving(api, shell.store, shell.room, shell.renderer, Pace(0), shell.clock))


@pytest.fixture
async def desk(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("bot.giving.SAY_AGAIN", PATIENCE)  # however slow this computer is
    world = DeskWorld(shell)
    return desk_of(shell, await world.lead(), world)


async def many(desk: Desk, number: int, place: str = "montreal") -> list[str]:
    """So many referrals, past everything that makes one. Returns their codes."""
    day, content = date(2026, 3, 1), result(place=place).model_dump_json()
    rows = [Referral(f"{at:09}", place, day, "new", content, 1_772_458_679) for at in range(number)]
    async with desk.world.shell.store.begin() as transaction:
        await transaction.referrals.add(rows)
    return [each.code for each in rows]
