"""Enforces what the consent promises about how long anything is kept. Runs in one process, all the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.outgoing import Batch
from bot.routine import repeated
from bot.service import Service
from bot.store import Store, Transaction
from dialogs.events import Expired

# Said word for word in the privacy text: change both together.
OPEN_SCREENING = timedelta(days=30)
REFERRAL_AFTER_CLOSING = timedelta(days=90)
REFERRAL_AT_MOST = timedelta(days=180)

FAREWELL = timedelta(hours=48)
SEEN_UPDATES = timedelta(hours=48)
COUNTS = timedelta(days=365)
# What the desk did, and who did it; said in the privacy text too.
DESK = timedelta(days=365)
# The wish to be told that a place opens; said on its screen.
WAITING = timedelta(days=180)
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
        async with self.store.begin() as transaction:
            batch = await self._outdated(transaction)
            farewells, updates = await self._forgotten(transaction)
        self.deliver(batch)
        if farewells or batch.referrals:
            await self.store.scrub()
        if farewells or updates or batch.referrals:
            log.info("swept", farewells=farewells, updates=updates, referrals=len(batch.referrals))

    async def _outdated(self, transaction: Transaction) -> Batch:
        """Erase the results that were kept for as long as they may be; whoever could be written to is told."""
        now, batch = self.now(), Batch()
        codes = await transaction.referrals.outdated(
            arrived=_seconds(now - REFERRAL_AT_MOST), closed=_seconds(now - REFERRAL_AFTER_CLOSING)
        )
        await self.service.wishes.taken_back(transaction, codes, "over", now, batch)
        await self.service.befall(transaction, batch)
        await self.service.claim(transaction, batch)
        batch.referrals = await transaction.referrals.withdraw(codes, state="expired")
        batch.letters += self.service.notices.of_all(batch.referrals, "expired", now)
        await transaction.letters.post(batch.letters)
        return batch

    async def _forgotten(self, transaction: Transaction) -> tuple[int, int]:
        """Forget what nobody needs any more. Returns how many farewells and numbers of updates."""
        now = self.now()
        await transaction.counts.forget((now - COUNTS).date())
        await transaction.desk.forget(
            staff_before=_seconds(now - DESK),
            deeds_before=_seconds(now - DESK),
            waiting_before=_seconds(now - WAITING),
            now=_seconds(now),
        )
        farewells = await transaction.chats.forget_farewells(_seconds(now - FAREWELL))
        return farewells, await transaction.updates.forget(_seconds(now - SEEN_UPDATES))

    async def _expired(self) -> Batch:
        """End some of the conversations in which nothing happened for too long; their farewells are to be shown."""
        async with self.store.begin() as transaction:
            rows = await transaction.chats.untouched_since(_seconds(self.now() - OPEN_SCREENING), AT_ONCE)
            batch = Batch()
            for row in rows:
                self.service.happened(row, Expired(), batch)
            await self.service.keep(transaction, batch)
        return batch


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
