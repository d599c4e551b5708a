"""Shows what should be shown: each chat in its own order, all chats side by side, again and again until it is."""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from aiolimiter import AsyncLimiter

from bot.cards import Cards
from bot.messages import ChatId, ChatKey, Message, MessageGone, MessageId, Moved, TryLater, Unavailable, Undeliverable
from bot.outgoing import Batch, Notice, Reply, Showing
from bot.records import Shown
from bot.store import Store
from bot.telegram.api import Api
from bot.views import Views

TRIES = 5
SOON = timedelta(seconds=2)
PER_SECOND = 25  # Telegram allows about 30 messages a second to all chats together
LONGEST_WAIT = 60.0
REMEMBERED = 2_000  # last screens and deleted messages kept in mind, so that a double tap costs no second call
LAZILY = 20.0  # losing that a screen was edited only repeats the edit, so that need not be written at once

K = TypeVar("K")
V = TypeVar("V")

log = structlog.get_logger("delivery")


class Delivery:
    """Sends, edits, deletes and answers, with no more than one thing under way for each chat."""

    def __init__(self, api: Api, store: Store, views: Views, cards: Cards) -> None:
        self._api = api
        self._store = store
        self._views = views
        self._cards = cards
        self._limit = AsyncLimiter(PER_SECOND, 1)
        self._next: dict[ChatKey, Showing] = {}
        self._busy: set[ChatKey] = set()
        self._live: dict[ChatKey, MessageId] = {}
        self._last: OrderedDict[ChatKey, tuple[str, int]] = OrderedDict()
        self._gone_lately: OrderedDict[tuple[ChatId, int], bool] = OrderedDict()
        self._shown: dict[ChatKey, Shown] = {}
        self._ended: dict[ChatKey, int] = {}
        self._urgent = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def deliver(self, batch: Batch) -> None:
        """Begin to send everything a committed batch asks for."""
        for showing in batch.showings:
            if showing.callback:
                self._spawn(self._answer(showing.callback, self._views.toast(showing)))
            self._show(showing)
        for referral in batch.referrals:
            self._spawn(self._cards.show(referral.code))
        for notice in batch.notices:
            self._spawn(self._say(notice))
        for toast in batch.toasts:
            self._spawn(self._answer(toast.callback, self._views.desk_toast(toast)))
        for reply in batch.replies:
            self._spawn(self._reply(reply))

    async def run(self) -> None:
        """Write down what was shown, soon where it matters, lazily where it does not; until cancelled."""
        while True:
            try:
                await asyncio.wait_for(self._urgent.wait(), LAZILY)
            except TimeoutError:
                if not self._shown and not self._store.dirty:
                    continue
            try:
                await self._write_down()
            except Exception as error:  # what fails once must not be the end of it
                log.error("what was shown was not written down", reason=type(error).__name__)
                await asyncio.sleep(LONGEST_WAIT / 10)

    async def stop(self, seconds: float) -> None:
        """Finish what is under way, for at most this long, and write it down. The rest is sent at the next start."""
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
            showing = _merged(waiting, showing)
        self._next[showing.key] = showing
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
                except TryLater as error:
                    self._next.setdefault(key, showing)
                    tries += 1
                    await asyncio.sleep(_patience(error, tries))
                except Undeliverable as error:
                    log.info("a chat takes nothing any more", reason=str(error))
                    self._record(showing, None)
                except Exception as error:  # what fails once must not be the end of it
                    log.error("a screen was not shown", state=showing.session.state, reason=type(error).__name__)
                    tries += 1
                    if tries < TRIES:
                        self._next.setdefault(key, showing)
                    await asyncio.sleep(_patience(TryLater(SOON, ""), tries))
        finally:
            self._busy.discard(key)

    async def _shown_in(self, showing: Showing) -> None:
        """Edit the live message, or send a new one where there is none to edit; then clear away the rest."""
        known = self._live.get(showing.key)
        litter = (*showing.litter, known) if showing.anew and known else showing.litter
        live = None if showing.anew else known or showing.live
        # After a double tap what it asks for is there already.
        if live is None or self._last.get(showing.key) != _version(showing):
            live = await self._put(showing, live)
        elif not litter and not showing.file:
            return
        left = await self._cleared(showing.chat, {each for each in litter if each != live})
        if showing.file and not showing.session.over:
            left += await self._given(showing)
        self._record(showing, live, left)

    async def _put(self, showing: Showing, live: MessageId | None) -> MessageId:
        """The message in which the screen is shown now."""
        message = self._views.screen(showing.session)
        async with self._limit:
            if live is None or not await self._edited(showing, live, message):
                live = await self._api.send(showing.chat, message)
        self._live[showing.key] = live
        _keep(self._last, showing.key, _version(showing))
        return live

    async def _edited(self, showing: Showing, live: MessageId, message: Message) -> bool:
        try:
            await self._api.edit(showing.chat, live, message)
        except MessageGone:
            return False
        return True

    async def _cleared(self, chat: ChatId, litter: set[int]) -> tuple[int, ...]:
        """Delete these messages; an old screen too old for that is made to say nothing. Returns what must wait."""
        waiting = sorted(each for each in litter if (chat, each) not in self._gone_lately)
        for each in tuple(waiting):
            try:
                await self._gone(chat, MessageId(each))
            except TryLater:
                break
            waiting.remove(each)
            _keep(self._gone_lately, (chat, each), True)
        return tuple(waiting)

    async def _gone(self, chat: ChatId, message: MessageId) -> None:
        with suppress(Undeliverable):
            try:
                async with self._limit:
                    await self._api.delete(chat, message)
            except MessageGone:
                with suppress(MessageGone):
                    await self._api.edit(chat, message, self._views.left_behind())

    async def _answer(self, callback: str, said: str | None) -> None:
        """Answer the tap. One that is too old to be answered counts as answered, so this is tried once."""
        try:
            await self._api.answer(callback, said)
        except (TryLater, Undeliverable) as error:
            log.info("a tap was not answered", reason=str(error))

    async def _say(self, notice: Notice) -> None:
        try:
            await self._api.send(notice.chat, self._views.notice(notice), protect=False)
        except (TryLater, Undeliverable, Moved) as error:
            log.info("a notice was not sent", key=notice.key, reason=str(error))

    async def _reply(self, reply: Reply) -> None:
        """Answer somebody of a desk. One who hears nothing asks again."""
        try:
            if reply.picture:
                picture = await asyncio.to_thread(reply.picture)
                await self._api.send_picture(reply.chat, picture)
            await self._api.send(reply.chat, self._views.reply(reply), protect=False)
        except (TryLater, Undeliverable, Moved) as error:
            log.info("a reply was not sent", reason=str(error))

    async def _given(self, showing: Showing) -> tuple[MessageId, ...]:
        """Send somebody their data; the file is cleared away with the next screen, like any litter."""
        try:
            return (await self._api.send_file(showing.chat, *self._views.file(showing.session)),)
        except (TryLater, Undeliverable) as error:
            log.warning("a file was not sent", reason=str(error))
            return ()

    def _record(self, showing: Showing, live: MessageId | None, left: tuple[int, ...] = ()) -> None:
        """Remember to write down what was shown: at once where a new message or an end must not be forgotten."""
        turn = showing.session.turn
        self._shown[showing.key] = Shown(showing.key, turn, live, left)
        if showing.session.over:
            self._ended[showing.key] = turn
        if showing.session.over or live != showing.live or showing.litter or left:
            self._urgent.set()

    async def _write_down(self) -> None:
        self._urgent.clear()
        shown, self._shown = self._shown, {}
        ended, self._ended = self._ended, {}
        try:
            async with self._store.begin() as transaction:
                await transaction.chats.record(list(shown.values()))
                await transaction.chats.erase(list(ended.items()))
        except BaseException:  # also when told to stop in the middle: what was shown is still to be written down
            self._shown, self._ended = {**shown, **self._shown}, {**ended, **self._ended}
            self._urgent.set()
            raise
        for key in shown.keys() - self._busy - self._shown.keys():
            self._live.pop(key, None)
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


def _version(showing: Showing) -> tuple[str, int]:
    return showing.session.nonce, showing.session.turn


def _merged(waiting: Showing, newer: Showing) -> Showing:
    """One showing that does what both would have done; a screen never gives way to an older one of its session."""
    litter = (*waiting.litter, *newer.litter)
    older = waiting.session.nonce == newer.session.nonce and waiting.session.turn > newer.session.turn
    last = waiting if older else newer
    return replace(last, litter=litter, anew=newer.anew or waiting.anew, file=newer.file or waiting.file)


def _patience(error: TryLater, tries: int) -> float:
    """Seconds to wait: what Telegram asked for, growing with each failure, never all at the same instant."""
    asked = error.wait.total_seconds()
    wait: float = min(asked * 2 ** min(tries - 1, 10), max(LONGEST_WAIT, asked))
    return float(wait * random.uniform(1.0, 1.2))  # noqa: S311  # jitter, not a secret
