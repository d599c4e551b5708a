"""Shows what should be shown: each chat in its own order, all chats side by side, again and again until it is."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from bot.cards import Cards
from bot.messages import ChatId, ChatKey, Message, MessageGone, MessageId, TryLater, Unavailable, Undeliverable
from bot.metrics import Metrics
from bot.outgoing import Batch, Showing
from bot.pace import Pace, Rank, patience
from bot.records import Shown
from bot.remarks import Remarks
from bot.store import Store
from bot.telegram.api import Api
from bot.views import Views

SOON = timedelta(seconds=2)
REMEMBERED = 2_000  # last screens and deleted messages kept in mind, so that a double tap costs no second call
AGAIN = 10.0  # seconds until what Telegram would not let go is cleared away, if no other screen comes before
ONCE_MORE = 1.0  # seconds until what the database did not take is written down
LAZILY = 20.0  # losing that a screen was edited only repeats the edit, so that need not be written at once

K = TypeVar("K")
V = TypeVar("V")

log = structlog.get_logger("delivery")


class Lost(Exception):
    """This chat is not ours to write to any more: the other processes took this one for dead."""


class Delivery:
    """Sends, edits, deletes and answers, with no more than one thing under way for each chat.

    `later` are screens for chats in which another process is still at an older one, `upset` chats in which this one
    may have shown an older screen above a newer; `unsettled` is set when there are any. What becomes of them is
    decided by the database.
    """

    def __init__(self, api: Api, store: Store, views: Views, cards: Cards, pace: Pace, metrics: Metrics) -> None:
        self._api = api
        self._store = store
        self._views = views
        self._cards = cards
        self._pace = pace
        self._metrics = metrics
        self._remarks = Remarks(api, views, pace)
        self.later: dict[ChatKey, Showing] = {}
        self.upset: set[ChatKey] = set()
        self.unsettled = asyncio.Event()
        self._promptly = False
        self._asked: dict[ChatKey, float] = {}
        self._unhurried: set[ChatKey] = set()
        self._next: dict[ChatKey, Showing] = {}
        self._busy: set[ChatKey] = set()
        self._live: dict[ChatKey, MessageId] = {}
        self._last: OrderedDict[ChatKey, tuple[str, int]] = OrderedDict()
        self._gone_lately: OrderedDict[tuple[ChatId, int], bool] = OrderedDict()
        self._shown: dict[ChatKey, Shown] = {}
        self._ended: dict[ChatKey, int] = {}
        self._again: dict[ChatKey, asyncio.TimerHandle] = {}
        self._left: dict[ChatKey, tuple[int, ...]] = {}
        self._urgent = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def deliver(self, batch: Batch, rank: Rank = Rank.DIALOG) -> None:
        """Begin to send everything a committed batch asks for."""
        for showing in batch.showings:
            if showing.callback:
                self._spawn(self._remarks.answer(showing.callback, self._views.toast(showing)))
            if rank is Rank.REMINDER:
                self._unhurried.add(showing.key)
            else:
                self._unhurried.discard(showing.key)
            self._show(showing)
        for referral in batch.referrals:
            self._spawn(self._cards.show(referral.code))
        for notice in batch.notices:
            self._spawn(self._remarks.say(notice))
        for toast in batch.toasts:
            self._spawn(self._remarks.answer(toast.callback, self._views.desk_toast(toast)))
        for reply in batch.replies:
            self._spawn(self._remarks.reply(reply))

    def take_over(self, showing: Showing) -> None:
        """Show what another process left behind: what this one remembers about the chat counts no more."""
        known = self.later.pop(showing.key, None)
        self._last.pop(showing.key, None)
        self._live.pop(showing.key, None)
        if known and known.anew:
            litter = showing.litter if showing.live is None else (*showing.litter, showing.live)
            showing = replace(showing, live=None, litter=litter, anew=True)
        self._show(replace(showing, file=known.file) if known else showing)

    async def run(self, promptly: bool = False) -> None:
        """Write down what was shown, soon where it matters, lazily where it does not; until cancelled.

        `promptly` is for when other processes wait for it: they write to the same chats.
        """
        self._promptly = promptly
        while True:
            try:
                async with asyncio.timeout(LAZILY):  # not wait_for: in Python 3.11 that may swallow being cancelled
                    await self._urgent.wait()
            except TimeoutError:
                if not (self._shown or self._store.dirty):
                    continue
            try:
                await self._write_down()
            except Exception as error:  # what fails once must not be the end of it
                log.error("what was shown was not written down", reason=type(error).__name__)
                await asyncio.sleep(ONCE_MORE)

    async def stop(self, seconds: float) -> None:
        """Finish what is under way, for at most this long, and write it down. The rest is sent at the next start."""
        while self._again:
            self._again.popitem()[1].cancel()
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks, timeout=seconds)
            for task in unfinished:
                task.cancel()
        try:
            await self._write_down()
        except Unavailable as error:  # then the next start shows it again: an edit that changes nothing
            log.error("the database is unavailable", reason=str(error))

    def _show(self, showing: Showing) -> None:
        waiting = self._next.get(showing.key)
        if waiting:
            showing = waiting.merged(showing)
        self._next[showing.key] = showing
        self._asked.setdefault(showing.key, time.monotonic())
        if showing.key not in self._busy:
            self._busy.add(showing.key)
            self._spawn(self._serve(showing.key))

    async def _serve(self, key: ChatKey) -> None:
        """Show this chat its newest screen, until there is none newer."""
        try:
            tries = 0
            while showing := self._next.pop(key, None):
                try:
                    await self._shown_in(showing)
                    tries = 0
                except Lost:
                    self._postpone(showing, unanswered=tries > 0)
                except TryLater as error:
                    self._next.setdefault(key, showing)
                    tries += 1
                    await asyncio.sleep(patience(error, tries))
                except Undeliverable as error:
                    log.info("a chat takes nothing any more", reason=str(error))
                    self._record(showing, None)
                except Exception as error:  # what fails once must not be the end of it
                    log.error("a screen was not shown", state=showing.session.state, reason=type(error).__name__)
                    self._next.setdefault(key, showing)
                    tries += 1
                    await asyncio.sleep(patience(TryLater(SOON, ""), tries))
        finally:
            self._busy.discard(key)

    def _postpone(self, showing: Showing, unanswered: bool) -> None:
        """Leave this chat to the process that holds it, and look later what became of it.

        What was sent and answered by nobody may have arrived all the same, above what the other has shown meanwhile.
        """
        if unanswered:
            self.upset.add(showing.key)
        known = self.later.get(showing.key)
        self.later[showing.key] = known.merged(showing) if known else showing
        self.unsettled.set()

    async def _hold(self, showing: Showing) -> None:
        """Raise Lost where another process may be showing something to this chat."""
        since = self._asked.get(showing.key, 0.0)
        if showing.holder and not await self._store.presence.still_holds(showing.holder, since):
            raise Lost

    async def _shown_in(self, showing: Showing) -> None:
        """Edit the live message, or send a new one where there is none to edit; then clear away the rest."""
        await self._hold(showing)
        known = self._live.get(showing.key)
        litter = (*showing.litter, *self._left.get(showing.key, ()))
        litter = (*litter, known) if showing.anew and known else litter
        live = stood = None if showing.anew else known or showing.live
        # After a double tap what it asks for is there already.
        if live is None or self._last.get(showing.key) != showing.version:
            live = await self._put(showing, live)
        left = await self._cleared(showing, {each for each in litter if each != live})
        self._left.pop(showing.key, None)
        if left:
            self._left[showing.key] = left
            again = replace(showing, live=live, litter=left, anew=False, file=False)
            self._again[showing.key] = asyncio.get_running_loop().call_later(AGAIN, self._clear, again)
        gone = () if stood in {None, live} else (stood,)  # else it would have been edited
        cleared = (*gone, *(each for each in litter if each not in left))
        if showing.file and not showing.session.over:
            left += await self._remarks.give(showing)
        self._record(showing, live, left, cleared)

    async def _put(self, showing: Showing, live: MessageId | None) -> MessageId:
        """The message in which the screen is shown now."""
        message = self._views.screen(showing.session)
        await self._pace.turn(Rank.REMINDER if showing.key in self._unhurried else Rank.DIALOG, showing.chat)
        await self._hold(showing)
        if live is None or not await self._edited(showing, live, message):
            await self._hold(showing)
            live = await self._api.send(showing.chat, message)
        self._unhurried.discard(showing.key)
        self._live[showing.key] = live
        _keep(self._last, showing.key, showing.version)
        return live

    async def _edited(self, showing: Showing, live: MessageId, message: Message) -> bool:
        try:
            await self._api.edit(showing.chat, live, message)
        except MessageGone:
            return False
        return True

    async def _cleared(self, showing: Showing, litter: set[int]) -> tuple[int, ...]:
        """Delete these messages; an old screen too old for that is made to say nothing. Returns what must wait."""
        chat = showing.chat
        waiting = sorted(each for each in litter if (chat, each) not in self._gone_lately)
        for each in tuple(waiting):
            try:
                await self._gone(chat, MessageId(each))
            except TryLater:
                break
            waiting.remove(each)
            _keep(self._gone_lately, (chat, each), True)
        return tuple(waiting)

    def _clear(self, showing: Showing) -> None:
        """Try once more to clear away what is left, unless another screen does it."""
        self._again.pop(showing.key, None)
        if showing.key not in self._busy and self._last.get(showing.key) == showing.version:
            self._show(showing)

    async def _gone(self, chat: ChatId, message: MessageId) -> None:
        with suppress(Undeliverable):
            await self._pace.turn(Rank.DIALOG)
            try:
                await self._api.delete(chat, message)
            except MessageGone:
                with suppress(MessageGone):
                    await self._api.edit(chat, message, self._views.left_behind())

    def _record(
        self, showing: Showing, live: MessageId | None, left: tuple[int, ...] = (), cleared: tuple[int, ...] = ()
    ) -> None:
        """Remember to write down what was shown: at once where a new message or an end must not be forgotten."""
        turn = showing.session.turn
        if before := self._shown.get(showing.key):
            cleared = (*before.cleared, *cleared)
            left = (*(each for each in before.litter if each not in {*cleared, *left}), *left)
        self._shown[showing.key] = Shown(showing.key, turn, live, left, cleared)
        if asked := self._asked.pop(showing.key, None):
            self._metrics.showing.took(time.monotonic() - asked)
        if showing.session.over:
            self._ended[showing.key] = turn
        if self._promptly or showing.session.over or live != showing.live or showing.litter or left:
            self._urgent.set()

    async def _write_down(self) -> None:
        self._urgent.clear()
        shown, self._shown = self._shown, {}
        ended, self._ended = self._ended, {}
        try:
            async with self._store.begin() as transaction:
                records = [replace(each, going_on=key in self._busy) for key, each in shown.items()]
                late = await transaction.chats.record(records)
                await transaction.chats.erase(list(ended.items()))
        except BaseException:  # also when told to stop in the middle: what was shown is still to be written down
            self._shown, self._ended = {**shown, **self._shown}, {**ended, **self._ended}
            self._urgent.set()
            raise
        for key in shown.keys() - self._busy - self._shown.keys():
            self._live.pop(key, None)
        if late:
            self.upset |= late
            self.unsettled.set()
        if ended or self._store.dirty:
            await self._store.scrub()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("sending failed", reason=type(error).__name__)


def _keep(lately: OrderedDict[K, V], key: K, value: V) -> None:
    """Keep this in mind, and forget what is oldest."""
    lately[key] = value
    lately.move_to_end(key)
    if len(lately) > REMEMBERED:
        lately.popitem(last=False)
