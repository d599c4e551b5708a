"""Real databases for the tests of the shell, and a service on them: nothing is sent, and the clock is moved by hand.

The fixtures come with `pytest_plugins = ["tests.postgres"]`. PostgreSQL is a server of our own, started from the
binaries of this computer, with no port; where there are none the tests say so, or fail under CI.
(PYTEST_DONT_REWRITE: the tests import this module before pytest takes it for a plugin.)
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy import RowMapping, Table, create_engine, select

from bot.codes import ALPHABET, LENGTH, written
from bot.demo.setting import setting
from bot.desk import DeskService
from bot.desk.room import Room
from bot.desks import Desks
from bot.doors import Doors
from bot.messages import Act, ChatId, ChatKey, Command, Incoming, MessageId, Ordered, Press
from bot.outgoing import Batch, Showing
from bot.service import Service
from bot.settings import Desk
from bot.store import Store
from bot.tables import chats
from bot.texts import Catalogs, Renderer, read_catalogs
from bot.texts.catalogs import BASES
from bot.texts.source import source_texts
from bot.vault import Vault
from bot.views import Views
from dialogs.events import Fresh, Openings
from dialogs.screens import screen
from dialogs.session import Session
from tests.cluster import Postgres as Postgres
from tests.cluster import binaries, prepare
from tests.dialogs_world import AFTER_CONSENT, MET, PLAN, STUDY

SOURCE = source_texts(STUDY)
OPEN_LOCALES = read_catalogs(SOURCE).texts
# A translation under way closes its locale. That is found elsewhere, and must not stop the tests of the shell.
CATALOGS = Catalogs(
    {name: OPEN_LOCALES.get(name, {key: f"{text} [{name}]" for key, text in SOURCE.items()}) for name in BASES}
)
SECRET = b"a secret of the tests, long enough to be one"
START = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)


# ---------------------------------------------------------------------------------------------- databases


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    programs = binaries()
    if programs is None:
        reason = "PostgreSQL is not installed here (on Debian: apt install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="screener-pg-", ignore_cleanup_errors=True) as directory:
        server = Postgres(programs, Path(directory))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("prepared") / "screener.db"
    asyncio.run(prepare(Store(f"sqlite+aiosqlite:///{path}")))
    return path


@pytest.fixture
def sqlite_copy(sqlite_file: Path, tmp_path: Path) -> Path:
    """An SQLite file of one's own, with all tables."""
    return Path(shutil.copy(sqlite_file, tmp_path / "screener.db"))


POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.slow)


@pytest.fixture(params=["sqlite", POSTGRESQL])
def database(request: pytest.FixtureRequest) -> str:
    """The address of a database with all tables and nothing in them: of each kind in turn."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return server.emptied()
    return f"sqlite+aiosqlite:///{request.getfixturevalue('sqlite_copy')}"


@pytest.fixture(params=["sqlite", POSTGRESQL])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any table."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return server.fresh()
    return f"sqlite+aiosqlite:///{tmp_path / 'screener.db'}"


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = Store(database, Vault(SECRET))
    yield opened
    await opened.close()


@pytest.fixture
async def shell(store: Store, database: str) -> Shell:
    return await Shell(store, database).opened()


def kept(database: str, table: Table) -> Sequence[RowMapping]:
    """All that is in a table, read past the store."""
    engine = create_engine(database.replace("+aiosqlite", ""))
    with engine.connect() as connection:
        rows = connection.execute(select(table)).mappings().all()
    engine.dispose()
    return rows


# ------------------------------------------------------------------------------------------------ service


def demo_desks() -> dict[str, Desk]:
    """The desks of the demonstration, all places open."""
    groups = {group.key: group.id for group in setting().groups}
    given = setting().desk
    return {place: Desk.model_validate({"chat": groups[place], **values}) for place, values in given.items()}


@dataclass
class Clock:
    """Time, moved by hand."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **much: float) -> None:
        """Let time pass: days, hours, minutes, seconds."""
        self.at += timedelta(**much)


