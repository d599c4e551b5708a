"""Sends the one reminder when it is due. The moment is stored with the conversation, so it survives a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.outgoing import Batch
from bot.routine import repeated
from bot.service import Service
from bot.store import Store
from dialogs.events import Reminded

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
        batch = Batch()
        async with self.store.begin() as transaction:
            for row in await transaction.chats.due_reminders(int(self.now().timestamp()), AT_ONCE):
                self.service.happened(row, Reminded(), batch, at_the_bottom=True)
            await transaction.chats.save(batch.rows)
            await self.service.claim(transaction, batch)
        return batch
