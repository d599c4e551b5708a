"""Sends the one reminder when it is due. The moment is stored with the conversation, so it survives a restart.

Where nobody was there to send it in time, and it has become night meanwhile, it waits for the morning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.outgoing import Batch
from bot.records import Chat
from bot.routine import repeated
from bot.service import UNREADABLE, Service
from bot.store import Store
from dialogs.events import Reminded
from dialogs.reminders import by_day

EVERY = timedelta(minutes=1)
AT_ONCE = 50


@dataclass(frozen=True)
class Reminders:
    """Reminds people, once, where they stopped."""

    store: Store
    service: Service
    deliver: Callable[[Batch], None]
    now: Callable[[], datetime]

    async def run(self) -> None:
        """Look for reminders that are due, again and again, until cancelled."""
        await repeated(self.remind, EVERY)

    async def remind(self) -> None:
        """Remind everybody who is due."""
        while (batch := await self.sweep()).rows:
            self.deliver(batch)

    async def sweep(self) -> Batch:
        """Remind some of those who are due: their screen comes anew, at the bottom, with a line above it."""
        batch, now = Batch(), self.now()
        async with self.store.begin() as transaction:
            for row in await transaction.chats.due_reminders(int(now.timestamp()), AT_ONCE):
                if (awake := self._awake(row, now)) > now:
                    await transaction.chats.save([replace(row, remind=int(awake.timestamp()))])
                else:
                    self.service.happened(row, Reminded(), batch, at_the_bottom=True)
            await transaction.chats.save(batch.rows)
            await self.service.claim(transaction, batch)
        return batch

    def _awake(self, row: Chat, now: datetime) -> datetime:
        """When this person can be written to without waking them; now, where nobody can tell any more."""
        try:
            place = self.service.plan.study.place(self.service.unsealed(row).place or "")
        except (*UNREADABLE, KeyError):
            return now
        return by_day(place, now)
