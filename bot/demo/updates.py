"""The updates that wait for the bot: at least once, in order, until an offset acknowledges them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

from bot.demo.wire import JsonObject

UpdateKind = Literal["message", "edited_message", "callback_query", "my_chat_member"]
FIRST_UPDATE = 700_000_001


class Queue:
    """Telegram's queue for one bot. `touch` is called whenever something is added, and when a poll begins or ends."""

    def __init__(self, touch: Callable[[], object]) -> None:
        self._touch = touch
        self._next = FIRST_UPDATE
        self._waiting: dict[int, JsonObject] = {}
        self._again: list[JsonObject] = []
        self._all: dict[int, JsonObject] = {}
        self._poll: asyncio.Event | None = None
        self.allowed: list[str] = []
        self.polls = 0

    @property
    def waiting(self) -> list[int]:
        """The ids that were not acknowledged yet."""
        return list(self._waiting)

    @property
    def last(self) -> int | None:
        """The id of the newest update, acknowledged or not."""
        return next(reversed(self._all), None)

    def add(self, kind: UpdateKind, body: JsonObject) -> int | None:
        """Queues an update and returns its id, or None where the bot did not ask for this kind."""
        if self.allowed and kind not in self.allowed:
            return None
        number = self._next
        self._next += 1
        self._waiting[number] = self._all[number] = {"update_id": number, kind: body}
        self._touch()
        return number

    def again(self, number: int | None = None) -> int:
        """Delivers an update once more, the newest by default, even one that was acknowledged."""
        number = self.last if number is None else number
        if number is None or number not in self._all:
            raise LookupError(f"there is no update {number}")
        self._again.append(self._all[number])
        self._touch()
        return number

    def acknowledge(self, offset: int) -> None:
        """Forgets all updates before `offset`; a negative one keeps only the last -offset updates."""
        if offset < 0:
            offset = min(list(self._waiting)[offset:], default=self._next)
        for number in [one for one in self._waiting if one < offset]:
            del self._waiting[number]

    def drop(self) -> None:
        """Forgets all that waits (`drop_pending_updates`)."""
        self._waiting.clear()
        self._again.clear()

    def take(self, limit: int) -> list[JsonObject]:
        """Up to `limit` updates, oldest first; they stay in the queue until they are acknowledged."""
        repeated, self._again = self._again[:limit], self._again[limit:]
        return [*repeated, *list(self._waiting.values())[: limit - len(repeated)]]

    @property
    def ready(self) -> bool:
        """Whether a poll would return something at once."""
        return bool(self._waiting or self._again)

    def take_over(self) -> asyncio.Event:
        """Makes the caller the only poller; the event it returns is set when another takes over."""
        if self._poll is not None:
            self._poll.set()
        self._poll = asyncio.Event()
        self.polls += 1
        self._touch()
        return self._poll

    def leave(self, poll: asyncio.Event) -> None:
        """Ends a poll."""
        if self._poll is poll:
            self._poll = None
            self._touch()

    @property
    def polled(self) -> bool:
        """Whether a bot is waiting for updates at this moment."""
        return self._poll is not None
