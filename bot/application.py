"""Everything put together: one process that polls, decides, writes, sends and forgets, until it is told to stop."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import get_args

import structlog

from bot.cards import Cards
from bot.codes import new_code
from bot.delivery import Delivery
from bot.desk import DeskService
from bot.desk.membership import INVITE_LASTS, invite_digest
from bot.desk.room import DONE_BY, Room
from bot.desks import Desks
from bot.doors import Doors
from bot.messages import Command, DeskCommand, Refused, TryLater, Undeliverable, Update
from bot.records import Deed
from bot.reminders import Reminders
from bot.retention import Retention
from bot.routine import repeated
from bot.service import Service
from bot.settings import Settings
from bot.store import Store
from bot.telegram import Api, Poller
from bot.telegram.api import Profile
from bot.texts import Catalogs, Renderer
from bot.vault import Vault, read_secret
from bot.views import Views
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
CATCH_UP = timedelta(minutes=1)
LOOK = timedelta(seconds=5)

# The desk's commands as groups are offered them; a code is asked for in private.
IN_GROUPS: tuple[DeskCommand, ...] = ("open", "mine", "find", "stats", "health", "pause", "resume", "remove", "desk")

log = structlog.get_logger("screener")


class Application:
    """The screener, ready to run."""

    def __init__(self, settings: Settings, plan: Plan, catalogs: Catalogs) -> None:
        self._desks = Desks(plan, catalogs, settings.desk)
        self._renderer = Renderer(catalogs, self._desks.told)
        self._store = Store(settings.database)
        vault = _vault(settings)
        self._api = Api(settings.bot_token.get_secret_value(), settings.api_url)
        self._doors = Doors(self._store, vault, self._desks)
        room = Room(plan, vault, self._desks)
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
        cards = Cards(self._api, self._store, room, views)
        self._delivery = Delivery(self._api, self._store, views, cards)
        self._reminders = Reminders(self._store, self._service, self._delivery.deliver, _now)
        self._retention = Retention(self._store, self._service, self._delivery.deliver, _now)

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve everybody until told to stop. Raises Refused when Telegram does not know the bot."""
        await self._store.prepare()
        await self._doors.prepare()
        for warning in self._desks.warnings(self._doors.openings.bound):
            log.warning("a place is closed", why=warning)
        await self._api.open()
        await self._resume()
        poller = Poller(self._api, self._handle)
        jobs = (
            self._delivery.run(),
            self._retention.run(),
            self._reminders.run(),
            repeated(self._catch_up, CATCH_UP),
            repeated(self._doors.look, LOOK),
            self._introduce(),
        )
        background = [asyncio.create_task(work) for work in jobs]
        try:
            await poller.run(stopping)
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await self._delivery.stop(PATIENCE)
            await self._api.close()
            await self._store.close()
            log.info("stopped")

    async def _handle(self, updates: Sequence[Update]) -> None:
        self._delivery.deliver(await self._service.handle(updates))

    async def _resume(self) -> None:
        """Show everybody whom the last stop interrupted what they should see, and send what was not sent."""
        batch = await self._service.interrupted()
        if batch.showings or batch.referrals:
            log.info("resuming", screens=len(batch.showings), cards=len(batch.referrals))
        self._delivery.deliver(batch)

    async def _catch_up(self) -> None:
        """Now and then, start again whatever card was left behind: the database is what says what is to be sent."""
        self._delivery.deliver(await self._service.unsent())

    async def _introduce(self) -> None:
        """Set the menu and the descriptions; if Telegram does not take them now, later."""
        # Loads the words people type now, and not while somebody waits for an answer.
        await asyncio.to_thread(read_words, self._service.plan.study, "age", "fr", "oui")
        with suppress(TryLater, Undeliverable, Refused):
            await self._api.stop_webhook()
        while True:
            try:
                for language in (None, *self._doors.openings.languages):
                    await self._api.introduce(language, self._profile(language or "en"))
                return
            except (TryLater, Undeliverable, Refused) as error:
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
        await transaction.desk.invite(invite_digest(_vault(settings), code), place, role, expires)
    await store.close()
    return code


async def audit(settings: Settings, place: str, days: int) -> list[str]:
    """What was done at a desk in the last days, one line each. Raises Unavailable."""
    store, vault = Store(settings.database), _vault(settings)
    await store.prepare()
    async with store.begin() as transaction:
        deeds = await transaction.desk.deeds(place, int((_now() - timedelta(days=days)).timestamp()))
    await store.close()
    return [_line(deed, vault.open(deed.who, DONE_BY).decode("ascii")) for deed in deeds]


def _line(deed: Deed, who: str) -> str:
    at = datetime.fromtimestamp(deed.at, UTC)
    return "  ".join(filter(None, (f"{at:%Y-%m-%d %H:%M} UTC", who, deed.what, deed.code)))


def _vault(settings: Settings) -> Vault:
    return Vault(read_secret(settings.secret_key.get_secret_value()))


def _now() -> datetime:
    return datetime.now(UTC)


def _fresh() -> Fresh:
    return Fresh(nonce=secrets.token_urlsafe(NONCE_BYTES), code=new_code())
