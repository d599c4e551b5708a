"""The outbox: things said once, to a chat or to a channel of the operator's, and kept until they are.

A letter is posted in the transaction of what it is about, sent after it, and gone once it was sent. It is sent at
least once: a process that dies between sending it and writing that down leaves it to be sent a second time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

import structlog

from bot.messages import ChatKey, Message, Moved, TryLater, Unavailable, Undeliverable
from bot.pace import Pace, Rank
from bot.records import Letter
from bot.seals import LETTER
from bot.store import Store
from bot.telegram.api import Api
from bot.vault import Unsealable, Vault

Failure = Literal["unreachable", "refused", "malformed", "unknown", "unreadable", "failed"]
Lane = tuple[str, str, ChatKey | None]
Notify = Callable[[str, str, str], Awaitable[None]]

CHAT = "chat"  # the channel of a letter to a chat; any other is the name of one of the operator's addresses
WEEK = timedelta(days=7)
EVERY = 30.0  # seconds until it is looked again what is due, if nobody says so before
LEASE = timedelta(minutes=3)  # longer than any one attempt lasts
LONGEST = timedelta(hours=1)
SOON = timedelta(seconds=30)
CHATS = CHANNELS = 8  # attempts at once to each kind, so that neither waits for the other
PAGE = 50

log = structlog.get_logger("letters")


class NotTaken(Exception):
    """A letter was not taken: why, and how long to wait at least before the next try."""

    def __init__(self, why: Failure, wait: timedelta = SOON) -> None:
        super().__init__(why)
        self.why: Failure = why
        self.wait = wait


def letter_to_chat(
    vault: Vault,
    place: str,
    key: ChatKey,
    address: bytes,
    text: str,
    now: datetime,
    lasts: timedelta = WEEK,
    code: str | None = None,
) -> Letter:
    """A letter to the chat under this key, at its sealed address.

    With a `code` it is not sent any more once that referral is withdrawn or has expired.
    """
    return _letter(vault, CHAT, place, text, now, lasts, code, key, address)


def letter_to_channel(
    vault: Vault, place: str, channel: str, text: str, now: datetime, lasts: timedelta = WEEK, code: str | None = None
) -> Letter:
    """A letter to one of the addresses of a place, by its name. The first line of the text is its subject."""
    return _letter(vault, channel, place, text, now, lasts, code)


def read_letter(vault: Vault, letter: Letter) -> str:
    """The text of a letter. Raises Unsealable."""
    return vault.open(letter.body, LETTER + (letter.key or b"")).decode("utf-8")


class Outbox:
    """Sends each letter when it is due: one after the other to the same address, side by side to different ones.

    `notify` takes a place, the name of one of its channels, and a text; it raises NotTaken.
    """

    def __init__(
        self, api: Api, store: Store, vault: Vault, pace: Pace, notify: Notify, now: Callable[[], datetime]
    ) -> None:
        self._api = api
        self._store = store
        self._vault = vault
        self._notify = notify
        self._now = now
        self._pace = pace
        self._awake = asyncio.Event()
        self._busy: dict[Lane, asyncio.Task[None]] = {}
        self._erased = False

    def wake(self) -> None:
        """Look at once what is due: something was posted and committed."""
        self._awake.set()

    async def run(self) -> None:
        """Send whatever is due, again and again, until cancelled."""
        while True:
            self._awake.clear()
            try:
                await self._begin()
            except Exception as error:  # what fails once must not be the end of it
                log.error("letters wait", reason=type(error).__name__)
            with suppress(TimeoutError):  # not wait_for: in Python 3.11 that may swallow being cancelled
                async with asyncio.timeout(EVERY):
                    await self._awake.wait()

    async def stop(self, seconds: float) -> None:
        """Finish what is under way, for at most this long. The rest is sent after the next start."""
        if self._busy:
            _, unfinished = await asyncio.wait(self._busy.values(), timeout=seconds)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    async def _begin(self) -> None:
        """Begin to send what is due, as far as there is room; what is finished looks for more."""
        now = int(self._now().timestamp())
        chosen: list[Letter] = []
        async with self._store.begin() as transaction:
            late = await transaction.letters.forget_late(now)
            for others, slots in ((False, CHATS), (True, CHANNELS)):
                room = slots - sum((lane[0] != CHAT) == others for lane in self._busy)
                due = await transaction.letters.first_due(now, CHAT, others, PAGE)
                chosen += [each for each in due if _lane(each) not in self._busy][:room]
            await transaction.letters.lease([each.id for each in chosen], now + int(LEASE.total_seconds()))
        if late:
            log.warning("letters were given up", number=late)
        if self._erased and not chosen and not self._busy:
            self._erased = False
            await self._store.scrub()
        for letter in chosen:
            task = self._busy[_lane(letter)] = asyncio.create_task(self._serve(letter))
            task.add_done_callback(partial(self._finished, _lane(letter)))

    def _finished(self, lane: Lane, _: asyncio.Task[None]) -> None:
        self._busy.pop(lane, None)
        self.wake()

    async def _serve(self, letter: Letter) -> None:
        """Send one letter, and write down what became of it."""
        try:
            not_taken = await self._tried(letter)
            async with self._store.begin() as transaction:
                if not_taken is None:
                    await transaction.letters.sent(letter.id)
                    self._erased = True
                    return
                now, wait = self._now(), _patience(not_taken.wait, letter.tries)
                due = int((now + wait).timestamp())
                # Later than the others to the same address: if it is only this one, it holds up none of them.
                await transaction.letters.failed(letter.id, due + 1, not_taken.why)
                await transaction.letters.put_off(letter, int(now.timestamp()), due, not_taken.why)
        except Unavailable as error:  # then it is tried again when its lease has run out
            log.error("the database is unavailable", reason=str(error))
            return
        log.warning("a letter waits", channel=letter.channel, reason=not_taken.why, seconds=wait.total_seconds())

    async def _tried(self, letter: Letter) -> NotTaken | None:
        """Try to send it. None when there is nothing left to do."""
        try:
            text = read_letter(self._vault, letter)
            if letter.channel == CHAT:
                await self._to_chat(letter, text)
            else:
                await self._notify(letter.place, letter.channel, text)
        except NotTaken as error:
            return error
        except TryLater as error:
            return NotTaken("unreachable", error.wait)
        except Undeliverable:
            return NotTaken("refused") if await self._belongs_to_a_desk(letter) else None
        except Unsealable:
            return NotTaken("unreadable", LONGEST)
        except Unavailable:
            raise
        except Exception as error:  # what makes us stumble hurts no other letter
            log.error("a letter failed", channel=letter.channel, reason=type(error).__name__)
            return NotTaken("failed")
        return None

    async def _to_chat(self, letter: Letter, text: str) -> None:
        if letter.key is None or letter.address is None:
            raise NotTaken("malformed", LONGEST)
        chat = self._vault.open_chat(letter.address, letter.key)
        await self._pace.turn(Rank.DESK, chat)
        try:
            await self._api.send(chat, Message(text), protect=False)
        except Moved as error:  # its binding follows with the next card, or when Telegram tells
            await self._api.send(error.to, Message(text), protect=False)

    async def _belongs_to_a_desk(self, letter: Letter) -> bool:
        """Whether this chat is a desk's, that will take letters again; a person's that takes none is left alone."""
        async with self._store.begin() as transaction:
            return letter.key in {each.key for each in await transaction.desk.bindings()}


def _letter(
    vault: Vault,
    channel: str,
    place: str,
    text: str,
    now: datetime,
    lasts: timedelta,
    code: str | None,
    key: ChatKey | None = None,
    address: bytes | None = None,
) -> Letter:
    body = vault.seal(text.encode("utf-8"), LETTER + (key or b""))
    due, expires = int(now.timestamp()), int((now + lasts).timestamp())
    return Letter(channel, place, body, due, expires, key, address, code=code)


def _lane(letter: Letter) -> Lane:
    return letter.channel, letter.place, letter.key


def _patience(asked: timedelta, tries: int) -> timedelta:
    """How long to wait: what was asked for, growing with each try to an hour, never all at the same instant."""
    grown: timedelta = min(asked * 2 ** min(tries, 12), max(LONGEST, asked))
    return grown * random.uniform(1.0, 1.2)  # noqa: S311  # jitter, not a secret
