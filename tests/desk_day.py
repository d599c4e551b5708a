"""A day of a desk and of the people who write to it, with all that each of them is told.

The fixture comes with `pytest_plugins = ["tests.desk_day"]`.
(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import bot
from bot.bridges import Bridges
from bot.desk.chasing import Chasing
from bot.desk.figures import digest
from bot.giving import Giving
from bot.letters import CHAT
from bot.messages import ChatId, ChatKey, Message, MessageId, Said, Undeliverable
from bot.notices import Notices
from bot.outgoing import Batch, Export
from bot.pace import Pace
from bot.records import Referral
from bot.retention import Retention
from bot.store import Store
from bot.tables import letters
from bot.texts import Renderer
from bot.waiting import Waiting
from dialogs.desk import FORMATS
from dialogs.session import ReferralCode
from dialogs.symbols import Say
from tests.desk_world import GROUP, Coordinator, DeskWorld
from tests.postgres import Person, Shell, demo_desks, kept
from tests.unsealed import kept_referrals

pytest_plugins = ["tests.postgres"]


PERSON_ID, STAFF_ID, STAFF = 5_777_444_111, 7_000_000_401, "Ludmila Sentinelle-Quux"
TYPED = "wolframquux"
# Said by the menu of commands or on a picture, to nobody in particular.
STATIC = ("desk.command.",)


def can_be_said() -> dict[str, str]:
    """The texts of the desk, and of its cards, by their keys."""
    found: dict[str, str] = {}

    def walk(table: Mapping[str, Any], path: str) -> None:
        for name, value in table.items():
            if isinstance(value, str):
                found[f"{path}{name}"] = value
            else:
                walk(value, f"{path}{name}.")

    folder = Path(bot.__file__).parent
    walk({"desk": tomllib.loads((folder / "desk.toml").read_text("utf-8"))["desk"]}, "")
    walk({"card": tomllib.loads((folder / "interface.toml").read_text("utf-8"))["card"]}, "")
    return found


@dataclass
class Heard:
    """What each side has received, and under which keys it was said."""

    shell: Shell
    renderer_says: Any
    to_desk: list[str] = field(default_factory=list)
    to_people: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    ear: list[str] | None = None

    def says(self, renderer: Renderer, said: Say, locale: str) -> str:
        """In place of the renderer's own: whatever is said while an ear is open is heard."""
        text: str = self.renderer_says(renderer, said, locale)
        if self.ear is not None:
            self.ear.append(text)
        if self.ear is self.to_desk or said.key.startswith("desk."):
            self.keys.add(said.key)
        return text

    @contextmanager
    def by(self, ear: list[str]) -> Iterator[None]:
        """What is said meanwhile goes to this side."""
        before, self.ear = self.ear, ear
        yield
        self.ear = before

    async def batch(self, batch: Batch) -> None:
        """Everything that is sent after this batch, to whomever."""
        views = self.shell.views
        with self.by(self.to_desk):
            for reply in batch.replies:
                message = views.reply(reply)
                self._message(self.to_desk, message)
                for made in reply.pictures:
                    self.to_desk.append(made().decode("latin-1"))
            for toast in batch.toasts:
                self.to_desk.append(views.desk_toast(toast) or "")
            for referral in batch.referrals:
                await self.card(referral)
            for notice in batch.notices:
                self._message(self.to_desk, views.notice(notice))
        with self.by(self.to_people):
            for showing in batch.showings:
                self._message(self.to_people, views.screen(showing.session))
                self.to_people += [views.toast(showing) or "", showing.session.model_dump_json()]
                if showing.file:
                    self.to_people.append(str(views.file(showing.session)))
        self.posted()

    async def card(self, referral: Referral) -> None:
        """The card of this referral as it is kept."""
        async with self.shell.store.begin() as transaction:
            names = await self.shell.room.names(transaction, referral.place)
            now = await transaction.referrals.of(referral.code)
        with self.by(self.to_desk):
            self._message(self.to_desk, self.shell.views.card(now or referral, names))

    def posted(self) -> None:
        """The letters that wait: those to people, and those to the desk's chats and channels."""
        desks = {self.shell.vault.key(each) for each in (GROUP, ChatId(STAFF_ID), ChatId(STAFF_ID + 1))}
        for row in kept(self.shell.database, letters):
            key = ChatKey(bytes(row["key"])) if row["key"] else ChatKey(b"")
            text = self.shell.vault.open(bytes(row["body"]), b"letter" + key).decode()
            ear = self.to_desk if row["channel"] != CHAT or key in desks else self.to_people
            ear.append(text)

    def _message(self, ear: list[str], message: Message) -> None:
        ear.append(message.text)
        ear += [f"{button.label} {button.data} {button.copies}" for row in message.rows for button in row]


@dataclass
class Api:
    """Chats that take files and lines, or nothing at all."""

    heard: Heard
    refusing: bool = False

    async def send_file(self, chat: ChatId, name: str, content: bytes, caption: str) -> MessageId:
        """As the Bot API does."""
        if self.refusing:
            raise Undeliverable("too large")
        self.heard.to_desk += [name, content.decode(), caption]
        return MessageId(1)

    async def send(self, chat: ChatId, message: Message, protect: bool = True) -> MessageId:
        """As the Bot API does."""
        self.heard.to_desk.append(message.text)
        return MessageId(1)

    async def edit(self, chat: ChatId, number: MessageId, message: Message) -> None:
        """As the Bot API does."""
        self.heard.to_desk.append(message.text)

    async def delete(self, chat: ChatId, number: MessageId) -> None:
        """As the Bot API does."""


