"""Brings each referral's card to the coordinators of its place: at least once, and for as long as it takes."""

from __future__ import annotations

import asyncio

import structlog
from aiolimiter import AsyncLimiter

from bot.desks import Desks
from bot.messages import ChatId, Message, MessageGone, MessageId, Moved, TryLater, Unavailable, Undeliverable
from bot.records import Referral
from bot.store import Store
from bot.telegram.api import Api
from bot.vault import Vault
from bot.views import Views

PER_MINUTE = 18  # Telegram allows 20 messages a minute to one group
UNREACHABLE = 60.0  # seconds until a group that takes nothing is tried again
LONGEST = 900.0

log = structlog.get_logger("cards")


class Cards:
    """Sends and edits cards; one group's trouble is its own."""

    def __init__(self, api: Api, store: Store, vault: Vault, desks: Desks, views: Views) -> None:
        self._api = api
        self._store = store
        self._vault = vault
        self._desks = desks
        self._views = views
        self._limits: dict[str, AsyncLimiter] = {}
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._perhaps: set[str] = set()

    async def show(self, code: str) -> None:
        """Make the card of this referral say what it should, however often that must be tried.

        Each try reads the referral anew: what was withdrawn meanwhile is never sent.
        """
        self._again.add(code)
        if code in self._busy:
            return
        self._busy.add(code)
        failures = 0
        try:
            while code in self._again:
                self._again.discard(code)
                try:
                    await self._brought_up_to_date(code)
                except TryLater as error:
                    self._perhaps.add(code)  # it may have been delivered all the same
                    await self._pause(code, str(error), error.wait.total_seconds())
                except (Undeliverable, Unavailable) as error:
                    await self._pause(code, str(error), min(UNREACHABLE * 2 ** min(failures, 10), LONGEST))
                    failures += 1
                except Exception as error:  # what fails once must not be the end of it
                    await self._pause(code, type(error).__name__, LONGEST)
        finally:
            self._busy.discard(code)

    async def _pause(self, code: str, reason: str, seconds: float) -> None:
        log.warning("a card waits", code=code, reason=reason, seconds=seconds)
        self._again.add(code)
        await asyncio.sleep(seconds)

    async def _brought_up_to_date(self, code: str) -> None:
        async with self._store.begin() as transaction:
            referral = await transaction.referral(code)
        if referral is None or referral.shown >= referral.wanted:
            return
        never_seen = referral.result is None and referral.shown == 0 and code not in self._perhaps
        message = None if never_seen else await self._put(referral)
        async with self._store.begin() as transaction:
            await transaction.record_card(code, referral.wanted, message)
        self._perhaps.discard(code)
        if referral.result is None:
            await self._store.scrub()

    async def _put(self, referral: Referral) -> MessageId:
        """Edit the card where it stands, or send it."""
        chat, card = await self._chat(referral.place), self._views.card(referral)
        async with self._limits.setdefault(referral.place, AsyncLimiter(PER_MINUTE, 60)):
            try:
                return await self._edited_or_sent(chat, referral, card)
            except Moved as error:
                await self._rebind(referral.place, error.to)
                return await self._api.send(error.to, card, protect=False)

    async def _edited_or_sent(self, chat: ChatId, referral: Referral, card: Message) -> MessageId:
        if referral.message is not None:
            try:
                await self._api.edit(chat, MessageId(referral.message), card)
            except MessageGone:
                log.info("a card was gone and is sent anew", code=referral.code)
            else:
                return MessageId(referral.message)
        return await self._api.send(chat, card, protect=False)

    async def _chat(self, place: str) -> ChatId:
        """The group of a place, wherever it has moved since it was set."""
        chat = self._desks.chat(place)
        if chat is None:
            raise Undeliverable("this place has no coordinators' group")
        key = self._vault.key(chat)
        async with self._store.begin() as transaction:
            moved = await transaction.moved(key)
        return self._vault.open_chat(moved, key) if moved else chat

    async def _rebind(self, place: str, to: ChatId) -> None:
        chat = self._desks.chat(place)
        if chat is None:
            return
        key = self._vault.key(chat)
        async with self._store.begin() as transaction:
            await transaction.move(key, self._vault.seal_chat(to, key), self._desks.places(chat))
        log.info("a coordinators' group moved", place=place)
