"""Enforces what the consent promises about how long anything is kept. Runs in one process, all the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.outgoing import Batch
from bot.routine import repeated
from bot.service import Service
from bot.store import Store
from dialogs.events import Expired

# Said word for word in the privacy text: change both together.
OPEN_SCREENING = timedelta(days=30)
REFERRAL_AFTER_CLOSING = timedelta(days=90)
REFERRAL_AT_MOST = timedelta(days=180)

FAREWELL = timedelta(hours=48)
SEEN_UPDATES = timedelta(hours=48)
COUNTS = timedelta(days=365)
EVERY = timedelta(minutes=10)
AT_ONCE = 100

log = structlog.get_logger("retention")


@dataclass(frozen=True)
class Retention:
    """Ends what has lasted long enough."""

    store: Store
    service: Service
    deliver: Callable[[Batch], None]
    now: Callable[[], datetime]

    async def run(self) -> None:
        """Sweep again and again, until cancelled."""
        await repeated(self.sweep, EVERY)

    async def sweep(self) -> None:
        """End and erase everything whose time has come."""
        while (batch := await self._expired()).rows:
            self.deliver(batch)
        now = self.now()
        async with self.store.begin() as transaction:
            farewells = await transaction.chats.forget_farewells(_seconds(now - FAREWELL))
            updates = await transaction.updates.forget(_seconds(now - SEEN_UPDATES))
            codes = await transaction.referrals.outdated(
                arrived=_seconds(now - REFERRAL_AT_MOST), closed=_seconds(now - REFERRAL_AFTER_CLOSING)
            )
            await transaction.counts.forget((now - COUNTS).date())
            gone = await transaction.referrals.withdraw(codes, state="expired")
        self.deliver(Batch(referrals=gone))
        if farewells or gone:
            await self.store.scrub()
        if farewells or updates or gone:
            log.info("swept", farewells=farewells, updates=updates, referrals=len(gone))

    async def _expired(self) -> Batch:
        """End some of the conversations in which nothing happened for too long; their farewells are to be shown."""
        async with self.store.begin() as transaction:
            rows = await transaction.chats.untouched_since(_seconds(self.now() - OPEN_SCREENING), AT_ONCE)
            batch = Batch()
            for row in rows:
                self.service.happened(row, Expired(), batch)
            await transaction.chats.save(batch.rows)
        return batch


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
