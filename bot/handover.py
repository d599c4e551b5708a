"""Shows what another process left unshown: one that died, or stood still for so long that it counts as dead."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from bot.delivery import Delivery
from bot.messages import Unavailable
from bot.metrics import Metrics
from bot.service import AT_ONCE, Service
from bot.store import Store

EVERY = 2.0  # seconds
SOON = 0.1  # while people wait for another process to finish

log = structlog.get_logger("handover")


class Handover:
    """Stays present among the processes of one database, and takes over from those that are gone."""

    def __init__(self, store: Store, service: Service, delivery: Delivery, metrics: Metrics) -> None:
        self._store = store
        self._service = service
        self._delivery = delivery
        self._metrics = metrics

    async def run(self) -> None:
        """Take over again and again, until cancelled."""
        every = min(EVERY, self._store.presence.lease / 4)
        while True:
            try:
                await self._store.presence.beat()
                await self.take_over()
                await self._settle(every)
            except Unavailable as error:
                log.error("the database is unavailable, nothing can be taken over", reason=str(error))
                await asyncio.sleep(every)
            except Exception as error:  # what fails once must not be the end of it
                log.error("nothing could be taken over", reason=type(error).__name__)
                await asyncio.sleep(every)

    async def take_over(self) -> None:
        """Begin to show everything whose process lives no more."""
        while True:
            batch = await self._service.interrupted()
            if batch.showings or batch.referrals:
                log.info("resuming", screens=len(batch.showings), cards=len(batch.referrals))
            self._metrics.taken_over += len(batch.showings)
            for showing in batch.showings:
                self._delivery.take_over(showing)
            batch.showings, some = [], len(batch.showings)
            self._delivery.deliver(batch)
            if some < AT_ONCE:
                return

    async def _settle(self, seconds: float) -> None:
        """For this long, watch the chats that are another process's, for it to finish or to die."""
        unsettled, loop = self._delivery.unsettled, asyncio.get_running_loop()
        until = loop.time() + seconds
        while loop.time() < until:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    await unsettled.wait()
            if unsettled.is_set():  # never cut short: what it has taken over, nobody else would show
                await self._look_again()
                await asyncio.sleep(SOON)

    async def _look_again(self) -> None:
        delivery = self._delivery
        if upset := frozenset(delivery.upset):
            async with self._store.begin() as transaction:
                waiting = await transaction.chats.upset(upset)
            delivery.upset -= upset - waiting
        if later := frozenset(delivery.later):
            batch = await self._service.interrupted(among=later)
            for showing in batch.showings:
                delivery.take_over(showing)
            async with self._store.begin() as transaction:
                done = later - await transaction.chats.unfinished(later)
            for key in done:  # by whoever held it
                delivery.later.pop(key, None)
        if not delivery.upset and not delivery.later:
            delivery.unsettled.clear()
