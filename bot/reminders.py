"""Sends the one reminder when it is due. The moment is stored with the conversation, so it survives a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.messages import Unavailable
from bot.outgoing import Batch
from bot.service import Service
from bot.store import Store
from dialogs.events import Reminded

EVERY = 60.0
AT_ONCE = 50

log = structlog.get_logger("reminders")


@dataclass(frozen=True)
class Reminders:
    """Reminds people, once, where they stopped."""

    store: Store
    service: Service
    deliver: Callable[[Batch], None]
    now: Callable[[], datetime]

    async def run(self) -> None:
        """Look for reminders that are due, again and again, until cancelled."""
        while True:
            try:
                while (batch := await self.sweep()).rows:
                    self.deliver(batch)
            except Unavailable as error:
                log.error("the database is unavailable", reason=str(error))
            except Exception as error:  # what fails once must not be the end of it
                log.error("a sweep failed", reason=type(error).__name__)
            await asyncio.sleep(EVERY)

    async def sweep(self) -> Batch:
        """Remind some of those who are due: their screen comes anew, at the bottom, with a line above it."""
        batch = Batch()
        async with self.store.begin() as transaction:
            for row in await transaction.due_reminders(int(self.now().timestamp()), AT_ONCE):
                self.service.happened(row, Reminded(), batch, at_the_bottom=True)
            await transaction.save(batch.rows)
        return batch
