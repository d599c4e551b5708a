"""Everything put together: one process that polls, decides, writes, sends and forgets, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import get_args

import structlog

from bot.arrival import Arrivals
from bot.bridges import Bridges
from bot.cards import Cards
from bot.codes import new_code
from bot.delivery import Delivery
from bot.desk import DeskService
from bot.desk.chasing import Chasing
from bot.desk.figures import digest
from bot.desk.membership import INVITE_LASTS, invite_digest
from bot.desk.menus import Menus
from bot.desk.room import DONE_BY, Room
from bot.desks import Desks
from bot.doors import Doors
from bot.giving import Giving
from bot.handover import Handover
from bot.keys import Superseded, current, seal_unsealed, take_up
from bot.letters import Outbox
from bot.listening import ALONE, Worker, listening
from bot.messages import AtDesk, Command, DeskCommand, Incoming, Refused, TryLater, Unavailable, Undeliverable, Update
from bot.metrics import Metrics
from bot.outgoing import Batch
from bot.pace import Pace, Rank
from bot.records import Deed
from bot.reminders import Reminders
from bot.retention import Retention
from bot.routine import repeated
from bot.service import Service
from bot.settings import Settings
from bot.store import Store
from bot.telegram import Api
from bot.telegram.api import Profile
from bot.texts import Catalogs, Renderer
from bot.views import Views
from bot.waiting import Waiting
from dialogs.desk import Role
from dialogs.events import Fresh
from dialogs.machine import Plan
from dialogs.reading import read as read_words
from dialogs.session import ReferralCode
from dialogs.study import Language
from dialogs.symbols import Say

NONCE_BYTES = 6
PATIENCE = 5.0  # seconds to finish what is under way when stopping
INTRODUCE_AGAIN = 60.0
FIRST_POLL = 0.3  # seconds within which the first updates have been asked for: nothing is loaded before that
LOOK = timedelta(seconds=5)

# The desk's commands as groups are offered them; a code is asked for in private.
IN_GROUPS: tuple[DeskCommand, ...] = (
    *("open", "mine", "find", "write", "stats", "health"),
    *("pause", "resume", "remove", "export", "desk"),
)

log = structlog.get_logger("screener")


class Application:
    """The screener, ready to run."""

    def __init__(self, settings: Settings, plan: Plan, catalogs: Catalogs, worker: Worker = ALONE) -> None:
        self._desks = Desks(plan, catalogs, settings.desk)
        self._renderer = Renderer(catalogs, self._desks.told)
        self._metrics = Metrics()
        self._settings = settings
        vault = self._vault = settings.vault
        self._store = Store(settings.database, vault, lease=settings.lease_seconds)
        self._api = Api(settings.bot_token.get_secret_value(), settings.api_url, self._metrics)
        self._doors = Doors(self._store, vault, self._desks)
        room = Room(plan, vault, self._desks)
        self._menus = Menus(self._api, self._store, room, self._renderer)
        views = Views(plan, self._doors, self._desks, self._renderer)
        countable = frozenset(f"source.{name}" for name in settings.sources)
        after = timedelta(hours=settings.reminder_hours) if settings.reminder_hours else None
        self._service = Service(
            self._store,
            vault,
            plan,
            self._desks,
            self._renderer,
            DeskService(room),
            self._doors,
            _now,
            _fresh,
            after,
            countable,
        )
        pace = Pace(settings.sends_per_second / worker.of)
        cards = Cards(self._api, self._store, room, views, pace)
        self._delivery = Delivery(self._api, self._store, views, cards, pace, self._metrics)
        self._arrivals = Arrivals(settings, self._api, self._store.presence, self._handle, worker)
        self._handover = Handover(self._store, self._service, self._delivery, self._metrics)
        notices = self._service.notices
        self._outbox = Outbox(self._api, self._store, vault, pace, notices.notify, _now)
        self._chasing = Chasing(self._store, room, notices, self._deliver, _now, partial(digest, room))
        remind = partial(self._deliver, rank=Rank.REMINDER)
        self._reminders = Reminders(self._store, self._service, remind, _now)
        self._retention = Retention(self._store, self._service, self._deliver, _now)
        self._bridges = Bridges(self._store, self._service, self._deliver, _now)
        self._giving = Giving(self._api, self._store, room, self._renderer, pace, _now)
        self._waiting = Waiting(self._store, room, self._renderer, self._doors, _now)

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve everybody until told to stop.

        Raises Refused when Telegram does not know the bot, WrongKey when the database was used with another secret,
        Superseded when another process has taken up a newer one.
        """
        await self._store.presence.beat()
        await self._store.prepare()
        given = (self._desks.chat(place) for place in self._desks.desks)
        await take_up(self._store, self._vault, [chat for chat in given if chat is not None])
        await self._doors.prepare()
        for warning in self._desks.warnings(self._doors.openings.bound):
            log.warning("a place is closed", why=warning)
        await self._api.open()
        await self._handover.take_over()
        superseded = False

        async def same_key() -> None:
            """Stop when the desks are under a newer secret: what this process writes, the others would not find."""
            nonlocal superseded
            if not await current(self._store, self._vault):
                superseded = True
                stopping.set()

        jobs = (
            self._delivery.run(promptly=self._store.presence.shared and bool(self._settings.webhook_url)),
            self._handover.run(),
            self._retention.run(),
            self._reminders.run(),
            self._outbox.run(),
            self._chasing.run(),
            self._bridges.run(),
            self._waiting.run(),
            self._menus.run(),
            repeated(self._doors.look, LOOK),
            repeated(same_key, LOOK),
            self._introduce(),
        )
        background = [asyncio.create_task(work) for work in jobs]
        try:
            async with self._reporting(stopping):
                await self._arrivals.run(stopping)
        finally:
            await self._store.presence.resign()
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            parts = (self._delivery, self._outbox, self._giving)
            await asyncio.gather(*(each.stop(PATIENCE) for each in parts))
            await self._api.close()
            await self._store.close()
            log.info("stopped")
        if superseded:
            raise Superseded("another process has taken up a newer secret")

    @asynccontextmanager
    async def _reporting(self, stopping: asyncio.Event) -> AsyncIterator[None]:
        """Say at an address of its own how this process is, where the settings ask for it. Raises CannotListen."""
        address = self._settings.status_listen
        if address is None:
            yield
            return
        from bot.web import Status, serving

        status = Status(self._metrics, self._oldest_unsent, stopping)
        async with serving(status.app, listening(address, "SCREENER_STATUS_LISTEN", self._arrivals.worker.number)):
            yield

    async def _oldest_unsent(self) -> float:
        async with self._store.begin() as transaction:
            oldest = await transaction.chats.oldest_unshown()
        return 0.0 if oldest is None else max(0.0, time.time() - oldest)

    async def _handle(self, updates: Sequence[Update]) -> None:
        began = time.monotonic()
        batch = await self._service.handle(updates)
        self._metrics.handled((kind(each) for each in updates), time.monotonic() - began)
        # Whoever polls asks for more first: Telegram's answer is on its way while these screens are made and sent.
        asyncio.get_running_loop().call_soon(self._deliver, batch)

    def _deliver(self, batch: Batch, rank: Rank = Rank.DIALOG) -> None:
        """Begin to send everything a committed batch asks for."""
        self._delivery.deliver(batch, rank)
        if batch.letters:
            self._outbox.wake()
        for export in batch.exports:
            self._giving.begin(export)

    async def _introduce(self) -> None:
        """Set the menu and the descriptions; if Telegram does not take them now, later."""
        await asyncio.sleep(FIRST_POLL)
        # Loads the words people type now, and not while somebody waits for an answer.
        await asyncio.to_thread(read_words, self._service.plan.study, "age", "fr", "oui")
        _settle()
        while True:
            try:
                if not await self._store.presence.elect():
                    await asyncio.sleep(INTRODUCE_AGAIN)
                    continue
                if self._settings.webhook_url is None:
                    with suppress(TryLater, Undeliverable):
                        await self._api.stop_webhook()
                for language in (None, *self._doors.openings.languages):
                    await self._api.introduce(language, self._profile(language or "en"))
                return
            except (TryLater, Undeliverable, Refused, Unavailable) as error:
                log.warning("the menu and descriptions could not be set", reason=str(error))
            await asyncio.sleep(INTRODUCE_AGAIN)

    def _profile(self, language: Language) -> Profile:
        def said(key: str) -> str:
            return self._renderer.say(Say(f"profile.{key}"), language)

        commands = tuple((name, said(f"command.{name}")) for name in get_args(Command))
        desk = tuple((name, self._renderer.say(Say(f"desk.command.{name}"), language)) for name in IN_GROUPS)
        return Profile(said("description"), said("short_description"), commands, desk)


