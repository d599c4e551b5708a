"""Two processes and one chat: the last thing a person sees is the newest, whoever shows it and however late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast
from unittest.mock import patch

import psycopg
import pytest

from bot.cards import Cards
from bot.delivery import Delivery
from bot.handover import Handover
from bot.messages import ChatId, ChatKey, Incoming, Message, MessageId, Ordered, Press, TryLater
from bot.metrics import Metrics
from bot.outgoing import Batch
from bot.pace import Pace
from bot.service import Service
from bot.store import Store
from bot.store.presence import PRESENT
from bot.telegram import Api
from tests.person import eventually
from tests.postgres import Person, Postgres, Shell

pytestmark = pytest.mark.slow

pytest_plugins = ["tests.postgres"]
LEASE = 5.0


@dataclass
class Screen:
    """What one person sees, whoever shows it."""

    shown: list[str] = field(default_factory=list)
    messages: int = 0

    @property
    def text(self) -> str:
        """What stands there now."""
        return self.shown[-1] if self.shown else ""


@dataclass
class Line:
    """How one process reaches Telegram. While it is closed, a call is on its way and has no effect yet."""

    screen: Screen
    open: asyncio.Event = field(default_factory=asyncio.Event)
    calls: int = 0
    refuses: timedelta | None = None  # the next call, and for how long
    deaf: bool = False  # whether the answer to the next call is lost, though it has its effect

    async def send(self, _chat: ChatId, message: Message, protect: bool = True) -> MessageId:
        await self._arrives(message)
        self.screen.messages += 1
        return MessageId(9 + self.screen.messages)  # the first is the one that people tap on

    async def edit(self, _chat: ChatId, _id: MessageId, message: Message) -> None:
        await self._arrives(message)

    async def delete(self, _chat: ChatId, _id: MessageId) -> None:
        self.screen.messages -= 1

    async def answer(self, _callback: str, _text: str | None = None) -> None:
        return

    async def _arrives(self, message: Message) -> None:
        self.calls += 1
        refused, self.refuses = self.refuses, None
        if refused:
            raise TryLater(refused, "")
        await self.open.wait()
        self.screen.shown.append(message.text)
        deaf, self.deaf = self.deaf, False
        if deaf:
            raise TryLater(timedelta(seconds=0.1), "nobody answered")


class Process:
    """One process as the application puts it together, but for what arrives."""

    def __init__(self, shell: Shell, screen: Screen) -> None:
        self.shell, self.line = shell, Line(screen)
        self.line.open.set()
        api, metrics = cast(Api, self.line), Metrics()
        cards = Cards(api, shell.store, shell.room, shell.views, Pace(0))
        self.delivery = Delivery(api, shell.store, shell.views, cards, Pace(0), metrics)
        self.handover = Handover(shell.store, shell.service, self.delivery, metrics)
        self._tasks: list[asyncio.Task[Any]] = []

    async def starts(self) -> None:
        await self.shell.store.presence.beat()
        work = (self.delivery.run(promptly=True), self.handover.run())
        self._tasks = [asyncio.create_task(each) for each in work]

    async def ends(self) -> None:
        self.line.open.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.delivery.stop(1)
        await self.shell.store.close()

    async def takes(self, person: Person, *acts: Press | Incoming) -> Person:
        """This process handles what the person does now, and begins to show what follows. Returns them as they are."""
        here = replace(person, shell=self.shell)
        for act in acts:
            update = act if isinstance(act, Incoming) else here.incoming(act)
            self.delivery.deliver(await here.handles(update))
        return here

    async def is_lost(self) -> None:
        """The database takes this process for dead."""
        url = self.shell.database.replace("+psycopg", "")
        number = self.shell.store.presence.number
        lock = f"select pg_terminate_backend(pid) from pg_locks where classid = {PRESENT} and objid = {number}"
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(lock.encode())


@pytest.fixture
def shared(postgres: Postgres) -> str:
    return postgres.emptied()


@pytest.fixture
async def processes(shared: str) -> AsyncIterator[tuple[Process, Process]]:
    url, screen = shared, Screen()
    shells = [await Shell(Store(url, lease=LEASE), url).opened() for _ in range(2)]
    shells[1].updates = shells[0].updates
    one, two = (Process(shell, screen) for shell in shells)
    await one.starts()
    await two.starts()
    yield one, two
    await one.ends()
    await two.ends()


async def until(probe: Callable[[], bool]) -> None:
    """Waits until this is so."""
    await asyncio.to_thread(eventually, probe, "what this test waits for", 10)


async def shows(process: Process, person: Person) -> None:
    """The person sees what they should, and that is written down."""
    wanted = process.shell.views.screen(person.session).text

    def settled() -> bool:
        row = person.row()
        return row is not None and row["shown"] == row["wanted"] and process.line.screen.text == wanted

    await until(settled)


async def test_a_newer_screen_waits_until_the_process_that_shows_the_older_one_is_done(
    processes: tuple[Process, Process],
) -> None:
    one, two = processes
    person = one.shell.person()
    person = await one.takes(person, start(person))
    await shows(one, person)
    one.line.open.clear()
    person = await one.takes(person, person.tap("en"))
    person = await two.takes(person, person.tap("montreal"))
    await asyncio.sleep(0.3)
    assert two.line.calls == 0, "both write to one chat at the same time"
    one.line.open.set()
    await shows(two, person)
    assert two.line.calls == 1
    assert two.line.screen.messages == 1


async def test_an_older_screen_shown_by_one_that_was_taken_for_dead_does_not_stay(
    processes: tuple[Process, Process],
) -> None:
    one, two = processes
    person = one.shell.person()
    person = await one.takes(person, start(person))
    await shows(one, person)
    one.line.open.clear()
    person = await one.takes(person, person.tap("en"))
    await until(lambda: one.line.calls > 1)
    await one.is_lost()
    await shows(two, person)
    person = await two.takes(person, person.tap("montreal"))
    await shows(two, person)
    one.line.open.set()  # what it sent before it stood still arrives only now
    await until(lambda: one.line.screen.text != two.shell.views.screen(person.session).text)
    await shows(two, person)
    assert two.line.screen.messages == 1


async def test_an_older_screen_that_arrived_late_and_that_nobody_answered_does_not_stay(
    processes: tuple[Process, Process],
) -> None:
    one, two = processes
    person = one.shell.person()
    person = await one.takes(person, start(person))
    await shows(one, person)
    one.line.open.clear()
    one.line.deaf = True
    person = await one.takes(person, person.tap("en"))
    await until(lambda: one.line.calls > 1)
    presence, number = one.shell.store.presence, one.shell.store.presence.number
    await one.is_lost()
    await until(lambda: presence.number != number)  # it has noticed
    person = await two.takes(person, person.tap("montreal"))
    await shows(two, person)
    one.line.open.set()  # it arrives only now, and whoever sent it does not hear so
    await until(lambda: one.line.screen.text != two.shell.views.screen(person.session).text)
    await shows(two, person)
    assert two.line.screen.messages == 1


async def test_one_that_was_taken_for_dead_does_not_try_its_older_screen_again(
    processes: tuple[Process, Process],
) -> None:
    one, two = processes
    person = one.shell.person()
    person = await one.takes(person, start(person))
    await shows(one, person)
    one.line.refuses = timedelta(seconds=1)
    person = await one.takes(person, person.tap("en"))
    await until(lambda: one.line.refuses is None)
    await one.is_lost()  # and does not know it
    person = await two.takes(person, person.tap("montreal"))
    await shows(two, person)
    drawn = len(one.line.screen.shown)
    await asyncio.sleep(2)
    newest = two.shell.views.screen(person.session).text
    anything_else = set(one.line.screen.shown[drawn:]) - {newest}
    assert not anything_else, "what is drawn above a newer screen stays there, should this process die now"
    await shows(two, person)


async def test_what_is_taken_over_is_shown_however_long_the_database_takes(processes: tuple[Process, Process]) -> None:
    one, two = processes
    person = one.shell.person()
    person = await one.takes(person, start(person))
    await shows(one, person)
    interrupted = Service.interrupted

    async def slowly(service: Service, limit: int = 1, among: Collection[ChatKey] | None = None) -> Batch:
        batch = Batch() if among is None else await interrupted(service, limit, among)
        if batch.showings:
            await asyncio.sleep(LEASE / 2)  # more than lies between two looks at what others left behind
        return batch

    with patch.object(Service, "interrupted", slowly):
        one.line.open.clear()
        person = await one.takes(person, person.tap("en"))
        person = await two.takes(person, person.tap("montreal"))
        one.line.open.set()
        await shows(two, person)


async def test_a_tap_on_an_old_screen_shows_the_newest_and_leaves_nothing_behind(
    processes: tuple[Process, Process],
) -> None:
    one, two = processes
    person = one.shell.person()
    person = await one.takes(person, start(person))
    old = person.tap("en")
    person = await one.takes(person, old)
    await shows(one, person)
    person = await two.takes(person, old)
    await shows(two, person)
    person = await one.takes(person, person.tap("montreal"))
    await shows(one, person)


def start(person: Person) -> Incoming:
    return person.incoming(Ordered("start"))