@dataclass
class Day:
    """A desk with everybody who has to do with it, and all that is said there."""

    world: DeskWorld
    heard: Heard
    group: Coordinator
    other: Coordinator
    lead: Coordinator

    @property
    def shell(self) -> Shell:
        return self.world.shell

    async def orders(self, who: Coordinator, command: Any, *arguments: str) -> None:
        """Sends a command with each of these arguments, and hears what follows."""
        for argument in arguments or ("",):
            await who.orders(command, argument)
            await self.heard.batch(who.batch)

    async def presses(self, who: Coordinator, *data: str) -> None:
        """Presses a button, and hears what follows."""
        await who.presses(*data)
        await self.heard.batch(who.batch)

    async def acts(self, who: Coordinator, verb: str, code: ReferralCode, *more: str, **version: int) -> None:
        """Presses a button of a card, and hears what follows."""
        await who.acts(verb, code, *more, **version)
        await self.heard.batch(who.batch)

    async def person(self, number: int) -> tuple[Person, ReferralCode]:
        """Somebody who types what nobody else says, and sends their result."""
        person = self.shell.person(number)
        await person.previews()
        await person.does(Said(TYPED))
        await self.heard.batch(person.batch)
        code = person.session.code
        await person.taps("send")
        await self.heard.batch(person.batch)
        return person, code

    async def does(self, person: Person, *taps: str) -> None:
        """The person taps these, and everybody hears what follows."""
        for each in taps:
            await person.taps(each)
            await self.heard.batch(person.batch)

    async def routines(self, **much: float) -> None:
        """Time passes, and whatever the bot does by itself is done once."""
        self.shell.clock.passes(**much)
        shell, batches = self.shell, list[Batch]()
        notices = Notices(shell.vault, shell.desks, shell.renderer)
        with self.heard.by(self.heard.to_desk):
            told = partial(digest, shell.room)
            await Chasing(shell.store, shell.room, notices, batches.append, shell.clock, told).chase()
            await Retention(shell.store, shell.service, batches.append, shell.clock).sweep()
        with self.heard.by(self.heard.to_people):
            await Bridges(shell.store, shell.service, batches.append, shell.clock).sweep()
            await Waiting(shell.store, shell.room, shell.renderer, shell.doors, shell.clock).sweep()
        for batch in batches:
            await self.heard.batch(batch)
        self.heard.posted()

    async def exports(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every format is asked for, taken, refused, too large, slow; one result answers questions of long ago."""
        [given, *_] = [row for row in kept_referrals(self.shell.database) if row["result"]]
        old = given["result"].replace('"verdicts":{', '"verdicts":{"question_of_long_ago":"met",')
        columns = {name: given[name] for name in Referral.__dataclass_fields__}
        async with self.shell.store.begin() as transaction:
            await transaction.referrals.save(Referral(**{**columns, "result": old}))
        api: Any = Api(self.heard)
        shell = self.shell
        giving = Giving(api, shell.store, shell.room, shell.renderer, Pace(0), shell.clock)
        with self.heard.by(self.heard.to_desk):
            for kind in FORMATS:
                giving.begin(Export(self.lead.id, kind, ("montreal",), None, "fr_CA"))
                await giving.stop(120)
            monkeypatch.setattr("bot.giving.SAY_AGAIN", 0.0001)
            giving.begin(Export(self.lead.id, "fhir", ("montreal",), None, "fr_CA"))
            await giving.stop(120)
            giving.begin(Export(self.lead.id, "csv", ("paris",), None, "fr_CA"))
            await giving.stop(120)
            api.refusing = True
            giving.begin(Export(self.lead.id, "csv", ("montreal",), None, "fr_CA"))
            await giving.stop(120)
            monkeypatch.setattr("bot.giving.LARGEST", 10)
            giving.begin(Export(self.lead.id, "json", ("montreal",), None, "fr_CA"))
            await giving.stop(120)


@pytest.fixture
async def day(store: Store, database: str, monkeypatch: pytest.MonkeyPatch) -> Day:
    desks = demo_desks()
    fields = {"chat": None, "cap": 22, "notify": (SecretStr("json://127.0.0.1"),), "claim_hours": 1, "quiet": None}
    montreal = desks["montreal"].model_copy(update={**fields, "weekends": True})
    shell = await Shell(store, database, {**desks, "montreal": montreal}).opened()
    heard = Heard(shell, Renderer.say)
    monkeypatch.setattr(Renderer, "say", lambda renderer, said, locale: heard.says(renderer, said, locale))
    world = DeskWorld(shell)
    group = Coordinator(shell, STAFF, ChatId(STAFF_ID), GROUP)
    other = Coordinator(shell, f"{STAFF} 2", ChatId(STAFF_ID + 1), GROUP)
    return Day(world, heard, group, other, Coordinator(shell, STAFF, ChatId(STAFF_ID), ChatId(STAFF_ID)))


def found(tellings: Collection[str], texts: Collection[str]) -> list[str]:
    whole = "\n".join(texts)
    return [each for each in tellings if each in whole]
