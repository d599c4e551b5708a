"""The menu of commands in the private chats of the desks: theirs while they belong to one, people's again after that.

What was set is known by this process alone, so whoever comes next sets it all once more. Whose chat it was that left
meanwhile, the audit knows: whoever once joined and has no private chat at a desk has people's menu.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

import structlog

from bot.desk.room import DONE_BY, Room
from bot.messages import ChatId, DeskCommand, Moved, Refused, TryLater, Undeliverable
from bot.records import Binding
from bot.routine import repeated
from bot.store import Store, Transaction
from bot.telegram import Api
from bot.texts import Renderer
from bot.vault import Unsealable
from dialogs.desk import Role
from dialogs.symbols import Say

EVERY = timedelta(seconds=2)
UNREACHABLE = 3600.0  # seconds until somebody who blocked the bot, or has not begun to write to it, is tried again
LEAST = 60.0  # seconds until what failed for another reason is tried again
COORDINATORS: tuple[DeskCommand, ...] = ("open", "mine", "find", "write", "stats", "health", "desk", "leave")
LEADS: tuple[DeskCommand, ...] = (
    *("open", "mine", "find", "write", "stats", "health"),
    *("pause", "resume", "invite", "remove", "export", "desk", "leave"),
)

JOINED = "join."

log = structlog.get_logger("menus")


class Menu(NamedTuple):
    """Which commands a chat is offered, and in which locale they are told."""

    role: Role
    locale: str


@dataclass
class Menus:
    """Sets what is to be set and is not yet; where Telegram does not take it, again later.

    `set_by_us` is what this process set, None where it put people's menu back; `later` is until when a chat is let be;
    `joined` is who had ever joined when it began.
    """

    api: Api
    store: Store
    room: Room
    renderer: Renderer
    monotonic: Callable[[], float] = time.monotonic
    set_by_us: dict[ChatId, Menu | None] = field(default_factory=dict)
    later: dict[ChatId, float] = field(default_factory=dict)
    joined: frozenset[ChatId] | None = None

    async def run(self) -> None:
        """Look for changes again and again, until cancelled."""
        await repeated(self.sweep, EVERY)

    async def sweep(self) -> None:
        """Make each private chat offer what it should. Only one of several processes does."""
        if not self.store.presence.polls:
            self.set_by_us.clear()
            self.joined = None
            return
        for chat, menu in (await self._wanted()).items():
            due = self.later.get(chat, 0.0) <= self.monotonic()
            if due and (chat not in self.set_by_us or self.set_by_us[chat] != menu):
                await self._offer(chat, menu)

    async def _wanted(self) -> Mapping[ChatId, Menu | None]:
        """The menu of each private chat of a desk; None for those that belong to none any more."""
        async with self.store.begin() as transaction:
            bindings = [each for each in await transaction.desk.bindings() if each.private]
            if self.joined is None:
                self.joined = await self._who_joined(transaction)
        at: dict[ChatId, list[Binding]] = {}
        for each in bindings:
            at.setdefault(self.room.vault.open_chat(each.address, each.key), []).append(each)
        bound = {chat: self._menu(theirs) for chat, theirs in at.items()}
        return dict.fromkeys((*self.joined, *self.set_by_us)) | bound

    async def _who_joined(self, transaction: Transaction) -> frozenset[ChatId]:
        """The private chats of all who ever joined a desk by a code, whether they still belong to one or not."""
        found: set[ChatId] = set()
        for place in self.room.plan.study.places:
            with suppress(Unsealable):  # done under a key that is gone: nobody can know who it was
                for deed in await transaction.desk.deeds(place.id, 0):
                    if deed.what.startswith(JOINED):
                        found.add(ChatId(int(self.room.vault.open(deed.who, DONE_BY))))
        return frozenset(found)

    def _menu(self, bindings: list[Binding]) -> Menu:
        role: Role = "lead" if any(each.role == "lead" for each in bindings) else "coordinator"
        return Menu(role, self.room.locale(sorted(each.place for each in bindings)))

    async def _offer(self, chat: ChatId, menu: Menu | None) -> None:
        """Set this menu, or people's again. One chat's trouble is its own."""
        try:
            if menu is None:
                await self.api.offer_no_more(chat)
            else:
                await self.api.offer(chat, self._commands(menu))
        except (TryLater, Refused) as error:
            wait = error.wait.total_seconds() if isinstance(error, TryLater) else LEAST
            self._park(chat, max(LEAST, wait), error)
        except (Undeliverable, Moved) as error:
            if menu is None:
                self.set_by_us[chat] = None  # the bot never wrote there, so nothing was set
            else:
                self._park(chat, UNREACHABLE, error)
        else:
            self.later.pop(chat, None)
            self.set_by_us[chat] = menu

    def _park(self, chat: ChatId, seconds: float, error: Exception) -> None:
        self.later[chat] = self.monotonic() + seconds
        log.warning("a menu could not be set", reason=type(error).__name__)

    def _commands(self, menu: Menu) -> tuple[tuple[str, str], ...]:
        names = LEADS if menu.role == "lead" else COORDINATORS
        return tuple((name, self.renderer.say(Say(f"desk.command.{name}"), menu.locale)) for name in names)