async def invite(settings: Settings, place: str, role: Role) -> ReferralCode:
    """A code that works once, for an hour. Raises Unavailable."""
    store, code = Store(settings.database), new_code()
    await store.prepare()
    async with store.begin() as transaction:
        expires = int((_now() + INVITE_LASTS).timestamp())
        await transaction.desk.invite(invite_digest(settings.vault, code), place, role, expires)
    await store.close()
    return code


async def audit(settings: Settings, place: str, days: int) -> list[str]:
    """What was done at a desk in the last days, one line each. Raises WrongKey, Unavailable."""
    vault = settings.vault
    store = Store(settings.database, vault)
    await store.prepare()
    await seal_unsealed(store, vault)
    async with store.begin() as transaction:
        deeds = await transaction.desk.deeds(place, int((_now() - timedelta(days=days)).timestamp()))
    await store.close()
    return [_line(deed, vault.open(deed.who, DONE_BY).decode("ascii")) for deed in deeds]


def _line(deed: Deed, who: str) -> str:
    at = datetime.fromtimestamp(deed.at, UTC)
    return "  ".join(filter(None, (f"{at:%Y-%m-%d %H:%M} UTC", who, deed.what, deed.code)))


def _settle() -> None:
    """Leave all that is loaded by now, which lives as long as the process, out of every later garbage collection."""
    gc.collect()
    gc.freeze()


def kind(update: Update) -> str:
    """What an update is, for counting."""
    return type(update.act if isinstance(update, Incoming | AtDesk) else update).__name__


def _now() -> datetime:
    return datetime.now(UTC)


def _fresh() -> Fresh:
    return Fresh(nonce=secrets.token_urlsafe(NONCE_BYTES), code=new_code())
