"""Brings each referral's card to the desk of its place: at least once, and for as long as it takes."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import structlog

from bot.desk.moving import move
from bot.desk.room import Room
from bot.desk.standing import recipients
from bot.messages import (
    ChatId,
    ChatKey,
    Message,
    MessageGone,
    MessageId,
    Moved,
    TryLater,
    Unavailable,
    Undeliverable,
)
from bot.pace import Pace, Rank
from bot.records import Card, Referral
from bot.store import Store
from bot.telegram.api import Api
from bot.views import Views

UNREACHABLE = 60.0  # seconds until a group that takes nothing is tried again
LONGEST = 900.0
ELSEWHERE = 1.0  # seconds until it is looked whether another process has shown a card, or died
AGAIN = 0.1  # seconds until a card that changed while it was shown is looked at again
NOBODY = 60.0  # seconds until a desk that no chat belongs to is looked at again

log = structlog.get_logger("cards")


class Parked(NamedTuple):
    """Until when a chat is left alone, on the monotonic clock, and how often in a row it could not be reached."""

    until: float = 0.0
    failures: int = 0


class Cards:
    """Sends and edits cards; one group's trouble is its own."""

    def __init__(self, api: Api, store: Store, room: Room, views: Views, pace: Pace) -> None:
        self._api = api
        self._store = store
        self._vault = room.vault
        self._room = room
        self._views = views
        self._pace = pace
        self._parked: dict[ChatKey, Parked] = {}
        self._wanted: dict[str, asyncio.Event] = {}
        self._held: dict[str, int] = {}
        self._perhaps: set[tuple[str, ChatKey]] = set()

    async def show(self, code: str) -> None:
        """Make the cards of this referral say what they should, however often that must be tried.

        Each try reads the referral anew: what was withdrawn meanwhile is never sent.
        """
        if code in self._wanted:
            self._wanted[code].set()
            return
        wanted = self._wanted[code] = asyncio.Event()
        wanted.set()
        try:
            while wanted.is_set():
                wanted.clear()
                if wait := await self._tried(code):
                    with suppress(TimeoutError):  # not wait_for: in Python 3.11 that may swallow being cancelled
                        async with asyncio.timeout(wait):
                            await wanted.wait()
                    wanted.set()
        finally:
            del self._wanted[code]
            self._held.pop(code, None)

    async def _tried(self, code: str) -> float:
        """Try once. Seconds to wait before the next try, unless something changes; 0 when all is shown."""
        try:
            return await self._brought_up_to_date(code)
        except Unavailable as error:
            reason, wait = str(error), UNREACHABLE
        except Exception as error:  # what fails once must not be the end of it
            reason, wait = type(error).__name__, LONGEST
        log.warning("a card waits", code=code, reason=reason, seconds=wait)
        return wait

    async def _brought_up_to_date(self, code: str) -> float:
        """Make every chat of the desk show this referral as it is; one chat's trouble is not another's.

        Returns the seconds until the first chat that could not be reached may be tried again.
        """
        async with self._store.begin() as transaction:
            referral = await transaction.referrals.of(code)
            if referral is None or referral.shown >= referral.wanted:
                return 0.0
            if not await transaction.referrals.hold(code):
                return ELSEWHERE
            self._held[code] = self._store.presence.number
            standing = await transaction.referrals.cards(code)
            desk = recipients(await transaction.desk.bindings(), referral.place)
            names = await self._room.names(transaction, referral.place)
        sent = [each for each in desk if referral.result or (code, each.key) in self._perhaps]
        cards = {**{each.key: Card(code, each.key, each.address) for each in sent}, **standing}
        message = self._views.card(referral, names)
        waits = [await self._reached(card, referral, message) for card in cards.values()]
        if wait := max(waits, default=0.0 if referral.result is None else NOBODY):
            return wait
        async with self._store.begin() as transaction:
            done = await transaction.referrals.shown(code, referral.wanted)
        if referral.result is None:
            await self._store.scrub()
        return 0.0 if done else AGAIN

    async def _reached(self, card: Card, referral: Referral, message: Message) -> float:
        """Make one chat show this version. Seconds until it may be tried again; 0 when it is shown."""
        parked, now = self._parked.get(card.key, Parked()), time.monotonic()
        if card.shown >= referral.wanted:
            return 0.0
        if parked.until > now:
            return parked.until - now
        try:
            await self._shown_in(card, referral, message)
        except TryLater as error:
            wait, reason = error.wait.total_seconds(), str(error)
        except Undeliverable as error:
            wait, reason = min(UNREACHABLE * 2 ** min(parked.failures, 10), LONGEST), str(error)
        else:
            self._parked.pop(card.key, None)
            return 0.0
        self._parked[card.key] = Parked(now + wait, parked.failures + 1)
        log.warning("a card waits", code=card.code, reason=reason, seconds=wait)
        return wait

    async def _shown_in(self, card: Card, referral: Referral, message: Message) -> None:
        """Make one chat show this version, and remember that it does."""
        seen = card.shown or card.message or card.litter or (card.code, card.key) in self._perhaps
        shown = await self._put(card, message) if seen or referral.result else card
        before = card if shown.key == card.key else replace(shown, shown=0, message=None, litter=())
        async with self._store.begin() as transaction:
            await transaction.referrals.record_card(before, replace(shown, shown=referral.wanted))
        self._perhaps.discard((card.code, card.key))

    async def _put(self, card: Card, message: Message) -> Card:
        """Edit the card where it stands, or send it, and clear away where it stood before."""
        chat = self._vault.open_chat(card.address, card.key)
        await self._pace.turn(Rank.DESK, chat)
        if not self._store.presence.holds(self._held[card.code]):
            raise TryLater(timedelta(seconds=ELSEWHERE), "another process may be showing it")
        try:
            standing = await self._edited_or_sent(chat, card, message)
        except Moved as error:
            card = await self._rebound(card, error.to)
            standing = await self._api.send(error.to, message, protect=False)
        except TryLater:
            self._perhaps.add((card.code, card.key))  # it may have been delivered all the same
            raise
        left = [each for each in card.litter if not await self._cleared(chat, MessageId(each))]
        return replace(card, message=standing, litter=tuple(left))

    async def _edited_or_sent(self, chat: ChatId, card: Card, message: Message) -> MessageId:
        if card.message is not None:
            try:
                await self._api.edit(chat, MessageId(card.message), message)
            except MessageGone:
                log.info("a card was gone and is sent anew", code=card.code)
            else:
                return MessageId(card.message)
        return await self._api.send(chat, message, protect=False)

    async def _cleared(self, chat: ChatId, message: MessageId) -> bool:
        """Delete the card that stood here before; one too old for that is told not to be used."""
        try:
            try:
                await self._api.delete(chat, message)
            except MessageGone:
                with suppress(MessageGone):
                    await self._api.edit(chat, message, self._views.left_behind())
        except Undeliverable:
            return True
        except TryLater:
            return False
        return True

    async def _rebound(self, card: Card, to: ChatId) -> Card:
        """The chat has another id now: so have its binding and its cards."""
        async with self._store.begin() as transaction:
            address = await move(transaction, self._vault, self._vault.open_chat(card.address, card.key), to)
        log.info("a coordinators' group moved")
        return Card(card.code, self._vault.key(to), address)