class Shell:
    """Store, vault, engine and service, as the application puts them together."""

    def __init__(self, store: Store, database: str, desks: Mapping[str, Desk] | None = None) -> None:
        self.store = store
        self.database = database
        self.clock = Clock()
        self.vault = Vault(SECRET)
        store._vault = store._vault or self.vault  # as the application's store: it seals and opens what it keeps
        self.desks = Desks(PLAN, CATALOGS, demo_desks() if desks is None else desks)
        self.renderer = Renderer(CATALOGS, self.desks.told)
        self.room = Room(PLAN, self.vault, self.desks)
        self.doors = Doors(store, self.vault, self.desks)
        self.views = Views(PLAN, self.doors, self.desks, self.renderer)
        desk = DeskService(self.room)
        self.service = Service(
            store, self.vault, PLAN, self.desks, self.renderer, desk, self.doors, self.clock, self._fresh
        )
        self.updates = itertools.count(1_000)
        self._numbers = itertools.count(1)

    async def opened(self) -> Self:
        """With the doors open that the settings open."""
        await self.doors.prepare()
        return self

    @property
    def openings(self) -> Openings:
        """Which places take people now."""
        return self.doors.openings

    def person(self, chat: int | None = None) -> Person:
        """Somebody the bot knows nothing about."""
        return Person(self, ChatId(chat or 5_000_000_000 + next(self._numbers)))

    def _fresh(self) -> Fresh:
        number = next(self._numbers)
        digits = [ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(LENGTH)]
        return Fresh(nonce=f"nonce{number}", code=written("".join(digits)))


@dataclass
class Person:
    """Somebody writing to the bot: each thing they do is one update, handled at once."""

    shell: Shell
    chat: ChatId
    batch: Batch = field(default_factory=Batch)
    messages: int = 1_000

    def incoming(self, act: Act) -> Incoming:
        """The update for this, not handled yet."""
        self.messages += 1
        message = None if isinstance(act, Press) else MessageId(self.messages)
        return Incoming(next(self.shell.updates), self.chat, act, message)

    async def handles(self, *updates: Incoming) -> Batch:
        """These updates in one batch. What it asks to show to them is what they see from then on."""
        batch = await self.shell.service.handle(updates)
        if any(each.key == self.key for each in batch.showings):
            self.batch = batch
        return batch

    async def does(self, act: Act) -> Batch:
        return await self.handles(self.incoming(act))

    async def orders(self, command: Command) -> Batch:
        return await self.does(Ordered(command))

    async def taps(self, *options: str) -> None:
        """These buttons, each on the screen that the one before led to."""
        for option in options:
            await self.does(self.tap(option))

    def tap(self, option: str, on: int | None = 10) -> Press:
        """A tap on this button of the screen the person sees, in this message."""
        session = self.session
        ids = [each.id for each in screen(PLAN, self.shell.openings, session).options]
        return Press("callback", session.mark, session.turn, ids.index(option), None if on is None else MessageId(on))

    async def begins(self, language: str = "en", place: str = "montreal") -> None:
        """Up to the first question."""
        await self.orders("start")
        await self.taps(language, place)

    async def consents(self, place: str = "montreal") -> None:
        """Up to the first question about health."""
        await self.begins(place=place)
        await self.taps("yes", "agree")

    async def previews(self) -> None:
        """Everything met, up to the preview of what the coordinators would get."""
        await self.previews_at("montreal")

    async def previews_at(self, place: str) -> None:
        """The same, somewhere."""
        await self.consents(place)
        await self.taps(*(tap for question in AFTER_CONSENT for tap in MET[question]), "continue", "share")

    @property
    def key(self) -> ChatKey:
        return self.shell.vault.key(self.chat)

    @property
    def showing(self) -> Showing:
        """What was last asked to be shown to them."""
        return [each for each in self.batch.showings if each.key == self.key][-1]

    @property
    def session(self) -> Session:
        return self.showing.session

    @property
    def at(self) -> str:
        return self.session.state

    def row(self) -> RowMapping | None:
        """What the database keeps of them."""
        return next((row for row in kept(self.shell.database, chats) if bytes(row["key"]) == self.key), None)
