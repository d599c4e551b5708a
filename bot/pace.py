"""How fast we may write: to all chats together, to one person, to one group. Whoever talks with us goes first."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from collections import OrderedDict
from enum import IntEnum

from aiolimiter import AsyncLimiter

from bot.messages import ChatId, TryLater

# Telegram allows about one message a second in one chat, with short bursts, and 20 a minute in one group.
PERSON, PERSON_SECONDS = 20, 20
GROUP, GROUP_SECONDS = 18, 60
LONGEST_WAIT = 60.0
REMEMBERED = 2_000  # chats; one that was forgotten begins with a whole burst


class Rank(IntEnum):
    """Who goes first when not all can be written to at once."""

    DIALOG = 0
    DESK = 1
    REMINDER = 2


class Pace:
    """Lets each call wait for its turn. Within a rank chats take turns, as each has one call waiting at most."""

    def __init__(self, per_second: float) -> None:
        """`per_second` is for all chats together; 0 is no limit at all, for a server that has none."""
        self._all = AsyncLimiter(per_second, 1) if per_second >= 1 else AsyncLimiter(1, 1 / (per_second or 1))
        self._off = not per_second
        self._chats: OrderedDict[ChatId, AsyncLimiter] = OrderedDict()
        self._waiting: list[tuple[Rank, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._calling: asyncio.Task[None] | None = None

    async def turn(self, rank: Rank, chat: ChatId | None = None) -> None:
        """Wait until a call of this rank may be made; one that writes into a chat also waits for the chat."""
        if self._off:
            return
        if chat is not None:
            await self._own(chat).acquire()
        if not self._waiting and self._all.has_capacity():
            await self._all.acquire()
            return
        called = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._numbers), called))
        if self._calling is None or self._calling.done():
            self._calling = asyncio.create_task(self._call())
        await called

    async def _call(self) -> None:
        while self._waiting:
            await self._all.acquire()
            _, _, called = heapq.heappop(self._waiting)
            if not called.done():  # or whoever waited was cancelled
                called.set_result(None)

    def _own(self, chat: ChatId) -> AsyncLimiter:
        own = self._chats.get(chat)
        if own is None:
            # A group has a negative id.
            own = AsyncLimiter(PERSON, PERSON_SECONDS) if chat > 0 else AsyncLimiter(GROUP, GROUP_SECONDS)
        self._chats[chat] = own
        self._chats.move_to_end(chat)
        if len(self._chats) > REMEMBERED:
            self._chats.popitem(last=False)
        return own


def patience(error: TryLater, tries: int) -> float:
    """Seconds to wait: what Telegram asked for, growing with each failure, never all at the same instant."""
    asked = error.wait.total_seconds()
    wait: float = min(asked * 2 ** min(tries - 1, 10), max(LONGEST_WAIT, asked))
    return float(wait * random.uniform(1.0, 1.2))  # noqa: S311  # jitter, not a secret
