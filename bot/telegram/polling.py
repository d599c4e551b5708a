"""Takes updates by long polling, and acknowledges them only once everything that follows from them is durable."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import structlog

from bot.allowance import Allowance
from bot.messages import AtDesk, ChatId, Ignored, Incoming, TryLater, Unavailable, Update
from bot.telegram.api import Api
from bot.telegram.parse import parsed

LONG = 50.0  # seconds one poll may wait
BATCH = 100
HASTY = 1.0  # a server that answers "nothing" sooner than this does not wait: then we do
PAUSE = 0.5
NEXT_TURN = 1.0  # seconds until a process that does not poll looks whether it is to
LONGEST_PAUSE = 30.0

log = structlog.get_logger("polling")


class Poller:
    """Asks for updates, has them handled, asks for the next: asking is what acknowledges."""

    def __init__(
        self, api: Api, handle: Callable[[Sequence[Update]], Awaitable[None]], allowance: Allowance | None = None
    ) -> None:
        self._api = api
        self._handle = handle
        self._allowance = allowance or Allowance()
        self._offset = 0

    async def run(self, stopping: asyncio.Event, on_duty: Callable[[], bool] = lambda: True) -> None:
        """Poll until told to stop, or no longer on duty. Raises Refused when Telegram does not know the bot."""
        log.info("polling")
        stopped = asyncio.ensure_future(stopping.wait())
        failures = 0
        while not stopping.is_set() and on_duty():
            began = time.monotonic()
            poll = asyncio.ensure_future(self._api.updates(self._offset, LONG))
            await asyncio.wait({poll, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not poll.done():
                poll.cancel()
                break
            try:
                some = await self._handled(poll.result())
            except TryLater as error:
                log.warning("polling failed", reason=str(error), wait=error.wait.total_seconds())
                wait = error.wait.total_seconds()
            except Unavailable as error:
                wait = min(2.0**failures, LONGEST_PAUSE)
                failures += 1
                log.error("the database is unavailable, updates wait", reason=str(error), wait=wait)
            else:
                failures = 0
                wait = 0.0 if some or time.monotonic() - began > HASTY else PAUSE
            if wait:
                await asyncio.wait({stopped}, timeout=wait)
        stopped.cancel()

    async def take_turns(
        self, stopping: asyncio.Event, elect: Callable[[], Awaitable[bool]], on_duty: Callable[[], bool]
    ) -> None:
        """Poll whenever this process is the one to poll, until told to stop. Raises Refused."""
        stopped = asyncio.ensure_future(stopping.wait())
        while not stopping.is_set():
            try:
                if await elect():
                    await self.run(stopping, on_duty)
            except Unavailable as error:
                log.error("the database is unavailable, nobody can be elected", reason=str(error))
            await asyncio.wait({stopped}, timeout=NEXT_TURN)
        stopped.cancel()

    async def _handled(self, raw: Sequence[dict[str, Any]]) -> bool:
        """Have these updates handled, and only then move on past them. Whether there were any."""
        updates = [self._allowance.admitted(parsed(each, self._api.bot)) for each in raw]
        for batch in batches(updates):
            await self._handle(batch)
        if updates:
            self._offset = max(update.update for update in updates) + 1
        return bool(updates)


def batches(updates: Sequence[Update]) -> Iterator[tuple[Update, ...]]:
    """The updates in batches of at most one for each person's chat, so that a chat keeps its order.

    One that comes twice at once goes into two, so that the second is known for what it is.
    """
    waiting = list(updates)
    while waiting:
        batch: list[Update] = []
        later: list[Update] = []
        met: set[tuple[str, int]] = set()
        for update in waiting:
            marks = _marks(update)
            if met.isdisjoint(marks) and len(batch) < BATCH:
                batch.append(update)
            else:
                later.append(update)
            met |= marks
        yield tuple(batch)
        waiting = later


def _marks(update: Update) -> set[tuple[str, int]]:
    """What only one update of a batch may bear: its number, and the private chat it came from.

    A command of the desk that somebody outside types in their chat is a message of theirs like any other.
    """
    if isinstance(update, Ignored):
        return set()
    own: ChatId | None = update.chat if isinstance(update, Incoming) else None
    if isinstance(update, AtDesk) and update.private:
        own = update.chat
    return {("update", update.update), *([] if own is None else [("chat", own)])}
